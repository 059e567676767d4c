//! SPARQL Update and the Graph Store's writes, as one record of the journal each.
//!
//! How what programs write is recorded (design: every graph is a source):
//!
//! - What goes into the **default graph** becomes one statement of the token's user, a graph of its own with who,
//!   when and in which words, exactly as if they had said it in chat: it can be asked for, corrected and undone.
//! - A **named graph** is a source by its own name, public, and is written as it is named. That it exists, even empty,
//!   is a mark among the state.
//! - What is **taken away** from the default graph is taken from the statements that hold it: one's own, or everybody's
//!   with an admin's token. What was loaded is not taken apart: it is unloaded. Graphs of our own naming
//!   (`urn:quid:…`) are not written by name.
//!
//! An update is worked out first, over the store as it is with what the update's earlier operations did laid over it;
//! then the difference is committed as one change: whole or not at all, on the disk before it is acknowledged.
//! Updates are worked out one after the other, so that none decides by what another is just changing.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
};

use oxigraph::{io::RdfParser, store::Store};
use quid_core::{
    Act, Change, Fault, Scope, Source,
    oxrdf::{
        BlankNode, GraphName, GraphNameRef, NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad,
        QuadRef, Term, TermRef, Triple,
    },
    source::is_foreign,
    sparql::{Asked, Author, Changed, Document, Format, Trouble, Which},
    vocabulary as v,
};
use spareval::{DeleteInsertIter, DeleteInsertQuad, QueryEvaluationError};
use spargebra::{
    GraphUpdateOperation, Update,
    algebra::GraphTarget,
    term::{GraphName as Named, GroundQuad, GroundTerm},
};

use crate::{
    Keeper, apply,
    dataset::Visible,
    error::with_causes,
    meter, policy, prefixes,
    protocol::{self, marker, missing, rdf_format},
    sparql::readable,
    tame,
    view::visible,
};

/// The most documents that one update loads.
const MOST_LOADS: usize = 16;
/// The most bytes of an update that are kept as its words.
const LONGEST_LINE: usize = 1000;
/// The most things that a record is said to be about.
const MOST_ABOUT: usize = 256;
/// What a quad that waits to be written costs, beside its text, in bytes.
const WAITING: usize = 400;

/// What an update has come to so far.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) added: HashSet<Quad>,
    pub(crate) removed: HashSet<Quad>,
    /// Graphs that are there now, or not any more.
    pub(crate) graphs: HashMap<NamedNode, bool>,
}

impl Stage {
    /// The graphs that are there now and are not in the store yet.
    pub(crate) fn new_graphs(&self, store: &Store) -> Vec<NamedNode> {
        let made = self.graphs.iter().filter(|(_, is_there)| **is_there).map(|(name, _)| name);
        let mut made: Vec<NamedNode> =
            made.filter(|name| !store.contains_named_graph(*name).unwrap_or(false)).cloned().collect();
        made.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
        made
    }
}

/// Works an update out and commits it.
struct Worker<'k> {
    keeper: &'k Keeper,
    asked: &'k Asked,
    by: &'k Author,
    stage: Stage,
    /// The graph that the new statement will have, but for its number.
    own: NamedNode,
    /// Which statements are the author's.
    theirs: HashMap<NamedNode, bool>,
}

