//! Reads noun phrases: heads, superlatives, what is said of them, "and", "or", "except".
//!
//! A memoised descent keeps for each place and kind the few cheapest readings of each length, so that the work is
//! bounded by the square of the words, however ambiguous they are.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::schema::{Named, Names, RelationId, Schema};
use super::set::{Kind, Link, Measure, Said, Set, Together, both, extreme, kind, linked, meet, narrowed};
use super::words::{Lexicon, QuestionWords, Sense, Tag, places};

/// A reading of some words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part<T> {
    /// What they mean.
    pub value: T,
    /// Where they end.
    pub end: usize,
    /// How forced the reading is.
    pub cost: i32,
}

pub(super) type Parts<T> = Vec<Part<T>>;

/// A noun phrase.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Phrase {
    /// What it stands for.
    pub set: Set,
    /// Its noun is in the plural.
    pub plural: bool,
    /// It is only a name.
    pub name: bool,
    /// The relation a bare relational noun stands for ("population"), whose "of" is still to come.
    pub open: Option<Link>,
}

/// How many readings of one length are kept.
const SAME: usize = 8;
/// How many readings of one place are kept.
const MOST: usize = 64;
/// How many parts are tried for one line.
const STEPS: u32 = 60_000;

/// Measures, each with whether the greatest is meant.
pub(super) type Measures = Vec<(Measure, bool)>;

type Memo<K, T> = RefCell<HashMap<K, Rc<Parts<T>>>>;

/// One line being read.
pub(super) struct Parser<'a> {
    pub words: &'a QuestionWords,
    pub schema: &'a Schema,
    pub tokens: &'a [String],
    pub places: Vec<RelationId>,
    tags: Vec<Vec<(Tag, usize)>>,
    senses: Vec<Vec<(Sense, usize)>>,
    particles: Vec<bool>,
    names: Vec<Vec<(Vec<Named>, usize)>>,
    steps: Cell<u32>,
    phrases: Memo<usize, Phrase>,
    nominals: Memo<usize, Phrase>,
    pub(super) said: Memo<(u8, Option<usize>, usize), Said>,
}

