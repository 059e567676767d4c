//! Asks before a load whether the disk has room for it.
//!
//! A full disk in the middle of a load harms whatever else writes there, the journal first of all.

use std::path::Path;

use anyhow::{Result, anyhow};
use quid_import::source::Dump;

use crate::complaint::hinted;

/// What must stay free for everything else.
const RESERVE: u64 = 256 << 20;

/// Refuses a load that would surely fill the disk.
///
/// # Errors
/// When there is not enough room; says how much there is and how much is needed.
pub fn enough_room(home: &Path, dump: &dyn Dump) -> Result<()> {
    let needed = dump.size_stored();
    let Some(free) = free(home) else { return Ok(()) };
    if needed == 0 || needed.saturating_add(RESERVE) <= free {
        return Ok(());
    }
    let why = format!("about {} MB are needed in {}, {} MB are free", needed >> 20, home.display(), free >> 20);
    let hint = "free some space, or give a home on another disk: --home DIR";
    Err(anyhow!(why).context(hinted(format!("there is no room for {}", dump.name()), hint)))
}

/// Free bytes where this folder lies; `None` when the system does not say.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Not asked there.
#[cfg(not(unix))]
fn free(_folder: &Path) -> Option<u64> {
    None
}
