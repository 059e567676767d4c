//! Reads a question over whatever is loaded: links its names, proposes the queries that lead from them, ranks these by
//! its other words, and lets the rule engine run the best.
//!
//! ```text
//! "the nationality of ann's spouse"
//!   link     ann                                   names of the text index, the longest first
//!   propose  ann -spouse-> v0 -nationality-> v1    every path from ann of up to three steps, in bounds
//!   rank     spouse, nationality ~ the words       the static vectors, and how names are written
//!   run      a rule like any other                 the answer is proved by that reading, and the reading is told
//! ```
//! On schemas never seen, ranking legal queries beats generating them by far (Gu et al. 2021). What is well below the
//! best of what could be meant is not answered, and two readings that are about as good are asked back.

mod asked;
mod explore;
mod link;
mod matching;
mod query;

use quid_core::{Fault, Reply};

use crate::turn::Turn;
use asked::Asked;
use explore::Explorer;
use link::Linker;
use matching::Matcher;
use query::Reading;

/// How well a reading fits, in 0..=1, and the reading.
type Ranked = (f64, Reading);

impl Turn<'_> {
    /// The answer to this line by the best reading of it; `None` where nothing in it names a loaded thing, or no
    /// reading fits well enough.
    pub(crate) fn read_answer(&mut self) -> Result<Option<Reply>, Fault> {
        let line = self.line.clone();
        let ranked = self.readings_of(&line)?;
        let Some((best, _)) = ranked.first() else { return Ok(None) };
        if *best < self.share("reading_least") {
            return Ok(None);
        }
        // The others that might be meant as well, where they give something else.
        let near = best - self.share("reading_margin");
        let facts = self.parts.memory.facts(&self.audience);
        let mut outcome = None;
        for (fit, reading) in ranked.iter().take(self.number("reading_tried")) {
            if *fit < near && outcome.is_some() {
                break;
            }
            let Some(found) = self.run_reading(reading, facts.as_ref())? else { continue };
            match &outcome {
                None => outcome = Some((reading, found)),
                Some((_, before)) if before.same_as(&found) => {}
                Some((before, _)) if *fit >= near => {
                    let (one, other) = (self.reading_in_words(before), self.reading_in_words(reading));
                    if one != other {
                        return Ok(Some(self.unknown("formal.several", &[("one", &one), ("other", &other)])));
                    }
                    if let Some((name, one, other)) = before.namesakes(reading) {
                        return Ok(Some(self.unknown(
                            "reading.namesakes",
                            &[("name", name), ("one", &one.to_string()), ("other", &other.to_string())],
                        )));
                    }
                }
                Some(_) => {}
            }
        }
        let Some((reading, found)) = outcome else { return Ok(None) };
        drop(facts);
        self.reading_reply(reading, found)
    }

    /// The readings of a line, the best first.
    fn readings_of(&self, line: &str) -> Result<Vec<Ranked>, Fault> {
        let most = self.number("reading_words");
        let tokens = link::tokens(line);
        if tokens.is_empty() || tokens.len() > most {
            return Ok(Vec::new());
        }
        let facts = self.parts.memory.facts(&self.audience);
        let linker = Linker { turn: self, facts: facts.as_ref(), tokens: &tokens };
        let names = linker.names()?;
        if names.mentions.is_empty() {
            return Ok(Vec::new());
        }
        let asked = Asked::of(&tokens, &self.parts.language);
        let mut matcher = Matcher::new(self, &tokens, &names, &asked);
        let mut explorer = Explorer::new(self, facts.as_ref(), &asked);
        let mut ranked = explorer.propose(&names.mentions, &mut matcher)?;
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
        ranked.truncate(self.number("reading_kept"));
        Ok(ranked)
    }

    /// A limit given in hundredths.
    pub(crate) fn share(&self, name: &str) -> f64 {
        f64::from(u32::try_from(self.parts.language.number(name)).unwrap_or(u32::MAX)) / 100.0
    }
}
