//! The tools that look things up without a conversation: search and SPARQL.

use std::fmt::Write as _;

use quid_core::oxrdf::{NamedOrBlankNode, Term};
use quid_core::ports::{Hit, Table};
use quid_core::vocabulary as v;
use quid_core::{Fault, Key, Memory, Regime};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::chat::{in_words, quoted};
use super::{Call, Given, Refusal};

/// Texts that are looked at for each that is given: the same text may stand in several places.
const MARGIN: usize = 2;
/// The most texts and rows, whatever is asked for.
const MOST_HITS: usize = 100;
const MOST_ROWS: usize = 10_000;

#[derive(Deserialize)]
struct Words {
    query: String,
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct Asked {
    query: String,
    limit: Option<usize>,
    entailment: Option<String>,
}

/// The best stored texts for a question in plain words.
pub(super) fn search(call: &Call) -> Result<Given, Refusal> {
    let Words { query, limit } = call.takes()?;
    let limit = limit.unwrap_or(10).clamp(1, MOST_HITS);
    let memory = call.behind.memory();
    let mut hits: Vec<Value> = Vec::new();
    let mut words = String::new();
    for hit in telling(call, &query, limit * MARGIN)? {
        let text = plain(&hit.text);
        let name = name_of(call, memory.as_ref(), &hit)?;
        let same = |known: &Value| known["text"] == text && known["name"] == name.as_str();
        if hits.len() >= limit || hits.iter().any(same) {
            continue;
        }
        let source = json!(memory.cite(&hit.graph)?);
        // Writing into a String cannot fail.
        let _ = writeln!(words, "{}. {} about {} ({})", hits.len() + 1, quoted(text), quoted(&name), in_words(&source));
        let mut found = json!({ "text": text, "name": name, "subject": hit.subject.as_str(),
            "predicate": hit.predicate.as_str(), "score": hit.score });
        if let (false, Some(fields)) = (source.is_null(), found.as_object_mut()) {
            fields.insert("source".to_owned(), source);
        }
        hits.push(found);
    }
    if hits.is_empty() {
        words.push_str("nothing stored has these words");
    }
    Ok(Given::good(words.trim_end().to_owned(), json!({ "hits": hits })))
}

/// The texts with the most words of a question, those first that say more than a name.
pub(super) fn telling(call: &Call, question: &str, limit: usize) -> Result<Vec<Hit>, Fault> {
    let hits = call.behind.recall().recall(question, &call.audience(), limit)?;
    let names = |hit: &Hit| v::NAMES.contains(&hit.predicate.as_ref());
    let (names, texts): (Vec<Hit>, Vec<Hit>) = hits.into_iter().partition(names);
    Ok(texts.into_iter().chain(names).collect())
}

/// A stored value without the tags that say how a chat answers with it.
pub(super) fn plain(text: &str) -> &str {
    let text = text.strip_prefix("<verbatim>").unwrap_or(text);
    text.strip_prefix("<reply>").unwrap_or(text)
}

/// What a text is about: as it is labelled, else its key, else the last part of its IRI.
fn name_of(call: &Call, memory: &dyn Memory, hit: &Hit) -> Result<String, Fault> {
    let facts = memory.facts(&call.audience());
    for name in [v::LABEL, v::SPELLED] {
        let labels = facts.some(Some(&hit.subject.clone().into()), Some(name), None, 1)?;
        if let Some(Term::Literal(label)) = labels.first().map(|fact| &fact.object) {
            return Ok(label.value().to_owned());
        }
    }
    let last = || hit.subject.as_str().rsplit(['/', '#', ':']).next().unwrap_or_default().to_owned();
    Ok(Key::of_thing(&hit.subject).map_or_else(last, |key| key.to_string()))
}

/// Runs a query that changes nothing.
pub(super) fn sparql(call: &Call) -> Result<Given, Refusal> {
    let Asked { query, limit, entailment } = call.takes()?;
    let limit = limit.unwrap_or(100).clamp(1, MOST_ROWS);
    let regime = entailment.as_deref().unwrap_or("none");
    let regime = Regime::named(regime).ok_or_else(|| Refusal(format!("`{regime}` is no entailment regime")))?;
    let table = call.behind.memory().sparql_by(regime, &query, &call.audience(), limit, &call.stop)?;
    let data = as_json(&table);
    Ok(Given::good(data.to_string(), data))
}

/// A table in the shape of SPARQL 1.1 Query Results JSON.
fn as_json(table: &Table) -> Value {
    let mut out = Map::new();
    if let Some(truth) = table.boolean {
        out.insert("head".to_owned(), json!({}));
        out.insert("boolean".to_owned(), truth.into());
    } else if table.variables.is_empty() && !table.triples.is_empty() {
        let triples = table.triples.iter().map(|triple| Value::from(format!("{triple} ."))).collect();
        out.insert("triples".to_owned(), triples);
    } else {
        let rows = table.rows.iter().map(|row| {
            let bound = table.variables.iter().zip(row).filter_map(|(name, term)| Some((name, term.as_ref()?)));
            Value::Object(bound.map(|(name, term)| (name.clone(), term_as_json(term))).collect())
        });
        out.insert("results".to_owned(), json!({ "bindings": rows.collect::<Vec<_>>() }));
        out.insert("head".to_owned(), json!({ "vars": table.variables }));
    }
    if table.partial {
        out.insert("partial".to_owned(), true.into());
    }
    Value::Object(out)
}

fn term_as_json(term: &Term) -> Value {
    match term {
        Term::NamedNode(node) => json!({ "type": "uri", "value": node.as_str() }),
        Term::BlankNode(node) => json!({ "type": "bnode", "value": node.as_str() }),
        Term::Literal(literal) => {
            let mut out = json!({ "type": "literal", "value": literal.value() });
            if let Some(fields) = out.as_object_mut() {
                if let Some(language) = literal.language() {
                    fields.insert("xml:lang".to_owned(), language.into());
                } else if literal.datatype() != quid_core::oxrdf::vocab::xsd::STRING {
                    fields.insert("datatype".to_owned(), literal.datatype().as_str().into());
                }
            }
            out
        }
        Term::Triple(triple) => {
            let subject = match &triple.subject {
                NamedOrBlankNode::NamedNode(node) => term_as_json(&node.clone().into()),
                NamedOrBlankNode::BlankNode(node) => term_as_json(&node.clone().into()),
            };
            json!({ "type": "triple", "value": { "subject": subject,
                "predicate": term_as_json(&triple.predicate.clone().into()), "object": term_as_json(&triple.object) } })
        }
    }
}
