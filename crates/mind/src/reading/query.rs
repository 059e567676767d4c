//! A reading as a query of the rule engine, in words, and as the answer it gives.

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::reply::Item;
use quid_core::rule::{Goal, Literal};
use quid_core::source::Citation;
use quid_core::vocabulary::BUILTIN;
use quid_core::{Answer, Argument, Facts, Fault, Query, Reply, Verified};

use crate::formal::{Halt, graphs, text_of};
use crate::turn::Turn;

use super::matching::label_of;

/// A step of a path: along a relation, or `back` against it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub relation: NamedNode,
    pub back: bool,
    /// Leads to something else than where the step before it began: "what shares its director with".
    pub other: bool,
}

/// A path from a named thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub from: Term,
    /// The name as typed.
    pub name: String,
    pub path: Vec<Step>,
}

/// What is asked of that where the paths lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Which,
    HowMany,
    /// Whether it is this thing.
    Whether(Term),
}

/// What a question is taken to ask: where the paths from its names lead to, all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub chains: Vec<Chain>,
    pub form: Form,
}

/// What a reading gives: what the answers are called, sorted, and a proof of each.
pub(super) struct Outcome {
    pub items: Vec<Item>,
    pub proofs: Vec<Verified>,
}

impl Outcome {
    pub fn same_as(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl Reading {
    /// A name that this reading and another take for two things, and these.
    pub fn namesakes<'a>(&'a self, other: &'a Self) -> Option<(&'a str, &'a Term, &'a Term)> {
        let pairs = || self.chains.iter().zip(&other.chains);
        let (one, other) = pairs().find(|(one, other)| one.name == other.name && one.from != other.from)?;
        Some((&one.name, &one.from, &other.from))
    }

    /// The rule that concludes its answers.
    fn query(&self) -> Query {
        let mut goals = Vec::new();
        let (answer, mut last) = (Argument::Variable(0), 0);
        let end = if let Form::Whether(thing) = &self.form { Argument::Term(thing.clone()) } else { answer.clone() };
        for chain in &self.chains {
            let mut from = Argument::Term(chain.from.clone());
            let mut before = None;
            for (number, step) in chain.path.iter().enumerate() {
                let to = if number + 1 == chain.path.len() {
                    end.clone()
                } else {
                    last += 1;
                    Argument::Variable(last)
                };
                let ends = if step.back { vec![to.clone(), from.clone()] } else { vec![from.clone(), to.clone()] };
                goals.push(Goal::Holds(Literal { predicate: step.relation.clone(), arguments: ends }));
                if let Some(start) = before.filter(|_| step.other) {
                    let predicate = NamedNode::new_unchecked(format!("{BUILTIN}different"));
                    goals.push(Goal::Holds(Literal { predicate, arguments: vec![to.clone(), start] }));
                }
                before = Some(from);
                from = to;
            }
        }
        let mut query = Query::asking(goals);
        if !matches!(self.form, Form::Whether(_)) {
            query.rule.head.arguments = vec![answer];
            query.columns = vec!["_0".to_owned()];
        }
        query
    }
}

impl Turn<'_> {
    /// What a reading gives; `None` where it gives nothing, or nothing that can be proved.
    pub(super) fn run_reading(&self, reading: &Reading, facts: &dyn Facts) -> Result<Option<Outcome>, Fault> {
        let known = self.known_to(facts)?;
        let taken = self.run_query(&reading.query(), facts, &known, |solutions| {
            let mut found = Vec::new();
            for row in 0..solutions.len() {
                let item = match (solutions.values(row).first(), &reading.form) {
                    (_, Form::Whether(_)) => Item { text: self.say("reading.yes", &[]), term: None },
                    (Some(first), _) => {
                        let text = text_of(first, facts).unwrap_or_else(|| first.to_string());
                        Item { text, term: Some(first.to_string()) }
                    }
                    (None, _) => continue,
                };
                found.push((item, solutions.verified(row).map_err(Halt::from)?));
            }
            Ok(found)
        });
        let mut found = match taken {
            Ok(found) => found,
            Err(Halt::Fault(fault)) => return Err(fault),
            Err(Halt::Spent | Halt::Refused) => return Ok(None),
        };
        found.sort_by(|one, other| one.0.text.cmp(&other.0.text));
        found.dedup_by(|one, other| one.0 == other.0);
        let (items, proofs): (Vec<Item>, Vec<Verified>) = found.into_iter().unzip();
        Ok((!items.is_empty()).then_some(Outcome { items, proofs }))
    }

