//! Random damage to good files of every text format: whatever is wrong, it is told with its place, nothing panics,
//! nothing hangs, and what comes out is well-formed.
//!
//! The fuzz targets do this for hours with another compiler; here each format gets as many files as every run can
//! afford. `QUID_DAMAGED` makes them as many as wanted.

#[path = "../conceptnet/stored.rs"]
mod stored;

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Quad, Term};
use quid_import::Problem;
use quid_import::conceptnet::export::Exporter;
use quid_import::conceptnet::{ConceptNet, Filter};
use quid_import::lmf::Lmf;
use quid_import::rdf::{Rdf, Wishes};
use quid_import::source::{Dump, Input, Limits};
use quid_import::{brain, source};
use stored::Stored;

/// Longer, and a reader does not end with the file.
const PATIENCE: Duration = Duration::from_secs(20);

/// Each kind of file: its name, and a small good one.
const RDF: &[(&str, &str)] = &[
    (
        "a.nt",
        "<http://a/s> <http://a/p> \"x\\u00e9\"@en .\n_:b <http://a/p> \"1\"^^<http://a/int> . # so\n<http://a/s> <http://a/q> _:b .\n",
    ),
    ("a.nq", "<http://a/s> <http://a/p> \"x\" <http://a/g> .\n<http://a/s> <http://a/p> <http://a/o> .\n"),
    (
        "a.ttl",
        "@prefix a: <http://a/> .\na:s a:p \"x\"@en , 1.5 , true ; a:q [ a:r ( a:o \"\"\"long\ntext\"\"\" ) ] .\n",
    ),
    ("a.trig", "@prefix a: <http://a/> .\na:g { a:s a:p a:o . }\n{ a:s a:p << a:s a:p a:o >> . }\n"),
    ("a.n3", "@prefix a: <http://a/> .\na:s a:p a:o .\n{ a:s a:p ?x } => { ?x a:p a:s } .\n"),
    (
        "a.owl",
        "<?xml version=\"1.0\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:a=\"http://a/\">\n\
         <rdf:Description rdf:about=\"http://a/s\"><a:p xml:lang=\"en\">x &amp; y</a:p><a:q rdf:parseType=\"Collection\">\n\
         <rdf:Description/></a:q></rdf:Description></rdf:RDF>\n",
    ),
    (
        "a.jsonld",
        "{\"@context\": {\"a\": \"http://a/\"}, \"@id\": \"a:s\",\n \"a:p\": [{\"@value\": \"x\", \"@language\": \"en\"}, 1, true],\n \"a:q\": {\"@list\": [{\"@id\": \"a:o\"}]}}\n",
    ),
    (
        "a.obo",
        "format-version: 1.4\nontology: tiny\nidspace: X http://x.example/\n\n[Term]\nid: A:1 ! one\nname: lung \\(left\\)\n\
         def: \"An organ\\, paired.\" [PMID:1, \"a b\"] {a=\"b\"}\nsynonym: \"pulmo\" EXACT LATIN [X:2]\nis_a: A:2 ! organ\n\
         intersection_of: part_of A:3\nrelationship: part_of A:3 ! body\nxref: X:9\n\n[Typedef]\nid: part_of\nname: part of\nis_transitive: true\n",
    ),
];
const LMF: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LexicalResource>\n <Lexicon id=\"t\" label=\"Tiny\" language=\"de\" version=\"1\">\n\
    <LexicalEntry id=\"w1\"><Lemma writtenForm=\"Hund\" partOfSpeech=\"n\"/><Sense id=\"s1\" synset=\"t-1-n\"><Count>7</Count></Sense></LexicalEntry>\n\
    <Synset id=\"t-1-n\" ili=\"i1\" partOfSpeech=\"n\" members=\"w1\"><Definition>ein Tier</Definition>\n\
    <SynsetRelation relType=\"hypernym\" target=\"t-2-n\"/></Synset>\n </Lexicon>\n</LexicalResource>\n";
const CONCEPTNET: &str = "/a/[/r/IsA/,/c/en/dog/n/,/c/en/pet/]\t/r/IsA\t/c/en/dog/n\t/c/en/pet\t\
    {\"dataset\": \"/d/x\", \"license\": \"cc:by/4.0\", \"sources\": [{\"contributor\": \"/s/a\"}], \"weight\": 1.0}\n\
    /a/[/r/RelatedTo/,/c/de/h%C3%B6hle/,/c/en/cave/]\t/r/RelatedTo\t/c/de/höhle\t/c/en/cave\t\
    {\"dataset\": \"/d/x\", \"license\": \"cc:by/4.0\", \"sources\": [{\"contributor\": \"/s/b\", \"process\": \"/s/p\"}], \"surfaceText\": \"[[a]] \\u00fc\", \"weight\": 2.5}\n";
