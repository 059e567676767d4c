//! Questions and lessons in words: `/ask`, `/learn`, `/undo`, `/why`.
//!
//! The answer is the whole `Reply` as JSON, or the same as events while it is being found. A conversation has a name
//! that its client makes up (`Quid-Talk`); without one every request stands alone.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use quid_core::{Answer, Heard, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    behind::{Behind, Gist, May},
    error::Problem,
    events::{Events, pieces},
    given::Given,
    room::Room,
    who::{Caller, Role},
};

/// The header that names a conversation.
pub(crate) const TALK: &str = "quid-talk";
/// The longest name of a conversation.
const LONGEST_NAME: usize = 128;
/// The most proofs of one answer that are told step by step.
const MOST_TOLD: usize = 8;
/// The most changes that are taken back at once.
const MOST_BACK: u32 = 1000;
/// The line that asks for the reasons of the last answer.
const WHY: &str = "/why";

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/ask", get(ask).post(ask))
        .route("/learn", post(learn))
        .route("/undo", post(undo))
        .route("/why", get(why).post(why))
        .route("/session", get(session))
}

/// What somebody says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
    talk: Option<String>,
    /// Whether proofs are wanted step by step in words as well.
    #[serde(default)]
    steps: bool,
}

/// What is to be taken back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Back {
    #[serde(default = "one")]
    count: u32,
    talk: Option<String>,
}

/// Which answer is to be explained: that of this question, or the last.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Explained {
    text: Option<String>,
    talk: Option<String>,
    #[serde(default)]
    steps: bool,
}

fn one() -> u32 {
    1
}

/// Answers a line. What is fetched changes nothing, whoever fetches it: links are followed by machines.
async fn ask(
    State(room): State<Arc<Room>>,
    mut caller: Caller,
    method: Method,
    headers: HeaderMap,
    Given(said): Given<Said>,
) -> Result<Response, Problem> {
    caller.needs(Role::Read)?;
    if method != Method::POST {
        caller.role = Role::Read;
    }
    let line = Line { text: said.text, steps: said.steps, before: None };
    answer(&room, caller, &headers, said.talk, line).await
}

/// Teaches, corrects or takes back. Whether a line did that shows in its effect; one that changed nothing is told as a
/// problem, so that no program believes it has taught something.
async fn learn(
    State(room): State<Arc<Room>>,
    caller: Caller,
    headers: HeaderMap,
    Given(said): Given<Said>,
) -> Result<Response, Problem> {
    caller.needs(Role::Learn)?;
    let talk = Talk::of(&headers, said.talk)?;
    let (may, heard, steps) = (caller.may(), caller.says(said.text, room.behind.now()), said.steps);
    let name = talk.name.clone();
    let taught = room.think(&caller, &name, move |behind, name, stop| {
        let _talk = talk.entered(behind, name);
        let reply = behind.hear(name, &heard, may, stop);
        let is_done = reply.statement.is_some() || matches!(reply.answer, Answer::Done | Answer::Error);
        (is_done, shown(behind, name, &heard, may, &reply, steps, stop), reply.text)
    });
    let (is_done, reply, text) = taught.await?;
    if !is_done {
        let words =
            format!("nothing was learned from this; say what is so (`coffee is a drink`). The answer was: {text}");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, words));
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}

/// Takes back what this caller changed last.
async fn undo(
    State(room): State<Arc<Room>>,
    caller: Caller,
    headers: HeaderMap,
    Given(back): Given<Back>,
) -> Result<Response, Problem> {
    caller.needs(Role::Learn)?;
    if !(1..=MOST_BACK).contains(&back.count) {
        return Err(Problem::bad(format!("`count` is 1 to {MOST_BACK}")));
    }
    let line = Line { text: format!("undo {}", back.count), steps: false, before: None };
    answer(&room, caller, &headers, back.talk, line).await
}

/// Says why the last answer of a conversation holds, or that of a question.
async fn why(
    State(room): State<Arc<Room>>,
    mut caller: Caller,
    headers: HeaderMap,
    Given(explained): Given<Explained>,
) -> Result<Response, Problem> {
    caller.needs(Role::Read)?;
    // The question is asked again; that must not teach.
    if explained.text.is_some() {
        caller.role = Role::Read;
    }
    let line = Line { text: WHY.to_owned(), steps: explained.steps, before: explained.text };
    answer(&room, caller, &headers, explained.talk, line).await
}

/// Who one is here.
async fn session(State(room): State<Arc<Room>>, caller: Caller) -> Json<Value> {
    let allows = |role| caller.role >= role;
    Json(json!({
        "bot": room.behind.name(),
        "user": caller.user,
        "role": caller.role,
        "ask": allows(Role::Read),
        "learn": allows(Role::Learn),
    }))
}

/// A line to be answered.
struct Line {
    text: String,
    steps: bool,
    /// What is asked before it, unseen.
    before: Option<String>,
}

