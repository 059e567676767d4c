//! The program in a shell: exit codes, pipes, colours, bad bytes, broken pipes, signals.
//!
//! A bot that panics when its reader leaves, or colours a file, is of no use in a script.

#[path = "support.rs"]
mod support;

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Chat, errors, quid, run, text};

#[test]
fn exit_codes_say_answered_unknown_or_failed() {
    let home = tempfile::tempdir().unwrap();
    let code = |arguments: &[&str]| run(home.path(), arguments, b"").status.code();
    for (arguments, expected) in [
        (&["learn", "coffee is a drink"][..], 0),
        (&["ask", "what is coffee?"], 0),
        (&["ask", "what is blargh?"], 1),
        (&["ask", "tea is a drink"], 2),
        (&["learn", "what is tea?"], 2),
        (&["search", "drink"], 0),
        (&["search", "zzzz"], 1),
        (&["query", "ASK { ?a ?b ?c }"], 0),
        (&["query", "ASK { <urn:x> ?b ?c }"], 1),
        (&["query", "SELECT nonsense"], 2),
        (&["query", "DELETE WHERE { ?a ?b ?c }"], 2),
        (&["unload", "nothing-of-this-name"], 2),
        (&["sources"], 0),
        (&["doctor"], 0),
        (&["no-such-command"], 2),
        (&["undo"], 0),
        (&["ask", "what is coffee?"], 1),
    ] {
        assert_eq!(code(arguments), Some(expected), "{arguments:?}");
    }
}

#[test]
fn piped_lines_are_answered_and_the_worst_decides() {
    let home = tempfile::tempdir().unwrap();
    let none: [&str; 0] = [];
    let output = run(home.path(), &none, b"coffee is a drink\n\nwhat is coffee?\n");
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert_eq!(text(&output).lines().count(), 2, "{}", text(&output));
    assert!(text(&output).contains("a drink"), "{}", text(&output));
    let output = run(home.path(), &none, b"what is blargh?\nwhat is coffee?\n");
    assert_eq!(output.status.code(), Some(1));
    let output = run(home.path(), &none, b"");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
}

#[test]
fn nothing_is_coloured_in_a_pipe() {
    let home = tempfile::tempdir().unwrap();
    for arguments in
        [&["learn", "coffee is a drink"][..], &["ask", "what is coffee?"], &["ask", "what is blargh?"], &["doctor"]]
    {
        let output = run(home.path(), arguments, b"");
        assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b), "{arguments:?}");
    }
}