/// Runs an update.
pub(crate) fn update(keeper: &Keeper, asked: &Asked, by: &Author) -> Result<Changed, Trouble> {
    policy::before_parsing_update(&asked.text).map_err(Trouble::Malformed)?;
    // What must be waited for is fetched before anybody else has to wait.
    let (update, mut fetched) = protocol::guarded(asked, || {
        let update = parse(asked)?;
        let fetched = fetch(keeper, &update, asked)?;
        Ok((update, fetched))
    })?;
    let _alone = keeper.updating.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let change = protocol::guarded(asked, || {
        let mut worker = Worker::new(keeper, asked, by);
        for operation in update.operations {
            if let GraphUpdateOperation::Load { silent, destination, .. } = &operation {
                let document =
                    fetched.next().unwrap_or_else(|| Err(Trouble::Storage("nothing was fetched".to_owned())));
                let before = silent.then(|| worker.stage.clone());
                match (document.and_then(|document| worker.take_in(&document, destination)), before) {
                    (Err(_), Some(before)) => worker.stage = before,
                    (other, _) => other?,
                }
                continue;
            }
            let GraphUpdateOperation::DeleteInsert { delete, insert, using, pattern } = operation else {
                worker.operate(operation)?;
                continue;
            };
            policy::pattern_allowed(&pattern, false, false).map_err(Trouble::Refused)?;
            let (evaluator, pattern) = (tame::evaluator(), tame::pattern(*pattern));
            let prepared = evaluator.prepare_delete_insert(delete, insert, update.base_iri.clone(), using, &pattern);
            worker.modify(prepared.execute(worker.seen()).map_err(|why| failed(&why))?)?;
        }
        Ok(worker.into_change(&asked.text))
    })?;
    commit(keeper, change)
}

/// A document that LOAD named.
struct Fetched {
    address: String,
    format: Format,
    bytes: Vec<u8>,
}

/// Fetches what the update loads, in its order. Only servers that were allowed are asked.
fn fetch(
    keeper: &Keeper,
    update: &Update,
    asked: &Asked,
) -> Result<std::vec::IntoIter<Result<Fetched, Trouble>>, Trouble> {
    let mut all = Vec::new();
    let mut room = asked.bounds.bytes;
    for operation in &update.operations {
        let GraphUpdateOperation::Load { source, .. } = operation else { continue };
        if all.len() == MOST_LOADS {
            return Err(Trouble::Refused(format!("an update loads {MOST_LOADS} documents at most")));
        }
        meter::check();
        let document = fetch_one(keeper, source.as_str(), room, asked);
        room = room.saturating_sub(document.as_ref().map_or(0, |document| document.bytes.len()));
        all.push(document);
    }
    Ok(all.into_iter())
}

fn fetch_one(keeper: &Keeper, address: &str, room: usize, asked: &Asked) -> Result<Fetched, Trouble> {
    let Some(service) = keeper.services.now() else {
        let words = format!("LOAD <{address}> asks another server, and none may be asked here");
        return Err(Trouble::Refused(words));
    };
    let (kind, bytes) = service.fetch(address, room, &asked.stop).map_err(|fault| match fault {
        Fault::Refused(words) => Trouble::Refused(words),
        other => Trouble::Storage(other.to_string()),
    })?;
    let format = Format::of_rdf(&kind).ok_or_else(|| {
        Trouble::Malformed(format!("<{address}> comes as `{kind}`, which is no serialisation of RDF"))
    })?;
    Ok(Fetched { address: address.to_owned(), format, bytes })
}

