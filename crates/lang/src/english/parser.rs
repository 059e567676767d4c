//! The state of one reading: the words, and whom the sentence has spoken of so far.

use super::tokens::{Token, tokens};
use super::{Claim, Relation, Thing, Vocabulary, Who};
use crate::Language;
use crate::words::Words;

/// A variable that was introduced, and what it was called.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    /// The letter it was given in the sentence.
    pub(super) letter: Option<String>,
    /// The class it was introduced by ("a dog"), so that "the dog" means it.
    pub(super) class: Option<String>,
}

/// One sentence being read. Cloned to try a reading that may fail.
#[derive(Clone)]
pub(super) struct Parser<'l> {
    pub(super) language: &'l Language,
    pub(super) tokens: Vec<Token>,
    pub(super) variables: Vec<Variable>,
    /// Whom pronouns may mean: variables and things, in the order they were introduced.
    pub(super) spoken_of: Vec<Who>,
    /// Inside an "if" sentence: letters are variables, "a dog" introduces one.
    pub(super) conditional: bool,
    /// Any word in a verb's place is a verb.
    pub(super) lax: bool,
}

impl<'l> Parser<'l> {
    pub(super) fn new(language: &'l Language, text: &str) -> Option<Self> {
        let tokens = tokens(&language.english, text)?;
        Some(Self { language, tokens, variables: Vec::new(), spoken_of: Vec::new(), conditional: false, lax: false })
    }

    pub(super) fn vocabulary(&self) -> &'l Vocabulary {
        &self.language.english
    }

    pub(super) fn words(&self) -> &'l Words {
        &self.language.words
    }

    /// The word at a place, in lower case; empty past the end.
    pub(super) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.lower.as_str())
    }

    /// Whether the word at a place is in a list.
    pub(super) fn is(&self, list: &str, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.owner && self.vocabulary().is(list, &token.lower))
    }

    pub(super) fn has_comma(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.comma)
    }

    /// The words from one place to another as they were typed.
    pub(super) fn text(&self, from: usize, to: usize) -> String {
        let words: Vec<&str> = self.tokens.get(from..to).unwrap_or_default().iter().map(|t| t.text.as_str()).collect();
        words.join(" ")
    }

    /// Tries a reading; what it introduced is forgotten when it fails.
    pub(super) fn attempt<T>(&mut self, reading: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let (variables, spoken_of) = (self.variables.clone(), self.spoken_of.clone());
        let found = reading(self);
        if found.is_none() {
            self.variables = variables;
            self.spoken_of = spoken_of;
        }
        found
    }

    /// A new variable.
    pub(super) fn introduce(&mut self, letter: Option<&str>, class: Option<&str>) -> Who {
        let number = u32::try_from(self.variables.len()).unwrap_or(u32::MAX);
        self.variables.push(Variable { letter: letter.map(str::to_owned), class: class.map(str::to_owned) });
        let who = Who::Variable(number);
        self.spoken_of.push(who.clone());
        who
    }

    /// The variable with this letter, new or known.
    pub(super) fn lettered(&mut self, letter: &str) -> Who {
        let known = self.variables.iter().position(|variable| variable.letter.as_deref() == Some(letter));
        match known.and_then(|at| u32::try_from(at).ok()) {
            Some(number) => Who::Variable(number),
            None => self.introduce(Some(letter), None),
        }
    }

    /// The variable that was introduced as one of this class, when there is exactly one.
    pub(super) fn introduced_as(&self, class: &str) -> Option<Who> {
        let mut fitting = self.variables.iter().enumerate().filter(|(_, v)| v.class.as_deref() == Some(class));
        let found = fitting.next().filter(|_| fitting.next().is_none())?;
        u32::try_from(found.0).ok().map(Who::Variable)
    }

    pub(super) fn mention(&mut self, thing: &Thing) {
        let who = Who::Thing(thing.clone());
        if !self.spoken_of.contains(&who) {
            self.spoken_of.push(who);
        }
    }

    /// Whom a pronoun means: the first that was introduced without a name, else the first that was named; as the
    /// object of a verb somebody else than the subject.
    pub(super) fn antecedent(&self, but: Option<&Who>) -> Option<Who> {
        let able = |who: &&Who| Some(*who) != but;
        let variable = self.spoken_of.iter().filter(able).find(|who| matches!(who, Who::Variable(_)));
        variable.or_else(|| self.spoken_of.iter().find(able)).cloned()
    }

    /// The variables' names: their letters, and letters of ours for the rest.
    pub(super) fn names(&self) -> Vec<String> {
        let mut free = ["X", "Y", "Z", "W", "V", "U", "T", "S", "R", "Q", "P"]
            .into_iter()
            .filter(|letter| !self.variables.iter().any(|v| v.letter.as_deref() == Some(letter)));
        self.variables
            .iter()
            .enumerate()
            .map(|(at, variable)| {
                let own = variable.letter.clone().or_else(|| free.next().map(str::to_owned));
                own.unwrap_or_else(|| format!("X{at}"))
            })
            .collect()
    }

    /// The class named by a noun as it was typed, in the singular where it is a plural.
    pub(super) fn class(&self, noun: &str, many: bool) -> String {
        let lower_first = self.lower_start(noun);
        if many { self.vocabulary().singular(self.words(), &lower_first) } else { lower_first }
    }

    /// A sentence's first word is capitalised whatever it is.
    fn lower_start(&self, noun: &str) -> String {
        let starts = self.tokens.first().is_some_and(|first| noun.starts_with(first.text.as_str()));
        let mut chars = noun.chars();
        match (starts, chars.next()) {
            (true, Some(first)) if noun.chars().nth(1).is_some_and(char::is_lowercase) => {
                first.to_lowercase().chain(chars).collect()
            }
            _ => noun.to_owned(),
        }
    }
}

/// A claim about one subject alone.
pub(super) fn is(subject: Who, class: String, noun: bool, denied: bool) -> Claim {
    Claim { subject, relation: Relation::Is { class, noun }, object: None, denied }
}

/// A relation between two.
pub(super) fn does(subject: Who, relation: String, object: Who, denied: bool) -> Claim {
    Claim { subject, relation: Relation::Does(relation), object: Some(object), denied }
}
