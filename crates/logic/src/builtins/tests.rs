//! Each computed relation with bound and open arguments, as a program would call it.

use quid_core::proof::BuiltIns as _;
use quid_core::{Argument, Goal};

use super::*;
use crate::read::{Vocabulary, read_query, written};

/// The ways to fill the open arguments of a goal, or `unbound`.
fn answers(goal: &str) -> String {
    let query =
        read_query(goal, &Vocabulary::default(), &|_, _| None).unwrap_or_else(|problem| panic!("{}", problem.marked()));
    let [Goal::Holds(literal)] = query.rule.body.as_slice() else { panic!("{goal} is more than one goal") };
    let open: Vec<Option<Term>> = literal
        .arguments
        .iter()
        .map(|argument| match argument {
            Argument::Term(term) => Some(term.clone()),
            Argument::Variable(_) => None,
        })
        .collect();
    assert!(literal.predicate.as_str().starts_with(BUILTIN), "{goal} is not computed");
    let Some(rows) = Standard.complete(&literal.predicate, &open) else { return "unbound".to_owned() };
    for row in &rows {
        let claim = Atom { predicate: literal.predicate.clone(), arguments: row.clone() };
        assert_eq!(Standard.holds(&claim), Some(true), "{goal}: {claim:?} is not so when computed again");
    }
    if rows.is_empty() {
        return "no".to_owned();
    }
    if open.iter().all(Option::is_some) {
        return "yes".to_owned();
    }
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            let filled = row.iter().zip(&open).filter(|(_, open)| open.is_none());
            filled.map(|(value, _)| written(value)).collect::<Vec<_>>().join(" ")
        })
        .collect();
    shown.join("; ")
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn every_relation_gives_what_is_expected() {
    for (goal, expected) in [
        // Comparison
        ("a = a", "yes"),
        ("a = b", "no"),
        ("X = b", "b"),
        ("X = Y", "unbound"),
        ("1 = 1.0", "no"),
        ("1 =:= 1.0", "yes"),
        ("1 =\\= 2", "yes"),
        ("a \\= b", "yes"),
        ("dif(a, a)", "no"),
        ("2 < 10", "yes"),
        ("2.5 >= 2.5", "yes"),
        ("3 =< 2", "no"),
        ("3 > X", "unbound"),
        ("0.0 =:= -0.0", "yes"),
        ("\"2020-01-02\" < \"2020-01-10\"", "yes"),
        ("\"x\" < 3", "no"),
        ("a @< b", "yes"),
        ("3 @< a", "yes"),
        ("compare(O, 1, 2)", "<"),
        ("number(3)", "yes"),
        ("number(three)", "no"),
        ("atom(tea)", "yes"),
        ("atom(\"tea\")", "no"),
        ("string(\"tea\")", "yes"),
        ("is_list([a])", "yes"),
        ("integer(3.0)", "no"),
        // Arithmetic
        ("X is 2 + 3", "5"),
        ("5 is 2 + 3", "yes"),
        ("X is 2.5 + 3", "5.5"),
        ("X is 7 - 10", "-3"),
        ("X is 6 * 7", "42"),
        ("X is 4 / 2", "2"),
        ("X is 1 / 2", "0.5"),
        ("X is 1 / 0", "no"),
        ("X is 1.0 / 0.0", "no"),
        ("X is -7 // 2", "-3"),
        ("X is -7 div 2", "-4"),
        ("X is -7 mod 2", "1"),
        ("X is -7 rem 2", "-1"),
        ("X is 7 mod 0", "no"),
        ("X is min(2, 3.5)", "2"),
        ("X is max(2, 3.5)", "3.5"),
        ("X is 2 ** 10", "1024"),
        ("X is 2 ** 1000", "no"),
        ("X is 2 ** -1", "0.5"),
        ("X is 1 ** 100000000000", "1"),
        ("X is 2 ^ 3", "8"),
        ("X is abs(-3)", "3"),
        ("X is sign(-2.5)", "-1.0"),
        ("X is - 3.5", "-3.5"),
        ("X is -(3)", "-3"),
        ("X is sqrt(16)", "4.0"),
        ("X is sqrt(-1)", "no"),
        ("X is log(0)", "no"),
        ("X is round(2.5)", "3"),
        ("X is floor(-2.5)", "-3"),
        ("X is ceiling(2.1)", "3"),
        ("X is truncate(-2.9)", "-2"),
        ("X is round(1.0e300)", "no"),
        ("X is gcd(12, 18)", "6"),
        ("X is 170141183460469231731687303715884105727 + 1", "no"),
        ("X is 5 xor 3", "6"),
        ("X is 1 << 200", "no"),
        ("X is 3", "3"),
        ("succ(3, X)", "4"),
        ("succ(X, 4)", "3"),
        ("succ(X, 0)", "no"),
        ("plus(1, X, 5)", "4"),
        ("plus(X, 2, 5)", "3"),
        ("between(1, 4, X)", "1; 2; 3; 4"),
        ("between(1, 4, 9)", "no"),
        ("between(1, 100000000000, 7)", "yes"),
        ("between(1, 100000000000, X)", "unbound"),
        ("between(3, 1, X)", "no"),
        // Lists
        ("member(X, [a, b, a])", "a; b"),
        ("member(c, [a, b])", "no"),
        ("member(X, tea)", "no"),
        ("length([a, b], N)", "2"),
        ("length([], 0)", "yes"),
        ("length(X, 2)", "unbound"),
        ("nth0(1, [a, b], X)", "b"),
        ("nth1(I, [a, b], b)", "2"),
        ("nth1(3, [a, b], X)", "no"),
        ("last([a, b], X)", "b"),
        ("reverse([a, b, c], X)", "[c,b,a]"),
        ("msort([b, 2, a, b], X)", "[2,a,b,b]"),
        ("sort([b, 2, a, b], X)", "[2,a,b]"),
        ("list_to_set([b, a, b], X)", "[b,a]"),
        ("sum_list([1, 2.5], X)", "3.5"),
        ("max_list([1, 7, 3], X)", "7"),
        ("min_list([], X)", "no"),
        ("append([a], [b, c], X)", "[a,b,c]"),
        ("append(X, Y, [a])", "[] [a]; [a] []"),
        ("append([a], X, [a, b])", "[b]"),
        ("union([a, b], [b, c], X)", "[a,b,c]"),
        ("intersection([a, b], [b, c], X)", "[b]"),
        ("subtract([a, b], [b, c], X)", "[a]"),
        ("numlist(1, 3, X)", "[1,2,3]"),
        // Text
        ("atom_length('straße', N)", "6"),
        ("atom_length(\"tea\", N)", "3"),
        ("atom_length(1234, N)", "4"),
        ("atom_concat(tea, pot, X)", "teapot"),
        ("atom_concat(tea, X, teapot)", "pot"),
        ("atom_concat(X, pot, teapot)", "tea"),
        ("atom_concat(X, Y, ab)", "'' ab; a b; ab ''"),
        ("string_concat(\"tea\", \"pot\", X)", "\"teapot\""),
        ("sub_atom(teapot, 0, 3, A, S)", "3 tea"),
        ("sub_atom(teapot, B, 3, 0, S)", "3 pot"),
        ("sub_atom(teapot, B, L, A, pot)", "3 3 0"),
        ("sub_atom(banana, B, L, A, an)", "1 2 3; 3 2 1"),
        ("sub_atom(abc, B, 2, A, S)", "0 1 ab; 1 0 bc"),
        ("contains(teapot, apo)", "yes"),
        ("starts_with('New York', 'New')", "yes"),
        ("ends_with(\"teapot\", pot)", "yes"),
        ("upcase_atom('straße', X)", "'STRASSE'"),
        ("downcase_atom('New York', X)", "'new york'"),
        ("string_upper(tea, X)", "\"TEA\""),
        ("split(\"a, b\", \", \", X)", "[\"a\",\"b\"]"),
        ("split_string(\"/home//jan///\", \"/\", \"\", L)", "[\"\",\"home\",\"\",\"jan\",\"\",\"\",\"\"]"),
        ("split_string(\" a b \", \"\", \" \", L)", "[\"a b\"]"),
        ("replace(\"teapot\", \"tea\", \"coffee \", X)", "\"coffee pot\""),
        ("atomic_list_concat([a, 1, \"b\"], X)", "a1b"),
        ("atomic_list_concat([a, b], '-', X)", "'a-b'"),
        ("atomic_list_concat(X, '-', 'a-b')", "[a,b]"),
        ("atom_number('12', X)", "12"),
        ("atom_number('1.5', X)", "1.5"),
        ("atom_number(tea, X)", "no"),
        ("atom_string(X, \"New York\")", "'New York'"),
        ("atom_chars(tea, X)", "[t,e,a]"),
        ("char_code(a, X)", "97"),
        ("char_code(X, 97)", "a"),
        ("spelling(tom, X)", "\"tom\"@en; \"Tom\"@en; \"TOM\"@en"),
        ("spelling(X, \"New York\"@en)", "'new york'"),
        ("spelling(dog, \"Dog\"@en)", "yes"),
        ("spelling(dog, \"cat\"@en)", "no"),
        ("atom_name(X, \"dog\"@en)", "dog"),
        ("atom_name(dog, \"dog\"@en)", "yes"),
        ("atom_name('New York', X)", "\"New York\""),
        // Dates
        ("date(2024, 2, 29, D)", "\"2024-02-29\"^^<http://www.w3.org/2001/XMLSchema#date>"),
        ("date(2023, 2, 29, D)", "no"),
        ("date(Y, M, D, \"1969-07-20\")", "1969 7 20"),
        ("year(\"1969-07-20T20:17:40Z\", Y)", "1969"),
        ("hour(\"1969-07-20T20:17:40Z\", H)", "20"),
        ("hour(\"1969-07-20T01:17:40+02:00\", H)", "23"),
        ("day(\"1969-07-20T01:17:40+02:00\", D)", "19"),
        ("hour(\"1969-07-20\", H)", "no"),
        ("weekday(\"1969-07-20\", D)", "7"),
        ("before(\"1969-07-20\", \"1970-01-01\")", "yes"),
        ("after(\"1969-07-20\", \"1970-01-01\")", "no"),
        ("days_between(\"2024-02-28\", \"2024-03-01\", N)", "2"),
        ("add_days(\"2024-02-28\", 2, D)", "\"2024-03-01\"^^<http://www.w3.org/2001/XMLSchema#date>"),
        ("add_days(\"2024-02-28\", 99999999999999999999, D)", "no"),
        ("year(tea, Y)", "no"),
        ("year(\"99999999-01-01\", Y)", "no"),
    ] {
        assert_eq!(answers(goal), expected, "{goal}");
    }
}

