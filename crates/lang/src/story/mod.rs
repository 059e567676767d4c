//! Reads what people tell of who went where, took, gave and dropped what, and what they ask about it.
//!
//! Stories are statements that hold for a while only, so they are read apart from lasting facts: by templates and
//! verb lists of `data/grammar/stories.toml`, each of which has examples. What comes out says which happening it is
//! and who takes part in it; what follows from it is for rules, not for grammar.

mod read;
mod template;
mod vocabulary;

use crate::LangError;
use crate::data::{File, Item, Rows};
use crate::words::Words;

use template::{Needs, Template};
use vocabulary::Vocabulary;

/// What a statement tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Happening {
    /// `who` came to `place` (`from` somewhere).
    Move,
    /// `who` took `what` along to `place`.
    Carry,
    /// `who` put `what` into `place`.
    Put,
    /// `who` took `what`.
    Take,
    /// `who` let go of `what`.
    Drop,
    /// `who` left `what`: a thing that is dropped, or a place.
    Leave,
    /// `who` gave `what` to `whom`.
    Give,
    /// `who` has `what` with them.
    Have,
    /// `who` is in `place`.
    At,
    /// `who` is in `place` or in `other`.
    Either,
    /// `who` is not in `place`.
    Away,
    /// `who` feels `state`.
    Feel,
    /// `who` looks `colour`.
    Look,
    /// `who` stands in `relation` to `other`.
    Relation,
    /// `who` fits into `other`.
    Fits,
}

/// What a question asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// Where is `x`?
    Where,
    /// Where was `x` before (`y`)?
    Before,
    /// Where was `x` after `y`?
    After,
    /// Is `x` in `y`?
    IsAt,
    /// Was `x` ever in `y`?
    WasAt,
    /// Who is in `y`?
    WhoAt,
    /// What does `x` carry?
    Carrying,
    /// How many things does `x` carry?
    Count,
    /// Who has `y`?
    WhoHas,
    /// Does `x` have `y`?
    Has,
    /// What did `who` give (to `whom`)?
    GivenWhat,
    /// To whom did `who` give `what`?
    GivenTo,
    /// Who gave `what` (to `whom`)?
    Giver,
    /// Who took `what`?
    Taker,
    /// Who dropped `what`?
    Dropper,
    /// Where did `who` take `what`?
    WhereTaken,
    /// Where did `who` drop `what`?
    WhereDropped,
    /// Where will `x` go?
    WillGo,
    /// Why did `x` go to `y`?
    WhyGo,
    /// Why did `x` get `y`?
    WhyGet,
    /// How does one go from `a` to `b`?
    Path,
    /// Does `a` fit into `b`?
    Fits,
    /// What fits into `b`?
    WhatFits,
    /// Does `a` stand in `relation` to `b`?
    Whether,
    /// What stands in `relation` to `b`?
    WhichOf,
    /// What does `a` stand in `relation` to?
    OfWhich,
    /// What colour is `x`?
    Colour,
    /// Is `x` feeling `state`?
    Feels,
}

/// The happenings by the names they have in the file, with the slots each needs.
const HAPPENINGS: &[(&str, Happening, &[&str])] = &[
    ("move", Happening::Move, &["who"]),
    ("carry", Happening::Carry, &["who", "what", "place"]),
    ("put", Happening::Put, &["who", "what", "place"]),
    ("take", Happening::Take, &["who", "what"]),
    ("drop", Happening::Drop, &["who", "what"]),
    ("leave", Happening::Leave, &["who", "what"]),
    ("give", Happening::Give, &["who", "what", "whom"]),
    ("have", Happening::Have, &["who", "what"]),
    ("at", Happening::At, &["who", "place"]),
    ("either", Happening::Either, &["who", "place", "other"]),
    ("away", Happening::Away, &["who", "place"]),
    ("feel", Happening::Feel, &["who", "state"]),
    ("look", Happening::Look, &["who", "colour"]),
    ("relation", Happening::Relation, &["who", "relation", "other"]),
    ("fits", Happening::Fits, &["who", "other"]),
];

