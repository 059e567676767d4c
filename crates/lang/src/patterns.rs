//! The patterns: regular expressions by stage, from `data/patterns/`, each proved by its own examples.
//!
//! A pattern that has no examples, or whose examples do not hold, does not load, so nobody can add one untried.
//! The `regex` crate matches in linear time; the size of each is limited as well.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use crate::LangError;
use crate::acts::ACTS;
use crate::data::{File, Item, Rows};
use crate::words::Words;

/// Stands for the bot's name in a line; `clean` has removed any that was typed.
pub(crate) const NAME: char = '\u{1}';
/// The bot's name in the examples.
const EXAMPLE_NAME: &str = "quid";
/// Bytes that one compiled pattern may take.
const LARGEST: usize = 4 << 20;

/// A step of understanding; the names stand in the files.
const STAGES: &[&str] = &[
    "address", "rewrite", "name", "karma", "talk", "command", "question", "relation", "correct", "teach", "clause",
    "follow",
];

/// One shape of a line.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) id: String,
    /// What it means, one of [`ACTS`]; for a rewriting stage "rewrite".
    pub(crate) act: &'static str,
    /// Rewriting: the line in whose place it stands, with `{group}`s.
    pub(crate) to: Option<String>,
    /// A command whose argument may be anything, a statement too.
    pub(crate) whole: bool,
    priority: u32,
    /// The expression with its word classes put in.
    source: String,
    /// Compiled when a line first gets to it, where a test has compiled it before: that spares most of what
    /// starting costs.
    regex: OnceLock<Option<Regex>>,
}

/// The named groups that took part in a match.
pub(crate) type Groups<'t> = BTreeMap<String, &'t str>;

impl Pattern {
    /// The groups of a match, as they were typed; capital ASCII letters match small ones.
    pub(crate) fn groups<'t>(&self, text: &'t str) -> Option<Groups<'t>> {
        // Folding the line keeps every offset and is far cheaper than patterns that match both cases.
        let folded = text.to_ascii_lowercase();
        let regex = self.regex.get_or_init(|| compile(&self.source).ok()).as_ref()?;
        // Most patterns do not match, which is known without room for groups.
        if !regex.is_match(&folded) {
            return None;
        }
        let found = regex.captures(&folded)?;
        let named = regex.capture_names().flatten();
        Some(named.filter_map(|name| Some((name.to_owned(), text.get(found.name(name)?.range())?))).collect())
    }

    /// The line that takes the place of `text`.
    pub(crate) fn rewritten(&self, text: &str) -> Option<String> {
        let groups = self.groups(text)?;
        let mut out = String::with_capacity(text.len());
        let mut rest = self.to.as_deref()?;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (name, tail) = after.split_once('}')?;
            out.push_str(groups.get(name).copied().unwrap_or_default());
            rest = tail;
        }
        out.push_str(rest);
        Some(out)
    }
}

/// All patterns by stage, in the order they are tried.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    stages: BTreeMap<&'static str, Vec<Pattern>>,
    /// Whether a test has run the examples of these very files.
    pub(crate) proved: bool,
}

impl Patterns {
    /// None yet; with `proved` the examples must exist but are not run.
    pub(crate) fn new(proved: bool) -> Self {
        Self { stages: BTreeMap::new(), proved }
    }

    /// Adds a file of `[[pattern]]`s.
    pub(crate) fn read(&mut self, file: &File<'_>, words: &Words) -> Result<(), LangError> {
        let rows = file.rows();
        let stage = rows.text("stage")?;
        let mut problems: Vec<LangError> = Vec::new();
        for item in rows.need("pattern")?.list()? {
            if let Err(error) = self.add(item, stage.as_deref(), words) {
                problems.push(error);
            }
        }
        let mut problems = problems.into_iter();
        if let Some(mut first) = problems.next() {
            // All of a file's problems at once, so that they can be mended at once.
            for other in problems {
                first.what = format!("{}\n{other}", first.what);
            }
            return Err(first);
        }
        // Stable, so that patterns of the same priority stay in the order of the files.
        for patterns in self.stages.values_mut() {
            patterns.sort_by_key(|pattern| pattern.priority);
        }
        Ok(())
    }

    fn add(&mut self, item: Item<'_, '_>, stage: Option<&str>, words: &Words) -> Result<(), LangError> {
        let row = item.rows()?;
        let own = row.text("stage")?;
        let stage = own.as_deref().or(stage).unwrap_or_default();
        let Some(stage) = STAGES.iter().find(|known| **known == stage) else {
            return Err(item.error(format!("no stage `{stage}`; there are {}", STAGES.join(", "))));
        };
        let pattern = read_pattern(item, row, words, self.proved)?;
        if self.stages.values().flatten().any(|other| other.id == pattern.id) {
            return Err(item.error(format!("pattern `{}` exists already", pattern.id)));
        }
        self.stages.entry(stage).or_default().push(pattern);
        Ok(())
    }

    /// The patterns of a stage, those to be tried first in front.
    pub(crate) fn stage(&self, name: &str) -> &[Pattern] {
        self.stages.get(name).map_or(&[], Vec::as_slice)
    }

    /// The first rewriting of a stage that fits.
    pub(crate) fn rewrite(&self, stage: &str, text: &str) -> Option<String> {
        self.stage(stage).iter().find_map(|pattern| pattern.rewritten(text))
    }
}

