//! HTTP: SPARQL 1.1 Protocol and Graph Store, questions, chat completions, MCP and the page.
//!
//! Programs, browsers and language models reach the one brain through here; nothing that comes in is trusted, and
//! nothing runs unbounded.
//!
//! ```text
//!  floor 3   quid
//!  floor 2   irc  serve  <- you are here   import | store  search  neural | mind
//!  floor 1   lang  logic
//!  floor 0   core
//!
//!  server (connections) -> guard (host, origin) -> router -> sparql | ask | page | openai | mcp -> Room -> Behind
//! ```

mod ask;
mod behind;
mod browse;
mod config;
mod description;
mod error;
mod events;
mod given;
mod guard;
mod health;
mod mcp;
mod metrics;
mod openai;
mod page;
mod room;
mod router;
mod running;
mod server;
mod slow;
mod sparql;
mod who;

pub use behind::{Behind, Gist, May};
pub use config::{Config, ConfigError, Limits, TokenText};
pub use error::Problem;
pub use mcp::speak;
pub use metrics::Metrics;
pub use room::Room;
pub use running::{Entry, Running, Shown};
pub use server::{Secret, ServeError, Server};
pub use who::{Caller, Role};
