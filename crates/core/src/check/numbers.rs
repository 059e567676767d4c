//! Terms as numbers, and sets of rows of them, so that going through a large table costs little.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use oxrdf::Term;

/// No term: an argument that is open.
pub(super) const OPEN: u32 = u32::MAX;

/// Arguments as numbers.
pub(super) type Row = Rc<[u32]>;

/// Every term that came up, by number.
#[derive(Default)]
pub(super) struct Terms {
    numbers: HashMap<Rc<Term>, u32>,
    terms: Vec<Rc<Term>>,
}

impl Terms {
    pub(super) fn number(&mut self, term: &Term) -> u32 {
        if let Some(&known) = self.numbers.get(term) {
            return known;
        }
        let (number, term) = (u32::try_from(self.terms.len()).unwrap_or(OPEN), Rc::new(term.clone()));
        self.terms.push(Rc::clone(&term));
        self.numbers.insert(term, number);
        number
    }

    /// The term of a number; `None` for an open argument.
    pub(super) fn term(&self, number: u32) -> Option<&Term> {
        self.terms.get(number as usize).map(AsRef::as_ref)
    }

    pub(super) fn row(&mut self, terms: &[Term]) -> Row {
        terms.iter().map(|term| self.number(term)).collect()
    }
}

/// Relations by number.
#[derive(Default)]
pub(super) struct Names(HashMap<Rc<str>, u32>);

impl Names {
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(&known) = self.0.get(name) {
            return known;
        }
        let number = u32::try_from(self.0.len()).unwrap_or(OPEN);
        self.0.insert(name.into(), number);
        number
    }
}

/// Different rows of one width, found by any of their arguments.
#[derive(Default)]
pub(super) struct Rows {
    all: Vec<Row>,
    known: HashSet<Row>,
    /// By column, once a question needed it: value to places.
    by: RefCell<HashMap<usize, HashMap<u32, Vec<u32>>>>,
}

/// So many rows are compared one by one.
const FEW: usize = 8;

impl Rows {
    /// Takes a row in unless it is there.
    pub(super) fn insert(&mut self, row: Row) -> bool {
        let is_new = self.known.insert(Rc::clone(&row));
        if is_new {
            self.all.push(row);
        }
        is_new
    }

    pub(super) fn contains(&self, row: &[u32]) -> bool {
        self.known.contains(row)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn all(&self) -> &[Row] {
        &self.all
    }

    /// The rows that have these arguments where they are not open.
    pub(super) fn matching(&self, pattern: &[u32]) -> Vec<Row> {
        let fits = |row: &&Row| row.iter().zip(pattern).all(|(own, asked)| *asked == OPEN || own == asked);
        if !pattern.contains(&OPEN) {
            return self.known.get(pattern).cloned().into_iter().collect();
        }
        if self.all.len() <= FEW || pattern.iter().all(|value| *value == OPEN) {
            return self.all.iter().filter(fits).cloned().collect();
        }
        let mut by = self.by.borrow_mut();
        let known = pattern.iter().enumerate().filter(|(_, value)| **value != OPEN);
        let mut fewest: Option<Vec<u32>> = None;
        for (column, value) in known {
            let index = by.entry(column).or_insert_with(|| self.index(column));
            let places = index.get(value).map(Vec::as_slice).unwrap_or_default();
            if fewest.as_ref().is_none_or(|fewest| places.len() < fewest.len()) {
                fewest = Some(places.to_vec());
            }
        }
        let places = fewest.unwrap_or_default();
        places.iter().filter_map(|place| self.all.get(*place as usize)).filter(fits).cloned().collect()
    }

    fn index(&self, column: usize) -> HashMap<u32, Vec<u32>> {
        let mut index: HashMap<u32, Vec<u32>> = HashMap::new();
        for (place, row) in self.all.iter().enumerate() {
            if let (Some(value), Ok(place)) = (row.get(column), u32::try_from(place)) {
                index.entry(*value).or_default().push(place);
            }
        }
        index
    }
}
