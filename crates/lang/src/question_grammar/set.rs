//! The meaning of a question's parts: sets of individuals or numbers, each with its kind.
//!
//! Everything English says about a thing (a relative clause, "in texas", "with the most rivers") narrows a set, so
//! one algebra serves all of it. Kinds prune the readings: a river has no capital.

use super::schema::{ClassId, Named, Range, RelationId, Schema};

/// What the members of a set are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Number,
    /// Individuals of a class, or of any.
    Thing(Option<ClassId>),
}

/// A relation in one of its two directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which.
    pub relation: RelationId,
    /// From its subject to its object.
    pub forward: bool,
}

impl Link {
    /// The other way round.
    pub(super) fn back(self) -> Self {
        Self { forward: !self.forward, ..self }
    }

    /// Where it starts.
    pub(super) fn from(self, schema: &Schema) -> Kind {
        self.back().to(schema)
    }

    /// Where it leads.
    pub(super) fn to(self, schema: &Schema) -> Kind {
        let Some(relation) = schema.relations.get(self.relation) else { return Kind::Thing(None) };
        match (self.forward, relation.range) {
            (true, Range::Number) => Kind::Number,
            (true, Range::Thing(class)) => Kind::Thing(class),
            (false, _) => Kind::Thing(relation.domain),
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Less than.
    Less,
    /// At most.
    AtMost,
    /// Equal.
    Equal,
    /// At least.
    AtLeast,
    /// More than.
    More,
}

/// How numbers are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// Their sum.
    Sum,
    /// Their mean.
    Average,
    /// The least.
    Least,
    /// The greatest.
    Greatest,
}

/// A number that belongs to an individual.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// The value of a numeric relation.
    Value(RelationId),
    /// How many of a set it is linked to.
    Count(Link, Box<Set>),
    /// The value of a numeric relation of whatever of a set it is linked to: "has the highest point".
    Best(Link, Box<Set>, RelationId),
}

/// A number to compare with.
#[derive(Clone, Debug, PartialEq)]
pub enum Amount {
    /// As said.
    Number(f64),
    /// The measure of something else; with several values, of any of them.
    Of(Box<Set>),
}

/// A set.
#[derive(Clone, Debug, PartialEq)]
pub enum Set {
    /// What goes by a name; several of a class may.
    Named(Vec<Named>),
    /// All of a class.
    Class(ClassId),
    /// Everything: only beside something that narrows it.
    Anything,
    /// What a link leads to from the members of a set.
    Linked(Link, Box<Set>),
    /// What is in all of them.
    All(Vec<Set>),
    /// What is in one of them; whether "and" joined them.
    Either(Vec<Set>, bool),
    /// What is not in it: only within [`Set::All`].
    Not(Box<Set>),
    /// The members with the greatest or least measure; for each member of another set when that is given.
    Extreme {
        /// Among these.
        of: Box<Set>,
        /// By this.
        by: Measure,
        /// The greatest.
        most: bool,
        /// One by one for each of these, with the link from there to here.
        each: Option<(Link, Box<Set>)>,
    },
    /// Those whose measure compares so: only within [`Set::All`].
    Compared(Measure, Comparison, Amount),
    /// How many there are.
    Count(Box<Set>),
    /// The values of a measure over a set, put together.
    Together(Together, RelationId, Box<Set>),
}

/// What is said of a subject: it filters, or it picks the extreme among what all else leaves.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// The subject is in this set.
    Is(Set),
    /// The subject is the one of them with the greatest or least measure.
    Extreme(Measure, bool),
}

/// The kind of a set's members.
pub(super) fn kind(set: &Set, schema: &Schema) -> Kind {
    match set {
        Set::Named(named) => Kind::Thing(named.first().and_then(|named| named.class)),
        Set::Class(class) => Kind::Thing(Some(*class)),
        Set::Anything | Set::Not(_) | Set::Compared(..) => Kind::Thing(None),
        Set::Linked(link, _) => link.to(schema),
        Set::All(sets) => {
            let mut class = None;
            for set in sets {
                match kind(set, schema) {
                    Kind::Number => return Kind::Number,
                    Kind::Thing(other) => class = schema.narrower(class, other),
                }
            }
            Kind::Thing(class)
        }
        Set::Either(sets, _) => {
            let mut kinds = sets.iter().map(|set| kind(set, schema));
            let first = kinds.next().unwrap_or(Kind::Thing(None));
            if kinds.all(|kind| kind == first) { first } else { Kind::Thing(None) }
        }
        Set::Extreme { of, .. } => kind(of, schema),
        Set::Count(_) | Set::Together(..) => Kind::Number,
    }
}

