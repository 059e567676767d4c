//! A controlled English for facts, rules and yes/no questions, in which every sentence has one reading.
//!
//! Whoever teaches a rule is told how it was read before anything follows from it, so a reading must be sayable in
//! one way only; a sentence that is outside this English is not read at all rather than read by guessing.
//!
//! ```text
//!  line -> tokens -> noun phrases (noun.rs) and clauses (clause.rs) -> sentence (sentence.rs) | question (question.rs)
//!                    words from data/grammar/rules.toml (vocabulary.rs)         reading said back (say.rs)
//! ```

mod clause;
mod noun;
mod parser;
mod question;
mod say;
mod sentence;
mod tokens;
mod vocabulary;

pub(crate) use vocabulary::Vocabulary;

/// Somebody or something a sentence speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A variable of a rule, by number.
    Variable(u32),
    /// A thing with a name.
    Thing(Thing),
}

/// A thing as it was named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Thing {
    /// Its name without an article ("bald eagle", "Bob").
    pub name: String,
    /// As it is spoken of ("the bald eagle", "Bob").
    pub spoken: String,
    /// What kind of name that is.
    pub kind: Kind,
}

/// How a thing was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// By a proper name ("Bob").
    Name,
    /// As one that everybody in the talk knows ("the cow").
    Definite,
    /// By a bare or indefinite noun ("tea", "a dog"): any one of the kind.
    Plain,
}

/// What is said of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// "is a cat", "is cold"
    Is {
        /// The class in the singular, or the property.
        class: String,
        /// Whether it is a noun, so that it takes an article.
        noun: bool,
    },
    /// "a dog" as the object of a verb: one of the kind, or the kind as such.
    Any {
        /// The class in the singular.
        class: String,
    },
    /// A verb or another relation to an object, in the third person ("likes", "is parent of", "lives in"); a verb
    /// without an object is the relation "does" to the verb's base form.
    Does(String),
}

/// One statement about a subject, in a rule or as a fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// About whom.
    pub subject: Who,
    /// What.
    pub relation: Relation,
    /// To whom, for [`Relation::Does`].
    pub object: Option<Who>,
    /// "not".
    pub denied: bool,
}

/// "If all conditions hold, the conclusions do."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implication {
    /// The conditions; at least one.
    pub conditions: Vec<Claim>,
    /// What follows; at least one.
    pub conclusions: Vec<Claim>,
    /// The variables' names, by number: letters as they were typed or given here.
    pub variables: Vec<String>,
    /// "no fish is a mammal": nothing is both, so that it also holds the other way round.
    pub mutual: bool,
}

/// A sentence that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// About named things only.
    Facts(Vec<Claim>),
    /// About all that fit.
    Rules {
        /// Several for "or" between conditions and for "if and only if".
        rules: Vec<Implication>,
        /// Said as a rule ("if", "every", "no", a relative clause), not merely by a plural ("cats are mammals").
        explicit: bool,
    },
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Whether all of these hold.
    All(Vec<Claim>),
    /// Whether one of these holds.
    Either(Vec<Claim>),
    /// Whether this follows for all that fit ("are all quiet things cold?").
    Follows(Implication),
}

/// A yes/no question that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YesNo {
    /// What is asked.
    pub asked: Asked,
    /// Asked as "true or false: …", so that the answer says which.
    pub truth: bool,
}

/// A supposition: "what if Bob is cold?"
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supposed {
    /// What is supposed for the moment.
    pub sentence: Sentence,
    /// What is asked of that world, when the line says it.
    pub question: Option<YesNo>,
}

impl Claim {
    /// The contrary claim.
    #[must_use]
    pub fn contrary(&self) -> Self {
        Self { denied: !self.denied, ..self.clone() }
    }

    /// The things it names, in order.
    pub fn things(&self) -> impl Iterator<Item = &Thing> {
        [Some(&self.subject), self.object.as_ref()].into_iter().flatten().filter_map(|who| match who {
            Who::Thing(thing) => Some(thing),
            Who::Variable(_) => None,
        })
    }
}

/// What a line wants of the rules themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleCommand {
    /// "which rules do you know?", about something or all.
    List(Option<String>),
    /// "forget rule 3", "forget that rule".
    Forget(Option<u64>),
    /// "assume that is all": what does not follow is not so; or no longer.
    Closed(bool),
}

/// What the controlled English may ask about what is known.
pub trait Known {
    /// Whether this is the name of something that was spoken of as one thing ("bald eagle" after "the bald eagle").
    fn is_thing(&self, name: &str) -> bool;
}

/// Nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct NothingKnown;

impl Known for NothingKnown {
    fn is_thing(&self, _: &str) -> bool {
        false
    }
}

impl crate::Language {
    /// Reads a statement of the controlled English: facts or rules. `None` for anything else.
    #[must_use]
    pub fn read_sentence(&self, line: &str) -> Option<Sentence> {
        sentence::read(self, line)
    }

    /// Whether a line is plainly meant as a rule ("if …", "every …"), so that not being able to read it is worth
    /// saying.
    #[must_use]
    pub fn looks_like_rule(&self, line: &str) -> bool {
        sentence::looks_like_rule(self, line)
    }

    /// Reads a yes/no question.
    #[must_use]
    pub fn read_whether(&self, line: &str, known: &dyn Known) -> Option<YesNo> {
        question::read(self, line, known)
    }

    /// Reads "what if …?".
    #[must_use]
    pub fn read_supposed(&self, line: &str, known: &dyn Known) -> Option<Supposed> {
        question::supposed(self, line, known)
    }

    /// Reads what a line wants of the rules: "which rules do you know about cats?", "forget rule 3".
    #[must_use]
    pub fn read_rule_command(&self, line: &str) -> Option<RuleCommand> {
        question::command(self, line)
    }

    /// The question behind "why" or "how do you know that", or the line as it is.
    #[must_use]
    pub fn without_why<'t>(&self, line: &'t str) -> &'t str {
        self.english.after("why", line.trim()).unwrap_or(line)
    }

    /// A class with its article: "a Mersenne prime", "a fish".
    #[must_use]
    pub fn class_in_words(&self, class: &str) -> String {
        say::with_article(self, class)
    }

    /// Whether a verb in the present tells of what is always so, though other verbs like it tell of a happening.
    #[must_use]
    pub fn is_habit(&self, relation: &str) -> bool {
        self.english.is("habits", relation)
    }

    /// The class that a noun in the plural names: "cat" of "cats", as the rules about it say.
    #[must_use]
    pub fn class_of_plural(&self, noun: &str) -> String {
        self.english.singular(&self.words, noun)
    }

    /// What somebody does, by the verb's base form: "swims", "does not swim".
    #[must_use]
    pub fn doing_in_words(&self, base: &str, denied: bool) -> String {
        say::doing(self, base, denied)
    }

    /// A rule in the one wording that has no other reading: "if X is quiet and X is cold, then X is smart".
    #[must_use]
    pub fn rule_in_words(&self, rule: &Implication) -> String {
        say::implication(self, rule)
    }

    /// A claim in words: "the cow does not chase the squirrel". `variables` are the names of its variables.
    #[must_use]
    pub fn claim_in_words(&self, claim: &Claim, variables: &[String]) -> String {
        say::claim(self, claim, variables)
    }

    /// A relation said of one thing: "likes", "does not like", "is not a parent of".
    #[must_use]
    pub fn relation_in_words(&self, relation: &str, denied: bool) -> String {
        say::relation(self, relation, denied)
    }
}
