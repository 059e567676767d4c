//! Turns a brain into quads, and quads back into the brain.
//!
//! Each row is a node that says which factoid it makes, who made it and when; the same node carries all cells, so
//! that nothing of the brain is lost. Its name is made of the source's name and the row's number: loading the same
//! file twice makes the same quads.

use std::collections::BTreeMap;

use quid_core::Key;
use quid_core::oxrdf::vocab::{rdf, xsd};
use quid_core::oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term, Triple};
use quid_core::text::percent_encode;
use quid_core::vocabulary as v;
use serde_json::{Map, Value, json};

use super::model::{Cell, Factoid, Row, Table, Verb};
use super::{Brain, Container, Format, formats, read_text, write};
use crate::source::graph_of;

/// On a brain's graph: the format and the kind of file.
pub const BRAIN: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:brain");
/// On a brain's graph: its tables.
pub const TABLES: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:tables");
/// On a row: the number of its table and its cells.
pub const ROW: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:row");

/// The prefix of rows.
const ROWS: &str = "urn:quid:row:";
/// `rdf:JSON`
const JSON: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON");

/// All of a brain as quads of the source so named.
pub(super) fn quads(brain: &Brain, name: &str, problem: &mut dyn FnMut(usize, &str, &str)) -> Vec<Quad> {
    let graph = graph_of(name);
    let mut out = Vec::new();
    let mut add = |subject: NamedNode, predicate: NamedNodeRef<'_>, object: Term| {
        out.push(Quad::new(subject, predicate.into_owned(), object, graph.clone()));
    };
    let kind = format!("{}\t{}", brain.format.name(), container_name(brain.container));
    add(graph.clone(), BRAIN, Literal::new_typed_literal(kind, xsd::TOKEN).into());
    add(graph.clone(), TABLES, json_literal(&tables_as_json(&brain.tables)));
    for (number, row) in brain.rows.iter().enumerate() {
        add(row_node(name, number), ROW, json_literal(&row_as_json(row)));
    }
    for factoid in &brain.factoids {
        let key = Key::of(&factoid.key);
        if key.is_empty() {
            problem(factoid.row, "a key without a visible character; the row is kept, but never an answer", "a key");
            continue;
        }
        let (thing, row) = (key.thing(), row_node(name, factoid.row));
        add(thing.clone(), v::LABEL, Literal::new_simple_literal(factoid.key.trim()).into());
        let (predicate, object) = said(factoid);
        if let (Term::NamedNode(target), Verb::Alias) = (&object, &factoid.verb) {
            add(target.clone(), v::LABEL, Literal::new_simple_literal(factoid.value.trim()).into());
        }
        add(thing.clone(), predicate.as_ref(), object.clone());
        add(row.clone(), rdf::REIFIES, Triple::new(thing.clone(), predicate, object).into());
        about(&row, factoid, name, &mut add);
        if let Some(class) = factoid.class.as_deref().map(Key::of).filter(|class| !class.is_empty()) {
            let predicate = match &factoid.verb {
                Verb::Other(verb) => verb_node(verb),
                _ => v::TYPE.into_owned(),
            };
            add(
                class.thing(),
                v::LABEL,
                Literal::new_simple_literal(factoid.class.as_deref().unwrap_or_default()).into(),
            );
            add(thing, predicate.as_ref(), class.thing().into());
        }
    }
    out
}

/// The predicate and the object of a factoid.
fn said(factoid: &Factoid) -> (NamedNode, Term) {
    let text = || Term::from(Literal::new_simple_literal(&factoid.value));
    match &factoid.verb {
        Verb::Is => (v::IS.into_owned(), text()),
        Verb::Are => (v::ARE.into_owned(), text()),
        Verb::Other(verb) => (verb_node(verb), text()),
        Verb::Alias => (v::SAME_AS.into_owned(), Key::of(&factoid.value).thing().into()),
    }
}

fn verb_node(verb: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{}{}", v::VERB, percent_encode(Key::of(verb).as_str())))
}

/// Who, when, where, how often, and in which words.
fn about(row: &NamedNode, factoid: &Factoid, name: &str, add: &mut dyn FnMut(NamedNode, NamedNodeRef<'_>, Term)) {
    if let Some(author) = &factoid.author {
        add(row.clone(), v::ATTRIBUTED_TO, quid_core::source::author(name, author).into());
    }
    if let Some(at) = factoid.at {
        add(row.clone(), v::GENERATED_AT, Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME).into());
    }
    if let Some(place) = &factoid.place {
        add(row.clone(), v::AT_LOCATION, Literal::new_typed_literal(place, xsd::TOKEN).into());
    }
    if let Some(asked) = factoid.asked {
        add(row.clone(), v::ASKED, Literal::new_typed_literal(asked.to_string(), xsd::INTEGER).into());
    }
    if factoid.original != factoid.value {
        add(row.clone(), v::PROV_VALUE, Literal::new_simple_literal(&factoid.original).into());
    }
}

fn row_node(name: &str, number: usize) -> NamedNode {
    NamedNode::new_unchecked(format!("{ROWS}{}:{}", percent_encode(name), number + 1))
}

fn json_literal(value: &Value) -> Term {
    Literal::new_typed_literal(value.to_string(), JSON).into()
}

