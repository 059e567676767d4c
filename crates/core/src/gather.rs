//! Numbers and the standard order of terms, and what aggregates give.
//!
//! The engine and the checker of proofs must agree on every sum to the last digit, so there is one implementation.

use std::cmp::Ordering;

use oxrdf::{Literal, NamedNode, Term};

use crate::rule::How;
use crate::vocabulary::LIST;

/// The relation that a gathered value is claimed in: `urn:quid:gather:HOW(value, group…)`.
#[must_use]
pub fn relation(how: How) -> NamedNode {
    let name = match how {
        How::Count => "count",
        How::Sum => "sum",
        How::Min => "min",
        How::Max => "max",
        How::Average => "average",
        How::List => "list",
    };
    NamedNode::new_unchecked(format!("urn:quid:gather:{name}"))
}

/// A number as rules reckon with it.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A whole number.
    Integer(i128),
    /// Any other.
    Double(f64),
}

impl Number {
    /// The number a literal of a numeric XSD datatype stands for; `None` for anything else.
    ///
    /// ```
    /// use quid_core::gather::Number;
    /// use quid_core::oxrdf::Literal;
    /// assert!(matches!(Number::of(&Literal::from(12).into()), Some(Number::Integer(12))));
    /// assert!(Number::of(&Literal::from("12").into()).is_none());
    /// ```
    #[must_use]
    pub fn of(term: &Term) -> Option<Self> {
        let Term::Literal(literal) = term else { return None };
        let kind = literal.datatype().as_str().strip_prefix("http://www.w3.org/2001/XMLSchema#")?;
        let text = literal.value().trim();
        match kind {
            "integer" | "int" | "long" | "short" | "byte" | "nonNegativeInteger" | "positiveInteger"
            | "nonPositiveInteger" | "negativeInteger" | "unsignedInt" | "unsignedLong" | "unsignedShort"
            | "unsignedByte" => {
                let text = text.strip_prefix('+').unwrap_or(text);
                text.parse().map(Self::Integer).or_else(|_| text.parse().map(Self::Double)).ok()
            }
            "decimal" | "double" | "float" => match text {
                "INF" | "+INF" => Some(Self::Double(f64::INFINITY)),
                "-INF" => Some(Self::Double(f64::NEG_INFINITY)),
                "NaN" => Some(Self::Double(f64::NAN)),
                _ if text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) => {
                    text.parse().map(Self::Double).ok()
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// As a double.
    #[must_use]
    pub fn double(self) -> f64 {
        match self {
            Self::Integer(whole) => whole as f64,
            Self::Double(value) => value,
        }
    }

    /// As a literal: `xsd:integer` or `xsd:double`.
    #[must_use]
    pub fn term(self) -> Term {
        match self {
            Self::Integer(whole) => Literal::new_typed_literal(whole.to_string(), oxrdf::vocab::xsd::INTEGER).into(),
            Self::Double(value) => Literal::from(value).into(),
        }
    }

    /// Their order by value; an integer and a double that are equal are so.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => one.cmp(&other),
            (one, other) => one.double().total_cmp(&other.double()),
        }
    }

    /// Their sum; an integer that grows too large goes on as a double.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => {
                one.checked_add(other).map_or(Self::Double(one as f64 + other as f64), Self::Integer)
            }
            (one, other) => Self::Double(one.double() + other.double()),
        }
    }
}

/// The standard order: numbers by value, then other literals by datatype and text (dates of one type are in their
/// order so), then IRIs and blank nodes by their text. Total: only equal terms are equal in it.
#[must_use]
pub fn compare(one: &Term, other: &Term) -> Ordering {
    let numbers = (Number::of(one), Number::of(other));
    let rank = |term: &Term, number: Option<Number>| match term {
        _ if number.is_some() => 0,
        Term::Literal(_) => 1,
        Term::NamedNode(_) => 2,
        Term::BlankNode(_) => 3,
        Term::Triple(_) => 4,
    };
    let by_text =
        || match (one, other) {
            (Term::NamedNode(one), Term::NamedNode(other)) => one.as_str().cmp(other.as_str()),
            (Term::Literal(one), Term::Literal(other)) => (one.datatype().as_str(), one.value(), one.language())
                .cmp(&(other.datatype().as_str(), other.value(), other.language())),
            _ => one.to_string().cmp(&other.to_string()),
        };
    let by_value = || match numbers {
        (Some(one), Some(other)) => one.compare(other),
        _ => Ordering::Equal,
    };
    rank(one, numbers.0).cmp(&rank(other, numbers.1)).then_with(by_value).then_with(by_text)
}

