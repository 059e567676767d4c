//! Questions about the world, over WordNet and what was taught together.
//!
//! Words are not things: a word's sense is chosen here, for one question and from the conversation, and the choice
//! stands in the proof. Everything said to be proved has passed the independent checker.

mod builtins;
mod common;
mod commonsense;
mod context;
mod define;
mod denial;
mod entity;
mod explain;
mod labels;
mod lexicon;
mod links;
mod lists;
mod logic;
mod naming;
mod opposites;
mod picture;
mod portion;
mod relations;
mod senses;
mod whether;
mod why_not;

use quid_core::intent::Question;
use quid_core::oxrdf::{NamedNode, Term};
use quid_core::ports::Hit;
use quid_core::proof::verify;
use quid_core::shown::{Entity, ToldProof, Which};
use quid_core::source::Citation;
use quid_core::{Answer, Atom, Because, Budget, Facts, Fault, Goal, Key, Proof, Reply, Rulebook, Verified};
use quid_lang::Language;
use quid_logic::{Halt, Memo};

use builtins::Words;
pub(crate) use lexicon::part_of_speech;

/// What a question about the world is answered from.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// What the asker may see.
    pub facts: &'a dyn Facts,
    /// Words and phrases.
    pub language: &'a Language,
    /// The rules in force.
    pub rules: &'a Rulebook,
    /// How a graph is told to people.
    pub cite: &'a dyn Fn(&NamedNode) -> Option<Citation>,
    /// What was loaded under exactly this name, folded.
    pub named: &'a dyn Fn(&str) -> Vec<Hit>,
    /// The vector of a text; empty where there are none.
    pub vector: &'a dyn Fn(&str) -> Vec<f32>,
    /// The content words of this conversation's recent lines, newest first.
    pub talk: &'a [String],
    /// The line that asks, for the articles in it: whoever asks about "a cat" means the kind.
    pub line: &'a str,
    /// Which other reading is wanted, from 0: "the other one" after an answer.
    pub reading: Option<usize>,
    /// Whether the other readings are wanted in words, for "no, I meant X"; else only how many there are.
    pub names_readings: bool,
    /// How much it may cost.
    pub budget: &'a Budget<'a>,
}

/// An answer, and how else the words could have been read.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The answer.
    pub reply: Reply,
    /// The other readings, likely ones first; empty where nobody asked for their words.
    pub readings: Vec<String>,
}

type Found = Result<Option<Finding>, Fault>;

impl<'a> World<'a> {
    /// The senses of a word, the likely one first.
    ///
    /// # Errors
    /// [`Fault::Storage`], as for all questions here.
    pub fn what_is(&self, phrase: &str) -> Found {
        self.settle(|asked| asked.what_is(phrase))
    }

