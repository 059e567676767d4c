//! Reads lexicons in WN-LMF: the Open English WordNet and the Global WordNets of other languages.
//!
//! The XML is read as a stream; what a lexicon says becomes the same quads that WordNet's own files make, so that the
//! chat knows no difference, under IRIs of the source's own: two editions never share a synset.
//!
//! | in the file | in the graph of the source |
//! |---|---|
//! | `Lexicon` | graph `rdfs:label`, `lime:language`, `dcterms:license`, `owl:versionInfo`, `dcterms:source` |
//! | `LexicalEntry` | `ontolex:LexicalEntry`, `wn:partOfSpeech`; `Lemma` and `Form`: `ontolex:canonicalForm`, `otherForm` |
//! | `Sense` | `ontolex:sense`, `ontolex:isLexicalizedSenseOf`, `quid:senseNumber`; `Count`: `quid:tagCount` |
//! | `dc:identifier` of a sense | `dcterms:identifier` |
//! | `SenseRelation`, `SynsetRelation` | the relation of that name in `wn:` |
//! | `SyntacticBehaviour` | `quid:frame` on its senses |
//! | `Synset` | `ontolex:LexicalConcept`, `wn:partOfSpeech`, `wn:lexfile`, `wn:ili`; `Definition`, `Example` |
//! | `members` of a synset | `quid:wordNumber` on the senses after the first |
//!
//! Sources: <https://globalwordnet.github.io/schemas/>, WN-LMF 1.0 to 1.4.

mod place;

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use quid_core::oxrdf::vocab::rdfs;
use quid_core::oxrdf::{Literal, NamedNode, NamedNodeRef, Quad, Term};
use quid_core::text::percent_encode;
use quid_core::vocabulary as v;

use crate::Problem;
use crate::source::{About, Dump, FileRead, Gauge, Input, Progress, graph_of};
use place::Placed;

/// `lime:language`, by which the chat knows in which languages to look words up.
const LANGUAGE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/ns/lemon/lime#language");
const LICENCE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://purl.org/dc/terms/license");
const VERSION: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#versionInfo");
const SOURCE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://purl.org/dc/terms/source");
const WORD_NUMBER: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:wordNumber");
const POSITION: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:adjectivePosition");
/// The prefix of interlingual concepts.
const ILI: &str = "http://globalwordnet.org/ili/";
/// How deep elements are nested at most; the schema has six levels.
const DEPTH: usize = 32;
/// The longest text of one element that is kept, in bytes.
const LONGEST: usize = 1 << 20;

/// A lexicon being read.
pub struct Lmf {
    reader: Reader<Placed<Input>>,
    /// Where the event that is being read begins: line and byte in the line.
    place: (usize, usize),
    after_text: bool,
    buffer: Vec<u8>,
    path: PathBuf,
    gauge: Gauge,
    name: String,
    title: String,
    licence: String,
    graph: NamedNode,
    base: String,
    language: String,
    open: Vec<String>,
    entry: Option<Entry>,
    sense: Option<NamedNode>,
    synset: Option<NamedNode>,
    /// The text of the element that is open, and its attribute that says what it is for.
    text: String,
    /// The senses of each synset that have been met, by entry.
    words: HashMap<String, Vec<(String, NamedNode)>>,
    /// The part of speech of each synset whose identifier does not say it.
    parts: HashMap<String, String>,
    ready: VecDeque<Result<Quad, Problem>>,
    counts: [u64; 3],
    ended: bool,
}

/// The entry that is open.
struct Entry {
    id: String,
    node: NamedNode,
    part: String,
    senses: i64,
    frames: Vec<(String, Vec<String>)>,
    own: Vec<NamedNode>,
}

impl Lmf {
    /// Opens a lexicon; without a name it is called by its own identifier and version.
    ///
    /// # Errors
    /// A [`Problem`] when the file cannot be read or is no WN-LMF.
    pub fn open(path: &Path, name: Option<&str>, title: &str, licence: &str) -> Result<Self, Problem> {
        let input = Input::open(path)?;
        let gauge = input.gauge();
        let mut lmf = Self {
            reader: Reader::from_reader(Placed::new(input)),
            place: (1, 1),
            after_text: false,
            buffer: Vec::new(),
            path: path.to_owned(),
            gauge,
            name: name.unwrap_or_default().to_owned(),
            title: title.to_owned(),
            licence: licence.to_owned(),
            graph: graph_of(name.unwrap_or_default()),
            base: String::new(),
            language: String::new(),
            open: Vec::new(),
            entry: None,
            sense: None,
            synset: None,
            text: String::new(),
            words: HashMap::new(),
            parts: HashMap::new(),
            ready: VecDeque::new(),
            counts: [0; 3],
            ended: false,
        };
        // Its name stands in its first element, and the loader wants it before the first quad.
        while lmf.base.is_empty() && !lmf.ended {
            lmf.step();
        }
        if lmf.base.is_empty() {
            let expected =
                "a lexicon in WN-LMF (LexicalResource, Lexicon), or a folder of WNDB files; for RDF: quid load rdf";
            return Err(match lmf.ready.pop_front() {
                Some(Err(problem)) => problem,
                _ => Problem::of_file(path, "no Lexicon element is in it", expected),
            });
        }
        Ok(lmf)
    }

