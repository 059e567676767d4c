//! The tables of the bots that are known, and where in them the factoids stand.
//!
//! A brain kept in a database is recognised by its columns, whatever the tables are called and however the database
//! was dumped. Each bot's own ways of saying things are turned into `<reply>`, `<action>` and aliases here.

use std::collections::HashMap;

use super::Format;
use super::columns::{Role, roles};
use super::model::{Cell, Factoid, Row, Table, Verb};

/// Tables and rows as they were read.
pub(super) struct Tables<'a> {
    pub(super) tables: &'a [Table],
    pub(super) rows: &'a [Row],
}

impl<'a> Tables<'a> {
    /// The table that has all these columns.
    fn with(&self, columns: &[&str]) -> Option<(usize, &'a Table)> {
        self.tables.iter().enumerate().find(|(_, table)| table.has(columns))
    }

    /// The rows of a table, with their numbers among all rows.
    fn of(&self, table: usize) -> impl Iterator<Item = (usize, &'a Row)> {
        self.rows.iter().enumerate().filter(move |(_, row)| row.table == table)
    }
}

/// A row read by the names of its columns.
struct Named<'a> {
    table: &'a Table,
    row: &'a Row,
}

impl Named<'_> {
    fn cell(&self, column: &str) -> &Cell {
        self.table.column(column).map_or(&Cell::Null, |at| self.row.cell(at))
    }

    fn text(&self, column: &str) -> Option<String> {
        self.cell(column).text().filter(|text| !text.trim().is_empty())
    }
}

/// What these tables are, and the factoids in them; `None` for tables of nothing known.
pub(super) fn factoids(tables: &Tables<'_>) -> Option<(Format, Vec<Factoid>)> {
    pbot(tables)
        .map(|found| (Format::Pbot, found))
        .or_else(|| bucket(tables).map(|found| (Format::Bucket, found)))
        .or_else(|| blootbot(tables).map(|found| (Format::Blootbot, found)))
        .or_else(|| limnoria(tables).map(|found| (Format::Limnoria, found)))
        .or_else(|| moobot(tables).map(|found| (Format::Moobot, found)))
        .or_else(|| ibid(tables).map(|found| (Format::Ibid, found)))
        .or_else(|| plain(tables).map(|found| (Format::Table, found)))
}

/// pbot (`DualIndexSQLiteObject`): channel and keyword are the two indexes, the action is what is done.
fn pbot(tables: &Tables<'_>) -> Option<Vec<Factoid>> {
    let (at, table) = tables.with(&["index1", "index2", "action", "owner", "type"])?;
    let mut found = Vec::new();
    for (number, row) in tables.of(at) {
        let named = Named { table, row };
        let (Some(key), Some(action)) = (named.text("index2"), named.cell("action").text()) else { continue };
        // The rows named so hold a channel's and everybody's settings.
        if key == "_name" || key == "_default" || action.is_empty() {
            continue;
        }
        let kind = named.text("type").unwrap_or_default();
        let mut factoid = Factoid::plain(number, key, Verb::Is, said_by_pbot(&action, &kind));
        factoid.original = action;
        factoid.author = named.text("owner");
        factoid.at = named.cell("created_on").time();
        // Everywhere is `.*`, and `global` before there were patterns.
        factoid.place = named.text("index1").filter(|channel| channel != ".*" && channel != "global");
        factoid.asked = named.cell("ref_count").count();
        found.push(factoid.verbatim());
    }
    Some(found)
}

/// pbot's action as it is said here. Code and the names of programs are said as they stand, and never run.
fn said_by_pbot(action: &str, kind: &str) -> String {
    let trimmed = action.trim_start();
    let (command, rest) = trimmed.split_once(char::is_whitespace).unwrap_or((trimmed, ""));
    match command.to_ascii_lowercase().as_str() {
        _ if kind != "text" => action.to_owned(),
        "/say" if !rest.trim().is_empty() => format!("<reply>{rest}"),
        "/me" if !rest.trim().is_empty() => format!("<action>{rest}"),
        "/call" if !rest.trim().is_empty() => format!("<reply>see {rest}"),
        _ => action.to_owned(),
    }
}

