//! Writes a made-up dump of ConceptNet in the official layout, of any size: five columns, sorted by relation and
//! start, the mix of relations, languages, datasets, weights and sources much like the real file's.
//!
//! ```text
//! cargo run --release -p quid-import --example conceptnet -- 1000000 made.csv.gz [SEED] [BAD-PER-MILLE]
//! ```
//!
//! The same numbers always write the same file. With a last number, so many lines of a thousand are bad, in twelve
//! ways in turn, and the number of good and bad ones is told at the end.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::format_push_string,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::too_many_lines,
    clippy::non_ascii_literal,
    reason = "made-up numbers and words, none of them near a limit"
)]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};

/// Numbers that look like chance and are the same every time (xorshift64*, Vigna 2016).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A row of a table whose first fields are parts of a whole.
    fn row<'t, T>(&mut self, table: &'t [(f64, T)]) -> &'t T {
        let total: f64 = table.iter().map(|(part, _)| part).sum();
        let mut left = self.share() * total;
        for (part, value) in table {
            left -= part;
            if left < 0.0 {
                return value;
            }
        }
        &table[table.len() - 1].1
    }
}

/// Relations in the order of the file, how many of a thousand, and whether a sentence goes with them.
const RELATIONS: [(&str, f64, Kind); 29] = [
    ("Antonym", 6.0, Kind::Words),
    ("AtLocation", 6.0, Kind::Sense("Something you find at {1} is {0}")),
    ("CapableOf", 5.0, Kind::Sense("{0} can {1}")),
    ("Causes", 4.0, Kind::Sense("The effect of {0} is {1}")),
    ("CausesDesire", 1.0, Kind::Sense("{0} would make you want to {1}")),
    ("CreatedBy", 0.1, Kind::Sense("{0} is created by {1}")),
    ("DefinedAs", 0.2, Kind::Sense("{0} is the {1}")),
    ("DerivedFrom", 35.0, Kind::Words),
    ("Desires", 1.0, Kind::Sense("{0} wants {1}")),
    ("DistinctFrom", 1.0, Kind::Words),
    ("Entails", 0.1, Kind::WordNet("{0} entails {1}")),
    ("EtymologicallyDerivedFrom", 3.0, Kind::Words),
    ("EtymologicallyRelatedTo", 10.0, Kind::Words),
    ("ExternalURL", 190.0, Kind::Address),
    ("FormOf", 190.0, Kind::Words),
    ("HasA", 1.5, Kind::Sense("{0} has {1}")),
    ("HasContext", 50.0, Kind::Words),
    ("HasPrerequisite", 3.0, Kind::Sense("Something you need to do before you {0} is {1}")),
    ("HasProperty", 2.5, Kind::Sense("{0} is {1}")),
    ("HasSubevent", 3.0, Kind::Sense("Something you might do while {0} is {1}")),
    ("IsA", 40.0, Kind::WordNet("{0} is a type of {1}")),
    ("MannerOf", 2.0, Kind::WordNet("{0} is a way to {1}")),
    ("NotDesires", 0.3, Kind::Sense("{0} doesn't want {1}")),
    ("PartOf", 3.0, Kind::WordNet("{0} is a part of {1}")),
    ("RelatedTo", 230.0, Kind::Words),
    ("SimilarTo", 4.0, Kind::WordNet("{0} is similar to {1}")),
    ("SymbolOf", 0.1, Kind::Words),
    ("Synonym", 205.0, Kind::Words),
    ("UsedFor", 3.0, Kind::Sense("{0} is used for {1}")),
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// What dictionaries say, across languages.
    Words,
    /// Where a word is described on the web.
    Address,
    /// What people said, with their sentence.
    Sense(&'static str),
    /// What WordNet says, with a sentence.
    WordNet(&'static str),
}

const LANGUAGES: [(f64, &str); 24] = [
    (30.0, "en"),
    (14.0, "fr"),
    (7.0, "it"),
    (7.0, "de"),
    (6.0, "es"),
    (5.0, "ru"),
    (4.0, "la"),
    (4.0, "pt"),
    (4.0, "ja"),
    (3.0, "nl"),
    (3.0, "zh"),
    (2.0, "fi"),
    (2.0, "pl"),
    (1.5, "bg"),
    (1.5, "sv"),
    (1.0, "cs"),
    (1.0, "sh"),
    (1.0, "sl"),
    (1.0, "ca"),
    (1.0, "ar"),
    (0.5, "hu"),
    (0.5, "ang"),
    (0.5, "tr"),
    (0.5, "ko"),
];

/// A word of that number: syllables, different for different numbers.
fn word(mut number: u64, language: &str, out: &mut String) {
    const FIRST: [&str; 16] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "pl"];
    const SECOND: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "ea", "ou"];
    const FAR: [&str; 8] = ["日", "本", "語", "文", "学", "生", "水", "火"];
    let far = matches!(language, "ja" | "zh" | "ko");
    let mut first = true;
    while first || number > 0 {
        if far {
            out.push_str(FAR[(number % 8) as usize]);
            number /= 8;
        } else {
            out.push_str(FIRST[(number % 16) as usize]);
            out.push_str(SECOND[(number / 16 % 8) as usize]);
            number /= 128;
        }
        first = false;
    }
}

