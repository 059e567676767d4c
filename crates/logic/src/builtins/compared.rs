//! Equality, comparison and the kinds of values.
//!
//! Numbers compare by value, dates in their order in time; everything has a place in the standard order of terms.

use std::cmp::Ordering;

use quid_core::columns;
use quid_core::gather::{self, Number};
use quid_core::oxrdf::{Literal, Term, vocab::xsd};
use quid_core::vocabulary::{COMPOUND, LIST};

use super::dates::Moment;
use super::{BuiltIn, Open, Rows, goal, tested};

pub(super) const ALL: &[BuiltIn] = &[
    goal("equal", "= ==", 2, equal),
    goal("different", "\\= \\== dif", 2, |open| tested(open, |both| same(both) == Some(false))),
    goal("less", "<", 2, |open| ordered(open, Ordering::is_lt)),
    goal("greater", ">", 2, |open| ordered(open, Ordering::is_gt)),
    goal("at_most", "=<", 2, |open| ordered(open, Ordering::is_le)),
    goal("at_least", ">=", 2, |open| ordered(open, Ordering::is_ge)),
    goal("same_number", "=:=", 2, |open| ordered(open, Ordering::is_eq)),
    goal("other_number", "=\\=", 2, |open| ordered(open, Ordering::is_ne)),
    goal("sorts_before", "@<", 2, |open| sorted(open, Ordering::is_lt)),
    goal("sorts_after", "@>", 2, |open| sorted(open, Ordering::is_gt)),
    goal("sorts_at_most", "@=<", 2, |open| sorted(open, Ordering::is_le)),
    goal("sorts_at_least", "@>=", 2, |open| sorted(open, Ordering::is_ge)),
    goal("comparison", "compare", 3, comparison),
    goal("is_number", "number", 1, |open| tested(open, |one| one.first().and_then(Number::of).is_some())),
    goal("is_integer", "integer", 1, |open| {
        tested(open, |one| matches!(one.first().and_then(Number::of), Some(Number::Integer(_))))
    }),
    goal("is_float", "float", 1, |open| {
        tested(open, |one| matches!(one.first().and_then(Number::of), Some(Number::Double(_))))
    }),
    goal("is_atom", "atom", 1, |open| tested(open, |one| matches!(one.first(), Some(Term::NamedNode(_))))),
    goal("is_string", "string", 1, |open| {
        tested(open, |one| literal(one).is_some_and(|text| text.datatype() == xsd::STRING || text.language().is_some()))
    }),
    goal("is_list", "is_list", 1, |open| tested(open, |one| literal(one).is_some_and(|list| list.datatype() == LIST))),
    goal("is_compound", "compound", 1, |open| {
        tested(open, |one| literal(one).is_some_and(|term| [LIST, COMPOUND].contains(&term.datatype())))
    }),
    goal("is_value", "atomic nonvar ground", 1, |open| tested(open, |_| true)),
];

fn literal(arguments: &[Term]) -> Option<&Literal> {
    match arguments.first() {
        Some(Term::Literal(literal)) => Some(literal),
        _ => None,
    }
}

fn equal(open: Open<'_>) -> Rows {
    match open {
        [Some(one), Some(other)] => {
            Some(if one == other { vec![vec![one.clone(), other.clone()]] } else { Vec::new() })
        }
        [Some(one), None] | [None, Some(one)] => Some(vec![vec![one.clone(), one.clone()]]),
        _ => None,
    }
}

fn same(both: &[Term]) -> Option<bool> {
    match both {
        [one, other] => Some(one == other),
        _ => None,
    }
}

/// Two numbers, or two moments.
fn ordered(open: Open<'_>, is: fn(Ordering) -> bool) -> Rows {
    tested(open, |both| {
        let [one, other] = both else { return false };
        match (Number::of(one), Number::of(other)) {
            (Some(one), Some(other)) => {
                // Nothing compares with what is not a number.
                !one.double().is_nan() && !other.double().is_nan() && is(compared(one, other))
            }
            (None, None) => match (Moment::of(one), Moment::of(other)) {
                (Some(one), Some(other)) => is(one.cmp(&other)),
                _ => false,
            },
            _ => false,
        }
    })
}

/// By value; 0.0 and -0.0 are equal here, though not in the standard order.
fn compared(one: Number, other: Number) -> Ordering {
    match (one, other) {
        (Number::Integer(_), Number::Integer(_)) => one.compare(other),
        _ => one.double().partial_cmp(&other.double()).unwrap_or(Ordering::Equal),
    }
}

fn sorted(open: Open<'_>, is: fn(Ordering) -> bool) -> Rows {
    tested(open, |both| matches!(both, [one, other] if is(gather::compare(one, other))))
}

/// `compare(Order, X, Y)`, the order as `<`, `=` or `>`.
fn comparison(open: Open<'_>) -> Rows {
    let [_, Some(one), Some(other)] = open else { return None };
    let order = match gather::compare(one, other) {
        Ordering::Less => "<",
        Ordering::Equal => "=",
        Ordering::Greater => ">",
    };
    Some(vec![vec![columns::atom(order).into(), one.clone(), other.clone()]])
}
