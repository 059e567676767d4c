//! A tiny WordNet of our own, written out in the format of wndb(5) with correct byte positions.
//!
//! It has one of everything that the real one has: every kind of synset, satellites, markers, doubled words,
//! capitals, lexical and semantic pointers, frames, sentences, exceptions, odd glosses, stale counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A synset: file, type, lexicographer file, words with lex ids, pointers (symbol, target's name, words from
/// and to), frames (number, word), gloss. Its name is its first word with its file (`dog.noun`).
struct Synset {
    file: &'static str,
    kind: char,
    lexfile: u8,
    words: &'static [(&'static str, u8)],
    pointers: &'static [(&'static str, &'static str, u8, u8)],
    frames: &'static [(u8, u8)],
    gloss: &'static str,
}

const SYNSETS: &[Synset] = &[
    noun(3, &[("thing", 0)], &[], "whatever there is"),
    noun(
        5,
        &[("animal", 0), ("beast", 0)],
        &[("@", "thing.noun", 0, 0)],
        "a thing that moves by itself; \"no animal was hurt\"",
    ),
    noun(
        5,
        &[("dog", 0), ("house_dog", 0)],
        &[("@", "animal.noun", 0, 0), ("%p", "tail.noun", 0, 0), ("+", "doggish.adj", 1, 1)],
        "an animal that barks; \"the dog slept\"; \"a dog guards\"",
    ),
    noun(5, &[("goose", 0)], &[("@", "animal.noun", 0, 0)], "a bird (as in \"grey goose\"); \"geese fly\""),
    noun(5, &[("Rex", 0)], &[("@i", "dog.noun", 0, 0)], "our dog"),
    noun(
        14,
        &[("pack", 0)],
        &[("@", "thing.noun", 0, 0), ("%m", "dog.noun", 0, 0)],
        "dogs together; \"a pack ran\"- A. Writer",
    ),
    noun(8, &[("tail", 0)], &[("@", "thing.noun", 0, 0)], "what a dog wags"),
    noun(10, &[("B", 0), ("b", 0)], &[("@", "thing.noun", 0, 0)], "the letter after a"),
    noun(17, &[("Kite", 0), ("kite", 1)], &[("@", "thing.noun", 0, 0), ("+", "fly.verb", 2, 1)], "a thing on a string"),
    noun(
        13,
        &[("soda", 0), ("Fizz", 0)],
        &[("@", "thing.noun", 0, 0), ("%s", "water.noun", 0, 0), (";u", "beast.noun", 2, 2)],
        "a drink: \"soda, please\"",
    ),
    noun(27, &[("water", 0)], &[("@", "thing.noun", 0, 0), ("=", "warm.adj", 0, 0)], "what rains"),
    noun(
        18,
        &[("dog", 0), ("FIZZ", 1)],
        &[("@", "thing.noun", 0, 0), (";c", "soda.noun", 0, 0)],
        "a person one \"does not like\"",
    ),
    verb(38, &[("move", 0), ("go", 0)], &[], &[(1, 0), (2, 2)], "change place"),
    verb(
        38,
        &[("fly", 0)],
        &[("@", "move.verb", 0, 0), ("*", "move.verb", 0, 0), ("+", "kite.noun", 1, 2)],
        &[(2, 0)],
        "move in the air; \"geese fly",
    ),
    verb(
        38,
        &[("send", 0), ("dog", 0)],
        &[(">", "move.verb", 0, 0), ("$", "move.verb", 0, 0), ("^", "fly.verb", 1, 1)],
        &[(8, 0)],
        "let go; \"send it!\";",
    ),
    adjective('a', &[("warm", 1)], &[("!", "cold.adj", 1, 1), ("^", "doggish.adj", 0, 0)], "neither hot nor cold"),
    adjective('s', &[("hot(p)", 0), ("up_to_the_boil", 0)], &[("&", "warm.adj", 0, 0)], "very warm"),
    adjective('a', &[("cold", 0)], &[("!", "warm.adj", 1, 1)], "not warm"),
    adjective(
        'a',
        &[("doggish(a)", 0)],
        &[("\\", "dog.noun", 1, 1), ("+", "dog.noun", 1, 1), ("<", "fly.verb", 1, 1)],
        "like a dog",
    ),
    Synset {
        file: "adv",
        kind: 'r',
        lexfile: 2,
        words: &[("warmly", 0)],
        pointers: &[("\\", "warm.adj", 1, 1)],
        frames: &[],
        gloss: "in a warm way",
    },
];

