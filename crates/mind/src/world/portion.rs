//! Parts and wholes as ontologies say them: "every lung is part of some chest" is a restriction, in three triples.
//!
//! Which relations mean "part of" stands in the rules; here the triples are only brought to them, so a further
//! relation is one more rule.

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term};
use quid_core::vocabulary::{HAS_PART, SUB_CLASS_OF};
use quid_core::{Goal, Proof};
use quid_logic::{Halt, append, conclude};

use super::lexicon::stored;
use super::links::claim;
use super::lists::List;
use super::{Asked, key_of};

const ON_PROPERTY: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#onProperty");
const SOME_VALUES_FROM: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#someValuesFrom");
const LABEL: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/2000/01/rdf-schema#label");

impl Asked<'_> {
    /// What this is said to be part of, by relations that point from the part to the whole.
    pub(super) fn wholes_of_part(&self, list: &mut List, part: &Term) -> Result<(), Halt> {
        for relation in self.relations_to_whole() {
            for fact in self.memo.get(Some(part), Some(relation.as_ref()), None)?.iter() {
                let whole = &fact.object;
                self.add_portion(list, whole, (whole, part), &[stored(fact)])?;
            }
        }
        for class in self.memo.get(Some(part), Some(SUB_CLASS_OF), None)?.iter() {
            if key_of(&class.object).is_some() {
                continue;
            }
            for filler in self.memo.get(Some(&class.object), Some(SOME_VALUES_FROM), None)?.iter() {
                let whole = &filler.object;
                self.add_restricted(list, whole, (whole, part), &[stored(class), stored(filler)], &class.object)?;
            }
        }
        Ok(())
    }

    /// A name for a restriction: "something (part of chest)".
    pub(super) fn restricted(&self, some: &Term) -> Result<Option<String>, Halt> {
        let fillers = self.memo.few(Some(some), Some(SOME_VALUES_FROM), None, 1)?;
        let properties = self.memo.few(Some(some), Some(ON_PROPERTY), None, 1)?;
        let (Some(filler), Some(property)) = (fillers.first(), properties.first()) else { return Ok(None) };
        // What it is of may be a class without a name as well, and so on without end.
        if key_of(&filler.object).is_none() && !matches!(filler.object, Term::NamedNode(_)) {
            return Ok(None);
        }
        let (relation, what) = (self.name(&property.object)?, self.name(&filler.object)?);
        Ok(Some(self.say("world.restricted", &[("relation", &relation), ("what", &what)])))
    }

    /// What is said to be part of this, by relations that point from the part to the whole.
    pub(super) fn parts_of_whole(&self, list: &mut List, whole: &Term) -> Result<(), Halt> {
        for relation in self.relations_to_whole() {
            for fact in self.memo.get(None, Some(relation.as_ref()), Some(whole))?.iter() {
                let part = Term::from(fact.subject.clone());
                self.add_portion(list, &part, (whole, &part), &[stored(fact)])?;
            }
        }
        for filler in self.memo.get(None, Some(SOME_VALUES_FROM), Some(whole))?.iter() {
            let some = Term::from(filler.subject.clone());
            for class in self.memo.get(None, Some(SUB_CLASS_OF), Some(&some))?.iter() {
                let part = Term::from(class.subject.clone());
                self.add_restricted(list, &part, (whole, &part), &[stored(class), stored(filler)], &some)?;
            }
        }
        Ok(())
    }

    /// The relations of one triple by which a rule concludes that its object has its subject as a part.
    fn relations_to_whole(&self) -> Vec<NamedNode> {
        let has_part = HAS_PART.into_owned();
        let relations = self.world.rules.concluding(&has_part).filter_map(|rule| match rule.body.as_slice() {
            [Goal::Holds(only)] if only.arguments.iter().rev().eq(&rule.head.arguments) => Some(only.predicate.clone()),
            _ => None,
        });
        relations.collect()
    }

    /// A restriction on this or that relation: the rules know whether it is one of parts, by its IRI or its name.
    fn add_restricted(
        &self,
        list: &mut List,
        item: &Term,
        (whole, part): (&Term, &Term),
        leaves: &[Proof],
        some: &Term,
    ) -> Result<(), Halt> {
        for property in self.memo.get(Some(some), Some(ON_PROPERTY), None)?.iter() {
            let mut leaves = leaves.to_vec();
            leaves.push(stored(property));
            if self.add_portion(list, item, (whole, part), &leaves)? {
                return Ok(());
            }
            for label in self.memo.get(Some(&property.object), Some(LABEL), None)?.iter() {
                leaves.push(stored(label));
                if self.add_portion(list, item, (whole, part), &leaves)? {
                    return Ok(());
                }
                leaves.pop();
            }
        }
        Ok(())
    }

    /// Whether these triples make one a part of the other; then it is on the list.
    fn add_portion(
        &self,
        list: &mut List,
        item: &Term,
        (whole, part): (&Term, &Term),
        leaves: &[Proof],
    ) -> Result<bool, Halt> {
        let mut proof = Proof::default();
        let premises: Option<Vec<usize>> = leaves.iter().map(|leaf| append(&mut proof, leaf)).collect();
        let concluded = premises
            .and_then(|premises| conclude(&mut proof, self.world.rules, &claim(HAS_PART, whole, part), &premises));
        let Some(at) = concluded else { return Ok(false) };
        if list.has(item) {
            return Ok(true);
        }
        list.count += 1;
        if !list.is_full() {
            proof.steps.truncate(at + 1);
            list.items.push((self.name(item)?, item.clone(), proof));
        }
        Ok(true)
    }
}
