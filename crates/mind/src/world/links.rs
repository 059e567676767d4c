//! The links upwards from a thing or a synset, each with its proof, and what they reach.
//!
//! Things go up what was taught; synsets go up hypernyms. From one to the other leads only a chosen reading.

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::vocabulary::{FORM_OF, IS_A, SAME_AS, SUB_CLASS_OF, TYPE};
use quid_core::{Atom, Because, Key, Proof};
use quid_logic::{Halt, Link, Reach, append, conclude, explore};

use super::lexicon::{Sense, stored};
use super::{Asked, key_of};

impl Asked<'_> {
    /// What was taught about what this thing is, and its other forms that are known.
    pub(super) fn taught_links(&self, node: &Term) -> Result<Vec<Link>, Halt> {
        let mut links = Vec::new();
        let Some(key) = key_of(node) else { return Ok(links) };
        if self.is_taught(node)? {
            for relation in [TYPE, SUB_CLASS_OF, SAME_AS] {
                for fact in self.memo.get(Some(node), Some(relation), None)?.iter() {
                    links.push(Link { to: fact.object.clone(), proof: stored(fact) });
                }
            }
            for fact in self.memo.get(None, Some(SAME_AS), Some(node))?.iter() {
                links.push(Link { to: fact.subject.clone().into(), proof: stored(fact) });
            }
        }
        for base in self.words.bases(key.as_str()) {
            let base = Term::from(Key::of(&base).thing());
            if self.is_taught(&base)? {
                links.push(form_link(node, &base, base.clone()));
            }
        }
        let plural = Term::from(Key::of(&self.world.language.plural(key.as_str())).thing());
        if plural != *node && self.words.is_other_form(&plural, node) && self.is_taught(&plural)? {
            links.push(form_link(&plural, node, plural.clone()));
        }
        Ok(links)
    }

    /// The classes a synset, or a node of another ontology, stands under.
    pub(super) fn class_links(&self, node: &Term) -> Result<Vec<Link>, Halt> {
        let links: Vec<Link> =
            self.above(node)?.iter().map(|fact| Link { to: fact.object.clone(), proof: stored(fact) }).collect();
        Ok(links)
    }

    /// Everything taught above a thing, itself included.
    pub(super) fn taught_above(&self, thing: &Term) -> Result<Reach, Halt> {
        let most = self.limit("world_most_nodes");
        explore(
            thing,
            most,
            &mut |node| {
                if key_of(node).is_some() { self.taught_links(node) } else { self.class_links(node) }
            },
            &mut |_| false,
        )
    }

    /// Everything above a synset, itself included.
    pub(super) fn classes_above(&self, synset: &Term) -> Result<Reach, Halt> {
        explore(synset, self.limit("world_most_nodes"), &mut |node| self.class_links(node), &mut |_| false)
    }

    /// What is above a synset, as far as the first node that is wanted.
    pub(super) fn classes_until(&self, synset: &Term, wanted: &dyn Fn(&Term) -> bool) -> Result<Reach, Halt> {
        explore(synset, self.limit("world_most_nodes"), &mut |node| self.class_links(node), &mut |node| wanted(node))
    }

    /// Proves that a thing is what a reading of it, or of a class it was taught to be, stands under.
    pub(super) fn prove_up(&self, taught: &Reach, sense: &Sense, classes: &Reach, class: &Term) -> Option<Proof> {
        let relation = IS_A.into_owned();
        let rules = self.world.rules;
        let word = Term::from(sense.word.clone());
        let mut proof = Proof::default();
        // thing is a … the word
        let before = match taught.depth(&word)? {
            0 => None,
            _ => Some(append(&mut proof, &taught.proof(&word, &relation, rules)?)?),
        };
        // … which here is the synset
        let means = append(&mut proof, &self.means(sense)?)?;
        let mut at = conclude(&mut proof, rules, &is_a(&word, &sense.synset), &[means])?;
        if class != &sense.synset {
            let up = append(&mut proof, &classes.proof(class, &relation, rules)?)?;
            at = conclude(&mut proof, rules, &is_a(&word, class), &[at, up])?;
        }
        if let Some(before) = before {
            let start = taught.nodes().next()?.0;
            at = conclude(&mut proof, rules, &is_a(start, class), &[before, at])?;
        }
        proof.steps.truncate(at + 1);
        Some(proof)
    }

    /// Goes on from "x is a synset" to "x is a word", the word being read as that synset.
    pub(super) fn prove_as_word(&self, up: Proof, subject: &Term, sense: &Sense) -> Option<Proof> {
        let mut proof = up;
        let before = proof.steps.len().checked_sub(1)?;
        let means = append(&mut proof, &self.means(sense)?)?;
        let at = conclude(&mut proof, self.world.rules, &is_a(subject, &sense.word.clone().into()), &[before, means])?;
        proof.steps.truncate(at + 1);
        Some(proof)
    }

    /// Joins "x is a y" with "y is a z".
    pub(super) fn prove_joined(&self, first: Proof, second: &Proof, from: &Term, to: &Term) -> Option<Proof> {
        let mut proof = first;
        let before = proof.steps.len().checked_sub(1)?;
        let after = append(&mut proof, second)?;
        let at = conclude(&mut proof, self.world.rules, &is_a(from, to), &[before, after])?;
        proof.steps.truncate(at + 1);
        Some(proof)
    }
}

impl super::builtins::Words<'_> {
    /// Whether the checker will agree that one thing's name is a form of the other's.
    pub(super) fn is_other_form(&self, one: &Term, other: &Term) -> bool {
        quid_core::proof::BuiltIns::holds(self, &Atom::binary(FORM_OF, one.clone(), other.clone())) == Some(true)
    }
}

/// The claim that one is (a) the other.
pub(super) fn is_a(one: &Term, other: &Term) -> Atom {
    Atom::binary(IS_A, one.clone(), other.clone())
}

/// A claim of any relation.
pub(super) fn claim(predicate: NamedNodeRef<'_>, one: &Term, other: &Term) -> Atom {
    Atom::binary(predicate, one.clone(), other.clone())
}

fn form_link(form: &Term, base: &Term, to: Term) -> Link {
    let atom = claim(FORM_OF, form, base);
    Link {
        to,
        proof: Proof { steps: vec![quid_core::Step { claim: atom, because: Because::BuiltIn }], tables: Vec::new() },
    }
}

/// The relation minted from a verb.
pub(super) fn relation(verb: &str) -> NamedNode {
    let name = quid_core::text::percent_encode(Key::of(verb).as_str());
    NamedNode::new_unchecked(format!("{}{name}", quid_core::vocabulary::VERB))
}
