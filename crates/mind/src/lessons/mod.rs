//! Lessons: questions over made-up worlds with the facts at hand and the right answer.
//!
//! The generator must read facts it has never seen and say only what they say. So it learns from worlds that never
//! were: every name is a slot, every world is another, and a quarter of the questions have no answer in it. The
//! words of relations and questions are data (`data/lessons/`, `data/grammar/relations.toml`).
//!
//! ```text
//! <q> who directed <s7> ? <c1> <s7> ( film ) directed by <s3> <c2> … <f> … <a>        the prompt
//! <s7> was directed by <s3> <c1> . <e>                                               the answer
//! ```

mod data;
mod own;
mod teacher;
mod world;

pub use data::LessonsError;
pub use own::relations_of;
pub use teacher::{Lesson, Teacher};
