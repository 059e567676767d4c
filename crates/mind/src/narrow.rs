//! What a question narrows its answers to: "which cities are in france?" wants cities only.
//!
//! Such a question is the query engine's first, which reads the kind and the taught rules too; what only the verb
//! tells would be another question's answer.

use quid_core::intent::Question;
use quid_core::vocabulary as v;
use quid_core::{Fault, Key};

use crate::factoid::{Relation, Value};
use crate::turn::Turn;

impl Turn<'_> {
    /// The kind of thing that was asked for, in the words of the line: "cities" of "which cities are in france?".
    pub(crate) fn kind_asked(&self, question: &Question) -> Option<String> {
        let Question::Subjects { verb, .. } = question else { return None };
        let language = &self.parts.language;
        let words: Vec<&str> = self.line.split_whitespace().collect();
        let (first, rest) = words.split_first()?;
        if !language.is_word("kind_question", &first.to_lowercase()) {
            return None;
        }
        let forms = |word: &str| {
            let word = word.to_lowercase();
            let mut forms = language.base_forms(&word);
            forms.push(word);
            forms
        };
        let head = forms(verb.split(' ').next().unwrap_or_default());
        let is_be = language.is_word("be", verb.split(' ').next().unwrap_or_default());
        let at = rest.iter().position(|word| {
            let lower = word.to_lowercase();
            if is_be { language.is_word("be", &lower) } else { forms(word).iter().any(|form| head.contains(form)) }
        })?;
        let kind = rest.get(..at)?.join(" ");
        let is_any = kind.is_empty() || kind.split(' ').all(|word| language.is_word("any_kind", &word.to_lowercase()));
        (!is_any).then_some(kind)
    }

    /// "where is paris?" wants where it is; what else was told of it only where nothing says so.
    pub(crate) fn keep_places(&self, values: &mut Vec<Value>) {
        let language = &self.parts.language;
        let first = self.line.split(' ').next().unwrap_or_default().to_lowercase();
        let is_place = |value: &Value| {
            let Relation::Verb(verb) = &value.relation else { return false };
            language.is_word("place_verb", verb)
        };
        if language.is_word("place_question", &first) && values.iter().any(is_place) {
            values.retain(is_place);
        }
    }

    /// Whether the last question was about "a NAME": the kind.
    pub(crate) fn asks_of_kind(&self, name: &str) -> bool {
        self.parts.language.is_asked_as_kind(&self.talk.asked_line, name)
    }

    /// Whether taught rules conclude what is asked for a list of: what is merely stored would not be all of it.
    pub(crate) fn rules_conclude(&self, question: &Question) -> Result<bool, Fault> {
        let (relation, class) = match question {
            Question::Objects { verb, .. } | Question::Subjects { verb, .. } => {
                (Relation::of_verb(verb, false).predicate(), None)
            }
            Question::Kinds(of) => (v::IS_A.into_owned(), Some(of)),
            _ => return Ok(false),
        };
        let known = self.taught_book()?;
        let mut taught = known.book().concluding(&relation).filter(|rule| !rule.body.is_empty()).peekable();
        let Some(class) = class else { return Ok(taught.peek().is_some()) };
        let mut names = self.parts.language.base_forms(&Key::of(class).to_string());
        names.push(class.clone());
        let classes: Vec<quid_core::Argument> =
            names.iter().map(|name| quid_core::Argument::Term(Key::of(name).thing().into())).collect();
        Ok(taught.any(|rule| rule.head.arguments.get(1).is_some_and(|object| classes.contains(object))))
    }
}
