//! Nothing acknowledged is lost: not by `kill -9`, not by damage to the files.
//!
//! On RocksDB these are the tests of the promise; without it the same tests run on journal and replay alone, and
//! those that damage the engine's files have nothing to damage.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use quid_core::{
    Act, Audience, Change, Memory, Place, Rights, Scope, Source, Speaker, Time,
    oxrdf::{Literal, NamedNode, Quad, Triple},
    text::Key,
    vocabulary as v,
};
use quid_store::{Dump, Keeper, StoreError};

const ON_DISK: bool = cfg!(feature = "rocksdb");

fn reader() -> Audience {
    Audience { name: "ann".to_owned(), place: Place::Global }
}

/// The example that learns, built beside this test.
fn learner() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps");
    let path = profile.join("examples").join("learner");
    assert!(path.exists(), "{} is not built: cargo builds it with the tests of the package", path.display());
    path
}

#[test]
fn kill_minus_nine_loses_nothing_that_was_acknowledged() {
    const ROUNDS: u64 = 20;
    const ENOUGH: usize = 10_000;
    let home = tempfile::tempdir().expect("a directory");
    let mut acknowledged: BTreeMap<u64, u64> = BTreeMap::new();
    let mut chance: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut round = 0;
    let mut next = 0;
    while round < ROUNDS || acknowledged.len() < ENOUGH {
        round += 1;
        assert!(round <= 200, "too slow to be measured: {} acknowledged", acknowledged.len());
        let mut child = Command::new(learner())
            .arg(home.path())
            .arg(next.to_string())
            .arg("64")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the learner runs");
        let out = child.stdout.take().expect("piped");
        let lines = std::thread::spawn(move || {
            // A line cut off by the kill was not read by anybody.
            BufReader::new(out)
                .split(b'\n')
                .map_while(Result::ok)
                .filter_map(|line| {
                    let text = String::from_utf8(line).ok()?;
                    let (number, seq) = text.split_once(' ')?;
                    Some((number.parse().ok()?, seq.parse().ok()?))
                })
                .collect::<Vec<(u64, u64)>>()
        });
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(Duration::from_millis(150 + (chance >> 33) % 700));
        child.kill().expect("SIGKILL");
        child.wait().expect("dead");
        let mut lines = lines.join().expect("read");
        // The last line may have been cut inside its number.
        lines.pop();
        acknowledged.extend(lines);
        // Numbers that were not acknowledged may have been learned or not; either way they are not used again.
        next += 1_000_000;
    }
    let keeper = Keeper::open(home.path()).expect("a home after kill -9");
    let facts = keeper.facts(&reader());
    let lost: Vec<u64> =
        acknowledged.keys().copied().filter(|number| !is_there(&*facts, &format!("fact {number}"))).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), acknowledged.len());
    // Whatever is there is there whole: its triples, its record, its provenance.
    let mut parts: BTreeMap<NamedNode, usize> = BTreeMap::new();
    for quad in keeper.stored(None) {
        let quad = quad.expect("readable");
        if let quid_core::oxrdf::GraphName::NamedNode(graph) = quad.graph_name {
            *parts.entry(graph).or_default() += 1;
        }
    }
    assert_eq!(parts.len() as u64, keeper.last_seq(), "as many statements as records");
    let half: Vec<_> = parts.iter().filter(|(_, count)| **count != 3).collect();
    assert!(half.is_empty(), "half applied: {half:?}");
    for finding in keeper.check().expect("checked") {
        assert!(finding.good, "{}", finding.what);
    }
    for (number, seq) in acknowledged.iter().step_by(97) {
        let record = keeper.record(*seq).expect("readable").expect("there");
        assert_eq!(record.line, format!("fact {number} is number {number}"));
    }
    println!("{} acknowledged in {round} rounds, 0 lost, 0 half applied", acknowledged.len());
}

fn is_there(facts: &dyn quid_core::Facts, subject: &str) -> bool {
    !facts.all(Some(&Key::of(subject).thing().into()), Some(v::IS), None, 1).expect("readable").is_empty()
}

