//! What programs read as, and what is told about those that cannot be read.
//!
//! Tables of text and outcome; the examples of the language's page are run in `crates/logic/tests/language.rs`.

use super::*;
use quid_core::{Argument, Goal, Literal, Query};

fn program(text: &str) -> Script {
    read_program("f.pl", text, &Vocabulary::default(), &|name| match name {
        "kin.pl" => Ok("parent(ann, bob).\n".to_owned()),
        "self.pl" => Ok(":- include('self.pl').".to_owned()),
        "bad.pl" => Ok("p(X Y).".to_owned()),
        other => Err(format!("there is no file `{other}`")),
    })
}

fn shown_literal(literal: &Literal) -> String {
    let name = literal.predicate.as_str();
    let name = ["urn:quid:relation:", "urn:quid:builtin:", "urn:quid:helper:", "urn:quid:"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    let arguments: Vec<String> = literal
        .arguments
        .iter()
        .map(|argument| match argument {
            Argument::Variable(number) => format!("_{number}"),
            Argument::Term(term) => written(term),
        })
        .collect();
    format!("{name}({})", arguments.join(","))
}

fn shown_goal(goal: &Goal) -> String {
    match goal {
        Goal::Holds(literal) => shown_literal(literal),
        Goal::Not(literal) => format!("\\+{}", shown_literal(literal)),
        Goal::Gather(gather) => {
            let into = match &gather.into {
                Argument::Variable(number) => format!("_{number}"),
                Argument::Term(term) => written(term),
            };
            format!("{:?}(_{} by {:?} of {})={into}", gather.how, gather.value, gather.by, shown_literal(&gather.over))
        }
    }
}

fn shown_rule(rule: &Rule) -> String {
    let goals: Vec<String> = rule.body.iter().map(shown_goal).collect();
    format!("{} :- {}", shown_literal(&rule.head), goals.join(", "))
}

fn rules(text: &str) -> Vec<String> {
    let program = program(text);
    assert_eq!(program.problems, [], "{text}");
    program.rules.iter().map(shown_rule).collect()
}

fn query(text: &str) -> Query {
    read_query(text, &Vocabulary::default(), &|_, _| None)
        .unwrap_or_else(|problem| panic!("{text}: {}", problem.marked()))
}

#[test]
fn mistakes_are_told_with_their_place() {
    let prefix = ":- prefix(q, \"urn:q:\").\n";
    for (text, line, column, problem) in [
        ("q:a(X, Y) :- q:b(X, Y)", 2, 23, "full stop"),
        ("q:a(X, Y) :- q:b(X Y).", 2, 20, "expected `,` or `)`, found `Y`"),
        ("q:a(X, Z) :- q:b(X, Y).", 2, 1, "variable `Z`"),
        ("likes(X, tea).", 2, 7, "variable `X`"),
        ("w:a(X, Y) :- q:b(X, Y).", 2, 1, "prefix `w` is not declared"),
        ("q:a(X, Y) :- .", 2, 14, "expected a term"),
        ("q:a(X, \"open) :- q:b(X).", 2, 8, "closing"),
        ("p('open).\nq(a).", 2, 3, "closing `'`"),
        ("%! sings \"la\"\np(a).", 2, 1, "%! name"),
        ("%! says la\np(a).", 2, 1, "%! says"),
        ("%! name n\nq:a(X) :- q:b(X).\n%! name n\nq:a(X) :- q:b(X).", 5, 8, "taken"),
        ("q:a(<not an iri>).", 2, 5, "closing `>`"),
        ("q:a(<relative>).", 2, 5, "IRI"),
        ("p(x) :- {a}.", 2, 9, "curly"),
        ("p(X) :- q(X), !.", 2, 15, "no cut"),
        (":- prefex(x, \"urn:x:\").", 2, 4, "did you mean `prefix`"),
        (":- vocab(hypernym, q:h).", 2, 10, "hypernym/2"),
        ("X = Y :- p(X, Y).", 2, 3, "built in"),
        ("p(X) :- length(X).", 2, 9, "did you mean `length/2`"),
        ("p(X) :- q(X, Y), X is Y + squrt(2).", 2, 27, "did you mean `sqrt`"),
        ("p(X) :- q(Y), X = Y + 1.", 2, 21, "`X is …`"),
        ("p(X) :- q([X|Y]).", 2, 11, "member/2"),
        ("p(X) :- q(f(X)).", 2, 11, "arguments of their own"),
        ("p(X) :- X.", 2, 9, "the variable `X`"),
        ("p(X) :- q(X), 12.", 2, 15, "the number 12"),
        ("a --> b.", 2, 3, "grammar rules"),
        ("12abc(x).", 2, 1, "quote a name"),
        ("/* open\np(a).", 2, 1, "closing `*/`"),
        ("p(X) :- assertz(q(X)).", 2, 9, "only asks"),
        ("p(X) :- findall(Y, q(X), Z), q(Y).", 2, 17, "variable of the goal"),
        (":- include('none.pl').", 2, 12, "no file `none.pl`"),
        (":- include('self.pl').", 1, 12, "includes itself"),
        (":- include('bad.pl').", 1, 5, "expected `,` or `)`"),
        ("p(a).\n:- vocab(p/1, q:p).", 3, 11, "before the first fact"),
        ("p(X) :- limit(3, q(X)).", 2, 9, "whole question"),
        ("p(\"\\q\").", 2, 4, "backslash"),
    ] {
        let found = program(&format!("{prefix}{text}"));
        let error = found.problems.first().unwrap_or_else(|| panic!("{text}: no problem"));
        assert!(error.problem.contains(problem), "{text}: {}", error.marked());
        assert_eq!((error.line, error.column), (line, column), "{text}: {}", error.marked());
    }
}

#[test]
fn one_problem_does_not_hide_the_others() {
    let found = program("p(a b).\nq(c).\nr('x).\ns(d).\nt(X) :- u(Y).\n/* x /* y */ v(e).\nw(");
    let places: Vec<_> = found.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(places, [1, 3, 7, 5], "{:?}", found.problems);
    assert_eq!(found.facts.len(), 3, "{:?}", found.facts);
}

#[test]
fn a_file_is_read() {
    let text = ":- prefix(q, \"urn:q:\").  % a comment\n%! name one\n%! says \"{0} is {1}\"\nq:a(X, Y) :- q:b(X, _), q:c(_, Y, \"x\"@en).\nq:f(<urn:x>, q:Y).";
    let book = read("f", text).expect("correct");
    let names: Vec<_> =
        book.rules.iter().map(|rule| (rule.name.as_str(), rule.says.as_str(), rule.body.len())).collect();
    assert_eq!(names, [("f/one", "{0} is {1}", 2), ("f/fact1", "", 0)]);
    assert_eq!(book.rules[0].body[1].literal().arguments[0], Argument::Variable(3), "each _ is its own variable");
}

#[test]
fn bodies_become_flat_goals() {
    for (text, expected) in [
        ("p(X) :- q(X), r(X, 'New York').", &["p(_0) :- q(_0), r(_0,'New York')"][..]),
        (
            "p(X) :- q(X, Y), Z is Y * 2 + 1, Z > 10.",
            &["p(_0) :- q(_0,_1), times(_1,2,_3), plus(_3,1,_2), greater(_2,10)"],
        ),
        ("p(X) :- q(X) ; r(X), s(X).", &["p(_0) :- q(_0)", "p(_0) :- r(_0), s(_0)"]),
        ("p(X) :- q(X), ( r(X) ; s(X) ), t(X).", &["p(_0) :- q(_0), r(_0), t(_0)", "p(_0) :- q(_0), s(_0), t(_0)"]),
        ("p(X) :- ( q(X) -> r(X) ; s(X) ).", &["p(_0) :- q(_0), r(_0)", "p(_0) :- \\+q(_0), s(_0)"]),
        ("p(X) :- q(X), \\+ r(X).", &["p(_0) :- q(_0), \\+r(_0)"]),
        ("p(X) :- q(X), \\+ r(X, _).", &["p(_0) :- q(_0), \\+f.pl%2F1%2B1(_0)", "f.pl%2F1%2B1(_0) :- r(_0,_1)"]),
        (
            "p(X) :- q(X), \\+ (r(X, Y), Y > 3).",
            &["p(_0) :- q(_0), \\+f.pl%2F1%2B1(_0)", "f.pl%2F1%2B1(_0) :- r(_0,_1), greater(_1,3)"],
        ),
        ("p(X, N) :- q(X), aggregate_all(count, r(X, _), N).", &["p(_0,_1) :- q(_0), Count(_0 by [0] of r(_0,_2))=_1"]),
        (
            "p(N) :- count(X, r(X, Y), N).",
            &["p(_0) :- Count(_1 by [] of f.pl%2F1%2B1(_1))=_0", "f.pl%2F1%2B1(_0) :- r(_0,_1)"],
        ),
        ("p(N) :- sum(A, r(X, A), N).", &["p(_0) :- Sum(_1 by [] of r(_2,_1))=_0"]),
        (
            "p(N) :- aggregate_all(max(A * 2), r(_, A), N).",
            &[
                "p(_0) :- Max(_3 by [] of f.pl%2F1%2B1(_1,_2,_3))=_0",
                "f.pl%2F1%2B1(_0,_1,_2) :- r(_1,_0), times(_0,2,_2)",
            ],
        ),
        (
            "p(L) :- findall(X, (q(X), r(X)), L).",
            &["p(_0) :- List(_1 by [] of f.pl%2F1%2B1(_1))=_0", "f.pl%2F1%2B1(_0) :- q(_0), r(_0)"],
        ),
        (
            "p(X) :- q(X), forall(r(X, Y), s(Y)).",
            &["p(_0) :- q(_0), \\+f.pl%2F1%2B1(_0)", "f.pl%2F1%2B1(_0) :- r(_0,_1), \\+s(_1)"],
        ),
        ("p(X) :- member(X, [a, 'B']), X \\= a.", &["p(_0) :- member(_0,[a,'B']), different(_0,a)"]),
        ("p :- q.", &["p() :- q()"]),
        ("p(X) :- q(X), fail.", &[]),
        (":- vocab(p/1, <urn:P>).\np(X) :- q(X).", &["urn:P(_0) :- q(_0)"]),
        (":- op(700, xfx, likes).\np(X) :- X likes tea.", &["p(_0) :- likes(_0,tea)"]),
        (
            "member(X, Y) :- has(Y, X).\np(X) :- member(X, tea).",
            &["member(_0,_1) :- has(_1,_0)", "p(_0) :- member(_0,tea)"],
        ),
    ] {
        assert_eq!(rules(text), expected, "{text}");
    }
}

#[test]
fn facts_are_statements_of_any_width() {
    let text = "#!/not prolog\n";
    assert!(!program(text).problems.is_empty());
    let found = program(
        "state('texas', tx, 14.229e+6, ['a b', c]).\nrain.\ncat(tom).\n:- include('kin.pl').\n'odd name'(\"s\", -3).",
    );
    assert_eq!(found.problems, []);
    let facts: Vec<String> = found
        .facts
        .iter()
        .map(|fact| {
            let arguments: Vec<String> = fact.arguments.iter().map(written).collect();
            format!("{}({})", fact.predicate.as_str().trim_start_matches("urn:quid:relation:"), arguments.join(","))
        })
        .collect();
    assert_eq!(
        facts,
        ["state(texas,tx,14229000.0,['a b',c])", "rain()", "cat(tom)", "parent(ann,bob)", "odd%20name(\"s\",-3)"]
    );
}

#[test]
fn questions_have_columns_order_and_bounds() {
    for (text, columns, offset, limit) in [
        ("?- likes(X, tea).", &["X"][..], 0, None),
        ("likes(X, Y)", &["X", "Y"], 0, None),
        ("?- likes(ann, tea).", &[], 0, Some(1)),
        ("?- limit(3, likes(X, Y)).", &["X", "Y"], 0, Some(3)),
        ("?- limit(5, offset(2, likes(X, Y))).", &["X", "Y"], 2, Some(5)),
        ("?- offset(2, limit(5, likes(X, Y))).", &["X", "Y"], 2, Some(3)),
        ("?- once(likes(X, _)).", &["X"], 0, Some(1)),
        ("?- likes(X, _Any), \\+ hates(X, Z).", &["X"], 0, None),
        ("?- likes(X, Y) ; hates(X, Z).", &["X"], 0, None),
        ("?- aggregate_all(count, likes(X, _), N).", &["N"], 0, None),
        ("?- person(X), count(Y, likes(X, Y), N).", &["X", "N"], 0, None),
        ("?- setof(Y, likes(X, Y), L).", &["X", "L"], 0, None),
        ("?- setof(Y, X^likes(X, Y), L).", &["L"], 0, None),
        ("?- order_by([desc(A)], age(X, A)).", &["X", "A"], 0, None),
        ("?- fail.", &[], 0, Some(1)),
        ("?- X = 3.", &["X"], 0, None),
    ] {
        let found = query(text);
        assert_eq!(found.columns, columns, "{text}");
        assert_eq!((found.offset, found.limit), (offset, limit), "{text}");
        assert_eq!(found.rule.head.arguments.len(), columns.len(), "{text}");
    }
    for (text, problem) in [
        ("?- p(X). ?- q(X).", "one question at a time"),
        ("?- p(X", "found the end of the text"),
        ("", "expected a question"),
        ("?- order_by([desc(A)], limit(3, age(X, A))).", "around `order_by`"),
        ("?- limit(x, p(X)).", "whole number"),
        ("p(X) :- q(X).", "load prolog"),
    ] {
        let error = read_query(text, &Vocabulary::default(), &|_, _| None).expect_err(text);
        assert!(error.to_string().contains(problem), "{text}: {error}");
    }
}

#[test]
fn bad_input_is_refused_in_bounds() {
    let many = 1_000_000;
    let wide = format!("p({}).", vec!["x"; 100_000].join(","));
    let alternatives = format!("p(X) :- {}.", vec!["(q(X) ; r(X))"; 40].join(", "));
    for (text, problem) in [
        (format!("p({}a{}).", "(".repeat(many), ")".repeat(many)), "nest"),
        (format!("p({}a{}).", "f(".repeat(many), ")".repeat(many)), "nest"),
        (format!("p({}).", "[".repeat(many)), "nest"),
        (format!("p(X) :- X is {}1.", "1+".repeat(many)), "nest"),
        (format!("p(X) :- {}q(X).", "\\+ ".repeat(many)), "nest"),
        (format!("p({}1).", "- ".repeat(many)), "nest"),
        (format!("p(X) :- {}q(X).", "q(X) -> ".repeat(many / 10)), "nest"),
        (format!("p({}).", "9".repeat(many)), "digits"),
        (format!("p(0x{}).", "f".repeat(100)), "127 bits"),
        ("p(1.0e999).".to_owned(), "too large"),
        (format!("p('{}).", "x".repeat(many)), "closing"),
        (format!("{}p(a).", "/*".repeat(many)), "closing `*/`"),
        (wide, "at most 255 arguments"),
        (format!("p([{}]).", vec!["x"; 100_000].join(",")), "shorter list"),
        (alternatives, "alternatives"),
        (format!("p(X) :- {}q(X).", "q(X), ".repeat(100_000)), "at most 255 goals"),
        ("\u{0}\u{1}".to_owned(), "character"),
    ] {
        let found = program(&text);
        let error = found.problems.first().unwrap_or_else(|| panic!("{problem}: nothing was said"));
        assert!(error.problem.contains(problem), "{problem}: {}", error.problem);
        assert!(error.marked().len() < 1_000, "{problem}");
        assert!(found.problems.len() <= 51, "{problem}");
    }
}

#[test]
fn nothing_panics_on_odd_text() {
    for text in [
        "",
        "%",
        "%!",
        ":",
        "\"",
        "<",
        "q",
        "q:",
        "(",
        "\u{0}",
        "q:a(",
        "\"a\\",
        "\"a\"@",
        "\"a\"^^",
        "ß:ß(ß).",
        "_",
        "0'",
        "0''",
        "0'\\",
        "0x",
        "1e",
        "1.",
        "1.5.",
        "'\\x",
        "'\\u12",
        "a:'b",
        "p :- -.",
        "- (1).",
        "\\+",
        ":- .",
        "?- .",
        "[a|b].",
        "[a|].",
        "p(,).",
        "p(|).",
        "a , b.",
        "(a).",
        "X.",
        "1.",
        "\"s\".",
        "- - - .",
        ":- :- a.",
        ":- op(x, y, z).",
        ":- op(200, xfy, [&, &&]).",
        "p(X) :- findall(X, Y, Z).",
        "p(X) :- findall(X, 1, Z).",
        "p(X) :- count(f(X,Y), q(X,Y), Z).",
        "p() :- q().",
        "p(X) :- ^(X).",
    ] {
        let _ = program(text);
        let _ = read_query(text, &Vocabulary::default(), &|_, _| None);
    }
}
