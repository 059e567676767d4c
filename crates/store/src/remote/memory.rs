//! Another SPARQL server as the knowledge base: what it holds is known here, and what is taught here goes there.
//!
//! The journal stays here and is the truth of what was taught, so nothing acknowledged is lost when the server is
//! away; what it has not been told is told when it is back. What is private, and the bot's own book-keeping, never
//! leave the home. Look-ups are kept for a while, since each costs a way over the network.
//!
//! ```text
//!  fact   <- the home's own store + SELECT over every graph there, our own statements left out
//!  change -> journal, store (acknowledged) -> INSERT and DELETE DATA in urn:quid:home:NAME:said:…
//!  SPARQL -> the server itself
//! ```

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use quid_core::{
    Audience, Change, Fact, Facts, Fault, Memory, Receipt, Record, Regime, Source,
    oxrdf::{GraphName, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term},
    ports::{Loaded, Table},
    source::{Citation, is_public},
    vocabulary::SAID,
};
use serde::{Deserialize, Serialize};

use super::{Client, Place};
use crate::{Keeper, keeper::new_name, policy, sparql};

/// How long a look-up is believed.
const FRESH: Duration = Duration::from_mins(1);
/// Facts that are kept before all are dropped.
const MOST_KEPT: usize = 200_000;
/// The most facts of one pattern that are read.
const MOST_FACTS: usize = 50_000;
/// Records that go to the server in one update.
const AT_ONCE: u64 = 200;
/// How long counting what the server holds may take.
pub(super) const COUNTING: Duration = Duration::from_secs(3);
/// The file that says how far the server was told.
const TOLD: &str = "remote.json";
/// The prefix of the graphs in which homes keep what was taught there.
const HOME: &str = "urn:quid:home:";

/// A pattern, and at most how many facts were wanted.
type Asked = (Option<Term>, Option<NamedNode>, Option<Term>, usize);

/// A knowledge base on another server, with the home's own beside it.
pub struct Remote {
    keeper: Arc<Keeper>,
    place: Place,
    asks: Client,
    writes: Client,
    home: PathBuf,
    /// The prefix of our own statements' graphs there.
    own: String,
    kept: Mutex<Kept>,
    told: Mutex<Told>,
    /// Whether the last change could not be told.
    away: AtomicBool,
}

#[derive(Default)]
struct Kept {
    facts: usize,
    found: HashMap<Asked, (Instant, Arc<[Fact]>)>,
}

/// How far a server was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    /// Which server.
    update: String,
    /// Up to which record.
    seq: u64,
    /// What this home is called there, different from every other.
    home: String,
}

