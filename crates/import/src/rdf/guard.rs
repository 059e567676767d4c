//! Stands between a file and a parser, and stops what the parser would not survive.
//!
//! Deep nesting overflows a parser's stack, and entities in XML grow to any size (measured: JSON-LD nested 2,000
//! deep and triple terms nested 200,000 deep end the process, 688 bytes of entities take 9 GB). So depth is counted
//! and entities are looked at before the parser sees the bytes.

use std::io::{self, Read};

use quid_core::sparql::Format;

/// How deep JSON objects and arrays may be nested.
const JSON_DEPTH: usize = 128;
/// How deep triple terms may be nested.
pub(crate) const TRIPLE_DEPTH: usize = 32;
/// How deep elements of XML, and brackets of Turtle, may be nested.
const DEPTH: usize = 1024;
/// The most bytes of a document type declaration that are looked at.
const LONGEST_DOCTYPE: usize = 256 << 10;
/// The longest value of an entity: it abbreviates a namespace and nothing else.
const LONGEST_ENTITY: usize = 256;

/// What to look out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watch {
    /// JSON-LD.
    Json,
    /// Turtle, TriG, N3.
    Turtle,
    /// RDF/XML.
    Xml,
}

/// Looks through a whole document that somebody sent.
///
/// # Errors
/// What a parser would not survive, in words.
pub fn check(bytes: &[u8], format: Format) -> Result<(), String> {
    let watch = match format {
        Format::JsonLd => Watch::Json,
        Format::RdfXml => Watch::Xml,
        Format::ResultsJson | Format::ResultsXml | Format::ResultsCsv | Format::ResultsTsv => return Ok(()),
        // Triple terms nest in lines too.
        _ => Watch::Turtle,
    };
    io::copy(&mut Guard::new(bytes, watch), &mut io::sink()).map(drop).map_err(|why| why.to_string())
}

/// A refusal, told as an error of reading.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub(crate) String);

/// Reads through, until something is refused.
pub(crate) struct Guard<R> {
    inner: R,
    state: State,
    refused: bool,
}

impl<R: Read> Guard<R> {
    pub(crate) fn new(inner: R, watch: Watch) -> Self {
        let state = match watch {
            Watch::Json => State::Json(Json::default()),
            Watch::Turtle => State::Turtle(Turtle::default()),
            Watch::Xml => State::Xml(Xml::default()),
        };
        Self { inner, state, refused: false }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.refused {
            return Err(io::Error::other(Refused("nothing after this is read".to_owned())));
        }
        let count = self.inner.read(buffer)?;
        for &byte in buffer.get(..count).unwrap_or_default() {
            let fine = match &mut self.state {
                State::Json(json) => json.take(byte),
                State::Turtle(turtle) => turtle.take(byte),
                State::Xml(xml) => xml.take(byte),
            };
            if let Err(why) = fine {
                self.refused = true;
                return Err(io::Error::other(Refused(why)));
            }
        }
        Ok(count)
    }
}

enum State {
    Json(Json),
    Turtle(Turtle),
    Xml(Xml),
}

/// Counts brackets outside of strings.
#[derive(Default)]
struct Json {
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Json {
    fn take(&mut self, byte: u8) -> Result<(), String> {
        if self.quoted {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.quoted = false,
                _ => {}
            }
            return Ok(());
        }
        match byte {
            b'"' => self.quoted = true,
            b'{' | b'[' => {
                self.depth += 1;
                if self.depth > JSON_DEPTH {
                    return Err(format!("JSON nested more than {JSON_DEPTH} deep is refused"));
                }
            }
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }
}

/// Where in a Turtle document a byte stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Nothing,
    Comment,
    Iri,
    /// A string: its quotation mark, whether it has three of them.
    Text(u8, bool),
}

/// Counts triple terms and brackets outside of strings, IRIs and comments.
#[derive(Default)]
pub(crate) struct Turtle {
    within: Within,
    /// The last bytes, for marks of two and three.
    last: [u8; 2],
    escaped: bool,
    /// Quotation marks seen in a row, at the start or within a long string.
    marks: u8,
    triples: usize,
    brackets: usize,
}

