//! A sentence encoder that somebody put among the models of a home, read when a vector is first asked for.
//!
//! It reads a few texts a tenth of a second, so it is asked of the best few that words and the static table found.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use candle_core::Device;

use crate::encoder::Encoder;
use crate::library::Library;
use crate::model::{Kind, open_encoder};
use crate::words::Words;

/// Tokens of a text that are read.
const MOST_TOKENS: usize = 128;

/// An encoder of a home.
#[derive(Debug)]
pub struct Sentences {
    name: String,
    path: PathBuf,
    opened: OnceLock<Option<(Encoder, Words)>>,
}

impl Sentences {
    /// The first encoder among the models in a folder, by name; `None` where there is none.
    #[must_use]
    pub fn in_library(folder: &Path) -> Option<Self> {
        let library = Library::new(folder.to_owned());
        let is_encoder = |kind: &Kind| matches!(kind, Kind::Encoder(_));
        let entries = library.list().ok()?;
        let entry = entries
            .into_iter()
            .find(|entry| entry.described.as_ref().is_ok_and(|described| is_encoder(&described.kind)))?;
        let path = library.find(&entry.name).ok()?;
        Some(Self { name: entry.name, path, opened: OnceLock::new() })
    }

    /// What it is called among the models.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The vector of a text, of length one; `None` of nothing, and where the model is damaged.
    #[must_use]
    pub fn vector(&self, text: &str) -> Option<Vec<f32>> {
        let (encoder, words) = self.opened.get_or_init(|| self.open()).as_ref()?;
        let mut tokens = words.framed(text).ok()?;
        tokens.truncate(MOST_TOKENS);
        encoder.sentence(&tokens).ok()
    }

    fn open(&self) -> Option<(Encoder, Words)> {
        let opened = open_encoder(&self.path, &Device::Cpu);
        opened.inspect_err(|problem| tracing::warn!("the encoder {} cannot be used: {problem}", self.name)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_without_an_encoder_has_none() {
        assert!(Sentences::in_library(Path::new("/nowhere/at/all")).is_none());
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert!(Sentences::in_library(&here).is_none(), "no model is among these files");
    }
}
