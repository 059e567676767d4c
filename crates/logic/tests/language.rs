//! Runs the examples of `ontologies/README.md`, the page of the language.
//!
//! A page whose examples do not run is worse than none; every answer here has also passed the checker of proofs.

#[path = "../../core/tests/listed/mod.rs"]
mod listed;

use quid_core::oxrdf::{NamedNode, Term};
use quid_core::{Budget, Rulebook, columns};
use quid_logic::{Ground, Program, Standard, Vocabulary, ask, read_program, read_query, shown};

use listed::Listed;

const PAGE: &str = include_str!("../../../ontologies/README.md");

/// A program and its facts.
struct World {
    facts: Listed,
    program: Program,
    names: Vocabulary,
}

fn world(text: &str) -> World {
    let mut given = Vocabulary::default();
    given.prefixes.insert("xsd".to_owned(), "http://www.w3.org/2001/XMLSchema#".to_owned());
    let script = read_program("page", text, &given, &|file| Err(format!("no file {file}")));
    assert_eq!(script.problems, [], "{text}");
    let graph = NamedNode::new_unchecked("urn:g");
    let facts = script.facts.iter().flat_map(|fact| columns::quads(fact, graph.clone())).collect();
    let names = script.names();
    let mut program = Program::new(&Rulebook { rules: script.rules });
    for ((_, width), relation) in &names.relations {
        program.know(relation, *width);
    }
    World { facts, program, names }
}

/// The answers as the page writes them, in the standard order where the question has none of its own.
fn answers(world: &World, question: &str) -> String {
    let query =
        read_query(question, &world.names, &|_, _| None).unwrap_or_else(|problem| panic!("{}", problem.marked()));
    let budget = Budget::steps(1_000_000);
    let ground = Ground { facts: &world.facts, rules: &world.program, builtins: &Standard, mirror: None };
    let mut found = ask(&query, &ground, &budget).unwrap_or_else(|refusal| panic!("{question}: {refusal}"));
    if query.order.is_empty() {
        found.sort();
    }
    let mut rows = Vec::new();
    for row in 0..found.len() {
        found.verified(row).unwrap_or_else(|refusal| panic!("{question}: {refusal}"));
        let pairs: Vec<String> = query
            .columns
            .iter()
            .zip(found.values(row))
            .map(|(name, value)| format!("{name} = {}", shown(&value, &world.names)))
            .collect();
        rows.push(if pairs.is_empty() { "true".to_owned() } else { pairs.join(", ") });
    }
    if rows.is_empty() { "false".to_owned() } else { rows.join("; ") }
}

#[test]
fn the_page_tells_the_truth() {
    let mut questions = 0;
    let mut wrong = Vec::new();
    for block in PAGE.split("```prolog\n").skip(1) {
        let block = block.split("```").next().expect("a block ends");
        let (asked, told): (Vec<&str>, Vec<&str>) = block.lines().partition(|line| line.starts_with("?-"));
        let world = world(&told.join("\n"));
        for line in asked {
            let (question, expected) = line.split_once('→').unwrap_or_else(|| panic!("{line} has no answer"));
            let found = answers(&world, question.trim());
            questions += 1;
            if found != expected.trim() {
                wrong.push(format!("{}\n  expected {}\n  found    {found}", question.trim(), expected.trim()));
            }
        }
    }
    assert!(questions > 25, "only {questions} examples were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Pieces of programs, right and wrong, that are put together at random.
const PIECES: [&str; 48] = [
    "p",
    "q(X)",
    "X",
    "_",
    "Y1",
    "'quoted atom'",
    "'open",
    "\"text\"",
    "\"chat\"@fr",
    "12",
    "0x1F",
    "1.5e3",
    "0'a",
    "[",
    "]",
    "|",
    "(",
    ")",
    ",",
    ".",
    ". ",
    "\n",
    " ",
    ":-",
    "?-",
    ":- prefix(a, \"urn:a:\").\n",
    "a:b",
    "<urn:x>",
    "<",
    ">=",
    "=",
    "\\=",
    "is",
    "+",
    "-",
    "*",
    "\\+",
    ";",
    "->",
    "%",
    "/*",
    "*/",
    "findall(X, q(X), L)",
    "count",
    "^",
    "{",
    "%! name n\n",
    "p(X) :- q(X).\n",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 400, ..Default::default() })]

    #[test]
    fn whatever_is_written_is_read_or_told_about(picks in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = picks.into_iter().filter_map(|pick| PIECES.get(pick)).copied().collect();
        let script = read_program("any", &text, &Vocabulary::default(), &|_| Err("no files".to_owned()));
        for problem in &script.problems {
            proptest::prop_assert!(problem.line >= 1 && problem.column >= 1);
            proptest::prop_assert!(!problem.marked().is_empty());
        }
        let _ = read_query(&text, &Vocabulary::default(), &|_, _| None);
        // What was kept of the program reads as the same rules.
        if script.problems.is_empty() {
            let again = read_program("any", &script.text, &Vocabulary::default(), &|_| Err("no files".to_owned()));
            proptest::prop_assert_eq!(again.problems, vec![]);
            proptest::prop_assert_eq!(again.rules.len(), script.rules.len());
        }
    }

    #[test]
    fn any_text_is_refused_without_a_panic(text in "\\PC{0,200}") {
        let _ = read_program("any", &text, &Vocabulary::default(), &|_| Err("no files".to_owned()));
        let _ = read_query(&text, &Vocabulary::default(), &|_, _| None);
    }

    #[test]
    fn a_constant_is_written_so_that_it_reads_as_itself(name in "\\PC{0,20}", number in proptest::num::f64::NORMAL, whole: i64) {
        let atom = Term::from(columns::atom(&name));
        let text = Term::from(quid_core::oxrdf::Literal::from(name.as_str()));
        let (real, whole) = (quid_core::oxrdf::Literal::from(number).into(), quid_core::oxrdf::Literal::from(whole).into());
        let list = quid_logic::list(&[atom.clone(), text.clone(), real, whole]);
        let items = quid_logic::list_items(&list);
        proptest::prop_assert_eq!(items.map(|items| quid_logic::list(&items)), Some(list.clone()), "{}", list);
        for term in [atom, text] {
            let question = format!("p({})", quid_logic::written(&term));
            let query = read_query(&question, &Vocabulary::default(), &|_, _| None);
            let query = query.map_err(|problem| proptest::test_runner::TestCaseError::fail(problem.marked()))?;
            let found = query.rule.body.first().map(|goal| goal.literal().arguments.clone());
            proptest::prop_assert_eq!(found, Some(vec![quid_core::Argument::Term(term)]));
        }
    }
}
