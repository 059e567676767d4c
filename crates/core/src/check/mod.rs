//! The checker that believes no proof: every step is gone through again, with the stored facts and the rules alone.
//!
//! A step that something is absent, or gathered, rests on tables that claim to hold all answers to a pattern. That
//! claim is gone through as well: each stored fact that fits is an answer, and no rule gives another one from
//! answers of tables of the same layer or below, absences from tables strictly below. Why that is enough: by
//! induction on the layers, and in a layer on the length of derivations, whatever is true and fits is in its table;
//! and an answer's own proof may rest on absences from lower layers only, so nothing rests on its own absence.
//!
//! A large table need not list its answers (a count of three hundred thousand has that many proofs that nobody reads):
//! then the checker finds them itself, from what is stored and from tables that come before in the proof. Nothing in
//! such a table rests on itself, so what is found is what is true.
//!
//! The checker knows nothing of how the engine searched. It joins a rule's goals in whichever order it can, which
//! is no choice that could fail: a goal that can be done now can be done after any other.
//!
//! ```text
//!  mod.rs      every step, and what it rests on
//!  tables.rs   that tables are closed; answers of those that list none
//!  rules.rs, numbers.rs, stored.rs   what these read
//! ```

mod numbers;
mod rules;
mod stored;
mod tables;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use oxrdf::{NamedNode, Term};

use crate::{
    Atom, Budget, Facts, Fault, Limit, Rule, Rulebook, gather,
    proof::{Answers, Because, BuiltIns, Proof},
    vocabulary::MEANS,
};

use numbers::{Names, OPEN, Row, Rows, Terms};
use rules::{Act, Ready, Rules, Slot, fit_all};
use stored::{Named, Stored};
use tables::Table;

/// The most facts and rule goals gone through where nobody set a budget: about ten seconds.
const MOST_WORK: u64 = 20_000_000;
/// A relation that so many steps have as leaves may be read whole.
const MANY: usize = 256;

/// What is wrong with a proof.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// It has no steps.
    #[error("the proof is empty")]
    Empty,
    /// A leaf is not stored where it says.
    #[error("step {0} is not stored in {1}")]
    NotStored(usize, NamedNode),
    /// A rule is unknown.
    #[error("step {0} uses the unknown rule `{1}`")]
    NoSuchRule(usize, String),
    /// A premise comes later than its conclusion, or does not exist.
    #[error("step {0} rests on step {1}, which does not come before it")]
    Order(usize, usize),
    /// The rule does not give this conclusion from these premises.
    #[error("step {0} does not follow by rule `{1}`")]
    DoesNotFollow(usize, String),
    /// One word is taken in two senses: every step may be right and the whole still a fallacy of equivocation
    /// ("a river bank is a bank; a bank lends money").
    #[error("step {0} takes a word in another sense than an earlier step")]
    Equivocation(usize),
    /// A step rests on a table that is not there, or that has what is said to be absent.
    #[error("step {0} does not follow from table {1}")]
    NotClosed(usize, usize),
    /// A table is not what it says: all answers, each proved by what is below it.
    #[error("table {0} is not closed: {1}")]
    Open(usize, &'static str),
    /// The last step says what is absent or gathered; it proves nothing by itself.
    #[error("the proof concludes nothing")]
    Inconclusive,
    /// Going through the proof takes more than the budget allows.
    #[error("the proof is too large to be checked: that takes too much of {0}")]
    Spent(Limit),
    /// A computed step does not hold.
    #[error("step {0} is not so when computed again")]
    NotComputed(usize),
    /// The store could not be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Flaw {
    /// The budget ended first.
    fn spent(budget: &Budget<'_>) -> Self {
        Self::Spent(budget.ran_out().unwrap_or(Limit::Steps))
    }
}

/// A proof every step of which has been checked. Only [`Checker`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    proof: Proof,
    read: Vec<NamedNode>,
}

