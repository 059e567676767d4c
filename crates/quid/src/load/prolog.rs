//! `quid load prolog`: a program's facts as a source in the store, and its rules kept with them.
//!
//! The rules stand as text in the source's own graph, so that unloading takes them away and a restart finds them;
//! questions in logic read them from there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::vec::IntoIter;

use anyhow::Result;
use quid_core::columns;
use quid_core::oxrdf::{Literal, NamedNode, Quad, Term};
use quid_core::text::percent_encode;
use quid_core::vocabulary::{ATOM, LABEL, PROGRAM};
use quid_import::Problem;
use quid_import::source::{About, Dump, FileRead, Input, Progress, graph_of};
use quid_logic::{RuleError, Vocabulary, read_program};

use super::rdf::name_of;
use super::{LoadOptions, broken, run};
use crate::arguments::Named;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::wiring::House;

/// Loads programs as one source.
///
/// # Errors
/// When a file cannot be read, or it cannot be stored.
pub fn prolog(house: &House, files: &[PathBuf], named: Named, output: &mut Output) -> Result<Outcome> {
    let Named { name, title, licence, strict } = named;
    let name = name.unwrap_or_else(|| files.first().map(|file| name_of(file)).unwrap_or_default());
    let filters = format!("{title}\t{licence}");
    let about = About { title: if title.is_empty() { name.clone() } else { title }, licence, name };
    let dump = ProgramDump::open(files, about, &house.vocabulary).map_err(|problem| broken(&[problem]))?;
    run(house, Box::new(dump), &LoadOptions { strict, filters, ..LoadOptions::default() }, output)
}

/// A program being loaded: read whole, since what is wrong with it must be known before anything is changed.
struct ProgramDump {
    about: About,
    files: Vec<FileRead>,
    problems: IntoIter<Problem>,
    quads: IntoIter<Quad>,
    total: u64,
    facts: u64,
    rules: u64,
}

impl ProgramDump {
    fn open(files: &[PathBuf], about: About, names: &Vocabulary) -> Result<Self, Problem> {
        let graph = graph_of(&about.name);
        let (mut read_files, mut problems, mut quads) = (Vec::new(), Vec::new(), Vec::new());
        let (mut text, mut labelled) = (String::new(), BTreeSet::new());
        let (mut facts, mut rules) = (0, 0);
        for file in files {
            let mut input = Input::open(file)?;
            let written = input.text()?;
            read_files.push(input.file());
            let folder = file.parent().unwrap_or(Path::new(""));
            let include = |name: &str| included(folder, name);
            let program = read_program(&file.display().to_string(), &written, names, &include);
            problems.extend(program.problems.iter().map(|problem| told(file, problem)));
            facts += program.facts.len() as u64;
            rules += program.rules.len() as u64;
            for (name, width) in &program.defines {
                // Writing to a string cannot fail.
                let _ = writeln!(text, ":- dynamic({}/{width}).", quid_logic::quoted(name));
            }
            text.push_str(&program.text);
            for fact in &program.facts {
                label(fact.arguments.iter(), &graph, &mut labelled, &mut quads);
                quads.extend(columns::quads(fact, graph.clone()));
            }
        }
        let node = NamedNode::new_unchecked(format!("urn:quid:program:{}", percent_encode(&about.name)));
        quads.push(Quad::new(node, PROGRAM, Literal::new_simple_literal(text), graph));
        let total = read_files.iter().map(|file| file.bytes).sum();
        Ok(Self {
            about,
            files: read_files,
            problems: problems.into_iter(),
            quads: quads.into_iter(),
            total,
            facts,
            rules,
        })
    }
}

/// Atoms that chat would not name so keep their spelling as a label, to be found by it.
fn label<'t>(
    terms: impl Iterator<Item = &'t Term>,
    graph: &NamedNode,
    labelled: &mut BTreeSet<String>,
    quads: &mut Vec<Quad>,
) {
    for term in terms {
        if let Term::NamedNode(node) = term
            && node.as_str().starts_with(ATOM)
            && let Some(text) = columns::atom_text(node).filter(|text| !text.is_empty())
            && labelled.insert(node.as_str().to_owned())
        {
            quads.push(Quad::new(node.clone(), LABEL, Literal::new_simple_literal(text), graph.clone()));
        }
    }
}

/// The text of an included file, named from the folder of the including one.
fn included(folder: &Path, name: &str) -> Result<String, String> {
    let mut path = folder.join(name);
    if !path.exists() && path.extension().is_none() {
        path.set_extension("pl");
    }
    let mut input = Input::open(&path).map_err(|problem| problem.to_string())?;
    input.text().map_err(|problem| problem.to_string())
}

fn told(file: &Path, problem: &RuleError) -> Problem {
    // An included file is named as it was included.
    let file = if problem.file == file.display().to_string() { file.to_owned() } else { PathBuf::from(&problem.file) };
    let text = problem.problem.as_str();
    let (message, expected) = match text.strip_prefix("expected ") {
        Some(expected) => match expected.split_once(", found ") {
            Some((expected, found)) => (format!("found {found}"), expected.to_owned()),
            None => ("this cannot be read".to_owned(), expected.to_owned()),
        },
        None => (text.to_owned(), "a program without it".to_owned()),
    };
    Problem::at(&file, problem.line, problem.column, message, expected)
}

impl Dump for ProgramDump {
    fn name(&self) -> String {
        self.about.name.clone()
    }

    fn about(&self, _: &str) -> About {
        self.about.clone()
    }

    fn next(&mut self) -> Option<Result<Quad, Problem>> {
        if let Some(problem) = self.problems.next() {
            return Some(Err(problem));
        }
        self.quads.next().map(Ok)
    }

    fn identity(&self) -> String {
        let files: Vec<String> =
            self.files.iter().map(|file| format!("{} {}", file.path.display(), file.sha256)).collect();
        files.join(" ")
    }

    fn summary(&self) -> Vec<(&'static str, u64)> {
        vec![("facts", self.facts), ("rules", self.rules)]
    }

    fn progress(&self) -> Progress {
        Progress { done: self.total, total: self.total }
    }

    fn files(&self) -> Vec<FileRead> {
        self.files.clone()
    }
}
