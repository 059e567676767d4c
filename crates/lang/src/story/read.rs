//! From a line to what it tells or asks: time words and fillers off, a template found, the names cleaned.

use super::template::{Bound, Kind};
use super::vocabulary::Vocabulary;
use super::{Asked, Asking, Happening, Name, Pronoun, Slots, Stories, Telling, When};
use crate::words::Words;

/// The longest line that is looked at, in words: nobody tells one happening with more.
const LONGEST_LINE: usize = 40;
/// The most sentences in a line.
const MOST_SENTENCES: usize = 12;
/// The longest single name in words.
const LONGEST_NAME: usize = 5;

/// The words of a sentence, as typed and in lower case.
#[derive(Clone, Debug, Default)]
struct Tokens {
    typed: Vec<String>,
    lower: Vec<String>,
}

impl Tokens {
    fn of(text: &str) -> Self {
        let mut tokens = Self::default();
        for word in text.split_whitespace() {
            let plain = word.trim_end_matches([',', ';']);
            let (base, is) = match plain.to_lowercase().strip_suffix("'s") {
                Some("what" | "who" | "where" | "how" | "it" | "he" | "she" | "that" | "there") => {
                    (plain.get(..plain.len() - 2).unwrap_or(plain), true)
                }
                _ => (plain, false),
            };
            if !base.is_empty() {
                tokens.push(base);
            }
            if is {
                tokens.push("is");
            }
            if plain.len() < word.len() {
                tokens.push(",");
            }
        }
        tokens
    }

    fn push(&mut self, word: &str) {
        self.typed.push(word.to_owned());
        self.lower.push(word.to_lowercase());
    }

    fn part(&self, from: usize, to: usize) -> Self {
        let slice = |words: &[String]| words.get(from..to).map(<[String]>::to_vec).unwrap_or_default();
        Self { typed: slice(&self.typed), lower: slice(&self.lower) }
    }

    fn len(&self) -> usize {
        self.lower.len()
    }
}

pub(super) fn told(stories: &Stories, line: &str, words: &Words) -> Vec<Telling> {
    let line = line.trim();
    if stories.statements.is_empty() || line.ends_with('?') {
        return Vec::new();
    }
    let mut all = Vec::new();
    for sentence in line.split(['.', '!', ';']).map(str::trim).filter(|sentence| !sentence.is_empty()) {
        let tokens = Tokens::of(sentence);
        let found = sentence_told(stories, &tokens, words);
        if found.is_empty() || all.len() + found.len() > MOST_SENTENCES {
            return Vec::new();
        }
        all.extend(found);
    }
    all
}

/// One sentence, or two that are joined by "and": "Mary went to the kitchen and took the milk".
fn sentence_told(stories: &Stories, tokens: &Tokens, words: &Words) -> Vec<Telling> {
    if tokens.len() > LONGEST_LINE {
        return Vec::new();
    }
    if let Some(telling) = one_told(stories, tokens, words) {
        return vec![telling];
    }
    for (at, word) in tokens.lower.iter().enumerate() {
        if word != "and" && word != "," {
            continue;
        }
        let Some(first) = one_told(stories, &tokens.part(0, at), words) else { continue };
        let rest = tokens.part(at + 1, tokens.len());
        let mut others = sentence_told(stories, &rest, words);
        if others.is_empty() {
            // The subject goes on: "… and took the milk".
            let mut whole = Tokens::default();
            for name in first.get("who") {
                if !whole.lower.is_empty() {
                    whole.push("and");
                }
                if name.article {
                    whole.push("the");
                }
                name.text.split(' ').for_each(|word| whole.push(word));
            }
            rest.typed.iter().for_each(|word| whole.push(word));
            others = sentence_told(stories, &whole, words);
        }
        if !others.is_empty() {
            let mut all = vec![first];
            for mut other in others {
                if other.when == When::Now {
                    other.when = When::Next;
                }
                all.push(other);
            }
            return all;
        }
    }
    Vec::new()
}

