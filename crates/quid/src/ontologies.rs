//! The small ontologies the program brings along, as sources in the store.
//!
//! They are loaded like any dump, so that what rests on them names them; and loaded again when the program
//! brings other ones, so that data and program never disagree.

use std::fs;

use anyhow::{Context as _, Result};
use oxttl::TurtleParser;
use quid_core::oxrdf::{GraphName, Quad};
use quid_core::{Memory as _, Source};

use crate::door;
use crate::home::write_private;
use crate::load;
use crate::wiring::House;

/// Loads every ontology whose text is not the one that was loaded before.
///
/// # Errors
/// When one is malformed (names its line) or cannot be stored.
pub fn bring_up_to_date(house: &House) -> Result<()> {
    let mut loaded = None;
    for (path, text) in house.data.under("ontologies/", ".ttl") {
        let name = path.trim_start_matches("ontologies/").trim_end_matches(".ttl");
        let copy = house.home.ontology(&format!("{name}.ttl"));
        let same = fs::read_to_string(&copy).is_ok_and(|before| before == text);
        if same {
            if loaded.is_none() {
                loaded = Some(house.keeper.sources()?);
            }
            if loaded.iter().flatten().any(|source| source.name == name) {
                continue;
            }
        }
        let quads = read(name, text).with_context(|| format!("cannot read {path}"))?;
        let title = title(text).unwrap_or(name);
        load::few(house, &load::Dump { name, title, licence: LICENCE, at: door::now() }, quads)?;
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        write_private(&copy, text).with_context(|| format!("cannot write {}", copy.display()))?;
    }
    Ok(())
}

/// The licence of the ontologies the program brings along: its own.
const LICENCE: &str = "MIT OR Apache-2.0";

/// A file's title for people: the `# title: …` comment, when it has one.
fn title(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("# title:")).map(str::trim)
}

/// Reads Turtle into the graph of this name.
fn read(name: &str, text: &str) -> Result<Vec<Quad>> {
    let graph: GraphName = Source::Dump(name.to_owned()).graph().into();
    let triples = TurtleParser::new().for_slice(text.as_bytes());
    triples.map(|triple| Ok(triple?.in_graph(graph.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;

    #[test]
    fn the_ontologies_brought_along_are_well_formed() {
        let data = Data::open(None).expect("embedded");
        let mut count = 0;
        for (path, text) in data.under("ontologies/", ".ttl") {
            let quads = read("x", text).unwrap_or_else(|error| panic!("{path}: {error:#}"));
            assert!(!quads.is_empty(), "{path} says nothing");
            count += 1;
        }
        assert!(count > 0, "no ontologies");
    }
}
