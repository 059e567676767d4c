//! Templates: a line word by word, with slots for names and classes of words.
//!
//! What may be left out or chosen is written out when the file is read, so that matching only goes forward through
//! a list of parts; slots are short, so trying every length stays cheap.

use super::vocabulary::{Spans, Vocabulary};

/// One way to say something.
#[derive(Debug)]
pub(super) struct Template<Act> {
    pub(super) act: Act,
    parts: Vec<Part>,
}

/// What a template means and which slots it must have.
pub(super) struct Needs<'a, Act> {
    pub(super) act: Act,
    pub(super) slots: &'a [&'a str],
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Word(String),
    Class(usize),
    Slot(Slot),
}

#[derive(Clone, Debug, PartialEq)]
struct Slot {
    name: String,
    kind: Kind,
}

/// What a slot may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, or several.
    Name,
    /// A name with an article or the like.
    Determined,
    /// The name of a person.
    Person,
    /// A phrase of a class.
    Class(usize),
    /// The words of any relation.
    Relation,
}

/// A slot and which words it holds; for a relation which one.
#[derive(Clone, Debug)]
pub(super) struct Bound<'t> {
    pub(super) slot: &'t str,
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) relation: Option<&'t str>,
}

/// The longest name in words, a list of names included.
const LONGEST: usize = 14;
/// The most ways that one written template may be written out to.
const MOST_WAYS: usize = 400;

/// Reads one written template into all its ways.
pub(super) fn read<Act: Copy>(
    text: &str,
    needs: &Needs<'_, Act>,
    vocabulary: &Vocabulary,
    out: &mut Vec<Template<Act>>,
) -> Result<(), String> {
    let mut rest = text.trim();
    let mut ways: Vec<Vec<Part>> = vec![Vec::new()];
    while !rest.is_empty() {
        let (choices, tail) = piece(rest, vocabulary)?;
        let mut longer = Vec::new();
        for way in &ways {
            for choice in &choices {
                longer.push(way.iter().chain(choice).cloned().collect());
            }
        }
        if longer.len() > MOST_WAYS {
            return Err(format!("the template \"{text}\" has more than {MOST_WAYS} ways to be said"));
        }
        ways = longer;
        rest = tail.trim_start();
    }
    for parts in ways {
        let has = |wanted: &str| parts.iter().any(|part| matches!(part, Part::Slot(slot) if slot.name == wanted));
        if let Some(missing) = needs.slots.iter().find(|slot| !has(slot)).filter(|slot| **slot != "who" || !has("x")) {
            return Err(format!("the template \"{text}\" needs a slot `{{{missing}}}`"));
        }
        out.push(Template { act: needs.act, parts });
    }
    Ok(())
}

/// The first word, class, slot or group of a template, as its choices, and what follows.
fn piece<'t>(text: &'t str, vocabulary: &Vocabulary) -> Result<(Vec<Vec<Part>>, &'t str), String> {
    let inner = |open: char, close: char| -> Result<(&'t str, &'t str), String> {
        let body = text.strip_prefix(open).unwrap_or(text);
        let mut depth = 1;
        for (at, c) in body.char_indices() {
            depth += i32::from(c == open) - i32::from(c == close);
            if depth == 0 {
                return Ok((body.get(..at).unwrap_or_default(), body.get(at + close.len_utf8()..).unwrap_or_default()));
            }
        }
        Err(format!("`{open}` is not closed in \"{text}\""))
    };
    let class_of = |name: &str| vocabulary.class(name).ok_or_else(|| format!("no word list `{name}`"));
    match text.chars().next() {
        Some('{') => {
            let (name, tail) = inner('{', '}')?;
            let (name, kind) = match name.split_once('=') {
                Some((name, "person")) => (name, Kind::Person),
                Some((name, class)) => (name, Kind::Class(class_of(class)?)),
                None => match name.strip_suffix('!') {
                    Some(name) => (name, Kind::Determined),
                    None if name == "relation" => (name, Kind::Relation),
                    None => (name, Kind::Name),
                },
            };
            Ok((vec![vec![Part::Slot(Slot { name: name.to_owned(), kind })]], tail))
        }
        Some('<') => {
            let (name, tail) = inner('<', '>')?;
            Ok((vec![vec![Part::Class(class_of(name)?)]], tail))
        }
        Some('[') => {
            let (body, tail) = inner('[', ']')?;
            let mut choices = group(body, vocabulary)?;
            choices.insert(0, Vec::new());
            Ok((choices, tail))
        }
        Some('(') => {
            let (body, tail) = inner('(', ')')?;
            Ok((group(body, vocabulary)?, tail))
        }
        _ => {
            let end = text.find([' ', '(', '[', '{', '<']).unwrap_or(text.len());
            let (word, tail) = text.split_at(end);
            if word.contains([')', ']', '}', '>', '|']) {
                return Err(format!("\"{word}\" stands outside of a group"));
            }
            Ok((vec![vec![Part::Word(word.to_lowercase())]], tail))
        }
    }
}

