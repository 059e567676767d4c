//! Reads the exception lists `noun.exc` and so on: inflected forms that no rule of detachment finds.
//!
//! They were made from a dictionary, so many base forms are not in WordNet; those are kept all the same.

use std::collections::HashSet;

use super::Part;
use super::fields::Fields;
use super::files::File;
use crate::problem::{Damage, Problems};

/// "geese" is a form of "goose".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Exception<'a> {
    pub(crate) part: Part,
    pub(crate) form: &'a str,
    pub(crate) base: &'a str,
}

/// Reads one list. A line gives a form and one base form or more; what is said twice is kept once.
pub(crate) fn read<'a>(part: Part, file: &'a File, exceptions: &mut Vec<Exception<'a>>, problems: &mut Problems) {
    let mut seen = HashSet::new();
    for (at, line) in file.text.lines().enumerate() {
        if let Err(damage) = exception(part, line, &mut seen, exceptions) {
            problems.add(&file.path, at + 1, damage);
        }
    }
}

fn exception<'a>(
    part: Part,
    line: &'a str,
    seen: &mut HashSet<Exception<'a>>,
    exceptions: &mut Vec<Exception<'a>>,
) -> Result<(), Damage> {
    let mut fields = Fields::new(line);
    let form = fields.word("an inflected form")?;
    loop {
        let exception = Exception { part, form, base: fields.word("a base form")? };
        if seen.insert(exception) {
            exceptions.push(exception);
        }
        if fields.end().is_ok() {
            return Ok(());
        }
    }
}