/// The concept of that number; the same number is always the same concept.
fn concept(number: u64, language: &str, sense: bool) -> String {
    let mut uri = format!("/c/{language}/");
    word(number, language, &mut uri);
    if number % 5 == 4 {
        uri.push('_');
        word(number / 7, language, &mut uri);
    }
    if sense {
        uri.push_str(
            ["/n", "/v", "/a", "/n/wikt/en_1", "/n/wn/artifact", "/n", "/v/wikt/en_2", "/r"][(number % 8) as usize],
        );
    }
    uri
}

/// The language of the concept of that number.
fn language(number: u64) -> &'static str {
    let mut chance = Chance(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let found: &&'static str = chance.row(&LANGUAGES);
    found
}

fn json(kind: Kind, ends: [&str; 2], chance: &mut Chance, out: &mut String) {
    use std::fmt::Write as _;
    let said = |uri: &str| uri.split('/').nth(3).unwrap_or("").replace('_', " ");
    let mut surface = String::new();
    if let Kind::Sense(frame) | Kind::WordNet(frame) = kind {
        let (start, end) = (said(ends[0]), said(ends[1]));
        let text = frame.replace("{0}", &format!("[[{start}]]")).replace("{1}", &format!("[[{end}]]"));
        surface = format!("\"surfaceEnd\": \"{end}\", \"surfaceStart\": \"{start}\", \"surfaceText\": \"{text}\", ");
    }
    let (dataset, licence, sources, weight) = match kind {
        Kind::Words => {
            let from = *chance.row(&[(70.0, "en"), (20.0, "fr"), (10.0, "de")]);
            let one = format!(
                "{{\"contributor\": \"/s/resource/wiktionary/{from}\", \"process\": \"/s/process/wikiparsec/2\"}}"
            );
            let (sources, weight) = match chance.below(100) {
                0..4 => (format!("{one}, {{\"contributor\": \"/s/resource/wiktionary/pl\"}}"), 2.0),
                _ => (one, 1.0),
            };
            (format!("/d/wiktionary/{from}"), "cc:by-sa/4.0", sources, weight)
        }
        Kind::Address => {
            let weight = *chance.row(&[(60.0, 1.0), (40.0, 0.5)]);
            (
                "/d/dbpedia/en".to_owned(),
                "cc:by-sa/4.0",
                "{\"contributor\": \"/s/resource/dbpedia/2015/en\"}".to_owned(),
                weight,
            )
        }
        Kind::WordNet(_) => (
            "/d/wordnet/3.1".to_owned(),
            "cc:by/4.0",
            "{\"contributor\": \"/s/resource/wordnet/rdf/3.1\"}".to_owned(),
            2.0,
        ),
        Kind::Sense(_) if chance.below(3) == 0 => (
            "/d/verbosity".to_owned(),
            "cc:by/4.0",
            "{\"contributor\": \"/s/resource/verbosity\", \"process\": \"/s/process/split_words\"}".to_owned(),
            (chance.below(900) + 100) as f64 / 1000.0,
        ),
        Kind::Sense(_) => {
            let many = *chance.row(&[(80.0, 1), (12.0, 2), (5.0, 3), (3.0, 6)]);
            let sources: Vec<String> = (0..many)
                .map(|_| {
                    let who = (12_000.0 * chance.share().powi(3)) as u64;
                    format!(
                        "{{\"activity\": \"/s/activity/omcs/omcs1_possibly_free_text\", \"contributor\": \"/s/contributor/omcs/user{who}\"}}"
                    )
                })
                .collect();
            ("/d/conceptnet/4/en".to_owned(), "cc:by/4.0", sources.join(", "), f64::from(many).sqrt())
        }
    };
    write!(
        out,
        "{{\"dataset\": \"{dataset}\", \"license\": \"{licence}\", \"sources\": [{sources}], {surface}\"weight\": {weight:?}}}"
    )
    .expect("a string takes everything");
}

