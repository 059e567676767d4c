//! Answers questions over whatever database or vocabulary is loaded, exactly or not at all.
//!
//! A question is read by the grammar of `lang` over the descriptions that are stored, run by the rule engine, and
//! answered with its proof and with the reading in words. Every content word must be accounted for and all likely
//! readings must agree; else nothing is said to be known.

mod description;
mod samples;
mod undescribed;
mod whole;

use std::sync::Arc;

use quid_core::oxrdf::Triple;
use quid_core::reply::Item;
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{Answer, Audience, Because, Budget, Facts, Fault, Intent, Place, Query, Reply, Verified};
use quid_lang::question_grammar::{Asked, Named, Names, Reading, Set, Understanding, read};
use quid_logic::{Answers, Extent, Ground, Mirror, Program, Refusal, Standard, Vocabulary, ask};

use crate::kept::Kept;
use crate::turn::Turn;
pub(crate) use description::text_of;
use description::{Description, Purse};
use samples::Samples;
use undescribed::{Finder, Things};
use whole::Whole;

/// What is kept between questions, until something is written that it rests on.
pub(crate) struct Knowledge {
    programs: Kept<Programs>,
    description: Kept<Description>,
    /// The rules that were taught.
    pub(crate) rules: Kept<crate::rules::Known>,
    mirror: Mirror,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            programs: Kept::default(),
            description: Kept::default(),
            rules: Kept::default(),
            mirror: Mirror::new(MIRROR),
        }
    }
}

/// How many bytes of relations are kept at hand.
const MIRROR: usize = 256 * 1024 * 1024;

impl Knowledge {
    /// The mind wrote something.
    pub(crate) fn wrote(&self) {
        self.programs.wrote();
        self.description.wrote();
        self.rules.wrote();
    }
}

/// The compiled rules in force for somebody, and what their relations look like.
struct Programs {
    program: Program,
    /// The names of programs.
    vocabulary: Vocabulary,
    /// Some pairs of relations that were looked at.
    samples: Samples,
}

/// Descriptions and the compiled rules, for one question.
pub(crate) struct Known {
    description: Arc<Description>,
    programs: Arc<Programs>,
}

/// The names of one question.
struct Lookup<'a> {
    known: &'a Known,
}

impl Names for Lookup<'_> {
    fn named(&self, name: &str) -> Vec<Named> {
        self.known.description.names.get(name).cloned().unwrap_or_default()
    }
}

/// What one reading gave.
struct Outcome {
    /// The answers in words, sorted, each with its term.
    items: Vec<Item>,
    /// Whether the answer is yes or no.
    whether: Option<bool>,
}

/// Why a reading gave nothing.
pub(crate) enum Halt {
    Fault(Fault),
    Spent,
    Refused,
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(fault) => Self::Fault(fault),
            _ => Self::Refused,
        }
    }
}

/// What readings gave, or the reply that says why nothing is known of it.
type Agreed<'r> = Result<Vec<(&'r Reading, Outcome)>, Reply>;

/// How many readings are tried.
const READINGS: usize = 6;

