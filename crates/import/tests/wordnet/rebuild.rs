//! Makes the lines of WordNet's files again from quads alone, to show that nothing was lost on the way.
//!
//! What the format orders but the graph does not (pointers, frames) is compared sorted.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use quid_core::oxrdf::{NamedOrBlankNode, Quad, Term};
use quid_core::text::percent_decode;
use quid_core::vocabulary::WN30;
use quid_import::wordnet::gloss;

const LEXNAMES: &str = include_str!("../../../../data/wordnet/lexnames.tsv");
const POINTERS: &str = include_str!("../../../../data/wordnet/pointers.tsv");

/// The lines by file name, in a form in which equal content is equal text.
pub type Lines = BTreeMap<String, BTreeSet<String>>;

/// Quads by subject; IRIs without the common prefix, predicates by their last part.
struct Graph(HashMap<String, Vec<(String, String)>>);

impl Graph {
    fn of(quads: &[Quad]) -> Self {
        let mut subjects: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for quad in quads {
            let NamedOrBlankNode::NamedNode(subject) = &quad.subject else { panic!("{quad}") };
            let predicate = quad.predicate.as_str().rsplit(['#', '/', ':']).next().unwrap();
            let object = match &quad.object {
                Term::NamedNode(node) => bare(node.as_str()),
                Term::Literal(literal) => literal.value(),
                other => panic!("{other}"),
            };
            let subject = subjects.entry(bare(subject.as_str()).to_owned()).or_default();
            subject.push((predicate.to_owned(), object.to_owned()));
        }
        for (subject, about) in &mut subjects {
            about.sort_unstable();
            assert!(about.windows(2).all(|pair| pair[0] != pair[1]), "{subject} has a quad twice");
        }
        Self(subjects)
    }

    fn all<'a>(&'a self, subject: &str, predicate: &'a str) -> impl Iterator<Item = &'a str> {
        let about = self.0.get(subject).map(Vec::as_slice).unwrap_or_default();
        about.iter().filter(move |(of, _)| of == predicate).map(|(_, object)| object.as_str())
    }

    fn one<'a>(&'a self, subject: &str, predicate: &'a str) -> Option<&'a str> {
        self.all(subject, predicate).next()
    }
}

fn bare(iri: &str) -> &str {
    iri.strip_prefix(WN30).unwrap_or(iri)
}

/// Symbols by relation.
static SYMBOLS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let rows = POINTERS.lines().filter(|line| !line.starts_with("# "));
    rows.map(|line| line.split('\t').collect::<Vec<_>>()).map(|row| (row[1], row[0])).collect()
});

/// A word of a synset as found in the graph.
struct Word {
    place: usize,
    written: String,
    lex_id: u8,
    sense: Option<String>,
}

/// The lines that these quads say.
pub fn from_quads(quads: &[Quad]) -> Lines {
    let graph = Graph::of(quads);
    let mut lines = Lines::new();
    let mut senses_of: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut entry_of: HashMap<&str, &str> = HashMap::new();
    for (subject, about) in &graph.0 {
        for (predicate, object) in about {
            match predicate.as_str() {
                "isLexicalizedSenseOf" => senses_of.entry(object).or_default().push(subject),
                "sense" => drop(entry_of.insert(object, subject)),
                _ => {}
            }
        }
    }
    let words_of: HashMap<&str, Vec<Word>> =
        senses_of.iter().map(|(synset, senses)| (*synset, words(&graph, senses, &entry_of))).collect();
    for (subject, about) in &graph.0 {
        let mut put = |file: String, line: String| {
            lines.entry(file).or_default().insert(line);
        };
        if let Some(key) = subject.strip_prefix("sense/").map(percent_decode) {
            if let Some(synset) = graph.one(subject, "isLexicalizedSenseOf") {
                assert_eq!(graph.one(subject, "identifier"), Some(key.as_str()));
                let number = graph.one(subject, "senseNumber").unwrap();
                let tags = graph.one(subject, "tagCount").unwrap_or("0");
                put("index.sense".into(), format!("{key} {} {number} {tags}", &synset[..8]));
                if graph.one(subject, "concordance").is_none() && tags != "0" {
                    put("cntlist.rev".into(), format!("{key} {number} {tags}"));
                }
                for number in sentences(&graph, subject) {
                    put("sentidx.vrb".into(), format!("{key} {number}"));
                }
            }
            if let Some(says) = graph.one(subject, "concordance").filter(|says| !says.is_empty()) {
                put("cntlist.rev".into(), format!("{key} {says}"));
            }
        } else if let Some(number) = subject.strip_prefix("frame/") {
            put("frames.vrb".into(), format!("{number} {}", graph.one(subject, "frame").unwrap()));
        } else if let Some(number) = subject.strip_prefix("sentence/") {
            put("sents.vrb".into(), format!("{number} {}", graph.one(subject, "example").unwrap()));
        } else if let Some(entry) = subject.strip_prefix("entry/").map(percent_decode) {
            let (lemma, letter) = entry.rsplit_once('-').unwrap();
            if graph.one(subject, "type").is_some() {
                put(format!("index.{}", file(letter)), index_line(&graph, subject, lemma, letter));
            }
            let spelled: BTreeSet<&str> = graph
                .all(subject, "sense")
                .flat_map(|sense| graph.all(sense, "spelling").chain(graph.all(sense, "variant")))
                .collect();
            for form in graph.all(subject, "otherForm") {
                let spelling = spelling(form);
                let variant = spelled.iter().any(|other| other.split(' ').nth(1) == Some(&spelling));
                if !spelled.contains(form) && !variant {
                    put(format!("{}.exc", file(letter)), format!("{spelling} {lemma}"));
                }
            }
        } else if about.iter().any(|(_, object)| object.ends_with("#LexicalConcept")) {
            let letter = subject.rsplit('-').next().unwrap();
            put(format!("data.{}", file(letter)), data_line(&graph, subject, &words_of));
        }
    }
    lines
}

