//! A small tabled engine: derives answers to a goal from facts and rules, each with its proof.
//!
//! Every distinct call has one table; a rule waiting for a table's answers is resumed once for each, old and new
//! (SLG resolution without negation, Chen & Warren 1996). There are finitely many calls and answers, so it ends
//! on cyclic and left-recursive rules, and a budget ends it earlier.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::proof::{BuiltIns, NoBuiltIns};
use quid_core::{Argument, Atom, Because, Budget, Facts, Fault, Goal, Literal, Proof, Rulebook};
use rustc_hash::FxHashMap;

/// Built-in relations that can also be enumerated when enough is bound.
pub trait Computed: BuiltIns {
    /// All pairs of a built-in relation that match; `None` when there is no such relation or too little is bound.
    fn pairs(&self, predicate: &NamedNode, subject: Option<&Term>, object: Option<&Term>) -> Option<Vec<(Term, Term)>>;
}

impl Computed for NoBuiltIns {
    fn pairs(&self, _: &NamedNode, _: Option<&Term>, _: Option<&Term>) -> Option<Vec<(Term, Term)>> {
        None
    }
}

/// What became of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It follows.
    Proved(Proof),
    /// It does not follow from what is known. That is no "no".
    Unknown,
    /// The budget ended before that was clear.
    Spent,
}

/// Answers to a goal with variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solutions {
    /// One proof for each answer, concluding it, in the order found.
    pub proofs: Vec<Proof>,
    /// Whether these are all.
    pub complete: bool,
}

/// Decides whether a ground goal follows.
///
/// # Errors
/// [`Fault`] when the store cannot be read.
pub fn prove(
    goal: &Atom,
    facts: &dyn Facts,
    rules: &Rulebook,
    builtins: &dyn Computed,
    budget: &Budget<'_>,
) -> Result<Verdict, Fault> {
    let pattern = Literal {
        predicate: goal.predicate.clone(),
        arguments: goal.arguments.iter().cloned().map(Argument::Term).collect(),
    };
    let mut found = solutions(&pattern, 1, facts, rules, builtins, budget)?;
    Ok(match found.proofs.pop() {
        Some(proof) => Verdict::Proved(proof),
        None if found.complete => Verdict::Unknown,
        None => Verdict::Spent,
    })
}

/// The answers to a goal, `limit` at most.
///
/// # Errors
/// [`Fault`] when the store cannot be read.
pub fn solutions(
    goal: &Literal,
    limit: usize,
    facts: &dyn Facts,
    rules: &Rulebook,
    builtins: &dyn Computed,
    budget: &Budget<'_>,
) -> Result<Solutions, Fault> {
    let mut engine = Engine {
        facts,
        rules,
        builtins,
        budget,
        tables: Vec::new(),
        index: FxHashMap::default(),
        answers: Vec::new(),
        agenda: VecDeque::new(),
    };
    let call = call_of(goal, &FxHashMap::default());
    let root = engine.table(call);
    let fits = |answer: &Answer| same_where_repeated(goal, &answer.claim);
    let mut complete = true;
    while let Some(task) = engine.agenda.pop_front() {
        if budget.step().is_err() || !engine.run(task)? {
            complete = false;
            break;
        }
        // Counted only when the root grew is not worth the code: a root has few answers.
        if engine.found(root).filter(|answer| fits(answer)).nth(limit.saturating_sub(1)).is_some() {
            complete = engine.agenda.is_empty();
            break;
        }
    }
    let found: Vec<usize> = engine.tables.get(root).map(|table| table.answers.clone()).unwrap_or_default();
    let proofs = found
        .into_iter()
        .filter(|&id| engine.answers.get(id).is_some_and(&fits))
        .take(limit)
        .map(|id| engine.proof(id))
        .collect();
    Ok(Solutions { proofs, complete })
}

type Bindings = FxHashMap<u32, Term>;
type Call = (NamedNode, Vec<Option<Term>>);

struct Table {
    call: Call,
    answers: Vec<usize>,
    seen: FxHashMap<Vec<Term>, usize>,
    waiting: Vec<(Frame, usize)>,
}

/// A rule part of whose body is solved.
#[derive(Clone)]
struct Frame {
    table: usize,
    rule: usize,
    bound: Bindings,
    premises: Vec<Option<usize>>,
}

enum Origin {
    Stored(NamedNode),
    BuiltIn,
    Rule(usize, Vec<usize>),
}

struct Answer {
    claim: Atom,
    origin: Origin,
}

