//! A mind in memory: the real language, rules and ontologies over a store that lives as long as the test.
//!
//! Thousands of small worlds are asked about in one test run; a process and a home on disk for each would be most
//! of the time. Nothing here is a stand-in: the rooms are those that the program wires.

// Each test program uses its own part of this file.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use quid_core::oxrdf::{GraphName, Quad, Term};
use quid_core::{Heard, Place, Reply, Rights, Rulebook, Source, Speaker, Time, Vectors};
use quid_lang::Language;
use quid_mind::{Called, Mind, Parts};
use quid_search::Index;
use quid_store::{Dump, Keeper};

/// When the first line is said; each line takes a second.
const BEGINNING: &str = "2026-05-02T12:00:00Z";

/// The top of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder of the data that is shared by everybody who builds; `None`, said aloud, where it is absent.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let path = root().join("../shared/data").join(folder);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not here", path.display());
    None
}

/// What never changes, read once for many minds.
#[derive(Clone)]
pub struct Rooms {
    language: Arc<Language>,
    rules: Arc<Rulebook>,
    ontologies: Arc<Vec<(String, Vec<Quad>)>>,
}

impl Rooms {
    /// Reads `data/` and `ontologies/` of this repository.
    pub fn open() -> Self {
        let texts: Vec<(String, String)> = ["data/grammar", "data/patterns", "data/phrases", "data/words"]
            .iter()
            .flat_map(|folder| files(folder, "toml"))
            .collect();
        let files_of_language: Vec<(&str, &str)> =
            texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let language = Language::load(&files_of_language).unwrap_or_else(|error| panic!("{error}"));
        let mut rules = Rulebook::default();
        for (name, text) in files("ontologies", "pl") {
            let short = stem(&name);
            let read = quid_logic::read(short, &text).unwrap_or_else(|error| panic!("{name}: {error}"));
            rules.rules.extend(read.rules);
        }
        let mut ontologies = Vec::new();
        for (name, text) in files("ontologies", "ttl") {
            let graph: GraphName = Source::Dump(stem(&name).to_owned()).graph().into();
            let triples = oxttl::TurtleParser::new().for_slice(text.as_bytes());
            let quads = triples
                .map(|triple| triple.unwrap_or_else(|error| panic!("{name}: {error}")).in_graph(graph.clone()))
                .collect();
            ontologies.push((stem(&name).to_owned(), quads));
        }
        Self { language: Arc::new(language), rules: Arc::new(rules), ontologies: Arc::new(ontologies) }
    }

    /// The language, for tests that look at readings.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// A mind that knows nothing but the ontologies it is brought along with.
    pub fn mind(&self) -> Chat {
        self.mind_knowing(&[])
    }

    /// The same, with sources loaded into the store and the text index.
    pub fn mind_knowing(&self, sources: &[(&str, Vec<Quad>)]) -> Chat {
        self.mind_with(sources, None, &|_| true)
    }

    /// The same, with vectors, so that texts are found by their meaning; only what is `indexed` is found.
    pub fn mind_with(
        &self,
        sources: &[(&str, Vec<Quad>)],
        vectors: Option<Arc<dyn Vectors>>,
        indexed: &dyn Fn(&Quad) -> bool,
    ) -> Chat {
        let keeper = Keeper::in_memory().expect("a store in memory");
        let index = Index::in_memory_with(vectors.clone()).expect("an index in memory");
        let at = Time::parse(BEGINNING).expect("a time");
        if !sources.is_empty() {
            let mut bulk = index.bulk().expect("begins");
            for (name, quads) in sources {
                let dump = Dump { name, title: name, licence: "", at };
                keeper.load(&dump, &mut quads.iter().cloned()).expect("loads");
                for quad in quads.iter().filter(|quad| indexed(quad)) {
                    bulk.add(quad).expect("is indexed");
                }
            }
            bulk.finish(0).expect("ends");
        }
        for (name, quads) in self.ontologies.iter() {
            let dump = Dump { name, title: name, licence: "MIT OR Apache-2.0", at };
            keeper.load(&dump, &mut quads.iter().cloned()).expect("loads");
        }
        let keeper = Arc::new(keeper);
        let mind = Mind::new(Parts {
            language: self.language.clone(),
            memory: keeper.clone(),
            recall: Arc::new(index),
            vectors,
            generator: None,
            rules: self.rules.clone(),
            me: "quid".to_owned(),
        });
        Chat { mind, keeper, now: at, stop: AtomicBool::new(false) }
    }
}

/// A talk of one person, ann, with a mind in private.
pub struct Chat {
    mind: Mind,
    /// The store behind it.
    pub keeper: Arc<Keeper>,
    now: Time,
    stop: AtomicBool,
}

impl Chat {
    /// The words for a description, best first.
    pub fn called(&mut self, description: &str, most: usize) -> Vec<Called> {
        let heard = self.aside(description);
        self.mind.called(&heard, description, most, &self.stop).expect("an answer")
    }

    /// What a word means in a sentence that nobody said, best first; texts in `without` are taken for unknown.
    pub fn meant(&mut self, word: &str, kind: char, sentence: &str, without: &[&str]) -> Vec<Term> {
        let heard = self.aside(sentence);
        self.mind.meant(&heard, word, Some(kind), sentence, without, &self.stop).expect("an answer")
    }

    fn aside(&self, text: &str) -> Heard {
        let speaker = Speaker { nick: "ann".to_owned(), account: Some("ann".to_owned()), rights: Rights::Everyone };
        let (place, text) = (Place::Private, text.to_owned());
        Heard { speaker, place, addressed: true, passive: false, text, at: self.now }
    }

    /// Says a line and gives the reply.
    pub fn say(&mut self, text: &str) -> Reply {
        self.heard(text, "ann", Place::Private, Rights::Everyone)
    }

    /// The same from somebody else or elsewhere; always addressed to the bot.
    pub fn heard(&mut self, text: &str, nick: &str, place: Place, rights: Rights) -> Reply {
        self.now = self.now.plus_seconds(1);
        let speaker = Speaker { nick: nick.to_owned(), account: Some(nick.to_owned()), rights };
        let heard = Heard { speaker, place, addressed: true, passive: false, text: text.to_owned(), at: self.now };
        self.mind.hear(&heard, &self.stop)
    }
}

/// A text cut into its sentences: after a full stop, question or exclamation mark and a space.
pub fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut sentence = String::new();
    for word in text.split_whitespace() {
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(word);
        if word.ends_with(['.', '?', '!']) {
            found.push(std::mem::take(&mut sentence));
        }
    }
    if !sentence.is_empty() {
        found.push(sentence);
    }
    found
}

fn stem(name: &str) -> &str {
    Path::new(name).file_stem().and_then(|stem| stem.to_str()).expect("a name")
}

/// Name relative to the repository and text of the files of a folder with this ending, sorted; none where there is
/// no such folder.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let Ok(entries) = fs::read_dir(root().join(folder)) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter(|name| name.ends_with(&format!(".{ending}")))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    names.sort();
    let read = |name: String| {
        let text = fs::read_to_string(root().join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, text)
    };
    names.into_iter().map(read).collect()
}