fn words(graph: &Graph, senses: &[&str], entry_of: &HashMap<&str, &str>) -> Vec<Word> {
    let mut words = Vec::new();
    for sense in senses {
        let key = graph.one(sense, "identifier").unwrap();
        let form = graph.one(sense, "spelling").or_else(|| graph.one(entry_of[sense], "canonicalForm"));
        let marker = graph.one(sense, "adjectivePosition").map_or(String::new(), |marker| format!("({marker})"));
        words.push(Word {
            place: graph.one(sense, "wordNumber").map_or(1, |number| number.parse().unwrap()),
            written: format!("{}{marker}", spelling(form.unwrap())),
            lex_id: key.rsplit_once('%').unwrap().1.split(':').nth(2).unwrap().parse().unwrap(),
            sense: Some((*sense).to_owned()),
        });
        for variant in graph.all(sense, "variant") {
            let fields: Vec<&str> = variant.split(' ').collect();
            words.push(Word {
                place: fields[0].parse().unwrap(),
                written: fields[1].to_owned(),
                lex_id: u8::from_str_radix(fields[2], 16).unwrap(),
                sense: None,
            });
        }
    }
    words.sort_by_key(|word| word.place);
    words
}

fn data_line(graph: &Graph, synset: &str, words_of: &HashMap<&str, Vec<Word>>) -> String {
    let (offset, letter) = synset.split_once('-').unwrap();
    let kind = match graph.one(synset, "partOfSpeech").unwrap() {
        kind if kind.ends_with("adjective_satellite") => "s",
        _ => letter,
    };
    let lexfile = graph.one(synset, "lexfile").unwrap();
    let mut rows = LEXNAMES.lines().filter_map(|line| line.split_once('\t'));
    let (lexfile, _) = rows.find(|(_, name)| *name == lexfile).unwrap();
    let words = &words_of[synset];
    assert!(words.iter().enumerate().all(|(at, word)| word.place == at + 1), "{synset}");
    let written: Vec<String> = words.iter().map(|word| format!("{} {:x}", word.written, word.lex_id)).collect();
    let mut pointers = BTreeSet::new();
    let mut frames = BTreeSet::new();
    for (predicate, target) in &graph.0[synset] {
        if let Some(symbol) = symbol(predicate, letter) {
            let (offset, letter) = target.split_once('-').unwrap();
            pointers.insert(format!("{symbol} {offset} {letter} 0000"));
        }
    }
    for word in words {
        let Some(sense) = &word.sense else { continue };
        for (predicate, object) in &graph.0[sense] {
            match (predicate.as_str(), symbol(predicate, letter)) {
                ("pointer", _) => drop(pointers.insert(object.clone())),
                ("frame", _) => drop(frames.insert(format!("{object}/{}", word.place))),
                (_, Some(symbol)) => {
                    let synset = graph.one(object, "isLexicalizedSenseOf").unwrap();
                    let target = words_of[synset].iter().find(|word| word.sense.as_ref() == Some(object)).unwrap();
                    let (offset, letter) = synset.split_once('-').unwrap();
                    let doubled = graph.one(sense, "variant").or_else(|| graph.one(object, "variant"));
                    if doubled.is_none() {
                        pointers.insert(format!("{symbol} {offset} {letter} {:02x}{:02x}", word.place, target.place));
                    }
                }
                _ => {}
            }
        }
    }
    let mut examples: Vec<String> = graph.all(synset, "example").map(str::to_owned).collect();
    examples.sort();
    let rebuilt = gloss::rebuild(graph.one(synset, "definition").unwrap_or(""), &examples);
    let gloss = graph.one(synset, "gloss").unwrap_or(&rebuilt);
    format!("{offset} {lexfile} {kind} {written:?} {pointers:?} {frames:?} | {gloss}")
}

