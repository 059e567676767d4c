//! What is noted is found, by whom it may be, and what is taken back is not.
//!
//! The same tables run over committed, waiting and reopened indexes, since nobody should notice the difference.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use quid_core::oxrdf::{Literal, NamedNode, NamedNodeRef, Quad};
use quid_core::vocabulary::{DEFINITION, IS, IS_NOT, LABEL, VERB, WRITTEN_REP};
use quid_core::{Audience, Key, Place, Recall, Scope, Source};
use quid_search::{Index, SearchError};

fn quad(subject: &str, predicate: NamedNodeRef<'_>, text: &str, source: &Source) -> Quad {
    Quad::new(Key::of(subject).thing(), predicate.into_owned(), Literal::new_simple_literal(text), source.graph())
}

fn said(seq: u64, scope: Scope) -> Source {
    Source::Said { seq, scope }
}

fn dump() -> Source {
    Source::Dump("wordnet-3.0".to_owned())
}

fn teach(index: &Index, seq: u64, scope: Scope, subject: &str, value: &str) {
    let source = said(seq, scope);
    index.note(seq, &[quad(subject, LABEL, subject, &source), quad(subject, IS, value, &source)], &[]).unwrap();
}

fn somebody() -> Audience {
    Audience { name: "bob".to_owned(), place: Place::Private }
}

/// The texts found, best first, labels left out.
fn found(index: &Index, words: &str, audience: &Audience) -> Vec<String> {
    let hits = index.recall(words, audience, 10).unwrap();
    hits.into_iter().filter(|hit| hit.predicate != LABEL).map(|hit| hit.text).collect()
}

/// Runs `check` with everything waiting, then committed, then opened again.
fn in_every_state(fill: impl Fn(&Index), check: impl Fn(&Index)) {
    let directory = tempfile::tempdir().unwrap();
    let index = Index::open(directory.path()).unwrap();
    fill(&index);
    check(&index);
    index.flush().unwrap();
    check(&index);
    fill(&index);
    check(&index);
    drop(index);
    check(&Index::open(directory.path()).unwrap());
}

#[test]
fn texts_are_found_by_their_words() {
    let likes = NamedNode::new_unchecked(format!("{VERB}lives%20in"));
    in_every_state(
        |index| {
            let general = said(1, Scope::Global);
            index
                .note(
                    1,
                    &[
                        quad("pepsi", LABEL, "Pepsi", &general),
                        quad("pepsi", IS, "a sweet soda made in factories", &general),
                        quad("coke", IS, "a soda rather like pepsi", &general),
                        quad("alice", likes.as_ref(), "a café in Zürich", &general),
                        quad("tomato", IS_NOT, "a vegetable", &general),
                        quad("02084071-n", DEFINITION, "a domesticated mammal that barks", &dump()),
                        quad("form", WRITTEN_REP, "barks", &dump()),
                    ],
                    &[],
                )
                .unwrap();
        },
        |index| {
            for (words, expected) in [
                ("soda", vec!["a soda rather like pepsi", "a sweet soda made in factories"]),
                ("what is pepsi?", vec!["a sweet soda made in factories", "a soda rather like pepsi"]),
                ("PEPSI factory", vec!["a sweet soda made in factories", "a soda rather like pepsi"]),
                ("who lives in zurich", vec!["a café in Zürich", "a sweet soda made in factories"]),
                ("CAFE", vec!["a café in Zürich"]),
                ("alice's cafes", vec!["a café in Zürich"]),
                ("tomatoes", vec!["a vegetable"]),
                ("barking mammals", vec!["a domesticated mammal that barks"]),
                ("nothing of the kind xyzzy", vec![]),
                ("", vec![]),
                ("?! -- \"", vec![]),
                ("text:soda AND (subject:*", vec!["a soda rather like pepsi", "a sweet soda made in factories"]),
            ] {
                assert_eq!(found(index, words, &somebody()), expected, "{words}");
            }
        },
    );
}

