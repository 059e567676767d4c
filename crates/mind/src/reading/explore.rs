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
use super::asked::Asked;
use super::link::Mention;
use super::matching::Matcher;
use super::query::{Chain, Form, Reading, Step};

/// A relation and whether it is gone against, with some of the things it leads to.
type Leads = ((NamedNode, bool), Vec<Term>);

/// Walks the facts that somebody may see.
pub(super) struct Explorer<'a, 't> {
    turn: &'a Turn<'t>,
    facts: &'a dyn Facts,
    asked: &'a Asked,
    seen: BTreeMap<String, Vec<Leads>>,
    looks: usize,
}

/// Where a path begins.
#[derive(Clone, Copy)]
struct Start<'a> {
    mention: &'a Mention,
    term: &'a Term,
}

/// A path under way, with some of the things it has come to.
#[derive(Clone, Default)]
struct Partial {
    path: Vec<Step>,
    ends: Vec<Term>,
    /// Where its last step began.
    before: Vec<Term>,
    /// How many of its steps lead back to where it came from, by the other name of the same relation.
    returns: u32,
    fit: f64,
}

impl<'a, 't> Explorer<'a, 't> {
    pub fn new(turn: &'a Turn<'t>, facts: &'a dyn Facts, asked: &'a Asked) -> Self {
        Self { turn, facts, asked, seen: BTreeMap::new(), looks: turn.number("reading_looks") }
    }

