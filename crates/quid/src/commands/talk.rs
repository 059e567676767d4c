//! One line said by the owner, and its reply printed.
//!
//! Commands that are chat lines in disguise end here.

use anyhow::Result;

use super::Open;
use crate::door::{self, Door};
use crate::last::LastQuestion;
use crate::outcome::Outcome;

/// Says one line and prints the reply; a question is remembered for `quid why`.
///
/// # Errors
/// When nobody reads the output.
pub fn say(open: &mut Open, text: &str) -> Result<Outcome> {
    let mut door = Door::new(open.house.mind(), open.stop.clone());
    let heard = door::typed(&door::owner(), text);
    let reply = door.hear(&heard);
    memory_of(open).note(&heard, &reply);
    open.output.reply(&reply)?;
    Ok(Outcome::of(&reply))
}

/// Where the last question is remembered.
#[must_use]
pub fn memory_of(open: &Open) -> LastQuestion {
    let house = &open.house;
    LastQuestion::new(house.home.last_question(), house.language.clone(), house.me.clone())
}
