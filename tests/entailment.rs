//! Runs the W3C's entailment tests: RDF 1.1 and 1.2 Semantics, and the entailment regimes of SPARQL 1.1.
//!
//! What applies must pass; what does not apply is told with the reason, so that nothing is left out in silence. The
//! suites are not part of the project; where they are absent this says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use oxttl::TurtleParser;
use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Term, Triple};
use quid_core::{Budget, Regime};
use quid_logic::entail::{Entails, entails};

/// Where the suites lie, beside the repository.
const SUITES: &str = "../shared/data/conformance/w3c-rdf-tests.tar.gz";
const MF: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#";
const QT: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#";
const SD: &str = "http://www.w3.org/ns/sparql-service-description#";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// The most triples that a small test graph may close to.
const MOST: usize = 1_000_000;

/// What became of a test.
enum Outcome {
    Passed,
    Failed(String),
    NotApplicable(&'static str),
}

#[test]
fn the_semantics_of_rdf() {
    let Some(folder) = unpacked() else { return };
    let mut report = Report::default();
    for path in ["rdf/rdf11/rdf-mt", "rdf/rdf12/rdf-semantics"] {
        let manifest = Manifest::read(&folder.path().join("w3c-rdf-tests").join(path));
        for test in manifest.entries() {
            report.note(&manifest.name(&test), manifest.check_entailment(&test));
        }
    }
    report.tell("RDF 1.1 and 1.2 Semantics", 70);
}

impl Manifest {
    fn check_entailment(&self, test: &Term) -> Outcome {
        let positive = match self.one(test, &format!("{RDF}type")).map(|kind| kind.to_string()) {
            Some(kind) if kind.ends_with("PositiveEntailmentTest>") => true,
            Some(kind) if kind.ends_with("NegativeEntailmentTest>") => false,
            other => return Outcome::Failed(format!("not an entailment test: {other:?}")),
        };
        let regime = match self.one(test, &mf("entailmentRegime")) {
            Some(Term::Literal(name)) => match name.value() {
                "simple" => Regime::None,
                "RDF" => Regime::Rdf,
                "RDFS" => Regime::Rdfs,
                _ => return Outcome::NotApplicable("its regime is no standard one"),
            },
            other => return Outcome::Failed(format!("no regime: {other:?}")),
        };
        let recognised: Vec<NamedNode> = self
            .one(test, &mf("recognizedDatatypes"))
            .map(|list| self.list(&list))
            .unwrap_or_default()
            .into_iter()
            .filter_map(|term| NamedNode::try_from(term).ok())
            .collect();
        let Some(premises) = self.one(test, &mf("action")).map(|file| self.graph(&file)) else {
            return Outcome::Failed("no action".to_owned());
        };
        let wanted = match self.one(test, &mf("result")) {
            Some(Term::Literal(_)) => None,
            Some(file) => Some(self.graph(&file)),
            None => return Outcome::Failed("no result".to_owned()),
        };
        let budget = Budget::steps(10_000_000);
        let conclusion = wanted.clone().unwrap_or_default();
        let found = match entails(&premises, &conclusion, regime, &recognised, MOST, &budget) {
            Ok(found) => found,
            Err(halt) => return Outcome::Failed(halt.to_string()),
        };
        // `false` as the result stands for a contradiction; everything follows from one.
        let holds = match wanted {
            None => found == Entails::Inconsistent,
            Some(_) => found != Entails::No,
        };
        if holds == positive { Outcome::Passed } else { Outcome::Failed(format!("{found:?}, {regime:?}")) }
    }
}

/// A manifest, and the folder that its file names are relative to.
struct Manifest {
    folder: PathBuf,
    base: String,
    said: BTreeMap<(String, String), Vec<Term>>,
}

impl Manifest {
    fn read(folder: &Path) -> Self {
        let file = folder.join("manifest.ttl");
        let base = format!("file://{}", file.display());
        let mut said: BTreeMap<(String, String), Vec<Term>> = BTreeMap::new();
        for triple in turtle(&file, &base) {
            let key = (triple.subject.to_string(), triple.predicate.as_str().to_owned());
            said.entry(key).or_default().push(triple.object);
        }
        let assumed = said.iter().find(|((_, predicate), _)| *predicate == mf("assumedTestBase"));
        assert!(assumed.is_none_or(|(_, values)| values.len() == 1), "more bases than one");
        Self { folder: folder.to_owned(), base, said }
    }

