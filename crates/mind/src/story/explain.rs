//! Says why a story's answer holds: the lines it rests on with who told them when, and that nothing later says
//! otherwise.

use quid_core::source::Citation;
use quid_core::{Because, Fault, Proof};

use super::STORY;
use super::answer::leaves;
use crate::turn::Turn;

impl Turn<'_> {
    /// A story's proof in words; `None` for a proof that is of no story.
    pub(crate) fn explain_story(&self, proof: &Proof) -> Result<Option<String>, Fault> {
        if !proof.steps.iter().any(|step| step.claim.predicate.as_str().starts_with(STORY)) {
            return Ok(None);
        }
        let mut said = Vec::new();
        for graph in leaves(proof) {
            let source = self.cite(&graph)?;
            let words = self.source_in_words(&source);
            let line = match &source {
                Citation::Said { line, .. } => line.trim().trim_end_matches(['.', '!', ' ']).to_owned(),
                Citation::Dump { title, .. } => title.clone(),
            };
            said.push(match source {
                Citation::Said { .. } => self.say("story.leaf", &[("what", &line), ("source", &words)]),
                Citation::Dump { .. } => self.say("story.loaded", &[("source", &words)]),
            });
        }
        let latest = proof.steps.iter().any(|step| matches!(step.because, Because::Gathered(_) | Because::Absent(_)));
        if latest {
            said.push(self.say("story.nothing_later", &[]));
        }
        Ok(Some(said.join("; ")))
    }
}
