//! What of the stories was told here: the facts of one place, kept between lines and brought up to date.
//!
//! Many stories are told in one home; one told in another channel, or to somebody else, is not this one. So the
//! engine and the checker see a view of the facts that has only what was said in this place and what holds for all.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use quid_core::{Fact, Facts, Fault, Key, Scope, Source, columns};

use super::{STORED, STORY, moment, relation};

/// The story facts of a place.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The journal's last number when it was read.
    pub(crate) seq: u64,
    facts: Vec<Fact>,
    by_subject: HashMap<NamedOrBlankNode, Vec<usize>>,
    by_predicate: HashMap<NamedNode, Vec<usize>>,
    by_object: HashMap<(NamedNode, Term), Vec<usize>>,
    /// Where the first column of each happening stands, in the order of telling.
    order: Vec<(u64, &'static str, usize, usize)>,
}

/// A stored happening: its columns, its statement and that one's number.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) relation: &'static str,
    pub(super) columns: Vec<Term>,
    pub(super) graph: NamedNode,
}

impl Event {
    pub(super) fn moment(&self) -> i128 {
        self.columns.last().and_then(moment::read).unwrap_or_default()
    }
}

impl Told {
    /// Reads all that was told here: what the place itself says it was told, so that other places cost nothing.
    pub(super) fn read(facts: &dyn Facts, scope: &Scope, seq: u64) -> Result<Self, Fault> {
        let mut told = Self { seq, ..Self::default() };
        let mut nodes: BTreeSet<String> = BTreeSet::new();
        let mut found = Vec::new();
        for place in [place(scope), place(&Scope::Global)] {
            facts.each(Some(&place.into()), Some(tells().as_ref()), None, &mut |fact| {
                if is_here(&fact.graph, scope) && nodes.insert(fact.object.to_string()) {
                    found.push(fact.object.clone());
                }
                ControlFlow::Continue(())
            })?;
        }
        for node in found {
            facts.each(Some(&node), None, None, &mut |fact| {
                if fact.predicate.as_str().starts_with(STORY) && is_here(&fact.graph, scope) {
                    told.add(fact.clone());
                }
                ControlFlow::Continue(())
            })?;
        }
        told.order.sort_by_key(|(seq, ..)| *seq);
        Ok(told)
    }

