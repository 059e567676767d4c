//! Reads the rows of an SQL dump: MySQL's, phpMyAdmin's, SQLite's and PostgreSQL's.
//!
//! Only what dumps consist of is understood (`CREATE TABLE`, `INSERT … VALUES`, `COPY … FROM stdin`); everything
//! else is stepped over. A row that cannot be read costs that row: reading goes on at the next line.

use super::model::{Cell, Row, Table};
use super::{Fault, Skipped};

/// Words after which a column list says something else than a column.
const NO_COLUMN: [&str; 9] =
    ["primary", "key", "unique", "constraint", "index", "foreign", "check", "fulltext", "exclude"];

/// Reads a whole dump into tables and rows.
pub(super) fn read(bytes: &[u8], skipped: &mut Skipped) -> (Vec<Table>, Vec<Row>) {
    let mut reader = Reader { bytes, at: 0, backslash: is_mysql(bytes), tables: Vec::new(), rows: Vec::new() };
    while reader.statement(skipped) {}
    (reader.tables, reader.rows)
}

/// Whether text looks like an SQL dump.
pub(super) fn recognise(bytes: &[u8]) -> bool {
    let mut reader = Reader { bytes, at: 0, backslash: false, tables: Vec::new(), rows: Vec::new() };
    reader.blank();
    // Settings come first in many dumps; the first statement that matters follows soon.
    for _ in 0..64 {
        match reader.word().to_ascii_lowercase().as_str() {
            "create" | "insert" | "copy" => return true,
            "set" | "begin" | "start" | "pragma" | "drop" | "use" | "lock" | "commit" | "alter" | "select"
            | "replace" => {
                reader.skip_statement();
                reader.blank();
            }
            "" if reader.take(b';') => reader.blank(),
            _ => return false,
        }
    }
    false
}

