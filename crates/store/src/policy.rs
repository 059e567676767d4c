//! Which queries are run at all.
//!
//! Deep nesting and long chains overflow the parser's stack, so they are refused before parsing; other servers
//! are never asked; and a product of patterns that have nothing in common is refused where the evaluator
//! could not be stopped in it (measured: it runs on through counting, sorting and filtering).

use std::collections::BTreeSet;

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
/// `VALUES` with so many rows does not make a product large.
const FEW_ROWS: usize = 16;
/// The most parts without anything in common, however narrow each is.
const MOST_PARTS: usize = 3;

/// Words that make the syntax tree deeper by one each.
const CHAINED: [&str; 8] = ["union", "minus", "optional", "filter", "bind", "exists", "graph", "not"];

/// Refuses what a parser would not survive. Knows strings, IRIs and comments, and nothing else of the grammar.
pub(crate) fn before_parsing(query: &str) -> Result<(), String> {
    if query.len() > LONGEST {
        return Err(format!("the query is {} bytes long; {LONGEST} at most are read", query.len()));
    }
    let bytes = query.as_bytes();
    let (mut depth, mut chain, mut at) = (0_usize, 0_usize, 0_usize);
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
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'-' if in_word(bytes, at) => {}
            b'+' | b'-' | b'*' | b'/' | b'|' | b'&' | b'!' | b'^' | b'=' | b'>' => chain += 1,
            byte if byte.is_ascii_alphabetic() => {
                length =
                    rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(rest.len());
                let word = query.get(at..at + length).unwrap_or_default();
                if CHAINED.iter().any(|chained| word.eq_ignore_ascii_case(chained)) {
                    chain += 1;
                }
            }
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("the query is nested deeper than {DEEPEST} brackets"));
        }
        if chain > LONGEST_CHAIN {
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

/// Refuses what must not or cannot be run.
pub(crate) fn after_parsing(query: &Query) -> Result<(), String> {
    let (Query::Select { pattern, .. }
    | Query::Construct { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Ask { pattern, .. }) = query;
    walk(pattern, true)
}

/// `flows`: what the pattern finds goes straight out, row by row, so that it can be stopped.
fn walk(pattern: &GraphPattern, flows: bool) -> Result<(), String> {
    match pattern {
        GraphPattern::Service { .. } => Err("SERVICE asks another server; queries here stay in this store".to_owned()),
        GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Values { .. } => connected(pattern, flows),
        GraphPattern::Join { left, right } => {
            connected(pattern, flows)?;
            for side in [left, right] {
                if !matches!(**side, GraphPattern::Bgp { .. }) {
                    walk(side, false)?;
                }
            }
            Ok(())
        }
        GraphPattern::LeftJoin { left, right, expression } => {
            connected(pattern, flows)?;
            walk(left, flows)?;
            walk(right, false)?;
            expression.as_ref().map_or(Ok(()), walk_expression)
        }
        GraphPattern::Lateral { left, right } => {
            connected(pattern, flows)?;
            walk(left, flows)?;
            walk(right, false)
        }
        GraphPattern::Minus { left, right } => {
            walk(left, flows)?;
            walk(right, false)
        }
        GraphPattern::Union { left, right } => {
            walk(left, flows)?;
            walk(right, flows)
        }
        GraphPattern::Filter { expr, inner } => {
            walk_expression(expr)?;
            walk(inner, false)
        }
        GraphPattern::Extend { inner, expression, .. } => {
            walk_expression(expression)?;
            walk(inner, flows)
        }
        GraphPattern::Graph { inner, .. } => walk(inner, flows),
        GraphPattern::Project { inner, .. } | GraphPattern::Reduced { inner } | GraphPattern::Slice { inner, .. } => {
            walk(inner, flows)
        }
        GraphPattern::Distinct { inner } => walk(inner, false),
        GraphPattern::OrderBy { inner, expression } => {
            for order in expression {
                let (OrderExpression::Asc(by) | OrderExpression::Desc(by)) = order;
                walk_expression(by)?;
            }
            walk(inner, false)
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            for (_, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                    walk_expression(expr)?;
                }
            }
            walk(inner, false)
        }
    }
}

fn walk_expression(expression: &Expression) -> Result<(), String> {
    match expression {
        Expression::Exists(pattern) => walk(pattern, false),
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
            walk_expression(one)?;
            walk_expression(other)
        }
        Expression::UnaryPlus(inner) | Expression::UnaryMinus(inner) | Expression::Not(inner) => walk_expression(inner),
        Expression::If(condition, one, other) => {
            walk_expression(condition)?;
            walk_expression(one)?;
            walk_expression(other)
        }
        Expression::In(inner, among) => {
            walk_expression(inner)?;
            among.iter().try_for_each(walk_expression)
        }
        Expression::Coalesce(among) | Expression::FunctionCall(_, among) => among.iter().try_for_each(walk_expression),
        Expression::NamedNode(_) | Expression::Literal(_) | Expression::Variable(_) | Expression::Bound(_) => Ok(()),
    }
}

