//! Reasoning over what was taught in English: rules, facts and yes/no questions, as chat.
//!
//! The sets of other people's worlds are measured where they are present and skipped, loudly, where they are not;
//! the small worlds written here always run.

#[path = "support/mind_in_memory.rs"]
mod mind_in_memory;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

use mind_in_memory::{Chat, Rooms, sentences, shared};
use quid_core::{Answer, Reply};
use serde_json::Value;

/// A world in sentences, and what is asked of it.
struct World {
    told: Vec<String>,
    /// Name for reports, statement, and whether it is true, false, or neither.
    asked: Vec<(String, String, Option<bool>)>,
}

/// What a reply says of a statement.
fn verdict(reply: &Reply) -> Result<Option<bool>, String> {
    let text = reply.text.to_lowercase();
    match (&reply.answer, text.starts_with("yes"), text.starts_with("no:") || text.starts_with("no,")) {
        (Answer::Proved { proofs, .. }, true, false) if !proofs.is_empty() => Ok(Some(true)),
        (Answer::Proved { proofs, .. }, false, true) if !proofs.is_empty() => Ok(Some(false)),
        (Answer::Unknown { .. }, _, _) => Ok(None),
        _ => Err(format!("{:?}", reply.answer).chars().take(60).collect()),
    }
}

/// "Bob is cold." as a question in its other words: "Is Bob cold?"
fn turned(statement: &str) -> Option<String> {
    let plain = statement.trim_end_matches('.');
    let (subject, rest) = plain.split_once(" is ")?;
    let subject = subject.replacen("The ", "the ", 1);
    Some(format!("Is {subject} {rest}?"))
}

#[derive(Default)]
struct Tally {
    right: usize,
    asked: usize,
    wrong: Vec<String>,
    teaching: Duration,
    slowest: Duration,
    lines: u32,
}

impl Tally {
    fn play(&mut self, rooms: &Rooms, world: &World) {
        let mut chat = rooms.mind();
        for line in &world.told {
            let start = Instant::now();
            let reply = chat.say(line);
            let took = start.elapsed();
            self.teaching += took;
            self.slowest = self.slowest.max(took);
            self.lines += 1;
            if reply.answer != Answer::Done {
                self.wrong.push(format!("not learned: {line} -> {}", reply.text));
            }
        }
        for (name, statement, truth) in &world.asked {
            self.ask(&mut chat, name, &format!("True or false: {statement}"), *truth);
            if let Some(question) = turned(statement) {
                self.ask(&mut chat, name, &question, *truth);
            }
        }
    }

    fn ask(&mut self, chat: &mut Chat, name: &str, question: &str, truth: Option<bool>) {
        self.asked += 1;
        let reply = chat.say(question);
        if verdict(&reply).as_ref() == Ok(&truth) {
            self.right += 1;
        } else {
            self.wrong.push(format!("{name}: {question} is {truth:?}, said: {}", reply.text));
        }
    }

    fn report(&self, set: &str) {
        println!(
            "{set}: {} of {} questions right; {} lines taught, {} µs each, the slowest {} µs",
            self.right,
            self.asked,
            self.lines,
            self.teaching.as_micros() / u128::from(self.lines.max(1)),
            self.slowest.as_micros(),
        );
        for wrong in self.wrong.iter().take(20) {
            println!("  {wrong}");
        }
    }

    fn must_be_all(&self, set: &str) {
        self.report(set);
        assert!(self.asked > 0, "{set}: nothing was asked");
        assert!(self.wrong.is_empty(), "{set}: {} wrong", self.wrong.len());
    }
}

fn text_of(path: &Path) -> String {
    let mut text = String::new();
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if path.extension().is_some_and(|ending| ending == "gz") {
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("unpacks");
    } else {
        text = fs::read_to_string(path).expect("reads");
    }
    text
}

/// The worlds of ProofWriter: one for each text, with all that is asked of it.
fn proofwriter(path: &Path) -> Vec<World> {
    let rows: Vec<Value> = serde_json::from_str(&text_of(path)).expect("JSON");
    let mut worlds: BTreeMap<String, World> = BTreeMap::new();
    for row in rows {
        let field = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let statement = field("question").rsplit("? ").next().unwrap_or_default().to_owned();
        let truth = match field("answer").as_str() {
            "A" => Some(true),
            "B" => Some(false),
            _ => None,
        };
        let context = field("context");
        let world =
            worlds.entry(context.clone()).or_insert_with(|| World { told: sentences(&context), asked: Vec::new() });
        world.asked.push((field("id"), statement, truth));
    }
    worlds.into_values().collect()
}

