//! Stories that are told line by line and asked about: the bAbI tasks, each story in a mind of its own.
//!
//! Nothing is trained and nothing is told beforehand: a line is said as chat, a question is asked as chat, and the
//! words of the answer are compared as a set. The data is not part of the repository; without it the test is skipped.

#[path = "support/mind_in_memory.rs"]
mod mind_in_memory;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use mind_in_memory::{Rooms, shared};
use quid_core::{Answer, Reply};

/// Tasks that must be right at this share at least, and how many of them.
const LEVEL: f64 = 0.95;
const TASKS: usize = 20;

/// What a task came to.
#[derive(Default)]
struct Score {
    asked: usize,
    right: usize,
    proved: usize,
    told: Vec<Duration>,
    answered: Vec<Duration>,
    wrong: Vec<String>,
}

#[test]
fn babi_is_answered_without_training() {
    let Some(folder) = shared("reason/babi") else { return };
    let rooms = Rooms::open();
    let most: usize = std::env::var("STORIES").ok().and_then(|most| most.parse().ok()).unwrap_or(60);
    let only = std::env::var("TASK").ok();
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the folder can be read").flatten().collect();
    files.sort_by_key(|file| number(&file.file_name().to_string_lossy()));
    let mut table = String::new();
    let mut reached = 0;
    let mut tasks = 0;
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| number(&name).to_string() != *only) {
            continue;
        }
        let text = std::fs::read_to_string(file.path()).expect("the file can be read");
        let score = play(&rooms, &text, most);
        let share = score.right as f64 / score.asked.max(1) as f64;
        tasks += 1;
        reached += usize::from(share >= LEVEL);
        let _ = writeln!(
            table,
            "{:<32} {:>5}/{:<5} {:>6.2}%  proved {:>5}  telling p50 {:>6} us  question p50 {:>6} us, p99 {:>6} us",
            name.trim_end_matches("_train.txt"),
            score.right,
            score.asked,
            100.0 * share,
            score.proved,
            middle(&score.told, 50),
            middle(&score.answered, 50),
            middle(&score.answered, 99),
        );
        for wrong in score.wrong.iter().take(if only.is_some() { 40 } else { 2 }) {
            let _ = writeln!(table, "    {wrong}");
        }
    }
    println!("{table}{reached} of {tasks} tasks at {LEVEL} or more");
    assert!(tasks < TASKS || reached >= TASKS, "only {reached} tasks reached {LEVEL}:\n{table}");
}

fn number(name: &str) -> u32 {
    name.trim_start_matches("qa").split('_').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Tells and asks the stories of a task, each in a fresh mind.
fn play(rooms: &Rooms, text: &str, most: usize) -> Score {
    let mut score = Score::default();
    let mut stories = 0;
    let mut chat = rooms.mind();
    for line in text.lines() {
        let Some((number, rest)) = line.split_once(' ') else { continue };
        if number == "1" {
            stories += 1;
            if stories > most {
                break;
            }
            chat = rooms.mind();
        }
        let start = Instant::now();
        let mut parts = rest.split('\t');
        let said = parts.next().unwrap_or_default().trim();
        let reply = chat.say(said);
        let took = start.elapsed();
        match parts.next() {
            None => score.told.push(took),
            Some(expected) => {
                score.answered.push(took);
                score.asked += 1;
                score.proved += usize::from(matches!(reply.answer, Answer::Proved { .. }));
                if answered(&reply) == words(expected) {
                    score.right += 1;
                } else {
                    score.wrong.push(format!("{said} -> {expected}, but: {} ({:?})", reply.text, reply.items));
                }
            }
        }
    }
    score
}

/// The answer as a set of words: the items, else the text.
fn answered(reply: &Reply) -> BTreeSet<String> {
    if reply.items.is_empty() {
        return words(&reply.text);
    }
    reply.items.iter().flat_map(|item| words(&item.text)).collect()
}

fn words(text: &str) -> BTreeSet<String> {
    text.to_lowercase().split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A percentile in microseconds.
fn middle(times: &[Duration], percent: usize) -> u128 {
    let mut times = times.to_vec();
    times.sort();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).map_or(0, Duration::as_micros)
}