/// The choices of a group: "a|b c|".
fn group(body: &str, vocabulary: &Vocabulary) -> Result<Vec<Vec<Part>>, String> {
    let mut choices = Vec::new();
    for choice in body.split('|') {
        let mut ways: Vec<Vec<Part>> = vec![Vec::new()];
        let mut rest = choice.trim();
        while !rest.is_empty() {
            let (next, tail) = piece(rest, vocabulary)?;
            ways = ways
                .iter()
                .flat_map(|way| next.iter().map(move |choice| way.iter().chain(choice).cloned().collect()))
                .collect();
            rest = tail.trim_start();
        }
        choices.extend(ways);
    }
    Ok(choices)
}

impl<Act> Template<Act> {
    /// What the slots hold when the whole line fits. `name` decides whether words can be a name of a kind.
    pub(super) fn fit<'t>(
        &'t self,
        lower: &[String],
        spans: &Spans,
        vocabulary: &'t Vocabulary,
        name: &dyn Fn(usize, usize, Kind) -> bool,
    ) -> Option<Vec<Bound<'t>>> {
        let possible = self.parts.len() <= lower.len() + 2
            && self.parts.iter().all(|part| match part {
                Part::Word(word) => lower.contains(word),
                Part::Class(class) => spans.get(*class).is_some_and(|found| !found.is_empty()),
                Part::Slot(Slot { kind: Kind::Class(class), .. }) => {
                    spans.get(*class).is_some_and(|found| !found.is_empty())
                }
                Part::Slot(_) => true,
            });
        if !possible {
            return None;
        }
        let mut bound = Vec::new();
        let line = Line { lower, spans, vocabulary, name };
        walk(&self.parts, 0, &line, &mut bound).then_some(bound)
    }
}

struct Line<'l, 't> {
    lower: &'l [String],
    spans: &'l Spans,
    vocabulary: &'t Vocabulary,
    name: &'l dyn Fn(usize, usize, Kind) -> bool,
}

fn walk<'t>(parts: &'t [Part], at: usize, line: &Line<'_, 't>, bound: &mut Vec<Bound<'t>>) -> bool {
    let Some((part, rest)) = parts.split_first() else { return at == line.lower.len() };
    let of_class = |class: usize| {
        let found = line.spans.get(class).map_or(&[][..], Vec::as_slice);
        found.iter().filter(move |(start, _)| *start == at).map(|(_, length)| *length)
    };
    match part {
        Part::Word(word) => line.lower.get(at) == Some(word) && walk(rest, at + 1, line, bound),
        Part::Class(class) => {
            // The longest first: "went back to" before "went".
            let mut lengths: Vec<usize> = of_class(*class).collect();
            lengths.sort_unstable_by(|one, other| other.cmp(one));
            lengths.into_iter().any(|length| walk(rest, at + length, line, bound))
        }
        Part::Slot(Slot { name, kind }) => {
            let mut choices: Vec<(usize, Option<&'t str>)> = match kind {
                Kind::Class(class) => of_class(*class).map(|length| (length, None)).collect(),
                Kind::Relation => {
                    let all = line.vocabulary.relations.iter();
                    all.flat_map(|(class, name)| of_class(*class).map(|length| (length, Some(name.as_str())))).collect()
                }
                Kind::Name | Kind::Determined | Kind::Person => {
                    let most = LONGEST.min(line.lower.len().saturating_sub(at));
                    let least = if rest.is_empty() { most.max(1) } else { 1 };
                    (least..=most).map(|length| (length, None)).collect()
                }
            };
            let is_name = matches!(kind, Kind::Name | Kind::Determined | Kind::Person);
            if !is_name {
                choices.sort_unstable_by_key(|(length, _)| std::cmp::Reverse(*length));
            }
            for (length, relation) in choices {
                if length == 0 || at + length > line.lower.len() || is_name && !(line.name)(at, length, *kind) {
                    continue;
                }
                bound.push(Bound { slot: name, start: at, length, relation });
                if walk(rest, at + length, line, bound) {
                    return true;
                }
                bound.pop();
            }
            false
        }
    }
}