/// The worlds of ProntoQA.
fn prontoqa(path: &Path) -> Vec<World> {
    let Value::Object(examples) = serde_json::from_str(&text_of(path)).expect("JSON") else { panic!("an object") };
    let mut worlds = Vec::new();
    for (name, example) in &examples {
        for (part, row) in example.as_object().into_iter().flatten() {
            let field = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
            let statement = field("query").trim_start_matches("True or false: ").to_owned();
            let truth = Some(field("answer") == "True");
            worlds.push(World {
                told: sentences(field("question")),
                asked: vec![(format!("{name}/{part}"), statement, truth)],
            });
        }
    }
    worlds
}

#[test]
fn proofwriter_is_read_and_answered() {
    let Some(folder) = shared("reason/proofwriter") else { return };
    let rooms = Rooms::open();
    let mut tally = Tally::default();
    for world in proofwriter(&folder.join("dev.json.gz")) {
        tally.play(&rooms, &world);
    }
    tally.must_be_all("ProofWriter dev, open world");
}

#[test]
fn proofwriter_train_is_read_and_answered() {
    let Some(folder) = shared("reason/proofwriter") else { return };
    // All of it takes minutes; some are played in every run, and as many as are wanted with this.
    let most: usize = std::env::var("WORLDS").ok().and_then(|most| most.parse().ok()).unwrap_or(60);
    let worlds = proofwriter(&folder.join("train.json.gz"));
    let step = worlds.len().div_ceil(most.max(1)).max(1);
    let rooms = Rooms::open();
    let mut tally = Tally::default();
    for world in worlds.iter().step_by(step) {
        tally.play(&rooms, world);
    }
    tally.must_be_all("ProofWriter train, open world");
}

#[test]
fn prontoqa_is_read_and_answered() {
    let Some(folder) = shared("reason/prontoqa") else { return };
    let rooms = Rooms::open();
    let mut tally = Tally::default();
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    for file in files {
        for world in prontoqa(&file) {
            tally.play(&rooms, &world);
        }
    }
    tally.must_be_all("ProntoQA");
}

/// Neither a proved yes nor a proved no, in whichever words.
const UNKNOWN: &str = "";

#[test]
fn small_worlds_are_answered() {
    let rooms = Rooms::open();
    // What is told, what is asked, and the beginning of the answer.
    let worlds: &[(&str, &[(&str, &str)])] = &[
        (
            "Bob is cold. Bob is quiet. If something is quiet and cold then it is smart.",
            &[("Is Bob smart?", "Yes: Bob is quiet"), ("Is Bob not smart?", "No: "), ("Is Bob red?", UNKNOWN)],
        ),
        (
            "Every cat is a mammal. No fish is a mammal. Tom is a cat. Nemo is a fish.",
            &[("Is Tom a mammal?", "Yes: "), ("Is Nemo a mammal?", "No: "), ("Is Tom a fish?", "No: ")],
        ),
        (
            "If X is a parent of Y and Y is a parent of Z then X is a grandparent of Z. Ann is a parent of Bob. \
             Bob is a parent of Carl.",
            &[("Is Ann a grandparent of Carl?", "Yes: "), ("Is Bob a grandparent of Ann?", UNKNOWN)],
        ),
        (
            "If someone is young and not kind then they are green. Dave is young. Dave is not kind. Erin is young.",
            &[("Is Dave green?", "Yes: "), ("Is Erin green?", UNKNOWN)],
        ),
        (
            "Everyone who owns a dog is happy. Eve owns Rex. Rex is a dog. Max owns a dog. Moe owns a cat.",
            &[("Is Eve happy?", "Yes: "), ("Is Max happy?", "Yes: "), ("Is Moe happy?", UNKNOWN)],
        ),
    ];
    for (told, asked) in worlds {
        let mut chat = rooms.mind();
        for line in sentences(told) {
            let reply = chat.say(&line);
            assert_eq!(reply.answer, Answer::Done, "{line}: {}", reply.text);
        }
        for (question, wanted) in *asked {
            let reply = chat.say(question);
            let unknown = matches!(reply.answer, Answer::Unknown { .. });
            let proved = matches!(reply.answer, Answer::Proved { .. }) && reply.text.starts_with(wanted);
            assert!(if *wanted == UNKNOWN { unknown } else { proved }, "{told}\n{question}\n{}", reply.text);
        }
    }
}
