//! Lists every file of `data/` and `ontologies/` for `src/data.rs`, which embeds them.
//!
//! A list in code would have to be edited with each new pattern file; a walk at build time cannot forget one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let missing = |name: &str| io::Error::other(format!("cargo sets {name} for build scripts"));
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| missing("CARGO_MANIFEST_DIR"))?);
    let root = here.join("../..").canonicalize()?;
    let mut found = Vec::new();
    for (folder, endings) in [("data", &["toml"][..]), ("ontologies", &["ttl", "pl", "rules"][..])] {
        walk(&root.join(folder), endings, &mut found)?;
    }
    found.sort();
    let mut list = String::from("[\n");
    for path in &found {
        let name = path.strip_prefix(&root).map_err(io::Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string()).map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?);
    fs::write(out.join("embedded.rs"), list)?;
    generator(&root.join("data/generator"), &out.join("generator.rs"))
}

/// Lists the files of the own generator for `src/models.rs`; none where it has not been trained.
fn generator(folder: &Path, list: &Path) -> io::Result<()> {
    const FILES: [&str; 4] = ["answers.json", "config.json", "model.safetensors", "tokenizer.json"];
    let mut text = String::from("[\n");
    if FILES.iter().all(|name| folder.join(name).exists()) {
        for name in FILES {
            let path = folder.join(name);
            println!("cargo:rerun-if-changed={}", path.display());
            writeln!(text, "    ({name:?}, include_bytes!({:?})),", path.display().to_string())
                .map_err(io::Error::other)?;
        }
    }
    text.push_str("]\n");
    fs::write(list, text)
}

/// Collects the files with these endings, folder by folder, and asks cargo to come back when one changes.
fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, endings, found)?;
        } else if path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| endings.contains(&ending)) {
            println!("cargo:rerun-if-changed={}", path.display());
            found.push(path);
        }
    }
    Ok(())
}
