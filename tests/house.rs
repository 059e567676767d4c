//! Keeps the house as its plan draws it: arrows that run downwards, pure crates without IO, readable files.
//!
//! A rule that no test checks is a wish. Where a rule is bent, the table below says so and gives the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a crate is to the house.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Room {
    /// No files, sockets, clock, chance, threads or globals.
    Pure,
    /// Keeps facts, words or weights behind a port of core.
    Keeper,
    /// Lets people, programs and dumps in.
    Door,
    /// Wires the others together.
    Program,
}

struct Plan {
    name: &'static str,
    room: Room,
    /// The crates of ours that it may know.
    knows: &'static [&'static str],
    /// The crates of others that it may use, beside [`EVERYWHERE`].
    uses: &'static [(&'static str, &'static str)],
}

/// Crates that any of ours may use.
const EVERYWHERE: [&str; 2] = ["thiserror", "serde"];

/// Crates that tests and examples may use.
const IN_TESTS: [&str; 4] = ["proptest", "tempfile", "flate2", "sha2"];

const PLANS: [Plan; 11] = [
    Plan {
        name: "core",
        room: Room::Pure,
        knows: &[],
        uses: &[
            ("oxrdf", "terms and quads"),
            ("caseless", "keys fold case as Unicode says"),
            ("unicode-normalization", "keys are NFC"),
            ("jiff", "moments as arguments; its clock is switched off and banned"),
            ("serde_json", "proofs and replies are told as JSON"),
            ("sha2", "a fact of many columns is a node named by its hash"),
        ],
    },
    Plan {
        name: "lang",
        room: Room::Pure,
        knows: &["core"],
        uses: &[
            ("regex", "patterns in linear time"),
            ("unicode-segmentation", "words and characters as people see them"),
            ("jiff", "\"last tuesday\" is calendar arithmetic"),
            ("toml", "patterns, phrases and words are data; their text is handed in"),
        ],
    },
    Plan {
        name: "logic",
        room: Room::Pure,
        knows: &["core"],
        uses: &[("rustc-hash", "tables without chance, and faster than the standard ones")],
    },
    Plan {
        name: "mind",
        room: Room::Pure,
        knows: &["core", "lang", "logic"],
        uses: &[("jiff", "ages and dates of statements"), ("toml", "settings as text")],
    },
    Plan {
        name: "store",
        room: Room::Keeper,
        knows: &["core"],
        uses: &[
            ("oxigraph", "the triple store"),
            ("spareval", "queries over a filtered view; oxigraph does not re-export it"),
            ("oxiri", "how the evaluator hands a base IRI to other servers"),
            ("ureq", "other SPARQL servers are asked over HTTP; its resolver can be checked"),
            ("spargebra", "queries are parsed before they are run; the same parser that oxigraph uses"),
            ("serde_json", "the journal is JSON Lines"),
            ("sha2", "each journal record carries the hash of the one before"),
            ("jiff", "the journal's times"),
            ("tracing", "what is noticed in passing"),
        ],
    },
    Plan {
        name: "search",
        room: Room::Keeper,
        knows: &["core"],
        uses: &[
            ("tantivy", "full text"),
            ("pulp", "vector instructions chosen at run time, without unsafe code"),
            ("tracing", "what is noticed in passing"),
        ],
    },
    Plan {
        name: "import",
        room: Room::Door,
        knows: &["core"],
        uses: &[
            ("bzip2", "dumps come compressed"),
            ("flate2", "dumps come compressed"),
            ("zstd", "dumps come compressed"),
            ("oxrdfio", "every RDF serialisation; the parsers that oxigraph uses"),
            ("quick-xml", "WN-LMF is XML"),
            ("rusqlite", "other bots keep their factoids in SQLite files"),
            ("serde_json", "ConceptNet's fifth column and other bots' brains are JSON"),
            ("sha2", "reifiers are named by a hash, files are known by theirs"),
        ],
    },
    Plan {
        name: "irc",
        room: Room::Door,
        knows: &["core"],
        uses: &[
            ("base64", "SASL answers are written in it"),
            ("sha2", "a certificate is known by its fingerprint"),
            ("toml", "the configuration"),
            ("tracing", "what is noticed in passing"),
            ("tokio", "many connections in one thread"),
            ("tokio-rustls", "TLS without a C library to keep up to date"),
            ("webpki-roots", "whom to trust, in the binary itself"),
            ("unicode-segmentation", "lines are cut between characters as people see them"),
        ],
    },
    Plan {
        name: "neural",
        room: Room::Keeper,
        knows: &["core"],
        uses: &[
            ("candle-core", "tensors on CPU and GPU, GGUF and safetensors"),
            ("candle-nn", "the layers and optimisers that training needs"),
            ("minijinja", "models bring their chat templates in Jinja"),
            ("pulp", "vector instructions chosen at run time, without unsafe code"),
            ("serde_json", "models bring their configuration as JSON"),
            ("rayon", "threads that steal work from each other; candle-core brings it along"),
            ("tokenizers", "the tokenizers that models bring; candle-core brings it along"),
            ("tracing", "what is noticed in passing"),
            ("ureq", "a language model behind HTTP"),
        ],
    },
    Plan {
        name: "serve",
        room: Room::Door,
        knows: &["core"],
        uses: &[
            ("axum", "HTTP with routes"),
            ("base64", "clients of OpenAI's API ask for vectors in it"),
            ("hyper", "time limits on headers, which axum's own loop does not have"),
            ("hyper-util", "the connection loop around hyper"),
            ("rmcp", "the Model Context Protocol, kept by those who write it"),
            ("serde_json", "most of what programs are told is JSON"),
            ("tokio", "many connections in few threads"),
            ("tower", "layers around every route"),
            ("tower-http", "compression and CORS"),
            ("tracing", "the access log"),
        ],
    },
    Plan {
        name: "quid",
        room: Room::Program,
        knows: &["core", "lang", "logic", "mind", "store", "search", "neural", "import", "irc", "serve"],
        uses: &[
            ("clap", "arguments"),
            ("clap_complete", "completions from the same declaration"),
            ("clap_mangen", "the manual page from the same declaration"),
            ("regex", "the tests read the behaviour cases' patterns"),
            ("rustyline", "line editing"),
            ("indicatif", "progress"),
            ("tokio", "runs the doors that wait for the network"),
            ("rustix", "how much room the disk has; the standard library does not say"),
            ("anyhow", "errors with their causes"),
            ("tracing", "logs"),
            ("tracing-subscriber", "logs, written to stderr"),
            ("etcetera", "where each system keeps data"),
            ("jiff", "the clock that the pure crates do not have"),
            ("oxttl", "the ontologies and worlds are Turtle"),
            ("serde_json", "--json"),
            ("signal-hook", "Ctrl-C ends a question, not the program"),
            ("toml", "the configuration"),
            ("unicode-width", "columns on a terminal"),
        ],
    },
];

