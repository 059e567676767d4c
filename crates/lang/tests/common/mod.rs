//! What the tests share: the language of `data/`, and a little memory.

// Tests read the data as the program would; only the crate itself is pure. Not every test uses every helper.
#![allow(clippy::disallowed_methods, dead_code)]

use std::collections::BTreeSet;
use std::path::Path;

use quid_core::{Heard, Key, Place, Rights, Speaker, Time};
use quid_lang::{Hints, Language};

/// Every file below `data/`, as (path, text).
pub fn files() -> Vec<(String, String)> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut found = Vec::new();
    for folder in ["grammar", "patterns", "phrases", "words"] {
        for entry in std::fs::read_dir(data.join(folder)).expect("data/ is beside crates/") {
            let path = entry.expect("the folder can be read").path();
            let text = std::fs::read_to_string(&path).expect("data files are UTF-8");
            let name = format!("data/{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy());
            found.push((name, text));
        }
    }
    found.sort();
    found
}

pub fn language() -> Language {
    let files = files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Language::load(&files).unwrap_or_else(|error| panic!("{error}"))
}

/// What is known.
#[derive(Default)]
pub struct Known(pub BTreeSet<Key>);

impl Known {
    pub fn of(names: &[&str]) -> Self {
        Self(names.iter().map(|name| Key::of(name)).collect())
    }
}

impl Hints for Known {
    fn knows(&self, name: &str) -> bool {
        self.0.contains(&Key::of(name))
    }
    fn is_person(&self, nick: &str) -> bool {
        ["alice", "bob", "carol"].contains(&nick.to_lowercase().as_str())
    }
}

/// Said by alice in #test on Wednesday, 6 May 2026, at noon.
pub fn heard(text: &str, addressed: bool, passive: bool) -> Heard {
    Heard {
        speaker: Speaker { nick: "alice".into(), account: None, rights: Rights::Everyone },
        place: Place::Channel("#test".into()),
        addressed,
        passive,
        text: text.into(),
        at: Time::parse("2026-05-06T12:00:00Z").expect("it is one"),
    }
}
