//! Writes entities, observations and relations down as statements, each with its source.
//!
//! Each is a change of its own in the journal, durable before it is acknowledged, so that two programs at once lose
//! nothing and each can be undone. Locks and settings hold here as they do in chat.

use std::collections::BTreeSet;

use quid_core::change::Guard;
use quid_core::oxrdf::{Literal, NamedNode, Quad, Term, Triple};
use quid_core::source::Citation;
use quid_core::text::{LONGEST_LINE, clean};
use quid_core::vocabulary as v;
use quid_core::{Act, Audience, Change, Fact, Fault, Key, Memory, Recall, Rights, Scope, Source, Speaker, Time};

use super::graph::{Entity, Reader, Relation, readable, relation, text, thing};

/// How often something is decided anew when somebody else wrote the same in between.
const TRIES: usize = 16;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 1024;
/// Settings that say who may teach, and who may change what others taught; the mind's own.
const SETTINGS: [&str; 2] = ["urn:quid:ns:setting:learn:global", "urn:quid:ns:setting:correct:global"];

/// Somebody who writes.
pub(super) struct Writer<'a> {
    pub(super) memory: &'a dyn Memory,
    pub(super) recall: &'a dyn Recall,
    pub(super) speaker: Speaker,
    pub(super) audience: Audience,
    pub(super) at: Time,
}

