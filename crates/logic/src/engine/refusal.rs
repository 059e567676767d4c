//! Why a question is not answered: what is wrong with it, in words, and what may have been meant.
//!
//! A question over a relation nobody ever spoke of is a slip of the pen, and silence about it would be taken for
//! "no".

use quid_core::oxrdf::NamedNode;
use quid_core::{Fault, Flaw, Literal};

/// Why a question was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The store could not be read.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A relation rests on its own absence, so that neither holding nor not holding would be right.
    #[error("{} rests on its own negation: {}", cycle.first().map(short).unwrap_or_default(), shorts(cycle))]
    NotStratified {
        /// From the relation round to itself.
        cycle: Vec<NamedNode>,
    },
    /// No rule concludes it, nothing is stored of it, nothing declares it.
    #[error("nothing is known of {}/{arguments}{}", short(relation), suggested(did_you_mean))]
    UnknownRelation {
        /// The relation.
        relation: NamedNode,
        /// With so many arguments.
        arguments: usize,
        /// Known relations of nearly that name, or of that name and another width.
        did_you_mean: Vec<(NamedNode, usize)>,
    },
    /// A goal that needs bound variables has none that anything could bind.
    #[error("rule `{rule}`: too little is known to try {}/{}: bind its variables by another goal", short(&goal.predicate), goal.arguments.len())]
    Unbound {
        /// The rule it stands in.
        rule: String,
        /// The goal.
        goal: Literal,
    },
    /// A rule is longer or wider than the engine takes.
    #[error("rule `{rule}` is too long: at most {most} goals, variables or arguments")]
    TooLong {
        /// The rule.
        rule: String,
        /// The most goals, variables or arguments.
        most: usize,
    },
    /// A proof did not pass the checker: an error of ours, told rather than believed.
    #[error("a proof was not accepted: {0}")]
    Flaw(#[from] Flaw),
}

/// The last part of an IRI.
pub(crate) fn short(node: &NamedNode) -> String {
    let text = node.as_str();
    text.rsplit(['/', '#', ':']).find(|part| !part.is_empty()).unwrap_or(text).to_owned()
}

fn shorts(nodes: &[NamedNode]) -> String {
    nodes.iter().map(short).collect::<Vec<_>>().join(" → ")
}

fn suggested(relations: &[(NamedNode, usize)]) -> String {
    let names: Vec<String> = relations.iter().map(|(name, width)| format!("{}/{width}", short(name))).collect();
    if names.is_empty() { String::new() } else { format!("; did you mean {}?", names.join(" or ")) }
}

/// The known relations that may have been meant: the same name with another width, or a name within two letters.
pub(crate) fn similar(relation: &NamedNode, known: Vec<(NamedNode, usize)>) -> Vec<(NamedNode, usize)> {
    let wanted = short(relation).to_lowercase();
    let letters = wanted.chars().count();
    let mut found: Vec<(usize, NamedNode, usize)> = known
        .into_iter()
        .filter_map(|(name, width)| {
            let distance = distance(&wanted, &short(&name).to_lowercase());
            (distance == 0 || distance <= 2.min(letters / 3).max(1)).then_some((distance, name, width))
        })
        .collect();
    found.sort_by(|one, other| (one.0, one.1.as_str(), one.2).cmp(&(other.0, other.1.as_str(), other.2)));
    found.truncate(3);
    found.into_iter().map(|(_, name, width)| (name, width)).collect()
}

/// Damerau–Levenshtein distance, restricted.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().take(64).collect(), other.chars().take(64).collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let mut best = (above[column] + usize::from(a != b)).min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && *a == other[column - 1] && one[row - 1] == *b {
                best = best.min(before[column - 1] + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_nearly_right_are_suggested() {
        let node = |name: &str| NamedNode::new_unchecked(format!("urn:quid:relation:{name}"));
        let known = || vec![(node("capital"), 2), (node("state"), 10), (node("border"), 2), (node("river"), 3)];
        for (asked, expected) in [("captial", "capital/2"), ("stat", "state/10"), ("state", "state/10"), ("xyz", "")] {
            let names: Vec<String> =
                similar(&node(asked), known()).iter().map(|(name, width)| format!("{}/{width}", short(name))).collect();
            assert_eq!(names.join(" "), expected, "{asked}");
        }
    }
}
