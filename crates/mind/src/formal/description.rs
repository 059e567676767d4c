//! Reads descriptions of classes and relations, and the names of their members, into a schema for questions.
//!
//! A description is RDF (`quid:AskedClass`, `quid:AskedRelation` with their words); what it describes may be stored or
//! derived by rules. It counts only where there is something to ask about, so that the words of a field that nobody
//! loaded stand in nobody's way.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::AtomicBool;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use quid_core::vocabulary as v;
use quid_core::{Argument, Budget, Facts, Fault, Key, Literal, Query, columns};
use quid_lang::Language;
use quid_lang::question_grammar::{Class, Lexicon, Member, Named, Range, Relation, Schema, spelled};
use quid_logic::{Extent, Ground, Program, Standard, ask};

/// Everything of one kind of word that a node is described with.
const TERMS: &str = "urn:quid:ns:";
const RDFS: &str = "http://www.w3.org/2000/01/rdf-schema#";
const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
const SYMMETRIC: &str = "http://www.w3.org/2002/07/owl#SymmetricProperty";

/// How much looking into what is stored may cost.
pub(super) struct Purse<'a> {
    /// Reading a whole class or relation.
    reading: u64,
    /// A look at a few rows: a relation derived from a whole dictionary is not worth more.
    looking: u64,
    /// Seeing whether something is in a class.
    inside: u64,
    /// The most members of a class whose names are kept at hand.
    members: u64,
    stop: &'a AtomicBool,
}

impl<'a> Purse<'a> {
    pub fn of(language: &Language, stop: &'a AtomicBool) -> Self {
        Self {
            reading: language.number("formal_reading"),
            looking: language.number("formal_looking"),
            inside: language.number("formal_inside"),
            members: language.number("formal_members"),
            stop,
        }
    }

    /// For one question whether something holds.
    pub fn inside(&self) -> Budget<'a> {
        Budget::steps(self.inside).with_stop(self.stop)
    }

    fn rows(&self, most: Option<usize>) -> Budget<'a> {
        let steps = if most.is_some() { self.looking } else { self.reading };
        Budget::steps(steps).with_tuples(self.members.saturating_mul(10)).with_stop(self.stop)
    }
}

/// A description, ready for questions.
pub(super) struct Description {
    pub schema: Schema,
    pub lexicon: Lexicon,
    /// What goes by a name.
    pub names: HashMap<String, Vec<Named>>,
    /// Whether a class is described whose members are those of its type.
    typed: bool,
}

impl Description {
    /// Whether it may read otherwise when this is written. Where nothing is described that is there, only words of
    /// descriptions, rules and the facts of programs make a difference; else anything may.
    pub fn rests_on(&self, triple: &Triple) -> bool {
        let predicate = triple.predicate.as_ref();
        let is_described = self.typed || !self.schema.classes.is_empty() || !self.schema.relations.is_empty();
        is_described
            || [v::SAYS, v::CLAUSE, v::PROGRAM].contains(&predicate)
            || predicate.as_str().starts_with(v::RELATION)
            || columns::of_column(&triple.predicate).is_some()
            || predicate == v::TYPE
                && matches!(&triple.object, Term::NamedNode(class) if class.as_str().starts_with(TERMS))
    }
}

fn term(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{TERMS}{name}"))
}

/// What is said of a described node.
struct Words<'a> {
    facts: &'a dyn Facts,
    node: Term,
}

impl Words<'_> {
    fn objects(&self, predicate: NamedNodeRef<'_>) -> Result<Vec<Term>, Fault> {
        let mut found: Vec<Term> = self
            .facts
            .all(Some(&self.node), Some(predicate), None, 1000)?
            .into_iter()
            .map(|fact| fact.object)
            .collect();
        found.sort_by_key(ToString::to_string);
        found.dedup();
        Ok(found)
    }

    fn texts(&self, name: &str) -> Result<Vec<String>, Fault> {
        let objects = self.objects(term(name).as_ref())?.into_iter();
        Ok(objects
            .filter_map(|object| match object {
                Term::Literal(text) => Some(text.value().to_owned()),
                _ => None,
            })
            .collect())
    }

    /// The same, what it is said with (`quid:said`) first.
    fn said(&self, name: &str) -> Result<Vec<String>, Fault> {
        let mut all = self.texts(name)?;
        let first = self.texts("said")?;
        all.sort_by_key(|word| !first.contains(word));
        Ok(all)
    }

    fn node_of(&self, iri: &str) -> Result<Option<NamedNode>, Fault> {
        let objects = self.objects(NamedNodeRef::new_unchecked(iri))?;
        Ok(objects.into_iter().find_map(|object| match object {
            Term::NamedNode(node) => Some(node),
            _ => None,
        }))
    }

    fn number(&self, name: &str) -> Result<Option<i32>, Fault> {
        Ok(self.texts(name)?.first().and_then(|text| text.parse().ok()))
    }

    fn is(&self, name: &str) -> Result<bool, Fault> {
        Ok(self.texts(name)?.first().is_some_and(|text| text == "true"))
    }
}

