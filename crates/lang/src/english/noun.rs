//! Noun phrases: names, "the cow", "a dog", "someone who is quiet", "red, cold things", "the capital of France".
//!
//! What a phrase says of somebody without naming them becomes a variable and conditions on it; whether these are a
//! rule's conditions or something else is for the sentence to decide.

use super::parser::{Parser, does, is};
use super::{Claim, Kind, Relation, Thing, Who};

/// A noun phrase that was read.
#[derive(Clone, Debug)]
pub(super) struct Noun {
    pub(super) who: Who,
    /// What must hold of the variables it introduced.
    pub(super) conditions: Vec<Claim>,
    pub(super) quantifier: Quantifier,
    /// Whether it takes the plural of a verb.
    pub(super) many: bool,
}

/// Of whom a noun phrase speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// Of one that is named, or was introduced before.
    Named,
    /// Of all, said so ("every cat", "everything", "someone who …").
    All,
    /// Of all, by a plural or an indefinite noun alone ("cats", "a cat").
    Generic,
    /// Of none ("no cat", "nothing").
    None,
}

/// Where a noun phrase stands.
#[derive(Clone, Debug)]
pub(super) enum Position {
    Subject,
    /// As the object of this subject; `opens` where "a dog" introduces somebody.
    Object {
        subject: Who,
        opens: bool,
    },
}

/// The most words of a name.
const LONGEST_NAME: usize = 5;

