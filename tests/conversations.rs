//! Runs the conversations of `tests/conversations/*.md`, and the README's, through the real program.
//!
//! A conversation says what the bot does better than any assertion, and whoever finds a fault can write one.
//!
//! ````text
//! # A heading is a test's name; each starts with an empty home
//! Prose says why. "Given WordNet" anywhere in it starts with WordNet loaded (skipped when not installed).
//! ```chat
//! > a line the owner types at the prompt (nick ann, place global, rights owner)
//! the expected reply, word for word, over as many lines as it has; {any} stands for any text in a line
//! #tea bob> said in #tea by bob, not surely to the bot ("quid, …" in the text addresses it)
//! .
//! #tea @bob> said in #tea by bob to the bot        (`.` alone expects silence)
//! private bob> said to the bot by bob in private
//! #tea @eve (operator)> with rights; (passive) turns passive learning on for the line
//! ~ 2026-05-09T12:00:00Z     sets the clock, which starts at 2026-05-02T12:00:00Z; a line takes one second
//! ! {"text":7}               sends the rest as it is
//! ```
//! ````
//! "```chat kinds" puts the kind before each reply: `proved: Yes.` `UPDATE_EXPECT=1` writes what was said into the
//! files. A word after `--` runs only the conversations with it in their names.

#[path = "support.rs"]
mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use support::Chat;

