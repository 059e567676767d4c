//! Moments: whole numbers that put what is told in its order in time.
//!
//! The order of telling is the order of happening, unless the line names a time; so a moment is made of the day, the
//! time of the day and the number of the statement.

use quid_core::Time;
use quid_core::oxrdf::{Literal, Term, vocab::xsd};
use quid_lang::story::When;

/// After all that can be told.
const END: i128 = 1_000_000_000_000_000_000_000_000_000_000;
/// One time of the day.
const SLOT: i128 = 1_000_000_000_000;
/// Times in a day.
const DAY: i128 = 100;
/// What is told without a time comes behind all of the day that is behind us.
const JUST_NOW: i128 = 95;
/// Room before, between and after the happenings of one statement.
const STATEMENT: i128 = 1_000;
/// Between two happenings of one statement.
const STEP: i128 = 10;

fn day_of(at: Time) -> i128 {
    i128::from(at.micros().div_euclid(86_400_000_000))
}

/// The moment of the `index`th happening of a statement; `last` is the moment of what was told before it.
pub(super) fn of(when: When, at: Time, number: u64, index: usize, last: Option<i128>) -> i128 {
    let index = i128::try_from(index).unwrap_or(0);
    let inside = (i128::from(number) * STATEMENT).rem_euclid(SLOT / 2) + STATEMENT / 2 + index * STEP;
    let slot = match (when, last) {
        (When::Day { day, from, .. }, _) => (day_of(at) + i128::from(day)) * DAY + i128::from(from),
        (When::Next, Some(last)) => last.div_euclid(SLOT),
        (When::Earlier, Some(last)) => return last - 1,
        (When::Now | When::Next | When::Earlier, _) => day_of(at) * DAY + JUST_NOW,
    };
    slot * SLOT + inside
}

/// Up to when a question looks.
pub(super) fn asked(when: When, at: Time) -> i128 {
    match when {
        When::Day { day, to, .. } => ((day_of(at) + i128::from(day)) * DAY + i128::from(to) + 1) * SLOT - 1,
        When::Now | When::Next | When::Earlier => END,
    }
}

/// A moment as rules reckon with it.
pub(super) fn term(moment: i128) -> Term {
    Literal::new_typed_literal(moment.to_string(), xsd::INTEGER).into()
}

/// The moment in a column.
pub(super) fn read(term: &Term) -> Option<i128> {
    match term {
        Term::Literal(literal) => literal.value().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_in_the_order_of_what_happened() {
        let at = Time::parse("2026-05-02T12:00:00Z").expect("a time");
        let day = |day, from| When::Day { day, from, to: from + 9 };
        let morning = of(day(0, 30), at, 9, 0, None);
        let in_order = [
            of(day(-1, 50), at, 7, 0, None),
            of(When::Earlier, at, 10, 0, Some(morning)),
            morning,
            of(When::Next, at, 10, 0, Some(morning)),
            of(day(0, 70), at, 2, 0, None),
            of(When::Now, at, 1, 0, None),
            of(When::Now, at, 1, 1, None),
            of(When::Now, at, 3, 0, None),
            asked(When::Now, at),
        ];
        assert!(in_order.is_sorted(), "{in_order:?}");
        assert!(asked(day(0, 30), at) > morning && asked(day(0, 30), at) < of(day(0, 70), at, 2, 0, None));
    }
}
