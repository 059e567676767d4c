//! The nine tools of the reference memory server, by the same names and in the same shapes.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use quid_core::Key;
use quid_core::oxrdf::{NamedNode, NamedOrBlankNode};
use quid_core::vocabulary as v;
use serde::Deserialize;
use serde_json::{Value, json};

use super::graph::{Entity, Graph, Reader, Relation, text, thing};
use super::write::Writer;
use super::{Call, Given, Refusal};

/// The most entities of the whole graph in one answer.
const MOST_ENTITIES: usize = 10_000;
/// The most entities that a search gives.
const MOST_FOUND: usize = 50;
/// Texts that a search looks at, and facts that are looked through for a part of a word.
const MOST_HITS: usize = 200;
const MOST_LOOKED: usize = 20_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arguments {
    #[serde(default)]
    entities: Vec<Entity>,
    #[serde(default)]
    relations: Vec<Relation>,
    #[serde(default)]
    observations: Vec<Addition>,
    #[serde(default)]
    entity_names: Vec<String>,
    #[serde(default)]
    deletions: Vec<Deletion>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    query: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Addition {
    entity_name: String,
    contents: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deletion {
    entity_name: String,
    observations: Vec<String>,
}

/// Does what one of the nine does.
pub(super) fn run(call: &Call, tool: &str) -> Result<Given, Refusal> {
    required(call, tool)?;
    let asked: Arguments = call.takes()?;
    match tool {
        "read_graph" => read_graph(call),
        "search_nodes" => search_nodes(call, &asked.query),
        "open_nodes" => open_nodes(call, &asked.names),
        _ => {
            call.writes()?;
            write(call, tool, asked)
        }
    }
}

/// The one argument that a tool cannot do without.
fn required(call: &Call, tool: &str) -> Result<(), Refusal> {
    let name = match tool {
        "create_entities" => "entities",
        "create_relations" | "delete_relations" => "relations",
        "add_observations" => "observations",
        "delete_entities" => "entityNames",
        "delete_observations" => "deletions",
        "search_nodes" => "query",
        "open_nodes" => "names",
        _ => return Ok(()),
    };
    if call.arguments.contains_key(name) {
        return Ok(());
    }
    Err(Refusal(format!("the arguments do not fit the tool's schema: `{name}` is missing")))
}

fn write(call: &Call, tool: &str, asked: Arguments) -> Result<Given, Refusal> {
    let (memory, recall) = (call.behind.memory(), call.behind.recall());
    let writer = Writer {
        memory: memory.as_ref(),
        recall: recall.as_ref(),
        speaker: call.speaker.clone(),
        audience: call.audience(),
        at: call.behind.now(),
    };
    match tool {
        "create_entities" => Ok(listed("entities", &json!(writer.create_entities(asked.entities)?))),
        "create_relations" => Ok(listed("relations", &json!(writer.create_relations(asked.relations)?))),
        "add_observations" => {
            // An entity that is not there fails the call before anything is written, as there.
            let reader = Reader::new(memory.as_ref(), &call.audience());
            for addition in &asked.observations {
                if !reader.is_entity(&thing(&addition.entity_name))? {
                    return Err(Refusal(format!("Entity with name {} not found", addition.entity_name)));
                }
            }
            let mut results = Vec::new();
            for addition in &asked.observations {
                let added = writer.add_observations(&addition.entity_name, &addition.contents)?;
                results.push(json!({ "entityName": addition.entity_name, "addedObservations": added }));
            }
            Ok(listed("results", &results.into()))
        }
        "delete_entities" => {
            asked.entity_names.iter().try_for_each(|name| writer.delete_entity(name))?;
            Ok(done("Entities deleted successfully"))
        }
        "delete_observations" => {
            for deletion in &asked.deletions {
                writer.delete_observations(&deletion.entity_name, &deletion.observations)?;
            }
            Ok(done("Observations deleted successfully"))
        }
        "delete_relations" => {
            asked.relations.iter().try_for_each(|relation| writer.delete_relation(relation))?;
            Ok(done("Relations deleted successfully"))
        }
        other => Err(Refusal(format!("there is no tool `{other}`"))),
    }
}

/// As the reference server answers: the bare list as text, and under its name as data.
fn listed(name: &str, list: &Value) -> Given {
    Given::good(pretty(list), json!({ name: list }))
}

fn done(message: &str) -> Given {
    Given::good(message.to_owned(), json!({ "success": true, "message": message }))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn shown(graph: &Graph) -> Given {
    let data = json!(graph);
    Given::good(pretty(&data), data)
}

fn read_graph(call: &Call) -> Result<Given, Refusal> {
    let memory = call.behind.memory();
    let reader = Reader::new(memory.as_ref(), &call.audience());
    let (things, more) = reader.everything(MOST_ENTITIES)?;
    let mut graph = reader.graph(things)?;
    graph.partial = more;
    Ok(shown(&graph))
}

fn open_nodes(call: &Call, names: &[String]) -> Result<Given, Refusal> {
    let memory = call.behind.memory();
    let reader = Reader::new(memory.as_ref(), &call.audience());
    let mut things: Vec<NamedNode> = Vec::new();
    for name in names {
        let node = thing(name);
        if !things.contains(&node) && reader.is_entity(&node)? {
            things.push(node);
        }
    }
    Ok(shown(&reader.graph(things)?))
}

/// What the words of a question are about, then what has the text within a name, a type or an observation.
fn search_nodes(call: &Call, query: &str) -> Result<Given, Refusal> {
    let memory = call.behind.memory();
    let reader = Reader::new(memory.as_ref(), &call.audience());
    let mut things: Vec<NamedNode> = Vec::new();
    let exact = thing(query);
    if reader.is_entity(&exact)? {
        things.push(exact);
    }
    for hit in call.behind.recall().recall(query, &call.audience(), MOST_HITS)? {
        if hit.subject.as_str().starts_with(v::THING) && !things.contains(&hit.subject) {
            things.push(hit.subject);
        }
    }
    // Words are found by the index; a part of a word, as the reference server finds it, by looking.
    let part = Key::of(query);
    if !part.is_empty() && things.len() < MOST_FOUND {
        let mut looked = 0_usize;
        let mut found = BTreeSet::new();
        for predicate in [v::SPELLED, v::ENTITY_TYPE, v::OBSERVATION] {
            reader.facts.each(None, Some(predicate), None, &mut |fact| {
                looked += 1;
                if let NamedOrBlankNode::NamedNode(node) = &fact.subject {
                    let name = Key::of_thing(node).is_some_and(|name| name.as_str().contains(part.as_str()));
                    if name || text(fact).is_some_and(|text| Key::of(text).as_str().contains(part.as_str())) {
                        found.insert(node.clone());
                    }
                }
                if looked >= MOST_LOOKED { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        }
        things.extend(found.into_iter().filter(|node| !things.contains(node)).collect::<Vec<_>>());
    }
    let mut known = Vec::new();
    for node in things {
        if known.len() < MOST_FOUND && reader.is_entity(&node)? {
            known.push(node);
        }
    }
    Ok(shown(&reader.graph(known)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads<T: serde::de::DeserializeOwned>(value: Value) -> bool {
        serde_json::from_value::<T>(value).is_ok()
    }

    #[test]
    fn arguments_have_the_shape_of_the_reference_server() {
        for (arguments, good) in [
            (json!({ "entities": [{ "name": "A", "entityType": "t", "observations": ["x"] }] }), true),
            (json!({ "relations": [{ "from": "A", "to": "B", "relationType": "knows" }] }), true),
            (json!({ "observations": [{ "entityName": "A", "contents": ["y"] }] }), true),
            (json!({ "entityNames": ["A"] }), true),
            (json!({ "deletions": [{ "entityName": "A", "observations": ["x"] }] }), true),
            (json!({ "names": ["A"], "query": "q" }), true),
            (json!({ "entities": [{ "name": "A" }] }), false),
            (json!({ "entities": "A" }), false),
            (json!({ "names": [7] }), false),
        ] {
            assert_eq!(reads::<Arguments>(arguments.clone()), good, "{arguments}");
        }
    }
}
