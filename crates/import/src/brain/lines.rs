//! Brains kept as lines of text: infobot's `key => value`, rbot's facts, tables with tabs or commas.
//!
//! These files were written by programs and mended by people, so whatever a line does not follow is named and
//! skipped, and everything else is kept.

use super::columns::{Role, roles};
use super::model::{Cell, Factoid, Row, Table, Verb};
use super::{Fault, Skipped};

/// Lines looked at to recognise a format.
const LOOKED_AT: usize = 50;

/// The lines of a file with their numbers, without their ends; empty ones are left out.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .enumerate()
        .filter(|(_, line)| !line.iter().all(u8::is_ascii_whitespace))
        .map(|(at, line)| (at + 1, line))
}

fn text_of(bytes: &[u8]) -> String {
    Cell::of_bytes(bytes).text().unwrap_or_default()
}

/// Most lines of the beginning pass.
fn mostly(bytes: &[u8], passes: impl Fn(&[u8]) -> bool) -> bool {
    let looked_at: Vec<bool> = lines(bytes)
        .filter(|(_, line)| !line.starts_with(b"#"))
        .take(LOOKED_AT)
        .map(|(_, line)| passes(line))
        .collect();
    let good = looked_at.iter().filter(|passed| **passed).count();
    good > 0 && good * 3 >= looked_at.len() * 2
}

/// What stands between key and value of infobot's lines.
const ARROWS: [&str; 2] = ["=>", "->"];

/// Splits `key => value`; the first arrow counts, unless another stands nearer to the start.
fn split_at_arrow(line: &str) -> Option<(&str, &'static str, &str)> {
    ARROWS
        .iter()
        .filter_map(|arrow| line.find(arrow).map(|at| (at, *arrow)))
        .min()
        .map(|(at, arrow)| (&line[..at], arrow, &line[at + arrow.len()..]))
        .filter(|(key, _, value)| !key.trim().is_empty() && !value.trim().is_empty())
}

/// Whether this is an infobot's text dump.
pub(super) fn is_infobot(bytes: &[u8]) -> bool {
    mostly(bytes, |line| split_at_arrow(&text_of(line)).is_some())
}

/// infobot's `.fact` files: `key => value`; its `are` database is a file of its own, told by the file's name.
pub(super) fn infobot(bytes: &[u8], verb: &Verb, skipped: &mut Skipped) -> (Vec<Table>, Vec<Row>, Vec<Factoid>) {
    let table = Table::named("facts", &["line"]);
    let (mut rows, mut factoids) = (Vec::new(), Vec::new());
    for (number, line) in lines(bytes) {
        let cell = Cell::of_bytes(line);
        let text = cell.text().unwrap_or_default();
        if text.starts_with('#') && split_at_arrow(&text).is_none() {
            rows.push(Row { table: 0, cells: vec![cell] });
            continue;
        }
        let Some((key, _, value)) = split_at_arrow(&text) else {
            skipped.add(Fault::new(number, 1, "no key and value in this line", "key => value"));
            continue;
        };
        // infobot itself wrote "foo is" or "foo are" into the key of some dumps; the verb is kept, not the word.
        factoids.push(Factoid::plain(rows.len(), key.trim().to_owned(), verb.clone(), value.trim().to_owned()));
        rows.push(Row { table: 0, cells: vec![cell] });
    }
    (vec![table], rows, factoids)
}

/// What stands between the fields of rbot's facts.
const BAR: &str = " | ";

/// Whether this is rbot's file of facts: its first line names the fields, the last of which is the fact.
pub(super) fn is_rbot(bytes: &[u8]) -> bool {
    let Some((_, first)) = lines(bytes).next() else { return false };
    text_of(first).split(BAR).last().is_some_and(|last| last.trim() == "fact")
}

