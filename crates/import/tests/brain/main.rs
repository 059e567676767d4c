//! Small brains of every bot: what each is taken for, which factoids it has, whose they are, and that the same
//! brain comes out again.

use std::path::Path;

use proptest::prelude::*;
use quid_core::oxrdf::{Quad, Term};
use quid_core::vocabulary as v;
use quid_import::brain::{self, Brain, BrainDump, Format};
use quid_import::source::{Dump as _, Input, Limits};
use rusqlite_samples::{LIMNORIA, MOOBOT, PBOT};

mod rusqlite_samples;

const BLOOTBOT: &str = "-- MySQL dump 10.11\n/*!40101 SET NAMES utf8 */;\nCREATE TABLE `factoids` (\n  `factoid_key` varchar(64) NOT NULL,\n  \
    `requested_by` varchar(100) DEFAULT NULL,\n  `requested_count` int NOT NULL DEFAULT '0',\n  `created_by` varchar(100),\n  \
    `created_time` int,\n  `factoid_value` text NOT NULL,\n  PRIMARY KEY (`factoid_key`)\n);\nINSERT INTO `factoids` VALUES \
    ('apt','bob',7,'ann!ann@example.org',1100000000,'the package tool, or it\\'s a flat'),\n('#debian topic',NULL,0,NULL,NULL,'<reply>see apt'),\n\
    ('broken','x);\n('last',NULL,1,'cy',1100000001,'the end');\n";
const BUCKET: &str = "INSERT INTO `bucket_facts` (`fact`, `tidbit`, `verb`, `RE`, `protected`, `mood`, `chance`) VALUES\n\
    ('tea', 'a hot drink', 'is', 0, 0, NULL, NULL),\n('tea', 'pours $who a cup (or | two)', '<action>', 0, 0, NULL, NULL),\n\
    ('cats', 'milk', 'love', 0, 0, NULL, NULL),\n('chai', 'tea', '<alias>', 0, 0, NULL, NULL);\n\
    INSERT INTO `bucket_items` (`channel`, `what`, `user`) VALUES ('#sample', 'a teapot', 'ann');\n";
const RBOT: &str = "when | who | where | fact\nTue Mar 06 01:02:03 +0100 2007 | ann!a@b | #ruby | the sky is blue | mostly\n |  |  | rubies are red\nhalf a line\n";
const INFOBOT: &str = "# exported\nx => the unknown\nperl -> a language|a camel\ncaf\u{e9} => a place\nno arrow here\n";
const IBID: &str =
    r#"[[["How are you", "hru"], ["<reply> $who: well", "is polite"]], [["bye"], ["<reply> (see|hear) you"]], 3]"#;
const MEMORY: &str = "{\"type\":\"entity\",\"name\":\"John_Smith\",\"entityType\":\"person\",\"observations\":[\"Speaks fluent Spanish\"]}\n\
    {\"type\":\"relation\",\"from\":\"John_Smith\",\"to\":\"Acme\",\"relationType\":\"works_at\"}\nnot json\n";
const TSV: &str = "key\tvalue\tauthor\tat\tchannel\ntea\ta drink\\nhot\tann\t2020-01-02\t#tea\nmilk\twhite\n";
const CSV: &str = "tea,\"a drink, hot\"\nmilk,\"white \"\"ish\"\"\"\n\"x\n";

fn read(name: &str, bytes: &[u8]) -> (Brain, Vec<String>) {
    let input = Input::of(Box::new(std::io::Cursor::new(bytes.to_vec())), Path::new(name), 0, Limits::default());
    let (brain, problems) = brain::read(input.expect("opens")).expect("is a brain");
    (brain, problems.iter().map(ToString::to_string).collect())
}

/// Each factoid in one line: key, verb, value, author, time, place, count.
fn told(brain: &Brain) -> Vec<String> {
    let mut out = Vec::new();
    brain.write_table(&mut out).expect("writes");
    String::from_utf8(out).expect("text").lines().skip(1).map(|line| line.trim_end().replace('\t', " | ")).collect()
}