    pub(super) fn add(&mut self, fact: Fact) {
        let at = self.facts.len();
        if let Some((relation, width, 1)) = columns::of_column(&fact.predicate) {
            let stored = STORED.iter().find(|(name, _)| relation.as_str().strip_prefix(STORY) == Some(name));
            if let Some((name, _)) = stored {
                self.order.push((number_of(&fact.graph), name, width, at));
            }
        }
        self.by_subject.entry(fact.subject.clone()).or_default().push(at);
        self.by_predicate.entry(fact.predicate.clone()).or_default().push(at);
        self.by_object.entry((fact.predicate.clone(), fact.object.clone())).or_default().push(at);
        self.facts.push(fact);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Whether a thing stands in this column of a relation.
    pub(super) fn has(&self, name: &str, number: usize, thing: &NamedNode) -> bool {
        let width = STORED.iter().find(|(stored, _)| *stored == name).map_or(2, |(_, width)| *width);
        let column = columns::column(&relation(name), width, number);
        self.by_object.contains_key(&(column, Term::from(thing.clone())))
    }

    /// In how many happenings of one kind anything stands: what a question may have to look through.
    pub(super) fn busiest(&self) -> usize {
        let is_actor = |column: &NamedNode| columns::of_column(column).is_some_and(|(.., number)| number == 1);
        self.by_object.iter().filter(|((column, _), _)| is_actor(column)).map(|(_, all)| all.len()).max().unwrap_or(0)
    }

    /// All pairs of a relation of two things.
    pub(super) fn pairs(&self, predicate: &NamedNode) -> impl Iterator<Item = &Fact> {
        self.by_predicate.get(predicate).into_iter().flatten().filter_map(|&at| self.facts.get(at))
    }

    /// The happenings in which a thing stands in a column, in no particular order.
    pub(super) fn events(&self, name: &'static str, number: usize, thing: &NamedNode) -> Vec<Event> {
        let width = STORED.iter().find(|(stored, _)| *stored == name).map_or(2, |(_, width)| *width);
        let column = columns::column(&relation(name), width, number);
        let found = self.by_object.get(&(column, Term::from(thing.clone())));
        found.into_iter().flatten().filter_map(|&at| self.event(name, width, at)).collect()
    }

    /// All happenings, the one told last first.
    pub(super) fn newest(&self) -> impl Iterator<Item = Event> {
        self.order.iter().rev().filter_map(|(_, name, width, at)| self.event(name, *width, *at))
    }

    fn event(&self, name: &'static str, width: usize, at: usize) -> Option<Event> {
        let fact = self.facts.get(at)?;
        let same: Vec<&Fact> =
            self.by_subject.get(&fact.subject)?.iter().filter_map(|&other| self.facts.get(other)).collect();
        let relation = relation(name);
        let columns = (1..=width)
            .map(|number| {
                let column = columns::column(&relation, width, number);
                let found = same.iter().find(|other| other.predicate == column && other.graph == fact.graph)?;
                Some(found.object.clone())
            })
            .collect::<Option<Vec<Term>>>()?;
        Some(Event { relation: name, columns, graph: fact.graph.clone() })
    }
}

/// The number of a statement; 0 for what nobody said.
pub(super) fn number_of(graph: &NamedNode) -> u64 {
    match Source::of_graph(graph.as_str()) {
        Some(Source::Said { seq, .. }) => seq,
        _ => 0,
    }
}

/// The node that stands for all that is told in a place.
pub(super) fn place(scope: &Scope) -> NamedNode {
    let name = Source::Said { seq: 0, scope: scope.clone() }.graph();
    relation(&format!("in:{}", name.as_str()))
}

/// From a place to the nodes of what was told there.
pub(super) fn tells() -> NamedNode {
    relation("tells")
}

/// Whether a fact belongs to the stories of a place: said here, said for everybody, or loaded.
fn is_here(graph: &NamedNode, scope: &Scope) -> bool {
    match Source::of_graph(graph.as_str()) {
        Some(Source::Said { scope: said, .. }) => said == *scope || said == Scope::Global,
        Some(Source::Dump(_) | Source::Graph(_)) => true,
        None => false,
    }
}

/// The facts as a story told here sees them.
pub(super) struct Here<'a> {
    pub(super) told: Arc<Told>,
    pub(super) scope: Scope,
    pub(super) others: Box<dyn Facts + 'a>,
}

impl Facts for Here<'_> {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let Some(asked) = predicate.filter(|predicate| predicate.as_str().starts_with(STORY)) else {
            return self.others.each(subject, predicate, object, &mut |fact| {
                if is_here(&fact.graph, &self.scope) { visit(fact) } else { ControlFlow::Continue(()) }
            });
        };
        let asked = asked.into_owned();
        let node = match subject {
            None => None,
            Some(Term::NamedNode(node)) => Some(NamedOrBlankNode::NamedNode(node.clone())),
            Some(Term::BlankNode(node)) => Some(NamedOrBlankNode::BlankNode(node.clone())),
            Some(_) => return Ok(()),
        };
        let told = &self.told;
        let found = match (&node, object) {
            (Some(node), _) => told.by_subject.get(node),
            (None, Some(object)) => told.by_object.get(&(asked.clone(), object.clone())),
            (None, None) => told.by_predicate.get(&asked),
        };
        for fact in found.into_iter().flatten().filter_map(|&at| told.facts.get(at)) {
            let fits = fact.predicate == asked
                && node.as_ref().is_none_or(|node| fact.subject == *node)
                && object.is_none_or(|object| fact.object == *object);
            if fits && visit(fact).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The key of a thing, as text.
pub(super) fn name_of(term: &Term) -> String {
    match term {
        Term::NamedNode(node) => Key::of_thing(node).map_or_else(|| node.as_str().to_owned(), |key| key.to_string()),
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    }
}
