//! A made-up world: things of some sorts, a few relations between them, and what is told of it.

use std::collections::BTreeSet;

use quid_lang::Language;
use quid_lang::chance::Chance;
use quid_lang::wording::{Wording, as_words};

use super::data::{Group, Stuff};

/// The most slots of a prompt.
pub(super) const SLOTS: u64 = 64;

/// A thing of a world: a slot and what it is.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    pub(super) slot: u64,
    pub(super) sort: String,
    pub(super) kind: String,
}

/// A relation of a world, as it is told there.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub(super) group: Group,
    /// The label that facts are told by, and its wording.
    pub(super) told: (String, Wording),
    /// Whether the label tells it from its object's end.
    pub(super) is_back: bool,
    /// A made-up label, when it has one: nobody can ask by another.
    pub(super) is_new: bool,
    /// A sentence that says what the made-up label means.
    pub(super) defined: Option<String>,
}

/// Something told of a world; `from` and `to` are things by their number, in the sense of the relation's group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) relation: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) denied: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) things: Vec<Thing>,
    pub(super) relations: Vec<Relation>,
    pub(super) facts: Vec<Fact>,
    /// Whether kinds are told with the facts.
    pub(super) shows_kinds: bool,
}

pub(super) fn pick<T: Clone>(chance: &mut Chance, items: &[T]) -> Option<T> {
    chance.pick(items).cloned()
}

pub(super) fn percent(chance: &mut Chance, part: u64) -> bool {
    chance.below(100) < part
}

fn index(chance: &mut Chance, end: usize) -> usize {
    usize::try_from(chance.below(u64::try_from(end).unwrap_or(0))).unwrap_or(0)
}

impl World {
    /// A world of some of these groups.
    pub(super) fn make(stuff: &Stuff, language: &Language, groups: &[&Group], chance: &mut Chance) -> Self {
        let mut world = Self { shows_kinds: percent(chance, 60), ..Self::default() };
        let mut free: Vec<u64> = (0..SLOTS).collect();
        let Some(first) = chance.pick(groups).copied() else { return world };
        let wanted = 1 + index(chance, 6);
        for number in 0..=wanted {
            // Relations that hang together, mostly.
            let near: Vec<&&Group> = groups.iter().filter(|group| group.from == first.from).collect();
            let next: Vec<&&Group> = groups.iter().filter(|group| group.from == first.to).collect();
            let group = match number {
                0 => Some(first),
                _ if percent(chance, 40) => chance.pick(&near).map(|group| **group),
                _ if percent(chance, 50) => chance.pick(&next).map(|group| **group),
                _ => chance.pick(groups).copied(),
            };
            if let Some(group) = group.filter(|group| !world.has(group)) {
                let relation = Self::relation(stuff, language, group, chance);
                world.relations.push(relation);
            }
        }
        for relation in 0..world.relations.len() {
            world.tell(stuff, relation, &mut free, chance);
        }
        world
    }

    fn has(&self, group: &Group) -> bool {
        self.relations.iter().any(|relation| relation.group.labels == group.labels)
    }

    fn relation(stuff: &Stuff, language: &Language, group: &Group, chance: &mut Chance) -> Relation {
        let is_back = !group.back.is_empty() && percent(chance, 25);
        let labels = if is_back { &group.back } else { &group.labels };
        let label = pick(chance, labels).unwrap_or_default();
        if !percent(chance, 20) {
            let wording = language.wording(&label);
            return Relation { group: group.clone(), told: (label, wording), is_back, is_new: false, defined: None };
        }
        let mut new = String::new();
        if percent(chance, 50)
            && let Some(noun) = chance.pick(&stuff.nouns)
        {
            new.clone_from(noun);
        } else {
            for _ in 0..2 + chance.below(2) {
                new.push_str(&pick(chance, &stuff.talk.syllables).unwrap_or_default());
            }
        }
        let template = pick(chance, &stuff.talk.defines).unwrap_or_default();
        let is_defined = percent(chance, 50);
        let defined = is_defined.then(|| template.replace("{new}", &new).replace("{label}", &as_words(&label)));
        let wording = language.wording(&new);
        Relation { group: group.clone(), told: (new, wording), is_back, is_new: true, defined }
    }

    fn tell(&mut self, stuff: &Stuff, relation: usize, free: &mut Vec<u64>, chance: &mut Chance) {
        let Some(group) = self.relations.get(relation).map(|relation| relation.group.clone()) else { return };
        for _ in 0..=chance.below(5) {
            let Some(from) = self.thing(stuff, &group.from, free, chance, 75) else { return };
            let several = if group.one || !percent(chance, 30) { 1 } else { 2 + chance.below(3) };
            for _ in 0..several {
                let Some(to) = self.thing(stuff, &group.to, free, chance, 50) else { return };
                let fact = Fact { relation, from, to, denied: false };
                let clashes =
                    |other: &Fact| other.relation == relation && other.from == from && (group.one || other.to == to);
                if from != to && !self.facts.iter().any(clashes) {
                    self.facts.push(fact);
                }
            }
        }
    }

    /// A thing of a sort: one that is there in so many of a hundred cases, else a new one.
    fn thing(
        &mut self,
        stuff: &Stuff,
        sort: &str,
        free: &mut Vec<u64>,
        chance: &mut Chance,
        old: u64,
    ) -> Option<usize> {
        let there: Vec<usize> =
            self.things.iter().enumerate().filter(|(_, thing)| thing.sort == sort).map(|(number, _)| number).collect();
        let data = stuff.sorts.get(sort)?;
        let may_share = !data.literal || percent(chance, 10);
        if may_share
            && percent(chance, old)
            && let Some(number) = chance.pick(&there)
        {
            return Some(*number);
        }
        self.new_thing(stuff, sort, free, chance)
    }

    fn new_thing(&mut self, stuff: &Stuff, sort: &str, free: &mut Vec<u64>, chance: &mut Chance) -> Option<usize> {
        if free.is_empty() {
            return None;
        }
        let slot = free.swap_remove(index(chance, free.len()));
        let kind = pick(chance, &stuff.sorts.get(sort)?.kinds)?;
        self.things.push(Thing { slot, sort: sort.to_owned(), kind });
        Some(self.things.len() - 1)
    }

    pub(super) fn slot(&self, thing: usize) -> String {
        self.things.get(thing).map_or_else(String::new, |thing| format!("<s{}>", thing.slot))
    }

    /// The ends of a fact in the order its label tells them.
    pub(super) fn ends(&self, fact: &Fact) -> (String, String) {
        let (from, to) = (self.slot(fact.from), self.slot(fact.to));
        let is_back = self.relations.get(fact.relation).is_some_and(|relation| relation.is_back);
        if is_back { (to, from) } else { (from, to) }
    }

    /// A fact as it stands in a prompt. Kinds are told once, where a thing is first named: `named` are those before.
    pub(super) fn line(&self, fact: &Fact, named: &mut BTreeSet<usize>) -> String {
        let Some(relation) = self.relations.get(fact.relation) else { return String::new() };
        let mut with_kind = |number: usize| {
            let is_first = self.shows_kinds && named.insert(number);
            let kind = self.things.get(number).filter(|_| is_first).map(|thing| thing.kind.as_str());
            crate::guess::slots::with_kind(&self.slot(number), kind)
        };
        let (first, last) = if relation.is_back { (fact.to, fact.from) } else { (fact.from, fact.to) };
        let (subject, object) = (with_kind(first), with_kind(last));
        crate::guess::slots::fact_line(&subject, fact.denied, &relation.told.0, &object)
    }
}