    fn step(&mut self) {
        self.buffer.clear();
        let (line, column) = self.reader.get_ref().place();
        // The `<` after a text is taken together with the text.
        self.place = (line, column - usize::from(self.after_text && column > 1));
        let mut buffer = std::mem::take(&mut self.buffer);
        let event = self.reader.read_event_into(&mut buffer).map(Event::into_owned);
        self.buffer = buffer;
        self.after_text = matches!(event, Ok(Event::Text(_)));
        match event {
            Err(error) => self.fail(&error.to_string()),
            Ok(Event::Eof) => {
                if !self.open.is_empty() {
                    self.fail("the file ends within an element");
                }
                self.ended = true;
            }
            Ok(Event::Start(element)) => self.start(&element, false),
            Ok(Event::Empty(element)) => self.start(&element, true),
            Ok(Event::End(_)) => self.end(),
            Ok(Event::Text(text)) if self.text.len() < LONGEST => match text.unescape() {
                Ok(text) => self.text.push_str(&text),
                Err(error) => self.complain(&error.to_string()),
            },
            Ok(Event::CData(text)) if self.text.len() < LONGEST => {
                self.text.push_str(&String::from_utf8_lossy(&text.into_inner()));
            }
            Ok(_) => {}
        }
    }

    /// A fault after which the file cannot be read on.
    fn fail(&mut self, message: &str) {
        self.complain(message);
        self.ended = true;
    }

    fn complain(&mut self, message: &str) {
        let (line, column) = self.place;
        let message = crate::rdf::said(message);
        self.ready.push_back(Err(Problem::at(&self.path, line, column, message, "well-formed WN-LMF")));
    }

    fn start(&mut self, element: &BytesStart<'_>, is_empty: bool) {
        let name = String::from_utf8_lossy(element.name().local_name().as_ref()).into_owned();
        let mut attributes = HashMap::new();
        for attribute in element.attributes() {
            match attribute.map(|one| (one.key, one.unescape_value().map(std::borrow::Cow::into_owned))) {
                Ok((key, Ok(value))) => {
                    attributes.insert(String::from_utf8_lossy(key.as_ref()).into_owned(), value);
                }
                Ok((_, Err(error))) => self.complain(&error.to_string()),
                Err(error) => self.complain(&error.to_string()),
            }
        }
        if self.open.len() >= DEPTH {
            return self.fail("elements nested deeper than any lexicon has them");
        }
        self.text.clear();
        if self.base.is_empty() && name != "Lexicon" && name != "LexicalResource" && name != "LexiconExtension" {
            return self.fail("this is XML, but no WN-LMF");
        }
        if let Err(message) = self.element(&name, &attributes) {
            self.complain(&format!("{name}: {message}"));
        }
        self.open.push(name);
        if is_empty {
            self.end();
        }
    }

