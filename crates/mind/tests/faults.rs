//! What holds whatever is said and whatever breaks: nothing panics, nothing is half told, same talk, same replies.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod double;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use double::{Room, language};
use quid_core::oxrdf::{Literal, Triple};
use quid_core::{Act, Change, Heard, Key, Place, Rights, Scope, Speaker, Time, vocabulary as v};

#[test]
fn a_full_disk_is_told_and_nothing_is_learned() {
    let mut room = Room::new(&Arc::new(language()));
    room.notebook.failing.store(1, Ordering::SeqCst);
    let reply = room.say("alice", "#test", true, false, "foo is bar");
    assert_eq!(reply.kind(), "error");
    assert!(reply.text.contains("no space left"), "{}", reply.text);
    assert!(reply.statement.is_none());
    assert_eq!(room.say("bob", "#test", true, false, "foo?").kind(), "unknown");
    assert_eq!(room.say("alice", "#test", true, false, "foo is bar").kind(), "done");
}

#[test]
fn whoever_comes_second_is_told_what_the_first_said() {
    let mut room = Room::new(&Arc::new(language()));
    let thing = Key::of("foo").thing();
    *room.notebook.rival.lock().unwrap() = Some(Change {
        act: Act::Learn,
        by: Speaker { nick: "alice".to_owned(), account: None, rights: Rights::Everyone },
        place: Place::Channel("#test".to_owned()),
        at: Time::from_micros(0),
        line: "foo is bar".to_owned(),
        scope: Scope::Channel("#test".to_owned()),
        learned: vec![Triple::new(thing.clone(), v::IS, Literal::new_simple_literal("bar"))],
        added: Vec::new(),
        removed: Vec::new(),
        about: vec![thing],
        undoes: None,
        guard: None,
    });
    let reply = room.say("bob", "#test", true, false, "foo is baz");
    assert!(reply.text.to_lowercase().contains("but foo is bar"), "{}", reply.text);
    assert!(reply.statement.is_none());
    assert_eq!(room.notebook.records().len(), 1);
}

const TALK: &[(&str, &str)] = &[
    ("alice", "coin is <reply>heads|tails|edge"),
    ("bob", "coin?"),
    ("bob", "coin?"),
    ("bob", "coin?"),
    ("carol", "coin?"),
    ("carol", "hello"),
    ("carol", "what is zorkmid?"),
    ("alice", "die is <reply>(1-6)"),
    ("bob", "die?"),
    ("bob", "die?"),
];

#[test]
fn same_conversation_same_replies() {
    let language = Arc::new(language());
    let run = || {
        let mut room = Room::new(&language);
        TALK.iter().map(|(nick, line)| room.say(nick, "#test", true, false, line).text).collect::<Vec<_>>()
    };
    let first = run();
    assert_eq!(first, run());
    let mut room = Room::new(&language);
    room.say("alice", "#test", true, false, "coin is <reply>heads|tails");
    let drawn: std::collections::BTreeSet<_> =
        (0..64).map(|_| room.say("bob", "#test", true, false, "coin?").text).collect();
    assert_eq!(drawn.len(), 2, "chance chooses each alternative: {drawn:?}");
}

#[test]
fn no_line_panics_and_no_reply_has_control_characters() {
    let pieces = [
        "",
        " ",
        "?",
        "is",
        " is ",
        "foo is",
        "is bar",
        "no,",
        "no, is",
        "forget",
        "forget #0",
        "forget foo #99999999999999999999",
        "undo 4294967295",
        "undo 0",
        "undo -1",
        "revert",
        "revert x",
        "s/a/b/",
        "foo =~ s",
        "foo =~ s/",
        "foo =~ s///",
        "rename",
        "rename '' ''",
        "literal",
        "karma",
        "++",
        "()++",
        "seen",
        "tell",
        "tell about",
        "tell x about",
        "listkeys",
        "listvalues",
        "listauth",
        "search",
        "more",
        "set",
        "set x",
        "set learn",
        "ignore",
        "lock",
        "unlock",
        "confirm",
        "history",
        "factinfo",
        "sparql",
        "help",
        "why?",
        "why not?",
        "/source",
        "yes",
        "no",
        "the other one",
        "what is",
        "who is it?",
        "quid",
        "quid,",
        "a is a",
        "is a a?",
        "foo is <reply>see foo",
        "foo?",
        "x is $1 $arg (",
        "x?",
        "$arg is y",
        "foo $arg is $arg",
        "foo (((((",
        "\u{202e}evil",
        "\u{0}\u{1}\u{2}\u{3}04,05",
        "λ is \u{200b}",
        "é is é",
        "İ is İ",
        "😀 is 😀",
        "😀?",
        "#1 is #2",
        "foo #1 is x",
        "what did you think foo was on 9999-99-99?",
        "are",
        "can can can?",
        "does does like like?",
    ];
    let mut room = Room::new(&Arc::new(language()));
    for place in ["#test", "private", "global"] {
        for addressed in [true, false] {
            for (at, piece) in pieces.iter().enumerate() {
                let other = pieces[(at * 7 + 3) % pieces.len()];
                for line in [(*piece).to_owned(), format!("{piece} {other}"), format!("{piece} is {other}")] {
                    let nick = if at % 5 == 0 { "op" } else { "alice" };
                    let reply = room.say(nick, place, addressed, true, &line);
                    let text = reply.text.strip_prefix("\u{1}ACTION ").and_then(|text| text.strip_suffix('\u{1}'));
                    let text = text.unwrap_or(&reply.text);
                    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{line:?} -> {text:?}");
                    assert!(!reply.text.is_empty() || reply.kind() == "silent", "{line:?} -> {}", reply.kind());
                    assert!(reply.statement.is_none() || !room.notebook.records().is_empty());
                }
            }
        }
    }
}

#[test]
fn what_an_account_taught_is_not_undone_by_a_nick() {
    let mut room = Room::new(&Arc::new(language()));
    room.say("alice", "#test", true, false, "foo is bar");
    let thief = Heard {
        speaker: Speaker { nick: "alice".to_owned(), account: None, rights: Rights::Everyone },
        place: Place::Channel("#test".to_owned()),
        addressed: true,
        passive: false,
        text: "undo".to_owned(),
        at: Time::from_micros(0),
    };
    let reply = room.mind.hear(&thief, &AtomicBool::new(false));
    assert_eq!(reply.kind(), "error", "{}", reply.text);
    assert_eq!(room.say("bob", "#test", true, false, "foo?").kind(), "told");
}

#[test]
fn every_phrase_the_code_says_is_in_the_data() {
    let language = language();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut missing = Vec::new();
    let mut checked = 0;
    for entry in std::fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for call in ["say(", "chat(", "done(", "refuse(", "unknown("] {
            for (_, rest) in text.match_indices(call).map(|(at, call)| text.split_at(at + call.len())) {
                let Some(rest) = rest.trim_start().strip_prefix('"') else { continue };
                let Some((key, _)) = rest.split_once('"') else { continue };
                checked += 1;
                if !language.has_phrase(key) {
                    missing.push(format!("{}: {key}", path.display()));
                }
            }
        }
        for (_, rest) in text.match_indices("number(\"").map(|(at, call)| text.split_at(at + call.len())) {
            let Some((name, _)) = rest.split_once('"') else { continue };
            if language.number(name) == 0 {
                missing.push(format!("{}: the number {name}", path.display()));
            }
        }
    }
    assert!(checked > 50, "the search found only {checked}");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