impl<'a> Parser<'a> {
    /// Looks all words up.
    pub fn new(
        words: &'a QuestionWords,
        lexicon: &'a Lexicon,
        schema: &'a Schema,
        names: &dyn Names,
        tokens: &'a [String],
    ) -> Self {
        let (mut tags, mut senses, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for at in 0..tokens.len() {
            let (mut tags_here, mut senses_here, mut known_here) = (Vec::new(), Vec::new(), Vec::new());
            let mut phrase = String::new();
            for (end, token) in tokens.iter().enumerate().skip(at).take(LONGEST) {
                if !phrase.is_empty() {
                    phrase.push(' ');
                }
                phrase.push_str(token);
                let length = end + 1 - at;
                if length <= words.longest() {
                    tags_here.extend(words.tags(&phrase).iter().map(|tag| (*tag, end + 1)));
                }
                if length <= lexicon.longest() {
                    senses_here.extend(lexicon.senses(&phrase).iter().map(|sense| (sense.clone(), end + 1)));
                }
                let found = names.named(&phrase);
                for named in by_class(found) {
                    known_here.push((named, end + 1));
                }
            }
            tags.push(tags_here);
            senses.push(senses_here);
            known.push(known_here);
        }
        Self {
            words,
            schema,
            tokens,
            places: places(words, schema),
            tags,
            senses,
            particles: tokens.iter().map(|token| lexicon.is_particle(token)).collect(),
            names: known,
            steps: Cell::new(STEPS),
            phrases: Memo::default(),
            nominals: Memo::default(),
            said: Memo::default(),
        }
    }

    /// Words nothing is known of: not general, not of the field, in no name, no number.
    pub fn unknown(&self) -> Vec<String> {
        let mut known = self.particles.clone();
        for at in 0..self.tokens.len() {
            let ends = self.tags.get(at).into_iter().flatten().map(|(_, end)| *end);
            let ends = ends.chain(self.senses.get(at).into_iter().flatten().map(|(_, end)| *end));
            let ends: Vec<usize> = ends.chain(self.names.get(at).into_iter().flatten().map(|(_, end)| *end)).collect();
            for end in ends {
                known.iter_mut().take(end).skip(at).for_each(|known| *known = true);
            }
        }
        let tokens = self.tokens.iter().zip(known);
        tokens
            .filter(|(token, known)| !known && self.words.number(token).is_none())
            .map(|(token, _)| token.clone())
            .collect()
    }

    /// Whether a word of the field or a name occurs at all.
    pub fn speaks_of_the_field(&self) -> bool {
        self.senses.iter().any(|senses| !senses.is_empty()) || self.names.iter().any(|names| !names.is_empty())
    }

    pub fn token(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", String::as_str)
    }

    /// Where a general word of this class that starts here ends, the longest first.
    pub fn tag(&self, at: usize, tag: Tag) -> Vec<usize> {
        let here = self.tags.get(at).into_iter().flatten();
        let mut ends: Vec<usize> = here.filter(|(other, _)| *other == tag).map(|(_, end)| *end).collect();
        ends.sort_unstable_by(|a, b| b.cmp(a));
        ends
    }

    /// The same, or nothing at all.
    pub fn maybe(&self, at: usize, tag: Tag) -> Vec<usize> {
        let mut ends = self.tag(at, tag);
        ends.push(at);
        ends
    }

    pub fn senses(&self, at: usize) -> &[(Sense, usize)] {
        self.senses.get(at).map_or(&[], Vec::as_slice)
    }

    pub fn names(&self, at: usize) -> &[(Vec<Named>, usize)] {
        self.names.get(at).map_or(&[], Vec::as_slice)
    }

    /// Takes a step; false when the line has had its share.
    pub fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    /// A number here, in figures or words, and where it ends.
    pub fn number(&self, at: usize) -> Option<(f64, usize)> {
        let mut number = self.words.number(self.tokens.get(at)?)?;
        let mut end = at + 1;
        while let Some(times) = self.tokens.get(end).and_then(|word| self.words.times(word)) {
            number *= times;
            end += 1;
        }
        Some((number, end))
    }

    /// The links by which one kind "has" another: what lies in it, and what it has a relational noun for.
    pub fn having(&self, owner: Kind, part: Kind) -> Vec<Link> {
        let mut links = Vec::new();
        for (relation, described) in self.schema.relations.iter().enumerate() {
            let link = Link { relation, forward: true };
            if self.places.contains(&relation)
                && meet(link.to(self.schema), owner, self.schema)
                && meet(link.from(self.schema), part, self.schema)
                && part != Kind::Thing(None)
            {
                links.push(link.back());
            }
            // "a state with a capital": a class that goes by the relation's own noun.
            let nouns = match part {
                Kind::Thing(Some(class)) => self.schema.classes.get(class).map(|class| &class.nouns),
                _ => None,
            };
            let named_for_it =
                link.to(self.schema) == part && nouns.into_iter().flatten().any(|noun| described.nouns.contains(noun));
            let owns = described.verbs.iter().any(|verb| self.words.tags(verb).contains(&Tag::Have));
            let other = link.from(self.schema) != part;
            if (named_for_it && other && part != Kind::Thing(None) && part != Kind::Number || owns)
                && meet(link.from(self.schema), owner, self.schema)
                && meet(link.to(self.schema), part, self.schema)
            {
                links.push(link);
            }
        }
        links
    }

    /// The links that say where something of a kind is, in something of the other.
    pub fn lying(&self, what: Kind, place: Kind) -> Vec<Link> {
        let links = self.places.iter().map(|&relation| Link { relation, forward: true });
        let fits = |link: &Link| {
            meet(link.from(self.schema), what, self.schema) && meet(link.to(self.schema), place, self.schema)
        };
        links.filter(fits).collect()
    }

    /// A noun phrase.
    pub fn phrase(&self, at: usize) -> Rc<Parts<Phrase>> {
        if let Some(known) = self.phrases.borrow().get(&at) {
            return known.clone();
        }
        let mut found = self.simple(at);
        let mut next = 0;
        // Each reading may go on: an owner, a list, an exception.
        while let Some(part) = found.get(next).cloned() {
            next += 1;
            if found.len() > MOST * 2 || !self.step() {
                break;
            }
            for end in self.tag(part.end, Tag::Owned) {
                self.owned(&part, end, &mut found);
            }
            self.listed(&part, &mut found);
        }
        let found = Rc::new(keep(found));
        self.phrases.borrow_mut().insert(at, found.clone());
        found
    }

    /// "texas's capital", "texas's largest city".
    fn owned(&self, owner: &Part<Phrase>, at: usize, found: &mut Parts<Phrase>) {
        for part in self.nominal(at).iter() {
            let of = self.of(&part.value, &owner.value);
            for set in of {
                let value = Phrase { set, plural: part.value.plural, name: false, open: None };
                found.push(Part { value, end: part.end, cost: owner.cost + part.cost });
            }
        }
    }

    /// What a noun with an "of" phrase stands for: its relation's values there, or those of its members that the
    /// place has.
    pub fn of(&self, noun: &Phrase, owner: &Phrase) -> Vec<Set> {
        if let Some(link) = noun.open {
            return linked(link, owner.set.clone(), self.schema).into_iter().collect();
        }
        let (what, of) = (kind(&noun.set, self.schema), kind(&owner.set, self.schema));
        let links = self.having(of, what);
        let sets = links.into_iter().filter_map(|link| {
            let there = linked(link, owner.set.clone(), self.schema)?;
            inside(noun.set.clone(), Said::Is(there), self.schema)
        });
        sets.collect()
    }

    /// "a, b and c", "a or b", "all states except texas".
    fn listed(&self, first: &Part<Phrase>, found: &mut Parts<Phrase>) {
        let mut joined = Vec::new();
        for comma in self.maybe(first.end, Tag::Comma) {
            for (tag, and) in [(Tag::And, true), (Tag::Or, false)] {
                joined.extend(self.tag(comma, tag).into_iter().map(|end| (end, and)));
            }
            if comma > first.end {
                // A comma alone goes on to a list that "and" or "or" ends.
                joined.push((comma, true));
            }
            for end in self.tag(comma, Tag::Except) {
                for other in self.simple(end) {
                    let Some(set) = without(first.value.set.clone(), other.value.set.clone(), self.schema) else {
                        continue;
                    };
                    let value = Phrase { set, name: false, open: None, ..first.value.clone() };
                    found.push(Part { value, end: other.end, cost: first.cost + other.cost });
                }
            }
        }
        for (end, and) in joined {
            for other in self.simple(end) {
                let (one, two) = (kind(&first.value.set, self.schema), kind(&other.value.set, self.schema));
                if !meet(one, two, self.schema) {
                    continue;
                }
                let comma = self.tag_is(self.token(end.saturating_sub(1)), Tag::Comma);
                let mut all = match &first.value.set {
                    Set::Either(all, _) => all.clone(),
                    set => vec![set.clone()],
                };
                all.push(other.value.set.clone());
                let and = and && !(comma && matches!(first.value.set, Set::Either(_, false)));
                let value = Phrase { set: Set::Either(all, and), plural: true, name: false, open: None };
                let bare = if matches!(first.value.set, Set::Class(_)) { 2 } else { 0 };
                found.push(Part { value, end: other.end, cost: first.cost + other.cost + bare });
            }
        }
    }

    /// A name or a noun with all that is said of it.
    fn simple(&self, at: usize) -> Parts<Phrase> {
        let mut found = Parts::new();
        if !self.step() {
            return found;
        }
        for start in self.maybe(at, Tag::Determiner) {
            let determined = start > at;
            found.extend(self.named(start, determined));
            for part in self.nominal(start).iter() {
                let bare = !determined && !part.value.plural && !matches!(part.value.set, Set::Named(_));
                found.push(Part { cost: part.cost + i32::from(bare), ..part.clone() });
            }
            self.put_together(start, &mut found);
            if start > at {
                // "all the states", "the names of the rivers"
                for again in self.tag(start, Tag::Determiner) {
                    found.extend(self.nominal(again).iter().cloned());
                    found.extend(self.named(again, true));
                }
            }
        }
        for end in self.tag(at, Tag::Number) {
            for part in self.nominal_after_determiner(end) {
                let set = Set::Count(Box::new(part.value.set.clone()));
                found.push(Part { value: Phrase { set, plural: false, name: false, open: None }, ..part });
            }
        }
        keep(found)
    }

    pub fn nominal_after_determiner(&self, at: usize) -> Parts<Phrase> {
        let mut found = Parts::new();
        for start in self.maybe(at, Tag::Determiner) {
            found.extend(self.nominal(start).iter().cloned());
        }
        found
    }

    fn class_of(&self, set: &Set) -> Option<&'a super::schema::Class> {
        match kind(set, self.schema) {
            Kind::Thing(Some(class)) => self.schema.classes.get(class),
            _ => None,
        }
    }

