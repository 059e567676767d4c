//! Turns axioms into rules, so that whatever runs rules also reasons with ontologies.
//!
//! A rule whose relation is a variable in the W3C tables is specialised to the relations that the axioms name, and
//! keeps the axiom as its first goal: so it shows in proofs, with its source. The rules' names are those of the
//! tables (RDF 1.1 Semantics, section 9; OWL 2 Profiles, section 4.3), with what they were specialised to.

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::{Argument, Goal, Literal, Rule};
use rustc_hash::FxHashMap;

use super::names::{DOMAIN, INVERSE_OF, RANGE, SUB_CLASS_OF, SUB_PROPERTY_OF, TYPE};
use super::owl;
use super::schema::Schema;

/// Which meaning the axioms have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// RDF Schema.
    Rdfs,
    /// OWL 2 RL.
    OwlRl,
}

/// What to compile.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The meaning.
    pub profile: Profile,
    /// Whether different names may come out as the same thing (`owl:sameAs`).
    pub same_as: bool,
    /// Whether what holds of everything (each class below itself) is concluded too.
    pub trivial: bool,
}

/// Rules, and what could not be made into rules.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// The rules, in the order of the tables.
    pub rules: Vec<Rule>,
    /// What was left out, in words.
    pub problems: Vec<String>,
}

/// Compiles the axioms.
#[must_use]
pub fn compile(schema: &Schema, choice: Choice) -> Compiled {
    let mut writer = Writer::new(schema);
    for head in schema.broken() {
        writer.made.problems.push(format!("the list {head} has no end or forks: what is said with it is left out"));
    }
    let owl = choice.profile == Profile::OwlRl;
    rdfs(&mut writer, owl);
    if choice.trivial {
        writer.trivial();
    }
    if owl {
        owl::write(&mut writer, choice);
    }
    writer.made
}

/// RDF Schema, under the names of OWL 2 RL where the rules are the same and that profile is wanted.
fn rdfs(writer: &mut Writer<'_>, owl: bool) {
    let schema = writer.schema;
    let name = |rdfs: &'static str, rl: &'static str| if owl { rl } else { rdfs };
    writer.add(
        name("rdfs11", "scm-sco"),
        &[],
        triple(v(0), SUB_CLASS_OF, v(2)),
        vec![triple(v(0), SUB_CLASS_OF, v(1)), triple(v(1), SUB_CLASS_OF, v(2))],
    );
    writer.add(
        name("rdfs5", "scm-spo"),
        &[],
        triple(v(0), SUB_PROPERTY_OF, v(2)),
        vec![triple(v(0), SUB_PROPERTY_OF, v(1)), triple(v(1), SUB_PROPERTY_OF, v(2))],
    );
    writer.add(
        name("rdfs9", "cax-sco"),
        &[],
        triple(v(0), TYPE, v(2)),
        vec![triple(v(1), SUB_CLASS_OF, v(2)), triple(v(0), TYPE, v(1))],
    );
    for (one, other) in schema.pairs(SUB_PROPERTY_OF).filter(|(one, other)| one != other) {
        let (Some(body), Some(head)) = (writer.relation(one, v(0), v(1)), writer.relation(other, v(0), v(1))) else {
            continue;
        };
        writer.add(name("rdfs7", "prp-spo1"), &[one, other], head, vec![axiom(one, SUB_PROPERTY_OF, other), body]);
    }
    for (property, class) in schema.pairs(DOMAIN) {
        if let Some(body) = writer.relation(property, v(0), v(1)) {
            let head = triple(v(0), TYPE, c(class));
            writer.add(name("rdfs2", "prp-dom"), &[property, class], head, vec![axiom(property, DOMAIN, class), body]);
        }
    }
    for (property, class) in schema.pairs(RANGE) {
        if let Some(body) = writer.relation(property, v(0), v(1)) {
            let head = triple(v(1), TYPE, c(class));
            writer.add(name("rdfs3", "prp-rng"), &[property, class], head, vec![axiom(property, RANGE, class), body]);
        }
    }
}

