//! Values that have an inside: JSON, XML and moments in time, read just far enough to compare them.
//!
//! Nothing else in logic reads these, and a value is all that is wanted of them: whether there is one, and whether
//! two are the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The deepest nesting that is read; what is deeper has no value.
const DEEPEST: usize = 64;

/// A JSON text in one spelling for its value (RDF 1.2 Concepts, the `rdf:JSON` datatype): objects are unordered,
/// numbers are IEEE doubles.
pub(super) fn json(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text };
    let mut out = String::new();
    reader.value(&mut out, 0)?;
    reader.space();
    reader.rest.is_empty().then_some(out)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, wanted: &str) -> Option<()> {
        self.space();
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    fn value(&mut self, out: &mut String, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        self.space();
        match self.rest.chars().next()? {
            '{' => self.object(out, depth),
            '[' => {
                self.take("[")?;
                out.push('[');
                let mut first = true;
                while self.take("]").is_none() {
                    if !first {
                        self.take(",")?;
                        out.push(',');
                    }
                    first = false;
                    self.value(out, depth + 1)?;
                }
                out.push(']');
                Some(())
            }
            '"' => {
                let text = self.string()?;
                write!(out, "{text:?}").ok()
            }
            '-' | '0'..='9' => self.number(out),
            _ => {
                let word = ["true", "false", "null"].into_iter().find(|word| self.rest.starts_with(word))?;
                out.push_str(word);
                self.take(word)
            }
        }
    }

    fn object(&mut self, out: &mut String, depth: usize) -> Option<()> {
        self.take("{")?;
        let mut members = BTreeMap::new();
        let mut first = true;
        while self.take("}").is_none() {
            if !first {
                self.take(",")?;
            }
            first = false;
            self.space();
            let name = self.string()?;
            self.take(":")?;
            let mut value = String::new();
            self.value(&mut value, depth + 1)?;
            members.insert(name, value);
        }
        out.push('{');
        for (at, (name, value)) in members.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(out, "{comma}{name:?}:{value}").ok()?;
        }
        out.push('}');
        Some(())
    }

    fn number(&mut self, out: &mut String) -> Option<()> {
        let end = self.rest.find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9'));
        let (text, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let digits = text.strip_prefix('-').unwrap_or(text);
        let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
        let part = digits.split_once('.').map(|(_, part)| part.split(['e', 'E']).next().unwrap_or_default());
        let tidy = !whole.is_empty()
            && whole.bytes().all(|byte| byte.is_ascii_digit())
            && (whole == "0" || !whole.starts_with('0'))
            && part.is_none_or(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        let number: f64 = tidy.then(|| text.parse().ok()).flatten()?;
        self.rest = rest;
        write!(out, "{number:?}").ok()
    }

    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut characters = self.rest.strip_prefix('"')?.chars();
        loop {
            match characters.next()? {
                '"' => break,
                '\\' => match characters.next()? {
                    'u' => {
                        let mut unit = hexadecimal(&mut characters)?;
                        if (0xD800..0xDC00).contains(&unit) {
                            characters = characters.as_str().strip_prefix("\\u")?.chars();
                            let low = hexadecimal(&mut characters)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                            unit = 0x1_0000 + ((unit - 0xD800) << 10) + low;
                        }
                        text.push(char::from_u32(unit)?);
                    }
                    'b' => text.push('\u{8}'),
                    'f' => text.push('\u{c}'),
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    plain @ ('"' | '\\' | '/') => text.push(plain),
                    _ => return None,
                },
                control if control < ' ' => return None,
                plain => text.push(plain),
            }
        }
        self.rest = characters.as_str();
        Some(text)
    }
}

fn hexadecimal(characters: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit * 16 + characters.next()?.to_digit(16)?))
}

/// An XML fragment, when its tags are balanced and its entities are of the five that XML brings along. It is kept as
/// it is spelled: whether two differing spellings have equal trees is not looked at.
pub(super) fn xml(text: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let tail = rest.get(at..)?;
        if let Some(entity) = tail.strip_prefix('&') {
            let (name, after) = entity.split_once(';')?;
            let known = ["amp", "lt", "gt", "quot", "apos"].contains(&name);
            let number = name.strip_prefix('#').is_some_and(|digits| {
                let (digits, base) = digits.strip_prefix('x').map_or((digits, 10), |digits| (digits, 16));
                u32::from_str_radix(digits, base).ok().and_then(char::from_u32).is_some()
            });
            if !known && !number {
                return None;
            }
            rest = after;
            continue;
        }
        rest = if let Some(comment) = tail.strip_prefix("<!--") {
            comment.split_once("-->")?.1
        } else if let Some(data) = tail.strip_prefix("<![CDATA[") {
            data.split_once("]]>")?.1
        } else if let Some(instruction) = tail.strip_prefix("<?") {
            instruction.split_once("?>")?.1
        } else if let Some(end) = tail.strip_prefix("</") {
            let (name, after) = end.split_once('>')?;
            (open.pop()? == name.trim_end()).then_some(after)?
        } else {
            let (tag, after) = tag(tail.strip_prefix('<')?)?;
            let name = tag.split([' ', '\t', '\n', '\r', '/']).next()?;
            if !name.starts_with(|first: char| first.is_alphabetic() || first == '_' || first == ':') {
                return None;
            }
            if !tag.ends_with('/') {
                open.push(name);
            }
            after
        };
    }
    (open.is_empty() && open.len() <= DEEPEST).then(|| text.to_owned())
}

