//! In which format an answer goes out: what the other side takes, weighed by what it prefers.
//!
//! RFC 9110 section 12.5.1: ranges with weights; the most specific range that fits a format says how much it is
//! wanted. Whoever says nothing gets JSON for rows and Turtle for triples.

use axum::http::{HeaderMap, header};
use quid_core::sparql::{Format, Kind, Trouble};

/// The formats of answers, in the order in which they are chosen when all are equally welcome.
const PREFERRED: [Format; 10] = [
    Format::ResultsJson,
    Format::ResultsXml,
    Format::ResultsTsv,
    Format::ResultsCsv,
    Format::Turtle,
    Format::NTriples,
    Format::RdfXml,
    Format::JsonLd,
    Format::TriG,
    Format::NQuads,
];
/// The most ranges of an `Accept` header that are looked at.
const MOST_RANGES: usize = 64;

/// What the other side takes.
#[derive(Clone, Debug, Default)]
pub(super) struct Accept(Vec<Range>);

#[derive(Clone, Debug, Default)]
struct Range {
    kind: String,
    subtype: String,
    /// From 0, never, to 1000.
    weight: u16,
}

impl Accept {
    /// From the request's headers.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut ranges = Vec::new();
        for value in headers.get_all(header::ACCEPT) {
            let Ok(value) = value.to_str() else { continue };
            // What cannot be read is wanted not at all; that is something else than asking for nothing.
            let named = value.split(',').map(str::trim).filter(|text| !text.is_empty()).take(MOST_RANGES);
            ranges.extend(named.map(|text| range(text).unwrap_or_default()));
        }
        Self(ranges)
    }

    /// The best format for an answer of this kind.
    pub(super) fn choose(&self, kind: Kind) -> Result<Format, Trouble> {
        let mut fitting = PREFERRED.into_iter().filter(|format| format.writes(kind));
        if self.0.is_empty() {
            return fitting.next().ok_or_else(|| Trouble::Unacceptable("nothing can be written".to_owned()));
        }
        let mut best: Option<(u16, Format)> = None;
        for format in fitting.by_ref() {
            let types = Format::MEDIA_TYPES.iter().find(|(known, _)| *known == format).map(|(_, types)| *types);
            let weight = types.unwrap_or_default().iter().map(|media_type| self.weight(media_type)).max().unwrap_or(0);
            if weight > 0 && best.is_none_or(|(before, _)| weight > before) {
                best = Some((weight, format));
            }
        }
        best.map(|(_, format)| format).ok_or_else(|| {
            let known: Vec<_> = PREFERRED.iter().filter(|format| format.writes(kind)).map(|f| f.media_type()).collect();
            Trouble::Unacceptable(format!("this can be written as {}", known.join(", ")))
        })
    }

    /// How much a media type is wanted.
    fn weight(&self, media_type: &str) -> u16 {
        let (kind, subtype) = media_type.split_once('/').unwrap_or((media_type, ""));
        let fits = |range: &&Range| {
            (range.kind == "*" || range.kind == kind) && (range.subtype == "*" || range.subtype == subtype)
        };
        let specific = |range: &Range| u8::from(range.kind != "*") + u8::from(range.subtype != "*");
        let fitting = self.0.iter().filter(fits).max_by_key(|range| specific(range));
        fitting.map_or(0, |range| range.weight)
    }
}

/// `type/subtype;q=0.5`
fn range(text: &str) -> Option<Range> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let mut weight = 1000;
    for part in parts {
        if let Some((name, value)) = part.split_once('=')
            && name.trim().eq_ignore_ascii_case("q")
        {
            weight = thousandths(value.trim())?;
        }
    }
    Some(Range { kind: kind.to_ascii_lowercase(), subtype: subtype.to_ascii_lowercase(), weight })
}

/// `0.25` as 250, with three digits at most as RFC 9110 has it.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 3 || !rest.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let rest: u16 = format!("{rest:0<3}").parse().ok()?;
    match whole {
        "0" => Some(rest),
        "1" => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_format_is_chosen() {
        for (accept, kind, expected) in [
            (None, Kind::Solutions, Some(Format::ResultsJson)),
            (None, Kind::Graph, Some(Format::Turtle)),
            (Some("*/*"), Kind::Boolean, Some(Format::ResultsJson)),
            (Some("application/sparql-results+xml"), Kind::Solutions, Some(Format::ResultsXml)),
            (Some("application/json"), Kind::Solutions, Some(Format::ResultsJson)),
            (Some("application/json"), Kind::Graph, Some(Format::JsonLd)),
            (Some("text/csv;q=0.5, text/tab-separated-values;q=0.8"), Kind::Solutions, Some(Format::ResultsTsv)),
            (Some("text/*, text/csv;q=0"), Kind::Solutions, Some(Format::ResultsJson)),
            (Some("application/rdf+xml, text/turtle;q=0.9"), Kind::Graph, Some(Format::RdfXml)),
            (Some("TEXT/TURTLE"), Kind::Graph, Some(Format::Turtle)),
            (Some("image/png"), Kind::Graph, None),
            (Some("text/turtle;q=0"), Kind::Graph, None),
            (Some("text/html, */*;q=0.1"), Kind::Graph, Some(Format::Turtle)),
            (Some("application/sparql-results+json"), Kind::Graph, None),
            (Some("text/turtle;q=nonsense"), Kind::Graph, None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, accept.parse().expect("a header"));
            }
            assert_eq!(Accept::of(&headers).choose(kind).ok(), expected, "{accept:?} {kind:?}");
        }
    }
}
