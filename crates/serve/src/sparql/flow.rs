//! An answer's way out: from the thread that finds it, through a channel that holds little, into the body.
//!
//! The head of the response is sent with the first bytes, so that what fails before anything was found is told as a
//! failure. What fails later breaks the body off, which every client notices. A short answer is one piece with its
//! length.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use hyper::body::Frame;
use quid_core::sparql::{Format, Kind, Outlet, Trouble};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

use super::{negotiate::Accept, problem};
use crate::error::Problem;

/// So much is gathered before it goes out.
const PIECE: usize = 64 * 1024;
/// So many pieces wait for a slow client.
const WAITING: usize = 4;

/// Where a query thread writes to.
pub(super) struct Outflow {
    accept: Accept,
    format: Option<Format>,
    gathered: Vec<u8>,
    head: Option<oneshot::Sender<Result<(Format, Start), Problem>>>,
    pieces: Option<mpsc::Sender<Result<Bytes, io::Error>>>,
    handle: Handle,
    stall: Duration,
}

/// How an answer begins.
pub(super) enum Start {
    /// It is short: this is all.
    Whole(Vec<u8>),
    /// It goes on.
    Pieces(mpsc::Receiver<Result<Bytes, io::Error>>),
}

/// Where the response comes from.
pub(super) type Inflow = oneshot::Receiver<Result<(Format, Start), Problem>>;

impl Outflow {
    /// Both ends. Called within the runtime.
    pub(super) fn new(accept: Accept, stall: Duration) -> (Self, Inflow) {
        let (head, inflow) = oneshot::channel();
        let outflow = Self {
            accept,
            format: None,
            gathered: Vec::new(),
            head: Some(head),
            pieces: None,
            handle: Handle::current(),
            stall,
        };
        (outflow, inflow)
    }

    /// Everything was found, or it broke off.
    pub(super) fn finish(mut self, outcome: Result<(), Trouble>) {
        let outcome = outcome.map_err(|trouble| problem(&trouble));
        // Whoever is gone needs no answer.
        match (outcome, self.head.take()) {
            (Ok(()), Some(head)) => {
                let format = self.format.unwrap_or(Format::ResultsJson);
                let _ = head.send(Ok((format, Start::Whole(std::mem::take(&mut self.gathered)))));
            }
            (Err(problem), Some(head)) => {
                let _ = head.send(Err(problem));
            }
            (Ok(()), None) => {
                let _ = self.send_gathered();
            }
            (Err(problem), None) => {
                if let Some(pieces) = &self.pieces {
                    let broken = io::Error::other(problem.words);
                    let _ = self.handle.block_on(pieces.send_timeout(Err(broken), self.stall));
                }
            }
        }
    }

    fn send_gathered(&mut self) -> io::Result<()> {
        let gone = || io::Error::new(io::ErrorKind::BrokenPipe, "nobody takes the answer any more");
        if self.gathered.is_empty() {
            return Ok(());
        }
        if let Some(head) = self.head.take() {
            let (sender, receiver) = mpsc::channel(WAITING);
            self.pieces = Some(sender);
            let format = self.format.unwrap_or(Format::ResultsJson);
            head.send(Ok((format, Start::Pieces(receiver)))).map_err(|_| gone())?;
        }
        let piece = Bytes::from(std::mem::take(&mut self.gathered));
        let pieces = self.pieces.as_ref().ok_or_else(gone)?;
        match pieces.try_send(Ok(piece)) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(gone()),
            Err(mpsc::error::TrySendError::Full(piece)) => {
                self.handle.block_on(pieces.send_timeout(piece, self.stall)).map_err(|_| gone())
            }
        }
    }
}

impl io::Write for Outflow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE {
            self.send_gathered()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Outlet for Outflow {
    fn begin(&mut self, kind: Kind) -> Result<Format, Trouble> {
        let format = self.accept.choose(kind)?;
        self.format = Some(format);
        Ok(format)
    }
}

/// The response that an answer becomes.
pub(super) async fn response(inflow: Inflow) -> Response {
    let broken = || Problem::inside("the answer broke off").into_response();
    let (format, start) = match inflow.await {
        Ok(Ok(begun)) => begun,
        Ok(Err(problem)) => return problem.into_response(),
        Err(_) => return broken(),
    };
    let body = match start {
        Start::Whole(bytes) => Body::from(bytes),
        Start::Pieces(pieces) => Body::new(Pieces(pieces)),
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type(format));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

pub(super) fn content_type(format: Format) -> HeaderValue {
    match format {
        Format::ResultsCsv => HeaderValue::from_static("text/csv; charset=utf-8"),
        Format::ResultsTsv => HeaderValue::from_static("text/tab-separated-values; charset=utf-8"),
        Format::Turtle => HeaderValue::from_static("text/turtle; charset=utf-8"),
        other => HeaderValue::from_static(other.media_type()),
    }
}

/// A body of pieces as they come.
struct Pieces(mpsc::Receiver<Result<Bytes, io::Error>>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