const fn noun(
    lexfile: u8,
    words: &'static [(&'static str, u8)],
    pointers: &'static [(&'static str, &'static str, u8, u8)],
    gloss: &'static str,
) -> Synset {
    Synset { file: "noun", kind: 'n', lexfile, words, pointers, frames: &[], gloss }
}

const fn verb(
    lexfile: u8,
    words: &'static [(&'static str, u8)],
    pointers: &'static [(&'static str, &'static str, u8, u8)],
    frames: &'static [(u8, u8)],
    gloss: &'static str,
) -> Synset {
    Synset { file: "verb", kind: 'v', lexfile, words, pointers, frames, gloss }
}

const fn adjective(
    kind: char,
    words: &'static [(&'static str, u8)],
    pointers: &'static [(&'static str, &'static str, u8, u8)],
    gloss: &'static str,
) -> Synset {
    Synset { file: "adj", kind, lexfile: 0, words, pointers, frames: &[], gloss }
}

/// How often senses are tagged; all others never.
const TAGS: &[(&str, u32)] = &[("dog%1:05:00::", 42), ("warm%3:00:01::", 3), ("move%2:38:00::", 7)];
const HEADER: &str =
    "  1 A tiny lexicon made for tests, in the format of WordNet 3.0  \n  2 It may be used for anything.  \n";
const FIXED: &[(&str, &str)] = &[
    ("noun.exc", "geese goose\ngeeses goose\noxen ox\npacks pack packet\n"),
    ("verb.exc", "dogged dog\nflew fly\nflown fly\nwent go\n"),
    ("adj.exc", "cold cold\nhotter hot\n"),
    ("adv.exc", "best well\n"),
    ("frames.vrb", "1  Something ----s\n2  Somebody ----s\n8  Somebody ----s something\n"),
    ("sents.vrb", "1 The birds %s south\n10 They %s the letter\n"),
    ("sentidx.vrb", "dog%2:38:00:: 10\nfly%2:38:00:: 1,10\nsend%2:38:00:: \n"),
    // The number of the first differs from the index, the second is no sense, move is missing.
    ("cntlist.rev", "dog%1:05:00:: 1 41\nox%1:05:00:: 1 2\nwarm%3:00:01:: 1 3\n"),
];

/// A sense in an index file: its synset's offset, its pointer symbols, whether it is tagged.
type Listed = (usize, BTreeSet<String>, bool);

