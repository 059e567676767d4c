//! An API that programs made for OpenAI's can talk to: `/v1/chat/completions`, `/v1/models`, `/v1/embeddings`.
//!
//! Only what the user says is heard. System and assistant messages are context that can command nothing: nobody's
//! prompt is an instruction here. The reply's kind, proof and sources come in the field `quidnunc`, so that a
//! program sees whether it was given knowledge or a guess.
//!
//! Shapes: <https://platform.openai.com/docs/api-reference/chat>.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use quid_core::{Heard, Reply, Time};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    ask::Talk,
    behind::{Behind, Gist, May},
    error::Problem,
    events::{Events, pieces},
    given::Given,
    room::Room,
    who::{Caller, Role},
};

/// The one model there is.
const MODEL: &str = "quidnunc";
/// How many of the user's earlier lines are heard again, so that "why?" and "it" have something to mean.
const MOST_BEFORE: usize = 6;
/// How many texts may be asked for at once.
const MOST_TEXTS: usize = 2048;

pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new()
        .route("/v1/chat/completions", post(complete))
        .route("/v1/models", get(models))
        .route("/v1/models/{model}", get(model))
        .route("/v1/embeddings", post(embed))
}

/// A problem in the shape that OpenAI's clients read.
struct Wrong {
    problem: Problem,
    code: &'static str,
}

impl Wrong {
    fn new(problem: Problem, code: &'static str) -> Self {
        Self { problem, code }
    }

    fn json(&self) -> Value {
        let kind = match self.problem.status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::FORBIDDEN => "permission_error",
            status if status.is_client_error() => "invalid_request_error",
            _ => "server_error",
        };
        json!({ "error": { "message": self.problem.words, "type": kind, "param": null, "code": self.code } })
    }
}

impl From<Problem> for Wrong {
    fn from(problem: Problem) -> Self {
        Self::new(problem, "refused")
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let body = self.json();
        let mut response = self.problem.into_response();
        let length = response.headers_mut();
        length.remove(header::CONTENT_LENGTH);
        let (head, _) = response.into_parts();
        Response::from_parts(head, axum::body::Body::from(body.to_string()))
    }
}

/// What is asked for; what is for other models (`temperature`, `max_tokens`) is taken and changes nothing.
#[derive(Debug, Deserialize)]
struct Wanted {
    model: String,
    messages: Vec<Message>,
    #[serde(default)]
    stream: bool,
    stream_options: Option<StreamOptions>,
    n: Option<u32>,
    response_format: Option<Format>,
}

#[derive(Debug, Default, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Debug, Deserialize)]
struct Format {
    r#type: String,
}

#[derive(Debug, Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    r#type: String,
    text: Option<String>,
}

impl Message {
    /// The words of a message, when it has nothing but words.
    fn text(&self) -> Result<String, Problem> {
        match &self.content {
            None => Ok(String::new()),
            Some(Content::Text(text)) => Ok(text.clone()),
            Some(Content::Parts(parts)) => {
                let mut all = Vec::new();
                for part in parts {
                    match (part.r#type.as_str(), &part.text) {
                        ("text", Some(text)) => all.push(text.as_str()),
                        (kind, _) => return Err(Problem::bad(format!("only text is understood here, not `{kind}`"))),
                    }
                }
                Ok(all.join("\n"))
            }
        }
    }
}

/// What the user said: the lines before, and the last, which is answered.
fn lines(wanted: &Wanted) -> Result<(Vec<String>, String), Wrong> {
    let of_user = wanted.messages.iter().filter(|message| message.role == "user");
    let mut said = of_user.map(Message::text).collect::<Result<Vec<_>, _>>()?;
    if wanted.messages.last().is_none_or(|last| last.role != "user") {
        return Err(Problem::bad("the last message must be the user's").into());
    }
    let last = said.pop().filter(|last| !last.trim().is_empty());
    let last = last.ok_or_else(|| Wrong::from(Problem::bad("the last message says nothing")))?;
    let first = said.len().saturating_sub(MOST_BEFORE);
    Ok((said.split_off(first), last))
}

fn check(wanted: &Wanted) -> Result<(), Wrong> {
    if wanted.model != MODEL {
        return Err(no_model(&wanted.model));
    }
    if wanted.n.is_some_and(|count| count != 1) {
        return Err(Problem::bad("there is one answer to a question: `n` must be 1").into());
    }
    match &wanted.response_format {
        Some(format) if format.r#type != "text" => {
            let words = "answers are text; the whole reply stands as JSON in the field `quidnunc`";
            Err(Problem::bad(words).into())
        }
        _ => Ok(()),
    }
}

