//! Random programs with recursion, negation and aggregates: the engine must agree with an evaluator so naive that
//! it is obviously right, always, and the independent checker with every proof.

#![allow(clippy::cast_possible_truncation)] // of numbers below ten

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use quid_core::oxrdf::{GraphName, Literal as Text, NamedNode, NamedNodeRef, Quad, Term};
use quid_core::proof::NoBuiltIns;
use quid_core::rule::How;
use quid_core::{Argument, Atom, Budget, Fact, Facts, Fault, Gather, Goal, Literal, Query, Rule, Rulebook, columns};
use quid_logic::{Extent, Ground, Program, ask};

/// How many programs a run makes.
const PROGRAMS: u64 = 1_200;

/// Facts in a list.
struct Listed(Vec<Fact>);

impl Facts for Listed {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        for fact in &self.0 {
            let fits = predicate.is_none_or(|wanted| wanted == fact.predicate.as_ref())
                && subject.is_none_or(|wanted| *wanted == Term::from(fact.subject.clone()))
                && object.is_none_or(|wanted| *wanted == fact.object);
            if fits && visit(fact).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// A small generator of numbers: the same programs in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }
}

/// A relation of a random program: its name, width, and layer.
#[derive(Clone, Copy)]
struct Relation {
    name: &'static str,
    width: usize,
    layer: usize,
}

const STORED: [Relation; 4] = [
    Relation { name: "one", width: 1, layer: 0 },
    Relation { name: "edge", width: 2, layer: 0 },
    Relation { name: "link", width: 2, layer: 0 },
    Relation { name: "row", width: 3, layer: 0 },
];

const DERIVED: [Relation; 6] = [
    Relation { name: "p", width: 2, layer: 0 },
    Relation { name: "q", width: 1, layer: 0 },
    Relation { name: "r", width: 2, layer: 1 },
    Relation { name: "s", width: 1, layer: 1 },
    Relation { name: "t", width: 3, layer: 2 },
    Relation { name: "u", width: 2, layer: 2 },
];

struct World {
    rules: Vec<Rule>,
    facts: BTreeSet<Atom2>,
}

/// An atom that can be put in order.
type Atom2 = (String, Vec<u8>);

fn constant(number: u8) -> Term {
    if number == 5 { Text::from(7).into() } else { columns::atom(&format!("c{number}")).into() }
}

fn number(term: &Term) -> u8 {
    (0..=5).find(|at| constant(*at) == *term).unwrap_or_else(|| match term {
        // A count.
        Term::Literal(text) => 100 + text.value().parse::<u8>().expect("a small number"),
        other => panic!("{other} is no constant"),
    })
}

fn term(number: u8) -> Term {
    if number >= 100 { Text::from(i64::from(number - 100)).into() } else { constant(number) }
}

fn literal(relation: Relation, arguments: Vec<Argument>) -> Literal {
    assert_eq!(relation.width, arguments.len());
    Literal { predicate: columns::relation(relation.name), arguments }
}

fn variables(literal: &Literal) -> impl Iterator<Item = u32> {
    literal.arguments.iter().filter_map(|argument| match argument {
        Argument::Variable(number) => Some(*number),
        Argument::Term(_) => None,
    })
}

fn world(dice: &mut Dice) -> World {
    let mut facts = BTreeSet::new();
    let constants = 2 + dice.roll(4);
    for relation in STORED.iter().chain(&DERIVED) {
        let count = if relation.name.len() > 1 { dice.roll(7) } else { dice.roll(2) };
        for _ in 0..count {
            let row = (0..relation.width).map(|_| dice.roll(constants) as u8).collect();
            facts.insert((relation.name.to_owned(), row));
        }
    }
    let mut rules = Vec::new();
    for at in 0..3 + dice.roll(7) {
        let head = DERIVED[dice.roll(DERIVED.len())];
        let any = |dice: &mut Dice, below: usize| loop {
            let all = STORED.len() + DERIVED.len();
            let at = dice.roll(all);
            let relation = if at < STORED.len() { STORED[at] } else { DERIVED[at - STORED.len()] };
            if relation.name.len() > 1 || relation.layer < below {
                return relation;
            }
        };
        let argument = |dice: &mut Dice| match dice.roll(6) {
            0 => Argument::Term(constant(dice.roll(constants) as u8)),
            _ => Argument::Variable(dice.roll(4) as u32),
        };
        let mut body: Vec<Goal> = (0..=dice.roll(3))
            .map(|_| {
                let relation = any(dice, head.layer + 1);
                Goal::Holds(literal(relation, (0..relation.width).map(|_| argument(dice)).collect()))
            })
            .collect();
        let bound: Vec<u32> = body
            .iter()
            .flat_map(|goal| variables(goal.literal()).collect::<Vec<_>>())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let known = |dice: &mut Dice, bound: &[u32]| {
            if bound.is_empty() || dice.roll(6) == 0 {
                Argument::Term(constant(dice.roll(constants) as u8))
            } else {
                Argument::Variable(bound[dice.roll(bound.len())])
            }
        };
        let mut bound_after = bound.clone();
        for _ in 0..dice.roll(3) {
            let relation = any(dice, head.layer);
            let at = dice.roll(body.len() + 1);
            if dice.roll(3) > 0 {
                let denied = literal(relation, (0..relation.width).map(|_| known(dice, &bound)).collect());
                body.insert(at, Goal::Not(denied));
            } else {
                // One variable is counted, the rest are groups or constants.
                let mut arguments: Vec<Argument> = (0..relation.width).map(|_| known(dice, &bound)).collect();
                let local = 10 + at as u32;
                let place = dice.roll(arguments.len());
                arguments[place] = Argument::Variable(local);
                let over = literal(relation, arguments);
                let by: BTreeSet<u32> = variables(&over).filter(|variable| *variable != local).collect();
                let into = 20 + at as u32;
                if bound_after.contains(&into) {
                    continue;
                }
                bound_after.push(into);
                let gather = Gather {
                    how: How::Count,
                    over,
                    value: local,
                    by: by.into_iter().collect(),
                    into: Argument::Variable(into),
                };
                body.insert(at, Goal::Gather(gather));
            }
        }
        let head = literal(head, (0..head.width).map(|_| known(dice, &bound_after)).collect());
        rules.push(Rule { name: format!("rule {at}"), head, body, says: String::new() });
    }
    World { rules, facts }
}

type Bound = BTreeMap<u32, u8>;

fn fit(literal: &Literal, row: &[u8], bound: &Bound) -> Option<Bound> {
    let mut bound = bound.clone();
    for (argument, value) in literal.arguments.iter().zip(row) {
        match argument {
            Argument::Term(wanted) if number(wanted) != *value => return None,
            Argument::Term(_) => {}
            Argument::Variable(variable) => {
                if bound.insert(*variable, *value).is_some_and(|before| before != *value) {
                    return None;
                }
            }
        }
    }
    Some(bound)
}

fn matching<'f>(
    facts: &'f BTreeSet<Atom2>,
    literal: &'f Literal,
    bound: &'f Bound,
) -> impl Iterator<Item = Bound> + 'f {
    let name = columns::relation_name(&literal.predicate).expect("a relation");
    let width = literal.arguments.len();
    facts
        .iter()
        .filter(move |(other, row)| *other == name && row.len() == width)
        .filter_map(|(_, row)| fit(literal, row, bound))
}

