//! `sources.json`: which dumps are loaded, and which store they were loaded into.
//!
//! It stands beside the store because Oxigraph opens a damaged manifest as an empty store without a word: what
//! should be there must be known from elsewhere.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use quid_core::{Time, ports::LoadedFile};
use serde::{Deserialize, Serialize};

use crate::{StoreError, journal::sync_directory};

/// The file's name in the home.
pub(crate) const CATALOGUE: &str = "sources.json";

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Catalogue {
    /// The store's own name, made when it was created.
    pub(crate) store: String,
    /// The dumps, by name.
    pub(crate) dumps: Vec<Entry>,
    /// Loads that were begun and can be gone on with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unfinished: Vec<Unfinished>,
}

/// One dump.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) licence: String,
    pub(crate) at: Time,
    pub(crate) quads: u64,
    pub(crate) state: State,
    /// From what and how it was loaded, to see whether a later load is the same; empty when that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) key: String,
    /// What it was read from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) files: Vec<LoadedFile>,
}

/// How far a load has come that can be gone on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unfinished {
    /// The dump.
    pub(crate) name: String,
    /// From what and how it is loaded.
    pub(crate) key: String,
    /// Where its reader goes on.
    pub(crate) place: String,
    /// Quads of each source so far.
    pub(crate) counts: Vec<(String, u64)>,
    /// Texts in the index then.
    pub(crate) texts: u64,
}

/// How far a load has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// It was begun; what is stored of it may be partial.
    Loading,
    /// It is complete.
    Loaded,
    /// Its removal was begun.
    Unloading,
}

impl Catalogue {
    /// Reads it; `None` when there is none.
    pub(crate) fn read(home: &Path) -> Result<Option<Self>, StoreError> {
        let path = home.join(CATALOGUE);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(StoreError::file(format!("file {}", path.display()))(why)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|why| StoreError::damaged(format!("file {}: {why}", path.display())))
    }

    /// Writes it so that there is always the old or the new one, never half of one.
    pub(crate) fn write(&self, home: &Path) -> Result<(), StoreError> {
        let path = home.join(CATALOGUE);
        let beside: PathBuf = home.join(format!("{CATALOGUE}.new"));
        let failed = || StoreError::file(format!("file {}", path.display()));
        let text = serde_json::to_vec_pretty(self)
            .map_err(|why| StoreError::Engine { what: path.display().to_string(), why: why.to_string() })?;
        let mut file = File::create(&beside).map_err(failed())?;
        file.write_all(&text).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all()).map_err(failed())?;
        std::fs::rename(&beside, &path).map_err(failed())?;
        sync_directory(home)
    }

    /// The entry of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.dumps.iter().find(|entry| entry.name == name)
    }

    /// The entries of a dump: of that name, or below it.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = &Entry> {
        self.dumps.iter().filter(move |entry| {
            entry.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Puts an entry in its place, by name.
    pub(crate) fn put(&mut self, entry: Entry) {
        self.remove(&entry.name);
        let place = self.dumps.partition_point(|other| other.name < entry.name);
        self.dumps.insert(place, entry);
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, name: &str) {
        self.dumps.retain(|entry| entry.name != name);
    }
}