/// The nodes of a type, sorted.
fn of_type(facts: &dyn Facts, kind: &str) -> Result<Vec<NamedNode>, Fault> {
    let kind = Term::from(term(kind));
    let mut found: Vec<NamedNode> = facts
        .all(None, Some(v::TYPE), Some(&kind), 100_000)?
        .into_iter()
        .filter_map(|fact| match fact.subject {
            NamedOrBlankNode::NamedNode(node) => Some(node),
            NamedOrBlankNode::BlankNode(_) => None,
        })
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// Reads all descriptions whose classes have members.
pub(super) fn read(
    facts: &dyn Facts,
    program: &Program,
    language: &Language,
    purse: &Purse<'_>,
) -> Result<Description, Fault> {
    let mut schema = Schema::default();
    let mut ids: BTreeMap<NamedNode, usize> = BTreeMap::new();
    let stored = Stored { facts, program, purse };
    let mut typed = false;
    let described = classes(&mut schema, &mut ids, &mut typed, &stored)?;
    let names = names(&schema, &described, &stored)?;
    relations(&mut schema, &ids, facts)?;
    let lexicon = Lexicon::new(language.questions(), &schema, &|noun| language.plural(noun));
    Ok(Description { schema, lexicon, names, typed })
}

/// What is stored, with what follows from it, and how much looking into it may cost.
#[derive(Clone, Copy)]
pub(super) struct Stored<'a> {
    pub facts: &'a dyn Facts,
    pub program: &'a Program,
    pub purse: &'a Purse<'a>,
}

/// A class's node and its members.
type Described = Vec<(NamedNode, Vec<Vec<Term>>)>;

/// The classes that have members.
fn classes(
    schema: &mut Schema,
    ids: &mut BTreeMap<NamedNode, usize>,
    typed: &mut bool,
    stored: &Stored<'_>,
) -> Result<Described, Fault> {
    let facts = stored.facts;
    let mut described: Described = Vec::new();
    let mut without: Vec<(NamedNode, Class)> = Vec::new();
    for node in of_type(facts, "AskedClass")? {
        let words = Words { facts, node: node.clone().into() };
        let keys = usize::try_from(words.number("keys")?.unwrap_or(1)).unwrap_or(1).clamp(1, 8);
        let member = if words.is("typed")? {
            *typed = true;
            Member::Kind(v::IS_A.into_owned(), node.clone().into())
        } else {
            Member::Relation(node.clone())
        };
        let class = Class {
            nouns: words.said("noun")?,
            loose_nouns: words.texts("looseNoun")?,
            member,
            keys,
            above: Vec::new(),
            prominence: words.number("prominence")?.unwrap_or(0).min(0),
            article: words.is("article")?,
            closed: !words.is("typed")? || words.is("closed")?,
            adjective: false,
        };
        let members = members(&class, stored);
        if members.is_empty() {
            without.push((node, class));
        } else {
            ids.insert(node.clone(), schema.classes.len());
            schema.classes.push(class);
            described.push((node, members));
        }
    }
    // A class without members of its own has those of the classes below it.
    for (node, mut class) in without {
        let mut below = Vec::new();
        for fact in facts.all(None, Some(v::SUB_CLASS_OF), Some(&node.clone().into()), 100)? {
            if let NamedOrBlankNode::NamedNode(lower) = fact.subject
                && let Some(id) = ids.get(&lower)
                && !below.contains(id)
            {
                below.push(*id);
            }
        }
        if !below.is_empty() {
            class.member = Member::AnyOf(below);
            ids.insert(node.clone(), schema.classes.len());
            schema.classes.push(class);
            described.push((node, Vec::new()));
        }
    }
    for (node, id) in &*ids {
        let above = above(facts, node, ids)?;
        if let Some(class) = schema.classes.get_mut(*id) {
            class.above = above;
        }
    }
    Ok(described)
}

