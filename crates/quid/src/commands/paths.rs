//! `quid paths`: where everything lies; opens nothing, so that it works when nothing else does.

use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value};

use crate::home::Home;
use crate::outcome::Outcome;
use crate::output::Output;

/// Prints a name and a path a line.
///
/// # Errors
/// When nobody reads the output.
pub fn run(home: &Home, overlay: Option<&Path>, output: &mut Output) -> Result<Outcome> {
    let built_in = "built in".to_owned();
    let shown = |path: &Path| path.display().to_string();
    let wordnet = quid_import::wordnet::find(None).map_or_else(|_| "not installed".to_owned(), |path| shown(&path));
    let lines = [
        ("home", shown(home.root())),
        ("journal", shown(&home.journal())),
        ("store", shown(&home.store())),
        ("text", shown(&home.text())),
        ("typed", shown(&home.typed())),
        ("models", shown(&home.models())),
        ("data", overlay.map_or(built_in, shown)),
        ("wordnet", wordnet),
    ];
    if output.is_json() {
        let object: Map<String, Value> = lines.into_iter().map(|(name, path)| (name.to_owned(), path.into())).collect();
        output.json_line(&Value::Object(object))?;
    } else {
        for (name, path) in lines {
            output.line(&format!("{name:8} {path}"))?;
        }
    }
    Ok(Outcome::Answered)
}
