//! What the bot answers. The kind is a type, so that no code path can pass off a guess as knowledge.
//!
//! `Proved` can only be made from a [`Verified`] proof, `Told` only with a citation.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Cost, Proof, Verified, proof::Because, source::Citation};

/// One answer among several, machine-readable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// As said.
    pub text: String,
    /// The term, in N-Triples syntax, when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<String>,
}

/// A stored text, word for word, and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quote {
    /// The text.
    pub text: String,
    /// Who says so.
    pub source: Citation,
}

/// The kinds of answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Follows from stored facts and rules; also a proved *no*.
    Proved {
        /// The proofs, one for each answer; at least one.
        proofs: Vec<Verified>,
        /// What the leaves rest on.
        sources: Vec<Citation>,
    },
    /// A stored text that was not understood further, quoted.
    Told(Vec<Quote>),
    /// System 1 thinks so.
    Guessed {
        /// The facts it was given.
        given: Vec<Quote>,
        /// Calibrated probability that it is right.
        probability: f64,
        /// Model FLOPs.
        flops: u64,
    },
    /// Not that I know.
    Unknown {
        /// The nearest stored texts.
        nearest: Vec<Quote>,
    },
    /// Something was done; the statement's graph when something was stored.
    Done,
    /// Small talk, help, a question back.
    Chat,
    /// Nothing is said: the line was not for the bot.
    Silent,
    /// It could not be done, and why.
    Error,
}

/// An answer with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Which kind, with what it rests on.
    pub answer: Answer,
    /// As said to people; empty only for [`Answer::Silent`].
    pub text: String,
    /// The single answers, when there are several or they are terms.
    pub items: Vec<Item>,
    /// The graph of the statement that was stored, present whenever one was, silently too.
    pub statement: Option<String>,
    /// Whom it goes to in private, when not to the place the line came from (`tell ann about x`).
    pub to: Option<String>,
    /// What a model spent on it; `None` when no model was asked.
    pub cost: Option<Cost>,
    /// How long it took in microseconds, set by the door that has a clock.
    pub micros: Option<u64>,
}

impl Reply {
    /// A reply of this kind in these words.
    #[must_use]
    pub fn new(answer: Answer, text: impl Into<String>) -> Self {
        Self { answer, text: text.into(), items: Vec::new(), statement: None, to: None, cost: None, micros: None }
    }

    /// Nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(Answer::Silent, "")
    }

    /// The kind's name in JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.answer {
            Answer::Proved { .. } => "proved",
            Answer::Told(_) => "told",
            Answer::Guessed { .. } => "guessed",
            Answer::Unknown { .. } => "unknown",
            Answer::Done => "done",
            Answer::Chat => "chat",
            Answer::Silent => "silent",
            Answer::Error => "error",
        }
    }

    /// One JSON object: `{"kind":…,"text":…,"answers":[…],"proof":{…},"sources":[…],"statement":…,
    /// "probability":…,"flops":…,"tokens":…,"device":…,"micros":…}`; fields that do not apply are absent.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("kind".into(), self.kind().into());
        out.insert("text".into(), self.text.clone().into());
        if !self.items.is_empty() {
            out.insert("answers".into(), json!(self.items));
        }
        match &self.answer {
            Answer::Proved { proofs, sources } => {
                if let Some(first) = proofs.first() {
                    out.insert("proof".into(), proof_json(first.proof()));
                }
                if proofs.len() > 1 {
                    out.insert("proofs".into(), proofs.iter().map(|proof| proof_json(proof.proof())).collect());
                }
                out.insert("sources".into(), json!(sources));
                out.insert("flops".into(), 0.into());
            }
            Answer::Told(quotes) => {
                out.insert("sources".into(), json!(quotes.iter().map(|quote| &quote.source).collect::<Vec<_>>()));
                out.insert("flops".into(), 0.into());
            }
            Answer::Guessed { given, probability, flops } => {
                out.insert("sources".into(), json!(given.iter().map(|quote| &quote.source).collect::<Vec<_>>()));
                out.insert("probability".into(), json!(probability));
                out.insert("flops".into(), json!(flops));
            }
            Answer::Unknown { nearest } if !nearest.is_empty() => {
                out.insert("nearest".into(), json!(nearest));
            }
            _ => {}
        }
        if let Some(cost) = &self.cost {
            out.insert("flops".into(), cost.flops.into());
            out.insert("tokens".into(), cost.tokens.into());
            out.insert("device".into(), cost.device.clone().into());
        } else if !out.contains_key("flops") {
            // No model was asked.
            out.insert("flops".into(), 0.into());
        }
        if let Some(statement) = &self.statement {
            out.insert("statement".into(), statement.clone().into());
        }
        if let Some(to) = &self.to {
            out.insert("to".into(), to.clone().into());
        }
        if let Some(micros) = self.micros {
            out.insert("micros".into(), micros.into());
        }
        Value::Object(out)
    }
}

/// A proof as JSON: `{"steps":[{"predicate":…,"arguments":[…],"stored":graph | "rule":name,"from":[…] | "builtin":true}]}`,
/// terms in N-Triples syntax.
#[must_use]
pub fn proof_json(proof: &Proof) -> Value {
    let steps = proof.steps.iter().map(|step| {
        let mut out = Map::new();
        out.insert("predicate".into(), step.claim.predicate.as_str().into());
        out.insert("arguments".into(), step.claim.arguments.iter().map(|term| Value::from(term.to_string())).collect());
        match &step.because {
            Because::Stored(graph) => out.insert("stored".into(), graph.as_str().into()),
            Because::Rule { name, premises } => {
                out.insert("rule".into(), name.clone().into());
                out.insert("from".into(), json!(premises))
            }
            Because::BuiltIn => out.insert("builtin".into(), true.into()),
            Because::Absent(table) => out.insert("absent".into(), json!(table)),
            Because::Gathered(table) => out.insert("gathered".into(), json!(table)),
        };
        Value::Object(out)
    });
    json!({ "steps": steps.collect::<Vec<_>>() })
}
