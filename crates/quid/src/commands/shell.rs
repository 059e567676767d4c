//! `quid completions` and `quid man`: made from the one declaration in `arguments.rs`.

use anyhow::Result;
use clap::CommandFactory as _;

use crate::arguments::Arguments;
use crate::outcome::Outcome;
use crate::output::Output;

/// The completion script of a shell.
///
/// # Errors
/// When nobody reads the output.
pub fn completions(shell: clap_complete::Shell, output: &mut Output) -> Result<Outcome> {
    // Through memory, since the generator panics when its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "quid", &mut script);
    output.writer().write_all(&script)?;
    Ok(Outcome::Answered)
}

/// The manual page, in roff.
///
/// # Errors
/// When nobody reads the output.
pub fn manual(output: &mut Output) -> Result<Outcome> {
    clap_mangen::Man::new(Arguments::command()).render(&mut output.writer())?;
    Ok(Outcome::Answered)
}