impl Turtle {
    pub(crate) fn take(&mut self, byte: u8) -> Result<(), String> {
        match self.within {
            Within::Comment => {
                if matches!(byte, b'\n' | b'\r') {
                    self.within = Within::Nothing;
                }
            }
            Within::Iri => {
                // An IRI has no white space: "<" was a sign in N3.
                if byte == b'>' || byte.is_ascii_whitespace() {
                    self.within = Within::Nothing;
                    self.last = [0, 0];
                    return Ok(());
                }
                if byte == b'<' && self.last[1] == b'<' {
                    self.within = Within::Nothing;
                    self.triples += 1;
                    self.last = [0, 0];
                    return self.check();
                }
            }
            Within::Text(mark, long) => {
                self.text(byte, mark, long);
                return Ok(());
            }
            Within::Nothing => {
                match byte {
                    b'#' => self.within = Within::Comment,
                    b'<' => self.within = Within::Iri,
                    b'"' | b'\'' => {
                        self.within = Within::Text(byte, false);
                        self.marks = 1;
                        self.escaped = false;
                    }
                    b'>' if self.last[1] == b'>' => {
                        self.triples = self.triples.saturating_sub(1);
                        self.last = [0, 0];
                        return Ok(());
                    }
                    b'[' | b'(' | b'{' => self.brackets += 1,
                    b']' | b')' | b'}' => self.brackets = self.brackets.saturating_sub(1),
                    _ => {}
                }
                self.check()?;
            }
        }
        self.last = [self.last[1], byte];
        Ok(())
    }

    fn text(&mut self, byte: u8, mark: u8, long: bool) {
        if self.escaped {
            self.escaped = false;
            self.marks = 0;
        } else if byte == b'\\' {
            self.escaped = true;
            self.marks = 0;
        } else if byte == mark {
            if long {
                self.marks += 1;
                if self.marks == 3 {
                    self.end_text();
                }
            } else if self.marks == 1 {
                // The second of two or three.
                self.marks = 2;
            } else if self.marks == 2 {
                self.within = Within::Text(mark, true);
                self.marks = 0;
            } else {
                self.end_text();
            }
        } else if !long && self.marks == 2 {
            // It was empty, and this byte comes after it; what it opens is counted.
            self.end_text();
            // Only brackets, marks and comments matter, and none of them fails here.
            let _ = self.take(byte);
        } else if !long && byte == b'\n' {
            // A short string never spans lines: the parser tells of it.
            self.end_text();
        } else {
            self.marks = 0;
        }
    }

    fn end_text(&mut self) {
        self.within = Within::Nothing;
        self.marks = 0;
        self.last = [0, 0];
    }

    fn check(&self) -> Result<(), String> {
        if self.triples > TRIPLE_DEPTH {
            return Err(format!("triple terms nested more than {TRIPLE_DEPTH} deep are refused"));
        }
        if self.brackets > DEPTH {
            return Err(format!("brackets nested more than {DEPTH} deep are refused"));
        }
        Ok(())
    }
}

/// Whether a line of N-Triples or N-Quads nests triple terms too deep.
pub(crate) fn is_too_deep(line: &str) -> bool {
    if !line.contains("<<") {
        return false;
    }
    let mut guard = Turtle::default();
    line.bytes().any(|byte| guard.take(byte).is_err())
}

/// Looks at document type declarations, wherever they stand.
///
/// Ontologies abbreviate namespaces with entities, so those whose value is plain text are let through; entities made
/// of entities, and those that are kept elsewhere, are not.
#[derive(Default)]
struct Xml {
    /// What may become "<!DOCTYPE", then the declaration itself.
    seen: Vec<u8>,
    depth: usize,
    open: bool,
    in_mark: bool,
    last: u8,
}

const DOCTYPE: &[u8] = b"<!doctype";

impl Xml {
    fn take(&mut self, byte: u8) -> Result<(), String> {
        self.nesting(byte)?;
        if self.seen.len() < DOCTYPE.len() {
            let wanted = DOCTYPE.get(self.seen.len()).copied();
            if wanted == Some(byte.to_ascii_lowercase()) {
                self.seen.push(byte);
            } else {
                self.seen.clear();
                if byte == b'<' {
                    self.seen.push(byte);
                }
            }
            return Ok(());
        }
        if self.seen.len() > LONGEST_DOCTYPE {
            return Err(format!("a document type declaration of more than {LONGEST_DOCTYPE} bytes is refused"));
        }
        self.seen.push(byte);
        // It ends at ">", or at "]>" when it has a part in brackets.
        let has_brackets = self.seen.contains(&b'[');
        let ends = byte == b'>'
            && (!has_brackets
                || self.seen.iter().rev().skip(1).find(|byte| !byte.is_ascii_whitespace()) == Some(&b']'));
        if ends {
            let declaration = String::from_utf8_lossy(&self.seen).into_owned();
            self.seen.clear();
            return declared(&declaration);
        }
        Ok(())
    }

    /// Counts open elements, roughly: comments and CDATA may count as elements, never the other way about.
    fn nesting(&mut self, byte: u8) -> Result<(), String> {
        match byte {
            b'<' => {
                self.in_mark = true;
                self.open = true;
            }
            b'/' if self.last == b'<' => {
                self.open = false;
                self.depth = self.depth.saturating_sub(1);
            }
            b'!' | b'?' if self.last == b'<' => self.open = false,
            b'>' if self.in_mark => {
                self.in_mark = false;
                if self.open && self.last != b'/' {
                    self.depth += 1;
                    if self.depth > DEPTH {
                        return Err(format!("XML nested more than {DEPTH} deep is refused"));
                    }
                }
                self.open = false;
            }
            _ => {}
        }
        self.last = byte;
        Ok(())
    }
}