/// rbot's facts are whole sentences; their key is what stands before the first verb.
pub(super) fn rbot(bytes: &[u8], skipped: &mut Skipped) -> (Vec<Table>, Vec<Row>, Vec<Factoid>) {
    let mut all = lines(bytes);
    let Some((_, header)) = all.next() else { return (Vec::new(), Vec::new(), Vec::new()) };
    let columns: Vec<String> = text_of(header).split(BAR).map(|name| name.trim().to_owned()).collect();
    let table = Table { name: "facts".to_owned(), columns, definitions: Vec::new() };
    let (mut rows, mut factoids) = (Vec::new(), Vec::new());
    for (number, line) in all {
        let text = text_of(line);
        let fields: Vec<&str> = text.splitn(table.columns.len(), BAR).collect();
        if fields.len() != table.columns.len() {
            let message = format!("{} fields where there are {}", fields.len(), table.columns.len());
            skipped.add(Fault::new(number, 1, message, table.columns.join(BAR)));
            continue;
        }
        let field = |name: &str| {
            let at = table.column(name);
            at.and_then(|at| fields.get(at)).map(|field| field.trim()).filter(|field| !field.is_empty())
        };
        let row = rows.len();
        rows.push(Row { table: 0, cells: fields.iter().map(|field| Cell::Text((*field).to_owned())).collect() });
        let Some((key, verb, value)) = field("fact").and_then(sentence) else {
            skipped.add(Fault::new(number, 1, "a fact without a verb", "X is Y"));
            continue;
        };
        let mut factoid = Factoid::plain(row, key, verb, value);
        field("fact").unwrap_or_default().clone_into(&mut factoid.original);
        factoid.author = field("who").map(str::to_owned);
        factoid.at = field("when").and_then(super::time::parse);
        factoid.place = field("where").map(str::to_owned);
        factoids.push(factoid.verbatim());
    }
    (vec![table], rows, factoids)
}

/// Which words part a sentence.
const WORDS: &str = include_str!("../../../../data/brains/sentences.tsv");

/// Whether a word is listed under this kind.
fn is_listed(kind: &str, word: &str) -> bool {
    let word = word.to_lowercase();
    WORDS.lines().any(|line| {
        let mut fields = line.split('\t');
        fields.next() == Some(kind) && fields.any(|listed| listed == word)
    })
}

/// "the sky is blue": key, verb, value. The article is no part of the key.
fn sentence(fact: &str) -> Option<(String, Verb, String)> {
    let words: Vec<&str> = fact.split_whitespace().collect();
    let at = words.iter().position(|word| is_listed("verb", word))?;
    let (mut key, rest) = words.split_at(at);
    if let [first, others @ ..] = key
        && !others.is_empty()
        && is_listed("article", first)
    {
        key = others;
    }
    let (verb, value) = rest.split_first()?;
    if key.is_empty() || value.is_empty() {
        return None;
    }
    Some((key.join(" "), Verb::of(&verb.to_ascii_lowercase()), value.join(" ")))
}

/// The separators of tables, tabs before commas.
const SEPARATORS: [u8; 3] = *b"\t,;";

/// A table's separator, when its first line says by name where the keys and the values are.
pub(super) fn named_separator(bytes: &[u8]) -> Option<u8> {
    let first = text_of(lines(bytes).next()?.1);
    SEPARATORS.into_iter().find(|separator| {
        let unquoted = |name: &str| name.trim_matches('"').to_owned();
        let found = roles(&first.split(char::from(*separator)).map(unquoted).collect::<Vec<_>>());
        found.contains_key(&Role::Key) && found.contains_key(&Role::Value)
    })
}

/// A table's separator, when this is a table.
pub(super) fn separator(bytes: &[u8]) -> Option<u8> {
    SEPARATORS.into_iter().find(|separator| {
        let first = lines(bytes).next().map(|(_, line)| record_width(line, *separator));
        first.is_some_and(|width| width > 1) && mostly(bytes, |line| record_width(line, *separator) > 1)
    })
}

fn record_width(line: &[u8], separator: u8) -> usize {
    let mut quoted = false;
    let mut width = 1;
    for &byte in line {
        quoted ^= byte == b'"' && separator != b'\t';
        width += usize::from(byte == separator && !quoted);
    }
    width
}

/// The columns of a table that has no header.
const UNNAMED: [&str; 7] = ["key", "value", "author", "at", "channel", "asked", "rest"];