fn teach(subject: &str, value: &str) -> Change {
    let thing = Key::of(subject).thing();
    Change {
        act: Act::Learn,
        by: Speaker { nick: "ann".to_owned(), account: None, rights: Rights::Everyone },
        place: Place::Global,
        at: Time::from_micros(1_780_000_000_000_000),
        line: format!("{subject} is {value}"),
        scope: Scope::Global,
        learned: vec![Triple::new(thing.clone(), v::IS, Literal::new_simple_literal(value))],
        added: Vec::new(),
        removed: Vec::new(),
        about: vec![thing],
        undoes: None,
        guard: None,
    }
}

/// A home with a dump and twenty facts, one of them taken back.
fn furnished() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a directory");
    let keeper = Keeper::open(home.path()).expect("a new home");
    let dump = Dump { name: "words", title: "Words", licence: "free", at: Time::from_micros(0) };
    let quads = (0..50).map(|number| {
        Quad::new(Key::of(&format!("word {number}")).thing(), v::LABEL, Literal::from(number), v::STATE_GRAPH)
    });
    keeper.load(&dump, &mut quads.into_iter()).expect("loaded");
    for number in 0..20 {
        keeper.commit(teach(&format!("fact {number}"), "known")).expect("learned");
    }
    let third = keeper.record(4).expect("readable").expect("there");
    let forget = Change { act: Act::Forget, learned: Vec::new(), removed: third.added, ..teach("fact 3", "known") };
    keeper.commit(forget).expect("forgotten");
    home
}

/// All quads people's statements hold.
fn said(keeper: &Keeper) -> BTreeSet<String> {
    let dump = Source::Dump("words".to_owned()).graph();
    keeper
        .stored(None)
        .map(|quad| quad.expect("readable"))
        .filter(|quad| quad.graph_name != dump.clone().into())
        .map(|quad| quad.to_string())
        .collect()
}

/// Damages a home, sees it refused with the word for the remedy, repairs it, and sees that nothing is missing.
fn check_damage(what: &str, dump_lost: bool, damage: impl FnOnce(&Path)) {
    let home = furnished();
    let before = said(&Keeper::open(home.path()).expect("whole"));
    assert_eq!(before.len(), 19);
    damage(home.path());
    match Keeper::open(home.path()) {
        Err(refusal @ StoreError::Damaged { .. }) => {
            assert!(refusal.to_string().contains("quid repair"), "{what}: {refusal}");
        }
        Err(other) => panic!("{what}: {other}"),
        Ok(_) => panic!("{what}: opened without a word"),
    }
    let told = Keeper::repair(home.path()).expect(what);
    let keeper = Keeper::open(home.path()).unwrap_or_else(|why| panic!("{what}: {why}; repair said {told:?}"));
    assert_eq!(said(&keeper), before, "{what}: {told:?}");
    assert_eq!(keeper.last_seq(), 21, "{what}: {told:?}");
    for finding in keeper.check().expect("checked") {
        assert!(finding.good, "{what}: {}", finding.what);
    }
    assert_eq!(told.iter().any(|line| line.contains("words must be loaded again")), dump_lost, "{what}: {told:?}");
    assert_eq!(keeper.stored(Some(&Source::Dump("words".to_owned()).graph())).count() == 50, !dump_lost, "{what}");
    assert_eq!(keeper.about(&Key::of("fact 3").thing()).expect("readable"), [4, 21], "{what}");
    keeper.commit(teach("more", "possible")).expect("life goes on");
    let kept = std::fs::read_dir(home.path())
        .expect("readable")
        .filter_map(Result::ok)
        .any(|entry| entry.file_name().to_string_lossy().contains("damaged"));
    assert!(kept, "{what}: what was damaged is kept");
}

fn change_file(home: &Path, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = home.join(name);
    let mut bytes = std::fs::read(&path).expect("readable");
    change(&mut bytes);
    std::fs::write(path, bytes).expect("writable");
}

fn line_start(bytes: &[u8], line: usize) -> usize {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(line - 1).map_or(0, |(at, _)| at + 1)
}