/// Collects rules and gives them names.
pub(super) struct Writer<'a> {
    pub(super) schema: &'a Schema,
    pub(super) made: Compiled,
    names: FxHashMap<String, usize>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self { schema, made: Compiled::default(), names: FxHashMap::default() }
    }

    /// Adds a rule; `about` are the terms that it was specialised to.
    pub(super) fn add(&mut self, name: &str, about: &[&Term], head: Literal, body: Vec<Literal>) {
        let mut name = name.to_owned();
        if !about.is_empty() {
            let about: Vec<&str> = about.iter().map(|term| local(term)).collect();
            name = format!("{name}({})", about.join(", "));
        }
        let count = self.names.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            name = format!("{name} #{count}");
        }
        let body = body.into_iter().map(Goal::Holds).collect();
        self.made.rules.push(Rule { name, head, body, says: String::new() });
    }

    /// The literal of a property between two arguments; the inverse of a property may stand for one. `None` for
    /// what is no property's name.
    pub(super) fn relation(&self, property: &Term, one: Argument, other: Argument) -> Option<Literal> {
        match property {
            Term::NamedNode(name) => Some(triple(one, name.as_ref(), other)),
            Term::BlankNode(_) => self.schema.objects(INVERSE_OF, property).find_map(|inverse| match inverse {
                Term::NamedNode(name) => Some(triple(other.clone(), name.as_ref(), one.clone())),
                _ => None,
            }),
            _ => None,
        }
    }

    fn trivial(&mut self) {
        use super::names::{CLASS, DATATYPE, LITERAL, MEMBER, MEMBERSHIP, PROPERTY, RESOURCE};
        let of = |kind: NamedNodeRef<'_>| triple(v(0), TYPE, c(&Term::from(kind.into_owned())));
        let term = |node: NamedNodeRef<'_>| c(&Term::from(node.into_owned()));
        for (name, kind, relation, other) in [
            ("rdfs6", PROPERTY, SUB_PROPERTY_OF, v(0)),
            ("rdfs8", CLASS, SUB_CLASS_OF, term(RESOURCE)),
            ("rdfs10", CLASS, SUB_CLASS_OF, v(0)),
            ("rdfs12", MEMBERSHIP, SUB_PROPERTY_OF, term(MEMBER)),
            ("rdfs13", DATATYPE, SUB_CLASS_OF, term(LITERAL)),
        ] {
            self.add(name, &[], triple(v(0), relation, other), vec![of(kind)]);
        }
    }
}

/// A variable.
pub(super) fn v(number: u32) -> Argument {
    Argument::Variable(number)
}

/// A constant.
pub(super) fn c(term: &Term) -> Argument {
    Argument::Term(term.clone())
}

/// A triple as a literal.
pub(super) fn triple(subject: Argument, predicate: NamedNodeRef<'_>, object: Argument) -> Literal {
    Literal { predicate: predicate.into_owned(), arguments: vec![subject, object] }
}

/// A triple of the schema.
pub(super) fn axiom(subject: &Term, predicate: NamedNodeRef<'_>, object: &Term) -> Literal {
    triple(c(subject), predicate, c(object))
}

/// "this is one of that kind", as an axiom.
pub(super) fn is_of(subject: &Term, kind: NamedNodeRef<'_>) -> Literal {
    axiom(subject, TYPE, &Term::from(kind.into_owned()))
}

/// The end of an IRI that people read; what it stands for, of anything else.
fn local(term: &Term) -> &str {
    match term {
        Term::NamedNode(node) => short(node),
        Term::BlankNode(_) => "_",
        Term::Literal(literal) => literal.value(),
        Term::Triple(_) => "<<>>",
    }
}

fn short(node: &NamedNode) -> &str {
    let iri = node.as_str();
    let end = iri.trim_end_matches(['#', '/', ':']).rsplit(['#', '/', ':']).next().unwrap_or(iri);
    if end.is_empty() { iri } else { end }
}
