//! What every door of the server shares: the brain behind, who may do what, what is running, what was counted.
//!
//! Doors are asynchronous and the brain blocks; the bridge between them is here, with its bounds: so many at once,
//! so long each, and whoever gives up raises the stop flag for what they asked.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{extract::FromRequestParts, http::request::Parts};
use quid_core::Reply;
use tokio::sync::Semaphore;

use crate::{
    behind::Behind,
    browse::WordsInUse,
    config::Config,
    error::Problem,
    metrics::Metrics,
    running::Running,
    who::{Caller, Tokens},
};

/// The most answers in words that are thought of at once.
const MOST_HEARD: usize = 64;
/// How long a stopped answer is waited for.
const GRACE: Duration = Duration::from_secs(2);
/// How long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// What every door of the server shares.
pub struct Room {
    /// How to serve.
    pub config: Config,
    /// The brain.
    pub behind: Arc<dyn Behind>,
    /// What was counted.
    pub metrics: Metrics,
    /// The queries that are running.
    pub running: Running,
    pub(crate) words: WordsInUse,
    pub(crate) tokens: Tokens,
    /// Whether the program is about to end.
    pub(crate) leaving: AtomicBool,
    queries: Semaphore,
    hearing: Semaphore,
}

impl Room {
    pub(crate) fn new(config: Config, tokens: Tokens, behind: Arc<dyn Behind>) -> Arc<Self> {
        Arc::new(Self {
            queries: Semaphore::new(config.limits.queries.max(1)),
            hearing: Semaphore::new(MOST_HEARD),
            metrics: Metrics::default(),
            running: Running::default(),
            words: WordsInUse::default(),
            leaving: AtomicBool::new(false),
            config,
            behind,
            tokens,
        })
    }

    /// Says a line to the brain and waits for its reply. `talk` names the conversation; callers never share one,
    /// whatever name they give.
    ///
    /// # Errors
    /// 503 when too many are talking, 500 when the answer broke off.
    pub async fn hear(self: &Arc<Self>, caller: &Caller, talk: &str, text: String) -> Result<Reply, Problem> {
        let (may, heard) = (caller.may(), caller.says(text, self.behind.now()));
        self.think(caller, talk, move |behind, talk, stop| behind.hear(talk, &heard, may, stop)).await
    }

    /// Lets the brain do something on a thread that may wait, until the time for an answer is up or the caller is
    /// gone: then the flag is raised.
    ///
    /// # Errors
    /// As [`Room::hear`].
    pub async fn think<T: Send + 'static>(
        self: &Arc<Self>,
        caller: &Caller,
        talk: &str,
        work: impl FnOnce(&dyn Behind, &str, &AtomicBool) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = tokio::time::timeout(PATIENCE, self.hearing.acquire()).await;
        let _turn = turn.ok().and_then(Result::ok).ok_or_else(|| Problem::busy("too many are talking; try again"))?;
        let talk = format!("{}\n{talk}", caller.speaker().identity());
        let stop = Arc::new(AtomicBool::new(false));
        // Whoever goes away stops what they asked for.
        let raised = Raise(Arc::clone(&stop));
        let behind = Arc::clone(&self.behind);
        let mut answer = tokio::task::spawn_blocking(move || work(behind.as_ref(), &talk, &stop));
        let first = tokio::time::timeout(self.config.limits.answer_time(), &mut answer).await;
        let answered = if let Ok(answered) = first {
            answered
        } else {
            drop(raised);
            let late = tokio::time::timeout(GRACE, answer).await;
            late.map_err(|_| Problem::busy("this takes too long to answer"))?
        };
        answered.map_err(|_| Problem::inside("the answer broke off"))
    }

    /// Runs something that blocks, on a thread that may wait and has the stack that queries need, when it is its
    /// turn among the queries.
    ///
    /// # Errors
    /// 503 when too many are running, 500 when it broke off.
    pub async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Self>) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = self.turn().await?;
        let work = tokio::task::spawn_blocking(move || work(turn.room()));
        work.await.map_err(|_| Problem::inside("it broke off"))
    }

    /// Waits for a turn among the queries.
    ///
    /// # Errors
    /// 503 when too many are running.
    pub(crate) async fn turn(self: &Arc<Self>) -> Result<Turn, Problem> {
        let turn = tokio::time::timeout(PATIENCE, self.queries.acquire()).await;
        let turn = turn.ok().and_then(Result::ok);
        turn.ok_or_else(|| Problem::busy("too many queries are running; try again"))?.forget();
        Ok(Turn(Arc::clone(self)))
    }
}

/// A query's turn; the next one's when it is dropped.
pub(crate) struct Turn(Arc<Room>);

impl Turn {
    pub(crate) fn room(&self) -> &Arc<Room> {
        &self.0
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.queries.add_permits(1);
    }
}

/// Raises a flag when it is dropped.
pub(crate) struct Raise(pub(crate) Arc<AtomicBool>);

impl Raise {
    /// Not any more.
    pub(crate) fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Raise {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl FromRequestParts<Arc<Room>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, room: &Arc<Room>) -> Result<Self, Problem> {
        room.tokens.caller(&parts.headers)
    }
}
