//! Claims of the controlled English as atoms, triples and clauses: the form in which they are stored and reasoned
//! with.

use quid_core::oxrdf::{Literal as Text, NamedNode, Term, Triple};
use quid_core::vocabulary as v;
use quid_core::{Argument, Atom, Goal, Key, Literal, Rule};
use quid_lang::english::{Claim, Implication, Kind, Relation, Thing, Who};

use crate::factoid::{DENIED, Relation as Stored};

/// The node of a thing, class or property.
pub(super) fn node(name: &str) -> NamedNode {
    Key::of(name).thing()
}

/// The relation of a claim.
fn predicate(claim: &Claim) -> NamedNode {
    match &claim.relation {
        Relation::Is { .. } if claim.denied => v::NOT_A.into_owned(),
        Relation::Is { .. } => v::IS_A.into_owned(),
        Relation::Any { .. } => v::SOME.into_owned(),
        Relation::Does(verb) => Stored::of_verb(verb, claim.denied).predicate(),
    }
}

fn argument(who: &Who) -> Argument {
    match who {
        Who::Variable(number) => Argument::Variable(*number),
        Who::Thing(thing) => Argument::Term(node(&thing.name).into()),
    }
}

/// A claim as a literal of a rule.
pub(super) fn literal(claim: &Claim) -> Literal {
    let object = match (&claim.relation, &claim.object) {
        (Relation::Is { class, .. } | Relation::Any { class }, _) => Argument::Term(node(class).into()),
        (Relation::Does(_), Some(object)) => argument(object),
        // A verb always has an object here; without one it would be about itself.
        (Relation::Does(_), None) => argument(&claim.subject),
    };
    Literal { predicate: predicate(claim), arguments: vec![argument(&claim.subject), object] }
}

/// A claim without variables as an atom.
pub(super) fn atom(claim: &Claim) -> Option<Atom> {
    let Literal { predicate, arguments } = literal(claim);
    let ground = |argument| match argument {
        Argument::Term(term) => Some(term),
        Argument::Variable(_) => None,
    };
    Some(Atom { predicate, arguments: arguments.into_iter().map(ground).collect::<Option<_>>()? })
}

/// The literal of an atom.
pub(super) fn of_atom(atom: &Atom) -> Literal {
    let arguments = atom.arguments.iter().cloned().map(Argument::Term).collect();
    Literal { predicate: atom.predicate.clone(), arguments }
}

/// The atom that says the contrary.
pub(super) fn contrary(atom: &Atom) -> Atom {
    let predicate = if atom.predicate.as_ref() == v::IS_A {
        v::NOT_A.into_owned()
    } else if atom.predicate.as_ref() == v::NOT_A {
        v::IS_A.into_owned()
    } else {
        match Stored::of(&atom.predicate).map(|relation| relation.contraries()) {
            Some(contraries) => match contraries.first() {
                Some(contrary) => contrary.predicate(),
                None => atom.predicate.clone(),
            },
            None => atom.predicate.clone(),
        }
    };
    Atom { predicate, arguments: atom.arguments.clone() }
}

/// Whether an atom denies something.
pub(super) fn is_denial(atom: &Atom) -> bool {
    atom.predicate.as_ref() == v::NOT_A
        || matches!(Stored::of(&atom.predicate), Some(Stored::Verb(verb)) if verb.starts_with(DENIED))
}

/// Somebody of whom nothing is known.
const SOMEBODY: &str = "urn:quid:somebody:";

/// A rule about one of whom only its conditions are known: these as rules without conditions, and what is to follow.
pub(super) fn instance(rule: &Implication) -> (Vec<Rule>, Vec<Atom>) {
    let ground = |claim: &Claim| {
        let Literal { predicate, arguments } = literal(claim);
        let stand_in = |argument| match argument {
            Argument::Term(term) => term,
            Argument::Variable(number) => NamedNode::new_unchecked(format!("{SOMEBODY}{number}")).into(),
        };
        Atom { predicate, arguments: arguments.into_iter().map(stand_in).collect() }
    };
    let assumed = rule.conditions.iter().enumerate().map(|(at, claim)| Rule {
        name: format!("assumed/{at}"),
        head: of_atom(&ground(claim)),
        body: Vec::new(),
        says: String::new(),
    });
    (assumed.collect(), rule.conclusions.iter().map(ground).collect())
}

