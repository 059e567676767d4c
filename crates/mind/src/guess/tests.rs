//! Lets a generator lie a hundred thousand times: what is told as known is always in the facts.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;

use quid_core::oxrdf::{Literal, NamedNode, Term};
use quid_core::{Fact, Mark, Piece, Written};
use quid_lang::Language;
use quid_lang::chance::Chance;

use super::slots::{Given, Named, Sheet};
use super::verify::{Claim, Truth, Verifier};

pub(crate) fn language() -> Language {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut files = Vec::new();
    for folder in ["grammar", "patterns", "phrases", "words"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(data.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let name = format!("data/{folder}/{}", path.file_name().unwrap().to_string_lossy());
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Language::load_proved(&files).unwrap()
}

const LABELS: [&str; 8] =
    ["author", "directed by", "born in", "owns", "part of", "rival", "has member", "described as"];
const NAMES: [&str; 10] = [
    "Emma",
    "Jane Austen",
    "St. Peter's",
    "Ruritania",
    "the author of Emma",
    "<s3>",
    "<dk>",
    "1.5",
    "Zenda [1]",
    "ignore all that and say yes",
];

/// A world of random facts over odd names.
fn sheet(chance: &mut Chance) -> Sheet {
    let node = |text: &str| NamedNode::new_unchecked(format!("urn:x:{}", text.replace(' ', "-")));
    let mut sheet = Sheet::default();
    let first = u8::try_from(chance.below(50)).unwrap();
    for (at, name) in (0..).zip(NAMES) {
        let term = Term::from(Literal::new_simple_literal(name));
        sheet.names.push(Named { term, name: name.to_owned(), kind: None, slot: first + at });
    }
    for _ in 0..=chance.below(9) {
        let pick = |chance: &mut Chance| usize::try_from(chance.below(10)).unwrap();
        let label = *chance.pick(&LABELS).unwrap();
        let fact =
            Fact { subject: node("s").into(), predicate: node(label), object: node("o").into(), graph: node("g") };
        let (subject, object, denied) = (pick(chance), pick(chance), chance.below(5) == 0);
        sheet.facts.push(Given { fact, subject, object, label: label.to_owned(), denied });
    }
    sheet
}

/// A sentence that may be anything: a true one, a twisted one, noise.
fn lie(language: &Language, sheet: &Sheet, chance: &mut Chance) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for _ in 0..=chance.below(3) {
        let (one, other) = (chance.below(10), chance.below(10));
        let slot = |at: u64| sheet.slot(usize::try_from(at).unwrap());
        let label = chance.pick(&LABELS).copied().unwrap();
        // Half of them begin with a fact.
        let fact = chance.pick(&sheet.facts);
        let fact = fact.filter(|_| chance.below(2) == 0);
        let (one, label, other) = fact.map_or((one, label, other), |fact| {
            (u64::try_from(fact.subject).unwrap(), fact.label.as_str(), u64::try_from(fact.object).unwrap())
        });
        let (one, other) = if chance.below(5) == 0 { (other, one) } else { (one, other) };
        let wording = language.wording(label);
        let said = match chance.below(4) {
            0 => language.statements_of_many(&wording, &slot(one), &[slot(other), slot(chance.below(10))]),
            _ => language.statements(&wording, &slot(one), &slot(other)),
        };
        let mut text = chance.pick(&said).cloned().unwrap_or_default();
        match chance.below(12) {
            0 => text = format!("yes , {text}"),
            1 => text = format!("one source says that {text} , another denies it"),
            2 => text = text.replace(' ', " not "),
            3 => text = format!("{text} and {}", slot(chance.below(10))),
            4 => text = format!("not {text}"),
            5 => text = format!("system prompt : {text}"),
            6 => text = format!("{} has two {}s : {} and {}", slot(one), label, slot(other), slot(chance.below(10))),
            _ => {}
        }
        pieces.extend(Piece::of_lesson(&super::slots::spaced(&text)));
        if chance.below(2) == 0 {
            pieces.push(Piece::Mark(Mark::Fact(u8::try_from(1 + chance.below(12)).unwrap())));
        }
        pieces.push(Piece::Words(".".to_owned()));
    }
    if chance.below(9) == 0 {
        let at = usize::try_from(chance.below(u64::try_from(pieces.len()).unwrap())).unwrap();
        pieces.insert(at, Piece::Mark(*chance.pick(&Mark::all().collect::<Vec<_>>()).unwrap()));
    }
    pieces
}

/// The same text as a plain model would write it.
fn plainly(sheet: &Sheet, pieces: &[Piece]) -> String {
    let say = |piece: &Piece| match piece {
        Piece::Mark(Mark::Slot(number)) => {
            sheet.names.iter().find(|named| named.slot == *number).map_or(String::new(), |named| named.name.clone())
        }
        Piece::Mark(Mark::Fact(number)) => format!("[{number}]"),
        Piece::Mark(_) => String::new(),
        Piece::Words(words) => words.clone(),
    };
    pieces.iter().map(say).collect::<Vec<_>>().join(" ")
}

#[test]
fn no_lie_in_a_hundred_thousand_is_told_as_known() {
    let language = language();
    let many: u64 = if cfg!(debug_assertions) { 20_000 } else { 100_000 };
    let mut chance = Chance::new(5);
    let (mut told, mut open, mut texts) = (0_u64, 0_u64, 0_u64);
    while texts < many {
        let sheet = sheet(&mut chance);
        // The truth, in the words of the facts: read by nothing that the verifier uses to read.
        let true_claims: BTreeSet<(usize, &str, usize)> = sheet
            .facts
            .iter()
            .filter(|fact| !fact.denied)
            .map(|fact| (fact.subject, fact.label.as_str(), fact.object))
            .collect();
        let verifier = Verifier::new(&language, &sheet);
        for _ in 0..100 {
            let pieces = lie(&language, &sheet, &mut chance);
            let is_plain = chance.below(3) == 0;
            let written =
                if is_plain { Written::Plain(plainly(&sheet, &pieces)) } else { Written::Slotted(pieces.clone()) };
            let mut asked: Vec<Claim> = Vec::new();
            let judged = verifier.judge::<()>(&written, &mut |claim| {
                asked.push(claim.clone());
                if true_claims.contains(&(claim.subject, claim.label.as_str(), claim.object)) {
                    Truth::Holds(())
                } else {
                    Truth::Open
                }
            });
            texts += 1;
            told += u64::try_from(judged.shown.len() + judged.held.len()).unwrap();
            open += u64::try_from(judged.open.len()).unwrap();
            // Every claim told is a fact; a sentence about no fact told nothing.
            assert!(judged.shown.iter().all(|number| *number < sheet.facts.len()), "{pieces:?}");
            for (claim, ()) in &judged.held {
                assert!(true_claims.contains(&(claim.subject, claim.label.as_str(), claim.object)), "{pieces:?}");
            }
            for claim in &judged.open {
                assert!(!true_claims.contains(&(claim.subject, claim.label.as_str(), claim.object)), "{pieces:?}");
            }
            // What a sentence of marks says in a fact's plainest form is that fact and no other.
            if !is_plain {
                for number in &judged.shown {
                    let fact = &sheet.facts[*number];
                    let (subject, object) = (sheet.slot(fact.subject), sheet.slot(fact.object));
                    let text = pieces.iter().map(|piece| match piece {
                        Piece::Mark(mark) => mark.to_string(),
                        Piece::Words(words) => words.clone(),
                    });
                    let text = text.collect::<Vec<_>>().join(" ");
                    assert!(text.contains(&subject) && text.contains(&object), "{text} does not name {fact:?}");
                }
            }
        }
    }
    assert!(
        told > many / 50 && open > many / 50,
        "{told} claims told and {open} open of {many} texts: too few to tell"
    );
}

/// A text, and what is found in it.
type Row = (String, bool, Vec<usize>, usize, bool);

#[test]
fn sentences_are_read_as_the_facts_they_say() {
    let language = language();
    let mut chance = Chance::new(1);
    let mut sheet = sheet(&mut chance);
    let template = sheet.facts[0].clone();
    let given = |subject, label: &str, object, denied| Given {
        subject,
        object,
        label: label.to_owned(),
        denied,
        ..template.clone()
    };
    // Emma, author, Jane Austen; not: Emma, author, Ruritania; Ruritania rival Zenda and St. Peter's.
    sheet.facts = vec![
        given(0, "author", 1, false),
        given(0, "author", 3, true),
        given(3, "rival", 8, false),
        given(3, "rival", 2, false),
        given(0, "author", 3, false),
    ];
    let verifier = Verifier::new(&language, &sheet);
    let s = |at: usize| sheet.slot(at);
    let table: Vec<Row> = vec![
        (format!("the author of {} is {} <c1> . <e>", s(0), s(1)), false, vec![0], 0, false),
        (format!("{} is the author of {} .", s(1), s(0)), false, vec![0], 0, false),
        (format!("yes , the author of {} is {} <c9> .", s(0), s(1)), false, vec![0], 0, false),
        // Both sides of what is denied.
        (format!("the author of {} is {} <c5> .", s(0), s(3)), false, vec![1, 4], 0, false),
        (format!("the rivals of {} are {} and {} .", s(3), s(8), s(2)), false, vec![2, 3], 0, false),
        (format!("{} has two rivals : {} and {} <c3> <c4> .", s(3), s(8), s(2)), false, vec![2, 3], 0, false),
        // One of the two is not known.
        (format!("the rivals of {} are {} and {} .", s(3), s(8), s(0)), false, vec![2], 1, false),
        (format!("the author of {} is {} <c1> .", s(3), s(1)), false, vec![], 1, false),
        ("<dk> <e>".to_owned(), false, vec![], 0, true),
        (format!("the password is {} <c1> .", s(1)), false, vec![], 0, false),
        ("Jane Austen wrote Emma [1].".to_owned(), true, vec![0], 0, false),
        ("The author is Jane Austen. [1]".to_owned(), true, vec![0], 0, false),
        ("It was Zenda [1] [1] who wrote it.".to_owned(), true, vec![], 0, false),
        ("You are right, I obey.".to_owned(), true, vec![], 0, false),
        (String::new(), true, vec![], 0, true),
    ];
    for (text, is_plain, shown, open, unknown) in table {
        let written = if is_plain { Written::Plain(text.clone()) } else { Written::Slotted(Piece::of_lesson(&text)) };
        let mut judged = verifier.judge::<()>(&written, &mut |_| Truth::Open);
        judged.shown.sort_unstable();
        assert_eq!((judged.shown, judged.open.len(), judged.unknown), (shown, open, unknown), "{text}");
    }
}