/// Whether something may be of both kinds.
pub(super) fn meet(one: Kind, other: Kind, schema: &Schema) -> bool {
    match (one, other) {
        (Kind::Number, Kind::Number) => true,
        (Kind::Thing(one), Kind::Thing(other)) => schema.meet(one, other) && schema.keys(one) == schema.keys(other),
        _ => false,
    }
}

/// What a link leads to from a set; `None` when the kinds do not fit.
pub(super) fn linked(link: Link, of: Set, schema: &Schema) -> Option<Set> {
    let from = kind(&of, schema);
    if !meet(link.from(schema), from, schema) {
        return None;
    }
    Some(Set::Linked(link, Box::new(of)))
}

/// The same as a filter: linked to *all* of what "and" joins.
pub(super) fn linked_to_all(link: Link, of: Set, schema: &Schema) -> Option<Set> {
    match of {
        Set::Either(sets, true) => {
            let parts: Option<Vec<Set>> = sets.into_iter().map(|set| linked(link, set, schema)).collect();
            parts.map(Set::All)
        }
        of => linked(link, of, schema),
    }
}

/// What is in both; `None` when the kinds do not fit.
pub(super) fn both(one: Set, other: Set, schema: &Schema) -> Option<Set> {
    let inner = |set: &Set| match set {
        Set::Not(set) => kind(set, schema),
        Set::Compared(by, ..) => measured(by, schema),
        set => kind(set, schema),
    };
    let free = matches!(one, Set::Anything) || matches!(other, Set::Anything);
    if !free && !meet(inner(&one), inner(&other), schema) {
        return None;
    }
    // The name of one class among several is the one that fits.
    let mut all = match one {
        Set::All(sets) => sets,
        Set::Anything => Vec::new(),
        set => vec![set],
    };
    match other {
        Set::All(sets) => all.extend(sets),
        Set::Anything => {}
        set => all.push(set),
    }
    // "the river rio grande": what is named so needs no class beside it when it has it already.
    let known: Vec<ClassId> = all
        .iter()
        .filter_map(|set| match set {
            Set::Named(named) => named.first().and_then(|named| named.class),
            _ => None,
        })
        .collect();
    if all.len() > 1 {
        all.retain(|set| !matches!(set, Set::Class(class) if known.iter().any(|known| schema.under(*known, *class))));
    }
    match all.len() {
        0 => Some(Set::Anything),
        1 => all.pop(),
        _ => Some(Set::All(all)),
    }
}

/// A set after something was said of it.
pub(super) fn narrowed(of: Set, said: Said, schema: &Schema) -> Option<Set> {
    match said {
        Said::Is(set) => both(of, set, schema),
        Said::Extreme(by, most) => extreme(of, by, most, schema),
    }
}

/// The extreme of a set; `None` when the measure is not one of its members'.
pub(super) fn extreme(of: Set, by: Measure, most: bool, schema: &Schema) -> Option<Set> {
    let from = match &by {
        Measure::Value(relation) => Link { relation: *relation, forward: true }.from(schema),
        Measure::Count(link, _) | Measure::Best(link, ..) => link.from(schema),
    };
    if !meet(kind(&of, schema), from, schema) || matches!(of, Set::Anything) {
        return None;
    }
    Some(Set::Extreme { of: Box::new(of), by, most, each: None })
}

/// What a measure is taken of.
pub(super) fn measured(by: &Measure, schema: &Schema) -> Kind {
    match by {
        Measure::Value(relation) => Link { relation: *relation, forward: true }.from(schema),
        Measure::Count(link, _) | Measure::Best(link, ..) => link.from(schema),
    }
}