/// The inside of a tag and what comes after it; a `>` in quotes does not end it.
fn tag(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, '>') => return Some((text.get(..at)?, text.get(at + 1..)?)),
            (None, '<') => return None,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}

/// A moment, in universal time when it has a time zone.
pub(super) fn moment(text: &str) -> Option<String> {
    let (day, clock) = text.split_once('T')?;
    let (clock, zone) = zone(clock)?;
    let (seconds, part) = clock_of(clock)?;
    let shifted = day_number(day)?.checked_mul(86_400)?.checked_add(seconds)?.checked_sub(zone.unwrap_or(0) * 60)?;
    Some(format!("{shifted}{part}{}", if zone.is_some() { "Z" } else { "" }))
}

/// A day; with a time zone, the moment it begins.
pub(super) fn date(text: &str) -> Option<String> {
    // The year's sign is no zone, so the zone is looked for behind the two hyphens that a day has.
    let (day, rest) = (0..=text.len()).rev().find_map(|at| {
        let (day, rest) = (text.get(..at)?, text.get(at..)?);
        (zone(rest)?.0.is_empty() && day_number(day).is_some()).then_some((day, rest))
    })?;
    let (_, zone) = zone(rest)?;
    let start = day_number(day)?.checked_mul(1440)?.checked_sub(zone.unwrap_or(0))?;
    Some(format!("{start}{}", if zone.is_some() { "Z" } else { "" }))
}

/// A time of day, in universal time when it has a time zone.
pub(super) fn time(text: &str) -> Option<String> {
    let (clock, zone) = zone(text)?;
    let (seconds, part) = clock_of(clock)?;
    let shifted = (seconds - zone.unwrap_or(0) * 60).rem_euclid(86_400);
    Some(format!("{shifted}{part}{}", if zone.is_some() { "Z" } else { "" }))
}

/// The time zone at the end, in minutes, and what stands before it.
fn zone(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(before) = text.strip_suffix('Z') {
        return Some((before, Some(0)));
    }
    let Some(at) = text.len().checked_sub(6) else { return Some((text, None)) };
    let (Some(before), Some(zone)) = (text.get(..at), text.get(at..)) else { return Some((text, None)) };
    let sign = match zone.chars().next() {
        Some('+') => 1,
        Some('-') => -1,
        _ => return Some((text, None)),
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let fits = hours < 14 && minutes < 60 || hours == 14 && minutes == 0;
    fits.then_some((before, Some(sign * (hours * 60 + minutes))))
}

fn two(text: &str) -> Option<i64> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Seconds since midnight, and what is left of a second.
fn clock_of(text: &str) -> Option<(i64, String)> {
    let mut parts = text.splitn(3, ':');
    let (hours, minutes, seconds) = (two(parts.next()?)?, two(parts.next()?)?, parts.next()?);
    let (seconds, part) = match seconds.split_once('.') {
        None => (seconds, ""),
        Some((_, "")) => return None,
        Some((seconds, part)) => (seconds, part),
    };
    let seconds = two(seconds)?;
    let part = part.trim_end_matches('0');
    let midnight = hours == 24 && minutes == 0 && seconds == 0 && part.is_empty();
    if hours > 23 && !midnight || minutes > 59 || seconds > 59 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = if part.is_empty() { String::new() } else { format!(".{part}") };
    Some((hours * 3600 + minutes * 60 + seconds, part))
}

/// The number of a day in the proleptic Gregorian calendar (Hinnant, chrono-compatible low-level date algorithms).
fn day_number(text: &str) -> Option<i64> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut parts = rest.splitn(3, '-');
    let (year, month, day) = (parts.next()?, two(parts.next()?)?, two(parts.next()?)?);
    let tidy =
        year.bytes().all(|byte| byte.is_ascii_digit()) && (year.len() == 4 || year.len() > 4 && !year.starts_with('0'));
    if !tidy || year.len() > 9 {
        return None;
    }
    let year: i64 = year.parse().ok()?;
    let year = if negative { -year } else { year };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_compared_by_what_it_says() {
        for (one, other, expected) in [
            (r#"{"a":0,"b":1}"#, r#"{ "b":1, "a":0 }"#, true),
            ("[ -0, 0 ]", "[ 0, -0 ]", false),
            ("1E400", "1E401", true),
            (r#""\u00e9""#, "\"é\"", true),
            ("1", "1.0", true),
        ] {
            let (one, other) = (json(one).expect("a value"), json(other).expect("a value"));
            assert_eq!(one == other, expected, "{one} {other}");
        }
        for broken in ["", "{", "[1,]", "01", "{\"a\"}", "\"\\x\"", "nul", "1 2", &"[".repeat(1_000_000)] {
            assert_eq!(json(broken), None, "{}", broken.get(..9.min(broken.len())).unwrap_or_default());
        }
    }

    #[test]
    fn xml_is_balanced_or_has_no_value() {
        for (text, expected) in [
            ("<", false),
            ("a <b>c</b> &amp; <d e='>'/>", true),
            ("<b></c>", false),
            ("<b>", false),
            ("&nbsp;", false),
            ("<!-- < -->", true),
            ("", true),
        ] {
            assert_eq!(xml(text).is_some(), expected, "{text}");
        }
    }
}
