//! Questions in logic: `?- goal.` in chat and at the console, answered with proofs over everything stored.
//!
//! The rules in force are the bot's own (without the readings of words, which a question in words chooses between),
//! those of loaded programs, and those taught in English; all are asked within a budget.
//!
//! ```text
//!  text -> quid_logic::read_query -> book.rs (which rules) -> quid_logic::ask -> tell.rs (words, trees, pictures)
//! ```

mod book;
mod tell;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use quid_core::budget::Limit;
use quid_core::oxrdf::Term;
use quid_core::reply::Item;
use quid_core::source::Citation;
use quid_core::{Answer, Budget, Fault, Flaw, Heard, Proof, Query, Reply, Rulebook, Verified};
use quid_logic::{Extent, Ground, Mirror, Refusal, Standard, Vocabulary, ask, read_query};

pub use tell::Form;
pub(crate) use tell::{answers_goal, without_answer};

use crate::Mind;
use crate::conversation::{Room, Talk};
use crate::turn::Turn;

/// What logic questions are read with.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The names that the bot's own programs declare.
    pub vocabulary: Arc<Vocabulary>,
    /// The stored relations between questions, where there is memory for it.
    pub mirror: Option<Arc<Mirror>>,
}

/// A question that was asked: what its proofs are told with.
#[derive(Debug)]
pub struct Asked {
    /// Its rules and all others in force.
    pub(crate) rules: Rulebook,
    /// How it was read.
    pub(crate) query: Query,
}

impl Asked {
    /// The rules its proofs are made of.
    pub(crate) fn rules(&self) -> &Rulebook {
        &self.rules
    }
}

/// One solution.
#[derive(Clone, Debug)]
pub struct Solution {
    /// The values of the columns.
    pub values: Vec<Term>,
    /// The same for people.
    pub shown: Vec<String>,
    /// Why.
    pub proof: Verified,
}

/// What became of a question.
#[derive(Debug)]
pub enum Solved {
    /// It cannot be asked so; in words.
    Refused(String),
    /// Its solutions, as many as were wanted.
    Answered {
        /// The columns' names; none for a yes or no.
        columns: Vec<String>,
        /// The solutions.
        solutions: Vec<Solution>,
        /// How many more were found beside these.
        more: usize,
        /// Why these may not be all, in words.
        partial: Option<String>,
        /// What its proofs are told with.
        asked: Arc<Asked>,
    },
}

/// How much a question may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purse {
    /// In chat: answers come at once or not.
    Chat,
    /// At the console: somebody is waiting and can stop it.
    Console,
}

impl Mind {
    /// Answers a question in logic, `limit` solutions at most.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn solve(
        &mut self,
        heard: &Heard,
        text: &str,
        limit: Option<usize>,
        stop: &AtomicBool,
    ) -> Result<Solved, Fault> {
        self.aside(heard, stop, |turn| turn.solve(text, limit, Purse::Console))
    }

    /// A proof in words or as a picture; `asked` is the question it answers, where that was one in logic.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn tell_proof(
        &mut self,
        heard: &Heard,
        proof: &Proof,
        asked: Option<&Asked>,
        form: Form,
        stop: &AtomicBool,
    ) -> Result<String, Fault> {
        self.aside(heard, stop, |turn| turn.tell_proof(proof, asked, form))
    }

    /// What is missing for a question without solutions, in words.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn why_none(&mut self, heard: &Heard, asked: &Asked, stop: &AtomicBool) -> Result<String, Fault> {
        self.aside(heard, stop, |turn| turn.missing(asked, Purse::Console))
    }

    /// A turn that is no part of the conversation.
    pub(crate) fn aside<T>(
        &mut self,
        heard: &Heard,
        stop: &AtomicBool,
        act: impl FnOnce(&mut Turn<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (mut talk, mut room) = (Talk::default(), Room::default());
        let mut turn = Turn::aside(
            &self.parts,
            (&self.knowledge, &self.ontology, &self.names),
            heard,
            (&mut talk, &mut room),
            stop,
        );
        act(&mut turn)
    }
}

/// Up to so many answers are put into order.
const MOST_SORTED: usize = 20_000;

/// How a question in logic begins.
const ASKS: &str = "?-";

/// Whether a line is a question in logic, whatever its words would mean otherwise.
#[must_use]
pub fn is_goal(line: &str) -> bool {
    line.trim_start().starts_with(ASKS)
}