    /// The readings that start from these, each with how well it fits.
    pub fn propose(&mut self, mentions: &[Mention], matcher: &mut Matcher<'_, '_>) -> Result<Vec<Ranked>, Fault> {
        let mut found: Vec<(Start<'_>, Partial)> = Vec::new();
        for mention in mentions {
            for term in &mention.terms {
                let start = Start { mention, term };
                found.extend(self.paths(start, matcher)?.into_iter().map(|partial| (start, partial)));
            }
        }
        // Only now is it known which relation each word is nearest to.
        for (start, partial) in &mut found {
            partial.fit = self.fit(matcher, *start, partial, None);
        }
        if self.asked.whether {
            return Ok(self.whether(mentions, &found, matcher));
        }
        let form = if self.asked.many { Form::HowMany } else { Form::Which };
        let mut ranked = self.together(&mut found, &form, matcher);
        ranked.extend(found.into_iter().map(|(start, partial)| {
            (partial.fit, Reading { chains: vec![start.chain(&partial)], form: form.clone() })
        }));
        Ok(ranked)
    }

    /// Whether a path from one name leads to another.
    fn whether(
        &self,
        mentions: &[Mention],
        found: &[(Start<'_>, Partial)],
        matcher: &mut Matcher<'_, '_>,
    ) -> Vec<Ranked> {
        let mut ranked = Vec::new();
        for (start, partial) in found {
            for other in mentions.iter().filter(|other| other.span != start.mention.span) {
                let fit = self.fit(matcher, *start, partial, Some(other));
                ranked.extend(other.terms.iter().map(|thing| {
                    (fit, Reading { chains: vec![start.chain(partial)], form: Form::Whether(thing.clone()) })
                }));
            }
        }
        ranked
    }

    /// What two paths both lead to: from two names, or from one of which two things are said. The likeliest paths
    /// come first then.
    fn together(&self, found: &mut [(Start<'_>, Partial)], form: &Form, matcher: &mut Matcher<'_, '_>) -> Vec<Ranked> {
        found.sort_by(|one, other| other.1.fit.total_cmp(&one.1.fit));
        let most = self.turn.number("reading_ways");
        let mut likely: Vec<&(Start<'_>, Partial)> = Vec::new();
        for way in found.iter().filter(|(_, partial)| partial.path.len() <= 2) {
            let same = likely.iter().filter(|(start, _)| start.mention.span == way.0.mention.span).count();
            if same < most {
                likely.push(way);
            }
        }
        let mut ranked = Vec::new();
        for (number, (one, first)) in likely.iter().enumerate() {
            for (other, second) in likely.iter().skip(number + 1) {
                let is_same = one.mention.span == other.mention.span;
                if is_same && (self.asked.joins.is_none() || one.term != other.term || first.path == second.path) {
                    continue;
                }
                let ways = [(one.mention, first.path.as_slice()), (other.mention, second.path.as_slice())];
                let fit = matcher.fit(self.facts, &ways, None);
                let chains = vec![one.chain(first), other.chain(second)];
                ranked.push((fit, Reading { chains, form: form.clone() }));
            }
        }
        ranked
    }

    fn fit(&self, matcher: &mut Matcher<'_, '_>, start: Start<'_>, partial: &Partial, beside: Option<&Mention>) -> f64 {
        let fit = matcher.fit(self.facts, &[(start.mention, &partial.path)], beside);
        // "The child of ann's parent" is asked so; else whoever asks does not know where they began.
        let is_round = partial.returns > 0 && !matcher.says(start.mention, &partial.path);
        let round = f64::from(partial.returns) * self.turn.share("reading_returns");
        if is_round { fit - round } else { fit }
    }

    /// Every path that leads somewhere from here.
    fn paths(&mut self, start: Start<'_>, matcher: &mut Matcher<'_, '_>) -> Result<Vec<Partial>, Fault> {
        let mut found: Vec<Partial> = Vec::new();
        let (hops, beam) = (self.turn.number("reading_hops"), self.turn.number("reading_beam"));
        let enough = self.turn.share("reading_enough");
        let mut best = 0.0_f64;
        let mut front = vec![Partial { ends: vec![start.term.clone()], ..Partial::default() }];
        for hop in 1..=hops {
            // A third step only where two say too little.
            if hop > 2 && best >= enough {
                break;
            }
            let mut next: BTreeMap<Vec<Step>, Partial> = BTreeMap::new();
            for partial in &front {
                self.step_on(start, partial, &mut next)?;
            }
            front = next.into_values().collect();
            for step in front.iter().filter_map(|partial| partial.path.last()) {
                matcher.meet(self.facts, start.mention, &step.relation);
            }
            for partial in &mut front {
                partial.fit = self.fit(matcher, start, partial, None);
                best = best.max(partial.fit);
            }
            front.sort_by(|one, other| other.fit.total_cmp(&one.fit));
            found.extend(front.iter().cloned());
            front.truncate(if hop == 1 { self.turn.number("reading_width") } else { beam });
        }
        Ok(found)
    }

    /// A path with each step that leads on from its ends.
    fn step_on(
        &mut self,
        start: Start<'_>,
        partial: &Partial,
        next: &mut BTreeMap<Vec<Step>, Partial>,
    ) -> Result<(), Fault> {
        let sample = self.turn.number("reading_sample");
        for end in &partial.ends {
            if self.looks == 0 || self.turn.stop.load(Ordering::Relaxed) {
                break;
            }
            for ((relation, back), mut ends) in self.around(end)? {
                let turns = partial.path.last().is_some_and(|last| last.relation == relation && last.back != back);
                let step = Step { relation, back, other: turns && self.asked.shares };
                let is_back = |end: &Term| end == start.term || partial.before.contains(end);
                if step.other {
                    ends.retain(|end| !is_back(end));
                    if ends.is_empty() {
                        continue;
                    }
                }
                let returns = u32::from(ends.iter().any(is_back));
                let path = [partial.path.as_slice(), &[step]].concat();
                let reached = next.entry(path.clone()).or_insert_with(|| Partial {
                    path,
                    before: partial.ends.clone(),
                    returns: partial.returns,
                    ..Partial::default()
                });
                reached.returns = reached.returns.max(partial.returns + returns);
                for end in ends {
                    if reached.ends.len() < sample && !reached.ends.contains(&end) {
                        reached.ends.push(end);
                    }
                }
            }
        }
        Ok(())
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

impl Start<'_> {
    fn chain(self, partial: &Partial) -> Chain {
        Chain { from: self.term.clone(), name: self.mention.name.clone(), path: partial.path.clone() }
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
