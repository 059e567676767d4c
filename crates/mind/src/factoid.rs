//! Reads what is known under a name: whose values, in which order, and through which other names.
//!
//! A channel's own values come before everybody's, those before a loaded dump's, and those before other channels',
//! which are told with where they come from; so each channel keeps its own meaning of a word.

use std::collections::HashMap;

use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Quad, Term};
use quid_core::text::{percent_decode, percent_encode};
use quid_core::vocabulary as v;
use quid_core::{Fact, Fault, Key, Place, Scope, Source, intent};
use quid_lang::{Response, Variables};

use crate::turn::Turn;

/// How a value stands to its subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Relation {
    Is,
    Are,
    IsNot,
    /// Any other verb, in its base form; a denied one begins with [`DENIED`].
    Verb(String),
}

/// Before a verb that is denied ("penguins cannot fly"): there is no relation for each verb's contrary.
pub(crate) const DENIED: &str = "not ";

impl Relation {
    /// The relation a predicate stands for; `None` for those that carry no verbatim value.
    pub(crate) fn of(predicate: &NamedNode) -> Option<Self> {
        let predicate = predicate.as_ref();
        if predicate == v::IS {
            Some(Self::Is)
        } else if predicate == v::ARE {
            Some(Self::Are)
        } else if predicate == v::IS_NOT {
            Some(Self::IsNot)
        } else {
            predicate.as_str().strip_prefix(v::VERB).map(|verb| Self::Verb(percent_decode(verb)))
        }
    }

    /// What a teaching stores its value under.
    pub(crate) fn of_teaching(teaching: &intent::Teaching) -> Self {
        match (&teaching.verb, teaching.negated) {
            (intent::Verb::Other(verb), negated) => Self::of_verb(verb, negated),
            (_, true) => Self::IsNot,
            (intent::Verb::Is, false) => Self::Is,
            (intent::Verb::Are, false) => Self::Are,
        }
    }

    /// A verb as people typed it, folded.
    pub(crate) fn of_verb(verb: &str, denied: bool) -> Self {
        Self::Verb(format!("{}{}", if denied { DENIED } else { "" }, Key::of(verb)))
    }

    pub(crate) fn predicate(&self) -> NamedNode {
        match self {
            Self::Is => v::IS.into_owned(),
            Self::Are => v::ARE.into_owned(),
            Self::IsNot => v::IS_NOT.into_owned(),
            Self::Verb(verb) => NamedNode::new_unchecked(format!("{}{}", v::VERB, percent_encode(verb))),
        }
    }

    /// Whether it says what something is, so that two different values exclude each other.
    pub(crate) fn is_being(&self) -> bool {
        matches!(self, Self::Is | Self::Are)
    }

    /// The relations that say the contrary of this one.
    pub(crate) fn contraries(&self) -> Vec<Self> {
        match self {
            Self::Is | Self::Are => vec![Self::IsNot],
            Self::IsNot => vec![Self::Is, Self::Are],
            Self::Verb(verb) => vec![match verb.strip_prefix(DENIED) {
                Some(plain) => Self::Verb(plain.to_owned()),
                None => Self::Verb(format!("{DENIED}{verb}")),
            }],
        }
    }
}

/// Where a value comes from, nearest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// Taught here: in this channel, or by this person in private.
    Own,
    /// Taught for everybody.
    Global,
    /// Loaded, from what another bot was taught in this channel.
    DumpHere,
    /// Loaded.
    Dump,
    /// Taught in another channel.
    Elsewhere(String),
}

impl Tier {
    fn rank(&self) -> u8 {
        match self {
            Self::Own => 0,
            Self::Global => 1,
            Self::DumpHere => 2,
            Self::Dump => 3,
            Self::Elsewhere(_) => 4,
        }
    }
}

/// One verbatim value of a thing, with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) thing: NamedNode,
    /// The name, as it was typed with this value.
    pub(crate) label: String,
    pub(crate) relation: Relation,
    pub(crate) text: String,
    /// What kind or thing it was understood to name.
    pub(crate) object: Option<NamedNode>,
    pub(crate) graph: NamedNode,
    /// The journal's number; 0 for a dump.
    pub(crate) seq: u64,
    pub(crate) tier: Tier,
}

impl Value {
    /// Whether this value, and another typed text understood as `object`, mean the same.
    pub(crate) fn means(&self, text: &str, object: Option<&str>) -> bool {
        Key::of(&self.text) == Key::of(text)
            || object.is_some_and(|object| {
                let key = Key::of(object);
                Key::of(&self.text) == key || self.object.as_ref() == Some(&key.thing())
            })
    }
}

/// What was found under a name.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The values of the nearest tier that has any, numbered from 1 in this order.
    pub(crate) values: Vec<Value>,
    /// What a pattern's `$arg` stood for.
    pub(crate) argument: Option<String>,
    /// Aliases were followed in a circle.
    pub(crate) looped: bool,
}

/// Values of one name that are looked at; more were never taught by people.
const MOST_VALUES: usize = 4096;