#[test]
fn a_damaged_journal_is_refused_and_repaired() {
    if !ON_DISK {
        return;
    }
    check_damage("a byte flipped in the middle", false, |home| {
        change_file(home, "journal.jsonl", |bytes| {
            let at = line_start(bytes, 10) + 30;
            bytes[at] ^= 0x04;
        });
    });
    check_damage("a newline flipped", false, |home| {
        change_file(home, "journal.jsonl", |bytes| {
            let at = line_start(bytes, 10) - 1;
            bytes[at] ^= 0x40;
        });
    });
    check_damage("a record blanked", false, |home| {
        change_file(home, "journal.jsonl", |bytes| {
            let at = line_start(bytes, 10);
            bytes[at + 3..at + 80].fill(b' ');
        });
    });
    check_damage("the record of what was taken back later blanked", false, |home| {
        change_file(home, "journal.jsonl", |bytes| {
            let at = line_start(bytes, 3);
            bytes[at + 3..at + 80].fill(b' ');
        });
    });
    check_damage("the last record cut", false, |home| {
        change_file(home, "journal.jsonl", |bytes| bytes.truncate(line_start(bytes, 19) + 40));
    });
}

#[test]
fn a_damaged_store_is_refused_and_repaired() {
    if !ON_DISK {
        return;
    }
    let manifest = |home: &Path| {
        std::fs::read_dir(home.join("store"))
            .expect("a store")
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|path| path.to_string_lossy().contains("MANIFEST"))
            .expect("a manifest")
    };
    check_damage("the manifest deleted", true, |home| std::fs::remove_file(manifest(home)).expect("removed"));
    check_damage("the manifest halved", true, |home| {
        let path = manifest(home);
        let bytes = std::fs::read(&path).expect("readable");
        std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("writable");
    });
    check_damage("the store emptied", true, |home| {
        for entry in std::fs::read_dir(home.join("store")).expect("a store").filter_map(Result::ok) {
            std::fs::remove_file(entry.path()).expect("removed");
        }
        // Something of it is kept: an empty directory moved aside.
    });
    check_damage("the list of sources garbled", false, |home| {
        change_file(home, "sources.json", |bytes| bytes.truncate(10));
    });
}

#[test]
fn an_unfinished_line_was_never_acknowledged_and_is_cut_off() {
    let home = furnished();
    change_file(home.path(), "journal.jsonl", |bytes| bytes.extend_from_slice(b"{\"seq\":22,\"at\":\"20"));
    let keeper = Keeper::open(home.path()).expect("opened");
    assert_eq!(keeper.last_seq(), 21);
    assert_eq!(keeper.commit(teach("more", "possible")).expect("learned").seq, 22);
    drop(keeper);
    assert!(is_there(&*Keeper::open(home.path()).expect("opened").facts(&reader()), "more"));
}

#[test]
fn the_index_of_the_journal_is_made_again_when_it_does_not_fit() {
    for change in [
        (|bytes: &mut Vec<u8>| bytes.clear()) as fn(&mut Vec<u8>),
        |bytes| bytes.truncate(35),
        |bytes| bytes.extend_from_slice(&[0xff; 20]),
        |bytes| bytes.fill(0),
        |bytes| bytes[..8].copy_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        let home = furnished();
        change_file(home.path(), "journal.ends", change);
        let keeper = Keeper::open(home.path()).expect("opened");
        assert_eq!(keeper.last_seq(), 21);
        assert_eq!(keeper.record(20).expect("readable").map(|record| record.seq), Some(20));
        assert_eq!(keeper.commit(teach("more", "possible")).expect("learned").seq, 22);
    }
}

#[test]
fn a_second_process_is_told_who_holds_the_home() {
    let home = furnished();
    let _first = Keeper::open(home.path()).expect("opened");
    let refusal = Keeper::open(home.path()).err().expect("held").to_string();
    assert!(refusal.contains("is in use by process") && refusal.contains("--home"), "{refusal}");
}

#[test]
fn an_interrupted_load_is_named() {
    if !ON_DISK {
        return;
    }
    let home = furnished();
    change_file(home.path(), "sources.json", |bytes| {
        *bytes = String::from_utf8_lossy(bytes).replace("\"loaded\"", "\"loading\"").into_bytes();
    });
    let keeper = Keeper::open(home.path()).expect("opened");
    assert_eq!(keeper.interrupted(), ["words"]);
    assert!(keeper.sources().expect("listed")[0].title.contains("interrupted"));
    assert!(keeper.check().expect("checked").iter().any(|finding| !finding.good && finding.what.contains("words")));
}
