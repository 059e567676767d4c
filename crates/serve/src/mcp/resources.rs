//! What a model can read without calling a tool: entities, and the sources that are loaded.

use quid_core::text::{percent_decode, percent_encode};
use rmcp::ErrorData;
use rmcp::model::{ListResourcesResult, ReadResourceResult, Resource, ResourceContents, ResourceTemplate};
use serde_json::{Value, json};

use super::Call;
use super::graph::{Reader, thing};

/// The prefix of entities, by their names.
const ENTITY: &str = "quid://entity/";
/// The prefix of sources, by their names.
const SOURCE: &str = "quid://source/";
/// The most entities that are listed; any other can be read by its name.
const MOST_LISTED: usize = 200;
/// How everything here is written.
const JSON: &str = "application/json";

/// The sources, and the first entities.
pub(super) fn list(call: &Call) -> Result<ListResourcesResult, ErrorData> {
    let memory = call.behind.memory();
    let mut resources = Vec::new();
    for source in memory.sources().map_err(inside)? {
        let uri = format!("{SOURCE}{}", percent_encode(&source.name));
        let words = format!("{}: {} quads", source.title, source.quads);
        resources.push(Resource::new(uri, source.name).with_description(words).with_mime_type(JSON));
    }
    let reader = Reader::new(memory.as_ref(), &call.audience());
    let (things, _) = reader.everything(MOST_LISTED).map_err(inside)?;
    for node in things {
        if let Some(entity) = reader.entity(&node).map_err(inside)? {
            let uri = format!("{ENTITY}{}", percent_encode(&entity.name));
            resources.push(Resource::new(uri, entity.name).with_description(entity.class).with_mime_type(JSON));
        }
    }
    Ok(ListResourcesResult::with_all_items(resources))
}

/// How resources are called.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(format!("{ENTITY}{{name}}"), "entity")
            .with_description("Everything that was said of one entity, by its name, with its relations and sources")
            .with_mime_type(JSON),
        ResourceTemplate::new(format!("{SOURCE}{{name}}"), "source")
            .with_description("A loaded source: title, size, date, licence, files")
            .with_mime_type(JSON),
    ]
}

/// One of them.
pub(super) fn read(call: &Call, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let found = if let Some(name) = uri.strip_prefix(ENTITY) {
        entity(call, &percent_decode(name))?
    } else if let Some(name) = uri.strip_prefix(SOURCE) {
        let name = percent_decode(name);
        let sources = call.behind.memory().sources().map_err(inside)?;
        sources.into_iter().find(|source| source.name == name).map(|source| json!(source))
    } else {
        None
    };
    let missing = || ErrorData::resource_not_found("there is no such entity or source", Some(json!({ "uri": uri })));
    let text = found.ok_or_else(missing)?.to_string();
    Ok(ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(JSON)]))
}

/// An entity with its relations, and who told what.
fn entity(call: &Call, name: &str) -> Result<Option<Value>, ErrorData> {
    let memory = call.behind.memory();
    let reader = Reader::new(memory.as_ref(), &call.audience());
    let node = thing(name);
    let Some(entity) = reader.entity(&node).map_err(inside)? else { return Ok(None) };
    let mut graphs: Vec<_> = reader.of(&node).map_err(inside)?.into_iter().map(|fact| fact.graph).collect();
    let related = reader.relations(&node).map_err(inside)?;
    graphs.extend(related.iter().map(|(_, fact)| fact.graph.clone()));
    graphs.sort();
    graphs.dedup();
    let mut sources = Vec::new();
    for graph in graphs {
        sources.extend(memory.cite(&graph).map_err(inside)?);
    }
    let relations: Vec<_> = related.into_iter().map(|(relation, _)| relation).collect();
    Ok(Some(json!({ "entity": entity, "relations": relations, "sources": sources, "iri": node.as_str() })))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn inside(fault: quid_core::Fault) -> ErrorData {
    ErrorData::internal_error(fault.to_string(), None)
}
