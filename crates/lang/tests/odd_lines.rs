//! Invariant: understanding a line never fails or panics, whatever is typed, and takes time in proportion.

// Tests may use a clock and load the data once for all; only the crate itself is pure.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod common;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use common::{Known, heard, language};
use proptest::prelude::*;
use quid_lang::{Language, Variables};

static LANGUAGE: LazyLock<Language> = LazyLock::new(language);

/// Words that matter to the patterns, so that random lines reach deep.
fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "what",
        "is",
        "are",
        "a",
        "the",
        "no,",
        "quid",
        "quid:",
        "quid,",
        "not",
        "also",
        "my",
        "you",
        "i'm",
        "does",
        "can",
        "like",
        "likes",
        "forget",
        "undo",
        "tell",
        "about",
        "<reply>",
        "<action>",
        "=is=",
        "_is_",
        "=~",
        "s/a/b/",
        "#2",
        "?",
        "!",
        "...",
        "++",
        "--",
        "(",
        ")",
        "|",
        "why",
        "who",
        "that",
        "it",
        "of",
        "kinds",
        "parts",
        "in",
        "common",
        "on",
        "2026-05-01",
        "last",
        "tuesday",
        "ago",
        "99999999999",
        "'",
        "\"",
        "$who",
        "\u{1}",
        "\u{202e}",
        "é",
        "ß",
        "İ",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

fn understand(text: &str) {
    for (addressed, passive) in [(true, false), (false, true)] {
        let known = Known::of(&["foo", "a is b"]);
        let understood = LANGUAGE.understand(&heard(text, addressed, passive), "quid", &known);
        let _ = LANGUAGE.for_listener(&understood.text, "quid", "alice");
        assert!(!understood.text.contains(char::is_control), "{:?}", understood.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        understand(&text);
    }

    #[test]
    fn any_words(words in prop::collection::vec(word(), 0..14)) {
        understand(&words.join(" "));
    }

    #[test]
    fn any_value(value in prop::collection::vec(word(), 0..14), chance in any::<u64>()) {
        let variables = Variables::new().with("who", "bob").with("1", "(a|b)");
        let first = LANGUAGE.respond(&value.join(""), &variables, chance);
        prop_assert_eq!(&first, &LANGUAGE.respond(&value.join(""), &variables, chance));
        let shown = format!("{first:?}");
        prop_assert!(!shown.contains("\\u{1}"), "{}", shown);
    }

    #[test]
    fn any_word(word in any::<String>()) {
        let _ = (LANGUAGE.base_forms(&word), LANGUAGE.plural(&word), LANGUAGE.with_article(&word));
        let _ = (LANGUAGE.content_words(&word), LANGUAGE.say(&word, &[(&word, &word)], 3));
    }

    #[test]
    fn any_span(seconds in any::<i64>()) {
        let _ = LANGUAGE.ago(seconds);
    }
}

#[test]
fn long_lines_take_time_in_proportion() {
    for piece in ["a", "is ", "what is ", "um, ", "(", "a|", "quid ", "the ", "++", "$é"] {
        for length in [30_000, 1_000_000] {
            let text = piece.repeat(length / piece.len());
            let start = Instant::now();
            understand(&text);
            let _ = LANGUAGE.respond(&text, &Variables::new(), 1);
            let _ = LANGUAGE.content_words(&text);
            // Quadratic time would take minutes; this is no measurement of speed.
            assert!(start.elapsed() < Duration::from_secs(30), "{piece:?} × {length}: {:?}", start.elapsed());
        }
    }
}