/// All that follows, layer by layer, every rule again and again until nothing is new.
fn naive(world: &World) -> BTreeSet<Atom2> {
    let mut all = world.facts.clone();
    for layer in 0..3 {
        loop {
            let mut new = Vec::new();
            for rule in &world.rules {
                let name = columns::relation_name(&rule.head.predicate).expect("a relation");
                if DERIVED.iter().find(|relation| relation.name == name).expect("derived").layer != layer {
                    continue;
                }
                let mut ways = vec![Bound::new()];
                // Denials and counts last, when all is bound.
                for goal in rule.body.iter().filter(|goal| matches!(goal, Goal::Holds(_))) {
                    ways = ways
                        .iter()
                        .flat_map(|bound| matching(&all, goal.literal(), bound).collect::<Vec<_>>())
                        .collect();
                }
                for goal in &rule.body {
                    match goal {
                        Goal::Holds(_) => {}
                        Goal::Not(denied) => ways.retain(|bound| matching(&all, denied, bound).next().is_none()),
                        Goal::Gather(gather) => {
                            let Argument::Variable(into) = gather.into else { panic!("a variable") };
                            for bound in &mut ways {
                                let groups: Bound = bound
                                    .iter()
                                    .filter(|(variable, _)| gather.by.contains(variable))
                                    .map(|(a, b)| (*a, *b))
                                    .collect();
                                let count = matching(&all, &gather.over, &groups).count();
                                bound.insert(into, 100 + count as u8);
                            }
                        }
                    }
                }
                for bound in ways {
                    let row = rule.head.arguments.iter().map(|argument| match argument {
                        Argument::Term(term) => number(term),
                        Argument::Variable(variable) => bound[variable],
                    });
                    let atom = (name.clone(), row.collect());
                    if !all.contains(&atom) {
                        new.push(atom);
                    }
                }
            }
            if new.is_empty() {
                break;
            }
            all.extend(new);
        }
    }
    all
}

