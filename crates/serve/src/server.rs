//! Takes connections, so many and no more, and gives each to the routes.
//!
//! The loop is our own because the usual one has no time limit on headers and no cap for an address: two thousand
//! connections that never say anything must cost nothing but their sockets, and not for long.

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use quid_core::sparql::STACK;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::{
    behind::Behind,
    config::{self, Config, ConfigError},
    room::Room,
    router,
    who::Role,
};

/// How long requests may go on after the end was announced.
const LEAVING: Duration = Duration::from_secs(10);
/// The most headers of a request.
const MOST_HEADERS: usize = 64;
/// The most bytes of a request's head: a query in a path fits.
const LONGEST_HEAD: usize = 128 * 1024;
/// How long to rest when the system has no socket for a new connection.
const SHORT_OF_SOCKETS: Duration = Duration::from_millis(50);

/// Why serving is not possible.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// The system's words.
        why: io::Error,
    },
    /// The system gave no threads.
    #[error("cannot start the threads of the server: {0}")]
    Threads(io::Error),
}

/// A secret that the program itself was given, beside those of the configuration.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Whose.
    pub user: String,
    /// What it allows.
    pub role: Role,
    /// The token.
    pub token: String,
}

/// A server that listens and does not answer yet.
pub struct Server {
    room: Arc<Room>,
    listener: TcpListener,
    runtime: tokio::runtime::Runtime,
}

impl Server {
    /// Listens. `folder` is where the configuration's relative paths begin.
    ///
    /// # Errors
    /// [`ServeError`].
    pub fn listen(
        config: Config,
        folder: &Path,
        secrets: &[Secret],
        behind: Arc<dyn Behind>,
    ) -> Result<Self, ServeError> {
        let mut more = Vec::new();
        for secret in secrets {
            let token = config::checked(&secret.user, secret.role, false, &secret.token)
                .map_err(|why| ConfigError { name: "the token".to_owned(), why })?;
            more.push(token);
        }
        let tokens = config.tokens(folder, more)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("serve")
            // Only touched pages of a stack are memory; queries need a deep one.
            .thread_stack_size(STACK)
            .build()
            .map_err(ServeError::Threads)?;
        let address = config.http;
        let listener =
            runtime.block_on(TcpListener::bind(address)).map_err(|why| ServeError::Listen { address, why })?;
        Ok(Self { room: Room::new(config, tokens, behind), listener, runtime })
    }

    /// Where it listens: the port is known even when any free one was asked for.
    ///
    /// # Errors
    /// The system's.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `shutdown`, then finishes what is being answered, for some seconds at most.
    pub fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { room, listener, runtime } = self;
        runtime.block_on(accept(&room, &listener, shutdown));
        room.running.stop_all();
        runtime.shutdown_timeout(LEAVING);
    }
}

async fn accept(room: &Arc<Room>, listener: &TcpListener, shutdown: impl Future<Output = ()>) {
    let routes = router::router(room);
    let (leave, leaving) = watch::channel(());
    let mut shutdown = std::pin::pin!(shutdown);
    let callers = Arc::new(Callers::default());
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = &mut shutdown => break,
        };
        let (stream, address) = match taken {
            Ok(taken) => taken,
            Err(why) => {
                tracing::warn!("a connection was not taken: {why}");
                tokio::time::sleep(SHORT_OF_SOCKETS).await;
                continue;
            }
        };
        let Some(seat) = Callers::seat(&callers, room, address.ip()) else {
            room.metrics.turned_away.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        tokio::spawn(converse(Arc::clone(room), routes.clone(), stream, leaving.clone(), seat));
    }
    room.leaving.store(true, Ordering::Relaxed);
    drop(leaving);
    // Everybody is told; whoever still listens to the other end is still being answered.
    let _ = leave.send(());
    let _ = tokio::time::timeout(LEAVING, leave.closed()).await;
}

async fn converse(room: Arc<Room>, routes: Router, stream: TcpStream, mut leaving: watch::Receiver<()>, seat: Seat) {
    // Small answers should not wait for more.
    let _ = stream.set_nodelay(true);
    let limits = room.config.limits;
    let io = TokioIo::new(crate::slow::Patient::new(stream, limits.stall()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.head_ms.max(1)))
        .max_headers(MOST_HEADERS)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(io, TowerToHyperService::new(routes));
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // What went wrong with a connection is the other side's to know.
        _ = connection.as_mut() => {}
        _ = leaving.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
    drop(seat);
}

/// Who is connected, by address.
#[derive(Default)]
struct Callers(Mutex<(usize, HashMap<IpAddr, usize>)>);

impl Callers {
    fn seat(callers: &Arc<Self>, room: &Arc<Room>, address: IpAddr) -> Option<Seat> {
        let limits = &room.config.limits;
        let mut seats = callers.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = seats.1.get(&address).copied().unwrap_or_default();
        if seats.0 >= limits.connections.max(1) || own >= limits.per_address.max(1) {
            return None;
        }
        seats.0 += 1;
        *seats.1.entry(address).or_default() += 1;
        room.metrics.connections.fetch_add(1, Ordering::Relaxed);
        Some(Seat { callers: Arc::clone(callers), room: Arc::clone(room), address })
    }
}

/// A connection's place; free again when it is dropped.
struct Seat {
    callers: Arc<Callers>,
    room: Arc<Room>,
    address: IpAddr,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.metrics.connections.fetch_sub(1, Ordering::Relaxed);
        let mut seats = self.callers.0.lock().unwrap_or_else(PoisonError::into_inner);
        seats.0 = seats.0.saturating_sub(1);
        if let Some(own) = seats.1.get_mut(&self.address) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                seats.1.remove(&self.address);
            }
        }
    }
}
