//! The ports: small traits by which the rooms meet.
//!
//! `mind` and `logic` know only these; the keepers implement them; the program wires them together.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use oxrdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term, Triple};

use crate::{Audience, Change, Prompt, Receipt, Record, Regime, Said, Time, source::Citation};

/// A stored triple and the graph, that is the source, it stands in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fact {
    /// Subject.
    pub subject: NamedOrBlankNode,
    /// Predicate.
    pub predicate: NamedNode,
    /// Object.
    pub object: Term,
    /// The source.
    pub graph: NamedNode,
}

/// A keeper could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Reading or writing failed; nothing was acknowledged.
    #[error("{what}: {why}")]
    Storage {
        /// What was being done.
        what: String,
        /// The cause, with all its causes.
        why: String,
    },
    /// Somebody else changed the same thing first; decide again.
    #[error("it was changed by somebody else at the same moment")]
    Conflict,
    /// A query or argument was refused, in words for the person who sent it.
    #[error("{0}")]
    Refused(String),
}

/// Reads facts. An implementation shows one audience's view: what they may not see is not there.
pub trait Facts {
    /// Visits every fact matching the given parts (`None` matches all) until the visitor breaks. The order is
    /// the same for the same store. Book-keeping graphs are never visited.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault>;

    /// All matching facts, `limit` at most.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn all(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Vec<Fact>, Fault> {
        let mut found = Vec::new();
        if limit == 0 {
            return Ok(found);
        }
        self.each(subject, predicate, object, &mut |fact| {
            found.push(fact.clone());
            if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found)
    }

    /// Some matching facts, `limit` at most, whichever are found first: the cheapest way to learn whether there are
    /// any, or a few of a hub's thousands. The same ones for the same store.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn some(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Vec<Fact>, Fault> {
        self.all(subject, predicate, object, limit)
    }

    /// As [`Facts::all`], shared with the keeper where it has them at hand: what is looked up all the time is not
    /// copied each time.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn shared(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Arc<[Fact]>, Fault> {
        Ok(self.all(subject, predicate, object, limit)?.into())
    }

    /// How a mirror of these facts stays fresh; `None` when they cannot be mirrored.
    fn feed(&self) -> Option<&dyn Feed> {
        None
    }
}

/// What a mirror must know of a keeper to be never stale: what was written, and who may see what.
pub trait Feed {
    /// Which keeper this is: another number for every other one that was opened.
    fn keeper(&self) -> u64;

    /// Grows with everything that is written, whichever way.
    fn version(&self) -> u64;

    /// The triples that were written or removed since that version, in any graph and order, more than once perhaps;
    /// `None` when that is not known any more, so that everything must be read anew.
    fn since(&self, version: u64) -> Option<Vec<Triple>>;

    /// The facts that all audiences may see together.
    fn everybodys(&self) -> &dyn Facts;

    /// Whether this view shows what stands in a graph.
    fn shows(&self, graph: &NamedNode) -> bool;

    /// A name for what this view shows: views of one keeper and version that have the same show the same. `None` when
    /// that is not known, so that nothing made of this view serves another.
    fn view(&self) -> Option<String> {
        None
    }
}

/// A table of a SPARQL answer, in its own order, as text and as terms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The variables, without `?`.
    pub variables: Vec<String>,
    /// Rows; an unbound variable is `None`.
    pub rows: Vec<Vec<Option<Term>>>,
    /// The truth value of an ASK.
    pub boolean: Option<bool>,
    /// The triples of a CONSTRUCT or DESCRIBE.
    pub triples: Vec<oxrdf::Triple>,
    /// Whether more rows exist than the limit let through.
    pub partial: bool,
}

/// What is loaded, as `sources` lists it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Loaded {
    /// The dump's name (`wordnet-3.0`), or `said` for what people taught.
    pub name: String,
    /// As people call it.
    pub title: String,
    /// How many quads.
    pub quads: u64,
    /// When.
    pub at: Option<Time>,
    /// Under which licence, when that is known.
    pub licence: Option<String>,
    /// From which files.
    pub files: Vec<LoadedFile>,
}

/// A file that was loaded, known by its hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LoadedFile {
    /// Where it lay.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of it as it lay there, in hexadecimal.
    pub sha256: String,
}

