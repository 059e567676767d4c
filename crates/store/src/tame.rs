//! Rewrites a query so that it means the same and can be ended everywhere.
//!
//! What touches terms can be ended ([`crate::meter`]). A few shapes can run long without touching any, or make one
//! text that is larger than all memory in a single step:
//!
//! - rows that bind nothing (`VALUES () {() ()}`, a sub-query that gives away all it found): they get a variable
//!   of their own, so that their products touch something;
//! - `MINUS` of rows that have no variable in common: it removes nothing, and is left out;
//! - `ORDER BY` an expression: computed once for each row instead of at each comparison (which is also the only
//!   sound way to order by chance);
//! - texts made of texts (`REPLACE`, `CONCAT` within `CONCAT`, `GROUP_CONCAT`): measured before they are made.

use std::{cell::RefCell, collections::BTreeSet, sync::LazyLock};

use quid_core::oxrdf::{Literal, NamedNode, Term};
use spareval::QueryEvaluator;
use spargebra::{
    Query,
    algebra::{AggregateExpression, AggregateFunction, Expression, Function, GraphPattern, OrderExpression},
    term::{NamedNodePattern, TermPattern, TriplePattern, Variable},
};

use crate::{
    dataset::{LONGEST_TEXT, text_length},
    meter::{self, Halt},
    policy,
};

/// Gives back a text that is not too long.
const MEASURED: &str = "urn:quid:function:measured";
/// Notes how long a text is in which something is replaced.
const WITHIN: &str = "urn:quid:function:within";
/// Gives back a replacement that does not make that text too long.
const REPLACING: &str = "urn:quid:function:replacing";
/// Gives back a text that is gathered with others, which is counted.
const GATHERED: &str = "urn:quid:function:gathered";
/// So many texts of the longest length may be made in one step.
const SEVERAL: usize = 4;
/// A replacement up to this length needs no measuring.
const SHORT: usize = 8;
/// What a gathered text costs beside its bytes.
const PIECE: usize = 16;