fn one_told(stories: &Stories, tokens: &Tokens, words: &Words) -> Option<Telling> {
    let (tokens, when) = without_time(tokens, &stories.vocabulary);
    let spans = stories.vocabulary.spans(&tokens.lower);
    let name = |start: usize, length: usize, kind: Kind| is_name(&tokens, start, length, kind, &stories.vocabulary);
    for template in &stories.statements {
        if let Some(bound) = template.fit(&tokens.lower, &spans, &stories.vocabulary, &name) {
            let generic = matches!(template.act, Happening::Relation | Happening::Fits);
            let slots = slots(&tokens, &bound, &stories.vocabulary, generic.then_some(words));
            return Some(Telling { happening: template.act, when, slots });
        }
    }
    None
}

pub(super) fn asked(stories: &Stories, line: &str, words: &Words) -> Option<Asking> {
    let plain = line.trim().trim_end_matches(['?', '!', '.', ' ']);
    let tokens = Tokens::of(plain);
    if stories.questions.is_empty() || tokens.len() > LONGEST_LINE || tokens.len() < 2 {
        return None;
    }
    let (tokens, when) = without_time(&tokens, &stories.vocabulary);
    let spans = stories.vocabulary.spans(&tokens.lower);
    let name = |start: usize, length: usize, kind: Kind| is_name(&tokens, start, length, kind, &stories.vocabulary);
    stories.questions.iter().find_map(|template| {
        let bound = template.fit(&tokens.lower, &spans, &stories.vocabulary, &name)?;
        let generic = matches!(template.act, Asked::Whether | Asked::WhichOf | Asked::OfWhich | Asked::Fits);
        let slots = slots(&tokens, &bound, &stories.vocabulary, generic.then_some(words));
        Some(Asking { asked: template.act, when, slots })
    })
}

/// Takes time words, fillers and commas off both ends; the time that was named counts.
fn without_time(tokens: &Tokens, vocabulary: &Vocabulary) -> (Tokens, When) {
    let mut when = When::Now;
    let (mut from, mut to) = (0, tokens.len());
    loop {
        let before = (from, to);
        while from < to && tokens.lower.get(from).is_some_and(|word| word == ",") {
            from += 1;
        }
        while from < to && tokens.lower.get(to - 1).is_some_and(|word| word == ",") {
            to -= 1;
        }
        for (phrase, time) in &vocabulary.times {
            if phrase.len() >= to - from {
                continue;
            }
            let starts = tokens.lower.get(from..from + phrase.len()) == Some(phrase);
            // "to the well" ends with a noun, not with a filler.
            let is_noun = to
                .checked_sub(phrase.len() + 1)
                .and_then(|before| tokens.lower.get(before))
                .is_some_and(|before| vocabulary.is("determiner", before));
            let ends = !is_noun && tokens.lower.get(to - phrase.len()..to) == Some(phrase);
            if !starts && !ends {
                continue;
            }
            if starts {
                from += phrase.len();
            } else {
                to -= phrase.len();
            }
            if let Some(time) = time {
                // "and then this evening": the day says more than the order.
                let says_more = matches!(time, When::Day { .. }) || when == When::Now;
                when = if says_more { *time } else { when };
            }
            break;
        }
        if before == (from, to) {
            return (tokens.part(from, to), when);
        }
    }
}

/// Whether these words can be a name, or several joined by "and".
fn is_name(tokens: &Tokens, start: usize, length: usize, kind: Kind, vocabulary: &Vocabulary) -> bool {
    let Some(words) = tokens.lower.get(start..start + length) else { return false };
    let is_determined = words.first().is_some_and(|word| vocabulary.is("determiner", word));
    if kind == Kind::Determined && !(is_determined && length > 1) {
        return false;
    }
    if kind == Kind::Person {
        let [word] = words else { return false };
        let is_capital =
            start > 0 && tokens.typed.get(start).is_some_and(|typed| typed.starts_with(char::is_uppercase));
        if !is_capital && vocabulary.pronoun_for(word).is_none() && pronoun(word, vocabulary).is_none() {
            return false;
        }
    }
    let mut parts = words.split(|word| word == "and" || word == ",").filter(|part| !part.is_empty()).peekable();
    // "," and "and" stand between names only.
    let edge = |word: Option<&String>| word.is_some_and(|word| word == "and" || word == ",");
    if parts.peek().is_none() || edge(words.first()) || edge(words.last()) {
        return false;
    }
    parts.all(|part| is_one_name(part, vocabulary))
}

