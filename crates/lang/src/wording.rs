//! How a relation is said and asked, told by its label alone.
//!
//! A knowledge base that nobody has seen before brings its own relations; nothing is known of them but their labels
//! ("capital", "directed by", "livesIn"). The look of a label says which shape its sentences have; shapes, endings
//! and examples are `data/grammar/relations.toml`.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::{File, Item, Rows};
use crate::verbs::Verbs;
use crate::words::Words;
use crate::{LangError, Language};

/// What is asked for: what the object is, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Anything.
    #[default]
    Thing,
    /// Somebody.
    Person,
    /// A place.
    Place,
}

/// A relation in words: made once for each relation by [`Language::wording`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The name of its shape in the data.
    pub shape: String,
    /// Its label as lower-case words, without what says nothing ("has", "is").
    pub label: String,
    slots: Vec<(&'static str, String)>,
    is_place: bool,
}

/// What `data/grammar/relations.toml` says.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    shapes: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    words: BTreeMap<String, BTreeSet<String>>,
    /// Participle -> past and base form.
    forms: BTreeMap<String, (String, String)>,
    ed: Vec<(String, String)>,
}

const SHAPES: [&str; 5] = ["noun", "passive", "participle", "verb", "being"];
const LISTS: [&str; 8] = ["say", "many", "ask", "person", "place", "inverse", "inverse_kind", "whether"];
const CLASSES: [&str; 14] = [
    "has",
    "is",
    "by",
    "of",
    "prepositions",
    "places",
    "past",
    "bare",
    "verbs",
    "active",
    "states",
    "done",
    "onward",
    "unique",
];

impl Relations {
    pub(crate) fn read(file: &File<'_>, words: &Words, verbs: &Verbs) -> Result<Self, LangError> {
        let rows = file.rows();
        let mut relations = Self::default();
        for shape in SHAPES {
            let lists = rows.need(shape)?.rows()?;
            let lists = LISTS.map(|list| Ok((list.to_owned(), lists.need(list)?.texts()?)));
            relations.shapes.insert(shape.to_owned(), lists.into_iter().collect::<Result<_, LangError>>()?);
        }
        let classes = rows.need("words")?.rows()?;
        for class in CLASSES {
            relations.words.insert(class.to_owned(), classes.need(class)?.texts()?.into_iter().collect());
        }
        let forms = rows.need("verbs")?.rows()?;
        relations.read_forms(forms)?;
        for item in rows.need("example")?.list()? {
            relations.check(item, words, verbs)?;
        }
        Ok(relations)
    }

    fn read_forms(&mut self, rows: Rows<'_, '_>) -> Result<(), LangError> {
        for item in rows.need("irregular")?.list()? {
            let [participle, past, base] = &item.texts()?[..] else {
                return Err(item.error("a participle, a past form and a base form are expected".to_owned()));
            };
            self.forms.insert(participle.clone(), (past.clone(), base.clone()));
        }
        for (list, into_forms) in [("regular", true), ("ed", false)] {
            for item in rows.need(list)?.list()? {
                let [from, to] = &item.texts()?[..] else {
                    return Err(item.error("a pair is expected".to_owned()));
                };
                if into_forms {
                    self.forms.insert(from.clone(), (from.clone(), to.clone()));
                } else {
                    self.ed.push((from.clone(), to.clone()));
                }
            }
        }
        Ok(())
    }

    fn check(&self, item: Item<'_, '_>, words: &Words, verbs: &Verbs) -> Result<(), LangError> {
        let rows = item.rows()?;
        let label = rows.need("label")?.text()?;
        let wording = self.wording(label, words, verbs);
        let said = self.fill(&wording, "say", &[("s", "Ruritania"), ("o", "Zenda")]).into_iter().next();
        let wanted = (rows.need("shape")?.text()?, rows.need("say")?.text()?);
        let found = (wording.shape.as_str(), said.as_deref().unwrap_or_default());
        if wanted == found {
            return Ok(());
        }
        Err(item.error(format!("`{label}` is a {}: \"{}\"", found.0, found.1)))
    }

    fn is(&self, class: &str, word: &str) -> bool {
        self.words.get(class).is_some_and(|words| words.contains(word))
    }