    /// "texas", "the missouri river", "the state of texas", "austin, texas".
    fn named(&self, at: usize, determined: bool) -> Parts<Phrase> {
        let mut found: Parts<Phrase> = Parts::new();
        let phrase = |set: Set| Phrase { set, plural: false, name: true, open: None };
        for (named, end) in self.names(at) {
            let set = Set::Named(named.clone());
            let class = self.class_of(&set);
            // "the mississippi" is the river.
            let odd = determined && class.is_some_and(|class| !class.article);
            let rank = class.map_or(0, |class| -class.prominence) + if odd { 2 } else { 0 };
            found.push(Part { value: phrase(set.clone()), end: *end, cost: rank });
            // "the missouri river"
            for (sense, after) in self.senses(*end) {
                if let Sense::Noun { class, plural: false, .. } = sense
                    && let Some(set) = both(set.clone(), Set::Class(*class), self.schema)
                {
                    found.push(Part { value: phrase(set), end: *after, cost: -1 });
                }
            }
            // "austin texas", "austin, texas": a name, and the name of where it is
            for comma in self.maybe(*end, Tag::Comma) {
                for (place, after) in self.names(comma) {
                    let place = Set::Named(place.clone());
                    for link in self.lying(kind(&set, self.schema), kind(&place, self.schema)) {
                        if let Some(there) = linked(link.back(), place.clone(), self.schema)
                            && let Some(set) = both(set.clone(), there, self.schema)
                        {
                            found.push(Part { value: phrase(set), end: *after, cost: 0 });
                        }
                    }
                }
            }
        }
        // "the state of texas", "the city austin", "a river named colorado"
        for (sense, end) in self.senses(at) {
            let Sense::Noun { class, .. } = sense else { continue };
            let mut starts = self.maybe(*end, Tag::Called);
            starts.extend(self.tag(*end, Tag::Owner));
            for start in starts {
                for (named, after) in self.names(start) {
                    let set = Set::Named(named.clone());
                    let exactly = named.first().and_then(|named| named.class);
                    if exactly.is_some_and(|named| self.schema.under(named, *class))
                        && let Some(set) = both(set, Set::Class(*class), self.schema)
                    {
                        found.push(Part { value: phrase(set), end: *after, cost: -1 });
                    }
                }
            }
        }
        // "austin in texas"
        for part in found.clone() {
            for said in self.modifiers(kind(&part.value.set, self.schema), part.end).iter() {
                if let Said::Is(there) = &said.value
                    && let Some(set) = both(part.value.set.clone(), there.clone(), self.schema)
                {
                    let value = Phrase { set, plural: false, name: false, open: None };
                    found.push(Part { value, end: said.end, cost: part.cost + said.cost + 1 });
                }
            }
        }
        found
    }

