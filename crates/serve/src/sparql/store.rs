//! The Graph Store: graphs as things to get, put, add to and delete, by SPARQL 1.1 Graph Store HTTP Protocol.
//!
//! A graph is named by `?graph=IRI` or `?default`, or by the address below `/store/` itself. A POST to the store alone
//! makes a new graph and says where it is. How writes are recorded stands in the store's own `update.rs`.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use quid_core::{
    oxrdf::NamedNode,
    sparql::{Document, Format, Kind, Which},
};

use super::{author, blocking, done, multipart, negotiate::Accept, plain, request, streamed};
use crate::{
    error::Problem,
    room::Room,
    who::{Caller, Role},
};

/// Below this lie the graphs that are named by their address.
const STORE: &str = "/store";

pub(super) fn routes() -> Router<Arc<Room>> {
    Router::new().route(STORE, any(indirect)).route("/store/", any(indirect)).route("/store/{*path}", any(direct))
}

async fn indirect(
    State(room): State<Arc<Room>>,
    caller: Caller,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let which = match named(&headers, query.as_deref().unwrap_or_default()) {
        Ok(which) => which,
        Err(problem) => return problem.into_response(),
    };
    act(&room, &caller, &method, which, &headers, body).await.unwrap_or_else(IntoResponse::into_response)
}

async fn direct(
    State(room): State<Arc<Room>>,
    caller: Caller,
    method: Method,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut address = format!("{}/{path}", base(&headers));
    if let Some(query) = query {
        address = format!("{address}?{query}");
    }
    let which = match NamedNode::new(&address) {
        Ok(name) => Some(Which::Named(name)),
        Err(why) => return Problem::bad(format!("`{address}` names no graph: {why}")).into_response(),
    };
    act(&room, &caller, &method, which, &headers, body).await.unwrap_or_else(IntoResponse::into_response)
}

/// The address of the store, as the client called it.
fn base(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}{STORE}")
}

/// The graph that the parameters name; `None` for the store itself.
fn named(headers: &HeaderMap, query: &str) -> Result<Option<Which>, Problem> {
    let parameters = request::Parameters::parse(query)?;
    let graph = parameters.one("graph")?;
    match (graph, parameters.has("default")) {
        (Some(_), true) => Err(Problem::bad("name a graph or the default graph, not both")),
        (None, true) => Ok(Some(Which::Default)),
        (None, false) => Ok(None),
        (Some(iri), false) => {
            // Graph Store Protocol, 4.2: a relative IRI is relative to the request.
            let absolute = if iri.contains(':') { iri } else { format!("{}/{iri}", base(headers)) };
            let name = NamedNode::new(&absolute);
            Ok(Some(Which::Named(name.map_err(|why| Problem::bad(format!("graph: `{absolute}` is no IRI: {why}")))?)))
        }
    }
}

async fn act(
    room: &Arc<Room>,
    caller: &Caller,
    method: &Method,
    which: Option<Which>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    match *method {
        Method::GET | Method::HEAD => {
            caller.needs(Role::Read)?;
            let which = which.ok_or_else(|| Problem::bad("name a graph: `?graph=IRI`, or `?default`"))?;
            read(room, caller, method, which, headers).await
        }
        Method::PUT | Method::POST => {
            caller.needs(Role::Learn)?;
            let is_dataset = matches!(
                request::media_type(headers).as_deref().and_then(Format::of_rdf),
                Some(Format::TriG | Format::NQuads)
            );
            // A dataset says itself which graphs it is made of.
            let which = which.or_else(|| is_dataset.then_some(Which::Default));
            let is_new = which.is_none();
            if is_new && *method == Method::PUT {
                return Err(Problem::bad("name the graph to put: `?graph=IRI`, or `?default`"));
            }
            let which = which.map_or_else(|| fresh(headers, room), Ok)?;
            write(room, caller, method, which, is_new, headers, body).await
        }
        Method::DELETE => {
            caller.needs(Role::Learn)?;
            let which = which.ok_or_else(|| Problem::bad("name a graph: `?graph=IRI`, or `?default`"))?;
            let by = author(room, caller);
            let asked = plain(room, caller, "DELETE of a graph");
            let changed =
                blocking(room, caller, asked, move |room, asked| room.behind.sparql().remove(&which, asked, &by));
            Ok(done(StatusCode::NO_CONTENT, &changed.await?))
        }
        _ => {
            let mut response =
                Problem::new(StatusCode::METHOD_NOT_ALLOWED, "graphs are got, put, posted and deleted").into_response();
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, PUT, POST, DELETE"));
            Ok(response)
        }
    }
}

