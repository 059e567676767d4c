//! Learns what it is told: new facts, corrections, additions, denials and other names.
//!
//! The verbatim text is always kept; what was understood of it stands beside it in the same statement, so that
//! taking the statement back takes both.

use quid_core::intent::{Manner, Question, Teaching};
use quid_core::oxrdf::{Literal, NamedNode, Term, Triple};
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{Act, Answer, Fault, Key, Reply, Verified, change::Guard};

use crate::conversation::Pointed;
use crate::factoid::{Relation, Tier, Value};
use crate::rules::Understanding;
use crate::turn::{Draft, TRIES, Turn};

/// What stands against a new statement.
enum Against {
    /// Another one said the contrary.
    Said(Value),
    /// The contrary follows, for this reason.
    Follows(String),
    /// Nothing that is known.
    Nothing,
}

impl Turn<'_> {
    /// "x is y" and its kin.
    pub(crate) fn teach(&mut self, teaching: &Teaching) -> Result<Reply, Fault> {
        self.teach_understood(teaching, &Understanding::default())
    }

    /// The same with what the line was understood as, to be kept beside its words.
    pub(crate) fn teach_understood(
        &mut self,
        teaching: &Teaching,
        understanding: &Understanding,
    ) -> Result<Reply, Fault> {
        let change = teaching.manner == Manner::Correct;
        if let Some(refusal) = self.may_teach(change)? {
            return if change && self.may_only_propose()? { self.propose(teaching) } else { Ok(refusal) };
        }
        for _ in 0..TRIES {
            match self.try_teach(teaching, understanding) {
                Err(Fault::Conflict) => {}
                decided => return decided,
            }
        }
        Err(Fault::Conflict)
    }

    /// What is said of a statement once it is kept.
    fn acknowledged(
        &mut self,
        against: &Against,
        manner: Manner,
        understanding: &Understanding,
        new: &Value,
    ) -> Result<Reply, Fault> {
        Ok(match (against, manner) {
            (Against::Said(known), _) => self.contradicted(known, new)?,
            (Against::Follows(because), _) => {
                let yours = self.source_in_words(&self.cite(&new.graph)?);
                let slots = [("because", because.as_str()), ("other", &self.sentence(new)), ("yours", &yours)];
                self.done("teach.contradiction.proved", &slots)
            }
            (Against::Nothing, _) if understanding.echo => {
                let (rule, number) = (self.all_said(&understanding.rules), new.seq.to_string());
                self.done("rule.ok", &[("rule", &rule), ("number", &number)])
            }
            (Against::Nothing, Manner::Plain) => self.done("learn.ok", &[]),
            (Against::Nothing, Manner::Also) => self.done("learn.also", &[]),
            (Against::Nothing, Manner::Correct) => self.done("learn.correct", &[]),
        })
    }

    fn try_teach(&mut self, teaching: &Teaching, understanding: &Understanding) -> Result<Reply, Fault> {
        let mut teaching = teaching.clone();
        let Some(key) = self.place_to_teach(&mut teaching)? else {
            let name = &teaching.subject;
            return Ok(self.refuse("loop", &[("name", name), ("what", name)]));
        };
        if key.is_empty() {
            return Ok(self.refuse("teach.empty.subject", &[]));
        }
        if teaching.value.trim().is_empty() {
            return Ok(self.refuse("teach.empty.value", &[]));
        }
        let relation = Relation::of_teaching(&teaching);
        let all = self.values(&key)?;
        let own: Vec<&Value> = all.iter().filter(|value| value.tier == Tier::Own).collect();
        let object = teaching.object.as_deref();

        let same = |value: &&Value| {
            let alike = value.relation == relation || value.relation.is_being() && relation.is_being();
            alike && Key::of(&value.text) == Key::of(&teaching.value)
        };
        let replaced: Vec<Value> = match teaching.manner {
            Manner::Correct => {
                own.iter().filter(|value| replaces(&relation, value, &teaching)).map(|&v| v.clone()).collect()
            }
            Manner::Plain | Manner::Also => Vec::new(),
        };
        let known = all.iter().find(|value| matches!(value.tier, Tier::Own | Tier::Global) && same(value)).cloned();
        // A correction to what is known already still takes away what else was said.
        if let Some(known) = known.filter(|known| replaced.iter().all(|value| value.graph == known.graph)) {
            let reply = self.done("learn.already.text", &[("what", &self.sentence(&known))]);
            self.point(pointed(&known));
            return Ok(reply);
        }
        if teaching.manner == Manner::Plain
            && !understanding.beside
            && relation.is_being()
            && let Some(known) = own
                .iter()
                // What it is a kind of and how it is ("a server", "down") stand beside each other.
                .find(|value| value.relation.is_being() && value.object.is_some() == object.is_some())
                .map(|&value| value.clone())
        {
            let what = self.sentence(&known);
            self.point(pointed(&known));
            return Ok(self.refuse("learn.but.hint", &[("what", &what)]));
        }
        if let Some(refusal) = self.locked(&key.thing(), &teaching.subject)? {
            return Ok(refusal);
        }
        if let Some(refusal) = self.too_long(&teaching, &own, &replaced) {
            return Ok(refusal);
        }
        let against = all
            .iter()
            .filter(|value| !replaced.iter().any(|gone| gone.graph == value.graph))
            .find(|value| relation.contraries().contains(&value.relation) && value.means(&teaching.value, object))
            .cloned();

        let proved_against = match &against {
            // In a told world that world alone is looked at: its names are no words of a dictionary.
            None if !understanding.claims.is_empty() => self.proved_contrary(understanding)?,
            None if understanding.echo => None,
            None => self.proved_against(&teaching, &relation, &replaced)?,
            Some(_) => None,
        };

        let thing = key.thing();
        let mut learned = Self::triples(&thing, &teaching, &relation);
        drop_conditions(&mut learned, understanding);
        let story = self.story_beside()?;
        learned.extend(story.iter().cloned());
        let new: Vec<Triple> =
            understanding.triples.iter().filter(|triple| !learned.contains(triple)).cloned().collect();
        learned.extend(new);
        let draft = Draft {
            learned,
            removed: self.statements(&replaced)?,
            about: vec![thing.clone()],
            guard: Some(guard(&thing, &all)),
            ..Draft::default()
        };
        let act = if teaching.manner == Manner::Correct { Act::Correct } else { Act::Learn };
        let receipt = self.write(act, draft)?;
        self.story_learned(story, &receipt);
        let graph = receipt.statement.clone();
        let new = Value {
            thing: thing.clone(),
            label: teaching.subject.clone(),
            relation: relation.clone(),
            text: teaching.value.clone(),
            object: None,
            graph: graph.clone().unwrap_or_else(|| thing.clone()),
            seq: receipt.seq,
            tier: Tier::Own,
        };
        let against = match (against, proved_against) {
            (Some(known), _) => Against::Said(known),
            (None, Some(because)) => Against::Follows(because),
            (None, None) => Against::Nothing,
        };
        let mut reply = self.acknowledged(&against, teaching.manner, understanding, &new)?;
        if let Some(graph) = graph {
            reply.statement = Some(graph.as_str().to_owned());
            self.point(Pointed { name: teaching.subject.clone(), thing, graph });
        }
        Ok(reply)
    }

    /// The key a teaching is about: aliases followed, and "is also" through a redirect to where it leads, the
    /// subject renamed with it. `None` when they go in a circle.
    fn place_to_teach(&self, teaching: &mut Teaching) -> Result<Option<Key>, Fault> {
        let typed = Key::of(&teaching.subject);
        let Some(mut key) = self.follow(typed.clone())? else { return Ok(None) };
        if teaching.manner == Manner::Also {
            let mut seen = vec![key.clone()];
            while let Some(next) = self.redirect(&crate::factoid::nearest(self.values(&key)?)) {
                key = Key::of(&next);
                if seen.contains(&key) {
                    return Ok(None);
                }
                seen.push(key.clone());
            }
        }
        if key != typed {
            let known = self.values(&key)?;
            teaching.subject = known.first().map_or_else(|| key.as_str().to_owned(), |value| value.label.clone());
        }
        Ok(Some(key))
    }

    /// The triples of a statement: label, verbatim value, and what was understood.
    pub(crate) fn triples(thing: &NamedNode, teaching: &Teaching, relation: &Relation) -> Vec<Triple> {
        let subject = teaching.subject.trim();
        let value = teaching.value.trim();
        let mut triples = vec![
            Triple::new(thing.clone(), v::LABEL, Literal::new_simple_literal(subject)),
            Triple::new(thing.clone(), relation.predicate(), Literal::new_simple_literal(value)),
        ];
        let Some(object) = teaching.object.as_deref().map(str::trim).filter(|object| !Key::of(object).is_empty())
        else {
            // "rex is fast": how it is, for rules that speak of it.
            let is_word = !value.is_empty() && value.chars().all(|c| c.is_alphabetic() || c == '-');
            let node = Key::of(value).thing();
            let property = match relation {
                Relation::Is | Relation::Are => v::HAS_PROPERTY,
                Relation::IsNot => v::NOT_A,
                Relation::Verb(_) => return triples,
            };
            if is_word && node != *thing && !Key::of(value).is_empty() {
                triples.push(Triple::new(thing.clone(), property, node.clone()));
                triples.push(Triple::new(node, v::LABEL, Literal::new_simple_literal(value)));
            }
            return triples;
        };
        let node = Key::of(object).thing();
        if node == *thing && relation.is_being() {
            return triples;
        }
        let proper = !teaching.generic && subject.chars().next().is_some_and(char::is_uppercase);
        let understood = match relation {
            Relation::Is | Relation::Are => if proper { v::TYPE } else { v::SUB_CLASS_OF }.into_owned(),
            Relation::IsNot => v::NOT_A.into_owned(),
            Relation::Verb(_) => relation.predicate(),
        };
        triples.push(Triple::new(thing.clone(), understood, node.clone()));
        triples.push(Triple::new(node, v::LABEL, Literal::new_simple_literal(object)));
        triples
    }

    /// Stored, but it contradicts something: both are told with whose they are.
    fn contradicted(&self, known: &Value, new: &Value) -> Result<Reply, Fault> {
        let theirs = self.source_in_words(&self.cite(&known.graph)?);
        let yours = self.source_in_words(&self.cite(&new.graph)?);
        let (one, other) = (self.sentence(known), self.sentence(new));
        let slots = [("one", one.as_str()), ("source", &theirs), ("other", &other), ("yours", &yours)];
        Ok(self.done("teach.contradiction", &slots))
    }

    /// Why the contrary of what is taught follows from what is known already, in words; `None` when it does not.
    fn proved_against(
        &self,
        teaching: &Teaching,
        relation: &Relation,
        replaced: &[Value],
    ) -> Result<Option<String>, Fault> {
        let (Some(object), true) = (&teaching.object, relation.is_being() || *relation == Relation::IsNot) else {
            return Ok(None);
        };
        let gone = |source: &Citation| matches!(source, Citation::Said { statement, .. } if replaced.iter().any(|old| old.graph.as_str() == statement));
        let question = Question::Whether { subject: teaching.subject.clone(), object: object.clone() };
        let denied = *relation == Relation::IsNot;
        let against = |proof: &Verified| {
            let no = [v::NOT_A, v::IS_NOT, v::DISJOINT_WITH];
            proof.proof().conclusion().is_some_and(|claim| no.contains(&claim.predicate.as_ref()) != denied)
        };
        let found = match self.world_answer(&question, None)?.map(|finding| finding.reply.answer) {
            Some(Answer::Proved { proofs, sources }) if !sources.iter().any(gone) => {
                proofs.into_iter().next().filter(against)
            }
            _ => None,
        };
        let by_ontology = match found {
            Some(_) => None,
            None => self.ontology_against(&teaching.subject, object, denied)?,
        };
        let Some(proof) = found.or(by_ontology) else { return Ok(None) };
        if self.cited(&proof)?.iter().any(gone) {
            return Ok(None);
        }
        self.explain(proof.proof()).map(Some)
    }

    /// The refusal of a name or value longer than the data allows, alone or with what is known already.
    fn too_long(&self, teaching: &Teaching, own: &[&Value], replaced: &[Value]) -> Option<Reply> {
        let refuse = |phrase: &str, length: usize, limit: usize| {
            Some(self.refuse(phrase, &[("length", &length.to_string()), ("limit", &limit.to_string())]))
        };
        let (longest_name, longest) = (self.number("longest_name"), self.number("longest_value"));
        let name = teaching.subject.chars().count();
        let value = teaching.value.trim().chars().count();
        let kept: usize = own
            .iter()
            .filter(|old| !replaced.iter().any(|gone| gone.graph == old.graph))
            .map(|old| old.text.chars().count())
            .fold(0, usize::saturating_add);
        if name > longest_name {
            refuse("learn.long.name", name, longest_name)
        } else if value > longest {
            refuse("learn.long", value, longest)
        } else if kept.saturating_add(value) > longest {
            refuse("learn.total.long", kept.saturating_add(value), longest)
        } else {
            None
        }
    }

    /// "foo is the same as bar"
    pub(crate) fn alias(&mut self, from: &str, to: &str) -> Result<Reply, Fault> {
        if let Some(refusal) = self.may_teach(false)? {
            return Ok(refusal);
        }
        let (new, target) = (Key::of(from), Key::of(to));
        let names = [("from", from), ("to", to)];
        if new.is_empty() || target.is_empty() {
            return Ok(self.refuse("teach.empty.subject", &[]));
        }
        if self.number("longest_name") < from.chars().count() {
            let limit = self.number("longest_name").to_string();
            let length = from.chars().count().to_string();
            return Ok(self.refuse("learn.long.name", &[("length", &length), ("limit", &limit)]));
        }
        if let Some(refusal) = self.locked(&new.thing(), from)? {
            return Ok(refusal);
        }
        match self.follow(target.clone())? {
            None => return Ok(self.refuse("learn.alias.loop", &names)),
            Some(end) if end == new => return Ok(self.refuse("learn.alias.loop", &names)),
            Some(end) if self.values(&end)?.is_empty() && !self.is_in_the_world(to)? => {
                return Ok(self.refuse("learn.alias.unknown", &names));
            }
            Some(_) => {}
        }
        if let Some((present, _)) = self.alias_of(&new)? {
            if present == target {
                let what = self.say("learn.alias", &names);
                return Ok(self.done("learn.already.text", &[("what", &what)]));
            }
            return Ok(self.refuse("teach.alias.taken", &[("from", from), ("to", present.as_str())]));
        }
        let all = self.values(&new)?;
        if let Some(known) = all.iter().find(|value| value.tier == Tier::Own) {
            let what = self.sentence(known);
            return Ok(self.refuse("learn.but", &[("what", &what)]));
        }
        let thing = new.thing();
        let learned = vec![
            Triple::new(thing.clone(), v::LABEL, Literal::new_simple_literal(from.trim())),
            Triple::new(thing.clone(), v::SAME_AS, Term::from(target.thing())),
        ];
        let draft = Draft { learned, about: vec![thing.clone()], guard: Some(guard(&thing, &all)), ..Draft::default() };
        let receipt = self.write(Act::Learn, draft)?;
        let mut reply = self.done("learn.alias", &names);
        if let Some(graph) = receipt.statement {
            reply.statement = Some(graph.as_str().to_owned());
            self.point(Pointed { name: from.to_owned(), thing, graph });
        }
        debug_assert!(reply.answer == Answer::Done);
        Ok(reply)
    }
}

