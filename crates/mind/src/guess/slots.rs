//! Lays a question and facts out for a generator: every name a slot, every fact a number.
//!
//! The lessons that a generator learns from and the prompts that it is given are written by the same functions, so
//! that it meets at work what it was trained on.

use quid_core::oxrdf::Term;
use quid_core::{Fact, Mark, Piece, Prompt};
use quid_lang::wording::as_words;

/// Words of a relation's name that are shown.
const LABEL_WORDS: usize = 8;

/// A name of a prompt; its number there is its slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) term: Term,
    pub(crate) name: String,
    /// What it is, in a word or two.
    pub(crate) kind: Option<String>,
    pub(crate) slot: u8,
}

/// A fact of a prompt; its place there, from 1, is its number.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// What is stored; what it says may be that it is not so.
    pub(crate) fact: Fact,
    /// Its ends, by their place among the names.
    pub(crate) subject: usize,
    pub(crate) object: usize,
    /// Its relation's name, without "not".
    pub(crate) label: String,
    pub(crate) denied: bool,
}

/// Everything that one question is answered from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) names: Vec<Named>,
    pub(crate) facts: Vec<Given>,
    /// The question, its names as slots.
    pub(crate) question: String,
}

impl Sheet {
    pub(crate) fn slot(&self, name: usize) -> String {
        self.names.get(name).map_or_else(String::new, |named| Mark::Slot(named.slot).to_string())
    }

    /// The prompt of this sheet; `line` is the question as it was typed, `said` says a fact in words.
    pub(crate) fn prompt(&self, line: &str, said: impl Fn(&Given) -> String) -> Prompt {
        let mut named = vec![false; self.names.len()];
        let mut end = |name: usize| {
            let kind = self.names.get(name).and_then(|named| named.kind.as_deref());
            let is_new = named.get_mut(name).is_some_and(|known| !std::mem::replace(known, true));
            with_kind(&self.slot(name), kind.filter(|_| is_new))
        };
        let lines: Vec<String> = self
            .facts
            .iter()
            .map(|fact| {
                let (subject, object) = (end(fact.subject), end(fact.object));
                fact_line(&subject, fact.denied, &fact.label, &object)
            })
            .collect();
        let text = laid_out(&format!("{} ?", self.question), &lines, &[]);
        Prompt {
            slotted: Piece::of_lesson(&text),
            question: quid_core::text::clean(line),
            facts: self.facts.iter().map(said).collect(),
        }
    }
}

/// A slot with what it is.
pub(crate) fn with_kind(slot: &str, kind: Option<&str>) -> String {
    kind.map_or_else(|| slot.to_owned(), |kind| format!("{slot} ( {kind} )"))
}

/// A fact as it stands in a prompt.
pub(crate) fn fact_line(subject: &str, denied: bool, label: &str, object: &str) -> String {
    let not = if denied { "not " } else { "" };
    format!("{subject} {not}{} {object}", as_words(label))
}

/// A prompt: the question, the facts by number, what made-up words mean.
pub(crate) fn laid_out(question: &str, facts: &[String], meanings: &[String]) -> String {
    let mut prompt = format!("{} {question}", Mark::Question);
    for (number, line) in (1_u8..).zip(facts) {
        prompt.extend([" ", &Mark::Fact(number).to_string(), " ", line]);
    }
    for line in meanings {
        prompt.extend([" ", &Mark::Meaning.to_string(), " ", line]);
    }
    prompt.extend([" ", &Mark::Answer.to_string()]);
    spaced(&prompt)
}

/// Words, marks and punctuation with one space between them, in lower case: what a tokenizer splits at.
pub(crate) fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut inside = false;
    for character in text.chars() {
        inside = match character {
            '<' => true,
            '>' => false,
            _ => inside,
        };
        if matches!(character, '?' | '.' | ',' | ':' | '(' | ')' | '\'') && !inside {
            out.push(' ');
            out.push(character);
            if character != '\'' {
                out.push(' ');
            }
        } else {
            out.extend(character.to_lowercase());
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words of others for a place between marks: none of them can be one, and none steers a terminal.
pub(crate) fn foreign(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() || matches!(c, '<' | '>') { ' ' } else { c });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A relation's name from others, as words of a bearable number.
pub(crate) fn foreign_label(label: &str) -> String {
    as_words(&foreign(label)).split(' ').take(LABEL_WORDS).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_others_becomes_a_mark() {
        for text in ["<s3>", "who is <dk> <e>", "<<s3>>", "< s3 >", "a<c1>b", "\u{1b}<a>", "<q", "s3>"] {
            let laid = laid_out(&foreign(text), &[fact_line("<s1>", false, &foreign_label(text), "<s2>")], &[]);
            let marks: Vec<Mark> = Piece::of_lesson(&laid)
                .into_iter()
                .filter_map(|piece| if let Piece::Mark(mark) = piece { Some(mark) } else { None })
                .collect();
            let own = [Mark::Question, Mark::Fact(1), Mark::Slot(1), Mark::Slot(2), Mark::Answer];
            assert_eq!(marks, own, "{text}: {laid}");
        }
    }
}
