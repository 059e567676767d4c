//! IRC: the protocol as a state machine without IO, and a connection around it.
//!
//! Bots are thrown off networks for talking too fast, for lines that were never meant as commands, and for trusting
//! nicks. All of that is decided here, in code that is tested without a socket.
//!
//! ```text
//!  floor 3   quid
//!  floor 2   irc  <- you are here   serve  import | store  search  neural | mind
//!  floor 1   lang  logic
//!  floor 0   core
//! ```

mod around;
mod batch;
mod bucket;
mod casemap;
mod config;
mod flood;
mod isupport;
mod link;
mod message;
mod register;
mod roster;
mod session;
mod settings;
pub mod split;
mod talk;
mod tls;

pub use casemap::CaseMapping;
pub use config::{Config, ConfigError, Limits, Network, Trust};
pub use flood::{Flood, Verdict};
pub use isupport::Support;
pub use link::{Order, Outside, Report, keep};
pub use message::{LINE, Malformed, Message, Origin, Outgoing, TAGS};
pub use session::{Event, Line, Session};
pub use settings::{Channel, Proof, Sasl, Secret, Settings};
pub use talk::Spoken;
