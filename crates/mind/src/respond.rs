//! Says stored values: tags and alternatives expanded, redirects followed, each with its source.
//!
//! Whatever a value contains, what leaves here is one line without control characters; only `<action>` makes a
//! CTCP ACTION, so that nobody can teach the bot to send anything else.

use quid_core::oxrdf::NamedNode;
use quid_core::reply::{Item, Quote};
use quid_core::source::Citation;
use quid_core::text::clean;
use quid_core::{Answer, Fault, Key, Place, Reply};
use quid_lang::{Response, VERBATIM};

use crate::conversation::Pointed;
use crate::factoid::{DENIED, Found, Relation, Value};
use crate::turn::Turn;

/// What is said for a factoid.
enum Spoken {
    Told { text: String, quotes: Vec<Quote>, items: Vec<Item>, last: Pointed },
    Looped(Vec<String>),
}

/// What one value comes to.
enum Part {
    Plain { number: usize, text: String },
    Alone(String),
}

impl Turn<'_> {
    /// The answer that quotes what was found.
    pub(crate) fn told(&mut self, found: &Found) -> Result<Reply, Fault> {
        let mut path = Vec::new();
        let spoken = if found.looped { Spoken::Looped(path) } else { self.speak(found, &mut path)? };
        match spoken {
            Spoken::Told { text, quotes, items, last } => {
                self.point(last);
                let mut reply = Reply::new(Answer::Told(quotes), text);
                reply.items = items;
                Ok(reply)
            }
            Spoken::Looped(path) => Ok(self.looped(&path)),
        }
    }

    fn speak(&self, found: &Found, path: &mut Vec<String>) -> Result<Spoken, Fault> {
        let language = &self.parts.language;
        let variables = self.variables(found.argument.as_deref());
        let shown = shown(&found.values);
        let Some(first) = shown.first().and_then(|group| group.first()).map(|(_, value)| *value) else {
            return Ok(Spoken::Looped(std::mem::take(path)));
        };
        path.push(first.label.clone());
        let mut parts = Vec::new();
        let mut quotes = Vec::new();
        let mut items = Vec::new();
        for group in &shown {
            let Some((number, value)) = group.first() else { continue };
            let text: String = group.iter().map(|(_, value)| value.text.as_str()).collect();
            for (_, value) in group {
                quotes.push(Quote { text: self.sentence(value), source: self.cite(&value.graph)? });
            }
            parts.push(match language.respond(&text, &variables, self.chance) {
                Response::Plain(text) => Part::Plain { number: *number, text: self.sentence_with(value, &text) },
                Response::Reply(text) => Part::Alone(self.harmless(&text)),
                Response::Action(text) => Part::Alone(format!("\u{1}ACTION {}\u{1}", clean(&text).trim())),
                Response::See(name) => match self.find(&name)? {
                    Some(next) if next.looped || path.iter().any(|past| Key::of(past) == Key::of(&name)) => {
                        path.push(name);
                        return Ok(Spoken::Looped(std::mem::take(path)));
                    }
                    Some(next) if shown.len() == 1 => {
                        return Ok(match self.speak(&next, path)? {
                            Spoken::Told { text, quotes: further, items, last } => {
                                quotes.extend(further);
                                Spoken::Told { text, quotes, items, last }
                            }
                            looped @ Spoken::Looped(_) => looped,
                        });
                    }
                    _ => Part::Alone(self.harmless(&self.say("answer.see", &[("name", &name)]))),
                },
            });
            items.push(Item { text: clean(value.text.strip_prefix(VERBATIM).unwrap_or(&value.text)), term: None });
        }
        if items.len() < 2 {
            items.clear();
        }
        let text = self.together(&parts, first, shown.iter().flatten().map(|(_, value)| *value));
        let last = Pointed { name: first.label.clone(), thing: first.thing.clone(), graph: first.graph.clone() };
        Ok(Spoken::Told { text, quotes, items, last })
    }

    /// One text of all parts: a single one as it is, several numbered; one drawn when all stand alone.
    fn together<'v>(&self, parts: &[Part], first: &Value, values: impl Iterator<Item = &'v Value>) -> String {
        let plain: Vec<(usize, &str)> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Plain { number, text } => Some((*number, text.as_str())),
                Part::Alone(_) => None,
            })
            .collect();
        let alone: Vec<&str> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Alone(text) => Some(text.as_str()),
                Part::Plain { .. } => None,
            })
            .collect();
        let text = match (plain.as_slice(), alone.as_slice()) {
            ([], []) => String::new(),
            ([], several) => {
                let drawn = usize::try_from(self.chance % several.len().max(1) as u64).unwrap_or(0);
                several.get(drawn).copied().unwrap_or_default().to_owned()
            }
            ([(_, text)], []) => (*text).to_owned(),
            (several, further) => {
                let mut said: Vec<String> = several
                    .iter()
                    .map(|(number, text)| {
                        self.say("answer.numbered", &[("number", &number.to_string()), ("value", text)])
                    })
                    .collect();
                said.extend(further.iter().map(|text| (*text).to_owned()));
                said.join(&self.say("answer.between", &[]))
            }
        };
        let mut places: Vec<String> = values.filter_map(Self::place_of).collect();
        places.sort();
        places.dedup();
        if places.is_empty() || text.starts_with('\u{1}') || !first.relation.is_being() && plain.is_empty() {
            return text;
        }
        self.say("answer.elsewhere", &[("what", &text), ("where", &self.parts.language.list(&places))])
    }

    /// A value as a sentence, said to whom it concerns: "rust is a language", "your editor is vi".
    pub(crate) fn sentence(&self, value: &Value) -> String {
        self.sentence_with(value, value.text.strip_prefix(VERBATIM).unwrap_or(&value.text))
    }

    /// A name with the article it was asked for with: "a cat", "the mother of alice".
    fn as_asked(&self, value: &Value) -> String {
        let language = &self.parts.language;
        if value.relation.is_being() && self.asks_of_kind(&value.label) {
            return language.with_article(&value.label);
        }
        let name = self.in_question(&value.label);
        let article = name.split(' ').next().unwrap_or_default();
        let has_article = language.is_word("definite", article) && value.label.contains(' ');
        if has_article && value.relation.is_being() { name } else { value.label.clone() }
    }

    fn sentence_with(&self, value: &Value, text: &str) -> String {
        let name = self.as_asked(value);
        let words = match &value.relation {
            Relation::Is => self.say("sentence.is", &[("name", &name), ("value", text)]),
            Relation::Are => self.say("sentence.are", &[("name", &value.label), ("value", text)]),
            Relation::IsNot => self.say("sentence.is_not", &[("name", &value.label), ("value", text)]),
            Relation::Verb(verb) => {
                let (plain, denied) = verb.strip_prefix(DENIED).map_or((verb.as_str(), false), |verb| (verb, true));
                let verb = self.parts.language.verb_for(plain, &[&value.label], denied);
                self.say("sentence.verb", &[("name", &value.label), ("verb", &verb), ("value", text)])
            }
        };
        clean(&self.parts.language.for_listener(&words, &self.parts.me, &self.heard.speaker.nick))
    }

    /// A reply's own text without controls, and never a command to other bots in the channel.
    fn harmless(&self, text: &str) -> String {
        let text = clean(text).trim().to_owned();
        let mut letters = text.chars();
        let marked = letters.next().is_some_and(|first| self.say("respond.marks", &[]).contains(first))
            && letters.next().is_some_and(char::is_alphabetic);
        if marked && matches!(self.heard.place, Place::Channel(_)) { format!(" {text}") } else { text }
    }

    fn looped(&self, path: &[String]) -> Reply {
        let name = path.first().map_or("", String::as_str);
        self.refuse("loop", &[("name", name), ("what", &path.join(&self.say("answer.leads", &[])))])
    }

    /// How a source is told to people.
    pub(crate) fn cite(&self, graph: &NamedNode) -> Result<Citation, Fault> {
        let known = self.parts.memory.cite(graph)?;
        Ok(known.unwrap_or_else(|| {
            // A graph nobody described is still named, so that no quotation stands without a source.
            Citation::Dump { name: graph.as_str().to_owned(), title: graph.as_str().to_owned() }
        }))
    }
}

/// The values that answer "what is it", with their numbers: what it is, else what it is not, else what it does.
/// A value that begins with `|` is a further alternative of the one before it.
fn shown(values: &[Value]) -> Vec<Vec<(usize, &Value)>> {
    let numbered = || values.iter().enumerate().map(|(at, value)| (at + 1, value));
    let being: Vec<_> = numbered().filter(|(_, value)| value.relation.is_being()).collect();
    let denied: Vec<_> = numbered().filter(|(_, value)| value.relation == Relation::IsNot).collect();
    let chosen = if !being.is_empty() {
        being
    } else if !denied.is_empty() {
        denied
    } else {
        numbered().collect()
    };
    let mut groups: Vec<Vec<(usize, &Value)>> = Vec::new();
    for (number, value) in chosen {
        match groups.last_mut() {
            Some(group) if value.text.trim_start().starts_with('|') => group.push((number, value)),
            _ => groups.push(vec![(number, value)]),
        }
    }
    groups
}