async fn answer(
    room: &Arc<Room>,
    caller: Caller,
    headers: &HeaderMap,
    named: Option<String>,
    line: Line,
) -> Result<Response, Problem> {
    let talk = Talk::of(headers, named)?;
    let may = caller.may();
    let now = room.behind.now();
    let heard = caller.says(line.text.clone(), now);
    let before = line.before.clone().map(|text| caller.says(text, now));
    if !wants_events(headers) {
        let steps = line.steps;
        let named = talk.name.clone();
        let reply = room.think(&caller, &named, move |behind, name, stop| {
            let talk = talk.entered(behind, name);
            if let Some(before) = before {
                behind.hear(name, &before, may, stop);
            }
            let reply = behind.hear(name, &heard, may, stop);
            let shown = shown(behind, name, &heard, may, &reply, steps, stop);
            drop(talk);
            shown
        });
        return Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply.await?)).into_response());
    }
    let (events, response) = Events::open();
    let room = Arc::clone(room);
    tokio::spawn(async move {
        events.tell("stage", &json!({ "stage": "heard" })).await;
        let sender = events.clone();
        let named = talk.name.clone();
        let thinking = room.think(&caller, &named, move |behind, name, stop| {
            let _talk = talk.entered(behind, name);
            sender.send("stage", &json!({ "stage": "understood", "as": behind.gist(&heard) }));
            if let Some(before) = before {
                behind.hear(name, &before, may, stop);
            }
            sender.send("stage", &json!({ "stage": "answering" }));
            let reply = behind.hear(name, &heard, may, stop);
            sender.send("kind", &kind_of(&reply));
            for piece in pieces(&reply.text) {
                sender.send("text", &json!({ "text": piece }));
            }
            if line.steps && matches!(reply.answer, Answer::Proved { .. }) {
                sender.send("stage", &json!({ "stage": "answered" }));
            }
            sender.send("reply", &shown(behind, name, &heard, may, &reply, line.steps, stop));
        });
        // Whoever goes away drops the thinking, and that raises its stop flag.
        tokio::select! {
            done = thinking => {
                if let Err(problem) = done {
                    events.tell("error", &json!({ "error": problem.words, "status": problem.status.as_u16() })).await;
                }
            }
            () = events.keep_awake() => {}
        }
    });
    Ok(response)
}

/// The kind of a reply, which is said before its words.
fn kind_of(reply: &Reply) -> Value {
    let mut kind = json!({ "kind": reply.kind() });
    if let Answer::Guessed { probability, .. } = reply.answer {
        kind["probability"] = probability.into();
    }
    kind
}

/// A reply as JSON, with its proofs in words where they are wanted.
fn shown(
    behind: &dyn Behind,
    talk: &str,
    heard: &Heard,
    may: May,
    reply: &Reply,
    steps: bool,
    stop: &AtomicBool,
) -> Value {
    let mut json = reply.to_json();
    if let (Answer::Proved { proofs, .. }, true) = (&reply.answer, steps) {
        let told: Vec<Value> = proofs
            .iter()
            .take(MOST_TOLD)
            .filter_map(|proof| match behind.steps(talk, heard, may, proof.proof(), stop) {
                Ok(told) => Some(json!(told)),
                Err(fault) => {
                    tracing::warn!("a proof was not told step by step: {fault}");
                    None
                }
            })
            .collect();
        json["told"] = told.into();
    }
    if may == May::Ask && matches!(reply.answer, Answer::Error) && behind.gist(heard) != Gist::Question {
        json["needs"] = "learn".into();
    }
    json
}

pub(crate) fn wants_events(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok()).any(|accept| {
        accept.split(',').any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "text/event-stream"))
    })
}

/// A conversation: its client's, or one for a single request.
pub(crate) struct Talk {
    pub(crate) name: String,
    once: bool,
}

impl Talk {
    /// The conversation of a request.
    pub(crate) fn of(headers: &HeaderMap, named: Option<String>) -> Result<Self, Problem> {
        let header = headers.get(TALK).map(|name| name.to_str().map(str::to_owned)).transpose();
        let header = header.map_err(|_| Problem::bad("the name of a conversation is plain text"))?;
        let is_plain = |name: &String| name.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let wrong = |name: &String| name.is_empty() || name.len() > LONGEST_NAME || !is_plain(name);
        if header.iter().chain(&named).any(wrong) {
            return Err(Problem::bad(format!(
                "the name of a conversation has 1 to {LONGEST_NAME} characters of ASCII"
            )));
        }
        Ok(named.or(header).map_or_else(Self::once, |name| Self { name: format!("named {name}"), once: false }))
    }

    /// A conversation that nobody goes on with.
    pub(crate) fn once() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Self { name: format!("once {}", COUNT.fetch_add(1, Ordering::Relaxed)), once: true }
    }

    /// Holds it for as long as it is spoken; one for a single request is then forgotten.
    pub(crate) fn entered<'a>(&self, behind: &'a dyn Behind, name: &'a str) -> Entered<'a> {
        Entered { behind, name, once: self.once }
    }
}

/// A conversation that goes on.
pub(crate) struct Entered<'a> {
    behind: &'a dyn Behind,
    name: &'a str,
    once: bool,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if self.once {
            self.behind.forget(self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_conversation_is_its_clients_or_stands_alone() {
        let mut headers = HeaderMap::new();
        let alone = (Talk::of(&headers, None).expect("fine"), Talk::of(&headers, None).expect("fine"));
        assert_ne!(alone.0.name, alone.1.name);
        headers.insert(TALK, HeaderValue::from_static("once 0"));
        let named = Talk::of(&headers, None).expect("fine");
        assert!(!named.once && named.name != "once 0", "nobody can name another's: {}", named.name);
        for bad in ["", "a\nb", "ü", &"x".repeat(LONGEST_NAME + 1)] {
            assert!(Talk::of(&headers, Some(bad.to_owned())).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn events_come_to_whoever_asks_for_them() {
        for (accept, wanted) in [
            ("text/event-stream", true),
            ("application/json, text/event-stream;q=0.5", true),
            ("application/json", false),
            ("*/*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(wants_events(&headers), wanted, "{accept}");
        }
    }
}