    /// "the total population of the states that border texas".
    fn put_together(&self, at: usize, found: &mut Parts<Phrase>) {
        let kinds = [
            (Tag::Total, Together::Sum),
            (Tag::Average, Together::Average),
            (Tag::Most, Together::Greatest),
            (Tag::Least, Together::Least),
        ];
        for (tag, how) in kinds {
            for end in self.tag(at, tag) {
                for (link, of, end, cost) in self.measure_of(end) {
                    let set = Set::Together(how, link.relation, Box::new(of.set));
                    found.push(Part { value: Phrase { set, plural: false, name: false, open: None }, end, cost });
                }
            }
        }
    }

    /// "population of …": a measure and what it is of.
    pub fn measure_of(&self, at: usize) -> Vec<(Link, Phrase, usize, i32)> {
        let mut found = Vec::new();
        for start in self.maybe(at, Tag::Determiner) {
            for (sense, end) in self.senses(start) {
                let Sense::Relational { link, .. } = sense else { continue };
                if link.to(self.schema) != Kind::Number {
                    continue;
                }
                for of in self.tag(*end, Tag::Of) {
                    for part in self.phrase(of).iter() {
                        if linked(*link, part.value.set.clone(), self.schema).is_some() {
                            found.push((*link, part.value.clone(), part.end, part.cost));
                        }
                    }
                }
            }
        }
        found
    }

