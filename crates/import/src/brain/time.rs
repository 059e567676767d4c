//! Reads moments as other bots wrote them.
//!
//! Seconds since 1970 (SQLite, blootbot), a database's `2009-05-22 12:36:00`, and what Ruby prints.

use quid_core::Time;

/// The last second of the year 9999; later ones are no moments but other numbers.
const LATEST: f64 = 253_402_300_799.0;

/// Seconds since 1970-01-01T00:00Z; 0 and less is "never" in every one of these formats.
pub(super) fn of_seconds(seconds: f64) -> Option<Time> {
    if !(seconds > 0.0 && seconds <= LATEST) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "bounded above")]
    let micros = (seconds * 1e6).round() as i64;
    Some(Time::from_micros(micros))
}

/// A moment in any of the known spellings.
pub(super) fn parse(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return of_seconds(seconds);
    }
    Time::parse(text).or_else(|| of_database(text)).or_else(|| of_ruby(text)).or_else(|| Time::day(text))
}

/// `2009-05-22 12:36:00`, with `+0200` behind it or not.
fn of_database(text: &str) -> Option<Time> {
    let mut parts = text.split_whitespace();
    let (day, clock, zone) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    Time::parse(&format!("{day}T{clock}{}", offset(zone)))
}

/// `Tue Mar 06 01:02:03 +0100 2007`, as Ruby 1.8 printed times.
fn of_ruby(text: &str) -> Option<Time> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = text.split_whitespace().collect();
    let (month, day, clock, zone, year) = match parts.as_slice() {
        [_, month, day, clock, zone, year] => (*month, *day, *clock, Some(*zone), *year),
        [_, month, day, clock, year] => (*month, *day, *clock, None, *year),
        _ => return None,
    };
    let month = MONTHS.iter().position(|known| *known == month)? + 1;
    let day: u8 = day.parse().ok()?;
    Time::parse(&format!("{year}-{month:02}-{day:02}T{clock}{}", offset(zone)))
}

/// `+0100` as `+01:00`; nothing and `UTC` as `Z`.
fn offset(zone: Option<&str>) -> String {
    match zone {
        None | Some("UTC" | "GMT" | "Z") => "Z".to_owned(),
        Some(zone) if zone.len() == 5 && zone.is_ascii() => {
            let (hours, minutes) = zone.split_at(3);
            format!("{hours}:{minutes}")
        }
        Some(zone) => zone.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_they_were_written() {
        for (text, expected) in [
            ("1277372207.45751", Some("2010-06-24T09:36:47.45751Z")),
            ("1277372207", Some("2010-06-24T09:36:47Z")),
            ("2009-05-22 12:36:00", Some("2009-05-22T12:36:00Z")),
            ("2009-05-22 12:36:00 +0200", Some("2009-05-22T10:36:00Z")),
            ("2009-05-22T12:36:00+02:00", Some("2009-05-22T10:36:00Z")),
            ("Tue Mar 06 01:02:03 +0100 2007", Some("2007-03-06T00:02:03Z")),
            ("Tue Mar 6 01:02:03 2007", Some("2007-03-06T01:02:03Z")),
            ("2009-05-22", Some("2009-05-22T00:00:00Z")),
            ("0", None),
            ("-1", None),
            ("NaN", None),
            ("1e300", None),
            ("yesterday", None),
            ("", None),
            ("Tue Foo 06 01:02:03 +0100 2007", None),
        ] {
            assert_eq!(parse(text).map(|time| time.to_string()).as_deref(), expected, "{text}");
        }
    }
}
