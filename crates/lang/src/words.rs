//! Word lists by class, settings, and how nouns and verbs change their form.
//!
//! Only rules are known here; the dictionary's own exceptions ("geese") belong to the lexicon that lists them.

use std::collections::{BTreeMap, BTreeSet};

use quid_core::Key;
use unicode_segmentation::UnicodeSegmentation;

use crate::LangError;
use crate::data::{File, Item, Rows};

/// Endings and what takes their place.
type Endings = Vec<(String, String)>;

/// Everything of `data/words/` but verbs and time.
#[derive(Debug, Default)]
pub(crate) struct Words {
    classes: BTreeMap<String, BTreeSet<String>>,
    settings: BTreeMap<String, String>,
    noun: Endings,
    verb: Endings,
    adjective: Endings,
    plural: Endings,
    third_person: Endings,
    no_plural: Vec<String>,
    irregular: BTreeMap<String, String>,
    singular: BTreeMap<String, String>,
    mass: BTreeSet<String>,
    either: BTreeSet<String>,
    an: Vec<String>,
    a: Vec<String>,
    an_after_all: Vec<String>,
}

impl Words {
    pub(crate) fn read_classes(&mut self, file: &File<'_>) -> Result<(), LangError> {
        for (name, item) in file.rows().entries() {
            let words = item.texts()?.into_iter().map(|word| word.to_lowercase());
            self.classes.entry(name.to_owned()).or_default().extend(words);
        }
        Ok(())
    }

    pub(crate) fn read_settings(&mut self, file: &File<'_>) -> Result<(), LangError> {
        for (name, item) in file.rows().entries() {
            if self.settings.insert(name.to_owned(), item.plain()?).is_some() {
                return Err(item.error(format!("setting `{name}` exists already")));
            }
        }
        Ok(())
    }

    pub(crate) fn read_endings(&mut self, file: &File<'_>) -> Result<(), LangError> {
        let rows = file.rows();
        self.noun = endings(rows, "noun")?;
        self.verb = endings(rows, "verb")?;
        self.adjective = endings(rows, "adjective")?;
        self.plural = endings(rows, "plural")?;
        self.third_person = endings(rows, "third_person")?;
        self.no_plural = rows.need("no_plural")?.texts()?;
        Ok(())
    }

    pub(crate) fn read_nouns(&mut self, file: &File<'_>) -> Result<(), LangError> {
        let rows = file.rows();
        for (one, many) in rows.need("irregular")?.rows()?.entries() {
            let many = many.text()?.to_owned();
            self.singular.insert(many.clone(), one.to_owned());
            self.irregular.insert(one.to_owned(), many);
        }
        self.either = rows.texts("either")?.into_iter().collect();
        let mass = rows.need("mass")?.texts()?.into_iter();
        self.mass = mass.filter(|word| !self.either.contains(word)).collect();
        self.an = rows.texts("an")?;
        self.a = rows.texts("a")?;
        self.an_after_all = rows.texts("an_after_all")?;
        Ok(())
    }

    /// Whether a word (in lower case) is of a class.
    pub(crate) fn is(&self, class: &str, word: &str) -> bool {
        self.classes.get(class).is_some_and(|words| words.contains(word))
    }

    /// The words of a class, in their order.
    pub(crate) fn class(&self, name: &str) -> Option<impl Iterator<Item = &str>> {
        self.classes.get(name).map(|words| words.iter().map(String::as_str))
    }

    /// Whether a class whose name begins so has both words.
    pub(crate) fn share_class(&self, prefix: &str, one: &str, other: &str) -> bool {
        let named = self.classes.iter().filter(|(name, _)| name.starts_with(prefix));
        named
            .into_iter()
            .any(|(_, words)| words.iter().any(|word| word == one) && words.iter().any(|word| word == other))
    }

    /// The words of every class of a kind that a word is in.
    pub(crate) fn class_of(&self, prefix: &str, word: &str) -> Vec<&str> {
        let named = self.classes.iter().filter(|(name, _)| name.starts_with(prefix));
        let classes = named.filter(|(_, words)| words.iter().any(|other| other == word));
        classes.flat_map(|(_, words)| words.iter().map(String::as_str)).collect()
    }

    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        self.setting(name).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// A number as a count of things in memory.
    pub(crate) fn count(&self, name: &str) -> usize {
        usize::try_from(self.number(name)).unwrap_or(usize::MAX)
    }

    /// Base forms by detachment rules; in a phrase of several words the last one changes.
    pub(crate) fn base_forms(&self, word: &str) -> Vec<String> {
        let (before, last) = split_last(word);
        let one_of = |(one, many): (&String, &String)| (many == last).then(|| format!("{before}{one}"));
        let mut found: Vec<String> = self.irregular.iter().filter_map(one_of).filter(|one| one != word).collect();
        let rules = [(&self.noun, true), (&self.verb, false), (&self.adjective, false)];
        for (endings, is_noun) in rules {
            if last.chars().count() <= 2 || (is_noun && last.ends_with("ss")) {
                continue;
            }
            for (ending, instead) in endings {
                if let Some(stem) = last.strip_suffix(ending.as_str()).filter(|stem| !stem.is_empty()) {
                    let form = format!("{before}{stem}{instead}");
                    if form != word && !found.contains(&form) {
                        found.push(form);
                    }
                }
            }
        }
        found
    }