#[test]
fn brains_are_recognised_and_read() {
    for (name, bytes, format, expected, skipped) in [
        (
            "dump.sql",
            BLOOTBOT.as_bytes(),
            Format::Blootbot,
            &[
                "apt | is | the package tool, or it's a flat | ann!ann@example.org | 2004-11-09T11:33:20Z |  | 7",
                "topic | is | <reply>see apt |  |  | #debian | 0",
                "last | is | the end | cy | 2004-11-09T11:33:21Z |  | 1",
            ][..],
            1,
        ),
        (
            "x",
            BUCKET.as_bytes(),
            Format::Bucket,
            &[
                "tea | is | a hot drink",
                "tea | is | <verbatim><action>pours $who a cup (or | two)",
                "cats | love | milk",
                "chai | <alias> | tea",
            ],
            0,
        ),
        (
            "factoids.rbot",
            RBOT.as_bytes(),
            Format::Rbot,
            &["sky | is | <verbatim>blue | mostly | ann!a@b | 2007-03-06T00:02:03Z | #ruby", "rubies | are | red"],
            1,
        ),
        (
            "infobot-is.fact",
            INFOBOT.as_bytes(),
            Format::Infobot,
            &["x | is | the unknown", "perl | is | a language|a camel", "caf\u{e9} | is | a place"],
            1,
        ),
        ("infobot-are.fact", b"dogs => animals\n", Format::Infobot, &["dogs | are | animals"], 0),
        ("latin1.fact", b"caf\xe9 => a place\n", Format::Infobot, &["caf\u{e9} | is | a place"], 0),
        (
            "pack.json",
            IBID.as_bytes(),
            Format::Ibid,
            &[
                "How are you | is | <reply> $who: well",
                "How are you | is | polite",
                "hru | is | <reply> $who: well",
                "hru | is | polite",
                "bye | is | <verbatim><reply> (see|hear) you",
            ],
            1,
        ),
        (
            "memory.jsonl",
            MEMORY.as_bytes(),
            Format::Memory,
            &[
                "John Smith | is | person",
                "John Smith | is | <reply>John Smith: Speaks fluent Spanish",
                "John Smith | works at | Acme",
            ],
            1,
        ),
        (
            "t.tsv",
            TSV.as_bytes(),
            Format::Table,
            &["tea | is | a drink\\nhot | ann | 2020-01-02T00:00:00Z | #tea", "milk | is | white"],
            0,
        ),
        ("t.csv", CSV.as_bytes(), Format::Table, &["tea | is | a drink, hot", "milk | is | white \"ish\""], 1),
    ] {
        let (brain, problems) = read(name, bytes);
        assert_eq!(brain.format, format, "{name}");
        assert_eq!(told(&brain), expected, "{name}");
        assert_eq!(problems.len(), skipped, "{name}: {problems:?}");
    }
}

#[test]
fn databases_are_recognised_by_their_columns() {
    for (sample, format, expected) in [
        (
            PBOT,
            Format::Pbot,
            &[
                "sudo | is | <reply>$nick, make your own sandwich! | ann!a@b | 2010-06-24T09:36:47.45751Z | #ubuntu | 39",
                "bfs | is | <verbatim>Breadth First Search (or | so) | bob | 2010-06-24T09:36:47Z |  | 0",
                "alias | is | <reply>see bfs |  |  |  | 0",
                "run | is | <verbatim>/code perl system(1) | eve |  |  | 2",
            ][..],
        ),
        (
            LIMNORIA,
            Format::Limnoria,
            &[
                "tea | is | a drink | ann | 2009-02-13T23:31:30Z |  | 4",
                "chai | is | a drink | ann | 2009-02-13T23:31:30Z |  | 0",
            ],
        ),
        (MOOBOT, Format::Moobot, &["tea | is | <reply>(hot|cold) | 3 | 2009-02-13T23:31:30Z |  | 5"]),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = rusqlite_samples::make(folder.path(), sample);
        let (brain, problems) = brain::read(Input::open(&path).expect("opens")).expect("is a brain");
        assert_eq!((brain.format, problems.len()), (format, 0), "{problems:?}");
        assert_eq!(told(&brain), expected);
        // Packed, it is the same.
        let packed = zstd::encode_all(&std::fs::read(&path).expect("reads")[..], 1).expect("packs");
        assert_eq!(read("x.zst", &packed).0, brain);
        // Written, it is the same.
        let again = folder.path().join("again");
        stored_and_back(&path).write(&again).expect("writes");
        let (second, _) = brain::read(Input::open(&again).expect("opens")).expect("is a brain");
        assert_eq!(second, brain);
    }
}

