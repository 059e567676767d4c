//! Where everything lies that one bot knows: a single folder.
//!
//! One folder can be copied, backed up, or thrown away; nothing is kept anywhere else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use etcetera::BaseStrategy as _;

/// The home folder and the places in it.
#[derive(Clone, Debug)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// The folder given, or `quidnunc` in the XDG data directory.
    ///
    /// # Errors
    /// When neither is known.
    pub fn choose(given: Option<&Path>) -> Result<Self> {
        let root = match given {
            Some(path) => path.to_owned(),
            None => etcetera::choose_base_strategy()
                .context("no home directory is known: give one with --home DIR")?
                .data_dir()
                .join("quidnunc"),
        };
        Ok(Self { root })
    }

    /// Makes the folder, readable by its owner only, unless it exists.
    ///
    /// # Errors
    /// When it cannot be made; names it.
    pub fn create(&self) -> Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.root).with_context(|| format!("cannot make the home {}", self.root.display()))
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The journal: the truth of what was taught.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal.jsonl")
    }

    /// The store, derived from the journal and the dumps.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    /// The text index, derived from the store.
    #[must_use]
    pub fn text(&self) -> PathBuf {
        self.root.join("text")
    }

    /// Where the program's own generator is laid out.
    #[must_use]
    pub fn own_generator(&self) -> PathBuf {
        self.root.join("generator")
    }

    /// The language models that people added.
    #[must_use]
    pub fn models(&self) -> PathBuf {
        self.root.join("models")
    }

    /// Exists while the text index lacks something that the store has.
    #[must_use]
    pub fn text_is_behind(&self) -> PathBuf {
        self.root.join("text-is-behind")
    }

    /// Where the process that has this home listens for other consoles.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.root.join("socket")
    }

    /// The lines typed at the prompt.
    #[must_use]
    pub fn typed(&self) -> PathBuf {
        self.root.join("typed.txt")
    }

    /// The last question, for `quid why`.
    #[must_use]
    pub fn last_question(&self) -> PathBuf {
        self.root.join("last-question.json")
    }

    /// Every bad line of the last load of a dump.
    #[must_use]
    pub fn load_log(&self, name: &str) -> PathBuf {
        self.root.join("logs").join(format!("load-{}.log", name.replace(['/', '\\'], "-")))
    }

    /// The copy of an ontology as it was loaded, to see when the program brings another one.
    #[must_use]
    pub fn ontology(&self, name: &str) -> PathBuf {
        self.root.join("ontologies").join(name)
    }
}

/// Writes a file that only its owner may read, whole or not at all.
///
/// # Errors
/// What the file system says.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    let new = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&new)?.write_all(text.as_bytes())?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_files_are_private_and_replaced_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Home::choose(Some(&folder.path().join("deep/home"))).expect("given");
        home.create().expect("made");
        write_private(&home.last_question(), "one").expect("written");
        write_private(&home.last_question(), "two").expect("written again");
        assert_eq!(fs::read_to_string(home.last_question()).expect("read"), "two");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).expect("exists").permissions().mode() & 0o777;
            assert_eq!((mode(home.root()), mode(&home.last_question())), (0o700, 0o600));
        }
    }
}
