//! Says a reading in words, so that whoever asked can see how they were understood.

use super::Asked;
use super::schema::Schema;
use super::set::{Amount, Comparison, Link, Measure, Set, Together};
use crate::Language;

/// Says readings over a schema.
pub(super) struct Sayer<'s> {
    pub schema: &'s Schema,
    pub language: &'s Language,
}

impl Sayer<'_> {
    pub fn asked(&self, asked: &Asked) -> String {
        match asked {
            Asked::What(set) => self.set(set),
            Asked::Whether(set) => self.language.say("reading.whether", &[("what", &self.set(set))], 0),
            Asked::None(set) => self.language.say("reading.none", &[("what", &self.set(set))], 0),
        }
    }

    fn set(&self, set: &Set) -> String {
        let say = |name: &str, slots: &[(&str, &str)]| self.language.say(name, slots, 0);
        match set {
            Set::Named(named) => {
                let first = named.first();
                let name = first.map_or("", |named| named.name.as_str());
                match self.schema.noun(first.and_then(|named| named.class)) {
                    Some(noun) => say("reading.named", &[("noun", noun), ("name", name)]),
                    None => name.to_owned(),
                }
            }
            Set::Class(class) => {
                let noun = self.schema.noun(Some(*class)).unwrap_or_default();
                self.language.plural(noun)
            }
            Set::Anything => say("reading.anything", &[]),
            Set::Linked(link, of) => {
                let (phrase, verb) = self.link(*link);
                say(phrase, &[("what", &self.set(of)), ("verb", verb)])
            }
            Set::All(sets) => {
                let at = sets.iter().position(|set| !matches!(set, Set::Not(_) | Set::Compared(..)));
                let base = at.and_then(|at| sets.get(at));
                let rest = sets.iter().enumerate().filter(|(other, _)| Some(*other) != at);
                let parts: Vec<String> = rest.map(|(_, set)| self.said(set)).collect();
                let base = base.map_or_else(|| say("reading.anything", &[]), |set| self.set(set));
                let and = say("reading.and", &[]);
                say("reading.that", &[("what", &base), ("said", &parts.join(&and))])
            }
            Set::Either(sets, and) => {
                let parts: Vec<String> = sets.iter().map(|set| self.set(set)).collect();
                parts.join(&say(if *and { "reading.list.and" } else { "reading.list.or" }, &[]))
            }
            Set::Not(_) | Set::Compared(..) => self.said(set),
            Set::Extreme { of, by, most, each } => {
                let of = self.set(of);
                let which = say(if *most { "reading.most" } else { "reading.least" }, &[]);
                let by = self.measure(by);
                match each {
                    None => say("reading.extreme", &[("what", &of), ("which", &which), ("measure", &by)]),
                    Some((_, group)) => {
                        let slots = [("what", of.as_str()), ("which", &which), ("measure", &by)];
                        let group = self.set(group);
                        let mut slots = slots.to_vec();
                        slots.push(("group", &group));
                        say("reading.extreme.each", &slots)
                    }
                }
            }
            Set::Count(set) => say("reading.count", &[("what", &self.set(set))]),
            Set::Together(how, relation, set) => {
                let phrase = match how {
                    Together::Sum => "reading.sum",
                    Together::Average => "reading.average",
                    Together::Least => "reading.minimum",
                    Together::Greatest => "reading.maximum",
                };
                say(phrase, &[("measure", self.noun(*relation)), ("what", &self.set(set))])
            }
        }
    }

    /// What is said of a set's members: "that border …".
    fn said(&self, set: &Set) -> String {
        let say = |name: &str, slots: &[(&str, &str)]| self.language.say(name, slots, 0);
        match set {
            Set::Not(set) => say("reading.not", &[("said", &self.said(set))]),
            Set::Linked(link, of) => {
                let (phrase, verb) = self.link(*link);
                say(&format!("{phrase}.said"), &[("what", &self.set(of)), ("verb", verb)])
            }
            Set::All(sets) => {
                let parts: Vec<String> = sets.iter().map(|set| self.said(set)).collect();
                parts.join(&say("reading.and", &[]))
            }
            Set::Compared(by, comparison, amount) => {
                let phrase = match comparison {
                    Comparison::Less => "reading.less",
                    Comparison::AtMost => "reading.at_most",
                    Comparison::Equal => "reading.equal",
                    Comparison::AtLeast => "reading.at_least",
                    Comparison::More => "reading.more",
                };
                let amount = match amount {
                    Amount::Number(number) => number.to_string(),
                    Amount::Of(set) => self.set(set),
                };
                say(phrase, &[("measure", &self.measure(by)), ("amount", &amount)])
            }
            Set::Class(class) if self.schema.classes.get(*class).is_some_and(|class| class.adjective) => {
                let noun = self.schema.noun(Some(*class)).unwrap_or_default();
                say("reading.among", &[("what", noun)])
            }
            set => say("reading.among", &[("what", &self.set(set))]),
        }
    }

    fn measure(&self, by: &Measure) -> String {
        match by {
            Measure::Value(relation) => self.noun(*relation).to_owned(),
            Measure::Best(_, set, relation) => {
                let slots = [("measure", self.noun(*relation)), ("what", &self.set(set))];
                self.language.say("reading.best", &slots, 0)
            }
            Measure::Count(_, set) => self.language.say("reading.measure.count", &[("what", &self.set(set))], 0),
        }
    }

    fn noun(&self, relation: usize) -> &str {
        let relation = self.schema.relations.get(relation);
        relation.and_then(|relation| relation.nouns.first()).map_or("", String::as_str)
    }

    /// How a link is said, and its word: "the CAPITAL of …", "what VERBs …", "what … VERBs".
    fn link(&self, link: Link) -> (&'static str, &str) {
        let Some(relation) = self.schema.relations.get(link.relation) else { return ("reading.of", "") };
        let (nouns, others) = if link.forward {
            (&relation.nouns, &relation.inverse_nouns)
        } else {
            (&relation.inverse_nouns, &relation.nouns)
        };
        if let Some(noun) = nouns.first() {
            return ("reading.of", noun);
        }
        let (verbs, back) = if link.forward {
            (&relation.inverse_verbs, &relation.verbs)
        } else {
            (&relation.verbs, &relation.inverse_verbs)
        };
        let prepositions = if link.forward { &relation.inverse_prepositions } else { &relation.prepositions };
        if let Some(verb) = verbs.first() {
            ("reading.verb", verb)
        } else if let Some(verb) = back.first() {
            ("reading.verb.back", verb)
        } else if let Some(preposition) = prepositions.first() {
            ("reading.preposition", preposition)
        } else if let Some(noun) = others.first() {
            ("reading.of.back", noun)
        } else {
            let there = if link.forward { &relation.prepositions } else { &relation.inverse_prepositions };
            ("reading.place", there.first().map_or("", String::as_str))
        }
    }
}
