//! The words of the controlled English, from `data/grammar/rules.toml`, and how its nouns and verbs change form.
//!
//! The file's examples are what the grammar promises; they are read when it is loaded, so a file that breaks a
//! promise does not load.

use std::collections::{BTreeMap, BTreeSet};

use crate::LangError;
use crate::data::File;
use crate::words::Words;

/// An example: a line, and how it must be read; empty for one that must not be read.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    pub(crate) line: String,
    pub(crate) reads: String,
    file: String,
    at: usize,
}

/// The words by what they are for.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    lists: BTreeMap<String, BTreeSet<String>>,
    contractions: BTreeMap<String, String>,
    participles: BTreeMap<String, String>,
    singular: Vec<(String, String)>,
    nouns: BTreeMap<String, String>,
    /// Third person to base form and back.
    third: BTreeMap<String, String>,
    base: BTreeMap<String, String>,
    prefixes: BTreeMap<String, Vec<String>>,
    suffixes: BTreeMap<String, Vec<String>>,
    pub(crate) examples: Vec<Example>,
}

impl Vocabulary {
    pub(crate) fn read(file: &File<'_>, words: &Words) -> Result<Self, LangError> {
        let rows = file.rows();
        let mut vocabulary = Self::default();
        for (name, item) in rows.need("words")?.rows()?.entries() {
            vocabulary.lists.insert(name.to_owned(), item.texts()?.into_iter().collect());
        }
        for (name, item) in rows.need("contractions")?.rows()?.entries() {
            vocabulary.contractions.insert(name.to_owned(), item.text()?.to_owned());
        }
        for (name, item) in rows.need("participles")?.rows()?.entries() {
            vocabulary.participles.insert(name.to_owned(), item.text()?.to_owned());
        }
        for (name, item) in rows.need("nouns")?.rows()?.entries() {
            vocabulary.nouns.insert(name.to_owned(), item.text()?.to_owned());
        }
        for pair in rows.need("singular")?.list()? {
            match &pair.texts()?[..] {
                [from, to] => vocabulary.singular.push((from.clone(), to.clone())),
                _ => return Err(pair.error("`singular` is a list of pairs: [\"ending\", \"instead\"]".to_owned())),
            }
        }
        for verb in rows.need("verbs")?.texts()? {
            let third = words.third_person(&verb);
            vocabulary.third.insert(third.clone(), verb.clone());
            vocabulary.base.insert(verb, third);
        }
        for (table, into) in [("prefixes", 0), ("suffixes", 1)] {
            for (name, item) in rows.need(table)?.rows()?.entries() {
                let mut texts = item.texts()?;
                // The longest first, so that none hides another.
                texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
                let found = if into == 0 { &mut vocabulary.prefixes } else { &mut vocabulary.suffixes };
                found.insert(name.to_owned(), texts);
            }
        }
        for item in rows.need("example")?.list()? {
            let row = item.rows()?;
            let need = |name: &str| row.need(name).and_then(|item| item.text().map(str::to_owned));
            let (line, reads) = (need("line")?, need("reads")?);
            let place = item.error(String::new());
            vocabulary.examples.push(Example { line, reads, file: place.file, at: place.line });
        }
        if vocabulary.examples.is_empty() {
            return Err(rows.error("a grammar without examples does not load".to_owned()));
        }
        Ok(vocabulary)
    }

    /// Whether a word (in lower case) is in a list.
    pub(super) fn is(&self, list: &str, word: &str) -> bool {
        self.lists.get(list).is_some_and(|words| words.contains(word))
    }

    pub(super) fn contraction(&self, word: &str) -> Option<&str> {
        self.contractions.get(word).map(String::as_str)
    }

    /// The base form of a past participle: "eaten" is of "eat".
    pub(super) fn of_participle(&self, words: &Words, participle: &str) -> Option<String> {
        if let Some(base) = self.participles.get(participle) {
            return Some(base.clone());
        }
        let ends = participle.ends_with("ed");
        words.base_forms(participle).into_iter().filter(|_| ends).find(|form| self.base.contains_key(form))
    }

    /// The third person of a verb known here, by its base form.
    pub(super) fn third_of(&self, base: &str) -> Option<&str> {
        self.base.get(base).map(String::as_str)
    }

    /// The base form of a third person known here.
    pub(super) fn base_of(&self, third: &str) -> Option<&str> {
        self.third.get(third).map(String::as_str)
    }

    /// The singular of a noun that stands in the plural; its last word changes.
    pub(super) fn singular(&self, words: &Words, noun: &str) -> String {
        let (before, last) = noun.rfind(' ').map_or(("", noun), |space| noun.split_at(space + 1));
        let lower = last.to_lowercase();
        if let Some(one) = self.nouns.get(&lower) {
            return format!("{before}{one}");
        }
        if !words.is_plural(last) || words.singular_is_irregular(&lower) {
            return words.singular(noun);
        }
        let fitting = self.singular.iter().find_map(|(ending, instead)| {
            last.strip_suffix(ending.as_str()).filter(|stem| !stem.is_empty()).map(|stem| format!("{stem}{instead}"))
        });
        format!("{before}{}", fitting.as_deref().unwrap_or(last))
    }

    /// Whether a noun stands in the plural.
    pub(super) fn is_plural(&self, words: &Words, noun: &str) -> bool {
        let last = noun.rsplit(' ').next().unwrap_or(noun).to_lowercase();
        self.nouns.contains_key(&last) || words.is_plural(noun)
    }

    /// The rest of a line behind one of these beginnings, whatever its case.
    pub(super) fn after<'t>(&self, name: &str, text: &'t str) -> Option<&'t str> {
        self.prefixes.get(name)?.iter().find_map(|prefix| {
            let head = text.get(..prefix.len())?;
            let rest = text.get(prefix.len()..)?;
            (head.eq_ignore_ascii_case(prefix) && !rest.trim().is_empty()).then(|| rest.trim())
        })
    }

    /// The beginning of a line before one of these endings.
    pub(super) fn before<'t>(&self, name: &str, text: &'t str) -> Option<&'t str> {
        self.suffixes.get(name)?.iter().find_map(|suffix| {
            let cut = text.len().checked_sub(suffix.len())?;
            let (rest, tail) = (text.get(..cut)?, text.get(cut..)?);
            (tail.eq_ignore_ascii_case(suffix) && !rest.trim().is_empty()).then(|| rest.trim())
        })
    }

    /// Reads every example with the finished language.
    pub(crate) fn check(&self, language: &crate::Language) -> Result<(), LangError> {
        let mut problems = self.examples.iter().filter_map(|example| {
            let got = super::say::reading(language, &example.line);
            (got != example.reads).then(|| LangError {
                file: example.file.clone(),
                line: example.at,
                what: format!("\"{}\" is read as \"{got}\", not as \"{}\"", example.line, example.reads),
            })
        });
        let Some(mut first) = problems.next() else { return Ok(()) };
        for other in problems {
            first.what = format!("{}\n{other}", first.what);
        }
        Err(first)
    }
}
