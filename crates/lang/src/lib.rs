//! Turns a line of chat into what it wants, and what the bot wants to say into words.
//!
//! It sits on floor 1, above `core` only: text comes in, intents and sentences go out, and every word, pattern,
//! phrase and threshold is read from `data/`, so that a new phrasing is a line of data and never a change of code.
//!
//! ```text
//!  floor 2   mind
//!  floor 1   lang  <- you are here: no files, clock or chance; they come in as arguments
//!  floor 0   core
//! ```

mod acts;
mod address;
mod calendar;
pub mod chance;
mod data;
pub mod english;
pub mod follow;
mod line;
mod overheard;
mod patterns;
mod persons;
mod phrases;
mod question;
pub mod question_grammar;
mod relation;
mod respond;
pub mod story;
mod teach;
mod understand;
mod verbs;
pub mod wording;
mod words;

use quid_core::{Heard, Intent};

use crate::calendar::Calendar;
use crate::data::File;
use crate::english::Vocabulary;
use crate::patterns::Patterns;
use crate::persons::Persons;
use crate::phrases::Phrases;
use crate::verbs::Verbs;
use crate::wording::Relations;
use crate::words::Words;

pub use relation::RelationAsked;
pub use respond::{Response, VERBATIM, Variables};

/// What is wrong with the data.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct LangError {
    /// The file, as it was named to [`Language::load`].
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and with what.
    pub what: String,
}

/// What understanding may ask about what is known. Implemented by `mind`; asked a few times a line at most.
pub trait Hints {
    /// Whether something is known under this name.
    fn knows(&self, name: &str) -> bool;
    /// Whether this is the nick of somebody who was heard here.
    fn is_person(&self, nick: &str) -> bool;
}

/// A line, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Understood {
    /// What it wants.
    pub intent: Intent,
    /// The cleaned line, the bot's name stripped.
    pub text: String,
    /// Whether it was for the bot.
    pub addressed: bool,
}

/// The words, patterns and phrases, loaded and checked. Never changes, so that it can be shared between threads.
#[derive(Debug)]
pub struct Language {
    words: Words,
    verbs: Verbs,
    calendar: Calendar,
    persons: Persons,
    patterns: Patterns,
    phrases: Phrases,
    stories: story::Stories,
    english: Vocabulary,
    questions: question_grammar::QuestionWords,
    relations: Relations,
}