impl Turn<'_> {
    /// All values of a key that may be seen here, nearest tier first, in the order they were taught.
    pub(crate) fn values(&self, key: &Key) -> Result<Vec<Value>, Fault> {
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let thing = key.thing();
        let facts = self.parts.memory.facts(&self.audience);
        let all = facts.all(Some(&thing.into()), None, None, MOST_VALUES)?;
        let mut values = self.values_of(key, &all);
        self.place_inherited(&mut values)?;
        sort(&mut values);
        Ok(values)
    }

    /// The values among facts about one thing, in the order of their numbers.
    pub(crate) fn values_of(&self, key: &Key, all: &[Fact]) -> Vec<Value> {
        let thing = key.thing();
        let mut labels = HashMap::new();
        let mut objects = HashMap::new();
        for fact in all {
            match &fact.object {
                Term::Literal(label) if fact.predicate.as_ref() == v::LABEL => {
                    labels.insert(&fact.graph, label.value());
                }
                Term::NamedNode(object) if ![v::SAME_AS, v::HAS_PROPERTY].contains(&fact.predicate.as_ref()) => {
                    objects.insert(&fact.graph, object);
                }
                _ => {}
            }
        }
        let mut values: Vec<Value> = all
            .iter()
            .filter_map(|fact| {
                let relation = Relation::of(&fact.predicate)?;
                let Term::Literal(text) = &fact.object else { return None };
                Some(Value {
                    thing: thing.clone(),
                    label: labels.get(&fact.graph).map_or_else(|| key.as_str().to_owned(), |&label| label.to_owned()),
                    relation,
                    text: text.value().to_owned(),
                    object: objects.get(&fact.graph).map(|&object| object.clone()),
                    graph: fact.graph.clone(),
                    seq: seq_of(&fact.graph),
                    tier: self.tier(&fact.graph),
                })
            })
            .collect();
        sort(&mut values);
        values
    }

    fn tier(&self, graph: &NamedNode) -> Tier {
        match Source::of_graph(graph.as_str()) {
            Some(Source::Said { scope, .. }) if scope == self.scope() => Tier::Own,
            Some(Source::Said { scope: Scope::Private(_), .. }) => Tier::Own,
            Some(Source::Said { scope: Scope::Global, .. }) => Tier::Global,
            Some(Source::Said { scope: Scope::Channel(name), .. }) => Tier::Elsewhere(name),
            _ => Tier::Dump,
        }
    }

    /// What an alias stands for, and the statement that says so.
    pub(crate) fn alias_of(&self, key: &Key) -> Result<Option<(Key, NamedNode)>, Fault> {
        if key.is_empty() {
            return Ok(None);
        }
        let facts = self.parts.memory.facts(&self.audience);
        let mut found = facts.all(Some(&key.thing().into()), Some(v::SAME_AS), None, MOST_VALUES)?;
        found.sort_by_key(|fact| (self.tier(&fact.graph), seq_of(&fact.graph)));
        Ok(found.into_iter().find_map(|fact| match &fact.object {
            Term::NamedNode(target) => Some((Key::of_thing(target)?, fact.graph)),
            _ => None,
        }))
    }

    /// Follows aliases from a key to the one that has values; the key itself when there is no alias. `None`
    /// when they go in a circle.
    pub(crate) fn follow(&self, key: Key) -> Result<Option<Key>, Fault> {
        let mut seen = vec![key];
        while let Some(last) = seen.last() {
            let Some((target, _)) = self.alias_of(last)? else { return Ok(seen.pop()) };
            if seen.contains(&target) {
                return Ok(None);
            }
            seen.push(target);
        }
        Ok(None)
    }

    /// What is known under a name as people type it: the name itself, an alias, an inflected form, or a taught
    /// pattern ("weather $arg").
    pub(crate) fn find(&self, name: &str) -> Result<Option<Found>, Fault> {
        let typed = Key::of(name);
        let mut candidates = vec![typed.clone()];
        candidates.extend(self.other_forms(&typed));
        for key in candidates {
            let Some(key) = self.follow(key)? else {
                return Ok(Some(Found { values: Vec::new(), argument: None, looped: true }));
            };
            let values = nearest(self.values(&key)?);
            if !values.is_empty() {
                return Ok(Some(Found { values, argument: None, looped: false }));
            }
        }
        // Nobody teaches a pattern that begins with a page: as many looks as words would take minutes.
        let words: Vec<&str> = name.split_whitespace().collect();
        for split in (1..words.len().min(self.number("pattern_words"))).rev() {
            let (head, argument) = words.split_at(split);
            let values = nearest(self.values(&Key::of(&format!("{} $arg", head.join(" "))))?);
            if !values.is_empty() {
                return Ok(Some(Found { values, argument: Some(argument.join(" ")), looped: false }));
            }
        }
        Ok(None)
    }

    /// The name with its last word in other forms: what was taught of "dogs" answers for "dog".
    fn other_forms(&self, key: &Key) -> Vec<Key> {
        let (head, last) = key.as_str().rsplit_once(' ').unwrap_or(("", key.as_str()));
        if last.is_empty() || !last.chars().all(char::is_alphabetic) {
            return Vec::new();
        }
        let language = &self.parts.language;
        let mut forms = language.base_forms(last);
        forms.push(language.plural(last));
        forms.iter().map(|form| Key::of(&format!("{head} {form}"))).filter(|form| form != key).collect()
    }

    /// What `$name` stands for in a value that is said now.
    pub(crate) fn variables(&self, argument: Option<&str>) -> Variables {
        let nick = &self.heard.speaker.nick;
        let mut variables = Variables::new()
            .with("who", nick)
            .with("nick", nick)
            .with("channel", &self.heard.place.to_string())
            .with("me", &self.parts.me)
            .with("date", &self.heard.at.date())
            .with("time", &self.heard.at.minute());
        if let Some(argument) = argument {
            variables = variables.with("arg", argument);
            for (at, word) in argument.split_whitespace().enumerate() {
                variables = variables.with(&(at + 1).to_string(), word);
            }
        }
        variables
    }

    /// Where a name's only value sends the reader (`<reply>see foo`).
    pub(crate) fn redirect(&self, values: &[Value]) -> Option<String> {
        let [value] = values else { return None };
        match self.parts.language.respond(&value.text, &Variables::new(), self.chance) {
            Response::See(name) if value.relation.is_being() => Some(name),
            _ => None,
        }
    }

    /// Every quad of a statement about this thing, to take it back or move it.
    pub(crate) fn statement(&self, thing: &NamedNode, graph: &NamedNode) -> Result<Vec<Quad>, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        let mut quads = Vec::new();
        let mut nodes = Vec::new();
        for fact in facts.all(Some(&thing.clone().into()), None, None, MOST_VALUES)? {
            if fact.graph == *graph {
                if let Term::NamedNode(node) = &fact.object {
                    nodes.push(node.clone());
                }
                quads.push(quad(fact));
            }
        }
        for node in nodes {
            facts.each(Some(&node.into()), Some(v::LABEL), None, &mut |fact| {
                if fact.graph == *graph {
                    quads.push(quad(fact.clone()));
                }
                std::ops::ControlFlow::Continue(())
            })?;
        }
        // What was understood of other things in the same breath ("Anne and Bob are cold", a rule about cats).
        quads.extend(self.quads_of(graph)?);
        quads.sort_by_key(ToString::to_string);
        quads.dedup();
        Ok(quads)
    }

    /// The quads of all these values' statements.
    pub(crate) fn statements(&self, values: &[Value]) -> Result<Vec<Quad>, Fault> {
        let mut quads = Vec::new();
        for value in values {
            quads.extend(self.statement(&value.thing, &value.graph)?);
        }
        quads.sort_by_key(ToString::to_string);
        quads.dedup();
        Ok(quads)
    }

    /// Where a tier's values were taught, in words.
    pub(crate) fn place_of(value: &Value) -> Option<String> {
        match &value.tier {
            Tier::Elsewhere(name) => Some(Place::Channel(name.clone()).to_string()),
            Tier::Own | Tier::Global | Tier::DumpHere | Tier::Dump => None,
        }
    }
}