fn read_pattern(item: Item<'_, '_>, row: Rows<'_, '_>, words: &Words, proved: bool) -> Result<Pattern, LangError> {
    let id = row.need("id")?.text()?.to_owned();
    let complain = |what: String| item.error(format!("pattern `{id}`: {what}"));
    let to = row.text("to")?;
    let act = row.text("act")?.unwrap_or_else(|| "rewrite".to_owned());
    let Some((act, needed)) = ACTS.iter().find(|(name, _)| *name == act) else {
        return Err(complain(format!("no act `{act}`")));
    };
    if (*act == "rewrite") != to.is_some() {
        return Err(complain("it has either an `act` or a line `to` which it rewrites".to_owned()));
    }
    let source = row.need("regex")?.text()?;
    let expanded = expand(source, words).map_err(complain)?;
    let regex = OnceLock::new();
    if !proved {
        let compiled = compile(&expanded).map_err(complain)?;
        let has = |group: &str| compiled.capture_names().flatten().any(|name| name == group);
        if let Some(missing) = needed.iter().find(|group| !has(group)) {
            return Err(complain(format!("act `{act}` needs a group `(?<{missing}>…)`")));
        }
        for slot in to.iter().flat_map(|to| to.split('{').skip(1)) {
            let name = slot.split('}').next().unwrap_or_default();
            if !has(name) {
                return Err(complain(format!("`to` names `{{{name}}}`, but there is no such group")));
            }
        }
        // Nothing is in it yet.
        let _ = regex.set(Some(compiled));
    }
    let whole = row.text("takes")?.is_some_and(|takes| takes == "anything");
    let priority = match row.get("priority") {
        Some(number) => number.plain()?.parse().map_err(|_| number.error("a whole number is expected".to_owned()))?,
        None => 50,
    };
    let pattern = Pattern { id: id.clone(), act, to, whole, priority, source: expanded, regex };
    check_examples(&pattern, row, proved)?;
    Ok(pattern)
}

fn compile(source: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(source).size_limit(LARGEST).build();
    built.map_err(|error| error.to_string().replace('\n', " "))
}

/// Puts word classes in (`{article}`), makes a space mean "one or more spaces", and `{me}` the bot's name.
fn expand(source: &str, words: &Words) -> Result<String, String> {
    let mut out = String::new();
    let mut in_class = false;
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                out.push(c);
                out.extend(rest.next());
            }
            '[' | ']' => {
                in_class = c == '[';
                out.push(c);
            }
            ' ' if !in_class => {
                let is_optional = rest.next_if(|&next| matches!(next, '?' | '*')).is_some();
                out.push_str(if is_optional { " *" } else { " +" });
            }
            '{' if !in_class => {
                let name: String = rest.by_ref().take_while(|&c| c != '}').collect();
                if name.starts_with(|c: char| c.is_ascii_digit()) {
                    out.extend(["{", name.as_str(), "}"]);
                } else if name == "me" {
                    out.push(NAME);
                } else {
                    out.push_str(&alternation(&name, words).ok_or_else(|| format!("no word class `{name}`"))?);
                }
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

/// The words of a class as a group, longest first so that "ok so" is not cut to "ok".
fn alternation(class: &str, words: &Words) -> Option<String> {
    let mut all: Vec<&str> = words.class(class)?.collect();
    all.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let escaped: Vec<String> = all.into_iter().map(|word| regex::escape(word).replace(' ', " +")).collect();
    Some(format!("(?:{})", escaped.join("|")))
}

fn check_examples(pattern: &Pattern, row: Rows<'_, '_>, proved: bool) -> Result<(), LangError> {
    let id = &pattern.id;
    let mark = |line: &str| line.replace(EXAMPLE_NAME, &NAME.to_string());
    let (yes, no) = (row.need("yes")?, row.need("no")?);
    let (positive, negative) = (yes.list()?, no.list()?);
    if positive.is_empty() || negative.is_empty() {
        return Err(row.error(format!("pattern `{id}` needs examples, both `yes` and `no`")));
    }
    if proved {
        return Ok(());
    }
    for example in positive {
        let parts = example.list()?;
        let (Some(line), Some(expected), None) = (parts.first(), parts.get(1), parts.get(2)) else {
            return Err(example.error(format!("pattern `{id}`: an example is [\"line\", {{group = \"value\"}}]")));
        };
        let line = line.text()?;
        let marked = mark(line);
        let Some(groups) = pattern.groups(&marked) else {
            return Err(example.error(format!("pattern `{id}` does not match its example \"{line}\"")));
        };
        for (name, value) in expected.rows()?.entries() {
            let value = value.text()?;
            let found = match name {
                "to" if pattern.to.is_some() => pattern.rewritten(&marked),
                name => groups.get(name).map(|&text| text.to_owned()),
            };
            if found.as_deref() != Some(mark(value).as_str()) {
                let found = found.unwrap_or_else(|| "nothing".to_owned());
                return Err(
                    example.error(format!("pattern `{id}`: in \"{line}\" `{name}` is \"{found}\" and not \"{value}\""))
                );
            }
        }
    }
    for example in negative {
        let line = example.text()?;
        if pattern.groups(&mark(line)).is_some() {
            return Err(example.error(format!("pattern `{id}` matches \"{line}\", which it must not")));
        }
    }
    Ok(())
}
