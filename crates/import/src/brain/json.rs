//! Brains kept as JSON: Ibid's factpacks, and the memory of the Model Context Protocol's memory server.
//!
//! Ibid: `[[[names …], [values …]], …]`. The memory server: one object a line, entities with observations and
//! relations between them.

use serde_json::Value;

use super::formats::said_by_ibid;
use super::model::{Cell, Factoid, Row, Table, Verb};
use super::{Fault, Skipped};

/// Whether this is a factpack.
pub(super) fn is_ibid(bytes: &[u8]) -> bool {
    let marks: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(3).collect();
    marks == b"[[["
}

/// Whether this is a memory: lines that say what type they are.
pub(super) fn is_memory(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.iter().all(u8::is_ascii_whitespace));
    let first = first.and_then(|line| serde_json::from_slice::<Value>(line).ok());
    first.is_some_and(|first| {
        matches!(first.get("type").and_then(Value::as_str), Some("entity" | "relation"))
            || (first.get("entities").is_some() && first.get("relations").is_some())
    })
}

/// Reads a factpack.
pub(super) fn ibid(bytes: &[u8], skipped: &mut Skipped) -> (Vec<Table>, Vec<Row>, Vec<Factoid>) {
    let table = Table::named("factpack", &["names and values"]);
    let (mut rows, mut factoids) = (Vec::new(), Vec::new());
    let whole: Vec<Value> = match serde_json::from_slice(bytes) {
        Ok(whole) => whole,
        Err(error) => {
            skipped.add(Fault::new(error.line(), error.column(), error.to_string(), "[[[names], [values]], …]"));
            return (vec![table], rows, factoids);
        }
    };
    for (at, entry) in whole.iter().enumerate() {
        let texts = |value: Option<&Value>| -> Option<Vec<String>> {
            let list = value?.as_array()?;
            list.iter().map(|text| text.as_str().map(str::to_owned)).collect()
        };
        let (Some(names), Some(values)) = (texts(entry.get(0)), texts(entry.get(1))) else {
            let message = format!("entry {} is not two lists of texts", at + 1);
            skipped.add(Fault::new(0, 0, message, "[[names], [values]]"));
            continue;
        };
        for name in &names {
            factoids.extend(values.iter().map(|value| said_by_ibid(rows.len(), name, value)));
        }
        rows.push(Row { table: 0, cells: vec![Cell::Text(entry.to_string())] });
    }
    (vec![table], rows, factoids)
}

/// Reads a memory. Observations are said as they stand, since they are whole phrases, not values.
pub(super) fn memory(bytes: &[u8], skipped: &mut Skipped) -> (Vec<Table>, Vec<Row>, Vec<Factoid>) {
    let table = Table::named("memory", &["line"]);
    let (mut rows, mut factoids) = (Vec::new(), Vec::new());
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let object: Value = match serde_json::from_slice(line) {
            Ok(object) => object,
            Err(error) => {
                skipped.add(Fault::new(at + 1, error.column(), error.to_string(), "one JSON object a line"));
                continue;
            }
        };
        let row = rows.len();
        let understood = if object.get("entities").is_some() {
            // Early versions kept the whole graph as one object.
            let each = |name: &str| object.get(name).and_then(Value::as_array).into_iter().flatten();
            each("entities").for_each(|entity| {
                said_of(row, entity, &mut factoids);
            });
            each("relations").for_each(|relation| {
                related(row, relation, &mut factoids);
            });
            true
        } else if object.get("type").and_then(Value::as_str) == Some("relation") {
            related(row, &object, &mut factoids).is_some()
        } else {
            said_of(row, &object, &mut factoids).is_some()
        };
        if !understood {
            skipped.add(Fault::new(
                at + 1,
                1,
                "neither an entity with a name nor a relation",
                "an entity or a relation",
            ));
        }
        if let Ok(text) = std::str::from_utf8(line) {
            rows.push(Row { table: 0, cells: vec![Cell::Text(text.to_owned())] });
        }
    }
    (vec![table], rows, factoids)
}

/// An entity: what it is, and what was observed of it.
fn said_of(row: usize, entity: &Value, factoids: &mut Vec<Factoid>) -> Option<()> {
    let name = readable(entity.get("name")?.as_str()?);
    if let Some(class) =
        entity.get("entityType").and_then(Value::as_str).map(readable).filter(|class| !class.is_empty())
    {
        let mut factoid = Factoid::plain(row, name.clone(), Verb::Is, class.clone());
        factoid.class = Some(class);
        factoids.push(factoid);
    }
    for observation in entity.get("observations").and_then(Value::as_array).into_iter().flatten() {
        let Some(text) = observation.as_str().filter(|text| !text.trim().is_empty()) else { continue };
        let mut factoid = Factoid::plain(row, name.clone(), Verb::Is, format!("<reply>{name}: {text}"));
        text.clone_into(&mut factoid.original);
        factoids.push(factoid.verbatim());
    }
    Some(())
}

fn related(row: usize, relation: &Value, factoids: &mut Vec<Factoid>) -> Option<()> {
    let text = |name: &str| relation.get(name).and_then(Value::as_str).map(readable);
    let (from, to, verb) = (text("from")?, text("to")?, text("relationType")?);
    let mut factoid = Factoid::plain(row, from, Verb::Other(verb), to.clone());
    factoid.class = Some(to);
    factoids.push(factoid);
    Some(())
}

/// Names there are written with underscores: "John_Smith", "works_at".
fn readable(name: &str) -> String {
    name.replace('_', " ").trim().to_owned()
}
