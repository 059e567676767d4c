//! Turns written terms into constants and writes constants as terms.
//!
//! A list or another compound term without variables is one constant: a literal that holds its Prolog text, written
//! in one way only, so that equal terms are equal literals.

use std::fmt::Write as _;

use quid_core::columns;
use quid_core::gather::Number;
use quid_core::oxrdf::{Literal, NamedNode, Term, vocab::xsd};
use quid_core::vocabulary::{COMPOUND, LIST};

use super::parse::{Functor, Node, Parsed, Parser};
use super::token::is_symbol;
use super::vocabulary::Vocabulary;

/// The most items of a list.
const LONGEST_LIST: usize = 10_000;

/// Why a term is no constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It has a variable in it.
    Open,
    /// It is a list with too many items.
    TooLong,
}

/// The constant that a written term is.
pub(super) fn constant(term: &Parsed) -> Result<Term, Why> {
    Ok(match &term.node {
        Node::Variable(_) => return Err(Why::Open),
        Node::Atom(name) => columns::atom(name).into(),
        Node::Iri(iri) => iri.clone().into(),
        Node::Literal(literal) => plain(literal).into(),
        Node::List(items, rest) => {
            if items.len() > LONGEST_LIST {
                return Err(Why::TooLong);
            }
            let mut items = items.iter().map(constant).collect::<Result<Vec<_>, _>>()?;
            match rest.as_deref().map(constant).transpose()? {
                None => {}
                Some(rest) => match list_items(&rest) {
                    Some(more) => items.extend(more),
                    None => return Err(Why::Open),
                },
            }
            list(&items)
        }
        Node::Compound(functor, arguments) => {
            let arguments = arguments.iter().map(constant).collect::<Result<Vec<_>, _>>()?;
            let name = match functor {
                Functor::Name(name) => quoted(name),
                Functor::Iri(iri) => iri.to_string(),
            };
            let arguments: Vec<String> = arguments.iter().map(written).collect();
            Literal::new_typed_literal(format!("{name}({})", arguments.join(",")), COMPOUND).into()
        }
    })
}

/// A literal whose number is written in one way, as the store writes it.
fn plain(literal: &Literal) -> Literal {
    if literal.datatype() == xsd::DOUBLE
        && let Ok(number) = literal.value().parse::<f64>()
    {
        return Literal::from(number);
    }
    literal.clone()
}

/// The constant that a list of constants is.
#[must_use]
pub fn list(items: &[Term]) -> Term {
    let items: Vec<String> = items.iter().map(written).collect();
    Literal::new_typed_literal(format!("[{}]", items.join(",")), LIST).into()
}

