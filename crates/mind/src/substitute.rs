//! Changes a part of a value: "foo =~ s/bar/baz/".
//!
//! The pattern is literal text, never a regular expression, so that nobody can write one that hangs.

use quid_core::intent::{Intent, Manner, Teaching, Verb};
use quid_core::{Act, Fault, Heard, Key, Reply, text::clean};

use crate::conversation::Pointed;
use crate::factoid::{Relation, Value, scope_of};
use crate::hints::Known;
use crate::teach::guard;
use crate::turn::{Draft, TRIES, Turn};

impl Turn<'_> {
    /// "foo =~ s/from/to/", with `all` for a final "g"; "foo #2 =~ …" for one of several values.
    pub(crate) fn substitute(&mut self, of: &str, from: &str, to: &str, all: bool) -> Result<Reply, Fault> {
        for _ in 0..TRIES {
            match self.try_substitute(of, from, to, all) {
                Err(Fault::Conflict) => {}
                decided => return decided,
            }
        }
        Err(Fault::Conflict)
    }

    fn try_substitute(&mut self, of: &str, from: &str, to: &str, all: bool) -> Result<Reply, Fault> {
        let (name, number) = numbered(of);
        let Some(key) = self.follow(Key::of(name))? else {
            return Ok(self.refuse("loop", &[("name", name), ("what", name)]));
        };
        let everything = self.values(&key)?;
        let values = crate::factoid::nearest(everything.clone());
        let names = [("name", name), ("from", from)];
        if values.is_empty() {
            return Ok(self.refuse("substitute.unknown", &names));
        }
        if from.is_empty() {
            return Ok(self.refuse("substitute.nothing", &[]));
        }
        let chosen: Vec<&Value> = values
            .iter()
            .enumerate()
            .filter(|(at, value)| number.is_none_or(|number| number == at + 1) && value.text.contains(from))
            .map(|(_, value)| value)
            .collect();
        let value = match chosen.as_slice() {
            [] => return Ok(self.refuse("substitute.missing", &names)),
            [value] => (*value).clone(),
            _ => return Ok(self.refuse("substitute.several", &names)),
        };
        if let Some(refusal) = self.may_change(std::slice::from_ref(&value))? {
            return Ok(refusal);
        }
        let to = clean(to);
        let text = if all { value.text.replace(from, &to) } else { value.text.replacen(from, &to, 1) };
        if text.trim().is_empty() {
            return Ok(self.refuse("substitute.empty", &names));
        }
        let (length, limit) = (text.chars().count(), self.number("longest_value"));
        if length > limit {
            let slots = [("length", length.to_string()), ("limit", limit.to_string())];
            let slots = slots.each_ref().map(|(name, value)| (*name, value.as_str()));
            return Ok(self.refuse("learn.long", &slots));
        }
        let teaching = self.understood_again(&value, text.trim());
        let draft = Draft {
            learned: Self::triples(&value.thing, &teaching, &value.relation),
            removed: self.statement(&value.thing, &value.graph)?,
            about: vec![value.thing.clone()],
            guard: Some(guard(&value.thing, &everything)),
            scope: scope_of(&value.graph),
            ..Draft::default()
        };
        let receipt = self.write(Act::Correct, draft)?;
        let changed = Value { text: text.trim().to_owned(), ..value };
        let mut reply = self.done("substitute.ok", &[("what", &self.sentence(&changed))]);
        if let Some(graph) = receipt.statement {
            reply.statement = Some(graph.as_str().to_owned());
            self.point(Pointed { name: changed.label, thing: changed.thing, graph });
        }
        Ok(reply)
    }

    /// The changed value as if it had been taught so, to understand it anew.
    fn understood_again(&self, value: &Value, text: &str) -> Teaching {
        let (verb, negated) = match &value.relation {
            Relation::Is => (Verb::Is, false),
            Relation::Are => (Verb::Are, false),
            Relation::IsNot => (Verb::Is, true),
            Relation::Verb(verb) => (Verb::Other(verb.clone()), false),
        };
        let plain = Teaching {
            subject: value.label.clone(),
            generic: false,
            verb,
            value: text.to_owned(),
            negated,
            manner: Manner::Plain,
            object: None,
        };
        let spoken = Value { text: text.to_owned(), ..value.clone() };
        let heard = Heard { text: self.sentence(&spoken), addressed: true, ..self.heard.clone() };
        let hints = Known { memory: self.parts.memory.as_ref(), audience: &self.audience };
        match self.parts.language.understand(&heard, &self.parts.me, &hints).intent {
            Intent::Teach(again)
                if Key::of(&again.subject) == Key::of(&plain.subject)
                    && again.value.trim() == text
                    && Relation::of_teaching(&again) == value.relation =>
            {
                Teaching { subject: plain.subject, ..again }
            }
            _ => plain,
        }
    }
}

/// "foo #2" as a name and a number.
fn numbered(of: &str) -> (&str, Option<usize>) {
    let split = of.rsplit_once('#').and_then(|(name, number)| Some((name.trim(), number.trim().parse().ok()?)));
    match split {
        Some((name, number)) if !name.is_empty() => (name, Some(number)),
        _ => (of, None),
    }
}