impl Parser<'_> {
    /// Reads a noun phrase that begins at a word; gives it and the word behind it.
    pub(super) fn noun(&mut self, at: usize, to: usize, position: &Position) -> Option<(Noun, usize)> {
        if at >= to {
            return None;
        }
        let (first, next) = self.noun_alone(at, to, position)?;
        self.owned(first, at, next, to)
    }

    /// "Bob's father": what belongs to the phrase before it.
    fn owned(&mut self, owner: Noun, from: usize, next: usize, to: usize) -> Option<(Noun, usize)> {
        let owns = next.checked_sub(1).and_then(|last| self.tokens.get(last)).is_some_and(|token| token.owner);
        if !owns || next <= from {
            return Some((owner, next));
        }
        let end = self.noun_end(next, to, owner.many);
        if end == next || end - next > LONGEST_NAME {
            return None;
        }
        let relation = format!("is {} of", self.text(next, end).to_lowercase());
        let belonging = self.introduce(None, None);
        let mut conditions = owner.conditions;
        conditions.push(does(belonging.clone(), relation, owner.who, false));
        let quantifier = if owner.quantifier == Quantifier::Generic { Quantifier::All } else { owner.quantifier };
        Some((Noun { who: belonging, conditions, quantifier, many: false }, end))
    }

    pub(super) fn noun_alone(&mut self, at: usize, to: usize, position: &Position) -> Option<(Noun, usize)> {
        let named = |who: Who, many: bool| Noun { who, conditions: Vec::new(), quantifier: Quantifier::Named, many };
        let token = self.tokens.get(at)?.clone();
        if self.conditional
            && let Some(letter) = token.letter()
        {
            return Some((named(self.lettered(letter), false), at + 1));
        }
        if self.is("pronouns", at) {
            let but = match position {
                Position::Subject => None,
                Position::Object { subject, .. } => Some(subject),
            };
            return Some((named(self.antecedent(but)?, self.is("many_pronouns", at)), at + 1));
        }
        if self.vocabulary().is("owning_pronouns", &token.lower) {
            return self.owned_by_pronoun(at, to);
        }
        for (list, quantifier) in
            [("somebody", Quantifier::Generic), ("everybody", Quantifier::All), ("nobody", Quantifier::None)]
        {
            if let Some(count) = self.words_of(list, at, to) {
                let who = self.introduce(None, None);
                let noun = Noun { who, conditions: Vec::new(), quantifier, many: false };
                return self.with_relative(noun, at + count, to);
            }
        }
        // "no, foo is bar" corrects somebody.
        if self.is("none", at) && self.has_comma(at) {
            return None;
        }
        if self.is("every", at) || self.is("none", at) {
            let quantifier = if self.is("every", at) { Quantifier::All } else { Quantifier::None };
            return self.described(at + 1, to, quantifier, self.is("many_determiners", at));
        }
        if self.is("the", at) {
            return self.definite(at, to, position);
        }
        if self.is("a", at) {
            return self.indefinite(at, to, position);
        }
        self.bare(at, to, position)
    }

    /// The words of a list that begin here ("no one"): how many.
    fn words_of(&self, list: &str, at: usize, to: usize) -> Option<usize> {
        let pair = if at + 1 < to { format!("{} {}", self.word(at), self.word(at + 1)) } else { String::new() };
        if self.vocabulary().is(list, &pair) { Some(2) } else { self.is(list, at).then_some(1) }
    }

    /// "its owner"
    fn owned_by_pronoun(&mut self, at: usize, to: usize) -> Option<(Noun, usize)> {
        let who = self.antecedent(None)?;
        let end = self.noun_end(at + 1, to, false);
        if end == at + 1 || end - at > LONGEST_NAME {
            return None;
        }
        let relation = format!("is {} of", self.text(at + 1, end).to_lowercase());
        let belonging = self.introduce(None, None);
        let conditions = vec![does(belonging.clone(), relation, who, false)];
        Some((Noun { who: belonging, conditions, quantifier: Quantifier::Named, many: false }, end))
    }

    /// The place behind the words of a noun: before a verb, a preposition, "and", a comma, "that".
    pub(super) fn noun_end(&self, from: usize, to: usize, many: bool) -> usize {
        let mut at = from;
        while at < to {
            if self.is("stops", at) || (at > from && self.is_verb(at, to, many)) {
                break;
            }
            let ends = self.has_comma(at) || self.tokens.get(at).is_some_and(|token| token.owner);
            at += 1;
            if ends {
                break;
            }
        }
        at
    }

    /// Whether a known verb stands here: in the third person behind a singular, in its base form behind a plural.
    fn is_verb(&self, at: usize, to: usize, many: bool) -> bool {
        let plural_before =
            at.checked_sub(1).is_some_and(|last| self.vocabulary().is_plural(self.words(), self.word(last)));
        if many || plural_before { self.known_base(at, to).is_some() } else { self.known_third(at, to).is_some() }
    }

    /// "cats", "red, cold things", "kind and rough people", "real numbers": a variable with conditions on it.
    fn described(&mut self, from: usize, to: usize, quantifier: Quantifier, many: bool) -> Option<(Noun, usize)> {
        let (groups, end) = self.groups(from, to, many)?;
        let (last, modifiers) = groups.split_last()?;
        let (first_word, head) = (last.0, last.1.checked_sub(1)?);
        let is_dummy = self.is("dummies", head);
        let takes_plural = many || self.vocabulary().is_plural(self.words(), self.word(head));
        let mut properties: Vec<(usize, usize)> = modifiers.to_vec();
        let mut conditions = Vec::new();
        let bare_dummy = is_dummy && first_word == head && properties.is_empty();
        let means_something = is_dummy && self.is("people", head);
        // "bald eagles" are one class; in "big, bald eagles" and "bald things" the words are properties.
        let class = if is_dummy || !properties.is_empty() {
            properties.extend((first_word..head).map(|at| (at, at + 1)));
            (!is_dummy).then(|| self.class(&self.text(head, head + 1), takes_plural))
        } else {
            Some(self.class(&self.text(first_word, head + 1), takes_plural))
        };
        let who = self.introduce(None, class.as_deref());
        for (from, to) in properties {
            let property = self.property(from, to)?;
            conditions.push(is(who.clone(), property, false, false));
        }
        if let Some(class) = class {
            conditions.push(is(who.clone(), class, true, false));
        }
        let noun = Noun { who, conditions, quantifier, many: takes_plural };
        let (mut noun, end) = self.with_relative(noun, end, to)?;
        if bare_dummy && noun.conditions.is_empty() {
            if means_something {
                // "all people are mortal" is about people, "young people" about whoever is young.
                let class = self.class(&self.text(head, head + 1), takes_plural);
                noun.conditions.push(is(noun.who.clone(), class, true, false));
            } else if !self.conditional {
                return None;
            }
        }
        Some((noun, end))
    }

    /// A property's words; `None` when they are no such words.
    fn property(&self, from: usize, to: usize) -> Option<String> {
        let is_plain = (from..to).all(|at| !self.is("stops", at) && !self.is("never_property", at));
        (is_plain && from < to && to - from <= 3).then(|| self.text(from, to).to_lowercase())
    }

    /// Groups of words between commas and "and" before the verb: each from–to; and where they end.
    fn groups(&self, from: usize, to: usize, many: bool) -> Option<(Vec<(usize, usize)>, usize)> {
        let mut groups = Vec::new();
        let mut at = from;
        loop {
            let end = self.noun_end(at, to, many);
            if end == at {
                return None;
            }
            groups.push((at, end));
            at = end;
            let after_comma = self.has_comma(end - 1);
            let after_and = self.is("and", end);
            // A list goes on only towards its head: "red and cold things are", not "cats, dogs".
            let goes_on = (after_comma || after_and) && self.list_goes_on(end + usize::from(after_and), to, many);
            if !goes_on {
                return Some((groups, at));
            }
            at += usize::from(after_and);
        }
    }

    /// Whether what stands here is the rest of a list of adjectives: the word before the break is no plural and a
    /// noun comes before the next verb.
    fn list_goes_on(&self, at: usize, to: usize, many: bool) -> bool {
        let before = (0..at).rev().find(|&before| !self.is("and", before));
        let is_adjective = before.is_some_and(|before| {
            !self.vocabulary().is_plural(self.words(), self.word(before)) && !self.is("dummies", before)
        });
        let end = self.noun_end(at, to, many);
        is_adjective && end > at && !self.is("every", at) && !self.is("the", at) && !self.is("a", at)
    }

    /// "someone who is quiet and likes Bob"
    fn with_relative(&mut self, mut noun: Noun, at: usize, to: usize) -> Option<(Noun, usize)> {
        if !self.is("relative", at) || at >= to {
            return Some((noun, at));
        }
        let (claims, next) = self.predicates(&noun.who.clone(), noun.many, at + 1, to, true)?;
        noun.conditions.extend(claims);
        if noun.quantifier == Quantifier::Generic {
            noun.quantifier = Quantifier::All;
        }
        Some((noun, next))
    }

    /// "the cow", "the capital of France"; "the dog" after "a dog".
    fn definite(&mut self, at: usize, to: usize, position: &Position) -> Option<(Noun, usize)> {
        let end = self.noun_end(at + 1, to, false);
        if end == at + 1 || end - at > LONGEST_NAME + 1 {
            return None;
        }
        if self.word(end) == "of" && end < to {
            let inner = match position {
                Position::Subject => Position::Subject,
                Position::Object { .. } => position.clone(),
            };
            let relation = format!("is {} of", self.text(at + 1, end).to_lowercase());
            let (of, next) = self.noun(end + 1, to, &inner)?;
            let who = self.introduce(None, None);
            let relation = does(who.clone(), relation, of.who, false);
            let conditions = std::iter::once(relation).chain(of.conditions).collect();
            let quantifier = if of.quantifier == Quantifier::Generic { Quantifier::All } else { of.quantifier };
            return Some((Noun { who, conditions, quantifier, many: false }, next));
        }
        let name = self.text(at + 1, end);
        if let Some(known) = self.introduced_as(&name.to_lowercase()) {
            return Some((
                Noun { who: known, conditions: Vec::new(), quantifier: Quantifier::Named, many: false },
                end,
            ));
        }
        let many = self.vocabulary().is_plural(self.words(), &name);
        let thing = Thing { spoken: format!("the {name}"), name, kind: Kind::Definite };
        self.mention(&thing);
        let noun = Noun { who: Who::Thing(thing), conditions: Vec::new(), quantifier: Quantifier::Named, many };
        Some((noun, end))
    }

    /// "a dog": somebody of the kind where it opens a rule, else any one of the kind.
    fn indefinite(&mut self, at: usize, to: usize, position: &Position) -> Option<(Noun, usize)> {
        match position {
            Position::Subject => self.described(at + 1, to, Quantifier::Generic, false),
            Position::Object { opens: true, .. } => {
                let end = self.noun_end(at + 1, to, false);
                if end == at + 1 || end - at > LONGEST_NAME + 1 {
                    return None;
                }
                let class = self.text(at + 1, end).to_lowercase();
                let who = self.introduce(None, Some(&class));
                let any =
                    Claim { subject: who.clone(), relation: Relation::Any { class }, object: None, denied: false };
                let noun = Noun { who, conditions: vec![any], quantifier: Quantifier::Named, many: false };
                self.with_relative(noun, end, to)
            }
            Position::Object { opens: false, .. } => self.plain(at + 1, to, true),
        }
    }

    /// A bare noun as an object: "tea", "a dog", "mice".
    fn plain(&mut self, at: usize, to: usize, article: bool) -> Option<(Noun, usize)> {
        let end = self.noun_end(at, to, false);
        if end == at || end - at > LONGEST_NAME || (at..end).any(|at| self.is("never_property", at)) {
            return None;
        }
        let name = self.text(at, end);
        let proper = self.tokens.get(at).is_some_and(super::tokens::Token::is_capitalised);
        let spoken = if proper || !article { name.clone() } else { self.words().with_article(&name) };
        let thing = Thing { spoken, name, kind: if proper { Kind::Name } else { Kind::Plain } };
        self.mention(&thing);
        let noun = Noun { who: Who::Thing(thing), conditions: Vec::new(), quantifier: Quantifier::Named, many: false };
        Some((noun, end))
    }

    /// A name or a bare plural.
    fn bare(&mut self, at: usize, to: usize, position: &Position) -> Option<(Noun, usize)> {
        if let Position::Object { .. } = position {
            return self.plain(at, to, false);
        }
        if self.is("never_name", at) {
            return None;
        }
        // "Cats are", "red, cold things are", "young people like", "people who": a plural with a plural's verb.
        let generic = self.attempt(|parser| {
            let (noun, end) = parser.described(at, to, Quantifier::Generic, false)?;
            let takes_plural = noun.many
                && (parser.is("be_many", end)
                    || parser.known_base(end, to).is_some()
                    || parser.is("do_many", end)
                    || parser.has_relative_between(at, end)
                    || parser.is("and", end) && parser.vocabulary().is_plural(parser.words(), parser.word(end + 1)));
            takes_plural.then_some((noun, end))
        });
        if generic.is_some() {
            return generic;
        }
        let end = self.noun_end(at, to, false);
        if end == at || end - at > LONGEST_NAME || (at..end).any(|at| self.is("never_property", at)) {
            return None;
        }
        let name = self.text(at, end);
        let thing = Thing { spoken: name.clone(), name, kind: self.kind_of_name(at, end) };
        self.mention(&thing);
        let noun = Noun { who: Who::Thing(thing), conditions: Vec::new(), quantifier: Quantifier::Named, many: false };
        Some((noun, end))
    }

    fn has_relative_between(&self, from: usize, to: usize) -> bool {
        (from..to).any(|at| self.is("relative", at))
    }

    /// A name is written with capitals; of a sentence's first word that says nothing unless more follow.
    fn kind_of_name(&self, at: usize, end: usize) -> Kind {
        let capitals = |token: &super::tokens::Token| token.is_capitalised();
        let all = self.tokens.get(at..end).unwrap_or_default().iter().all(capitals);
        if all { Kind::Name } else { Kind::Plain }
    }
}
