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
//! ```

mod behind;

pub use behind::Behind;
