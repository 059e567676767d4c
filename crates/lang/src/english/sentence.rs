//! Whole sentences: "if … then …", "… if …", "every … is …", "no … is …", and plain facts.

use super::noun::{Noun, Position, Quantifier};
use super::parser::Parser;
use super::{Claim, Implication, Kind, Relation, Sentence, Who};
use crate::Language;

/// Reads a statement.
pub(super) fn read(language: &Language, text: &str) -> Option<Sentence> {
    if text.trim_end().ends_with('?') {
        return None;
    }
    let parser = Parser::new(language, text)?;
    parser.sentence()
}

/// Whether a line is plainly meant as a rule.
pub(super) fn looks_like_rule(language: &Language, text: &str) -> bool {
    let Some(parser) = Parser::new(language, text) else {
        let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
        return language.english.is("if", &first) && text.split_whitespace().count() > 4;
    };
    let count = parser.tokens.len();
    if count < 4 || text.trim_end().ends_with('?') {
        return false;
    }
    let conditional = parser.is("if", 0) && (0..count).any(|at| parser.is("be", at) || parser.is("then", at));
    let lettered =
        (1..count).any(|at| parser.is("if", at)) && parser.tokens.first().is_some_and(|token| token.letter().is_some());
    conditional || lettered
}

impl Parser<'_> {
    /// The sentence that all the words make.
    pub(super) fn sentence(self) -> Option<Sentence> {
        let count = self.tokens.len();
        // "if and only if" hedges nothing.
        let hedges = |at: usize| self.is("hedges", at) && !(self.word(at) == "only" && self.is("if", at + 1));
        if (0..count).any(hedges) || self.is("never_first", 0) {
            return None;
        }
        if self.is("if", 0) {
            return self.if_first();
        }
        match (1..count).find(|&at| self.is("if", at)) {
            Some(at) => self.if_last(at),
            None => self.main(),
        }
    }

    /// "if … then …"
    fn if_first(mut self) -> Option<Sentence> {
        self.begin_rule();
        let count = self.tokens.len();
        if let Some(then) = (1..count).find(|&at| self.is("then", at)) {
            return self.implication(1, then, then + 1, count, true).map(explicit);
        }
        let commas: Vec<usize> = (1..count).filter(|&at| self.has_comma(at)).collect();
        let mut readings = commas.into_iter().rev().filter_map(|comma| {
            let mut parser = self.clone();
            parser.implication(1, comma + 1, comma + 1, count, true)
        });
        readings.next().map(explicit)
    }

    /// "… if …", "… if and only if …"
    fn if_last(mut self, at: usize) -> Option<Sentence> {
        self.begin_rule();
        let count = self.tokens.len();
        let both = self.word(at + 1) == "and" && self.word(at + 2) == "only" && self.is("if", at + 3);
        if both {
            let forth = self.clone().implication(at + 4, count, 0, at, false)?;
            let back = self.implication(0, at, at + 4, count, true)?;
            return Some(explicit(forth.into_iter().chain(back).collect()));
        }
        self.implication(at + 1, count, 0, at, false).map(explicit)
    }

    fn begin_rule(&mut self) {
        self.conditional = true;
        self.lax = true;
    }

    /// A rule from the words of its conditions and of its conclusion; `first`: the conditions were said first.
    fn implication(
        &mut self,
        from: usize,
        to: usize,
        start: usize,
        end: usize,
        first: bool,
    ) -> Option<Vec<Implication>> {
        let (groups, conclusion) = if first {
            let groups = self.clauses(from, to, true)?;
            (groups, self.clauses(start, end, false)?)
        } else {
            let conclusion = self.clauses(start, end, false)?;
            (self.clauses(from, to, true)?, conclusion)
        };
        let [conclusions] = conclusion.as_slice() else { return None };
        let variables = self.names();
        groups
            .into_iter()
            .map(|conditions| {
                let (mut conditions, mut conclusions) = (conditions, conclusions.clone());
                // What introduces somebody in the conclusion ("someone is happy if …") is a condition.
                let introduced = |claim: &Claim| matches!(claim.relation, Relation::Any { .. });
                conditions.extend(conclusions.iter().filter(|claim| introduced(claim)).cloned());
                conclusions.retain(|claim| !introduced(claim));
                let rule = Implication { conditions, conclusions, variables: variables.clone(), mutual: false };
                sound(rule)
            })
            .collect()
    }

    /// A sentence without "if".
    fn main(mut self) -> Option<Sentence> {
        let count = self.tokens.len();
        let mut subjects = Vec::new();
        let mut at = 0;
        loop {
            let (noun, next) = self.noun(at, count, &Position::Subject)?;
            subjects.push(noun);
            at = next;
            if self.is("and", at) && subjects.len() < 8 {
                at += 1;
            } else if at > 0 && self.has_comma(at - 1) && subjects.len() < 8 && !self.is("be", at) {
                at += usize::from(self.is("and", at));
            } else {
                break;
            }
        }
        let many = subjects.len() > 1;
        let mut rules = Vec::new();
        let mut facts = Vec::new();
        let mut explicit = false;
        for noun in subjects {
            let (claims, end) = match self.attempt(|parser| parser.identity(&noun, at, count, false)) {
                // The conditions are among the claims already.
                Some((claims, end)) => {
                    if end < count {
                        return None;
                    }
                    facts.extend(claims);
                    continue;
                }
                None => self.predicates(&noun.who.clone(), many || noun.many, at, count, false)?,
            };
            if end < count {
                return None;
            }
            if noun.conditions.is_empty() && noun.quantifier == Quantifier::Named {
                facts.extend(claims);
            } else {
                explicit |= is_explicit(&noun);
                rules.push(self.rule_of(noun, claims)?);
            }
        }
        match (facts.is_empty(), rules.is_empty()) {
            (false, true) => facts.iter().all(is_ground).then_some(Sentence::Facts(facts)),
            (true, false) => Some(Sentence::Rules { rules, explicit }),
            _ => None,
        }
    }

    fn rule_of(&self, noun: Noun, claims: Vec<Claim>) -> Option<Implication> {
        let denied = noun.quantifier == Quantifier::None;
        let conclusions: Vec<Claim> =
            claims.into_iter().map(|claim| if denied { claim.contrary() } else { claim }).collect();
        // "no fish lives here and eats grass" denies the two together, which is no claim of ours.
        if denied && conclusions.len() != 1 {
            return None;
        }
        let mutual = denied
            && matches!(noun.conditions.as_slice(), [Claim { relation: Relation::Is { .. }, .. }])
            && matches!(conclusions.as_slice(), [Claim { relation: Relation::Is { .. }, denied: true, .. }]);
        sound(Implication { conditions: noun.conditions, conclusions, variables: self.names(), mutual })
    }
}