const BRAINS: &[(&str, &str)] = &[
    ("infobot.fact", "x => the unknown\nperl -> a language|a camel\ncafé => a place\n"),
    (
        "blootbot.sql",
        "CREATE TABLE `factoids` (`factoid_key` varchar(64), `created_by` varchar(100), `created_time` int, `factoid_value` text);\n\
         INSERT INTO `factoids` VALUES ('apt','ann',1100000000,'it\\'s a tool'),('last','cy',1100000001,'the end');\n",
    ),
    (
        "bucket.sql",
        "INSERT INTO `bucket_facts` (`fact`, `tidbit`, `verb`, `RE`, `protected`, `mood`, `chance`) VALUES\n('tea', 'a hot drink', 'is', 0, 0, NULL, NULL),\n('chai', 'tea', '<alias>', 0, 0, NULL, NULL);\n",
    ),
    ("rbot", "when | who | where | fact\nTue Mar 06 01:02:03 +0100 2007 | ann!a@b | #ruby | the sky is blue\n"),
    (
        "ibid.json",
        "[[[\"How are you\", \"hru\"], [\"<reply> $who: well\", \"is polite\"]], [[\"bye\"], [\"<reply> see you\"]]]",
    ),
    (
        "memory.jsonl",
        "{\"type\":\"entity\",\"name\":\"Ann\",\"entityType\":\"person\",\"observations\":[\"Speaks Spanish\"]}\n{\"type\":\"relation\",\"from\":\"Ann\",\"to\":\"Acme\",\"relationType\":\"works_at\"}\n",
    ),
    ("facts.tsv", "key\tvalue\tauthor\tat\tchannel\ntea\ta drink\\nhot\tann\t2020-01-02\t#tea\nmilk\twhite\n"),
    ("facts.csv", "key,value\ntea,\"a drink, hot\"\nmilk,\"white \"\"ish\"\"\"\n"),
];

/// Bytes that mean something in one format or another.
const SPECIAL: &[u8] = b"\"'<>&\\{}[]():;,|\0\r\n\t\xff\xc3@^_ ";

/// Numbers that look random and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap_or(0)
    }

    /// A file with some damage: bytes changed, left out, doubled, put in, moved, or cut off.
    fn damaged(&mut self, good: &str) -> Vec<u8> {
        let mut bytes = good.as_bytes().to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(24)).min(bytes.len());
            match self.below(8) {
                0 if at < bytes.len() => bytes[at] = u8::try_from(self.below(256)).unwrap_or(0),
                1 => bytes.truncate(at),
                2 => drop(bytes.drain(at..end)),
                3 => bytes.insert(at, SPECIAL[self.below(SPECIAL.len())]),
                4 => {
                    let again = bytes[at..].to_vec();
                    bytes.extend(again);
                }
                5 => {
                    let piece: Vec<u8> = bytes.drain(at..end).collect();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, piece).for_each(drop);
                }
                6 => bytes.splice(at..at, vec![b"([{<a\" "[self.below(7)]; self.below(500)]).for_each(drop),
                _ => bytes.splice(at..at, b"99999999999999999999999".iter().copied()).for_each(drop),
            }
        }
        bytes
    }
}

