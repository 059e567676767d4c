//! Moments and spans as people name them: "last tuesday", "2 May 2026", "an hour ago", "1h".
//!
//! A day stands for its end: what was known "on 2 May" is what was known when that day was over.

use std::collections::BTreeMap;

use quid_core::Time;

use crate::LangError;
use crate::data::{File, Item, Rows};

const DAY: i64 = 86_400;

/// The names of months, weekdays, units and numbers.
#[derive(Debug, Default)]
pub(crate) struct Calendar {
    months: Vec<String>,
    weekdays: Vec<String>,
    shortest: usize,
    ordinals: Vec<String>,
    before_moment: Vec<String>,
    before_span: Vec<String>,
    behind_span: Vec<String>,
    latest: String,
    within_date: Vec<String>,
    days: BTreeMap<String, i64>,
    units: BTreeMap<String, i64>,
    numbers: BTreeMap<String, i64>,
    said: Vec<Said>,
}

/// How a span of so many seconds or more is said.
#[derive(Debug)]
struct Said {
    seconds: i64,
    one: String,
    many: String,
}

impl Calendar {
    pub(crate) fn read(file: &File<'_>) -> Result<Self, LangError> {
        let rows = file.rows();
        let mut said = Vec::new();
        for item in rows.need("said")?.list()? {
            let row = item.rows()?;
            let seconds = number(row.need("seconds")?)?;
            if seconds < 1 {
                return Err(item.error("`seconds` is at least 1".to_owned()));
            }
            let (one, many) = (row.need("one")?.text()?.to_owned(), row.need("many")?.text()?.to_owned());
            said.push(Said { seconds, one, many });
        }
        Ok(Self {
            months: rows.need("months")?.texts()?,
            weekdays: rows.need("weekdays")?.texts()?,
            shortest: usize::try_from(number(rows.need("shortest")?)?).unwrap_or(3),
            ordinals: rows.texts("ordinals")?,
            before_moment: rows.texts("before_moment")?,
            before_span: rows.texts("before_span")?,
            behind_span: rows.texts("behind_span")?,
            latest: rows.need("latest")?.text()?.to_owned(),
            within_date: rows.texts("within_date")?,
            days: numbers(rows, "days")?,
            units: numbers(rows, "units")?,
            numbers: numbers(rows, "numbers")?,
            said,
        })
    }

    /// The moment meant by `text`, said at `now`; `None` when it names none.
    pub(crate) fn moment(&self, text: &str, now: Time) -> Option<Time> {
        let lower = text.trim().to_lowercase();
        let mut text = lower.trim_end_matches(['?', '!', '.', ',']).trim();
        for preposition in &self.before_moment {
            text = text.strip_prefix(preposition.as_str()).unwrap_or(text).trim_start();
        }
        if let Some(exact) = Time::parse(&text.to_uppercase()) {
            return Some(exact);
        }
        if let Some(back) = self.days.get(text) {
            return Some(end_of_day(start_of_day(now)?.plus_seconds(-back * DAY), now));
        }
        if let Some(span) = self.behind_span.iter().find_map(|word| text.strip_suffix(word.as_str())) {
            return Some(now.plus_seconds(-self.span(span)?));
        }
        if let Some(weekday) = self.weekday(text.strip_prefix(self.latest.as_str()).unwrap_or(text)) {
            // "last tuesday" on a tuesday is a week ago.
            let back = (now.weekday() - weekday + 6).rem_euclid(7) + 1;
            return Some(end_of_day(start_of_day(now)?.plus_seconds(-back * DAY), now));
        }
        if let Some(unit) = text.strip_prefix(self.latest.as_str()).and_then(|unit| self.units.get(unit)) {
            return Some(now.plus_seconds(-unit));
        }
        Some(end_of_day(self.date(text, now)?, now))
    }

    /// The start of what "the last hour", "today" or "1h" spans.
    pub(crate) fn since(&self, text: &str, now: Time) -> Option<Time> {
        let lower = text.trim().to_lowercase();
        let mut text = lower.trim_end_matches(['?', '!', '.']).trim();
        for word in &self.before_span {
            text = text.strip_prefix(word.as_str()).unwrap_or(text).trim_start();
        }
        if let Some(back) = self.days.get(text) {
            return Some(start_of_day(now)?.plus_seconds(-back * DAY));
        }
        if let Some(seconds) =
            self.span(self.behind_span.iter().find_map(|word| text.strip_suffix(word.as_str())).unwrap_or(text))
        {
            return Some(now.plus_seconds(-seconds));
        }
        if let Some(weekday) = self.weekday(text) {
            let back = (now.weekday() - weekday + 6).rem_euclid(7) + 1;
            return Some(start_of_day(now)?.plus_seconds(-back * DAY));
        }
        Time::parse(&text.to_uppercase()).or_else(|| self.date(text, now))
    }