impl Language {
    /// Reads `data/grammar/*.toml`, `data/patterns/*.toml`, `data/phrases/*.toml` and `data/words/*.toml`, given as
    /// (path, text).
    ///
    /// # Errors
    /// The file, the line and what is wrong there.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, LangError> {
        let language = Self::read(files, Patterns::new(false))?;
        language.english.check(&language)?;
        Ok(language)
    }

    /// The same for files whose examples a test has run already, such as those built into the program: examples
    /// must be there, but are not run again, which is most of the time that loading takes.
    ///
    /// # Errors
    /// As for [`Language::load`].
    pub fn load_proved(files: &[(&str, &str)]) -> Result<Self, LangError> {
        Self::read(files, Patterns::new(true))
    }

    fn read(files: &[(&str, &str)], mut patterns: Patterns) -> Result<Self, LangError> {
        let mut words = Words::default();
        let mut phrases = Phrases::default();
        let (mut verb_file, mut time_file, mut person_file, mut pattern_files) = (None, None, None, Vec::new());
        let mut english_file = None;
        let mut questions = question_grammar::QuestionWords::default();
        let (mut story_file, mut relation_file) = (None, None);
        for &(name, text) in files {
            let file = File::parse(name, text)?;
            let parts: Vec<&str> = name.rsplit(['/', '\\']).take(2).collect();
            match (parts.get(1).copied(), parts.first().copied()) {
                (Some("phrases"), _) => phrases.read(&file)?,
                (Some("patterns"), _) => pattern_files.push(file),
                (Some("grammar"), Some("rules.toml")) => english_file = Some(file),
                (Some("grammar"), Some("stories.toml")) => story_file = Some(file),
                (Some("grammar"), Some("questions.toml")) => questions = question_grammar::QuestionWords::read(&file)?,
                (Some("grammar"), Some("relations.toml")) => relation_file = Some(file),
                // Each grammar reads its own file.
                (Some("grammar"), Some(_)) => {}
                (_, Some("classes.toml" | "kindred.toml")) => words.read_classes(&file)?,
                (_, Some("endings.toml")) => words.read_endings(&file)?,
                (_, Some("nouns.toml")) => words.read_nouns(&file)?,
                (_, Some("verbs.toml")) => verb_file = Some(file),
                (_, Some("time.toml")) => time_file = Some(file),
                (_, Some("persons.toml")) => person_file = Some(file),
                (Some("words"), _) => words.read_settings(&file)?,
                _ => return Err(missing(name, "is neither phrases, nor patterns, nor words")),
            }
        }
        // Patterns and verbs are made of words, so those are read first.
        let (verb_file, time_file) = (need(verb_file, "words/verbs.toml")?, need(time_file, "words/time.toml")?);
        let person_file = need(person_file, "words/persons.toml")?;
        let verbs = Verbs::read(&verb_file, &words)?;
        let calendar = Calendar::read(&time_file)?;
        let persons = Persons::read(&person_file)?;
        let stories = match &story_file {
            Some(file) => story::Stories::read(file, &words, patterns.proved)?,
            None => story::Stories::default(),
        };
        let english = match &english_file {
            Some(file) => Vocabulary::read(file, &words)?,
            None => Vocabulary::default(),
        };
        let relations = match &relation_file {
            Some(file) => Relations::read(file, &words, &verbs)?,
            None => Relations::default(),
        };
        let mut problems = pattern_files.iter().filter_map(|file| patterns.read(file, &words).err());
        if let Some(mut first) = problems.next() {
            // All problems at once, so that they can be mended at once.
            for other in problems {
                first.what = format!("{}\n{other}", first.what);
            }
            return Err(first);
        }
        Ok(Self { words, verbs, calendar, persons, patterns, phrases, stories, english, questions, relations })
    }

    /// What a line wants. Never fails and never panics. `me` is the bot's nick.
    #[must_use]
    pub fn understand(&self, heard: &Heard, me: &str, hints: &dyn Hints) -> Understood {
        understand::understand(self, heard, me, hints)
    }

    /// A phrase with its `{slots}` filled; `chance` picks among its variants.
    ///
    /// Slot values are inserted verbatim. An unknown phrase is its key in brackets.
    #[must_use]
    pub fn say(&self, phrase: &str, slots: &[(&str, &str)], chance: u64) -> String {
        self.phrases.say(phrase, slots, chance)
    }

    /// Whether there is such a phrase.
    #[must_use]
    pub fn has_phrase(&self, phrase: &str) -> bool {
        self.phrases.has(phrase)
    }

    /// Expands a stored value into what is said.
    #[must_use]
    pub fn respond(&self, value: &str, variables: &Variables, chance: u64) -> Response {
        respond::respond(value, variables, chance)
    }

    /// The general words of questions.
    #[must_use]
    pub fn questions(&self) -> &question_grammar::QuestionWords {
        &self.questions
    }

    /// Base forms of an inflected word by detachment rules; the word itself is not among them.
    #[must_use]
    pub fn base_forms(&self, word: &str) -> Vec<String> {
        self.words.base_forms(word)
    }

    /// The plural of a noun.
    #[must_use]
    pub fn plural(&self, noun: &str) -> String {
        self.words.plural(noun)
    }

    /// The noun with "a" or "an"; mass nouns, plurals and proper names as they are.
    #[must_use]
    pub fn with_article(&self, noun: &str) -> String {
        self.words.with_article(noun)
    }

    /// Whether a word is one of a class of `data/words`.
    #[must_use]
    pub fn is_word(&self, class: &str, word: &str) -> bool {
        self.words.class(class).is_some_and(|mut words| words.any(|one| one == word))
    }

    /// Whether two words speak of about the same relation: "wife" and "spouse" (`data/words/kindred.toml`).
    #[must_use]
    pub fn are_kindred(&self, one: &str, other: &str) -> bool {
        self.words.share_class("alike_", one, other)
    }

    /// The words that speak of the same relation as this one, itself among them where there are others.
    #[must_use]
    pub fn kindred(&self, word: &str) -> Vec<&str> {
        self.words.class_of("alike_", word)
    }

    /// Whether a word is an article.
    #[must_use]
    pub fn is_article(&self, word: &str) -> bool {
        self.is_word("article", word)
    }

    /// Whether a line speaks of "a NAME", in lower case: the kind and none that is called so.
    #[must_use]
    pub fn is_asked_as_kind(&self, line: &str, name: &str) -> bool {
        let line = line.to_lowercase();
        let name = name.to_lowercase();
        !name.is_empty()
            && line.match_indices(&name).any(|(at, _)| {
                let before = line.get(..at).unwrap_or_default();
                let after = line.get(at + name.len()..).unwrap_or_default();
                let ends = after.chars().next().is_none_or(|c| !c.is_alphanumeric());
                let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
                ends && before.ends_with(' ') && self.is_word("indefinite", word)
            })
    }

    /// Whether a text begins as a question does: "how old is ann".
    #[must_use]
    pub fn opens_question(&self, text: &str) -> bool {
        let first = text.split(' ').next().unwrap_or_default().to_lowercase();
        ["question", "do", "modal"].iter().any(|class| self.is_word(class, &first))
    }

    /// A question as what is asked for, in the order of a statement: "how old ann is"; `None` where that is not known.
    #[must_use]
    pub fn asked_clause(&self, question: &str) -> Option<String> {
        self.patterns.rewrite("clause", question)
    }

    /// The folded words of a line, stop-words dropped.
    #[must_use]
    pub fn content_words(&self, line: &str) -> Vec<String> {
        self.words.content_words(line)
    }

    /// "a, b and c"
    #[must_use]
    pub fn list(&self, items: &[String]) -> String {
        let and = self.phrases.say("list.and", &[], 0);
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [most @ .., last] => format!("{} {and} {last}", most.join(", ")),
        }
    }

    /// "3 minutes ago"
    #[must_use]
    pub fn ago(&self, seconds: i64) -> String {
        let time = self.calendar.say(seconds);
        let phrase = match (time.is_empty(), seconds < 0) {
            (true, _) => "ago.now",
            (false, true) => "ago.later",
            (false, false) => "ago.ago",
        };
        self.phrases.say(phrase, &[("time", &time)], 0)
    }

    /// What is said about a third person, said to that person: "alice's editor is vi" to alice is "your editor is
    /// vi", and what is said about the bot becomes "I am", "my".
    #[must_use]
    pub fn for_listener(&self, text: &str, me: &str, nick: &str) -> String {
        self.persons.for_listener(text, me, nick, &self.verbs)
    }

    /// A relation ("likes") as it is said of these subjects: "alice likes", "cats like", "ann and bob like",
    /// denied "cats do not like".
    #[must_use]
    pub fn verb_for(&self, relation: &str, subjects: &[&str], denied: bool) -> String {
        let many = subjects.len() > 1 || subjects.iter().any(|subject| self.words.is_plural(subject));
        self.verbs.in_words(relation, many, denied)
    }

    /// What a line tells of who went where, took, gave or dropped what: one for each sentence, none when any part
    /// of the line is no story.
    #[must_use]
    pub fn story_told(&self, line: &str) -> Vec<story::Telling> {
        self.stories.told(line, &self.words)
    }

    /// What a line asks about a story.
    #[must_use]
    pub fn story_asked(&self, line: &str) -> Option<story::Asking> {
        self.stories.asked(line, &self.words)
    }

    /// Whether a given name is known to be a woman's or a man's.
    #[must_use]
    pub fn story_pronoun(&self, name: &str) -> Option<story::Pronoun> {
        self.stories.pronoun_for(name)
    }

    /// What "no, …" puts in the place of something said before; `None` when a line is no correction.
    #[must_use]
    pub fn correction<'t>(&self, line: &'t str) -> Option<&'t str> {
        let found = self.patterns.stage("correct").iter().find_map(|pattern| pattern.groups(line))?;
        found.get("rest").copied()
    }

    /// The names of the relations in which stories put two things ("north", "bigger").
    #[must_use]
    pub fn story_relations(&self) -> Vec<&str> {
        self.stories.relations()
    }

    /// A name as it is said in an answer: "the kitchen", but "Mary" and "home".
    #[must_use]
    pub fn story_the(&self, name: &str) -> String {
        let first = name.split(' ').next().unwrap_or_default();
        let has_article = self.words.is("article", first) || first.ends_with("'s");
        if !name.starts_with(char::is_lowercase) || self.stories.is("home", name) || has_article {
            return name.to_owned();
        }
        self.phrases.say("story.the", &[("name", name)], 0)
    }

    /// Whether a word names a colour.
    #[must_use]
    pub fn story_is_colour(&self, word: &str) -> bool {
        self.stories.is("colour", word)
    }

    /// How a relation of stories is said of two things ("is north of").
    #[must_use]
    pub fn story_relation(&self, relation: &str) -> String {
        self.stories.relation_said(relation)
    }

    /// A setting from `data/words/limits.toml`, as text.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.words.setting(name)
    }

    /// A number from `data/words/limits.toml`; 0 when it is missing.
    #[must_use]
    pub fn number(&self, name: &str) -> u64 {
        self.words.number(name)
    }
}

fn need<'a>(file: Option<File<'a>>, name: &str) -> Result<File<'a>, LangError> {
    file.ok_or_else(|| missing(name, "is missing"))
}

fn missing(file: &str, what: &str) -> LangError {
    LangError { file: file.to_owned(), line: 0, what: what.to_owned() }
}
