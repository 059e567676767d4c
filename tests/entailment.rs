//! Runs the W3C's entailment tests: RDF 1.1 and 1.2 Semantics, and the entailment regimes of SPARQL 1.1.
//!
//! What applies must pass; what does not apply is told with the reason, so that nothing is left out in silence. The
//! suites are not part of the project; where they are absent this says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use oxttl::TurtleParser;
use quid_core::oxrdf::{GraphName, Literal, NamedNode, Term, Triple};
use quid_core::ports::Table;
use quid_core::{Audience, Budget, Memory as _, Place, Regime, Source, Time};
use quid_logic::entail::{Entails, Follows, entails};
use quid_store::{Dump, Keeper};

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
            report.note(&Manifest::name(&test), manifest.check_entailment(&test));
        }
    }
    report.tell("RDF 1.1 and 1.2 Semantics", 77);
}

#[test]
fn the_entailment_regimes_of_sparql() {
    let Some(folder) = unpacked() else { return };
    let manifest = Manifest::read(&folder.path().join("w3c-rdf-tests/sparql/sparql11/entailment"));
    let mut report = Report::default();
    for test in manifest.entries() {
        let name = Manifest::name(&test);
        let Some(action) = manifest.one(&test, &mf("action")) else { panic!("{name} has no action") };
        let locals = |predicate: &str| -> Vec<String> {
            let found = manifest.all(&action, predicate);
            let all = found.iter().flat_map(|one| {
                let items = manifest.list(one);
                if items.is_empty() { vec![one.clone()] } else { items }
            });
            all.map(|term| term.to_string().rsplit(['/', '#']).next().unwrap_or_default().replace('>', "")).collect()
        };
        let (regimes, profiles) = (locals(&format!("{SD}entailmentRegime")), locals(&format!("{SD}EntailmentProfile")));
        let listed = |name: &str| regimes.iter().any(|regime| regime == name);
        let mut applying = Vec::new();
        if listed("RDF") {
            applying.push(Regime::Rdf);
        }
        if listed("RDFS") {
            applying.push(Regime::Rdfs);
        }
        if listed("OWL-RDF-Based") && profiles.iter().any(|profile| profile == "RL") {
            applying.push(Regime::OwlRlSame);
        }
        if applying.is_empty() {
            report.note(&name, Outcome::NotApplicable(why_not_applicable(&regimes, &profiles)));
        }
        for regime in applying {
            report.note(&format!("{name} by {regime:?}"), manifest.check_query(&test, &action, regime));
        }
    }
    report.tell("SPARQL 1.1 entailment regimes", 86);
}

fn why_not_applicable(regimes: &[String], profiles: &[String]) -> &'static str {
    let listed = |name: &str| regimes.iter().any(|regime| regime == name);
    if listed("RIF") {
        "RIF is no language of ours"
    } else if listed("OWL-Direct") && !listed("OWL-RDF-Based") {
        "the query asks for class expressions by OWL's direct semantics, which is not OWL 2 RL's"
    } else if listed("D") {
        "D-entailment takes datatypes that nobody has chosen"
    } else if !profiles.iter().any(|profile| profile == "RL") {
        "the ontology is outside the profile OWL 2 RL"
    } else {
        "its regime is not known here"
    }
}

impl Manifest {
    /// Runs a query through the store's own port and compares its table with the expected one.
    fn check_query(&self, test: &Term, action: &Term, regime: Regime) -> Outcome {
        let file = |predicate: &str| self.one(action, &format!("{QT}{predicate}"));
        let (Some(query), Some(data), Some(result)) = (file("query"), file("data"), self.one(test, &mf("result")))
        else {
            return Outcome::Failed("a file is not named".to_owned());
        };
        let graph = GraphName::from(Source::Dump("test".to_owned()).graph());
        let keeper = Keeper::in_memory().expect("a store").with_entailment(Arc::new(Follows::new(MOST, Vec::new())));
        let at = Time::parse("2026-01-02T03:04:05Z").expect("a time");
        let dump = Dump { name: "test", title: "test", licence: "none", at };
        let quads: Vec<_> = self.graph(&data).into_iter().map(|triple| triple.in_graph(graph.clone())).collect();
        keeper.load(&dump, &mut quads.into_iter()).expect("loaded");
        let asked = fs::read_to_string(self.path(&query)).expect("a query");
        let audience = Audience { name: "ann".to_owned(), place: Place::Global };
        let found = match keeper.sparql_by(regime, &asked, &audience, 10_000, &AtomicBool::new(false)) {
            Ok(table) => rows(&table),
            Err(fault) => return Outcome::Failed(fault.to_string()),
        };
        let wanted = expected(&fs::read_to_string(self.path(&result)).expect("a result"));
        if found == wanted { Outcome::Passed } else { Outcome::Failed(format!("{found:#?} instead of {wanted:#?}")) }
    }
}

/// A table as sorted rows of bindings in words. Blank nodes are told apart by nothing but their places.
fn rows(table: &Table) -> Vec<Vec<String>> {
    if let Some(truth) = table.boolean {
        return vec![vec![truth.to_string()]];
    }
    let row = |row: &Vec<Option<Term>>| {
        let bound = table.variables.iter().zip(row).filter_map(|(name, term)| Some((name, term.as_ref()?)));
        let mut bound: Vec<String> = bound.map(|(name, term)| in_words(name, term)).collect();
        bound.sort();
        bound
    };
    let mut rows: Vec<_> = table.rows.iter().map(row).collect();
    rows.sort();
    rows
}

fn in_words(name: &str, term: &Term) -> String {
    match term {
        Term::BlankNode(_) => format!("{name}=_"),
        term => format!("{name}={term}"),
    }
}

/// Reads the rows of SPARQL's XML results, of which the suite uses the plainest form only.
fn expected(xml: &str) -> Vec<Vec<String>> {
    if let Some(truth) = between(xml, "<boolean>", "</boolean>") {
        return vec![vec![truth.trim().to_owned()]];
    }
    let mut rows = Vec::new();
    for result in xml.split("<result>").skip(1) {
        let result = result.split("</result>").next().unwrap_or_default();
        let mut row = Vec::new();
        for binding in result.split("<binding name=\"").skip(1) {
            let name = binding.split('"').next().unwrap_or_default();
            let term = if let Some(iri) = between(binding, "<uri>", "</uri>") {
                NamedNode::new_unchecked(iri.trim()).into()
            } else if binding.contains("<bnode>") {
                row.push(format!("{name}=_"));
                continue;
            } else {
                let literal = &binding[binding.find("<literal").expect("a uri, a bnode or a literal")..];
                let value = between(literal, ">", "</literal>").expect("a literal ends");
                match (between(literal, "datatype=\"", "\""), between(literal, "xml:lang=\"", "\"")) {
                    (Some(datatype), _) => Literal::new_typed_literal(value, NamedNode::new_unchecked(datatype)),
                    (_, Some(language)) => Literal::new_language_tagged_literal(value, language).expect("a tag"),
                    _ => Literal::new_simple_literal(value),
                }
                .into()
            };
            row.push(in_words(name, &term));
        }
        row.sort();
        rows.push(row);
    }
    rows.sort();
    rows
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    text.split_once(open)?.1.split_once(close).map(|(inside, _)| inside)
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

    fn name(test: &Term) -> String {
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
