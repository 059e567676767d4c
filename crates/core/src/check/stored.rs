//! What is stored, as the checker reads it: by single look-ups, and whole where a proof needs much of a relation.
//!
//! A look-up costs more than a fact that is passed in order. So a relation is read whole when about as much was spent
//! on look-ups already; what is too large for that is tried again after four times as many.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::rc::Rc;

use oxrdf::{NamedNode, Term};

use super::numbers::{OPEN, Row, Rows, Terms};
use crate::{Atom, Budget, Facts, Fault, Flaw, columns};

/// For one look-up so many facts can be passed.
const A_LOOK_UP: usize = 16;
/// So many look-ups are made before a relation is read whole.
const FIRST: usize = 256;
/// Bytes that a row is taken to need.
const A_ROW: usize = 200;

/// The stored rows of the relations that were read.
pub(super) struct Stored<'p> {
    facts: &'p dyn Facts,
    relations: HashMap<(u32, usize), Relation>,
    /// The graphs that were gone through to see that tables are closed.
    pub(super) read: HashSet<NamedNode>,
}

#[derive(Default)]
struct Relation {
    /// Look-ups made or announced.
    wanted: usize,
    /// To be read whole at so many.
    next: usize,
    whole: Option<Whole>,
}

struct Whole {
    rows: Rc<Rows>,
    /// In which graphs each row stands, by their places below.
    standing: HashMap<Row, Vec<u32>>,
    graphs: HashMap<NamedNode, u32>,
    by_place: Vec<NamedNode>,
    /// Its graphs are among those that were gone through.
    noted: bool,
}

/// A relation: its number, its name, and how many arguments are meant.
#[derive(Clone, Copy)]
pub(super) struct Named<'n> {
    pub(super) number: u32,
    pub(super) predicate: &'n NamedNode,
    pub(super) width: usize,
}

impl<'p> Stored<'p> {
    pub(super) fn new(facts: &'p dyn Facts) -> Self {
        Self { facts, relations: HashMap::new(), read: HashSet::new() }
    }

    /// So many look-ups are to come; perhaps the relation is read whole.
    pub(super) fn announce(
        &mut self,
        relation: Named<'_>,
        look_ups: usize,
        terms: &mut Terms,
        budget: &Budget<'_>,
    ) -> Result<(), Flaw> {
        let own = self.relations.entry((relation.number, relation.width)).or_default();
        own.wanted = own.wanted.saturating_add(look_ups);
        if own.whole.is_some() || own.wanted < own.next.max(FIRST) {
            return Ok(());
        }
        own.next = own.wanted.saturating_mul(4);
        let most = own.wanted.saturating_mul(A_LOOK_UP);
        let whole = self.whole(relation, most, terms, budget)?;
        if let Some(own) = self.relations.get_mut(&(relation.number, relation.width)) {
            own.whole = whole;
        }
        Ok(())
    }

    /// Reads a relation whole; `None` when it has more than so many rows.
    fn whole(
        &self,
        relation: Named<'_>,
        most: usize,
        terms: &mut Terms,
        budget: &Budget<'_>,
    ) -> Result<Option<Whole>, Flaw> {
        let mut whole = Whole {
            rows: Rc::default(),
            standing: HashMap::new(),
            graphs: HashMap::new(),
            by_place: Vec::new(),
            noted: false,
        };
        let mut rows = Rows::default();
        let mut seen = 0;
        let mut spent = Ok(());
        columns::each(relation.predicate, &vec![None; relation.width], self.facts, &mut |row, graph| {
            seen += 1;
            spent = budget.step().and_then(|()| budget.hold(A_ROW));
            if seen > most || spent.is_err() {
                return ControlFlow::Break(());
            }
            let row = terms.row(&row);
            let place = whole.graphs.get(graph).copied().unwrap_or_else(|| {
                let place = u32::try_from(whole.graphs.len()).unwrap_or(OPEN);
                whole.graphs.insert(graph.clone(), place);
                whole.by_place.push(graph.clone());
                place
            });
            whole.standing.entry(Rc::clone(&row)).or_default().push(place);
            rows.insert(row);
            ControlFlow::Continue(())
        })?;
        if spent.is_err() {
            return Err(Flaw::spent(budget));
        }
        whole.rows = Rc::new(rows);
        Ok((seen <= most).then_some(whole))
    }

    /// A graph in which a statement is stored.
    pub(super) fn graph(&self, relation: Named<'_>, claim: &Atom, row: &[u32]) -> Result<Option<NamedNode>, Fault> {
        if let Some(whole) = self.relations.get(&(relation.number, relation.width)).and_then(|own| own.whole.as_ref()) {
            let place = whole.standing.get(row).and_then(|places| places.first());
            return Ok(place.and_then(|place| whole.by_place.get(*place as usize)).cloned());
        }
        let arguments: Vec<Option<Term>> = claim.arguments.iter().cloned().map(Some).collect();
        let mut found = None;
        columns::each(relation.predicate, &arguments, self.facts, &mut |_, graph| {
            found = Some(graph.clone());
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// Whether a statement is stored in this graph.
    pub(super) fn is_stored(
        &mut self,
        relation: Named<'_>,
        claim: &Atom,
        row: &[u32],
        graph: &NamedNode,
    ) -> Result<bool, Fault> {
        // The node of a statement in columns has to be the right one, too.
        let whole = self.relations.get(&(relation.number, relation.width)).and_then(|own| own.whole.as_ref());
        match whole.filter(|_| columns::is_triple(relation.width, claim.arguments.first())) {
            Some(whole) => {
                let place = whole.graphs.get(graph);
                let graphs = whole.standing.get(row);
                Ok(place.is_some_and(|place| graphs.is_some_and(|graphs| graphs.contains(place))))
            }
            None => columns::is_stored(claim, graph, self.facts),
        }
    }

    /// The different rows that fit a pattern.
    pub(super) fn matching(
        &mut self,
        relation: Named<'_>,
        pattern: &[u32],
        terms: &mut Terms,
        budget: &Budget<'_>,
    ) -> Result<Vec<Row>, Flaw> {
        let key = (relation.number, relation.width);
        if pattern.iter().all(|value| *value == OPEN) && relation.width > 0 {
            if self.relations.get(&key).is_none_or(|own| own.whole.is_none()) {
                let whole = self.whole(relation, usize::MAX, terms, budget)?;
                self.relations.entry(key).or_default().whole = whole;
            }
        } else {
            self.announce(relation, 1, terms, budget)?;
        }
        if let Some(whole) = self.relations.get_mut(&key).and_then(|own| own.whole.as_mut()) {
            if !whole.noted {
                whole.noted = true;
                self.read.extend(whole.graphs.keys().cloned());
            }
            return Ok(whole.rows.matching(pattern));
        }
        let arguments: Vec<Option<Term>> = pattern.iter().map(|number| terms.term(*number).cloned()).collect();
        let mut rows = Rows::default();
        let mut spent = Ok(());
        columns::each(relation.predicate, &arguments, self.facts, &mut |row, graph| {
            spent = budget.step();
            if spent.is_err() {
                return ControlFlow::Break(());
            }
            rows.insert(terms.row(&row));
            if !self.read.contains(graph) {
                self.read.insert(graph.clone());
            }
            ControlFlow::Continue(())
        })?;
        if spent.is_err() {
            return Err(Flaw::spent(budget));
        }
        Ok(rows.all().to_vec())
    }
}
