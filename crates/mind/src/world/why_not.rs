//! "Why not?": how far the chain goes, and what is not known.

use std::collections::BTreeMap;

use quid_logic::Halt;

use super::whether::named;
use super::{Asked, key_of};

impl Asked<'_> {
    pub(super) fn why_not(&self, subject: &str, object: &str) -> Result<String, Halt> {
        let sides = self.sides(subject, object)?;
        let most = self.limit("why_not_shown");
        let mut parts = Vec::new();
        let mut known = false;
        for (node, depth) in sides.taught.nodes().filter(|(node, _)| key_of(node).is_some()) {
            if depth > 0 {
                known = true;
                let way: Vec<String> =
                    sides.taught.way(node).into_iter().map(|node| self.name(node)).collect::<Result<_, _>>()?;
                parts.push(way.join(" → "));
            }
            let Some(word) = named(node) else { continue };
            let ranked = self.nouns(&word, &BTreeMap::new())?;
            let Some(best) = ranked.get(self.wanted_reading(&ranked)) else { continue };
            known = true;
            let classes = self.classes_above(&best.sense.synset)?;
            let names: Vec<String> =
                classes.nodes().skip(1).take(most).map(|(node, _)| self.name(node)).collect::<Result<_, _>>()?;
            let word = self.name(node)?;
            parts.push(self.reading_said(&best.sense)?);
            if !names.is_empty() {
                parts.push(self.say("world.up.to", &[("word", &word), ("classes", &self.world.language.list(&names))]));
            }
        }
        let object_is_known = self.is_taught(&quid_core::Key::of(object).thing().into())?
            || !self.senses(&quid_core::Key::of(object))?.is_empty();
        if !known {
            parts.push(self.say("world.nothing.above", &[("name", subject)]));
        }
        if !object_is_known {
            parts.push(self.say("world.no.such.class", &[("name", object)]));
        } else if known {
            parts.push(
                self.say(
                    "world.not.reached",
                    &[("name", subject), ("class", &self.world.language.with_article(object))],
                ),
            );
        }
        Ok(parts.join("; "))
    }
}
