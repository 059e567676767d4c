//! What literals mean: the values behind their spellings, datatype by datatype (XML Schema 1.1 part 2, RDF 1.2).
//!
//! Two literals are one thing when their values are; a literal without a value makes a graph inconsistent wherever
//! its datatype is recognised.

use quid_core::oxrdf::{Literal, NamedNode, Term, Triple};

use super::names::{RDF, XSD};
use super::structured;

/// A value: the space it is in, and its one spelling there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    /// Values of different spaces differ, `1` as a decimal from `1` as a double.
    pub space: &'static str,
    /// Equal in one space for equal values.
    pub text: String,
}

/// The spaces that values are in.
const SPACES: &[&str] = &[
    "string",
    "boolean",
    "decimal",
    "double",
    "float",
    "anyURI",
    "hexBinary",
    "base64Binary",
    "dateTime",
    "date",
    "time",
    "json",
    "xml",
    "html",
];

/// The prefix of the datatypes that canonical literals have: no datatype of the graph's, so that recognising
/// `xsd:integer` does not say anything about `xsd:decimal`.
const CANONICAL: &str = "urn:quid:value:";

/// The value of a literal: `None` for a datatype not known here, `Some(None)` for a literal that has no value.
#[must_use]
#[allow(clippy::option_option)] // whether the datatype is known, and whether the literal has a value by it
pub fn value(literal: &Literal) -> Option<Option<Value>> {
    let text = literal.value();
    if let Some(language) = literal.language() {
        let direction = literal.direction().map(|direction| direction.to_string()).unwrap_or_default();
        let text = format!("{text}@{}--{direction}", language.to_ascii_lowercase());
        return Some(Some(Value { space: "langString", text }));
    }
    value_of(text, literal.datatype().as_str())
}

#[allow(clippy::option_option)] // as above
fn value_of(text: &str, datatype: &str) -> Option<Option<Value>> {
    let made = |space: &'static str, text: Option<String>| Some(text.map(|text| Value { space, text }));
    if let Some(space) = datatype.strip_prefix(CANONICAL) {
        return made(SPACES.iter().find(|known| **known == space)?, Some(text.to_owned()));
    }
    if let Some(local) = datatype.strip_prefix(RDF) {
        return match local {
            "JSON" => made("json", structured::json(text)),
            "XMLLiteral" => made("xml", structured::xml(text)),
            "HTML" => made("html", Some(text.to_owned())),
            _ => None,
        };
    }
    let local = datatype.strip_prefix(XSD)?;
    match local {
        "string" => made("string", text.chars().all(is_xml_character).then(|| text.to_owned())),
        "normalizedString" | "token" | "language" | "Name" | "NCName" | "NMTOKEN" => {
            made("string", is_token(text, local).then(|| text.to_owned()))
        }
        "boolean" => made("boolean", boolean(text)),
        "decimal" => made("decimal", decimal(text)),
        "double" => made("double", double(text)),
        "float" => made("float", float(text)),
        "anyURI" => made("anyURI", Some(text.to_owned())),
        "hexBinary" => made("hexBinary", hexadecimal(text)),
        "base64Binary" => made("base64Binary", base64(text)),
        "dateTime" | "dateTimeStamp" => {
            let moment = structured::moment(text);
            made("dateTime", moment.filter(|moment| local == "dateTime" || moment.ends_with('Z')))
        }
        "date" => made("date", structured::date(text)),
        "time" => made("time", structured::time(text)),
        _ => {
            range_of(local)?;
            made("decimal", integer(text).filter(|digits| is_within(digits, local)))
        }
    }
}