enum Task {
    Start(usize),
    Step(Frame),
    Resume(Frame, usize, usize),
}

struct Engine<'a> {
    facts: &'a dyn Facts,
    rules: &'a Rulebook,
    builtins: &'a dyn Computed,
    budget: &'a Budget<'a>,
    tables: Vec<Table>,
    index: FxHashMap<Call, usize>,
    answers: Vec<Answer>,
    agenda: VecDeque<Task>,
}

impl Engine<'_> {
    /// The table of a call, begun when it is new.
    fn table(&mut self, call: Call) -> usize {
        if let Some(&known) = self.index.get(&call) {
            return known;
        }
        let at = self.tables.len();
        self.index.insert(call.clone(), at);
        self.tables.push(Table { call, answers: Vec::new(), seen: FxHashMap::default(), waiting: Vec::new() });
        self.agenda.push_back(Task::Start(at));
        at
    }

    fn found(&self, table: usize) -> impl Iterator<Item = &Answer> {
        self.tables.get(table).into_iter().flat_map(|table| &table.answers).filter_map(|&id| self.answers.get(id))
    }

    /// A ground call that has its answer needs no more work.
    fn settled(&self, table: usize) -> bool {
        self.tables
            .get(table)
            .is_some_and(|table| !table.answers.is_empty() && table.call.1.iter().all(Option::is_some))
    }

    /// Does one task; false when the budget is spent.
    fn run(&mut self, task: Task) -> Result<bool, Fault> {
        match task {
            Task::Start(table) => return self.start(table),
            Task::Step(frame) if !self.settled(frame.table) => self.step(frame),
            Task::Resume(frame, literal, answer) if !self.settled(frame.table) => self.resume(frame, literal, answer),
            Task::Step(_) | Task::Resume(..) => {}
        }
        Ok(true)
    }

    /// Answers from the store and from built-ins, then one frame for each rule.
    fn start(&mut self, table: usize) -> Result<bool, Fault> {
        let Some((predicate, arguments)) = self.tables.get(table).map(|table| table.call.clone()) else {
            return Ok(true);
        };
        if let [subject, object] = arguments.as_slice() {
            let mut stored = Vec::new();
            let mut spent = false;
            if !matches!(subject, Some(Term::Literal(_))) {
                self.facts.each(subject.as_ref(), Some(predicate.as_ref()), object.as_ref(), &mut |fact| {
                    spent = self.budget.step().is_err();
                    if spent {
                        return ControlFlow::Break(());
                    }
                    stored.push((Term::from(fact.subject.clone()), fact.object.clone(), fact.graph.clone()));
                    ControlFlow::Continue(())
                })?;
            }
            for (subject, object, graph) in stored {
                self.answer(table, Atom::binary(predicate.clone(), subject, object), Origin::Stored(graph));
            }
            if spent {
                return Ok(false);
            }
            for (subject, object) in
                self.builtins.pairs(&predicate, subject.as_ref(), object.as_ref()).unwrap_or_default()
            {
                self.answer(table, Atom::binary(predicate.clone(), subject, object), Origin::BuiltIn);
            }
        }
        let rules = self.rules;
        for (number, rule) in rules.rules.iter().enumerate() {
            let horn = rule.body.iter().all(|goal| matches!(goal, Goal::Holds(_)));
            if !horn || rule.head.predicate != predicate || rule.head.arguments.len() != arguments.len() {
                continue;
            }
            let mut bound = Bindings::default();
            let fits = rule.head.arguments.iter().zip(&arguments).all(|(argument, wanted)| match wanted {
                None => true,
                Some(term) => bind(argument, term, &mut bound),
            });
            if fits {
                let premises = vec![None; rule.body.len()];
                self.agenda.push_back(Task::Step(Frame { table, rule: number, bound, premises }));
            }
        }
        Ok(true)
    }

    /// Calls the open literal of which most is known, or concludes when none is open.
    fn step(&mut self, frame: Frame) {
        let rules = self.rules;
        let Some(rule) = rules.rules.get(frame.rule) else { return };
        let known = |literal: &Literal| {
            literal.arguments.iter().filter(|argument| value(argument, &frame.bound).is_some()).count()
        };
        let open =
            rule.body.iter().map(Goal::literal).enumerate().filter(|(at, _)| frame.premises.get(*at) == Some(&None));
        // The first of the best, so that the order written in the rule decides between equals.
        let next = open.rev().max_by_key(|(_, literal)| known(literal));
        match next {
            None => {
                let arguments: Option<Vec<Term>> =
                    rule.head.arguments.iter().map(|argument| value(argument, &frame.bound)).collect();
                let premises: Option<Vec<usize>> = frame.premises.iter().copied().collect();
                if let (Some(arguments), Some(premises)) = (arguments, premises) {
                    let claim = Atom { predicate: rule.head.predicate.clone(), arguments };
                    self.answer(frame.table, claim, Origin::Rule(frame.rule, premises));
                }
            }
            Some((at, literal)) => {
                let table = self.table(call_of(literal, &frame.bound));
                let Some(called) = self.tables.get_mut(table) else { return };
                for &answer in &called.answers {
                    self.agenda.push_back(Task::Resume(frame.clone(), at, answer));
                }
                called.waiting.push((frame, at));
            }
        }
    }

    fn resume(&mut self, mut frame: Frame, at: usize, answer: usize) {
        let rules = self.rules;
        let Some(literal) = rules.rules.get(frame.rule).and_then(|rule| rule.body.get(at)).map(Goal::literal) else {
            return;
        };
        let Some(claim) = self.answers.get(answer).map(|answer| &answer.claim) else { return };
        let fits = literal
            .arguments
            .iter()
            .zip(&claim.arguments)
            .all(|(argument, term)| bind(argument, term, &mut frame.bound));
        if let (true, Some(premise)) = (fits, frame.premises.get_mut(at)) {
            *premise = Some(answer);
            self.agenda.push_back(Task::Step(frame));
        }
    }

    /// Takes in an answer unless the table has it, and wakes whoever waits for it.
    fn answer(&mut self, table: usize, claim: Atom, origin: Origin) {
        let Some(table) = self.tables.get_mut(table) else { return };
        let wanted = table
            .call
            .1
            .iter()
            .zip(&claim.arguments)
            .all(|(wanted, term)| wanted.as_ref().is_none_or(|wanted| wanted == term));
        if !wanted || table.seen.contains_key(&claim.arguments) {
            return;
        }
        let id = self.answers.len();
        table.seen.insert(claim.arguments.clone(), id);
        table.answers.push(id);
        self.answers.push(Answer { claim, origin });
        for (frame, at) in &table.waiting {
            self.agenda.push_back(Task::Resume(frame.clone(), *at, id));
        }
    }

    /// The derivation of an answer. Premises are older than what rests on them, so sorting by age orders it.
    fn proof(&self, answer: usize) -> Proof {
        let mut needed = std::collections::BTreeSet::new();
        let mut open = vec![answer];
        while let Some(id) = open.pop() {
            if needed.insert(id)
                && let Some(Answer { origin: Origin::Rule(_, premises), .. }) = self.answers.get(id)
            {
                open.extend(premises);
            }
        }
        let mut proof = Proof::default();
        let mut places = FxHashMap::default();
        for id in needed {
            let Some(found) = self.answers.get(id) else { continue };
            let because = match &found.origin {
                Origin::Stored(graph) => Because::Stored(graph.clone()),
                Origin::BuiltIn => Because::BuiltIn,
                Origin::Rule(rule, premises) => Because::Rule {
                    name: self.rules.rules.get(*rule).map(|rule| rule.name.clone()).unwrap_or_default(),
                    premises: premises.iter().filter_map(|premise| places.get(premise).copied()).collect(),
                },
            };
            places.insert(id, proof.push(found.claim.clone(), because));
        }
        if let Some(&last) = places.get(&answer) {
            proof.steps.truncate(last + 1);
        }
        proof
    }
}

fn value(argument: &Argument, bound: &Bindings) -> Option<Term> {
    match argument {
        Argument::Term(term) => Some(term.clone()),
        Argument::Variable(number) => bound.get(number).cloned(),
    }
}

fn bind(argument: &Argument, term: &Term, bound: &mut Bindings) -> bool {
    match argument {
        Argument::Term(wanted) => wanted == term,
        Argument::Variable(number) => bound.entry(*number).or_insert_with(|| term.clone()) == term,
    }
}

fn call_of(literal: &Literal, bound: &Bindings) -> Call {
    (literal.predicate.clone(), literal.arguments.iter().map(|argument| value(argument, bound)).collect())
}

/// `p(X, X)` is answered by `p(a, a)` only.
fn same_where_repeated(goal: &Literal, claim: &Atom) -> bool {
    let mut bound = Bindings::default();
    goal.arguments.iter().zip(&claim.arguments).all(|(argument, term)| bind(argument, term, &mut bound))
}
