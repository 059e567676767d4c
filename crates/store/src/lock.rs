//! One process for one home.
//!
//! Two writers would break the journal's chain, so the first process holds a lock that the system takes away
//! when it dies, however it dies; the file's words tell the second one whom to ask.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use crate::StoreError;

/// Held as long as the home is open.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the home, or says who has it.
    pub(crate) fn take(home: &Path) -> Result<Self, StoreError> {
        let path = home.join("lock");
        let failed = || StoreError::file(format!("lock file {}", path.display()));
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder's name is a courtesy: the refusal stands without it.
                let _ = file.read_to_string(&mut holder);
                let holder = holder.trim();
                let holder = if holder.is_empty() { "another process" } else { holder }.to_owned();
                return Err(StoreError::InUse { home: home.to_owned(), holder });
            }
            Err(TryLockError::Error(why)) => return Err(failed()(why)),
        }
        let command: Vec<String> = std::env::args_os()
            .take(2)
            .map(|argument| argument.to_string_lossy().chars().filter(|c| !c.is_control()).take(80).collect())
            .collect();
        file.set_len(0).map_err(failed())?;
        file.seek(SeekFrom::Start(0)).map_err(failed())?;
        writeln!(file, "process {} ({})", std::process::id(), command.join(" ")).map_err(failed())?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_who_is_first() {
        let home = tempfile::tempdir().expect("a directory");
        let first = Lock::take(home.path()).expect("free");
        let refusal = Lock::take(home.path()).expect_err("held").to_string();
        assert!(refusal.contains(&format!("process {}", std::process::id())), "{refusal}");
        assert!(refusal.contains("--home"), "{refusal}");
        drop(first);
        Lock::take(home.path()).expect("free again");
    }
}