    pub(crate) fn plural(&self, noun: &str) -> String {
        let (before, last) = split_last(noun);
        let lower = last.to_lowercase();
        if self.mass.contains(&lower) || self.is_plural(last) {
            return noun.to_owned();
        }
        let many = self.irregular.get(&lower).cloned().unwrap_or_else(|| change(last, &self.plural));
        format!("{before}{many}")
    }

    /// Whether a noun (in lower case) names a stuff, so that it needs no article.
    pub(crate) fn is_mass(&self, noun: &str) -> bool {
        self.mass.contains(noun) || self.either.contains(noun)
    }

    /// The third person of a verb; in "live in" the first word changes.
    pub(crate) fn third_person(&self, verb: &str) -> String {
        let (first, rest) = verb.split_once(' ').unwrap_or((verb, ""));
        let first = change(first, &self.third_person);
        if rest.is_empty() { first } else { format!("{first} {rest}") }
    }

    /// Whether a word looks like a plural.
    pub(crate) fn is_plural(&self, noun: &str) -> bool {
        let lower = split_last(noun).1.to_lowercase();
        if self.singular.contains_key(&lower) {
            return true;
        }
        lower.len() > 2 && lower.ends_with('s') && !self.no_plural.iter().any(|ending| lower.ends_with(ending.as_str()))
    }

    /// Whether a plural (in lower case) follows no rule.
    pub(crate) fn singular_is_irregular(&self, plural: &str) -> bool {
        self.singular.contains_key(plural)
    }

    /// The singular of what looks like a plural; the word itself otherwise.
    pub(crate) fn singular(&self, noun: &str) -> String {
        let (before, last) = split_last(noun);
        if let Some(one) = self.singular.get(&last.to_lowercase()) {
            return format!("{before}{one}");
        }
        if !self.is_plural(last) {
            return noun.to_owned();
        }
        let fitting = self.noun.iter().find_map(|(ending, instead)| {
            last.strip_suffix(ending.as_str()).filter(|stem| !stem.is_empty()).map(|stem| format!("{stem}{instead}"))
        });
        format!("{before}{}", fitting.as_deref().unwrap_or(last))
    }

    pub(crate) fn with_article(&self, noun: &str) -> String {
        let lower = noun.to_lowercase();
        let first = lower.split(' ').next().unwrap_or_default();
        let is_proper = noun.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_alphabetic());
        if is_proper || self.is("article", first) || self.mass.contains(&lower) || self.is_plural(noun) {
            return noun.to_owned();
        }
        let begins = |list: &[String]| list.iter().any(|start| lower.starts_with(start.as_str()));
        let is_vowel = lower.starts_with(['a', 'e', 'i', 'o', 'u']);
        let an = self.an.iter().any(|start| *start == first || (start.len() > 3 && first.starts_with(start.as_str())))
            || begins(&self.an_after_all)
            || (is_vowel && !begins(&self.a));
        format!("{} {noun}", if an { "an" } else { "a" })
    }

    /// The folded words of a line, each once, stop-words dropped, in the order they were said.
    pub(crate) fn content_words(&self, line: &str) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let folded = Key::of(line);
        folded
            .as_str()
            .unicode_words()
            .filter(|word| !self.is("stop", word) && seen.insert((*word).to_owned()))
            .map(str::to_owned)
            .collect()
    }

    /// Without a leading article, unless nothing or only a verb would be left: "a is b" may be a name.
    pub(crate) fn without_article<'t>(&self, text: &'t str) -> (&'t str, bool) {
        let text = text.trim();
        let Some((first, rest)) = text.split_once(' ') else { return (text, false) };
        let rest = rest.trim_start();
        let next = rest.split(' ').next().unwrap_or_default().to_lowercase();
        if rest.is_empty() || !self.is("article", &first.to_lowercase()) || self.is("be", &next) {
            return (text, false);
        }
        (rest, true)
    }
}

fn endings(rows: Rows<'_, '_>, name: &str) -> Result<Endings, LangError> {
    let pair = |item: Item<'_, '_>| match &item.texts()?[..] {
        [from, to] => Ok((from.clone(), to.clone())),
        _ => Err(item.error(format!("`{name}` is a list of pairs: [\"ending\", \"what takes its place\"]"))),
    };
    rows.need(name)?.list()?.into_iter().map(pair).collect()
}

/// Everything before the last word, and the last word.
fn split_last(words: &str) -> (&str, &str) {
    words.rfind(' ').map_or(("", words), |space| words.split_at(space + 1))
}

fn change(word: &str, endings: &[(String, String)]) -> String {
    endings
        .iter()
        .find_map(|(ending, instead)| word.strip_suffix(ending.as_str()).map(|stem| format!("{stem}{instead}")))
        .unwrap_or_else(|| word.to_owned())
}
