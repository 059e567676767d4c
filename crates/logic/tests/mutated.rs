//! The examples of the language's page, changed at random: whatever comes is read or told about with a place, what is
//! asked is answered, refused or stopped in bounds, and no proof that is finished is refused by the checker.
//!
//! The same as the fuzz targets `program` and `goal` try, without their tools. `MUTATIONS=1000000` tries more.
#![allow(clippy::disallowed_methods)] // how many is asked of the environment

#[path = "../../core/tests/listed/mod.rs"]
mod listed;

use quid_core::oxrdf::NamedNode;
use quid_core::{Budget, Flaw, Rulebook, columns};
use quid_logic::{Ground, Program, Refusal, Standard, Vocabulary, ask, read_program, read_query, why_not};

use listed::Listed;

const PAGE: &str = include_str!("../../../ontologies/README.md");

/// What is put in, since chance seldom finds it.
const ODD: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    ",",
    ".",
    ";",
    ":-",
    "?-",
    "->",
    "\\+",
    "'",
    "\"",
    "`",
    "0'",
    "0x",
    "%",
    "/*",
    "*/",
    "_",
    "X",
    "Y",
    "\\",
    "\n",
    "\0",
    "é",
    "𝄞",
    "\u{202e}",
    "1e999",
    "1.5",
    "-",
    "- 1",
    "99999999999999999999999999",
    "170141183460469231731687303715884105727",
    " is ",
    " = ",
    " =.. ",
    "^",
    "**",
    " // 0",
    " mod 0",
    "<<",
    "@<",
    "^^xsd:",
    "@en",
    "count(X, ",
    "findall(X, ",
    "sum(X, ",
    "forall(",
    "limit(",
    "offset(",
    "order_by([desc(X)], ",
    "once(",
    "between(1, 99999999999, X)",
    "numlist(1, 9999999, L)",
    "length(L, N)",
    "atom_length(X, Y)",
    "sub_atom(abc, B, L, A, S)",
    "append(X, Y, [a, b])",
    "member(X, ",
    "date(2024, 2, 30, D)",
    "add_days(\"9999-12-31\", 999999999, D)",
    "!",
    "assert(p)",
    ":- op(700, xfx, ",
    ":- vocab(",
    ":- prefix(",
    "<urn:x>",
    "a:b",
    "%! name x\n",
    "%! says \"{0} {9}\"\n",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }

    /// Some place between two letters.
    fn place(&mut self, text: &str) -> usize {
        let mut at = self.roll(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn changed(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..=self.roll(3) {
            let (one, other) = (self.place(&text), self.place(&text));
            let (from, to) = (one.min(other), one.max(other).min(one.min(other) + 40));
            let to = (to..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            let piece = text[from..to].to_owned();
            match self.roll(6) {
                0 => text.replace_range(from..to, ""),
                1 => text.insert_str(to, &piece),
                2 => {
                    let elsewhere = self.place(&text);
                    text.insert_str(elsewhere, &piece);
                }
                3 => text.truncate(from),
                _ => text.insert_str(from, ODD[self.roll(ODD.len())]),
            }
        }
        text
    }
}

#[test]
fn whatever_is_read_or_asked_nothing_breaks() {
    let count = std::env::var("MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(20_000_usize);
    let blocks: Vec<(String, Vec<&str>)> = PAGE
        .split("```prolog\n")
        .skip(1)
        .map(|block| {
            let block = block.split("```").next().expect("a block ends");
            let (asked, told): (Vec<&str>, Vec<&str>) = block.lines().partition(|line| line.starts_with("?-"));
            (told.join("\n"), asked.iter().filter_map(|line| line.split('→').next()).map(str::trim).collect())
        })
        .collect();
    let no_files = |_: &str| Err("no files".to_owned());
    let graph = NamedNode::new_unchecked("urn:g");
    let mut dice = Dice(3);
    let (mut read, mut answered, mut refused) = (0, 0, 0);
    for _ in 0..count {
        let (program, questions) = &blocks[dice.roll(blocks.len())];
        let text = if dice.roll(3) == 0 { dice.changed(program) } else { program.clone() };
        let script = read_program("page", &text, &Vocabulary::default(), &no_files);
        for problem in &script.problems {
            assert!(problem.line >= 1 && problem.column >= 1 && problem.marked().len() < 10_000, "{text}");
        }
        if script.problems.is_empty() {
            let again = read_program("page", &script.text, &Vocabulary::default(), &no_files);
            assert_eq!(again.rules.len(), script.rules.len(), "{text}");
            read += 1;
        }
        let facts: Listed = script.facts.iter().flat_map(|fact| columns::quads(fact, graph.clone())).collect();
        let names = script.names();
        let rules = Program::new(&Rulebook { rules: script.rules });
        let ground = Ground { facts: &facts, rules: &rules, builtins: &Standard, mirror: None };
        let question = questions[dice.roll(questions.len())];
        let question = if dice.roll(4) == 0 { question.to_owned() } else { dice.changed(question) };
        let Ok(query) = read_query(&question, &names, &|_, _| None) else { continue };
        let budget = Budget::steps(20_000).with_tuples(20_000).with_bytes(10_000_000);
        match ask(&query, &ground, &budget) {
            Ok(found) => {
                for row in 0..found.len().min(10) {
                    match found.verified(row) {
                        Ok(_) => answered += 1,
                        Err(Refusal::Flaw(Flaw::Spent(_))) => {}
                        Err(why) => panic!("{why}\n{text}\n{question}"),
                    }
                }
                if found.is_empty() {
                    let budget = Budget::steps(20_000).with_tuples(20_000).with_bytes(10_000_000);
                    let _ = why_not(&query.rule.head, &ground, &budget);
                }
            }
            Err(Refusal::Fault(fault)) => panic!("{fault}\n{text}\n{question}"),
            Err(_) => refused += 1,
        }
    }
    assert!(
        read > count / 3 && answered > count / 20 && refused > count / 100,
        "{read} {answered} {refused} of {count}"
    );
}
