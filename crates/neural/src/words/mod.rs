//! Text to tokens and back, as the model's own files say; and the frame of a chat around it.
//!
//! What people type and what facts contain can never become a control token: such text is encoded as the letters it is
//! made of, apart from the template's own.

mod pieces;
mod template;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use serde_json::Value;
use tokenizers::Tokenizer;

use crate::files::{Gguf, read_text};
use crate::problem::{Problem, Result};

pub use template::{Message, Template};

/// A model's tokens, its ends and its chat template.
#[derive(Debug)]
pub struct Words {
    tokenizer: Mutex<Tokenizer>,
    /// What every text begins with.
    begin: Option<u32>,
    /// What ends an answer.
    ends: BTreeSet<u32>,
    template: Option<Template>,
    size: usize,
}

impl Words {
    /// From a folder's `tokenizer.json` and what stands beside it.
    ///
    /// # Errors
    /// When there is none, or one is damaged.
    pub fn folder(path: &Path) -> Result<Self> {
        let file = path.join("tokenizer.json");
        let text = read_text(&file)?;
        let tokenizer =
            Tokenizer::from_bytes(text).map_err(|why| Problem::Damaged { path: file.clone(), why: why.to_string() })?;
        let told = |name: &str| -> Result<Value> {
            let path = path.join(name);
            if !path.exists() {
                return Ok(Value::Null);
            }
            serde_json::from_str(&read_text(&path)?).map_err(|why| Problem::Damaged { path, why: why.to_string() })
        };
        let (settings, model, generation) =
            (told("tokenizer_config.json")?, told("config.json")?, told("generation_config.json")?);
        // A token is told by its text, or by an object with its text.
        let named = |key: &str| {
            let value = settings.get(key)?;
            value.as_str().or_else(|| value.get("content")?.as_str()).map(ToOwned::to_owned)
        };
        let mut ends = BTreeSet::new();
        for told in [&model, &generation] {
            match told.get("eos_token_id") {
                Some(Value::Array(several)) => {
                    ends.extend(several.iter().filter_map(Value::as_u64).filter_map(|end| u32::try_from(end).ok()));
                }
                Some(one) => ends.extend(one.as_u64().and_then(|end| u32::try_from(end).ok())),
                None => {}
            }
        }
        let (begin, end) = (named("bos_token"), named("eos_token"));
        ends.extend(end.as_deref().and_then(|end| tokenizer.token_to_id(end)));
        let begins = settings.get("add_bos_token").and_then(Value::as_bool);
        // Where the settings do not say it, the tokenizer's own frame does.
        let begins = begins.unwrap_or_else(|| {
            let framed = tokenizer.encode_fast("a", true).map(|framed| framed.get_ids().to_vec()).unwrap_or_default();
            let first = framed.first().and_then(|first| tokenizer.id_to_token(*first));
            first.is_some() && first == begin
        });
        let separate = path.join("chat_template.jinja");
        let template =
            if separate.exists() { Some(read_text(&separate)?) } else { template_of(settings.get("chat_template")) };
        let template = template
            .map(|text| Template::new(&text, begin.as_deref().unwrap_or(""), end.as_deref().unwrap_or("")))
            .transpose()?;
        let begin = begin.filter(|_| begins).and_then(|begin| tokenizer.token_to_id(&begin));
        Ok(Self::new(tokenizer, begin, ends, template))
    }

    /// From the vocabulary in a GGUF file; from a `tokenizer.json` beside it where there is one.
    ///
    /// # Errors
    /// When the vocabulary is damaged, or of a kind that is not known.
    pub fn gguf(file: &Gguf) -> Result<Self> {
        let beside = file.path().with_file_name("tokenizer.json");
        let tokenizer = if beside.exists() {
            Tokenizer::from_bytes(read_text(&beside)?)
                .map_err(|why| Problem::Damaged { path: beside, why: why.to_string() })?
        } else {
            pieces::from_gguf(file)?
        };
        let token = |key: &str| file.size(key).and_then(|token| u32::try_from(token).ok());
        let text = |token: Option<u32>| token.and_then(|token| tokenizer.id_to_token(token)).unwrap_or_default();
        let begin = token("tokenizer.ggml.bos_token_id");
        let end = token("tokenizer.ggml.eos_token_id");
        let mut ends: BTreeSet<u32> = end.into_iter().collect();
        ends.extend(token("tokenizer.ggml.eot_token_id"));
        let template = file
            .text("tokenizer.chat_template")
            .map(|template| Template::new(template, &text(begin), &text(end)))
            .transpose()?;
        let spm = file.text("tokenizer.ggml.model") == Some("llama");
        let begins = file.truth("tokenizer.ggml.add_bos_token").unwrap_or(spm);
        Ok(Self::new(tokenizer, begin.filter(|_| begins), ends, template))
    }

    /// From a file of tokens as llama2.c has it.
    ///
    /// # Errors
    /// When it is not one.
    pub fn tale(path: &Path) -> Result<Self> {
        Ok(Self::new(pieces::from_tale(path)?, Some(1), BTreeSet::from([1, 2]), None))
    }

