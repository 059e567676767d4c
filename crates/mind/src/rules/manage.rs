//! Lists rules, forgets them, and says in which world answers hold: one where all was told, or an open one.

use quid_core::oxrdf::{Quad, Term};
use quid_core::reply::Item;
use quid_core::vocabulary as v;
use quid_core::{Act, Answer, Fault, Key, Reply};
use quid_lang::english::RuleCommand;

use super::form;
use super::known::TaughtRule;
use crate::factoid::{scope_of, seq_of};
use crate::turn::{Draft, Turn};

impl Turn<'_> {
    pub(super) fn rule_command(&mut self, command: &RuleCommand) -> Result<Reply, Fault> {
        match command {
            RuleCommand::List(about) => self.list_rules(about.as_deref()),
            RuleCommand::Forget(Some(number)) => self.forget_rule(*number),
            RuleCommand::Forget(None) => self.forget_that_rule(),
            RuleCommand::Closed(closed) => {
                self.talk.closed_world = *closed;
                Ok(self.done(if *closed { "rule.world.closed" } else { "rule.world.open" }, &[]))
            }
        }
    }

    /// "which rules do you know about cats?"
    fn list_rules(&mut self, about: Option<&str>) -> Result<Reply, Fault> {
        let mut rules = self.taught_rules()?;
        if let Some(about) = about {
            let things = self.mentions(about);
            let facts = self.parts.memory.facts(&self.audience);
            let mut fitting = Vec::new();
            for rule in rules {
                let node: Term = rule.node.clone().into();
                let mut mentions = false;
                for thing in &things {
                    mentions |= !facts.some(Some(&node), Some(v::MENTIONS), Some(thing), 1)?.is_empty();
                }
                let says = Key::of(&rule.says);
                let word = Key::of(about);
                if mentions || says.as_str().split_whitespace().any(|one| one == word.as_str()) {
                    fitting.push(rule);
                }
            }
            rules = fitting;
        }
        let items: Vec<String> = rules
            .iter()
            .map(|rule| self.say("rule.item", &[("number", &rule.number.to_string()), ("rule", &rule.says)]))
            .collect();
        if items.is_empty() {
            return Ok(match about {
                Some(what) => self.unknown("rule.none.about", &[("what", what)]),
                None => self.unknown("rule.none", &[]),
            });
        }
        let most = self.number("most_found");
        let shown: Vec<String> = items.iter().take(most).cloned().collect();
        self.talk.more = items.iter().skip(most).cloned().collect();
        let text = self.say("rule.list", &[("rules", &self.all_said(&shown))]);
        let mut reply = Reply::new(Answer::Chat, text);
        reply.items = items.into_iter().map(|text| Item { text, term: None }).collect();
        Ok(reply)
    }

    /// The nodes a word may mean in a rule: as it is, and in the singular.
    fn mentions(&self, about: &str) -> Vec<Term> {
        let (about, _) = about.strip_prefix("the ").map_or((about, false), |rest| (rest, true));
        let mut names = vec![about.to_owned()];
        names.extend(self.parts.language.base_forms(&about.to_lowercase()));
        names.push(self.parts.language.class_of_plural(about));
        names.iter().map(|name| form::node(name).into()).collect()
    }

    fn forget_rule(&mut self, number: u64) -> Result<Reply, Fault> {
        let rules: Vec<TaughtRule> = self.taught_rules()?.into_iter().filter(|rule| rule.number == number).collect();
        let Some(first) = rules.first().cloned() else {
            return Ok(self.refuse("rule.unknown", &[("number", &number.to_string())]));
        };
        self.forget_rules(&first, &rules)
    }

    /// "forget that rule": the one taught or told last.
    fn forget_that_rule(&mut self) -> Result<Reply, Fault> {
        let graph = self.pointed().map(|pointed| pointed.graph);
        let rules: Vec<TaughtRule> =
            self.taught_rules()?.into_iter().filter(|rule| Some(&rule.graph) == graph.as_ref()).collect();
        match rules.first().cloned() {
            Some(first) => self.forget_rules(&first, &rules),
            None => Ok(self.refuse("rule.unknown.that", &[])),
        }
    }

    /// Whether "that" is a rule.
    pub(crate) fn points_at_rule(&self) -> bool {
        self.pointed().is_some_and(|pointed| pointed.thing.as_str().starts_with(v::RULE))
    }

    /// "forget that" where that is a rule.
    pub(crate) fn forget_pointed_rule(&mut self) -> Result<Reply, Fault> {
        self.forget_that_rule()
    }

    fn forget_rules(&mut self, first: &TaughtRule, rules: &[TaughtRule]) -> Result<Reply, Fault> {
        if let Some(refusal) = self.may_teach(true)? {
            return Ok(refusal);
        }
        let citation = self.cite(&first.graph)?;
        if scope_of(&first.graph) != Some(self.scope()) && !self.is_operator() && !self.is_author(&citation) {
            let who = match &citation {
                quid_core::source::Citation::Said { nick, .. } => nick.clone(),
                quid_core::source::Citation::Dump { title, .. } => title.clone(),
            };
            return Ok(self.refuse("refused.owner", &[("name", &Self::rule_name(first.number)), ("who", &who)]));
        }
        let removed = self.quads_of(&first.graph)?;
        let about = rules.iter().map(|rule| rule.node.clone()).collect();
        let scope = scope_of(&first.graph);
        self.write(Act::Forget, Draft { removed, about, scope, ..Draft::default() })?;
        let said: Vec<String> = rules.iter().map(|rule| rule.says.clone()).collect();
        let number = first.number.to_string();
        Ok(self.done("rule.forgotten", &[("number", &number), ("rule", &self.all_said(&said))]))
    }

    /// Every quad that a person's statement put into the store and that is still there.
    pub(crate) fn quads_of(&self, graph: &quid_core::oxrdf::NamedNode) -> Result<Vec<Quad>, Fault> {
        let seq = seq_of(graph);
        if seq == 0 {
            return Ok(Vec::new());
        }
        let Some(record) = self.parts.memory.record(seq)? else { return Ok(Vec::new()) };
        let facts = self.parts.memory.facts(&self.audience);
        let mut quads = Vec::new();
        for quad in record.added {
            if quad.graph_name != graph.as_ref().into() {
                continue;
            }
            let subject: Term = quad.subject.clone().into();
            let mut stands = false;
            facts.each(Some(&subject), Some(quad.predicate.as_ref()), Some(&quad.object), &mut |fact| {
                stands = fact.graph == *graph;
                if stands { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
            })?;
            if stands {
                quads.push(quad);
            }
        }
        Ok(quads)
    }
}
