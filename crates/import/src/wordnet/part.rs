//! Parts of speech and types of synsets, with the letters and digits WordNet's files give them.
//!
//! Files know four parts of speech; synsets know five types, since an adjective can be a satellite of another.

use quid_core::oxrdf::NamedNode;
use quid_core::vocabulary::HYPERNYM;

/// A part of speech: which data and index file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `data.noun`
    Noun,
    /// `data.verb`
    Verb,
    /// `data.adj`, satellites too
    Adjective,
    /// `data.adv`
    Adverb,
}

impl Part {
    /// All four, in the order in which files are read.
    pub const ALL: [Self; 4] = [Self::Noun, Self::Verb, Self::Adjective, Self::Adverb];

    /// The ending of its files' names.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Noun => "noun",
            Self::Verb => "verb",
            Self::Adjective => "adj",
            Self::Adverb => "adv",
        }
    }

    /// Its letter in index files, pointers and IRIs.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Noun => "n",
            Self::Verb => "v",
            Self::Adjective => "a",
            Self::Adverb => "r",
        }
    }

    /// The letters of the types of synsets that its data file may hold, for error messages.
    pub(crate) fn letters(self) -> &'static str {
        if self == Self::Adjective { "a or s" } else { self.letter() }
    }

    pub(crate) fn of_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.letter() == letter)
    }

    /// `wn:noun` and so on.
    #[must_use]
    pub fn term(self) -> NamedNode {
        match self {
            Self::Noun => Kind::Noun,
            Self::Verb => Kind::Verb,
            Self::Adjective => Kind::Adjective,
            Self::Adverb => Kind::Adverb,
        }
        .term()
    }
}

/// A type of synset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `n`, 1
    Noun,
    /// `v`, 2
    Verb,
    /// `a`, 3: the head of an adjective cluster, or an adjective without one
    Adjective,
    /// `r`, 4
    Adverb,
    /// `s`, 5: similar to the head of its cluster
    Satellite,
}

impl Kind {
    /// In whose files it stands.
    #[must_use]
    pub fn part(self) -> Part {
        match self {
            Self::Noun => Part::Noun,
            Self::Verb => Part::Verb,
            Self::Adjective | Self::Satellite => Part::Adjective,
            Self::Adverb => Part::Adverb,
        }
    }

    /// `wn:noun`, `wn:adjective_satellite` and so on.
    #[must_use]
    pub fn term(self) -> NamedNode {
        let namespace = HYPERNYM.as_str().trim_end_matches("hypernym");
        NamedNode::new_unchecked(match self {
            Self::Noun => format!("{namespace}noun"),
            Self::Verb => format!("{namespace}verb"),
            Self::Adjective => format!("{namespace}adjective"),
            Self::Adverb => format!("{namespace}adverb"),
            Self::Satellite => format!("{namespace}adjective_satellite"),
        })
    }

    pub(crate) fn of_letter(letter: &str) -> Option<Self> {
        Some(match letter {
            "n" => Self::Noun,
            "v" => Self::Verb,
            "a" => Self::Adjective,
            "r" => Self::Adverb,
            "s" => Self::Satellite,
            _ => return None,
        })
    }

    pub(crate) fn of_digit(digit: &str) -> Option<Self> {
        Some(match digit {
            "1" => Self::Noun,
            "2" => Self::Verb,
            "3" => Self::Adjective,
            "4" => Self::Adverb,
            "5" => Self::Satellite,
            _ => return None,
        })
    }
}
