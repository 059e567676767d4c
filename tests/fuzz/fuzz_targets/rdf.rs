//! Reads any text as RDF in one of its serialisations, as OBO, or as WN-LMF: problems or quads, in bounded time.
#![no_main]

use std::path::PathBuf;

use libfuzzer_sys::fuzz_target;
use quid_import::lmf::Lmf;
use quid_import::rdf::{Rdf, Wishes};
use quid_import::source::Dump;

/// Each kind of file: its ending, and how it begins.
const KINDS: [(&str, &str); 9] = [
    ("nt", ""),
    ("nq", "<a:a> <b:b> "),
    ("ttl", "@prefix a: <http://a/> .\na:s a:p "),
    ("trig", "<a:g> { <a:a> <b:b> "),
    ("n3", "{ <a:a> <b:b> "),
    ("owl", "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"),
    ("jsonld", "{\"@context\": {}, \"@id\": "),
    ("obo", "format-version: 1.4\n\n[Term]\nid: A:1\n"),
    ("xml", "<LexicalResource><Lexicon id=\"a\" language=\"en\" version=\"1\">"),
];

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let Some((ending, start)) = KINDS.get(usize::from(*kind) % KINDS.len()) else { return };
    let path: PathBuf = std::env::temp_dir().join(format!("quid-fuzz-{}.{ending}", std::process::id()));
    if std::fs::write(&path, [start.as_bytes(), rest].concat()).is_err() {
        return;
    }
    let opened: Option<Box<dyn Dump>> = if *ending == "xml" {
        Lmf::open(&path, None, "", "").ok().map(|dump| Box::new(dump) as Box<dyn Dump>)
    } else {
        let wishes = Wishes { name: "fuzzed".to_owned(), ..Wishes::default() };
        Rdf::open(&[path], wishes).ok().map(|dump| Box::new(dump) as Box<dyn Dump>)
    };
    let Some(mut dump) = opened else { return };
    // Every byte can be at most a few quads and a problem or two.
    let most = 1_000 + 50 * data.len();
    for count in 0.. {
        assert!(count < most, "it goes on for ever");
        if dump.next().is_none() {
            break;
        }
    }
});