/// Everything the members go by.
fn names(schema: &Schema, described: &Described, stored: &Stored<'_>) -> Result<HashMap<String, Vec<Named>>, Fault> {
    let facts = stored.facts;
    let mut names: HashMap<String, Vec<Named>> = HashMap::new();
    let all: Vec<HashSet<&[Term]>> =
        described.iter().map(|(_, members)| members.iter().map(Vec::as_slice).collect()).collect();
    for (id, (node, members)) in described.iter().enumerate() {
        let aliases = Aliases::read(&Words { facts, node: node.clone().into() })?;
        let above = schema.classes.get(id).map(|class| class.above.clone()).unwrap_or_default();
        for terms in members {
            // What is in a wider class goes by its name there.
            let wider = |class: &usize| all.get(*class).is_some_and(|others| others.contains(terms.as_slice()));
            if above.iter().any(wider) {
                continue;
            }
            let Some(name) = terms.first().and_then(|first| text_of(first, facts)) else { continue };
            let member = Named { terms: terms.clone(), class: Some(id), name: name.clone() };
            for alias in aliases.of(terms, &name, stored) {
                add(&mut names, &alias, &member);
            }
        }
    }
    Ok(names)
}

/// The relations whose ends are there.
fn relations(schema: &mut Schema, ids: &BTreeMap<NamedNode, usize>, facts: &dyn Facts) -> Result<(), Fault> {
    for node in of_type(facts, "AskedRelation")? {
        let words = Words { facts, node: node.clone().into() };
        let domain = words.node_of(&format!("{RDFS}domain"))?;
        let range = words.node_of(&format!("{RDFS}range"))?;
        let domain = match domain {
            None => None,
            Some(domain) => match ids.get(&domain) {
                Some(id) => Some(*id),
                None => continue,
            },
        };
        let range = match range {
            None => Range::Thing(None),
            Some(range) if range.as_str().starts_with(XSD) => {
                if range.as_str().ends_with("#string") {
                    Range::Thing(None)
                } else {
                    Range::Number
                }
            }
            Some(range) => match ids.get(&range) {
                Some(id) => Range::Thing(Some(*id)),
                None => continue,
            },
        };
        let mut relation = Relation::new(node.clone(), domain, range);
        relation.nouns = words.said("noun")?;
        relation.inverse_nouns = words.said("inverseNoun")?;
        relation.verbs = words.said("verb")?;
        relation.inverse_verbs = words.said("inverseVerb")?;
        relation.prepositions = words.said("preposition")?;
        relation.inverse_prepositions = words.said("inversePreposition")?;
        relation.high = words.said("adjective")?;
        relation.low = words.texts("lowAdjective")?;
        relation.units = words.texts("unit")?;
        relation.place = words.is("where")?;
        relation.closed = words.is("closed")?;
        let symmetric = Term::from(NamedNode::new_unchecked(SYMMETRIC));
        relation.symmetric = words.objects(v::TYPE)?.contains(&symmetric);
        schema.relations.push(relation);
    }
    Ok(())
}

/// The classes above one, all the way up.
fn above(facts: &dyn Facts, node: &NamedNode, ids: &BTreeMap<NamedNode, usize>) -> Result<Vec<usize>, Fault> {
    let mut found = Vec::new();
    let mut open = vec![node.clone()];
    while let Some(node) = open.pop() {
        for fact in facts.all(Some(&node.into()), Some(v::SUB_CLASS_OF), None, 100)? {
            if let Term::NamedNode(upper) = fact.object
                && let Some(&id) = ids.get(&upper)
                && !found.contains(&id)
            {
                found.push(id);
                open.push(upper);
            }
        }
    }
    Ok(found)
}

/// The members of a class.
fn members(class: &Class, stored: &Stored<'_>) -> Vec<Vec<Term>> {
    let variables = |count: usize| (0u32..).take(count).map(Argument::Variable).collect::<Vec<_>>();
    let literal = match &class.member {
        Member::Relation(predicate) => Literal { predicate: predicate.clone(), arguments: variables(class.keys) },
        Member::FirstOf(predicate, width) => Literal { predicate: predicate.clone(), arguments: variables(*width) },
        Member::Kind(predicate, kind) => Literal {
            predicate: predicate.clone(),
            arguments: vec![Argument::Variable(0), Argument::Term(kind.clone())],
        },
        Member::AnyOf(_) => return Vec::new(),
    };
    let (rows, _) = rows(literal, None, stored);
    rows.into_iter().map(|row| row.into_iter().take(class.keys).collect()).collect()
}

