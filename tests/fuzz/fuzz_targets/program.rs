//! Whatever a program's text is, it is read or told about with a place, and what is kept of it reads again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use quid_logic::{Vocabulary, read_program};

fuzz_target!(|text: &str| {
    let no_files = |_: &str| Err("no files".to_owned());
    let script = read_program("fuzz", text, &Vocabulary::default(), &no_files);
    for problem in &script.problems {
        assert!(problem.line >= 1 && problem.column >= 1);
        assert!(problem.marked().len() < 10_000);
    }
    if script.problems.is_empty() {
        let again = read_program("fuzz", &script.text, &Vocabulary::default(), &no_files);
        assert_eq!(again.rules.len(), script.rules.len());
    }
});
