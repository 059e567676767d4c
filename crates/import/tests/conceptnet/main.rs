//! ConceptNet dumps go in as quads and come out as the same lines, whatever is wrong with some of them.
//!
//! The real samples are tried where they are at hand; small made ones with every oddity are tried always.

mod stored;

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use quid_core::oxrdf::Quad;
use quid_import::conceptnet::export::Exporter;
use quid_import::conceptnet::{ConceptNet, Filter};
use quid_import::source::{Dump, Input, Limits};
use serde_json::Value;
use stored::Stored;

fn dump(bytes: Vec<u8>, filter: Filter) -> ConceptNet {
    let total = bytes.len() as u64;
    let input = Input::of(Box::new(Cursor::new(bytes)), Path::new("x.csv"), total, Limits::default());
    ConceptNet::of(input.expect("opens"), "conceptnet", filter, "x".to_owned())
}

fn read(bytes: impl Into<Vec<u8>>) -> (Vec<Quad>, Vec<String>) {
    filtered(bytes, Filter::default())
}

fn filtered(bytes: impl Into<Vec<u8>>, filter: Filter) -> (Vec<Quad>, Vec<String>) {
    let mut dump = dump(bytes.into(), filter);
    let (mut quads, mut problems) = (Vec::new(), Vec::new());
    while let Some(item) = dump.next() {
        match item {
            Ok(quad) => quads.push(quad),
            Err(problem) => problems.push(problem.to_string()),
        }
    }
    (quads, problems)
}

/// The lines that quads give back.
fn given_back(quads: &[Quad]) -> Vec<String> {
    let stored = Stored::new(quads);
    let exporter = Exporter::new(&stored).expect("in memory");
    let mut lines = Vec::new();
    for graph in stored.graphs() {
        let quads = stored.of(&graph).map(Ok::<_, quid_core::Fault>);
        let mut write = |line: &str| {
            lines.push(line.to_owned());
            Ok(())
        };
        exporter.graph(&graph, quads, &mut write).expect("in memory");
    }
    lines
}