/// A part of a pattern: its variables, and whether many things can match it.
struct Part {
    variables: BTreeSet<String>,
    wide: bool,
}

/// Refuses parts that have no variable in common, where their product would be computed before anything flows.
fn connected(pattern: &GraphPattern, flows: bool) -> Result<(), String> {
    if flows {
        return Ok(());
    }
    let mut parts = Vec::new();
    collect(pattern, &mut parts);
    let mut groups: Vec<Part> = Vec::new();
    for mut part in parts.into_iter().filter(|part| !part.variables.is_empty()) {
        let mut apart = Vec::new();
        for group in groups {
            if group.variables.is_disjoint(&part.variables) {
                apart.push(group);
            } else {
                part.variables.extend(group.variables);
                // Whatever is joined to something narrow starts there.
                part.wide &= group.wide;
            }
        }
        apart.push(part);
        groups = apart;
    }
    let wide = groups.iter().filter(|group| group.wide).count();
    if wide > 1 || groups.len() > MOST_PARTS {
        let names: Vec<String> =
            groups.iter().map(|group| group.variables.iter().take(3).cloned().collect::<Vec<_>>().join(" ")).collect();
        return Err(format!(
            "too expensive: disconnected patterns ({}): join them by a variable, or query one at a time",
            names.join(" | ")
        ));
    }
    Ok(())
}

fn collect(pattern: &GraphPattern, parts: &mut Vec<Part>) {
    match pattern {
        GraphPattern::Bgp { patterns } => {
            for triple in patterns {
                let mut variables = BTreeSet::new();
                triple_variables(triple, &mut variables);
                parts.push(Part { variables, wide: is_open(&triple.subject) });
            }
        }
        GraphPattern::Join { left, right }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::LeftJoin { left, right, .. } => {
            collect(left, parts);
            collect(right, parts);
        }
        GraphPattern::Path { subject, object, .. } => {
            let mut variables = BTreeSet::new();
            term_variables(subject, &mut variables);
            term_variables(object, &mut variables);
            parts.push(Part { variables, wide: is_open(subject) && is_open(object) });
        }
        GraphPattern::Values { variables, bindings } => parts.push(Part {
            variables: variables.iter().map(ToString::to_string).collect(),
            wide: bindings.len() > FEW_ROWS,
        }),
        GraphPattern::Extend { inner, variable, expression } => {
            // A computed variable connects what it is computed from.
            let mut variables = BTreeSet::from([variable.to_string()]);
            expression_variables(expression, &mut variables);
            collect(inner, parts);
            parts.push(Part { variables, wide: false });
        }
        GraphPattern::Filter { inner, .. } => collect(inner, parts),
        other => {
            let mut variables = BTreeSet::new();
            in_scope(other, &mut variables);
            parts.push(Part { variables, wide: true });
        }
    }
}

fn is_open(term: &TermPattern) -> bool {
    matches!(term, TermPattern::Variable(_) | TermPattern::BlankNode(_) | TermPattern::Triple(_))
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

fn expression_variables(expression: &Expression, found: &mut BTreeSet<String>) {
    match expression {
        Expression::Variable(variable) | Expression::Bound(variable) => {
            found.insert(variable.to_string());
        }
        Expression::FunctionCall(_, among) | Expression::Coalesce(among) => {
            for inner in among {
                expression_variables(inner, found);
            }
        }
        _ => {}
    }
}

/// The variables a pattern can bind, as seen from outside.
fn in_scope(pattern: &GraphPattern, found: &mut BTreeSet<String>) {
    match pattern {
        GraphPattern::Project { variables, .. } => found.extend(variables.iter().map(ToString::to_string)),
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
        GraphPattern::Union { left, right } => {
            in_scope(left, found);
            in_scope(right, found);
        }
        GraphPattern::Minus { left, .. } => in_scope(left, found),
        GraphPattern::OrderBy { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Service { inner, .. } => in_scope(inner, found),
        GraphPattern::Bgp { .. }
        | GraphPattern::Path { .. }
        | GraphPattern::Join { .. }
        | GraphPattern::LeftJoin { .. }
        | GraphPattern::Lateral { .. }
        | GraphPattern::Filter { .. }
        | GraphPattern::Extend { .. }
        | GraphPattern::Values { .. } => {
            let mut parts = Vec::new();
            collect(pattern, &mut parts);
            found.extend(parts.into_iter().flat_map(|part| part.variables));
        }
    }
}