impl Verified {
    /// The proof.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The sources it rests on: the graphs of its leaves, in their order; then those that were gone through to see
    /// that nothing is missing from its tables.
    #[must_use]
    pub fn sources(&self) -> Vec<&NamedNode> {
        let mut seen: HashSet<&NamedNode> = HashSet::new();
        let leaves = self.proof.steps.iter().filter_map(|step| match &step.because {
            Because::Stored(graph) => Some(graph),
            _ => None,
        });
        leaves.chain(&self.read).filter(|graph| seen.insert(*graph)).collect()
    }
}

/// Checks every step; costs one look-up a leaf.
///
/// # Errors
/// The first [`Flaw`] found.
pub fn verify(proof: Proof, facts: &dyn Facts, rules: &Rulebook, builtins: &dyn BuiltIns) -> Result<Verified, Flaw> {
    verify_by(proof, facts, &[&rules.rules], builtins)
}

/// As [`verify`], with the rules in several lists; of two rules of one name the first counts.
///
/// # Errors
/// The first [`Flaw`] found.
pub fn verify_by(
    proof: Proof,
    facts: &dyn Facts,
    rules: &[&[Rule]],
    builtins: &dyn BuiltIns,
) -> Result<Verified, Flaw> {
    Checker::new(facts, rules, builtins).verify(proof, &Budget::steps(MOST_WORK))
}

/// Checks proofs over the same facts and rules; what it read for one serves the next. The facts must not change
/// meanwhile.
pub struct Checker<'p> {
    builtins: &'p dyn BuiltIns,
    rules: Rules<'p>,
    terms: Terms,
    names: Names,
    stored: Stored<'p>,
    /// The answers found for tables that list none, of proofs that were right.
    found: HashMap<(u32, Row), Rc<Rows>>,
}

/// A step in numbers.
struct Line {
    relation: u32,
    row: Row,
    /// It says that its claim holds.
    positive: bool,
}

/// A proof in numbers.
#[derive(Default)]
struct Going {
    lines: Vec<Line>,
    tables: Vec<Table>,
    /// Tables by relation and pattern.
    index: HashMap<(u32, Row), usize>,
    /// Which arguments are known in some table of a relation, a bit each, most first.
    masks: HashMap<(u32, usize), Vec<u64>>,
}