/// Bucket: a fact has many tidbits, each with its verb.
fn bucket(tables: &Tables<'_>) -> Option<Vec<Factoid>> {
    let (at, table) = tables.with(&["fact", "tidbit", "verb"])?;
    let mut found = Vec::new();
    for (number, row) in tables.of(at) {
        let named = Named { table, row };
        let (Some(key), Some(tidbit)) = (named.text("fact"), named.cell("tidbit").text()) else { continue };
        let (verb, value) = match named.text("verb").unwrap_or_default().trim() {
            "<reply>" => (Verb::Is, format!("<reply>{tidbit}")),
            "<action>" => (Verb::Is, format!("<action>{tidbit}")),
            "<alias>" => (Verb::Alias, tidbit.clone()),
            // "<'s>" and the like say the key and the tidbit with nothing but that between.
            verb => (Verb::of(verb.trim_matches(['<', '>'])), tidbit.clone()),
        };
        let mut factoid = Factoid::plain(number, key, verb, value);
        factoid.original = tidbit;
        found.push(factoid.verbatim());
    }
    Some(found)
}

/// blootbot and the later infobots in SQL.
fn blootbot(tables: &Tables<'_>) -> Option<Vec<Factoid>> {
    let (at, table) = tables.with(&["factoid_key", "factoid_value"])?;
    let mut found = Vec::new();
    for (number, row) in tables.of(at) {
        let named = Named { table, row };
        let (Some(key), Some(value)) = (named.text("factoid_key"), named.text("factoid_value")) else { continue };
        let (key, place) = channel_of_key(&key);
        let mut factoid = Factoid::plain(number, key, Verb::Is, value);
        factoid.author = named.text("created_by");
        factoid.at = named.cell("created_time").time();
        factoid.place = place;
        factoid.asked = named.cell("requested_count").count();
        found.push(factoid);
    }
    Some(found)
}

/// Infobots with factoids of a channel write "#debian apt" for apt in #debian; "_default apt" is everywhere.
fn channel_of_key(key: &str) -> (String, Option<String>) {
    match key.split_once(' ') {
        Some((channel, name)) if channel.len() > 1 && channel.starts_with('#') && !name.trim().is_empty() => {
            (name.trim().to_owned(), Some(channel.to_owned()))
        }
        Some(("_default", name)) if !name.trim().is_empty() => (name.trim().to_owned(), None),
        _ => (key.to_owned(), None),
    }
}

/// Limnoria's Factoids: keys and facts, many to many. Later ones have an author and a count for each relation.
fn limnoria(tables: &Tables<'_>) -> Option<Vec<Factoid>> {
    let (keys_at, keys) = tables.with(&["id", "key"])?;
    let (facts_at, facts) = tables.with(&["id", "fact"])?;
    let (relations_at, relations) = tables.with(&["key_id", "fact_id"])?;
    let mut key_of: HashMap<i64, String> = HashMap::new();
    for (_, row) in tables.of(keys_at) {
        let named = Named { table: keys, row };
        if let (Cell::Integer(id), Some(key)) = (named.cell("id"), named.text("key")) {
            key_of.insert(*id, key);
        }
    }
    let mut fact_of: HashMap<i64, &Row> = HashMap::new();
    for (_, row) in tables.of(facts_at) {
        if let Cell::Integer(id) = (Named { table: facts, row }).cell("id") {
            fact_of.insert(*id, row);
        }
    }
    let mut found = Vec::new();
    for (number, row) in tables.of(relations_at) {
        let named = Named { table: relations, row };
        let (Cell::Integer(key), Cell::Integer(fact)) = (named.cell("key_id"), named.cell("fact_id")) else { continue };
        let (Some(key), Some(row)) = (key_of.get(key), fact_of.get(fact)) else { continue };
        let fact = Named { table: facts, row };
        let Some(value) = fact.text("fact") else { continue };
        let mut factoid = Factoid::plain(number, key.clone(), Verb::Is, value);
        factoid.author = fact.text("added_by");
        factoid.at = fact.cell("added_at").time();
        factoid.asked = named.cell("usage_count").count();
        found.push(factoid.verbatim());
    }
    Some(found)
}

