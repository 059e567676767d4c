//! SPARQL 1.1 over HTTP: queries, updates and the Graph Store.
//!
//! The paths are those of Oxigraph's own server (`/query`, `/update`, `/store`), and `/sparql` for both. Reading is
//! for whoever may read; every write needs a token that allows to learn.

mod describe;
mod flow;
mod multipart;
mod negotiate;
mod request;
mod store;

use std::sync::{Arc, atomic::AtomicBool};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use quid_core::{
    Regime, Scope,
    sparql::{Asked, Author, Bounds, Changed, Trouble},
};

use crate::{
    error::Problem,
    room::{Raise, Room},
    running::Running,
    who::{Caller, Role},
};
use flow::Outflow;
use negotiate::Accept;
use request::{Request, Verb};

pub(crate) fn routes() -> Router<Arc<Room>> {
    let any = |verb: Option<Verb>| {
        get(async move |room, caller, method, uri, headers, body| {
            speak(verb, room, caller, method, uri, headers, body).await
        })
        .post(async move |room, caller, method, uri, headers, body| {
            speak(verb, room, caller, method, uri, headers, body).await
        })
    };
    Router::new()
        .route("/query", any(Some(Verb::Query)))
        .route("/update", any(Some(Verb::Update)))
        .route("/sparql", any(None))
        .route("/sparql/", any(None))
        .merge(store::routes())
}

async fn speak(
    verb: Option<Verb>,
    State(room): State<Arc<Room>>,
    caller: Caller,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match answer(verb, &room, &caller, &method, &uri, &headers, body).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn answer(
    verb: Option<Verb>,
    room: &Arc<Room>,
    caller: &Caller,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let query = uri.query().unwrap_or_default();
    let endpoint = endpoint(headers, uri.path());
    if method == Method::GET && query.is_empty() && verb != Some(Verb::Update) {
        // SPARQL 1.1 Service Description, 2: the endpoint itself says what it is.
        caller.needs(Role::Read)?;
        return describe::service(room, headers, &endpoint);
    }
    let body = if method == Method::POST {
        let most = if caller.role >= Role::Learn { room.config.limits.upload() } else { room.config.limits.body() };
        Some(request::body(room, body, headers, most).await?)
    } else {
        None
    };
    let request = Request::read(query, headers, body.as_ref())?;
    if verb.is_some_and(|verb| verb != request.verb) {
        return Err(Problem::bad("queries go to /query, updates to /update, both to /sparql"));
    }
    let mut asked = asked(room, caller, request.clone());
    asked.base = Some(endpoint);
    match request.verb {
        Verb::Query => {
            caller.needs(Role::Read)?;
            run_query(room, caller, asked, Accept::of(headers)).await
        }
        Verb::Update => {
            caller.needs(Role::Learn)?;
            let by = author(room, caller);
            let changed = blocking(room, caller, asked, move |room, asked| room.behind.sparql().update(asked, &by));
            let changed = changed.await?;
            Ok(done(StatusCode::NO_CONTENT, &changed))
        }
    }
}

/// The address that was called: what relative IRIs are relative to, where the text says nothing else.
fn endpoint(headers: &HeaderMap, path: &str) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("http://{}{path}", host.replace(['<', '>', '"', ' '], ""))
}

fn asked(room: &Arc<Room>, caller: &Caller, request: Request) -> Asked {
    let mut bounds = bounds(room);
    bounds.time = request.time.map_or(bounds.time, |time| time.min(bounds.time));
    Asked {
        text: request.text,
        base: None,
        default_graphs: request.default_graphs,
        named_graphs: request.named_graphs,
        union: room.config.union,
        audience: caller.audience(),
        regime: request.regime,
        bounds,
        stop: Arc::new(AtomicBool::new(false)),
    }
}

/// A request without a text of its own, on the Graph Store.
fn plain(room: &Arc<Room>, caller: &Caller, text: &str) -> Asked {
    Asked {
        text: text.to_owned(),
        base: None,
        default_graphs: Vec::new(),
        named_graphs: Vec::new(),
        union: room.config.union,
        audience: caller.audience(),
        regime: Regime::None,
        bounds: bounds(room),
        stop: Arc::new(AtomicBool::new(false)),
    }
}

