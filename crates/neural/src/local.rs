//! A model of this home, or the program's own, as a generator: read when it is first needed, one question at a time.
//!
//! The own one reads slots and may write nothing but what its prompt has and the common words of answers; one that a
//! person brought reads plain text, as any chat model does. Neither knows anything: what they say is verified.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use quid_core::{Generator, Mark, Piece, Prompt, Said, Written};

use crate::decoder::Legal;
use crate::flops;
use crate::framing::Framing;
use crate::generate::{Manner, Writer};
use crate::kernel::Precision;
use crate::model::Model;
use crate::problem::{Problem, Result};
use crate::words::Words;

/// Tokens of prompt and answer that a generator has room for.
const ROOM: usize = 2048;
/// Beside a generator's weights: the words that answers may have besides those of their prompt.
const ANSWERS: &str = "answers.json";

/// How a model is asked.
#[derive(Clone, Debug)]
pub enum Reads {
    /// In slots and marks, as the program's own generator was trained.
    Slots,
    /// In plain text, framed so.
    Text(Framing),
}

/// A local model that says something about facts.
///
/// It costs nothing until it is asked the first time. A model that cannot be read says so once, and is then silent.
#[derive(Debug)]
pub struct Local {
    name: String,
    path: PathBuf,
    reads: Reads,
    most: usize,
    threads: Option<usize>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Unread,
    Ready(Box<Ready>),
    Broken,
}

#[derive(Debug)]
struct Ready {
    model: Model,
    writer: Writer,
    marks: Option<Marks>,
}

/// The tokens of marks, and those that any answer may have.
#[derive(Debug)]
pub(crate) struct Marks {
    tokens: BTreeMap<Mark, u32>,
    of_token: BTreeMap<u32, Mark>,
    pub(crate) common: Vec<u32>,
}

impl Marks {
    pub(crate) fn read(words: &Words, path: &Path) -> Result<Self> {
        let damaged = |why: String| Problem::Damaged { path: path.to_owned(), why };
        let mut tokens = BTreeMap::new();
        for mark in Mark::all() {
            let token = words.token(&mark.to_string());
            tokens.insert(mark, token.ok_or_else(|| damaged(format!("its tokenizer lacks {mark}")))?);
        }
        let file = path.join(ANSWERS);
        let text = fs::read_to_string(&file).map_err(|why| Problem::File { path: file.clone(), why })?;
        let pieces: Vec<String> = serde_json::from_str(&text).map_err(|why| damaged(format!("{ANSWERS}: {why}")))?;
        let mut common: Vec<u32> = pieces.iter().filter_map(|piece| words.token(piece)).collect();
        common.extend([Mark::End, Mark::Unknown].iter().filter_map(|mark| tokens.get(mark)));
        let of_token = tokens.iter().map(|(mark, token)| (*token, *mark)).collect();
        Ok(Self { tokens, of_token, common })
    }

    /// A prompt as tokens. Words are letters: none of them becomes a mark.
    pub(crate) fn encode(&self, words: &Words, pieces: &[Piece]) -> Result<Vec<u32>> {
        let mut encoded = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Mark(mark) => encoded.extend(self.tokens.get(mark)),
                Piece::Words(text) => {
                    let letters = words.text(text)?;
                    encoded.extend(letters.into_iter().filter(|token| !self.of_token.contains_key(token)));
                }
            }
        }
        Ok(encoded)
    }

    fn decode(&self, all: &Words, tokens: &[u32]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut words: Vec<u32> = Vec::new();
        let flush = |words: &mut Vec<u32>, pieces: &mut Vec<Piece>| {
            if !words.is_empty() {
                pieces.push(Piece::Words(all.told(words)));
                words.clear();
            }
        };
        for token in tokens {
            match self.of_token.get(token) {
                Some(mark) => {
                    flush(&mut words, &mut pieces);
                    pieces.push(Piece::Mark(*mark));
                }
                None => words.push(*token),
            }
        }
        flush(&mut words, &mut pieces);
        pieces
    }
}

impl Local {
    /// The model at that path, under that name; answers have at most so many tokens.
    #[must_use]
    pub fn new(name: String, path: PathBuf, reads: Reads, most: usize, threads: Option<usize>) -> Self {
        Self { name, path, reads, most, threads, state: Mutex::new(State::Unread) }
    }

