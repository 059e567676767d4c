//! A server's answer, in whichever of the standard formats it chose, as a table.
//!
//! XML, JSON and TSV say what a term is. CSV does not; there a term is taken for what it looks like.

use std::io::{self, BufReader, Read};

use oxigraph::{
    io::{RdfFormat, RdfParser},
    sparql::results::{QueryResultsFormat, QueryResultsParser, ReaderQueryResultsParserOutput},
};
use quid_core::{
    oxrdf::{BlankNode, Literal, NamedNode, Term, Triple},
    ports::Table,
};

use crate::error::with_causes;

/// The longest CSV record, in bytes.
const LONGEST_RECORD: usize = 16 << 20;

/// Reads an answer of this media type: `limit` rows or triples at most.
pub(super) fn read(media_type: &str, reader: impl Read, limit: usize) -> Result<Table, String> {
    let reader = BufReader::new(reader);
    if media_type == "text/csv" {
        return csv(reader, limit);
    }
    // What servers call JSON, XML or text without saying which is rows more often than triples.
    let rows = match media_type {
        "application/json" | "text/json" => Some(QueryResultsFormat::Json),
        "application/xml" | "text/xml" => Some(QueryResultsFormat::Xml),
        // N-Triples had no other name for long.
        "text/plain" => None,
        other => QueryResultsFormat::from_media_type(other),
    };
    if let Some(format) = rows {
        return self::rows(format, reader, limit);
    }
    let format = match media_type {
        "text/plain" => Some(RdfFormat::NTriples),
        "application/x-turtle" => Some(RdfFormat::Turtle),
        other => RdfFormat::from_media_type(other),
    };
    let format = format.ok_or_else(|| format!("it answers with `{media_type}`, which is no format of results"))?;
    let mut table = Table::default();
    for quad in RdfParser::from_format(format).for_reader(reader) {
        if table.triples.len() >= limit {
            table.partial = true;
            break;
        }
        let quad = quad.map_err(|why| with_causes(&why))?;
        table.triples.push(Triple::new(quad.subject, quad.predicate, quad.object));
    }
    Ok(table)
}

fn rows(format: QueryResultsFormat, reader: impl Read, limit: usize) -> Result<Table, String> {
    let mut table = Table::default();
    let parsed = QueryResultsParser::from_format(format).for_reader(reader).map_err(|why| with_causes(&why))?;
    match parsed {
        ReaderQueryResultsParserOutput::Boolean(truth) => table.boolean = Some(truth),
        ReaderQueryResultsParserOutput::Solutions(solutions) => {
            table.variables = solutions.variables().iter().map(|name| name.as_str().to_owned()).collect();
            for solution in solutions {
                if table.rows.len() >= limit {
                    table.partial = true;
                    break;
                }
                table.rows.push(solution.map_err(|why| with_causes(&why))?.values().to_vec());
            }
        }
    }
    Ok(table)
}

/// RFC 4180, as SPARQL 1.1 Query Results CSV uses it.
fn csv(mut reader: impl Read, limit: usize) -> Result<Table, String> {
    let mut table = Table::default();
    let mut records = Records { bytes: &mut reader, next: None };
    let header = records.record().map_err(|why| why.to_string())?.unwrap_or_default();
    table.variables = header.into_iter().map(|name| name.trim_start_matches('?').to_owned()).collect();
    while let Some(record) = records.record().map_err(|why| why.to_string())? {
        if table.rows.len() >= limit {
            table.partial = true;
            break;
        }
        if record.len() != table.variables.len() && !(record.len() == 1 && table.variables.is_empty()) {
            let found = record.len();
            return Err(format!("row {} has {found} cells, not {}", table.rows.len() + 1, table.variables.len()));
        }
        table.rows.push(record.iter().take(table.variables.len()).map(|cell| looks_like(cell)).collect());
    }
    Ok(table)
}

/// What a cell's text can only be taken for.
fn looks_like(cell: &str) -> Option<Term> {
    let is_address = |text: &str| ["http://", "https://", "urn:"].iter().any(|scheme| text.starts_with(scheme));
    if cell.is_empty() {
        None
    } else if let Some(node) = cell.strip_prefix("_:").and_then(|name| BlankNode::new(name).ok()) {
        Some(node.into())
    } else if let Some(node) = is_address(cell).then(|| NamedNode::new(cell).ok()).flatten() {
        Some(node.into())
    } else {
        Some(Literal::new_simple_literal(cell).into())
    }
}

/// The records of a CSV file.
struct Records<'a, R> {
    bytes: &'a mut R,
    next: Option<u8>,
}

