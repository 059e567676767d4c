//! Dates and times, as ISO 8601 writes them: `xsd:date`, `xsd:dateTime`, or text of that form.
//!
//! The calendar is the proleptic Gregorian one. A time without a zone is taken as UTC. There is no "today": an
//! answer must be the same when it is checked, so the day comes in with the question.

use quid_core::gather::Number;
use quid_core::oxrdf::{Literal, Term, vocab::xsd};

use super::{BuiltIn, Open, Rows, goal, tested, valued};

pub(super) const ALL: &[BuiltIn] = &[
    goal("date", "date", 4, date),
    goal("year_of", "year", 2, |open| of_moment(open, |moment| Some(moment.date().0))),
    goal("month_of", "month", 2, |open| of_moment(open, |moment| Some(moment.date().1))),
    goal("day_of", "day", 2, |open| of_moment(open, |moment| Some(moment.date().2))),
    goal("hour_of", "hour", 2, |open| of_moment(open, |moment| moment.second.map(|second| second / 3600))),
    goal("minute_of", "minute", 2, |open| of_moment(open, |moment| moment.second.map(|second| second / 60 % 60))),
    goal("second_of", "second", 2, |open| of_moment(open, |moment| moment.second.map(|second| second % 60))),
    // 1 is Monday, 7 is Sunday, as in ISO 8601; day 0 was a Thursday.
    goal("weekday_of", "weekday", 2, |open| of_moment(open, |moment| Some((moment.day + 3).rem_euclid(7) + 1))),
    goal("before", "before", 2, |open| ordered(open, |one, other| one < other)),
    goal("after", "after", 2, |open| ordered(open, |one, other| one > other)),
    goal("days_between", "days_between", 3, |open| {
        valued(open, |inputs| match inputs {
            [one, other] => Some(whole(Moment::of(other)?.day - Moment::of(one)?.day)),
            _ => None,
        })
    }),
    goal("days_later", "add_days", 3, |open| {
        valued(open, |inputs| match inputs {
            [date, days] => match Number::of(days)? {
                Number::Integer(days) => {
                    let day = Moment::of(date)?.day.checked_add(i64::try_from(days).ok()?)?;
                    written(Moment { day, second: None })
                }
                Number::Double(_) => None,
            },
            _ => None,
        })
    }),
];

/// The years that are read, on both sides of year 0.
const YEARS: i64 = 1_000_000;

/// A day since 1970-01-01, and the second of the day when there is a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    day: i64,
    second: Option<i64>,
}

impl Moment {
    /// The moment that a date or time, or text of that form, tells.
    pub(super) fn of(term: &Term) -> Option<Self> {
        let Term::Literal(literal) = term else { return None };
        let kind = literal.datatype();
        if ![xsd::DATE, xsd::DATE_TIME, xsd::STRING].contains(&kind) {
            return None;
        }
        Self::read(literal.value())
    }

    fn read(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once(['T', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (text.strip_suffix('Z').unwrap_or(text), None),
        };
        let (sign, digits) = match date.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, date),
        };
        let mut parts = digits.splitn(3, '-');
        let year = digits_of(parts.next()?, 4, 7)? * sign;
        let month = digits_of(parts.next()?, 2, 2)?;
        let day = digits_of(parts.next()?, 2, 2)?;
        let days = days(year, month, day)?;
        let Some(time) = time else { return Some(Self { day: days, second: None }) };
        let (clock, offset) = zone(time)?;
        // Parts of a second are read and left out.
        let clock = clock.split('.').next()?;
        let mut parts = clock.split(':');
        let (hour, minute) = (digits_of(parts.next()?, 2, 2)?, digits_of(parts.next()?, 2, 2)?);
        let second = parts.next().map_or(Some(0), |second| digits_of(second, 2, 2))?;
        if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 {
            return None;
        }
        let all = days.checked_mul(86_400)? + hour * 3600 + minute * 60 + second - offset * 60;
        Some(Self { day: all.div_euclid(86_400), second: Some(all.rem_euclid(86_400)) })
    }

    /// Year, month and day (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
    fn date(self) -> (i64, i64, i64) {
        let shifted = self.day + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }
}

fn digits_of(text: &str, least: usize, most: usize) -> Option<i64> {
    let is_right = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_right { text.parse().ok() } else { None }
}

/// A time of day and its distance from UTC in minutes.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0)) };
    let (clock, offset) = time.split_at_checked(at)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    Some((clock, sign * (digits_of(hours, 2, 2)? * 60 + digits_of(minutes, 2, 2)?)))
}

/// The day since 1970-01-01; `None` for a day that no month has (`days_from_civil`, as above).
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(-YEARS..=YEARS).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let moment = Moment { day: days, second: None };
    (moment.date() == (year, month, day)).then_some(days)
}

fn whole(number: i64) -> Term {
    Number::Integer(i128::from(number)).term()
}

/// A day as `xsd:date`.
fn written(moment: Moment) -> Option<Term> {
    if moment.day.checked_abs()? > YEARS * 366 {
        return None;
    }
    let (year, month, day) = moment.date();
    let sign = if year < 0 { "-" } else { "" };
    let text = format!("{sign}{:04}-{month:02}-{day:02}", year.abs());
    Some(Literal::new_typed_literal(text, xsd::DATE).into())
}

fn of_moment(open: Open<'_>, value: impl Fn(Moment) -> Option<i64>) -> Rows {
    valued(open, |inputs| value(Moment::of(inputs.first()?)?).map(whole))
}

fn ordered(open: Open<'_>, holds: impl Fn(Moment, Moment) -> bool) -> Rows {
    tested(open, |both| match both {
        [one, other] => matches!((Moment::of(one), Moment::of(other)), (Some(one), Some(other)) if holds(one, other)),
        _ => false,
    })
}

/// `date(Year, Month, Day, Date)`, either way.
fn date(open: Open<'_>) -> Rows {
    let number = |term: &Term| match Number::of(term) {
        Some(Number::Integer(whole)) => i64::try_from(whole).ok(),
        _ => None,
    };
    match open {
        [_, _, _, Some(date)] => {
            let row = Moment::of(date).map(|moment| {
                let (year, month, day) = moment.date();
                vec![whole(year), whole(month), whole(day), date.clone()]
            });
            Some(row.into_iter().collect())
        }
        [Some(year), Some(month), Some(day), None] => {
            let date = || written(Moment { day: days(number(year)?, number(month)?, number(day)?)?, second: None });
            Some(date().map(|date| vec![year.clone(), month.clone(), day.clone(), date]).into_iter().collect())
        }
        _ => None,
    }
}
