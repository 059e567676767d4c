//! Reads questions: `?- goal.`, with the wrappers that say in which order and how many answers are wanted.
//!
//! A question becomes a rule that concludes its answers, so that its proofs are proofs like any other.

use quid_core::oxrdf::NamedNode;
use quid_core::rule::ANSWER;
use quid_core::{Direction, Query};

use super::compile::{Context, Head, clause, columns};
use super::parse::{Node, Parsed};
use super::problem::{RuleError, Text};
use super::token::{Broken, broken};
use super::vocabulary::Vocabulary;
use super::{Parser, Settled};

/// The relation of a question's alternatives.
const EITHER: &str = "urn:quid:helper:answers";

/// Reads one question, with or without `?-` and the full stop. `means` is asked what a relation is that neither the
/// vocabulary nor a built-in explains.
///
/// ```
/// use quid_logic::{Vocabulary, read_query};
/// let query = read_query("?- limit(3, order_by([desc(N)], (parent(X, Y), age(Y, N)))).", &Vocabulary::default(), &|_, _| None);
/// let query = query.expect("a correct question");
/// assert_eq!(query.columns, ["X", "Y", "N"]);
/// assert_eq!(query.limit, Some(3));
/// ```
///
/// # Errors
/// What is wrong, with its place.
pub fn read_query(
    text: &str,
    vocabulary: &Vocabulary,
    means: &dyn Fn(&str, usize) -> Option<NamedNode>,
) -> Result<Query, RuleError> {
    let place = Text::new("?-", text);
    let told = |broken: Broken| place.problem(broken.at, broken.problem);
    let mut parser = Parser::new(text).with(vocabulary);
    let term = parser.clause(vocabulary, true).map_err(told)?;
    let Some(term) = term else {
        return Err(place.problem(text.len(), "expected a question such as `?- likes(X, tea).`"));
    };
    let end = parser.clause(vocabulary, true);
    if let Ok(Some(more)) = &end {
        return Err(place.problem(more.at, "expected one question at a time"));
    }
    end.map_err(told)?;
    let goal = match term.call() {
        Some(("?-" | ":-", [goal])) => goal,
        Some((":-", [head, _])) => {
            return Err(place
                .problem(head.at, "expected a question; rules are loaded from a file with `quid load prolog FILE`"));
        }
        _ => &term,
    };
    let context = Context { vocabulary, defines: &|_, _| false, means };
    query(&context, "answer", goal).map_err(told)
}

/// Compiles the goal of a question. `name` is its rule's name.
pub(super) fn query(context: &Context<'_>, name: &str, goal: &Parsed) -> Result<Query, Broken> {
    let settled = unwrapped(goal)?;
    let goal = settled.goal;
    let mut names = columns(goal)?;
    let mut order = Vec::new();
    for (variable, direction) in settled.order {
        let at = names.iter().position(|name| *name == variable).unwrap_or_else(|| {
            names.push(variable.clone());
            names.len() - 1
        });
        order.push((at, direction));
    }
    let head = Head::Over(ANSWER.into(), names.clone());
    let mut made = clause(context, name, "", &head, Some(goal))?;
    let (rule, helpers) = if made.rules.len() == 1 {
        (made.rules.remove(0), made.helpers)
    } else {
        // Several alternatives, or none that can hold: the answers are those of a relation of their own.
        let mut helpers = made.helpers;
        for (number, mut alternative) in made.rules.into_iter().enumerate() {
            alternative.name = format!("{name}/{}", number + 1);
            alternative.head.predicate = NamedNode::new_unchecked(EITHER);
            helpers.push(alternative);
        }
        (whole(name, &names), helpers)
    };
    let limit = if names.is_empty() { Some(settled.limit.map_or(1, |limit| limit.min(1))) } else { settled.limit };
    Ok(Query { rule, helpers, columns: names, order, offset: settled.offset, limit })
}

fn whole(name: &str, columns: &[String]) -> quid_core::Rule {
    let arguments: Vec<quid_core::Argument> =
        (0..columns.len()).filter_map(|at| u32::try_from(at).ok()).map(quid_core::Argument::Variable).collect();
    let literal = |predicate: NamedNode| quid_core::Literal { predicate, arguments: arguments.clone() };
    quid_core::Rule {
        name: name.to_owned(),
        head: literal(ANSWER.into()),
        body: vec![quid_core::Goal::Holds(literal(NamedNode::new_unchecked(EITHER)))],
        says: String::new(),
    }
}

/// Takes the wrappers off a question.
fn unwrapped(goal: &Parsed) -> Result<Settled<'_>, Broken> {
    let mut settled = Settled { goal, order: Vec::new(), offset: 0, limit: None };
    let mut is_ordered = false;
    loop {
        match settled.goal.call() {
            Some(("once", [inner])) if !is_ordered => {
                settled.narrow(0, Some(1));
                settled.goal = inner;
            }
            Some(("limit", [count, inner])) if !is_ordered => {
                settled.narrow(0, Some(whole_number(count)?));
                settled.goal = inner;
            }
            Some(("offset", [count, inner])) if !is_ordered => {
                settled.narrow(whole_number(count)?, None);
                settled.goal = inner;
            }
            Some(("order_by", [keys, inner])) => {
                let keys: Vec<&Parsed> = match &keys.node {
                    Node::List(keys, None) => keys.iter().collect(),
                    _ => vec![keys],
                };
                for key in keys {
                    settled.order.push(order_key(key)?);
                }
                is_ordered = true;
                settled.goal = inner;
            }
            // All answers are distinct.
            Some(("distinct", [inner] | [_, inner])) => settled.goal = inner,
            Some((name @ ("once" | "limit" | "offset"), _)) => {
                return broken(settled.goal.at, format!("expected `{name}` around `order_by`, not inside it"));
            }
            _ => return Ok(settled),
        }
    }
}

impl Settled<'_> {
    /// Of what the wrappers so far let through, only so many after so many. The outer wrapper is met first, so what
    /// is met now applies before it.
    fn narrow(&mut self, offset: usize, limit: Option<usize>) {
        // The inner one gives `limit` answers from its own offset on; the outer one takes its part of these.
        let left = limit.map(|limit| limit.saturating_sub(self.offset));
        self.limit = match (self.limit, left) {
            (Some(outer), Some(left)) => Some(outer.min(left)),
            (outer, left) => outer.or(left),
        };
        self.offset = self.offset.saturating_add(offset);
    }
}

fn whole_number(term: &Parsed) -> Result<usize, Broken> {
    if let Node::Literal(literal) = &term.node
        && let Ok(number) = literal.value().parse()
    {
        return Ok(number);
    }
    broken(term.at, "expected a whole number from 0 on")
}

fn order_key(term: &Parsed) -> Result<(String, Direction), Broken> {
    match (&term.node, term.call()) {
        (Node::Variable(name), _) => Ok((name.clone(), Direction::Ascending)),
        (_, Some((name @ ("asc" | "desc"), [key]))) => match &key.node {
            Node::Variable(variable) => {
                Ok((variable.clone(), if name == "asc" { Direction::Ascending } else { Direction::Descending }))
            }
            _ => broken(key.at, "expected a variable of the question"),
        },
        _ => broken(term.at, "expected asc(X) or desc(X)"),
    }
}