fn plain(text: &str) -> Text {
    Text::new_simple_literal(text)
}

/// What a fact is understood as: its triple, and how the things in it are spoken of.
pub(super) fn understood(claim: &Claim) -> Vec<Triple> {
    let Who::Thing(subject) = &claim.subject else { return Vec::new() };
    let thing = node(&subject.name);
    let mut triples = Vec::new();
    match &claim.relation {
        Relation::Is { class, noun } => {
            let relation = match (claim.denied, noun) {
                (true, _) => v::NOT_A,
                (false, true) => v::TYPE,
                (false, false) => v::HAS_PROPERTY,
            };
            triples.push(Triple::new(thing.clone(), relation, node(class)));
            triples.push(Triple::new(node(class), v::LABEL, plain(class)));
        }
        Relation::Any { class } => triples.push(Triple::new(thing.clone(), v::TYPE, node(class))),
        Relation::Does(_) => {
            if let Some(Who::Thing(object)) = &claim.object {
                triples.push(Triple::new(thing.clone(), predicate(claim), node(&object.name)));
                triples.extend(spoken(object));
            }
        }
    }
    triples.extend(spoken(subject));
    triples
}

/// The label of a thing, and how it is spoken of when it is one that everybody knows.
fn spoken(thing: &Thing) -> Vec<Triple> {
    let named = node(&thing.name);
    let mut triples = vec![Triple::new(named.clone(), v::LABEL, plain(&thing.name))];
    if thing.kind != Kind::Plain {
        triples.push(Triple::new(named, v::SPOKEN, plain(&thing.spoken)));
    }
    triples
}

/// The clauses of a rule, one for each conclusion and, for "no", the other way round.
pub(super) fn clauses(rule: &Implication) -> Vec<Rule> {
    let mut clauses = Vec::new();
    let body: Vec<Goal> = rule.conditions.iter().map(|claim| Goal::Holds(literal(claim))).collect();
    let mut add = |head: Literal, body: Vec<Goal>| {
        clauses.push(Rule { name: String::new(), head, body, says: String::new() });
    };
    for conclusion in &rule.conclusions {
        add(literal(conclusion), body.clone());
    }
    if rule.mutual
        && let ([condition], [conclusion]) = (rule.conditions.as_slice(), rule.conclusions.as_slice())
    {
        add(literal(&condition.contrary()), vec![Goal::Holds(literal(&conclusion.contrary()))]);
    }
    clauses
}

/// What OWL says in one triple, where it says exactly this.
pub(super) fn exact(rule: &Implication) -> Vec<Triple> {
    let class = |claim: &Claim| match &claim.relation {
        Relation::Is { class, noun: true } => Some(node(class)),
        _ => None,
    };
    let ([condition], [conclusion]) = (rule.conditions.as_slice(), rule.conclusions.as_slice()) else {
        return transitive(rule).into_iter().collect();
    };
    if let (Some(one), Some(other)) = (class(condition), class(conclusion))
        && condition.subject == conclusion.subject
        && !condition.denied
    {
        return match (conclusion.denied, rule.mutual) {
            (false, _) => vec![Triple::new(one, v::SUB_CLASS_OF, other)],
            (true, _) => vec![Triple::new(one, v::DISJOINT_WITH, other)],
        };
    }
    let (Relation::Does(_), Some(object), false) = (&condition.relation, &condition.object, condition.denied) else {
        return Vec::new();
    };
    if !is_variable(&condition.subject) || !is_variable(object) || condition.subject == *object {
        return Vec::new();
    }
    let relation = predicate(condition);
    if let (Some(class), false) = (class(conclusion), conclusion.denied) {
        let side = if conclusion.subject == condition.subject { v::DOMAIN } else { v::RANGE };
        return vec![Triple::new(relation, side, class)];
    }
    let (Relation::Does(_), Some(of), false) = (&conclusion.relation, &conclusion.object, conclusion.denied) else {
        return Vec::new();
    };
    let other = predicate(conclusion);
    if conclusion.subject == condition.subject && of == object {
        vec![Triple::new(relation, v::SUB_PROPERTY_OF, other)]
    } else if conclusion.subject == *object && *of == condition.subject && relation == other {
        vec![Triple::new(relation, v::TYPE, v::SYMMETRIC)]
    } else {
        Vec::new()
    }
}

