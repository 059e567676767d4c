//! A grammar of English questions over any database: from words to a query of the rule engine.
//!
//! General words are data; the words of the field come with its schema. What comes out are readings, each with its
//! query and its words; whether one is good enough to be answered is for `mind` to decide, which can run it.

mod compile;
mod parse;
mod question;
mod said;
mod say;
mod schema;
mod set;
mod words;

pub use question::Asked;
pub use schema::{Class, ClassId, Member, Named, Names, Range, Relation, RelationId, Schema};
pub use set::Set;
pub use words::{Dimension, Lexicon, QuestionWords, spelled};

use compile::Compiler;
use parse::Parser;
use question::is_closed;
use quid_core::{Goal, Query};
use say::Sayer;
use set::{Kind, kind};

use crate::Language;

/// One way to understand a question.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What is asked.
    pub asked: Asked,
    /// How forced the reading is; 0 is not at all.
    pub cost: i32,
    /// The query that answers it: one row a member, or one row for yes.
    pub query: Query,
    /// All answers as one list, where a proof of each would say the same again: all rest on the same gathered values.
    pub list: Option<Query>,
    /// Yes when there is no answer; what then proves that there is none.
    pub none: Option<Query>,
    /// Whether the answers are numbers.
    pub number: bool,
    /// Whether all there is to know of it is stored, so that nothing found is nothing there.
    pub closed: bool,
    /// In words.
    pub says: String,
}

/// What became of a line.
#[derive(Clone, Debug)]
pub enum Understanding {
    /// It is no question that a schema could answer: none of its words is of the field, or it is too long.
    Other,
    /// Words that nothing is known of.
    Unknown(Vec<String>),
    /// All words are known, but not how they go together.
    Unread,
    /// The readings, the likeliest first.
    Readings(Vec<Reading>),
}

/// Reads a question.
#[must_use]
pub fn read(
    tokens: &[String],
    language: &Language,
    lexicon: &Lexicon,
    schema: &Schema,
    names: &dyn Names,
) -> Understanding {
    let parser = Parser::new(language.questions(), lexicon, schema, names, tokens);
    if !parser.speaks_of_the_field() {
        return Understanding::Other;
    }
    let unknown = parser.unknown();
    if !unknown.is_empty() {
        return Understanding::Unknown(unknown);
    }
    let sayer = Sayer { schema, language };
    let mut readings: Vec<Reading> = Vec::new();
    for part in parser.questions() {
        let asked = part.value;
        let (set, query, none) = match &asked {
            Asked::What(set) => (set, Compiler::new(schema).members(set), Compiler::new(schema).none(set)),
            Asked::Whether(set) => (set, Compiler::new(schema).any(set), Compiler::new(schema).none(set)),
            Asked::None(set) => (set, Compiler::new(schema).none(set), Compiler::new(schema).any(set)),
        };
        let Some(query) = query else { continue };
        // That there is none can only be said where all are known.
        if matches!(asked, Asked::None(_)) && !is_closed(set, schema) {
            continue;
        }
        let rests_on_tables = query
            .helpers
            .iter()
            .any(|helper| helper.body.iter().any(|goal| matches!(goal, Goal::Gather(_) | Goal::Not(_))))
            || query.rule.body.iter().any(|goal| matches!(goal, Goal::Gather(_) | Goal::Not(_)));
        let list = if rests_on_tables { Compiler::new(schema).list(set) } else { None };
        readings.push(Reading {
            list: list.filter(|_| matches!(asked, Asked::What(_))),
            cost: part.cost,
            query,
            none,
            number: kind(set, schema) == Kind::Number,
            closed: is_closed(set, schema),
            says: sayer.asked(&asked),
            asked,
        });
    }
    if readings.is_empty() { Understanding::Unread } else { Understanding::Readings(readings) }
}
