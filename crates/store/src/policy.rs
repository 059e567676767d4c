//! Which queries are run at all.
//!
//! Deep nesting and long chains overflow the parser's stack, so they are refused before parsing, and other servers
//! are asked only where that was allowed. Everything else is run, and stopped when it takes too much
//! ([`crate::meter`]).

use std::collections::BTreeSet;

use crate::search;
use spargebra::{
    Query,
    algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression},
    term::{NamedNodePattern, TermPattern, TriplePattern},
};

/// The deepest nesting of brackets.
const DEEPEST: usize = 128;
/// The most operators, groups and keywords that the parser chains.
const LONGEST_CHAIN: usize = 512;
/// The longest query in bytes.
const LONGEST: usize = 64 * 1024;

/// The longest update in bytes.
const LONGEST_UPDATE: usize = 16 << 20;
/// The word after which a group holds data.
const DATA: &str = "data";

/// Words that make the syntax tree deeper by one each.
const CHAINED: [&str; 8] = ["union", "minus", "optional", "filter", "bind", "exists", "graph", "not"];

/// Refuses what a parser would not survive. Knows strings, IRIs and comments, and nothing else of the grammar.
pub(crate) fn before_parsing(query: &str) -> Result<(), String> {
    if query.len() > LONGEST {
        return Err(format!("the query is {} bytes long; {LONGEST} at most are read", query.len()));
    }
    shape(query)
}

/// As [`before_parsing`], for an update: what is said as DATA may be long, since it makes no tree.
pub(crate) fn before_parsing_update(update: &str) -> Result<(), String> {
    if update.len() > LONGEST_UPDATE {
        return Err(format!("the update is {} bytes long; {LONGEST_UPDATE} at most are read", update.len()));
    }
    shape(update)
}

fn shape(query: &str) -> Result<(), String> {
    let bytes = query.as_bytes();
    let (mut depth, mut chain, mut at) = (0_usize, 0_usize, 0_usize);
    // Whether the next group is one of data, and how deep the one lies that was entered.
    let (mut announced, mut data) = (false, None);
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let mut length = 1;
        match byte {
            b'#' => length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            b'"' | b'\'' => length = string_length(rest),
            b'<' => match iri_length(rest) {
                Some(iri) => length = iri,
                None if rest.starts_with(b"<<") => {
                    depth += 1;
                    length = 2;
                }
                None => chain += 1,
            },
            b'>' if rest.starts_with(b">>") => {
                depth = depth.saturating_sub(1);
                length = 2;
            }
            b'(' | b'[' => depth += 1,
            b'{' => {
                depth += 1;
                chain += 1;
                if announced {
                    (announced, data) = (false, Some((depth, chain)));
                }
            }
            b')' | b']' | b'}' => {
                if let Some((at, before)) = data
                    && at == depth
                {
                    (data, chain) = (None, before);
                }
                depth = depth.saturating_sub(1);
            }
            b'-' if in_word(bytes, at) => {}
            b'+' | b'-' | b'*' | b'/' | b'|' | b'&' | b'!' | b'^' | b'=' | b'>' => chain += 1,
            byte if byte.is_ascii_alphabetic() => {
                length =
                    rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(rest.len());
                let word = query.get(at..at + length).unwrap_or_default();
                announced = word.eq_ignore_ascii_case(DATA);
                if CHAINED.iter().any(|chained| word.eq_ignore_ascii_case(chained)) {
                    chain += 1;
                }
            }
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("the query is nested deeper than {DEEPEST} brackets"));
        }
        if chain > LONGEST_CHAIN && data.is_none() {
            return Err(format!("the query has more than {LONGEST_CHAIN} operators and groups"));
        }
        at += length;
    }
    Ok(())
}

/// A hyphen inside a name (`wn:02084071-n`) is no operator.
fn in_word(bytes: &[u8], at: usize) -> bool {
    let word = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    at > 0 && word(at - 1) && word(at + 1)
}

