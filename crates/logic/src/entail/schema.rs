//! The axioms of the ontologies at hand, gathered from wherever they are stored.
//!
//! Rules are compiled from these once; the lists that OWL writes as chains of cells are unrolled here, so that no
//! rule has to walk them.

use std::ops::ControlFlow;

use quid_core::oxrdf::{NamedNodeRef, Term};
use quid_core::{Budget, Facts};
use rustc_hash::{FxHashMap, FxHashSet};

use super::names::{AXIOMS, FIRST, KINDS, LISTED, NIL, REST, TYPE};
use crate::Halt;

/// The longest list that is read.
const LONGEST: usize = 100_000;

/// What one relation says.
#[derive(Clone, Debug, Default)]
struct Column {
    pairs: Vec<(Term, Term)>,
    seen: FxHashSet<(Term, Term)>,
    /// Which pairs begin with this.
    of: FxHashMap<Term, Vec<usize>>,
}

impl Column {
    fn add(&mut self, subject: Term, object: Term) {
        if self.seen.insert((subject.clone(), object.clone())) {
            self.of.entry(subject.clone()).or_default().push(self.pairs.len());
            self.pairs.push((subject, object));
        }
    }
}

/// The axioms at hand.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    columns: FxHashMap<&'static str, Column>,
    kinds: FxHashMap<&'static str, Vec<Term>>,
    lists: FxHashMap<Term, Vec<Term>>,
    /// Lists that do not end, fork or are too long: their axioms are not in force.
    broken: Vec<Term>,
}

impl Schema {
    /// Reads every axiom.
    ///
    /// # Errors
    /// [`Halt`] when the store cannot be read or the budget ends.
    pub fn read(facts: &dyn Facts, budget: &Budget<'_>) -> Result<Self, Halt> {
        Self::read_of(AXIOMS, KINDS, facts, budget)
    }

    /// Reads the axioms of these relations and kinds only.
    pub(crate) fn read_of(
        axioms: &[NamedNodeRef<'static>],
        kinds: &[NamedNodeRef<'static>],
        facts: &dyn Facts,
        budget: &Budget<'_>,
    ) -> Result<Self, Halt> {
        let mut schema = Self::default();
        for &axiom in axioms {
            let column = schema.columns.entry(axiom.as_str()).or_default();
            let mut spent = Ok(());
            facts.each(None, Some(axiom), None, &mut |fact| {
                spent = budget.step();
                column.add(fact.subject.clone().into(), fact.object.clone());
                if spent.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            spent?;
        }
        for &kind in kinds {
            let wanted = Term::from(kind.into_owned());
            let of_kind = schema.kinds.entry(kind.as_str()).or_default();
            let mut seen = FxHashSet::default();
            facts.each(None, Some(TYPE), Some(&wanted), &mut |fact| {
                let subject = Term::from(fact.subject.clone());
                if seen.insert(subject.clone()) {
                    of_kind.push(subject);
                }
                ControlFlow::Continue(())
            })?;
        }
        for &listed in LISTED.iter().filter(|listed| axioms.contains(listed)) {
            let heads: Vec<Term> = schema.pairs(listed).map(|(_, head)| head.clone()).collect();
            for head in heads {
                schema.unroll(head, facts, budget)?;
            }
        }
        Ok(schema)
    }

    /// How many axioms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.values().map(|column| column.pairs.len()).sum::<usize>()
            + self.kinds.values().map(Vec::len).sum::<usize>()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The heads of lists that could not be read; their axioms are not in force.
    #[must_use]
    pub fn broken(&self) -> &[Term] {
        &self.broken
    }

    /// All pairs of a relation, in the order they were found.
    pub(crate) fn pairs(&self, relation: NamedNodeRef<'_>) -> impl Iterator<Item = (&Term, &Term)> {
        let column = self.columns.get(relation.as_str());
        column.into_iter().flat_map(|column| &column.pairs).map(|(subject, object)| (subject, object))
    }

    /// What a relation gives of a subject.
    pub(crate) fn objects<'a>(&'a self, relation: NamedNodeRef<'_>, subject: &Term) -> impl Iterator<Item = &'a Term> {
        let column = self.columns.get(relation.as_str());
        let places = column.and_then(|column| column.of.get(subject));
        places.into_iter().flatten().filter_map(move |&at| column?.pairs.get(at)).map(|(_, object)| object)
    }

    /// The members of a kind.
    pub(crate) fn of_kind(&self, kind: NamedNodeRef<'_>) -> &[Term] {
        self.kinds.get(kind.as_str()).map_or(&[], Vec::as_slice)
    }

    /// The items of a list, `None` for one that is broken.
    pub(crate) fn list(&self, head: &Term) -> Option<&[Term]> {
        self.lists.get(head).map(Vec::as_slice)
    }

    fn unroll(&mut self, head: Term, facts: &dyn Facts, budget: &Budget<'_>) -> Result<(), Halt> {
        if self.lists.contains_key(&head) {
            return Ok(());
        }
        let mut items = Vec::new();
        let mut passed = FxHashSet::default();
        let mut cell = head.clone();
        while cell != Term::from(NIL.into_owned()) {
            budget.step()?;
            let firsts = facts.all(Some(&cell), Some(FIRST), None, 2)?;
            let rests = facts.all(Some(&cell), Some(REST), None, 2)?;
            let (Some(first), Some(rest)) = (firsts.first(), rests.first()) else {
                self.broken.push(head);
                return Ok(());
            };
            let forks = firsts.iter().any(|other| other.object != first.object)
                || rests.iter().any(|other| other.object != rest.object);
            if forks || items.len() == LONGEST || !passed.insert(cell) {
                self.broken.push(head);
                return Ok(());
            }
            items.push(first.object.clone());
            cell = rest.object.clone();
        }
        self.lists.insert(head, items);
        Ok(())
    }
}