    fn element(&mut self, name: &str, attributes: &HashMap<String, String>) -> Result<(), &'static str> {
        let get = |name: &str| attributes.get(name).map(String::as_str).filter(|value| !value.is_empty());
        match name {
            "Lexicon" | "LexiconExtension" => self.lexicon(&get),
            "LexicalEntry" => {
                let id = get("id").ok_or("an entry without an id")?.to_owned();
                let node = self.node(&id);
                self.counts[0] += 1;
                self.add(&node, v::TYPE, v::LEXICAL_ENTRY.into_owned());
                self.entry =
                    Some(Entry { id, node, part: String::new(), senses: 0, frames: Vec::new(), own: Vec::new() });
            }
            "Lemma" | "Form" => {
                let written = get("writtenForm").ok_or("no writtenForm")?.to_owned();
                let Some(entry) = &mut self.entry else { return Err("a form outside of an entry") };
                let node = entry.node.clone();
                let relation = if name == "Lemma" { v::CANONICAL_FORM } else { v::OTHER_FORM };
                if name == "Lemma" {
                    get("partOfSpeech").unwrap_or("u").clone_into(&mut entry.part);
                }
                let part = entry.part.clone();
                if name == "Lemma" {
                    self.add(&node, v::PART_OF_SPEECH, part_of_speech(&part));
                }
                let (word, part) = (percent_encode(&written), percent_encode(&part));
                let form = NamedNode::new_unchecked(format!("{}form:{word}-{part}", self.base));
                self.add(&node, relation, form.clone());
                let written = self.literal(written);
                self.add(&form, v::WRITTEN_REP, written);
            }
            "Sense" => self.sense_element(&get)?,
            "SenseRelation" | "SynsetRelation" => {
                let (kind, target) = (get("relType").ok_or("no relType")?, get("target").ok_or("no target")?);
                if !kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    return Err("a relType that is no name");
                }
                let subject = if name == "SenseRelation" { self.sense.clone() } else { self.synset.clone() };
                let subject = subject.ok_or("a relation of nothing")?;
                let namespace = v::HYPERNYM.as_str().trim_end_matches("hypernym");
                let relation = NamedNode::new_unchecked(format!("{namespace}{kind}"));
                let target = if name == "SynsetRelation" { self.synset_node(target, "") } else { self.node(target) };
                self.add(&subject, relation.as_ref(), target);
            }
            "SyntacticBehaviour" => {
                let frame = get("subcategorizationFrame").ok_or("no subcategorizationFrame")?.to_owned();
                let senses: Vec<String> = get("senses")
                    .map(|senses| senses.split_whitespace().map(str::to_owned).collect())
                    .unwrap_or_default();
                if let Some(entry) = &mut self.entry {
                    entry.frames.push((frame, senses));
                } else {
                    for sense in senses {
                        let (node, frame) = (self.node(&sense), self.literal(frame.clone()));
                        self.add(&node, v::FRAME, frame);
                    }
                }
            }
            "Synset" => self.synset_element(&get)?,
            _ => {}
        }
        Ok(())
    }

    fn lexicon<'a>(&mut self, get: &impl Fn(&str) -> Option<&'a str>) {
        if self.base.is_empty() {
            if self.name.is_empty() {
                let parts = [get("id"), get("version")];
                self.name = parts.into_iter().flatten().collect::<Vec<_>>().join("-").to_lowercase();
                if self.name.is_empty() {
                    "lexicon".clone_into(&mut self.name);
                }
            }
            if self.title.is_empty() {
                let parts = [get("label").or(get("id")), get("version")];
                self.title = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            }
            if self.licence.is_empty() {
                get("license").unwrap_or_default().clone_into(&mut self.licence);
            }
            self.graph = graph_of(&self.name);
            self.base = format!("urn:quid:lexicon:{}:", percent_encode(&self.name));
        }
        get("language").unwrap_or("en").clone_into(&mut self.language);
        let graph = self.graph.clone();
        for (attribute, property) in [
            ("label", rdfs::LABEL),
            ("language", LANGUAGE),
            ("license", LICENCE),
            ("version", VERSION),
            ("url", SOURCE),
            ("citation", rdfs::COMMENT),
        ] {
            if let Some(text) = get(attribute) {
                self.add(&graph, property, Literal::new_simple_literal(text));
            }
        }
    }

    fn sense_element<'a>(&mut self, get: &impl Fn(&str) -> Option<&'a str>) -> Result<(), &'static str> {
        let id = get("id").ok_or("a sense without an id")?;
        let synset = get("synset").ok_or("a sense without a synset")?;
        let node = self.node(id);
        let Some(entry) = &mut self.entry else { return Err("a sense outside of an entry") };
        entry.senses += 1;
        entry.own.push(node.clone());
        let number = get("n").and_then(|number| number.parse().ok()).unwrap_or(entry.senses);
        let (of, part, entry_id) = (entry.node.clone(), entry.part.clone(), entry.id.clone());
        self.counts[1] += 1;
        self.words.entry(synset.to_owned()).or_default().push((entry_id, node.clone()));
        if !says_its_part(synset) {
            self.parts.insert(synset.to_owned(), part);
        }
        let meaning = self.synset_node(synset, "");
        self.add(&of, v::SENSE, node.clone());
        self.add(&node, v::LEXICALIZED_SENSE_OF, meaning);
        self.add(&node, v::SENSE_NUMBER, Literal::from(number));
        if let Some(key) = get("dc:identifier").or(get("identifier")) {
            self.add(&node, v::IDENTIFIER, Literal::new_simple_literal(key));
        }
        if let Some(position) = get("adjposition") {
            self.add(&node, POSITION, Literal::new_simple_literal(position));
        }
        self.sense = Some(node);
        Ok(())
    }

    fn synset_element<'a>(&mut self, get: &impl Fn(&str) -> Option<&'a str>) -> Result<(), &'static str> {
        let id = get("id").ok_or("a synset without an id")?;
        let part = get("partOfSpeech").unwrap_or("u");
        let node = self.synset_node(id, part);
        self.counts[2] += 1;
        self.add(&node, v::TYPE, v::LEXICAL_CONCEPT.into_owned());
        self.add(&node, v::PART_OF_SPEECH, part_of_speech(part));
        if let Some(file) = get("lexfile").or(get("dc:subject")) {
            self.add(&node, v::LEXFILE, Literal::new_simple_literal(file));
        }
        if let Some(ili) = get("ili").filter(|ili| *ili != "in") {
            let namespace = v::HYPERNYM.as_str().trim_end_matches("hypernym");
            let property = NamedNode::new_unchecked(format!("{namespace}ili"));
            let concept = NamedNode::new_unchecked(format!("{ILI}{}", percent_encode(ili)));
            self.add(&node, property.as_ref(), concept);
        }
        let words = self.words.remove(id).unwrap_or_default();
        for (at, member) in get("members").unwrap_or_default().split_whitespace().enumerate().skip(1) {
            let own = self.node(member);
            // Members are entries in some lexicons and senses in others.
            let sense = words.iter().find(|(entry, sense)| entry == member || *sense == own);
            if let Some((_, sense)) = sense {
                self.add(&sense.clone(), WORD_NUMBER, Literal::from(i64::try_from(at).unwrap_or(i64::MAX) + 1));
            }
        }
        self.synset = Some(node);
        Ok(())
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        match name.as_str() {
            "Definition" | "Example" if !text.is_empty() => {
                let property = if name == "Definition" { v::DEFINITION } else { v::EXAMPLE };
                if let Some(subject) = self.synset.clone().or_else(|| self.sense.clone()) {
                    let text = self.literal(text.to_owned());
                    self.add(&subject, property, text);
                }
            }
            "Count" => {
                if let (Some(sense), Ok(count)) = (self.sense.clone(), text.parse::<i64>()) {
                    self.add(&sense, v::TAG_COUNT, Literal::from(count));
                }
            }
            "Sense" => self.sense = None,
            "Synset" => self.synset = None,
            "LexicalEntry" => {
                if let Some(entry) = self.entry.take() {
                    for (frame, senses) in entry.frames {
                        let named: Vec<NamedNode> = senses.iter().map(|sense| self.node(sense)).collect();
                        for sense in if named.is_empty() { &entry.own } else { &named } {
                            let frame = self.literal(frame.clone());
                            self.add(sense, v::FRAME, frame);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn node(&self, id: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("{}{}", self.base, percent_encode(id)))
    }

    /// A synset's IRI ends in its part of speech, as WordNet's do; most identifiers do so already.
    fn synset_node(&self, id: &str, part: &str) -> NamedNode {
        let known = self.parts.get(id).map_or(part, String::as_str);
        let end =
            if says_its_part(id) || known.is_empty() { String::new() } else { format!("-{}", percent_encode(known)) };
        NamedNode::new_unchecked(format!("{}{}{end}", self.base, percent_encode(id)))
    }

    fn literal(&self, text: String) -> Term {
        Literal::new_language_tagged_literal(text.clone(), &self.language)
            .unwrap_or_else(|_| Literal::new_simple_literal(text))
            .into()
    }

    fn add(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        let quad = Quad::new(subject.clone(), predicate.into_owned(), object, self.graph.clone());
        self.ready.push_back(Ok(quad));
    }
}

/// Whether a synset's identifier ends in its part of speech.
fn says_its_part(id: &str) -> bool {
    ["-n", "-v", "-a", "-s", "-r", "-x", "-u"].iter().any(|end| id.ends_with(end))
}

/// `wn:noun` and so on, from the letter.
fn part_of_speech(letter: &str) -> NamedNode {
    let name = match letter {
        "n" => "noun",
        "v" => "verb",
        "a" => "adjective",
        "r" => "adverb",
        "s" => "adjective_satellite",
        "t" => "phrase",
        "c" => "conjunction",
        "p" => "adposition",
        "x" => "other_part_of_speech",
        _ => "unknown_part_of_speech",
    };
    NamedNode::new_unchecked(format!("{}{name}", v::HYPERNYM.as_str().trim_end_matches("hypernym")))
}

impl Dump for Lmf {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn about(&self, source: &str) -> About {
        About { name: source.to_owned(), title: self.title.clone(), licence: self.licence.clone() }
    }

    fn next(&mut self) -> Option<Result<Quad, Problem>> {
        while self.ready.is_empty() && !self.ended {
            self.step();
        }
        self.ready.pop_front()
    }

    fn identity(&self) -> String {
        format!("lmf {} {}", self.name, self.path.display())
    }

    fn summary(&self) -> Vec<(&'static str, u64)> {
        let [entries, senses, synsets] = self.counts;
        vec![("synsets", synsets), ("senses", senses), ("entries", entries)]
    }

    fn progress(&self) -> Progress {
        self.gauge.progress()
    }

    fn files(&self) -> Vec<FileRead> {
        vec![self.gauge.file()]
    }

    fn size_stored(&self) -> u64 {
        self.gauge.progress().total.saturating_mul(12)
    }
}
