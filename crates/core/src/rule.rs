//! Atoms, rules and queries: what System 2 reasons with and what proofs are checked against.
//!
//! A rule's body is flat: arithmetic, comparison and text are relations too (`urn:quid:builtin:less`), and a
//! disjunction or a nested goal becomes a relation of its own, so that a proof step is always one rule and its
//! premises.
//!
//! They live here, not in `logic`, so that the proof checker can stay free of engine code.

use oxrdf::{NamedNode, NamedNodeRef, Term};

/// A ground statement: a relation and its arguments. A triple is the atom `predicate(subject, object)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Atom {
    /// The relation.
    pub predicate: NamedNode,
    /// Its arguments, in order.
    pub arguments: Vec<Term>,
}

impl Atom {
    /// The atom of a triple's parts.
    #[must_use]
    pub fn binary(predicate: impl Into<NamedNode>, subject: impl Into<Term>, object: impl Into<Term>) -> Self {
        Self { predicate: predicate.into(), arguments: vec![subject.into(), object.into()] }
    }

    /// Subject and object of a binary atom.
    #[must_use]
    pub fn pair(&self) -> Option<(&Term, &Term)> {
        match self.arguments.as_slice() {
            [subject, object] => Some((subject, object)),
            _ => None,
        }
    }
}

/// An argument in a rule: a variable (numbered within its rule) or a term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Argument {
    /// A variable.
    Variable(u32),
    /// A term.
    Term(Term),
}

/// A relation with arguments in a rule's head or body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Literal {
    /// The relation.
    pub predicate: NamedNode,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// What a rule's body asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// The literal holds: stored, derived or computed.
    Holds(Literal),
    /// No instance of the literal holds (negation as failure). All its variables are bound when it is tried; a
    /// program in which this goes round in a circle is refused (not stratified).
    Not(Literal),
    /// A value gathered from all answers to a literal.
    Gather(Gather),
}

impl Goal {
    /// The literal it is about.
    #[must_use]
    pub fn literal(&self) -> &Literal {
        match self {
            Self::Holds(literal) | Self::Not(literal) => literal,
            Self::Gather(gather) => &gather.over,
        }
    }
}

/// An aggregate over all answers to a literal, one value for each group (SQL's `group by`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gather {
    /// How.
    pub how: How,
    /// Over the distinct answers to this.
    pub over: Literal,
    /// Which variable of `over` is gathered; not looked at for [`How::Count`], which counts the answers.
    pub value: u32,
    /// Which variables of `over` make the groups. When all are bound, or there are none, there is one group, and
    /// its count may be 0.
    pub by: Vec<u32>,
    /// Where the value goes.
    pub into: Argument,
}

/// The ways to gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// How many answers.
    Count,
    /// Their sum; 0 of none.
    Sum,
    /// The least, in the order of numbers, dates or text; nothing of none.
    Min,
    /// The greatest; nothing of none.
    Max,
    /// The mean; nothing of none.
    Average,
    /// All values as a list, without repetition, in the standard order (`findall` sorted).
    List,
}

/// A rule: the head holds when every goal of the body does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A name unique in its rulebook, shown in proofs (`everyday/2`: file and number, or a taught name).
    pub name: String,
    /// What follows.
    pub head: Literal,
    /// From what.
    pub body: Vec<Goal>,
    /// The words a proof uses for this step, from the rule's file ("{0} is a kind of {1}"); may be empty.
    pub says: String,
}

/// A question in logic: a rule that concludes its answers, `answer(X, Y) :- goals`, and how many of them in which
/// order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The rule; its head's arguments are the answer's columns (none: a yes or no). The rule is in force for this
    /// query only, so that a proof of the answer is a proof like any other.
    pub rule: Rule,
    /// Further rules in force for this query only: what its nested goals became.
    pub helpers: Vec<Rule>,
    /// The columns' names, as many as the head has arguments.
    pub columns: Vec<String>,
    /// Sorted by these columns, the first first.
    pub order: Vec<(usize, Direction)>,
    /// So many answers are left out first.
    pub offset: usize,
    /// And so many come at most.
    pub limit: Option<usize>,
}

impl Query {
    /// Asks for all values of the goals' variables, in the order of their numbers, each answer once.
    ///
    /// ```
    /// use quid_core::{Argument, Goal, Literal, Query, vocabulary::IS_A};
    /// let literal = Literal { predicate: IS_A.into(), arguments: vec![Argument::Variable(4), Argument::Variable(2)] };
    /// assert_eq!(Query::asking(vec![Goal::Holds(literal)]).columns, ["_2", "_4"]);
    /// ```
    #[must_use]
    pub fn asking(goals: Vec<Goal>) -> Self {
        let mut variables = std::collections::BTreeSet::new();
        for goal in &goals {
            let seen = match goal {
                Goal::Gather(gather) => {
                    variables.extend(gather.by.iter().copied());
                    std::slice::from_ref(&gather.into)
                }
                Goal::Holds(literal) | Goal::Not(literal) => literal.arguments.as_slice(),
            };
            for argument in seen {
                if let Argument::Variable(number) = argument {
                    variables.insert(*number);
                }
            }
        }
        let arguments = variables.iter().map(|&number| Argument::Variable(number)).collect();
        Self {
            rule: Rule {
                name: "answer".to_owned(),
                head: Literal { predicate: ANSWER.into(), arguments },
                body: goals,
                says: String::new(),
            },
            helpers: Vec::new(),
            columns: variables.iter().map(|number| format!("_{number}")).collect(),
            order: Vec::new(),
            offset: 0,
            limit: None,
        }
    }
}

/// The relation that queries conclude.
pub const ANSWER: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:answer");

/// Which way to sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Least first.
    Ascending,
    /// Greatest first.
    Descending,
}

/// The rules in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// In the order they were read.
    pub rules: Vec<Rule>,
}

impl Rulebook {
    /// The rule of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The rules whose head is this relation.
    pub fn concluding(&self, predicate: &NamedNode) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.head.predicate == *predicate)
    }
}
