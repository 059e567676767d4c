//! Learns rules and facts of the controlled English: the words stay as they are, what they mean stands beside them.
//!
//! A rule is said back in the one wording it has; a fact of a told world ("Bob is cold.") is kept beside the other
//! facts about the same thing, since being cold does not keep anybody from being quiet.

use quid_core::intent::{Manner, Teaching, Verb};
use quid_core::oxrdf::{Literal, Triple};
use quid_core::vocabulary as v;
use quid_core::{Act, Fault, Intent, Reply};
use quid_lang::english::{Claim, Implication, Kind, Relation, Sentence, Thing, Who};

use super::form;
use super::known::Outcome;
use crate::conversation::Pointed;
use crate::turn::{Draft, Turn};

/// What a statement was understood as, to be stored beside its words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Understanding {
    /// What is understood.
    pub(crate) triples: Vec<Triple>,
    /// Kept beside what is known of the subject, not refused because of it.
    pub(crate) beside: bool,
    /// What the statement says, one reading a rule: said back when it is a rule.
    pub(crate) rules: Vec<String>,
    /// Whether it is said back.
    pub(crate) echo: bool,
    /// The claims it makes about named things.
    pub(crate) claims: Vec<Claim>,
}

/// Whether claims tell how one relates to another: "ann is a parent of bob". Nobody is the parent of one alone, so
/// such a fact stands beside others, however it is written.
fn relate(claims: &[Claim]) -> bool {
    !claims.is_empty()
        && claims.iter().all(|claim| {
            matches!(&claim.relation, Relation::Does(verb) if verb.starts_with("is ") && verb.ends_with(" of"))
                && matches!(claim.object, Some(Who::Thing(_)))
        })
}