/// When every conversation begins, in seconds since 1970.
const BEGINNING: &str = "2026-05-02T12:00:00Z";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filters: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut world = World::default();
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), 0);
    for path in files(&root) {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        let (mut longer, mut shorter) = (0, 0);
        for section in sections(&lines, path.ends_with("README.md")) {
            let name = format!("{}: {}", path.file_stem().unwrap_or_default().to_string_lossy(), section.name);
            if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter.as_str())) {
                continue;
            }
            if arguments.iter().any(|word| word == "--list") {
                println!("{name}: test");
                continue;
            }
            if section.wordnet && !support::has_wordnet() {
                println!(
                    "conversation {name} ... skipped: WordNet is not installed (apt install wordnet-base wordnet-sense-index)"
                );
                skipped += 1;
                continue;
            }
            let differences = world.play(&section);
            if differences.is_empty() {
                println!("conversation {name} ... ok");
                passed += 1;
            } else if update {
                for difference in &differences {
                    let from = difference.at + longer - shorter;
                    let new: Vec<String> = difference.got.lines().map(ToOwned::to_owned).collect();
                    longer += new.len();
                    shorter += difference.wanted.len();
                    lines.splice(from..from + difference.wanted.len(), new);
                }
                println!("conversation {name} ... updated");
                passed += 1;
            } else {
                let mut report = String::new();
                for difference in &differences {
                    let wanted = difference.wanted.join("\n        ");
                    let got = difference.got.replace('\n', "\n        ");
                    let _ = writeln!(
                        report,
                        "  {}:{}  {}\n  wanted {wanted}\n  got    {got}",
                        path.display(),
                        difference.at,
                        difference.line
                    );
                }
                println!("conversation {name} ... FAILED\n{report}");
                failed.push(name);
            }
        }
        if update && lines.join("\n") + "\n" != text {
            fs::write(&path, lines.join("\n") + "\n").unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
    println!("\nconversations: {passed} passed, {} failed, {skipped} skipped", failed.len());
    for name in &failed {
        println!("  failed: {name}");
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn files(root: &Path) -> Vec<PathBuf> {
    let folder = fs::read_dir(root.join("tests/conversations")).expect("the conversations are there");
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    files.sort();
    assert!(!files.is_empty(), "no conversations in tests/conversations");
    files.push(root.join("README.md"));
    files
}

/// One heading's conversation.
#[derive(Default)]
struct Section {
    name: String,
    wordnet: bool,
    turns: Vec<Turn>,
}

/// A line to say and where its expected reply stands in the file.
struct Turn {
    line: String,
    what: What,
    kinds: bool,
    /// Index of the first expected line.
    at: usize,
    wanted: Vec<String>,
}

enum What {
    Say(Value),
    Raw(String),
}

/// Splits a file at its headings. Sections without a chat are prose; the README's one always has WordNet.
fn sections(lines: &[String], readme: bool) -> Vec<Section> {
    let mut found = Vec::new();
    let mut section = Section { name: "dialogue".into(), ..Section::default() };
    let (mut fence, mut clock) = (None::<(bool, bool)>, Clock::new());
    for (at, line) in lines.iter().enumerate() {
        match fence {
            None if line.starts_with('#') => {
                found.push(std::mem::take(&mut section));
                line.trim_start_matches('#').trim().clone_into(&mut section.name);
                clock = Clock::new();
            }
            None if line.starts_with("```") => {
                fence = Some((line.starts_with("```chat"), line.trim_end().ends_with(" kinds")));
            }
            None => section.wordnet |= line.contains("Given WordNet"),
            Some(_) if line.starts_with("```") => fence = None,
            Some((true, kinds)) => {
                if let Some(time) = line.strip_prefix("~ ") {
                    clock.set(time.trim());
                } else if let Some(what) = said(line, &mut clock) {
                    section.turns.push(Turn { line: line.clone(), what, kinds, at: at + 1, wanted: Vec::new() });
                } else {
                    let turn = section
                        .turns
                        .last_mut()
                        .unwrap_or_else(|| panic!("line {}: a reply before anything was said", at + 1));
                    turn.wanted.push(line.clone());
                }
            }
            Some((false, _)) => {}
        }
    }
    found.push(section);
    found.retain(|section| !section.turns.is_empty());
    for section in &mut found {
        section.wordnet |= readme;
    }
    found
}

/// The clock of a conversation: an RFC 3339 time to the minute and the lines since then as its seconds.
struct Clock {
    minute: String,
    lines: u32,
}

impl Clock {
    fn new() -> Self {
        let mut clock = Self { minute: String::new(), lines: 0 };
        clock.set(BEGINNING);
        clock
    }

    fn set(&mut self, time: &str) {
        let minute = time.get(..16).unwrap_or_else(|| panic!("the time {time:?} must look like {BEGINNING}"));
        minute.clone_into(&mut self.minute);
        self.lines = 0;
    }

    fn tick(&mut self) -> String {
        self.lines += 1;
        assert!(self.lines < 60, "a conversation of an hour's lines: set the clock with ~ in between");
        format!("{}:{:02}Z", self.minute, self.lines)
    }
}

/// Reads a line that is said; `None` for a line of a reply.
fn said(line: &str, clock: &mut Clock) -> Option<What> {
    if let Some(raw) = line.strip_prefix("! ") {
        return Some(What::Raw(raw.to_owned()));
    }
    if let Some(text) = line.strip_prefix("> ") {
        return Some(What::Say(json!({"nick": "ann", "account": "ann", "where": "global", "rights": "owner",
            "addressed": true, "text": text, "at": clock.tick()})));
    }
    let (head, text) = line.split_once("> ")?;
    let (place, who) = head.split_once(' ')?;
    if place != "private" && !place.starts_with('#') {
        return None;
    }
    let (who, flags) = who.split_once(" (").unwrap_or((who, ""));
    let flags: Vec<&str> = flags.trim_end_matches(')').split(", ").filter(|flag| !flag.is_empty()).collect();
    let nick = who.strip_prefix('@').unwrap_or(who);
    if nick.is_empty() || nick.contains(' ') {
        return None;
    }
    let rights = flags.iter().find(|flag| **flag != "passive").unwrap_or(&"everyone");
    Some(What::Say(json!({"nick": nick, "account": nick, "where": place, "rights": rights,
        "addressed": place == "private" || who.starts_with('@'), "passive": flags.contains(&"passive"),
        "text": text, "at": clock.tick()})))
}

/// What was said instead of what was wanted.
struct Difference {
    at: usize,
    line: String,
    wanted: Vec<String>,
    got: String,
}

/// The home with WordNet, loaded once for all conversations that need it.
#[derive(Default)]
struct World {
    wordnet: Option<tempfile::TempDir>,
}

impl World {
    fn play(&mut self, section: &Section) -> Vec<Difference> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = folder.path().join("home");
        if section.wordnet {
            support::copy_home(self.wordnet().path(), &home);
        }
        let mut chat = Chat::start(&home);
        let mut differences = Vec::new();
        for turn in &section.turns {
            let reply = match &turn.what {
                What::Say(heard) => chat.say(heard),
                What::Raw(line) => {
                    chat.send(line.as_bytes()).expect("the program reads");
                    chat.reply().expect("the program answers")
                }
            };
            let got = shown(&reply, turn.kinds);
            let lines: Vec<&str> = got.lines().collect();
            let same = lines.len() == turn.wanted.len()
                && lines.iter().zip(&turn.wanted).all(|(got, wanted)| matches(got, wanted));
            if !same {
                differences.push(Difference { at: turn.at, line: turn.line.clone(), wanted: turn.wanted.clone(), got });
            }
        }
        assert!(chat.leave().code().is_some(), "the program leaves by itself");
        differences
    }

    fn wordnet(&mut self) -> &tempfile::TempDir {
        self.wordnet.get_or_insert_with(|| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let output = support::run(folder.path(), &["load", "wordnet", support::WORDNET], b"");
            assert!(output.status.success(), "WordNet loads: {}", support::errors(&output));
            folder
        })
    }
}

/// A reply as these files write it.
fn shown(reply: &Value, kinds: bool) -> String {
    let field = |name: &str| reply.get(name).and_then(Value::as_str);
    let kind = field("kind").unwrap_or("no kind");
    if kind == "silent" {
        return ".".to_owned();
    }
    let to = field("to").map_or_else(String::new, |nick| format!("(to {nick}) "));
    let kind = if kinds { format!("{kind}: ") } else { String::new() };
    format!("{kind}{to}{}", field("text").unwrap_or_default())
}

/// Whether a line is as wanted, where `{any}` stands for any text.
fn matches(got: &str, wanted: &str) -> bool {
    let mut parts = wanted.split("{any}");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = got.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}
