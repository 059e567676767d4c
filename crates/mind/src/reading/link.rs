//! Finds the names in a question: the longest runs of words that loaded things go by.

use std::ops::Range;

use quid_core::oxrdf::{Literal, NamedNode, Term};
use quid_core::text::{local_words, wikibase_property};
use quid_core::vocabulary::{CONCEPTNET, DATASET, NS, THING, WN30};
use quid_core::{Facts, Fault};

use super::explore::is_told;
use crate::turn::Turn;

/// The most words of a name.
const NAME_WORDS: usize = 8;
/// The most words of a value that is looked up.
const VALUE_WORDS: usize = 4;
/// The most things that one name may be.
const NAMESAKES: usize = 6;

/// A word of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// As typed, without the punctuation around it.
    pub text: String,
    /// In lower case, underscores as spaces.
    pub folded: String,
}

/// A run of words and what they may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub span: Range<usize>,
    pub terms: Vec<Term>,
    /// As typed.
    pub name: String,
}

/// The names in a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// What it names, none of them inside another.
    pub mentions: Vec<Mention>,
    /// Which words are names of relations.
    pub relations: Vec<Range<usize>>,
    /// Which words are names of relations or of the same as one, as far as the words for it are known: what they ask
    /// for could have been said.
    pub known: Vec<usize>,
}

/// The words of a line. `'s` is a word of its own, quotes and the marks at the ends of words are none.
pub(super) fn tokens(line: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut add = |text: &str| {
        let folded = local_words(text).to_lowercase();
        if !folded.is_empty() {
            found.push(Token { text: text.to_owned(), folded });
        }
    };
    for word in line.split_whitespace() {
        let word = word
            .trim_matches(|c: char| matches!(c, '?' | '!' | ',' | ';' | ':' | '"' | '“' | '”' | '(' | ')' | '[' | ']'));
        let word = word.strip_suffix('.').filter(|rest| !rest.contains('.')).unwrap_or(word);
        let own = ["'s", "’s"].iter().find_map(|end| word.strip_suffix(end));
        match own {
            Some("") | None => add(word),
            Some(owner) => {
                add(owner);
                add("'s");
            }
        }
    }
    found
}

/// Looks the names of a question up.
pub(super) struct Linker<'a, 't> {
    pub turn: &'a Turn<'t>,
    pub facts: &'a dyn Facts,
    pub tokens: &'a [Token],
}

impl Linker<'_, '_> {
    /// What the question names.
    pub fn names(&self) -> Result<Names, Fault> {
        let mut relations = Vec::new();
        let mut found: Vec<Mention> = Vec::new();
        let has_concepts = !self.facts.some(None, Some(DATASET), None, 1)?.is_empty();
        for length in (1..=NAME_WORDS.min(self.tokens.len())).rev() {
            for start in 0..=self.tokens.len() - length {
                let span = start..start + length;
                let overlaps = |other: &Mention| other.span.start < span.end && span.start < other.span.end;
                if found.iter().any(overlaps) {
                    continue;
                }
                let Some(words) = self.tokens.get(span.clone()) else { continue };
                let is_general =
                    |word: &Token| self.turn.parts.language.is_word("stop", &word.folded) || word.text == "'s";
                if words.first().is_none_or(is_general) && length == 1 || words.iter().all(is_general) {
                    continue;
                }
                let (typed, folded): (Vec<&str>, Vec<&str>) =
                    words.iter().map(|word| (word.text.as_str(), word.folded.as_str())).unzip();
                let mut terms = self.terms(&typed.join(" "), &folded.join(" "), has_concepts)?;
                // A number, or a text that stands as a value; looked up where a value may begin and end.
                let is_value = !words.first().is_none_or(is_general) && !words.last().is_none_or(is_general);
                if terms.is_empty() && is_value && length <= VALUE_WORDS {
                    terms = self.values(&typed.join(" "))?;
                }
                let named = terms.len();
                let mut fault = None;
                terms.retain(|term| {
                    let is_relation = self.is_relation(term).unwrap_or_else(|error| {
                        fault = Some(error);
                        false
                    });
                    !is_relation
                });
                if let Some(fault) = fault {
                    return Err(fault);
                }
                if terms.len() < named {
                    relations.push(span.clone());
                }
                if !terms.is_empty() {
                    found.push(Mention { span, terms, name: typed.join(" ") });
                }
            }
        }
        found.sort_by_key(|mention| mention.span.start);
        let mut known = Vec::new();
        if !found.is_empty() {
            for (at, token) in self.tokens.iter().enumerate() {
                let is_named = found.iter().any(|mention| mention.span.contains(&at));
                if !is_named && !self.turn.parts.language.is_word("stop", &token.folded) && self.is_known(token)? {
                    known.push(at);
                }
            }
        }
        Ok(Names { mentions: found, relations, known })
    }

