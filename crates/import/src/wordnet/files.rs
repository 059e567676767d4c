//! Finds WordNet's files and brings them into memory as text.
//!
//! The whole database is 36 MB, so it is read once and everything else borrows from it. Sizes are bounded
//! before anything is read, and all missing files are named at once.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::edition::Edition;
use super::{NAME, Part};
use crate::problem::{Damage, Problem, Problems};
use crate::source::FileRead;

/// Where Debian's packages `wordnet-base` and `wordnet-sense-index` put the files.
pub const DEBIAN: &str = "/usr/share/wordnet";
/// The largest file that is read; the largest of WordNet 3.0 has 15 MB.
const LARGEST: u64 = 64 << 20;
const INSTALL: &str = "the files of WordNet 3.0 (apt-get install wordnet-base wordnet-sense-index)";

/// One file in memory.
#[derive(Debug)]
pub struct File {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// All files of a WordNet database, in memory.
#[derive(Debug)]
pub struct Files {
    /// `data.*` and `index.*`, in the order of [`Part::ALL`].
    pub(crate) parts: Vec<(Part, File, File, File)>,
    pub(crate) senses: File,
    pub(crate) counts: File,
    pub(crate) frames: File,
    pub(crate) sentences: File,
    pub(crate) sentence_index: File,
}

impl Files {
    /// Reads every file of the database in `directory`.
    ///
    /// # Errors
    /// Every file that is missing, unreadable, too large or not UTF-8. Editions after 3.0 are given without the files
    /// that only add to the others; those may be missing then.
    pub fn open(directory: &Path) -> Result<Self, Vec<Problem>> {
        Self::gather(directory, &mut read)
    }

    /// As [`Files::open`], but the bytes come from `fetch`, which is given each path: from an archive, or a test.
    ///
    /// # Errors
    /// As [`Files::open`]; what `fetch` says is missing is missing.
    pub fn gather(
        directory: &Path,
        fetch: &mut dyn FnMut(&Path) -> std::io::Result<Vec<u8>>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let mut is_first = None;
        let mut open = |name: String| {
            let path = directory.join(&name);
            let fetched = fetch(&path);
            let spared = is_first == Some(false)
                && !name.starts_with("data.")
                && !name.starts_with("index.")
                && fetched.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
            if spared {
                return File { path, text: String::new() };
            }
            let text =
                fetched.map_err(|error| unreadable(&error)).and_then(checked).unwrap_or_else(|(line, damage)| {
                    problems.add(&path, line, damage);
                    String::new()
                });
            // The first file says which edition it is.
            is_first.get_or_insert_with(|| Edition::of_header(&text).name == NAME || text.is_empty());
            File { path, text }
        };
        let parts = Part::ALL
            .into_iter()
            .map(|part| {
                let name = part.file();
                (part, open(format!("data.{name}")), open(format!("index.{name}")), open(format!("{name}.exc")))
            })
            .collect();
        let files = Self {
            parts,
            senses: open("index.sense".to_owned()),
            counts: open("cntlist.rev".to_owned()),
            frames: open("frames.vrb".to_owned()),
            sentences: open("sents.vrb".to_owned()),
            sentence_index: open("sentidx.vrb".to_owned()),
        };
        problems.unless_any(files)
    }

    /// Which edition the files say they are.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.parts.first().map_or_else(|| Edition::of_header(""), |(_, data, ..)| Edition::of_header(&data.text))
    }

    /// How many bytes all files have.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.all().map(|file| file.text.len() as u64).sum()
    }

    /// Every file with its hash.
    #[must_use]
    pub fn read(&self) -> Vec<FileRead> {
        self.all().map(|file| FileRead::of(&file.path, file.text.as_bytes())).collect()
    }

    fn all(&self) -> impl Iterator<Item = &File> {
        let shared = [&self.senses, &self.counts, &self.frames, &self.sentences, &self.sentence_index];
        let parts = self.parts.iter().flat_map(|(_, data, index, exceptions)| [data, index, exceptions]);
        parts.chain(shared)
    }
}

/// The directory of the WordNet database: `explicit` if given, else where wndb(5) says (`$WNSEARCHDIR`,
/// `$WNHOME/dict`), else where packages put it.
///
/// # Errors
/// No `data.noun` there; the problem names the packages to install.
pub fn find(explicit: Option<&Path>) -> Result<PathBuf, Problem> {
    let problem = |file: PathBuf| Problem::of_file(&file, "no file data.noun here", INSTALL);
    if let Some(given) = explicit {
        return if given.join("data.noun").is_file() { Ok(given.to_owned()) } else { Err(problem(given.to_owned())) };
    }
    let asked = std::env::var_os("WNSEARCHDIR").map(PathBuf::from);
    let home = std::env::var_os("WNHOME").map(|home| Path::new(&home).join("dict"));
    let usual = [DEBIAN, "/usr/share/wordnet-3.0", "/usr/local/WordNet-3.0/dict"].map(PathBuf::from);
    let mut places = asked.into_iter().chain(home).chain(usual);
    places.find(|place| place.join("data.noun").is_file()).ok_or_else(|| problem(PathBuf::from(DEBIAN)))
}

/// A file's bytes, one more than [`LARGEST`] at most.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(error: &std::io::Error) -> (usize, Damage) {
    let damage = match error.kind() {
        std::io::ErrorKind::NotFound => Damage::new("the file is missing", INSTALL),
        _ => Damage::new(format!("cannot be read: {error}"), "a readable file"),
    };
    (0, damage)
}

/// Bytes as text, or what is wrong with them and in which line.
fn checked(bytes: Vec<u8>) -> Result<String, (usize, Damage)> {
    if bytes.len() as u64 > LARGEST {
        return Err((0, Damage::new("the file is too large", "at most 64 MiB")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = good.split(|byte| *byte == b'\n').count();
        (line, Damage::new("bytes that are not UTF-8", "ASCII or UTF-8 text"))
    })?;
    if !text.ends_with('\n') {
        return Err((text.lines().count(), Damage::new("the file breaks off within a line", "a line end")));
    }
    Ok(text)
}