impl Writer<'_> {
    /// Writes new entities with their observations; gives those that were not known before.
    pub(super) fn create_entities(&self, entities: Vec<Entity>) -> Result<Vec<Entity>, Fault> {
        for entity in &entities {
            name(&entity.name)?;
            entity.observations.iter().try_for_each(|text| observation(text))?;
        }
        let mut created: Vec<Entity> = Vec::new();
        for mut entity in entities {
            let node = thing(&entity.name);
            let reader = Reader::new(self.memory, &self.audience);
            if reader.is_written(&node)? {
                continue;
            }
            // What it is comes last: a call that was cut short by anything is not taken for done when it is made
            // again, and what is there already is not written twice.
            let known = reader.entity(&node)?.map(|known| known.observations).unwrap_or_default();
            let mut observations: Vec<String> = Vec::new();
            for text in std::mem::take(&mut entity.observations) {
                if !observations.contains(&text) {
                    if !known.contains(&text) {
                        self.observe(&entity.name, &node, &text)?;
                    }
                    observations.push(text);
                }
            }
            if self.create(&entity, &node)? {
                created.push(Entity { observations, ..entity });
            }
        }
        Ok(created)
    }

    /// Writes what an entity is, unless it is there already.
    fn create(&self, entity: &Entity, node: &NamedNode) -> Result<bool, Fault> {
        let (label, class) = (readable(&entity.name), readable(&entity.class));
        let class_key = Key::of(&class);
        let mut learned = named(node, &entity.name, &label);
        learned.push(Triple::new(node.clone(), v::ENTITY_TYPE, code(&entity.class)));
        if !class_key.is_empty() {
            learned.push(Triple::new(node.clone(), v::IS, Literal::new_simple_literal(&class)));
            if class_key.thing() != *node {
                learned.push(Triple::new(node.clone(), v::TYPE, class_key.thing()));
                learned.push(Triple::new(class_key.thing(), v::LABEL, Literal::new_simple_literal(&class)));
            }
        }
        let line = if class.is_empty() { label } else { format!("{label}: {class}") };
        for _ in 0..TRIES {
            let reader = Reader::new(self.memory, &self.audience);
            if reader.is_written(node)? {
                return Ok(false);
            }
            self.may_change(node)?;
            let written = reader.facts.all(Some(&node.clone().into()), Some(v::ENTITY_TYPE), None, usize::MAX)?;
            let mut seen: Vec<NamedNode> = written.into_iter().map(|fact| fact.graph).collect();
            seen.sort();
            let guard = Guard { subject: node.clone(), predicates: vec![v::ENTITY_TYPE.into_owned()], seen };
            match self.learn(node, &line, &learned, Some(guard)) {
                Err(Fault::Conflict) => {}
                written => return written.map(|()| true),
            }
        }
        Err(Fault::Conflict)
    }

    /// Writes relations; gives those that were not known before.
    pub(super) fn create_relations(&self, relations: Vec<Relation>) -> Result<Vec<Relation>, Fault> {
        for new in &relations {
            [&new.from, &new.to, &new.verb].into_iter().try_for_each(|text| name(text))?;
        }
        let mut created = Vec::new();
        for new in relations {
            let (from, to, verb) = (thing(&new.from), thing(&new.to), relation(&new.verb));
            let reader = Reader::new(self.memory, &self.audience);
            let known =
                reader.facts.some(Some(&from.clone().into()), Some(verb.as_ref()), Some(&to.clone().into()), 1)?;
            if !known.is_empty() {
                continue;
            }
            self.may_change(&from)?;
            let (label, other) = (readable(&new.from), readable(&new.to));
            let mut learned = named(&from, &new.from, &label);
            learned.extend(named(&to, &new.to, &other));
            learned.extend([
                Triple::new(from.clone(), verb.clone(), Literal::new_simple_literal(&other)),
                Triple::new(from.clone(), verb, to),
                Triple::new(from.clone(), v::RELATION_TYPE, code(&new.verb)),
            ]);
            let line = format!("{label} {} {other}", readable(&new.verb));
            self.learn(&from, &line, &learned, None)?;
            created.push(new);
        }
        Ok(created)
    }

    /// Writes what was observed of an entity; gives what was not known before.
    pub(super) fn add_observations(&self, entity: &str, contents: &[String]) -> Result<Vec<String>, Fault> {
        let node = thing(entity);
        let known = Reader::new(self.memory, &self.audience).entity(&node)?;
        let known = known.ok_or_else(|| Fault::Refused(format!("Entity with name {entity} not found")))?;
        contents.iter().try_for_each(|text| observation(text))?;
        let mut added: Vec<String> = Vec::new();
        for text in contents {
            if !known.observations.contains(text) && !added.contains(text) {
                self.observe(&known.name, &node, text)?;
                added.push(text.clone());
            }
        }
        Ok(added)
    }

    fn observe(&self, name: &str, node: &NamedNode, text: &str) -> Result<(), Fault> {
        self.may_change(node)?;
        let (label, phrase) = (readable(name), clean(text).trim().to_owned());
        // As an imported memory has it: the phrase is said as it stands, and a bar in it offers no choice.
        let chance = if phrase.contains(['|', '(']) { "<verbatim>" } else { "" };
        let mut learned = named(node, name, &label);
        learned.push(Triple::new(
            node.clone(),
            v::IS,
            Literal::new_simple_literal(format!("{chance}<reply>{label}: {phrase}")),
        ));
        learned.push(Triple::new(node.clone(), v::OBSERVATION, code(text)));
        self.learn(node, &format!("{label}: {phrase}"), &learned, None)
    }

    /// Takes an entity back, with everything that was said of it here and every relation to it.
    pub(super) fn delete_entity(&self, name: &str) -> Result<(), Fault> {
        let node = thing(name);
        let reader = Reader::new(self.memory, &self.audience);
        // A statement that only names the thing (as the class of another one) is about that other one.
        let says = |fact: &Fact| ![v::LABEL, v::SPELLED].contains(&fact.predicate.as_ref());
        let mut graphs: BTreeSet<NamedNode> =
            reader.of(&node)?.into_iter().filter(says).map(|fact| fact.graph).collect();
        graphs.extend(reader.relations(&node)?.into_iter().map(|(_, fact)| fact.graph));
        graphs.into_iter().try_for_each(|graph| self.forget(&node, name, &graph))
    }

    /// Takes observations of an entity back.
    pub(super) fn delete_observations(&self, entity: &str, observations: &[String]) -> Result<(), Fault> {
        let node = thing(entity);
        let reader = Reader::new(self.memory, &self.audience);
        for fact in reader.of(&node)? {
            let observed = fact.predicate == v::OBSERVATION
                && text(&fact).is_some_and(|known| observations.iter().any(|text| text == known));
            let told = || match self.memory.cite(&fact.graph) {
                Ok(Some(Citation::Said { line, .. })) => observations.contains(&line),
                _ => false,
            };
            if observed || told() {
                self.forget(&node, entity, &fact.graph)?;
            }
        }
        let left = Reader::new(self.memory, &self.audience).entity(&node)?;
        let left = left.into_iter().flat_map(|entity| entity.observations).find(|text| observations.contains(text));
        left.map_or(Ok(()), |text| Err(Fault::Refused(format!("`{text}` was loaded: unload its source instead"))))
    }

    /// Takes a relation back.
    pub(super) fn delete_relation(&self, gone: &Relation) -> Result<(), Fault> {
        let (from, to, verb) = (thing(&gone.from), thing(&gone.to), relation(&gone.verb));
        let reader = Reader::new(self.memory, &self.audience);
        let facts = reader.facts.all(Some(&from.clone().into()), Some(verb.as_ref()), Some(&to.into()), usize::MAX)?;
        facts.into_iter().try_for_each(|fact| self.forget(&from, &gone.from, &fact.graph))
    }

    fn learn(&self, about: &NamedNode, line: &str, learned: &[Triple], guard: Option<Guard>) -> Result<(), Fault> {
        self.write(about, line, Act::Learn, learned, &[], guard)
    }

    /// Takes a statement back, whole.
    fn forget(&self, about: &NamedNode, name: &str, graph: &NamedNode) -> Result<(), Fault> {
        let Some(Source::Said { seq, scope }) = Source::of_graph(graph.as_str()) else {
            let title = match self.memory.cite(graph)? {
                Some(Citation::Dump { title, .. }) => title,
                _ => graph.as_str().to_owned(),
            };
            return Err(Fault::Refused(format!("what {title} says of {name} was loaded: unload it instead")));
        };
        if scope != self.scope() {
            return Err(Fault::Refused(format!("what was said of {name} elsewhere is taken back there")));
        }
        self.may_change(about)?;
        let reader = Reader::new(self.memory, &self.audience);
        let mut removed = Vec::new();
        for quad in self.memory.record(seq)?.map(|record| record.added).unwrap_or_default() {
            let there = quad.graph_name == graph.clone().into()
                && reader
                    .facts
                    .all(
                        Some(&quad.subject.clone().into()),
                        Some(quad.predicate.as_ref()),
                        Some(&quad.object),
                        usize::MAX,
                    )?
                    .iter()
                    .any(|fact| fact.graph == *graph);
            if there {
                removed.push(quad);
            }
        }
        if removed.is_empty() {
            return Ok(());
        }
        self.write(about, &format!("forget {name}"), Act::Forget, &[], &removed, None)
    }

    fn write(
        &self,
        about: &NamedNode,
        line: &str,
        act: Act,
        learned: &[Triple],
        removed: &[Quad],
        guard: Option<Guard>,
    ) -> Result<(), Fault> {
        let receipt = self.memory.commit(Change {
            act,
            by: self.speaker.clone(),
            place: self.audience.place.clone(),
            at: self.at,
            line: line.to_owned(),
            scope: self.scope(),
            learned: learned.to_vec(),
            added: Vec::new(),
            removed: removed.to_vec(),
            about: vec![about.clone()],
            undoes: None,
            guard,
        })?;
        let statement = receipt.statement.into_iter();
        let added: Vec<Quad> = statement
            .flat_map(|graph| learned.iter().map(move |triple| triple.clone().in_graph(graph.clone())))
            .collect();
        // The change is durable: an index that fell behind is brought up to date at the next start.
        if let Err(fault) = self.recall.note(receipt.seq, &added, removed) {
            tracing::warn!("the text index: {fault}");
        }
        Ok(())
    }

    fn scope(&self) -> Scope {
        Scope::of(&self.audience.place, &self.audience.name)
    }

    /// Refuses what chat would refuse: a locked thing, or teaching that is kept to others.
    fn may_change(&self, node: &NamedNode) -> Result<(), Fault> {
        let keeping = self.memory.keeping();
        if !keeping.some(Some(&node.clone().into()), Some(v::LOCKED_BY), None, 1)?.is_empty() {
            let name = Key::of_thing(node).map_or_else(String::new, |key| key.to_string());
            return Err(Fault::Refused(format!("{name} is locked; nobody but an operator changes it")));
        }
        for setting in SETTINGS {
            let node = Term::from(NamedNode::new_unchecked(setting));
            let kept = keeping.some(Some(&node), Some(v::VALUE), None, 1)?;
            let wanted = match kept.first().and_then(text) {
                Some("trusted") => Rights::Trusted,
                Some("operator") => Rights::Operator,
                Some("owner") => Rights::Owner,
                _ => Rights::Everyone,
            };
            if self.speaker.rights < wanted {
                return Err(Fault::Refused("teaching is kept to others here".to_owned()));
            }
        }
        Ok(())
    }
}

