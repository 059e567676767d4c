//! Invariant: a pattern without examples, or whose examples do not hold, does not load; and the data of the
//! repository loads.

mod common;

use quid_lang::Language;

/// What loading the repository's data and one more pattern file says.
fn load_with(pattern: &str) -> Result<Language, String> {
    let files = common::files();
    let mut files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("data/patterns/own.toml", pattern));
    Language::load(&files).map_err(|error| error.to_string())
}

#[test]
fn all_data_loads() {
    let language = common::language();
    assert!(language.has_phrase("learn.ok"));
    assert_eq!(language.number("longest_value"), 400);
}

#[test]
fn bad_patterns_do_not_load() {
    let head = "stage = \"question\"\n[[pattern]]\nid = \"own\"\nact = \"kinds\"\n";
    for (pattern, expected) in [
        ("regex = '^all (?<of>.+)$'", "own.toml:2: `yes` is missing"),
        ("regex = '^all (?<of>.+)$'\nyes = []\nno = [\"x\"]", "needs examples"),
        ("regex = '^all (?<of>.+)$'\nyes = [[\"all dogs\", {}]]\nno = []", "needs examples"),
        (
            "regex = '^all (?<of>.+)$'\nyes = [[\"dogs\", {}]]\nno = [\"x\"]",
            "own.toml:6: pattern `own` does not match its",
        ),
        (
            "regex = '^all (?<of>.+)$'\nyes = [[\"all dogs\", {of = \"cats\"}]]\nno = [\"x\"]",
            "is \"dogs\" and not \"cats\"",
        ),
        ("regex = '^all (?<of>.+)$'\nyes = [[\"all dogs\", {}]]\nno = [\"all x\"]", "which it must not"),
        ("regex = '^all (.+)$'\nyes = [[\"all dogs\", {}]]\nno = [\"x\"]", "needs a group `(?<of>…)`"),
        ("regex = '^all (?<of>.+$'\nyes = [[\"all dogs\", {}]]\nno = [\"x\"]", "unclosed group"),
        ("regex = '^{nosuch} (?<of>.+)$'\nyes = [[\"all dogs\", {}]]\nno = [\"x\"]", "no word class `nosuch`"),
        ("regex = '^(?<of>.{900}{900})$'\nyes = [[\"all dogs\", {}]]\nno = [\"x\"]", "size limit"),
    ] {
        let error = load_with(&format!("{head}{pattern}\n")).expect_err(pattern);
        assert!(error.contains(expected) && error.contains("own.toml"), "{pattern}\n{error}\nwanted {expected}");
    }
    let good = format!("{head}regex = '^all (?<of>.+)$'\nyes = [[\"all dogs\", {{of = \"dogs\"}}]]\nno = [\"x\"]\n");
    assert!(load_with(&good).is_ok());
}

#[test]
fn words_change_as_english_does() {
    let language = common::language();
    for (word, expected) in
        [("dogs", &["dog"][..]), ("boxes", &["box", "boxe"]), ("hot dogs", &["hot dog"]), ("is", &[])]
    {
        assert_eq!(language.base_forms(word), expected, "{word}");
    }
    for (noun, expected) in
        [("dog", "dogs"), ("box", "boxes"), ("city", "cities"), ("goose", "geese"), ("soft drink", "soft drinks")]
    {
        assert_eq!(language.plural(noun), expected);
    }
    for (noun, expected) in [
        ("apple", "an apple"),
        ("dog", "a dog"),
        ("hour", "an hour"),
        ("unicorn", "a unicorn"),
        ("water", "water"),
        ("dogs", "dogs"),
        ("Paris", "Paris"),
        ("bus", "a bus"),
        ("university", "a university"),
        ("user", "a user"),
    ] {
        assert_eq!(language.with_article(noun), expected);
    }
    assert_eq!(language.content_words("What is the BAKING of a cake?"), ["baking", "cake"]);
}

#[test]
fn persons_turn() {
    let language = common::language();
    for (text, expected) in [
        ("alice's favourite editor is vi", "your favourite editor is vi"),
        ("quid is a bot", "I am a bot"),
        ("quid's owner is carol", "my owner is carol"),
        ("alice likes tea", "you like tea"),
        ("alice is an admin", "you are an admin"),
        ("alice can swim", "you can swim"),
        ("bob is alice's brother", "bob is your brother"),
        ("alices are many", "alices are many"),
        ("rust is a language", "rust is a language"),
    ] {
        assert_eq!(language.for_listener(text, "quid", "alice"), expected);
    }
}

#[test]
fn sentences_are_joined() {
    let language = common::language();
    let list = |items: &[&str]| language.list(&items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>());
    assert_eq!((list(&[]), list(&["a"]), list(&["a", "b", "c"])), (String::new(), "a".into(), "a, b and c".into()));
    for (seconds, expected) in
        [(0, "just now"), (1, "1 second ago"), (190, "3 minutes ago"), (90_000, "1 day ago"), (-120, "in 2 minutes")]
    {
        assert_eq!(language.ago(seconds), expected);
    }
    assert_eq!(language.say("learn.but", &[("what", "{who} $who {what}")], 0), "But {who} $who {what}.");
    assert_eq!(language.say("no.such.phrase", &[], 0), "[no.such.phrase]");
}
