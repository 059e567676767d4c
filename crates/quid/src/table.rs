//! Rows of a query as an aligned table, and as JSON.
//!
//! Widths are counted in terminal columns, not characters, so that Chinese and emoji stay in their column.

use quid_core::oxrdf::Term;
use quid_core::ports::Table;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr as _;

/// The widest a column gets; a longer cell is cut with an ellipsis (`--json` has it whole).
const WIDEST: usize = 60;

/// The table as lines of text, with a last line that counts.
#[must_use]
pub fn as_text(table: &Table) -> String {
    if let Some(truth) = table.boolean {
        return if truth { "yes" } else { "no" }.to_owned();
    }
    if !table.triples.is_empty() {
        let lines: Vec<String> = table.triples.iter().map(|triple| format!("{triple} .")).collect();
        return format!("{}\n{}", lines.join("\n"), count("triple", lines.len(), table.partial));
    }
    let cell = |term: &Option<Term>| cut(&term.as_ref().map_or(String::new(), readable));
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let widths: Vec<usize> = table
        .variables
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width());
            cells.chain([name.width()]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &[String]| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut out = vec![line(&table.variables)];
    out.push(widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("  "));
    out.extend(rows.iter().map(|row| line(row)));
    out.push(count("row", rows.len(), table.partial));
    out.join("\n")
}

/// One JSON object a row: `{"x":"<urn:…>","y":"\"text\""}`, terms in N-Triples syntax, unbound ones absent;
/// `{"boolean":true}` for ASK; `{"triple":"…"}` for CONSTRUCT; a last `{"partial":true}` when rows were left out.
#[must_use]
pub fn as_json(table: &Table) -> Vec<Value> {
    let mut out: Vec<Value> = table.boolean.iter().map(|truth| json!({ "boolean": truth })).collect();
    out.extend(table.triples.iter().map(|triple| json!({ "triple": triple.to_string() })));
    out.extend(table.rows.iter().map(|row| {
        let cells = table.variables.iter().zip(row);
        let bound = cells.filter_map(|(name, term)| Some((name.clone(), Value::from(term.as_ref()?.to_string()))));
        Value::Object(bound.collect::<Map<_, _>>())
    }));
    if table.partial {
        out.push(json!({ "partial": true }));
    }
    out
}

/// Whether anything was found at all; an ASK that is false found nothing.
#[must_use]
pub fn found(table: &Table) -> bool {
    table.boolean.unwrap_or(!table.rows.is_empty() || !table.triples.is_empty())
}

fn count(what: &str, how_many: usize, partial: bool) -> String {
    let plural = if how_many == 1 { "" } else { "s" };
    let more = if partial { ", and more: raise the limit to see them" } else { "" };
    format!("({how_many} {what}{plural}{more})")
}

/// A literal as its text, anything else in N-Triples syntax.
fn readable(term: &Term) -> String {
    match term {
        Term::Literal(literal) => literal.value().replace(['\n', '\r', '\t'], " "),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    if text.width() <= WIDEST {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + 2 > WIDEST {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use quid_core::oxrdf::Literal;

    use super::*;

    fn text(value: &str) -> Term {
        Literal::new_simple_literal(value).into()
    }

    #[test]
    fn columns_line_up_in_terminal_columns() {
        let table = Table {
            variables: vec!["word".into(), "n".into()],
            rows: vec![vec![Some(text("狗")), Some(text("1"))], vec![Some(text("dogs")), None]],
            ..Table::default()
        };
        assert_eq!(as_text(&table), "word  n\n────  ─\n狗    1\ndogs\n(2 rows)");
        assert_eq!(as_json(&table), [json!({"word": "\"狗\"", "n": "\"1\""}), json!({"word": "\"dogs\""})]);
        assert!(found(&table));
    }

    #[test]
    fn long_cells_are_cut_and_partial_answers_say_so() {
        let table = Table {
            variables: vec!["x".into()],
            rows: vec![vec![Some(text(&"é".repeat(90)))]],
            partial: true,
            ..Table::default()
        };
        let shown = as_text(&table);
        assert!(shown.contains('…') && shown.contains("and more"), "{shown}");
        assert!(shown.lines().all(|line| line.width() <= WIDEST), "{shown}");
    }

    #[test]
    fn a_false_ask_is_nothing_found() {
        let table = Table { boolean: Some(false), ..Table::default() };
        assert_eq!((as_text(&table).as_str(), found(&table)), ("no", false));
    }
}