/// Whether a value lies in a datatype's space; `None` for a datatype not known here.
#[must_use]
pub fn is_in(value: &Value, datatype: &NamedNode) -> Option<bool> {
    let iri = datatype.as_str();
    if let Some(local) = iri.strip_prefix(RDF) {
        return match local {
            "langString" => Some(value.space == "langString" && value.text.ends_with("--")),
            "dirLangString" => Some(value.space == "langString" && !value.text.ends_with("--")),
            "JSON" => Some(value.space == "json"),
            "XMLLiteral" => Some(value.space == "xml"),
            "HTML" => Some(value.space == "html"),
            _ => None,
        };
    }
    if iri == super::names::LITERAL.as_str() {
        return Some(true);
    }
    let local = iri.strip_prefix(XSD)?;
    match local {
        "string" | "boolean" | "double" | "float" | "anyURI" | "hexBinary" | "base64Binary" | "dateTime" | "date"
        | "time" | "decimal" => Some(value.space == local),
        "dateTimeStamp" => Some(value.space == "dateTime" && value.text.ends_with('Z')),
        "normalizedString" | "token" | "language" | "Name" | "NCName" | "NMTOKEN" => {
            Some(value.space == "string" && is_token(&value.text, local))
        }
        _ => {
            range_of(local)?;
            Some(value.space == "decimal" && integer(&value.text).is_some_and(|digits| is_within(&digits, local)))
        }
    }
}

/// Whether nothing can be of both datatypes: their values lie in different spaces.
#[must_use]
pub fn are_disjoint(one: &NamedNode, other: &NamedNode) -> bool {
    matches!((space_of(one.as_str()), space_of(other.as_str())), (Some(one), Some(other)) if one != other)
}

fn space_of(datatype: &str) -> Option<&'static str> {
    if let Some(local) = datatype.strip_prefix(RDF) {
        return match local {
            "langString" => Some("langString"),
            "dirLangString" => Some("dirLangString"),
            "JSON" => Some("json"),
            "XMLLiteral" => Some("xml"),
            "HTML" => Some("html"),
            _ => None,
        };
    }
    match datatype.strip_prefix(XSD)? {
        "string" | "normalizedString" | "token" | "language" | "Name" | "NCName" | "NMTOKEN" => Some("string"),
        "boolean" => Some("boolean"),
        "double" => Some("double"),
        "float" => Some("float"),
        "anyURI" => Some("anyURI"),
        "hexBinary" => Some("hexBinary"),
        "base64Binary" => Some("base64Binary"),
        "dateTime" | "dateTimeStamp" => Some("dateTime"),
        "date" => Some("date"),
        "time" => Some("time"),
        "decimal" => Some("decimal"),
        local => range_of(local).map(|_| "decimal"),
    }
}

/// Whether a literal's datatype is recognised, or it is one in canonical spelling, which only those have.
pub(crate) fn is_recognised(literal: &Literal, recognised: &[NamedNode]) -> bool {
    let own = literal.datatype();
    own.as_str().starts_with(CANONICAL) || recognised.iter().any(|datatype| datatype.as_ref() == own)
}

/// Those of the recognised datatypes that a literal is a member of.
pub(crate) fn datatypes_of(literal: &Literal, recognised: &[NamedNode]) -> Vec<NamedNode> {
    if !is_recognised(literal, recognised) {
        return Vec::new();
    }
    match value(literal) {
        None => vec![literal.datatype().into_owned()],
        Some(None) => Vec::new(),
        Some(Some(value)) => {
            recognised.iter().filter(|datatype| is_in(&value, datatype) == Some(true)).cloned().collect()
        }
    }
}

/// Whether a term is, or has in it, a literal of a recognised datatype that has no value.
pub(crate) fn is_ill_typed(term: &Term, recognised: &[NamedNode]) -> bool {
    match term {
        Term::Literal(literal) => is_recognised(literal, recognised) && value(literal) == Some(None),
        Term::Triple(triple) => is_ill_typed(&triple.object, recognised),
        _ => false,
    }
}

