//! Why something does not follow: how far each rule gets, and where it fails.
//!
//! "I don't know" helps nobody; "I would have to know that X is a parent of Y" does.

use quid_core::oxrdf::Term;
use quid_core::{Argument, Atom, Budget, Gather, Goal, Literal, Query, Rule};

use super::{Ground, Refusal, ask};

/// How far a rule gets towards a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The rule's name.
    pub rule: String,
    /// The longest beginning of its body that holds, as it does.
    pub holds: Vec<Atom>,
    /// The goal that does not, with what is known filled in.
    pub fails: Goal,
}

/// For each rule that could conclude a goal, the longest beginning of its body that holds and the goal that fails;
/// rules that get further come first.
///
/// # Errors
/// As [`ask`]; a budget that runs out shortens the list.
pub fn why_not(goal: &Literal, ground: &Ground<'_>, budget: &Budget<'_>) -> Result<Vec<Missing>, Refusal> {
    let mut found: Vec<(usize, Missing)> = Vec::new();
    for rule in ground.rules.concluding(&goal.predicate) {
        let Some(bound) = unify(&rule.head, goal) else { continue };
        let body: Vec<Goal> = rule.body.iter().map(|goal| filled(goal, &bound)).collect();
        for length in (0..body.len()).rev() {
            let (Some(begun), Some(fails)) = (body.get(..length), body.get(length)) else { continue };
            let Some(values) = first_answer(rule, begun, ground, budget)? else {
                if budget.ran_out().is_some() {
                    return Ok(furthest_first(found));
                }
                continue;
            };
            let holds = begun.iter().filter_map(|goal| match filled(goal, &values) {
                Goal::Holds(literal) => atom(&literal),
                Goal::Not(_) | Goal::Gather(_) => None,
            });
            let missing = Missing { rule: rule.name.clone(), holds: holds.collect(), fails: filled(fails, &values) };
            found.push((length, missing));
            break;
        }
    }
    Ok(furthest_first(found))
}

fn furthest_first(mut found: Vec<(usize, Missing)>) -> Vec<Missing> {
    found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    found.into_iter().map(|(_, missing)| missing).collect()
}

type Bound = Vec<(u32, Argument)>;

/// One way in which the beginning of a body holds.
fn first_answer(
    rule: &Rule,
    body: &[Goal],
    ground: &Ground<'_>,
    budget: &Budget<'_>,
) -> Result<Option<Bound>, Refusal> {
    if body.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let mut query = Query::asking(body.to_vec());
    query.rule.name = format!("why-not {}", rule.name);
    query.limit = Some(1);
    let columns: Vec<u32> = query
        .rule
        .head
        .arguments
        .iter()
        .filter_map(|argument| match argument {
            Argument::Variable(number) => Some(*number),
            Argument::Term(_) => None,
        })
        .collect();
    match ask(&query, ground, budget) {
        Ok(solutions) if solutions.is_empty() => Ok(None),
        Ok(solutions) => {
            Ok(Some(columns.into_iter().zip(solutions.values(0).into_iter().map(Argument::Term)).collect()))
        }
        // A beginning that cannot be tried alone is no answer.
        Err(Refusal::Unbound { .. } | Refusal::UnknownRelation { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

fn unify(head: &Literal, goal: &Literal) -> Option<Bound> {
    if head.arguments.len() != goal.arguments.len() {
        return None;
    }
    let mut bound: Bound = Vec::new();
    for (own, asked) in head.arguments.iter().zip(&goal.arguments) {
        match (own, asked) {
            (_, Argument::Variable(_)) => {}
            (Argument::Term(own), Argument::Term(asked)) if own == asked => {}
            (Argument::Term(_), Argument::Term(_)) => return None,
            (Argument::Variable(number), asked) => match bound.iter().find(|(known, _)| known == number) {
                Some((_, value)) if value != asked => return None,
                Some(_) => {}
                None => bound.push((*number, asked.clone())),
            },
        }
    }
    Some(bound)
}

fn filled(goal: &Goal, bound: &Bound) -> Goal {
    let value = |argument: &Argument| match argument {
        Argument::Variable(number) => {
            bound.iter().find(|(known, _)| known == number).map_or_else(|| argument.clone(), |(_, value)| value.clone())
        }
        Argument::Term(_) => argument.clone(),
    };
    let literal = |literal: &Literal| Literal {
        predicate: literal.predicate.clone(),
        arguments: literal.arguments.iter().map(&value).collect(),
    };
    match goal {
        Goal::Holds(of) => Goal::Holds(literal(of)),
        Goal::Not(of) => Goal::Not(literal(of)),
        Goal::Gather(gather) => {
            // Groups that are known are filled in; what is gathered keeps its variables.
            let mut by = gather.by.clone();
            let mut over = gather.over.clone();
            for argument in &mut over.arguments {
                if let Argument::Variable(number) = argument
                    && gather.by.contains(number)
                {
                    *argument = value(argument);
                }
            }
            by.retain(|number| over.arguments.contains(&Argument::Variable(*number)));
            Goal::Gather(Gather { over, by, into: value(&gather.into), ..gather.clone() })
        }
    }
}

fn atom(literal: &Literal) -> Option<Atom> {
    let term = |argument: &Argument| -> Option<Term> {
        match argument {
            Argument::Term(term) => Some(term.clone()),
            Argument::Variable(_) => None,
        }
    };
    let arguments = literal.arguments.iter().map(term).collect::<Option<_>>()?;
    Some(Atom { predicate: literal.predicate.clone(), arguments })
}
