//! N-Triples and N-Quads, a line at a time: what is wrong with a line costs that line.
//!
//! A parser that meets an unterminated quotation mark loses its place, and with it hundreds of good lines (measured:
//! 297 of 997). Lines end where they end, so they are given to the parser in small batches, and a batch that is not
//! whole is read again line by line.

use std::collections::VecDeque;

use oxrdfio::{RdfFormat, RdfParser};
use quid_core::oxrdf::Quad;

use super::guard::{TRIPLE_DEPTH, is_too_deep};
use super::said;
use crate::Problem;
use crate::source::{Carriage, Input, Lines};

/// The longest line that is read, in bytes.
const LONGEST: usize = 16 << 20;
/// Bytes given to the parser at once.
const BATCH: usize = 32 << 10;

/// The statements of a file.
pub(crate) struct Statements {
    lines: Lines,
    batch: String,
    /// The number and the start of each line in the batch.
    starts: Vec<(usize, usize)>,
    ready: VecDeque<Result<Quad, Problem>>,
    ended: bool,
}

impl Statements {
    pub(crate) fn new(input: Input) -> Self {
        let lines = Lines::new(input, LONGEST, Carriage::Allowed);
        Self { lines, batch: String::new(), starts: Vec::new(), ready: VecDeque::new(), ended: false }
    }

    pub(crate) fn next(&mut self) -> Option<Result<Quad, Problem>> {
        while self.ready.is_empty() && !self.ended {
            self.fill();
            self.parse();
        }
        self.ready.pop_front()
    }

    fn fill(&mut self) {
        self.batch.clear();
        self.starts.clear();
        while self.batch.len() < BATCH {
            match self.lines.next() {
                None => {
                    self.ended = true;
                    return;
                }
                Some(Err(problem)) => self.ready.push_back(Err(problem)),
                Some(Ok(line)) => {
                    if is_too_deep(line.text) {
                        let message = format!("triple terms nested more than {TRIPLE_DEPTH} deep are refused");
                        let problem = self.lines.problem(0, message, "a statement of N-Triples or N-Quads");
                        self.ready.push_back(Err(problem));
                        continue;
                    }
                    self.starts.push((line.number, self.batch.len()));
                    self.batch.push_str(line.text);
                    self.batch.push('\n');
                }
            }
        }
    }

    fn parse(&mut self) {
        let whole: Result<Vec<Quad>, _> = RdfParser::from_format(RdfFormat::NQuads).for_slice(&self.batch).collect();
        // A statement over two lines is a fault too, though the parser does not mind.
        if let Ok(quads) = whole
            && quads.len() <= self.starts.len()
        {
            self.ready.extend(quads.into_iter().map(Ok));
            return;
        }
        for (at, (number, start)) in self.starts.iter().enumerate() {
            let end = self.starts.get(at + 1).map_or(self.batch.len(), |(_, next)| *next);
            let line = self.batch.get(*start..end).unwrap_or_default();
            let mut parser = RdfParser::from_format(RdfFormat::NQuads).for_slice(line);
            match parser.next() {
                None => {}
                Some(Ok(quad)) => match parser.next() {
                    None => self.ready.push_back(Ok(quad)),
                    Some(_) => {
                        let problem = problem(&self.lines, *number, 0, "something stands after the statement");
                        self.ready.push_back(Err(problem));
                    }
                },
                Some(Err(error)) => {
                    let column = error.location().map_or(0, |place| {
                        let before = line.chars().take(usize::try_from(place.start.column).unwrap_or(0));
                        before.map(char::len_utf8).sum::<usize>() + 1
                    });
                    let problem = problem(&self.lines, *number, column, &said(&error.to_string()));
                    self.ready.push_back(Err(problem));
                }
            }
        }
    }
}

fn problem(lines: &Lines, number: usize, column: usize, message: &str) -> Problem {
    let mut problem = lines.problem(column, message, "a statement of N-Triples or N-Quads");
    problem.line = number;
    problem
}
