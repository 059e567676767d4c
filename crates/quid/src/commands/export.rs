//! `quid export`: a source as N-Quads, to the output or a file.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::Open;
use crate::outcome::Outcome;

/// Writes one source out.
///
/// # Errors
/// When there is no such source, or it cannot be written.
pub fn run(open: &mut Open, name: &str, path: Option<PathBuf>) -> Result<Outcome> {
    let Some(path) = path else {
        let mut out = BufWriter::new(open.output.writer());
        open.house.keeper.export(name, &mut out)?;
        out.flush()?;
        return Ok(Outcome::Answered);
    };
    // Beside the target, then in its place: a failed export leaves an earlier one as it was.
    let new = path.with_extension("new");
    let file = fs::File::create(&new).with_context(|| format!("cannot write {}", new.display()))?;
    let mut out = BufWriter::new(file);
    let written = open.house.keeper.export(name, &mut out).map_err(anyhow::Error::from).and_then(|quads| {
        out.flush()?;
        fs::rename(&new, &path)?;
        Ok(quads)
    });
    match written {
        Ok(quads) => open.output.line(&format!("exported {name}: {quads} quads to {}", path.display()))?,
        Err(error) => {
            // It may never have been made.
            let _ = fs::remove_file(&new);
            return Err(error.context(format!("cannot export {name} to {}", path.display())));
        }
    }
    Ok(Outcome::Answered)
}