impl<R: Read> Records<'_, R> {
    fn byte(&mut self) -> io::Result<Option<u8>> {
        if let Some(byte) = self.next.take() {
            return Ok(Some(byte));
        }
        let mut one = [0];
        Ok(if self.bytes.read(&mut one)? == 0 { None } else { one.first().copied() })
    }

    /// The next record; `None` at the end.
    fn record(&mut self) -> io::Result<Option<Vec<String>>> {
        let (mut cells, mut cell, mut quoted, mut any) = (Vec::new(), Vec::new(), false, false);
        let mut length = 0_usize;
        let text = |cell: &mut Vec<u8>| String::from_utf8_lossy(&std::mem::take(cell)).into_owned();
        while let Some(byte) = self.byte()? {
            any = true;
            length += 1;
            if length > LONGEST_RECORD {
                return Err(io::Error::other(format!("a row is longer than {LONGEST_RECORD} bytes")));
            }
            match byte {
                b'"' if quoted => match self.byte()? {
                    Some(b'"') => cell.push(b'"'),
                    next => {
                        quoted = false;
                        self.next = next;
                    }
                },
                byte if quoted => cell.push(byte),
                b'"' if cell.is_empty() => quoted = true,
                b',' => cells.push(text(&mut cell)),
                b'\r' => {}
                b'\n' => {
                    cells.push(text(&mut cell));
                    return Ok(Some(cells));
                }
                byte => cell.push(byte),
            }
        }
        if !any {
            return Ok(None);
        }
        cells.push(text(&mut cell));
        Ok(Some(cells))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_formats_of_rows_are_read() {
        let json = r#"{"head":{"vars":["x","y"]},"results":{"bindings":[{"x":{"type":"uri","value":"http://e/a"},"y":{"type":"literal","value":"a, \"b\""}},{"x":{"type":"bnode","value":"n"}}]}}"#;
        let xml = r#"<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/><variable name="y"/></head><results><result><binding name="x"><uri>http://e/a</uri></binding><binding name="y"><literal>a, "b"</literal></binding></result><result><binding name="x"><bnode>n</bnode></binding></result></results></sparql>"#;
        let tsv = "?x\t?y\n<http://e/a>\t\"a, \\\"b\\\"\"\n_:n\t\n";
        let csv = "x,y\r\nhttp://e/a,\"a, \"\"b\"\"\"\r\n_:n,\r\n";
        for (media_type, text) in [
            ("application/sparql-results+json", json),
            ("application/json", json),
            ("application/sparql-results+xml", xml),
            ("text/tab-separated-values", tsv),
            ("text/csv", csv),
        ] {
            let table = read(media_type, text.as_bytes(), 10).expect(media_type);
            assert_eq!(table.variables, ["x", "y"], "{media_type}");
            let rows: Vec<Vec<Option<String>>> = table
                .rows
                .iter()
                .map(|row| row.iter().map(|term| term.as_ref().map(Term::to_string)).collect())
                .collect();
            let expected = [
                vec![Some("<http://e/a>".to_owned()), Some(r#""a, \"b\"""#.to_owned())],
                vec![Some("_:n".to_owned()), None],
            ];
            assert_eq!(rows, expected, "{media_type}");
            let first = read(media_type, text.as_bytes(), 1).expect(media_type);
            assert_eq!((first.rows.len(), first.partial), (1, true), "{media_type}");
        }
    }

    #[test]
    fn truths_and_triples_are_read_and_nonsense_is_refused() {
        let yes = read("application/sparql-results+json", r#"{"head":{},"boolean":true}"#.as_bytes(), 1).expect("yes");
        assert_eq!(yes.boolean, Some(true));
        for (media_type, text) in [
            ("text/turtle", "<urn:a> <urn:b> 'c' ."),
            ("application/n-triples", "<urn:a> <urn:b> \"c\" .\n"),
            ("text/plain", "<urn:a> <urn:b> \"c\" .\n"),
        ] {
            assert_eq!(read(media_type, text.as_bytes(), 5).expect(media_type).triples.len(), 1, "{media_type}");
        }
        for (media_type, text) in [
            ("text/html", "<html>"),
            ("", ""),
            ("application/sparql-results+json", "{"),
            ("application/sparql-results+xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><sparql>&a;</sparql>"),
            ("text/csv", "x,y\n1\n"),
            ("text/turtle", "<urn:a> <urn:b>"),
        ] {
            assert!(read(media_type, text.as_bytes(), 5).is_err(), "{media_type}");
        }
    }
}