fn bounds(room: &Room) -> Bounds {
    let limits = &room.config.limits;
    Bounds { time: limits.query_time(), bytes: limits.query_mb.saturating_mul(1 << 20), rows: limits.query_rows }
}

fn author(room: &Arc<Room>, caller: &Caller) -> Author {
    let speaker = caller.speaker();
    Author {
        scope: Scope::of(&caller.place(), &speaker.identity()),
        speaker,
        at: room.behind.now(),
        of_all: caller.role >= Role::Admin,
    }
}

/// Runs a query and streams its answer.
async fn run_query(room: &Arc<Room>, caller: &Caller, asked: Asked, accept: Accept) -> Result<Response, Problem> {
    let stream = move |room: &Arc<Room>, asked: &Asked, out: &mut Outflow| room.behind.sparql().query(asked, out);
    streamed(room, caller, asked, accept, stream).await
}

/// Runs something whose answer is streamed.
async fn streamed(
    room: &Arc<Room>,
    caller: &Caller,
    asked: Asked,
    accept: Accept,
    work: impl FnOnce(&Arc<Room>, &Asked, &mut Outflow) -> Result<(), Trouble> + Send + 'static,
) -> Result<Response, Problem> {
    let (mut out, inflow) = Outflow::new(accept, room.config.limits.stall());
    // A client that goes away before the head is sent drops this; later it is missed when nobody takes the body.
    let raised = Raise(Arc::clone(&asked.stop));
    let entry = Running::enter(room, &caller.speaker().nick, &asked.text, Arc::clone(&asked.stop));
    let turn = room.turn().await?;
    tokio::task::spawn_blocking(move || {
        let outcome = work(turn.room(), &asked, &mut out);
        count(turn.room(), outcome.as_ref().err());
        // Over before its last word is heard: whoever looks then finds it gone.
        drop((entry, turn));
        out.finish(outcome);
    });
    let response = flow::response(inflow).await;
    raised.keep();
    Ok(response)
}

/// Runs something that answers when it is done.
async fn blocking<T: Send + 'static>(
    room: &Arc<Room>,
    caller: &Caller,
    asked: Asked,
    work: impl FnOnce(&Arc<Room>, &Asked) -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Problem> {
    let entry = Running::enter(room, &caller.speaker().nick, &asked.text, Arc::clone(&asked.stop));
    let done = room.blocking(move |room| {
        let _entry = entry;
        let outcome = work(room, &asked);
        count(room, outcome.as_ref().err());
        outcome
    });
    done.await?.map_err(|trouble| problem(&trouble))
}

fn count(room: &Room, trouble: Option<&Trouble>) {
    if matches!(trouble, Some(Trouble::TooMuch(_) | Trouble::Stopped)) {
        room.metrics.stopped.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

/// A change that is durable.
fn done(status: StatusCode, changed: &Changed) -> Response {
    let mut response = status.into_response();
    if let Some(value) = changed.seq.and_then(|seq| HeaderValue::from_str(&seq.to_string()).ok()) {
        // Its place in the journal, for whoever wants to find or undo it.
        response.headers_mut().insert("quid-statement", value);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Trouble as a status.
fn problem(trouble: &Trouble) -> Problem {
    let status = match trouble {
        Trouble::Malformed(_) | Trouble::Gone => StatusCode::BAD_REQUEST,
        Trouble::Refused(_) => StatusCode::FORBIDDEN,
        Trouble::Unacceptable(_) => StatusCode::NOT_ACCEPTABLE,
        Trouble::Missing(_) => StatusCode::NOT_FOUND,
        Trouble::TooMuch(_) | Trouble::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        Trouble::Storage(why) => {
            tracing::error!("{why}");
            return Problem::inside("the store failed; the log says more");
        }
    };
    Problem::new(status, trouble.to_string())
}