thread_local! {
    /// How long the texts are that the query's replacements work in, by their number.
    static LENGTHS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// An evaluator that knows the functions which rewritten queries call.
pub(crate) fn evaluator() -> QueryEvaluator {
    static KNOWING: LazyLock<QueryEvaluator> = LazyLock::new(knowing);
    KNOWING.clone()
}

fn knowing() -> QueryEvaluator {
    let name = NamedNode::new_unchecked;
    QueryEvaluator::new()
        .with_custom_function(name(MEASURED), |terms| {
            let text = terms.first()?;
            refuse_beyond(text_length(text).saturating_mul(SEVERAL));
            Some(text.clone())
        })
        .with_custom_function(name(WITHIN), |terms| {
            let (text, site) = (terms.first()?, number(terms.get(1)?)?);
            LENGTHS.with(|lengths| {
                let mut lengths = lengths.borrow_mut();
                if lengths.len() <= site {
                    lengths.resize(site + 1, 0);
                }
                if let Some(length) = lengths.get_mut(site) {
                    *length = text_length(text);
                }
            });
            Some(text.clone())
        })
        .with_custom_function(name(REPLACING), |terms| {
            let (text, site) = (terms.first()?, number(terms.get(1)?)?);
            let within = LENGTHS.with(|lengths| lengths.borrow().get(site).copied().unwrap_or_default());
            refuse_beyond(within.saturating_add(1).saturating_mul(text_length(text).saturating_add(1)));
            Some(text.clone())
        })
        .with_custom_function(name(GATHERED), |terms| {
            let (text, separator) = (terms.first()?, number(terms.get(1)?)?);
            meter::gather(text_length(text).saturating_add(separator).saturating_add(PIECE));
            Some(text.clone())
        })
}

fn refuse_beyond(length: usize) {
    if length > LONGEST_TEXT.saturating_mul(SEVERAL) {
        meter::end(Halt::Text);
    }
}

fn number(term: &Term) -> Option<usize> {
    match term {
        Term::Literal(literal) => literal.value().parse().ok(),
        _ => None,
    }
}

/// The same query, tame.
pub(crate) fn query(query: Query) -> Query {
    let mut tamer = Tamer::default();
    match query {
        Query::Select { dataset, pattern, base_iri } => {
            let mut named = BTreeSet::new();
            policy::in_scope(&pattern, &mut named);
            let mut whole = tamer.outer(pattern);
            let mut all = BTreeSet::new();
            policy::in_scope(&whole, &mut all);
            if !all.is_subset(&named) {
                // What was made here is no column of the answer.
                let variables = named.iter().filter_map(|name| Some(Variable::new_unchecked(name.strip_prefix('?')?)));
                whole = GraphPattern::Project { inner: Box::new(whole), variables: variables.collect() };
            }
            Query::Select { dataset, pattern: whole, base_iri }
        }
        Query::Construct { template, dataset, pattern, base_iri } => {
            Query::Construct { template, dataset, pattern: tamer.outer(pattern), base_iri }
        }
        Query::Describe { dataset, pattern, base_iri } => {
            Query::Describe { dataset, pattern: tamer.outer(pattern), base_iri }
        }
        Query::Ask { dataset, pattern, base_iri } => Query::Ask { dataset, pattern: tamer.outer(pattern), base_iri },
    }
}

/// The same pattern, tame.
pub(crate) fn pattern(pattern: GraphPattern) -> GraphPattern {
    Tamer::default().pattern(pattern)
}

/// How many variables a row of the query can have.
pub(crate) fn width(query: &Query) -> usize {
    let mut found = BTreeSet::new();
    let (Query::Select { pattern, .. }
    | Query::Construct { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Ask { pattern, .. }) = query;
    policy::all_variables(pattern, &mut found);
    found.len()
}

/// Rewrites; remembers how many names it has made.
#[derive(Default)]
struct Tamer {
    made: usize,
}

impl Tamer {
    fn fresh(&mut self) -> Variable {
        self.made += 1;
        // No query can contain this name: a variable's name has no `#`.
        Variable::new_unchecked(format!("#{}", self.made))
    }

    /// What the answer itself is made of: it keeps the variables it has.
    fn outer(&mut self, pattern: GraphPattern) -> GraphPattern {
        match pattern {
            GraphPattern::Slice { inner, start, length } => {
                GraphPattern::Slice { inner: Box::new(self.outer(*inner)), start, length }
            }
            GraphPattern::Distinct { inner } => GraphPattern::Distinct { inner: Box::new(self.outer(*inner)) },
            GraphPattern::Reduced { inner } => GraphPattern::Reduced { inner: Box::new(self.outer(*inner)) },
            GraphPattern::Project { inner, variables } => GraphPattern::Project { inner: self.boxed(inner), variables },
            other => self.pattern(other),
        }
    }

    #[expect(clippy::boxed_local, reason = "patterns come and go in boxes")]
    fn boxed(&mut self, pattern: Box<GraphPattern>) -> Box<GraphPattern> {
        Box::new(self.pattern(*pattern))
    }

    fn pattern(&mut self, pattern: GraphPattern) -> GraphPattern {
        match pattern {
            GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Service { .. } => pattern,
            GraphPattern::Values { ref bindings, .. } => {
                let bare = bindings.iter().filter(|row| row.iter().all(Option::is_none)).count();
                if bare > 1 { self.marked(pattern) } else { pattern }
            }
            GraphPattern::Join { left, right } => {
                GraphPattern::Join { left: self.boxed(left), right: self.boxed(right) }
            }
            GraphPattern::LeftJoin { left, right, expression } => GraphPattern::LeftJoin {
                left: self.boxed(left),
                right: self.boxed(right),
                expression: expression.map(|expression| self.expression(expression, false)),
            },
            GraphPattern::Lateral { left, right } => {
                GraphPattern::Lateral { left: self.boxed(left), right: self.boxed(right) }
            }
            GraphPattern::Minus { left, right } => {
                let (mut one, mut other) = (BTreeSet::new(), BTreeSet::new());
                policy::in_scope(&left, &mut one);
                policy::in_scope(&right, &mut other);
                if one.is_disjoint(&other) {
                    return self.pattern(*left);
                }
                GraphPattern::Minus { left: self.boxed(left), right: self.boxed(right) }
            }
            GraphPattern::Filter { expr, inner } => {
                GraphPattern::Filter { expr: self.expression(expr, false), inner: self.boxed(inner) }
            }
            GraphPattern::Union { .. } => self.union(pattern),
            GraphPattern::Graph { name, inner } => GraphPattern::Graph { name, inner: self.boxed(inner) },
            GraphPattern::Extend { inner, variable, expression } => GraphPattern::Extend {
                inner: self.boxed(inner),
                variable,
                expression: self.expression(expression, false),
            },
            GraphPattern::OrderBy { inner, expression } => {
                let inner = self.pattern(*inner);
                self.ordered(inner, expression)
            }
            GraphPattern::Project { inner, variables } => {
                let inner = self.boxed(inner);
                let bound = certain(&inner);
                let binds = variables.iter().any(|variable| bound.contains(variable));
                let project = GraphPattern::Project { inner, variables };
                if binds { project } else { self.marked(project) }
            }
            GraphPattern::Distinct { inner } => GraphPattern::Distinct { inner: self.boxed(inner) },
            GraphPattern::Reduced { inner } => GraphPattern::Reduced { inner: self.boxed(inner) },
            GraphPattern::Slice { inner, start, length } => {
                GraphPattern::Slice { inner: self.boxed(inner), start, length }
            }
            GraphPattern::Group { inner, variables, aggregates } => {
                let aggregates = aggregates.into_iter();
                let aggregates = aggregates.map(|(name, aggregate)| (name, self.aggregate(aggregate))).collect();
                GraphPattern::Group { inner: self.boxed(inner), variables, aggregates }
            }
        }
    }

    /// With a variable of its own, so that each of its rows binds something.
    fn marked(&mut self, inner: GraphPattern) -> GraphPattern {
        let variable = self.fresh();
        mark(inner, variable)
    }

    /// Branches that may bind nothing get a variable, and then all of them, so that rows stay as equal as they were.
    fn union(&mut self, pattern: GraphPattern) -> GraphPattern {
        let mut branches = Vec::new();
        flatten(pattern, &mut branches);
        let branches: Vec<GraphPattern> = branches.into_iter().map(|branch| self.pattern(branch)).collect();
        let is_bare = branches.iter().any(|branch| certain(branch).is_empty());
        let mark_of = is_bare.then(|| self.fresh());
        let branches = branches.into_iter().map(|branch| match &mark_of {
            Some(variable) => mark(branch, variable.clone()),
            None => branch,
        });
        branches
            .reduce(|left, right| GraphPattern::Union { left: Box::new(left), right: Box::new(right) })
            .unwrap_or_default()
    }

    fn ordered(&mut self, inner: GraphPattern, by: Vec<OrderExpression>) -> GraphPattern {
        let mut inner = inner;
        let mut kept = Vec::new();
        for order in by {
            let (is_up, expression) = match order {
                OrderExpression::Asc(expression) => (true, expression),
                OrderExpression::Desc(expression) => (false, expression),
            };
            let variable = match expression {
                Expression::Variable(variable) => variable,
                Expression::Literal(_) | Expression::NamedNode(_) => continue,
                expression => {
                    let (variable, expression) = (self.fresh(), self.expression(expression, false));
                    inner = GraphPattern::Extend { inner: Box::new(inner), variable: variable.clone(), expression };
                    variable
                }
            };
            let by = Expression::Variable(variable);
            kept.push(if is_up { OrderExpression::Asc(by) } else { OrderExpression::Desc(by) });
        }
        if kept.is_empty() { inner } else { GraphPattern::OrderBy { inner: Box::new(inner), expression: kept } }
    }

    fn aggregate(&mut self, aggregate: AggregateExpression) -> AggregateExpression {
        match aggregate {
            AggregateExpression::FunctionCall { name, expr, distinct } => {
                let expr = self.expression(expr, false);
                let gathers = match &name {
                    AggregateFunction::GroupConcat { separator } => Some(separator.as_ref().map_or(1, String::len)),
                    // The values that came already are remembered.
                    AggregateFunction::Sum | AggregateFunction::Avg if distinct => Some(0),
                    _ => None,
                };
                let expr = match gathers {
                    Some(separator) => call(GATHERED, vec![expr, count(separator)]),
                    None => expr,
                };
                AggregateExpression::FunctionCall { name, expr, distinct }
            }
            counted @ AggregateExpression::CountSolutions { .. } => counted,
        }
    }

    /// `within`: whether a text is made of what this gives.
    fn expression(&mut self, expression: Expression, within: bool) -> Expression {
        let both = |tamer: &mut Self, one: Box<Expression>, other: Box<Expression>| {
            (Box::new(tamer.expression(*one, within)), Box::new(tamer.expression(*other, within)))
        };
        macro_rules! pair {
            ($kind:path, $one:ident, $other:ident) => {{
                let (one, other) = both(self, $one, $other);
                $kind(one, other)
            }};
        }
        match expression {
            Expression::NamedNode(_) | Expression::Literal(_) | Expression::Variable(_) | Expression::Bound(_) => {
                expression
            }
            Expression::Or(one, other) => pair!(Expression::Or, one, other),
            Expression::And(one, other) => pair!(Expression::And, one, other),
            Expression::Equal(one, other) => pair!(Expression::Equal, one, other),
            Expression::SameTerm(one, other) => pair!(Expression::SameTerm, one, other),
            Expression::Greater(one, other) => pair!(Expression::Greater, one, other),
            Expression::GreaterOrEqual(one, other) => pair!(Expression::GreaterOrEqual, one, other),
            Expression::Less(one, other) => pair!(Expression::Less, one, other),
            Expression::LessOrEqual(one, other) => pair!(Expression::LessOrEqual, one, other),
            Expression::Add(one, other) => pair!(Expression::Add, one, other),
            Expression::Subtract(one, other) => pair!(Expression::Subtract, one, other),
            Expression::Multiply(one, other) => pair!(Expression::Multiply, one, other),
            Expression::Divide(one, other) => pair!(Expression::Divide, one, other),
            Expression::In(one, among) => {
                let one = Box::new(self.expression(*one, within));
                Expression::In(one, among.into_iter().map(|other| self.expression(other, within)).collect())
            }
            Expression::UnaryPlus(inner) => Expression::UnaryPlus(Box::new(self.expression(*inner, within))),
            Expression::UnaryMinus(inner) => Expression::UnaryMinus(Box::new(self.expression(*inner, within))),
            Expression::Not(inner) => Expression::Not(Box::new(self.expression(*inner, within))),
            Expression::Exists(inner) => Expression::Exists(self.boxed(inner)),
            Expression::If(condition, one, other) => {
                let condition = Box::new(self.expression(*condition, false));
                let (one, other) = both(self, one, other);
                Expression::If(condition, one, other)
            }
            Expression::Coalesce(among) => {
                Expression::Coalesce(among.into_iter().map(|inner| self.expression(inner, within)).collect())
            }
            Expression::FunctionCall(function, among) => {
                let grows = matches!(
                    function,
                    Function::Concat | Function::Replace | Function::EncodeForUri | Function::UCase | Function::LCase
                );
                let among = among.into_iter().map(|inner| self.expression(inner, within || grows));
                let among: Vec<Expression> = among.collect();
                let among = if function == Function::Replace { self.replacing(among) } else { among };
                let made = Expression::FunctionCall(function, among);
                if within && grows { call(MEASURED, vec![made]) } else { made }
            }
        }
    }

    /// The parts of a REPLACE, measured against each other.
    fn replacing(&mut self, mut among: Vec<Expression>) -> Vec<Expression> {
        let is_short = |with: &Expression| matches!(with, Expression::Literal(text) if text.value().len() <= SHORT);
        if among.get(2).is_none_or(is_short) {
            return among;
        }
        self.made += 1;
        let site = self.made;
        for (part, function) in [(0, WITHIN), (2, REPLACING)] {
            if let Some(slot) = among.get_mut(part) {
                let inner = std::mem::replace(slot, count(0));
                *slot = call(function, vec![inner, count(site)]);
            }
        }
        among
    }
}

fn call(function: &str, among: Vec<Expression>) -> Expression {
    Expression::FunctionCall(Function::Custom(NamedNode::new_unchecked(function)), among)
}

fn count(number: usize) -> Expression {
    Expression::Literal(Literal::from(i64::try_from(number).unwrap_or(i64::MAX)))
}

fn mark(inner: GraphPattern, variable: Variable) -> GraphPattern {
    GraphPattern::Extend { inner: Box::new(inner), variable, expression: count(0) }
}

fn flatten(pattern: GraphPattern, branches: &mut Vec<GraphPattern>) {
    match pattern {
        GraphPattern::Union { left, right } => {
            flatten(*left, branches);
            flatten(*right, branches);
        }
        other => branches.push(other),
    }
}

/// The variables that every row of a pattern binds.
fn certain(pattern: &GraphPattern) -> BTreeSet<Variable> {
    let mut found = BTreeSet::new();
    match pattern {
        GraphPattern::Bgp { patterns } => patterns.iter().for_each(|triple| of_triple(triple, &mut found)),
        GraphPattern::Path { subject, object, .. } => {
            of_term(subject, &mut found);
            of_term(object, &mut found);
        }
        GraphPattern::Join { left, right } | GraphPattern::Lateral { left, right } => {
            found = certain(left);
            found.extend(certain(right));
        }
        GraphPattern::LeftJoin { left, .. } | GraphPattern::Minus { left, .. } => found = certain(left),
        GraphPattern::Union { left, right } => {
            let right = certain(right);
            found = certain(left).into_iter().filter(|variable| right.contains(variable)).collect();
        }
        GraphPattern::Graph { name, inner } => {
            found = certain(inner);
            if let NamedNodePattern::Variable(name) = name {
                found.insert(name.clone());
            }
        }
        GraphPattern::Extend { inner, variable, expression } => {
            found = certain(inner);
            let is_bound = match expression {
                Expression::Literal(_) | Expression::NamedNode(_) => true,
                Expression::Variable(from) => found.contains(from),
                _ => false,
            };
            if is_bound {
                found.insert(variable.clone());
            }
        }
        GraphPattern::Values { variables, bindings } => {
            for (column, variable) in variables.iter().enumerate() {
                if bindings.iter().all(|row| row.get(column).is_some_and(Option::is_some)) {
                    found.insert(variable.clone());
                }
            }
        }
        GraphPattern::Project { inner, variables } => {
            found = certain(inner);
            found.retain(|variable| variables.contains(variable));
        }
        GraphPattern::Filter { inner, .. }
        | GraphPattern::OrderBy { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. } => found = certain(inner),
        // A group that binds nothing is one row.
        GraphPattern::Group { aggregates, .. } => found.extend(aggregates.iter().map(|(name, _)| name.clone())),
        GraphPattern::Service { .. } => {}
    }
    found
}

fn of_triple(triple: &TriplePattern, found: &mut BTreeSet<Variable>) {
    of_term(&triple.subject, found);
    if let NamedNodePattern::Variable(variable) = &triple.predicate {
        found.insert(variable.clone());
    }
    of_term(&triple.object, found);
}

fn of_term(term: &TermPattern, found: &mut BTreeSet<Variable>) {
    match term {
        TermPattern::Variable(variable) => {
            found.insert(variable.clone());
        }
        // Blank nodes are variables that have no name.
        TermPattern::BlankNode(node) => {
            found.insert(Variable::new_unchecked(format!("_:{}", node.as_str())));
        }
        TermPattern::Triple(triple) => of_triple(triple, found),
        TermPattern::NamedNode(_) | TermPattern::Literal(_) => {}
    }
}
