//! The index's files: recognising them, and removing them alone.
//!
//! A directory named by a user may hold other things; wiping an index must never take those along.

use std::path::{Path, PathBuf};

use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};

use crate::SearchError;

/// Files with fixed names.
const OWN: [&str; 4] = ["meta.json", ".managed.json", ".tantivy-writer.lock", ".tantivy-meta.lock"];

/// Whether a file of an index lies in the directory, locks aside.
pub(crate) fn any(directory: &Path) -> bool {
    own(directory).is_ok_and(|files| files.iter().any(|file| !is_lock(file)))
}

/// Removes the files of an index; see [`crate::Index::wipe`].
pub(crate) fn wipe(directory: &Path) -> Result<(), SearchError> {
    let unusable = |why: String| SearchError::Directory { directory: directory.to_owned(), why };
    if !directory.exists() {
        return Ok(());
    }
    let lock = MmapDirectory::open(directory)
        .map_err(|error| unusable(error.to_string()))?
        .acquire_lock(&INDEX_WRITER_LOCK)
        .map_err(|error| SearchError::opening(directory, &error.into()))?;
    let files = own(directory).map_err(|error| unusable(error.to_string()))?;
    // The table of contents goes first, so that an interrupted wipe leaves what is seen as damage, not half an index.
    for file in files
        .iter()
        .filter(|file| file.ends_with("meta.json"))
        .chain(files.iter().filter(|file| !file.ends_with("meta.json")))
    {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unusable(format!("removing `{}`: {error}", file.display())));
            }
            _ => {}
        }
    }
    drop(lock);
    Ok(())
}

fn own(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name().to_str().is_some_and(is_own) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// A fixed name, or a segment's: 32 hexadecimal digits and an extension.
fn is_own(name: &str) -> bool {
    OWN.contains(&name)
        || name.split_once('.').is_some_and(|(segment, extension)| {
            segment.len() == 32 && segment.bytes().all(|byte| byte.is_ascii_hexdigit()) && !extension.is_empty()
        })
}

fn is_lock(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "lock")
}
