//! Loading ConceptNet through the real program: in and out again, bad lines, kills, and questions about it.
//!
//! Everything is made here; the same is tried on the real samples by the tests of `quid-import`.

#[path = "support.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use support::{Chat, errors, quid, run, text};

/// An assertion's line: relation, start, end, dataset, weight, sentence ("" for none).
fn line(relation: &str, start: &str, end: &str, dataset: &str, weight: f64, sentence: &str) -> String {
    let said = |text: &str| text.replace('_', " ");
    let surface = if sentence.is_empty() {
        String::new()
    } else {
        let (from, to) = (said(start), said(end));
        format!("\"surfaceStart\": \"{from}\", \"surfaceEnd\": \"{to}\", \"surfaceText\": \"{sentence}\", ")
    };
    format!(
        "/a/[/r/{relation}/,/c/en/{start}/,/c/en/{end}/]\t/r/{relation}\t/c/en/{start}\t/c/en/{end}\t{{\"dataset\": \"/d/{dataset}\", \
         \"license\": \"cc:by/4.0\", \"sources\": [{{\"contributor\": \"/s/resource/{dataset}\"}}], {surface}\"weight\": {weight:?}}}\n"
    )
}

fn world() -> String {
    let mut all = String::new();
    for (relation, start, end, weight, sentence) in [
        ("UsedFor", "knife", "cutting", 6.0, "[[a knife]] is used for [[cutting]]"),
        ("UsedFor", "knife", "spread_butter", 2.0, "You can use [[a knife]] to [[spread butter]]"),
        ("UsedFor", "knife", "stabbing", 4.0, ""),
        ("UsedFor", "saw", "cutting", 3.0, "[[a saw]] is used for [[cutting]]"),
        ("AtLocation", "fork", "kitchen", 5.0, "Something you find in [[a kitchen]] is [[a fork]]"),
        ("AtLocation", "fork", "restaurant", 2.0, ""),
        ("AtLocation", "dog", "kennel", 7.0, "Something you find at [[a kennel]] is [[a dog]]"),
        ("Desires", "dog", "bone", 3.0, "[[a dog]] wants [[a bone]]"),
        ("Desires", "dog", "petted", 5.0, "[[a dog]] wants to be [[petted]]"),
        ("NotDesires", "cat", "bath", 2.0, "[[a cat]] doesn't want [[a bath]]"),
        ("Desires", "cat", "milk", 2.0, "[[a cat]] wants [[milk]]"),
        ("NotDesires", "person", "pain", 4.0, "[[a person]] doesn't want [[pain]]"),
        ("CapableOf", "dog", "bark", 9.0, "[[a dog]] can [[bark]]"),
        ("NotCapableOf", "penguin", "fly", 3.0, "[[a penguin]] cannot [[fly]]"),
        ("CapableOf", "penguin", "fly", 1.0, ""),
        ("HasProperty", "ice", "cold", 5.0, "[[ice]] is [[cold]]"),
        ("MadeOf", "bottle", "glass", 2.0, ""),
        ("Causes", "exercise", "sweat", 3.0, "The effect of [[exercise]] is [[sweat]]"),
        ("Antonym", "day", "night", 2.0, ""),
    ] {
        all += &line(relation, start, end, "conceptnet/4/en", weight, sentence);
    }
    all + &line("UsedFor", "knife", "hunting", "verbosity", 0.5, "")
}

fn load(home: &Path, file: &Path, more: &[&str]) -> std::process::Output {
    let file = file.to_string_lossy();
    let arguments: Vec<&str> = ["load", "conceptnet", &file].into_iter().chain(more.iter().copied()).collect();
    run(home, &arguments, b"")
}

