//! Asks the rules about a story, and makes a reply of what they prove.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::reply::{Item, Quote};
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{Answer, Because, Budget, Fault, Goal, Proof, Query, Reply, Rule, Source, Verified};
use quid_logic::{Extent, Ground, Program, Refusal, Standard, ask};

use super::here::{Here, name_of, number_of};
use super::{STORED, STORY, Told, known, literal, relation};
use crate::conversation::Pointed;
use crate::turn::Turn;

/// A story under question: what was told here, the rules, and how much may still be spent.
pub(super) struct Story<'a> {
    pub(super) here: Here<'a>,
    pub(super) program: Program,
    /// What the question is about, in force for it only.
    asked: Vec<Rule>,
    budget: Budget<'a>,
    spent: Cell<bool>,
}

/// An answer of the rules with its checked proof.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) values: Vec<Term>,
    pub(super) proof: Verified,
}

impl Story<'_> {
    /// What was told.
    pub(super) fn told(&self) -> &Told {
        &self.here.told
    }

    /// Whether a question could not be followed to its end.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.get()
    }

    /// The answers to goals, each once, with checked proofs; `limit` at most.
    pub(super) fn rows(&self, goals: Vec<Goal>, helpers: Vec<Rule>, limit: usize) -> Result<Vec<Row>, Fault> {
        let mut query = Query::asking(goals);
        query.helpers = helpers;
        query.helpers.extend(self.asked.iter().cloned());
        query.limit = Some(limit);
        let ground = Ground { facts: &self.here, rules: &self.program, builtins: &Standard, mirror: None };
        let found = match ask(&query, &ground, &self.budget) {
            Ok(found) => found,
            Err(Refusal::UnknownRelation { .. }) => return Ok(Vec::new()),
            Err(refusal) => return Err(fault(refusal)),
        };
        if matches!(found.extent(), Extent::Spent(_)) {
            self.spent.set(true);
            return Ok(Vec::new());
        }
        let mut rows = Vec::new();
        for at in 0..found.len() {
            rows.push(Row { values: found.values(at), proof: found.verified(at).map_err(fault)? });
        }
        Ok(rows)
    }

    /// The proof that goals without variables hold.
    pub(super) fn proved(&self, goal: Goal) -> Result<Option<Row>, Fault> {
        Ok(self.rows(vec![goal], Vec::new(), 1)?.pop())
    }
}

fn fault(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Fault(fault) => fault,
        other => Fault::Storage { what: "answering from a story".to_owned(), why: other.to_string() },
    }
}

impl<'a> Turn<'a> {
    /// What was told here, from what is kept of it when nothing was written since.
    pub(super) fn told_here(&mut self) -> Result<Arc<Told>, Fault> {
        let seq = self.last_number()?;
        if let Some(told) = self.room.story.as_ref().filter(|told| told.seq == seq) {
            return Ok(told.clone());
        }
        let facts = self.parts.memory.facts(&self.audience);
        let told = Arc::new(Told::read(facts.as_ref(), &self.scope(), seq)?);
        self.room.story = Some(told.clone());
        Ok(told)
    }

