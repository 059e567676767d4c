//! In which graphs the triples of a relation stand, as long as nothing of it is written.
//!
//! Who may see a triple hangs on its graph alone. When a relation stands in a few whole graphs and no triple of it in
//! two of them, a query over it can be put to these graphs by name, and no quad need be spelled out to decide whether
//! it may be seen ([`crate::direct`]).

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use oxigraph::store::{StorageError, Store};
use quid_core::{
    Source,
    oxrdf::{GraphName, NamedNode, NamedNodeRef, NamedOrBlankNode, Triple},
};

use crate::cache::Cache;

/// A relation that stands in more graphs is not put to each of them.
const MOST_HOMES: usize = 8;
/// Up to so many graphs, each is asked for each relation; beyond, the relation is gone through.
const MOST_GRAPHS: usize = 64;
/// All homes of a relation but one are small: so many triples at most, which are compared with the others.
const SMALL: usize = 500;
/// How long going through a relation may take.
const LONGEST: Duration = Duration::from_millis(200);

/// What is known of relations.
#[derive(Default)]
pub(crate) struct Homes(Mutex<Known>);

#[derive(Default)]
struct Known {
    version: u64,
    /// `None`: too many, or a triple in two.
    of: HashMap<NamedNode, Option<Arc<[NamedNode]>>>,
}

impl Homes {
    /// The graphs in which triples of this relation stand, whoever may see them; `None` when they are too many, or do
    /// not tell the triples apart. Book-keeping, which nobody sees, does not count.
    pub(crate) fn of(
        &self,
        store: &Store,
        cache: &Cache,
        relation: NamedNodeRef<'_>,
    ) -> Result<Option<Arc<[NamedNode]>>, StorageError> {
        let version = cache.written();
        {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.bring_up(version, cache);
            if let Some(homes) = known.of.get(&relation.into_owned()) {
                return Ok(homes.clone());
            }
        }
        let found = find(store, relation)?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What was written meanwhile is perhaps not in what was found.
        if known.version == version && cache.written() == version {
            known.of.insert(relation.into_owned(), found.clone());
            return Ok(found);
        }
        Ok(None)
    }
}

impl Known {
    fn bring_up(&mut self, version: u64, cache: &Cache) {
        if self.version >= version {
            return;
        }
        match cache.since(self.version) {
            Some(changes) => {
                for triple in changes {
                    // What stands in too many does so after one more, too.
                    if let Some(Some(_)) = self.of.get(&triple.predicate) {
                        self.of.remove(&triple.predicate);
                    }
                }
            }
            None => self.of.clear(),
        }
        self.version = version;
    }
}

fn find(store: &Store, relation: NamedNodeRef<'_>) -> Result<Option<Arc<[NamedNode]>>, StorageError> {
    let Some(graphs) = graphs(store, relation)? else { return Ok(None) };
    let mut large = None;
    let mut small: HashSet<Triple> = HashSet::new();
    let mut homes = Vec::new();
    for graph in graphs {
        let mut few = Vec::new();
        for quad in store.quads_for_pattern(None, Some(relation), None, Some(graph.as_ref().into())).take(SMALL + 1) {
            few.push(Triple::from(quad?));
        }
        if few.is_empty() {
            continue;
        }
        if homes.len() == MOST_HOMES {
            return Ok(None);
        }
        if few.len() > SMALL {
            if large.replace(graph.clone()).is_some() {
                return Ok(None);
            }
        } else {
            for triple in few {
                if !small.insert(triple) {
                    return Ok(None);
                }
            }
        }
        homes.push(graph);
    }
    if let Some(large) = large {
        for triple in small {
            if store.contains(triple.in_graph(large.clone()).as_ref())? {
                return Ok(None);
            }
        }
    }
    Ok(Some(homes.into()))
}

/// The graphs in which this relation may stand, in the order of their names; `None` when they are too many.
fn graphs(store: &Store, relation: NamedNodeRef<'_>) -> Result<Option<Vec<NamedNode>>, StorageError> {
    let mut all = BTreeSet::new();
    let mut came = 0;
    for graph in store.named_graphs() {
        came += 1;
        if came > MOST_GRAPHS {
            return gone_through(store, relation);
        }
        if let NamedOrBlankNode::NamedNode(graph) = graph?
            && Source::of_graph(graph.as_str()).is_some()
        {
            all.insert(graph);
        }
    }
    Ok(Some(all.into_iter().collect()))
}

fn gone_through(store: &Store, relation: NamedNodeRef<'_>) -> Result<Option<Vec<NamedNode>>, StorageError> {
    let start = Instant::now();
    let mut all = BTreeSet::new();
    for quad in store.quads_for_pattern(None, Some(relation), None, None) {
        if let GraphName::NamedNode(graph) = quad?.graph_name
            && Source::of_graph(graph.as_str()).is_some()
        {
            all.insert(graph);
        }
        if all.len() > MOST_HOMES || start.elapsed() > LONGEST {
            return Ok(None);
        }
    }
    Ok(Some(all.into_iter().collect()))
}
