//! Reads whole questions: what is asked of which set.
//!
//! The shapes of English questions are few once noun phrases and predicates are read: "which X …", "how many X …",
//! "what is X", "how long is X", "where is X", "is X …", orders to list, and bare noun phrases.

use super::parse::{Parser, Part, Parts, Phrase, keep, without};
use super::schema::{ClassId, Member, Schema};
use super::set::{Kind, Link, Said, Set, Together, both, extreme, kind, linked, meet, narrowed};
use super::words::{Form, Sense, Tag};

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// What is in the set?
    What(Set),
    /// Is anything in the set?
    Whether(Set),
    /// Is nothing in the set? ("is every state …": a state that is not)
    None(Set),
}

impl Parser<'_> {
    /// All readings of the line as a question, the cheapest first.
    pub fn questions(&self) -> Vec<Part<Asked>> {
        let mut found = Parts::new();
        let mut starts = vec![0];
        let mut next = 0;
        while let Some(&start) = starts.get(next) {
            next += 1;
            for end in self.tag(start, Tag::Opening) {
                if !starts.contains(&end) {
                    starts.push(end);
                }
            }
        }
        for start in starts {
            found.extend(self.from(start));
            for end in self.tag(start, Tag::List) {
                found.extend(self.from(end));
            }
        }
        let mut whole = Parts::new();
        for part in found {
            if self.closes(part.end) {
                whole.push(Part { end: self.tokens.len(), ..part });
            }
        }
        keep(whole)
    }

    /// Whether only words that close a question are left.
    fn closes(&self, at: usize) -> bool {
        at >= self.tokens.len() || self.tag(at, Tag::Closing).into_iter().any(|end| self.closes(end))
    }

    fn from(&self, at: usize) -> Parts<Asked> {
        let mut found = Parts::new();
        self.which(at, &mut found);
        self.how_many(at, &mut found);
        self.how(at, &mut found);
        self.where_is(at, &mut found);
        self.what_is(at, &mut found);
        self.who(at, &mut found);
        self.of_those(at, &mut found);
        self.capital_of_which(at, &mut found);
        self.whether(at, &mut found);
        self.bare(at, &mut found);
        found
    }

    /// "which state borders texas", "what rivers does it have", "in what state is mount mckinley".
    fn which(&self, at: usize, found: &mut Parts<Asked>) {
        for which in self.tag(at, Tag::Which) {
            for start in self.maybe(which, Tag::Of) {
                if start > which {
                    // "which of the states …"
                    for part in self.phrase(start).iter() {
                        self.asked_of(part, false, found);
                    }
                } else {
                    for part in self.nominal(start).iter() {
                        self.asked_of(part, false, found);
                    }
                }
            }
        }
        // "through which states does …", "in which state is …"
        if at + 1 < self.tokens.len() {
            for which in self.tag(at + 1, Tag::Which) {
                for part in self.nominal(which).iter() {
                    let of = kind(&part.value.set, self.schema);
                    for (aux, be) in self.auxiliaries(part.end) {
                        for subject in self.phrase(aux).iter() {
                            let mut sets: Parts<Said> = self.fronted_after(subject, of, self.token(at), subject.end);
                            if be && self.tag_is(self.token(at), Tag::At) {
                                for end in self.maybe(subject.end, Tag::Located) {
                                    for link in self.lying(kind(&subject.value.set, self.schema), of) {
                                        if let Some(set) = linked(link, subject.value.set.clone(), self.schema) {
                                            sets.push(Part { value: Said::Is(set), end, cost: subject.cost });
                                        }
                                    }
                                }
                            }
                            if self.tag_is(self.token(at), Tag::At) {
                                for end in self.tag(subject.end, Tag::Closing) {
                                    for link in self.lying(kind(&subject.value.set, self.schema), of) {
                                        if let Some(set) = linked(link, subject.value.set.clone(), self.schema) {
                                            sets.push(Part { value: Said::Is(set), end, cost: subject.cost });
                                        }
                                    }
                                }
                            }
                            for said in sets {
                                self.ask_narrowed(part, &said, false, found);
                            }
                        }
                    }
                }
            }
        }
    }

    /// "is", "does": where the subject begins, and whether it is a form of "be".
    fn auxiliaries(&self, at: usize) -> Vec<(usize, bool)> {
        let be = self.tag(at, Tag::Be).into_iter().map(|end| (end, true));
        be.chain(self.tag(at, Tag::Do).into_iter().map(|end| (end, false))).collect()
    }

    fn ask_narrowed(&self, part: &Part<Phrase>, said: &Part<Said>, count: bool, found: &mut Parts<Asked>) {
        // "what state borders the fewest states, excluding alaska": of the states asked for.
        for comma in self.maybe(said.end, Tag::Comma) {
            for end in self.tag(comma, Tag::Except) {
                for other in self.phrase(end).iter() {
                    if let Some(set) = without(part.value.set.clone(), other.value.set.clone(), self.schema) {
                        let rest = Part { value: Phrase { set, ..part.value.clone() }, ..part.clone() };
                        let said = Part { end: other.end, cost: said.cost + other.cost, ..said.clone() };
                        self.ask_narrowed(&rest, &said, count, found);
                    }
                }
            }
        }
        if let Some(set) = narrowed(part.value.set.clone(), said.value.clone(), self.schema) {
            Self::ask(set, count, said.end, part.cost + said.cost, found);
        }
    }

    fn ask(set: Set, count: bool, end: usize, cost: i32, found: &mut Parts<Asked>) {
        if is_open(&set) {
            return;
        }
        let set = if count { Set::Count(Box::new(set)) } else { set };
        found.push(Part { value: Asked::What(set), end, cost });
    }

    /// What is asked of a noun that "which" or "how many" stood before.
    fn asked_of(&self, part: &Part<Phrase>, count: bool, found: &mut Parts<Asked>) {
        let of = kind(&part.value.set, self.schema);
        let end = part.end;
        if of == Kind::Number {
            return;
        }
        // Elliptical: "what cities in california"
        Self::ask(part.value.set.clone(), count, end, part.cost + 1, found);
        let mut said: Parts<Said> = self.predicate(of, end).iter().cloned().collect();
        // "how many rivers found in colorado", "are there in texas"
        for be in self.tag(end, Tag::Be) {
            for there in self.tag(be, Tag::There) {
                said.extend(self.modifiers(of, there).iter().cloned());
                Self::ask(part.value.set.clone(), count, there, part.cost, found);
            }
            for part_of in self.inverted(of, be) {
                said.push(part_of);
            }
        }
        for aux in self.tag(end, Tag::Do) {
            for subject in self.phrase(aux).iter() {
                for (set, end, cost) in self.verb_with_gap(subject, of, subject.end) {
                    said.push(Part { value: Said::Is(set), end, cost });
                }
            }
        }
        for said in said {
            self.ask_narrowed(part, &said, count, found);
        }
    }

    /// After "what state is": "austin in", "austin the capital of", "the city denver located in".
    fn inverted(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        for subject in self.phrase(at).iter() {
            let what = kind(&subject.value.set, self.schema);
            let mut add = |link: Link, end: usize| {
                if meet(link.to(self.schema), of, self.schema)
                    && let Some(set) = linked(link, subject.value.set.clone(), self.schema)
                {
                    found.push(Part { value: Said::Is(set), end, cost: subject.cost });
                }
            };
            for end in self.tag(subject.end, Tag::At) {
                for link in self.lying(what, of) {
                    add(link, end);
                }
            }
            for end in self.tag(subject.end, Tag::Located) {
                for link in self.lying(what, of) {
                    add(link, end);
                }
            }
            for (sense, end) in self.senses(subject.end) {
                match sense {
                    Sense::Preposition { link } | Sense::Verb { link, form: Form::Passive | Form::Ing } => {
                        add(*link, *end);
                    }
                    _ => {}
                }
            }
            for start in self.maybe(subject.end, Tag::Determiner) {
                for (sense, end) in self.senses(start) {
                    let Sense::Relational { link, .. } = sense else { continue };
                    for end in self.tag(*end, Tag::Of) {
                        add(link.back(), end);
                    }
                }
            }
        }
        found
    }

    /// "how many rivers …", "how many people live in texas".
    fn how_many(&self, at: usize, found: &mut Parts<Asked>) {
        for many in self.tag(at, Tag::HowMany) {
            for part in self.nominal_after_determiner(many) {
                self.asked_of(&part, true, found);
            }
            for of in self.tag(many, Tag::Of) {
                for part in self.phrase(of).iter() {
                    self.asked_of(part, true, found);
                }
            }
            self.units(many, found);
        }
    }

    /// "people live in texas", "people are there in texas", "people does texas have", "people in texas".
    fn units(&self, at: usize, found: &mut Parts<Asked>) {
        for (sense, end) in self.senses(at) {
            let Sense::Unit { relation } = sense else { continue };
            let link = Link { relation: *relation, forward: true };
            let mut starts = self.maybe(*end, Tag::Live);
            for be in self.tag(*end, Tag::Be) {
                starts.extend(self.maybe(be, Tag::There));
                for there in self.maybe(be, Tag::There) {
                    starts.extend(self.tag(there, Tag::Live));
                }
            }
            for start in self.tag(*end, Tag::Relative) {
                starts.extend(self.tag(start, Tag::Live));
            }
            for start in starts {
                for place in self.tag(start, Tag::At) {
                    for part in self.phrase(place).iter() {
                        self.ask_linked(link, part, part.end, found);
                    }
                }
            }
            for aux in self.tag(*end, Tag::Do) {
                for part in self.phrase(aux).iter() {
                    for end in self.tag(part.end, Tag::Have) {
                        self.ask_linked(link, part, end, found);
                    }
                }
            }
            // "how many miles long is the nile"
            for (sense, end) in self.senses(*end) {
                if matches!(sense, Sense::Adjective { relation: own, .. } if own == relation) {
                    for be in self.tag(*end, Tag::Be) {
                        for part in self.phrase(be).iter() {
                            self.ask_linked(link, part, part.end, found);
                        }
                    }
                }
            }
        }
    }

    fn ask_linked(&self, link: Link, part: &Part<Phrase>, end: usize, found: &mut Parts<Asked>) {
        if let Some(set) = linked(link, part.value.set.clone(), self.schema) {
            Self::ask(set, false, self.after_unit(link, end), part.cost, found);
        }
    }

    /// "(how long is the nile) in miles": the unit a measure is in anyway.
    fn after_unit(&self, link: Link, at: usize) -> usize {
        for start in self.tag(at, Tag::InUnit) {
            for (sense, end) in self.senses(start) {
                if matches!(sense, Sense::Unit { relation } if *relation == link.relation) {
                    return *end;
                }
            }
        }
        at
    }

    /// "how long is the nile", "how big is alaska".
    fn how(&self, at: usize, found: &mut Parts<Asked>) {
        for how in self.tag(at, Tag::How) {
            for (sense, end) in self.senses(how) {
                let Sense::Adjective { relation, .. } = sense else { continue };
                for be in self.tag(*end, Tag::Be) {
                    for part in self.phrase(be).iter() {
                        self.ask_linked(Link { relation: *relation, forward: true }, part, part.end, found);
                    }
                }
            }
        }
    }

    /// "where is austin": what the place relations of its kind lead to.
    fn where_is(&self, at: usize, found: &mut Parts<Asked>) {
        for start in self.tag(at, Tag::Where) {
            for be in self.tag(start, Tag::Be) {
                for part in self.phrase(be).iter() {
                    let mut end = part.end;
                    if let Some(&located) = self.tag(end, Tag::Located).first() {
                        end = located;
                    }
                    if !part.value.name && says_where(&part.value.set, &self.places) {
                        // "where is the lowest spot in iowa" is asked of the spot.
                        Self::ask(part.value.set.clone(), false, end, part.cost, found);
                        continue;
                    }
                    let what = kind(&part.value.set, self.schema);
                    for &relation in &self.places {
                        let link = Link { relation, forward: true };
                        let is_place = self.schema.relations.get(relation).is_some_and(|described| described.place);
                        if is_place && meet(link.from(self.schema), what, self.schema) && what != Kind::Thing(None) {
                            self.ask_linked(link, part, end, found);
                        }
                    }
                }
            }
        }
    }

    /// "what is the capital of texas", "what are the rivers in texas", "which is the shortest river".
    fn what_is(&self, at: usize, found: &mut Parts<Asked>) {
        let mut starts = self.tag(at, Tag::Which);
        starts.extend(self.tag(at, Tag::Who));
        for start in starts {
            for be in self.tag(start, Tag::Be) {
                self.noun_phrase(be, true, 0, found);
                // "what is there in texas"
                for there in self.tag(be, Tag::There) {
                    for said in self.modifiers(Kind::Thing(None), there).iter() {
                        if let Some(set) = narrowed(Set::Anything, said.value.clone(), self.schema) {
                            Self::ask(set, false, said.end, said.cost + 1, found);
                        }
                    }
                }
            }
        }
    }

    /// A noun phrase that is asked for, and what may follow one: "combined", "in square kilometers".
    fn noun_phrase(&self, at: usize, asks_what: bool, cost: i32, found: &mut Parts<Asked>) {
        let determined = !self.tag(at, Tag::Determiner).is_empty();
        for part in self.phrase(at).iter().filter(|part| !part.value.name) {
            // "what is a state?" and "what are states?" ask what the word means.
            let whole = matches!(part.value.set, Set::Class(_)) || part.value.open.is_some();
            if asks_what && whole && !(determined && part.value.plural) {
                continue;
            }
            let cost = part.cost + cost;
            Self::ask(part.value.set.clone(), false, part.end, cost, found);
            if let Set::Linked(link, of) = &part.value.set
                && kind(&part.value.set, self.schema) == Kind::Number
            {
                let end = self.after_unit(*link, part.end);
                if end > part.end {
                    Self::ask(part.value.set.clone(), false, end, cost, found);
                }
                for end in self.tag(part.end, Tag::Together) {
                    let set = Set::Together(Together::Sum, link.relation, of.clone());
                    Self::ask(set, false, end, cost, found);
                }
            }
        }
    }

    /// "who likes tea", "what borders texas", "what does alice like".
    fn who(&self, at: usize, found: &mut Parts<Asked>) {
        let persons = self.tag(at, Tag::Who).into_iter().map(|start| (start, true));
        let starts = persons.chain(self.tag(at, Tag::Which).into_iter().map(|start| (start, false)));
        let anything = Kind::Thing(None);
        for (start, person) in starts {
            // "what is a state?" asks what the word means; "who is a programmer?" asks for them.
            let asks_more = |said: &&Part<Said>| match &said.value {
                Said::Is(Set::Class(_)) => person,
                Said::Is(set) => !is_name(set),
                Said::Extreme(..) => true,
            };
            for said in self.predicate(anything, start).iter().filter(asks_more) {
                if let Some(set) = narrowed(Set::Anything, said.value.clone(), self.schema) {
                    Self::ask(set, false, said.end, said.cost + 1, found);
                }
            }
            // "who is carl married to"
            for be in self.tag(start, Tag::Be) {
                for said in self.inverted(anything, be) {
                    if let Some(set) = narrowed(Set::Anything, said.value, self.schema) {
                        Self::ask(set, false, said.end, said.cost + 1, found);
                    }
                }
            }
            for aux in self.tag(start, Tag::Do) {
                for subject in self.phrase(aux).iter() {
                    for (set, end, cost) in self.verb_with_gap(subject, anything, subject.end) {
                        Self::ask(set, false, end, cost + 1, found);
                    }
                }
            }
        }
    }

    /// "of the states washed by the mississippi which has the lowest point"
    fn of_those(&self, at: usize, found: &mut Parts<Asked>) {
        for of in self.tag(at, Tag::Of) {
            for part in self.phrase(of).iter() {
                for comma in self.maybe(part.end, Tag::Comma) {
                    for which in self.tag(comma, Tag::Which) {
                        for which in self.maybe(which, Tag::One) {
                            for said in self.predicate(kind(&part.value.set, self.schema), which).iter() {
                                self.ask_narrowed(part, said, false, found);
                            }
                        }
                    }
                }
            }
        }
    }

    /// "sacramento is the capital of which state"
    fn capital_of_which(&self, at: usize, found: &mut Parts<Asked>) {
        for subject in self.phrase(at).iter() {
            for be in self.tag(subject.end, Tag::Be) {
                for start in self.maybe(be, Tag::Determiner) {
                    for (sense, end) in self.senses(start) {
                        let Sense::Relational { link, .. } = sense else { continue };
                        for of in self.tag(*end, Tag::Of) {
                            for which in self.tag(of, Tag::Which) {
                                let Some(set) = linked(link.back(), subject.value.set.clone(), self.schema) else {
                                    continue;
                                };
                                Self::ask(set.clone(), false, which, subject.cost, found);
                                for part in self.nominal(which).iter() {
                                    if let Some(set) = both(part.value.set.clone(), set.clone(), self.schema) {
                                        Self::ask(set, false, part.end, subject.cost + part.cost, found);
                                    }
                                }
                            }
                        }
                    }
                }
                for (sense, end) in self.place_links(subject, be) {
                    for which in self.tag(end, Tag::Which) {
                        for part in self.nominal(which).iter() {
                            if let Some(set) = linked(sense, subject.value.set.clone(), self.schema)
                                && let Some(set) = both(part.value.set.clone(), set, self.schema)
                            {
                                Self::ask(set, false, part.end, subject.cost + part.cost, found);
                            }
                        }
                    }
                }
            }
        }
    }

    /// "austin is in (which state)"
    fn place_links(&self, subject: &Part<Phrase>, at: usize) -> Vec<(Link, usize)> {
        let links = self.lying(kind(&subject.value.set, self.schema), Kind::Thing(None));
        let ends = self.tag(at, Tag::At);
        ends.into_iter().flat_map(|end| links.iter().map(move |link| (*link, end))).collect()
    }

    /// "is austin the capital of texas", "does texas border ohio", "is there a river in maine".
    fn whether(&self, at: usize, found: &mut Parts<Asked>) {
        for start in self.tag(at, Tag::Whether) {
            for part in self.phrase(start).iter() {
                if !is_open(&part.value.set) {
                    found.push(Part { value: Asked::Whether(part.value.set.clone()), end: part.end, cost: part.cost });
                }
            }
            for end in self.tag(start, Tag::No) {
                for part in self.nominal(end).iter() {
                    found.push(Part { value: Asked::None(part.value.set.clone()), end: part.end, cost: part.cost });
                }
            }
        }
        for (aux, be) in self.auxiliaries(at) {
            for aux in self.maybe(aux, Tag::Not) {
                let every = !self.tag(aux, Tag::Universal).is_empty();
                for subject in self.phrase(aux).iter() {
                    let of = kind(&subject.value.set, self.schema);
                    let said: Parts<Said> = if be {
                        self.predicative(of, subject.end)
                    } else {
                        self.predicate(of, subject.end).iter().cloned().collect()
                    };
                    for said in said {
                        self.whether_said(subject, &said, every, found);
                    }
                }
            }
        }
        for end in self.tag(at, Tag::Have) {
            for subject in self.phrase(end).iter() {
                let of = kind(&subject.value.set, self.schema);
                for said in self.possession(of, subject.end).iter() {
                    self.whether_said(subject, said, false, found);
                }
            }
        }
    }

    fn whether_said(&self, subject: &Part<Phrase>, said: &Part<Said>, every: bool, found: &mut Parts<Asked>) {
        let cost = subject.cost + said.cost;
        match (&said.value, every) {
            (Said::Is(set), true) => {
                let not = Said::Is(Set::Not(Box::new(set.clone())));
                if let Some(set) = narrowed(subject.value.set.clone(), not, self.schema) {
                    found.push(Part { value: Asked::None(set), end: said.end, cost });
                }
            }
            (Said::Is(set), false) => {
                if let Some(set) = both(subject.value.set.clone(), set.clone(), self.schema)
                    && !is_open(&set)
                {
                    found.push(Part { value: Asked::Whether(set), end: said.end, cost });
                }
            }
            (Said::Extreme(by, most), _) => {
                // "is texas the largest": of its kind.
                if let Kind::Thing(Some(class)) = kind(&subject.value.set, self.schema)
                    && let Some(all) = extreme(Set::Class(class), by.clone(), *most, self.schema)
                    && let Some(set) = both(subject.value.set.clone(), all, self.schema)
                {
                    found.push(Part { value: Asked::Whether(set), end: said.end, cost });
                }
            }
        }
    }

    /// "rivers in texas?", "population of boulder", "people in boulder".
    fn bare(&self, at: usize, found: &mut Parts<Asked>) {
        self.noun_phrase(at, false, 2, found);
        self.units(at, found);
        for part in self.nominal_after_determiner(at) {
            // "states bordering iowa", but also "states border iowa"
            for said in self.predicate(kind(&part.value.set, self.schema), part.end).iter() {
                let said = Part { cost: said.cost + 3, ..said.clone() };
                self.ask_narrowed(&part, &said, false, found);
            }
        }
    }
}

