//! What a SPARQL Protocol request asks for, whichever of its five shapes it has.
//!
//! SPARQL 1.1 Protocol, 2.1 and 2.2: a query by GET, by POST of a form, by POST of the text itself; an update by the
//! latter two. What is given twice, or in both places, or not at all, is refused rather than guessed.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use quid_core::{Regime, oxrdf::NamedNode};

use crate::{error::Problem, room::Room};

/// The most parameters of a request.
const MOST_PARAMETERS: usize = 256;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Query,
    Update,
}

/// A query or an update with its parameters.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) verb: Verb,
    pub(super) text: String,
    pub(super) default_graphs: Vec<NamedNode>,
    pub(super) named_graphs: Vec<NamedNode>,
    pub(super) regime: Regime,
    pub(super) time: Option<Duration>,
}

/// Parameters by name, as they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// From `name=value&…`, percent-encoded.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let mut found = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            if found.len() == MOST_PARAMETERS {
                return Err(Problem::bad(format!("more than {MOST_PARAMETERS} parameters")));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            found.push((decoded(name)?, decoded(value)?));
        }
        Ok(Self(found))
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The only value of this name; an error when there are several.
    pub(super) fn one(&self, name: &str) -> Result<Option<String>, Problem> {
        let mut all = self.all(name);
        let first = all.next().map(str::to_owned);
        if all.next().is_some() {
            return Err(Problem::bad(format!("`{name}` is given more than once")));
        }
        Ok(first)
    }

    pub(super) fn graphs(&self, name: &str) -> Result<Vec<NamedNode>, Problem> {
        self.all(name)
            .map(|iri| NamedNode::new(iri).map_err(|why| Problem::bad(format!("{name}: `{iri}` is no IRI: {why}"))))
            .collect()
    }
}

/// `%41+b` as `A b`.
fn decoded(text: &str) -> Result<String, Problem> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next(), rest.next()];
                let digit = |at: usize| digits.get(at).copied().flatten().and_then(|d| char::from(d).to_digit(16));
                let (Some(high), Some(low)) = (digit(0), digit(1)) else {
                    return Err(Problem::bad("a percent sign is not followed by two hexadecimal digits"));
                };
                u8::try_from(high * 16 + low).unwrap_or_default()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad("a parameter is not UTF-8"))
}

/// The whole body, up to `most` bytes, without waiting for ever for the next of them.
pub(super) async fn body(room: &Arc<Room>, body: Body, headers: &HeaderMap, most: usize) -> Result<Bytes, Problem> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "bodies are read as they are, not compressed"));
    }
    let too_long = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body has more than {most} bytes"));
    let said = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|length| length > most as u64) {
        return Err(too_long());
    }
    let mut body = Box::pin(body);
    let mut bytes = Vec::new();
    loop {
        let next = std::future::poll_fn(|context| hyper::body::Body::poll_frame(body.as_mut(), context));
        let frame = tokio::time::timeout(room.config.limits.stall(), next)
            .await
            .map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "the body stopped coming"))?;
        match frame {
            None => return Ok(bytes.into()),
            Some(Err(_)) => return Err(Problem::bad("the body broke off")),
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else { continue };
                if bytes.len() + data.len() > most {
                    return Err(too_long());
                }
                bytes.extend_from_slice(&data);
            }
        }
    }
}

/// The media type of a body, without parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or(value).trim().to_ascii_lowercase())
}

impl Request {
    /// Makes sense of a request. `body` is `None` for GET.
    pub(super) fn read(query: &str, headers: &HeaderMap, body: Option<&Bytes>) -> Result<Self, Problem> {
        let mut parameters = Parameters::parse(query)?;
        let mut direct = None;
        if let Some(body) = body {
            let text = || match std::str::from_utf8(body) {
                Ok(text) => Ok(text.to_owned()),
                Err(_) => Err(Problem::bad("the body is not UTF-8")),
            };
            if let Some(charset) = charset(headers)
                && !charset.eq_ignore_ascii_case("utf-8")
            {
                return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "only UTF-8 is read"));
            }
            match media_type(headers).as_deref() {
                Some("application/x-www-form-urlencoded") => parameters.0.extend(Parameters::parse(&text()?)?.0),
                Some("application/sparql-query") => direct = Some((Verb::Query, text()?)),
                Some("application/sparql-update") => direct = Some((Verb::Update, text()?)),
                _ => {
                    let words = "send application/sparql-query, application/sparql-update, or a form";
                    return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
                }
            }
        }
        let (verb, text) = match (direct, parameters.one("query")?, parameters.one("update")?) {
            (Some(direct), None, None) => direct,
            (None, Some(query), None) => (Verb::Query, query),
            (None, None, Some(update)) if body.is_some() => (Verb::Update, update),
            (None, None, Some(_)) => return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "updates are posted")),
            (None, None, None) => return Err(Problem::bad("there is no `query` and no `update`")),
            _ => return Err(Problem::bad("give one query or one update, in one place")),
        };
        let (defaults, named) = match verb {
            Verb::Query => ("default-graph-uri", "named-graph-uri"),
            Verb::Update => ("using-graph-uri", "using-named-graph-uri"),
        };
        let regime = parameters.one("entailment")?.unwrap_or_default();
        let regime = match regime.as_str() {
            "" => Regime::None,
            name => {
                Regime::named(name).ok_or_else(|| Problem::bad(format!("`{name}` is no entailment regime here")))?
            }
        };
        let time = parameters.one("timeout")?.map(|seconds| seconds.parse::<f64>());
        let time = match time {
            None => None,
            Some(Ok(seconds)) if seconds.is_finite() && seconds > 0.0 && seconds < 1e6 => {
                Some(Duration::from_secs_f64(seconds))
            }
            Some(_) => return Err(Problem::bad("`timeout` is a number of seconds")),
        };
        Ok(Self {
            verb,
            text,
            default_graphs: parameters.graphs(defaults)?,
            named_graphs: parameters.graphs(named)?,
            regime,
            time,
        })
    }
}

fn charset(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let charset = value.split(';').skip(1).find_map(|part| part.trim().strip_prefix("charset="))?;
    Some(charset.trim_matches('"'))
}