fn tables_as_json(tables: &[Table]) -> Value {
    tables
        .iter()
        .map(|table| json!({ "name": table.name, "columns": table.columns, "definitions": table.definitions }))
        .collect()
}

fn row_as_json(row: &Row) -> Value {
    let cells = row.cells.iter().map(|cell| match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => json!(number),
        // As text, which is read back to the very same number.
        Cell::Real(number) => json!({ "real": format!("{number:?}") }),
        Cell::Text(text) => json!(text),
        Cell::Raw(bytes) => json!({ "raw": hex(bytes) }),
        Cell::Blob(bytes) => json!({ "blob": hex(bytes) }),
    });
    std::iter::once(json!(row.table)).chain(cells).collect()
}

fn hex(bytes: &[u8]) -> String {
    crate::source::hexadecimal(bytes)
}

fn container_name(container: Container) -> String {
    match container {
        Container::Sqlite => "sqlite".to_owned(),
        Container::Sql { mysql: true } => "mysql".to_owned(),
        Container::Sql { mysql: false } => "sql".to_owned(),
        Container::Lines => "lines".to_owned(),
        Container::Bars => "bars".to_owned(),
        Container::Json => "json".to_owned(),
        Container::Table { separator, header } => format!("table {separator} {header}"),
    }
}

fn container_named(name: &str) -> Option<Container> {
    Some(match name {
        "sqlite" => Container::Sqlite,
        "mysql" => Container::Sql { mysql: true },
        "sql" => Container::Sql { mysql: false },
        "lines" => Container::Lines,
        "bars" => Container::Bars,
        "json" => Container::Json,
        name => {
            let mut parts = name.strip_prefix("table ")?.split(' ');
            let (separator, header) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Container::Table { separator, header }
        }
    })
}

impl Brain {
    /// The brain that these quads were made of; `None` when they were made of something else.
    #[must_use]
    pub fn of_quads(quads: impl Iterator<Item = Quad>) -> Option<Self> {
        let (mut kind, mut tables) = (None, None);
        let mut rows: BTreeMap<u64, Row> = BTreeMap::new();
        for quad in quads {
            let Term::Literal(literal) = &quad.object else { continue };
            let predicate = quad.predicate.as_ref();
            if predicate == BRAIN {
                kind = Some(literal.value().to_owned());
            } else if predicate == TABLES {
                tables = serde_json::from_str::<Value>(literal.value()).ok().as_ref().and_then(tables_of_json);
            } else if predicate == ROW
                && let NamedOrBlankNode::NamedNode(node) = &quad.subject
            {
                let number = node.as_str().rsplit(':').next()?.parse().ok()?;
                rows.insert(number, row_of_json(&serde_json::from_str(literal.value()).ok()?)?);
            }
        }
        let kind = kind?;
        let (format, container) = kind.split_once('\t')?;
        let format = Format::ALL.iter().find(|(name, _)| *name == format)?.1;
        let container = container_named(container)?;
        let (tables, rows) = (tables?, rows.into_values().collect::<Vec<_>>());
        let mut brain = Self { format, container, tables, rows, factoids: Vec::new() };
        brain.factoids = brain.factoids_again();
        Some(brain)
    }

    /// The factoids, read from the rows once more.
    fn factoids_again(&self) -> Vec<Factoid> {
        if matches!(self.container, Container::Sqlite | Container::Sql { .. } | Container::Table { .. }) {
            let tables = formats::Tables { tables: &self.tables, rows: &self.rows };
            return formats::factoids(&tables).map(|(_, factoids)| factoids).unwrap_or_default();
        }
        let mut text = Vec::new();
        let written = write::text(self, &mut text);
        let read = written.ok().and_then(|()| read_text(std::path::Path::new(""), &text).ok());
        read.map(|(brain, _)| brain.factoids).unwrap_or_default()
    }
}

fn tables_of_json(value: &Value) -> Option<Vec<Table>> {
    let texts = |object: &Map<String, Value>, name: &str| -> Option<Vec<String>> {
        object.get(name)?.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
    };
    value
        .as_array()?
        .iter()
        .map(|table| {
            let table = table.as_object()?;
            let name = table.get("name")?.as_str()?.to_owned();
            Some(Table { name, columns: texts(table, "columns")?, definitions: texts(table, "definitions")? })
        })
        .collect()
}

fn row_of_json(value: &Value) -> Option<Row> {
    let (table, cells) = value.as_array()?.split_first()?;
    let cells = cells.iter().map(|cell| {
        let bytes = |cell: &Value, name: &str| super::sql::hex(cell.get(name)?.as_str()?.as_bytes());
        Some(match cell {
            Value::Null => Cell::Null,
            Value::Number(number) => Cell::Integer(number.as_i64()?),
            Value::String(text) => Cell::Text(text.clone()),
            other if other.get("real").is_some() => Cell::Real(other.get("real")?.as_str()?.parse().ok()?),
            other if other.get("raw").is_some() => Cell::Raw(bytes(other, "raw")?),
            other => Cell::Blob(bytes(other, "blob")?),
        })
    });
    Some(Row { table: usize::try_from(table.as_u64()?).ok()?, cells: cells.collect::<Option<_>>()? })
}
