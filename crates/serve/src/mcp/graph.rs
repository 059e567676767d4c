//! Everything that is known as a graph of entities, observations and relations, as a language model's memory has it.
//!
//! Nothing is stored twice for it: an entity is a thing with a type, a relation is a relation, an observation is a
//! statement about a thing. So what was taught in chat is seen here too, and what was written here answers in chat.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use quid_core::source::Citation;
use quid_core::text::percent_decode;
use quid_core::vocabulary as v;
use quid_core::{Audience, Fact, Facts, Fault, Key, Memory, Source};
use serde::{Deserialize, Serialize};

/// Facts of one thing that are looked at.
const MOST_FACTS: usize = 4096;
/// On another bot's brain: what it was and how it was written.
const BRAIN: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:brain");
/// On a row of it: the row as it was.
const ROW: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:row");
/// How a memory that was loaded calls itself.
const MEMORY: &str = "MCP memory\t";

/// Something that is known, in the shape of the reference memory server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entity {
    pub(super) name: String,
    #[serde(rename = "entityType")]
    pub(super) class: String,
    pub(super) observations: Vec<String>,
}

/// How two entities stand to each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Relation {
    pub(super) from: String,
    pub(super) to: String,
    #[serde(rename = "relationType")]
    pub(super) verb: String,
}

/// A part of what is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Graph {
    pub(super) entities: Vec<Entity>,
    pub(super) relations: Vec<Relation>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) partial: bool,
}

