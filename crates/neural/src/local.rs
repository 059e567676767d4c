//! A model of this home as a generator: read when it is first needed, one question at a time.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use quid_core::Generator;
use quid_core::ports::{Guess, Hit};

use crate::flops;
use crate::framing::Framing;
use crate::generate::{Manner, Writer};
use crate::kernel::Precision;
use crate::model::Model;
use crate::problem::Result;

/// Tokens of prompt and answer that a generator has room for.
const ROOM: usize = 2048;

/// A local model that guesses.
///
/// It costs nothing until it is asked the first time. A model that cannot be read says so once, and is then silent.
#[derive(Debug)]
pub struct Local {
    name: String,
    path: PathBuf,
    framing: Framing,
    most: usize,
    threads: Option<usize>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Unread,
    Ready(Box<(Model, Writer)>),
    Broken,
}

impl Local {
    /// The model at that path, under that name; answers have at most so many tokens.
    #[must_use]
    pub fn new(name: String, path: PathBuf, framing: Framing, most: usize, threads: Option<usize>) -> Self {
        Self { name, path, framing, most, threads, state: Mutex::new(State::Unread) }
    }

    fn open(&self) -> Result<(Model, Writer)> {
        let model = Model::open(&self.path, Precision::Rounded)?;
        let writer = Writer::new(&model.decoder, ROOM, self.threads)?;
        Ok((model, writer))
    }

    fn write(&self, model: &Model, writer: &mut Writer, question: &str, facts: &[Hit]) -> Result<Option<Guess>> {
        // Where not all facts fit, the best of them do: they come first.
        let mut shown = facts.len();
        let prompt = loop {
            let messages = self.framing.messages(question, facts.get(..shown).unwrap_or(facts));
            let prompt = model.words.chat(&messages)?;
            if prompt.len() + self.most < writer.capacity() || shown == 0 {
                break prompt;
            }
            shown /= 2;
        };
        let mut tokens = Vec::new();
        let manner = Manner { most: self.most, ..Manner::default() };
        let ends = |token| model.words.ends(token);
        let written = writer.write(&model.decoder, &prompt, manner, &ends, &mut |token| {
            tokens.push(token);
            ControlFlow::Continue(())
        })?;
        let cost = flops::flops(&model.decoder.shape, written.prompt as u64, written.tokens as u64);
        let text = self.framing.said(&model.words.told(&tokens));
        Ok(text.map(|text| Guess { text, probability: written.probability, flops: cost }))
    }
}

impl Generator for Local {
    fn say(&self, question: &str, facts: &[Hit]) -> Option<Guess> {
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
        let (model, writer) = &mut **ready;
        match self.write(model, writer, question, facts) {
            Ok(guess) => guess,
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
