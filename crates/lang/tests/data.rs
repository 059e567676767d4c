//! The data of the repository loads: every pattern has examples and they hold, every phrase stands once.

mod common;

use quid_lang::Language;

#[test]
fn all_data_loads() {
    let language = common::language();
    assert!(language.has_phrase("learn.ok"));
    assert_eq!(language.number("longest_value"), 400);
}