/// Spoils a good line in one of twelve ways.
fn spoil(way: u64, line: &str) -> Vec<u8> {
    let text = match way % 12 {
        0 => line.replace("\t/c/", "\tc/"),
        1 => line.replacen("\"weight\": ", "\"weight\": \"", 1),
        2 => return [line.as_bytes(), b"\0"].concat(),
        3 => return [line.as_bytes(), b"\xc3\x28"].concat(),
        4 => format!("{line}{}", "x".repeat(2 << 20)),
        5 => line.replacen('\t', " ", 2),
        6 => line.replace("}]", "]"),
        7 => format!("{line}\r"),
        8 => line.replace("\t/r/", "\t/"),
        9 => format!("{line}\tmore"),
        10 => line.replace("\"/d/", "\""),
        _ => String::new(),
    };
    text.into_bytes()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: conceptnet COUNT FILE [SEED] [BAD-PER-MILLE]";
    let (Some(count), Some(path)) = (arguments.next(), arguments.next()) else { return Err(usage.into()) };
    let count: u64 = count.parse()?;
    let seed: u64 = arguments.next().map_or(Ok(1), |seed| seed.parse())?;
    let bad: u64 = arguments.next().map_or(Ok(0), |bad| bad.parse())?;
    let file = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let mut out: Box<dyn Write> = if path.ends_with(".gz") {
        Box::new(flate2::write::GzEncoder::new(file, flate2::Compression::fast()))
    } else {
        Box::new(file)
    };
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    // About as many concepts as assertions, as in the real file; a few of them in very many.
    let concepts = count.max(1000);
    let whole: f64 = RELATIONS.iter().map(|(_, part, _)| part).sum();
    let (mut good, mut spoilt) = (0_u64, 0_u64);
    let mut line = String::new();
    for (at, (relation, part, kind)) in RELATIONS.iter().enumerate() {
        let last = at + 1 == RELATIONS.len();
        let share = if last { count.saturating_sub(good + spoilt) } else { (count as f64 * part / whole) as u64 };
        let step = (concepts as f64 / share.max(1) as f64).max(0.2);
        for nth in 0..share {
            let number = ((nth as f64 * step) as u64) % concepts;
            let english = !matches!(kind, Kind::Words | Kind::Address);
            let spoken = if english { "en" } else { language(number) };
            let start = concept(number, spoken, chance.below(3) == 0);
            let far = (concepts as f64 * chance.share().powi(3)) as u64;
            let end = match kind {
                Kind::Address => {
                    format!("http://{spoken}.dbpedia.org/resource/{}", start.split('/').nth(3).unwrap_or("x"))
                }
                _ if english => concept(far + nth % 5, "en", false),
                _ => concept(far + nth % 5, language(far), chance.below(4) == 0),
            };
            line.clear();
            let trimmed = [start.as_str(), end.as_str()].map(|uri| uri.trim_start_matches('/'));
            line.push_str(&format!(
                "/a/[/r/{relation}/,/{}/,/{}/]\t/r/{relation}\t{start}\t{end}\t",
                trimmed[0], trimmed[1]
            ));
            json(*kind, [&start, &end], &mut chance, &mut line);
            if bad > 0 && chance.below(1000) < bad {
                out.write_all(&spoil(spoilt, &line))?;
                spoilt += 1;
            } else {
                out.write_all(line.as_bytes())?;
                good += 1;
            }
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    drop(out);
    eprintln!("{good} good lines, {spoilt} bad ones");
    Ok(())
}
