//! Whatever is asked in logic of a small program, it is answered, refused or stopped in bounds, and every answer has
//! a proof that the checker accepts.

#![no_main]

use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use quid_core::oxrdf::{NamedNodeRef, Term};
use quid_core::{Budget, Fact, Facts, Fault, Flaw, Rulebook};
use quid_logic::{Ground, Program, Refusal, Standard, Vocabulary, ask, read, read_query};

struct Nothing;

impl Facts for Nothing {
    fn each(
        &self,
        _: Option<&Term>,
        _: Option<NamedNodeRef<'_>>,
        _: Option<&Term>,
        _: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        Ok(())
    }
}

const PROGRAM: &str = "p(a, 1). p(b, 2). p(c, [a, b]). e(a, b). e(b, c). e(c, a).\n\
    r(X, Y) :- e(X, Y).\nr(X, Z) :- r(X, Y), e(Y, Z).\nn(X) :- p(X, _), \\+ e(X, b).\n";

fuzz_target!(|text: &str| {
    let Ok(query) = read_query(text, &Vocabulary::default(), &|_, _| None) else { return };
    let rules: Rulebook = read("fuzz", PROGRAM).expect("the program is right");
    let program = Program::new(&rules);
    let budget = Budget::steps(20_000).with_tuples(20_000).with_bytes(10_000_000);
    let ground = Ground { facts: &Nothing, rules: &program, builtins: &Standard, mirror: None };
    let Ok(found) = ask(&query, &ground, &budget) else { return };
    for row in 0..found.len().min(20) {
        // Writing or checking it may take more than is allowed, too.
        match found.verified(row) {
            Ok(_) | Err(Refusal::Flaw(Flaw::Spent(_))) => {}
            Err(refusal) => panic!("{refusal}"),
        }
    }
});