impl Turn<'_> {
    /// Learns the line when the controlled English reads it; `None` leaves it to others, `first` those who tell
    /// stories.
    pub(super) fn teach_english(&mut self, intent: &Intent, first: bool) -> Result<Option<Reply>, Fault> {
        let line = self.line.clone();
        let Some(sentence) = self.parts.language.read_sentence(&line) else {
            let lost =
                matches!(intent, Intent::Puzzled | Intent::Chatter) && self.parts.language.looks_like_rule(&line);
            return Ok(lost.then(|| self.refuse("rule.unread", &[("line", line.trim_end_matches('.'))])));
        };
        let teaching = match intent {
            Intent::Teach(teaching) | Intent::Overheard(teaching) => Some(teaching.clone()),
            _ => None,
        };
        match sentence {
            Sentence::Facts(ref claims) if !sentence.names_somebody() && !relate(claims) => Ok(None),
            Sentence::Facts(claims) if first && !self.lasts(&claims) => Ok(None),
            Sentence::Facts(claims) => self.teach_facts(claims, teaching).map(Some),
            Sentence::Rules { rules, explicit } => match self.named_by_relation(&rules, teaching.as_ref())? {
                Some(claim) => self.teach_facts(vec![claim], teaching).map(Some),
                None => self.teach_rules(&rules, explicit, teaching).map(Some),
            },
        }
    }

    /// "the owner of alpha is carol" tells who that is, not a property of every owner, as long as nobody used
    /// "carol" as one; capitals, which would tell, are rarely typed in chat.
    fn named_by_relation(&self, rules: &[Implication], teaching: Option<&Teaching>) -> Result<Option<Claim>, Fault> {
        let (Some(teaching), [rule]) = (teaching, rules) else { return Ok(None) };
        let ([condition], [conclusion]) = (rule.conditions.as_slice(), rule.conclusions.as_slice()) else {
            return Ok(None);
        };
        let Relation::Is { class, noun: false } = &conclusion.relation else { return Ok(None) };
        let is_relation = relate(std::slice::from_ref(condition)) && !condition.denied && !conclusion.denied;
        let is_statement = teaching.verb == Verb::Is && teaching.manner != Manner::Correct;
        if !is_relation || !is_statement || conclusion.subject != condition.subject {
            return Ok(None);
        }
        let node = form::node(class).into();
        let facts = self.parts.memory.facts(&self.audience);
        for used in [v::HAS_PROPERTY, v::AS_PROPERTY] {
            if !facts.some(None, Some(used), Some(&node), 1)?.is_empty() {
                return Ok(None);
            }
        }
        let named = Thing { name: class.clone(), spoken: class.clone(), kind: Kind::Name };
        Ok(Some(Claim { subject: Who::Thing(named), ..condition.clone() }))
    }

    /// Whether a line is written as a sentence: that begins with a capital or a figure, or ends with a full stop.
    fn is_written_out(&self) -> bool {
        let line = self.line.trim();
        line.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric()) || line.ends_with('.')
    }

    /// Whether claims say what is so rather than what happens: "visits" is a habit, "takes" may be a happening.
    fn lasts(&self, claims: &[Claim]) -> bool {
        let language = &self.parts.language;
        claims.iter().all(|claim| match &claim.relation {
            Relation::Is { .. } | Relation::Any { .. } => true,
            Relation::Does(verb) => language.is_habit(verb),
        }) || language.story_told(&self.line).is_empty()
    }

    fn teach_facts(&mut self, claims: Vec<Claim>, teaching: Option<Teaching>) -> Result<Reply, Fault> {
        let mut triples: Vec<Triple> = Vec::new();
        for triple in claims.iter().flat_map(form::understood) {
            if !triples.contains(&triple) {
                triples.push(triple);
            }
        }
        let beside = self.is_written_out() || relate(&claims);
        let Some(mut teaching) = teaching.or_else(|| claims.first().and_then(|claim| self.as_teaching(claim))) else {
            return Ok(self.refuse("teach.empty.value", &[]));
        };
        let bare = teaching.value.trim_end_matches(['.', ' ']).to_owned();
        if beside && !bare.is_empty() {
            teaching.value = bare;
        }
        self.teach_understood(&teaching, &Understanding { triples, beside, claims, ..Understanding::default() })
    }

    /// A claim as the statement it would be in plain talk.
    fn as_teaching(&self, claim: &Claim) -> Option<Teaching> {
        let Who::Thing(subject) = &claim.subject else { return None };
        let (verb, value, object) = match (&claim.relation, &claim.object) {
            (Relation::Is { class, noun: true } | Relation::Any { class }, _) => {
                (Verb::Is, self.parts.language.with_article(class), Some(class.clone()))
            }
            (Relation::Is { class, noun: false }, _) => (Verb::Is, class.clone(), None),
            (Relation::Does(verb), Some(Who::Thing(object))) => {
                (Verb::Other(verb.clone()), object.spoken.clone(), Some(object.name.clone()))
            }
            (Relation::Does(_), _) => return None,
        };
        Some(Teaching {
            subject: subject.name.clone(),
            generic: false,
            verb,
            value,
            negated: claim.denied,
            manner: Manner::Plain,
            object,
        })
    }

    fn teach_rules(
        &mut self,
        rules: &[Implication],
        explicit: bool,
        teaching: Option<Teaching>,
    ) -> Result<Reply, Fault> {
        let echo = explicit || teaching.is_none();
        let triples = self.rule_triples(rules);
        let said: Vec<String> = rules.iter().map(|rule| self.parts.language.rule_in_words(rule)).collect();
        let beside = explicit || self.is_written_out();
        let understanding = Understanding { triples, beside, rules: said, echo, claims: Vec::new() };
        match teaching {
            // "no fish is a mammal" looks like a correction to whoever does not read rules.
            Some(teaching) if teaching.manner != Manner::Correct => self.teach_understood(&teaching, &understanding),
            _ => self.teach_rule_alone(understanding),
        }
    }

    /// A rule with no subject whose factoid it could be.
    fn teach_rule_alone(&mut self, understanding: Understanding) -> Result<Reply, Fault> {
        if let Some(refusal) = self.may_teach(false)? {
            return Ok(refusal);
        }
        let Some(says) = understanding.rules.first().cloned() else { return Ok(self.chat("puzzled", &[])) };
        if says.chars().count() > self.number("rule_longest") {
            let (length, limit) = (says.chars().count().to_string(), self.number("rule_longest").to_string());
            return Ok(self.refuse("learn.long", &[("length", &length), ("limit", &limit)]));
        }
        let scope = self.scope();
        let node = form::rule_node(&says);
        let same = |rule: &&super::known::TaughtRule| {
            rule.node == node && crate::factoid::scope_of(&rule.graph) == Some(scope.clone())
        };
        let known = self.taught_rules()?;
        if let Some(rule) = known.iter().find(same).cloned() {
            self.point(Pointed {
                name: Self::rule_name(rule.number),
                thing: rule.node.clone(),
                graph: rule.graph.clone(),
            });
            return Ok(self.done("rule.already", &[("rule", &rule.says), ("number", &rule.number.to_string())]));
        }
        if known.len() >= self.number("rules_most") {
            return Ok(self.refuse("rule.too.many", &[("limit", &self.number("rules_most").to_string())]));
        }
        let draft = Draft { learned: understanding.triples, about: vec![node.clone()], ..Draft::default() };
        let receipt = self.write(Act::Learn, draft)?;
        let number = receipt.seq.to_string();
        let mut reply = self.done("rule.ok", &[("rule", &self.all_said(&understanding.rules)), ("number", &number)]);
        if let Some(graph) = receipt.statement {
            reply.statement = Some(graph.as_str().to_owned());
            self.point(Pointed { name: Self::rule_name(receipt.seq), thing: node, graph });
        }
        Ok(reply)
    }

    pub(super) fn rule_name(number: u64) -> String {
        format!("{}{number}", super::known::RULE_NAME)
    }

    /// Readings joined for one sentence.
    pub(crate) fn all_said(&self, rules: &[String]) -> String {
        rules.join(&self.say("answer.between", &[]))
    }

    /// The triples of a statement's rules: each a node with its wording, its clauses and what it mentions, and what
    /// OWL says exactly so.
    fn rule_triples(&self, rules: &[Implication]) -> Vec<Triple> {
        let text = |text: &str| Literal::new_simple_literal(text);
        let mut triples: Vec<Triple> = Vec::new();
        for rule in rules {
            let says = self.parts.language.rule_in_words(rule);
            let node = form::rule_node(&says);
            let exact = form::exact(rule);
            // What OWL says of classes is reasoned with as triples; a clause beside it would say it twice.
            let of_classes =
                exact.iter().any(|triple| [v::SUB_CLASS_OF, v::DISJOINT_WITH].contains(&triple.predicate.as_ref()));
            if !of_classes {
                let clauses: Vec<String> = form::clauses(rule).iter().map(form::text).collect();
                triples.push(Triple::new(node.clone(), v::CLAUSE, text(&clauses.join("\n"))));
            }
            triples.push(Triple::new(node.clone(), v::SAYS, text(&says)));
            for (name, as_property) in form::mentioned(rule) {
                let thing = form::node(&name);
                triples.push(Triple::new(node.clone(), v::MENTIONS, thing.clone()));
                if as_property {
                    triples.push(Triple::new(node.clone(), v::AS_PROPERTY, thing.clone()));
                }
                triples.push(Triple::new(thing, v::LABEL, text(&name)));
            }
            triples.extend(exact);
        }
        triples.extend(form::inverse(rules));
        let mut once: Vec<Triple> = Vec::new();
        for triple in triples {
            if !once.contains(&triple) {
                once.push(triple);
            }
        }
        once
    }

    /// Why the contrary of what is taught follows already, in words; `None` when it does not.
    pub(crate) fn proved_contrary(&self, understanding: &Understanding) -> Result<Option<String>, Fault> {
        if understanding.claims.is_empty() {
            return Ok(None);
        }
        let known = self.known(Vec::new())?;
        let facts = self.parts.memory.facts(&self.audience);
        for claim in understanding.claims.iter().filter_map(form::atom) {
            let contrary = form::contrary(&claim);
            let steps = self.parts.language.number("rule_steps");
            if let Outcome::Proved(verified) = known.prove(&contrary, facts.as_ref(), steps, self.stop)? {
                return self.proof_in_words(verified.proof(), &known.rules).map(Some);
            }
        }
        Ok(None)
    }
}
