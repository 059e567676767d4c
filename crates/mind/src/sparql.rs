//! Shows the table of a SPARQL query as lines people can read.
//!
//! The store parses, refuses and bounds the query; here its answer is only laid out, and bounded once more in
//! width so that no cell floods a channel.

use quid_core::oxrdf::Term;
use quid_core::ports::Table;
use quid_core::reply::Item;
use quid_core::text::{clean, percent_decode};
use quid_core::vocabulary as v;
use quid_core::{Answer, Fault, Reply};

use crate::turn::Turn;

impl Turn<'_> {
    /// "sparql SELECT …"
    pub(crate) fn sparql(&mut self, query: &str) -> Result<Reply, Fault> {
        if query.trim().is_empty() {
            return Ok(self.refuse("sparql.empty", &[]));
        }
        let limit = self.number("sparql_rows");
        let table = match self.parts.memory.sparql(query, &self.audience, limit, self.stop) {
            Ok(table) => table,
            Err(Fault::Refused(why)) => return Ok(self.refuse("sparql.failed", &[("why", &why)])),
            Err(fault) => return Err(fault),
        };
        let widest = self.number("sparql_width");
        let mut lines = rows(&table, widest);
        if lines.is_empty() {
            return Ok(self.chat("sparql.none", &[]));
        }
        if table.partial {
            lines.push(self.say("sparql.partial", &[("limit", &limit.to_string())]));
        }
        let mut reply = Reply::new(Answer::Chat, lines.join("\n"));
        reply.items = items(&table);
        Ok(reply)
    }
}

/// The rows as lines of equal columns, under the variables; triples one a line; an ASK as its truth value.
fn rows(table: &Table, widest: usize) -> Vec<String> {
    if let Some(truth) = table.boolean {
        return vec![truth.to_string()];
    }
    if !table.triples.is_empty() {
        return table.triples.iter().map(|triple| shorten(&format!("{triple} ."), widest.saturating_mul(3))).collect();
    }
    if table.rows.is_empty() {
        return Vec::new();
    }
    let mut cells: Vec<Vec<String>> = vec![table.variables.clone()];
    for row in &table.rows {
        cells.push(row.iter().map(|term| term.as_ref().map_or_else(String::new, |term| cell(term, widest))).collect());
    }
    let columns = table.variables.len();
    let width = |column: usize| {
        cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    cells
        .iter()
        .map(|row| {
            let padded: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
            padded.join(" | ").trim_end().to_owned()
        })
        .collect()
}

/// A term as people read it: a literal's text, a thing's name, any other IRI as it is.
fn cell(term: &Term, widest: usize) -> String {
    let text = match term {
        Term::Literal(literal) => literal.value().to_owned(),
        Term::NamedNode(node) => match node.as_str().strip_prefix(v::THING) {
            Some(name) => percent_decode(name),
            None => node.as_str().to_owned(),
        },
        other => other.to_string(),
    };
    shorten(&clean(&text), widest)
}

fn shorten(text: &str, widest: usize) -> String {
    if text.chars().count() <= widest {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(widest.saturating_sub(1)).collect();
    short.push('…');
    short
}

fn items(table: &Table) -> Vec<Item> {
    table
        .rows
        .iter()
        .flatten()
        .flatten()
        .map(|term| Item { text: cell(term, usize::MAX), term: Some(term.to_string()) })
        .collect()
}
