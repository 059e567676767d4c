//! The word lists of stories: verbs in all their forms, prepositions, times, names and relations.
//!
//! Everything a template can name is a class of phrases, so that one pass over a line finds where each begins.

use std::collections::HashMap;

use super::{Pronoun, When};
use crate::LangError;
use crate::data::Rows;
use crate::words::Words;

/// The phrases of all classes by their first word.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    classes: HashMap<String, usize>,
    by_first: HashMap<String, Vec<(usize, Vec<String>)>>,
    /// Class of a relation's phrases, and the relation.
    pub(super) relations: Vec<(usize, String)>,
    said: HashMap<String, String>,
    names: HashMap<String, Pronoun>,
    /// Times and fillers, the longest first.
    pub(super) times: Vec<(Vec<String>, Option<When>)>,
}

/// Where the phrases of each class stand in a line: for each class its (start, length) pairs.
pub(super) type Spans = Vec<Vec<(usize, usize)>>;

impl Vocabulary {
    pub(super) fn read(rows: Rows<'_, '_>, words: &Words) -> Result<Self, LangError> {
        let mut all = Self::default();
        let past = rows.need("past")?.rows()?;
        let ing = rows.need("ing")?.rows()?;
        for (class, item) in rows.need("verbs")?.rows()?.entries() {
            for verb in item.texts()? {
                all.add_verb(class, &verb, past, ing, words)?;
            }
        }
        let lists = rows.need("words")?.rows()?;
        for (class, item) in lists.entries() {
            for phrase in item.texts()? {
                all.add(class, &phrase);
            }
        }
        for (pronoun, item) in rows.need("names")?.rows()?.entries() {
            let kind = match pronoun {
                "she" => Pronoun::She,
                "he" => Pronoun::He,
                _ => return Err(item.error(format!("`{pronoun}` is neither `she` nor `he`"))),
            };
            all.names.extend(item.texts()?.into_iter().map(|name| (name, kind)));
        }
        for (relation, item) in rows.need("relations")?.rows()?.entries() {
            let class = format!("relation.{relation}");
            let phrases = item.texts()?;
            if let Some(first) = phrases.first() {
                all.said.insert(relation.to_owned(), format!("is {first}"));
            }
            for phrase in phrases {
                all.add(&class, &phrase);
            }
            let id = all.id(&class);
            all.relations.push((id, relation.to_owned()));
        }
        for (relation, item) in rows.need("said")?.rows()?.entries() {
            all.said.insert(relation.to_owned(), item.text()?.to_owned());
        }
        all.read_times(rows)?;
        Ok(all)
    }

    fn read_times(&mut self, rows: Rows<'_, '_>) -> Result<(), LangError> {
        let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let order = rows.need("time")?.rows()?;
        for (name, when) in [("next", When::Next), ("before", When::Earlier)] {
            self.times.extend(order.need(name)?.texts()?.iter().map(|text| (split(text), Some(when))));
        }
        for (text, item) in rows.need("times")?.rows()?.entries() {
            let numbers: Vec<i64> =
                item.list()?.into_iter().filter_map(|number| number.plain().ok()?.parse().ok()).collect();
            let when = match numbers[..] {
                [day, from, to] => {
                    u8::try_from(from).ok().zip(u8::try_from(to).ok()).map(|(from, to)| When::Day { day, from, to })
                }
                _ => None,
            };
            let when = when.ok_or_else(|| item.error("a time is [day, from, to]".to_owned()))?;
            self.times.push((split(text), Some(when)));
        }
        let fillers = rows.need("words")?.rows()?.need("filler")?.texts()?;
        self.times.extend(fillers.iter().map(|text| (split(text), None)));
        self.times.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        Ok(())
    }

    fn add(&mut self, class: &str, phrase: &str) {
        let id = self.id(class);
        let words: Vec<String> = phrase.split(' ').map(str::to_lowercase).collect();
        let Some(first) = words.first().cloned() else { return };
        let entries = self.by_first.entry(first).or_default();
        let entry = (id, words);
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }

    /// All forms of a verb, the first word of which is inflected.
    fn add_verb(
        &mut self,
        class: &str,
        verb: &str,
        past: Rows<'_, '_>,
        ing: Rows<'_, '_>,
        words: &Words,
    ) -> Result<(), LangError> {
        let (first, rest) = verb.split_once(' ').unwrap_or((verb, ""));
        let phrase = |form: &str| if rest.is_empty() { form.to_owned() } else { format!("{form} {rest}") };
        let regular = past_of(first);
        let forms = match past.get(first) {
            Some(item) => item.texts()?,
            None => vec![regular.clone(), regular],
        };
        let (past, participles) = match forms.split_first() {
            Some((past, rest)) if !rest.is_empty() => (past.clone(), rest.to_vec()),
            _ => return Err(ing.error(format!("`{first}` needs a past form and a participle"))),
        };
        let ing = match ing.get(first) {
            Some(item) => item.text()?.to_owned(),
            None => ing_of(first),
        };
        let third = words.third_person(first);
        for form in [first, &third, &past] {
            self.add(class, &phrase(form));
        }
        for participle in &participles {
            for auxiliary in ["has", "have", "had"] {
                self.add(class, &format!("{auxiliary} {}", phrase(participle)));
            }
        }
        self.add(&format!("{class}.base"), &phrase(first));
        self.add(&format!("{class}.ing"), &phrase(&ing));
        Ok(())
    }

    fn id(&mut self, class: &str) -> usize {
        let next = self.classes.len();
        *self.classes.entry(class.to_owned()).or_insert(next)
    }

    pub(super) fn class(&self, name: &str) -> Option<usize> {
        self.classes.get(name).copied()
    }

    /// Whether a word (in lower case) is of a class.
    pub(super) fn is(&self, class: &str, word: &str) -> bool {
        let Some(id) = self.class(class) else { return false };
        self.by_first
            .get(word)
            .is_some_and(|entries| entries.iter().any(|(entry, words)| *entry == id && words.len() == 1))
    }

    /// Where each class stands in a line.
    pub(super) fn spans(&self, lower: &[String]) -> Spans {
        let mut spans = vec![Vec::new(); self.classes.len()];
        for (start, word) in lower.iter().enumerate() {
            for (class, phrase) in self.by_first.get(word).into_iter().flatten() {
                let fits = lower.get(start..start + phrase.len()).is_some_and(|words| words == phrase.as_slice());
                if let (true, Some(found)) = (fits, spans.get_mut(*class)) {
                    found.push((start, phrase.len()));
                }
            }
        }
        spans
    }

    pub(super) fn pronoun_for(&self, name: &str) -> Option<Pronoun> {
        self.names.get(name).copied()
    }

    pub(super) fn relation_said(&self, relation: &str) -> String {
        self.said.get(relation).cloned().unwrap_or_else(|| relation.to_owned())
    }
}

/// The regular past: "walked", "moved", "carried".
fn past_of(verb: &str) -> String {
    let mut last = verb.chars().rev();
    match (last.next(), last.next()) {
        (Some('e'), _) => format!("{verb}d"),
        (Some('y'), Some(before)) if !matches!(before, 'a' | 'e' | 'i' | 'o' | 'u') => {
            format!("{}ied", verb.trim_end_matches('y'))
        }
        _ => format!("{verb}ed"),
    }
}

fn ing_of(verb: &str) -> String {
    match verb.strip_suffix('e') {
        Some(stem) if !stem.ends_with(['e', 'o', 'y']) => format!("{stem}ing"),
        _ => format!("{verb}ing"),
    }
}