    fn open(&self) -> Result<Ready> {
        let model = Model::open(&self.path, Precision::Rounded)?;
        let writer = Writer::new(&model.decoder, ROOM.min(model.decoder.shape.context), self.threads)?;
        let marks = match self.reads {
            Reads::Slots => Some(Marks::read(&model.words, &self.path)?),
            Reads::Text(_) => None,
        };
        Ok(Ready { model, writer, marks })
    }

    /// The prompt as tokens, shortened until it fits with the answer.
    fn encode(&self, ready: &Ready, prompt: &Prompt) -> Result<Vec<u32>> {
        let fits = |tokens: &[u32]| tokens.len() + self.most < ready.writer.capacity();
        if let Some(marks) = &ready.marks {
            let mut pieces = prompt.slotted.clone();
            loop {
                let tokens = marks.encode(&ready.model.words, &pieces)?;
                // The last fact is the least: it goes first, up to where the answer begins.
                let last = pieces.iter().rposition(|piece| matches!(piece, Piece::Mark(Mark::Fact(_) | Mark::Meaning)));
                let Some(last) = last.filter(|_| !fits(&tokens)) else { return Ok(tokens) };
                pieces.truncate(last);
                pieces.push(Piece::Mark(Mark::Answer));
            }
        }
        let Reads::Text(framing) = &self.reads else { return Ok(Vec::new()) };
        let mut shown = prompt.facts.len();
        loop {
            let messages = framing.messages(&prompt.question, prompt.facts.get(..shown).unwrap_or_default());
            let tokens = ready.model.words.chat(&messages)?;
            if fits(&tokens) || shown == 0 {
                return Ok(tokens);
            }
            shown /= 2;
        }
    }

    fn write(
        &self,
        ready: &mut Ready,
        prompt: &Prompt,
        tell: &mut dyn FnMut(&str),
        stop: &AtomicBool,
    ) -> Result<Option<Said>> {
        let asked = self.encode(ready, prompt)?;
        let Ready { model, writer, marks } = ready;
        let legal = marks.as_ref().map(|marks| {
            let of_prompt = asked.iter().filter(|token| {
                !matches!(marks.of_token.get(token), Some(Mark::Question | Mark::Meaning | Mark::Answer))
            });
            let tokens: Vec<u32> = of_prompt.chain(&marks.common).copied().collect();
            Legal::new(&tokens, model.decoder.shape.vocabulary)
        });
        let end = marks.as_ref().and_then(|marks| marks.tokens.get(&Mark::End)).copied();
        let ends = |token| Some(token) == end || model.words.ends(token);
        let mut tokens = Vec::new();
        let mut teller = model.words.teller(&asked);
        let manner = Manner { most: self.most, legal: legal.as_ref(), ..Manner::default() };
        let written = writer.write(&model.decoder, &asked, manner, &ends, &mut |token| {
            tokens.push(token);
            tell(&teller.tell(token));
            if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let text = match (marks, &self.reads) {
            (Some(marks), _) => Written::Slotted(marks.decode(&model.words, &tokens)),
            (None, Reads::Text(framing)) => {
                Written::Plain(framing.said(&model.words.told(&tokens)).unwrap_or_default())
            }
            (None, Reads::Slots) => return Ok(None),
        };
        let threads = writer.threads();
        Ok(Some(Said {
            written: text,
            probability: written.probability.clamp(0.0, 1.0),
            flops: flops::flops(&model.decoder.shape, written.prompt as u64, written.tokens as u64),
            tokens: (written.prompt as u64).saturating_add(written.tokens as u64),
            device: format!("cpu ({threads} {})", if threads == 1 { "thread" } else { "threads" }),
        }))
    }
}

impl Generator for Local {
    fn say(&self, prompt: &Prompt, tell: &mut dyn FnMut(&str), stop: &AtomicBool) -> Option<Said> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Unread = *state {
            *state = match self.open() {
                Ok(ready) => State::Ready(Box::new(ready)),
                Err(why) => {
                    tracing::warn!("the model {} cannot be used: {why}", self.name);
                    State::Broken
                }
            };
        }
        let State::Ready(ready) = &mut *state else { return None };
        match self.write(ready, prompt, tell, stop) {
            Ok(said) => said,
            Err(why) => {
                tracing::warn!("the model {} did not answer: {why}", self.name);
                None
            }
        }
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}