/// What may lie at the top, beside dotfiles.
const TOP: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "crates",
    "data",
    "ontologies",
    "tests",
    "README.md",
    "quickstart",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// A file longer than this is two files.
const LONGEST_FILE: usize = 1_000;

/// Entries that the ban list must have: one of each thing that a pure crate is not given.
const BANNED: [&str; 12] = [
    "std::fs::read_to_string",
    "std::fs::write",
    "std::fs::File",
    "std::io::stdin",
    "std::net::TcpStream",
    "std::env::var",
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "std::thread::spawn",
    "std::process::Command",
    "std::hash::RandomState",
    "std::sync::LazyLock",
];

/// Modules of which a pure crate needs nothing at all.
const BANNED_MODULES: [&str; 5] = ["std::fs", "std::net", "std::env", "std::process", "std::thread"];

#[test]
fn invariant_1_the_pure_crates_do_no_io() {
    let mut lists = BTreeMap::new();
    for plan in PLANS.iter().filter(|plan| plan.room == Room::Pure) {
        let folder = crates().join(plan.name);
        let list = read(&folder.join(".clippy.toml"));
        let banned = banned(&list);
        for path in BANNED {
            assert!(banned.contains(path), "crates/{}/.clippy.toml does not ban {path}", plan.name);
        }
        // Clippy checks the whole list where it runs; this catches the plain cases in every test run.
        for (file, text) in sources(&folder.join("src")) {
            let code = without_comments_and_tests(&file, &text);
            for path in banned.iter().map(String::as_str).chain(BANNED_MODULES) {
                let found = code.match_indices(path).any(|(at, _)| {
                    !code[at + path.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_')
                });
                assert!(!found, "{}: {path} is banned from pure crates", file.display());
            }
        }
        lists.insert(list, plan.name);
        // A value may be computed when it is first needed; a global that changes is shared by two bots in one program.
        for (file, text) in sources(&folder.join("src")) {
            let code = without_comments_and_tests(&file, &text);
            for line in code.lines().map(|line| line.trim_start().trim_start_matches("pub ")) {
                let changes = ["Lock<", "Cell<", "Mutex<", "Atomic"].iter().any(|kind| line.contains(kind));
                assert!(!(line.starts_with("static ") && changes), "{}: {line}", file.display());
            }
        }
    }
    assert_eq!(lists.len(), 1, "the ban lists of the pure crates differ: {:?}", lists.values());
}

#[test]
fn invariant_2_keepers_and_doors_do_not_know_each_other() {
    let keepers_and_doors: BTreeSet<_> =
        PLANS.iter().filter(|plan| matches!(plan.room, Room::Keeper | Room::Door)).map(|plan| plan.name).collect();
    for plan in &PLANS {
        let knows: BTreeSet<_> = dependencies(plan).into_iter().filter_map(|name| ours(&name)).collect();
        for other in &knows {
            assert!(plan.knows.contains(&other.as_str()), "crates/{} may not know {other}", plan.name);
        }
        if plan.room != Room::Program {
            let others: Vec<_> = knows.iter().filter(|other| keepers_and_doors.contains(other.as_str())).collect();
            assert!(
                others.is_empty(),
                "only the program wires rooms together, but crates/{} knows {others:?}",
                plan.name
            );
        }
        if keepers_and_doors.contains(plan.name) {
            assert!(!knows.contains("mind"), "crates/{} knows mind", plan.name);
        }
    }
}

#[test]
fn every_crate_stands_in_the_plan_and_arrows_run_downwards() {
    let planned: BTreeSet<_> = PLANS.iter().map(|plan| plan.name.to_owned()).collect();
    let found: BTreeSet<_> = std::fs::read_dir(crates())
        .expect("there are crates")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(found, planned, "a crate without a place in the house, or a place without a crate");
    // Each crate knows only crates that stand before it in the list, so there is no circle.
    for (place, plan) in PLANS.iter().enumerate() {
        for other in plan.knows {
            let below = PLANS.iter().take(place).find(|below| below.name == *other);
            let below = below.unwrap_or_else(|| panic!("{} knows {other}, which is not below it", plan.name));
            assert!(plan.room != Room::Pure || below.room == Room::Pure, "{} is pure, {other} is not", plan.name);
        }
    }
}

#[test]
fn every_dependency_was_decided_on() {
    for plan in &PLANS {
        for name in dependencies(plan).into_iter().filter(|name| ours(name).is_none()) {
            let decided = EVERYWHERE.contains(&name.as_str()) || plan.uses.iter().any(|(used, _)| *used == name);
            assert!(decided, "crates/{} uses {name}: say in tests/house.rs what for", plan.name);
        }
        for name in table_keys(&manifest(plan), "dev-dependencies").into_iter().filter(|name| ours(name).is_none()) {
            let decided = IN_TESTS.contains(&name.as_str())
                || EVERYWHERE.contains(&name.as_str())
                || plan.uses.iter().any(|(used, _)| *used == name);
            assert!(decided, "the tests of crates/{} use {name}: say in tests/house.rs that they may", plan.name);
        }
        for (used, why) in plan.uses {
            assert!(!why.is_empty(), "{used} in crates/{}", plan.name);
        }
    }
}

#[test]
fn every_crate_keeps_the_lints() {
    let root = parse(&root().join("Cargo.toml"));
    for (tool, lint, level) in [
        ("rust", "unsafe_code", "forbid"),
        ("rust", "missing_docs", "warn"),
        ("clippy", "unwrap_used", "warn"),
        ("clippy", "disallowed_methods", "deny"),
        ("clippy", "disallowed_types", "deny"),
        ("clippy", "disallowed_macros", "deny"),
    ] {
        let found = root["workspace"]["lints"][tool].get(lint).and_then(toml::Value::as_str);
        assert_eq!(found, Some(level), "[workspace.lints.{tool}] {lint} in Cargo.toml");
    }
    for plan in &PLANS {
        let found = manifest(plan).get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(found, Some(true), "crates/{}/Cargo.toml: [lints] workspace = true", plan.name);
    }
}

#[test]
fn every_file_begins_with_why_and_ends_in_time() {
    let files: Vec<_> = sources(&crates()).into_iter().chain(sources(&root().join("tests"))).collect();
    assert!(files.len() > PLANS.len(), "the files were not found");
    let mut problems = Vec::new();
    for (file, text) in files {
        if !text.starts_with("//! ") {
            problems.push(format!("{} does not begin with //! what it does and why", file.display()));
        }
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            problems.push(format!("{} has {lines} lines; it is more than one thing", file.display()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn features_are_asked_for_in_one_file_of_a_crate() {
    // Put together here, so that this file does not find itself.
    let asks = ["cfg", "cfg_attr", "cfg!"].map(|cfg| format!("{cfg}(feature"));
    for plan in &PLANS {
        let asking: Vec<_> = sources(&crates().join(plan.name))
            .into_iter()
            .filter(|(file, text)| {
                let code = without_comments_and_tests(file, text).replace("(not(feature", "(feature");
                asks.iter().any(|ask| code.contains(ask))
            })
            .map(|(file, _)| file)
            .collect();
        assert!(asking.len() <= 1, "crates/{} asks for features in {asking:?}", plan.name);
    }
}

#[test]
fn the_top_of_the_repository_is_read_at_a_glance() {
    for entry in std::fs::read_dir(root()).expect("the repository can be read") {
        let name = entry.expect("it can be read").file_name().to_string_lossy().into_owned();
        // `target` is cargo's, and not part of the repository.
        let allowed = name.starts_with('.') || name == "target" || TOP.contains(&name.as_str());
        assert!(allowed, "`{name}` does not belong at the top");
    }
}

fn root() -> PathBuf {
    // The package `quid` lies two folders below the top.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("it lies in crates/quid").to_owned()
}

fn crates() -> PathBuf {
    root().join("crates")
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn parse(file: &Path) -> toml::Table {
    read(file).parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn manifest(plan: &Plan) -> toml::Table {
    parse(&crates().join(plan.name).join("Cargo.toml"))
}

/// What a crate is built from, for every system; tests aside.
fn dependencies(plan: &Plan) -> BTreeSet<String> {
    let manifest = manifest(plan);
    let mut names = table_keys(&manifest, "dependencies");
    names.extend(table_keys(&manifest, "build-dependencies"));
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        for target in targets.values().filter_map(toml::Value::as_table) {
            names.extend(table_keys(target, "dependencies"));
        }
    }
    names
}

fn table_keys(table: &toml::Table, key: &str) -> BTreeSet<String> {
    table.get(key).and_then(toml::Value::as_table).map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

/// `quid-lang` -> `lang`
fn ours(name: &str) -> Option<String> {
    name.strip_prefix("quid-").map(str::to_owned)
}

/// Every Rust file below a folder, sorted.
fn sources(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.expect("it can be read").path()) {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = read(&path);
            found.insert(path, text);
        }
    }
    found
}

/// The code that is shipped: neither comments nor what is compiled for tests alone.
fn without_comments_and_tests(file: &Path, text: &str) -> String {
    if file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs") {
        return String::new();
    }
    let mut code = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            // An item ends with a `;`, or with a `}` as far to the right as it began.
            let indent = line.len() - line.trim_start().len();
            let end = format!("{:indent$}}}", "");
            let ends =
                |line: &str| line.ends_with(';') && !line.starts_with(&format!("{:indent$} ", "")) || line == end;
            lines.by_ref().find(|line| ends(line));
        } else if !line.trim_start().starts_with("//") {
            code.push(line);
        }
    }
    code.join("\n")
}

/// Every path in a ban list.
fn banned(list: &str) -> BTreeSet<String> {
    let list: toml::Table = list.parse().unwrap_or_else(|error| panic!(".clippy.toml: {error}"));
    let entries = list.values().filter_map(toml::Value::as_array).flatten();
    entries.filter_map(|entry| entry.get("path")?.as_str().map(str::to_owned)).collect()
}