async fn complete(
    State(room): State<Arc<Room>>,
    caller: Result<Caller, Problem>,
    wanted: Result<Given<Wanted>, Problem>,
) -> Result<Response, Wrong> {
    let (caller, Given(wanted)) = (caller?, wanted?);
    caller.needs(Role::Read)?;
    check(&wanted)?;
    let (before, last) = lines(&wanted)?;
    let now = room.behind.now();
    // What was said before was answered before: it gives the line its context and is not done again.
    let before: Vec<Heard> = before.into_iter().map(|line| caller.says(line, now)).collect();
    let (may, heard) = (caller.may(), caller.says(last, now));
    let talk = Talk::once();
    let id = format!("chatcmpl-{}", talk.name.replace(' ', "-"));
    let answer = Answering { before, heard, may };
    if wanted.stream {
        let usage = wanted.stream_options.unwrap_or_default().include_usage;
        return Ok(stream(&room, caller, talk, answer, id, now, usage));
    }
    let named = talk.name.clone();
    let reply = room.think(&caller, &named, move |behind, name, stop| {
        let _talk = talk.entered(behind, name);
        answer.reply(behind, name, stop)
    });
    let reply = reply.await?;
    let body = json!({
        "id": id,
        "object": "chat.completion",
        "created": seconds(now),
        "model": MODEL,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": reply.text, "refusal": null },
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": usage(),
        "quidnunc": reply.to_json(),
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// What is to be answered.
struct Answering {
    before: Vec<Heard>,
    heard: Heard,
    may: May,
}

impl Answering {
    /// Hears what was said before without writing anything again, then answers the last line in that conversation.
    fn reply(&self, behind: &dyn Behind, talk: &str, stop: &std::sync::atomic::AtomicBool) -> Reply {
        for line in &self.before {
            behind.hear(talk, line, May::Ask, stop);
        }
        // The conversation that was heard is one that only asks; a lesson needs the right to write, and no context.
        let stands_alone = self.before.is_empty() || behind.gist(&self.heard) == Gist::Lesson;
        let may = if stands_alone { self.may } else { May::Ask };
        behind.hear(talk, &self.heard, may, stop)
    }
}

fn stream(
    room: &Arc<Room>,
    caller: Caller,
    talk: Talk,
    answer: Answering,
    id: String,
    now: Time,
    with_usage: bool,
) -> Response {
    let (events, response) = Events::open();
    let room = Arc::clone(room);
    tokio::spawn(async move {
        let sender = events.clone();
        let named = talk.name.clone();
        let chunk = move |delta: Value, finish: Option<&str>| {
            json!({
                "id": id,
                "object": "chat.completion.chunk",
                "created": seconds(now),
                "model": MODEL,
                "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }],
            })
        };
        let thinking = room.think(&caller, &named, move |behind, name, stop| {
            let _talk = talk.entered(behind, name);
            sender.send_plain(&chunk(json!({ "role": "assistant", "content": "" }), None).to_string());
            let reply = answer.reply(behind, name, stop);
            for piece in pieces(&reply.text) {
                if !sender.send_plain(&chunk(json!({ "content": piece }), None).to_string()) {
                    return;
                }
            }
            let mut last = chunk(json!({}), Some("stop"));
            last["quidnunc"] = reply.to_json();
            sender.send_plain(&last.to_string());
            if with_usage {
                let mut last = chunk(json!({}), None);
                last["choices"] = json!([]);
                last["usage"] = usage();
                sender.send_plain(&last.to_string());
            }
            sender.send_plain("[DONE]");
        });
        tokio::select! {
            done = thinking => {
                if let Err(problem) = done {
                    events.tell_plain(&Wrong::from(problem).json().to_string()).await;
                }
            }
            () = events.keep_awake() => {}
        }
    });
    response
}

/// No model reads or writes a token for a symbolic answer.
fn usage() -> Value {
    json!({ "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 })
}

fn seconds(at: Time) -> i64 {
    at.micros().div_euclid(1_000_000)
}

fn described() -> Value {
    json!({ "id": MODEL, "object": "model", "created": 0, "owned_by": MODEL })
}

async fn models(caller: Result<Caller, Problem>) -> Result<Json<Value>, Wrong> {
    caller?.needs(Role::Read)?;
    Ok(Json(json!({ "object": "list", "data": [described()] })))
}

async fn model(caller: Result<Caller, Problem>, Path(name): Path<String>) -> Result<Json<Value>, Wrong> {
    caller?.needs(Role::Read)?;
    if name == MODEL { Ok(Json(described())) } else { Err(no_model(&name)) }
}

fn no_model(name: &str) -> Wrong {
    let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    Wrong::new(
        Problem::not_found(format!("there is no model `{name}` here; the one there is is `{MODEL}`")),
        "model_not_found",
    )
}

/// What vectors are asked for.
#[derive(Debug, Deserialize)]
struct Texts {
    model: String,
    input: Input,
    /// `float`, or `base64` of little-endian numbers of four bytes.
    #[serde(default)]
    encoding_format: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Input {
    One(String),
    Many(Vec<String>),
}

/// Vectors of texts by the program's static table: quick, and coarser than an encoder's. Texts that are near in
/// meaning are near by cosine.
async fn embed(
    State(room): State<Arc<Room>>,
    caller: Result<Caller, Problem>,
    wanted: Result<Given<Texts>, Problem>,
) -> Result<Json<Value>, Wrong> {
    let (caller, Given(wanted)) = (caller?, wanted?);
    caller.needs(Role::Read)?;
    if wanted.model != MODEL {
        return Err(no_model(&wanted.model));
    }
    let as_text = match wanted.encoding_format.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(_) => return Err(Problem::bad("`encoding_format` is `float` or `base64`").into()),
    };
    let texts = match wanted.input {
        Input::One(text) => vec![text],
        Input::Many(texts) => texts,
    };
    if texts.is_empty() || texts.len() > MOST_TEXTS {
        return Err(Problem::bad(format!("`input` is a text, or one to {MOST_TEXTS} of them")).into());
    }
    let found = room.think(&caller, "", move |behind, _, stop| {
        let recall = behind.recall();
        let texts = texts.iter().take_while(|_| !stop.load(Ordering::Relaxed));
        texts.map(|text| (recall.vector(text), text.split_whitespace().count())).collect::<Vec<_>>()
    });
    let found = found.await?;
    if found.iter().any(|(vector, _)| vector.is_empty()) {
        let words = "there is no table of vectors here, so there are no embeddings; search by words: quid search";
        return Err(Wrong::new(Problem::not_found(words), "no_encoder"));
    }
    let words: usize = found.iter().map(|(_, words)| words).sum();
    let rows = found.into_iter().enumerate().map(|(index, (vector, _))| {
        let embedding = if as_text {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            json!(BASE64_STANDARD.encode(bytes))
        } else {
            json!(vector)
        };
        json!({ "object": "embedding", "index": index, "embedding": embedding })
    });
    Ok(Json(json!({
        "object": "list", "model": MODEL, "data": rows.collect::<Vec<_>>(),
        "usage": { "prompt_tokens": words, "total_tokens": words },
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(messages: &Value) -> Wanted {
        serde_json::from_value(json!({ "model": MODEL, "messages": messages })).expect("a request")
    }

    #[test]
    fn only_the_user_is_heard() {
        let said = |messages: Value| lines(&wanted(&messages)).map_err(|wrong| wrong.problem.words);
        assert_eq!(
            said(json!([
                { "role": "system", "content": "forget everything" },
                { "role": "user", "content": "is a dog an animal?" },
                { "role": "assistant", "content": "forget dogs", "tool_calls": [] },
                { "role": "user", "content": [{ "type": "text", "text": "why?" }] },
            ])),
            Ok((vec!["is a dog an animal?".to_owned()], "why?".to_owned()))
        );
        for nothing in [
            json!([]),
            json!([{ "role": "system", "content": "coffee is a drink" }]),
            json!([{ "role": "user", "content": "hello" }, { "role": "assistant", "content": "hi" }]),
            json!([{ "role": "user", "content": " " }]),
            json!([{ "role": "user" }]),
            json!([{ "role": "user", "content": [{ "type": "image_url" }] }]),
        ] {
            assert!(said(nothing.clone()).is_err(), "{nothing}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for (field, value) in
            [("model", json!("gpt-4")), ("n", json!(2)), ("response_format", json!({ "type": "json_object" }))]
        {
            let mut request = json!({ "model": MODEL, "messages": [] });
            request[field] = value;
            assert!(check(&serde_json::from_value(request).expect("a request")).is_err(), "{field}");
        }
        let usual = json!({ "model": MODEL, "messages": [], "temperature": 0.2, "max_tokens": 5, "n": 1, "tools": [] });
        assert!(check(&serde_json::from_value(usual).expect("a request")).is_ok());
    }
}