impl Remote {
    /// The server of a home that is open, told what it does not know yet.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn open(keeper: Arc<Keeper>, place: Place, home: &std::path::Path) -> Result<Self, Fault> {
        let asks = place.client(&place.query).map_err(Fault::Refused)?;
        let writes = place.client(&place.update).map_err(Fault::Refused)?;
        asks.query(&place.query, "ASK { }", 1, &AtomicBool::new(false))?;
        let file = std::fs::read(home.join(TOLD)).ok();
        let told = file.and_then(|text| serde_json::from_slice::<Told>(&text).ok());
        let told = told.filter(|told| told.update == place.update);
        let told = told.unwrap_or_else(|| Told { update: place.update.clone(), seq: 0, home: new_name() });
        let remote = Self {
            own: format!("{HOME}{}:", told.home),
            keeper,
            asks,
            writes,
            place,
            home: home.to_owned(),
            kept: Mutex::default(),
            told: Mutex::new(told),
            away: AtomicBool::new(false),
        };
        remote.tell();
        Ok(remote)
    }

    /// Where it is.
    pub(super) fn address(&self) -> &str {
        &self.place.query
    }

    /// Asks the server.
    pub(super) fn ask(&self, query: &str, limit: usize, time: Duration, stop: &AtomicBool) -> Result<Table, Fault> {
        self.asks.clone().within(time).query(&self.place.query, query, limit, stop)
    }

    /// Tells the server what it does not know yet; what it cannot be told now it is told later.
    fn tell(&self) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        while told.seq < self.keeper.last_seq() {
            let to = self.keeper.last_seq().min(told.seq + AT_ONCE);
            match self.tell_records(told.seq + 1, to) {
                Ok(()) => self.away.store(false, Ordering::Relaxed),
                Err(why) => {
                    if !self.away.swap(true, Ordering::Relaxed) {
                        tracing::warn!("{why}; what was learned is kept here and told later");
                    }
                    return;
                }
            }
            told.seq = to;
            let text = serde_json::to_vec(&*told).unwrap_or_default();
            // Telling twice changes nothing, so a lost note costs time only.
            if let Err(why) = std::fs::write(self.home.join(TOLD), text) {
                tracing::warn!("file {}: {why}", self.home.join(TOLD).display());
            }
        }
    }

    fn tell_records(&self, from: u64, to: u64) -> Result<(), Fault> {
        let mut update = String::new();
        for seq in from..=to {
            let Some(record) = self.keeper.record(seq)? else { continue };
            for (verb, quads) in [("DELETE", &record.removed), ("INSERT", &record.added)] {
                for quad in quads {
                    if let Some(text) = self.shared(quad) {
                        // Writing into a String cannot fail.
                        let _ = writeln!(update, "{verb} DATA {{ {text} }};");
                    }
                }
            }
        }
        if update.is_empty() { Ok(()) } else { self.writes.update(&self.place.update, &update) }
    }

    /// A quad as it stands on the server; `None` for what stays at home. Terms are written by their type, never pasted.
    fn shared(&self, quad: &Quad) -> Option<String> {
        let GraphName::NamedNode(graph) = &quad.graph_name else { return None };
        let blank = matches!(quad.subject, NamedOrBlankNode::BlankNode(_)) || matches!(quad.object, Term::BlankNode(_));
        let statement = graph.as_str().strip_prefix(SAID).filter(|_| is_public(graph.as_str()) && !blank)?;
        let there = NamedNode::new(format!("{}said:{statement}", self.own)).ok()?;
        Some(format!("GRAPH {there} {{ {} {} {} }}", quad.subject, quad.predicate, quad.object))
    }

    /// Facts of the server that match, `limit` at most.
    fn look_up(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Arc<[Fact]>, Fault> {
        let blank = |term: Option<&Term>| matches!(term, Some(Term::BlankNode(_)));
        let nothing = subject.is_none() && predicate.is_none() && object.is_none();
        let wrong =
            matches!(subject, Some(Term::Literal(_) | Term::Triple(_))) || matches!(object, Some(Term::Triple(_)));
        // Everything is not read over a network; a blank node has no name that another request would know.
        // What is no IRI (a rule may make one of any name) stands nowhere, and a server would refuse the question.
        let odd = |iri: &str| NamedNode::new(iri).is_err();
        let odd_term = |term: Option<&Term>| matches!(term, Some(Term::NamedNode(node)) if odd(node.as_str()));
        let odd = odd_term(subject) || odd_term(object) || predicate.is_some_and(|predicate| odd(predicate.as_str()));
        if nothing || wrong || odd || blank(subject) || blank(object) || limit == 0 {
            return Ok(Arc::default());
        }
        let limit = limit.min(MOST_FACTS);
        let asked = (subject.cloned(), predicate.map(NamedNodeRef::into_owned), object.cloned(), limit);
        if let Some(known) = self.known(&asked) {
            return Ok(known);
        }
        let part = |term: Option<String>, name: &str| term.unwrap_or_else(|| format!("?{name}"));
        let pattern = format!(
            "{} {} {}",
            part(subject.map(ToString::to_string), "s"),
            part(predicate.map(|predicate| predicate.to_string()), "p"),
            part(object.map(ToString::to_string), "o")
        );
        // A triple may come twice: by its graph, and from the default graph where that is all graphs.
        let most = limit.saturating_mul(2).saturating_add(2);
        let query = format!("SELECT * WHERE {{ {{ GRAPH ?g {{ {pattern} }} }} UNION {{ {pattern} }} }} LIMIT {most}");
        tracing::debug!("{query}");
        let table = self.asks.query(&self.place.query, &query, most, &AtomicBool::new(false))?;
        let full = table.rows.len() >= most;
        let facts: Arc<[Fact]> = self.facts_of(&table, (subject, predicate, object)).into();
        if full && limit == MOST_FACTS {
            return Err(Fault::Refused(format!(
                "{} has more than {MOST_FACTS} facts for this: ask for something narrower, or in SPARQL",
                self.place.query
            )));
        }
        self.keep(asked, &facts);
        Ok(facts)
    }

    /// The rows of a look-up as facts, each once, by the graphs they stand in.
    fn facts_of(
        &self,
        table: &Table,
        (subject, predicate, object): (Option<&Term>, Option<NamedNodeRef<'_>>, Option<&Term>),
    ) -> Vec<Fact> {
        let column = |name: &str| table.variables.iter().position(|variable| variable == name);
        let (s, p, o, g) = (column("s"), column("p"), column("o"), column("g"));
        let cell = |row: &[Option<Term>], at: Option<usize>| at.and_then(|at| row.get(at).cloned().flatten());
        let mut named = BTreeSet::new();
        let mut facts = Vec::new();
        let mut default = Vec::new();
        for row in &table.rows {
            let subject = match subject.cloned().or_else(|| cell(row, s)) {
                Some(Term::NamedNode(node)) => NamedOrBlankNode::from(node),
                _ => continue,
            };
            let given = predicate.map(NamedNodeRef::into_owned).map(Term::from);
            let Some(Term::NamedNode(predicate)) = given.or_else(|| cell(row, p)) else { continue };
            let Some(object) = object.cloned().or_else(|| cell(row, o)) else { continue };
            if matches!(object, Term::BlankNode(_)) {
                continue;
            }
            let key = format!("{subject} {predicate} {object}");
            let graph = cell(row, g);
            let known_as = match &graph {
                Some(Term::NamedNode(graph)) => graph.as_str(),
                _ => self.place.query.as_str(),
            };
            let fact = Fact { subject, predicate, object, graph: Source::Dump(known_as.to_owned()).graph() };
            match graph {
                // Our own, which the home knows better.
                Some(Term::NamedNode(graph)) if graph.as_str().starts_with(&self.own) => {
                    named.insert(key);
                }
                Some(_) => {
                    named.insert(key);
                    facts.push(fact);
                }
                None => default.push((key, fact)),
            }
        }
        for (key, fact) in default {
            if named.insert(key) {
                facts.push(fact);
            }
        }
        facts.sort_by_cached_key(|fact| format!("{} {} {} {}", fact.graph, fact.predicate, fact.object, fact.subject));
        facts.dedup();
        facts
    }

    fn known(&self, asked: &Asked) -> Option<Arc<[Fact]>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, facts) = kept.found.get(asked)?;
        (at.elapsed() < FRESH).then(|| Arc::clone(facts))
    }

    fn keep(&self, asked: Asked, facts: &Arc<[Fact]>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.facts + facts.len() + 1 > MOST_KEPT {
            *kept = Kept::default();
        }
        kept.facts += facts.len() + 1;
        kept.found.insert(asked, (Instant::now(), Arc::clone(facts)));
    }

    /// What goes by one of these names there, with the property that names it.
    pub(super) fn named(&self, names: &[Term], limit: usize) -> Result<Vec<Fact>, Fault> {
        let mut found = Vec::new();
        for name in names {
            let facts = self.look_up(None, None, Some(name), limit)?;
            let naming = |fact: &&Fact| quid_core::vocabulary::NAMES.contains(&fact.predicate.as_ref());
            found.extend(facts.iter().filter(naming).cloned());
        }
        Ok(found)
    }

    fn is_a_graph_there(name: &str) -> bool {
        name.contains("://") || name.starts_with("urn:")
    }
}