    /// A noun without determiner, with what stands before and after it.
    pub fn nominal(&self, at: usize) -> Rc<Parts<Phrase>> {
        if let Some(known) = self.nominals.borrow().get(&at) {
            return known.clone();
        }
        // Something to find while this is being made: nothing.
        self.nominals.borrow_mut().insert(at, Rc::default());
        let mut found = Parts::new();
        // "the 50 capitals"
        let start = self.number(at).map_or(at, |(_, end)| end);
        for (measures, start) in self.superlatives(start) {
            for head in self.head(start) {
                self.grow(&head, &measures, &mut found);
            }
            if !measures.is_empty() {
                // "the largest of the states that …"
                for of in self.tag(start, Tag::Of) {
                    for part in self.phrase(of).iter().filter(|part| part.value.plural || !part.value.name) {
                        for (measure, most) in &measures {
                            if let Some(set) = extreme(part.value.set.clone(), measure.clone(), *most, self.schema) {
                                let value = Phrase { set, plural: false, name: false, open: None };
                                found.push(Part { value, end: part.end, cost: part.cost });
                            }
                        }
                    }
                }
            }
        }
        let found = Rc::new(keep(found));
        self.nominals.borrow_mut().insert(at, found.clone());
        found
    }

    /// The superlatives that may begin here, each with its measures; and none.
    pub fn superlatives(&self, at: usize) -> Vec<(Measures, usize)> {
        let mut found: Vec<(Measures, usize)> = vec![(Vec::new(), at)];
        let mut add = |end: usize, relation: RelationId, most: bool| {
            let measure = (Measure::Value(relation), most);
            match found.iter_mut().find(|(measures, other)| *other == end && !measures.is_empty()) {
                Some((measures, _)) => measures.push(measure),
                None => found.push((vec![measure], end)),
            }
        };
        for (sense, end) in self.senses(at) {
            if let Sense::Superlative { relation, high } = sense {
                add(*end, *relation, *high);
            }
        }
        for (tag, same) in [(Tag::MostAdjective, true), (Tag::LeastAdjective, false)] {
            for start in self.tag(at, tag) {
                for (sense, end) in self.senses(start) {
                    if let Sense::Adjective { relation, high } = sense {
                        add(*end, *relation, *high == same);
                    }
                }
            }
        }
        found
    }

