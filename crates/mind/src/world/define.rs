//! "What is X?" out of the lexicon: its senses, the likely one first, each gloss quoted with its source.

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::reply::{Item, Quote};
use quid_core::{Answer, Fact, Key, Reply};
use quid_logic::Halt;

use super::labels::Way;
use super::lexicon::Sense;
use super::{Asked, Finding};

impl Asked<'_> {
    pub(super) fn what_is(&self, phrase: &str) -> Result<Option<Finding>, Halt> {
        let key = Key::of(phrase);
        if key.is_empty() {
            return Ok(None);
        }
        // A sense no glossary explains is no answer to "what is".
        let mut ranked = self.ranked(&key.thing(), &|sense| sense.is_numbered())?;
        if ranked.iter().all(|one| one.sense.longer.is_some()) {
            return Ok(None);
        }
        let wanted = self.wanted_reading(&ranked);
        ranked.rotate_left(wanted);
        let shown = self.limit("senses_shown");
        let mut quotes = Vec::new();
        let mut items = Vec::new();
        let mut lines = Vec::new();
        for one in ranked.iter().take(shown) {
            let Some((gloss, fact)) = self.gloss_or_kind(&one.sense)? else { continue };
            let number = (lines.len() + 1).to_string();
            let line = if ranked.len() == 1 {
                gloss.clone()
            } else {
                self.say("world.sense", &[("number", &number), ("gloss", &gloss)])
            };
            let source = self.source(&fact.graph);
            lines.push((line, source));
            items.push(Item { text: gloss.clone(), term: Some(one.sense.synset.to_string()) });
            quotes.push(Quote { text: gloss, source: self.citation(&fact.graph) });
        }
        let Some((_, source)) = lines.first().cloned() else { return Ok(None) };
        let told = lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join("; ");
        let name = self.heading(phrase, ranked.first().map(|one| &one.sense))?;
        let mut text = self.say("world.define", &[("name", &name), ("senses", &told), ("source", &source)]);
        if ranked.len() > quotes.len() {
            let more = ranked.len() - quotes.len();
            let phrase = if more == 1 { "world.more.sense" } else { "world.more.senses" };
            text.push(' ');
            text.push_str(&self.say(phrase, &[("count", &more.to_string())]));
        }
        let others: Vec<String> = ranked
            .iter()
            .skip(1)
            .take(self.limit("sense_others"))
            .map(|one| if self.world.names_readings { self.describe(&one.sense) } else { Ok(String::new()) })
            .collect::<Result<_, _>>()?;
        let mut reply = Reply::new(Answer::Told(quotes), text);
        reply.items = items;
        Ok(Some(Finding { reply, readings: others }))
    }

    /// What a word can mean, each with its gloss and the graph that gives it.
    pub(super) fn meanings(&self, word: &str) -> Result<Vec<(Term, String, NamedNode)>, Halt> {
        let mut meanings = Vec::new();
        for one in self.ranked(&Key::of(word).thing(), &|sense| sense.longer.is_none())? {
            if let Some((gloss, fact)) = self.gloss(&one.sense.synset)? {
                meanings.push((one.sense.synset, gloss, fact.graph));
            }
        }
        Ok(meanings)
    }

    /// A sense's gloss; for a thing of an ontology that has none, what it is a kind of.
    fn gloss_or_kind(&self, sense: &Sense) -> Result<Option<(String, Fact)>, Halt> {
        if let Some(found) = self.gloss(&sense.synset)? {
            return Ok(Some(found));
        }
        if sense.way == Way::Lexicon {
            return Ok(None);
        }
        let classes = self.classes_of(&sense.synset)?;
        let Some(first) = classes.first().cloned() else { return Ok(None) };
        let names: Vec<String> = classes.iter().map(|fact| self.name(&fact.object)).collect::<Result<_, _>>()?;
        Ok(Some((self.say("world.a.kind", &[("name", &self.world.language.list(&names))]), first)))
    }

    /// What the answer is headed with: the word asked for, and the one it is a form of ("geese (goose)").
    fn heading(&self, phrase: &str, sense: Option<&Sense>) -> Result<String, Halt> {
        let typed = Key::of(phrase);
        let Some(sense) = sense else { return Ok(typed.to_string()) };
        let lemma = self.lemma_of(sense)?;
        Ok(match lemma {
            Some(lemma) if Key::of(&lemma) != typed && sense.longer.is_none() => {
                self.say("world.form.of", &[("form", typed.as_str()), ("lemma", &lemma)])
            }
            _ => typed.to_string(),
        })
    }
}