/// The length of an IRI in angle brackets; `None` when `<` is an operator.
fn iri_length(rest: &[u8]) -> Option<usize> {
    let end = rest.iter().skip(1).position(|byte| *byte <= b' ' || b"<>\"{}|^`\\".contains(byte))? + 1;
    (rest.get(end) == Some(&b'>')).then_some(end + 1)
}

/// The length of a string with its quotes, or of all that is left when it does not end.
fn string_length(rest: &[u8]) -> usize {
    let Some(&quote) = rest.first() else { return 0 };
    let long = rest.get(1) == Some(&quote) && rest.get(2) == Some(&quote);
    let mut at = if long { 3 } else { 1 };
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' if !long => return at,
            byte if byte == quote => {
                if !long {
                    return at + 1;
                }
                if rest.get(at + 1) == Some(&quote) && rest.get(at + 2) == Some(&quote) {
                    return at + 3;
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// Refuses what must not be run: asking other servers, unless that is allowed.
pub(crate) fn after_parsing(query: &Query, elsewhere: bool, searching: bool) -> Result<(), String> {
    let (Query::Select { pattern, .. }
    | Query::Construct { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Ask { pattern, .. }) = query;
    pattern_allowed(pattern, elsewhere, searching)
}

/// As [`after_parsing`], for a pattern alone.
pub(crate) fn pattern_allowed(pattern: &GraphPattern, elsewhere: bool, searching: bool) -> Result<(), String> {
    let (mut asks, mut searches) = (false, false);
    visit(pattern, &mut |pattern| {
        if let GraphPattern::Service { name, .. } = pattern {
            let own = matches!(name, NamedNodePattern::NamedNode(name) if name.as_str() == search::SERVICE);
            asks |= !own;
            searches |= own;
        }
    });
    if searches && !searching {
        return Err("SERVICE quid:search has no words to search here".to_owned());
    }
    if asks && !elsewhere {
        return Err("SERVICE asks another server; queries here stay in this store".to_owned());
    }
    Ok(())
}

/// Visits a pattern and all within it, those in expressions too.
fn visit(pattern: &GraphPattern, see: &mut dyn FnMut(&GraphPattern)) {
    see(pattern);
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Values { .. } => {}
        GraphPattern::Join { left, right }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::Minus { left, right }
        | GraphPattern::Union { left, right } => {
            visit(left, see);
            visit(right, see);
        }
        GraphPattern::LeftJoin { left, right, expression } => {
            visit(left, see);
            visit(right, see);
            if let Some(expression) = expression {
                visit_expression(expression, see);
            }
        }
        GraphPattern::Filter { expr, inner } => {
            visit_expression(expr, see);
            visit(inner, see);
        }
        GraphPattern::Extend { inner, expression, .. } => {
            visit_expression(expression, see);
            visit(inner, see);
        }
        GraphPattern::OrderBy { inner, expression } => {
            for order in expression {
                let (OrderExpression::Asc(by) | OrderExpression::Desc(by)) = order;
                visit_expression(by, see);
            }
            visit(inner, see);
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            for (_, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                    visit_expression(expr, see);
                }
            }
            visit(inner, see);
        }
        GraphPattern::Graph { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Service { inner, .. }
        | GraphPattern::Slice { inner, .. } => visit(inner, see),
    }
}

fn visit_expression(expression: &Expression, see: &mut dyn FnMut(&GraphPattern)) {
    match expression {
        Expression::Exists(pattern) => visit(pattern, see),
        Expression::Or(one, other)
        | Expression::And(one, other)
        | Expression::Equal(one, other)
        | Expression::SameTerm(one, other)
        | Expression::Greater(one, other)
        | Expression::GreaterOrEqual(one, other)
        | Expression::Less(one, other)
        | Expression::LessOrEqual(one, other)
        | Expression::Add(one, other)
        | Expression::Subtract(one, other)
        | Expression::Multiply(one, other)
        | Expression::Divide(one, other) => {
            visit_expression(one, see);
            visit_expression(other, see);
        }
        Expression::UnaryPlus(inner) | Expression::UnaryMinus(inner) | Expression::Not(inner) => {
            visit_expression(inner, see);
        }
        Expression::If(condition, one, other) => {
            visit_expression(condition, see);
            visit_expression(one, see);
            visit_expression(other, see);
        }
        Expression::In(inner, among) => {
            visit_expression(inner, see);
            for inner in among {
                visit_expression(inner, see);
            }
        }
        Expression::Coalesce(among) | Expression::FunctionCall(_, among) => {
            for inner in among {
                visit_expression(inner, see);
            }
        }
        Expression::NamedNode(_) | Expression::Literal(_) | Expression::Variable(_) | Expression::Bound(_) => {}
    }
}

/// Every variable that a pattern names or makes, within sub-queries too.
pub(crate) fn all_variables(pattern: &GraphPattern, found: &mut BTreeSet<String>) {
    visit(pattern, &mut |pattern| match pattern {
        GraphPattern::Bgp { patterns } => patterns.iter().for_each(|triple| triple_variables(triple, found)),
        GraphPattern::Path { subject, object, .. } => {
            term_variables(subject, found);
            term_variables(object, found);
        }
        GraphPattern::Values { variables, .. } | GraphPattern::Project { variables, .. } => {
            found.extend(variables.iter().map(ToString::to_string));
        }
        GraphPattern::Group { variables, aggregates, .. } => {
            found.extend(variables.iter().map(ToString::to_string));
            found.extend(aggregates.iter().map(|(variable, _)| variable.to_string()));
        }
        GraphPattern::Extend { variable, .. }
        | GraphPattern::Graph { name: NamedNodePattern::Variable(variable), .. } => {
            found.insert(variable.to_string());
        }
        _ => {}
    });
}

fn triple_variables(triple: &TriplePattern, found: &mut BTreeSet<String>) {
    term_variables(&triple.subject, found);
    if let NamedNodePattern::Variable(variable) = &triple.predicate {
        found.insert(variable.to_string());
    }
    term_variables(&triple.object, found);
}

fn term_variables(term: &TermPattern, found: &mut BTreeSet<String>) {
    match term {
        TermPattern::Variable(variable) => {
            found.insert(variable.to_string());
        }
        TermPattern::BlankNode(node) => {
            found.insert(node.to_string());
        }
        TermPattern::Triple(triple) => triple_variables(triple, found),
        TermPattern::NamedNode(_) | TermPattern::Literal(_) => {}
    }
}

/// The variables a pattern can bind, as seen from outside.
pub(crate) fn in_scope(pattern: &GraphPattern, found: &mut BTreeSet<String>) {
    match pattern {
        GraphPattern::Project { variables, .. } | GraphPattern::Values { variables, .. } => {
            found.extend(variables.iter().map(ToString::to_string));
        }
        GraphPattern::Group { variables, aggregates, .. } => {
            found.extend(variables.iter().map(ToString::to_string));
            found.extend(aggregates.iter().map(|(variable, _)| variable.to_string()));
        }
        GraphPattern::Graph { name, inner } => {
            if let NamedNodePattern::Variable(variable) = name {
                found.insert(variable.to_string());
            }
            in_scope(inner, found);
        }
        GraphPattern::Minus { left, .. } => in_scope(left, found),
        GraphPattern::OrderBy { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Filter { inner, .. }
        | GraphPattern::Service { inner, .. } => in_scope(inner, found),
        GraphPattern::Bgp { patterns } => patterns.iter().for_each(|triple| triple_variables(triple, found)),
        GraphPattern::Path { subject, object, .. } => {
            term_variables(subject, found);
            term_variables(object, found);
        }
        GraphPattern::Union { left, right }
        | GraphPattern::Join { left, right }
        | GraphPattern::LeftJoin { left, right, .. }
        | GraphPattern::Lateral { left, right } => {
            in_scope(left, found);
            in_scope(right, found);
        }
        GraphPattern::Extend { inner, variable, .. } => {
            found.insert(variable.to_string());
            in_scope(inner, found);
        }
    }
}