#[test]
fn a_monstrous_query_is_answered() {
    let index = Index::in_memory().unwrap();
    teach(&index, 1, Scope::Global, "pepsi", "a soda");
    for words in [
        "soda ".repeat(300_000),
        "!".repeat(1 << 20),
        "é".repeat(1 << 20),
        (0..200_000).map(|n| n.to_string()).collect::<Vec<_>>().join(" w"),
    ] {
        index.recall(&words, &somebody(), 10).unwrap();
        assert_eq!(index.names_like(&words, &somebody(), 10).unwrap(), [""; 0]);
        assert_eq!(index.names_from(&words, &somebody(), 10).unwrap(), [""; 0]);
    }
    assert_eq!(found(&index, &"soda ".repeat(300_000), &somebody()), ["a soda"]);
    assert!(index.recall("soda", &somebody(), 0).unwrap().is_empty());
    assert_eq!(index.recall("soda", &somebody(), usize::MAX).unwrap().len(), 1);
}

#[test]
fn only_its_audience_finds_a_fact() {
    in_every_state(
        |index| {
            teach(index, 1, Scope::Global, "sky", "a blue thing");
            teach(index, 2, Scope::Channel("#a".to_owned()), "sea", "a blue thing as well");
            teach(index, 3, Scope::Private("ann".to_owned()), "secret", "a blue thing of ann");
            teach(index, 4, Scope::Quarantine("#a".to_owned()), "rumour", "a blue thing perhaps");
            let source = said(5, Scope::Private("bob".to_owned()));
            index.note(5, &[quad("secret", LABEL, "Secret", &source)], &[]).unwrap();
        },
        |index| {
            for (name, place, expected, names) in [
                ("ann", Place::Private, "a blue thing|a blue thing as well|a blue thing of ann", "sea secret sky"),
                ("ann", Place::Global, "a blue thing|a blue thing as well|a blue thing of ann", "sea secret sky"),
                ("ann", Place::Channel("#a".to_owned()), "a blue thing|a blue thing as well", "sea sky"),
                ("bob", Place::Private, "a blue thing|a blue thing as well", "Secret sea sky"),
                ("eve", Place::Private, "a blue thing|a blue thing as well", "sea sky"),
                ("*", Place::Private, "a blue thing|a blue thing as well", "sea sky"),
            ] {
                let audience = Audience { name: name.to_owned(), place };
                let mut texts = found(index, "blue", &audience);
                texts.sort();
                assert_eq!(texts.join("|"), expected, "{audience:?}");
                let mut from = index.names_from("s", &audience, 10).unwrap();
                from.sort();
                assert_eq!(from.join(" "), names, "{audience:?}");
                let like = index.names_like("secrte", &audience, 10).unwrap();
                assert_eq!(like.len(), usize::from(names.to_lowercase().contains("secret")), "{audience:?}");
            }
        },
    );
}

#[test]
fn what_is_removed_is_gone_at_once() {
    let index = Index::in_memory().unwrap();
    let pepsi = quad("pepsi", IS, "a soda", &said(1, Scope::Global));
    let cola = quad("cola", IS, "a soda", &said(2, Scope::Global));
    let check = |expected: &[&str]| {
        let hits = index.recall("soda", &somebody(), 10).unwrap();
        let subjects: Vec<_> = hits.iter().filter_map(|hit| Key::of_thing(&hit.subject)).collect();
        assert_eq!(subjects.iter().map(Key::as_str).collect::<Vec<_>>(), expected);
    };
    index.note(1, std::slice::from_ref(&pepsi), &[]).unwrap();
    index.note(2, &[cola], &[]).unwrap();
    check(&["cola", "pepsi"]);
    index.flush().unwrap();
    index.note(3, &[], std::slice::from_ref(&pepsi)).unwrap();
    check(&["cola"]);
    index.flush().unwrap();
    check(&["cola"]);
    index.note(4, std::slice::from_ref(&pepsi), &[]).unwrap();
    check(&["cola", "pepsi"]);
    index.note(5, &[], std::slice::from_ref(&pepsi)).unwrap();
    index.note(6, std::slice::from_ref(&pepsi), &[]).unwrap();
    index.flush().unwrap();
    check(&["cola", "pepsi"]);
    assert_eq!(index.len(), 2, "noting again adds nothing");
    index.drop_graph(&said(1, Scope::Global).graph()).unwrap();
    check(&["cola"]);
}

