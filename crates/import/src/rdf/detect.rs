//! Tells which serialisation a file is in: by what stands in it, and by its name where that is not enough.

use std::path::Path;

use oxrdfio::{JsonLdProfileSet, RdfFormat};

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serialisation {
    /// Any that the parser reads.
    Rdf(RdfFormat),
    /// OBO, which is no RDF and has a reader of its own.
    Obo,
}

/// Names of files that hold ontologies in a syntax that is read by nobody here.
const FOREIGN: [(&str, &str); 4] =
    [("ofn", "OWL functional syntax"), ("omn", "Manchester syntax"), ("hdt", "HDT"), ("owx", "OWL/XML")];

/// The endings of compressed files.
const PACKED: [&str; 5] = ["gz", "bz2", "zst", "zstd", "tgz"];

const JSON_LD: RdfFormat = RdfFormat::JsonLd { profile: JsonLdProfileSet::empty() };

/// Decides from the first bytes and the name; an error names what it is instead.
pub(crate) fn detect(path: &Path, start: &[u8]) -> Result<Serialisation, String> {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let ending = ending(path);
    let named = match ending.as_str() {
        "nt" | "ntriples" => Some(RdfFormat::NTriples),
        "nq" | "nquads" => Some(RdfFormat::NQuads),
        "ttl" | "turtle" => Some(RdfFormat::Turtle),
        "trig" => Some(RdfFormat::TriG),
        "n3" => Some(RdfFormat::N3),
        "jsonld" | "json" => Some(JSON_LD),
        _ => None,
    };
    // A lone NUL is a fault of its line; in UTF-16 every second byte of ASCII is one.
    if matches!(start, [0, ..] | [_, 0, ..] | [0xfe, 0xff, ..] | [0xff, 0xfe, ..]) {
        return Err("this is not text, or text in UTF-16".to_owned());
    }
    if text.starts_with("format-version:") || text.starts_with("[Term]") {
        return Ok(Serialisation::Obo);
    }
    if is_xml(text) {
        if text.contains("<Ontology ") && text.contains("http://www.w3.org/2002/07/owl#") && !text.contains("rdf:RDF") {
            return Err("this is OWL/XML".to_owned());
        }
        return Ok(Serialisation::Rdf(RdfFormat::RdfXml));
    }
    if text.starts_with("Prefix(") || text.starts_with("Ontology(") {
        return Err("this is OWL functional syntax".to_owned());
    }
    if text.starts_with("Prefix: ") || text.starts_with("Ontology: ") {
        return Err("this is Manchester syntax".to_owned());
    }
    if let Some((_, name)) = FOREIGN.iter().find(|(known, _)| *known == ending) {
        return Err(format!("this is {name}"));
    }
    if is_json(text) {
        return Ok(Serialisation::Rdf(JSON_LD));
    }
    if ending == "obo" {
        return Ok(Serialisation::Obo);
    }
    Ok(Serialisation::Rdf(named.unwrap_or_else(|| unnamed(text))))
}

/// The last part of a file's name that does not speak of compression, in lower case.
fn ending(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut parts = name.rsplit('.').filter(|part| !PACKED.contains(part));
    let last = parts.next().unwrap_or_default().to_owned();
    if parts.next().is_some() { last } else { String::new() }
}

fn is_xml(text: &str) -> bool {
    if ["<?xml", "<!DOCTYPE", "<!--"].iter().any(|start| text.starts_with(start)) {
        return true;
    }
    // An element with a namespace, where an IRI would have its scheme and two slashes.
    let name = text.strip_prefix('<').and_then(|rest| rest.split([' ', '\n', '\t', '\r', '>']).next());
    name.is_some_and(|name| name.ends_with(":RDF") || name == "RDF")
}

/// An object or an array of objects; TriG and Turtle begin with the same brackets, but never with a text or an
/// object behind them.
fn is_json(text: &str) -> bool {
    let mut marks = text.chars().filter(|c| !c.is_whitespace());
    match (marks.next(), marks.next()) {
        (Some('{'), Some('"' | '}')) | (Some('['), Some('{')) => true,
        (Some('['), Some(']')) => marks.next().is_none(),
        _ => false,
    }
}

/// A format for a file whose name says nothing: lines that are whole statements, or else the richest of its family.
fn unnamed(text: &str) -> RdfFormat {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut seen = 0;
    for line in lines.take(8) {
        let whole = (line.starts_with('<') || line.starts_with("_:")) && line.ends_with('.') && !line.contains(';');
        if !whole {
            // The last line of what was looked at may be cut off.
            return if seen > 1 { RdfFormat::NQuads } else { RdfFormat::TriG };
        }
        seen += 1;
    }
    if seen > 0 { RdfFormat::NQuads } else { RdfFormat::TriG }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serialisation_is_told_by_its_content_first() {
        use Serialisation::{Obo, Rdf};
        for (name, text, expected) in [
            ("a.ttl", "@prefix a: <b> .", Ok(Rdf(RdfFormat::Turtle))),
            ("a.ttl.gz", "<a> <b> <c> .", Ok(Rdf(RdfFormat::Turtle))),
            ("a.nt.zst", "<a:a> <b:b> <c:c> .", Ok(Rdf(RdfFormat::NTriples))),
            ("a", "<a:a> <b:b> <c:c> .\n<a:a> <b:b> \"x\" .\n", Ok(Rdf(RdfFormat::NQuads))),
            ("a", "PREFIX a: <b>\n", Ok(Rdf(RdfFormat::TriG))),
            ("a", "<a:a> a <b:b> ;\n <c:c> 1 .", Ok(Rdf(RdfFormat::TriG))),
            ("a.owl", "\u{feff}<?xml version=\"1.0\"?>\n<rdf:RDF>", Ok(Rdf(RdfFormat::RdfXml))),
            ("a.ttl", "<rdf:RDF xmlns:rdf='x'>", Ok(Rdf(RdfFormat::RdfXml))),
            ("a.owl", "@prefix owl: <x> .", Ok(Rdf(RdfFormat::TriG))),
            ("a.owl", "Prefix(:=<x>)\nOntology(<y>)", Err("this is OWL functional syntax")),
            (
                "a.owl",
                "<?xml version='1.0'?><Ontology xmlns=\"http://www.w3.org/2002/07/owl#\">",
                Err("this is OWL/XML"),
            ),
            ("a.json", "{ \"@id\": 1 }", Ok(Rdf(JSON_LD))),
            ("a", "[{\"@id\": \"x\"}]", Ok(Rdf(JSON_LD))),
            ("a.trig", "{ <a> <b> <c> }", Ok(Rdf(RdfFormat::TriG))),
            ("a", "[] a <b:b> .", Ok(Rdf(RdfFormat::TriG))),
            ("a.txt", "format-version: 1.4\n", Ok(Obo)),
            ("a.obo", "! a comment\nformat-version: 1.2\n", Ok(Obo)),
            ("a.nt", "\0<", Err("this is not text, or text in UTF-16")),
        ] {
            assert_eq!(detect(Path::new(name), text.as_bytes()), expected.map_err(str::to_owned), "{name} {text}");
        }
    }
}