    /// Opens the story told here for questions.
    pub(super) fn open_story(&mut self, told: Arc<Told>, now: &Term, place: Option<&NamedNode>) -> Story<'a> {
        let parts = self.parts;
        let program = match &self.room.story_rules {
            Some(program) => program.clone(),
            None => {
                let program = story_program(self);
                self.room.story_rules = Some(program.clone());
                program
            }
        };
        Story {
            here: Here { told, scope: self.scope(), others: parts.memory.facts(&self.audience) },
            program,
            asked: std::iter::once(given("asked_at", now.clone()))
                .chain(place.map(|place| given("asked", place.clone())))
                .collect(),
            budget: Budget::steps(parts.language.number("story_steps")).with_stop(self.stop),
            spent: Cell::new(false),
        }
    }

    /// A proved reply: what each row says, why, and whose it is.
    pub(super) fn story_reply(
        &mut self,
        phrase: &str,
        items: Vec<String>,
        what: &str,
        rows: &[Row],
    ) -> Result<Reply, Fault> {
        let (because, sources) = self.story_because(rows)?;
        let text = self.say(phrase, &[("what", &capital(what)), ("thing", what), ("because", &because)]);
        if let Some(graph) = rows.iter().flat_map(|row| leaves(row.proof.proof())).rfind(|graph| number_of(graph) > 0) {
            self.point_at_story(graph)?;
        }
        let proofs = rows.iter().map(|row| row.proof.clone()).collect();
        let mut reply = Reply::new(Answer::Proved { proofs, sources }, text);
        reply.items = items.into_iter().map(|text| Item { text, term: None }).collect();
        Ok(reply)
    }

    /// An honest "I do not know" that says what is known; the item is what a program can read.
    pub(super) fn story_unknown(
        &mut self,
        phrase: &str,
        slots: &[(&str, &str)],
        items: Vec<String>,
        near: Vec<Quote>,
    ) -> Reply {
        let text = self.say(phrase, slots);
        let mut reply = Reply::new(Answer::Unknown { nearest: near }, text);
        reply.items = items.into_iter().map(|text| Item { text, term: None }).collect();
        reply
    }

    /// The lines that answers rest on, in the order of what they tell, and their sources.
    pub(super) fn story_because(&self, rows: &[Row]) -> Result<(String, Vec<Citation>), Fault> {
        let mut graphs = Vec::new();
        for row in rows {
            for graph in leaves(row.proof.proof()) {
                if !graphs.contains(&graph) {
                    graphs.push(graph);
                }
            }
        }
        self.lines_of(&graphs)
    }

    /// The lines of statements and loaded sources.
    pub(super) fn lines_of(&self, graphs: &[NamedNode]) -> Result<(String, Vec<Citation>), Fault> {
        let mut sources: Vec<Citation> = Vec::new();
        for graph in graphs {
            let source = self.cite(graph)?;
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        let most = self.number("story_lines");
        let mut lines: Vec<String> = Vec::new();
        for source in &sources {
            let line = match source {
                Citation::Said { line, .. } => line.trim().trim_end_matches(['.', '!', ' ']).to_owned(),
                Citation::Dump { title, .. } => title.clone(),
            };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        if lines.len() > most {
            let skipped = lines.len() - most;
            lines.drain(..skipped);
        }
        Ok((lines.join("; "), sources))
    }

    /// "kitchen" as "the kitchen"; names and adverbs as they are.
    pub(super) fn the(&self, name: &str) -> String {
        self.parts.language.story_the(name)
    }

    /// The same, but what was told of without an article ("to paris") keeps none.
    pub(super) fn as_told(&self, name: &str, told: &str) -> String {
        let (told, wanted) = (told.to_lowercase(), name.to_lowercase());
        let mut bare = false;
        for (at, _) in told.match_indices(&wanted) {
            let before = told.get(..at).unwrap_or_default();
            let after = told.get(at + wanted.len()..).and_then(|rest| rest.chars().next());
            if !(before.is_empty() || before.ends_with(' ')) || after.is_some_and(char::is_alphanumeric) {
                continue;
            }
            if self.parts.language.is_article(before.trim_end().rsplit(' ').next().unwrap_or_default()) {
                return self.the(name);
            }
            bare = true;
        }
        if bare { name.to_owned() } else { self.the(name) }
    }

    /// A name for a term, as it was typed here.
    pub(super) fn story_label(&self, term: &Term) -> Result<String, Fault> {
        let scope = self.scope();
        let mut label = None;
        self.parts.memory.facts(&self.audience).each(Some(term), Some(v::LABEL), None, &mut |fact| {
            let is_here = matches!(Source::of_graph(fact.graph.as_str()), Some(Source::Said { scope: said, .. }) if said == scope);
            if let (true, Term::Literal(text)) = (is_here, &fact.object) {
                label = Some(text.value().to_owned());
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(label.unwrap_or_else(|| self.label_of(&name_of(term))))
    }

    /// "That" is what an answer rests on, the last of it.
    fn point_at_story(&mut self, graph: NamedNode) -> Result<(), Fault> {
        let record = self.parts.memory.record(number_of(&graph))?;
        if let Some(thing) = record.and_then(|record| record.about.first().cloned()) {
            let name = self.story_label(&thing.clone().into())?;
            self.point(Pointed { name, thing, graph });
        }
        Ok(())
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A fact that holds for one question.
fn given(name: &str, term: impl Into<Term>) -> Rule {
    Rule { name: name.to_owned(), head: literal(name, vec![known(term)]), body: Vec::new(), says: String::new() }
}

/// The rules of stories and what they rest on, without the many others that no story needs.
fn story_program(turn: &Turn<'_>) -> Program {
    let rules = &turn.parts.rules.rules;
    let mut wanted: Vec<&NamedNode> =
        rules.iter().map(|rule| &rule.head.predicate).filter(|head| head.as_str().starts_with(STORY)).collect();
    wanted.sort();
    wanted.dedup();
    let mut at = 0;
    while let Some(head) = wanted.get(at).copied() {
        at += 1;
        for rule in rules.iter().filter(|rule| rule.head.predicate == *head) {
            for goal in &rule.body {
                let predicate = &goal.literal().predicate;
                if !wanted.contains(&predicate) {
                    wanted.push(predicate);
                }
            }
        }
    }
    let chosen = rules.iter().filter(|rule| wanted.contains(&&rule.head.predicate)).cloned();
    let mut program = Program::default().with(chosen);
    for (name, width) in STORED {
        program.know(&relation(name), *width);
    }
    program
}

/// The statements that a proof rests on by its steps; what only shows that nothing else is known is left out.
pub(super) fn leaves(proof: &Proof) -> Vec<NamedNode> {
    let mut open = vec![proof.steps.len().saturating_sub(1)];
    let mut seen = vec![false; proof.steps.len()];
    let mut graphs: Vec<NamedNode> = Vec::new();
    while let Some(at) = open.pop() {
        let Some(step) = proof.steps.get(at) else { continue };
        if seen.get_mut(at).is_none_or(|seen| std::mem::replace(seen, true)) {
            continue;
        }
        match &step.because {
            Because::Stored(graph) => graphs.push(graph.clone()),
            Because::Rule { premises, .. } => open.extend(premises.iter().rev()),
            Because::BuiltIn | Because::Absent(_) | Because::Gathered(_) => {}
        }
    }
    graphs.sort_by_key(|graph| match number_of(graph) {
        0 => u64::MAX,
        number => number,
    });
    graphs.dedup();
    graphs
}