    fn new(mut tokenizer: Tokenizer, begin: Option<u32>, ends: BTreeSet<u32>, template: Option<Template>) -> Self {
        // Frames are put around by us, so that a prompt is what we think it is; nothing is cut or filled silently.
        let _ = tokenizer.with_truncation(None);
        tokenizer.with_padding(None);
        let size = tokenizer.get_vocab_size(true);
        Self { tokenizer: Mutex::new(tokenizer), begin, ends, template, size }
    }

    /// How many tokens there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The token that is written exactly so, if there is one.
    #[must_use]
    pub fn token(&self, text: &str) -> Option<u32> {
        self.tokenizer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).token_to_id(text)
    }

    /// Whether this token ends an answer.
    #[must_use]
    pub fn ends(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }

    /// Whether the model was made to chat.
    #[must_use]
    pub fn has_template(&self) -> bool {
        self.template.is_some()
    }

    /// The tokens of a text, as letters: nothing in it is a control token.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn text(&self, text: &str) -> Result<Vec<u32>> {
        self.encode(text, false)
    }

    /// A prompt to be continued: what every text begins with, and this one.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn prompt(&self, text: &str) -> Result<Vec<u32>> {
        let mut tokens: Vec<u32> = self.begin.into_iter().collect();
        tokens.extend(self.text(text)?);
        Ok(tokens)
    }

    /// A chat that the model should go on with; without a template, its messages one after the other.
    ///
    /// # Errors
    /// When the template or the tokenizer fails.
    pub fn chat(&self, messages: &[Message]) -> Result<Vec<u32>> {
        let Some(template) = &self.template else {
            let texts: Vec<&str> = messages.iter().map(|message| message.content.as_str()).collect();
            return self.prompt(&texts.join("\n"));
        };
        let mut tokens = Vec::new();
        for part in template.render(messages)? {
            match part {
                template::Part::Frame(text) => tokens.extend(self.encode(&text, true)?),
                template::Part::Content(text) => tokens.extend(self.encode(&text, false)?),
            }
        }
        // Most templates say how a chat begins; for those that do not, the tokenizer's own beginning.
        if let Some(begin) = self.begin.filter(|begin| tokens.first() != Some(begin)) {
            tokens.insert(0, begin);
        }
        Ok(tokens)
    }

    /// The sentence with the frame that an encoder wants around it.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn framed(&self, text: &str) -> Result<Vec<u32>> {
        let mut tokenizer = self.tokenizer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tokenizer.set_encode_special_tokens(true);
        let encoded = tokenizer.encode_fast(text, true).map_err(|why| Problem::Words { why: why.to_string() })?;
        Ok(encoded.get_ids().to_vec())
    }

    fn encode(&self, text: &str, controls: bool) -> Result<Vec<u32>> {
        let mut tokenizer = self.tokenizer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tokenizer.set_encode_special_tokens(!controls);
        let encoded = tokenizer.encode_fast(text, false).map_err(|why| Problem::Words { why: why.to_string() })?;
        Ok(encoded.get_ids().to_vec())
    }

    /// The text of tokens; controls are left out.
    #[must_use]
    pub fn told(&self, tokens: &[u32]) -> String {
        let tokenizer = self.tokenizer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tokenizer.decode(tokens, true).unwrap_or_default()
    }

    /// Tells tokens as they come, after this prompt.
    #[must_use]
    pub fn teller(&self, prompt: &[u32]) -> Teller<'_> {
        // The last token decides whether the next one begins with a space.
        let tokens = prompt.last().copied().into_iter().collect::<Vec<_>>();
        let said = self.told(&tokens).len();
        Teller { words: self, tokens, said }
    }
}

/// A template, or the one called `default` of several.
fn template_of(told: Option<&Value>) -> Option<String> {
    let told = told?;
    if let Some(text) = told.as_str() {
        return Some(text.to_owned());
    }
    let several = told.as_array()?;
    let default = several.iter().find(|one| one.get("name").and_then(Value::as_str) == Some("default"));
    default.or(several.first())?.get("template")?.as_str().map(ToOwned::to_owned)
}

/// Tells tokens one by one: a letter of several tokens is held back until it is whole.
#[derive(Debug)]
pub struct Teller<'a> {
    words: &'a Words,
    tokens: Vec<u32>,
    said: usize,
}

impl Teller<'_> {
    /// What this token adds to the text.
    pub fn tell(&mut self, token: u32) -> String {
        self.tokens.push(token);
        let text = self.words.told(&self.tokens);
        // A broken letter at the end may become whole; a text that became shorter is not told again.
        if text.ends_with(char::REPLACEMENT_CHARACTER) {
            return String::new();
        }
        let new = text.get(self.said..).unwrap_or_default().to_owned();
        // What was told is not decoded again: the last token is enough to go on from.
        if self.tokens.len() > 16 {
            self.tokens.drain(..self.tokens.len() - 1);
            self.said = self.words.told(&self.tokens).len();
        } else {
            self.said = text.len();
        }
        new
    }
}