impl Turn<'_> {
    /// A line that asks in logic; `None` for any other.
    pub(crate) fn try_goal(&mut self) -> Result<Option<Reply>, Fault> {
        let line = self.line.trim().to_owned();
        if !is_goal(&line) {
            return Ok(None);
        }
        self.talk.question = None;
        self.talk.whether = None;
        self.talk.goal = None;
        // A few more than are shown are proved, for "more".
        let kept = self.number("goal_kept");
        let reply = match self.solve(&line, Some(kept), Purse::Chat)? {
            Solved::Refused(words) => Reply::new(Answer::Error, words),
            Solved::Answered { columns, solutions, more, partial, asked } => {
                self.talk.goal = Some(asked);
                self.solutions_said(&columns, &solutions, more, partial)
            }
        };
        if !matches!(reply.answer, Answer::Error) {
            self.talk.answer = Some(reply.clone());
        }
        Ok(Some(reply))
    }

    fn solutions_said(
        &mut self,
        columns: &[String],
        solutions: &[Solution],
        more: usize,
        partial: Option<String>,
    ) -> Reply {
        if solutions.is_empty() {
            let phrase = if columns.is_empty() { "goal.no" } else { "goal.none" };
            let mut reply = self.unknown(phrase, &[]);
            if let Some(partial) = partial {
                reply.text = partial;
            }
            return reply;
        }
        let lines: Vec<String> = solutions.iter().map(|solution| line(columns, &solution.shown)).collect();
        let proofs = solutions.iter().map(|solution| solution.proof.clone()).collect();
        let sources = self.goal_sources(solutions);
        let shown = self.number("goal_shown");
        let mut text =
            if columns.is_empty() { self.say("goal.yes", &[]) } else { self.goal_page(lines.clone(), shown, more) };
        if let Some(partial) = partial {
            text.push(' ');
            text.push_str(&partial);
        }
        let mut reply = Reply::new(Answer::Proved { proofs, sources }, text);
        if !columns.is_empty() {
            reply.items = solutions
                .iter()
                .zip(lines)
                .map(|(solution, text)| Item {
                    text,
                    term: match solution.values.as_slice() {
                        [one] => Some(one.to_string()),
                        _ => None,
                    },
                })
                .collect();
        }
        reply
    }

    /// The first few solutions, a line each; the rest waits for "more".
    fn goal_page(&mut self, mut lines: Vec<String>, shown: usize, more: usize) -> String {
        let rest = lines.split_off(shown.max(1).min(lines.len()));
        let waiting = rest.len() + more;
        self.talk.more = rest.into();
        let mut text = lines.join(" ;\n");
        if waiting == 0 {
            text.push('.');
        } else {
            text.push_str(" ;\n");
            text.push_str(&self.say("goal.more", &[("count", &waiting.to_string())]));
        }
        text
    }

    fn goal_sources(&self, solutions: &[Solution]) -> Vec<Citation> {
        let mut seen = std::collections::HashSet::new();
        let mut graphs = solutions.iter().flat_map(|solution| solution.proof.sources()).collect::<Vec<_>>();
        graphs.retain(|graph| seen.insert(*graph));
        graphs.into_iter().filter_map(|graph| self.parts.memory.cite(graph).ok().flatten()).collect()
    }

    /// Answers a question in logic.
    fn solve(&self, text: &str, limit: Option<usize>, purse: Purse) -> Result<Solved, Fault> {
        let parts = self.parts;
        let facts = parts.memory.facts(&self.audience);
        let book = self.goal_book_by_schema(facts.as_ref())?;
        let means = |name: &str, width: usize| book.means(name, width, facts.as_ref());
        let mut query = match read_query(text, &book.vocabulary, &means) {
            Ok(query) => query,
            Err(problem) => return Ok(Solved::Refused(self.say("goal.unread", &[("why", &problem.marked())]))),
        };
        // One more than is wanted tells whether there are more.
        let wanted = limit.map(|limit| limit.saturating_add(1));
        let is_bounded_itself = query.limit.is_some_and(|own| limit.is_none_or(|limit| own <= limit));
        if !is_bounded_itself {
            query.limit = wanted.or(query.limit);
        }
        let budget = self.purse(purse);
        let program = book.asked();
        let ground = Ground {
            facts: facts.as_ref(),
            rules: &program,
            builtins: &Standard,
            mirror: self.names.mirror.as_deref(),
        };
        let mut found = match ask(&query, &ground, &budget) {
            Ok(found) => found,
            Err(Refusal::Fault(fault)) => return Err(fault),
            Err(refusal) => return Ok(Solved::Refused(self.refusal(&refusal, &book.vocabulary))),
        };
        let most = limit.unwrap_or(usize::MAX);
        let count = found.len();
        if query.order.is_empty() && count <= MOST_SORTED {
            found.sort();
        }
        let mut rows = Vec::new();
        let mut ended = match found.extent() {
            Extent::Spent(limit) => Some(limit),
            Extent::All | Extent::Limited => None,
        };
        for row in 0..count.min(most) {
            match found.verified(row) {
                Ok(proof) => rows.push((found.values(row), proof)),
                // What was not checked in time is not shown.
                Err(Refusal::Flaw(Flaw::Spent(limit))) => {
                    ended = ended.or(Some(limit));
                    break;
                }
                Err(Refusal::Fault(fault)) => return Err(fault),
                Err(refusal) => return Ok(Solved::Refused(self.refusal(&refusal, &book.vocabulary))),
            }
        }
        let proved = rows.len();
        let partial = ended.map(|limit| self.say(spent(limit), &[]));
        drop(found);
        let mut solutions = Vec::with_capacity(rows.len());
        for (values, proof) in rows {
            let shown =
                values.iter().map(|value| self.shown_value(value, &book.vocabulary)).collect::<Result<_, _>>()?;
            solutions.push(Solution { values, shown, proof });
        }
        let mut rules = program.rulebook();
        rules.rules.push(query.rule.clone());
        rules.rules.extend(query.helpers.iter().cloned());
        let asked = Arc::new(Asked { rules, query: query.clone() });
        Ok(Solved::Answered { columns: query.columns, solutions, more: count.saturating_sub(proved), partial, asked })
    }

    fn purse(&self, purse: Purse) -> Budget<'_> {
        let number = |name: &str| self.parts.language.number(name);
        let times = match purse {
            Purse::Chat => 1,
            Purse::Console => number("goal_console_times"),
        };
        Budget::steps(number("goal_steps").saturating_mul(times))
            .with_tuples(number("goal_tuples").saturating_mul(times))
            .with_bytes(number("goal_megabytes").saturating_mul(1_000_000).saturating_mul(times))
            .with_stop(self.stop)
    }

    /// Why a question was refused, with what may have been meant.
    fn refusal(&self, refusal: &Refusal, vocabulary: &Vocabulary) -> String {
        let Refusal::UnknownRelation { relation, arguments, did_you_mean } = refusal else {
            return self.say("goal.refused", &[("why", &refusal.to_string())]);
        };
        let name = vocabulary.name_of(relation).map_or_else(|| book::short_name(relation), str::to_owned);
        let mut near: Vec<String> = did_you_mean
            .iter()
            .map(|(relation, width)| {
                let known = vocabulary.name_of(relation).map_or_else(|| book::short_name(relation), str::to_owned);
                format!("{known}/{width}")
            })
            .collect();
        let computed = quid_logic::computed_names().map(str::to_owned);
        let known: Vec<String> = vocabulary.relations.keys().map(|(name, _)| name.clone()).chain(computed).collect();
        for other in quid_logic::nearest(&name, known.iter().map(String::as_str)) {
            let widths = vocabulary.relations.keys().filter(|(known, _)| *known == other);
            let mut shown: Vec<String> = widths.map(|(name, width)| format!("{name}/{width}")).collect();
            if shown.is_empty() {
                shown.extend(quid_logic::computed_widths(&other).into_iter().map(|width| format!("{other}/{width}")));
            }
            near.extend(shown);
        }
        let mut kept: Vec<String> = Vec::new();
        for one in near {
            if !kept.contains(&one) {
                kept.push(one);
            }
        }
        kept.truncate(3);
        let what = format!("{name}/{arguments}");
        if kept.is_empty() {
            return self.say("goal.unknown", &[("what", &what)]);
        }
        self.say("goal.unknown.near", &[("what", &what), ("near", &kept.join(", "))])
    }
}

/// A solution as Prolog shows it: `X = dog, Y = cat`.
fn line(columns: &[String], shown: &[String]) -> String {
    let pairs: Vec<String> = columns.iter().zip(shown).map(|(column, value)| format!("{column} = {value}")).collect();
    pairs.join(", ")
}

/// The phrase for a limit that ended a search.
fn spent(limit: Limit) -> &'static str {
    match limit {
        Limit::Stopped => "goal.stopped",
        Limit::Bytes => "goal.spent.memory",
        Limit::Steps | Limit::Tuples | Limit::Solutions => "goal.spent",
    }
}