fn stored(facts: &BTreeSet<Atom2>) -> Listed {
    let graph = NamedNode::new_unchecked("urn:quid:dump:random");
    let quads = facts.iter().flat_map(|(name, row)| {
        let atom =
            Atom { predicate: columns::relation(name), arguments: row.iter().map(|value| term(*value)).collect() };
        columns::quads(&atom, graph.clone())
    });
    let fact = |quad: Quad| match quad.graph_name {
        GraphName::NamedNode(graph) => {
            Fact { subject: quad.subject, predicate: quad.predicate, object: quad.object, graph }
        }
        other => panic!("{other}"),
    };
    Listed(quads.map(fact).collect())
}

fn written(rule: &Rule) -> String {
    let argument = |argument: &Argument| match argument {
        Argument::Variable(number) => format!("V{number}"),
        Argument::Term(term) => format!("c{}", number(term)),
    };
    let literal = |literal: &Literal| {
        let name = columns::relation_name(&literal.predicate).unwrap_or_default();
        format!("{name}({})", literal.arguments.iter().map(argument).collect::<Vec<_>>().join(", "))
    };
    let goals = rule.body.iter().map(|goal| match goal {
        Goal::Holds(of) => literal(of),
        Goal::Not(of) => format!("\\+ {}", literal(of)),
        Goal::Gather(of) => format!("count({}, by {:?}, {})", literal(&of.over), of.by, argument(&of.into)),
    });
    format!("{} :- {}.", literal(&rule.head), goals.collect::<Vec<_>>().join(", "))
}

/// A program whose relation `r` is made of paths: links in either direction, by other names, at either end, doubled.
fn paths(dice: &mut Dice) -> World {
    let mut world = World { rules: Vec::new(), facts: BTreeSet::new() };
    let nodes = 3 + dice.roll(4);
    for name in ["edge", "link"] {
        for _ in 0..=dice.roll(7) {
            world.facts.insert((name.to_owned(), vec![dice.roll(nodes) as u8, dice.roll(nodes) as u8]));
        }
    }
    if dice.roll(4) == 0 {
        world.facts.insert(("r".to_owned(), vec![dice.roll(nodes) as u8, dice.roll(nodes) as u8]));
    }
    let (alias, path) = (DERIVED[0], DERIVED[2]);
    let pair = |relation: Relation, ends: [u32; 2]| literal(relation, ends.map(Argument::Variable).to_vec());
    let mut bodies: Vec<(Relation, Vec<Literal>)> = Vec::new();
    let link = |dice: &mut Dice, from: u32, to: u32| {
        let relation = [STORED[1], STORED[2], alias][dice.roll(3)];
        pair(relation, if dice.roll(3) == 0 { [to, from] } else { [from, to] })
    };
    for _ in 0..dice.roll(3) {
        bodies.push((alias, vec![if dice.roll(3) == 0 { pair(STORED[2], [1, 0]) } else { pair(STORED[1], [0, 1]) }]));
    }
    for _ in 0..=dice.roll(2) {
        bodies.push((path, vec![link(dice, 0, 1)]));
    }
    for _ in 0..dice.roll(3) {
        let same = bodies.last().map(|(_, body)| body[0].predicate.clone());
        let mut goals = match dice.roll(3) {
            0 => vec![link(dice, 0, 2), pair(path, [2, 1])],
            1 => vec![pair(path, [0, 2]), link(dice, 2, 1)],
            _ => vec![pair(path, [0, 2]), pair(path, [2, 1])],
        };
        // Now and then along the same relation as the base.
        for goal in &mut goals {
            if let Some(same) = same.clone().filter(|_| dice.roll(2) == 0 && goal.predicate != columns::relation("r")) {
                goal.predicate = same;
            }
        }
        if dice.roll(2) == 0 {
            goals.reverse();
        }
        bodies.push((path, goals));
    }
    for (at, (head, body)) in bodies.into_iter().enumerate() {
        let body = body.into_iter().map(Goal::Holds).collect();
        world.rules.push(Rule { name: format!("rule {at}"), head: pair(head, [0, 1]), body, says: String::new() });
    }
    world
}