/// The questions by the names they have in the file, with the slots each needs.
const QUESTIONS: &[(&str, Asked, &[&str])] = &[
    ("where", Asked::Where, &["x"]),
    ("before", Asked::Before, &["x"]),
    ("after", Asked::After, &["x", "y"]),
    ("is_at", Asked::IsAt, &["x", "y"]),
    ("was_at", Asked::WasAt, &["x", "y"]),
    ("who_at", Asked::WhoAt, &["y"]),
    ("carrying", Asked::Carrying, &["x"]),
    ("count", Asked::Count, &["x"]),
    ("who_has", Asked::WhoHas, &["y"]),
    ("has", Asked::Has, &["x", "y"]),
    ("given_what", Asked::GivenWhat, &[]),
    ("given_to", Asked::GivenTo, &["what"]),
    ("giver", Asked::Giver, &["what"]),
    ("taker", Asked::Taker, &["what"]),
    ("dropper", Asked::Dropper, &["what"]),
    ("where_taken", Asked::WhereTaken, &["who", "what"]),
    ("where_dropped", Asked::WhereDropped, &["who", "what"]),
    ("will_go", Asked::WillGo, &["x"]),
    ("why_go", Asked::WhyGo, &["x", "y"]),
    ("why_get", Asked::WhyGet, &["x", "y"]),
    ("path", Asked::Path, &["a", "b"]),
    ("fits", Asked::Fits, &["a", "b"]),
    ("what_fits", Asked::WhatFits, &["b"]),
    ("whether", Asked::Whether, &["a", "relation", "b"]),
    ("which_of", Asked::WhichOf, &["relation", "b"]),
    ("of_which", Asked::OfWhich, &["a", "relation"]),
    ("colour", Asked::Colour, &["x"]),
    ("feels", Asked::Feels, &["x"]),
];

/// When something happened, as far as the line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The line does not say: just now.
    Now,
    /// "then", "after that": at the time of what was told last.
    Next,
    /// "before that": just before what was told last.
    Earlier,
    /// "yesterday", "this evening": the day counted from today, and from where to where in the day (0 to 99).
    Day {
        /// Days from today.
        day: i64,
        /// Where in the day it stands.
        from: u8,
        /// Up to where it reaches.
        to: u8,
    },
}

/// Whom or what a pronoun may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pronoun {
    /// "I": who speaks.
    First,
    /// "he"
    He,
    /// "she"
    She,
    /// "they"
    They,
    /// "it"
    It,
}

/// A name in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As typed, the article dropped.
    pub text: String,
    /// When it is a pronoun.
    pub pronoun: Option<Pronoun>,
    /// "my keys": of who speaks.
    pub mine: bool,
    /// Whether an article stood before it ("the football"), so that it is no person's name.
    pub article: bool,
}

/// What the slots of a template hold.
pub type Slots = Vec<(String, Vec<Name>)>;

/// A statement of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct Telling {
    /// What happened or held.
    pub happening: Happening,
    /// When.
    pub when: When,
    /// Who and what takes part, by slot.
    pub slots: Slots,
}

/// A question about a story.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// What is asked.
    pub asked: Asked,
    /// At which time.
    pub when: When,
    /// Who and what it is about, by slot.
    pub slots: Slots,
}

impl Telling {
    /// The names in a slot; none when it was not filled.
    #[must_use]
    pub fn get(&self, slot: &str) -> &[Name] {
        get(&self.slots, slot)
    }
}

impl Asking {
    /// The first name in a slot.
    #[must_use]
    pub fn get(&self, slot: &str) -> Option<&Name> {
        get(&self.slots, slot).first()
    }
}

fn get<'s>(slots: &'s Slots, slot: &str) -> &'s [Name] {
    slots.iter().find(|(name, _)| name == slot).map_or(&[], |(_, names)| names.as_slice())
}

/// The grammar of stories, loaded and checked. Empty when there is no such file, so that nothing is a story.
#[derive(Debug, Default)]
pub(crate) struct Stories {
    vocabulary: Vocabulary,
    statements: Vec<Template<Happening>>,
    questions: Vec<Template<Asked>>,
}

impl Stories {
    pub(crate) fn read(file: &File<'_>, words: &Words, proved: bool) -> Result<Self, LangError> {
        let rows = file.rows();
        let vocabulary = Vocabulary::read(rows, words)?;
        let mut stories = Self { vocabulary, statements: Vec::new(), questions: Vec::new() };
        let (statements, questions) = (rows.need("statement")?.list()?, rows.need("question")?.list()?);
        for item in &statements {
            let read = templates(*item, "tells", HAPPENINGS, &stories.vocabulary)?;
            stories.statements.extend(read);
        }
        for item in &questions {
            let read = templates(*item, "asks", QUESTIONS, &stories.vocabulary)?;
            stories.questions.extend(read);
        }
        if !proved {
            let tells = statements.into_iter().map(|item| (item, "tells"));
            let asks = questions.into_iter().map(|item| (item, "asks"));
            let mut problems =
                tells.chain(asks).filter_map(|(item, key)| stories.prove(item, key, words).err()).collect::<Vec<_>>();
            if !problems.is_empty() {
                // All problems at once, so that they can be mended at once.
                let mut first = problems.remove(0);
                for other in problems {
                    first.what = format!("{}\n{other}", first.what);
                }
                return Err(first);
            }
        }
        Ok(stories)
    }

