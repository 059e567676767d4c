//! Walks from the linked things: every path of up to three steps that leads somewhere, in bounds.
//!
//! A step's other ends are looked at by a few of them only; what a path gives in full is found when it is run. A hub
//! of a million edges is looked at as a few hundred.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::vocabulary::{DEFINITIONS, LEXICONS, MODELLING, NAMES, NS};
use quid_core::{Facts, Fault};

use crate::turn::Turn;

use super::Ranked;
use super::link::Mention;
use super::matching::Matcher;
use super::query::{Reading, Step};

/// A relation and whether it is gone against, with some of the things it leads to.
type Leads = ((NamedNode, bool), Vec<Term>);

/// Walks the facts that somebody may see.
pub(super) struct Explorer<'a, 't> {
    turn: &'a Turn<'t>,
    facts: &'a dyn Facts,
    seen: BTreeMap<String, Vec<Leads>>,
    looks: usize,
}

/// A path under way, with some of the things it has come to.
#[derive(Clone, Default)]
struct Partial {
    path: Vec<(NamedNode, bool)>,
    ends: Vec<Term>,
    /// Where its last step began.
    before: Vec<Term>,
    /// How many of its steps lead back to where it came from, by the other name of the same relation.
    returns: u32,
    fit: f64,
}

impl<'a, 't> Explorer<'a, 't> {
    pub fn new(turn: &'a Turn<'t>, facts: &'a dyn Facts) -> Self {
        Self { turn, facts, seen: BTreeMap::new(), looks: turn.number("reading_looks") }
    }

    /// The readings that start from one of these, each with how well it fits.
    pub fn propose(&mut self, mentions: &[Mention], matcher: &mut Matcher<'_, '_>) -> Result<Vec<Ranked>, Fault> {
        let mut found = Vec::new();
        for mention in mentions {
            for term in &mention.terms {
                for partial in self.paths(mention, term, matcher)? {
                    found.push((mention, term, partial));
                }
            }
        }
        // Only now is it known which relation each word is nearest to.
        let ranked = found.into_iter().map(|(mention, term, partial)| {
            let fit = self.fit(matcher, mention, &partial);
            let path = partial.path.into_iter().map(|(relation, back)| Step { relation, back });
            (fit, Reading { from: term.clone(), name: mention.name.clone(), path: path.collect() })
        });
        Ok(ranked.collect())
    }

    fn fit(&self, matcher: &mut Matcher<'_, '_>, mention: &Mention, partial: &Partial) -> f64 {
        let fit = matcher.fit(self.facts, mention, &partial.path);
        // "The child of ann's parent" is asked so; else whoever asks does not know where they began.
        let is_round = partial.returns > 0 && !matcher.says(mention, &partial.path);
        let round = f64::from(partial.returns) * self.turn.share("reading_returns");
        if is_round { fit - round } else { fit }
    }

    /// Every path that leads somewhere from here.
    fn paths(&mut self, mention: &Mention, from: &Term, matcher: &mut Matcher<'_, '_>) -> Result<Vec<Partial>, Fault> {
        let mut found = Vec::new();
        let (hops, beam) = (self.turn.number("reading_hops"), self.turn.number("reading_beam"));
        let enough = self.turn.share("reading_enough");
        let mut best = 0.0_f64;
        let mut front = vec![Partial { ends: vec![from.clone()], ..Partial::default() }];
        for hop in 1..=hops {
            // A third step only where two say too little.
            if hop > 2 && best >= enough {
                break;
            }
            let mut next: BTreeMap<Vec<(NamedNode, bool)>, Partial> = BTreeMap::new();
            for partial in &front {
                for end in &partial.ends {
                    if self.looks == 0 || self.turn.stop.load(Ordering::Relaxed) {
                        break;
                    }
                    for (step, ends) in self.around(end)? {
                        let turns_back =
                            partial.path.last().is_some_and(|(relation, back)| *relation == step.0 && *back != step.1);
                        if turns_back {
                            continue;
                        }
                        let path = [partial.path.as_slice(), &[step]].concat();
                        let is_back = |end: &Term| end == from || partial.before.contains(end);
                        let returns = u32::from(ends.iter().any(is_back));
                        let reached = next.entry(path.clone()).or_insert_with(|| Partial {
                            path,
                            before: partial.ends.clone(),
                            returns: partial.returns,
                            ..Partial::default()
                        });
                        reached.returns = reached.returns.max(partial.returns + returns);
                        for end in ends {
                            if reached.ends.len() < self.turn.number("reading_sample") && !reached.ends.contains(&end) {
                                reached.ends.push(end);
                            }
                        }
                    }
                }
            }
            front = next.into_values().collect();
            for (relation, _) in front.iter().filter_map(|partial| partial.path.last()) {
                matcher.meet(self.facts, mention, relation);
            }
            for partial in &mut front {
                partial.fit = self.fit(matcher, mention, partial);
                best = best.max(partial.fit);
            }
            front.sort_by(|one, other| other.fit.total_cmp(&one.fit));
            found.extend(front.iter().cloned());
            front.truncate(if hop == 1 { self.turn.number("reading_width") } else { beam });
        }
        Ok(found)
    }

    /// The steps that lead from a thing, and some of what each leads to.
    fn around(&mut self, thing: &Term) -> Result<Vec<Leads>, Fault> {
        let key = thing.to_string();
        if !self.seen.contains_key(&key) {
            let (most, sample) = (self.turn.number("reading_near"), self.turn.number("reading_sample"));
            let mut steps: BTreeMap<(NamedNode, bool), Vec<Term>> = BTreeMap::new();
            let mut take = |relation: NamedNode, back: bool, end: Term| {
                let ends = steps.entry((relation, back)).or_default();
                if ends.len() < sample && !ends.contains(&end) {
                    ends.push(end);
                }
            };
            if !matches!(thing, Term::Literal(_)) {
                self.looks = self.looks.saturating_sub(1);
                for fact in self.facts.some(Some(thing), None, None, most)? {
                    if is_told(&fact.predicate) {
                        take(fact.predicate, false, fact.object);
                    }
                }
            }
            self.looks = self.looks.saturating_sub(1);
            for fact in self.facts.some(None, None, Some(thing), most)? {
                if is_told(&fact.predicate) {
                    take(fact.predicate, true, fact.subject.into());
                }
            }
            self.seen.insert(key.clone(), steps.into_iter().collect());
        }
        Ok(self.seen.get(&key).cloned().unwrap_or_default())
    }
}

/// Whether a relation says something of the world: names, the machinery of schemas and what a lexicon says of its own
/// words do not.
pub(super) fn is_told(relation: &NamedNode) -> bool {
    !NAMES.contains(&relation.as_ref())
        && !DEFINITIONS.contains(&relation.as_ref())
        && !relation.as_str().starts_with(LEXICONS)
        && !relation.as_str().starts_with(NS)
        && !MODELLING.iter().any(|space| relation.as_str().starts_with(space))
}