/// What is gathered from the values of all answers, in no particular order, one for each answer; `None` when there
/// is nothing: the least of none, the sum of what are no numbers.
#[must_use]
pub fn gather(how: How, values: &[Term]) -> Option<Term> {
    let mut sorted: Vec<&Term> = values.iter().collect();
    match how {
        How::Count => Some(Number::Integer(values.len() as i128).term()),
        How::Sum | How::Average => {
            // In a fixed order, since doubles do not add up the same in every order.
            sorted.sort_by(|one, other| compare(one, other));
            let numbers = sorted.into_iter().map(Number::of).collect::<Option<Vec<_>>>()?;
            let sum = numbers.into_iter().fold(Number::Integer(0), Number::plus);
            match (how, sum) {
                (How::Sum, sum) => Some(sum.term()),
                (_, _) if values.is_empty() => None,
                (_, Number::Integer(sum)) if sum % values.len() as i128 == 0 => {
                    Some(Number::Integer(sum / values.len() as i128).term())
                }
                (_, sum) => Some(Number::Double(sum.double() / values.len() as f64).term()),
            }
        }
        How::Min => sorted.into_iter().min_by(|one, other| compare(one, other)).cloned(),
        How::Max => sorted.into_iter().max_by(|one, other| compare(one, other)).cloned(),
        How::List => {
            sorted.sort_by(|one, other| compare(one, other));
            sorted.dedup();
            let items: Vec<String> = sorted.into_iter().map(written).collect();
            Some(Literal::new_typed_literal(format!("[{}]", items.join(",")), LIST).into())
        }
    }
}

/// A term as an item of a list: numbers and text as Prolog writes them, anything else as its IRI.
fn written(term: &Term) -> String {
    match term {
        Term::Literal(literal) if Number::of(term).is_some() => literal.value().to_owned(),
        Term::Literal(literal) if literal.datatype() == LIST => literal.value().to_owned(),
        Term::NamedNode(node) => match crate::columns::atom_text(node) {
            Some(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            None => node.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(values: &[&str]) -> Vec<Term> {
        let term = |text: &&str| match text.parse::<i64>() {
            Ok(whole) => Literal::from(whole).into(),
            Err(_) => text.parse::<f64>().map_or_else(|_| Literal::from(*text), Literal::from).into(),
        };
        values.iter().map(term).collect()
    }

    #[test]
    fn aggregates_give_what_is_expected() {
        for (how, values, expected) in [
            (How::Count, &["1", "1", "x"] as &[&str], Some("3")),
            (How::Sum, &["1", "2", "3"], Some("6")),
            (How::Sum, &[], Some("0")),
            (How::Sum, &["1", "x"], None),
            (How::Sum, &["1", "0.5"], Some("1.5")),
            (How::Average, &["1", "2"], Some("1.5")),
            (How::Average, &["1", "3"], Some("2")),
            (How::Average, &[], None),
            (How::Min, &["10", "9.5", "9"], Some("9")),
            (How::Max, &["10", "9.5", "b", "a"], Some("b")),
            (How::Max, &[], None),
            (How::List, &["2", "1", "2", "b"], Some("[1,2,\"b\"]")),
        ] {
            let found = gather(how, &terms(values));
            let text = found.as_ref().map(|term| match term {
                Term::Literal(literal) => literal.value(),
                _ => "?",
            });
            assert_eq!(text, expected, "{how:?} {values:?}");
        }
        let huge = vec![Number::Integer(i128::MAX).term(); 3];
        assert!(gather(How::Sum, &huge).is_some(), "too large for an integer, but no panic");
    }

    #[test]
    fn equal_in_the_order_means_the_same() {
        let terms = terms(&["1", "1.0", "2", "a", "b", "0.5"]);
        for one in &terms {
            for other in &terms {
                assert_eq!(compare(one, other), compare(other, one).reverse());
                assert_eq!(compare(one, other) == Ordering::Equal, one == other);
            }
        }
    }
}
