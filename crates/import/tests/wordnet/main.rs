//! WordNet in, quads out: on a tiny lexicon of our own always, on the real one where it is installed.
//!
//! The tiny one is damaged in every way we could think of, and in many that nobody thought of.

// A test that cannot go on may stop here.
#![allow(clippy::unwrap_used)]

mod rebuild;
mod tiny;

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use quid_core::oxrdf::{NamedNode, Quad, Term};
use quid_core::vocabulary::WN30;
use quid_import::Problem;
use quid_import::wordnet::{self, Files, Lexicon, Summary};

type Texts = BTreeMap<String, Vec<u8>>;

/// Reads files that lie in memory.
fn read(texts: &Texts) -> Result<(Vec<Quad>, Summary), Vec<Problem>> {
    let files = Files::gather(Path::new("tiny"), &mut |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        texts.get(name.as_ref()).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into())
    })?;
    let lexicon = Lexicon::read(&files)?;
    let mut quads = lexicon.quads();
    let all = quads.by_ref().collect();
    Ok((all, quads.summary()))
}

fn told(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect::<Vec<_>>().concat()
}

/// A quad as the tables below write it: without the common prefixes.
fn short(quad: &Quad) -> String {
    let object = match &quad.object {
        Term::NamedNode(node) => node.as_str().to_owned(),
        Term::Literal(literal) => format!("\"{}\"{}", literal.value(), literal.language().map_or("", |_| "@en")),
        other => other.to_string(),
    };
    let subject = quad.subject.to_string().replace(['<', '>'], "").replace(WN30, "");
    let predicate = quad.predicate.as_str().rsplit(['#', '/', ':']).next().unwrap_or_default().to_owned();
    let object = object.replace(WN30, "").replace("http://www.w3.org/ns/lemon/ontolex#", "ontolex:");
    let object = object.replace("https://globalwordnet.github.io/schemas/wn#", "wn:");
    format!("{subject} {predicate} {object}")
}