async fn read(
    room: &Arc<Room>,
    caller: &Caller,
    method: &Method,
    which: Which,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::of(headers);
    let asked = plain(room, caller, "GET of a graph");
    if *method == Method::HEAD {
        let format = accept.choose(Kind::Graph).map_err(|trouble| super::problem(&trouble))?;
        let there =
            blocking(room, caller, asked, move |room, asked| room.behind.sparql().has_graph(&which, &asked.audience));
        if !there.await? {
            return Err(Problem::not_found("there is no such graph"));
        }
        return Ok(([(header::CONTENT_TYPE, super::flow::content_type(format))], ()).into_response());
    }
    streamed(room, caller, asked, accept, move |room, asked, out| room.behind.sparql().graph(&which, asked, out)).await
}

/// A name that no graph has yet.
fn fresh(headers: &HeaderMap, room: &Room) -> Result<Which, Problem> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("{}/{}-{number}", base(headers), room.behind.now().micros());
    let name = NamedNode::new(name).map_err(|why| Problem::bad(format!("the Host header makes no IRI: {why}")))?;
    Ok(Which::Named(name))
}

async fn write(
    room: &Arc<Room>,
    caller: &Caller,
    method: &Method,
    which: Which,
    is_new: bool,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let unsupported = |what: &str| {
        let words = format!("`{what}` is no RDF that is read here; text/turtle and others are");
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words)
    };
    let media_type = request::media_type(headers);
    let bytes = request::body(room, body, headers, room.config.limits.upload()).await?;
    let is_form = media_type.as_deref() == Some("multipart/form-data");
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let documents: Vec<(Format, Bytes)> = if is_form {
        let boundary = multipart::boundary(content_type).ok_or_else(|| Problem::bad("the boundary is not named"))?;
        let mut found = Vec::new();
        for part in multipart::parts(&bytes, boundary)? {
            let named = part.media_type.as_deref().unwrap_or("text/turtle");
            let format = Format::of_rdf(named).ok_or_else(|| unsupported(named))?;
            found.push((format, bytes.slice_ref(part.bytes)));
        }
        found
    } else if bytes.is_empty() {
        Vec::new()
    } else {
        let named = media_type.ok_or_else(|| unsupported("no Content-Type"))?;
        let format = Format::of_rdf(&named).ok_or_else(|| unsupported(&named))?;
        vec![(format, bytes)]
    };
    let base = match &which {
        Which::Named(name) => name.as_str().to_owned(),
        Which::Default => base(headers),
    };
    let location = match &which {
        Which::Named(name) if is_new => HeaderValue::from_str(name.as_str()).ok(),
        _ => None,
    };
    let replace = *method == Method::PUT;
    let by = author(room, caller);
    let asked = plain(room, caller, if replace { "PUT of a graph" } else { "POST to a graph" });
    let changed = blocking(room, caller, asked, move |room, asked| {
        let documents: Vec<Document<'_>> =
            documents.iter().map(|(format, bytes)| Document { bytes, format: *format, base: Some(&base) }).collect();
        room.behind.sparql().put(&which, &documents, replace, asked, &by)
    });
    let changed = changed.await?;
    let status = if changed.created { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    let mut response = done(status, &changed);
    if let Some(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}
