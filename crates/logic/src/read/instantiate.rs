//! Makes rules about one relation from rules about any.
//!
//! What holds of every taught relation is written once, and becomes a rule about "can" when "can" is asked for.

use quid_core::oxrdf::NamedNode;
use quid_core::{Gather, Goal, Literal, Rule, Rulebook};

/// The rules with one relation put in the place of another: how a rule written for any taught relation
/// (`quid:relation`) becomes a rule about "can". Rules that do not mention it are left out; names get the suffix.
#[must_use]
pub fn instantiate(rules: &Rulebook, placeholder: &NamedNode, relation: &NamedNode, suffix: &str) -> Vec<Rule> {
    let replaced = |literal: &Literal| Literal {
        predicate: if literal.predicate == *placeholder { relation.clone() } else { literal.predicate.clone() },
        arguments: literal.arguments.clone(),
    };
    let mentions = |rule: &&Rule| {
        rule.head.predicate == *placeholder || rule.body.iter().any(|goal| goal.literal().predicate == *placeholder)
    };
    rules
        .rules
        .iter()
        .filter(mentions)
        .map(|rule| Rule {
            name: format!("{}({suffix})", rule.name),
            head: replaced(&rule.head),
            body: rule
                .body
                .iter()
                .map(|goal| match goal {
                    Goal::Holds(literal) => Goal::Holds(replaced(literal)),
                    Goal::Not(literal) => Goal::Not(replaced(literal)),
                    Goal::Gather(gather) => Goal::Gather(Gather { over: replaced(&gather.over), ..gather.clone() }),
                })
                .collect(),
            says: rule.says.clone(),
        })
        .collect()
}
