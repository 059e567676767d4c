//! What about words is computed rather than stored: other forms, and short names for longer ones.
//!
//! One implementation serves the search and the checker, so that a proof can be computed again.

use quid_core::oxrdf::{Literal, NamedNode, NamedNodeRef, Term};
use quid_core::proof::BuiltIns;
use quid_core::vocabulary::FORM_OF;
use quid_core::{Atom, Key};
use quid_lang::Language;

use super::key_of;
use super::labels::{CALLED_SO, is_called_so};

/// `quid:shortFor`: the subject is the last word of the longer name.
pub(super) const SHORT_FOR: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:shortFor");

/// Longest acronym that is also looked up in capitals, in letters.
const ACRONYM: usize = 5;

/// The built-in relations between words.
pub(super) struct Words<'a> {
    pub(super) language: &'a Language,
    /// Spellings as they were typed, beside those that folding would give.
    pub(super) typed: Vec<String>,
    /// The words a longer name may begin with.
    pub(super) talk: &'a [String],
}

impl Words<'_> {
    /// The base forms of a folded name, its last word being what is inflected.
    pub(super) fn bases(&self, name: &str) -> Vec<String> {
        let (before, last) = name.rsplit_once(' ').map_or(("", name), |(before, last)| (before, last));
        let joined = |base: String| if before.is_empty() { base } else { format!("{before} {base}") };
        let mut bases: Vec<String> = Vec::new();
        for base in self.language.base_forms(last).into_iter().map(joined) {
            if base != name && !base.is_empty() && !bases.contains(&base) {
                bases.push(base);
            }
        }
        bases
    }

    /// How a folded name may be spelled in a lexicon: as it is, Capitalised, In Title Case, and as an ACRONYM.
    pub(super) fn spellings(&self, name: &str) -> Vec<String> {
        let mut all: Vec<String> = self.typed.iter().filter(|typed| Key::of(typed).as_str() == name).cloned().collect();
        let mut add = |spelling: String| {
            if !all.contains(&spelling) {
                all.push(spelling);
            }
        };
        add(name.to_owned());
        add(capitalised(name));
        add(name.split(' ').map(capitalised).collect::<Vec<_>>().join(" "));
        if name.chars().count() <= ACRONYM {
            add(name.to_uppercase());
        }
        all
    }

    /// The spelling as it stands in a lexicon.
    pub(super) fn literal(spelling: &str) -> Term {
        Literal::new_language_tagged_literal_unchecked(spelling, "en").into()
    }

    /// All pairs of a relation that match; `None` when too little is known.
    fn pairs(&self, predicate: &NamedNode, subject: Option<&Term>, object: Option<&Term>) -> Option<Vec<(Term, Term)>> {
        let predicate = predicate.as_ref();
        if predicate == CALLED_SO {
            // It checks what was found, and finds nothing itself.
            let pair = (subject?.clone(), object?.clone());
            let holds = self.holds(&Atom::binary(predicate, pair.0.clone(), pair.1.clone())) == Some(true);
            return Some(if holds { vec![pair] } else { Vec::new() });
        }
        if predicate != FORM_OF && predicate != SHORT_FOR {
            return None;
        }
        let found: Vec<(Term, Term)> = match (subject, object) {
            (Some(subject), Some(object)) => vec![(subject.clone(), object.clone())],
            (Some(subject), None) => {
                let name = key_of(subject)?;
                let objects: Vec<Term> = if predicate == FORM_OF {
                    let bases = self.bases(name.as_str());
                    let spelled = std::iter::once(name.as_str())
                        .chain(bases.iter().map(String::as_str))
                        .flat_map(|name| self.spellings(name))
                        .map(|spelling| Self::literal(&spelling));
                    spelled.chain(bases.iter().map(|base| Key::of(base).thing().into())).collect()
                } else {
                    self.talk.iter().map(|word| Key::of(&format!("{word} {name}")).thing().into()).collect()
                };
                objects.into_iter().map(|object| (subject.clone(), object)).collect()
            }
            (None, Some(object)) => {
                let name = match object {
                    Term::Literal(text) => Key::of(text.value()),
                    other => key_of(other)?,
                };
                let subjects = if predicate == FORM_OF {
                    vec![name.thing(), Key::of(&self.language.plural(name.as_str())).thing()]
                } else {
                    name.as_str().rsplit_once(' ').map(|(_, last)| Key::of(last).thing()).into_iter().collect()
                };
                subjects.into_iter().map(|subject| (subject.into(), object.clone())).collect()
            }
            (None, None) => return None,
        };
        let holds = |(subject, object): &(Term, Term)| {
            self.holds(&Atom::binary(predicate, subject.clone(), object.clone())) == Some(true)
        };
        Some(found.into_iter().filter(holds).collect())
    }

    /// Whether a folded name has this form.
    fn is_form(&self, name: &Key, other: &Term) -> bool {
        match other {
            Term::Literal(text) => {
                let text = Key::of(text.value());
                text == *name || self.bases(name.as_str()).iter().any(|base| base == text.as_str())
            }
            other => {
                key_of(other).is_some_and(|other| self.bases(name.as_str()).iter().any(|base| base == other.as_str()))
            }
        }
    }
}

impl BuiltIns for Words<'_> {
    fn holds(&self, claim: &Atom) -> Option<bool> {
        let predicate = claim.predicate.as_ref();
        if predicate != FORM_OF && predicate != SHORT_FOR && predicate != CALLED_SO {
            return None;
        }
        let Some((name, other)) = claim.pair().and_then(|(subject, object)| Some((key_of(subject)?, object))) else {
            return Some(false);
        };
        if predicate == FORM_OF {
            return Some(self.is_form(&name, other));
        }
        if predicate == CALLED_SO {
            let is_base = |words: &str| self.bases(name.as_str()).iter().any(|base| base == words);
            return Some(matches!(other, Term::NamedNode(thing) if is_called_so(&name, &is_base, thing)));
        }
        let longer = key_of(other);
        Some(longer.is_some_and(|longer| {
            longer.as_str().strip_suffix(name.as_str()).is_some_and(|start| start.ends_with(' '))
        }))
    }

    fn complete(&self, predicate: &NamedNode, arguments: &[Option<Term>]) -> Option<Vec<Vec<Term>>> {
        let [subject, object] = arguments else { return None };
        let pairs = self.pairs(predicate, subject.as_ref(), object.as_ref())?;
        Some(pairs.into_iter().map(|(subject, object)| vec![subject, object]).collect())
    }

    fn is_built_in(&self, predicate: &NamedNode, _: usize) -> bool {
        [FORM_OF, SHORT_FOR, CALLED_SO].contains(&predicate.as_ref())
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