#[test]
fn common_sense_answers_with_its_source_weighed() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("world.csv");
    fs::write(&file, world()).unwrap();
    let output = load(home.path(), &file, &[]);
    assert!(output.status.success(), "{}", errors(&output));
    let mut chat = Chat::start(home.path());
    for (question, kind, answer) in [
        (
            "what is a knife used for?",
            "proved",
            "a knife is used for cutting, stabbing, spread butter and hunting (ConceptNet: Open Mind Common Sense (English); ConceptNet: Verbosity).",
        ),
        (
            "what are saws used for?",
            "proved",
            "a saw is used for cutting (ConceptNet: Open Mind Common Sense (English)).",
        ),
        (
            "what is used for cutting?",
            "proved",
            "used for cutting: a knife and a saw (ConceptNet: Open Mind Common Sense (English)).",
        ),
        (
            "where would I find a fork?",
            "proved",
            "a fork is at a kitchen and restaurant (ConceptNet: Open Mind Common Sense (English)).",
        ),
        (
            "what would you find in a kitchen?",
            "proved",
            "at a kitchen: a fork (ConceptNet: Open Mind Common Sense (English)).",
        ),
        (
            "what does a dog want?",
            "proved",
            "a dog wants: petted and a bone (ConceptNet: Open Mind Common Sense (English)).",
        ),
        (
            "is a dog at a kennel?",
            "proved",
            "Yes: a dog is at a kennel (ConceptNet: Open Mind Common Sense (English)).",
        ),
        ("is a dog at a restaurant?", "unknown", "Not that I know."),
        (
            "what do cats not like?",
            "proved",
            "a cat does not want: a bath (ConceptNet: Open Mind Common Sense (English)).",
        ),
        (
            "does a cat want a bath?",
            "proved",
            "No: a cat does not want: a bath (ConceptNet: Open Mind Common Sense (English)).",
        ),
        ("does a cat want milk?", "proved", "Yes: a cat wants: milk (ConceptNet: Open Mind Common Sense (English))."),
        ("can a dog bark?", "proved", "Yes: a dog can bark (ConceptNet: Open Mind Common Sense (English))."),
        ("can a penguin fly?", "proved", "No: a penguin cannot fly (ConceptNet: Open Mind Common Sense (English))."),
        ("what can a dog do?", "proved", "a dog can bark (ConceptNet: Open Mind Common Sense (English))."),
        ("is ice cold?", "proved", "Yes: ice is cold (ConceptNet: Open Mind Common Sense (English))."),
        (
            "what is a bottle made of?",
            "proved",
            "bottle is made of glass (ConceptNet: Open Mind Common Sense (English)).",
        ),
        (
            "what are the effects of exercise?",
            "proved",
            "exercise causes sweat (ConceptNet: Open Mind Common Sense (English)).",
        ),
        (
            "is night the opposite of day?",
            "proved",
            "Yes: day is the opposite of night (ConceptNet: Open Mind Common Sense (English)).",
        ),
        ("what is a spoon used for?", "unknown", "I do not know what a spoon is used for."),
    ] {
        let reply = chat.say(&json!({"text": question, "where": "global"}));
        assert_eq!((reply["kind"].as_str(), reply["text"].as_str()), (Some(kind), Some(answer)), "{question}");
        if kind == "proved" {
            assert!(reply["proof"].to_string().contains("urn:quid:dump:conceptnet"), "{question}: {reply}");
        }
    }
    chat.leave();
}