    /// "the nationality of the spouse of ann"
    pub(super) fn reading_in_words(&self, reading: &Reading) -> String {
        let facts = self.parts.memory.facts(&self.audience);
        let mut chains = reading.chains.iter().map(|chain| self.chain_in_words(chain, facts.as_ref()));
        let first = chains.next().unwrap_or_default();
        let what = chains.fold(first, |one, other| self.say("reading.both", &[("one", &one), ("other", &other)]));
        match &reading.form {
            Form::Which => what,
            Form::HowMany => self.say("reading.many", &[("what", &what)]),
            Form::Whether(thing) => {
                let thing = text_of(thing, facts.as_ref()).unwrap_or_else(|| thing.to_string());
                self.say("reading.is", &[("what", &what), ("thing", &thing)])
            }
        }
    }

    fn chain_in_words(&self, chain: &Chain, facts: &dyn Facts) -> String {
        let from = text_of(&chain.from, facts).unwrap_or_else(|| chain.name.clone());
        let mut steps = chain.path.iter().peekable();
        let (mut of, mut are_things) = (from, false);
        while let Some(step) = steps.next() {
            let label = label_of(facts, &step.relation);
            let last = label.rsplit("__").next().unwrap_or(&label);
            let wording = self.parts.language.wording(&quid_lang::wording::as_words(last));
            let way = if steps.next_if(|next| next.other).is_some() {
                "else"
            } else if step.back {
                "back"
            } else if are_things {
                "things"
            } else {
                "step"
            };
            let shaped = format!("reading.{way}.{}", wording.shape);
            let plain = if way == "things" { "reading.step".to_owned() } else { format!("reading.{way}") };
            let phrase = if self.parts.language.has_phrase(&shaped) { &shaped } else { &plain };
            are_things = way != "step";
            of = self.say(phrase, &[("label", &wording.label), ("of", &of)]);
        }
        of
    }

    pub(super) fn reading_reply(&mut self, reading: &Reading, outcome: Outcome) -> Result<Option<Reply>, Fault> {
        let says = self.reading_in_words(reading);
        let mut outcome = outcome;
        let mut sources: Vec<Citation> = Vec::new();
        for graph in graphs(&outcome.proofs) {
            let source = self.cite(&graph)?;
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        let most = self.number("formal_shown");
        let shown: Vec<String> = outcome.items.iter().take(most).map(|item| item.text.clone()).collect();
        let more = outcome.items.len().saturating_sub(shown.len());
        let mut what = self.parts.language.list(&shown);
        if more > 0 {
            what = self.say("formal.most", &[("what", &shown.join(", ")), ("more", &more.to_string())]);
        }
        if reading.form == Form::HowMany {
            let count = outcome.items.len().to_string();
            what = self.say("reading.counted", &[("count", &count), ("what", &what)]);
            outcome.items = vec![Item { text: count, term: None }];
        }
        let phrase = if matches!(reading.form, Form::Whether(_)) { "formal.yes" } else { "formal.answer" };
        let text = self.say(phrase, &[("what", &what), ("reading", &says)]);
        let mut reply = Reply::new(Answer::Proved { proofs: outcome.proofs, sources }, text);
        reply.items = outcome.items;
        Ok(Some(reply))
    }
}
