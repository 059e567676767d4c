//! Writes `WordNet` as N-Quads to the standard output and tells on standard error what it holds and took.
//!
//! The output is what any RDF store can load, so loading can be compared. With `--count` the quads are made but
//! not written: `cargo run --release --workspace --example quads -- [--count] [DIRECTORY] > wordnet.nq`.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Instant;

use quid_import::wordnet::{self, Files, Lexicon};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let count_only = arguments.iter().any(|argument| argument == "--count");
    arguments.retain(|argument| argument != "--count");
    let directory = wordnet::find(arguments.first().map(PathBuf::from).as_deref())?;

    let start = Instant::now();
    let files = Files::open(&directory).map_err(told)?;
    let lexicon = Lexicon::read(&files).map_err(told)?;
    let checked = start.elapsed();
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let mut quads = lexicon.quads();
    while let Some(quad) = quads.next() {
        if !count_only {
            writeln!(out, "{quad} .")?;
        }
        if quads.summary().quads.is_multiple_of(100_000) {
            let progress = quads.progress();
            eprint!("\r{:3} %", progress.done * 100 / progress.total.max(1));
        }
    }
    out.flush()?;
    let (checked, whole) = (checked.as_secs_f64(), start.elapsed().as_secs_f64());
    eprintln!("\r{:#?}\nread and checked in {checked:.2} s, all done in {whole:.2} s", quads.summary());
    Ok(())
}

#[allow(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn told(problems: Vec<quid_import::Problem>) -> String {
    problems.iter().map(|problem| format!("\n{problem}")).collect::<Vec<_>>().concat()
}
