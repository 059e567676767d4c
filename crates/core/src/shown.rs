//! What doors show beside a reply: a proof step by step in words, and what is known of one entity.
//!
//! Doors know neither the mind nor the keepers; these shapes let a page draw a proof or let a program browse
//! without either side knowing how the other says things. All text is as people wrote it: whoever shows it escapes it.

use oxrdf::NamedNode;
use serde::Serialize;

use crate::source::Citation;

/// A proof in words: the steps in the proof's own order, so that the last is what was proved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ToldProof {
    /// The whole in one sentence, as "why?" answers it.
    pub words: String,
    /// Premises come before what rests on them.
    pub steps: Vec<ToldStep>,
    /// What the stored steps rest on.
    pub sources: Vec<Citation>,
}

/// One step of a proof in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldStep {
    /// The claim, as a sentence.
    pub text: String,
    /// Why it holds, in words: a source, the rule's name, that it is computed.
    pub reason: String,
    /// Why it holds, as a kind.
    pub because: Ground,
    /// The earlier steps it rests on.
    pub from: Vec<usize>,
    /// Where in [`ToldProof::sources`] its source stands, when it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<usize>,
}

/// The kinds of ground of [`crate::Because`], by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ground {
    /// Stored.
    Stored,
    /// By a rule.
    Rule,
    /// Computed.
    Computed,
    /// Not among all answers of a closed table.
    Absent,
    /// Gathered from all answers of a closed table.
    Gathered,
}

/// Which entity is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The node of this IRI.
    Iri(NamedNode),
    /// Whatever goes by this name.
    Name(String),
}

/// What is known of one entity, as far as the audience may see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// What it is called.
    pub name: String,
    /// Its own node.
    pub iri: String,
    /// A text that says what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<Definition>,
    /// The other words for the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// What the name can mean, the likely one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub senses: Vec<Meaning>,
    /// What is said of it.
    pub facts: Vec<Relation>,
    /// What is said of others with it: its neighbours.
    pub neighbours: Vec<Relation>,
    /// Who says so; values point here by number.
    pub sources: Vec<Citation>,
    /// Whether there is more than is listed.
    pub partial: bool,
}

/// A text that says what something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// The text.
    pub text: String,
    /// Where in [`Entity::sources`] its source stands.
    pub source: usize,
}

/// One thing that a name can mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// Its node.
    pub iri: String,
    /// In a few words: "the soft drink".
    pub text: String,
    /// The words that mean it.
    pub words: Vec<String>,
    /// A text that says what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gloss: Option<String>,
}

/// All values of one relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Relation {
    /// What the relation is called.
    pub name: String,
    /// Its node.
    pub iri: String,
    /// Its values.
    pub values: Vec<Other>,
}

/// The other end of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Other {
    /// What it is called; the text of a literal.
    pub name: String,
    /// The term in N-Triples syntax.
    pub term: String,
    /// The node to go on to, unless it is a literal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    /// Where in [`Entity::sources`] the sources stand.
    pub sources: Vec<usize>,
}
