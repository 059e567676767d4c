//! What a question says of its own form: whether it asks how many, whether something is so, or for what shares
//! something with something else.

use quid_lang::Language;

use super::link::Token;

/// The form of a question, told by its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub many: bool,
    pub whether: bool,
    /// It asks for something else that shares something with what it names.
    pub shares: bool,
    /// Where two things are said of the same ("write and direct").
    pub joins: Option<usize>,
    /// The words that say so; they name nothing.
    pub spent: Vec<usize>,
}

impl Asked {
    pub fn of(tokens: &[Token], language: &Language) -> Self {
        let mut asked = Self::default();
        let listed = |list: &str, word: &str| {
            language.setting(list).is_some_and(|words| words.split(' ').any(|known| known == word))
        };
        let many: Vec<&str> = language.setting("reading_many").unwrap_or_default().split(' ').collect();
        for (at, token) in tokens.iter().enumerate() {
            let word = token.folded.as_str();
            let begins =
                tokens.iter().skip(at).map(|token| token.folded.as_str()).take(many.len()).eq(many.iter().copied());
            if begins {
                asked.many = true;
                asked.spent.extend(at..at + many.len());
            }
            if at == 0 && listed("reading_whether", word) {
                asked.whether = true;
                asked.spent.push(at);
            }
            if listed("reading_same", word) {
                asked.shares = true;
                asked.spent.push(at);
            }
            if listed("reading_and", word) {
                asked.joins = Some(at);
            }
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guess::tests::language;
    use crate::reading::link::tokens;

    #[test]
    fn a_question_says_its_form() {
        let language = language();
        for (line, expected) in [
            ("how many films did Ann make?", "many"),
            ("did Ann make The Reef?", "whether"),
            ("which films share a director with The Reef?", "shares"),
            ("what film did Ann write and direct?", "joins"),
            ("who directed The Reef?", ""),
        ] {
            let asked = Asked::of(&tokens(line), &language);
            let found: Vec<&str> = [
                (asked.many, "many"),
                (asked.whether, "whether"),
                (asked.shares, "shares"),
                (asked.joins.is_some(), "joins"),
            ]
            .into_iter()
            .filter_map(|(is, name)| is.then_some(name))
            .collect();
            assert_eq!(found.join(" "), expected, "{line}");
        }
    }
}
