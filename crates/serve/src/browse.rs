//! What is known without asking in words: `/entity`, `/complete`, `/sources`.
//!
//! For people who look around and for editors that complete. Nothing here concludes or writes; everybody sees what
//! they may see.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
    routing::get,
};
use quid_core::{
    Audience, Fault, Memory, Place, Source,
    oxrdf::{NamedNode, Term},
    shown::Which,
    text::words_of_iri,
    vocabulary,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    error::Problem,
    given::Given,
    room::Room,
    who::{Caller, Role},
};

/// The longest name or IRI, in bytes.
const LONGEST: usize = 2048;
/// Completions that are given when no number is named, and the most.
const USUAL: usize = 20;
const MOST: usize = 200;
/// How many statements of each source are looked at for the words it uses. A store sorts by hashes, so these are
/// as good as drawn by chance.
const SAMPLE: usize = 50_000;
/// How many words of each kind are listed for a source.
const MOST_WORDS: usize = 2000;
/// How long the list of words in use is good for.
const FRESH: Duration = Duration::from_mins(10);

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new().route("/entity", get(entity)).route("/complete", get(complete)).route("/sources", get(sources))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    iri: Option<String>,
    name: Option<String>,
}

async fn entity(
    State(room): State<Arc<Room>>,
    caller: Caller,
    Given(wanted): Given<Wanted>,
) -> Result<Response, Problem> {
    caller.needs(Role::Read)?;
    let which = match (wanted.iri, wanted.name) {
        (Some(text), None) | (None, Some(text)) if text.len() > LONGEST => {
            return Err(Problem::bad(format!("longer than {LONGEST} bytes")));
        }
        (Some(iri), None) => {
            Which::Iri(NamedNode::new(&iri).map_err(|why| Problem::bad(format!("`{iri}` is no IRI: {why}")))?)
        }
        (None, Some(name)) if !name.trim().is_empty() => Which::Name(name),
        _ => return Err(Problem::bad("give `iri` or `name`, one of them")),
    };
    let heard = caller.says("", room.behind.now());
    let found = room.think(&caller, "", move |behind, _, stop| behind.entity(&heard, &which, stop)).await??;
    let found = found.ok_or_else(|| Problem::not_found("nothing is known of that here"))?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(found)).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    prefix: String,
    #[serde(default)]
    kind: Kind,
    limit: Option<usize>,
}

/// What is to be completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// A name of anything.
    #[default]
    Name,
    /// A relation in use, by its IRI or its name.
    Property,
    /// A class in use, by its IRI or its name.
    Class,
    /// Something by its name, with its IRI.
    Entity,
}

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Completion {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    iri: Option<String>,
}

async fn complete(
    State(room): State<Arc<Room>>,
    caller: Caller,
    Given(begun): Given<Begun>,
) -> Result<Response, Problem> {
    caller.needs(Role::Read)?;
    if begun.prefix.len() > LONGEST {
        return Err(Problem::bad(format!("longer than {LONGEST} bytes")));
    }
    let most = begun.limit.unwrap_or(USUAL).min(MOST);
    let audience = caller.audience();
    let shared = Arc::clone(&room);
    let found = room.think(&caller, "", move |behind, _, stop| match begun.kind {
        Kind::Name => {
            let names = behind.recall().names_from(&begun.prefix, &audience, most)?;
            Ok::<_, Fault>(names.into_iter().map(|text| Completion { text, iri: None }).collect::<Vec<_>>())
        }
        Kind::Entity => {
            let mut found = Vec::new();
            for name in behind.recall().names_from(&begun.prefix, &audience, most)? {
                for hit in behind.recall().named(&name, &audience, most)? {
                    found.push(Completion { text: name.clone(), iri: Some(hit.subject.into_string()) });
                }
                let thing = quid_core::Key::of(&name).thing();
                if !behind.memory().facts(&audience).some(Some(&thing.clone().into()), None, None, 1)?.is_empty() {
                    found.push(Completion { text: name, iri: Some(thing.into_string()) });
                }
            }
            found.sort();
            found.dedup();
            found.truncate(most);
            Ok(found)
        }
        kind => {
            let words = shared.words.in_use(behind.memory().as_ref(), stop)?;
            let of_kind = if kind == Kind::Class { &words.classes } else { &words.properties };
            Ok(begin_so(of_kind, &begun.prefix).take(most).cloned().collect())
        }
    });
    let found = found.await??;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(json!({ "completions": found }))).into_response())
}