    /// What a line tells, sentence by sentence; nothing when any part of it is no story.
    pub(crate) fn told(&self, line: &str, words: &Words) -> Vec<Telling> {
        read::told(self, line, words)
    }

    /// What a line asks.
    pub(crate) fn asked(&self, line: &str, words: &Words) -> Option<Asking> {
        read::asked(self, line, words)
    }

    /// Whether a given name is known to be of a kind.
    pub(crate) fn pronoun_for(&self, name: &str) -> Option<Pronoun> {
        self.vocabulary.pronoun_for(&name.to_lowercase())
    }

    /// The names of all relations of two things.
    pub(crate) fn relations(&self) -> Vec<&str> {
        let named = self.vocabulary.relations.iter().map(|(_, name)| name.as_str());
        named.chain(std::iter::once("fits")).collect()
    }

    /// Whether a word is of a class of the grammar.
    pub(crate) fn is(&self, class: &str, word: &str) -> bool {
        self.vocabulary.is(class, word)
    }

    /// How a relation is said of two things.
    pub(crate) fn relation_said(&self, relation: &str) -> String {
        self.vocabulary.relation_said(relation)
    }

    /// Runs the examples of one entry.
    fn prove(&self, item: Item<'_, '_>, key: &str, words: &Words) -> Result<(), LangError> {
        let row = item.rows()?;
        let act = row.need(key)?.text()?;
        let (yes, no) = (row.need("yes")?.list()?, row.need("no")?.list()?);
        if yes.is_empty() || no.is_empty() {
            return Err(item.error(format!("`{act}` needs examples, both `yes` and `no`")));
        }
        let read = |line: &str| -> Option<(&'static str, Slots)> {
            if key == "tells" {
                let telling = self.told(line, words).into_iter().next()?;
                let name = HAPPENINGS.iter().find(|(_, happening, _)| *happening == telling.happening)?.0;
                Some((name, telling.slots))
            } else {
                let asking = self.asked(line, words)?;
                let name = QUESTIONS.iter().find(|(_, asked, _)| *asked == asking.asked)?.0;
                Some((name, asking.slots))
            }
        };
        for example in yes {
            let parts = example.list()?;
            let (Some(line), Some(expected), None) = (parts.first(), parts.get(1), parts.get(2)) else {
                return Err(example.error("an example is [\"line\", {slot = \"value\"}]".to_owned()));
            };
            let line = line.text()?;
            let Some((found, slots)) = read(line).filter(|(found, _)| *found == act) else {
                let found = read(line).map_or("nothing", |(found, _)| found);
                return Err(example.error(format!("`{act}`: \"{line}\" is read as `{found}`")));
            };
            for (slot, value) in expected.rows()?.entries() {
                let names: Vec<&str> = get(&slots, slot).iter().map(|name| name.text.as_str()).collect();
                let (value, names) = (value.text()?, names.join(" & "));
                if names != value {
                    let what = format!("`{found}`: in \"{line}\" `{slot}` is \"{names}\" and not \"{value}\"");
                    return Err(example.error(what));
                }
            }
        }
        for example in no {
            let line = example.text()?;
            if read(line).is_some_and(|(found, _)| found == act) {
                return Err(example.error(format!("`{act}` fits \"{line}\", which it must not")));
            }
        }
        Ok(())
    }
}

/// The templates of one entry.
fn templates<Act: Copy>(
    item: Item<'_, '_>,
    key: &str,
    acts: &[(&str, Act, &[&str])],
    vocabulary: &Vocabulary,
) -> Result<Vec<Template<Act>>, LangError> {
    let row: Rows<'_, '_> = item.rows()?;
    let name = row.need(key)?;
    let text = name.text()?;
    let Some((_, act, slots)) = acts.iter().find(|(known, ..)| *known == text) else {
        return Err(name.error(format!("no `{key}` is called `{text}`")));
    };
    let mut found = Vec::new();
    for form in row.need("forms")?.list()? {
        let needs = Needs { act: *act, slots };
        template::read(form.text()?, &needs, vocabulary, &mut found).map_err(|what| form.error(what))?;
    }
    Ok(found)
}
