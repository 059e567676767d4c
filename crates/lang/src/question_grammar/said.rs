//! Reads what is said of a thing: relative clauses, places, possessions, comparisons, and whole predicates.
//!
//! All of it says which set the thing is in, or that it is the extreme of one; so a clause after "that", a clause
//! after "which state" and a participle after a noun are read by the same functions.

use std::rc::Rc;

use super::parse::{Parser, Part, Parts, Phrase, keep};
use super::set::{
    Amount, Comparison, Kind, Link, Measure, Said, Set, extreme, kind, linked, linked_to_all, measured, meet, narrowed,
};
use super::words::{Form, Sense, Tag};

/// Which function a memo entry is of.
const MODIFIERS: u8 = 0;
const PREDICATE: u8 = 1;
const POSSESSION: u8 = 2;

fn key(of: Kind) -> Option<usize> {
    match of {
        Kind::Thing(Some(class)) => Some(class),
        Kind::Thing(None) => None,
        Kind::Number => Some(usize::MAX),
    }
}

impl Parser<'_> {
    fn remembered(&self, which: u8, of: Kind, at: usize, make: impl FnOnce() -> Parts<Said>) -> Rc<Parts<Said>> {
        let place = (which, key(of), at);
        if let Some(known) = self.said.borrow().get(&place) {
            return known.clone();
        }
        let found = if self.step() { Rc::new(keep(make())) } else { Rc::default() };
        self.said.borrow_mut().insert(place, found.clone());
        found
    }

    /// One thing said of a noun of this kind, after it.
    pub fn modifiers(&self, of: Kind, at: usize) -> Rc<Parts<Said>> {
        if at >= self.tokens.len() {
            return Rc::default();
        }
        self.remembered(MODIFIERS, of, at, || {
            let mut found = self.somewhere(of, at);
            found.extend(self.prepositional(of, at));
            for end in self.tag(at, Tag::Relative) {
                found.extend(self.predicate(of, end).iter().cloned());
                found.extend(self.with_gap(of, end));
            }
            // "states the mississippi runs through"
            for part in self.with_gap(of, at) {
                found.push(Part { cost: part.cost + 1, ..part });
            }
            found.extend(self.fronted(of, at));
            found.extend(self.whose(of, at));
            for end in self.tag(at, Tag::Have).into_iter().chain(self.tag(at, Tag::With)) {
                found.extend(self.possession(of, end).iter().cloned());
            }
            found.extend(self.doing(of, at, &[Form::Ing, Form::Passive]));
            found.extend(self.called(of, at));
            found.extend(self.compared(of, at));
            for end in self.tag(at, Tag::Without) {
                found.extend(self.lacking(of, end));
            }
            for end in self.tag(at, Tag::Contain) {
                found.extend(self.possession(of, end).iter().cloned());
            }
            for comma in self.maybe(at, Tag::Comma) {
                for end in self.tag(comma, Tag::Except) {
                    for part in self.phrase(end).iter() {
                        if meet(kind(&part.value.set, self.schema), of, self.schema) {
                            found.push(part.said(Said::Is(Set::Not(Box::new(part.value.set.clone()))), 1));
                        }
                    }
                }
            }
            // "states not in the west", "rivers not running through texas"
            for end in self.tag(at, Tag::Not) {
                for part in self.modifiers(of, end).iter() {
                    found.extend(negated(part));
                }
            }
            // "in texas and bordering ohio"
            let first = found.clone();
            for part in first {
                for end in self.tag(part.end, Tag::And) {
                    for other in self.modifiers(of, end).iter() {
                        found.extend(joined(&part, other, true));
                    }
                }
                for end in self.tag(part.end, Tag::Or) {
                    for other in self.modifiers(of, end).iter() {
                        found.extend(joined(&part, other, false));
                    }
                }
            }
            found
        })
    }

    /// "in texas", "located in a state that …", "of texas".
    fn somewhere(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        for end in self.tag(at, Tag::At) {
            for part in self.phrase(end).iter() {
                for link in self.lying(of, kind(&part.value.set, self.schema)) {
                    if let Some(set) = linked_to_all(link.back(), part.value.set.clone(), self.schema) {
                        found.push(part.said(Said::Is(set), 0));
                    }
                }
            }
        }
        found
    }

    /// "next to texas", by the prepositions of relations.
    fn prepositional(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        for (sense, end) in self.senses(at) {
            let Sense::Preposition { link } = sense else { continue };
            if self.places.contains(&link.relation) && !self.tag(at, Tag::At).is_empty() {
                continue;
            }
            found.extend(self.object(*link, of, *end));
        }
        found
    }

    /// What may follow a verb or preposition: a noun phrase, a count, a superlative count, "no …".
    fn object(&self, link: Link, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        if !meet(link.from(self.schema), of, self.schema) {
            return found;
        }
        let to = link.to(self.schema);
        for part in self.phrase(at).iter() {
            if meet(to, kind(&part.value.set, self.schema), self.schema)
                && let Some(set) = linked_to_all(link.back(), part.value.set.clone(), self.schema)
            {
                found.push(part.said(Said::Is(set), 0));
            }
        }
        // "texas" in "running through it"
        for end in self.tag(at, Tag::It) {
            found.push(Part { value: Said::Is(Set::Anything), end, cost: 2 });
        }
        found.extend(self.counted(at, of, &|phrase: &Phrase| {
            let fits = meet(to, kind(&phrase.set, self.schema), self.schema);
            (if fits { vec![link] } else { Vec::new() }, phrase.set.clone())
        }));
        found
    }

    /// "the most rivers", "no river", "at least two rivers", "3 rivers": counts of a noun by the links it allows.
    fn counted(&self, at: usize, of: Kind, links: &dyn Fn(&Phrase) -> (Vec<Link>, Set)) -> Parts<Said> {
        let mut found = Parts::new();
        let from = |link: &Link| meet(link.from(self.schema), of, self.schema);
        for start in self.maybe(at, Tag::Determiner) {
            for (tag, most) in [(Tag::MostOf, true), (Tag::LeastOf, false)] {
                for end in self.tag(start, tag) {
                    for part in self.after_other(end) {
                        let (found_links, set) = links(&part.value);
                        for link in found_links.into_iter().filter(from) {
                            let by = Measure::Count(link, Box::new(set.clone()));
                            found.push(part.said(Said::Extreme(by, most), 0));
                        }
                    }
                }
            }
        }
        for end in self.tag(at, Tag::No) {
            for part in self.after_other(end) {
                let (found_links, set) = links(&part.value);
                for link in found_links.into_iter().filter(from) {
                    if let Some(set) = linked(link.back(), set.clone(), self.schema) {
                        found.push(part.said(Said::Is(Set::Not(Box::new(set))), 0));
                    }
                }
            }
        }
        for (comparison, number, end) in self.comparisons(at) {
            for part in self.after_other(end) {
                let (found_links, set) = links(&part.value);
                for link in found_links.into_iter().filter(from) {
                    let by = Measure::Count(link, Box::new(set.clone()));
                    let set = Set::Compared(by, comparison, Amount::Number(number));
                    found.push(part.said(Said::Is(set), 0));
                }
            }
        }
        found
    }

    /// A noun that "other" may stand before: what is linked to others is never linked to itself here.
    fn after_other(&self, at: usize) -> Parts<Phrase> {
        let mut found = Parts::new();
        for start in self.maybe(at, Tag::Other) {
            found.extend(self.nominal(start).iter().filter(|part| !part.value.name).cloned());
        }
        found
    }

    /// "more than 3", "at least two", "5": a comparison with a number.
    fn comparisons(&self, at: usize) -> Vec<(Comparison, f64, usize)> {
        let mut found = Vec::new();
        let kinds = [
            (Tag::More, Comparison::More),
            (Tag::Less, Comparison::Less),
            (Tag::AtLeast, Comparison::AtLeast),
            (Tag::AtMost, Comparison::AtMost),
            (Tag::Exactly, Comparison::Equal),
        ];
        for (tag, comparison) in kinds {
            for end in self.tag(at, tag) {
                if let Some((number, end)) = self.number(end) {
                    found.push((comparison, number, end));
                }
            }
        }
        if let Some((number, end)) = self.number(at) {
            found.push((Comparison::Equal, number, end));
        }
        found
    }

    /// A clause that lacks its object: "the mississippi runs through", "austin is in".
    pub fn with_gap(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        for subject in self.phrase(at).iter() {
            for (set, end, cost) in self.verb_with_gap(subject, of, subject.end) {
                found.push(Part { value: Said::Is(set), end, cost });
            }
        }
        found
    }

    /// The rest of such a clause after its subject.
    pub fn verb_with_gap(&self, subject: &Part<Phrase>, of: Kind, at: usize) -> Vec<(Set, usize, i32)> {
        let mut found = Vec::new();
        let from = kind(&subject.value.set, self.schema);
        let mut add = |link: Link, end: usize, cost: i32| {
            if meet(link.to(self.schema), of, self.schema)
                && let Some(set) = linked(link, subject.value.set.clone(), self.schema)
            {
                found.push((set, end, subject.cost + cost));
            }
        };
        for (sense, end) in self.senses(at) {
            if let Sense::Verb { link, form: Form::Finite | Form::Past } = sense {
                add(*link, *end, 0);
            }
        }
        for end in self.tag(at, Tag::Have) {
            for link in self.having(from, of) {
                add(link, end, 0);
            }
        }
        for be in self.tag(at, Tag::Be) {
            for (sense, end) in self.senses(be) {
                match sense {
                    Sense::Preposition { link } | Sense::Verb { link, form: Form::Passive | Form::Ing } => {
                        add(*link, *end, 0);
                    }
                    _ => {}
                }
            }
            for end in self.tag(be, Tag::At) {
                for link in self.lying(from, of) {
                    add(link, end, 0);
                }
            }
        }
        found
    }

    /// "through which the mississippi runs", "in which austin is located".
    fn fronted(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        for which in self.tag(at + 1, Tag::Relative) {
            for subject in self.phrase(which).iter() {
                found.extend(self.fronted_after(subject, of, self.token(at), subject.end));
            }
        }
        found
    }

    /// The rest of such a clause: the verb whose particle stood in front.
    pub fn fronted_after(&self, subject: &Part<Phrase>, of: Kind, particle: &str, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        let mut add = |link: Link, end: usize| {
            if meet(link.to(self.schema), of, self.schema)
                && let Some(set) = linked(link, subject.value.set.clone(), self.schema)
            {
                found.push(Part { value: Said::Is(set), end, cost: subject.cost });
            }
        };
        for (sense, end) in self.senses(at) {
            match sense {
                Sense::VerbHead { link, particle: own } if own == particle => add(*link, *end),
                Sense::Verb { link, form: Form::Finite } if self.takes(*link, particle) => add(*link, *end),
                _ => {}
            }
        }
        if self.tag_is(particle, Tag::At) {
            for be in self.maybe(at, Tag::Be) {
                for end in self.maybe(be, Tag::Located) {
                    if end > at {
                        for link in self.lying(kind(&subject.value.set, self.schema), of) {
                            add(link, end);
                        }
                    }
                }
            }
        }
        found
    }

    /// Whether a verb of the same relation has this particle: "through which it traverses".
    fn takes(&self, link: Link, particle: &str) -> bool {
        let verbs = self.schema.relations.get(link.relation).map(|relation| &relation.verbs);
        verbs.into_iter().flatten().any(|verb| verb.rsplit_once(' ').is_some_and(|(_, last)| last == particle))
    }

    pub fn tag_is(&self, phrase: &str, tag: Tag) -> bool {
        self.words.tags(phrase).contains(&tag)
    }

    /// "whose capital is boston", "whose population is greater than 5 million", "whose area is the largest".
    fn whose(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        for start in self.tag(at, Tag::Whose) {
            for (sense, end) in self.senses(start) {
                let Sense::Relational { link, .. } = sense else { continue };
                if !meet(link.from(self.schema), of, self.schema) {
                    continue;
                }
                for be in self.tag(*end, Tag::Be) {
                    found.extend(self.value_of(*link, of, be));
                    for the in self.maybe(be, Tag::Determiner) {
                        for (tag, most) in [(Tag::Most, true), (Tag::Least, false)] {
                            if link.to(self.schema) == Kind::Number {
                                for end in self.tag(the, tag) {
                                    let value = Said::Extreme(Measure::Value(link.relation), most);
                                    found.push(Part { value, end, cost: 0 });
                                }
                            }
                        }
                    }
                }
                // "whose capital borders …"
                let to = link.to(self.schema);
                if to != Kind::Number {
                    for part in self.predicate(to, *end).iter() {
                        if let Said::Is(set) = &part.value
                            && let Some(set) = linked(link.back(), set.clone(), self.schema)
                        {
                            found.push(Part { value: Said::Is(set), ..part.clone() });
                        }
                    }
                }
            }
        }
        found
    }

    /// What a relation's value is: another thing, or a number compared.
    fn value_of(&self, link: Link, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        if link.to(self.schema) == Kind::Number {
            let by = Measure::Value(link.relation);
            for (comparison, amount, end) in self.amounts(&by, at) {
                found.push(Part { value: Said::Is(Set::Compared(by.clone(), comparison, amount)), end, cost: 0 });
            }
            return found;
        }
        if !meet(link.from(self.schema), of, self.schema) {
            return found;
        }
        for part in self.phrase(at).iter() {
            if let Some(set) = linked(link.back(), part.value.set.clone(), self.schema) {
                found.push(part.said(Said::Is(set), 0));
            }
        }
        found
    }

    /// "more than 5000", "greater than that of texas", "over 1 million people": what a measure is compared with.
    fn amounts(&self, by: &Measure, at: usize) -> Vec<(Comparison, Amount, usize)> {
        let mut found = Vec::new();
        for (comparison, number, end) in self.comparisons(at) {
            found.push((comparison, Amount::Number(number), end));
            for (sense, unit) in self.senses(end) {
                if matches!(sense, Sense::Unit { relation } if *by == Measure::Value(*relation)) {
                    found.push((comparison, Amount::Number(number), *unit));
                }
            }
        }
        let kinds = [(Tag::More, Comparison::More), (Tag::Less, Comparison::Less)];
        for (tag, comparison) in kinds {
            for end in self.tag(at, tag) {
                for (amount, end) in self.measure_of_other(by, end) {
                    found.push((comparison, amount, end));
                }
            }
        }
        found
    }

    /// The measure of something else: "texas", "that of texas", "the population of texas".
    fn measure_of_other(&self, by: &Measure, at: usize) -> Vec<(Amount, usize)> {
        let mut found = Vec::new();
        let Measure::Value(relation) = by else { return found };
        let link = Link { relation: *relation, forward: true };
        for start in self.maybe(at, Tag::ThatOf) {
            for part in self.phrase(start).iter() {
                if let Some(set) = linked(link, part.value.set.clone(), self.schema) {
                    found.push((Amount::Of(Box::new(set)), part.end));
                } else if matches!(&part.value.set, Set::Linked(other, _) if *other == link) {
                    found.push((Amount::Of(Box::new(part.value.set.clone())), part.end));
                }
            }
        }
        found
    }

    /// "larger than texas", "longer than 1000 km", "more populous than ohio".
    fn compared(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        let mut comparatives = Vec::new();
        for (sense, end) in self.senses(at) {
            if let Sense::Comparative { relation, high } = sense {
                comparatives.push((*relation, *high, *end));
            }
        }
        for (tag, same) in [(Tag::MoreAdjective, true), (Tag::LessAdjective, false)] {
            for start in self.tag(at, tag) {
                for (sense, end) in self.senses(start) {
                    if let Sense::Adjective { relation, high } = sense {
                        comparatives.push((*relation, *high == same, *end));
                    }
                }
            }
        }
        for (relation, high, end) in comparatives {
            let by = Measure::Value(relation);
            if !meet(measured(&by, self.schema), of, self.schema) || of == Kind::Thing(None) {
                continue;
            }
            let comparison = if high { Comparison::More } else { Comparison::Less };
            for than in self.tag(end, Tag::Than) {
                let mut amounts = self.measure_of_other(&by, than);
                if let Some((number, end)) = self.number(than) {
                    amounts.push((Amount::Number(number), end));
                    for (sense, unit) in self.senses(end) {
                        if matches!(sense, Sense::Unit { relation: own } if *own == relation) {
                            amounts.push((Amount::Number(number), *unit));
                        }
                    }
                }
                for (amount, end) in amounts {
                    let set = Set::Compared(by.clone(), comparison, amount);
                    found.push(Part { value: Said::Is(set), end, cost: 0 });
                }
            }
        }
        found
    }

    /// "named austin"
    fn called(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        for end in self.tag(at, Tag::Called) {
            for (named, end) in self.names(end) {
                let set = Set::Named(named.clone());
                if meet(kind(&set, self.schema), of, self.schema) {
                    found.push(Part { value: Said::Is(set), end: *end, cost: 0 });
                }
            }
        }
        found
    }

    /// A verb in one of these forms and its object.
    fn doing(&self, of: Kind, at: usize, forms: &[Form]) -> Parts<Said> {
        let mut found = Parts::new();
        for (sense, end) in self.senses(at) {
            if let Sense::Verb { link, form } = sense
                && forms.contains(form)
            {
                found.extend(self.object(*link, of, *end));
            }
        }
        found
    }

    /// "… no rivers", after "without".
    fn lacking(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        for start in self.maybe(at, Tag::Determiner) {
            for part in self.after_other(start) {
                let (links, set) = self.owned_links(of, &part.value);
                for link in links {
                    if let Some(set) = linked(link.back(), set.clone(), self.schema) {
                        found.push(part.said(Said::Is(Set::Not(Box::new(set))), 0));
                    }
                }
            }
        }
        found
    }

    /// A whole predicate about a subject of this kind: "borders texas", "does not border texas", "is the largest".
    pub fn predicate(&self, of: Kind, at: usize) -> Rc<Parts<Said>> {
        if at >= self.tokens.len() {
            return Rc::default();
        }
        self.remembered(PREDICATE, of, at, || {
            let mut found = self.doing(of, at, &[Form::Finite, Form::Past]);
            for end in self.tag(at, Tag::Do) {
                for not in self.tag(end, Tag::Not) {
                    let negative = self.predicate(of, not);
                    found.extend(negative.iter().filter_map(negated));
                }
                found.extend(self.predicate(of, end).iter().cloned());
            }
            for end in self.tag(at, Tag::Have) {
                found.extend(self.possession(of, end).iter().cloned());
                for not in self.tag(end, Tag::Not) {
                    found.extend(self.possession(of, not).iter().filter_map(negated));
                }
            }
            for end in self.tag(at, Tag::Contain) {
                found.extend(self.possession(of, end).iter().cloned());
            }
            for end in self.tag(at, Tag::Be) {
                found.extend(self.predicative(of, end));
                for not in self.tag(end, Tag::Not) {
                    found.extend(self.predicative(of, not).iter().filter_map(negated));
                }
            }
            found.extend(self.somewhere_verb(of, at));
            let first = found.clone();
            for part in first {
                for (tag, and) in [(Tag::And, true), (Tag::Or, false)] {
                    for end in self.tag(part.end, tag) {
                        for start in self.maybe(end, Tag::Relative) {
                            for other in self.predicate(of, start).iter() {
                                found.extend(joined(&part, other, and));
                            }
                        }
                    }
                }
            }
            found
        })
    }

    /// "lies in texas"
    fn somewhere_verb(&self, of: Kind, at: usize) -> Parts<Said> {
        if self.tag(at, Tag::Lie).is_empty() { Parts::new() } else { self.somewhere(of, at) }
    }

    /// What follows "is": a place, a participle, a comparison, a superlative, or what it is the same as.
    pub fn predicative(&self, of: Kind, at: usize) -> Parts<Said> {
        let mut found = self.somewhere(of, at);
        found.extend(self.prepositional(of, at));
        found.extend(self.doing(of, at, &[Form::Passive, Form::Ing]));
        found.extend(self.called(of, at));
        found.extend(self.compared(of, at));
        for start in self.maybe(at, Tag::Determiner) {
            for (measures, end) in self.superlatives(start) {
                for (by, most) in measures {
                    if meet(measured(&by, self.schema), of, self.schema) && of != Kind::Thing(None) {
                        for end in self.maybe(end, Tag::One) {
                            found.push(Part { value: Said::Extreme(by.clone(), most), end, cost: 0 });
                        }
                        found.extend(self.by_measure(of, most, end));
                        if let Kind::Thing(Some(class)) = of {
                            // "the longest one in the country": among those there.
                            for end in self.maybe(end, Tag::One) {
                                for said in self.modifiers(of, end).iter() {
                                    let all = narrowed(Set::Class(class), said.value.clone(), self.schema);
                                    let best = all.and_then(|all| extreme(all, by.clone(), most, self.schema));
                                    if let Some(best) = best {
                                        let cost = said.cost;
                                        found.push(Part { value: Said::Is(best), end: said.end, cost });
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        // "fast": how things are.
        for (sense, end) in self.senses(at) {
            let Sense::Noun { class, plural: false, .. } = sense else { continue };
            if self.schema.classes.get(*class).is_some_and(|class| class.adjective) {
                found.push(Part { value: Said::Is(Set::Class(*class)), end: *end, cost: 0 });
            }
        }
        for part in self.phrase(at).iter() {
            if meet(kind(&part.value.set, self.schema), of, self.schema) && part.value.open.is_none() {
                found.push(part.said(Said::Is(part.value.set.clone()), 0));
            }
        }
        found
    }

    /// "(the largest) in population"
    fn by_measure(&self, of: Kind, most: bool, at: usize) -> Parts<Said> {
        let mut found = Parts::new();
        for by in self.tag(at, Tag::By) {
            for (sense, end) in self.senses(by) {
                let Sense::Relational { link, .. } = sense else { continue };
                if link.to(self.schema) == Kind::Number && meet(link.from(self.schema), of, self.schema) {
                    let value = Said::Extreme(Measure::Value(link.relation), most);
                    found.push(Part { value, end: *end, cost: 0 });
                }
            }
        }
        found
    }

    /// What follows "has" or "with": "the most rivers", "a population over 5000", "capital austin", "a lake".
    pub fn possession(&self, of: Kind, at: usize) -> Rc<Parts<Said>> {
        if at >= self.tokens.len() {
            return Rc::default();
        }
        self.remembered(POSSESSION, of, at, || {
            let mut found = Parts::new();
            for start in self.maybe(at, Tag::Determiner) {
                for (most, end) in self.most_or_least(start) {
                    for (sense, end) in self.senses(end) {
                        let relation = match sense {
                            Sense::Relational { link, .. } if link.to(self.schema) == Kind::Number => link.relation,
                            Sense::Unit { relation } => *relation,
                            _ => continue,
                        };
                        let by = Measure::Value(relation);
                        if meet(measured(&by, self.schema), of, self.schema) {
                            found.push(Part { value: Said::Extreme(by, most), end: *end, cost: 0 });
                        }
                    }
                }
                for (sense, end) in self.senses(start) {
                    let Sense::Relational { link, .. } = sense else { continue };
                    if !meet(link.from(self.schema), of, self.schema) {
                        continue;
                    }
                    let mut ends = self.maybe(*end, Tag::Be);
                    ends.extend(self.tag(*end, Tag::Of));
                    ends.extend(self.tag(*end, Tag::Called));
                    for end in ends {
                        found.extend(self.value_of(*link, of, end));
                    }
                }
            }
            for (comparison, number, end) in self.comparisons(at) {
                for (sense, end) in self.senses(end) {
                    if let Sense::Unit { relation } = sense {
                        let by = Measure::Value(*relation);
                        if meet(measured(&by, self.schema), of, self.schema) {
                            let set = Set::Compared(by, comparison, Amount::Number(number));
                            found.push(Part { value: Said::Is(set), end: *end, cost: 0 });
                        }
                    }
                }
            }
            found.extend(self.counted(at, of, &|phrase| self.owned_links(of, phrase)));
            for part in self.phrase(at).iter() {
                let (links, set) = self.owned_links(of, &part.value);
                for link in links {
                    // "which of them has the highest point": the highest among theirs.
                    if let Set::Extreme { of: among, by: Measure::Value(relation), most, each: None } = &set
                        && meet(link.from(self.schema), of, self.schema)
                        && of != Kind::Thing(None)
                    {
                        let by = Measure::Best(link, among.clone(), *relation);
                        found.push(part.said(Said::Extreme(by, *most), 0));
                        continue;
                    }
                    if let Some(set) = linked_to_all(link.back(), set.clone(), self.schema) {
                        found.push(part.said(Said::Is(set), 0));
                    }
                }
            }
            found
        })
    }

    /// The links by which something of a kind has what a phrase stands for: its own relation for a bare relational
    /// noun ("has no neighbors"), else those between the kinds.
    fn owned_links(&self, of: Kind, phrase: &Phrase) -> (Vec<Link>, Set) {
        if kind(&phrase.set, self.schema) == Kind::Number {
            return (Vec::new(), phrase.set.clone());
        }
        if let Some(link) = phrase.open
            && meet(link.from(self.schema), of, self.schema)
        {
            return (vec![link], Set::Anything);
        }
        (self.having(of, kind(&phrase.set, self.schema)), phrase.set.clone())
    }

    /// "most", "the least", "the largest" before a measure.
    fn most_or_least(&self, at: usize) -> Vec<(bool, usize)> {
        let mut found: Vec<(bool, usize)> = Vec::new();
        for (tag, most) in [(Tag::Most, true), (Tag::Least, false)] {
            found.extend(self.tag(at, tag).into_iter().map(|end| (most, end)));
        }
        found
    }
}

impl Part<Phrase> {
    /// The same words as something said.
    fn said(&self, value: Said, more: i32) -> Part<Said> {
        Part { value, end: self.end, cost: self.cost + more }
    }
}

fn negated(part: &Part<Said>) -> Option<Part<Said>> {
    match &part.value {
        Said::Is(Set::Not(set)) => Some(Part { value: Said::Is((**set).clone()), ..part.clone() }),
        Said::Is(set) if *set != Set::Anything => {
            Some(Part { value: Said::Is(Set::Not(Box::new(set.clone()))), ..part.clone() })
        }
        _ => None,
    }
}

fn joined(one: &Part<Said>, other: &Part<Said>, and: bool) -> Option<Part<Said>> {
    let (Said::Is(first), Said::Is(second)) = (&one.value, &other.value) else { return None };
    let set = if and {
        Set::All(vec![first.clone(), second.clone()])
    } else {
        Set::Either(vec![first.clone(), second.clone()], false)
    };
    Some(Part { value: Said::Is(set), end: other.end, cost: one.cost + other.cost })
}
