//! Gives a brain back: in its own format, or as a table of factoids that this and other programs read.

use std::io::{self, Write};
use std::path::Path;

use super::model::{Cell, Row};
use super::{Brain, Container, sql, sqlite};

/// The columns of a table of factoids.
const COLUMNS: [&str; 7] = ["key", "verb", "value", "author", "at", "channel", "asked"];

impl Brain {
    /// Writes the brain in its own format to a new file.
    ///
    /// # Errors
    /// What writing says.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        if self.container == Container::Sqlite {
            return sqlite::write(path, &self.tables, &self.rows).map_err(io::Error::other);
        }
        let mut out = io::BufWriter::new(std::fs::File::create(path)?);
        text(self, &mut out)?;
        out.flush()
    }

    /// Writes the brain in its own format; an SQLite file can only be written with [`Brain::write`].
    ///
    /// # Errors
    /// What writing says.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        text(self, out)
    }

    /// Whether its own format is text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.container != Container::Sqlite
    }

    /// Writes the factoids as a table with tabs: key, verb, value, author, time, channel, count. What this program
    /// reads of it is what it had.
    ///
    /// # Errors
    /// What writing says.
    pub fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", COLUMNS.join("\t"))?;
        for factoid in &self.factoids {
            let fields = [
                factoid.key.clone(),
                factoid.verb.as_str().to_owned(),
                factoid.value.clone(),
                factoid.author.clone().unwrap_or_default(),
                factoid.at.map(|at| at.to_string()).unwrap_or_default(),
                factoid.place.clone().unwrap_or_default(),
                factoid.asked.map(|asked| asked.to_string()).unwrap_or_default(),
            ];
            let fields: Vec<String> = fields.iter().map(|field| escaped(field)).collect();
            writeln!(out, "{}", fields.join("\t"))?;
        }
        Ok(())
    }
}

/// Writes a brain whose own format is text.
pub(super) fn text(brain: &Brain, out: &mut dyn Write) -> io::Result<()> {
    match brain.container {
        Container::Sqlite => Err(io::Error::other("an SQLite file needs a path: quid export NAME --output PATH")),
        Container::Sql { mysql } => statements(brain, mysql, out),
        Container::Lines => {
            for row in &brain.rows {
                out.write_all(&bytes_of(row.cell(0)))?;
                out.write_all(b"\n")?;
            }
            Ok(())
        }
        Container::Bars => {
            let columns = brain.tables.first().map(|table| table.columns.join(" | ")).unwrap_or_default();
            writeln!(out, "{columns}")?;
            for row in &brain.rows {
                let cells: Vec<String> = row.cells.iter().map(|cell| cell.text().unwrap_or_default()).collect();
                writeln!(out, "{}", cells.join(" | "))?;
            }
            Ok(())
        }
        Container::Json => {
            let entries: Vec<String> = brain.rows.iter().filter_map(|row| row.cell(0).text()).collect();
            writeln!(out, "[\n{}\n]", entries.join(",\n"))
        }
        Container::Table { separator, header } => {
            let columns = brain.tables.first().map(|table| table.columns.as_slice()).unwrap_or_default();
            if header {
                let cells: Vec<Cell> = columns.iter().map(|column| Cell::Text(column.clone())).collect();
                record(&cells, separator, out)?;
            }
            brain.rows.iter().try_for_each(|row| record(&row.cells, separator, out))
        }
    }
}

fn statements(brain: &Brain, mysql: bool, out: &mut dyn Write) -> io::Result<()> {
    let quote = if mysql { '`' } else { '"' };
    let quoted = |name: &str| format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")));
    for (at, table) in brain.tables.iter().enumerate() {
        for definition in &table.definitions {
            writeln!(out, "{definition}")?;
        }
        let mut rows = brain.rows.iter().filter(|row| row.table == at).peekable();
        if rows.peek().is_none() {
            continue;
        }
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
        writeln!(out, "INSERT INTO {} ({}) VALUES", quoted(&table.name), columns.join(", "))?;
        while let Some(row) = rows.next() {
            values(row, table.columns.len(), mysql, out)?;
            writeln!(out, "{}", if rows.peek().is_some() { "," } else { ";" })?;
        }
    }
    Ok(())
}

fn values(row: &Row, width: usize, mysql: bool, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"(")?;
    for at in 0..width {
        if at > 0 {
            out.write_all(b", ")?;
        }
        out.write_all(&sql::literal(row.cell(at), mysql))?;
    }
    out.write_all(b")")
}

fn record(cells: &[Cell], separator: u8, out: &mut dyn Write) -> io::Result<()> {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.write_all(&[separator])?;
        }
        let bytes = bytes_of(cell);
        if separator == b'\t' {
            for byte in bytes {
                out.write_all(match byte {
                    b'\t' => b"\\t",
                    b'\n' => b"\\n",
                    b'\r' => b"\\r",
                    b'\\' => b"\\\\",
                    _ => std::slice::from_ref(&byte),
                })?;
            }
        } else if bytes.iter().any(|byte| *byte == separator || matches!(byte, b'"' | b'\n' | b'\r')) {
            out.write_all(b"\"")?;
            for byte in bytes {
                out.write_all(if byte == b'"' { b"\"\"" } else { std::slice::from_ref(&byte) })?;
            }
            out.write_all(b"\"")?;
        } else {
            out.write_all(&bytes)?;
        }
    }
    out.write_all(b"\n")
}

/// A field between tabs.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

fn bytes_of(cell: &Cell) -> Vec<u8> {
    match cell {
        Cell::Raw(bytes) | Cell::Blob(bytes) => bytes.clone(),
        other => other.text().unwrap_or_default().into_bytes(),
    }
}