/// A term with every literal of a recognised datatype in one spelling for its value, so that terms are equal when
/// what they mean is. Language tags are folded always (RDF 1.1 Concepts, 3.3).
#[must_use]
pub fn canonical(term: &Term, recognised: &[NamedNode]) -> Term {
    match term {
        Term::Literal(literal) => {
            if let Some(language) = literal.language() {
                let language = language.to_ascii_lowercase();
                return match literal.direction() {
                    Some(direction) => {
                        Literal::new_directional_language_tagged_literal_unchecked(literal.value(), language, direction)
                    }
                    None => Literal::new_language_tagged_literal_unchecked(literal.value(), language),
                }
                .into();
            }
            if !is_recognised(literal, recognised) {
                return term.clone();
            }
            match value(literal) {
                Some(Some(Value { space, text })) => {
                    let datatype = format!("{CANONICAL}{space}");
                    Literal::new_typed_literal(text, NamedNode::new_unchecked(datatype)).into()
                }
                _ => term.clone(),
            }
        }
        Term::Triple(triple) => Term::Triple(Box::new(Triple::new(
            triple.subject.clone(),
            triple.predicate.clone(),
            canonical(&triple.object, recognised),
        ))),
        _ => term.clone(),
    }
}

/// The bounds of the integer types, as text; empty for none.
fn range_of(local: &str) -> Option<(&'static str, &'static str)> {
    Some(match local {
        "integer" => ("", ""),
        "long" => ("-9223372036854775808", "9223372036854775807"),
        "int" => ("-2147483648", "2147483647"),
        "short" => ("-32768", "32767"),
        "byte" => ("-128", "127"),
        "nonNegativeInteger" => ("0", ""),
        "positiveInteger" => ("1", ""),
        "unsignedLong" => ("0", "18446744073709551615"),
        "unsignedInt" => ("0", "4294967295"),
        "unsignedShort" => ("0", "65535"),
        "unsignedByte" => ("0", "255"),
        "nonPositiveInteger" => ("", "0"),
        "negativeInteger" => ("", "-1"),
        _ => return None,
    })
}

fn is_within(digits: &str, local: &str) -> bool {
    let Some((least, most)) = range_of(local) else { return false };
    let at_most = |one: &str, other: &str| compare(one, other).is_le();
    (least.is_empty() || at_most(least, digits)) && (most.is_empty() || at_most(digits, most))
}

/// The order of two canonical integers of any size.
fn compare(one: &str, other: &str) -> std::cmp::Ordering {
    let size = |digits: &str, rest: &str| digits.len().cmp(&rest.len()).then_with(|| digits.cmp(rest));
    match (one.strip_prefix('-'), other.strip_prefix('-')) {
        (None, None) => size(one, other),
        (Some(one), Some(other)) => size(other, one),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn integer(text: &str) -> Option<String> {
    let (negative, digits) = sign(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    Some(match (digits, negative) {
        ("", _) => "0".to_owned(),
        (digits, true) => format!("-{digits}"),
        (digits, false) => digits.to_owned(),
    })
}

fn decimal(text: &str) -> Option<String> {
    let (negative, digits) = sign(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    let number = if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") };
    Some(if negative && number != "0" { format!("-{number}") } else { number })
}

/// XSD's floating-point spellings are Rust's, but for infinity and for what is not a number.
fn is_float(text: &str) -> bool {
    let (_, digits) = sign(text);
    digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
}

fn double(text: &str) -> Option<String> {
    match text {
        "INF" | "+INF" => Some("INF".to_owned()),
        "-INF" => Some("-INF".to_owned()),
        "NaN" => Some("NaN".to_owned()),
        _ => is_float(text).then(|| text.parse::<f64>().ok()).flatten().map(|number| format!("{number:E}")),
    }
    .map(infinite)
}

fn float(text: &str) -> Option<String> {
    match text {
        "INF" | "+INF" => Some("INF".to_owned()),
        "-INF" => Some("-INF".to_owned()),
        "NaN" => Some("NaN".to_owned()),
        _ => is_float(text).then(|| text.parse::<f32>().ok()).flatten().map(|number| format!("{number:E}")),
    }
    .map(infinite)
}

fn infinite(text: String) -> String {
    match text.as_str() {
        "inf" => "INF".to_owned(),
        "-inf" => "-INF".to_owned(),
        _ => text,
    }
}

fn boolean(text: &str) -> Option<String> {
    match text {
        "true" | "1" => Some("true".to_owned()),
        "false" | "0" => Some("false".to_owned()),
        _ => None,
    }
}

fn hexadecimal(text: &str) -> Option<String> {
    let fits = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| text.to_ascii_uppercase())
}

fn base64(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|character| *character != ' ').collect();
    let digits = text.trim_end_matches('=');
    let fits = text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
    fits.then_some(text)
}

/// What XML, and so `xsd:string`, can hold.
fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)
}