#[test]
fn lines_come_back_and_loading_again_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("world.csv");
    fs::write(&file, world()).unwrap();
    assert!(load(home.path(), &file, &[]).status.success());
    let before = exported(home.path());
    assert_eq!(before.len(), world().lines().count());
    let listed = run(home.path(), &["sources", "--json"], b"");
    assert!(text(&load(home.path(), &file, &[])).contains("nothing changed"));
    assert_eq!(text(&run(home.path(), &["sources", "--json"], b"")), text(&listed));
    // The same lines in another order and file are another load of the same.
    let mut lines: Vec<String> = world().lines().map(str::to_owned).collect();
    lines.reverse();
    let other = home.path().join("other.csv");
    fs::write(&other, lines.join("\n")).unwrap();
    assert!(load(home.path(), &other, &[]).status.success());
    assert_eq!(exported(home.path()), before);
    let quads = |name: &str| text(&run(home.path(), &["export", name], b"")).lines().count();
    let others = quads("everyday");
    assert!(run(home.path(), &["unload", "conceptnet"], b"").status.success());
    let query =
        "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } FILTER CONTAINS(STR(?g), 'dump:conceptnet%2F') }";
    assert!(text(&run(home.path(), &["query", query], b"")).contains('0'));
    assert_eq!(run(home.path(), &["search", "stabbing"], b"").status.code(), Some(1), "the texts are gone too");
    assert_eq!(quads("everyday"), others);
    assert_eq!(run(home.path(), &["unload", "conceptnet/verbosity"], b"").status.code(), Some(2));
}

/// The exported lines, members of the JSON in one order.
fn exported(home: &Path) -> BTreeSet<String> {
    let output = run(home, &["export", "conceptnet"], b"");
    assert!(output.status.success(), "{}", errors(&output));
    text(&output).lines().map(by_value).collect()
}

fn by_value(line: &str) -> String {
    let (columns, json) = line.rsplit_once('\t').expect("columns");
    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).expect("JSON");
    let sorted: std::collections::BTreeMap<String, String> =
        members.into_iter().map(|(name, value)| (name, value.to_string())).collect();
    format!("{columns}\t{sorted:?}")
}