/// Whether two rules say each other's converse, "X likes Y if and only if Y is liked by X": inverse relations.
pub(super) fn inverse(rules: &[Implication]) -> Option<Triple> {
    let [one, other] = rules else { return None };
    let ([a], [b]) = (one.conditions.as_slice(), one.conclusions.as_slice()) else { return None };
    let crossed = a.object.as_ref() == Some(&b.subject) && b.object.as_ref() == Some(&a.subject);
    let back = other.conditions == one.conclusions && other.conclusions == one.conditions;
    let plain = !a.denied && !b.denied && is_variable(&a.subject) && is_variable(&b.subject);
    (crossed && back && plain && predicate(a) != predicate(b))
        .then(|| Triple::new(predicate(a), v::INVERSE_OF, predicate(b)))
}

fn transitive(rule: &Implication) -> Option<Triple> {
    let ([one, other], [conclusion]) = (rule.conditions.as_slice(), rule.conclusions.as_slice()) else { return None };
    let relation = predicate(one);
    let same = [one, other, conclusion]
        .iter()
        .all(|claim| !claim.denied && matches!(claim.relation, Relation::Does(_)) && predicate(claim) == relation);
    let ends = |claim: &Claim| Some((claim.subject.clone(), claim.object.clone()?));
    let (first, second, whole) = (ends(one)?, ends(other)?, ends(conclusion)?);
    let open = [&first.0, &first.1, &second.1];
    let all_open = open.iter().all(|who| is_variable(who)) && first.0 != first.1;
    let apart = second.0 != second.1 && first.0 != second.1;
    let joined = first.1 == second.0 && whole == (first.0, second.1);
    (same && all_open && apart && joined).then(|| Triple::new(relation, v::TYPE, v::TRANSITIVE))
}

fn is_variable(who: &Who) -> bool {
    matches!(who, Who::Variable(_))
}

/// The classes, properties and things a rule speaks of: each with whether it is a property.
pub(super) fn mentioned(rule: &Implication) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    for claim in rule.conditions.iter().chain(&rule.conclusions) {
        match &claim.relation {
            Relation::Is { class, noun } => found.push((class.clone(), !noun)),
            Relation::Any { class } => found.push((class.clone(), false)),
            Relation::Does(_) => {}
        }
        found.extend(claim.things().map(|thing| (thing.name.clone(), false)));
    }
    let mut once = Vec::new();
    for one in found {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

/// A clause as Prolog text, to be read back by `quid_logic::read`.
pub(super) fn text(rule: &Rule) -> String {
    let body: Vec<String> = rule.body.iter().map(|goal| literal_text(goal.literal())).collect();
    let head = literal_text(&rule.head);
    if body.is_empty() { format!("{head}.") } else { format!("{head} :- {}.", body.join(", ")) }
}

fn literal_text(literal: &Literal) -> String {
    let arguments: Vec<String> = literal
        .arguments
        .iter()
        .map(|argument| match argument {
            Argument::Variable(number) => format!("X{number}"),
            Argument::Term(term) => term.to_string(),
        })
        .collect();
    format!("{}({})", literal.predicate, arguments.join(", "))
}

/// The name of a rule's node: the same rule has the same one, whoever teaches it (FNV-1a of its wording).
pub(super) fn rule_node(says: &str) -> NamedNode {
    let hash = says
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    NamedNode::new_unchecked(format!("{}{hash:016x}", v::RULE))
}

/// The key of a thing among an atom's arguments.
pub(super) fn key_of(term: &Term) -> Option<Key> {
    match term {
        Term::NamedNode(node) => Key::of_thing(node),
        _ => None,
    }
}