    /// Past and base form of a participle.
    fn forms(&self, word: &str) -> Option<(String, String)> {
        if let Some((past, base)) = self.forms.get(word) {
            return Some((past.clone(), base.clone()));
        }
        let fits = |(ending, instead): &(String, String)| {
            word.strip_suffix(ending.as_str()).filter(|stem| stem.len() > 1).map(|stem| format!("{stem}{instead}"))
        };
        self.ed.iter().find_map(fits).map(|base| (word.to_owned(), base))
    }

    /// The base form of what somebody did ("studied", "wrote").
    fn base_of_past(&self, word: &str) -> Option<String> {
        let irregular = self.forms.values().find(|(past, _)| past == word).map(|(_, base)| base.clone());
        irregular.or_else(|| self.forms(word).map(|(_, base)| base))
    }

    fn wording(&self, label: &str, words: &Words, verbs: &Verbs) -> Wording {
        let spoken = as_words(label);
        let mut parts: Vec<&str> = spoken.split(' ').collect();
        if let [first, second, ..] = &parts[..]
            && (self.is("is", first) || (self.is("has", first) && !self.is("prepositions", second)))
        {
            parts.remove(0);
        }
        let label = parts.join(" ");
        let (first, last) = (parts.first().copied().unwrap_or_default(), parts.last().copied().unwrap_or_default());
        let goes_on = parts.len() > 1 && self.is("prepositions", last);
        let by = goes_on && self.is("by", last);
        let active = Some(first)
            .filter(|word| self.is("active", word) && !by && (goes_on || parts.len() == 1))
            .and_then(|word| self.base_of_past(word));
        let participle = self.forms(first).filter(|_| goes_on && active.is_none());
        let is_verb = first.ends_with('s')
            && !first.ends_with("ss")
            && if goes_on {
                !self.is("of", last)
            } else {
                parts.get(1).is_some_and(|next| self.is("onward", next)) && parts.len() > 2
                    || self.is("verbs", &label)
                    || verbs.third(&parts).is_some_and(|(_, taken)| taken == parts.len())
            };
        // "languages spoken": the noun is the word before, and what it is of, does it.
        let is_done = parts.len() > 1 && self.is("done", last);
        let noun = if is_done { parts.iter().rev().nth(1).copied().unwrap_or(last) } else { last };
        let of = self.words.get(if is_done { "by" } else { "of" }).and_then(BTreeSet::first);
        let mut slots = vec![("is", if words.is_plural(noun) { "are" } else { "is" }.to_owned())];
        slots.extend(of.map(|of| ("of", of.clone())));
        let rest = parts.get(1..).unwrap_or_default().join(" ");
        let shape = if let Some(verb) = active {
            slots.push(("does", "did".to_owned()));
            slots.push(("base", format!("{verb} {rest}").trim().to_owned()));
            slots.push(("verb", verb));
            "verb"
        } else if let Some((past, base)) = participle {
            slots.push(("participle", first.to_owned()));
            let is_passive = parts.len() == 2 && by;
            let is_past = if is_passive { !self.is("states", first) } else { self.is("past", first) };
            let [be, many, does] = if is_past { ["was", "were", "did"] } else { ["is", "are", "does"] };
            slots.extend([("be", be.to_owned()), ("many", many.to_owned()), ("does", does.to_owned())]);
            if is_passive {
                let past = if is_past { past } else { words.third_person(&base) };
                slots.extend([("past", past), ("base", base)]);
            }
            if is_passive { "passive" } else { "participle" }
        } else if is_verb {
            let known = verbs.third(&parts).and_then(|(relation, _)| verbs.base_of(relation));
            let verb = base_of_third(first, words);
            let base = known.map_or_else(|| format!("{verb} {rest}").trim().to_owned(), str::to_owned);
            slots.push(("does", "does".to_owned()));
            slots.push(("verb", base.split(' ').next().unwrap_or_default().to_owned()));
            slots.push(("base", base));
            "verb"
        } else if goes_on {
            "being"
        } else {
            slots.push(("labels", words.plural(&label)));
            "noun"
        };
        let needs_article = shape == "being" && self.is("of", last) && !self.is("bare", first);
        let the = words.class("definite").and_then(|mut articles| articles.next()).filter(|_| self.is("unique", first));
        let said = match (needs_article, the) {
            (true, Some(the)) => format!("{the} {label}"),
            (true, None) => words.with_article(&label),
            (false, _) => label.clone(),
        };
        slots.push(("label", said));
        Wording { shape: shape.to_owned(), label, slots, is_place: self.is("places", last) }
    }

