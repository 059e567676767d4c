//! A journal record as quads in the store, with their provenance.
//!
//! The same code runs when a change is made, when the tail is replayed after a crash, and when everything is
//! built again: the store is a function of the journal.

use std::collections::BTreeSet;

use oxigraph::store::{StorageError, Transaction};
use quid_core::{
    Act, Record, Source,
    oxrdf::{
        GraphName, GraphNameRef, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad,
        QuadRef, vocab::xsd,
    },
    text::percent_encode,
    vocabulary as v,
};

use crate::{StoreError, protocol::marker, record::NO_HASH};

/// How far the journal is applied, kept in the store in the same transaction as the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    /// The last record's number.
    pub(crate) seq: u64,
    /// Its hash.
    pub(crate) hash: String,
    /// How many quads people's statements hold.
    pub(crate) said: u64,
    /// Which store this is: a store that was emptied or replaced does not know it.
    pub(crate) store: String,
}

impl Applied {
    /// Nothing is applied yet.
    pub(crate) fn nothing(store: &str) -> Self {
        Self { seq: 0, hash: NO_HASH.to_owned(), said: 0, store: store.to_owned() }
    }

    fn quad(&self) -> Quad {
        let text = format!("{} {} {} {}", self.seq, self.hash, self.said, self.store);
        Quad::new(v::KEEPING_GRAPH, v::VALUE, Literal::new_simple_literal(text), v::KEEPING_GRAPH)
    }

    /// Reads it; `None` when the store does not say.
    pub(crate) fn read(store: &oxigraph::store::Store) -> Result<Option<Self>, StoreError> {
        let found = store
            .quads_for_pattern(Some(v::KEEPING_GRAPH.into()), Some(v::VALUE), None, Some(v::KEEPING_GRAPH.into()))
            .next()
            .transpose()
            .map_err(StoreError::engine("reading how far the journal is applied"))?;
        Ok(found.and_then(|quad| match quad.object {
            quid_core::oxrdf::Term::Literal(text) => Self::parse(text.value()),
            _ => None,
        }))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        Some(Self {
            seq: parts.next()?.parse().ok()?,
            hash: parts.next()?.to_owned(),
            said: parts.next()?.parse().ok()?,
            store: parts.next()?.to_owned(),
        })
    }

    /// Puts `self` in the place of `before`.
    pub(crate) fn replace(&self, before: Option<&Self>, transaction: &mut Transaction<'_>) {
        if let Some(before) = before {
            transaction.remove(&before.quad());
        }
        transaction.insert(&self.quad());
    }
}

/// Writes what a record says; gives how many quads people's statements hold more, and how many less.
pub(crate) fn apply(record: &Record, transaction: &mut Transaction<'_>) -> Result<(u64, u64), StorageError> {
    let (mut more, mut less) = (0, 0);
    let mut emptied = BTreeSet::new();
    for quad in &record.removed {
        if transaction.contains(quad)? {
            transaction.remove(quad);
            if let Some(graph) = marked_graph(quad) {
                transaction.remove_named_graph(graph)?;
            }
            if let Some(graph) = said_graph(quad) {
                less += 1;
                emptied.insert(graph.clone());
            }
        }
    }
    let statement = record.statement();
    let mut restored = BTreeSet::new();
    for quad in &record.added {
        if !transaction.contains(quad)? {
            transaction.insert(quad);
            if let Some(graph) = marked_graph(quad) {
                transaction.insert_named_graph(graph);
            }
            if let Some(graph) = said_graph(quad) {
                more += 1;
                if statement.as_ref() != Some(graph) {
                    restored.insert(graph.clone());
                }
            }
        }
    }
    for graph in &restored {
        set_invalidated(graph, None, transaction)?;
    }
    let when = Literal::new_typed_literal(record.at.to_string(), xsd::DATE_TIME);
    for graph in &emptied {
        let name = GraphNameRef::from(graph.as_ref());
        let empty = transaction.quads_for_pattern(None, None, None, Some(name)).next().transpose()?.is_none();
        if empty {
            transaction.remove_named_graph(graph.as_ref())?;
            set_invalidated(graph, Some(&when), transaction)?;
        }
    }
    if let Some(statement) = &statement {
        describe(statement, record, &when, &emptied, transaction);
    }
    let event = NamedNode::new_unchecked(format!("{}{}", v::EVENT, record.seq));
    for thing in &record.about {
        provenance(event.as_ref(), v::ABOUT, thing.as_ref().into(), transaction);
    }
    Ok((more, less))
}