/// `script` (util-linux) gives the program a terminal.
fn at_terminal(home: &std::path::Path, input: &[u8], no_color: bool) -> Option<String> {
    let inner = format!("{} --home {}", env!("CARGO_BIN_EXE_quid"), home.display());
    let mut command = Command::new("script");
    command.args(["-qec", &inner, "/dev/null"]).env("USER", "ann").env("TERM", "xterm").env_remove("NO_COLOR");
    if no_color {
        command.env("NO_COLOR", "1");
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    for line in input.split_inclusive(|&byte| byte == b'\n') {
        std::thread::sleep(Duration::from_millis(400));
        stdin.write_all(line).ok()?;
        stdin.flush().ok()?;
    }
    std::thread::sleep(Duration::from_millis(400));
    drop(stdin);
    let mut shown = String::new();
    child.stdout.take()?.read_to_string(&mut shown).ok()?;
    child.wait().ok()?;
    Some(shown)
}

#[test]
fn the_prompt_answers_remembers_and_obeys_no_color() {
    let home = tempfile::tempdir().unwrap();
    let lines = b"coffee is a drink\rwhat is coffee?\r\x04";
    let split: Vec<u8> =
        lines.iter().flat_map(|&byte| if byte == b'\r' { vec![b'\r', b'\n'] } else { vec![byte] }).collect();
    let Some(shown) = at_terminal(home.path(), &split, true) else {
        println!("skipped: there is no `script` (apt install bsdutils)");
        return;
    };
    assert!(shown.contains("a drink"), "{shown:?}");
    assert!(!shown.contains("\x1b[3"), "no colour with NO_COLOR: {shown:?}");
    let typed = home.path().join("typed.txt");
    let kept = std::fs::read_to_string(&typed).unwrap();
    assert!(kept.contains("coffee is a drink"), "{kept:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&typed).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let coloured = at_terminal(home.path(), b"what is coffee?\r\n\x04", false).unwrap();
    assert!(coloured.contains("\x1b[3"), "coloured on a terminal: {coloured:?}");
}

#[test]
fn a_reader_that_leaves_is_no_fault() {
    let home = tempfile::tempdir().unwrap();
    let lines = "what is blargh?\n".repeat(2000);
    let mut child =
        quid(home.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(lines.as_bytes());
    });
    let mut first = [0; 1];
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(errors(&output), "", "nothing to complain of");
    assert!(output.status.code().is_some_and(|code| code < 2), "{:?}", output.status);
}

#[test]
fn bad_input_is_named_and_the_next_line_is_answered() {
    let home = tempfile::tempdir().unwrap();
    let mut chat = Chat::start(home.path());
    let mut long = vec![b'x'; 3 << 20];
    long.splice(..0, *b"{\"text\":\"");
    let deep = [b"{\"text\":".to_vec(), vec![b'['; 200_000]].concat();
    for (line, named) in [
        (&b"hello"[..], "not JSON"),
        (b"", "not JSON"),
        (b"{\"text\":\"a\xff\"}", "UTF-8"),
        (b"{\"nick\":\"ann\"}", "text"),
        (b"{\"text\":\"x\",\"at\":\"noon\"}", "RFC 3339"),
        (&long, "the limit is"),
        (&deep, "not JSON"),
    ] {
        chat.send(line).unwrap();
        let reply = chat.reply().expect("one line out for one line in");
        assert_eq!(reply["kind"], "error", "{reply}");
        assert!(reply["text"].as_str().unwrap().contains(named), "{named}: {reply}");
        let next = chat.say(&json!({"text": "coffee is a drink", "where": "global"}));
        assert_ne!(next["kind"], "error", "{next}");
    }
    for line in [
        "\0\u{1}\u{202e}\u{feff}",
        "   ",
        "?",
        "is is is is",
        "what is \u{0}?",
        "foo is <reply>",
        "((((((",
        "no,",
        "/",
        "/nosuch x",
        "sparql",
        "sparql {{{{{",
        "s/a/b/",
        "$who $$ ${x}",
        "a|||b||c",
        "undo 99999999999999999999",
        "karma ",
        "foo is \u{202e}evil",
    ] {
        let reply = chat.say(&json!({"text": line}));
        assert!(reply["kind"].is_string() && reply["micros"].is_u64(), "{line:?}: {reply}");
    }
    let megabyte = "a".repeat(500_000) + " is b";
    assert_eq!(chat.say(&json!({"text": megabyte}))["kind"], "error", "refused whole, not cut");
    assert_eq!(chat.leave().code(), Some(2), "the worst of the lines");
}

#[test]
fn bad_bytes_in_a_pipe_are_named_too() {
    let home = tempfile::tempdir().unwrap();
    let none: [&str; 0] = [];
    let output = run(home.path(), &none, b"caf\xe9 is a place\ncoffee is a drink\n");
    assert!(text(&output).contains("line 1 is not valid UTF-8 at byte 4"), "{}", text(&output));
    assert_eq!((text(&output).lines().count(), output.status.code()), (2, Some(2)));
}

#[test]
fn json_has_one_line_for_each_line_and_every_field_its_type() {
    let home = tempfile::tempdir().unwrap();
    let input = "{\"text\":\"coffee is a drink\",\"where\":\"global\"}\n{\"text\":\"chatter\",\"where\":\"#tea\"}\n{\"text\":\"what is coffee?\"}\n";
    let output = run(home.path(), &["chat", "--json"], input.as_bytes());
    let replies: Vec<Value> = text(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = replies.iter().map(|reply| reply["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.len(), 3);
    assert_eq!((kinds[0], kinds[1]), ("done", "silent"), "{kinds:?}");
    assert!(["proved", "told"].contains(&kinds[2]), "{kinds:?}");
    assert!(replies[0]["statement"].as_str().unwrap().starts_with("urn:quid:said:"), "{}", replies[0]);
    assert_eq!(replies[1].get("statement"), None, "silence stores nothing");
    assert!(replies[2]["sources"].as_array().is_some_and(|sources| !sources.is_empty()), "{}", replies[2]);
}

#[test]
fn being_told_to_end_is_a_normal_end() {
    let home = tempfile::tempdir().unwrap();
    let mut chat = Chat::start(home.path());
    chat.say(&json!({"text": "coffee is a drink", "where": "global"}));
    let told = Command::new("kill").arg("-TERM").arg(chat.id().to_string()).status().unwrap();
    assert!(told.success());
    let start = Instant::now();
    assert_eq!(chat.reply(), None, "the output ends");
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(chat.leave().code(), Some(0));
    assert_eq!(run(home.path(), &["ask", "what is coffee?"], b"").status.code(), Some(0), "the home is free and whole");
}