/// The keeper of all that is known: the journal and the store.
pub trait Memory: Send + Sync {
    /// The facts this audience may see.
    fn facts<'a>(&'a self, audience: &Audience) -> Box<dyn Facts + 'a>;
    /// The facts of the bot's own book-keeping: state, provenance, observations.
    fn keeping<'a>(&'a self) -> Box<dyn Facts + 'a>;
    /// Writes a change. When it returns, the change is durable and visible.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when the guard does not hold; [`Fault::Storage`] when nothing was written.
    fn commit(&self, change: Change) -> Result<Receipt, Fault>;
    /// Replaces observations (`asked`, `seen`): kept, neither journalled nor synced.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn observe(&self, removed: &[Quad], added: &[Quad]) -> Result<(), Fault>;
    /// The journal's record of that number.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn record(&self, seq: u64) -> Result<Option<Record>, Fault>;
    /// Visits the journal's records from the newest back until the visitor breaks.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn back(&self, visit: &mut dyn FnMut(&Record) -> ControlFlow<()>) -> Result<(), Fault>;
    /// The numbers of all records about a thing, oldest first.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn about(&self, thing: &NamedNode) -> Result<Vec<u64>, Fault>;
    /// How a source is told to people; `None` for an unknown graph.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn cite(&self, graph: &NamedNode) -> Result<Option<Citation>, Fault>;
    /// Runs a read-only SPARQL query over what the audience may see: at most `limit` rows, until `stop`.
    ///
    /// # Errors
    /// [`Fault::Refused`] with the parser's or the policy's words; [`Fault::Storage`].
    fn sparql(&self, query: &str, audience: &Audience, limit: usize, stop: &AtomicBool) -> Result<Table, Fault>;
    /// As [`Memory::sparql`], where what follows by a regime is true too, in the default graph.
    ///
    /// # Errors
    /// As [`Memory::sparql`]; [`Fault::Refused`] also when the regime is not known here.
    fn sparql_by(
        &self,
        regime: Regime,
        query: &str,
        audience: &Audience,
        limit: usize,
        stop: &AtomicBool,
    ) -> Result<Table, Fault> {
        match regime {
            Regime::None => self.sparql(query, audience, limit, stop),
            _ => Err(Fault::Refused("nothing is known here of what follows".to_owned())),
        }
    }
    /// What is loaded.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn sources(&self) -> Result<Vec<Loaded>, Fault>;
}

/// A text found by words.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// What it is about (a thing, a synset).
    pub subject: NamedNode,
    /// The relation whose value matched.
    pub predicate: NamedNode,
    /// The text, as stored.
    pub text: String,
    /// The source.
    pub graph: NamedNode,
    /// BM25 (Robertson & Zaragoza 2009), or the cosine where it was found by its meaning; not comparable between
    /// queries.
    pub score: f32,
}

/// What is looked for by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Names and written forms.
    Names,
    /// Glosses, factoids, sentences.
    Texts,
    /// Both.
    All,
}

/// The keeper of words: full text over labels, glosses, factoids and said triples.
pub trait Recall: Send + Sync {
    /// The best texts for these words that the audience may see.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn recall(&self, words: &str, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault>;
    /// Names within two edits (Damerau-Levenshtein) of this one, nearest first: "did you mean".
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn names_like(&self, name: &str, audience: &Audience, limit: usize) -> Result<Vec<String>, Fault>;
    /// Names that begin so, for completion and `listkeys`.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn names_from(&self, prefix: &str, audience: &Audience, limit: usize) -> Result<Vec<String>, Fault>;
    /// What goes by exactly this name, folded: each with the property that names it.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn named(&self, name: &str, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        let _ = (name, audience, limit);
        Ok(Vec::new())
    }
    /// The texts or names nearest in meaning to a vector of [`Recall::vector`], each with the cosine as its score.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn nearest(&self, vector: &[f32], of: Of, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        let _ = (vector, of, audience, limit);
        Ok(Vec::new())
    }
    /// The vector of a text, of length one; zeros when no word of it is known, empty where there are no vectors.
    fn vector(&self, text: &str) -> Vec<f32> {
        let _ = text;
        Vec::new()
    }
    /// Takes in what a committed change added and removed. Found from then on.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    fn note(&self, seq: u64, added: &[Quad], removed: &[Quad]) -> Result<(), Fault>;
}

/// Texts as vectors: what is near in meaning is near in direction.
pub trait Vectors: Send + Sync {
    /// Another number for every other table: what was kept of one's vectors is of no use beside another's.
    fn version(&self) -> u64 {
        0
    }
    /// How many numbers a vector has.
    fn dimensions(&self) -> usize;
    /// The vector of a text, of length one; zeros when no word of it is known.
    fn vector(&self, text: &str) -> Vec<f32>;
    /// Whether any word of a text is known as a whole; else its vector is put together from pieces and means little.
    fn knows(&self, text: &str) -> bool {
        let _ = text;
        true
    }
    /// The vector of a word, or of several, as the name of a relation that is asked for, near those of other names of
    /// it; `None` where it is not known.
    fn relation(&self, name: &str) -> Option<Vec<f32>>;
}

/// The neural half's port: says something about a question from a shortlist of facts.
///
/// What it says is never knowledge: it passes the mind's verifier, and what that does not find true is a `Guessed` or
/// is dropped. Nothing behind this port can write or call anything.
pub trait Generator: Send + Sync {
    /// Writes an answer to the prompt, told piece by piece as it comes (unverified: for a progress line and nothing
    /// else), until `stop`. `None` when there is nothing to say, or no model that could.
    fn say(&self, prompt: &Prompt, tell: &mut dyn FnMut(&str), stop: &AtomicBool) -> Option<Said>;
    /// What it is, for `quid doctor`.
    fn name(&self) -> String;
}
