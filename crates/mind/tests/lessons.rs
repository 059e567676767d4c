//! Lessons are answerable from what they show, and their two halves share no relation.

// Tests read the data as the program would; only the crate itself is pure.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use quid_lang::Language;
use quid_mind::lessons::Teacher;

fn data(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(path)).unwrap()
}

fn teacher() -> Teacher {
    let mut files = Vec::new();
    for folder in ["grammar", "patterns", "phrases", "words"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(folder);
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("data/{folder}/{}", path.file_name().unwrap().to_string_lossy());
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let language = Arc::new(Language::load_proved(&files).unwrap());
    Teacher::read(language, &data("lessons/relations.toml"), &data("lessons/kinds.toml"), vec!["tidal pool".to_owned()])
        .unwrap()
}

fn marks(text: &str, kind: &str) -> BTreeSet<String> {
    let is_mark = |word: &&str| word.starts_with(kind) && word.ends_with('>') && word.len() > kind.len() + 1;
    text.split(' ').filter(is_mark).map(str::to_owned).collect()
}

#[test]
fn an_answer_says_only_what_is_shown() {
    let teacher = teacher();
    let mut families = BTreeSet::new();
    let mut unknown = 0;
    for number in 0..3_000 {
        let lesson = teacher.lesson(number, number % 5 == 0);
        families.insert(lesson.family);
        unknown += usize::from(lesson.answer.starts_with("<dk>"));
        let text = format!("{}\n{}", lesson.prompt, lesson.answer);
        assert!(lesson.answer.ends_with("<e>") && lesson.prompt.ends_with("<a>"), "{text}");
        assert!(!text.contains('{') && !text.contains("  "), "{text}");
        assert!(marks(&lesson.answer, "<s").is_subset(&marks(&lesson.prompt, "<s")), "{text}");
        // A fact is what stands between its number and the next.
        let facts: Vec<&str> = lesson.prompt.split("<c").skip(1).collect();
        let facts: Vec<String> = facts.iter().map(|fact| format!("<c{fact}")).collect();
        assert!(facts.len() <= 48, "{text}");
        // Every sentence names only what the facts it cites name, and it cites some.
        for sentence in lesson.answer.split(" .").filter(|sentence| sentence.contains("<s")) {
            let cited: Vec<&String> = facts
                .iter()
                .filter(|fact| marks(sentence, "<c").iter().any(|mark| marks(fact, "<c").contains(mark)))
                .collect();
            assert!(!cited.is_empty(), "{text}");
            let shown: BTreeSet<String> = cited.iter().flat_map(|fact| marks(fact, "<s")).collect();
            assert!(marks(sentence, "<s").is_subset(&shown), "{sentence} in {text}");
        }
    }
    assert!(families.len() == 10, "{families:?}");
    assert!((600..1_200).contains(&unknown), "{unknown} of 3,000 have no answer");
}

#[test]
fn the_same_number_makes_the_same_lesson() {
    let teacher = teacher();
    for number in [0, 1, 77, u64::MAX] {
        assert_eq!(teacher.lesson(number, false), teacher.lesson(number, false));
        assert_ne!(teacher.lesson(number, false), teacher.lesson(number, true));
    }
}