/// Those whose IRI, its last part, or one of whose words begins so.
fn begin_so<'a>(words: &'a [Completion], prefix: &str) -> impl Iterator<Item = &'a Completion> {
    let wanted = prefix.trim_start_matches('<').to_lowercase();
    words.iter().filter(move |word| {
        let iri = word.iri.as_deref().unwrap_or_default().to_lowercase();
        let last = iri.rsplit(['/', '#', ':']).next().unwrap_or_default();
        let text = word.text.to_lowercase();
        iri.starts_with(&wanted) || last.starts_with(&wanted) || text.split(' ').any(|word| word.starts_with(&wanted))
    })
}

async fn sources(State(room): State<Arc<Room>>, caller: Caller) -> Result<Response, Problem> {
    caller.needs(Role::Read)?;
    let mut loaded = room.think(&caller, "", |behind, _, _| behind.memory().sources()).await??;
    if caller.role < Role::Admin {
        // Where a file lay on this machine is nobody else's business.
        for file in loaded.iter_mut().flat_map(|source| &mut source.files) {
            file.path = file.path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        }
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(json!({ "sources": loaded }))).into_response())
}

/// The relations and classes that loaded sources use.
#[derive(Debug, Default)]
struct Words {
    properties: Vec<Completion>,
    classes: Vec<Completion>,
}

/// The words in use, looked up when they are first wanted and from time to time anew.
#[derive(Debug, Default)]
pub(crate) struct WordsInUse(Mutex<Option<(Instant, Arc<Words>)>>);

impl WordsInUse {
    fn in_use(&self, memory: &dyn Memory, stop: &AtomicBool) -> Result<Arc<Words>, Fault> {
        // One looks, the others wait for it.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, words)) = &*known
            && since.elapsed() < FRESH
        {
            return Ok(Arc::clone(words));
        }
        let words = Arc::new(look(memory, stop)?);
        *known = Some((Instant::now(), Arc::clone(&words)));
        Ok(words)
    }
}

/// Looks at a sample of each source that everybody may see.
fn look(memory: &dyn Memory, stop: &AtomicBool) -> Result<Words, Fault> {
    let everybody = Audience { name: String::new(), place: Place::Private };
    let (mut properties, mut classes) = (BTreeSet::new(), BTreeSet::new());
    let take = |query: &str, into: &mut BTreeSet<String>| -> Result<(), Fault> {
        let table = memory.sparql(query, &everybody, MOST_WORDS, stop)?;
        for term in table.rows.into_iter().flatten().flatten() {
            if let Term::NamedNode(node) = term {
                into.insert(node.into_string());
            }
        }
        Ok(())
    };
    for source in memory.sources()? {
        // What people taught has no graph of its own, and few words that are not minted.
        let graph = Source::Dump(source.name).graph();
        let sample = |pattern: &str| {
            format!("SELECT DISTINCT ?w {{ {{ SELECT ?w {{ GRAPH {graph} {{ {pattern} }} }} LIMIT {SAMPLE} }} }}")
        };
        take(&sample("?s ?w ?o"), &mut properties)?;
        take(&sample(&format!("?s {} ?w", vocabulary::TYPE)), &mut classes)?;
    }
    // What this program itself may say of anything.
    properties.extend(
        vocabulary::ALL.iter().filter(|(_, node)| is_property(node.as_str())).map(|(_, node)| node.as_str().to_owned()),
    );
    Ok(Words { properties: named(properties), classes: named(classes) })
}

/// Properties begin with a small letter where their vocabularies follow the custom.
fn is_property(iri: &str) -> bool {
    iri.rsplit(['/', '#', ':']).next().and_then(|last| last.chars().next()).is_some_and(char::is_lowercase)
}

fn named(iris: BTreeSet<String>) -> Vec<Completion> {
    let name = |iri: &str| {
        let last = || iri.rsplit(['/', '#', ':']).next().unwrap_or_default().to_owned();
        words_of_iri(iri).unwrap_or_else(last)
    };
    iris.into_iter().map(|iri| Completion { text: name(&iri), iri: Some(iri) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_by_how_it_begins() {
        let words = named(BTreeSet::from(
            ["http://www.w3.org/2000/01/rdf-schema#subClassOf", "http://example.org/r/UsedFor", "urn:quid:ns:is"]
                .map(str::to_owned),
        ));
        for (prefix, expected) in [
            ("sub", vec!["sub Class Of"]),
            ("CLASS", vec!["sub Class Of"]),
            ("<http://example", vec!["Used For"]),
            ("used", vec!["Used For"]),
            ("", vec!["Used For", "sub Class Of", "is"]),
            ("zz", vec![]),
        ] {
            let found: Vec<&str> = begin_so(&words, prefix).map(|word| word.text.as_str()).collect();
            assert_eq!(found, expected, "{prefix}");
        }
    }
}
