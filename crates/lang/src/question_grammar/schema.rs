//! What the grammar may ask about: classes, relations and their words, handed in by whoever knows the store.
//!
//! The grammar itself knows no word of any field. A class says how membership is asked for and by which nouns it
//! goes; a relation says its ends and in which ways English speaks of it. An individual is named by one term, or
//! by several where one is not enough (a city by its name and its state).

use quid_core::oxrdf::{NamedNode, Term};

/// A class, by its place in [`Schema::classes`].
pub type ClassId = usize;
/// A relation, by its place in [`Schema::relations`].
pub type RelationId = usize;

/// How to ask whether something belongs to a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// `class(X)`, or `class(X, Y)` where two terms name an individual.
    Relation(NamedNode),
    /// `class(X, _, _)`: the first column of a relation with so many arguments.
    FirstOf(NamedNode, usize),
    /// `relation(X, class)`, such as `quid:isA`.
    Kind(NamedNode, Term),
    /// Whatever is in one of these classes.
    AnyOf(Vec<ClassId>),
}

/// A class of individuals.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its nouns in the singular, the first one is how it is said ("state").
    pub nouns: Vec<String>,
    /// Nouns that may mean it where no better reading gives anything.
    pub loose_nouns: Vec<String>,
    /// How membership is asked for.
    pub member: Member,
    /// How many terms name an individual.
    pub keys: usize,
    /// The classes above it, itself excluded, all the way up.
    pub above: Vec<ClassId>,
    /// Which class a name means first, when it names something in several: the greater first.
    pub prominence: i32,
    /// Whether names take the article ("the mississippi").
    pub article: bool,
    /// All its members are known: what is not among them is no member.
    pub closed: bool,
    /// It is how things are ("fast"): said of anything, without an article.
    pub adjective: bool,
}

/// What stands at the end of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// A number: the relation is a measure.
    Number,
    /// Individuals of a class, or of any.
    Thing(Option<ClassId>),
}

/// A relation and its words.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The predicate. Its arguments are the terms of the subject and those of the object.
    pub predicate: NamedNode,
    /// What the subject is.
    pub domain: Option<ClassId>,
    /// What the object is.
    pub range: Range,
    /// "the NOUN of subject is object".
    pub nouns: Vec<String>,
    /// "the NOUN of object is subject".
    pub inverse_nouns: Vec<String>,
    /// "subject VERB object", in the base form, a preposition after it ("run through").
    pub verbs: Vec<String>,
    /// "object VERB subject".
    pub inverse_verbs: Vec<String>,
    /// "subject (is) PREPOSITION object": as given ("in", "next to").
    pub prepositions: Vec<String>,
    /// "object (is) PREPOSITION subject".
    pub inverse_prepositions: Vec<String>,
    /// Adjectives that say the measure is great ("long").
    pub high: Vec<String>,
    /// Adjectives that say it is small ("short").
    pub low: Vec<String>,
    /// What is counted or measured ("people", "kilometers").
    pub units: Vec<String>,
    /// It is where things are: "where is …?" asks for the object.
    pub place: bool,
    /// All there is to know of it is stored: what is not, is not so.
    pub closed: bool,
    /// Both ways round is the same.
    pub symmetric: bool,
    /// The relation that denies this one, where denials are told or follow.
    pub denial: Option<NamedNode>,
}

impl Relation {
    /// A relation without any words yet.
    #[must_use]
    pub fn new(predicate: NamedNode, domain: Option<ClassId>, range: Range) -> Self {
        Self {
            predicate,
            domain,
            range,
            nouns: Vec::new(),
            inverse_nouns: Vec::new(),
            verbs: Vec::new(),
            inverse_verbs: Vec::new(),
            prepositions: Vec::new(),
            inverse_prepositions: Vec::new(),
            high: Vec::new(),
            low: Vec::new(),
            units: Vec::new(),
            place: false,
            closed: false,
            symmetric: false,
            denial: None,
        }
    }
}

/// All classes and relations.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The classes.
    pub classes: Vec<Class>,
    /// The relations.
    pub relations: Vec<Relation>,
    /// For this question, whatever is not known is not so.
    pub all_known: bool,
}

/// Something that goes by a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The terms that name it.
    pub terms: Vec<Term>,
    /// What it is, when that is known.
    pub class: Option<ClassId>,
    /// Its name, as said.
    pub name: String,
}

/// Looks names up.
pub trait Names {
    /// Everything that goes by this name (folded, punctuation gone).
    fn named(&self, name: &str) -> Vec<Named>;
}

impl Schema {
    /// Whether something may be in both classes.
    #[must_use]
    pub fn meet(&self, one: Option<ClassId>, other: Option<ClassId>) -> bool {
        let (Some(one), Some(other)) = (one, other) else { return true };
        let may_be_anything = |id: ClassId| self.classes.get(id).is_some_and(|class| class.adjective);
        one == other
            || self.under(one, other)
            || self.under(other, one)
            || self.share(one, other)
            || may_be_anything(one)
            || may_be_anything(other)
    }

    /// Whether a class is the other or below it.
    #[must_use]
    pub fn under(&self, one: ClassId, other: ClassId) -> bool {
        one == other || self.classes.get(one).is_some_and(|class| class.above.contains(&other))
    }

    fn share(&self, one: ClassId, other: ClassId) -> bool {
        let (Some(one), Some(other)) = (self.classes.get(one), self.classes.get(other)) else { return false };
        one.above.iter().any(|class| other.above.contains(class))
    }

    /// The narrower of two classes that meet.
    #[must_use]
    pub fn narrower(&self, one: Option<ClassId>, other: Option<ClassId>) -> Option<ClassId> {
        match (one, other) {
            (None, class) | (class, None) => class,
            (Some(one), Some(other)) => Some(if self.under(other, one) { other } else { one }),
        }
    }

    /// How many terms name an individual of a class.
    #[must_use]
    pub fn keys(&self, class: Option<ClassId>) -> usize {
        class.and_then(|class| self.classes.get(class)).map_or(1, |class| class.keys)
    }

    /// A class's first noun.
    #[must_use]
    pub fn noun(&self, class: Option<ClassId>) -> Option<&str> {
        class.and_then(|class| self.classes.get(class)).and_then(|class| class.nouns.first()).map(String::as_str)
    }
}