#[test]
#[allow(clippy::too_many_lines, reason = "it is one table")]
fn the_tiny_lexicon_becomes_quads() {
    let texts = tiny::files();
    let (quads, summary) = read(&texts).unwrap_or_else(|problems| panic!("{}", told(&problems)));
    let expected = Summary {
        synsets: 20,
        senses: 27,
        entries: 25,
        pointers: 52,
        examples: 8,
        exceptions: 12,
        quads: quads.len() as u64,
    };
    assert_eq!(summary, expected);
    let offset = |file: &str, word: &str| {
        let text = String::from_utf8_lossy(&texts[&format!("data.{file}")]).into_owned();
        let line = text.lines().find(|line| line.contains(&format!(" {word} "))).unwrap().to_owned();
        line[..8].to_owned()
    };
    let said: HashSet<String> = quads.iter().map(short).collect();
    let fill = |row: &str| {
        let mut row = row.to_owned();
        for (name, file, word, letter) in [
            ("DOG", "noun", "dog", 'n'),
            ("ANIMAL", "noun", "animal", 'n'),
            ("TAIL", "noun", "tail", 'n'),
            ("REX", "noun", "Rex", 'n'),
            ("PACK", "noun", "pack", 'n'),
            ("SODA", "noun", "soda", 'n'),
            ("GOOSE", "noun", "goose", 'n'),
            ("HOT", "adj", "up_to_the_boil", 'a'),
            ("WARM", "adj", "warm", 'a'),
            ("MOVE", "verb", "go", 'v'),
            ("SEND", "verb", "send", 'v'),
        ] {
            row = row.replace(&format!("{{{name}}}"), &format!("{}-{letter}", offset(file, word)));
        }
        row
    };
    for row in [
        "{DOG} type ontolex:LexicalConcept",
        "{DOG} partOfSpeech wn:noun",
        "{DOG} lexfile \"noun.animal\"",
        "{DOG} definition \"an animal that barks\"@en",
        "{DOG} example \"the dog slept\"@en",
        "{DOG} example \"a dog guards\"@en",
        "{DOG} hypernym {ANIMAL}",
        "{ANIMAL} hyponym {DOG}",
        "{DOG} mero_part {TAIL}",
        "{TAIL} holo_part {DOG}",
        "{REX} instance_hypernym {DOG}",
        "{PACK} mero_member {DOG}",
        "{PACK} example \"a pack ran - A. Writer\"@en",
        "{PACK} gloss \"dogs together; \"a pack ran\"- A. Writer\"@en",
        "{GOOSE} definition \"a bird (as in \"grey goose\")\"@en",
        "{HOT} partOfSpeech wn:adjective_satellite",
        "{HOT} similar {WARM}",
        "{WARM} partOfSpeech wn:adjective",
        "{SEND} causes {MOVE}",
        "{SEND} similar {MOVE}",
        "entry/dog-n type ontolex:LexicalEntry",
        "entry/dog-n partOfSpeech wn:noun",
        "entry/dog-n canonicalForm form/dog-n",
        "entry/dog-n sense sense/dog%251:05:00::",
        "sense/dog%251:05:00:: isLexicalizedSenseOf {DOG}",
        "sense/dog%251:05:00:: identifier \"dog%1:05:00::\"",
        "sense/dog%251:05:00:: senseNumber \"1\"",
        "sense/dog%251:18:00:: senseNumber \"2\"",
        "sense/dog%251:05:00:: tagCount \"42\"",
        "sense/dog%251:05:00:: concordance \"1 41\"",
        "sense/ox%251:05:00:: concordance \"1 2\"",
        "sense/move%252:38:00:: concordance \"\"",
        "sense/dog%251:05:00:: derivation sense/doggish%253:00:00::",
        "sense/doggish%253:00:00:: pertainym sense/dog%251:05:00::",
        "sense/doggish%253:00:00:: participle sense/fly%252:38:00::",
        "sense/doggish%253:00:00:: adjectivePosition \"a\"",
        "sense/hot%255:00:00:warm:01 adjectivePosition \"p\"",
        "sense/warm%253:00:01:: antonym sense/cold%253:00:00::",
        "sense/house_dog%251:05:00:: wordNumber \"2\"",
        "form/house_dog-n writtenRep \"house dog\"@en",
        "entry/rex-n canonicalForm form/Rex-n",
        "form/Rex-n writtenRep \"Rex\"@en",
        "entry/fizz-n canonicalForm form/Fizz-n",
        "entry/fizz-n otherForm form/FIZZ-n",
        "sense/fizz%251:18:01:: spelling form/FIZZ-n",
        "entry/b-n canonicalForm form/b-n",
        "entry/b-n otherForm form/B-n",
        "sense/b%251:10:00:: variant \"2 b 0\"",
        "sense/kite%251:17:00:: variant \"2 kite 1\"",
        "sense/kite%251:17:00:: derivation sense/fly%252:38:00::",
        "entry/goose-n otherForm form/geese-n",
        "form/geese-n writtenRep \"geese\"@en",
        "entry/ox-n otherForm form/oxen-n",
        "entry/pack-n otherForm form/packs-n",
        "entry/cold-a otherForm form/cold-a",
        "frame/8 frame \"Somebody ----s something\"@en",
        "sense/move%252:38:00:: frame \"Something ----s\"@en",
        "sense/go%252:38:00:: frame \"Somebody ----s\"@en",
        "sentence/1 example \"The birds %s south\"@en",
        "sense/fly%252:38:00:: example \"The birds fly south\"@en",
        "sense/dog%252:38:00:: example \"They dog the letter\"@en",
        "sense/fizz%251:13:00:: exemplifies sense/beast%251:05:00::",
        "sense/warmly%254:02:00:: pertainym sense/warm%253:00:01::",
    ] {
        assert!(said.contains(&fill(row)), "missing: {row}");
    }
    for row in [
        "sense/move%252:38:00:: frame \"Somebody ----s\"@en",
        "sense/goose%251:05:00:: tagCount \"0\"",
        "sense/dog%251:05:00:: wordNumber \"1\"",
        "sense/warm%253:00:01:: concordance \"1 3\"",
        "entry/ox-n type ontolex:LexicalEntry",
        "{DOG} gloss \"an animal that barks\"@en",
    ] {
        assert!(!said.contains(&fill(row)), "should not be there: {row}");
    }
}

