//! Questions that go on from the last one, made whole before anything answers them.
//!
//! Whoever answers sees "what is the capital of spain?" where "and of spain?" was said, so no way of answering has to
//! know of conversations. What was asked before is kept per person and place: nobody goes on from somebody else's.

use quid_core::intent::Question;
use quid_core::{Answer, Heard, Intent, Reply};
use quid_lang::Understood;
use quid_lang::follow::{Before, Follow};

use crate::hints::Known;
use crate::turn::Turn;

impl Turn<'_> {
    /// The whole line that this one stands for, understood; `None` where it stands for itself.
    pub(crate) fn gone_on(&self, understood: &Understood) -> Option<Understood> {
        let asks =
            matches!(understood.intent, Intent::Ask(_) | Intent::Puzzled | Intent::More | Intent::OtherReading(_))
                || understood.text.ends_with('?');
        // Stories tell for themselves whom their pronouns mean.
        if !understood.addressed || !asks || !self.talk.story.is_empty() {
            return None;
        }
        let (asked, before) = self.talk.before.as_ref()?;
        let lines = self.parts.language.number("follow_lines");
        if self.talk.lines.saturating_sub(*asked) > lines {
            return None;
        }
        let memory = self.parts.memory.as_ref();
        let known = Known { memory, audience: &self.audience };
        if quid_lang::Hints::knows(&known, understood.text.trim_end_matches(['?', ' '])) {
            return None;
        }
        let line = match self.parts.language.follow_up(&understood.text, before)? {
            Follow::Line(line) => line,
            Follow::Rest => {
                return Some(Understood { intent: Intent::More, ..understood.clone() });
            }
        };
        let heard = Heard { text: line, addressed: true, passive: false, ..self.heard.clone() };
        Some(self.parts.language.understand(&heard, &self.parts.me, &known))
    }

    /// Keeps what was asked for the lines that go on from it. What is no question ends that, but for thanks and the like.
    pub(crate) fn note_question(&mut self, question: Option<Question>, reply: &Reply) {
        let answered = matches!(reply.answer, Answer::Proved { .. } | Answer::Told(_) | Answer::Guessed { .. });
        let asked = question.is_some() && (answered || matches!(reply.answer, Answer::Unknown { .. }));
        if !asked && !answered {
            if matches!(reply.answer, Answer::Done) {
                self.forget_topic();
            }
            return;
        }
        let named = |node: &&quid_core::reply::Item| node.term.as_ref().is_some_and(|term| term.starts_with('<'));
        // What a word means is told with its senses beside it; those are no answers to speak of.
        let items: &[_] = if matches!(reply.answer, Answer::Proved { .. }) { &reply.items } else { &[] };
        let mut topic = self.parts.language.asked_about(&self.line, question.as_ref());
        if let [only] = items
            && let Some(only) = Some(only).filter(named)
        {
            topic = Some(only.text.clone());
        }
        let kept = self.talk.before.take().and_then(|(_, before)| before.topic);
        let listed = if items.len() > 1 { items.iter().map(|item| item.text.clone()).collect() } else { Vec::new() };
        let before = Before { line: self.line.clone(), question, topic: topic.or(kept), listed };
        self.talk.before = Some((self.talk.lines, before));
    }

    /// Something was taught or done in between: pronouns may mean that.
    fn forget_topic(&mut self) {
        if let Some((_, before)) = &mut self.talk.before {
            before.topic = None;
        }
    }
}
