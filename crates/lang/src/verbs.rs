//! The relation verbs: how they look in statements and in questions.
//!
//! A relation has one name, its third person ("likes", "lives in", "is in", "can"), however it was said.

use std::collections::BTreeMap;

use crate::LangError;
use crate::data::File;
use crate::words::Words;

/// The relation verbs by each of their forms.
#[derive(Debug, Default)]
pub(crate) struct Verbs {
    /// Third person as said -> relation.
    third: BTreeMap<String, String>,
    /// Base form (also the plural) -> relation.
    base: BTreeMap<String, String>,
    /// What follows "is" or "are" -> relation ("in" -> "is in").
    be: BTreeMap<String, String>,
    /// "where does x live" -> "lives in", by base form.
    place: BTreeMap<String, String>,
    /// "is" -> "are": verbs with a plural of their own that is no base form.
    plural: BTreeMap<String, String>,
    /// How a verb is denied: by the verb itself, else `one`, `many`, or `other` for verbs with a single form.
    denied: BTreeMap<String, String>,
    /// Words of the longest form.
    longest: usize,
}

/// Words of a line, in lower case, with nothing but spaces between them.
type Folded<'w> = [&'w str];

impl Verbs {
    pub(crate) fn read(file: &File<'_>, words: &Words) -> Result<Self, LangError> {
        let mut verbs = Self { longest: 1, ..Self::default() };
        let rows = file.rows();
        let mut all = rows.need("regular")?.texts()?;
        all.extend(rows.need("prepositional")?.texts()?);
        for base in all {
            let third = words.third_person(&base);
            verbs.add(&base, &third);
        }
        for (base, third) in rows.need("irregular")?.rows()?.entries() {
            verbs.add(base, third.text()?);
        }
        for phrase in rows.need("be")?.texts()? {
            verbs.longest = verbs.longest.max(phrase.split(' ').count() + 1);
            verbs.be.insert(phrase.clone(), format!("is {phrase}"));
        }
        for (base, relation) in rows.need("where")?.rows()?.entries() {
            verbs.place.insert(base.to_owned(), relation.text()?.to_owned());
        }
        for (one, many) in rows.need("plural")?.rows()?.entries() {
            verbs.plural.insert(one.to_owned(), many.text()?.to_owned());
        }
        let denied = rows.need("denied")?.rows()?;
        for form in ["one", "many", "other"] {
            denied.need(form)?;
        }
        for (form, words) in denied.entries() {
            verbs.denied.insert(form.to_owned(), words.text()?.to_owned());
        }
        Ok(verbs)
    }

    fn add(&mut self, base: &str, third: &str) {
        self.longest = self.longest.max(third.split(' ').count());
        self.third.insert(third.to_owned(), third.to_owned());
        self.base.insert(base.to_owned(), third.to_owned());
    }

    /// The longest relation in the third person that `words` begin with, and how many words it takes.
    pub(crate) fn third<'v>(&'v self, words: &Folded<'_>) -> Option<(&'v str, usize)> {
        self.longest_of(&self.third, words)
    }

    /// The same for base forms.
    pub(crate) fn base<'v>(&'v self, words: &Folded<'_>) -> Option<(&'v str, usize)> {
        self.longest_of(&self.base, words)
    }

    /// The same for what follows "is" or "are".
    pub(crate) fn be<'v>(&'v self, words: &Folded<'_>) -> Option<(&'v str, usize)> {
        self.longest_of(&self.be, words)
    }

    /// The longest base form that `words` end with: relation and how many words it takes.
    pub(crate) fn ending<'v>(&'v self, words: &Folded<'_>) -> Option<(&'v str, usize)> {
        (1..=self.longest.min(words.len())).rev().find_map(|count| {
            let tail = words.get(words.len() - count..)?.join(" ");
            self.base.get(&tail).map(|relation| (relation.as_str(), count))
        })
    }

    /// A relation as it is said of one thing or of many, or denied of it: "likes", "like", "does not like".
    pub(crate) fn in_words(&self, relation: &str, many: bool, denied: bool) -> String {
        let (first, rest) = relation.split_once(' ').unwrap_or((relation, ""));
        let base = self.base_of(relation).filter(|base| *base != relation);
        let negated = |form: &str, verb: &str| {
            let own = self.denied.get(verb).or_else(|| self.denied.get(form));
            own.map_or_else(|| verb.to_owned(), |words| words.replace("{verb}", verb))
        };
        match (self.plural.get(first), base) {
            (Some(plural), _) => {
                let verb = if many { plural } else { first };
                let verb = if denied { negated("other", verb) } else { verb.to_owned() };
                if rest.is_empty() { verb } else { format!("{verb} {rest}") }
            }
            (None, Some(base)) if denied => negated(if many { "many" } else { "one" }, base),
            (None, Some(base)) if many => base.to_owned(),
            (None, None) if denied => negated("other", relation),
            (None, _) => relation.to_owned(),
        }
    }

    /// Whether a verb is denied in a way of its own ("can": "cannot").
    pub(crate) fn has_own_denial(&self, verb: &str) -> bool {
        self.denied.contains_key(verb)
    }

    /// What "where does x …" asks for.
    pub(crate) fn place(&self, base: &str) -> Option<&str> {
        self.place.get(base).map(String::as_str)
    }

    fn longest_of<'v>(&self, forms: &'v BTreeMap<String, String>, words: &Folded<'_>) -> Option<(&'v str, usize)> {
        (1..=self.longest.min(words.len())).rev().find_map(|count| {
            let head = words.get(..count)?.join(" ");
            forms.get(&head).map(|relation| (relation.as_str(), count))
        })
    }

    /// The base form of a relation ("likes" -> "like"), when it is a known one.
    pub(crate) fn base_of(&self, third: &str) -> Option<&str> {
        self.base.iter().find(|(_, relation)| *relation == third).map(|(base, _)| base.as_str())
    }
}