fn rounds() -> usize {
    std::env::var("QUID_DAMAGED").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

/// Everything of a dump, with what must hold of each quad and each problem.
fn drain(dump: &mut dyn Dump, bytes: &[u8]) -> Vec<Quad> {
    let start = Instant::now();
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let mut quads = Vec::new();
    let mut problems = 0;
    while let Some(item) = dump.next() {
        assert!(start.elapsed() < PATIENCE, "no end: {}", String::from_utf8_lossy(bytes));
        match item {
            Ok(quad) => {
                well_formed(&quad);
                quads.push(quad);
            }
            Err(problem) => {
                // An empty last line is where what is missing at the end is missed.
                assert!(problem.line <= lines + 1, "{problem}: there are {lines} lines");
                problems += 1;
                assert!(problems < 10_000, "one fault is told over and over: {problem}");
            }
        }
    }
    quads
}

/// No IRI that could not be written and read again.
fn well_formed(quad: &Quad) {
    let check = |iri: &str| assert!(NamedNode::new(iri).is_ok(), "{iri:?} is no IRI in {quad}");
    if let NamedOrBlankNode::NamedNode(subject) = &quad.subject {
        check(subject.as_str());
    }
    check(quad.predicate.as_str());
    match &quad.object {
        Term::NamedNode(object) => check(object.as_str()),
        Term::Literal(literal) => check(literal.datatype().as_str()),
        _ => {}
    }
    assert!(source::source_of(quad).is_some(), "{quad} has no source");
}

fn told(problem: &Problem) {
    let text = problem.to_string();
    assert!(text.contains(&problem.message) && !problem.message.is_empty(), "{text}");
}

#[test]
fn damaged_rdf_and_obo_is_told_about() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, good) in RDF {
        let path = folder.path().join(name);
        let mut chance = Chance(0x2545_f491_4f6c_dd1d);
        let mut whole = 0;
        for round in 0..=rounds() {
            let bytes = if round == 0 { good.as_bytes().to_vec() } else { chance.damaged(good) };
            std::fs::write(&path, &bytes).expect("writes");
            let wishes = Wishes { name: "test".to_owned(), ..Wishes::default() };
            match Rdf::open(std::slice::from_ref(&path), wishes) {
                Ok(mut dump) => whole += usize::from(!drain(&mut dump, &bytes).is_empty()),
                Err(problem) => told(&problem),
            }
            assert!(round > 0 || whole == 1, "{name}: the good one is good");
        }
        assert!(whole > rounds() / 8, "{name}: much of what is damaged a little is still read: {whole}");
    }
}

#[test]
fn damaged_lexicons_are_told_about() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lexicon.xml");
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..rounds() {
        let bytes = chance.damaged(LMF);
        std::fs::write(&path, &bytes).expect("writes");
        match Lmf::open(&path, None, "", "") {
            Ok(mut dump) => drop(drain(&mut dump, &bytes)),
            Err(problem) => told(&problem),
        }
    }
}

fn assertions(bytes: &[u8]) -> Vec<Quad> {
    let total = bytes.len() as u64;
    let input = Input::of(Box::new(Cursor::new(bytes.to_vec())), Path::new("x"), total, Limits::default());
    let Ok(input) = input else { return Vec::new() };
    drain(&mut ConceptNet::of(input, "conceptnet", Filter::default(), String::new()), bytes)
}

fn given_back(quads: &[Quad]) -> BTreeSet<String> {
    let stored = Stored::new(quads);
    let exporter = Exporter::new(&stored).expect("in memory");
    let mut lines = BTreeSet::new();
    for graph in stored.graphs() {
        let mut write = |line: &str| {
            lines.insert(line.to_owned());
            Ok::<(), quid_core::Fault>(())
        };
        exporter.graph(&graph, stored.of(&graph).map(Ok), &mut write).expect("in memory");
    }
    lines
}

#[test]
fn damaged_assertions_are_told_about_and_the_good_ones_come_back() {
    let mut chance = Chance(0xd1b5_4a32_d192_ed03);
    let good = given_back(&assertions(CONCEPTNET.as_bytes()));
    assert_eq!(good.len(), 2);
    for _ in 0..rounds() {
        let bytes = chance.damaged(CONCEPTNET);
        let quads = assertions(&bytes);
        let once = given_back(&quads);
        let text: Vec<&str> = once.iter().map(String::as_str).collect();
        assert_eq!(given_back(&assertions(text.join("\n").as_bytes())), once, "{}", String::from_utf8_lossy(&bytes));
        // A bad line harms no other.
        let around = [CONCEPTNET.as_bytes(), &bytes, b"\n", CONCEPTNET.as_bytes()].concat();
        let lines = given_back(&assertions(&around));
        assert!(good.is_subset(&lines), "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn damaged_brains_are_told_about() {
    for (name, good) in BRAINS {
        let mut chance = Chance(0x94d0_49bb_1331_11eb);
        let mut read = 0;
        for round in 0..=rounds() {
            let bytes = if round == 0 { good.as_bytes().to_vec() } else { chance.damaged(good) };
            let start = Instant::now();
            let input = Input::of(Box::new(Cursor::new(bytes.clone())), Path::new(name), 0, Limits::default());
            match input.and_then(brain::read) {
                Ok((brain, problems)) => {
                    problems.iter().for_each(told);
                    let mut out = Vec::new();
                    brain.write_table(&mut out).expect("writes");
                    read += usize::from(!brain.factoids.is_empty());
                }
                Err(problem) => told(&problem),
            }
            assert!(start.elapsed() < PATIENCE, "{name}: {}", String::from_utf8_lossy(&bytes));
            assert!(round > 0 || read == 1, "{name}: the good one is good");
        }
    }
}
