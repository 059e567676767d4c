//! Judges what a generator wrote: which facts its sentences say, and which of these are true.
//!
//! A sentence is read back by the very forms in which its relations are said. Nothing that was written is ever told:
//! what is told is the fact that a sentence was found to say, in our own words. So a text that lies, leaks or obeys
//! somebody has no way out, and a sentence that says no fact at all is dropped.

use std::collections::{BTreeMap, BTreeSet};

use quid_core::{Mark, Piece, Written};
use quid_lang::Language;
use quid_lang::wording::Wording;

use super::slots::{Sheet, foreign, spaced};

/// The most sentences that are looked at.
const SENTENCES: usize = 24;
/// The most names of a sentence that is read without its facts.
const NAMES: usize = 5;
/// A name in a form, whichever.
const BLANK: &str = "<s>";

/// Something that a sentence says: names by their place in the sheet, the relation by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Claim {
    pub(crate) subject: usize,
    pub(crate) label: String,
    pub(crate) object: usize,
}

/// What a lookup of a claim says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Truth<T> {
    /// It is stored or follows.
    Holds(T),
    /// What is known excludes it.
    Excluded,
    /// Neither.
    Open,
}

/// What was made of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judged<T> {
    /// Whether it says that the facts do not tell.
    pub(crate) unknown: bool,
    /// The facts of the sheet that it says, by number from 0, in the order in which it says them.
    pub(crate) shown: Vec<usize>,
    /// What it says beyond the sheet, and holds.
    pub(crate) held: Vec<(Claim, T)>,
    /// What it says that neither holds nor is excluded.
    pub(crate) open: Vec<Claim>,
    /// How many claims were excluded, and how many sentences said nothing that could be read.
    pub(crate) excluded: usize,
    pub(crate) unread: usize,
}

/// A sentence: words and slots, and the facts it cites by number from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sentence {
    words: Vec<String>,
    cites: BTreeSet<usize>,
}

/// Reads what sentences over one sheet may say.
pub(crate) struct Verifier<'a> {
    language: &'a Language,
    sheet: &'a Sheet,
    /// Every form of every fact of the sheet.
    forms: BTreeMap<String, Vec<usize>>,
    wordings: BTreeMap<String, Wording>,
    /// The forms of each relation with every name as a blank: what need not be looked at closer.
    blanks: BTreeMap<String, BTreeSet<String>>,
    frames: Vec<(String, String)>,
}

