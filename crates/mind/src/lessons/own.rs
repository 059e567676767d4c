//! The relations of somebody's own knowledge as groups that lessons are made of.
//!
//! Only what relations are called and what stands at their ends is taken, no fact: the worlds of the lessons stay
//! made up, so a model trained on them has learned to read these relations, and has learned nothing by heart.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::{Facts, Fault};
use quid_lang::Language;

use super::LessonsError;
use super::teacher::KEPT_BACK;
use crate::guess::shortlist::relation_said;

/// What is known of a relation by its facts.
#[derive(Default)]
struct Seen {
    facts: u64,
    numbers: u64,
    dates: u64,
    texts: u64,
    /// Some subjects, to see whether one has several.
    subjects: BTreeSet<String>,
    several: bool,
}

/// Subjects of a relation that are remembered.
const SUBJECTS: usize = 500;

/// `data/lessons/relations.toml` for what is stored: its relations, `most` at most, the commonest first, and among them
/// as many of `base` as lessons keep for examinations. `looked` facts are looked at. The text, and how many there are.
///
/// # Errors
/// When the store cannot be read.
pub fn relations_of(
    facts: &dyn Facts,
    language: &Language,
    base: &str,
    (most, looked): (usize, usize),
) -> Result<Result<(String, usize), LessonsError>, Fault> {
    let mut seen: BTreeMap<NamedNode, Seen> = BTreeMap::new();
    let mut left = looked;
    facts.each(None, None, None, &mut |fact| {
        let relation = seen.entry(fact.predicate.clone()).or_default();
        relation.facts += 1;
        if let Term::Literal(literal) = &fact.object {
            if literal.value().parse::<f64>().is_ok() {
                relation.numbers += 1;
            } else if literal.datatype().as_str().ends_with("#date")
                || literal.datatype().as_str().ends_with("#dateTime")
            {
                relation.dates += 1;
            } else {
                relation.texts += 1;
            }
        }
        if relation.subjects.len() < SUBJECTS && !relation.subjects.insert(fact.subject.to_string()) {
            relation.several = true;
        }
        left = left.saturating_sub(1);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let mut named: Vec<(u64, String, &str, bool)> = seen
        .into_iter()
        .filter_map(|(predicate, seen)| {
            let (label, denied) = relation_said(language, &predicate, facts)?;
            let sorts = [("number", seen.numbers), ("date", seen.dates), ("text", seen.texts)];
            let to = sorts.into_iter().find(|(_, count)| count * 2 > seen.facts).map_or("thing", |(sort, _)| sort);
            (!denied).then_some((seen.facts, label, to, !seen.several))
        })
        .collect();
    named.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    named.dedup_by(|one, other| one.1 == other.1);
    named.truncate(most);
    let count = named.len();
    let own = named.into_iter().map(|(_, label, to, one)| {
        let mut group = toml::Table::new();
        group.insert("from".to_owned(), "thing".into());
        group.insert("to".to_owned(), to.into());
        group.insert("labels".to_owned(), vec![label].into());
        group.insert("one".to_owned(), one.into());
        toml::Value::Table(group)
    });
    let malformed =
        |why: toml::de::Error| LessonsError::Malformed { file: "data/lessons/relations.toml", why: why.to_string() };
    let base: toml::Table = match toml::from_str(base) {
        Ok(base) => base,
        Err(why) => return Ok(Err(malformed(why))),
    };
    let mut others = base.get("group").and_then(toml::Value::as_array).into_iter().flatten().cycle().cloned();
    let mut groups: Vec<toml::Value> = Vec::new();
    for group in own {
        if groups.len().is_multiple_of(KEPT_BACK) {
            groups.extend(others.next());
        }
        groups.push(group);
    }
    let mut table = toml::Table::new();
    table.insert("group".to_owned(), groups.into());
    Ok(Ok((table.to_string(), count)))
}