/// PROV-O: who, when, where, in which words, instead of what.
fn describe(
    statement: &NamedNode,
    record: &Record,
    when: &Literal,
    replaced: &BTreeSet<NamedNode>,
    transaction: &mut Transaction<'_>,
) {
    let agent = agent(record.by.name());
    let (line, place) =
        (Literal::new_simple_literal(&record.line), Literal::new_simple_literal(record.place.to_string()));
    let nick = Literal::new_simple_literal(&record.by.nick);
    let statement = statement.as_ref();
    provenance(statement, v::ATTRIBUTED_TO, agent.as_ref().into(), transaction);
    provenance(agent.as_ref(), v::LABEL, nick.as_ref().into(), transaction);
    provenance(statement, v::GENERATED_AT, when.as_ref().into(), transaction);
    provenance(statement, v::PROV_VALUE, line.as_ref().into(), transaction);
    provenance(statement, v::AT_LOCATION, place.as_ref().into(), transaction);
    if matches!(record.act, Act::Correct | Act::Confirm) {
        for earlier in replaced.iter().filter(|earlier| earlier.as_ref() != statement) {
            provenance(statement, v::REVISION_OF, earlier.as_ref().into(), transaction);
        }
    }
}

/// The agent that a person is.
pub(crate) fn agent(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{}{}", v::AGENT, percent_encode(name)))
}

fn provenance(
    subject: NamedNodeRef<'_>,
    predicate: NamedNodeRef<'_>,
    object: quid_core::oxrdf::TermRef<'_>,
    transaction: &mut Transaction<'_>,
) {
    transaction.insert(QuadRef::new(subject, predicate, object, v::PROVENANCE_GRAPH));
}

/// Says since when a statement does not hold, or that it holds again.
fn set_invalidated(
    statement: &NamedNode,
    when: Option<&Literal>,
    transaction: &mut Transaction<'_>,
) -> Result<(), StorageError> {
    let before = transaction
        .quads_for_pattern(
            Some(NamedOrBlankNodeRef::from(statement.as_ref())),
            Some(v::INVALIDATED_AT),
            None,
            Some(v::PROVENANCE_GRAPH.into()),
        )
        .collect::<Result<Vec<_>, _>>()?;
    for quad in &before {
        transaction.remove(quad);
    }
    if let Some(when) = when {
        provenance(statement.as_ref(), v::INVALIDATED_AT, when.as_ref().into(), transaction);
    }
    Ok(())
}

/// The statement's graph a quad stands in; `None` for state and dumps.
pub(crate) fn said_graph(quad: &Quad) -> Option<&NamedNode> {
    match &quad.graph_name {
        GraphName::NamedNode(graph) if graph.as_str().starts_with(v::SAID) => Some(graph),
        _ => None,
    }
}

/// The graph that a mark says is there.
fn marked_graph(quad: &Quad) -> Option<NamedNodeRef<'_>> {
    match &quad.subject {
        NamedOrBlankNode::NamedNode(name) if *quad == marker(name) => Some(name.as_ref()),
        _ => None,
    }
}

/// Whether a change may touch this quad: statements and state, never dumps and book-keeping.
pub(crate) fn writable(quad: &Quad) -> bool {
    match &quad.graph_name {
        GraphName::NamedNode(graph) => {
            graph.as_ref() == v::STATE_GRAPH
                || matches!(Source::of_graph(graph.as_str()), Some(Source::Said { .. } | Source::Graph(_)))
        }
        _ => false,
    }
}
