//! "The opposite of X": antonyms of its senses; for an adjective without one, those of the head of its cluster.
//!
//! WordNet states antonymy between words, not synsets, and only for the heads of adjective clusters (Gross, Fischer
//! & Miller 1989): "muggy" is opposed to "dry" only by way of "wet".

use std::cell::OnceCell;

use quid_core::oxrdf::{NamedNodeRef, Term};
use quid_core::vocabulary::{ANTONYM, LEXICALIZED_SENSE_OF, SIMILAR};
use quid_core::{Atom, Key};
use quid_logic::{Ground, Halt, Program, Refusal, Verdict, prove};

use super::lists::List;
use super::{Asked, Finding, thing};

/// `quid:opposite`: derived by rules.
const OPPOSITE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:opposite");

impl Asked<'_> {
    pub(super) fn opposites(&self, of: &str) -> Result<Option<Finding>, Halt> {
        let key = Key::of(of);
        let word = Term::from(key.thing());
        let ranked = self.ranked(&key.thing(), &|sense| sense.longer.is_none())?;
        // Most words have no opposite, and then no rule is needed.
        let program = OnceCell::new();
        let mut list = List::new(self.limit("list_shown"));
        let mut chosen = None;
        // Directly opposed words of all senses come before those opposed by way of a similar one.
        for by_way in [false, true] {
            for one in &ranked {
                let mut senses = vec![one.sense.node.clone()];
                if by_way {
                    senses.clear();
                    for head in self.memo.get(Some(&one.sense.synset), Some(SIMILAR), None)?.iter() {
                        let of_head = self.memo.get(None, Some(LEXICALIZED_SENSE_OF), Some(&head.object))?;
                        senses.extend(of_head.iter().map(|fact| Term::from(fact.subject.clone())));
                    }
                }
                for sense in senses {
                    for fact in self.memo.get(Some(&sense), Some(ANTONYM), None)?.iter() {
                        if self.add_opposite(
                            &mut list,
                            program.get_or_init(|| Program::new(self.world.rules)),
                            &word,
                            &fact.object,
                        )? && chosen.is_none()
                        {
                            chosen = Some(one.sense.clone());
                        }
                    }
                }
            }
            if list.count > 0 {
                break;
            }
        }
        self.tell_list("world.opposites", of, list, chosen.as_ref(), &ranked)
    }

    fn add_opposite(&self, list: &mut List, program: &Program, word: &Term, sense: &Term) -> Result<bool, Halt> {
        let Some(lemma) = self.lemma_of_node(sense)? else { return Ok(false) };
        let other = Term::from(thing(&lemma));
        if list.has(&other) {
            return Ok(false);
        }
        let goal = Atom::binary(OPPOSITE, word.clone(), other.clone());
        let ground = Ground { facts: &self.memo, rules: program, builtins: &self.words, mirror: None };
        let proof = match prove(&goal, &ground, self.memo.budget()) {
            Ok(Verdict::Proved(proof)) => proof,
            Err(Refusal::Fault(fault)) => return Err(fault.into()),
            // What the rules do not give, or not within the budget, is left out.
            Ok(Verdict::Unknown | Verdict::Spent) | Err(_) => return Ok(false),
        };
        list.count += 1;
        if !list.is_full() {
            list.items.push((lemma, other, proof));
        }
        Ok(true)
    }

    /// The written form of the entry a sense belongs to.
    pub(super) fn lemma_of(&self, sense: &super::lexicon::Sense) -> Result<Option<String>, Halt> {
        self.lemma_of_node(&sense.node)
    }
}