/// Refuses a declaration with anything but plain short entities.
fn declared(declaration: &str) -> Result<(), String> {
    let (head, body) = declaration.split_once('[').unwrap_or((declaration, ""));
    if head.contains("SYSTEM") || head.contains("PUBLIC") {
        return Err("a document type that is kept elsewhere is refused".to_owned());
    }
    for entity in
        body.split("<!").skip(1).filter(|part| part.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("ENTITY")))
    {
        let entity = entity.get(6..).unwrap_or_default().trim_start();
        let (name, rest) = entity.split_once(|c: char| c.is_whitespace()).unwrap_or((entity, ""));
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = quote.and_then(|quote| rest.get(1..)?.split_once(quote)).map(|(value, _)| value);
        match value {
            Some(value) if !value.contains(['&', '%', '<']) && value.len() <= LONGEST_ENTITY && name != "%" => {}
            _ => {
                let name: String = name.chars().take(40).collect();
                return Err(format!("the XML entity `{name}` is refused: it is more than a short text"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(watch: Watch, text: &str) -> bool {
        // Byte by byte, so that every mark is also met across the end of a read.
        let mut out = Vec::new();
        let reader = text.as_bytes().chunks(1).fold(Box::new(io::empty()) as Box<dyn Read>, |before, chunk| {
            Box::new(before.chain(chunk)) as Box<dyn Read>
        });
        // A chain per byte nests as deep as the text is long, so long texts are read whole.
        if text.len() > 400 {
            return Guard::new(text.as_bytes(), watch).read_to_end(&mut out).is_ok();
        }
        Guard::new(reader, watch).read_to_end(&mut out).is_ok()
    }

    #[test]
    fn depth_is_bounded_before_the_parser() {
        for (watch, text, expected) in [
            (Watch::Json, "[".repeat(JSON_DEPTH) + &"]".repeat(JSON_DEPTH), true),
            (Watch::Json, "[".repeat(JSON_DEPTH + 1), false),
            (Watch::Json, format!("\"{}\\\"[\"", "[".repeat(500)), true),
            (Watch::Turtle, "<<( ".repeat(TRIPLE_DEPTH + 1), false),
            (Watch::Turtle, "<<( <a> <b> <c> )>> ".repeat(500), true),
            (Watch::Turtle, "<a> <b> \"<< << <<\" . # << <<\n".repeat(500), true),
            (Watch::Turtle, "<a> <b> \"\"\" << \" \"\" \\\"\"\" << \"\"\" .\n".repeat(500), true),
            (Watch::Turtle, "<a> <b> \"\" , '' , \"x\" .\n<a> <b> 'it\\'s <<' .\n".repeat(500), true),
            (Watch::Turtle, "\"\"".to_owned() + &"<<(".repeat(TRIPLE_DEPTH + 1), false),
            (Watch::Turtle, "<<<<<<".repeat(TRIPLE_DEPTH), false),
            (Watch::Turtle, "[".repeat(DEPTH + 1), false),
            (Watch::Xml, "<a>".repeat(DEPTH + 1), false),
            (Watch::Xml, "<a x='y'></a><b/>".repeat(DEPTH + 1), true),
        ] {
            assert_eq!(passes(watch, &text), expected, "{watch:?} {text:.60}");
        }
        assert!(is_too_deep(&"<<( <a> <b> ".repeat(200)));
        assert!(!is_too_deep("<a> <b> \"<< << <<\" ."));
    }

    #[test]
    fn entities_that_are_more_than_abbreviations_are_refused() {
        let bomb = "<!DOCTYPE r [ <!ENTITY a \"aaaa\"> <!ENTITY b \"&a;&a;\"> ]><r/>";
        for (text, expected) in [
            ("<?xml version='1.0'?><!DOCTYPE rdf:RDF [ <!ENTITY owl \"http://www.w3.org/2002/07/owl#\" > ]><a/>", true),
            ("<!DOCTYPE rdf:RDF><a/>", true),
            (bomb, false),
            (&bomb.to_lowercase().replace("entity", "ENTITY"), false),
            ("<!DOCTYPE r SYSTEM \"http://x/\"><r/>", false),
            ("<!DOCTYPE r [ <!ENTITY x SYSTEM \"file:///etc/passwd\"> ]><r/>", false),
            ("<!DOCTYPE r [ <!ENTITY % p \"x\"> ]><r/>", false),
            (&format!("<!DOCTYPE r [ <!ENTITY a \"{}\"> ]>", "x".repeat(LONGEST_ENTITY + 1)), false),
            ("<a><!-- <!DOCTYP --></a>", true),
            ("<a><!DOCTYPE r [ <!ENTITY b \"&a;\"> ]></a>", false),
        ] {
            assert_eq!(passes(Watch::Xml, text), expected, "{text}");
        }
    }
}