impl<'p> Checker<'p> {
    /// Checks against these facts and rules; of two rules of one name the first counts.
    #[must_use]
    pub fn new(facts: &'p dyn Facts, rules: &[&'p [Rule]], builtins: &'p dyn BuiltIns) -> Self {
        Self::asking(Vec::new(), facts, rules, builtins)
    }

    /// As [`Checker::new`], with a question's own rules, which count first.
    #[must_use]
    pub fn asking(own: Vec<Rule>, facts: &'p dyn Facts, rules: &[&'p [Rule]], builtins: &'p dyn BuiltIns) -> Self {
        Self {
            builtins,
            rules: Rules::new(own, rules),
            terms: Terms::default(),
            names: Names::default(),
            stored: Stored::new(facts),
            found: HashMap::new(),
        }
    }

    /// A graph in which a statement is stored, for whoever writes a proof to be checked here: what is read for many
    /// of them is not read again to check them.
    ///
    /// # Errors
    /// [`Flaw::Fault`], [`Flaw::Spent`].
    pub fn graph(&mut self, claim: &Atom, budget: &Budget<'_>) -> Result<Option<NamedNode>, Flaw> {
        let (number, row) = (self.names.number(claim.predicate.as_str()), self.terms.row(&claim.arguments));
        let named = Named { number, predicate: &claim.predicate, width: row.len() };
        self.stored.announce(named, 1, &mut self.terms, budget)?;
        Ok(self.stored.graph(named, claim, &row)?)
    }

    /// Checks every step of a proof.
    ///
    /// # Errors
    /// The first [`Flaw`] found.
    pub fn verify(&mut self, proof: Proof, budget: &Budget<'_>) -> Result<Verified, Flaw> {
        let mut going = Going::default();
        for step in &proof.steps {
            budget.step().map_err(|_| Flaw::spent(budget))?;
            going.lines.push(Line {
                relation: self.names.number(step.claim.predicate.as_str()),
                row: self.terms.row(&step.claim.arguments),
                positive: is_positive(&step.because),
            });
        }
        self.lay_out(&proof, &mut going)?;
        let mut found = Vec::new();
        for (number, table) in proof.tables.iter().enumerate() {
            if table.answers == Answers::Found {
                found.push(self.find(&proof, number, &mut going, budget)?);
            }
        }
        self.steps(&proof, &going, budget)?;
        for (number, table) in proof.tables.iter().enumerate() {
            if table.answers != Answers::Found {
                self.closed(&proof, number, &going, budget)?;
            }
        }
        self.found.extend(found);
        let mut read: Vec<NamedNode> =
            if proof.tables.is_empty() { Vec::new() } else { self.stored.read.iter().cloned().collect() };
        read.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
        Ok(Verified { proof, read })
    }

    /// Every step, and that answers of tables do not rest on absences from their own layer.
    fn steps(&mut self, proof: &Proof, going: &Going, budget: &Budget<'_>) -> Result<(), Flaw> {
        self.announce_leaves(proof, going, budget)?;
        let mut layers: Vec<u32> = Vec::with_capacity(proof.steps.len());
        for (at, (step, line)) in proof.steps.iter().zip(&going.lines).enumerate() {
            budget.step().map_err(|_| Flaw::spent(budget))?;
            let mut layer = 0;
            match &step.because {
                Because::Stored(graph) => {
                    let named =
                        Named { number: line.relation, predicate: &step.claim.predicate, width: line.row.len() };
                    if !self.stored.is_stored(named, &step.claim, &line.row, graph)? {
                        return Err(Flaw::NotStored(at, graph.clone()));
                    }
                }
                Because::BuiltIn => {
                    if self.builtins.holds(&step.claim) != Some(true) {
                        return Err(Flaw::NotComputed(at));
                    }
                }
                Because::Absent(number) => {
                    let table = going.tables.get(*number).ok_or(Flaw::NotClosed(at, *number))?;
                    if table.answers.contains(&line.row) || !table.covers(line.relation, &line.row) {
                        return Err(Flaw::NotClosed(at, *number));
                    }
                    layer = table.layer.saturating_add(1);
                }
                // What is gathered is compared with the goal that gathers, below.
                Because::Gathered(number) => {
                    let table = going.tables.get(*number).ok_or(Flaw::NotClosed(at, *number))?;
                    layer = table.layer.saturating_add(1);
                }
                Because::Rule { name, premises } => {
                    for premise in premises {
                        let below = layers.get(*premise).ok_or(Flaw::Order(at, *premise))?;
                        layer = layer.max(*below);
                    }
                    let rule = self.rules.named(name).and_then(|rule| self.ready(rule));
                    let rule = rule.ok_or_else(|| Flaw::NoSuchRule(at, name.clone()))?;
                    if !self.follows(proof, going, &rule, premises, line) {
                        return Err(Flaw::DoesNotFollow(at, name.clone()));
                    }
                }
            }
            layers.push(layer);
        }
        match proof.steps.last() {
            None => return Err(Flaw::Empty),
            Some(last) if !is_positive(&last.because) => return Err(Flaw::Inconclusive),
            Some(_) => one_sense_each(proof)?,
        }
        for (number, (table, asked)) in going.tables.iter().zip(&proof.tables).enumerate() {
            let Answers::Steps(answers) = &asked.answers else { continue };
            for at in answers {
                let (Some(line), Some(layer)) = (going.lines.get(*at), layers.get(*at)) else {
                    return Err(Flaw::Open(number, "an answer is not there"));
                };
                if !line.positive || !table.covers(line.relation, &line.row) || *layer > table.layer {
                    return Err(Flaw::Open(number, "an answer is none"));
                }
            }
        }
        Ok(())
    }

    /// Relations of which many leaves are to be looked up may be read whole.
    fn announce_leaves(&mut self, proof: &Proof, going: &Going, budget: &Budget<'_>) -> Result<(), Flaw> {
        let mut leaves: HashMap<(u32, usize), (usize, &NamedNode)> = HashMap::new();
        for (step, line) in proof.steps.iter().zip(&going.lines) {
            if matches!(step.because, Because::Stored(_)) {
                leaves.entry((line.relation, line.row.len())).or_insert((0, &step.claim.predicate)).0 += 1;
            }
        }
        for ((number, width), (count, predicate)) in leaves {
            if count >= MANY {
                self.stored.announce(Named { number, predicate, width }, count, &mut self.terms, budget)?;
            }
        }
        Ok(())
    }

    fn ready(&mut self, rule: usize) -> Option<Rc<Ready>> {
        self.rules.ready(rule, &mut self.terms, &mut self.names, self.builtins)
    }

    /// Whether a rule gives a claim from these steps.
    fn follows(&mut self, proof: &Proof, going: &Going, rule: &Ready, premises: &[usize], claim: &Line) -> bool {
        let mut cells = vec![OPEN; rule.variables];
        let steps: Option<Vec<_>> =
            premises.iter().map(|at| Some((going.lines.get(*at)?, &proof.steps.get(*at)?.because))).collect();
        let Some(steps) = steps.filter(|steps| steps.len() == rule.body.len()) else { return false };
        for (goal, (line, because)) in rule.body.iter().zip(&steps) {
            let fits = match &goal.act {
                Act::Holds => {
                    line.positive && goal.relation == line.relation && fit_all(&goal.slots, &line.row, &mut cells)
                }
                Act::Not => {
                    matches!(because, Because::Absent(_))
                        && goal.relation == line.relation
                        && fit_all(&goal.slots, &line.row, &mut cells)
                }
                Act::Gather { how, by, into, .. } => {
                    let slots: Vec<Slot> =
                        std::iter::once(*into).chain(by.iter().map(|by| Slot::Variable(*by))).collect();
                    matches!(because, Because::Gathered(_))
                        && self.names.number(gather::relation(*how).as_str()) == line.relation
                        && fit_all(&slots, &line.row, &mut cells)
                }
            };
            if !fits {
                return false;
            }
        }
        for (goal, (line, because)) in rule.body.iter().zip(&steps) {
            if let (Act::Gather { .. }, Because::Gathered(number)) = (&goal.act, because) {
                let Some(table) = going.tables.get(*number) else { return false };
                if self.gathered(goal, table, &cells).as_deref() != Some(&*line.row) {
                    return false;
                }
            }
        }
        claim.relation == rule.relation && fit_all(&rule.head, &claim.row, &mut cells)
    }
}

