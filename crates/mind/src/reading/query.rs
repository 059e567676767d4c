//! A reading as a query of the rule engine, in words, and as the answer it gives.

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::reply::Item;
use quid_core::rule::{Goal, Literal};
use quid_core::source::Citation;
use quid_core::{Answer, Argument, Facts, Fault, Query, Reply, Verified};

use crate::formal::{Halt, graphs, text_of};
use crate::turn::Turn;

use super::matching::label_of;

/// A step of a path: along a relation, or `back` against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub relation: NamedNode,
    pub back: bool,
}

/// What a question is taken to ask: where a path from a named thing leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub from: Term,
    /// The name as typed.
    pub name: String,
    pub path: Vec<Step>,
}

/// What a reading gives: the answers in words, sorted, and a proof of each.
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
    /// The rule that concludes its answers.
    fn query(&self) -> Query {
        let mut goals = Vec::new();
        let mut from = Argument::Term(self.from.clone());
        let mut last = 0;
        for (number, step) in (0u32..).zip(&self.path) {
            let to = Argument::Variable(number);
            let ends = if step.back { vec![to.clone(), from] } else { vec![from, to.clone()] };
            goals.push(Goal::Holds(Literal { predicate: step.relation.clone(), arguments: ends }));
            (from, last) = (to, number);
        }
        let mut query = Query::asking(goals);
        query.rule.head.arguments = vec![Argument::Variable(last)];
        query.columns = vec![format!("_{last}")];
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
                if let Some(first) = solutions.values(row).first() {
                    let text = text_of(first, facts).unwrap_or_else(|| first.to_string());
                    let item = Item { text, term: Some(first.to_string()) };
                    found.push((item, solutions.verified(row).map_err(Halt::from)?));
                }
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
        let from = text_of(&reading.from, facts.as_ref()).unwrap_or_else(|| reading.name.clone());
        reading.path.iter().fold(from, |of, step| {
            let label = label_of(facts.as_ref(), &step.relation);
            let last = label.rsplit("__").next().unwrap_or(&label);
            let label = quid_lang::wording::as_words(last);
            let phrase = if step.back { "reading.back" } else { "reading.step" };
            self.say(phrase, &[("label", &label), ("of", &of)])
        })
    }

    pub(super) fn reading_reply(&mut self, reading: &Reading, outcome: Outcome) -> Result<Option<Reply>, Fault> {
        let says = self.reading_in_words(reading);
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
        let text = self.say("formal.answer", &[("what", &what), ("reading", &says)]);
        let mut reply = Reply::new(Answer::Proved { proofs: outcome.proofs, sources }, text);
        reply.items = outcome.items;
        Ok(Some(reply))
    }
}
