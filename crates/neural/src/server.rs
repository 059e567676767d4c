//! A language model behind HTTP as a generator: any server that speaks OpenAI's chat completions (vLLM, llama.cpp,
//! Ollama). Off unless it is configured; what it says is a guess like any other, with the same verifier behind it.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use quid_core::{Generator, Prompt, Said, Written};
use serde::Deserialize;
use serde_json::{Value, json};
use ureq::Agent;

use crate::framing::Framing;
use crate::problem::{Problem, Result};

/// How a server is reached, as a configuration file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it is, up to the `/v1`: `http://localhost:11434/v1`.
    pub address: String,
    /// The model's name there.
    pub model: String,
    /// A file whose first line is the key.
    pub key_file: Option<PathBuf>,
    /// The environment variable that holds the key.
    pub key_variable: Option<String>,
    /// How long an answer may take, in seconds.
    #[serde(default = "sixty")]
    pub seconds: u16,
    /// Tokens of an answer.
    #[serde(default = "hundred")]
    pub tokens: u16,
    /// How many weights the model multiplies for a token, if that is known: for the cost of an answer.
    #[serde(default)]
    pub weights: u64,
}

fn sixty() -> u16 {
    60
}

fn hundred() -> u16 {
    100
}

/// A key, which is never shown.
#[derive(Clone)]
struct Key(String);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// An answer of a few sentences has some kilobytes; a server that sends more is none of ours.
const LONGEST: u64 = 1 << 20;

/// A server that guesses.
#[derive(Debug)]
pub struct Server {
    settings: Settings,
    key: Option<Key>,
    framing: Framing,
    agent: Agent,
}

impl Server {
    /// One by these settings. `variable` looks a variable of the environment up. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address is none, a key is not where it should be, or would travel in the open.
    pub fn new(settings: Settings, framing: Framing, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let wrong = |why: String| Problem::Server { address: settings.address.clone(), why };
        let open = settings.address.strip_prefix("http://");
        if open.is_none() && !settings.address.starts_with("https://") {
            return Err(wrong("an address begins with http:// or https://".to_owned()));
        }
        let key = match (&settings.key_file, &settings.key_variable) {
            (Some(_), Some(_)) => return Err(wrong("a key from a file or from the environment, not both".to_owned())),
            (Some(path), None) => {
                let text = fs::read_to_string(path).map_err(|why| Problem::File { path: path.clone(), why })?;
                Some(text.lines().next().unwrap_or_default().trim().to_owned())
            }
            (None, Some(name)) => {
                Some(variable(name).ok_or_else(|| wrong(format!("the variable {name} holds no key")))?)
            }
            (None, None) => None,
        };
        let key = key.map(|key| key.trim().to_owned());
        if key.as_deref().is_some_and(|key| key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(wrong("the key is empty, or holds what no key holds".to_owned()));
        }
        if let (Some(_), Some(rest)) = (&key, open) {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            let name = if host.starts_with('[') {
                host.split_inclusive(']').next().unwrap_or_default()
            } else {
                host.split(':').next().unwrap_or_default()
            };
            if !["localhost", "127.0.0.1", "[::1]"].contains(&name) {
                return Err(wrong("a key is sent over https:// only, or to this machine".to_owned()));
            }
        }
        let whole = Duration::from_secs(u64::from(settings.seconds.max(1)));
        let agent = Agent::config_builder()
            .timeout_global(Some(whole))
            .timeout_connect(Some(whole.min(Duration::from_secs(5))))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent("quidnunc")
            .build();
        Ok(Self { settings, key: key.map(Key), framing, agent: agent.into() })
    }

    /// Asks. What it said, and the tokens it read and wrote as it counted them.
    ///
    /// # Errors
    /// When it cannot be reached, takes too long, or answers something else.
    pub fn ask(&self, question: &str, facts: &[String]) -> Result<(String, u64)> {
        let wrong = |why: String| Problem::Server { address: self.settings.address.clone(), why };
        let messages: Vec<Value> = self
            .framing
            .messages(question, facts)
            .into_iter()
            .map(|message| json!({ "role": message.role, "content": message.content }))
            .collect();
        let body = json!({
            "model": self.settings.model,
            "messages": messages,
            "max_tokens": self.settings.tokens,
            "temperature": 0,
            "stream": false,
        });
        let url = format!("{}/chat/completions", self.settings.address.trim_end_matches('/'));
        let mut request = self.agent.post(&url).content_type("application/json");
        if let Some(Key(key)) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut answer = request.send(body.to_string()).map_err(|why| wrong(why.to_string()))?;
        let status = answer.status().as_u16();
        if status != 200 {
            // What it says beside that may hold anything; the number is what helps.
            return Err(wrong(format!("it answers {status}")));
        }
        let text = answer.body_mut().with_config().limit(LONGEST).read_to_string();
        let text = text.map_err(|why| wrong(why.to_string()))?;
        let told: Value = serde_json::from_str(&text).map_err(|_| wrong("its answer is no JSON".to_owned()))?;
        let said = told.pointer("/choices/0/message/content").and_then(Value::as_str);
        let said = said.ok_or_else(|| wrong("its answer has no message".to_owned()))?.to_owned();
        let count = |key: &str| told.pointer(&format!("/usage/{key}")).and_then(Value::as_u64).unwrap_or(0);
        Ok((said, count("prompt_tokens").saturating_add(count("completion_tokens"))))
    }
}

impl Generator for Server {
    /// Its probability is not known from outside: a half says so. Its FLOPs are two for each weight and token, where
    /// the settings tell the weights; else 0.
    fn say(&self, prompt: &Prompt, tell: &mut dyn FnMut(&str), _stop: &AtomicBool) -> Option<Said> {
        match self.ask(&prompt.question, &prompt.facts) {
            Ok((text, tokens)) => {
                tell(&text);
                let flops = self.settings.weights.saturating_mul(2).saturating_mul(tokens);
                let written = Written::Plain(self.framing.said(&text).unwrap_or_default());
                Some(Said { written, probability: 0.5, flops, tokens, device: self.settings.address.clone() })
            }
            Err(why) => {
                tracing::warn!("{why}");
                None
            }
        }
    }

    fn name(&self) -> String {
        format!("{} at {}", self.settings.model, self.settings.address)
    }
}
