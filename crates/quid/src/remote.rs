//! Which SPARQL server is the knowledge base, when it is not the home's own store.
//!
//! Said on the command line, in the environment, or in the `[store]` part of the configuration, in that order.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use quid_store::remote::{Login, Place};
use serde::Deserialize;

use crate::complaint::hinted;

/// The variables of the environment.
const ADDRESS: &str = "QUID_STORE";
const UPDATE: &str = "QUID_STORE_UPDATE";
const TOKEN: &str = "QUID_STORE_TOKEN";
const LOGIN: &str = "QUID_STORE_LOGIN";

/// The `[store]` part; the rest is other doors'.
#[derive(Default, Deserialize)]
struct File {
    #[serde(default)]
    store: Store,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Store {
    /// Where it is asked.
    remote: Option<String>,
    /// Where it is written to, where that does not follow.
    update: Option<String>,
}

/// The server that was chosen; `None` for the home's own store.
///
/// # Errors
/// When the configuration is not understood, or an address is none.
pub fn chosen(argument: Option<&str>, config: Option<&Path>) -> Result<Option<Place>> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let written = config.map_or_else(|| Ok(Store::default()), read)?;
    let by_argument = argument.map(str::to_owned).or_else(|| variable(ADDRESS));
    let (address, update) = match by_argument {
        Some(address) => (address, variable(UPDATE)),
        None => match written.remote {
            Some(address) => (address, written.update.or_else(|| variable(UPDATE))),
            None => return Ok(None),
        },
    };
    let place = Place::of(&address).map_err(|why| anyhow!(hinted(why, "quid --store http://HOST/query")))?;
    Ok(Some(place.with_update(update).with_login(login(TOKEN, LOGIN))))
}

/// Who asks, when the environment says so: a token, or a name and a password.
#[must_use]
pub fn login(token: &str, login: &str) -> Option<Login> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(token) = variable(token) {
        return Some(Login::Bearer(token));
    }
    let login = variable(login)?;
    let (name, password) = login.split_once(':')?;
    Some(Login::Basic(name.to_owned(), password.to_owned()))
}

fn read(path: &Path) -> Result<Store> {
    // Whoever reads the rest of it says so when it is not there.
    let Ok(text) = fs::read_to_string(path) else { return Ok(Store::default()) };
    let file: File = toml::from_str(&text).with_context(|| format!("{} is not understood", path.display()))?;
    Ok(file.store)
}