    /// Whether some relation goes by this word, another form of it, or one that speaks of the same.
    fn is_known(&self, token: &Token) -> Result<bool, Fault> {
        let language = &self.turn.parts.language;
        let mut names = language.base_forms(&token.folded);
        names.insert(0, token.folded.clone());
        let kindred: Vec<String> = names.iter().flat_map(|name| language.kindred(name)).map(str::to_owned).collect();
        names.extend(kindred);
        let plurals: Vec<String> = names.iter().map(|name| language.plural(name)).collect();
        names.extend(plurals);
        names.sort_unstable();
        names.dedup();
        for name in names {
            for hit in self.turn.parts.recall.named(&name, &self.turn.audience, NAMESAKES)? {
                if self.is_relation(&hit.subject.into())? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether facts are stated with it.
    fn is_relation(&self, term: &Term) -> Result<bool, Fault> {
        let Term::NamedNode(name) = term else { return Ok(false) };
        let relation = wikibase_property(name.as_str()).map_or_else(|| name.clone(), NamedNode::new_unchecked);
        Ok(!self.facts.some(None, Some(relation.as_ref()), None, 1)?.is_empty())
    }

    /// What goes by this name, and says something.
    fn terms(&self, typed: &str, folded: &str, has_concepts: bool) -> Result<Vec<Term>, Fault> {
        let mut terms: Vec<Term> = Vec::new();
        let mut add = |term: Term| {
            if !terms.contains(&term) {
                terms.push(term);
            }
        };
        let typed_words = local_words(typed);
        for name in [folded, typed, typed_words.as_str()] {
            for hit in self.turn.parts.recall.named(name, &self.turn.audience, NAMESAKES)? {
                if ![THING, NS, WN30].iter().any(|space| hit.subject.as_str().starts_with(space)) {
                    add(hit.subject.into());
                }
            }
        }
        let concept = format!("{CONCEPTNET}/c/en/{}", folded.replace(' ', "_"));
        if has_concepts && folded.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-'))
        {
            let concept = Term::from(NamedNode::new_unchecked(concept));
            if terms.is_empty() && !self.facts.some(Some(&concept), None, None, 1)?.is_empty() {
                terms.push(concept);
            }
        }
        terms.truncate(NAMESAKES);
        Ok(terms)
    }

    /// The literals that stand somewhere as a value.
    fn values(&self, typed: &str) -> Result<Vec<Term>, Fault> {
        let mut found = Vec::new();
        for literal in literals(typed) {
            let literal = Term::from(literal);
            if self.facts.some(None, None, Some(&literal), NAMESAKES)?.iter().any(|fact| is_told(&fact.predicate)) {
                found.push(literal);
            }
        }
        Ok(found)
    }
}

/// The literals that a text may stand for.
fn literals(text: &str) -> Vec<Literal> {
    let mut found = vec![Literal::new_simple_literal(text), Literal::new_language_tagged_literal_unchecked(text, "en")];
    if let Ok(number) = text.parse::<i64>() {
        found.push(number.into());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_into_words() {
        for (line, expected) in [
            ("what is frederick_v 's spouse ?", "what|is|frederick v|'s|spouse"),
            ("Who plays for AS Monaco?", "who|plays|for|as|monaco"),
            ("is \"U.S. Steel\" ann's employer, or bob's?", "is|u.s.|steel|ann|'s|employer|or|bob|'s"),
            ("?! ...", "..."),
            ("", ""),
        ] {
            let found: Vec<String> = tokens(line).into_iter().map(|token| token.folded).collect();
            assert_eq!(found.join("|"), expected, "{line}");
        }
    }
}
