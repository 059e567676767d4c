//! A moment, handed in from outside: the pure crates have no clock.
//!
//! One type for the journal, the proofs and the questions about the past, so that nobody compares text.

use jiff::{Timestamp, tz::TimeZone};

/// A moment in UTC with microseconds. Parsed from and written as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Timestamp);

impl Time {
    /// Parses RFC 3339 (`2026-01-02T03:04:05Z`); `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// From microseconds since 1970-01-01T00:00Z, clamped to the years -9999 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX }))
    }

    /// Microseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The start (UTC) of a day written `2026-05-02`; `None` when it is not one.
    #[must_use]
    pub fn day(text: &str) -> Option<Self> {
        let date: jiff::civil::Date = text.trim().parse().ok()?;
        date.to_zoned_datetime(TimeZone::UTC).ok().map(|day| Self(day.timestamp()))
    }

    /// This moment moved by `seconds` (back when negative), clamped.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_micros(self.micros().saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Whole seconds from `earlier` to this moment; negative when it is later.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.micros() - earlier.micros()) / 1_000_000
    }

    /// As people write it: `2 May 2026`.
    #[must_use]
    pub fn date(self) -> String {
        self.0.to_zoned_datetime(TimeZone::UTC).strftime("%-d %b %Y").to_string()
    }

    /// As people write it, to the minute: `2 May 2026 14:03`.
    #[must_use]
    pub fn minute(self) -> String {
        self.0.to_zoned_datetime(TimeZone::UTC).strftime("%-d %b %Y %H:%M").to_string()
    }

    /// The weekday, 0 for Monday to 6 for Sunday (for "last Tuesday").
    #[must_use]
    pub fn weekday(self) -> i64 {
        i64::from(self.0.to_zoned_datetime(TimeZone::UTC).weekday().to_monday_zero_offset())
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an RFC 3339 time")))
    }
}
