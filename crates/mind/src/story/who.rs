//! Whom a name or a pronoun means, and whether it is somebody or something that moves about.

use quid_core::Key;
use quid_core::oxrdf::NamedNode;
use quid_lang::story::{Name, Pronoun};

use super::Told;
use super::here::{Event, name_of};
use crate::turn::Turn;

/// Somebody or something, found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// As it is said.
    pub(super) label: String,
    /// The thing.
    pub(super) thing: NamedNode,
}

impl Found {
    pub(super) fn named(label: &str) -> Self {
        Self { label: label.to_owned(), thing: Key::of(label).thing() }
    }
}

/// Which column of a relation holds whoever acts, and which what is acted on.
const ACTORS: &[(&str, usize)] =
    &[("came", 1), ("took", 1), ("let_go", 1), ("gave", 1), ("gave", 3), ("left", 1), ("perhaps", 1), ("felt", 1)];
const THINGS: &[(&str, usize)] = &[("took", 2), ("let_go", 2), ("gave", 2)];

/// How far back a pronoun reaches, in happenings.
const RECENT: usize = 200;

impl Told {
    /// Whether somebody has done something in a story told here.
    pub(super) fn is_actor(&self, thing: &NamedNode) -> bool {
        ACTORS.iter().any(|(relation, number)| self.has(relation, *number, thing))
    }

    /// Whether it was taken, given or let go.
    pub(super) fn is_thing(&self, thing: &NamedNode) -> bool {
        THINGS.iter().any(|(relation, number)| self.has(relation, *number, thing))
    }

    /// Whether somebody or something was told to be there, so that it is a place.
    pub(super) fn is_place(&self, thing: &NamedNode) -> bool {
        ["came", "stands", "left", "perhaps"].iter().any(|relation| self.has(relation, 2, thing))
    }
}

impl Turn<'_> {
    /// Whom these names mean; `None` when a pronoun has nobody to stand for.
    pub(super) fn story_names(&self, names: &[Name], told: &Told, asked: bool) -> Option<Vec<Found>> {
        let mut found = Vec::new();
        for name in names {
            match name.pronoun {
                None if name.mine => {
                    found.push(Found::named(&format!("{}'s {}", self.heard.speaker.nick, name.text)));
                }
                None => found.push(Found::named(&name.text)),
                Some(Pronoun::First) => found.push(Found::named(&self.heard.speaker.nick)),
                Some(pronoun) => found.extend(self.story_meant(pronoun, told, asked)?),
            }
        }
        (!found.is_empty() && found.iter().all(|found| !Key::of(&found.label).is_empty())).then_some(found)
    }

    /// Whom a pronoun stands for: who was spoken of last and can be meant.
    fn story_meant(&self, pronoun: Pronoun, told: &Told, asked: bool) -> Option<Vec<Found>> {
        let fits = |found: &Found| {
            let known = self.parts.language.story_pronoun(&found.label);
            match pronoun {
                Pronoun::He | Pronoun::She => {
                    known.map_or_else(|| told.is_actor(&found.thing), |known| known == pronoun)
                }
                Pronoun::It => known.is_none() && !told.is_actor(&found.thing),
                Pronoun::They | Pronoun::First => true,
            }
        };
        // A question goes on from the question before; a story from what was told.
        if asked {
            let spoken: Vec<Found> = self.talk.story.iter().filter(|found| fits(found)).cloned().collect();
            if pronoun == Pronoun::They && spoken.len() > 1 {
                return Some(spoken);
            }
            if let (Some(first), true) = (spoken.first(), pronoun != Pronoun::They) {
                return Some(vec![first.clone()]);
            }
        }
        if pronoun == Pronoun::They {
            return they(told);
        }
        let columns = if pronoun == Pronoun::It { THINGS } else { ACTORS };
        told.newest()
            .take(RECENT)
            .flat_map(|event| {
                let wanted = columns.iter().filter(|(relation, _)| *relation == event.relation);
                wanted.filter_map(|(_, number)| event.columns.get(number - 1).cloned()).collect::<Vec<_>>()
            })
            .map(|term| Found::named(&self.label_of(&name_of(&term))))
            .find(|found| fits(found))
            .map(|found| vec![found])
    }

    /// Whether a name is that of somebody or something that moves about, so that where it is may change.
    pub(super) fn is_mover(&self, found: &Found, told: &Told) -> bool {
        self.parts.language.story_pronoun(&found.label).is_some()
            || found.thing == Key::of(&self.heard.speaker.nick).thing()
            || told.is_actor(&found.thing)
            || told.is_thing(&found.thing)
    }

    /// A name as people write it: a person's with a capital.
    pub(super) fn label_of(&self, key: &str) -> String {
        let known = self.parts.language.story_pronoun(key).is_some();
        let mut letters = key.chars();
        match letters.next() {
            Some(first) if known => first.to_uppercase().chain(letters).collect(),
            _ => key.to_owned(),
        }
    }

    /// Remembers who was spoken of, the last first.
    pub(super) fn note_story(&mut self, names: Vec<Found>) {
        const MOST: usize = 8;
        for name in names.into_iter().rev() {
            self.talk.story.retain(|known| known.thing != name.thing);
            self.talk.story.push_front(name);
        }
        self.talk.story.truncate(MOST);
    }
}

/// The last who did something together.
fn they(told: &Told) -> Option<Vec<Found>> {
    let newest: Vec<Event> = told.newest().take(RECENT).collect();
    let mut at = 0;
    while let Some(first) = newest.get(at) {
        let mut names: Vec<Found> = Vec::new();
        while let Some(event) = newest.get(at).filter(|event| event.graph == first.graph) {
            for (_, number) in ACTORS.iter().filter(|(relation, _)| *relation == event.relation) {
                let found = event.columns.get(number - 1).map(|term| Found::named(&name_of(term)));
                names.extend(found.filter(|found| !names.contains(found)));
            }
            at += 1;
        }
        if names.len() > 1 {
            names.sort_by(|one, other| one.label.cmp(&other.label));
            return Some(names);
        }
    }
    None
}
