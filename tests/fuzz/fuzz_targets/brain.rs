//! Reads any bytes as the brain of another bot: refused, or read; what was read is written and read to the same.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use quid_import::brain::read_text;

/// How each kind of file begins, since chance seldom finds that.
const STARTS: [&[u8]; 9] = [
    b"",
    b"[[[",
    b"{\"type\":\"entity\",",
    b"INSERT INTO `a` (`fact`, `tidbit`, `verb`) VALUES (",
    b"COPY a (key, value) FROM stdin;\n",
    b"when | who | where | fact\n",
    b"key\tvalue\tauthor\tat\n",
    b"key,value\n",
    b"a => b\n",
];

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let bytes = [STARTS.get(usize::from(*kind) % STARTS.len()).copied().unwrap_or_default(), rest].concat();
    let Ok((brain, problems)) = read_text(Path::new("fuzzed"), &bytes) else { return };
    let mut table = Vec::new();
    brain.write_table(&mut table).expect("memory can be written");
    if problems.is_empty() {
        let mut own = Vec::new();
        brain.write_text(&mut own).expect("its own format is text");
        if let Ok((again, _)) = read_text(Path::new("fuzzed"), &own) {
            assert!(again.factoids.len() <= brain.factoids.len() + brain.rows.len());
        }
    }
});