impl Turn<'_> {
    /// The answer to this line as a question over what is described or loaded.
    pub(crate) fn formal_answer(&mut self) -> Result<Option<Reply>, Fault> {
        let line = self.line.clone();
        self.try_formal(&line)
    }

    /// The same for a line that looked like something else ("name the rivers of …", "show me …"): only when it is
    /// proved, so that nothing that was understood otherwise is lost.
    pub(crate) fn formal_beside(&mut self, intent: &Intent) -> Result<Option<Reply>, Fault> {
        let may_ask = match intent {
            Intent::Ask(_) | Intent::Affirm(_) | Intent::Why(_) | Intent::Sparql(_) => false,
            Intent::Teach(_) | Intent::Overheard(_) => self.parts.language.questions().asks(&self.line),
            _ => true,
        };
        if !may_ask {
            return Ok(None);
        }
        let reply = self.formal_answer()?.filter(|reply| matches!(reply.answer, Answer::Proved { .. }));
        if let Some(reply) = &reply {
            self.talk.answer = Some(reply.clone());
        }
        Ok(reply)
    }

    /// The answer to a question over what is described or loaded; `None` when the line is no such question.
    pub(crate) fn try_formal(&mut self, line: &str) -> Result<Option<Reply>, Fault> {
        let language = self.parts.language.clone();
        let Some(tokens) = language.questions().tokens(line) else { return Ok(None) };
        let memory = self.parts.memory.clone();
        let facts = memory.facts(&self.audience);
        let facts = &Whole::new(facts.as_ref());
        let known = self.known_to(facts)?;
        let described = &known.description;
        let names = Lookup { known: &known };
        let mut first = None;
        if !described.schema.relations.is_empty() {
            match read(&tokens, &language, &described.lexicon, &described.schema, &names) {
                Understanding::Other => {}
                Understanding::Unknown(words) => {
                    let word = words.first().map_or("", String::as_str);
                    first = Some(self.unknown("formal.word", &[("word", word)]));
                }
                Understanding::Unread => first = Some(self.unknown("formal.unread", &[])),
                Understanding::Readings(readings) => return self.settle(&readings, facts, &known),
            }
        }
        let reply = self.over_undescribed(&tokens, facts, &known)?;
        Ok(reply.or(first))
    }

    /// The same with the names of programs and statements that nobody described; only what is proved counts.
    fn over_undescribed(
        &mut self,
        tokens: &[String],
        facts: &dyn Facts,
        known: &Known,
    ) -> Result<Option<Reply>, Fault> {
        if tokens.len() > self.number("formal_words") {
            return Ok(None);
        }
        let language = self.parts.language.clone();
        let described = &known.description;
        let from = (described.schema.classes.len(), described.schema.relations.len());
        let purse = Purse::of(&language, self.stop);
        let mut finder = Finder::new(facts, &language, known, &purse);
        finder.look_up(tokens)?;
        let (mut schema, properties) = (finder.schema, finder.properties);
        schema.all_known = self.talk.closed_world;
        if (schema.classes.len(), schema.relations.len()) == from {
            return Ok(None);
        }
        let mut lexicon = described.lexicon.clone();
        lexicon.extend(language.questions(), &schema, from, &|noun| language.plural(noun));
        let names = Lookup { known };
        let things = Things { facts, language: &language, described: &names, properties: &properties };
        let Understanding::Readings(readings) = read(tokens, &language, &lexicon, &schema, &things) else {
            return Ok(None);
        };
        let reply = self.settle(&readings, facts, known)?;
        Ok(reply.filter(|reply| matches!(reply.answer, Answer::Proved { .. })))
    }

    /// Descriptions and rules, read anew after something was written that they rest on.
    pub(crate) fn known_to(&self, facts: &dyn Facts) -> Result<Known, Fault> {
        let rests_on = |programs: &Programs, triple: &Triple| {
            programs.samples.note(triple);
            [v::SAYS, v::CLAUSE, v::PROGRAM].contains(&triple.predicate.as_ref())
        };
        let programs = self.knowledge.programs.get(facts, &self.audience, rests_on, || {
            let (program, vocabulary) = self.program_in_force(facts)?;
            Ok(Programs { program, vocabulary, samples: Samples::default() })
        })?;
        // What everybody may see, by rules that everybody may know: what only one person was told must not be
        // understood for another.
        let everybody = Audience { name: String::new(), place: Place::Global };
        let public = self.parts.memory.facts(&everybody);
        let public = public.as_ref();
        let description = self.knowledge.description.get(public, &everybody, Description::rests_on, || {
            let purse = Purse::of(&self.parts.language, self.stop);
            let program = self.program_for_everybody(public)?;
            description::read(public, &program, &self.parts.language, &purse)
        })?;
        Ok(Known { description, programs })
    }

    /// Runs the likeliest readings; they must agree, or only one of them give anything. Where they give nothing, the
    /// next likely ones may.
    fn settle(&mut self, readings: &[Reading], facts: &dyn Facts, known: &Known) -> Result<Option<Reply>, Fault> {
        let Some(least) = readings.iter().map(|reading| reading.cost).min() else { return Ok(None) };
        let mut found = self.agreed(readings, least, facts, known)?;
        if let Ok(outcomes) = &mut found
            && outcomes.iter().all(|(_, outcome)| outcome.whether.is_none() && outcome.items.is_empty())
            && let Ok(others) = self.agreed(readings, least + 1, facts, known)?
        {
            let others: Vec<_> = others.into_iter().filter(|(_, outcome)| !outcome.items.is_empty()).collect();
            if !others.is_empty() {
                *outcomes = others;
            }
        }
        let mut found = match found {
            Ok(found) => found,
            Err(reply) => return Ok(Some(reply)),
        };
        if let [(one, _), (other, _), ..] = found.as_slice() {
            let (one, other) = (one.says.clone(), other.says.clone());
            return Ok(Some(self.unknown("formal.several", &[("one", &one), ("other", &other)])));
        }
        let Some((reading, outcome)) = found.pop() else { return Ok(None) };
        let nothing = !outcome.whether.unwrap_or(!outcome.items.is_empty());
        let proofs = match self.proofs(reading, (!nothing).then_some(outcome.items.len()), facts, known) {
            Ok(proofs) => proofs,
            Err(Halt::Fault(fault)) => return Err(fault),
            Err(Halt::Spent | Halt::Refused) if nothing => Vec::new(),
            Err(Halt::Spent) => return Ok(Some(self.unknown("formal.spent", &[]))),
            // What cannot be proved is not said.
            Err(Halt::Refused) => return Ok(None),
        };
        self.formal_reply(reading, outcome, proofs).map(Some)
    }

    /// What the readings of this cost give, each different answer once; of several, only those that give anything.
    fn agreed<'r>(
        &self,
        readings: &'r [Reading],
        cost: i32,
        facts: &dyn Facts,
        known: &Known,
    ) -> Result<Agreed<'r>, Fault> {
        let mut found: Vec<(&Reading, Outcome)> = Vec::new();
        for reading in readings.iter().filter(|reading| reading.cost == cost).take(READINGS) {
            match self.outcome(reading, facts, known) {
                Ok(outcome) => {
                    let same = |other: &(&Reading, Outcome)| {
                        other.1.items == outcome.items && other.1.whether == outcome.whether
                    };
                    if !found.iter().any(same) {
                        found.push((reading, outcome));
                    }
                }
                Err(Halt::Fault(fault)) => return Err(fault),
                Err(Halt::Spent) => return Ok(Err(self.unknown("formal.spent", &[]))),
                Err(Halt::Refused) => {}
            }
        }
        if found.len() > 1 {
            found.retain(|(_, outcome)| outcome.whether.unwrap_or(!outcome.items.is_empty()));
        }
        Ok(Ok(found))
    }

    /// What a reading gives.
    fn outcome(&self, reading: &Reading, facts: &dyn Facts, known: &Known) -> Result<Outcome, Halt> {
        let whether = !matches!(reading.asked, Asked::What(_));
        self.run_query(&reading.query, facts, known, |solutions| {
            let mut items: Vec<Item> = Vec::new();
            for row in 0..solutions.len() {
                if let Some(first) = solutions.values(row).first() {
                    let text = text_of(first, facts).unwrap_or_else(|| first.to_string());
                    items.push(Item { text, term: Some(first.to_string()) });
                }
            }
            items.sort_by(|one, other| by_number(&one.text, &other.text));
            items.dedup_by(|one, other| one.text == other.text);
            Ok(Outcome { items, whether: whether.then_some(!solutions.is_empty()) })
        })
    }

    /// Proves what a reading gives, or that it gives nothing; no proof where that cannot be known.
    fn proofs(
        &self,
        reading: &Reading,
        answers: Option<usize>,
        facts: &dyn Facts,
        known: &Known,
    ) -> Result<Vec<Verified>, Halt> {
        let (nothing, many) = (answers.is_none(), answers.is_some_and(|answers| answers > 2));
        let query = match (nothing, &reading.none) {
            (false, _) => &reading.query,
            (true, Some(none)) if reading.closed => none,
            (true, _) => return Ok(Vec::new()),
        };
        let each = |solutions: &Answers<'_>| {
            (0..solutions.len()).map(|row| solutions.verified(row).map_err(Halt::from)).collect()
        };
        if let (false, true, Some(list)) = (nothing, many, &reading.list)
            && let Ok(proofs) = self.run_query(list, facts, known, each)
        {
            return Ok(proofs);
        }
        self.run_query(query, facts, known, each)
    }

    pub(crate) fn run_query<T>(
        &self,
        query: &Query,
        facts: &dyn Facts,
        known: &Known,
        take: impl FnOnce(&Answers<'_>) -> Result<T, Halt>,
    ) -> Result<T, Halt> {
        let mirror = self.names.mirror.as_deref().unwrap_or(&self.knowledge.mirror);
        let ground = Ground { facts, rules: &known.programs.program, builtins: &Standard, mirror: Some(mirror) };
        let language = &self.parts.language;
        let budget = Budget::steps(language.number("formal_steps"))
            .with_tuples(language.number("formal_tuples"))
            .with_stop(self.stop);
        let solutions = ask(query, &ground, &budget)?;
        if matches!(solutions.extent(), Extent::Spent(_)) {
            return Err(Halt::Spent);
        }
        take(&solutions)
    }

    fn formal_reply(&mut self, reading: &Reading, outcome: Outcome, proofs: Vec<Verified>) -> Result<Reply, Fault> {
        let slots = [("reading", reading.says.as_str())];
        // To have heard of none is no count where not everything is known.
        let counts_none = matches!(reading.asked, Asked::What(Set::Count(_)))
            && !reading.closed
            && outcome.items.iter().all(|item| item.text == "0");
        if counts_none {
            return Ok(self.unknown("formal.none.known", &slots));
        }
        let phrase = match (outcome.whether, outcome.items.is_empty()) {
            (Some(true), _) => "formal.yes",
            (Some(false), _) if !proofs.is_empty() => "formal.no",
            (None, false) => "formal.answer",
            (None, true) if !proofs.is_empty() => "formal.none",
            _ => return Ok(self.unknown("formal.none.known", &slots)),
        };
        let mut sources: Vec<Citation> = Vec::new();
        for graph in graphs(&proofs) {
            let source = self.cite(&graph)?;
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        let most = self.number("formal_shown");
        let shown: Vec<String> = outcome.items.iter().take(most).map(|item| item.text.clone()).collect();
        let more = outcome.items.len().saturating_sub(shown.len());
        let mut what = self.parts.language.list(&shown);
        if more > 0 {
            let more = more.to_string();
            what = self.say("formal.most", &[("what", &shown.join(", ")), ("more", &more)]);
        }
        let mut all = slots.to_vec();
        all.push(("what", &what));
        let text = self.say(phrase, &all);
        let mut reply = Reply::new(Answer::Proved { proofs, sources }, text);
        reply.items = outcome.items;
        Ok(reply)
    }
}

/// The graphs that proofs rest on, in order, each once.
pub(crate) fn graphs(proofs: &[Verified]) -> Vec<quid_core::oxrdf::NamedNode> {
    let mut found = Vec::new();
    for proof in proofs {
        for step in &proof.proof().steps {
            if let Because::Stored(graph) = &step.because
                && !found.contains(graph)
            {
                found.push(graph.clone());
            }
        }
    }
    found
}

/// Numbers by value, then names by their letters.
fn by_number(one: &str, other: &str) -> std::cmp::Ordering {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one.total_cmp(&other),
        _ => one.cmp(other),
    }
}
