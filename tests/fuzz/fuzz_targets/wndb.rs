//! Edits one file of a tiny WordNet and reads the whole: problems or quads, never a panic.
//!
//! Whole files of random bytes would die at the first line; an edit of a good file gets deep.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use quid_import::wordnet::{Files, Lexicon};

#[path = "../../../crates/import/tests/wordnet/tiny.rs"]
mod tiny;

fuzz_target!(|data: &[u8]| {
    // Which file, where, how many bytes to take out; the rest is put in there.
    let [file, high, low, out, new @ ..] = data else { return };
    let mut texts = tiny::files();
    let Some(text) = texts.values_mut().nth(usize::from(*file) % 17) else { return };
    let at = usize::from(u16::from_be_bytes([*high, *low])) % (text.len() + 1);
    let end = (at + usize::from(*out)).min(text.len());
    text.splice(at..end, new.iter().copied());

    let files = Files::gather(Path::new("tiny"), &mut |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        texts.get(name.as_ref()).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into())
    });
    match files {
        Err(problems) => assert!(!problems.is_empty()),
        Ok(files) => match Lexicon::read(&files) {
            Err(problems) => assert!(!problems.is_empty()),
            Ok(lexicon) => {
                let mut quads = lexicon.quads();
                let count = quads.by_ref().count() as u64;
                assert_eq!(quads.summary().quads, count);
            }
        },
    }
});