/// Puts documents into a graph.
pub(crate) fn put(
    keeper: &Keeper,
    which: &Which,
    documents: &[Document<'_>],
    replace: bool,
    asked: &Asked,
    by: &Author,
) -> Result<Changed, Trouble> {
    let _alone = keeper.updating.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let created = !protocol::has_graph(&keeper.store, which, &asked.audience)?;
    let change = protocol::guarded(asked, || {
        let mut worker = Worker::new(keeper, asked, by);
        let target = worker.target(which)?;
        if replace {
            worker.clear(which)?;
        }
        if let Which::Named(name) = which {
            worker.make(name);
        }
        for document in documents {
            worker.read(document, &target)?;
        }
        let words = if replace { "PUT" } else { "POST" };
        Ok(worker.into_change(&format!("{words} {}", told(which))))
    })?;
    Ok(Changed { created, ..commit(keeper, change)? })
}

/// Removes a graph.
pub(crate) fn remove(keeper: &Keeper, which: &Which, asked: &Asked, by: &Author) -> Result<Changed, Trouble> {
    let _alone = keeper.updating.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !protocol::has_graph(&keeper.store, which, &asked.audience)? {
        return Err(missing(which));
    }
    let change = protocol::guarded(asked, || {
        let mut worker = Worker::new(keeper, asked, by);
        worker.target(which)?;
        worker.clear(which)?;
        if let Which::Named(name) = which {
            worker.unmake(name);
        }
        Ok(worker.into_change(&format!("DELETE {}", told(which))))
    })?;
    commit(keeper, change)
}

fn told(which: &Which) -> String {
    match which {
        Which::Default => "the default graph".to_owned(),
        Which::Named(name) => name.to_string(),
    }
}

fn parse(asked: &Asked) -> Result<Update, Trouble> {
    let mut parser = prefixes::parser();
    if let Some(base) = &asked.base {
        parser = parser.with_base_iri(base).map_err(|why| Trouble::Malformed(format!("base IRI `{base}`: {why}")))?;
    }
    let malformed = |why| Trouble::Malformed(format!("not a SPARQL update: {}", readable(&with_causes(&why))));
    let mut update = parser.parse_update(&asked.text).map_err(malformed)?;
    if let Some(dataset) = protocol::protocol_dataset(asked) {
        for operation in &mut update.operations {
            if let GraphUpdateOperation::DeleteInsert { using, .. } = operation {
                if using.is_some() {
                    // SPARQL 1.1 Protocol, 2.2.3.
                    let words = "using-graph-uri stands for USING and WITH, and the update has its own";
                    return Err(Trouble::Malformed(words.to_owned()));
                }
                *using = Some(dataset.clone());
            }
        }
    }
    Ok(update)
}

fn commit(keeper: &Keeper, change: Change) -> Result<Changed, Trouble> {
    let changed = Changed {
        seq: None,
        added: change.learned.len() + change.added.iter().filter(|quad| !is_mark(quad)).count(),
        removed: change.removed.iter().filter(|quad| !is_mark(quad)).count(),
        created: false,
    };
    if change.learned.is_empty() && change.added.is_empty() && change.removed.is_empty() {
        return Ok(changed);
    }
    let receipt = quid_core::Memory::commit(keeper, change)?;
    Ok(Changed { seq: Some(receipt.seq), ..changed })
}

fn is_mark(quad: &Quad) -> bool {
    quad.graph_name.as_ref() == v::STATE_GRAPH.into()
}

impl<'k> Worker<'k> {
    fn new(keeper: &'k Keeper, asked: &'k Asked, by: &'k Author) -> Self {
        let own = Source::Said { seq: 0, scope: by.scope.clone() }.graph();
        let stage = Stage { added: HashSet::new(), removed: HashSet::new(), graphs: HashMap::new() };
        Self { keeper, asked, by, stage, own, theirs: HashMap::new() }
    }

    fn operate(&mut self, operation: GraphUpdateOperation) -> Result<(), Trouble> {
        match operation {
            GraphUpdateOperation::InsertData { data } => {
                let mut blanks = HashMap::new();
                data.into_iter().try_for_each(|quad| self.insert(renamed(from_parsed(quad), &mut blanks)))
            }
            GraphUpdateOperation::DeleteData { data } => {
                data.into_iter().try_for_each(|quad| self.delete(&ground(quad)))
            }
            // Done by the caller, which has the evaluator and what was fetched.
            GraphUpdateOperation::DeleteInsert { .. } | GraphUpdateOperation::Load { .. } => Ok(()),
            GraphUpdateOperation::Create { silent, graph } => {
                self.writable(&graph)?;
                if self.is_there(&graph)? && !silent {
                    return Err(Trouble::Refused(format!("the graph {graph} is there already")));
                }
                self.make(&graph);
                Ok(())
            }
            GraphUpdateOperation::Clear { silent, graph } => self.sweep(&graph, silent, false),
            GraphUpdateOperation::Drop { silent, graph } => self.sweep(&graph, silent, true),
        }
    }

    /// DELETE and INSERT WHERE: everything is found before anything is changed.
    fn modify(&mut self, found: DeleteInsertIter<'static>) -> Result<(), Trouble> {
        let (mut insert, mut delete) = (Vec::new(), Vec::new());
        for quad in found {
            meter::gather(WAITING);
            match quad.map_err(|why| failed(&why))? {
                DeleteInsertQuad::Insert(quad) => insert.push(quad),
                DeleteInsertQuad::Delete(quad) => delete.push(quad),
            }
        }
        delete.iter().try_for_each(|quad| self.delete(quad))?;
        insert.into_iter().try_for_each(|quad| self.insert(quad))
    }

    /// CLEAR and DROP.
    fn sweep(&mut self, target: &GraphTarget, silent: bool, whole: bool) -> Result<(), Trouble> {
        if let GraphTarget::NamedNode(name) = target {
            if !self.is_there(name)? {
                return if silent { Ok(()) } else { Err(missing(&Which::Named(name.clone()))) };
            }
            self.writable(name)?;
            self.clear(&Which::Named(name.clone()))?;
            if whole {
                self.unmake(name);
            }
            return Ok(());
        }
        if matches!(target, GraphTarget::DefaultGraph | GraphTarget::AllGraphs) {
            self.clear(&Which::Default)?;
        }
        if matches!(target, GraphTarget::NamedGraphs | GraphTarget::AllGraphs) {
            for name in self.foreign_graphs()? {
                self.clear(&Which::Named(name.clone()))?;
                if whole {
                    self.unmake(&name);
                }
            }
        }
        Ok(())
    }

    fn foreign_graphs(&self) -> Result<BTreeSet<NamedNode>, Trouble> {
        let mut names: BTreeSet<NamedNode> = BTreeSet::new();
        for graph in self.keeper.store.named_graphs() {
            meter::check();
            if let NamedOrBlankNode::NamedNode(name) = graph.map_err(|why| Trouble::Storage(with_causes(&why)))?
                && is_foreign(name.as_str())
            {
                names.insert(name);
            }
        }
        for (name, is_there) in &self.stage.graphs {
            if *is_there {
                names.insert(name.clone());
            } else {
                names.remove(name);
            }
        }
        Ok(names)
    }

    /// The store with what was done so far laid over it.
    fn seen(&self) -> Visible {
        let stage = Stage {
            added: self.stage.added.clone(),
            removed: self.stage.removed.clone(),
            graphs: self.stage.graphs.clone(),
        };
        let mut visible = protocol::visible_to(&self.keeper.store, self.asked);
        visible.staged = Some(Rc::new(stage));
        visible
    }

    fn is_there(&self, name: &NamedNode) -> Result<bool, Trouble> {
        match self.stage.graphs.get(name) {
            Some(is_there) => Ok(*is_there),
            None => protocol::has_graph(&self.keeper.store, &Which::Named(name.clone()), &self.asked.audience),
        }
    }

    /// Where what is put into a graph goes.
    fn target(&self, which: &Which) -> Result<GraphName, Trouble> {
        match which {
            Which::Default => Ok(GraphName::DefaultGraph),
            Which::Named(name) => {
                self.writable(name)?;
                Ok(name.clone().into())
            }
        }
    }

    #[expect(clippy::unused_self, reason = "one day a token may be for some graphs alone")]
    fn writable(&self, name: &NamedNode) -> Result<(), Trouble> {
        if is_foreign(name.as_str()) {
            return Ok(());
        }
        Err(Trouble::Refused(format!(
            "{name} is not written by its name: what was taught is changed in the default graph, what was loaded by \
             loading it again"
        )))
    }

    fn make(&mut self, name: &NamedNode) {
        let mark = marker(name);
        let is_marked = self.keeper.store.contains(&mark).unwrap_or(false) && !self.stage.removed.contains(&mark);
        if !is_marked {
            self.add(mark);
        }
        self.stage.graphs.insert(name.clone(), true);
    }

    fn unmake(&mut self, name: &NamedNode) {
        self.take_away(marker(name));
        self.stage.graphs.insert(name.clone(), false);
    }

    fn add(&mut self, quad: Quad) {
        if !self.stage.removed.remove(&quad) {
            meter::gather(WAITING);
            self.stage.added.insert(quad);
        }
        meter::check();
    }

    fn take_away(&mut self, quad: Quad) {
        if !self.stage.added.remove(&quad) && self.keeper.store.contains(&quad).unwrap_or(false) {
            meter::gather(WAITING);
            self.stage.removed.insert(quad);
        }
        meter::check();
    }

    fn insert(&mut self, quad: Quad) -> Result<(), Trouble> {
        match &quad.graph_name {
            GraphName::NamedNode(name) => {
                self.writable(name)?;
                if !self.is_there(name)? {
                    let name = name.clone();
                    self.make(&name);
                }
                let is_stored = self.stored(quad.as_ref())?;
                if !is_stored || self.stage.removed.contains(&quad) {
                    self.add(quad);
                }
            }
            GraphName::DefaultGraph => {
                // What everybody knows already needs no other statement.
                let (subject, predicate, object) =
                    (quad.subject.as_ref(), quad.predicate.as_ref(), quad.object.as_ref());
                if self.holding(subject, predicate, object)?.is_empty() {
                    let stated = Quad::new(quad.subject, quad.predicate, quad.object, self.own.clone());
                    self.add(stated);
                }
            }
            GraphName::BlankNode(_) => {
                return Err(Trouble::Malformed("a graph is named by an IRI, not by a blank node".to_owned()));
            }
        }
        Ok(())
    }

    fn delete(&mut self, quad: &Quad) -> Result<(), Trouble> {
        match &quad.graph_name {
            GraphName::NamedNode(name) => {
                if self.stored(quad.as_ref())? || self.stage.added.contains(quad) {
                    if !is_foreign(name.as_str()) {
                        self.may_take(name)?;
                    }
                    self.take_away(quad.clone());
                }
            }
            GraphName::DefaultGraph => {
                let stated = self.holding(quad.subject.as_ref(), quad.predicate.as_ref(), quad.object.as_ref())?;
                for held in stated {
                    if let GraphName::NamedNode(name) = &held.graph_name {
                        self.may_take(name)?;
                    }
                    self.take_away(held);
                }
            }
            GraphName::BlankNode(_) => {}
        }
        Ok(())
    }

    /// Where the default graph has this triple: statements and dumps that the author may see.
    fn holding(
        &self,
        subject: NamedOrBlankNodeRef<'_>,
        predicate: NamedNodeRef<'_>,
        object: TermRef<'_>,
    ) -> Result<Vec<Quad>, Trouble> {
        let mut found = Vec::new();
        for quad in self.keeper.store.quads_for_pattern(Some(subject), Some(predicate), Some(object), None) {
            meter::check();
            let quad = quad.map_err(|why| Trouble::Storage(with_causes(&why)))?;
            if let GraphName::NamedNode(name) = &quad.graph_name
                && !is_foreign(name.as_str())
                && visible(name.as_str(), &self.asked.audience)
                && !self.stage.removed.contains(&quad)
            {
                found.push(quad);
            }
        }
        let staged = QuadRef::new(subject, predicate, object, &self.own).into_owned();
        if self.stage.added.contains(&staged) {
            found.push(staged);
        }
        Ok(found)
    }

    fn stored(&self, quad: QuadRef<'_>) -> Result<bool, Trouble> {
        self.keeper.store.contains(quad).map_err(|why| Trouble::Storage(with_causes(&why)))
    }

    /// Refuses to take away what others taught or what was loaded.
    fn may_take(&mut self, graph: &NamedNode) -> Result<(), Trouble> {
        match Source::of_graph(graph.as_str()) {
            Some(Source::Said { scope: Scope::Quarantine(_), .. }) | None => {
                Err(Trouble::Refused(format!("{graph} is not changed by updates")))
            }
            Some(Source::Dump(name)) => Err(Trouble::Refused(format!(
                "this stands in what was loaded as {name}: it is not changed triple by triple, but unloaded"
            ))),
            Some(Source::Said { seq, .. }) if !self.is_theirs(graph)? => Err(Trouble::Refused(format!(
                "statement #{seq} was made by somebody else: only they, or an admin, take it back"
            ))),
            _ => Ok(()),
        }
    }

    fn is_theirs(&mut self, graph: &NamedNode) -> Result<bool, Trouble> {
        if self.by.of_all || *graph == self.own {
            return Ok(true);
        }
        if let Some(known) = self.theirs.get(graph) {
            return Ok(*known);
        }
        let agent = apply::agent(self.by.speaker.name());
        let theirs = self.stored(QuadRef::new(graph, v::ATTRIBUTED_TO, &agent, v::PROVENANCE_GRAPH))?;
        self.theirs.insert(graph.clone(), theirs);
        Ok(theirs)
    }

    /// Empties a graph; the default one of what the author may take away.
    fn clear(&mut self, which: &Which) -> Result<(), Trouble> {
        let graph: Option<GraphNameRef<'_>> = match which {
            Which::Default => None,
            Which::Named(name) => Some(name.as_ref().into()),
        };
        let mut gone = Vec::new();
        for quad in self.keeper.store.quads_for_pattern(None, None, None, graph) {
            meter::check();
            let quad = quad.map_err(|why| Trouble::Storage(with_causes(&why)))?;
            if let (Which::Default, GraphName::NamedNode(name)) = (which, &quad.graph_name) {
                let is_said = matches!(Source::of_graph(name.as_str()), Some(Source::Said { .. }));
                if !is_said || !visible(name.as_str(), &self.asked.audience) || !self.is_theirs(name)? {
                    continue;
                }
            }
            meter::gather(WAITING);
            gone.push(quad);
        }
        for quad in gone {
            self.take_away(quad);
        }
        let target = match which {
            Which::Default => self.own.clone(),
            Which::Named(name) => name.clone(),
        };
        self.stage.added.retain(|quad| quad.graph_name != GraphName::from(target.clone()));
        Ok(())
    }

    /// Reads a document into a graph. Graphs that it names itself are written where the request names none.
    /// LOAD: all of a document, or, when it is damaged, nothing of it.
    fn take_in(&mut self, fetched: &Fetched, destination: &spargebra::term::GraphName) -> Result<(), Trouble> {
        let which = match destination {
            spargebra::term::GraphName::NamedNode(name) => Which::Named(name.clone()),
            spargebra::term::GraphName::DefaultGraph => Which::Default,
        };
        let target = self.target(&which)?;
        if let Which::Named(name) = &which {
            self.make(name);
        }
        let document = Document { bytes: &fetched.bytes, format: fetched.format, base: Some(fetched.address.as_str()) };
        self.read(&document, &target)
    }

    fn read(&mut self, document: &Document<'_>, target: &GraphName) -> Result<(), Trouble> {
        let Some(guard) = self.keeper.guard else {
            return Err(Trouble::Refused("documents are not read here: nothing looks through them first".to_owned()));
        };
        guard(document.bytes, document.format).map_err(Trouble::Malformed)?;
        let mut parser = RdfParser::from_format(rdf_format(document.format)?).rename_blank_nodes();
        if let Some(base) = document.base {
            parser =
                parser.with_base_iri(base).map_err(|why| Trouble::Malformed(format!("base IRI `{base}`: {why}")))?;
        }
        for quad in parser.for_reader(document.bytes) {
            meter::check();
            let mut quad = quad.map_err(|why| Trouble::Malformed(with_causes(&why)))?;
            if quad.graph_name == GraphName::DefaultGraph {
                quad.graph_name = target.clone();
            } else if *target != GraphName::DefaultGraph {
                let words =
                    "the document names graphs of its own; send it to the store or the default graph".to_owned();
                return Err(Trouble::Malformed(words));
            }
            self.insert(quad)?;
        }
        Ok(())
    }

    fn into_change(self, words: &str) -> Change {
        let own = GraphName::from(self.own.clone());
        let (mut learned, mut added) = (Vec::new(), Vec::new());
        for quad in self.stage.added {
            if quad.graph_name == own {
                learned.push(Triple::new(quad.subject, quad.predicate, quad.object));
            } else {
                added.push(quad);
            }
        }
        // The order of a set is chance; the journal's is not.
        learned.sort_by_cached_key(ToString::to_string);
        added.sort_by_cached_key(ToString::to_string);
        let mut removed: Vec<Quad> = self.stage.removed.into_iter().collect();
        removed.sort_by_cached_key(ToString::to_string);
        let mut about = BTreeSet::new();
        let subjects = learned.iter().map(|triple| &triple.subject).chain(removed.iter().map(|quad| &quad.subject));
        for subject in subjects {
            if let NamedOrBlankNode::NamedNode(name) = subject
                && about.len() < MOST_ABOUT
            {
                about.insert(name.clone());
            }
        }
        let act = if learned.is_empty() && added.is_empty() { Act::Forget } else { Act::Learn };
        Change {
            act,
            by: self.by.speaker.clone(),
            place: self.asked.audience.place.clone(),
            at: self.by.at,
            line: words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_LINE).collect(),
            scope: self.by.scope.clone(),
            learned,
            added,
            removed,
            about: about.into_iter().collect(),
            undoes: None,
            guard: None,
        }
    }
}