/// Whether a step says that its claim holds.
fn is_positive(because: &Because) -> bool {
    !matches!(because, Because::Absent(_) | Because::Gathered(_))
}

/// A word is taken in one sense by all that the conclusion rests on.
fn one_sense_each(proof: &Proof) -> Result<(), Flaw> {
    if !proof.steps.iter().any(|step| step.claim.predicate == MEANS) {
        return Ok(());
    }
    let mut needed: HashSet<usize> = HashSet::new();
    // Tables may have answers of every reading; what they are about is said, not what they are.
    let last = proof.steps.len().saturating_sub(1);
    let mut open: Vec<usize> = if proof.tables.is_empty() { (0..=last).collect() } else { vec![last] };
    while let Some(at) = open.pop() {
        if needed.insert(at)
            && let Some(Because::Rule { premises, .. }) = proof.steps.get(at).map(|step| &step.because)
        {
            open.extend(premises);
        }
    }
    let mut senses: HashMap<&Term, &[Term]> = HashMap::new();
    for (at, step) in proof.steps.iter().enumerate() {
        if step.claim.predicate == MEANS
            && needed.contains(&at)
            && let Some(word) = step.claim.arguments.first()
            && *senses.entry(word).or_insert(&step.claim.arguments) != step.claim.arguments
        {
            return Err(Flaw::Equivocation(at));
        }
    }
    Ok(())
}