fn explicit(rules: Vec<Implication>) -> Sentence {
    Sentence::Rules { rules, explicit: true }
}

/// Whether the words make it plain that all are meant: a bare plural of a noun ("cats are mammals") does not.
fn is_explicit(noun: &Noun) -> bool {
    let has_class = noun.conditions.iter().any(|claim| matches!(&claim.relation, Relation::Is { noun: true, .. }));
    noun.quantifier != Quantifier::Generic || !has_class || noun.conditions.len() > 1
}

/// A rule that says something and whose conclusions speak only of whom its conditions speak.
fn sound(rule: Implication) -> Option<Implication> {
    let of = |claims: &[Claim]| -> Vec<u32> {
        let whos = claims.iter().flat_map(|claim| [Some(&claim.subject), claim.object.as_ref()]).flatten();
        whos.filter_map(|who| if let Who::Variable(number) = who { Some(*number) } else { None }).collect()
    };
    let known = of(&rule.conditions);
    let is_bound = of(&rule.conclusions).iter().all(|number| known.contains(number));
    (is_bound && !rule.conditions.is_empty() && !rule.conclusions.is_empty()).then_some(rule)
}

fn is_ground(claim: &Claim) -> bool {
    let named = |who: &Who| matches!(who, Who::Thing(thing) if !thing.name.is_empty());
    named(&claim.subject) && claim.object.as_ref().is_none_or(named)
}

impl Sentence {
    /// Whether it is one of those that a world is told in: rules, and facts about who is named.
    #[must_use]
    pub fn is_of_told_world(&self) -> bool {
        matches!(self, Self::Rules { .. }) || self.names_somebody()
    }

    /// Whether it speaks of somebody by a proper name or as "the …", as the sentences of a told world do.
    #[must_use]
    pub fn names_somebody(&self) -> bool {
        match self {
            Self::Facts(claims) => {
                claims.iter().all(|claim| matches!(&claim.subject, Who::Thing(thing) if thing.kind != Kind::Plain))
            }
            Self::Rules { .. } => false,
        }
    }
}
