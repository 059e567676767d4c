//! Writes WordNet as N-Quads, and tells what it took: `cargo run --release -p quid-import --example quads -- [DIRECTORY] > wordnet.nq`.
//!
//! The output is what any RDF store can load, so loading can be compared.

use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use quid_import::wordnet;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    let directory = wordnet::find(given.as_deref())?;
    let start = Instant::now();
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let mut failed = None;
    let mut shown = u64::MAX;
    let read = wordnet::read(
        &directory,
        &mut |progress| {
            let percent = progress.done * 100 / progress.total.max(1);
            if percent != shown {
                eprint!("\r{percent:3} %");
                shown = percent;
            }
        },
        &mut |quad| match writeln!(out, "{quad} .") {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        },
    );
    match read {
        Ok(summary) => eprintln!("\r{summary:#?}\n{:.2} s", start.elapsed().as_secs_f64()),
        Err(problems) => {
            for problem in &problems {
                eprintln!("{problem}");
            }
            return Err(format!("{} problems", problems.len()).into());
        }
    }
    failed.map_or_else(|| out.flush(), Err)?;
    Ok(())
}