impl<'a> Verifier<'a> {
    pub(crate) fn new(language: &'a Language, sheet: &'a Sheet) -> Self {
        let mut wordings = BTreeMap::new();
        for fact in &sheet.facts {
            wordings.entry(fact.label.clone()).or_insert_with(|| language.wording(&fact.label));
        }
        let blanks = wordings.iter().map(|(label, wording): (&String, &Wording)| {
            let said = language.statements(wording, BLANK, BLANK);
            (label.clone(), said.iter().map(|form| spaced(form)).collect())
        });
        let blanks = blanks.collect();
        let mut forms: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, fact) in sheet.facts.iter().enumerate() {
            let Some(wording) = wordings.get(&fact.label) else { continue };
            for form in language.statements(wording, &sheet.slot(fact.subject), &sheet.slot(fact.object)) {
                forms.entry(spaced(&form)).or_default().push(number);
            }
        }
        // What may stand around a claim.
        let frames = ["guess.yes", "guess.both"].into_iter().filter_map(|phrase| {
            let framed = spaced(&language.say(phrase, &[("claim", "{claim}")], 0));
            let (before, after) = framed.split_once("{claim}")?;
            Some((before.trim().to_owned(), after.trim().to_owned()))
        });
        Self { language, sheet, forms, wordings, blanks, frames: frames.collect() }
    }

    /// Judges a text; `look` looks a claim up that no fact of the sheet makes.
    pub(crate) fn judge<T>(&self, written: &Written, look: &mut dyn FnMut(&Claim) -> Truth<T>) -> Judged<T> {
        let (sentences, unknown) = self.sentences(written);
        let mut judged = Judged { unknown, shown: vec![], held: vec![], open: vec![], excluded: 0, unread: 0 };
        let is_plain = matches!(written, Written::Plain(_));
        for sentence in sentences.iter().take(SENTENCES) {
            let found = self.facts_of(sentence, is_plain);
            if !found.is_empty() {
                for number in found {
                    if !judged.shown.contains(&number) {
                        judged.shown.push(number);
                    }
                }
                continue;
            }
            let claims = self.claims_of(sentence);
            if claims.is_empty() {
                judged.unread += 1;
            }
            for claim in claims {
                // A claim that the sheet makes is one of its facts, however it was said.
                if let Some(number) = self.number_of(&claim) {
                    if !judged.shown.contains(&number) {
                        judged.shown.push(number);
                    }
                    continue;
                }
                match look(&claim) {
                    Truth::Holds(because) if !judged.held.iter().any(|(known, _)| *known == claim) => {
                        judged.held.push((claim, because));
                    }
                    Truth::Excluded => judged.excluded += 1,
                    Truth::Open if !judged.open.contains(&claim) => judged.open.push(claim),
                    Truth::Holds(_) | Truth::Open => {}
                }
            }
        }
        // Who says a thing that is denied says both.
        for number in 0..judged.shown.len() {
            let Some(fact) = judged.shown.get(number).and_then(|number| self.sheet.facts.get(*number)) else {
                continue;
            };
            for (other, against) in self.sheet.facts.iter().enumerate() {
                let is_same =
                    (fact.subject, &fact.label, fact.object) == (against.subject, &against.label, against.object);
                if is_same && fact.denied != against.denied && !judged.shown.contains(&other) {
                    judged.shown.push(other);
                }
            }
        }
        judged
    }

    fn number_of(&self, claim: &Claim) -> Option<usize> {
        self.sheet.facts.iter().position(|fact| {
            !fact.denied && fact.subject == claim.subject && fact.object == claim.object && fact.label == claim.label
        })
    }

    /// A claim in our own words, with names.
    pub(crate) fn in_words(&self, claim: &Claim) -> String {
        let name = |at: usize| self.sheet.names.get(at).map_or("", |named| named.name.as_str());
        let wording = self.language.wording(&claim.label);
        let said = self.language.statements(&wording, name(claim.subject), name(claim.object));
        said.into_iter().next().unwrap_or_default()
    }

    fn sentences(&self, written: &Written) -> (Vec<Sentence>, bool) {
        let mut words: Vec<(String, Option<usize>)> = Vec::new();
        let mut unknown = false;
        match written {
            Written::Slotted(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Mark(Mark::Slot(number)) => words.push((Mark::Slot(*number).to_string(), None)),
                        Piece::Mark(Mark::Fact(number)) => words.push((String::new(), Some(usize::from(*number)))),
                        Piece::Mark(Mark::Unknown) => unknown = true,
                        Piece::Mark(Mark::End) => break,
                        Piece::Mark(_) => {}
                        Piece::Words(text) => {
                            words.extend(spaced(&foreign(text)).split(' ').map(|word| (word.to_owned(), None)));
                        }
                    }
                }
            }
            Written::Plain(text) => {
                unknown = text.trim().is_empty();
                words = self.slotted(text);
            }
        }
        let mut sentences = vec![Sentence::default()];
        for (word, cited) in words {
            let is_end = word == ".";
            if let Some(sentence) = sentences.last_mut() {
                match cited {
                    Some(number) => drop(sentence.cites.insert(number)),
                    None if !is_end && !word.is_empty() => sentence.words.push(word),
                    None => {}
                }
            }
            if is_end {
                sentences.push(Sentence::default());
            }
        }
        sentences.retain(|sentence| !sentence.words.is_empty());
        (sentences, unknown)
    }

    /// Plain text with the sheet's names as slots and `[1]` as citations. A citation after a full stop belongs before it.
    fn slotted(&self, text: &str) -> Vec<(String, Option<usize>)> {
        let apart = |text: &str| spaced(&foreign(&text.replace('[', " [ ").replace(']', " ] ").replace('!', " . ")));
        let tokens: Vec<String> = apart(text).split(' ').map(str::to_owned).collect();
        let mut names: Vec<(Vec<String>, u8)> = self
            .sheet
            .names
            .iter()
            .map(|named| (apart(&named.name).split(' ').map(str::to_owned).collect(), named.slot))
            .collect();
        names.sort_by_key(|(words, slot)| (std::cmp::Reverse(words.len()), *slot));
        let mut out: Vec<(String, Option<usize>)> = Vec::new();
        let mut at = 0;
        while let Some(rest) = tokens.get(at..).filter(|rest| !rest.is_empty()) {
            if let [open, number, close, ..] = rest
                && (open.as_str(), close.as_str()) == ("[", "]")
                && let Ok(number) = number.parse::<usize>()
            {
                let place = if out.last().is_some_and(|(word, _)| word == ".") { out.len() - 1 } else { out.len() };
                out.insert(place, (String::new(), Some(number)));
                at += 3;
                continue;
            }
            let fitting =
                names.iter().find(|(words, _)| rest.starts_with(words) && words.iter().any(|word| !word.is_empty()));
            match fitting {
                Some((words, slot)) => {
                    out.push((Mark::Slot(*slot).to_string(), None));
                    at += words.len();
                }
                None => {
                    out.extend(rest.first().map(|word| (word.clone(), None)));
                    at += 1;
                }
            }
        }
        out
    }

    /// The facts of the sheet that a sentence says, those it cites before others.
    fn facts_of(&self, sentence: &Sentence, is_plain: bool) -> Vec<usize> {
        let text = sentence.words.join(" ");
        let framed = self.frames.iter().filter_map(|(before, after)| {
            Some(text.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?.trim().to_owned())
        });
        for form in std::iter::once(text.clone()).chain(framed) {
            if let Some(found) = self.forms.get(&form) {
                let cited: Vec<usize> = found.iter().copied().filter(|at| sentence.cites.contains(&(at + 1))).collect();
                return if cited.is_empty() { found.clone() } else { cited };
            }
        }
        // A sentence of a model's own words says the facts that it cites and whose names it has.
        let slots: Vec<usize> = self.slots_of(sentence);
        if !is_plain || slots.is_empty() {
            return Vec::new();
        }
        let names_it = |fact: &super::slots::Given| {
            let ends = [fact.subject, fact.object];
            let named = ends.iter().filter(|end| slots.contains(end)).count();
            named == 2 || (named == 1 && slots.iter().all(|slot| ends.contains(slot)))
        };
        let cited = sentence.cites.iter().filter_map(|cite| cite.checked_sub(1));
        cited.filter(|at| self.sheet.facts.get(*at).is_some_and(names_it)).collect()
    }

    fn slots_of(&self, sentence: &Sentence) -> Vec<usize> {
        let slots = sentence.words.iter().filter_map(|word| match Mark::read(word) {
            Some(Mark::Slot(number)) => self.sheet.names.iter().position(|named| named.slot == number),
            _ => None,
        });
        let mut found: Vec<usize> = Vec::new();
        for slot in slots {
            if !found.contains(&slot) {
                found.push(slot);
            }
        }
        found
    }

    /// The claims of a sentence in the forms of the sheet's relations: one, or one thing's relation to several.
    fn claims_of(&self, sentence: &Sentence) -> Vec<Claim> {
        let names = self.slots_of(sentence);
        if names.len() < 2 || names.len() > NAMES {
            return Vec::new();
        }
        let text = sentence.words.join(" ");
        let mut texts = vec![text.clone()];
        texts.extend(self.frames.iter().filter_map(|(before, after)| {
            Some(text.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?.trim().to_owned())
        }));
        let is_said = |forms: Vec<String>| forms.iter().any(|form| texts.contains(&spaced(form)));
        let blank = |text: &String| {
            let words = text.split(' ').map(|word| if Mark::read(word).is_some() { BLANK } else { word });
            words.collect::<Vec<_>>().join(" ")
        };
        let blanks: Vec<String> = texts.iter().map(blank).collect();
        for (label, wording) in &self.wordings {
            let may_say = |form: &String| self.blanks.get(label).is_some_and(|forms| forms.contains(form));
            if names.len() == 2 && !blanks.iter().any(may_say) && !text.contains(',') && !text.contains(" and ") {
                continue;
            }
            for &subject in &names {
                let objects: Vec<usize> = names.iter().copied().filter(|name| *name != subject).collect();
                let claim = |object: &usize| Claim { subject, label: label.clone(), object: *object };
                let slot = self.sheet.slot(subject);
                let said: Vec<String> = objects.iter().map(|object| self.sheet.slot(*object)).collect();
                if let ([object], [one]) = (objects.as_slice(), said.as_slice()) {
                    if is_said(self.language.statements(wording, &slot, one)) {
                        return vec![claim(object)];
                    }
                } else if is_said(self.language.statements_of_many(wording, &slot, &said))
                    || self.is_count(&text, wording, &slot, &said)
                {
                    return objects.iter().map(claim).collect();
                }
            }
        }
        Vec::new()
    }

    /// Whether a sentence counts these. That there are no others is more than anybody knows: only they are told.
    fn is_count(&self, text: &str, wording: &Wording, subject: &str, objects: &[String]) -> bool {
        let labels = self.language.plural(&wording.label);
        let list = spaced(&self.language.list(objects));
        let rest = text.strip_prefix(subject).and_then(|rest| rest.strip_suffix(&list));
        rest.is_some_and(|rest| rest.split(':').next().is_some_and(|counted| counted.contains(labels.as_str())))
    }
}
