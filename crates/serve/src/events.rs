//! Server-sent events: what is known already, while the rest is still being found out.
//!
//! Written by hand over a channel: the sender is a plain thread that thinks, and when nobody listens any more it
//! must learn of that (HTML Living Standard, 9.2 Server-sent events).

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderName, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Events that wait for a slow reader.
const WAITING: usize = 64;

/// The end that events are put into.
#[derive(Clone)]
pub(crate) struct Events(Sender<Bytes>);

/// The end that hyper reads.
struct Read(Receiver<Bytes>);

impl HttpBody for Read {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|next| next.map(|bytes| Ok(hyper::body::Frame::data(bytes))))
    }
}

/// Tells proxies (nginx) to hand events on at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

impl Events {
    /// A stream of events, and the answer that carries it.
    pub(crate) fn open() -> (Self, Response) {
        let (sender, receiver) = channel(WAITING);
        let head = [
            (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (UNBUFFERED, "no"),
        ];
        (Self(sender), (head, Body::new(Read(receiver))).into_response())
    }

    /// Sends an event; gives whether anybody listens. For threads that may wait.
    pub(crate) fn send(&self, name: &str, data: &Value) -> bool {
        self.0.blocking_send(event(name, data)).is_ok()
    }

    /// Sends an event without a name, whatever its data is. For threads that may wait.
    pub(crate) fn send_plain(&self, data: &str) -> bool {
        self.0.blocking_send(Bytes::from(format!("data: {data}\n\n"))).is_ok()
    }

    /// As [`Events::send`], for tasks.
    pub(crate) async fn tell(&self, name: &str, data: &Value) {
        let _ = self.0.send(event(name, data)).await;
    }

    /// As [`Events::send_plain`], for tasks.
    pub(crate) async fn tell_plain(&self, data: &str) {
        let _ = self.0.send(Bytes::from(format!("data: {data}\n\n"))).await;
    }

    /// Keeps the connection awake until nobody listens.
    pub(crate) async fn keep_awake(&self) {
        loop {
            tokio::select! {
                () = self.0.closed() => return,
                () = tokio::time::sleep(AWAKE) => {
                    let _ = self.0.send(Bytes::from_static(b": still here\n\n")).await;
                }
            }
        }
    }
}

/// How long a stream may be quiet.
const AWAKE: std::time::Duration = std::time::Duration::from_secs(5);

/// JSON has no line ends of its own, so that an event's data is one line.
fn event(name: &str, data: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

/// A text in pieces of a few words each, for showing it as it comes; together they are the text.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end =
            rest.char_indices().find(|(at, c)| *at >= PIECE && c.is_whitespace()).map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// About how many bytes a piece of text has.
const PIECE: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_text() {
        let long = "ü".repeat(300);
        for text in ["", "a", "Yes: pepsi is a soda, and a soda is a drink as ann said.", " \n leading", &long] {
            assert_eq!(pieces(text).collect::<String>(), text);
            assert!(pieces(text).all(|piece| !piece.is_empty()), "{text}");
        }
        assert!(pieces("one two three four five six seven eight nine").count() > 1);
    }

    #[test]
    fn an_event_is_one_line_whatever_is_said() {
        let bytes = event("text", &serde_json::json!({ "text": "a\n\nevent: reply\r\ndata: {}" }));
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        assert_eq!(text.lines().filter(|line| !line.is_empty()).count(), 2, "{text}");
    }
}
