//! Programs loaded, asked, explained and removed, as a user does it.
//!
//! What a program says must be there after a restart, and gone after it is unloaded; both are seen only from outside.

#[path = "support.rs"]
mod support;

use std::path::Path;

use serde_json::Value;
use support::{errors, run, text};

const KIN: &str = r#"
:- op(700, xfx, loves).
parent(ann, bob).
parent(bob, eve).
state('New York', 17.558e+6, [albany, buffalo]).
ann loves bob.
rain.
%! name grand
%! says "{0} is a grandparent of {1}"
grandparent(X, Z) :- parent(X, Y), parent(Y, Z).
ancestor(X, Y) :- parent(X, Y).
ancestor(X, Z) :- ancestor(X, Y), ancestor(Y, Z).
childless(X) :- parent(_, X), \+ parent(X, _).
win(X) :- move(X, Y), \+ win(Y).
move(a, b). move(b, a).
"#;

/// The output of a command that ends with this code.
fn said(home: &Path, arguments: &[&str], code: i32) -> String {
    let output = run(home, arguments, b"");
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}{}", text(&output), errors(&output));
    if code == 2 { errors(&output) } else { text(&output) }
}

fn loaded(program: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("kin.pl");
    std::fs::write(&file, program).expect("it is written");
    said(home.path(), &["load", "prolog", &file.display().to_string(), "--title", "the family"], 0);
    home
}

#[test]
fn a_program_is_asked_explained_and_removed() {
    let home = loaded(KIN);
    for (question, expected) in [
        ("?- grandparent(X, Y).", "X = ann, Y = eve\n"),
        ("?- ancestor(ann, X).", "X = bob\nX = eve\n"),
        ("?- childless(X).", "X = eve\n"),
        ("?- X loves Y.", "X = ann, Y = bob\n"),
        ("?- rain.", "true.\n"),
        (
            "?- state(S, P, L), length(L, N), P > 10_000_000.",
            "S = 'New York', P = 17558000, L = [albany,buffalo], N = 2\n",
        ),
        ("?- count(X, parent(X, _), N).", "N = 2\n"),
        ("?- limit(1, order_by([desc(X)], parent(X, Y))).", "X = bob, Y = eve\n"),
    ] {
        assert_eq!(said(home.path(), &["prove", question], 0), expected, "{question}");
    }
    let why = said(home.path(), &["prove", "?- grandparent(ann, eve).", "--why"], 0);
    assert!(why.contains("parent(ann, bob) (the family)") && why.contains("so ann is a grandparent of eve"), "{why}");
    let tree = said(home.path(), &["why", "?- grandparent(ann, eve).", "--tree"], 0);
    assert!(tree.contains("ann is a grandparent of eve [rule kin/grand]\n  parent(ann, bob)"), "{tree}");
    let none = said(home.path(), &["prove", "?- grandparent(eve, X).", "--why"], 1);
    assert!(none.contains("false.") && none.contains("parent(eve, something)"), "{none}");

    let refused = said(home.path(), &["prove", "?- granparent(X, Y)."], 2);
    assert!(refused.contains("did you mean grandparent/2"), "{refused}");
    let circle = said(home.path(), &["prove", "?- win(a)."], 2);
    assert!(circle.contains("negation"), "{circle}");

    assert!(said(home.path(), &["unload", "kin"], 0).contains("unloaded kin"));
    let gone = said(home.path(), &["prove", "?- grandparent(X, Y)."], 2);
    assert!(gone.contains("I know nothing of grandparent/2"), "{gone}");
}

#[test]
fn a_goal_that_reads_like_a_sentence_is_asked() {
    let home = tempfile::tempdir().expect("a folder");
    assert_eq!(said(home.path(), &["ask", "?- X is 6 * 7."], 0), "X = 42.\n");
}

#[test]
fn proofs_are_drawn_and_given_as_json() {
    let home = loaded(KIN);
    let (dot, svg) = (home.path().join("proof.dot"), home.path().join("proof.svg"));
    let shown = ["--dot", &dot.display().to_string(), "--svg", &svg.display().to_string()].map(str::to_owned);
    let mut arguments = vec!["prove", "?- ancestor(ann, eve)."];
    arguments.extend(shown.iter().map(String::as_str));
    said(home.path(), &arguments, 0);
    let dot = std::fs::read_to_string(dot).expect("it is written");
    assert!(dot.starts_with("digraph") && dot.contains("->"), "{dot}");
    let svg = std::fs::read_to_string(svg).expect("it is written");
    assert!(svg.starts_with("<svg") && svg.contains("parent(ann, bob)"), "{svg}");

    let told = said(home.path(), &["--json", "prove", "?- parent(X, bob).", "--why"], 0);
    let told: Value = serde_json::from_str(told.trim()).expect("one object");
    assert_eq!(told["answer"]["X"], "<urn:quid:thing:ann>");
    assert_eq!(told["text"]["X"], "ann");
    assert!(told["proof"]["steps"].as_array().is_some_and(|steps| !steps.is_empty()), "{told}");
}

#[test]
fn what_is_wrong_is_told_and_the_rest_is_loaded_unless_strict() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("bad.pl");
    let file_name = file.display().to_string();
    std::fs::write(&file, "p(a).\np(b c).\nq('open).\np(d).\n").expect("it is written");
    let strict = run(home.path(), &["load", "prolog", &file_name, "--strict"], b"");
    assert_eq!(strict.status.code(), Some(2), "{}", text(&strict));
    assert!(errors(&strict).contains("bad.pl:2:5"), "{}", errors(&strict));
    said(home.path(), &["prove", "?- p(X)."], 2);
    let output = run(home.path(), &["load", "prolog", &file_name], b"");
    let all = format!("{}{}", text(&output), errors(&output));
    assert!(all.contains("bad.pl:2:5") && all.contains("bad.pl:3:3"), "{all}");
    // In the store's order, which is no order of the program's.
    let answers = said(home.path(), &["prove", "?- order_by([asc(X)], p(X))."], 0);
    assert_eq!(answers, "X = a\nX = d\n");
}

#[test]
fn geobase_loads_as_it_is() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/kgqa/geoquery/geobase.pl");
    if !file.exists() {
        eprintln!("skipped: {} is not here", file.display());
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let loaded = said(home.path(), &["load", "prolog", &file.display().to_string()], 0);
    assert!(loaded.contains("698 facts"), "{loaded}");
    let question = "?- state(texas, _, C, _, _, _, _, _, _, _), border(texas, _, L), length(L, N).";
    let answer = said(home.path(), &["prove", question], 0);
    assert_eq!(answer, "C = austin, L = [oklahoma,arkansas,louisiana,'new mexico'], N = 4\n");
}

#[test]
fn a_question_that_explodes_is_stopped_in_bounds() {
    let facts: Vec<String> = (0..400).map(|number| format!("e(n{number}, n{}). ", (number * 7 + 1) % 400)).collect();
    let facts = facts.concat();
    let home = loaded(&format!("{facts}\nr(A, B, C, D) :- e(A, _), e(B, _), e(C, _), e(D, _).\n"));
    let output = run(
        home.path(),
        &["chat", "--json"],
        b"{\"text\":\"?- aggregate_all(count, r(_, _, _, _), N).\"}\n{\"text\":\"hello\"}\n",
    );
    let replies = text(&output);
    assert_eq!(replies.lines().count(), 2, "{replies}");
    assert!(replies.contains("I stopped there"), "{replies}");
}