/// What a correction takes the place of: all that says what the subject is; for a denial only what it denies;
/// for another verb the values of that verb.
fn replaces(relation: &Relation, value: &Value, teaching: &Teaching) -> bool {
    let denied =
        relation.contraries().contains(&value.relation) && value.means(&teaching.value, teaching.object.as_deref());
    match relation {
        Relation::Is | Relation::Are => value.relation.is_being() || denied,
        Relation::IsNot => denied,
        Relation::Verb(_) => value.relation == *relation || denied,
    }
}

/// "That" is this value.
pub(crate) fn pointed(value: &Value) -> Pointed {
    Pointed { name: value.label.clone(), thing: value.thing.clone(), graph: value.graph.clone() }
}

/// Only if the thing's values are still those that were looked at.
pub(crate) fn guard(thing: &NamedNode, values: &[Value]) -> Guard {
    let mut seen: Vec<NamedNode> =
        values.iter().filter(|value| value.relation.is_being()).map(|value| value.graph.clone()).collect();
    seen.sort();
    seen.dedup();
    Guard { subject: thing.clone(), predicates: vec![v::IS.into_owned(), v::ARE.into_owned()], seen }
}

/// "everyone who lives in berlin" is a condition, not somebody who is a berliner: of a rule only what it says exactly
/// of classes is kept.
fn drop_conditions(learned: &mut Vec<Triple>, understanding: &Understanding) {
    let of_class = [v::SUB_CLASS_OF, v::TYPE, v::NOT_A];
    learned.retain(|triple| {
        !understanding.echo || !of_class.contains(&triple.predicate.as_ref()) || understanding.triples.contains(triple)
    });
}
