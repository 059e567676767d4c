//! Asks the world: hands a question to the proofs over WordNet and taught facts, within a budget.

use quid_core::intent::Question;
use quid_core::{Fault, Proof, Reply};

use crate::turn::Turn;

/// An answer, and how else the words could have been read.
pub(crate) struct Finding {
    pub(crate) reply: Reply,
    pub(crate) readings: Vec<String>,
}

impl Turn<'_> {
    pub(crate) fn from_world(&self, _: &Question, _: Option<usize>) -> Result<Option<Finding>, Fault> {
        Ok(None)
    }
    pub(crate) fn is_in_the_world(&self, _: &str) -> Result<bool, Fault> {
        Ok(false)
    }
    pub(crate) fn explain(&self, _: &Proof) -> Result<String, Fault> {
        Ok(String::new())
    }
    pub(crate) fn lacking(&self, _: &str, _: &str) -> Result<Reply, Fault> {
        Ok(self.chat("why.unknown", &[]))
    }
}