/// MySQL escapes with backslashes in strings; the others do not. It says so itself, or quotes its names with "`".
pub(super) fn is_mysql(bytes: &[u8]) -> bool {
    let head = bytes.get(..4096).unwrap_or(bytes);
    let before_texts = bytes.split(|byte| *byte == b'\'').next().unwrap_or_default();
    find(head, b"MySQL").is_some() || find(head, b"/*!").is_some() || before_texts.contains(&b'`')
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    backslash: bool,
    tables: Vec<Table>,
    rows: Vec<Row>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn looking_at(&self, text: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text))
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over white space and comments.
    fn blank(&mut self) {
        loop {
            while self
                .peek()
                .is_some_and(|byte| byte.is_ascii_whitespace() || byte == 0xef || byte == 0xbb || byte == 0xbf)
            {
                self.at += 1;
            }
            if self.looking_at(b"--") || self.looking_at(b"#") {
                self.at = self.end_of_line();
            } else if self.looking_at(b"/*") {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                self.at = find(rest, b"*/").map_or(self.bytes.len(), |end| self.at + end + 2);
            } else {
                return;
            }
        }
    }

    fn end_of_line(&self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |end| self.at + end + 1)
    }

    /// A bare word; empty when there is none.
    fn word(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80) {
            self.at += 1;
        }
        String::from_utf8_lossy(self.bytes.get(start..self.at).unwrap_or_default()).into_owned()
    }

    /// A name, quoted or not, without its schema.
    fn name(&mut self) -> Option<String> {
        loop {
            self.blank();
            let name = match self.peek()? {
                quote @ (b'`' | b'"') => self.quoted(quote)?,
                b'[' => self.quoted(b']')?,
                _ => Some(self.word()).filter(|word| !word.is_empty())?,
            };
            if !self.take(b'.') {
                return Some(name);
            }
        }
    }

    /// What stands up to the closing quote; a doubled quote is one.
    fn quoted(&mut self, close: u8) -> Option<String> {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            let byte = self.peek()?;
            self.at += 1;
            if byte == close {
                if !self.take(close) {
                    return Some(String::from_utf8_lossy(&text).into_owned());
                }
                text.push(close);
            } else {
                text.push(byte);
            }
        }
    }

    /// To behind the semicolon that ends this statement.
    fn skip_statement(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b';' => {
                    self.at += 1;
                    return;
                }
                b'\'' => {
                    if self.string().is_none() {
                        self.at += 1;
                    }
                }
                b'`' | b'"' => {
                    let before = self.at;
                    if self.quoted(byte).is_none() {
                        self.at = before + 1;
                    }
                }
                b'-' | b'#' | b'/' => {
                    let before = self.at;
                    self.blank();
                    self.at += usize::from(self.at == before);
                }
                _ => self.at += 1,
            }
        }
    }

    /// One statement; false at the end.
    fn statement(&mut self, skipped: &mut Skipped) -> bool {
        self.blank();
        let start = self.at;
        if self.take(b';') {
            return true;
        }
        if self.peek().is_none() {
            return false;
        }
        let done = match self.word().to_ascii_lowercase().as_str() {
            "create" => self.create(start),
            "insert" | "replace" => self.insert(skipped),
            "copy" => self.copy(skipped),
            _ => None,
        };
        if done.is_none() {
            self.skip_statement();
        }
        // Whatever happens, it goes on.
        self.at = self.at.max(start + 1);
        true
    }

    /// `CREATE TABLE name (columns)`, kept as it is written.
    fn create(&mut self, start: usize) -> Option<()> {
        self.blank();
        let mut word = self.word().to_ascii_lowercase();
        while matches!(word.as_str(), "temp" | "temporary" | "unlogged") {
            self.blank();
            word = self.word().to_ascii_lowercase();
        }
        if word != "table" {
            return None;
        }
        self.blank();
        for word in ["if", "not", "exists"] {
            let before = self.at;
            if !self.word().eq_ignore_ascii_case(word) {
                self.at = before;
                break;
            }
            self.blank();
        }
        let name = self.name()?;
        self.blank();
        if !self.take(b'(') {
            return None;
        }
        let mut columns = Vec::new();
        let mut depth = 1_usize;
        let mut at_start = true;
        while depth > 0 {
            self.blank();
            if at_start {
                at_start = false;
                let quoted = matches!(self.peek(), Some(b'`' | b'"' | b'['));
                let before = self.at;
                match self.name() {
                    Some(name) if quoted || !NO_COLUMN.contains(&name.to_ascii_lowercase().as_str()) => {
                        columns.push(name);
                    }
                    Some(_) => {}
                    None => self.at = before,
                }
                continue;
            }
            match self.peek()? {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b',' if depth == 1 => at_start = true,
                b'\'' => {
                    self.string()?;
                    continue;
                }
                quote @ (b'`' | b'"') => {
                    self.quoted(quote)?;
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.skip_statement();
        let text = String::from_utf8_lossy(self.bytes.get(start..self.at).unwrap_or_default()).into_owned();
        let at = self.table(&name);
        if let Some(table) = self.tables.get_mut(at) {
            table.definitions.push(text);
            if table.columns.is_empty() {
                table.columns = columns;
            }
        }
        Some(())
    }

    fn table(&mut self, name: &str) -> usize {
        let known = self.tables.iter().position(|table| table.name == name);
        known.unwrap_or_else(|| {
            self.tables.push(Table { name: name.to_owned(), ..Table::default() });
            self.tables.len() - 1
        })
    }

    /// The column list of an `INSERT` or `COPY`, when there is one.
    fn columns(&mut self) -> Option<Listed> {
        self.blank();
        if !self.take(b'(') {
            return Some(Listed::Nothing);
        }
        let mut columns = Vec::new();
        loop {
            columns.push(self.name()?);
            self.blank();
            if self.take(b')') {
                return Some(Listed::Columns(columns));
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    /// The table, and for each of the listed columns its place in the table.
    fn target(&mut self) -> Option<(usize, Option<Vec<usize>>)> {
        let name = self.name()?;
        let listed = match self.columns()? {
            Listed::Nothing => None,
            Listed::Columns(columns) => Some(columns),
        };
        let at = self.table(&name);
        let table = self.tables.get_mut(at)?;
        let places = listed.map(|listed| {
            listed
                .into_iter()
                .map(|column| {
                    table.column(&column).unwrap_or_else(|| {
                        table.columns.push(column);
                        table.columns.len() - 1
                    })
                })
                .collect()
        });
        Some((at, places))
    }

    /// `INSERT INTO table (columns) VALUES (…), (…);`
    fn insert(&mut self, skipped: &mut Skipped) -> Option<()> {
        loop {
            self.blank();
            let word = self.word().to_ascii_lowercase();
            match word.as_str() {
                "into" => break,
                "ignore" | "or" | "replace" | "low_priority" | "delayed" | "high_priority" => {}
                _ => return None,
            }
        }
        let (table, places) = self.target()?;
        self.blank();
        if !self.word().eq_ignore_ascii_case("values") {
            return None;
        }
        loop {
            self.blank();
            let start = self.at;
            match self.tuple() {
                Ok(cells) => {
                    let width = self.tables.get(table).map_or(0, |table| table.columns.len());
                    let expected = places.as_ref().map_or(width, Vec::len);
                    if expected == 0 && places.is_none() {
                        // Nobody named the columns: they go by number.
                        if let Some(table) = self.tables.get_mut(table) {
                            table.columns = (1..=cells.len()).map(|at| format!("column{at}")).collect();
                        }
                        self.rows.push(Row { table, cells });
                    } else if cells.len() == expected {
                        let cells = match &places {
                            None => cells,
                            Some(places) => spread(cells, places, width),
                        };
                        self.rows.push(Row { table, cells });
                    } else {
                        let message = format!("{} values for {expected} columns", cells.len());
                        skipped.add(self.fault(start, &message, "as many values as columns"));
                    }
                }
                Err(what) => {
                    skipped.add(self.fault(self.at.min(self.bytes.len()), what, "a row of values: (1, 'text', NULL)"));
                    self.at = start;
                    if !self.next_row() {
                        return Some(());
                    }
                    continue;
                }
            }
            self.blank();
            if !self.take(b',') {
                self.take(b';');
                return Some(());
            }
        }
    }

    /// After a damaged row: to the next line that begins a row; false when a statement begins first.
    fn next_row(&mut self) -> bool {
        loop {
            self.at = self.end_of_line();
            let Some(byte) = self.peek() else { return false };
            if byte == b'(' {
                return true;
            }
            let before = self.at;
            let word = self.word().to_ascii_lowercase();
            self.at = before;
            if matches!(word.as_str(), "insert" | "replace" | "create" | "copy" | "commit") {
                return false;
            }
        }
    }

    /// `(value, value, …)`
    fn tuple(&mut self) -> Result<Vec<Cell>, &'static str> {
        if !self.take(b'(') {
            return Err("no row begins here");
        }
        let mut cells = Vec::new();
        loop {
            self.blank();
            cells.push(self.value()?);
            self.blank();
            if self.take(b')') {
                return Ok(cells);
            }
            if !self.take(b',') {
                return Err("no comma between two values");
            }
        }
    }

    fn value(&mut self) -> Result<Cell, &'static str> {
        match self.peek() {
            Some(b'\'') => self.string().map(|text| Cell::of_bytes(&text)).ok_or("an unterminated string"),
            Some(b'"') if self.backslash => self.quoted(b'"').map(Cell::Text).ok_or("an unterminated string"),
            Some(b'0'..=b'9' | b'-' | b'+' | b'.') => self.number(),
            _ => {
                let word = self.word();
                match word.to_ascii_lowercase().as_str() {
                    "null" => Ok(Cell::Null),
                    "true" => Ok(Cell::Integer(1)),
                    "false" => Ok(Cell::Integer(0)),
                    "x" if self.peek() == Some(b'\'') => {
                        let digits = self.string().ok_or("an unterminated string")?;
                        hex(&digits).map(Cell::Blob).ok_or("bytes that are not hexadecimal")
                    }
                    "e" if self.peek() == Some(b'\'') => {
                        let before = std::mem::replace(&mut self.backslash, true);
                        let text = self.string();
                        self.backslash = before;
                        text.map(|text| Cell::of_bytes(&text)).ok_or("an unterminated string")
                    }
                    _ => Err("neither a string, a number nor NULL"),
                }
            }
        }
    }

    fn number(&mut self) -> Result<Cell, &'static str> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')) {
            self.at += 1;
        }
        let text = std::str::from_utf8(self.bytes.get(start..self.at).unwrap_or_default()).unwrap_or_default();
        if let Some(digits) = text.strip_prefix("0x") {
            return hex(digits.as_bytes()).map(Cell::Blob).ok_or("bytes that are not hexadecimal");
        }
        if let Ok(number) = text.parse::<i64>() {
            return Ok(Cell::Integer(number));
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Cell::Real(number)),
            _ => Err("a number that is none"),
        }
    }

    /// A string in single quotes; `None` when it does not end.
    fn string(&mut self) -> Option<Vec<u8>> {
        let before = self.at;
        self.at += 1;
        let mut text = Vec::new();
        loop {
            let Some(byte) = self.peek() else {
                self.at = before;
                return None;
            };
            self.at += 1;
            match byte {
                b'\'' if self.take(b'\'') => text.push(b'\''),
                b'\'' => return Some(text),
                b'\\' if self.backslash => {
                    let Some(escaped) = self.peek() else {
                        self.at = before;
                        return None;
                    };
                    self.at += 1;
                    text.push(match escaped {
                        b'n' => b'\n',
                        b't' => b'\t',
                        b'r' => b'\r',
                        b'0' => 0,
                        b'b' => 8,
                        b'Z' => 26,
                        other => other,
                    });
                }
                other => text.push(other),
            }
        }
    }

    /// PostgreSQL's `COPY table (columns) FROM stdin;`, its lines up to `\.`
    fn copy(&mut self, skipped: &mut Skipped) -> Option<()> {
        let (table, places) = self.target()?;
        self.blank();
        if !self.word().eq_ignore_ascii_case("from") {
            return None;
        }
        self.blank();
        if !self.word().eq_ignore_ascii_case("stdin") {
            return None;
        }
        self.at = self.end_of_line();
        let width = self.tables.get(table).map_or(0, |table| table.columns.len());
        let expected = places.as_ref().map_or(width, Vec::len);
        while self.peek().is_some() {
            let start = self.at;
            self.at = self.end_of_line();
            let line = self.bytes.get(start..self.at).unwrap_or_default();
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line == b"\\." {
                return Some(());
            }
            let cells: Vec<Cell> = line.split(|byte| *byte == b'\t').map(copied).collect();
            if cells.len() == expected {
                let cells = match &places {
                    None => cells,
                    Some(places) => spread(cells, places, width),
                };
                self.rows.push(Row { table, cells });
            } else {
                let message = format!("{} values for {expected} columns", cells.len());
                skipped.add(self.fault(start, &message, "as many values as columns"));
            }
        }
        Some(())
    }

    fn fault(&self, at: usize, message: &str, expected: &str) -> Fault {
        let before = self.bytes.get(..at).unwrap_or(self.bytes);
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        Fault { line, column, message: message.to_owned(), expected: expected.to_owned() }
    }
}