    /// Whether X is (a) Y: a proved yes, a proved no, or `None`, which is neither.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn whether(&self, subject: &str, object: &str) -> Found {
        self.settle(|asked| asked.whether(subject, object))
    }

    /// Why X would be (a) Y all the same, where that was denied: the other side of a contradiction.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn all_the_same(&self, subject: &str, object: &str) -> Found {
        self.settle(|asked| asked.all_the_same(subject, object))
    }

    /// Whether a taught relation holds, for the subject or for what it is a kind of.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn whether_verb(&self, subject: &str, verb: &str, value: &str) -> Found {
        self.settle(|asked| asked.whether_verb(subject, verb, value))
    }

    /// What a subject has this relation to, inherited from its kinds too.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn objects(&self, subject: &str, verb: &str) -> Found {
        self.settle(|asked| asked.objects(subject, verb))
    }

    /// What has this relation to a value.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn subjects(&self, verb: &str, value: &str) -> Found {
        self.settle(|asked| asked.subjects(verb, value))
    }

    /// The same among the members of a kind only.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn subjects_among(&self, kind: &str, verb: &str, value: &str) -> Found {
        self.settle(|asked| asked.subjects_among(kind, verb, value))
    }

    /// The words that mean a node of a lexicon, in their own order.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn words_of(&self, meaning: &NamedNode) -> Result<Vec<String>, Fault> {
        Self::or_nothing(self.asked().lemmas(&meaning.clone().into()))
    }

    /// What a word can mean, the likely one first, each with its gloss and the source of that.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn meanings(&self, word: &str) -> Result<Vec<(Term, String, NamedNode)>, Fault> {
        Self::or_nothing(self.asked().meanings(word))
    }

    fn or_nothing<T: Default>(found: Result<T, Halt>) -> Result<T, Fault> {
        match found {
            Ok(found) => Ok(found),
            Err(Halt::Spent(_)) => Ok(T::default()),
            Err(Halt::Fault(fault)) => Err(fault),
        }
    }

    /// What a word means in a sentence, the likely sense first, each with how well it fits. `kind` is its part of speech
    /// (n, v, a, r), where that is known; texts in `without` are taken for unknown.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn meant(
        &self,
        word: &str,
        kind: Option<char>,
        sentence: &str,
        without: &[&str],
    ) -> Result<Vec<(Term, f64)>, Fault> {
        Self::or_nothing(self.asked().meant(word, kind, sentence, without))
    }

    /// The direct kinds of something.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn kinds(&self, of: &str) -> Found {
        self.settle(|asked| asked.kinds(of))
    }

    /// The parts of something, inherited from its kinds too.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn parts(&self, of: &str) -> Found {
        self.settle(|asked| asked.parts(of))
    }

    /// What something is a part of.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn wholes(&self, of: &str) -> Found {
        self.settle(|asked| asked.wholes(of))
    }

    /// Other words for the likely sense.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn synonyms(&self, of: &str) -> Found {
        self.settle(|asked| asked.synonyms(of))
    }

    /// Opposites, through the head of its cluster for an adjective that has none of its own.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn opposites(&self, of: &str) -> Found {
        self.settle(|asked| asked.opposites(of))
    }

    /// The nearest class that two things share.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn common(&self, one: &str, other: &str) -> Found {
        self.settle(|asked| asked.common(one, other))
    }

    /// What common sense says to a line, or to the verb of its question.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn commonsense(&self, line: &str, question: &Question) -> Found {
        self.settle(|asked| asked.commonsense(line, question))
    }

    /// Whether common sense says that X is (a) Y.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn commonsense_whether(&self, subject: &str, object: &str) -> Found {
        self.settle(|asked| asked.commonsense_whether(subject, object))
    }

    /// How far it is known, and what is not: for "why not?" after a "not that I know".
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn why_not(&self, subject: &str, object: &str) -> Result<String, Fault> {
        match self.asked().why_not(subject, object) {
            Ok(text) => Ok(text),
            Err(Halt::Spent(_)) => Ok(self.language.say("world.spent", &[], 0)),
            Err(Halt::Fault(fault)) => Err(fault),
        }
    }

    /// A proof in one flowing sentence, each link with its source.
    #[must_use]
    pub fn explain(&self, proof: &Proof) -> String {
        self.asked().explain(proof)
    }

    /// A proof as indented text, what rests on what.
    #[must_use]
    pub fn tree(&self, proof: &Proof) -> String {
        self.asked().tree(proof)
    }

    /// A proof step by step, each in words with its reason.
    #[must_use]
    pub fn steps(&self, proof: &Proof) -> ToldProof {
        self.asked().steps(proof)
    }

    /// What is known of one entity; `None` when nothing is.
    ///
    /// # Errors
    /// [`Fault::Storage`]; [`Fault::Refused`] when even its names cost more than one question may.
    pub fn entity(&self, which: &Which) -> Result<Option<Entity>, Fault> {
        match self.asked().entity(which) {
            Ok(entity) => Ok(entity),
            Err(Halt::Spent(_)) => Err(Fault::Refused(self.language.say("world.spent", &[], 0))),
            Err(Halt::Fault(fault)) => Err(fault),
        }
    }

    /// A statement in words.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn claim(&self, claim: &Atom) -> Result<String, Fault> {
        self.said(self.asked().sentence_in(&Proof::default(), claim))
    }

    /// A goal of a rule in words.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn goal(&self, goal: &Goal) -> Result<String, Fault> {
        self.said(self.asked().goal(goal))
    }

    fn said(&self, words: Result<String, Halt>) -> Result<String, Fault> {
        match words {
            Ok(words) => Ok(words),
            Err(Halt::Spent(_)) => Ok(self.language.say("world.spent", &[], 0)),
            Err(Halt::Fault(fault)) => Err(fault),
        }
    }

    /// A proof as a Graphviz graph.
    #[must_use]
    pub fn dot(&self, proof: &Proof) -> String {
        picture::dot(&self.asked().drawing(proof))
    }

    /// A proof as an SVG picture.
    #[must_use]
    pub fn svg(&self, proof: &Proof) -> String {
        picture::svg(&self.asked().drawing(proof))
    }

    fn asked(&self) -> Asked<'a> {
        Asked {
            world: *self,
            memo: Memo::new(self.facts, self.budget),
            words: Words { language: self.language, typed: Vec::new(), talk: self.talk },
        }
    }

    fn settle(&self, question: impl FnOnce(&Asked<'a>) -> Result<Option<Finding>, Halt>) -> Found {
        match question(&self.asked()) {
            Ok(finding) => Ok(finding),
            Err(Halt::Fault(fault)) => Err(fault),
            Err(Halt::Spent(_)) => {
                let text = self.language.say("world.spent", &[], 0);
                Ok(Some(Finding {
                    reply: Reply::new(Answer::Unknown { nearest: Vec::new() }, text),
                    readings: Vec::new(),
                }))
            }
        }
    }
}