#[test]
fn every_relation_is_named_once() {
    let mut seen = std::collections::BTreeSet::new();
    for known in all() {
        assert!(seen.insert((known.name, known.width)), "{}/{} twice", known.name, known.width);
        for name in known.goals.split(' ').filter(|name| !name.is_empty()) {
            assert!(seen.insert((name, known.width + 1000)), "{name}/{} twice", known.width);
        }
    }
}

#[test]
fn nothing_computed_panics() {
    let values: Vec<Term> = [
        "0",
        "1",
        "-1",
        "170141183460469231731687303715884105727",
        "-170141183460469231731687303715884105728",
        "1.0e308",
        "-0.0",
        "tea",
        "''",
        "\"\"",
        "\"2024-02-29\"",
        "\"-0001-01-01\"",
        "[]",
        "[a,1,\"x\"]",
        "<urn:x>",
        "\"é\"",
        "\"99999999999999999999\"^^<http://www.w3.org/2001/XMLSchema#integer>",
        "\"NaN\"^^<http://www.w3.org/2001/XMLSchema#double>",
        "\"[a\"^^<urn:quid:ns:list>",
        "\"INF\"^^<http://www.w3.org/2001/XMLSchema#double>",
    ]
    .iter()
    .map(|text| {
        let query = read_query(&format!("p({text})"), &Vocabulary::default(), &|_, _| None).expect("a question");
        match query.rule.body.first().map(|goal| goal.literal().arguments.clone()).as_deref() {
            Some([Argument::Term(term)]) => term.clone(),
            _ => panic!("{text}"),
        }
    })
    .collect();
    for known in all() {
        let predicate = node(known);
        let choices = values.len() + 1;
        let all_of = u32::try_from(known.width).ok().and_then(|width| choices.checked_pow(width)).unwrap_or(usize::MAX);
        // Wide relations are sampled in a fixed pattern.
        let step = (all_of / 500).max(1);
        for number in (0..all_of).step_by(step) {
            let mut rest = number;
            let open: Vec<Option<Term>> = (0..known.width)
                .map(|_| {
                    let value = values.get(rest % choices).cloned();
                    rest /= choices;
                    value
                })
                .collect();
            let _ = Standard.complete(&predicate, &open);
        }
    }
}