/// How a thing is called, and how a program writes that where it is not the same.
fn named(node: &NamedNode, written: &str, label: &str) -> Vec<Triple> {
    let mut triples = vec![Triple::new(node.clone(), v::LABEL, Literal::new_simple_literal(label))];
    if written != label {
        triples.push(Triple::new(node.clone(), v::SPELLED, code(written)));
    }
    triples
}

/// A text as it was written, which is not found by its words a second time.
fn code(text: &str) -> Literal {
    Literal::new_typed_literal(text, v::CODE)
}

fn name(text: &str) -> Result<(), Fault> {
    if Key::of(&readable(text)).is_empty() {
        return Err(Fault::Refused("a name or relation has no visible character".to_owned()));
    }
    if text.len() > LONGEST_NAME {
        return Err(Fault::Refused(format!("a name of {} bytes is too long: {LONGEST_NAME} at most", text.len())));
    }
    Ok(())
}

fn observation(text: &str) -> Result<(), Fault> {
    if Key::of(text).is_empty() {
        return Err(Fault::Refused("an observation has no visible character".to_owned()));
    }
    if text.len() > LONGEST_LINE {
        let words = format!("an observation of {} bytes is too long: {LONGEST_LINE} at most", text.len());
        return Err(Fault::Refused(words));
    }
    Ok(())
}