#[test]
fn quads_are_legal_unique_and_always_the_same() {
    let texts = tiny::files();
    let (quads, _) = read(&texts).unwrap_or_else(|problems| panic!("{}", told(&problems)));
    assert_eq!(quads.iter().collect::<HashSet<_>>().len(), quads.len());
    assert_eq!(read(&texts).unwrap().0, quads);
    for quad in &quads {
        assert_eq!(quad.graph_name.to_string(), "<urn:quid:dump:wordnet-3.0>");
        for iri in [quad.subject.to_string(), quad.object.to_string()] {
            if let Some(iri) = iri.strip_prefix('<').and_then(|iri| iri.strip_suffix('>')) {
                assert!(NamedNode::new(iri).is_ok(), "{iri}");
            }
        }
    }
}

#[test]
fn nothing_of_the_tiny_files_is_lost() {
    let texts = tiny::files();
    let (quads, _) = read(&texts).unwrap_or_else(|problems| panic!("{}", told(&problems)));
    assert_eq!(rebuild::from_quads(&quads), rebuild::from_files(&texts));
}

#[test]
fn damage_is_told_with_file_and_line() {
    // The file, what stands in it, what is put there instead (all files of that name and more: see below), and
    // what must be told.
    let swaps: &[(&str, &str, &str, &str)] = &[
        ("data.noun", "whatever there is  ", "whatever there i  ", "data.noun:4: the line says it stands at byte"),
        (
            "data.noun",
            " 03 n 01 thing",
            " 03 v 01 thing",
            "data.noun:3: `v` is not a type of synset in this file; expected n",
        ),
        ("data.noun", " 03 n 01 thing", " 93 n 01 thing", "data.noun:3: lexicographer file 93; expected 00 to 44"),
        ("data.noun", " 03 n 01 thing", " 04 n 01 thing", "index.sense:23: the key `thing%1:03:00::`"),
        ("data.noun", " 03 n 01 thing 0", " 03 n 00 thing 0", "data.noun:3: a synset without words"),
        (
            "data.noun",
            " 03 n 01 thing 0",
            " 03 n 01 thing z",
            "data.noun:3: `z` is not a lex id; expected 1 hexadecimal digits",
        ),
        ("data.noun", "thing 0 0", "thing 0 9", "data.noun:3:"),
        ("data.noun", "house_dog", "horse_dog", "the word `horse_dog` has no line in index.sense"),
        ("data.noun", "%p ", "?p ", "`?p` is not a pointer symbol"),
        ("data.noun", " n 0000 %p", " q 0000 %p", "`q` is not a part of speech"),
        ("data.noun", "n 0000 ~", "n 0001 ~", "pointer between the words 0001"),
        ("data.noun", "~ 0", "~ 1", "expected the byte position of a synset"),
        ("data.noun", "~ 0", "~ x", "is not the byte position of a synset; expected 8 decimal digits"),
        ("data.noun", "a 0101", "a 0109", "pointer + to word 9"),
        ("data.noun", "#p ", "#m ", "a pointer there that leads back to"),
        (
            "data.noun",
            "WordNet 3.0",
            "wordless 3.0",
            "data.noun:1: the lines before the first synset do not name WordNet",
        ),
        ("data.noun", " | whatever", " ; whatever", "data.noun:3: no gloss"),
        ("data.verb", "+ 01 00", "+ 99 00", "data.verb:3: verb frame 99; expected a number of frames.vrb"),
        ("data.verb", "+ 01 00", "+ 01 07", "data.verb:3: `+ 01 07`"),
        ("data.adj", "hot(p)", "hat(p)", "has no line in index.sense"),
        ("data.adj", "warm 1 ", "warm 2 ", "index.sense"),
        ("index.sense", "dog%1:05:00::", "dog%1:05:01::", "has another word or lex id"),
        ("index.sense", "dog%1:05:00::", "dog%1;05:00::", "`dog%1;05:00::` is not a sense key"),
        ("index.sense", "warm:01", "warm:02", "has another head"),
        ("index.sense", " 1 42", " 2 42", "is sense 1 here, 2 in index.sense"),
        ("index.sense", " 1 42", " 1 0", "1 tagged senses here, 0 in index.sense"),
        ("index.sense", " 1 42", " 1", "index.sense:5: the line ends before a count of tags"),
        ("index.sense", " 1 42", " 1 42 7", "`7` after the last field"),
        ("index.sense", "%2:38", "%1:38", "no synset at"),
        ("index.noun", "dog n 2", "dog n 3", "3 synsets but 2 senses"),
        ("index.noun", "dog n 2", "dog v 2", "part of speech `v`; expected n"),
        ("index.noun", "dog n 2", "cog n 2", "no sense of `cog`"),
        ("index.noun", "goose n 1 1 @", "goose n 1 1 ~", "other pointer symbols than the synsets of this lemma have"),
        ("index.noun", "goose n 1 1 @ 1 0 ", "goose n 1 1 @ 1 0 0", "index.noun:"),
        ("index.noun", "for anything", "for nothing", "another licence or version than the data files"),
        ("noun.exc", "oxen ox", "oxen", "noun.exc:3: the line ends before a base form"),
        ("frames.vrb", "8  S", "8x S", "frames.vrb:3: `8x` is not the number of a verb frame"),
        ("frames.vrb", "8  S", "1  S", "number 1 comes twice"),
        ("frames.vrb", "8  Somebody ----s something", "8", "frames.vrb:3: no text after the number"),
        ("sents.vrb", "10 ", "11 ", "no sentence 10; expected a number of sents.vrb"),
        ("sentidx.vrb", "fly%", "flew%", "no sense `flew%2:38:00::`"),
        ("cntlist.rev", "1 41", "1 x", "cntlist.rev:1: `x` is not a count of tags"),
        ("cntlist.rev", "ox%1:05:00::", "dog%1:05:00::", "cntlist.rev:2: a key that comes twice"),
    ];
    let good = tiny::files();
    let mut wrong = Vec::new();
    for (name, from, to, expected) in swaps {
        let mut texts = good.clone();
        let text = String::from_utf8(texts[*name].clone()).unwrap();
        assert!(text.contains(from), "{name}: {from}");
        texts.insert((*name).to_owned(), text.replacen(from, to, 1).into_bytes());
        let problems = read(&texts).err().map_or("nothing was noticed\n".to_owned(), |problems| told(&problems));
        if !problems.contains(expected) {
            wrong.push(format!("{name}: {from} -> {to}\n{problems}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn missing_cut_and_foreign_files_are_told() {
    let good = tiny::files();
    for name in good.keys() {
        let mut texts = good.clone();
        let bytes = texts.remove(name).unwrap();
        let problems = read(&texts).unwrap_err();
        assert!(told(&problems).contains(&format!("{name}: the file is missing; expected the files")), "{name}");
        assert!(told(&problems).contains("apt-get install wordnet-base wordnet-sense-index"), "{name}");
        texts.insert(name.clone(), bytes[..bytes.len() - 2].to_vec());
        assert!(told(&read(&texts).unwrap_err()).contains("the file breaks off within a line"), "{name}");
        let mut foreign = bytes.clone();
        foreign[3] = 0xff;
        texts.insert(name.clone(), foreign);
        let problems = told(&read(&texts).unwrap_err());
        assert!(problems.contains(&format!("{name}:1: bytes that are not UTF-8")), "{problems}");
    }
    // Cut at a line end: a list is just shorter, but synsets and senses are missed somewhere.
    for name in
        ["data.noun", "data.verb", "data.adj", "index.noun", "index.verb", "index.sense", "frames.vrb", "sents.vrb"]
    {
        let mut texts = good.clone();
        let text = texts.get_mut(name).unwrap();
        let end = text[..text.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
        text.truncate(end + 1);
        assert!(read(&texts).is_err(), "{name}");
    }
    assert_eq!(read(&Texts::new()).unwrap_err().len(), 17, "all missing files are told at once");
}

#[test]
fn many_problems_are_counted() {
    let mut texts = tiny::files();
    let text = texts.get_mut("cntlist.rev").unwrap();
    text.extend(b"broken\n".repeat(250));
    let problems = read(&texts).unwrap_err();
    assert_eq!(problems.len(), quid_import::problem::MOST + 1);
    assert!(problems.last().unwrap().message.starts_with("150 more problems"), "{}", told(&problems));
}

#[test]
fn files_are_found_and_read_from_disk() {
    let directory = tempfile::tempdir().unwrap();
    let nowhere = wordnet::find(Some(directory.path())).unwrap_err();
    assert!(nowhere.to_string().contains("apt-get install wordnet-base wordnet-sense-index"), "{nowhere}");
    for (name, text) in tiny::files() {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    assert_eq!(wordnet::find(Some(directory.path())).unwrap(), directory.path());
    let (mut count, mut last) = (0, wordnet::Progress::default());
    let summary = wordnet::read(directory.path(), &mut |progress| last = progress, &mut |_| {
        count += 1;
        ControlFlow::Continue(())
    });
    assert_eq!(summary.unwrap().quads, count);
    assert!(last.done == last.total && last.total > 0, "{last:?}");
    // Stopped after the first quad.
    let mut count = 0;
    let summary = wordnet::read(directory.path(), &mut |_| {}, &mut |_| {
        count += 1;
        ControlFlow::Break(())
    });
    assert_eq!((summary.unwrap().quads, count), (1, 1));
}

#[test]
fn the_real_wordnet_is_read_whole() {
    let Ok(directory) = wordnet::find(None) else {
        println!("skipped: no WordNet here (apt-get install wordnet-base wordnet-sense-index)");
        return;
    };
    let texts: Texts =
        tiny::files().into_keys().map(|name| (name.clone(), std::fs::read(directory.join(&name)).unwrap())).collect();
    let (quads, summary) = read(&texts).unwrap_or_else(|problems| panic!("{}", told(&problems)));
    let expected = Summary {
        synsets: 117_659,
        senses: 206_941,
        entries: 155_287,
        pointers: 377_592,
        examples: summary.examples,
        exceptions: 6_050,
        quads: quads.len() as u64,
    };
    assert_eq!(summary, expected);
    assert!((48_000..49_000).contains(&summary.examples), "{}", summary.examples);
    let (ours, theirs) = (rebuild::from_quads(&quads), rebuild::from_files(&texts));
    for (name, lines) in &theirs {
        let empty = std::collections::BTreeSet::new();
        let made = ours.get(name).unwrap_or(&empty);
        let lost: Vec<_> = lines.difference(made).take(5).collect();
        let invented: Vec<_> = made.difference(lines).take(5).collect();
        assert!(lost.is_empty() && invented.is_empty(), "{name}\nlost {lost:#?}\ninvented {invented:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Bytes changed, removed or added anywhere, or a piece copied elsewhere: problems or quads, never a panic.
    #[test]
    fn no_mutation_panics(
        file in 0_usize..17,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..4, any::<u8>(), any::<prop::sample::Index>()), 1..6),
    ) {
        let mut texts = tiny::files();
        let name = texts.keys().nth(file).cloned().unwrap();
        let bytes = texts.get_mut(&name).unwrap();
        for (at, kind, byte, other) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, byte & 0x7f),
                _ => {
                    let from = other.index(bytes.len());
                    let piece = bytes[from..(from + usize::from(byte)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        if let Err(problems) = read(&texts) {
            prop_assert!(!problems.is_empty());
        }
    }

    /// Any text at all as a gloss: split without loss.
    #[test]
    fn any_gloss_can_be_had_back(text in "[ab \"';:,()-]{0,40}|.{0,40}") {
        let text = text.trim_matches(' ');
        let mut gloss = wordnet::gloss::split(text);
        gloss.examples.sort();
        let rebuilt = wordnet::gloss::rebuild(&gloss.definition, &gloss.examples);
        prop_assert_eq!(gloss.verbatim.unwrap_or(&rebuilt), text);
    }
}