/// A table of factoids with tabs or commas (RFC 4180) between its fields. Its first line may name the columns.
pub(super) fn table(bytes: &[u8], separator: u8, skipped: &mut Skipped) -> (Vec<Table>, Vec<Row>, bool) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut header = false;
    let mut records = Records { bytes, at: 0, line: 1, separator };
    let mut columns: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    while let Some((number, record)) = records.next(skipped) {
        let Some(known) = &columns else {
            let names: Vec<String> = record.iter().map(|cell| cell.text().unwrap_or_default()).collect();
            let found = roles(&names);
            if found.contains_key(&Role::Key) && found.contains_key(&Role::Value) {
                columns = Some(names);
                header = true;
            } else {
                let name = |at: usize| {
                    let known = UNNAMED.get(at).filter(|_| names.len() <= UNNAMED.len());
                    known.map_or_else(|| format!("column{}", at + 1), |name| (*name).to_owned())
                };
                let mut made: Vec<String> = (0..names.len()).map(name).collect();
                for (slot, known) in made.iter_mut().zip(UNNAMED.iter().take(2)) {
                    (*known).clone_into(slot);
                }
                columns = Some(made);
                rows.push(Row { table: 0, cells: record });
            }
            continue;
        };
        if record.len() < 2 || record.len() > known.len() {
            let message = format!("{} fields where there are {}", record.len(), known.len());
            skipped.add(Fault::new(number, 1, message, "as many fields as in the first line"));
            continue;
        }
        rows.push(Row { table: 0, cells: record });
    }
    let table = Table { name: "facts".to_owned(), columns: columns.unwrap_or_default(), definitions: Vec::new() };
    (vec![table], rows, header)
}

/// Reads records; a quoted field may hold line ends.
struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
    separator: u8,
}

impl Records<'_> {
    fn next(&mut self, skipped: &mut Skipped) -> Option<(usize, Vec<Cell>)> {
        while self.at < self.bytes.len() {
            let (start, number) = (self.at, self.line);
            let Some(fields) = self.record() else {
                skipped.add(Fault::new(number, 1, "a quotation mark that is not closed", "a field in quotation marks"));
                // The mark may stand for itself: the next line is read afresh.
                let rest = self.bytes.get(start..).unwrap_or_default();
                let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
                self.at = start + end;
                self.line = number + 1;
                continue;
            };
            if fields.iter().all(Vec::is_empty) {
                continue;
            }
            return Some((number, fields.iter().map(|field| Cell::of_bytes(field)).collect()));
        }
        None
    }

    fn record(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut fields = Vec::new();
        let mut field = Vec::new();
        let mut is_start = true;
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                fields.push(field);
                return Some(fields);
            };
            self.at += 1;
            match byte {
                b'"' if is_start && self.separator != b'\t' => self.quoted(&mut field)?,
                b'\n' => {
                    self.line += 1;
                    if field.last() == Some(&b'\r') {
                        field.pop();
                    }
                    fields.push(field);
                    return Some(fields);
                }
                b'\\' if self.separator == b'\t' => match self.bytes.get(self.at) {
                    Some(escaped @ (b't' | b'n' | b'r' | b'\\')) => {
                        self.at += 1;
                        field.push(match escaped {
                            b't' => b'\t',
                            b'n' => b'\n',
                            b'r' => b'\r',
                            other => *other,
                        });
                    }
                    _ => field.push(b'\\'),
                },
                byte if byte == self.separator => {
                    fields.push(std::mem::take(&mut field));
                    is_start = true;
                    continue;
                }
                byte => field.push(byte),
            }
            is_start = false;
        }
    }

    fn quoted(&mut self, field: &mut Vec<u8>) -> Option<()> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' if self.bytes.get(self.at) == Some(&b'"') => {
                    self.at += 1;
                    field.push(b'"');
                }
                b'"' => return Some(()),
                byte => {
                    self.line += usize::from(byte == b'\n');
                    field.push(byte);
                }
            }
        }
    }
}
