//! Keepers in memory and a way to write conversations down, so that the dialogue is tested without a store.
//!
//! The doubles keep the contracts of the ports in the plainest way: lists that are looked through from end to end.

#![allow(dead_code, clippy::unwrap_used, clippy::disallowed_methods, clippy::missing_panics_doc, missing_docs)]

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use quid_core::oxrdf::{GraphName, NamedNode, NamedNodeRef, Quad, Term};
use quid_core::ports::{Hit, Loaded, Table};
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{
    Audience, Change, Fact, Facts, Fault, Generator, Heard, Key, Memory, Place, Recall, Receipt, Record, Reply, Rights,
    Rulebook, Source, Speaker, Time,
};
use quid_lang::Language;
use quid_mind::{Mind, Parts};

/// A memory of lists.
#[derive(Default)]
pub struct Notebook {
    pages: Mutex<Pages>,
    /// The next so many commits fail as a full disk would.
    pub failing: AtomicU32,
    /// Another's change that slips in before the next commit.
    pub rival: Mutex<Option<Change>>,
}

#[derive(Default)]
struct Pages {
    records: Vec<Record>,
    quads: Vec<Quad>,
}

struct View(Vec<Fact>);

impl Facts for View {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        for fact in &self.0 {
            let fits = subject.is_none_or(|wanted| *wanted == Term::from(fact.subject.clone()))
                && predicate.is_none_or(|wanted| fact.predicate.as_ref() == wanted)
                && object.is_none_or(|wanted| *wanted == fact.object);
            if fits && visit(fact).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn fact(quad: &Quad) -> Option<Fact> {
    let GraphName::NamedNode(graph) = &quad.graph_name else { return None };
    let (subject, predicate, object) = (quad.subject.clone(), quad.predicate.clone(), quad.object.clone());
    Some(Fact { subject, predicate, object, graph: graph.clone() })
}

fn visible(graph: &NamedNode, audience: &Audience) -> bool {
    match Source::of_graph(graph.as_str()) {
        Some(Source::Dump(_) | Source::Graph(_)) => true,
        Some(Source::Said { scope, .. }) => audience.sees(&scope),
        None => false,
    }
}

impl Notebook {
    /// Puts quads in as a dump does.
    pub fn load(&self, quads: Vec<Quad>) {
        self.pages.lock().unwrap().quads.extend(quads);
    }

    pub fn records(&self) -> Vec<Record> {
        self.pages.lock().unwrap().records.clone()
    }

    pub fn quads(&self) -> Vec<Quad> {
        self.pages.lock().unwrap().quads.clone()
    }

    fn write(&self, change: Change) -> Result<Receipt, Fault> {
        let mut pages = self.pages.lock().unwrap();
        let reader = Audience { name: change.by.name().to_owned(), place: change.place.clone() };
        if let Some(guard) = &change.guard {
            let now: BTreeSet<String> = pages
                .quads
                .iter()
                .filter_map(fact)
                .filter(|fact| Term::from(fact.subject.clone()) == Term::from(guard.subject.clone()))
                .filter(|fact| guard.predicates.contains(&fact.predicate))
                .filter(|fact| fact.graph.as_str().starts_with(v::SAID) && visible(&fact.graph, &reader))
                .map(|fact| fact.graph.as_str().to_owned())
                .collect();
            let seen: BTreeSet<String> = guard
                .seen
                .iter()
                .filter(|graph| graph.as_str().starts_with(v::SAID))
                .map(|graph| graph.as_str().to_owned())
                .collect();
            if now != seen {
                return Err(Fault::Conflict);
            }
        }
        let seq = pages.records.len() as u64 + 1;
        let graph = Source::Said { seq, scope: change.scope.clone() }.graph();
        let mut added = change.added.clone();
        added.extend(change.learned.iter().map(|triple| triple.clone().in_graph(graph.clone())));
        pages.quads.retain(|quad| !change.removed.contains(quad));
        for quad in &added {
            if !pages.quads.contains(quad) {
                pages.quads.push(quad.clone());
            }
        }
        let statement = (!change.learned.is_empty()).then_some(graph);
        pages.records.push(Record {
            seq,
            act: change.act,
            by: change.by,
            place: change.place,
            at: change.at,
            line: change.line,
            scope: change.scope,
            added,
            removed: change.removed,
            about: change.about,
            undoes: change.undoes,
        });
        Ok(Receipt { seq, statement })
    }
}

impl Memory for Notebook {
    fn facts<'a>(&'a self, audience: &Audience) -> Box<dyn Facts + 'a> {
        let pages = self.pages.lock().unwrap();
        Box::new(View(pages.quads.iter().filter_map(fact).filter(|fact| visible(&fact.graph, audience)).collect()))
    }