    /// Seconds of "1h", "2 days", "an hour", "hour".
    pub(crate) fn span(&self, text: &str) -> Option<i64> {
        let text = text.trim();
        if let Some(unit) = self.units.get(text) {
            return Some(*unit);
        }
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = if digits > 0 {
            let (number, unit) = text.split_at(digits);
            (number.parse::<i64>().ok()?, unit)
        } else {
            let (word, unit) = text.split_once(' ')?;
            (*self.numbers.get(word)?, unit)
        };
        number.checked_mul(*self.units.get(unit.trim())?)
    }

    /// A count: "3", "three".
    pub(crate) fn count(&self, text: &str) -> Option<u32> {
        let text = text.trim().to_lowercase();
        text.parse().ok().or_else(|| self.numbers.get(&text).and_then(|&number| u32::try_from(number).ok()))
    }

    /// "3 minutes"; the empty text for less than the smallest unit.
    pub(crate) fn say(&self, seconds: i64) -> String {
        let seconds = seconds.saturating_abs();
        let Some(unit) = self.said.iter().find(|unit| seconds >= unit.seconds) else { return String::new() };
        match seconds / unit.seconds {
            1 => unit.one.clone(),
            count => unit.many.replace("{count}", &count.to_string()),
        }
    }

    fn weekday(&self, text: &str) -> Option<i64> {
        self.named(&self.weekdays, text)
    }

    /// Place of the name that begins with `text`, from 0.
    fn named(&self, names: &[String], text: &str) -> Option<i64> {
        if text.chars().count() < self.shortest {
            return None;
        }
        let at = names.iter().position(|name| name.starts_with(text))?;
        i64::try_from(at).ok()
    }

    /// "2026-05-02", "2 may 2026", "may 2nd, 2026", "2 may"; the start of that day.
    fn date(&self, text: &str, now: Time) -> Option<Time> {
        if let Some(day) = Time::day(text) {
            return Some(day);
        }
        let (mut day, mut month, mut year) = (None, None, None);
        for word in text
            .split([' ', ','])
            .filter(|word| !word.is_empty() && !self.within_date.iter().any(|passed| passed == word))
        {
            let plain = self.ordinals.iter().find_map(|ending| word.strip_suffix(ending.as_str()));
            let number = plain.unwrap_or(word).parse::<u16>().ok();
            match (number, self.named(&self.months, word)) {
                (Some(number), _) if number > 31 && year.is_none() => year = Some(number),
                (Some(number), _) if number <= 31 && day.is_none() => day = Some(number),
                (None, Some(at)) if month.is_none() => month = Some(at + 1),
                _ => return None,
            }
        }
        let (day, month) = (day?, month?);
        if let Some(year) = year {
            return Time::day(&format!("{year:04}-{month:02}-{day:02}"));
        }
        // Without a year the latest such day that is not in the future.
        let this_year = now.to_string().get(..4)?.parse::<u16>().ok()?;
        [this_year, this_year.checked_sub(1)?]
            .into_iter()
            .filter_map(|year| Time::day(&format!("{year:04}-{month:02}-{day:02}")))
            .find(|day| *day <= now)
    }
}

fn start_of_day(moment: Time) -> Option<Time> {
    Time::day(moment.to_string().get(..10)?)
}

/// The last second of a day, but never later than now.
fn end_of_day(start: Time, now: Time) -> Time {
    start.plus_seconds(DAY - 1).min(now)
}

fn number(item: Item<'_, '_>) -> Result<i64, LangError> {
    item.plain()?.parse().map_err(|_| item.error("a whole number is expected".to_owned()))
}

fn numbers(rows: Rows<'_, '_>, name: &str) -> Result<BTreeMap<String, i64>, LangError> {
    rows.need(name)?.rows()?.entries().map(|(key, item)| Ok((key.to_owned(), number(item)?))).collect()
}
