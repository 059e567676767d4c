//! Lists: constants that hold their items, looked into and made by relations.
//!
//! There is no list with variables inside; what Prolog does with `[First|Rest]` is done with `nth1/3`, `member/2`
//! and `append/3`.

use quid_core::How;
use quid_core::gather::{self, Number, gather};
use quid_core::oxrdf::Term;

use super::{BuiltIn, MOST, Open, Rows, goal, valued};
use crate::read::{list, list_items};

pub(super) const ALL: &[BuiltIn] = &[
    goal("member", "member memberchk", 2, member),
    goal("length", "length", 2, |open| of_list(open, |items| Some(count(items.len())))),
    goal("nth0", "nth0", 3, |open| nth(open, 0)),
    goal("nth1", "nth1", 3, |open| nth(open, 1)),
    goal("last", "last", 2, |open| of_list(open, |items| items.last().cloned())),
    goal("reversed", "reverse", 2, |open| {
        of_list(open, |items| Some(list(&items.iter().rev().cloned().collect::<Vec<_>>())))
    }),
    goal("sorted", "msort", 2, |open| of_list(open, |items| Some(list(&in_order(items))))),
    goal("sorted_once", "sort", 2, |open| {
        of_list(open, |items| {
            let mut items = in_order(items);
            items.dedup();
            Some(list(&items))
        })
    }),
    goal("once_each", "list_to_set", 2, |open| {
        of_list(open, |items| {
            let mut kept: Vec<Term> = Vec::new();
            let mut seen = std::collections::BTreeSet::new();
            for item in items {
                if seen.insert(item.to_string()) {
                    kept.push(item.clone());
                }
            }
            Some(list(&kept))
        })
    }),
    goal("sum_of", "sum_list sumlist", 2, |open| of_list(open, |items| gather(How::Sum, items))),
    goal("greatest_of", "max_list", 2, |open| {
        of_list(open, |items| numbers_only(items).then(|| gather(How::Max, items)).flatten())
    }),
    goal("least_of", "min_list", 2, |open| {
        of_list(open, |items| numbers_only(items).then(|| gather(How::Min, items)).flatten())
    }),
    goal("joined", "append", 3, append),
    goal("list_union", "union", 3, |open| {
        of_lists(open, |one, other| {
            one.iter().chain(other.iter().filter(|item| !one.contains(item))).cloned().collect()
        })
    }),
    goal("list_common", "intersection", 3, |open| {
        of_lists(open, |one, other| one.iter().filter(|item| other.contains(item)).cloned().collect())
    }),
    goal("list_without", "subtract", 3, |open| {
        of_lists(open, |one, other| one.iter().filter(|item| !other.contains(item)).cloned().collect())
    }),
    goal("numbers_from_to", "numlist", 3, numbers_from_to),
];

/// The longest lists of which every item of one is looked up in the other.
const COMPARED: usize = 1_000;

fn count(length: usize) -> Term {
    Number::Integer(i128::try_from(length).unwrap_or(i128::MAX)).term()
}

fn in_order(items: &[Term]) -> Vec<Term> {
    let mut items = items.to_vec();
    items.sort_by(gather::compare);
    items
}

fn numbers_only(items: &[Term]) -> bool {
    items.iter().all(|item| Number::of(item).is_some())
}

/// A value of a list.
fn of_list(open: Open<'_>, value: impl Fn(&[Term]) -> Option<Term>) -> Rows {
    valued(open, |inputs| value(&list_items(inputs.first()?)?))
}

fn of_lists(open: Open<'_>, value: impl Fn(&[Term], &[Term]) -> Vec<Term>) -> Rows {
    valued(open, |inputs| match inputs {
        [one, other] => {
            let (one, other) = (list_items(one)?, list_items(other)?);
            (one.len() <= COMPARED && other.len() <= COMPARED).then(|| list(&value(&one, &other)))
        }
        _ => None,
    })
}

fn member(open: Open<'_>) -> Rows {
    let [item, Some(of)] = open else { return None };
    let Some(items) = list_items(of) else { return Some(Vec::new()) };
    let mut seen = std::collections::BTreeSet::new();
    let rows = items
        .into_iter()
        .filter(|found| item.as_ref().is_none_or(|item| item == found) && seen.insert(found.to_string()))
        .map(|found| vec![found, of.clone()]);
    Some(rows.collect())
}

/// `nth1(Index, List, Item)`
fn nth(open: Open<'_>, first: i128) -> Rows {
    let [index, Some(of), _] = open else { return None };
    let Some(items) = list_items(of) else { return Some(Vec::new()) };
    let numbered = (first..).zip(items);
    let wanted = index.as_ref().map(Number::of);
    let rows = numbered
        .filter(|(at, _)| match wanted {
            None => true,
            Some(Some(Number::Integer(wanted))) => wanted == *at,
            Some(_) => false,
        })
        .map(|(at, item)| vec![Number::Integer(at).term(), of.clone(), item]);
    Some(rows.collect())
}

/// `append(One, Other, Both)`; every way to part `Both` when only that is known.
fn append(open: Open<'_>) -> Rows {
    match open {
        [Some(one), Some(other), _] => {
            let (Some(first), Some(second)) = (list_items(one), list_items(other)) else { return Some(Vec::new()) };
            let both: Vec<Term> = first.into_iter().chain(second).collect();
            Some(if both.len() > MOST { Vec::new() } else { vec![vec![one.clone(), other.clone(), list(&both)]] })
        }
        [_, _, Some(both)] => {
            let Some(items) = list_items(both).filter(|items| items.len() <= COMPARED) else { return Some(Vec::new()) };
            let parts = (0..=items.len()).map(|at| {
                let (one, other) = items.split_at(at);
                vec![list(one), list(other), both.clone()]
            });
            Some(parts.collect())
        }
        _ => None,
    }
}

fn numbers_from_to(open: Open<'_>) -> Rows {
    valued(open, |inputs| match inputs {
        [low, high] => match (Number::of(low)?, Number::of(high)?) {
            (Number::Integer(low), Number::Integer(high)) if high.checked_sub(low)? < 10_000 => {
                Some(list(&(low..=high).map(|whole| Number::Integer(whole).term()).collect::<Vec<_>>()))
            }
            _ => None,
        },
        _ => None,
    })
}