/// The brain as it comes out of the quads that are stored of it.
fn stored_and_back(path: &Path) -> Brain {
    Brain::of_quads(quads(path).into_iter()).expect("is a brain")
}

fn quads(path: &Path) -> Vec<Quad> {
    let mut dump = BrainDump::open(path, "old bot", "", "").expect("opens");
    std::iter::from_fn(|| dump.next()).filter_map(Result::ok).collect()
}

#[test]
fn a_brain_comes_out_as_it_went_in() {
    for (name, bytes) in [
        ("a.sql", BLOOTBOT.as_bytes()),
        ("b.sql", BUCKET.as_bytes()),
        ("c.rbot", RBOT.as_bytes()),
        ("d.fact", INFOBOT.as_bytes()),
        ("e.fact", b"caf\xe9 => a place\n"),
        ("f.json", IBID.as_bytes()),
        ("g.jsonl", MEMORY.as_bytes()),
        ("h.tsv", TSV.as_bytes()),
        ("i.csv", CSV.as_bytes()),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("writes");
        let (brain, _) = read(name, bytes);
        let back = stored_and_back(&path);
        assert_eq!(back, brain, "{name}");
        let again = folder.path().join(format!("again-{name}"));
        back.write(&again).expect("writes");
        let (second, problems) = brain::read(Input::open(&again).expect("opens")).expect("is a brain");
        assert!(problems.is_empty(), "{name}: {problems:?}");
        assert_eq!((&second.rows, &second.factoids), (&brain.rows, &brain.factoids), "{name}");
        // And through the table of factoids.
        let mut table = Vec::new();
        back.write_table(&mut table).expect("writes");
        assert_eq!(told(&read("t.tsv", &table).0), told(&brain), "{name}");
    }
}

#[test]
fn the_graph_says_who_taught_what_when_and_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = rusqlite_samples::make(folder.path(), PBOT);
    let quads = quads(&path);
    let again = self::quads(&path);
    assert_eq!(quads, again, "loading twice makes the same quads");
    let value = quads.iter().find(|quad| {
        quad.predicate == v::IS && matches!(&quad.object, Term::Literal(text) if text.value().contains("sandwich"))
    });
    let value = value.expect("the factoid is there").clone();
    let said = Term::Triple(Box::new(value.clone().into()));
    let row = quads.iter().find(|quad| quad.object == said).expect("its row is there").subject.clone();
    let of_row = |predicate| {
        quads.iter().find(|quad| quad.subject == row && quad.predicate == predicate).map(|quad| quad.object.to_string())
    };
    let author = of_row(v::ATTRIBUTED_TO).expect("it has an author");
    assert_eq!(quid_core::source::author_of(author.trim_matches(['<', '>'])).as_deref(), Some("ann!a@b"));
    assert!(of_row(v::GENERATED_AT).is_some_and(|at| at.contains("2010-06-24T09:36:47.45751Z")));
    assert!(of_row(v::AT_LOCATION).is_some_and(|place| place.contains("#ubuntu")));
    assert_eq!(of_row(v::PROV_VALUE).as_deref(), Some("\"/say $nick, make your own sandwich!\""));
}