    /// The noun itself.
    fn head(&self, at: usize) -> Parts<Phrase> {
        let mut found = Parts::new();
        for (sense, end) in self.senses(at) {
            match sense {
                Sense::Noun { class, plural, loose } => {
                    let value = Phrase { set: Set::Class(*class), plural: *plural, name: false, open: None };
                    // "cities or towns": two words for one class
                    let mut ends = vec![*end];
                    for joined in self.tag(*end, Tag::Or).into_iter().chain(self.tag(*end, Tag::And)) {
                        let same = |other: &Sense| matches!(other, Sense::Noun { class: other, .. } if other == class);
                        let others = self.senses(joined).iter().filter(|(other, _)| same(other));
                        ends.extend(others.map(|(_, end)| *end));
                    }
                    let cost = i32::from(*loose);
                    found.extend(ends.into_iter().map(|end| Part { value: value.clone(), end, cost }));
                }
                Sense::Relational { link, plural } => {
                    let all = match link.from(self.schema) {
                        Kind::Thing(Some(class)) => Set::Class(class),
                        _ => Set::Anything,
                    };
                    let set = Set::Linked(*link, Box::new(all));
                    let value = Phrase { set, plural: *plural, name: false, open: Some(*link) };
                    found.push(Part { value, end: *end, cost: 0 });
                }
                _ => {}
            }
        }
        // "texas cities", "the texas population"
        for (named, end) in self.names(at) {
            for part in self.head(*end) {
                let owner = Phrase { set: Set::Named(named.clone()), plural: false, name: true, open: None };
                for set in self.of(&part.value, &owner) {
                    let value = Phrase { set, plural: part.value.plural, name: false, open: None };
                    found.push(Part { value, end: part.end, cost: part.cost + 2 });
                }
            }
        }
        let anything = [(Tag::Thing, 1), (Tag::People, 1)];
        for (tag, cost) in anything {
            for end in self.tag(at, tag) {
                let value = Phrase { set: Set::Anything, plural: true, name: false, open: None };
                found.push(Part { value, end, cost });
            }
        }
        found
    }

    /// A head and what is said after it, at every length.
    fn grow(&self, head: &Part<Phrase>, measures: &[(Measure, bool)], found: &mut Parts<Phrase>) {
        // Extremes wait until all filters are known: "the state with the largest area that borders texas".
        let mut open: Vec<(Part<Phrase>, Measures)> = Vec::new();
        if let Some(link) = head.value.open {
            for of in self.tag(head.end, Tag::Of) {
                for part in self.phrase(of).iter() {
                    if let Some(set) = linked(link, part.value.set.clone(), self.schema) {
                        let plural = head.value.plural || part.value.plural;
                        let value = Phrase { set, plural, name: false, open: None };
                        open.push((Part { value, end: part.end, cost: head.cost + part.cost }, Vec::new()));
                    }
                }
            }
        }
        open.push((head.clone(), Vec::new()));
        let mut next = 0;
        while let Some((part, pending)) = open.get(next).cloned() {
            next += 1;
            if next > MOST || !self.step() {
                break;
            }
            self.finish(&part, &pending, measures, found);
            let of = kind(&part.value.set, self.schema);
            if of == Kind::Number {
                continue;
            }
            for said in self.modifiers(of, part.end).iter() {
                let again = i32::from(next > 1);
                let cost = part.cost + said.cost + again;
                match said.value.clone() {
                    Said::Is(set) => {
                        if let Some(set) = both(part.value.set.clone(), set, self.schema) {
                            let value = Phrase { set, name: false, open: None, ..part.value.clone() };
                            open.push((Part { value, end: said.end, cost }, pending.clone()));
                        }
                    }
                    Said::Extreme(by, most) => {
                        let mut pending = pending.clone();
                        pending.push((by, most));
                        let value = Phrase { open: None, ..part.value.clone() };
                        open.push((Part { value, end: said.end, cost }, pending));
                    }
                }
            }
        }
    }

    /// The extremes are taken of what the filters left, the superlative before the noun last.
    fn finish(
        &self,
        part: &Part<Phrase>,
        pending: &[(Measure, bool)],
        measures: &[(Measure, bool)],
        found: &mut Parts<Phrase>,
    ) {
        let mut set = part.value.set.clone();
        for (by, most) in pending {
            match extreme(set, by.clone(), *most, self.schema) {
                Some(narrower) => set = narrower,
                None => return,
            }
        }
        if measures.is_empty() {
            let name = part.value.name && pending.is_empty();
            let value = Phrase { set, name, ..part.value.clone() };
            found.push(Part { value, end: part.end, cost: part.cost });
            return;
        }
        let plural = part.value.plural;
        let phrase = |set: Set| Phrase { set, plural, name: false, open: None };
        // "the highest points of the states": one of each.
        let group = if plural { self.group(&set) } else { None };
        for (by, most) in measures {
            if let Some(set) = extreme(set.clone(), by.clone(), *most, self.schema) {
                let cost = part.cost + i32::from(group.is_some());
                found.push(Part { value: phrase(set), end: part.end, cost });
            }
            if let Some((link, of)) = &group
                && let Some(Set::Extreme { of: among, by, most, .. }) =
                    extreme(set.clone(), by.clone(), *most, self.schema)
            {
                let each = Some((*link, Box::new(of.clone())));
                let set = Set::Extreme { of: among, by, most, each };
                found.push(Part { value: phrase(set), end: part.end, cost: part.cost });
            }
        }
        // "the largest city by population"
        for by in self.tag(part.end, Tag::By) {
            for start in self.maybe(by, Tag::Determiner) {
                for (sense, end) in self.senses(start) {
                    let Sense::Relational { link, .. } = sense else { continue };
                    let Some(&(_, most)) = measures.first() else { continue };
                    if link.to(self.schema) == Kind::Number
                        && let Some(set) = extreme(set.clone(), Measure::Value(link.relation), most, self.schema)
                    {
                        found.push(Part { value: phrase(set), end: *end, cost: part.cost });
                    }
                }
            }
        }
        self.each(&set, part, measures, found);
    }

