//! Understands any line of chat: with the bot addressed and not, twice the same, never a panic.
//!
//! The language is the real one of `data`, loaded once; a pattern that explodes on some line shows as a timeout.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use quid_core::heard::Rights;
use quid_core::{Heard, Place, Speaker, Time};
use quid_lang::{Hints, Language};

static LANGUAGE: LazyLock<Language> = LazyLock::new(|| {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut paths: Vec<PathBuf> = ["grammar", "patterns", "phrases", "words"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(data.join(folder)).expect("data lies beside the crates"))
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    let files: Vec<(String, String)> = paths
        .iter()
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).expect("a text file")))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Language::load(&files).expect("the data that the tests load")
});

/// Knows some names and not others, whatever they are.
struct Odd;

impl Hints for Odd {
    fn knows(&self, name: &str) -> bool {
        name.len().is_multiple_of(2)
    }

    fn is_person(&self, nick: &str) -> bool {
        nick.len().is_multiple_of(3)
    }
}

fuzz_target!(|line: &str| {
    for addressed in [true, false] {
        let heard = Heard {
            speaker: Speaker { nick: "alice".to_owned(), account: None, rights: Rights::Everyone },
            place: Place::Channel("#fuzz".to_owned()),
            addressed,
            passive: !addressed,
            text: line.to_owned(),
            at: Time::parse("2026-01-02T03:04:05Z").expect("a date"),
        };
        let one = LANGUAGE.understand(&heard, "quid", &Odd);
        let other = LANGUAGE.understand(&heard, "quid", &Odd);
        assert_eq!(format!("{:?}", one.intent), format!("{:?}", other.intent));
    }
});