/// MoobotFactoids: one fact a key, with options "(a|b)" as infobots have them.
fn moobot(tables: &Tables<'_>) -> Option<Vec<Factoid>> {
    let (at, table) = tables.with(&["key", "fact", "created_by", "requested_count"])?;
    let mut found = Vec::new();
    for (number, row) in tables.of(at) {
        let named = Named { table, row };
        let (Some(key), Some(fact)) = (named.text("key"), named.text("fact")) else { continue };
        let mut factoid = Factoid::plain(number, key, Verb::Is, fact);
        factoid.author = named.text("created_by");
        factoid.at = named.cell("created_at").time();
        factoid.asked = named.cell("requested_count").count();
        found.push(factoid);
    }
    Some(found)
}

/// Ibid in its database: names and values of a factoid.
fn ibid(tables: &Tables<'_>) -> Option<Vec<Factoid>> {
    let (names_at, names) = tables.with(&["name", "factoid_id"])?;
    let (values_at, values) = tables.with(&["value", "factoid_id"])?;
    let mut names_of: HashMap<i64, Vec<String>> = HashMap::new();
    for (_, row) in tables.of(names_at) {
        let one = Named { table: names, row };
        if let (Cell::Integer(id), Some(name)) = (one.cell("factoid_id"), one.text("name")) {
            names_of.entry(*id).or_default().push(unescaped(&name));
        }
    }
    let mut found = Vec::new();
    for (number, row) in tables.of(values_at) {
        let one = Named { table: values, row };
        let (Cell::Integer(id), Some(value)) = (one.cell("factoid_id"), one.text("value")) else { continue };
        for name in names_of.get(id).into_iter().flatten() {
            let mut factoid = said_by_ibid(number, name, &value);
            factoid.author = one.text("identity_id");
            factoid.at = one.cell("time").time();
            found.push(factoid);
        }
    }
    Some(found)
}

/// Ibid keeps names as SQL patterns: `_%` for an argument, the rest escaped.
fn unescaped(name: &str) -> String {
    name.replace("_%", "$arg").replace("\\%", "%").replace("\\_", "_").replace("\\\\", "\\")
}

/// Ibid's values hold their verb: "is a language", "<reply> hello".
pub(super) fn said_by_ibid(row: usize, name: &str, value: &str) -> Factoid {
    let trimmed = value.trim();
    let (verb, said) = match trimmed.split_once(char::is_whitespace) {
        _ if trimmed.starts_with('<') => (Verb::Is, trimmed),
        Some((verb @ ("is" | "are"), rest)) => (Verb::of(verb), rest.trim()),
        Some((verb, rest)) if verb.chars().all(char::is_alphabetic) => (Verb::Other(verb.to_owned()), rest.trim()),
        _ => (Verb::Is, trimmed),
    };
    let mut factoid = Factoid::plain(row, name.to_owned(), verb, said.to_owned());
    value.clone_into(&mut factoid.original);
    factoid.verbatim()
}

/// Any table with a column for keys and one for values, told by their names.
fn plain(tables: &Tables<'_>) -> Option<Vec<Factoid>> {
    let mut found = None;
    for (at, table) in tables.tables.iter().enumerate() {
        let roles = roles(&table.columns);
        let (Some(key_at), Some(value_at)) = (roles.get(&Role::Key), roles.get(&Role::Value)) else { continue };
        let factoids = found.get_or_insert_with(Vec::new);
        for (number, row) in tables.of(at) {
            let text = |role: Role| roles.get(&role).and_then(|at| row.cell(*at).text());
            let some = |role: Role| text(role).filter(|text| !text.trim().is_empty());
            let (Some(key), Some(value)) = (row.cell(*key_at).text(), row.cell(*value_at).text()) else { continue };
            if key.trim().is_empty() || value.trim().is_empty() {
                continue;
            }
            let verb = some(Role::Verb).map_or(Verb::Is, |verb| Verb::of(&verb));
            let mut factoid = Factoid::plain(number, key, verb, value);
            factoid.author = some(Role::Author);
            factoid.at = roles.get(&Role::Time).and_then(|at| row.cell(*at).time());
            factoid.place = some(Role::Place);
            factoid.asked = some(Role::Count).and_then(|count| count.trim().parse().ok());
            factoids.push(factoid);
        }
    }
    found
}
