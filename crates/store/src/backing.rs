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
    Store::open(directory)
}

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
