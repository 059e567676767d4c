//! Decides what a line wants, stage by stage.

use quid_core::{Heard, Intent, intent::Question, text::clean};

use crate::{Hints, Language, Understood};

pub(crate) fn understand(_language: &Language, heard: &Heard, _me: &str, _hints: &dyn Hints) -> Understood {
    let text = clean(&heard.text).trim().to_owned();
    let about = text.trim_end_matches('?').to_owned();
    let intent = if heard.addressed { Intent::Ask(Question::What { about, bare: false }) } else { Intent::Chatter };
    Understood { intent, text, addressed: heard.addressed }
}