/// One question being answered: the world with a memory for look-ups.
struct Asked<'a> {
    world: World<'a>,
    memo: Memo<'a>,
    words: Words<'a>,
}

impl Asked<'_> {
    fn say(&self, phrase: &str, slots: &[(&str, &str)]) -> String {
        self.world.language.say(phrase, slots, 0)
    }

    /// A limit from the data.
    fn limit(&self, name: &str) -> usize {
        usize::try_from(self.world.language.number(name)).unwrap_or(usize::MAX)
    }

    /// Passes a proof through the checker, which reads the store itself.
    fn verified(&self, proof: Proof, rules: &Rulebook) -> Result<Verified, Halt> {
        verify(proof, self.memo.unremembered(), rules, &self.words)
            .map_err(|flaw| Halt::Fault(Fault::Storage { what: "checking a proof".to_owned(), why: flaw.to_string() }))
    }

    /// A proved reply: every proof checked, the sources of all leaves gathered.
    fn proved(&self, proofs: Vec<Proof>, rules: &Rulebook, text: String) -> Result<Reply, Halt> {
        let mut graphs: Vec<NamedNode> = Vec::new();
        let mut checked = Vec::new();
        for proof in proofs {
            for step in &proof.steps {
                if let Because::Stored(graph) = &step.because
                    && !graphs.contains(graph)
                {
                    graphs.push(graph.clone());
                }
            }
            checked.push(self.verified(proof, rules)?);
        }
        let sources = graphs.iter().map(|graph| self.citation(graph)).collect();
        Ok(Reply::new(Answer::Proved { proofs: checked, sources }, text))
    }

    /// How a graph is cited; a graph nobody can name is cited by its IRI.
    fn citation(&self, graph: &NamedNode) -> Citation {
        (self.world.cite)(graph)
            .unwrap_or_else(|| Citation::Dump { name: graph.as_str().to_owned(), title: graph.as_str().to_owned() })
    }
}

/// The thing a phrase names.
fn thing(phrase: &str) -> NamedNode {
    Key::of(phrase).thing()
}

/// The folded name of a thing; `None` for anything that is not named in chat.
fn key_of(term: &Term) -> Option<Key> {
    match term {
        Term::NamedNode(node) => Key::of_thing(node),
        _ => None,
    }
}