#[derive(Default)]
struct Count {
    answers: usize,
    with_tables: usize,
}

#[test]
fn the_engine_agrees_with_a_naive_evaluator_and_the_checker_with_every_proof() {
    let mut dice = Dice(20_261_123);
    let mut count = Count::default();
    for program in 0..PROGRAMS {
        let world = world(&mut dice);
        compare(&world, &format!("program {program}"), &mut dice, &DERIVED, &mut count);
    }
    assert!(count.answers > 10_000 && count.with_tables > 1_000, "too few to mean anything");
}

#[test]
fn paths_are_found_by_searching_as_by_the_rules() {
    let mut dice = Dice(7);
    let mut count = Count::default();
    for program in 0..PROGRAMS {
        let world = paths(&mut dice);
        compare(&world, &format!("paths {program}"), &mut dice, &DERIVED[2..3], &mut count);
    }
    assert!(count.answers > 10_000, "{} answers are too few to mean anything", count.answers);
}

fn compare(world: &World, name: &str, dice: &mut Dice, relations: &[Relation], count: &mut Count) {
    let expected = naive(world);
    let facts = stored(&world.facts);
    let mut rules = Program::new(&Rulebook { rules: world.rules.clone() });
    for relation in STORED.iter().chain(&DERIVED) {
        rules.know(&columns::relation(relation.name), relation.width);
    }
    let ground = Ground { facts: &facts, rules: &rules, builtins: &NoBuiltIns, mirror: None };
    let text = || {
        let rules: Vec<String> = world.rules.iter().map(written).collect();
        format!("{name}:\n{}\n{:?}", rules.join("\n"), world.facts)
    };
    for &relation in relations {
        for shape in 0..4 {
            let arguments: Vec<Argument> = (0..relation.width)
                .map(|at| match (shape, dice.roll(3)) {
                    (1, 0 | 1) => Argument::Term(constant(dice.roll(4) as u8)),
                    (2, 0) => Argument::Variable(0),
                    (3, _) if at == 1 => Argument::Term(constant(dice.roll(4) as u8)),
                    _ => Argument::Variable(at as u32),
                })
                .collect();
            let asked = literal(relation, arguments);
            let query = Query::asking(vec![Goal::Holds(asked.clone())]);
            let wanted: BTreeSet<Vec<u8>> =
                matching(&expected, &asked, &Bound::new()).map(|bound| bound.into_values().collect()).collect();
            let budget = Budget::steps(10_000_000);
            let found = ask(&query, &ground, &budget).unwrap_or_else(|why| panic!("{why}\n{asked:?}\n{}", text()));
            assert_eq!(found.extent(), Extent::All, "{}", text());
            let rows: Vec<Vec<u8>> =
                (0..found.len()).map(|row| found.values(row).iter().map(number).collect()).collect();
            let set: BTreeSet<Vec<u8>> = rows.iter().cloned().collect();
            assert_eq!(set.len(), rows.len(), "an answer came twice\n{asked:?}\n{}", text());
            assert_eq!(set, wanted, "{asked:?}\n{}", text());
            for row in 0..found.len() {
                let proof = found
                    .verified(row)
                    .unwrap_or_else(|why| panic!("{why}\n{asked:?}\n{:#?}\n{}", found.proof(row), text()));
                assert_eq!(proof.proof().conclusion().map(|claim| claim.arguments.clone()), Some(found.values(row)));
                count.with_tables += usize::from(!proof.proof().tables.is_empty());
            }
            count.answers += rows.len();
            let few = Query { limit: Some(2), ..query.clone() };
            let first = ask(&few, &ground, &budget).expect("as before");
            assert_eq!(first.len(), rows.len().min(2), "{asked:?}\n{}", text());
            for row in 0..first.len() {
                let values: Vec<u8> = first.values(row).iter().map(number).collect();
                assert!(set.contains(&values), "{asked:?}\n{}", text());
                first.verified(row).unwrap_or_else(|why| panic!("{why}\n{asked:?}\n{}", text()));
            }
            if shape == 0 {
                let again = ask(&query, &ground, &budget).expect("as before");
                assert_eq!(again.rows().expect("as before"), found.rows().expect("as before"), "{}", text());
            }
        }
    }
}