#[test]
fn a_dump_is_loaded_and_replaced_and_removed() {
    let directory = tempfile::tempdir().unwrap();
    let index = Index::open(directory.path()).unwrap();
    teach(&index, 7, Scope::Global, "dog", "a friend that barks");
    let load = |texts: &[&str]| {
        let mut bulk = index.bulk().unwrap();
        for text in texts {
            bulk.add(&quad("x", DEFINITION, text, &dump())).unwrap();
        }
        bulk
    };
    assert_eq!(load(&["it barks", "it barks loudly"]).finish(0).unwrap(), 2);
    assert_eq!(index.seq(), 7, "what waited is committed with the load");
    assert_eq!(found(&index, "barks", &somebody()).len(), 3);

    let unfinished = load(&["it barks and barks"]);
    index.note(8, &[quad("cat", IS, "a friend too", &said(8, Scope::Global))], &[]).unwrap();
    assert_eq!(found(&index, "barks", &somebody()).len(), 3, "the old load answers meanwhile");
    assert_eq!(found(&index, "friend", &somebody()).len(), 2, "so do new facts");
    drop(unfinished);
    assert_eq!(found(&index, "barks", &somebody()).len(), 3, "an abandoned load leaves no trace");

    assert_eq!(load(&["it barks once"]).finish(0).unwrap(), 1);
    let mut texts = found(&index, "barks", &somebody());
    texts.sort();
    assert_eq!(texts, ["a friend that barks", "it barks once"]);
    index.drop_graph(&dump().graph()).unwrap();
    assert_eq!(found(&index, "barks", &somebody()), ["a friend that barks"]);
    drop(index);
    let index = Index::open(directory.path()).unwrap();
    assert_eq!((found(&index, "barks", &somebody()).len(), index.seq()), (1, 8));
}

#[test]
fn after_a_crash_seq_tells_what_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let after = tempfile::tempdir().unwrap();
    let index = Index::open(directory.path()).unwrap();
    for seq in 1..=300 {
        teach(&index, seq, Scope::Global, &format!("thing {seq}"), "a thing of many");
    }
    // What a killed process leaves is what lies in the directory now.
    copy(directory.path(), after.path());
    let survivor = Index::open(after.path()).unwrap();
    let seq = survivor.seq();
    assert!((1..300).contains(&seq), "some were committed, the last were not: {seq}");
    assert_eq!(survivor.len(), 2 * seq, "exactly what seq says is there");
    for seq in seq.saturating_sub(5) + 1..=300 {
        teach(&survivor, seq, Scope::Global, &format!("thing {seq}"), "a thing of many");
    }
    survivor.flush().unwrap();
    assert_eq!((survivor.seq(), survivor.len()), (300, 600));
    drop(index);
    assert_eq!(Index::open(directory.path()).unwrap().seq(), 300, "closing in order commits");
}

#[test]
fn names_are_completed_and_corrected() {
    in_every_state(
        |index| {
            for (seq, name) in (1..).zip(["Pepsi", "pepsi max", "pepper", "Zürich", "cat", "car", "c++", "c"]) {
                teach(index, seq, Scope::Global, name, "a thing");
            }
            index.note(9, &[quad("pepsi", LABEL, "pepsi", &said(9, Scope::Global))], &[]).unwrap();
        },
        |index| {
            for (prefix, limit, expected) in [
                ("pep", 9, vec!["pepper", "Pepsi", "pepsi max"]),
                ("PEPSI ", 9, vec!["Pepsi", "pepsi max"]),
                ("pep", 2, vec!["pepper", "Pepsi"]),
                ("", 3, vec!["c", "c++", "car"]),
                ("zü", 9, vec!["Zürich"]),
                ("x", 9, vec![]),
                ("c", 0, vec![]),
            ] {
                assert_eq!(index.names_from(prefix, &somebody(), limit).unwrap(), expected, "{prefix}");
            }
            for (name, limit, expected) in [
                ("pespi", 9, vec!["Pepsi"]),
                ("peppsi", 9, vec!["Pepsi", "pepper"]),
                ("peppsi", 1, vec!["Pepsi"]),
                ("Zurich", 9, vec!["Zürich"]),
                ("cat", 9, vec!["cat", "car"]),
                ("ca", 9, vec!["c", "car", "cat"]),
                ("", 9, vec![]),
                ("elephant", 9, vec![]),
            ] {
                assert_eq!(index.names_like(name, &somebody(), limit).unwrap(), expected, "{name}");
            }
        },
    );
}