fn index_line(graph: &Graph, entry: &str, lemma: &str, letter: &str) -> String {
    let mut senses: Vec<(u32, &str, bool)> = graph
        .all(entry, "sense")
        .map(|sense| {
            let number = graph.one(sense, "senseNumber").unwrap().parse().unwrap();
            let synset = graph.one(sense, "isLexicalizedSenseOf").unwrap();
            (number, &synset[..8], graph.one(sense, "tagCount").is_some())
        })
        .collect();
    senses.sort_unstable();
    let tagged = senses.iter().filter(|(.., tagged)| *tagged).count();
    let offsets: Vec<&str> = senses.iter().map(|(_, offset, _)| *offset).collect();
    format!("{lemma} {letter} {} {tagged} {offsets:?}", senses.len())
}

/// The numbers of a sense's sentences, found by putting its word into each of them.
fn sentences(graph: &Graph, sense: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let Some(key) = graph.one(sense, "identifier") else { return numbers };
    let word = key.rsplit_once('%').unwrap().0.replace('_', " ");
    let mut examples: Vec<String> = graph.all(sense, "example").map(str::to_lowercase).collect();
    if examples.is_empty() {
        return numbers;
    }
    for number in 1..=200 {
        let template = graph.one(&format!("sentence/{number}"), "example");
        let filled = template.map(|template| template.replace("%s", &word).to_lowercase());
        if let Some(at) = filled.and_then(|filled| examples.iter().position(|example| *example == filled)) {
            examples.remove(at);
            numbers.push(number.to_string());
        }
    }
    assert!(examples.is_empty(), "{sense}: {examples:?}");
    numbers
}

fn symbol(predicate: &str, letter: &str) -> Option<&'static str> {
    if predicate == "similar" {
        return Some(if letter == "v" { "$" } else { "&" });
    }
    SYMBOLS.get(predicate).copied()
}

fn spelling(form: &str) -> String {
    let form = percent_decode(form.strip_prefix("form/").unwrap());
    form.rsplit_once('-').unwrap().0.to_owned()
}

fn file(letter: &str) -> &'static str {
    match letter {
        "n" => "noun",
        "v" => "verb",
        "a" => "adj",
        _ => "adv",
    }
}

/// The same lines read plainly from the files.
pub fn from_files(files: &BTreeMap<String, Vec<u8>>) -> Lines {
    let frames: HashMap<u32, String> = String::from_utf8_lossy(&files["frames.vrb"])
        .lines()
        .map(|line| {
            (line.split(' ').next().unwrap().parse().unwrap(), line.split_once(' ').unwrap().1.trim().to_owned())
        })
        .collect();
    let mut lines = Lines::new();
    for (name, bytes) in files {
        let text = String::from_utf8_lossy(bytes);
        let of_file = lines.entry(name.clone()).or_default();
        for line in text.lines().filter(|line| !line.starts_with("  ")) {
            let fields: Vec<&str> = line.split(' ').collect();
            match name.split_once('.').unwrap() {
                ("data", _) => drop(of_file.insert(plain_data_line(line, &frames))),
                ("index", "sense") => drop(of_file.insert(line.to_owned())),
                ("index", _) => {
                    let symbols: usize = fields[3].parse().unwrap();
                    let offsets: Vec<&&str> = fields[6 + symbols..].iter().filter(|field| !field.is_empty()).collect();
                    let [lemma, letter, count, ..] = fields[..] else { panic!("{line}") };
                    of_file.insert(format!("{lemma} {letter} {count} {} {offsets:?}", fields[5 + symbols]));
                }
                (_, "exc") => {
                    of_file.extend(fields[1..].iter().map(|base| format!("{} {base}", fields[0])));
                }
                ("sentidx", _) => {
                    let numbers = fields[1].split(',').filter(|number| !number.is_empty());
                    of_file.extend(numbers.map(|number| format!("{} {number}", fields[0])));
                }
                ("frames" | "sents", _) => {
                    let (number, text) = line.split_once(' ').unwrap();
                    of_file.insert(format!("{number} {}", text.trim()));
                }
                _ => drop(of_file.insert(line.to_owned())),
            }
        }
    }
    lines
}

fn plain_data_line(line: &str, frames: &HashMap<u32, String>) -> String {
    let (fields, gloss) = line.split_once(" | ").unwrap();
    let mut fields = fields.split(' ');
    let mut next = || fields.next().unwrap_or("");
    let (offset, lexfile, kind) = (next(), next(), next());
    let count = usize::from_str_radix(next(), 16).unwrap();
    let words: Vec<String> = (0..count).map(|_| format!("{} {}", next(), next())).collect();
    let pointers: usize = next().parse().unwrap();
    let pointers: BTreeSet<String> =
        (0..pointers).map(|_| format!("{} {} {} {}", next(), next(), next(), next())).collect();
    let mut said = BTreeSet::new();
    for _ in 0..next().parse().unwrap_or(0_usize) {
        let (_, number, word) = (next(), next(), usize::from_str_radix(next(), 16).unwrap());
        let text = &frames[&number.parse().unwrap()];
        let places = if word == 0 { 1..=count } else { word..=word };
        said.extend(places.map(|place| format!("{text}/{place}")));
    }
    format!("{offset} {lexfile} {kind} {words:?} {pointers:?} {said:?} | {}", gloss.trim_matches(' '))
}