    fn keeping<'a>(&'a self) -> Box<dyn Facts + 'a> {
        let pages = self.pages.lock().unwrap();
        let kept = |fact: &Fact| [v::STATE_GRAPH, v::OBSERVED_GRAPH].contains(&fact.graph.as_ref());
        Box::new(View(pages.quads.iter().filter_map(fact).filter(kept).collect()))
    }

    fn commit(&self, change: Change) -> Result<Receipt, Fault> {
        let full = self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if full.is_ok() {
            return Err(Fault::Storage { what: "writing the journal".to_owned(), why: "no space left".to_owned() });
        }
        if let Some(rival) = self.rival.lock().unwrap().take() {
            self.write(rival)?;
        }
        self.write(change)
    }

    fn observe(&self, removed: &[Quad], added: &[Quad]) -> Result<(), Fault> {
        let mut pages = self.pages.lock().unwrap();
        pages.quads.retain(|quad| !removed.contains(quad));
        for quad in added {
            if !pages.quads.contains(quad) {
                pages.quads.push(quad.clone());
            }
        }
        Ok(())
    }

    fn record(&self, seq: u64) -> Result<Option<Record>, Fault> {
        Ok(self.pages.lock().unwrap().records.iter().find(|record| record.seq == seq).cloned())
    }

    fn back(&self, visit: &mut dyn FnMut(&Record) -> ControlFlow<()>) -> Result<(), Fault> {
        for record in self.records().iter().rev() {
            if visit(record).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn about(&self, thing: &NamedNode) -> Result<Vec<u64>, Fault> {
        let pages = self.pages.lock().unwrap();
        Ok(pages.records.iter().filter(|record| record.about.contains(thing)).map(|record| record.seq).collect())
    }

    fn cite(&self, graph: &NamedNode) -> Result<Option<Citation>, Fault> {
        Ok(match Source::of_graph(graph.as_str()) {
            Some(Source::Dump(name)) => Some(Citation::Dump { title: format!("the {name} dump"), name }),
            Some(Source::Graph(name)) => {
                Some(Citation::Dump { title: name.as_str().to_owned(), name: name.into_string() })
            }
            Some(Source::Said { seq, .. }) => self.record(seq)?.map(|record| Citation::Said {
                statement: graph.as_str().to_owned(),
                nick: record.by.nick,
                account: record.by.account,
                place: record.place.to_string(),
                at: record.at,
                line: record.line,
            }),
            None => None,
        })
    }

    fn sparql(&self, query: &str, audience: &Audience, limit: usize, _: &AtomicBool) -> Result<Table, Fault> {
        if !query.trim_start().to_uppercase().starts_with("SELECT") {
            return Err(Fault::Refused("only SELECT here".to_owned()));
        }
        let facts = self.facts(audience).all(None, None, None, limit + 1)?;
        let row = |fact: &Fact| vec![Some(Term::from(fact.subject.clone())), Some(fact.object.clone())];
        Ok(Table {
            variables: vec!["s".to_owned(), "o".to_owned()],
            rows: facts.iter().take(limit).map(row).collect(),
            partial: facts.len() > limit,
            ..Table::default()
        })
    }

    fn sources(&self) -> Result<Vec<Loaded>, Fault> {
        Ok(Vec::new())
    }
}

/// Full text by looking through everything noted.
#[derive(Default)]
pub struct Finder {
    quads: Mutex<Vec<Quad>>,
}

impl Recall for Finder {
    fn recall(&self, words: &str, audience: &Audience, limit: usize) -> Result<Vec<Hit>, Fault> {
        let wanted: Vec<String> = words.split_whitespace().map(|word| Key::of(word).as_str().to_owned()).collect();
        let mut hits: Vec<Hit> = Vec::new();
        for quad in self.quads.lock().unwrap().iter() {
            let (Some(fact), Term::Literal(text)) = (fact(quad), &quad.object) else { continue };
            let Term::NamedNode(subject) = Term::from(fact.subject.clone()) else { continue };
            let key = Key::of_thing(&subject).map(|key| key.as_str().to_owned()).unwrap_or_default();
            let stored = format!("{key} {}", Key::of(text.value()));
            let score = wanted.iter().filter(|word| stored.split(' ').any(|other| other == word.as_str())).count();
            if score > 0 && visible(&fact.graph, audience) {
                let (predicate, text) = (fact.predicate.clone(), text.value().to_owned());
                hits.push(Hit { subject, predicate, text, graph: fact.graph, score: score as f32 });
            }
        }
        hits.sort_by(|one, other| other.score.total_cmp(&one.score));
        hits.truncate(limit);
        Ok(hits)
    }

    fn names_like(&self, name: &str, audience: &Audience, limit: usize) -> Result<Vec<String>, Fault> {
        let wanted: Vec<char> = Key::of(name).as_str().chars().collect();
        let mut found = BTreeSet::new();
        for quad in self.quads.lock().unwrap().iter().filter(|quad| quad.predicate.as_ref() == v::LABEL) {
            let (Some(fact), Term::Literal(label)) = (fact(quad), &quad.object) else { continue };
            let other: Vec<char> = Key::of(label.value()).as_str().chars().collect();
            let distance = edits(&wanted, &other);
            if distance <= 2 && other.len() > 2 && visible(&fact.graph, audience) {
                found.insert((distance, label.value().to_owned()));
            }
        }
        Ok(found.into_iter().map(|(_, name)| name).take(limit).collect())
    }

    fn names_from(&self, prefix: &str, audience: &Audience, limit: usize) -> Result<Vec<String>, Fault> {
        let prefix = Key::of(prefix);
        let mut found = BTreeSet::new();
        for quad in self.quads.lock().unwrap().iter().filter(|quad| quad.predicate.as_ref() == v::LABEL) {
            let (Some(fact), Term::Literal(label)) = (fact(quad), &quad.object) else { continue };
            if Key::of(label.value()).as_str().starts_with(prefix.as_str()) && visible(&fact.graph, audience) {
                found.insert(label.value().to_owned());
            }
        }
        Ok(found.into_iter().take(limit).collect())
    }

    fn note(&self, _: u64, added: &[Quad], removed: &[Quad]) -> Result<(), Fault> {
        let mut quads = self.quads.lock().unwrap();
        quads.retain(|quad| !removed.contains(quad));
        quads.extend(added.iter().cloned());
        Ok(())
    }
}

/// Damerau-Levenshtein, restricted.
fn edits(one: &[char], other: &[char]) -> usize {
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=other.len()).collect();
    for i in 1..=one.len() {
        for j in 1..=other.len() {
            let cost = usize::from(one[i - 1] != other[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[one.len()][other.len()]
}

/// The project's own words, read from `data/`.
pub fn language() -> Language {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut files = Vec::new();
    for folder in ["grammar", "patterns", "phrases", "words"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(data.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        paths.sort();
        for path in paths {
            let name = format!("data/{folder}/{}", path.file_name().unwrap().to_string_lossy());
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Language::load(&files).unwrap_or_else(|error| panic!("{error}"))
}

/// A mind with its keepers at hand.
pub struct Room {
    pub mind: Mind,
    pub notebook: Arc<Notebook>,
    /// Seconds since the first line; every line takes one.
    pub clock: i64,
}

impl Room {
    pub fn new(language: &Arc<Language>) -> Self {
        Self::with(language, None)
    }

    /// A mind with a generator.
    pub fn with(language: &Arc<Language>, generator: Option<Arc<dyn Generator>>) -> Self {
        let notebook = Arc::new(Notebook::default());
        let parts = Parts {
            language: Arc::clone(language),
            memory: Arc::clone(&notebook) as Arc<dyn Memory>,
            recall: Arc::new(Finder::default()),
            generator,
            vectors: None,
            rules: Arc::new(rules()),
            me: "quid".to_owned(),
        };
        Self { mind: Mind::new(parts), notebook, clock: 0 }
    }

    pub fn say(&mut self, nick: &str, place: &str, addressed: bool, passive: bool, text: &str) -> Reply {
        self.clock += 1;
        let rights = match nick {
            "op" => Rights::Operator,
            "spammer" => Rights::Ignored,
            _ => Rights::Everyone,
        };
        let heard = Heard {
            speaker: Speaker { nick: nick.to_owned(), account: Some(nick.to_owned()), rights },
            place: Place::parse(place),
            addressed,
            passive,
            text: text.to_owned(),
            at: Time::parse("2026-01-02T03:04:05Z").unwrap().plus_seconds(self.clock),
        };
        self.mind.hear(&heard, &AtomicBool::new(false))
    }
}

/// Runs conversations written as
/// ```text
/// # name
/// nick [place]> line => kind: fragment && other fragment && !must not be there
/// ```
/// `-nick` is not addressed, `~nick` is not addressed where passive learning is on; the place is `#test` unless
/// written; `+3600` alone lets so many seconds pass. A kind with `*` must also have stored a statement, with `!`
/// must not. Fragments are compared without case.
pub fn check(conversations: &str) {
    let language = Arc::new(language());
    let mut failures = Vec::new();
    let mut room = Room::new(&language);
    let mut name = String::new();
    let mut turns = 0;
    for line in conversations.lines().map(str::trim_start).filter(|line| !line.trim().is_empty()) {
        if let Some(title) = line.strip_prefix("# ") {
            title.clone_into(&mut name);
            room = Room::new(&language);
            continue;
        }
        if let Some(seconds) = line.strip_prefix('+') {
            room.clock += seconds.trim().parse::<i64>().unwrap();
            continue;
        }
        turns += 1;
        let (head, expected) = line.rsplit_once(" => ").unwrap_or_else(|| panic!("no => in {line}"));
        let (who, said) = head.split_once('>').unwrap();
        let said = said.strip_prefix(' ').unwrap_or(said).replace("\\x01", "\u{1}").replace("\\r", "\r");
        let (who, place) = who.trim().split_once(' ').unwrap_or((who.trim(), "#test"));
        let (nick, addressed, passive) = match who.strip_prefix('-') {
            Some(nick) => (nick, false, false),
            None => who.strip_prefix('~').map_or((who, true, false), |nick| (nick, false, true)),
        };
        let reply = room.say(nick, place, addressed, passive, &said);
        let (kind, fragments) = expected.split_once(':').unwrap_or((expected, ""));
        let kind = kind.trim();
        let text = reply.text.to_lowercase();
        let stored = reply.statement.is_some();
        let mut wrong = Vec::new();
        if reply.kind() != kind.trim_end_matches(['*', '!']) {
            wrong.push(format!("is {}", reply.kind()));
        }
        if kind.ends_with('*') != stored && (kind.ends_with('*') || kind.ends_with('!')) {
            wrong.push(format!("stored: {stored}"));
        }
        for fragment in fragments.split(" && ").map(str::trim).filter(|fragment| !fragment.is_empty()) {
            let wanted = fragment.trim_start_matches('!').to_lowercase().replace("\\x01", "\u{1}");
            if text.contains(&wanted) == fragment.starts_with('!') {
                wrong.push(format!("`{fragment}`"));
            }
        }
        if text.contains('[') && text.contains('.') && text.contains(']') && text.starts_with('[') {
            wrong.push("a phrase is missing".to_owned());
        }
        if !wrong.is_empty() {
            failures.push(format!(
                "{name}: {head}\n    -> {}: {:?}\n    wants {expected}; {}",
                reply.kind(),
                reply.text,
                wrong.join(", ")
            ));
        }
    }
    assert!(turns > 0, "no conversation was found");
    assert!(failures.is_empty(), "{} of {turns} lines failed\n{}", failures.len(), failures.join("\n"));
}

/// The rules the program brings along.
fn rules() -> Rulebook {
    let mut rules = Rulebook::default();
    for (name, text) in [
        ("rules", include_str!("../../../../ontologies/rules.pl")),
        ("taught", include_str!("../../../../ontologies/taught.pl")),
    ] {
        rules.rules.extend(quid_logic::read(name, text).expect("the rules read").rules);
    }
    rules
}
