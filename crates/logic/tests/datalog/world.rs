//! Random programs, and an evaluator of them so naive that it is obviously right.

use std::collections::{BTreeMap, BTreeSet};

use quid_core::oxrdf::{Literal as Text, NamedNode, Term};
use quid_core::rule::How;
use quid_core::{Argument, Atom, Gather, Goal, Literal, Rule, columns};

use super::listed::Listed;

/// A small generator of numbers: the same programs in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }
}

/// A relation of a random program: its name, width, and layer.
#[derive(Clone, Copy)]
pub struct Relation {
    pub name: &'static str,
    pub width: usize,
    pub layer: usize,
}

pub const STORED: [Relation; 4] = [
    Relation { name: "one", width: 1, layer: 0 },
    Relation { name: "edge", width: 2, layer: 0 },
    Relation { name: "link", width: 2, layer: 0 },
    Relation { name: "row", width: 3, layer: 0 },
];

pub const DERIVED: [Relation; 6] = [
    Relation { name: "p", width: 2, layer: 0 },
    Relation { name: "q", width: 1, layer: 0 },
    Relation { name: "r", width: 2, layer: 1 },
    Relation { name: "s", width: 1, layer: 1 },
    Relation { name: "t", width: 3, layer: 2 },
    Relation { name: "u", width: 2, layer: 2 },
];

pub struct World {
    pub rules: Vec<Rule>,
    pub facts: BTreeSet<Atom2>,
}

/// An atom that can be put in order.
pub type Atom2 = (String, Vec<u8>);

pub fn constant(number: u8) -> Term {
    if number == 5 { Text::from(7).into() } else { columns::atom(&format!("c{number}")).into() }
}

pub fn number(term: &Term) -> u8 {
    (0..=5).find(|at| constant(*at) == *term).unwrap_or_else(|| match term {
        // A count.
        Term::Literal(text) => 100 + text.value().parse::<u8>().expect("a small number"),
        other => panic!("{other} is no constant"),
    })
}

fn term(number: u8) -> Term {
    if number >= 100 { Text::from(i64::from(number - 100)).into() } else { constant(number) }
}

pub fn literal(relation: Relation, arguments: Vec<Argument>) -> Literal {
    assert_eq!(relation.width, arguments.len());
    Literal { predicate: columns::relation(relation.name), arguments }
}

pub fn variables(literal: &Literal) -> impl Iterator<Item = u32> {
    literal.arguments.iter().filter_map(|argument| match argument {
        Argument::Variable(number) => Some(*number),
        Argument::Term(_) => None,
    })
}

pub fn world(dice: &mut Dice) -> World {
    let mut facts = BTreeSet::new();
    let constants = 2 + dice.roll(5);
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

pub type Bound = BTreeMap<u32, u8>;

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

pub fn matching<'f>(
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
pub fn naive(world: &World) -> BTreeSet<Atom2> {
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
                                bound.insert(into, number(&Text::from(count as i64).into()));
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

/// A program whose relation `r` is made of paths: links in either direction, by other names, at either end, doubled.
pub fn paths(dice: &mut Dice) -> World {
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

pub fn stored(facts: &BTreeSet<Atom2>) -> Listed {
    let graph = NamedNode::new_unchecked("urn:quid:dump:random");
    let quads = facts.iter().flat_map(|(name, row)| {
        let atom =
            Atom { predicate: columns::relation(name), arguments: row.iter().map(|value| term(*value)).collect() };
        columns::quads(&atom, graph.clone())
    });
    quads.collect()
}