/// Nearest first. What something is comes before what it is not and does, so that numbers agree with what is
/// answered.
fn sort(values: &mut [Value]) {
    values.sort_by(|one, other| {
        let order = |value: &Value| {
            (value.tier.rank(), !value.relation.is_being(), value.relation != Relation::IsNot, value.seq)
        };
        order(one).cmp(&order(other)).then_with(|| (&one.tier, &one.text).cmp(&(&other.tier, &other.text)))
    });
}

/// The values of the first tier that has any.
pub(crate) fn nearest(mut values: Vec<Value>) -> Vec<Value> {
    if let Some(rank) = values.first().map(|value| value.tier.rank()) {
        values.retain(|value| value.tier.rank() == rank);
    }
    values
}

/// The journal's number in a statement's name; 0 for a dump.
pub(crate) fn seq_of(graph: &NamedNode) -> u64 {
    match Source::of_graph(graph.as_str()) {
        Some(Source::Said { seq, .. }) => seq,
        _ => 0,
    }
}

/// For whom a statement is visible; `None` for a dump.
pub(crate) fn scope_of(graph: &NamedNode) -> Option<Scope> {
    match Source::of_graph(graph.as_str()) {
        Some(Source::Said { scope, .. }) => Some(scope),
        _ => None,
    }
}

/// A fact as the quad it is stored as.
pub(crate) fn quad(fact: Fact) -> Quad {
    let Fact { subject, predicate, object, graph } = fact;
    Quad { subject, predicate, object, graph_name: graph.into() }
}

/// The subject of a quad when it is a named thing.
pub(crate) fn subject(quad: &Quad) -> Option<&NamedNode> {
    match &quad.subject {
        NamedOrBlankNode::NamedNode(node) => Some(node),
        NamedOrBlankNode::BlankNode(_) => None,
    }
}
