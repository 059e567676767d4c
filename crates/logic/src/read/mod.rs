//! Reads programs written as Prolog: facts, rules, questions and directives.
//!
//! People write programs and type questions, so every problem is told with its place, and one problem does not hide
//! the others. There are no function symbols, hence nothing nests and nothing derived can grow without end.
//! The language is described in `ontologies/README.md`, whose examples are tests.

mod compile;
mod constant;
mod instantiate;
mod operators;
mod parse;
mod problem;
mod program;
mod query;
mod token;
mod vocabulary;

use quid_core::{Direction, Rule, Rulebook};

pub use constant::{list, list_items, quoted, shown, written};
pub use instantiate::instantiate;
pub use problem::RuleError;
pub use program::{Script, read_program};
pub use query::read_query;
pub use vocabulary::{Vocabulary, nearest};

use parse::{Parsed, Parser};

/// A question without its wrappers.
struct Settled<'p> {
    goal: &'p Parsed,
    order: Vec<(String, Direction)>,
    offset: usize,
    limit: Option<usize>,
}

/// Reads a rules file. `file` is its name for errors and the first part of the rules' names. A fact becomes a rule
/// without a body.
///
/// ```
/// let book = quid_logic::read("kin", r#"
/// :- prefix(kin, "urn:kin:").
/// %! name grandparent
/// %! says "{0} is a grandparent of {1}"
/// kin:grandparent(X, Z) :- kin:parent(X, Y), kin:parent(Y, Z).
/// "#).expect("a correct file");
/// assert_eq!(book.rules[0].name, "kin/grandparent");
/// ```
///
/// # Errors
/// The first [`RuleError`], with its place.
pub fn read(file: &str, text: &str) -> Result<Rulebook, RuleError> {
    let no_other_files = |name: &str| Err(format!("`{name}` cannot be included here"));
    let mut program = read_program(file, text, &Vocabulary::default(), &no_other_files);
    if !program.problems.is_empty() {
        return Err(program.problems.remove(0));
    }
    let mut rules = program.rules;
    for (number, fact) in program.facts.into_iter().enumerate() {
        rules.push(Rule {
            name: format!("{file}/fact{}", number + 1),
            head: quid_core::Literal {
                predicate: fact.predicate,
                arguments: fact.arguments.into_iter().map(quid_core::Argument::Term).collect(),
            },
            body: Vec::new(),
            says: String::new(),
        });
    }
    Ok(Rulebook { rules })
}

#[cfg(test)]
mod tests;
