//! Forgets, brings back, and renames.
//!
//! Nothing is ever deleted from the journal: forgetting takes a statement out of the store, and "unforget" puts the
//! very same statement back, with its first author and date.

use quid_core::intent::{Target, Verb};
use quid_core::oxrdf::{Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{Act, Fault, Key, Record, Reply};

use crate::conversation::Pointed;
use crate::factoid::{Relation, Tier, Value, nearest, quad, scope_of, subject};
use crate::turn::{Draft, Turn};

impl Turn<'_> {
    /// "forget foo", "forget foo #2", "forget that"
    pub(crate) fn forget(&mut self, target: &Target) -> Result<Reply, Fault> {
        match target {
            Target::Named(name) => self.forget_all(name),
            Target::Nth(name, number) => {
                let values = self.known_values(name)?;
                let count = values.len().to_string();
                match number.checked_sub(1).and_then(|at| values.get(at)).cloned() {
                    Some(value) => self.forget_values(name, &[value]),
                    None if values.is_empty() => Ok(self.refuse("forget.unknown", &[("name", name)])),
                    None => Ok(self.refuse("forget.nth", &[("name", name), ("count", &count)])),
                }
            }
            Target::Valued { name, verb, value } => {
                let values = self.values_saying(name, verb, value)?;
                if !values.is_empty() {
                    return self.forget_values(name, &values);
                }
                let known = self.known_values(name)?;
                if known.is_empty() {
                    return Ok(self.refuse("forget.unknown", &[("name", name)]));
                }
                let known: Vec<String> = known.iter().map(|value| self.sentence(value)).collect();
                Ok(self.refuse("forget.other", &[("known", &self.parts.language.list(&known))]))
            }
            Target::That if self.points_at_rule() => self.forget_pointed_rule(),
            Target::That => {
                let Some(pointed) = self.pointed() else { return Ok(self.refuse("forget.unknown.that", &[])) };
                let key = Key::of_thing(&pointed.thing).unwrap_or_else(|| Key::of(&pointed.name));
                let values: Vec<Value> =
                    self.values(&key)?.into_iter().filter(|value| value.graph == pointed.graph).collect();
                if values.is_empty()
                    && let Some(reply) = self.forget_story(&pointed)?
                {
                    return Ok(reply);
                }
                if values.is_empty() {
                    return self.forget_alias(&pointed.name, &key);
                }
                self.forget_values(&pointed.name, &values)
            }
        }
    }

    /// The values of exactly this name, as numbered by "literal".
    pub(crate) fn known_values(&self, name: &str) -> Result<Vec<Value>, Fault> {
        Ok(nearest(self.values(&Key::of(name))?))
    }

    /// The values of a name that say just this: what is no longer so is only this, not all of the name.
    pub(crate) fn values_saying(&self, name: &str, verb: &Verb, value: &str) -> Result<Vec<Value>, Fault> {
        let relations = match verb {
            Verb::Is | Verb::Are => vec![Relation::Is, Relation::Are],
            Verb::Other(verb) => vec![Relation::of_verb(verb, false)],
        };
        let mut values = self.known_values(name)?;
        values.retain(|known| relations.contains(&known.relation) && known.means(value, Some(value)));
        Ok(values)
    }

    fn forget_all(&mut self, name: &str) -> Result<Reply, Fault> {
        let values = self.known_values(name)?;
        if values.is_empty() {
            return self.forget_alias(name, &Key::of(name));
        }
        self.forget_values(name, &values)
    }

    fn forget_values(&mut self, name: &str, values: &[Value]) -> Result<Reply, Fault> {
        let Some(first) = values.first().cloned() else {
            return Ok(self.refuse("forget.unknown", &[("name", name)]));
        };
        if let Some(refusal) = self.may_change(values)? {
            return Ok(refusal);
        }
        let draft = Draft {
            removed: self.statements(values)?,
            about: vec![first.thing.clone()],
            // Whoever could see the statement can see that it is gone, wherever it was taken back from.
            scope: scope_of(&first.graph),
            ..Draft::default()
        };
        self.write(Act::Forget, draft)?;
        let what = self.parts.language.list(&values.iter().map(|value| self.sentence(value)).collect::<Vec<_>>());
        Ok(self.done("forget.ok.value", &[("name", name), ("what", &what)]))
    }

    /// Forgets that a name stands for another one.
    fn forget_alias(&mut self, name: &str, key: &Key) -> Result<Reply, Fault> {
        let Some((_, graph)) = self.alias_of(key)? else {
            return Ok(self.refuse("forget.unknown", &[("name", name)]));
        };
        if let Some(refusal) = self.may_teach(true)? {
            return Ok(refusal);
        }
        let thing = key.thing();
        if let Some(refusal) = self.locked(&thing, name)? {
            return Ok(refusal);
        }
        let removed = self.statement(&thing, &graph)?;
        self.write(Act::Forget, Draft { removed, about: vec![thing], scope: scope_of(&graph), ..Draft::default() })?;
        Ok(self.done("forget.ok", &[("name", name)]))
    }

    /// Whether these values may be changed from here: they are of this place, or one's own, or an operator asks;
    /// they were not loaded; the thing is not locked.
    pub(crate) fn may_change(&self, values: &[Value]) -> Result<Option<Reply>, Fault> {
        if let Some(refusal) = self.may_teach(true)? {
            return Ok(Some(refusal));
        }
        for value in values {
            let citation = self.cite(&value.graph)?;
            if let Citation::Dump { title, .. } = &citation {
                return Ok(Some(self.refuse("forget.loaded", &[("name", &value.label), ("source", title)])));
            }
            if value.tier != Tier::Own && !self.is_operator() && !self.is_author(&citation) {
                let who = author(&citation).to_owned();
                return Ok(Some(self.refuse("refused.owner", &[("name", &value.label), ("who", &who)])));
            }
            if let Some(refusal) = self.locked(&value.thing, &value.label)? {
                return Ok(Some(refusal));
            }
        }
        Ok(None)
    }

    /// "unforget foo"
    pub(crate) fn unforget(&mut self, name: &str) -> Result<Reply, Fault> {
        if let Some(refusal) = self.may_teach(false)? {
            return Ok(refusal);
        }
        let thing = Key::of(name).thing();
        if let Some(refusal) = self.locked(&thing, name)? {
            return Ok(refusal);
        }
        if let Some(present) = self.values(&Key::of(name))?.into_iter().find(|value| value.tier == Tier::Own) {
            let what = self.sentence(&present);
            return Ok(self.refuse("unforget.exists", &[("name", name), ("what", &what)]));
        }
        let Some(record) = self.last_forgotten(&thing)? else {
            return Ok(self.unknown("unforget.unknown", &[("name", name)]));
        };
        let draft = Draft {
            added: record.removed.clone(),
            about: record.about.clone(),
            undoes: Some(record.seq),
            scope: Some(record.scope.clone()),
            ..Draft::default()
        };
        self.write(Act::Restore, draft)?;
        let values = self.known_values(name)?;
        let what = self.parts.language.list(&values.iter().map(|value| self.sentence(value)).collect::<Vec<_>>());
        let mut reply = self.done("unforget.ok", &[("name", name), ("what", &what)]);
        if let Some(value) = values.first() {
            reply.statement = Some(value.graph.as_str().to_owned());
            self.point(Pointed { name: value.label.clone(), thing, graph: value.graph.clone() });
        }
        Ok(reply)
    }

    /// The newest forgetting of this thing that still holds and may be seen here.
    fn last_forgotten(&self, thing: &NamedNode) -> Result<Option<Record>, Fault> {
        let mut undone = Vec::new();
        for seq in self.parts.memory.about(thing)?.into_iter().rev() {
            let Some(record) = self.parts.memory.record(seq)? else { continue };
            if undone.contains(&record.seq) {
                continue;
            }
            undone.extend(record.undoes);
            if record.act == Act::Forget && self.audience.sees(&record.scope) && !record.removed.is_empty() {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// "rename 'foo' 'bar'": the statements stay whose they are, under another name.
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Result<Reply, Fault> {
        let (old, new) = (Key::of(from), Key::of(to));
        if new.is_empty() {
            return Ok(self.refuse("teach.empty.subject", &[]));
        }
        let longest = self.number("longest_name");
        if to.chars().count() > longest {
            let length = to.chars().count().to_string();
            return Ok(self.refuse("learn.long.name", &[("length", &length), ("limit", &longest.to_string())]));
        }
        let values = self.known_values(from)?;
        let Some(first) = values.first().cloned() else {
            return Ok(self.refuse("rename.unknown", &[("from", from), ("to", to)]));
        };
        if let Some(refusal) = self.may_change(&values)? {
            return Ok(refusal);
        }
        let (old_thing, new_thing) = (old.thing(), new.thing());
        if let Some(refusal) = self.locked(&new_thing, to)? {
            return Ok(refusal);
        }
        if old != new && self.values(&new)?.iter().any(|value| value.tier == first.tier) {
            return Ok(self.refuse("rename.taken", &[("from", from), ("to", to)]));
        }
        let removed = self.statements(&values)?;
        let added = removed.iter().map(|quad| renamed(quad, &old_thing, &new_thing, to.trim())).collect();
        let about = vec![old_thing, new_thing.clone()];
        let scope = scope_of(&first.graph);
        self.write(Act::Correct, Draft { added, removed, about, scope, ..Draft::default() })?;
        let mut reply = self.done("rename.ok", &[("from", from), ("to", to)]);
        reply.statement = Some(first.graph.as_str().to_owned());
        self.point(Pointed { name: to.trim().to_owned(), thing: new_thing, graph: first.graph });
        Ok(reply)
    }

    /// Whether this quad is stored now, as far as may be seen here.
    pub(crate) fn is_stored(&self, wanted: &Quad) -> Result<bool, Fault> {
        let graph = &wanted.graph_name;
        let subject = Term::from(wanted.subject.clone());
        let kept = graph.to_string() == v::STATE_GRAPH.to_string();
        let facts = if kept { self.parts.memory.keeping() } else { self.parts.memory.facts(&self.audience) };
        let mut found = false;
        facts.each(Some(&subject), Some(wanted.predicate.as_ref()), Some(&wanted.object), &mut |fact| {
            found = quad(fact.clone()) == *wanted;
            if found { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        })?;
        Ok(found)
    }
}

/// Whoever said it.
pub(crate) fn author(citation: &Citation) -> &str {
    match citation {
        Citation::Said { nick, account, .. } => account.as_deref().unwrap_or(nick),
        Citation::Dump { title, .. } => title,
    }
}

fn renamed(quad: &Quad, old: &NamedNode, new: &NamedNode, label: &str) -> Quad {
    let mut quad = quad.clone();
    if subject(&quad) == Some(old) {
        quad.subject = NamedOrBlankNode::NamedNode(new.clone());
        if quad.predicate.as_ref() == v::LABEL {
            quad.object = Literal::new_simple_literal(label).into();
        }
    }
    quad
}
