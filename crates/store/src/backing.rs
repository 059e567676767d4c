//! Where Oxigraph keeps its data: RocksDB on disk, or memory in builds without it.
//!
//! The only file that knows the feature: without RocksDB everything compiles in seconds and behaves the same,
//! except that dumps are gone at the end and the journal is replayed whole at the start.

use std::path::Path;

use oxigraph::store::{StorageError, Store};

/// Whether what is stored is there at the next start.
pub(crate) const LASTING: bool = cfg!(feature = "rocksdb");

/// Opens the store in a directory, which is created when it is not there.
#[cfg(feature = "rocksdb")]
pub(crate) fn open(directory: &Path) -> Result<Store, StorageError> {
    forget_old_logs(directory);
    Store::open(directory)
}

/// The engine keeps a log of a hundred kilobytes of every start, a thousand of them; the latest are enough. What cannot
/// be removed stays.
#[cfg_attr(not(feature = "rocksdb"), allow(dead_code, reason = "memory has no logs; the test runs all the same"))]
fn forget_old_logs(directory: &Path) {
    let Ok(files) = std::fs::read_dir(directory) else { return };
    let mut logs: Vec<_> = files
        .filter_map(|file| Some(file.ok()?.file_name()))
        .filter(|name| name.to_str().is_some_and(|name| name.starts_with(OLD_LOG)))
        .collect();
    // Their names end in the time, so the oldest come first.
    logs.sort_unstable();
    for log in logs.iter().rev().skip(LOGS_KEPT) {
        let _ = std::fs::remove_file(directory.join(log));
    }
}

/// What the names of the engine's earlier logs begin with.
const OLD_LOG: &str = "LOG.old.";
/// How many of them are kept.
const LOGS_KEPT: usize = 4;

/// A store in memory; the directory is not touched.
#[cfg(not(feature = "rocksdb"))]
pub(crate) fn open(_directory: &Path) -> Result<Store, StorageError> {
    Store::new()
}

/// Makes everything committed so far durable: commits alone are not synced.
#[cfg(feature = "rocksdb")]
pub(crate) fn flush(store: &Store) -> Result<(), StorageError> {
    store.flush()
}

/// Memory has nothing to be made durable.
#[cfg(not(feature = "rocksdb"))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as with RocksDB")]
pub(crate) fn flush(_store: &Store) -> Result<(), StorageError> {
    Ok(())
}

/// Merges the files of a load into the engine's final order, so that reading is as fast as it gets.
#[cfg(feature = "rocksdb")]
pub(crate) fn settle(store: &Store) -> Result<(), StorageError> {
    store.optimize()
}

/// Memory has no files.
#[cfg(not(feature = "rocksdb"))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as with RocksDB")]
pub(crate) fn settle(_store: &Store) -> Result<(), StorageError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_logs_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let add = |name: &str| std::fs::write(folder.path().join(name), "").expect("written");
        (10..30).for_each(|at| add(&format!("LOG.old.17954879083953{at}")));
        ["LOG", "CURRENT", "000012.sst", "LOG.older"].into_iter().for_each(add);
        forget_old_logs(folder.path());
        let mut left: Vec<String> = std::fs::read_dir(folder.path())
            .expect("read")
            .map(|file| file.expect("a file").file_name().into_string().expect("a name"))
            .collect();
        left.sort();
        let latest = (26..30).map(|at| format!("LOG.old.17954879083953{at}"));
        let mut expected: Vec<String> = ["000012.sst", "CURRENT", "LOG"].into_iter().map(str::to_owned).collect();
        expected.extend(latest);
        expected.push("LOG.older".to_owned());
        assert_eq!(left, expected);
        forget_old_logs(&folder.path().join("not there"));
    }
}
