//! `quid export`: a source as N-Quads, or as it was before it was loaded, to the output or a file.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use quid_core::oxrdf::Term;
use quid_core::{Audience, Memory as _, Place, Source};
use quid_import::brain::{BRAIN, Brain};

use super::Open;
use crate::arguments::ExportFormat;
use crate::complaint::hinted;
use crate::load;
use crate::outcome::Outcome;
use crate::wiring::House;

/// Writes one source out.
///
/// # Errors
/// When there is no such source, or it cannot be written.
pub fn run(open: &mut Open, name: &str, format: Option<ExportFormat>, path: Option<PathBuf>) -> Result<Outcome> {
    let lines = load::conceptnet_sources(&open.house, name);
    if !lines.is_empty() && !matches!(format, Some(ExportFormat::Nquads | ExportFormat::Tsv)) {
        return conceptnet(open, name, &lines, path);
    }
    let format = match format {
        Some(format) => format,
        None if is_brain(&open.house, name)? => ExportFormat::Own,
        None => ExportFormat::Nquads,
    };
    if format == ExportFormat::Nquads {
        return quads(open, name, path);
    }
    let brain = brain(&open.house, name)?;
    let count = brain.factoids.len();
    let write = |target: &Path| match format {
        ExportFormat::Own => brain.write(target),
        _ => fs::File::create(target).map(BufWriter::new).and_then(|mut out| {
            brain.write_table(&mut out)?;
            out.flush()
        }),
    };
    let Some(path) = path else {
        let mut out = BufWriter::new(open.output.writer());
        match format {
            ExportFormat::Own if brain.is_text() => brain.write_text(&mut out)?,
            ExportFormat::Own => through_a_file(&brain, &mut out)?,
            _ => brain.write_table(&mut out)?,
        }
        out.flush()?;
        return Ok(Outcome::Answered);
    };
    beside(&path, |new| Ok(write(new)?)).with_context(|| format!("cannot export {name} to {}", path.display()))?;
    open.output.line(&format!("exported {name}: {count} factoids to {}", path.display()))?;
    Ok(Outcome::Answered)
}

/// ConceptNet's own lines.
fn conceptnet(open: &mut Open, name: &str, sources: &[String], path: Option<PathBuf>) -> Result<Outcome> {
    let Some(path) = path else {
        let mut out = BufWriter::new(open.output.writer());
        load::export_conceptnet(&open.house, sources, &mut out)?;
        out.flush()?;
        return Ok(Outcome::Answered);
    };
    let written = beside(&path, |new| {
        let mut out = BufWriter::new(fs::File::create(new)?);
        let lines = load::export_conceptnet(&open.house, sources, &mut out)?;
        out.flush()?;
        Ok(lines)
    });
    let lines = written.with_context(|| format!("cannot export {name} to {}", path.display()))?;
    open.output.line(&format!("exported {name}: {lines} lines to {}", path.display()))?;
    Ok(Outcome::Answered)
}

fn quads(open: &mut Open, name: &str, path: Option<PathBuf>) -> Result<Outcome> {
    let Some(path) = path else {
        let mut out = BufWriter::new(open.output.writer());
        open.house.keeper.export(name, &mut out)?;
        out.flush()?;
        return Ok(Outcome::Answered);
    };
    let written = beside(&path, |new| {
        let mut out = BufWriter::new(fs::File::create(new)?);
        let quads = open.house.keeper.export(name, &mut out)?;
        out.flush()?;
        Ok(quads)
    });
    let quads = written.with_context(|| format!("cannot export {name} to {}", path.display()))?;
    open.output.line(&format!("exported {name}: {quads} quads to {}", path.display()))?;
    Ok(Outcome::Answered)
}

/// Writes beside the target, then into its place: a failed export leaves an earlier one as it was.
fn beside<T>(path: &Path, write: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let new = path.with_extension("new");
    // What a broken export left would be added to.
    let _ = fs::remove_file(&new);
    let written = write(&new).and_then(|value| {
        fs::rename(&new, path)?;
        Ok(value)
    });
    if written.is_err() {
        // It may never have been made.
        let _ = fs::remove_file(&new);
    }
    written
}

/// Whether a source is another bot's brain.
fn is_brain(house: &House, name: &str) -> Result<bool> {
    let nobody = Audience { name: String::new(), place: Place::Global };
    let facts = house.keeper.facts(&nobody);
    let graph = Term::from(Source::Dump(name.to_owned()).graph());
    Ok(!facts.all(Some(&graph), Some(BRAIN), None, 1)?.is_empty())
}

fn brain(house: &House, name: &str) -> Result<Brain> {
    if !is_brain(house, name)? {
        let hint = "quid export NAME --format nquads";
        return Err(anyhow!("it was not loaded with quid load brain"))
            .context(hinted(format!("{name} has no format of its own"), hint));
    }
    let graph = Source::Dump(name.to_owned()).graph();
    let quads = house.keeper.stored(Some(&graph)).collect::<Result<Vec<_>, _>>()?;
    Brain::of_quads(quads.into_iter()).with_context(|| format!("what is stored of {name} is not a whole brain"))
}

/// An SQLite file can only be written to a path.
fn through_a_file(brain: &Brain, out: &mut dyn Write) -> Result<()> {
    let path = std::env::temp_dir().join(format!("quid-export-{}.sqlite3", std::process::id()));
    let copied = brain.write(&path).and_then(|()| io::copy(&mut fs::File::open(&path)?, out));
    let _ = fs::remove_file(&path);
    copied?;
    Ok(())
}
