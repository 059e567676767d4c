//! Reasoning over what was taught in English: rules, facts and yes/no questions, as chat.
//!
//! The sets of other people's worlds are measured where they are present and skipped, loudly, where they are not;
//! the small worlds written here always run.

#[path = "support/mind_in_memory.rs"]
mod mind_in_memory;

use mind_in_memory::Rooms;
use quid_core::Answer;

#[test]
fn a_mind_in_memory_learns_and_answers() {
    let rooms = Rooms::open();
    let mut chat = rooms.mind();
    assert_eq!(chat.say("coffee is a drink").answer, Answer::Done);
    assert!(matches!(chat.say("is coffee a drink?").answer, Answer::Proved { .. }));
}
