//! The words, patterns, phrases, thresholds, rules and ontologies the program is built with.
//!
//! They are data, so they may be changed without compiling: a file of the same name under `--data DIR` (or
//! `$QUID_DATA`) takes the place of the embedded one, and a new file is added beside them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Name (`data/patterns/en.toml`) and text of every embedded file; `build.rs` writes the list.
static EMBEDDED: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// How deep an overlay's folders are followed.
const DEEPEST: usize = 8;

/// The data files in force, by name in sorted order, so that nothing depends on a file system's order.
#[derive(Debug, Clone)]
pub struct Data {
    files: BTreeMap<String, Cow<'static, str>>,
}

impl Data {
    /// The embedded files, with those of `overlay` over them. The overlay is laid out like the repository:
    /// `DIR/data/phrases/en.toml`, `DIR/ontologies/everyday.pl`.
    ///
    /// # Errors
    /// When the overlay cannot be read; names the file.
    pub fn open(overlay: Option<&Path>) -> Result<Self> {
        let embedded = EMBEDDED.iter().map(|&(name, text)| (name.to_owned(), Cow::Borrowed(text)));
        let mut files: BTreeMap<_, _> = embedded.collect();
        if let Some(root) = overlay {
            anyhow::ensure!(root.is_dir(), "the data folder {} does not exist", root.display());
            for folder in ["data", "ontologies"] {
                if root.join(folder).is_dir() {
                    read_folder(root, folder, DEEPEST, &mut files)?;
                }
            }
        }
        Ok(Self { files })
    }

    /// Name and text of the files in a folder whose names end so, sorted by name.
    pub fn under<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(name, _)| name.starts_with(folder) && name.ends_with(ending))
            .map(|(name, text)| (name.as_str(), text.as_ref()))
    }

    /// Whether all files in a folder are those that the program was built with, which its tests have tried.
    #[must_use]
    pub fn is_as_built(&self, folder: &str) -> bool {
        !self.files.iter().any(|(name, text)| name.starts_with(folder) && matches!(text, Cow::Owned(_)))
    }

    /// The text of one file.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(AsRef::as_ref)
    }
}

fn read_folder(
    root: &Path,
    folder: &str,
    deeper: usize,
    files: &mut BTreeMap<String, Cow<'static, str>>,
) -> Result<()> {
    let path = root.join(folder);
    let entries = fs::read_dir(&path).with_context(|| format!("cannot read the data folder {}", path.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read the data folder {}", path.display()))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = format!("{folder}/{name}");
        if entry.path().is_dir() {
            if deeper > 0 {
                read_folder(root, &name, deeper - 1, files)?;
            }
        } else if [".toml", ".ttl", ".pl", ".rules"].iter().any(|ending| name.ends_with(ending)) {
            let text = fs::read_to_string(entry.path())
                .with_context(|| format!("cannot read the data file {}", entry.path().display()))?;
            files.insert(name, Cow::Owned(text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_replaces_by_name_and_adds() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(folder.path().join("data/phrases")).expect("made");
        fs::write(folder.path().join("data/phrases/zz-own.toml"), "own = true").expect("written");
        let data = Data::open(Some(folder.path())).expect("opens");
        assert_eq!(data.text("data/phrases/zz-own.toml"), Some("own = true"));
        assert!(data.under("data/", ".toml").count() > 1, "the embedded files stay");
        assert!(!data.is_as_built("data/phrases/") && data.is_as_built("data/patterns/"));
        assert!(Data::open(Some(Path::new("/no/such/folder"))).is_err());
    }
}