/// A line with its JSON in one way of writing, numbers as floats, members sorted.
fn by_value(line: &str) -> String {
    let (columns, json) = line.rsplit_once('\t').expect("columns");
    // The JSON reader may be off by a number's last bit; the text is not.
    let weight = json.rsplit_once("\"weight\":").and_then(|(_, rest)| rest.split([',', '}']).next());
    let bits = weight.and_then(|weight| weight.trim().parse::<f64>().ok()).map(f64::to_bits);
    format!("{columns}\t{}\t{bits:?}", canonical(&serde_json::from_str(json).expect("JSON")))
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("{:?}", number.as_f64()),
        Value::Array(list) => format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let members: BTreeSet<String> =
                members.iter().map(|(name, value)| format!("{name:?}:{}", canonical(value))).collect();
            format!("{{{}}}", members.into_iter().collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

fn check_round_trip(text: &str) {
    let (quads, problems) = read(text);
    assert!(problems.is_empty(), "{:?}", &problems[..problems.len().min(5)]);
    let expected: BTreeSet<String> = text.lines().map(by_value).collect();
    let lines = given_back(&quads);
    let found: BTreeSet<String> = lines.iter().map(|line| by_value(line)).collect();
    let missing: Vec<_> = expected.difference(&found).take(3).collect();
    let invented: Vec<_> = found.difference(&expected).take(3).collect();
    assert!(missing.is_empty() && invented.is_empty(), "missing {missing:#?}\ninvented {invented:#?}");
    assert_eq!(lines.len(), expected.len(), "each line once");
    let distinct: std::collections::HashSet<&Quad> = quads.iter().collect();
    assert_eq!(distinct.len(), quads.len(), "each quad once");
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/conceptnet").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

#[test]
fn upstreams_own_test_data_comes_back() {
    let Some(path) = shared("upstream-testdata-764.csv") else { return };
    check_round_trip(&std::fs::read_to_string(path).expect("text"));
}

#[test]
fn the_real_sample_comes_back() {
    let Some(path) = shared("assertions-5.6-sample.csv.gz") else { return };
    let mut text = String::new();
    Input::open(&path).expect("opens").read_to_string(&mut text).expect("text");
    check_round_trip(&text);
}

const USUAL: &str = r#"{"dataset": "/d/wiktionary/en", "license": "cc:by-sa/4.0", "sources": [{"contributor": "/s/resource/wiktionary/en", "process": "/s/process/wikiparsec/2"}], "weight": 1.0}"#;

fn line(relation: &str, start: &str, end: &str, json: &str) -> String {
    let trimmed = [relation, start, end].map(|part| part.trim_matches('/'));
    format!("/a/[/{}/,/{}/,/{}/]\t{relation}\t{start}\t{end}\t{json}\n", trimmed[0], trimmed[1], trimmed[2])
}

#[test]
fn every_oddity_comes_back() {
    let mut text = String::new();
    for n in 0..20 {
        text += &line("/r/Synonym", &format!("/c/en/word_{n}"), &format!("/c/de/wort_{n}/n/wikt/en_1"), USUAL);
    }
    let with = |from: &str, to: &str| {
        assert!(USUAL.contains(from), "{from}");
        USUAL.replace(from, to)
    };
    for (at, json) in [
        with("1.0}", "0.25}"),
        with("1.0}", "2}"),
        with("by-sa", "by"),
        with(
            r#""weight": 1.0"#,
            r#""weight": 1.0, "surfaceText": "[[a]] is [[b]]", "surfaceStart": "a", "surfaceEnd": "b""#,
        ),
        with(
            r#""weight": 1.0"#,
            r#""weight": 1.0, "surfaceText": "at [[b]] is [[a]]", "surfaceStart": "a", "surfaceEnd": "b""#,
        ),
        with(r#""weight": 1.0"#, r#""weight": 1.0, "surfaceText": null"#),
        with(r#""weight": 1.0"#, r#""weight": 1.0, "features": [1, {"a": null}]"#),
        with(r#", "weight": 1.0"#, ""),
        with(r#""license": "cc:by-sa/4.0", "#, ""),
        with(r#"{"contributor": "/s/resource/wiktionary/en", "process": "/s/process/wikiparsec/2"}"#, ""),
        with(r#"wiktionary/en", "process""#, r#"wiktionary/en 2", "process""#),
        with("}], ", r#"}, {"activity": "/s/activity/x"}, {"activity": "/s/activity/x"}], "#),
        with("/d/wiktionary/en", "/d/other"),
    ]
    .into_iter()
    .enumerate()
    {
        text += &line("/r/IsA", &format!("/c/en/odd_{at}"), "/c/en/thing", &json);
    }
    // The same assertion in several ways: as most are and otherwise, in both orders, and in two other ways.
    for (start, ways) in [("/c/en/a", ["1.0}", "2.5}"]), ("/c/en/b", ["2.5}", "1.0}"]), ("/c/en/c", ["3.0}", "4.0}"])] {
        for way in ways {
            text += &line("/r/HasA", start, "/c/en/x", &with("1.0}", way));
        }
        text += &line("/r/HasA", &format!("{start}/n"), "/c/en/y", USUAL);
    }
    // One way, something else between, the other way.
    text += &line("/r/HasA", "/c/en/a", "/c/en/x", &with("1.0}", "7.0}"));
    for (start, end) in [
        ("/c/en/100%", "/c/en/what?"),
        ("/c/en/\"quoted\"", "/c/en/<b>|[c]^`\\{}"),
        ("/c/mul/👍", "/c/ja/明かん/n"),
        ("/c/en/x", "http://dbpedia.org/resource/\"Weird_Al\"_Yankovic"),
        ("/c/en/x", "http://dbpedia.org/resource/100%25"),
        ("/c/en/x", "http://x.org/a/"),
        ("/c/en/x/", "/c/en/y"),
    ] {
        text += &line("/r/ExternalURL", start, end, USUAL);
    }
    text += &["/a/[/r/Odd/]", "/r/dbpedia/genre", "/c/en/x", "/c/en/y", USUAL].join("\t");
    text.push('\n');
    check_round_trip(&text);
}

#[test]
fn an_assertion_as_most_are_is_one_quad() {
    let text: String =
        (0..10_000).map(|n| line("/r/Synonym", &format!("/c/en/a{n}"), &format!("/c/de/b{n}"), USUAL)).collect();
    let (quads, _) = read(text);
    assert_eq!(quads.len(), 10_000 + 5, "five say what most are like");
}

#[test]
fn the_same_lines_again_say_nothing_new() {
    let one = line("/r/IsA", "/c/en/a", "/c/en/b", USUAL);
    let other = line("/r/IsA", "/c/en/a", "/c/en/b", &USUAL.replace("1.0", "2.0"));
    let (first, _) = read(format!("{one}{other}"));
    let (twice, _) = read(format!("{one}{one}{other}{other}"));
    assert_eq!(first, twice);
}

#[test]
fn filters_leave_out() {
    let mut text = line("/r/IsA", "/c/en/a", "/c/en/b", USUAL);
    text += &line("/r/IsA", "/c/en/a", "/c/de/b", USUAL);
    text += &line("/r/IsA", "/c/en/a", "/c/fr/b", USUAL);
    text += &line("/r/ExternalURL", "/c/en/a", "http://x.org/", USUAL);
    text += &line("/r/UsedFor", "/c/en/a", "/c/en/c", &USUAL.replace("1.0", "0.5"));
    let count = |languages: &[&str], least_weight, relations: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        let filter = Filter { languages: owned(languages), least_weight, relations: owned(relations) };
        let (quads, problems) = filtered(text.clone(), filter);
        assert!(problems.is_empty());
        given_back(&quads).len()
    };
    assert_eq!(count(&[], None, &[]), 5);
    assert_eq!(count(&["en"], None, &[]), 3);
    assert_eq!(count(&["en", "de"], None, &[]), 4);
    assert_eq!(count(&[], Some(1.0), &[]), 4);
    assert_eq!(count(&[], None, &["UsedFor", "/r/ExternalURL"]), 2);
    assert_eq!(count(&["en"], Some(0.6), &["IsA"]), 1);
}

#[test]
fn every_kind_of_bad_line_is_named_and_the_good_ones_kept() {
    let good = line("/r/IsA", "/c/en/dog", "/c/en/pet", USUAL);
    let body = good.trim_end();
    let of_bytes = |bytes: &[u8]| [body.as_bytes(), bytes].concat();
    let bad: Vec<(Vec<u8>, &str)> = vec![
        (body.replace("\t/c/en/pet\t", "\tpet\t").into(), "neither a concept nor an address"),
        (body.replace("/c/en/pet", "/c/en/a pet").into(), "a space or a control character"),
        (body.replace("\t/r/IsA\t", "\tIsA\t").into(), "no relation"),
        (body.replace("\"weight\": 1.0}", "\"weight\": \"1.0}").into(), "broken JSON"),
        (body.replace("[{", "{").into(), "broken JSON"),
        (body.replacen('\t', " ", 1).into(), "4 of five columns"),
        (format!("{body}\textra").into(), "more than five columns"),
        (body.replace("/d/wiktionary/en", "wiktionary").into(), "no dataset"),
        (body.replace("1.0", "\"heavy\"").into(), "no weight"),
        (of_bytes(b"\0"), "a NUL byte"),
        (of_bytes(b"\xff\xfe"), "not UTF-8"),
        (of_bytes(b"\r"), "a carriage return"),
        (of_bytes(&vec![b'x'; 3 << 20]), "a line of"),
        (Vec::new(), "1 of five columns"),
        (body.replace("/a/[", "[").into(), "no assertion"),
    ];
    let mut bytes = Vec::new();
    let mut places = Vec::new();
    let mut line_number = 0;
    for (n, (line_bytes, message)) in bad.iter().enumerate() {
        bytes.extend(line("/r/IsA", &format!("/c/en/good_{n}"), "/c/en/pet", USUAL).bytes());
        bytes.extend(line_bytes);
        bytes.push(b'\n');
        line_number += 2;
        places.push((line_number, *message));
    }
    let (quads, problems) = read(bytes.clone());
    assert_eq!(given_back(&quads).len(), bad.len());
    assert_eq!(problems.len(), places.len(), "{problems:#?}");
    for (problem, (number, message)) in problems.iter().zip(&places) {
        assert!(problem.starts_with(&format!("x.csv:{number}:")), "{problem}");
        assert!(problem.contains(message), "{problem} for {message}");
        assert!(problem.len() < 400, "{problem}");
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&bytes).expect("written");
    let mut packed = packed.finish().expect("packed");
    packed.truncate(packed.len() - 7);
    let (quads, problems) = read(packed);
    assert!(problems.last().expect("one").contains("ends in the middle"), "{problems:?}");
    assert!(given_back(&quads).len() >= bad.len() - 1);
}

#[test]
fn a_load_goes_on_where_it_was() {
    let mut text = String::new();
    for n in 0..9000 {
        let weight = if n % 7 == 0 { "2.0" } else { "1.0" };
        let json = USUAL.replace("1.0", weight).replace("/d/wiktionary/en", ["/d/a", "/d/b"][n % 2]);
        text += &line("/r/IsA", &format!("/c/en/w{n}"), "/c/en/pet", &json);
        if n % 1000 == 3 {
            text += "bad\n";
        }
    }
    let (whole, problems) = read(text.clone());
    assert_eq!(problems.len(), 9);
    for until in [1, 100, 4321, whole.len()] {
        let mut first = dump(text.clone().into(), Filter::default());
        let mut before = Vec::new();
        while before.len() < until {
            before.extend(first.next().expect("more").ok());
        }
        let mut second = dump(text.clone().into(), Filter::default());
        second.resume(&first.mark().expect("a file has marks")).expect("the same file");
        let mut faults = 0;
        while let Some(item) = second.next() {
            match item {
                Ok(quad) => before.push(quad),
                Err(_) => faults += 1,
            }
        }
        assert!(before == whole, "resumed after {until}");
        assert_eq!(faults, problems.len(), "all faults are told again");
    }
    let mut other = dump(b"bad\n".to_vec(), Filter::default());
    assert!(other.resume("7").is_err(), "another file");
}