/// The files by name.
pub fn files() -> BTreeMap<String, Vec<u8>> {
    let mut offsets = BTreeMap::new();
    let pointers = pointers();
    // Offsets have eight digits always, so that a first round with zeros finds the right lengths.
    let mut data = BTreeMap::new();
    for _ in 0..2 {
        data.clear();
        for synset in SYNSETS {
            let text: &mut String = data.entry(synset.file).or_insert_with(|| HEADER.to_owned());
            let here = text.len();
            let line = line(synset, here, &pointers[&name(synset)], &offsets);
            text.push_str(&line);
            offsets.insert(name(synset), here);
        }
    }
    let mut senses = BTreeMap::new();
    let mut entries: BTreeMap<(&str, String), Vec<Listed>> = BTreeMap::new();
    for synset in SYNSETS {
        let offset = offsets[&name(synset)];
        let mut seen = BTreeSet::new();
        for (word, lex_id) in synset.words {
            let lemma = bare(word).to_lowercase();
            if !seen.insert(lemma.clone()) {
                continue;
            }
            let key = format!("{lemma}%{}", lex_sense(synset, *lex_id));
            let tags = TAGS.iter().find(|(tagged, _)| *tagged == key).map_or(0, |(_, tags)| *tags);
            // In the index all domains and instances look alike.
            let symbols = pointers[&name(synset)]
                .iter()
                .filter(|(_, _, from, _)| {
                    *from == 0 || bare(synset.words[usize::from(*from) - 1].0).to_lowercase() == lemma
                })
                .map(
                    |(symbol, ..)| {
                        if symbol.starts_with(['@', '~', ';', '-']) { symbol[..1].to_owned() } else { symbol.clone() }
                    },
                )
                .collect();
            let entry = entries.entry((synset.file, lemma)).or_default();
            entry.push((offset, symbols, tags > 0));
            senses.insert(key, format!("{offset:08} {} {tags}", entry.len()));
        }
    }
    let mut files = BTreeMap::new();
    for (file, text) in data {
        files.insert(format!("data.{file}"), text.into_bytes());
        let mut index = HEADER.to_owned();
        for ((_, lemma), senses) in entries.iter().filter(|((of, _), _)| *of == file) {
            let symbols: BTreeSet<&String> = senses.iter().flat_map(|(_, symbols, _)| symbols).collect();
            let tagged = senses.iter().filter(|(.., tagged)| *tagged).count();
            let letter = match file {
                "noun" => "n",
                "verb" => "v",
                "adj" => "a",
                _ => "r",
            };
            write!(index, "{lemma} {letter} {} {} ", senses.len(), symbols.len()).unwrap();
            for symbol in symbols {
                write!(index, "{symbol} ").unwrap();
            }
            write!(index, "{} {tagged} ", senses.len()).unwrap();
            for (offset, ..) in senses {
                write!(index, "{offset:08} ").unwrap();
            }
            index.push_str(" \n");
        }
        files.insert(format!("index.{file}"), index.into_bytes());
    }
    let senses: Vec<String> = senses.iter().map(|(key, rest)| format!("{key} {rest}\n")).collect();
    files.insert("index.sense".to_owned(), senses.concat().into_bytes());
    files.extend(FIXED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    files
}

fn name(synset: &Synset) -> String {
    // The second "dog" is known by its lexicographer file's other word.
    match (bare(synset.words[0].0), synset.lexfile) {
        ("dog", 18) => "FIZZ.noun".to_owned(),
        (word, _) => format!("{}.{}", word.to_lowercase(), synset.file),
    }
}

/// Pointers as written: those of the table, and those back that the format wants.
fn pointers() -> BTreeMap<String, Vec<(String, String, u8, u8)>> {
    const BACK: &[(&str, &str)] = &[
        ("@", "~"),
        ("@i", "~i"),
        ("%p", "#p"),
        ("%m", "#m"),
        ("%s", "#s"),
        ("=", "="),
        ("&", "&"),
        (";c", "-c"),
        (";u", "-u"),
    ];
    let mut all: BTreeMap<_, Vec<_>> = SYNSETS.iter().map(|synset| (name(synset), Vec::new())).collect();
    for synset in SYNSETS {
        for (symbol, target, from, to) in synset.pointers {
            // "beast" is an animal's second word.
            let target = if *target == "beast.noun" { "animal.noun" } else { target };
            all.get_mut(&name(synset)).unwrap().push(((*symbol).to_owned(), target.to_owned(), *from, *to));
            if let Some((_, back)) = BACK.iter().find(|(one, _)| one == symbol) {
                all.get_mut(target).unwrap().push(((*back).to_owned(), name(synset), *to, *from));
            }
        }
    }
    all
}

fn line(
    synset: &Synset,
    here: usize,
    pointers: &[(String, String, u8, u8)],
    offsets: &BTreeMap<String, usize>,
) -> String {
    let mut line = format!("{here:08} {:02} {} {:02x} ", synset.lexfile, synset.kind, synset.words.len());
    for (word, lex_id) in synset.words {
        write!(line, "{word} {lex_id:x} ").unwrap();
    }
    write!(line, "{:03} ", pointers.len()).unwrap();
    for (symbol, target, from, to) in pointers {
        let letter = match target.rsplit('.').next() {
            Some("noun") => 'n',
            Some("verb") => 'v',
            Some("adj") => 'a',
            _ => 'r',
        };
        let offset = offsets.get(target).copied().unwrap_or_default();
        write!(line, "{symbol} {offset:08} {letter} {from:02x}{to:02x} ").unwrap();
    }
    if synset.kind == 'v' {
        write!(line, "{:02} ", synset.frames.len()).unwrap();
        for (number, word) in synset.frames {
            write!(line, "+ {number:02} {word:02x} ").unwrap();
        }
    }
    writeln!(line, "| {}  ", synset.gloss).unwrap();
    line
}

fn bare(word: &str) -> &str {
    word.split('(').next().unwrap_or(word)
}

fn lex_sense(synset: &Synset, lex_id: u8) -> String {
    let (digit, head) = match synset.kind {
        'n' => (1, ":"),
        'v' => (2, ":"),
        'a' => (3, ":"),
        'r' => (4, ":"),
        _ => (5, "warm:01"),
    };
    format!("{digit}:{:02}:{lex_id:02}:{head}", synset.lexfile)
}