/// The rows of a relation, `most` at most, and whether there may be more because looking ended early.
pub(super) fn rows(literal: Literal, most: Option<usize>, stored: &Stored<'_>) -> (Vec<Vec<Term>>, bool) {
    let ground = Ground { facts: stored.facts, rules: stored.program, builtins: &Standard, mirror: None };
    let mut query = Query::asking(vec![quid_core::Goal::Holds(literal)]);
    query.limit = most;
    let own = stored.purse.rows(most);
    let Ok(solutions) = ask(&query, &ground, &own) else { return (Vec::new(), false) };
    let spent = matches!(solutions.extent(), Extent::Spent(_));
    ((0..solutions.len()).map(|row| solutions.values(row)).collect(), spent)
}

/// Other names of a class's members.
struct Aliases {
    prefixes: Vec<String>,
    relations: Vec<NamedNode>,
    given: HashMap<String, Vec<String>>,
}

impl Aliases {
    fn read(words: &Words<'_>) -> Result<Self, Fault> {
        let nodes = |name: &str| -> Result<Vec<NamedNode>, Fault> {
            let objects = words.objects(term(name).as_ref())?.into_iter();
            Ok(objects
                .filter_map(|object| match object {
                    Term::NamedNode(node) => Some(node),
                    _ => None,
                })
                .collect())
        };
        let mut given: HashMap<String, Vec<String>> = HashMap::new();
        for node in nodes("aliases")? {
            let alias = Words { facts: words.facts, node: node.into() };
            for name in alias.texts("name")? {
                given.entry(spelled(&name)).or_default().extend(alias.texts("alsoCalled")?);
            }
        }
        Ok(Self { prefixes: words.texts("prefixed")?, relations: nodes("named")?, given })
    }

    /// All names of a member, its own first.
    fn of(&self, terms: &[Term], name: &str, stored: &Stored<'_>) -> Vec<String> {
        let mut all = vec![name.to_owned()];
        all.extend(self.prefixes.iter().map(|prefix| format!("{prefix} {name}")));
        all.extend(self.given.get(&spelled(name)).into_iter().flatten().cloned());
        for relation in &self.relations {
            let mut arguments: Vec<Argument> = terms.iter().cloned().map(Argument::Term).collect();
            arguments.push(Argument::Variable(0));
            let literal = Literal { predicate: relation.clone(), arguments };
            let (values, _) = rows(literal, None, stored);
            all.extend(values.iter().filter_map(|row| row.first().and_then(|value| text_of(value, stored.facts))));
        }
        all
    }
}

fn add(names: &mut HashMap<String, Vec<Named>>, name: &str, member: &Named) {
    let spelled = spelled(name);
    if spelled.is_empty() {
        return;
    }
    let all = names.entry(spelled).or_default();
    if !all.contains(member) {
        all.push(member.clone());
    }
}

/// How a term is said: its label, the name in its IRI, its text.
pub(crate) fn text_of(term: &Term, facts: &dyn Facts) -> Option<String> {
    match term {
        Term::Literal(literal) => Some(plain_number(literal.value())),
        Term::NamedNode(node) => {
            if let Some(key) = Key::of_thing(node) {
                return Some(key.as_str().to_owned());
            }
            if let Some(text) = columns::atom_text(node) {
                return Some(text);
            }
            let label =
                facts.all(Some(term), Some(v::LABEL), None, 20).ok()?.into_iter().find_map(|fact| match fact.object {
                    Term::Literal(text) if text.language().is_none_or(|language| language.starts_with("en")) => {
                        Some(text.value().to_owned())
                    }
                    _ => None,
                });
            label.or_else(|| {
                let local = node.as_str().rsplit(['#', '/', ':']).next()?;
                (!local.is_empty()).then(|| local.replace('_', " "))
            })
        }
        _ => None,
    }
}

/// A number as people write it: whole ones without a point or an exponent.
fn plain_number(text: &str) -> String {
    let looks_like =
        text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') && text.contains(['e', 'E', '.']);
    match text.parse::<f64>() {
        Ok(number) if looks_like && number.is_finite() => number.to_string(),
        _ => text.to_owned(),
    }
}