/// The columns that stand behind a table's name.
enum Listed {
    Nothing,
    Columns(Vec<String>),
}

/// Cells of listed columns in the order of the table's.
fn spread(cells: Vec<Cell>, places: &[usize], width: usize) -> Vec<Cell> {
    let mut row = vec![Cell::Null; width];
    for (cell, place) in cells.into_iter().zip(places) {
        if let Some(slot) = row.get_mut(*place) {
            *slot = cell;
        }
    }
    row
}

/// A field of `COPY`.
fn copied(field: &[u8]) -> Cell {
    if field == b"\\N" {
        return Cell::Null;
    }
    let mut text = Vec::with_capacity(field.len());
    let mut rest = field.iter();
    while let Some(&byte) = rest.next() {
        text.push(if byte == b'\\' {
            match rest.next() {
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                Some(b'r') => b'\r',
                Some(other) => *other,
                None => b'\\',
            }
        } else {
            byte
        });
    }
    Cell::of_bytes(&text)
}

/// Bytes from hexadecimal digits.
pub(super) fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| match pair {
            [_, _] => u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok(),
            _ => None,
        })
        .collect()
}

/// The first place of a text in a longer one.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// A cell as an SQL literal, in the dialect of the dump it came from.
pub(super) fn literal(cell: &Cell, mysql: bool) -> Vec<u8> {
    let quoted = |bytes: &[u8]| {
        let mut out = vec![b'\''];
        for &byte in bytes {
            match byte {
                b'\'' => out.extend(b"''"),
                b'\\' if mysql => out.extend(b"\\\\"),
                0 if mysql => out.extend(b"\\0"),
                byte => out.push(byte),
            }
        }
        out.push(b'\'');
        out
    };
    match cell {
        Cell::Null => b"NULL".to_vec(),
        Cell::Integer(number) => number.to_string().into_bytes(),
        Cell::Real(number) => format!("{number:?}").into_bytes(),
        Cell::Text(text) => quoted(text.as_bytes()),
        Cell::Raw(bytes) => quoted(bytes),
        Cell::Blob(bytes) => {
            let digits = crate::source::hexadecimal(bytes);
            format!("X'{digits}'").into_bytes()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> (Vec<String>, Vec<String>) {
        let mut skipped = Skipped::default();
        let (tables, rows) = read(sql.as_bytes(), &mut skipped);
        let told = |row: &Row| {
            let cells: Vec<String> = row.cells.iter().map(|cell| format!("{cell:?}")).collect();
            let name = tables.get(row.table).map_or("", |table| table.name.as_str());
            format!("{name}({})", cells.join(" "))
        };
        let faults = skipped.faults.iter().map(|fault| format!("{}:{} {}", fault.line, fault.column, fault.message));
        (rows.iter().map(told).collect(), faults.collect())
    }

    #[test]
    fn rows_are_read_in_every_dialect() {
        for (sql, expected) in [
            (
                "INSERT INTO `a` (`x`, `y`) VALUES (1, 'it\\'s'), (-2.5, NULL);",
                &["a(Integer(1) Text(\"it's\"))", "a(Real(-2.5) Null)"][..],
            ),
            ("INSERT INTO a VALUES(1,'it''s \\n');", &["a(Integer(1) Text(\"it's \\\\n\"))"]),
            (
                "CREATE TABLE a (x int, PRIMARY KEY (x), y text);\nINSERT INTO \"a\" (y) VALUES ('b');",
                &["a(Null Text(\"b\"))"],
            ),
            (
                "-- a dump\n/* ; */ # and\nINSERT INTO main.a VALUES (X'0aff', TRUE, 0x0A);",
                &["a(Blob([10, 255]) Integer(1) Blob([10]))"],
            ),
            (
                "COPY a (x, y) FROM stdin;\n1\ta\\tb\n\\N\tc\n\\.\n",
                &["a(Text(\"1\") Text(\"a\\tb\"))", "a(Null Text(\"c\"))"],
            ),
            ("DROP TABLE a; SELECT 'x;y'; INSERT INTO a VALUES ('é;)');", &["a(Text(\"é;)\"))"]),
            ("", &[]),
            (";;;", &[]),
            ("'", &[]),
            ("INSERT INTO a VALUES (", &[]),
        ] {
            assert_eq!(texts(sql).0, expected, "{sql}");
        }
    }

    #[test]
    fn a_damaged_row_costs_that_row() {
        let sql = "INSERT INTO `f` (`k`, `v`) VALUES\n('a', 'b'),\n('c', 'd),\n('e', 'f'),\n('g'),\n('h', now()),\n('i', 'j');";
        let (rows, faults) = texts(sql);
        let kept = ["f(Text(\"a\") Text(\"b\"))", "f(Text(\"e\") Text(\"f\"))", "f(Text(\"i\") Text(\"j\"))"];
        assert_eq!(rows, kept, "{faults:?}");
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults.iter().any(|fault| fault.starts_with("5:1 1 values for 2")), "{faults:?}");
    }
}