/// A name as people write it: "John_Smith" is John Smith.
pub(super) fn readable(name: &str) -> String {
    quid_core::text::clean(name).replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The thing of that name.
pub(super) fn thing(name: &str) -> NamedNode {
    Key::of(&readable(name)).thing()
}

/// The relation of that name.
pub(super) fn relation(name: &str) -> NamedNode {
    let key = Key::of(&readable(name));
    NamedNode::new_unchecked(format!("{}{}", v::VERB, quid_core::text::percent_encode(key.as_str())))
}

/// What one audience may see, read as a graph.
pub(super) struct Reader<'a> {
    memory: &'a dyn Memory,
    pub(super) facts: Box<dyn Facts + 'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(memory: &'a dyn Memory, audience: &Audience) -> Self {
        Self { memory, facts: memory.facts(audience) }
    }

    /// Every fact of a thing, in the order in which they were told.
    pub(super) fn of(&self, thing: &NamedNode) -> Result<Vec<Fact>, Fault> {
        let mut facts = self.facts.all(Some(&thing.clone().into()), None, None, MOST_FACTS)?;
        facts.sort_by_key(|fact| seq(&fact.graph));
        Ok(facts)
    }

    /// Whether it was written down as an entity, here or in a memory that was loaded.
    pub(super) fn is_written(&self, thing: &NamedNode) -> Result<bool, Fault> {
        let node = Term::from(thing.clone());
        if !self.facts.some(Some(&node), Some(v::ENTITY_TYPE), None, 1)?.is_empty() {
            return Ok(true);
        }
        let said = self.facts.some(Some(&node), Some(v::IS), None, MOST_FACTS)?;
        Ok(said.iter().any(|fact| fact.graph.as_str().starts_with(v::DUMP)))
    }

    /// Whether anything says what it is, or was observed of it.
    pub(super) fn is_entity(&self, thing: &NamedNode) -> Result<bool, Fault> {
        Ok(self.entity(thing)?.is_some())
    }

    /// What is known of a thing; `None` when nothing says what it is and nothing was observed of it.
    pub(super) fn entity(&self, thing: &NamedNode) -> Result<Option<Entity>, Fault> {
        let facts = self.of(thing)?;
        let Some(label) = facts.iter().find(|fact| fact.predicate == v::LABEL).and_then(text) else {
            return Ok(None);
        };
        let written: BTreeSet<&NamedNode> =
            facts.iter().filter(|fact| fact.predicate == v::ENTITY_TYPE).map(|fact| &fact.graph).collect();
        let noted: BTreeSet<&NamedNode> =
            facts.iter().filter(|fact| fact.predicate == v::OBSERVATION).map(|fact| &fact.graph).collect();
        let mut class = facts.iter().rfind(|fact| fact.predicate == v::ENTITY_TYPE).and_then(text).map(str::to_owned);
        if class.is_none() {
            class = self.class(&facts)?;
        }
        let mut observations: Vec<String> = Vec::new();
        for fact in &facts {
            let observed = if fact.predicate == v::OBSERVATION {
                text(fact).map(str::to_owned)
            } else if is_said(&fact.predicate) && !written.contains(&fact.graph) && !noted.contains(&fact.graph) {
                self.observed(fact, &facts, label, class.as_deref())?
            } else {
                None
            };
            if let Some(observed) = observed.filter(|observed| !observations.contains(observed)) {
                observations.push(observed);
            }
        }
        if class.is_none() && observations.is_empty() && written.is_empty() {
            return Ok(None);
        }
        let name = facts.iter().find(|fact| fact.predicate == v::SPELLED).and_then(text).unwrap_or(label).to_owned();
        Ok(Some(Entity { name, class: class.unwrap_or_default(), observations }))
    }

    /// What a thing is, by the class it was understood to be of.
    fn class(&self, facts: &[Fact]) -> Result<Option<String>, Fault> {
        for class in [v::TYPE, v::SUB_CLASS_OF] {
            let found = facts.iter().find(|fact| fact.predicate == class && is_thing(&fact.object));
            if let Some(Fact { object: Term::NamedNode(node), graph, .. }) = found {
                return self.name(node, graph).map(Some);
            }
        }
        Ok(None)
    }

    /// What was said of a thing outside of here, as an observation: a chat's line, or another memory's phrase.
    fn observed(&self, fact: &Fact, all: &[Fact], label: &str, class: Option<&str>) -> Result<Option<String>, Fault> {
        let Some(said) = text(fact) else { return Ok(None) };
        let is_related = all
            .iter()
            .any(|other| other.graph == fact.graph && other.predicate == fact.predicate && is_thing(&other.object));
        if is_related && fact.predicate.as_str().starts_with(v::VERB) {
            return Ok(None);
        }
        if let Some(Citation::Said { line, .. }) = self.memory.cite(&fact.graph)? {
            return Ok(Some(line));
        }
        let plain = said.strip_prefix("<verbatim>").unwrap_or(said);
        let phrase = plain.strip_prefix("<reply>").and_then(|rest| rest.strip_prefix(label)?.strip_prefix(": "));
        if phrase.is_none() && class.is_some_and(|class| Key::of(class) == Key::of(said)) {
            return Ok(None);
        }
        Ok(Some(phrase.unwrap_or(plain).to_owned()))
    }

    /// What a thing is called: as programs write it, else as it is called in this graph, else by its key.
    fn name(&self, thing: &NamedNode, graph: &NamedNode) -> Result<String, Fault> {
        let node = Term::from(thing.clone());
        let spelled = self.facts.some(Some(&node), Some(v::SPELLED), None, 1)?;
        if let Some(name) = spelled.first().and_then(text) {
            return Ok(name.to_owned());
        }
        let labels = self.facts.some(Some(&node), Some(v::LABEL), None, MOST_FACTS)?;
        let here = labels.iter().find(|fact| fact.graph == *graph).or(labels.first()).and_then(text);
        Ok(here.map_or_else(|| Key::of_thing(thing).map_or_else(String::new, |key| key.to_string()), str::to_owned))
    }

    /// The relations that a thing has to others, or others to it.
    pub(super) fn relations(&self, thing: &NamedNode) -> Result<Vec<(Relation, Fact)>, Fault> {
        let node = Term::from(thing.clone());
        let mut facts = self.facts.all(Some(&node), None, None, MOST_FACTS)?;
        facts.extend(self.facts.all(None, None, Some(&node), MOST_FACTS)?);
        facts.sort_by_key(|fact| seq(&fact.graph));
        let mut found: Vec<(Relation, Fact)> = Vec::new();
        for fact in facts {
            if let Some(relation) = self.relation(&fact)?
                && !found.iter().any(|(_, known)| *known == fact)
            {
                found.push((relation, fact));
            }
        }
        Ok(found)
    }

    /// A fact as a relation between two things.
    fn relation(&self, fact: &Fact) -> Result<Option<Relation>, Fault> {
        let Some(verb) = fact.predicate.as_str().strip_prefix(v::VERB) else { return Ok(None) };
        let (NamedOrBlankNode::NamedNode(from), Term::NamedNode(to)) = (&fact.subject, &fact.object) else {
            return Ok(None);
        };
        if !is_thing(&fact.object) {
            return Ok(None);
        }
        let written = self.facts.some(Some(&from.clone().into()), Some(v::RELATION_TYPE), None, MOST_FACTS)?;
        let written = written.iter().find(|known| known.graph == fact.graph).and_then(text).map(str::to_owned);
        Ok(Some(Relation {
            from: self.name(from, &fact.graph)?,
            to: self.name(to, &fact.graph)?,
            verb: written.unwrap_or_else(|| percent_decode(verb)),
        }))
    }

    /// The graph of these things, with every relation of theirs, each once.
    pub(super) fn graph(&self, things: impl IntoIterator<Item = NamedNode>) -> Result<Graph, Fault> {
        let mut graph = Graph::default();
        let mut seen = BTreeSet::new();
        for thing in things {
            if let Some(entity) = self.entity(&thing)? {
                graph.entities.push(entity);
            }
            for (relation, _) in self.relations(&thing)? {
                if seen.insert(relation.clone()) {
                    graph.relations.push(relation);
                }
            }
        }
        Ok(graph)
    }

    /// Everything that was written down as an entity or in a relation, in the order in which it was told; `most` at
    /// most, and whether there is more.
    pub(super) fn everything(&self, most: usize) -> Result<(Vec<NamedNode>, bool), Fault> {
        let mut found: BTreeMap<NamedNode, u64> = BTreeMap::new();
        for mark in [v::ENTITY_TYPE, v::RELATION_TYPE] {
            self.facts.each(None, Some(mark), None, &mut |fact| {
                if let NamedOrBlankNode::NamedNode(thing) = &fact.subject {
                    let at = seq(&fact.graph);
                    found.entry(thing.clone()).and_modify(|known| *known = at.min(*known)).or_insert(at);
                }
                if found.len() > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        }
        for thing in self.loaded(most)? {
            found.insert(thing, 0);
        }
        let mut things: Vec<(u64, NamedNode)> = found.into_iter().map(|(thing, at)| (at, thing)).collect();
        things.sort();
        let more = things.len() > most;
        things.truncate(most);
        Ok((things.into_iter().map(|(_, thing)| thing).collect(), more))
    }

    /// The things of memories that were loaded from their files; one more than `most` when there are more.
    fn loaded(&self, most: usize) -> Result<BTreeSet<NamedNode>, Fault> {
        let mut memories = Vec::new();
        self.facts.each(None, Some(BRAIN), None, &mut |fact| {
            if text(fact).is_some_and(|kind| kind.starts_with(MEMORY)) {
                memories.push(fact.graph.clone());
            }
            ControlFlow::Continue(())
        })?;
        let mut things = BTreeSet::new();
        if memories.is_empty() {
            return Ok(things);
        }
        self.facts.each(None, Some(ROW), None, &mut |fact| {
            if memories.contains(&fact.graph)
                && let Some(row) = text(fact)
            {
                things.extend(named_in(row).iter().map(|name| thing(name)));
            }
            if things.len() > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(things)
    }
}

/// The names of the entities in a row of a memory's file, and of those that relations start from.
fn named_in(row: &str) -> Vec<String> {
    let cells: Vec<serde_json::Value> = serde_json::from_str(row).unwrap_or_default();
    let line = cells.get(1).and_then(serde_json::Value::as_str).unwrap_or_default();
    let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { return Vec::new() };
    let whole = line.get("entities").and_then(serde_json::Value::as_array);
    let lines = whole.map_or_else(|| vec![&line], |entities| entities.iter().collect());
    let name = |line: &serde_json::Value| line.get("name").or(line.get("from"))?.as_str().map(str::to_owned);
    lines.into_iter().filter_map(name).collect()
}

/// The text of a fact's object, when it is one.
pub(super) fn text(fact: &Fact) -> Option<&str> {
    if let Term::Literal(literal) = &fact.object { Some(literal.value()) } else { None }
}

/// When something was told; what was loaded stands before all.
fn seq(graph: &NamedNode) -> u64 {
    match Source::of_graph(graph.as_str()) {
        Some(Source::Said { seq, .. }) => seq,
        _ => 0,
    }
}

/// Whether a relation has what was said as its value.
fn is_said(predicate: &NamedNode) -> bool {
    [v::IS, v::ARE, v::IS_NOT].contains(&predicate.as_ref()) || predicate.as_str().starts_with(v::VERB)
}

fn is_thing(term: &Term) -> bool {
    matches!(term, Term::NamedNode(node) if node.as_str().starts_with(v::THING))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_however_they_are_written() {
        for (one, other) in [("John_Smith", "john smith"), ("works_at", "Works  at"), ("a\u{200b}b", "AB")] {
            assert_eq!(thing(one), thing(other), "{one} {other}");
            assert_eq!(relation(one), relation(other), "{one} {other}");
        }
        assert_eq!(readable("snake_case_name\n"), "snake case name");
    }

    #[test]
    fn rows_of_a_memory_name_their_entities() {
        for (row, names) in [
            (r#"[0,"{\"type\":\"entity\",\"name\":\"Ann\"}"]"#, vec!["Ann"]),
            (r#"[0,"{\"type\":\"relation\",\"from\":\"Ann\",\"to\":\"Bob\"}"]"#, vec!["Ann"]),
            (r#"[0,"{\"entities\":[{\"name\":\"A\"},{\"name\":\"B\"}],\"relations\":[]}"]"#, vec!["A", "B"]),
            (r"[0,1]", vec![]),
            ("nonsense", vec![]),
        ] {
            assert_eq!(named_in(row), names, "{row}");
        }
    }
}