#[test]
fn common_words_do_not_drown_the_rare_ones() {
    let index = Index::in_memory().unwrap();
    let mut bulk = index.bulk().unwrap();
    for number in 0..2_000 {
        bulk.add(&quad(&format!("x{number}"), DEFINITION, &format!("the one that is the number {number}"), &dump()))
            .unwrap();
    }
    bulk.finish(1).unwrap();
    assert_eq!(found(&index, "what is the one that is 1234", &somebody()), ["the one that is the number 1234"]);
    assert_eq!(index.recall("the", &somebody(), 3).unwrap().len(), 3, "a common word alone is still searched");
    let once = index.recall("the", &somebody(), 3).unwrap();
    assert_eq!(once, index.recall("the", &somebody(), 3).unwrap());
}

#[test]
fn notes_and_searches_do_not_disturb_each_other() {
    let index = Index::in_memory().unwrap();
    let acknowledged = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for seq in 1..=1_000 {
                teach(&index, seq, Scope::Global, &format!("name{seq}"), "a thing");
                acknowledged.store(seq, std::sync::atomic::Ordering::SeqCst);
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seq = acknowledged.load(std::sync::atomic::Ordering::SeqCst);
                    if seq > 0 {
                        let name = format!("name{seq}");
                        assert_eq!(found(&index, &name, &somebody()).len(), 1, "{name} is found from its note on");
                        assert_eq!(index.names_from(&name, &somebody(), 1).unwrap(), [name]);
                    }
                    if seq == 1_000 {
                        break;
                    }
                }
            });
        }
    });
    index.flush().unwrap();
    assert_eq!((index.len(), index.seq()), (2_000, 1_000));
}

#[test]
fn a_damaged_index_is_told_wiped_and_built_again() {
    let healthy = tempfile::tempdir().unwrap();
    let index = Index::open(healthy.path()).unwrap();
    for seq in 1..=300 {
        teach(&index, seq, Scope::Private("ann".to_owned()), &format!("thing {seq}"), "a thing of many");
    }
    assert!(index.check().is_ok());
    drop(index);
    let files: Vec<_> = std::fs::read_dir(healthy.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let mut told = 0;
    for file in files.iter().filter(|file| !file.to_string_lossy().ends_with(".lock")) {
        for damage in ["gone", "empty", "half", "noise"] {
            let directory = tempfile::tempdir().unwrap();
            copy(healthy.path(), directory.path());
            let path = directory.path().join(file);
            let bytes = std::fs::read(&path).unwrap();
            match damage {
                "gone" => std::fs::remove_file(&path).unwrap(),
                "empty" => std::fs::write(&path, b"").unwrap(),
                "half" => std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap(),
                _ => std::fs::write(&path, bytes.iter().map(|byte| byte ^ 0x55).collect::<Vec<_>>()).unwrap(),
            }
            match Index::open(directory.path()) {
                Err(SearchError::Damaged { .. }) => told += 1,
                Err(other) => panic!("{file:?} {damage}: {other}"),
                // Found later or never needed, but never a panic.
                Ok(index) => {
                    let audience = Audience { name: "ann".to_owned(), place: Place::Private };
                    let searched = index.recall("thing", &audience, 5).is_ok();
                    let named = index.names_like("thing 7", &audience, 5).is_ok();
                    assert!(index.check().is_err() || (searched && named), "{file:?} {damage}");
                }
            }
            std::fs::write(directory.path().join("letter.txt"), "dear Ann").unwrap();
            std::fs::create_dir(directory.path().join("meta.json.old")).unwrap();
            Index::wipe(directory.path()).unwrap();
            let index = Index::open(directory.path()).unwrap();
            assert_eq!((index.seq(), index.len()), (0, 0));
            drop(index);
            assert!(directory.path().join("letter.txt").exists() && directory.path().join("meta.json.old").exists());
        }
    }
    assert!(told >= 8, "most damage is seen at opening: {told}");
}

#[test]
fn an_index_in_use_is_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let index = Index::open(directory.path()).unwrap();
    assert!(matches!(Index::open(directory.path()), Err(SearchError::Busy { .. })));
    assert!(matches!(Index::wipe(directory.path()), Err(SearchError::Busy { .. })));
    drop(index);
    Index::open(directory.path()).unwrap();
    Index::wipe(&directory.path().join("nowhere")).unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(Index::open(&file), Err(SearchError::Directory { .. })));
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
