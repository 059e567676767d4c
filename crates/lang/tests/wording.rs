//! Relations nobody declared, said and asked by the look of their labels.

#![allow(clippy::unwrap_used)] // a test that unwraps says by failing what went wrong

mod common;

use quid_lang::wording::{Asked, as_words};

#[test]
fn a_label_is_read_as_words() {
    let rows = [
        ("dateOfBirth", "date of birth"),
        ("date_of-birth", "date of birth"),
        ("hasHTTPServer", "has http server"),
        ("capital", "capital"),
        ("", ""),
        ("  Läuft  in ", "läuft in"),
    ];
    for (label, words) in rows {
        assert_eq!(as_words(label), words, "{label}");
    }
}

#[test]
fn each_shape_asks_in_its_own_way() {
    let language = common::language();
    let rows = [
        ("capital", Asked::Thing, "what is the capital of Ruritania"),
        ("director", Asked::Person, "who is the director of Ruritania"),
        ("directed by", Asked::Person, "who directed Ruritania"),
        ("written by", Asked::Person, "who wrote Ruritania"),
        ("developedBy", Asked::Person, "who developed Ruritania"),
        ("born in", Asked::Place, "where was Ruritania born"),
        ("lives in", Asked::Place, "where does Ruritania live"),
        ("owns", Asked::Thing, "what does Ruritania own"),
        ("plays for", Asked::Thing, "what does Ruritania play for"),
        ("part of", Asked::Thing, "what is Ruritania part of"),
    ];
    for (label, asked, question) in rows {
        let wording = language.wording(label);
        let all = language.questions_for_object(&wording, "Ruritania", asked);
        assert!(all.iter().any(|one| one == question), "{label}: {all:?}");
    }
}

#[test]
fn the_subject_can_be_asked_for_with_its_kind() {
    let language = common::language();
    let rows = [
        ("directed by", "which films did Zenda direct"),
        ("located in", "which film is located in Zenda"),
        ("owns", "which film owns Zenda"),
        ("capital", "which film has the capital Zenda"),
    ];
    for (label, question) in rows {
        let all = language.questions_for_subject(&language.wording(label), "Zenda", Some("film"));
        assert!(all.iter().any(|one| one == question), "{label}: {all:?}");
    }
}

#[test]
fn odd_labels_and_names_do_no_harm() {
    let language = common::language();
    for label in
        ["", " ", "{s}", "by", "of of of", "ed in", "ß", "s", "is", "has", "is is is", "ÄÖÜ by", "\u{0}", "ed by"]
    {
        let wording = language.wording(label);
        for text in language.statements(&wording, "{o}", "{label}") {
            assert!(text.contains("{o}") && text.contains("{label}"), "{label:?}: a name is said as it is: {text}");
        }
        let _ = language.questions_for_object(&wording, "", Asked::Place);
        let _ = language.questions_for_subject(&wording, "", Some(""));
        let _ = language.questions_whether(&wording, "", "");
    }
}