fn is_token(text: &str, local: &str) -> bool {
    let plain = !text.contains(['\t', '\n', '\r']) && text.chars().all(is_xml_character);
    let tidy = plain && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ");
    let named = |extra: &str| text.chars().all(|c| c.is_alphanumeric() || extra.contains(c));
    let begins = |extra: &str| text.starts_with(|c: char| c.is_alphabetic() || extra.contains(c));
    match local {
        "normalizedString" => plain,
        "token" => tidy,
        "language" => {
            let mut parts = text.split('-');
            let letters = |part: &str| (1..=8).contains(&part.len());
            parts.next().is_some_and(|first| letters(first) && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
                && parts.all(|part| letters(part) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        }
        "Name" => begins("_:") && named("._-:"),
        "NCName" => begins("_") && named("._-"),
        _ => !text.is_empty() && named("._-:"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str, datatype: &str) -> bool {
        let literal =
            |text: &str| value(&Literal::new_typed_literal(text, NamedNode::new_unchecked(format!("{XSD}{datatype}"))));
        match (literal(one), literal(other)) {
            (Some(Some(one)), Some(Some(other))) => one == other,
            _ => panic!("{one} or {other} has no value"),
        }
    }

    #[test]
    fn spellings_of_one_value_are_one() {
        for (one, other, datatype, expected) in [
            ("010", "10", "integer", true),
            ("+1", "1", "int", true),
            ("-0", "0", "integer", true),
            ("10.0", "10", "decimal", true),
            (".5", "0.50", "decimal", true),
            ("1e1", "10", "double", true),
            ("0", "-0", "double", false),
            ("1E400", "INF", "double", true),
            ("16777206.5", "16777205.5", "float", true),
            ("16777206.5", "16777207.5", "float", false),
            ("1", "true", "boolean", true),
            ("ab", "AB", "hexBinary", true),
            ("2024-01-01T00:00:00Z", "2023-12-31T19:00:00-05:00", "dateTime", true),
            ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00", "dateTime", false),
            ("2024-01-01T24:00:00", "2024-01-02T00:00:00.000", "dateTime", true),
        ] {
            assert_eq!(same(one, other, datatype), expected, "{one} {other} {datatype}");
        }
    }

    #[test]
    fn a_literal_outside_its_datatype_has_no_value() {
        for (text, datatype, expected) in [
            ("flargh", "integer", false),
            (" 3 ", "int", false),
            ("128", "byte", false),
            ("-128", "byte", true),
            ("99999999999999999999", "integer", true),
            ("99999999999999999999", "unsignedLong", false),
            ("1.", "decimal", true),
            (".", "decimal", false),
            ("inf", "double", false),
            ("nan", "float", false),
            ("2024-02-30T00:00:00", "dateTime", false),
            ("2024-02-29", "date", true),
            ("2023-02-29", "date", false),
            ("en-gb", "language", true),
            ("a  b", "token", false),
            ("\u{0}", "string", false),
        ] {
            let literal = Literal::new_typed_literal(text, NamedNode::new_unchecked(format!("{XSD}{datatype}")));
            assert_eq!(value(&literal).is_some_and(|value| value.is_some()), expected, "{text:?} {datatype}");
        }
    }
}