    /// The many that a set's members belong to: the states of "the points of the states".
    fn group(&self, set: &Set) -> Option<(Link, Set)> {
        let Set::All(sets) = set else { return None };
        sets.iter().find_map(|set| match set {
            Set::Linked(link, of) if self.places.contains(&link.relation) && !link.forward => match &**of {
                Set::Class(_) | Set::All(_) | Set::Linked(..) => Some((*link, (**of).clone())),
                _ => None,
            },
            _ => None,
        })
    }

    /// "the largest city in each state"
    fn each(&self, set: &Set, part: &Part<Phrase>, measures: &[(Measure, bool)], found: &mut Parts<Phrase>) {
        for start in self.tag(part.end, Tag::Each) {
            for group in self.nominal(start).iter() {
                for link in self.having(kind(&group.value.set, self.schema), kind(set, self.schema)) {
                    for (by, most) in measures {
                        if let Some(Set::Extreme { of, by, most, .. }) =
                            extreme(set.clone(), by.clone(), *most, self.schema)
                        {
                            let each = Some((link, Box::new(group.value.set.clone())));
                            let set = Set::Extreme { of, by, most, each };
                            let value = Phrase { set, plural: true, name: false, open: None };
                            // Better than "of each" as a mere place.
                            found.push(Part { value, end: group.end, cost: part.cost + group.cost - 1 });
                        }
                    }
                }
            }
        }
    }
}

/// How many words of a line a name or a phrase may take.
const LONGEST: usize = 8;

/// What is in a set and not in the other.
pub(super) fn without(set: Set, other: Set, schema: &Schema) -> Option<Set> {
    if !meet(kind(&set, schema), kind(&other, schema), schema) {
        return None;
    }
    // The exception is made before the extreme is taken: "the largest state except alaska".
    inside(set, Said::Is(Set::Not(Box::new(other))), schema)
}

/// Narrows a set; an extreme is taken of what is narrowed.
pub(super) fn inside(set: Set, said: Said, schema: &Schema) -> Option<Set> {
    match set {
        Set::Extreme { of, by, most, each } => {
            let of = Box::new(inside(*of, said, schema)?);
            Some(Set::Extreme { of, by, most, each })
        }
        set => narrowed(set, said, schema),
    }
}

fn by_class(found: Vec<Named>) -> Vec<Vec<Named>> {
    let mut groups: Vec<Vec<Named>> = Vec::new();
    for named in found {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| first.class == named.class)) {
            Some(group) => group.push(named),
            None => groups.push(vec![named]),
        }
    }
    groups
}

/// The cheapest readings of each length.
pub(super) fn keep<T: Clone + PartialEq>(mut parts: Parts<T>) -> Parts<T> {
    parts.sort_by_key(|part| (part.cost, part.end));
    let mut kept: Parts<T> = Vec::new();
    for part in parts {
        let same: Vec<&Part<T>> = kept.iter().filter(|other| other.end == part.end).collect();
        if same.len() < SAME && !same.iter().any(|other| other.value == part.value) && kept.len() < MOST {
            kept.push(part);
        }
    }
    kept
}