fn failed(why: &QueryEvaluationError) -> Trouble {
    protocol::trouble(crate::sparql::refused(why))
}

fn from_parsed(quad: spargebra::term::Quad) -> Quad {
    let graph = match quad.graph_name {
        Named::NamedNode(name) => GraphName::NamedNode(name),
        Named::DefaultGraph => GraphName::DefaultGraph,
    };
    Quad::new(quad.subject, quad.predicate, quad.object, graph)
}

fn ground(quad: GroundQuad) -> Quad {
    let graph = match quad.graph_name {
        Named::NamedNode(name) => GraphName::NamedNode(name),
        Named::DefaultGraph => GraphName::DefaultGraph,
    };
    Quad::new(quad.subject, quad.predicate, ground_term(quad.object), graph)
}

fn ground_term(term: GroundTerm) -> Term {
    match term {
        GroundTerm::NamedNode(node) => node.into(),
        GroundTerm::Literal(literal) => literal.into(),
        GroundTerm::Triple(triple) => Triple::new(triple.subject, triple.predicate, ground_term(triple.object)).into(),
    }
}

/// With blank nodes that nothing else has.
fn renamed(quad: Quad, known: &mut HashMap<BlankNode, BlankNode>) -> Quad {
    let subject = renamed_subject(quad.subject, known);
    let object = renamed_term(quad.object, known);
    Quad::new(subject, quad.predicate, object, quad.graph_name)
}

fn renamed_subject(subject: NamedOrBlankNode, known: &mut HashMap<BlankNode, BlankNode>) -> NamedOrBlankNode {
    match subject {
        NamedOrBlankNode::BlankNode(node) => known.entry(node).or_default().clone().into(),
        named @ NamedOrBlankNode::NamedNode(_) => named,
    }
}

fn renamed_term(term: Term, known: &mut HashMap<BlankNode, BlankNode>) -> Term {
    match term {
        Term::BlankNode(node) => known.entry(node).or_default().clone().into(),
        Term::Triple(triple) => {
            let triple = *triple;
            let subject = renamed_subject(triple.subject, known);
            Triple::new(subject, triple.predicate, renamed_term(triple.object, known)).into()
        }
        other => other,
    }
}