fn is_one_name(part: &[String], vocabulary: &Vocabulary) -> bool {
    if let [word] = part
        && pronoun(word, vocabulary).is_some()
    {
        return true;
    }
    let bare = match part.split_first() {
        Some((first, rest)) if vocabulary.is("determiner", first) && !rest.is_empty() => rest,
        _ => part,
    };
    let of = |word: Option<&String>| word.is_some_and(|word| word == "of");
    !bare.is_empty()
        && bare.len() <= LONGEST_NAME
        && !of(bare.first())
        && !of(bare.last())
        && bare.iter().all(|word| {
            !vocabulary.is("closed", word)
                && !vocabulary.is("determiner", word)
                && (bare.len() == 1 || pronoun(word, vocabulary).is_none())
                && word.chars().any(char::is_alphanumeric)
        })
}

fn pronoun(word: &str, vocabulary: &Vocabulary) -> Option<Pronoun> {
    [
        ("first", Pronoun::First),
        ("he", Pronoun::He),
        ("she", Pronoun::She),
        ("they", Pronoun::They),
        ("it", Pronoun::It),
    ]
    .into_iter()
    .find(|(class, _)| vocabulary.is(class, word))
    .map(|(_, pronoun)| pronoun)
}

/// The names in the slots of a template that fits. Where `words` are given, a plural without an article names a kind
/// and is put in the singular.
fn slots(tokens: &Tokens, bound: &[Bound<'_>], vocabulary: &Vocabulary, words: Option<&Words>) -> Slots {
    let mut slots = Slots::new();
    for Bound { slot, start, length, relation } in bound {
        let names = match relation {
            Some(relation) => vec![Name { text: (*relation).to_owned(), pronoun: None, mine: false, article: false }],
            None => names(&tokens.part(*start, start + length), *start == 0, vocabulary, words),
        };
        match slots.iter_mut().find(|(name, _)| name == slot) {
            Some((_, known)) => known.extend(names),
            None => slots.push(((*slot).to_owned(), names)),
        }
    }
    slots
}

fn names(tokens: &Tokens, is_first: bool, vocabulary: &Vocabulary, words: Option<&Words>) -> Vec<Name> {
    let mut found = Vec::new();
    let mut from = 0;
    for at in 0..=tokens.len() {
        let ends = tokens.lower.get(at).is_none_or(|word| word == "and" || word == ",");
        if !ends {
            continue;
        }
        let part = tokens.part(from, at);
        from = at + 1;
        let Some(first) = part.lower.first() else { continue };
        let has_article = vocabulary.is("determiner", first) && part.len() > 1;
        let bare = if has_article { part.part(1, part.len()) } else { part.clone() };
        let text = bare.typed.join(" ");
        let may_be_kind = !has_article && (is_first || text.starts_with(char::is_lowercase));
        let text = match words {
            Some(words)
                if may_be_kind && words.is_plural(&text) && vocabulary.pronoun_for(&text.to_lowercase()).is_none() =>
            {
                words.singular(&text.to_lowercase())
            }
            _ => text,
        };
        found.push(Name {
            pronoun: if bare.len() == 1 {
                pronoun(bare.lower.first().map_or("", String::as_str), vocabulary)
            } else {
                None
            },
            mine: has_article && vocabulary.is("mine", first),
            article: has_article,
            text,
        });
    }
    found
}