/// The items of a list constant; `None` for anything else.
///
/// ```
/// use quid_logic::{list, list_items};
/// use quid_core::columns::atom;
/// use quid_core::oxrdf::Literal;
/// let made = list(&[atom("New York").into(), Literal::from(7).into()]);
/// assert_eq!(made.to_string(), r#""['New York',7]"^^<urn:quid:ns:list>"#);
/// assert_eq!(list_items(&made).map(|items| items.len()), Some(2));
/// ```
#[must_use]
pub fn list_items(term: &Term) -> Option<Vec<Term>> {
    let Term::Literal(literal) = term else { return None };
    if literal.datatype() != LIST {
        return None;
    }
    let mut parser = Parser::new(literal.value());
    let parsed = parser.clause(&Vocabulary::default(), true).ok()??;
    match parsed.node {
        Node::List(items, None) if items.len() <= LONGEST_LIST => {
            items.iter().map(constant).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}

/// A constant as Prolog text that reads as the same constant.
#[must_use]
pub fn written(term: &Term) -> String {
    match term {
        Term::NamedNode(node) => match columns::atom_text(node) {
            Some(text) => quoted(&text),
            None => node.to_string(),
        },
        Term::Literal(literal) if literal.datatype() == xsd::STRING => in_quotes(literal.value(), '"'),
        Term::Literal(literal) if literal.datatype() == LIST || literal.datatype() == COMPOUND => {
            literal.value().to_owned()
        }
        Term::Literal(literal) if literal.datatype() == xsd::INTEGER && Number::of(term).is_some() => {
            literal.value().to_owned()
        }
        Term::Literal(literal) if literal.datatype() == xsd::DOUBLE => match literal.value().parse::<f64>() {
            // `3.0` stays a double when it is read again.
            Ok(number) if number.is_finite() => format!("{number:?}"),
            _ => tagged(literal),
        },
        Term::Literal(literal) => tagged(literal),
        other => other.to_string(),
    }
}

fn tagged(literal: &Literal) -> String {
    let text = in_quotes(literal.value(), '"');
    match literal.language() {
        Some(language) => format!("{text}@{language}"),
        None => format!("{text}^^{}", literal.datatype()),
    }
}

/// A constant for people: as [`written`], but IRIs with the prefixes of the vocabulary, relations by their names,
/// doubles that are whole without a fraction, and strings without the marks of their datatype.
#[must_use]
pub fn shown(term: &Term, vocabulary: &Vocabulary) -> String {
    match term {
        Term::NamedNode(node) => shown_node(node, vocabulary),
        Term::Literal(literal) if Number::of(term).is_some() || literal.datatype().as_str().starts_with(XSD_DATE) => {
            literal.value().to_owned()
        }
        Term::Literal(literal) if literal.language().is_some() => in_quotes(literal.value(), '"'),
        other => written(other),
    }
}

/// `xsd:date`, `xsd:dateTime`
const XSD_DATE: &str = "http://www.w3.org/2001/XMLSchema#date";

fn shown_node(node: &NamedNode, vocabulary: &Vocabulary) -> String {
    if let Some(text) = columns::atom_text(node) {
        return quoted(&text);
    }
    if let Some(name) = vocabulary.name_of(node) {
        return quoted(name);
    }
    if let Some(name) = columns::relation_name(node) {
        return quoted(&name);
    }
    vocabulary.shortened(node.as_str()).unwrap_or_else(|| node.to_string())
}

/// An atom, in quotes where it needs them.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut letters = text.chars();
    let is_word = letters.next().is_some_and(|first| first.is_alphabetic() && !first.is_uppercase())
        && letters.all(|letter| letter == '_' || letter.is_alphanumeric());
    let is_sign = !text.is_empty() && text != "." && text.chars().all(is_symbol) && !text.starts_with("/*");
    if is_word || is_sign { text.to_owned() } else { in_quotes(text, '\'') }
}

fn in_quotes(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            // A control character or a full stop of another script must not disturb a terminal.
            letter if letter.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\x{:x}\\", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Term {
        let parsed = Parser::new(text).clause(&Vocabulary::default(), true).expect("a term").expect("a term");
        constant(&parsed).expect("a constant")
    }

    #[test]
    fn what_is_written_reads_as_the_same() {
        for (text, expected) in [
            ("dog", "dog"),
            ("'dog'", "dog"),
            ("'New York'", "'New York'"),
            ("'it''s'", "'it\\'s'"),
            ("[]", "[]"),
            ("[a, 'B c', 12, [1.5, \"x\"]|[d]]", "[a,'B c',12,[1.5,\"x\"],d]"),
            ("3894.0e+3", "3894000.0"),
            ("-7", "-7"),
            ("point(1, x, [b])", "point(1,x,[b])"),
            ("\"two\\nlines\"", "\"two\\nlines\""),
            ("\"chat\"@fr", "\"chat\"@fr"),
            ("<urn:x>", "<urn:x>"),
            (
                "\"2020-01-02\"^^<http://www.w3.org/2001/XMLSchema#date>",
                "\"2020-01-02\"^^<http://www.w3.org/2001/XMLSchema#date>",
            ),
            ("0'a", "97"),
            ("0x1F", "31"),
            ("1_000_000", "1000000"),
            ("'\\x1b\\'", "'\\x1b\\'"),
            ("+", "+"),
            ("éa", "éa"),
            ("'Éa'", "'Éa'"),
        ] {
            let term = read(text);
            assert_eq!(written(&term), expected, "{text}");
            assert_eq!(read(&written(&term)), term, "{text}");
        }
    }
}