    fn fill(&self, wording: &Wording, list: &str, ends: &[(&str, &str)]) -> Vec<String> {
        let templates = self.shapes.get(&wording.shape).and_then(|lists| lists.get(list));
        let fill = |template: &String| {
            let own = wording.slots.iter().map(|(name, value)| (*name, value.as_str()));
            fill(template, own.chain(ends.iter().copied()))
        };
        templates.into_iter().flatten().map(fill).collect()
    }
}

/// The base form that has this third person: "teaches", "carries", "uses".
fn base_of_third(third: &str, words: &Words) -> String {
    let candidates = [("es", ""), ("ies", "y"), ("s", "")].into_iter().filter_map(|(ending, instead)| {
        third.strip_suffix(ending).filter(|stem| !stem.is_empty()).map(|stem| format!("{stem}{instead}"))
    });
    candidates.into_iter().find(|base| words.third_person(base) == third).unwrap_or_else(|| third.to_owned())
}

/// One pass, so that braces in a name are never taken for a slot.
fn fill<'v>(template: &str, slots: impl Iterator<Item = (&'v str, &'v str)>) -> String {
    let slots: Vec<(&str, &str)> = slots.collect();
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        out.push_str(slots.iter().find(|(slot, _)| *slot == name).map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A label as words: `dateOfBirth`, `date_of_birth` and `date-of-birth` are "date of birth".
#[must_use]
pub fn as_words(label: &str) -> String {
    let mut out = String::with_capacity(label.len() + 8);
    let mut before = ' ';
    let mut characters = label.chars().peekable();
    while let Some(character) = characters.next() {
        let is_border = character.is_uppercase()
            && (before.is_lowercase()
                || (before.is_uppercase() && characters.peek().is_some_and(|next| next.is_lowercase())));
        if is_border && !out.is_empty() {
            out.push(' ');
        }
        if character.is_whitespace() || matches!(character, '_' | '-' | '.' | '/' | ':') {
            out.push(' ');
        } else {
            out.extend(character.to_lowercase());
        }
        before = character;
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Language {
    /// How a relation with this label is said and asked.
    #[must_use]
    pub fn wording(&self, label: &str) -> Wording {
        self.relations.wording(label, &self.words, &self.verbs)
    }

    /// Every way of stating a fact of the relation, the plainest first, without a full stop.
    #[must_use]
    pub fn statements(&self, wording: &Wording, subject: &str, object: &str) -> Vec<String> {
        self.relations.fill(wording, "say", &[("s", subject), ("o", object)])
    }

    /// Every way of stating several objects at once; they are joined by [`Language::list`].
    #[must_use]
    pub fn statements_of_many(&self, wording: &Wording, subject: &str, objects: &[String]) -> Vec<String> {
        self.relations.fill(wording, "many", &[("s", subject), ("o", &self.list(objects))])
    }

    /// Every way of asking for the object, without a question mark.
    #[must_use]
    pub fn questions_for_object(&self, wording: &Wording, subject: &str, asked: Asked) -> Vec<String> {
        let own = match asked {
            Asked::Person => "person",
            Asked::Place if wording.is_place => "place",
            Asked::Place | Asked::Thing => "ask",
        };
        let mut found = self.relations.fill(wording, own, &[("s", subject)]);
        if own != "ask" {
            found.extend(self.relations.fill(wording, "ask", &[("s", subject)]));
        }
        found
    }

    /// Every way of asking for the subject, of a kind when one is given.
    #[must_use]
    pub fn questions_for_subject(&self, wording: &Wording, object: &str, kind: Option<&str>) -> Vec<String> {
        match kind {
            None => self.relations.fill(wording, "inverse", &[("o", object)]),
            Some(kind) => {
                let kinds = self.plural(kind);
                self.relations.fill(wording, "inverse_kind", &[("o", object), ("kind", kind), ("kinds", &kinds)])
            }
        }
    }

    /// Every way of asking whether a fact holds.
    #[must_use]
    pub fn questions_whether(&self, wording: &Wording, subject: &str, object: &str) -> Vec<String> {
        self.relations.fill(wording, "whether", &[("s", subject), ("o", object)])
    }
}