/// The home's facts and the server's.
struct Both<'a> {
    here: Box<dyn Facts + 'a>,
    remote: &'a Remote,
}

impl Facts for Both<'_> {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let mut ended = false;
        self.here.each(subject, predicate, object, &mut |fact| {
            let flow = visit(fact);
            ended = flow.is_break();
            flow
        })?;
        if !ended {
            let there = self.remote.look_up(subject, predicate, object, MOST_FACTS)?;
            let _ = there.iter().try_for_each(visit);
        }
        Ok(())
    }

    fn all(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Vec<Fact>, Fault> {
        let mut found = self.here.all(subject, predicate, object, limit)?;
        if found.len() < limit {
            let there = self.remote.look_up(subject, predicate, object, limit.min(MOST_FACTS - 1))?;
            found.extend(there.iter().take(limit - found.len()).cloned());
        }
        Ok(found)
    }

    fn some(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        limit: usize,
    ) -> Result<Vec<Fact>, Fault> {
        let mut found = self.here.some(subject, predicate, object, limit)?;
        if found.len() < limit {
            let there = self.remote.look_up(subject, predicate, object, limit.min(MOST_FACTS - 1))?;
            found.extend(there.iter().take(limit - found.len()).cloned());
        }
        Ok(found)
    }
}

impl Memory for Remote {
    fn facts<'a>(&'a self, audience: &Audience) -> Box<dyn Facts + 'a> {
        Box::new(Both { here: self.keeper.facts(audience), remote: self })
    }

    fn keeping<'a>(&'a self) -> Box<dyn Facts + 'a> {
        self.keeper.keeping()
    }

    fn commit(&self, change: Change) -> Result<Receipt, Fault> {
        let receipt = self.keeper.commit(change)?;
        self.tell();
        Ok(receipt)
    }

    fn observe(&self, removed: &[Quad], added: &[Quad]) -> Result<(), Fault> {
        self.keeper.observe(removed, added)
    }

    fn record(&self, seq: u64) -> Result<Option<Record>, Fault> {
        self.keeper.record(seq)
    }

    fn back(&self, visit: &mut dyn FnMut(&Record) -> ControlFlow<()>) -> Result<(), Fault> {
        self.keeper.back(visit)
    }

    fn about(&self, thing: &NamedNode) -> Result<Vec<u64>, Fault> {
        self.keeper.about(thing)
    }

    fn cite(&self, graph: &NamedNode) -> Result<Option<Citation>, Fault> {
        let known = self.keeper.cite(graph)?;
        Ok(known.or_else(|| match Source::of_graph(graph.as_str()) {
            Some(Source::Dump(name)) if Self::is_a_graph_there(&name) => {
                let title =
                    if name == self.place.query { name.clone() } else { format!("{name} at {}", self.place.query) };
                Some(Citation::Dump { name, title })
            }
            _ => None,
        }))
    }

    fn sparql(&self, query: &str, _: &Audience, limit: usize, stop: &AtomicBool) -> Result<Table, Fault> {
        policy::before_parsing(query).map_err(Fault::Refused)?;
        // An update is refused here, whatever the server would do with it.
        sparql::parse(query, None)?;
        self.asks.query(&self.place.query, query, limit, stop)
    }

    fn sparql_by(
        &self,
        regime: Regime,
        query: &str,
        audience: &Audience,
        limit: usize,
        stop: &AtomicBool,
    ) -> Result<Table, Fault> {
        match regime {
            Regime::None => self.sparql(query, audience, limit, stop),
            _ => Err(Fault::Refused(format!("what follows is worked out by {} or by nobody", self.place.query))),
        }
    }

    fn sources(&self) -> Result<Vec<Loaded>, Fault> {
        let mut sources = self.keeper.sources()?;
        let count = "SELECT (COUNT(*) AS ?count) WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }";
        let asks = self.asks.clone().within(COUNTING);
        let counted = asks.query(&self.place.query, count, 1, &AtomicBool::new(false)).ok();
        let counted = counted.and_then(|table| table.rows.into_iter().next()?.into_iter().next()?);
        let quads = match &counted {
            Some(Term::Literal(number)) => number.value().parse().ok(),
            _ => None,
        };
        sources.push(Loaded {
            name: self.place.query.clone(),
            title: format!("a SPARQL server{}", if quads.is_some() { "" } else { " (not counted)" }),
            quads: quads.unwrap_or_default(),
            at: None,
            licence: None,
            files: Vec::new(),
        });
        Ok(sources)
    }
}