#[test]
fn what_is_no_brain_is_refused_with_what_is_known() {
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("prose", b"It was a dark night.\nNothing moved.\n"),
        ("sql", b"CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n"),
        ("binary", &[0, 159, 146, 150]),
        ("noise", b"\x8f,\x02\xd1\x9a,\x06 9\xff"),
        ("more noise", b"\xe1\t\x1b\x90\n\x7f\t\xb2"),
        ("sqlite", b"SQLite format 3\0 and then nothing of the kind"),
        ("json", b"{\"a\": 1}"),
    ] {
        let input = Input::of(Box::new(std::io::Cursor::new(bytes.to_vec())), Path::new(name), 0, Limits::default());
        let refused = input.and_then(brain::read);
        assert!(refused.is_err(), "{name}: {refused:?}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0..9_usize) {
        let head = [&b""[..], b"[[[", b"{\"type\":\"entity\"", b"INSERT INTO a (fact, tidbit, verb) VALUES (", b"a | fact\n",
            b"COPY a (key, value) FROM stdin;\n", b"key\tvalue\n", b"key,value\n", b"SQLite format 3\0"][start];
        let bytes = [head, &bytes].concat();
        let input = Input::of(Box::new(std::io::Cursor::new(bytes)), Path::new("x"), 0, Limits::default());
        if let Ok((brain, _)) = input.and_then(brain::read) {
            let mut out = Vec::new();
            brain.write_table(&mut out).expect("writes");
        }
    }

    #[test]
    fn any_value_survives_a_table_and_a_dump(key in "[ -~é\\t\\n]{1,20}", value in "\\PC{1,40}") {
        prop_assume!(!key.trim().is_empty() && !value.trim().is_empty());
        let cells = vec![brain::Cell::Text(key), brain::Cell::Text(value)];
        for container in [
            brain::Container::Table { separator: b'\t', header: true },
            brain::Container::Table { separator: b',', header: true },
            brain::Container::Sql { mysql: true },
            brain::Container::Sql { mysql: false },
        ] {
            let whole = Brain {
                format: Format::Table,
                container,
                tables: vec![brain::Table::named("facts", &["key", "value"])],
                rows: vec![brain::Row { table: 0, cells: cells.clone() }],
                factoids: Vec::new(),
            };
            let mut out = Vec::new();
            whole.write_text(&mut out).expect("writes");
            let (back, problems) = read("x", &out);
            prop_assert_eq!(&back.rows, &whole.rows, "{:?} {:?}", problems, String::from_utf8_lossy(&out));
        }
    }
}

/// A brain of the measuring data; `None` where it is absent.
fn shared(name: &str) -> Option<std::path::PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/brains").join(name);
    let found = path.exists();
    if !found {
        eprintln!("skipped: {} is absent", path.display());
    }
    found.then_some(path)
}

#[test]
fn a_living_bots_brain_survives_whole() {
    let Some(path) = shared("pbot-factoids.sqlite3") else { return };
    let (brain, problems) = brain::read(Input::open(&path).expect("opens")).expect("is a brain");
    assert_eq!((brain.format, brain.rows.len(), problems.len()), (Format::Pbot, 5882, 0));
    assert_eq!(brain.factoids.len(), 5882);
    assert!(brain.factoids.iter().all(|factoid| factoid.author.is_some() && factoid.at.is_some()));
    let folder = tempfile::tempdir().expect("a folder");
    let again = folder.path().join("again.sqlite3");
    stored_and_back(&path).write(&again).expect("writes");
    let (second, _) = brain::read(Input::open(&again).expect("opens")).expect("is a brain");
    assert!(second == brain, "every cell of every row is the same");
    let mut table = Vec::new();
    brain.write_table(&mut table).expect("writes");
    assert!(told(&read("t.tsv", &table).0) == told(&brain), "every factoid is the same");
}

#[test]
fn buckets_sample_survives_whole() {
    let Some(path) = shared("bucket-sample.sql") else { return };
    let (brain, problems) = brain::read(Input::open(&path).expect("opens")).expect("is a brain");
    assert_eq!((brain.format, problems.len()), (Format::Bucket, 0), "{problems:?}");
    assert!(!brain.factoids.is_empty() && brain.tables.len() >= 4);
    let mut out = Vec::new();
    stored_and_back(&path).write_text(&mut out).expect("writes");
    assert_eq!(read("x", &out).0.rows, brain.rows);
}
