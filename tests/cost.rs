//! What answers cost, counted in how often the store is asked.
//!
//! A clock says more about the machine than about the program; how often a question asks the store is the same
//! everywhere, and it is what answers take their time for. Without WordNet this says "skipped".

// Other tests use the rest of this file.
#[path = "support/mind_in_memory.rs"]
mod mind_in_memory;
#[path = "support.rs"]
mod support;

use mind_in_memory::Rooms;
use quid_core::oxrdf::Quad;
use quid_import::wordnet::{self, Files, Lexicon};

/// A kind of question, as it is asked with a word, and how often at most it may ask the store: for half of the
/// words, and for any of them.
const KINDS: &[(&str, u64, u64)] = &[
    ("what is a {}?", 90, 240),
    ("is a {} an object?", 60, 170),
    ("what kinds of {} are there?", 60, 130),
    ("what are the parts of a {}?", 60, 130),
    ("another word for {}", 30, 200),
    ("opposite of {}", 24, 260),
    ("what do {} and coffee have in common?", 12, 100),
    ("who likes {}?", 45, 65),
];

/// Words of all sorts, known and unknown, often and seldom used.
const WORDS: &[&str] = &[
    "gabble",
    "oak",
    "eyeball",
    "whaleboat",
    "phage",
    "squabble",
    "occlusion",
    "embark",
    "dog",
    "carnation",
    "run",
    "blorb",
    "zigzagged",
    "penguin",
    "hot",
];

#[test]
fn a_question_asks_the_store_a_few_times() {
    if !support::has_wordnet() {
        println!("skipped: WordNet is not installed (apt install wordnet-base wordnet-sense-index)");
        return;
    }
    let mut chat = Rooms::open().mind_knowing(&[(wordnet::NAME, wordnet())]);
    // What is kept between questions is there after the first ones.
    for (form, ..) in KINDS {
        chat.say(&form.replace("{}", "table"));
    }
    let mut report = String::new();
    let mut is_too_much = false;
    for (form, half, most) in KINDS {
        let mut reads: Vec<(u64, &str)> = WORDS
            .iter()
            .map(|word| {
                let before = chat.keeper.reads();
                chat.say(&form.replace("{}", word));
                (chat.keeper.reads() - before, *word)
            })
            .collect();
        reads.sort_unstable();
        let (middle, last) = (reads[reads.len() / 2], reads[reads.len() - 1]);
        is_too_much |= middle.0 > *half || last.0 > *most;
        let row = format!("{form:40} half: {} of {half}, most: {} of {most} ({})\n", middle.0, last.0, last.1);
        report.push_str(&row);
    }
    println!("{report}");
    assert!(!is_too_much, "questions ask the store more often than they may:\n{report}");
}

#[test]
fn a_page_as_a_question_asks_no_more_than_a_line() {
    let mut chat = Rooms::open().mind();
    let mut reads = |line: String| {
        let before = chat.keeper.reads();
        chat.say(&line);
        chat.keeper.reads() - before
    };
    for form in
        ["who directed {}?", "what is {}?", "is {} an animal?", "what do {} and tea have in common?", "{} is a ferry"]
    {
        reads(form.replace("{}", "night ferry"));
        let (line, page) =
            (reads(form.replace("{}", "day ferry")), reads(form.replace("{}", &"night ferry ".repeat(4000))));
        assert!(page <= line + 100, "{form}: {line} look-ups for a line, {page} for a page");
    }
}

fn wordnet() -> Vec<Quad> {
    let directory = wordnet::find(None).expect("WordNet");
    let files = Files::open(&directory).expect("its files");
    let lexicon = Lexicon::read(&files).expect("is whole");
    let edition = files.edition();
    lexicon.quads().map(|quad| edition.own(quad)).collect()
}
