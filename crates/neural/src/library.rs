//! The models of one home: which there are, which of them is used.
//!
//! They lie in one folder, each as it came: a GGUF file or a folder. A model is checked before it is taken in, and a
//! file is linked rather than copied where the disk allows it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Described, Format};
use crate::problem::{Problem, Result};

/// The name of the file that names the model in use.
const IN_USE: &str = "in-use";

/// What a folder of a model may hold that is worth taking.
const WANTED: [&str; 5] = ["json", "safetensors", "jinja", "model", "txt"];

/// A folder of models.
#[derive(Clone, Debug)]
pub struct Library {
    root: PathBuf,
}

/// A model of a library.
#[derive(Debug)]
pub struct Entry {
    /// What it is called here.
    pub name: String,
    /// What it is, or why it cannot be used.
    pub described: Result<Described>,
    /// Whether it is the one in use.
    pub used: bool,
}

impl Library {
    /// The one in that folder, which need not exist.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// All models, by name.
    ///
    /// # Errors
    /// When the folder cannot be read. A damaged model is listed with its problem.
    pub fn list(&self) -> Result<Vec<Entry>> {
        let used = self.used()?;
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(why) => return Err(self.problem(why)),
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| {
                name != IN_USE && !name.starts_with('.') && Path::new(name).extension().is_none_or(|end| end != "toml")
            })
            .collect();
        names.sort();
        let entry = |name: String| {
            let described = Described::read(&self.root.join(&name));
            Entry { used: used.as_deref() == Some(&name), described, name }
        };
        Ok(names.into_iter().map(entry).collect())
    }

    /// Where the model of that name lies.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, name: &str) -> Result<PathBuf> {
        let path = self.root.join(checked(name)?);
        if name == IN_USE || !path.exists() {
            let what = format!("the model `{name}`, which is not here,");
            return Err(Problem::Unsupported { what, hint: "see `quid model list`, or `quid model add PATH`".into() });
        }
        Ok(path)
    }

    /// Takes a model in under that name, or its own. Its name here.
    ///
    /// # Errors
    /// When it is none, is damaged, or there is one of that name.
    pub fn add(&self, path: &Path, name: Option<&str>) -> Result<String> {
        let described = Described::read(path)?;
        if described.format == Format::Tale {
            let what = format!("{}: keeping a llama2.c checkpoint", path.display());
            return Err(Problem::Unsupported {
                what,
                hint: "it is read where it lies: `quid model check PATH`".into(),
            });
        }
        let own = path.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
        let name = name.map(ToOwned::to_owned).or(own).unwrap_or_else(|| "model".to_owned());
        let name = checked(&name)?.to_owned();
        let to = self.root.join(&name);
        if name == IN_USE || name.starts_with('.') || to.exists() {
            let what = format!("a second model called `{name}`");
            return Err(Problem::Unsupported { what, hint: "give it another name with --name".to_owned() });
        }
        fs::create_dir_all(&self.root).map_err(|why| self.problem(why))?;
        // Made beside its place and then moved there, so that a model is here whole or not at all.
        let making = self.root.join(format!(".{name}.making"));
        let made = if described.format == Format::Folder { copy_folder(path, &making) } else { take(path, &making) };
        match made.and_then(|()| fs::rename(&making, &to)) {
            Ok(()) => Ok(name),
            Err(why) => {
                let _ = fs::remove_dir_all(&making).or_else(|_| fs::remove_file(&making));
                Err(self.problem(why))
            }
        }
    }

    /// The name of the model in use, if there is one.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn used(&self) -> Result<Option<String>> {
        match fs::read_to_string(self.root.join(IN_USE)) {
            Ok(name) => Ok(Some(name.trim().to_owned()).filter(|name| !name.is_empty())),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(self.problem(why)),
        }
    }

    /// Uses that model from now on, or none.
    ///
    /// # Errors
    /// When there is none of that name, or it is damaged.
    pub fn choose(&self, name: Option<&str>) -> Result<()> {
        let place = self.root.join(IN_USE);
        let done = match name {
            Some(name) => {
                Described::read(&self.find(name)?)?;
                fs::write(place, format!("{name}\n"))
            }
            None => match fs::remove_file(place) {
                Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
                other => other,
            },
        };
        done.map_err(|why| self.problem(why))
    }

    fn problem(&self, why: io::Error) -> Problem {
        Problem::File { path: self.root.clone(), why }
    }
}

/// A name that is one file's and no path.
fn checked(name: &str) -> Result<&str> {
    let whole = Path::new(name).file_name().and_then(|file| file.to_str()) == Some(name);
    if whole {
        return Ok(name);
    }
    let what = format!("the name `{name}`");
    Err(Problem::Unsupported { what, hint: "a name is a word, not a path".to_owned() })
}

/// Links a file, or copies it where that is another disk.
fn take(from: &Path, to: &Path) -> io::Result<()> {
    let from = from.canonicalize()?;
    fs::hard_link(&from, to).or_else(|_| fs::copy(&from, to).map(|_| ()))
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let wanted = path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| WANTED.contains(&ending));
        if let Some(name) = path.file_name().filter(|_| wanted && path.is_file()) {
            take(&path, &to.join(name))?;
        }
    }
    Ok(())
}