#[test]
fn bad_lines_are_skipped_and_named_all_of_them() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("bad.csv");
    let good = line("IsA", "dog", "pet", "x", 1.0, "");
    let body = good.trim_end().to_owned();
    let mut bytes = Vec::new();
    let mut bad_lines = BTreeSet::new();
    let mut number = 0;
    for n in 0..120 {
        for nth in 0..20 {
            bytes.extend(line("IsA", &format!("dog_{n}_{nth}"), "pet", "x", 1.0, "").bytes());
            number += 1;
        }
        let spoilt: Vec<u8> = match n % 12 {
            0 => body.replace("\t/c/en/pet\t", "\tpet\t").into(),
            1 => body.replace("\"weight\": ", "\"weight\": \"").into(),
            2 => [body.as_bytes(), b"\0"].concat(),
            3 => [body.as_bytes(), b"\xc3("].concat(),
            4 => [body.as_bytes(), &vec![b'x'; 2 << 20]].concat(),
            5 => body.replacen('\t', " ", 1).into(),
            6 => body.replace("}]", "]").into(),
            7 => [body.as_bytes(), b"\r"].concat(),
            8 => body.replace("\t/r/IsA", "\tIsA").into(),
            9 => format!("{body}\tmore").into(),
            10 => body.replace("\"/d/x\"", "7").into(),
            _ => Vec::new(),
        };
        bytes.extend(spoilt);
        bytes.push(b'\n');
        number += 1;
        bad_lines.insert(number);
    }
    fs::write(&file, bytes).unwrap();
    let output = load(home.path(), &file, &[]);
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    assert!(text(&output).contains("120 bad lines were skipped"), "{}", text(&output));
    assert_eq!(errors(&output).lines().filter(|line| line.contains("bad.csv:")).count(), 20, "capped on the screen");
    assert_eq!(exported(home.path()).len(), 120 * 20, "all good lines are kept");
    let log = fs::read_to_string(home.path().join("logs/load-conceptnet.log")).unwrap();
    let named: BTreeSet<usize> = log
        .lines()
        .map(|line| line.rsplit("bad.csv:").next().unwrap().split(':').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(named, bad_lines);
    let again = load(home.path(), &file, &[]);
    assert_eq!(again.status.code(), Some(0), "nothing changes: {}", errors(&again));
    assert!(text(&again).contains("120 bad lines were skipped then"), "{}", text(&again));
    let strict = load(home.path(), &file, &["--strict"]);
    assert_eq!(strict.status.code(), Some(2), "{}", text(&strict));
    assert!(errors(&strict).contains("load-conceptnet.log names them"), "{}", errors(&strict));
    assert_eq!(exported(home.path()).len(), 120 * 20, "what was loaded stays");
    let strict = tempfile::tempdir().unwrap();
    let output = load(strict.path(), &file, &["--strict"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("bad.csv:21:"), "the first is named: {}", errors(&output));
    assert!(!text(&run(strict.path(), &["sources"], b"")).contains("conceptnet/"), "nothing is kept");
}

#[test]
fn a_killed_load_goes_on_and_ends_as_if_nothing_had_happened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.csv");
    let mut lines = String::new();
    for n in 0..40_000 {
        let sentence = if n % 5 == 0 { format!("[[a w{n}]] is [[a thing{}]]", n % 50) } else { String::new() };
        let dataset = ["one", "two", "three"][n % 3];
        lines += &line(
            "IsA",
            &format!("w{n}"),
            &format!("thing{}", n % 50),
            dataset,
            [1.0, 2.5][usize::from(n % 7 == 0)],
            &sentence,
        );
        if n % 4000 == 11 {
            lines += "not a line\n";
        }
    }
    fs::write(&file, lines).unwrap();
    let (clean, killed) = (folder.path().join("clean"), folder.path().join("killed"));
    let marks = ["--mark-every", "9000"];
    assert_eq!(load(&clean, &file, &marks).status.code(), Some(2), "ten bad lines");
    let (mut rounds, mut ended, mut resumed) = (0, 0, 0);
    let mut moment = 7_u32;
    while rounds < 20 {
        moment = moment.wrapping_mul(2_654_435_761).wrapping_add(12_345);
        let path = file.to_string_lossy();
        let mut arguments = vec!["load", "conceptnet", &*path, "--mark-every", "9000", "--json"];
        if rounds % 6 != 5 {
            arguments.push("--resume");
        }
        let mut child =
            quid(&killed).args(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        std::thread::sleep(Duration::from_millis(60 + u64::from(moment % 700)));
        if child.try_wait().unwrap().is_some() {
            ended += 1;
            run(&killed, &["unload", "conceptnet"], b"");
        } else {
            child.kill().unwrap();
            rounds += 1;
        }
        child.wait().unwrap();
        resumed += usize::from(text(&run(&killed, &["sources"], b"")).contains("interrupted"));
        assert!(ended < 200, "the load is too quick to be killed");
    }
    let output = load(&killed, &file, &["--mark-every", "9000", "--resume"]);
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    let quads = |home: &Path| -> BTreeSet<String> {
        let output = run(home, &["export", "conceptnet", "--format", "nquads"], b"");
        text(&output).lines().map(str::to_owned).collect()
    };
    assert!(quads(&clean) == quads(&killed), "the same triples as a clean load");
    let count = |home: &Path| -> Vec<String> {
        let sources = text(&run(home, &["sources", "--json"], b""));
        let of = |line: &str| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            format!("{} {} {}", value["name"], value["quads"], value["files"])
        };
        sources.lines().filter(|line| line.contains("conceptnet/")).map(of).collect()
    };
    assert_eq!(count(&clean), count(&killed), "and the same counts");
    let texts = |home: &Path| {
        let doctor = text(&run(home, &["doctor"], b""));
        doctor.lines().find(|line| line.contains("texts")).unwrap_or_default().to_owned()
    };
    assert_eq!(texts(&clean), texts(&killed), "and the same texts, each once");
    fs::remove_dir_all(killed.join("text")).unwrap();
    assert_eq!(texts(&clean), texts(&killed), "and the same when they are found anew from the store");
    let log = |home: &Path| fs::read_to_string(home.join("logs/load-conceptnet.log")).unwrap();
    assert_eq!(log(&clean), log(&killed), "every bad line is named, those before the kills too");
    println!("20 kills, {resumed} of them left something to go on with, {ended} loads had ended before");
}
