//! Clauses: a subject and what is said of it, several things joined by "and" or "or".

use super::noun::{Noun, Position, Quantifier};
use super::parser::{Parser, does, is};
use super::{Claim, Kind, Relation, Thing, Who};

/// How the parts of a condition are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    And,
    Or,
}

impl Parser<'_> {
    /// A whole stretch of clauses ("X is quiet and it likes Bob"): groups joined by "or", each of claims joined by
    /// "and". `opens`: whether "a dog" introduces somebody. Both joints at once have two readings, so they have
    /// none.
    pub(super) fn clauses(&mut self, from: usize, to: usize, opens: bool) -> Option<Vec<Vec<Claim>>> {
        let (mut claims, mut at, mut last) = self.clause(from, to, opens)?;
        let mut groups: Vec<Vec<Claim>> = Vec::new();
        let mut joint = None;
        while at < to {
            let here = match () {
                () if self.is("or", at) => Joint::Or,
                () if self.is("and", at) => Joint::And,
                // "it is big, it is red": a comma alone joins like the next "and".
                () if at > from && self.has_comma(at - 1) => Joint::And,
                () => return None,
            };
            if joint.is_some_and(|joint| joint != here) {
                return None;
            }
            joint = Some(here);
            let start = if self.is("or", at) || self.is("and", at) { at + 1 } else { at };
            let (more, next, subject) = self.joined(start, to, opens, &last)?;
            if here == Joint::Or {
                groups.push(std::mem::take(&mut claims));
            }
            claims.extend(more);
            at = next;
            last = subject;
        }
        groups.push(claims);
        Some(groups)
    }

    /// What follows a joint: a new clause, a predicate of the same subject, or one more of the same kind.
    fn joined(&mut self, at: usize, to: usize, opens: bool, last: &Last) -> Option<(Vec<Claim>, usize, Last)> {
        if let Some((claims, next, subject)) = self.attempt(|parser| parser.clause(at, to, opens)) {
            return Some((claims, next, subject));
        }
        let (who, many, after_be) = last.clone();
        let predicate = self.attempt(|parser| parser.predicate(&who, many, at, to, opens));
        let (claims, next, be) = match predicate {
            Some(found) => found,
            None if after_be => {
                let (claims, next) = self.attempt(|parser| parser.complement(&who, many, at, to, opens))?;
                (claims, next, true)
            }
            None => return None,
        };
        Some((claims, next, (who, many, be)))
    }

    /// One clause: its claims, those about whom its subject introduced among them.
    fn clause(&mut self, at: usize, to: usize, opens: bool) -> Option<(Vec<Claim>, usize, Last)> {
        let (noun, next) = self.noun(at, to, &Position::Subject)?;
        // Inside a rule "every" and "no" would ask for a rule within the rule.
        if matches!(noun.quantifier, Quantifier::All | Quantifier::None) && !opens {
            return None;
        }
        if noun.quantifier == Quantifier::None {
            return None;
        }
        if let Some((claims, next)) = self.attempt(|parser| parser.identity(&noun, next, to, opens)) {
            return Some((claims, next, (noun.who, noun.many, true)));
        }
        let (claims, next, be) = self.predicate(&noun.who.clone(), noun.many, next, to, opens)?;
        let mut all = noun.conditions;
        all.extend(claims);
        Some((all, next, (noun.who, noun.many, be)))
    }

    /// "X's parent is Y", "the capital of France is Paris": whoever stands behind "is" is the one in the phrase.
    pub(super) fn identity(&mut self, noun: &Noun, at: usize, to: usize, opens: bool) -> Option<(Vec<Claim>, usize)> {
        let Who::Variable(number) = noun.who else { return None };
        let says = |claim: &&Claim| claim.subject == noun.who && matches!(&claim.relation, Relation::Does(_));
        let relation = noun.conditions.iter().find(says).filter(|_| self.is("be", at))?;
        let rest: Vec<Claim> = noun.conditions.iter().filter(|claim| *claim != relation).cloned().collect();
        let denied = self.is("not", at + 1);
        let start = at + 1 + usize::from(denied);
        let token = self.tokens.get(start).filter(|_| start < to)?;
        let names = token.is_capitalised() || self.is("the", start);
        if !names {
            return None;
        }
        let object = Position::Object { subject: noun.who.clone(), opens };
        let (other, next) = self.noun(start, to, &object)?;
        if !other.conditions.is_empty() {
            return None;
        }
        // The variable that stood for it is not needed any more.
        if usize::try_from(number).is_ok_and(|number| number + 1 == self.variables.len()) {
            self.variables.pop();
            self.spoken_of.retain(|who| *who != noun.who);
        }
        let claim = Claim { subject: other.who, denied, ..relation.clone() };
        Some((with(rest, claim), next))
    }

    /// Predicates of one subject joined by "and", up to where no more follow: for relative clauses and statements.
    pub(super) fn predicates(
        &mut self,
        who: &Who,
        many: bool,
        at: usize,
        to: usize,
        opens: bool,
    ) -> Option<(Vec<Claim>, usize)> {
        let (mut claims, mut next, mut be) = self.predicate(who, many, at, to, opens)?;
        loop {
            let joint = self.is("and", next);
            let comma = next > 0 && self.has_comma(next - 1);
            if next >= to || !(joint || comma) {
                return Some((claims, next));
            }
            let start = next + usize::from(joint);
            let more = self.attempt(|parser| parser.predicate(who, many, start, to, opens)).or_else(|| {
                let complement = if be { self.attempt(|p| p.complement(who, many, start, to, opens)) } else { None };
                complement.map(|(claims, next)| (claims, next, true))
            });
            let Some((more, end, is_be)) = more else { return Some((claims, next)) };
            claims.extend(more);
            next = end;
            be = is_be;
        }
    }

    /// One predicate: "is (not) …", "does not like …", "likes …"; whether it was one with "is".
    pub(super) fn predicate(
        &mut self,
        who: &Who,
        many: bool,
        at: usize,
        to: usize,
        opens: bool,
    ) -> Option<(Vec<Claim>, usize, bool)> {
        if at >= to {
            return None;
        }
        if self.is("be", at) {
            let (claims, next) = self.complement(who, many, at + 1, to, opens)?;
            return Some((claims, next, true));
        }
        if self.is("do", at) {
            let denied = self.is("not", at + 1);
            let (claims, next) = self.action(who, at + 1 + usize::from(denied), to, true, denied, opens)?;
            return Some((claims, next, false));
        }
        if self.is("modal", at) {
            let denied = self.is("not", at + 1);
            let start = at + 1 + usize::from(denied);
            let end = self.clause_end(start, to);
            if start >= to || end == start || self.is("be", start) {
                return None;
            }
            let object = self.thing(start, end);
            return Some((vec![does(who.clone(), self.word(at).to_owned(), object, denied)], end, false));
        }
        let (claims, next) = self.action(who, at, to, many, false, opens)?;
        Some((claims, next, false))
    }

    /// The place of the next joint or comma.
    fn clause_end(&self, from: usize, to: usize) -> usize {
        (from..to)
            .find(|&at| self.is("and", at) || self.is("or", at) || (at > from && self.has_comma(at - 1)))
            .unwrap_or(to)
    }

    fn thing(&self, from: usize, to: usize) -> Who {
        let name = self.text(from, to).to_lowercase();
        Who::Thing(Thing { spoken: name.clone(), name, kind: Kind::Plain })
    }

    /// What follows "is": "(not) cold", "a cat", "a parent of Y", "older than Y", "in the kitchen", "cats".
    pub(super) fn complement(
        &mut self,
        who: &Who,
        many: bool,
        at: usize,
        to: usize,
        opens: bool,
    ) -> Option<(Vec<Claim>, usize)> {
        let denied = self.is("not", at);
        let at = at + usize::from(denied);
        if at >= to || self.is("be", at) {
            return None;
        }
        let object = Position::Object { subject: who.clone(), opens };
        let article = self.is("a", at) || self.is("the", at);
        let start = at + usize::from(article);
        // "is in the kitchen"
        if self.is("prepositions", start) && !article {
            return self.attempt(|parser| {
                let (noun, next) = parser.noun(start + 1, to, &object)?;
                let relation = format!("is {}", parser.word(start));
                Some((with(noun.conditions, does(who.clone(), relation, noun.who, denied)), next))
            });
        }
        if let Some(found) = self.attempt(|parser| parser.belonging(who, start, to, &object, denied)) {
            return Some(found);
        }
        let end = self.noun_end(start, to, many);
        if end == start || end - start > 4 || (start..end).any(|at| self.is("never_property", at)) {
            return None;
        }
        let words = self.text(start, end);
        if self.is("prepositions", end) && end < to && !self.has_comma(end - 1) {
            let preposition = self.word(end).to_owned();
            let found = self.attempt(|parser| {
                let (noun, next) = parser.noun(end + 1, to, &object)?;
                let claim = parser.related(who, &words.to_lowercase(), &preposition, article, noun.who, denied)?;
                Some((with(noun.conditions, claim), next))
            });
            return found;
        }
        // "X's parent is Y", "the capital of France is Paris": the same thing, which is not said with a class.
        if self.conditional && end - start == 1 && !article {
            let token = self.tokens.get(start)?.clone();
            if token.letter().is_some() {
                return None;
            }
        }
        if self.is("the", at) {
            return None;
        }
        let proper = self.tokens.get(start).is_some_and(super::tokens::Token::is_capitalised);
        if article {
            return Some((vec![is(who.clone(), words, true, denied)], end));
        }
        let plural = self.vocabulary().is_plural(self.words(), &words);
        if plural && (many || self.is("be_many", at.saturating_sub(1 + usize::from(denied)))) {
            let class = self.vocabulary().singular(self.words(), &words);
            return Some((vec![is(who.clone(), class, true, denied)], end));
        }
        // A name behind "is" says who it is, not how it is.
        if proper {
            return None;
        }
        Some((vec![is(who.clone(), words.to_lowercase(), false, denied)], end))
    }

    /// "Tom is Bob's father": a relation to the owner.
    fn belonging(
        &mut self,
        who: &Who,
        at: usize,
        to: usize,
        object: &Position,
        denied: bool,
    ) -> Option<(Vec<Claim>, usize)> {
        let owner = (at..to.min(at + 4)).find(|&place| self.tokens.get(place).is_some_and(|token| token.owner))?;
        let (noun, next) = self.noun_alone(at, owner + 1, object)?;
        let end = self.noun_end(next, to, false);
        if next != owner + 1 || end == next || end - next > 4 {
            return None;
        }
        let relation = format!("is {} of", self.text(next, end).to_lowercase());
        Some((with(noun.conditions, does(who.clone(), relation, noun.who, denied)), end))
    }

    /// "a parent of Y", "afraid of Y", "chased by Y".
    fn related(
        &self,
        who: &Who,
        words: &str,
        preposition: &str,
        article: bool,
        object: Who,
        denied: bool,
    ) -> Option<Claim> {
        if article && preposition != "of" {
            return None;
        }
        if preposition == "by"
            && let Some(base) = self.vocabulary().of_participle(self.words(), words)
        {
            // "the cow is chased by the dog": the dog chases it.
            let third = self.third_of(&base);
            return Some(does(object, third, who.clone(), denied));
        }
        Some(does(who.clone(), format!("is {words} {preposition}"), object, denied))
    }

    /// A verb with or without an object. `base`: the verb stands in its base form.
    fn action(
        &mut self,
        who: &Who,
        at: usize,
        to: usize,
        base: bool,
        denied: bool,
        opens: bool,
    ) -> Option<(Vec<Claim>, usize)> {
        let (relation, next) = self.verb(at, to, base)?;
        let object = Position::Object { subject: who.clone(), opens };
        let ends =
            |at: usize| at >= to || self.is("and", at) || self.is("or", at) || self.is("be", at) || self.is("do", at);
        if ends(next) || self.has_comma(next - 1) {
            let verb = self.base_of(&relation);
            let doing = Who::Thing(Thing { name: verb.clone(), spoken: verb, kind: Kind::Plain });
            return Some((vec![does(who.clone(), "does".to_owned(), doing, denied)], next));
        }
        if self.is("prepositions", next) {
            let found = self.attempt(|parser| {
                let (noun, end) = parser.noun(next + 1, to, &object)?;
                let relation = format!("{relation} {}", parser.word(next));
                Some((with(noun.conditions, does(who.clone(), relation, noun.who, denied)), end))
            });
            return found;
        }
        let (noun, end) = self.noun(next, to, &object)?;
        Some((with(noun.conditions, does(who.clone(), relation, noun.who, denied)), end))
    }

    /// The verb that begins here, as a relation in the third person, and the word behind it. Inside a rule any word
    /// in a verb's place is one; elsewhere only known verbs are.
    fn verb(&self, at: usize, to: usize, base: bool) -> Option<(String, usize)> {
        let known = if base {
            self.known_base(at, to).or_else(|| self.known_third(at, to).filter(|_| self.lax))
        } else {
            self.known_third(at, to).or_else(|| self.known_base(at, to).filter(|_| self.lax))
        };
        if let Some((_, next)) = &known {
            // "has eaten", "have been": what happened is no matter of rules.
            let participle = self.word(*next);
            let perfect = self.is("have", at)
                && (self.is("been", *next) || self.vocabulary().of_participle(self.words(), participle).is_some());
            return if perfect { None } else { known };
        }
        let word = self.word(at);
        let could_be = self.lax
            && word.chars().count() > 2
            && word.chars().all(char::is_alphabetic)
            && !self.is("stops", at)
            && !self.is("never_property", at)
            && !self.is("the", at)
            && !self.is("a", at);
        if !could_be {
            return None;
        }
        if base {
            Some((self.words().third_person(word), at + 1))
        } else {
            (word.ends_with('s') && !word.ends_with("ss")).then(|| (word.to_owned(), at + 1))
        }
    }

    /// A known verb in the third person.
    pub(super) fn known_third(&self, at: usize, to: usize) -> Option<(String, usize)> {
        let words = self.folded(at, to);
        if let Some((relation, count)) = self.language.verbs.third(&words) {
            return Some((relation.to_owned(), at + count));
        }
        let word = *words.first()?;
        self.vocabulary().base_of(word).map(|_| (word.to_owned(), at + 1))
    }

    /// A known verb in its base form.
    pub(super) fn known_base(&self, at: usize, to: usize) -> Option<(String, usize)> {
        let words = self.folded(at, to);
        if let Some((relation, count)) = self.language.verbs.base(&words) {
            return Some((relation.to_owned(), at + count));
        }
        self.vocabulary().third_of(words.first()?).map(|third| (third.to_owned(), at + 1))
    }

    fn folded(&self, at: usize, to: usize) -> Vec<&str> {
        let stop = (at..to).find(|&end| self.has_comma(end)).map_or(to, |end| end + 1);
        self.tokens.get(at..stop).unwrap_or_default().iter().map(|token| token.lower.as_str()).collect()
    }

    fn third_of(&self, base: &str) -> String {
        self.vocabulary().third_of(base).map_or_else(|| self.words().third_person(base), str::to_owned)
    }

    /// The base form of a relation in the third person.
    pub(super) fn base_of(&self, relation: &str) -> String {
        super::say::base_of(self.language, relation)
    }
}

/// Subject, whether it takes the plural, and whether the last predicate was one with "is".
pub(super) type Last = (Who, bool, bool);

/// A claim, and what it says of whom it introduces.
fn with(conditions: Vec<Claim>, claim: Claim) -> Vec<Claim> {
    std::iter::once(claim).chain(conditions).collect()
}
