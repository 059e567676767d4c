//! What is computed rather than stored: comparison, arithmetic, lists, text and dates as relations.
//!
//! One implementation serves engine and checker, so a computed step of a proof can be computed again. Each
//! relation is named once here, with the names programs call it by. A computation that has no value (a division by
//! zero, a number too large, text that is no date) is a goal that fails; nothing here panics or runs long.
//!
//! There is no clock and no chance here: an answer must be the same when it is checked.

mod compared;
mod dates;
mod lists;
mod numbers;
mod texts;

use quid_core::gather::{self, Number};
use quid_core::oxrdf::{NamedNode, Term};
use quid_core::proof::BuiltIns;
use quid_core::vocabulary::BUILTIN;
use quid_core::{Atom, How};

/// The most ways to fill open arguments that are given at once.
const MOST: usize = 100_000;
/// The longest text that is made, in bytes.
const LONGEST: usize = 64 * 1024;

/// All ways to fill open arguments; `None` when too little is bound.
type Rows = Option<Vec<Vec<Term>>>;
/// Arguments, `None` where open.
type Open<'a> = &'a [Option<Term>];

/// A computed relation.
struct BuiltIn {
    /// Its name in `urn:quid:builtin:NAME`.
    name: &'static str,
    /// How programs call it as a goal, separated by blanks; empty for what only arithmetic uses.
    goals: &'static str,
    /// How arithmetic calls it, separated by blanks; the last argument is then the value.
    functions: &'static str,
    /// How many arguments it has.
    width: usize,
    /// Fills what is open. Rows that do not fit what is bound are sorted out by the caller.
    complete: fn(Open<'_>) -> Rows,
}

const fn goal(name: &'static str, goals: &'static str, width: usize, complete: fn(Open<'_>) -> Rows) -> BuiltIn {
    BuiltIn { name, goals, functions: "", width, complete }
}

const fn function(
    name: &'static str,
    functions: &'static str,
    width: usize,
    complete: fn(Open<'_>) -> Rows,
) -> BuiltIn {
    BuiltIn { name, goals: "", functions, width, complete }
}

/// Every computed relation.
const ALL: &[&[BuiltIn]] = &[compared::ALL, numbers::ALL, lists::ALL, texts::ALL, dates::ALL];

fn all() -> impl Iterator<Item = &'static BuiltIn> {
    ALL.iter().copied().flatten()
}

fn called(names: &'static str, name: &str) -> bool {
    names.split(' ').any(|known| known == name && !known.is_empty())
}

fn of(predicate: &NamedNode, width: usize) -> Option<&'static BuiltIn> {
    let name = predicate.as_str().strip_prefix(BUILTIN)?;
    all().find(|known| known.name == name && known.width == width)
}

fn node(known: &BuiltIn) -> NamedNode {
    NamedNode::new_unchecked(format!("{BUILTIN}{}", known.name))
}

/// The computed relation that programs call so.
pub(crate) fn named(name: &str, width: usize) -> Option<NamedNode> {
    all().find(|known| known.width == width && called(known.goals, name)).map(node)
}

/// With how many arguments programs may call that name.
#[must_use]
pub fn computed_widths(name: &str) -> Vec<usize> {
    all().filter(|known| called(known.goals, name)).map(|known| known.width).collect()
}

/// The names that programs may call as goals, for "did you mean".
pub fn computed_names() -> impl Iterator<Item = &'static str> {
    all().flat_map(|known| known.goals.split(' ')).filter(|name| !name.is_empty())
}

/// The relation behind a function of arithmetic of so many arguments.
pub(crate) fn function_named(name: &str, width: usize) -> Option<&'static str> {
    all().find(|known| known.width == width + 1 && called(known.functions, name)).map(|known| known.name)
}

/// The names of arithmetic.
pub(crate) fn functions() -> impl Iterator<Item = &'static str> {
    all().flat_map(|known| known.functions.split(' ')).filter(|name| !name.is_empty())
}

/// The computed relations of the language.
///
/// ```
/// use quid_core::{Atom, proof::BuiltIns};
/// use quid_core::oxrdf::{Literal, NamedNode};
/// let less = NamedNode::new("urn:quid:builtin:less").expect("an IRI");
/// let arguments = vec![Literal::from(1).into(), Literal::from(2.5).into()];
/// assert_eq!(quid_logic::Standard.holds(&Atom { predicate: less, arguments }), Some(true));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Standard;

impl BuiltIns for Standard {
    fn holds(&self, claim: &Atom) -> Option<bool> {
        of(&claim.predicate, claim.arguments.len())?;
        let arguments: Vec<Option<Term>> = claim.arguments.iter().cloned().map(Some).collect();
        Some(self.complete(&claim.predicate, &arguments).is_some_and(|rows| !rows.is_empty()))
    }

    fn complete(&self, predicate: &NamedNode, arguments: &[Option<Term>]) -> Option<Vec<Vec<Term>>> {
        let known = of(predicate, arguments.len())?;
        let mut rows = (known.complete)(arguments)?;
        rows.retain_mut(|row| {
            row.len() == arguments.len()
                && row.iter_mut().zip(arguments).all(|(value, wanted)| match wanted {
                    None => true,
                    Some(wanted) if wanted == value => true,
                    // 3 is 1.5 + 1.5: what is bound stands for any writing of its number.
                    Some(wanted) => {
                        let is_same = same_number(wanted, value);
                        if is_same {
                            value.clone_from(wanted);
                        }
                        is_same
                    }
                })
        });
        Some(rows)
    }

    fn gather(&self, how: How, values: &[Term]) -> Option<Term> {
        if how != How::List {
            return gather::gather(how, values);
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(gather::compare);
        sorted.dedup();
        Some(crate::read::list(&sorted))
    }
}

fn same_number(one: &Term, other: &Term) -> bool {
    match (Number::of(one), Number::of(other)) {
        (Some(one), Some(other)) => one.compare(other).is_eq(),
        _ => false,
    }
}

/// A test of bound arguments.
fn tested(arguments: Open<'_>, holds: impl FnOnce(&[Term]) -> bool) -> Rows {
    let bound = arguments.iter().cloned().collect::<Option<Vec<_>>>()?;
    Some(if holds(&bound) { vec![bound] } else { Vec::new() })
}

/// A value of the bound arguments before the last; no row when it has none.
fn valued(arguments: Open<'_>, value: impl FnOnce(&[Term]) -> Option<Term>) -> Rows {
    let (_, inputs) = arguments.split_last()?;
    let mut row = inputs.iter().cloned().collect::<Option<Vec<_>>>()?;
    Some(match value(&row) {
        Some(value) => {
            row.push(value);
            vec![row]
        }
        None => Vec::new(),
    })
}

#[cfg(test)]
mod tests;
