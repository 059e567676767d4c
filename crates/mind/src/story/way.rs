//! The way from one place to another, by the directions in which places lie.
//!
//! A breadth-first search finds the shortest; each of its steps is then proved by the rules like any other answer.

use std::collections::{HashMap, VecDeque};

use quid_core::oxrdf::Term;

use super::ask::Question;
use super::places::Answered;
use super::{holds, known};
use crate::turn::Turn;

/// The directions one can go: where the place one comes to lies from the one before.
const DIRECTIONS: &[&str] = &["north", "south", "east", "west", "left", "right", "above", "below"];
/// Pairs of neighbours that are looked at.
const MOST: usize = 20_000;

impl Turn<'_> {
    /// "how do you go from the kitchen to the garden?"
    pub(super) fn way(&mut self, question: &Question<'_, '_>) -> Answered {
        let (Some(from), Some(to)) = (question.name("a").cloned(), question.name("b").cloned()) else {
            return Ok(None);
        };
        let (from, goal) = (Term::from(from.thing), Term::from(to.thing.clone()));
        // Whoever asks goes to where the next place lies: north, when it is north of this one.
        let mut neighbours: HashMap<Term, Vec<(&'static str, Term)>> = HashMap::new();
        for direction in DIRECTIONS {
            for fact in question.story.told().pairs(&super::told_relation(direction)) {
                let (place, other) = (Term::from(fact.subject.clone()), fact.object.clone());
                if let Some(back) = opposite(direction) {
                    neighbours.entry(place.clone()).or_default().push((back, other.clone()));
                }
                neighbours.entry(other).or_default().push((direction, place));
            }
            if neighbours.len() > MOST {
                return Ok(Some(self.unknown("story.spent", &[])));
            }
        }
        if !neighbours.contains_key(&from) || !neighbours.contains_key(&goal) {
            return Ok(None);
        }
        let Some(steps) = shortest(&neighbours, &from, &goal) else {
            return Ok(Some(self.unknown("story.no_way", &[])));
        };
        let mut goals = Vec::new();
        for (here, direction, there) in &steps {
            goals.push(holds(&format!("next_{direction}"), vec![known(there.clone()), known(here.clone())]));
        }
        if goals.is_empty() {
            return Ok(Some(self.unknown("story.there", &[])));
        }
        let rows = question.story.rows(goals, Vec::new(), 1)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut items = Vec::new();
        let mut said = Vec::new();
        for (_, direction, _) in &steps {
            items.push(self.say(&format!("story.direction.short.{direction}"), &[]));
            said.push(self.say(&format!("story.direction.{direction}"), &[]));
        }
        let then = self.say("story.then", &[]);
        let what = self.say("story.way", &[("what", &said.join(&then)), ("short", &items.join(","))]);
        self.story_reply("story.so", items, &what, &rows).map(Some)
    }
}

fn opposite(direction: &str) -> Option<&'static str> {
    Some(match direction {
        "north" => "south",
        "south" => "north",
        "east" => "west",
        "west" => "east",
        "left" => "right",
        "right" => "left",
        "above" => "below",
        "below" => "above",
        _ => return None,
    })
}

type Step = (Term, &'static str, Term);

/// Breadth first; the first way found is a shortest one.
fn shortest(neighbours: &HashMap<Term, Vec<(&'static str, Term)>>, from: &Term, to: &Term) -> Option<Vec<Step>> {
    let mut came: HashMap<&Term, (&Term, &'static str)> = HashMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(here) = queue.pop_front() {
        if here == to {
            break;
        }
        for (direction, there) in neighbours.get(here).into_iter().flatten() {
            if there != from && !came.contains_key(there) {
                came.insert(there, (here, direction));
                queue.push_back(there);
            }
        }
    }
    let mut steps = Vec::new();
    let mut at = to;
    while at != from {
        let (before, direction) = came.get(at)?;
        steps.push(((*before).clone(), *direction, at.clone()));
        at = before;
    }
    steps.reverse();
    Some(steps)
}
