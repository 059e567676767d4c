//! Reads every table of an SQLite file, and writes one.
//!
//! The file is somebody else's: it is opened so that nothing in it can run or be written (immutable, no trusted
//! schema), and views, triggers and virtual tables are left alone.

use std::path::Path;

use quid_core::text::percent_encode;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, ToSql};

use super::model::{Cell, Row, Table};
use super::{Fault, Skipped};

/// How every SQLite 3 file begins.
pub(super) const HEAD: &[u8] = b"SQLite format 3\0";

/// Reads all tables with all rows. A row that is damaged ends its table; what was read before it is kept.
pub(super) fn read(path: &Path, skipped: &mut Skipped) -> Result<(Vec<Table>, Vec<Row>), Fault> {
    let broken = |error: rusqlite::Error| Fault {
        line: 0,
        column: 0,
        message: format!("it cannot be read as SQLite: {error}"),
        expected: "an undamaged database (sqlite3 FILE .recover may help)".to_owned(),
    };
    let parts = path.to_string_lossy();
    let name: Vec<String> = parts.split('/').map(percent_encode).collect();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = Connection::open_with_flags(format!("file:{}?immutable=1", name.join("/")), flags).map_err(broken)?;
    for setting in ["trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"] {
        file.execute_batch(&format!("PRAGMA {setting}")).map_err(broken)?;
    }
    let mut tables: Vec<Table> = Vec::new();
    let mut indexes: Vec<(String, String)> = Vec::new();
    let mut schema = file
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        .map_err(broken)?;
    let mut found = schema.query([]).map_err(broken)?;
    while let Some(row) = found.next().map_err(broken)? {
        let text = |at: usize| row.get::<_, String>(at).map_err(broken);
        let (kind, name, table, sql) = (text(0)?, text(1)?, text(2)?, text(3)?);
        let is_virtual = sql.to_ascii_lowercase().starts_with("create virtual");
        match kind.as_str() {
            "table" if !is_virtual && !name.starts_with("sqlite_") => {
                tables.push(Table { name, columns: Vec::new(), definitions: vec![sql] });
            }
            "index" => indexes.push((table, sql)),
            _ => {}
        }
    }
    let mut rows = Vec::new();
    for (at, table) in tables.iter_mut().enumerate() {
        table.definitions.extend(indexes.iter().filter(|(of, _)| *of == table.name).map(|(_, sql)| sql.clone()));
        read_table(&file, at, table, &mut rows).unwrap_or_else(|error| {
            skipped.add(Fault {
                line: 0,
                column: 0,
                message: format!("table {} cannot be read to its end: {error}", table.name),
                expected: "an undamaged database (sqlite3 FILE .recover may help)".to_owned(),
            });
        });
    }
    Ok((tables, rows))
}

fn read_table(file: &Connection, at: usize, table: &mut Table, rows: &mut Vec<Row>) -> rusqlite::Result<()> {
    let mut all = file.prepare(&format!("SELECT * FROM {}", quoted(&table.name)))?;
    table.columns = all.column_names().iter().map(|&name| name.to_owned()).collect();
    let width = table.columns.len();
    let mut found = all.query([])?;
    while let Some(row) = found.next()? {
        let cells = (0..width).map(|column| row.get_ref(column).map(cell)).collect::<rusqlite::Result<_>>()?;
        rows.push(Row { table: at, cells });
    }
    Ok(())
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) => Cell::of_bytes(text),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
    }
}

/// Writes a new file with these tables.
pub(super) fn write(path: &Path, tables: &[Table], rows: &[Row]) -> rusqlite::Result<()> {
    let mut file = Connection::open(path)?;
    let change = file.transaction()?;
    for (at, table) in tables.iter().enumerate() {
        let mut definitions = table.definitions.iter();
        match definitions.next() {
            Some(sql) => change.execute(sql, []).map(|_| ())?,
            None => {
                let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
                let sql = format!("CREATE TABLE {} ({})", quoted(&table.name), columns.join(", "));
                change.execute(&sql, []).map(|_| ())?;
            }
        }
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
        let marks = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", quoted(&table.name), columns.join(", "));
        let mut insert = change.prepare(&sql)?;
        for row in rows.iter().filter(|row| row.table == at) {
            let texts: Vec<Box<dyn ToSql>> = (0..columns.len()).map(|column| bound(row.cell(column))).collect();
            let texts: Vec<&dyn ToSql> = texts.iter().map(AsRef::as_ref).collect();
            insert.execute(texts.as_slice())?;
        }
        drop(insert);
        for sql in definitions {
            change.execute(sql, []).map(|_| ())?;
        }
    }
    change.commit()
}

fn bound(cell: &Cell) -> Box<dyn ToSql> {
    match cell {
        Cell::Null => Box::new(rusqlite::types::Null),
        Cell::Integer(number) => Box::new(*number),
        Cell::Real(number) => Box::new(*number),
        Cell::Text(text) => Box::new(text.clone()),
        Cell::Raw(_) => Box::new(cell.text()),
        Cell::Blob(bytes) => Box::new(bytes.clone()),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
