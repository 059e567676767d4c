//! `quid doctor`: examines the home and says what is well and what is not, with the command that helps.
//!
//! Every promise about durability and derivation is checked here against what is really on the disk.

use std::fs;
use std::path::Path;

use anyhow::Result;
use quid_core::Memory as _;
use serde_json::json;

use crate::complaint;
use crate::home::Home;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Good,
    Remark,
    Bad,
}

/// Collects and prints findings.
struct Report<'a> {
    output: &'a mut Output,
    bad: bool,
}

impl Report<'_> {
    fn tell(&mut self, health: Health, what: &str, text: &str) -> Result<()> {
        self.bad |= health == Health::Bad;
        let mark = match health {
            Health::Good => "ok",
            Health::Remark => "note",
            Health::Bad => "BAD",
        };
        if self.output.is_json() {
            self.output.json_line(&json!({ "check": what, "health": mark.to_lowercase(), "text": text }))?;
        } else {
            self.output.line(&format!("{mark:4}  {what:9}  {text}"))?;
        }
        Ok(())
    }

    fn good(&mut self, what: &str, text: &str) -> Result<()> {
        self.tell(Health::Good, what, text)
    }
}

/// Examines everything.
///
/// # Errors
/// When nobody reads the output.
pub fn run(home: Home, overlay: Option<&Path>, me: &str, output: &mut Output) -> Result<Outcome> {
    let mut report = Report { output, bad: false };
    report.good("version", concat!("quid ", env!("CARGO_PKG_VERSION")))?;
    rights(&home, &mut report)?;
    match House::open(home, overlay, me) {
        Ok(house) => rooms(&house, &mut report)?,
        Err(error) => report.tell(Health::Bad, "opening", &complaint::told(&error).replace('\n', "; "))?,
    }
    Ok(if report.bad { Outcome::Failed } else { Outcome::Answered })
}

fn rights(home: &Home, report: &mut Report<'_>) -> Result<()> {
    let root = home.root().display();
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(home.root()) {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let text = format!("{root} can be read by others (mode {mode:o}): chmod 700 {root}");
            return report.tell(Health::Remark, "home", &text);
        }
    }
    report.good("home", &root.to_string())
}

fn rooms(house: &House, report: &mut Report<'_>) -> Result<()> {
    for notice in &house.notices {
        report.tell(Health::Remark, "start", notice)?;
    }
    match house.keeper.check() {
        Ok(findings) => {
            for finding in findings {
                let health = if finding.good { Health::Good } else { Health::Bad };
                report.tell(health, "store", &finding.what)?;
            }
        }
        Err(error) => report.tell(Health::Bad, "journal", &error.to_string())?,
    }
    let seq = house.keeper.last_seq();
    report.good("journal", &format!("{seq} changes"))?;
    for source in house.keeper.sources()? {
        report.good("source", &format!("{}: {} quads ({})", source.name, source.quads, source.title))?;
    }
    text_index(house, report)?;
    let data = format!("{} data files, {} rules", house.data.under("", "").count(), house.rules.rules.len());
    report.good("data", &data)?;
    let health = match (&house.speaker.generator, house.speaker.is_broken) {
        (Some(_), _) => Health::Good,
        (None, true) => Health::Bad,
        (None, false) => Health::Remark,
    };
    report.tell(health, "neural", &house.speaker.told)
}

fn text_index(house: &House, report: &mut Report<'_>) -> Result<()> {
    match house.index.check() {
        Ok(()) => {
            report.good("text", &format!("{} texts, {} of them by meaning", house.index.len(), house.index.rows()?))
        }
        Err(error) => report.tell(Health::Bad, "text", &format!("{error}; quid repair builds it again")),
    }
}