/// Whether a set is no question's: everything, or only a name.
fn is_open(set: &Set) -> bool {
    match set {
        Set::Anything | Set::Not(_) | Set::Compared(..) => true,
        Set::All(sets) => sets.iter().all(is_open),
        _ => false,
    }
}

/// Whether a set is only what goes by a name: "what is texas?" is for those who tell what things are.
fn is_name(set: &Set) -> bool {
    match set {
        Set::Named(_) => true,
        Set::All(sets) => sets.iter().any(is_name),
        _ => false,
    }
}

/// Whether it is said already where its members are.
fn says_where(set: &Set, places: &[usize]) -> bool {
    match set {
        Set::Linked(link, of) => places.contains(&link.relation) || says_where(of, places),
        Set::All(sets) | Set::Either(sets, _) => sets.iter().any(|set| says_where(set, places)),
        Set::Extreme { of, .. } => says_where(of, places),
        _ => false,
    }
}

/// Whether all relations of a set are known completely, so that what is not in it is not.
pub(super) fn is_closed(set: &Set, schema: &Schema) -> bool {
    if schema.all_known {
        return true;
    }
    let closed = |relation: usize| schema.relations.get(relation).is_some_and(|relation| relation.closed);
    let all_members = |class: &ClassId| schema.classes.get(*class).is_some_and(|class| class.closed);
    match set {
        Set::Class(class) => match schema.classes.get(*class).map(|class| &class.member) {
            Some(Member::AnyOf(classes)) => classes.iter().all(all_members),
            _ => all_members(class),
        },
        Set::Linked(link, of) => closed(link.relation) && is_closed(of, schema),
        // That two names name different ones is not known for being different names.
        Set::All(sets) if sets.iter().filter(|set| matches!(set, Set::Named(_))).count() > 1 => false,
        Set::All(sets) | Set::Either(sets, _) => sets.iter().all(|set| is_closed(set, schema)),
        Set::Not(set) | Set::Count(set) => is_closed(set, schema),
        Set::Together(_, relation, set) => closed(*relation) && is_closed(set, schema),
        Set::Extreme { of, .. } => is_closed(of, schema),
        Set::Named(_) | Set::Anything | Set::Compared(..) => true,
    }
}