    fn all(&self, subject: &Term, predicate: &str) -> Vec<Term> {
        self.said.get(&(subject.to_string(), predicate.to_owned())).cloned().unwrap_or_default()
    }

    fn one(&self, subject: &Term, predicate: &str) -> Option<Term> {
        self.all(subject, predicate).into_iter().next()
    }

    fn list(&self, head: &Term) -> Vec<Term> {
        let mut items = Vec::new();
        let mut cell = head.clone();
        while let Some(first) = self.one(&cell, &format!("{RDF}first")) {
            items.push(first);
            match self.one(&cell, &format!("{RDF}rest")) {
                Some(rest) => cell = rest,
                None => break,
            }
        }
        items
    }

    /// The tests, in the manifest's order.
    fn entries(&self) -> Vec<Term> {
        let lists = self.said.iter().filter(|((_, predicate), _)| *predicate == mf("entries"));
        lists.flat_map(|(_, heads)| heads.iter().flat_map(|head| self.list(head))).collect()
    }

    fn name(&self, test: &Term) -> String {
        let iri = test.to_string();
        iri.rsplit('#').next().unwrap_or_default().trim_end_matches('>').to_owned()
    }

    fn path(&self, file: &Term) -> PathBuf {
        let Term::NamedNode(file) = file else { panic!("{file} names no file") };
        let base = self.base.trim_end_matches("manifest.ttl");
        self.folder.join(file.as_str().strip_prefix(base).expect("it lies in the manifest's folder"))
    }

    fn graph(&self, file: &Term) -> Vec<Triple> {
        let path = self.path(file);
        turtle(&path, &format!("file://{}", path.display()))
    }
}

fn mf(local: &str) -> String {
    format!("{MF}{local}")
}

fn turtle(file: &Path, base: &str) -> Vec<Triple> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parser = TurtleParser::new().with_base_iri(base).expect("a base");
    let triples = parser.for_slice(text.as_bytes());
    triples.map(|triple| triple.unwrap_or_else(|error| panic!("{}: {error}", file.display()))).collect()
}

/// The suites in a folder that goes away with this.
fn unpacked() -> Option<tempfile::TempDir> {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(SUITES);
    if !archive.exists() {
        println!("skipped: {SUITES} is not here");
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let done = Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(folder.path()).status().expect("tar runs");
    assert!(done.success(), "the archive is damaged");
    Some(folder)
}

#[derive(Default)]
struct Report {
    passed: usize,
    failed: Vec<String>,
    not_applicable: BTreeMap<&'static str, Vec<String>>,
}

impl Report {
    fn note(&mut self, name: &str, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(why) => self.failed.push(format!("{name}: {why}")),
            Outcome::NotApplicable(why) => self.not_applicable.entry(why).or_default().push(name.to_owned()),
        }
    }

    /// Prints the report; fails when something that applies failed or fewer tests passed than are known to.
    fn tell(self, suite: &str, least: usize) {
        println!("{suite}: {} passed, {} failed", self.passed, self.failed.len());
        for (why, names) in &self.not_applicable {
            println!("  not applicable, {why}: {} ({})", names.len(), names.join(" "));
        }
        assert!(self.failed.is_empty(), "failed:\n{}", self.failed.join("\n"));
        assert!(self.passed >= least, "only {} passed where {least} did before", self.passed);
    }
}
