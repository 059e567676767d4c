//! Keeps what a line tells: its happenings with their moments, in a statement of its own.
//!
//! What could as well be a lasting fact ("paris is in france", "the box is bigger than the chest") is kept as one by
//! the usual way of teaching, and as a part of the story beside it.

use std::sync::Arc;

use quid_core::intent::Verb;
use quid_core::oxrdf::{GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term, Triple};
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{Act, Atom, Fact, Fault, Receipt, Reply, Scope, Source, columns};
use quid_lang::story::{Happening, Name, Telling, When};

use super::here::{Event, name_of, place, tells};
use super::who::Found;
use super::{Told, moment, relation, told_relation};
use crate::conversation::Pointed;
use crate::factoid::scope_of;
use crate::forget::author;
use crate::turn::{Draft, Turn};

/// The happenings of one line, ready to be kept.
struct Kept {
    atoms: Vec<Atom>,
    names: Vec<Found>,
    /// What the first of them is, for corrections.
    first: Option<(Happening, Found)>,
}

impl Turn<'_> {
    /// Keeps a line that tells of happenings; `None` when it tells of none, or of what is kept as a fact.
    pub(super) fn try_tell(&mut self, line: &str, fact: Option<&Verb>) -> Result<Option<Reply>, Fault> {
        let (rest, corrects) = match self.parts.language.correction(line) {
            Some(rest) => (rest.to_owned(), true),
            None => (line.to_owned(), false),
        };
        let tellings = self.parts.language.story_told(&rest);
        if tellings.is_empty() {
            return Ok(None);
        }
        let told = self.told_here()?;
        if let Some(verb) = fact
            && tellings.iter().any(|telling| self.is_lasting(telling, verb, &told))
        {
            return Ok(None);
        }
        if let Some(refusal) = self.may_teach(corrects)? {
            return Ok(Some(refusal));
        }
        let last = told.newest().next().as_ref().map(Event::moment);
        let next = self.last_number()? + 1;
        let Some(kept) = self.to_keep(&tellings, &told, last, next) else { return Ok(None) };
        for found in &kept.names {
            if let Some(refusal) = self.locked(&found.thing, &found.label)? {
                return Ok(Some(refusal));
            }
        }
        let mut kept = kept;
        let mut removed = Vec::new();
        if corrects
            && let Some((happening, who)) = &kept.first
            && let Some(old) = corrected(*happening, who, &told)
        {
            // What really happened then: at the moment of what is taken back.
            for atom in &mut kept.atoms {
                if let Some(term) = atom.arguments.last_mut().filter(|term| moment::read(term).is_some()) {
                    *term = moment::term(old.moment());
                }
            }
            removed = self.standing_in(&old.graph)?;
        }
        let learned = triples(&kept.atoms, &self.unlabelled(&kept.names, &told), &self.scope());
        let about: Vec<NamedNode> = kept.names.iter().map(|found| found.thing.clone()).collect();
        let act = if corrects { Act::Correct } else { Act::Learn };
        let changes_more = !removed.is_empty();
        let draft = Draft { learned: learned.clone(), removed, about, ..Draft::default() };
        let receipt = self.write(act, draft)?;
        let mut reply = self.done(if corrects { "learn.correct" } else { "learn.ok" }, &[]);
        if let Some(graph) = receipt.statement {
            reply.statement = Some(graph.as_str().to_owned());
            if let Some(first) = kept.names.first() {
                let (name, thing) = (first.label.clone(), first.thing.clone());
                self.point(Pointed { name, thing, graph: graph.clone() });
            }
            if changes_more || receipt.seq != told.seq + 1 {
                self.room.story = None;
            } else {
                self.grow(told, learned, &graph, receipt.seq);
            }
        }
        self.note_story(kept.names);
        Ok(Some(reply))
    }

    /// Names that are written in a way of their own and not yet known here: a label for each mention would make
    /// everything that is looked up under a common name slow.
    fn unlabelled(&self, names: &[Found], told: &Told) -> Vec<Found> {
        let is_known = |thing: &NamedNode| told.is_actor(thing) || told.is_thing(thing) || told.is_place(thing);
        let is_own = |found: &&Found| self.label_of(&name_of(&found.thing.clone().into())) != found.label;
        names.iter().filter(is_own).filter(|found| !is_known(&found.thing)).cloned().collect()
    }

    /// What a statement that is kept as a fact tells beside that: where somebody is, how two things lie.
    pub(crate) fn story_beside(&mut self) -> Result<Vec<Triple>, Fault> {
        let language = &self.parts.language;
        let tellings = language.story_told(language.correction(&self.line).unwrap_or(&self.line));
        let [telling] = tellings.as_slice() else { return Ok(Vec::new()) };
        // A habit ("the lion visits the dog") is no happening.
        let is_state = matches!(
            telling.happening,
            Happening::Relation | Happening::Fits | Happening::At | Happening::Away | Happening::Feel | Happening::Look
        );
        if !is_state {
            return Ok(Vec::new());
        }
        let told = self.told_here()?;
        let last = told.newest().next().as_ref().map(Event::moment);
        let kept = self.to_keep(&tellings, &told, last, self.last_number()? + 1);
        Ok(kept.map(|kept| triples(&kept.atoms, &[], &self.scope())).unwrap_or_default())
    }

    /// Whether this is better kept as a fact that lasts, with the story beside it.
    fn is_lasting(&self, telling: &Telling, verb: &Verb, told: &Told) -> bool {
        let moves = |names: &[Name]| {
            self.story_names(names, told, false)
                .is_some_and(|found| found.iter().all(|found| self.is_mover(found, told)))
        };
        match telling.happening {
            Happening::At | Happening::Away | Happening::Feel | Happening::Look => {
                telling.when == When::Now && !moves(telling.get("who"))
            }
            Happening::Have => {
                let known = |found: &Found| told.is_thing(&found.thing);
                !self.story_names(telling.get("what"), told, false).is_some_and(|found| found.iter().all(known))
            }
            // "nginx runs in docker" is so at all times; what happened once is told in the past. And "is to the left of
            // the circle" says nothing about what something is.
            Happening::Relation
            | Happening::Fits
            | Happening::Move
            | Happening::Carry
            | Happening::Put
            | Happening::Take
            | Happening::Drop
            | Happening::Leave => matches!(verb, Verb::Other(_)),
            Happening::Give | Happening::Either => false,
        }
    }

    /// What is to be stored for these.
    fn to_keep(&self, tellings: &[Telling], told: &Told, mut last: Option<i128>, number: u64) -> Option<Kept> {
        let mut kept = Kept { atoms: Vec::new(), names: Vec::new(), first: None };
        for (at, telling) in tellings.iter().enumerate() {
            let when = moment::of(telling.when, self.heard.at, number, at * 2, last);
            last = Some(when);
            self.happening(telling, when, told, &mut kept)?;
        }
        (!kept.atoms.is_empty()).then_some(kept)
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each happening, side by side")]
    fn happening(&self, telling: &Telling, when: i128, told: &Told, kept: &mut Kept) -> Option<()> {
        let names = |slot: &str| self.story_names(telling.get(slot), told, false);
        let who = names("who")?;
        let now = moment::term(when);
        let mut add = |name: NamedNode, arguments: Vec<Term>| {
            kept.atoms.push(Atom { predicate: name, arguments });
        };
        let one = |found: &Found| Term::from(found.thing.clone());
        let mut others;
        match telling.happening {
            Happening::Move | Happening::At => {
                let name = match telling.happening {
                    Happening::At if !who.iter().all(|who| self.may_move(who, telling, told)) => "stands",
                    _ => "came",
                };
                let place = names("place")?;
                for who in &who {
                    for place in &place {
                        add(relation(name), vec![one(who), one(place), now.clone()]);
                    }
                }
                others = place;
            }
            Happening::Either => {
                others = names("place")?;
                others.extend(names("other")?);
                for who in &who {
                    for place in &others {
                        add(relation("perhaps"), vec![one(who), one(place), now.clone()]);
                    }
                }
            }
            Happening::Away => {
                others = names("place")?;
                for who in &who {
                    for place in &others {
                        add(relation("left"), vec![one(who), one(place), now.clone()]);
                    }
                }
            }
            Happening::Put => {
                let (what, place) = (names("what")?, names("place")?);
                for what in &what {
                    for place in &place {
                        add(relation("came"), vec![one(what), one(place), now.clone()]);
                    }
                }
                others = what;
                others.extend(place);
            }
            Happening::Carry => {
                let (what, place) = (names("what")?, names("place")?);
                let there = moment::term(when + 1);
                for who in &who {
                    for what in &what {
                        add(relation("took"), vec![one(who), one(what), now.clone()]);
                    }
                    for place in &place {
                        add(relation("came"), vec![one(who), one(place), there.clone()]);
                    }
                }
                others = what;
                others.extend(place);
            }
            Happening::Take | Happening::Have | Happening::Drop | Happening::Leave => {
                let what = names("what")?;
                for who in &who {
                    for what in &what {
                        let name = match telling.happening {
                            Happening::Take | Happening::Have => "took",
                            Happening::Leave if told.is_place(&what.thing) && !told.is_thing(&what.thing) => "left",
                            _ => "let_go",
                        };
                        add(relation(name), vec![one(who), one(what), now.clone()]);
                    }
                }
                others = what;
            }
            Happening::Give => {
                let (what, whom) = (names("what")?, names("whom")?);
                for who in &who {
                    for what in &what {
                        for whom in &whom {
                            add(relation("gave"), vec![one(who), one(what), one(whom), now.clone()]);
                        }
                    }
                }
                others = what;
                others.extend(whom);
            }
            Happening::Feel | Happening::Look => {
                let (name, slot) =
                    if telling.happening == Happening::Feel { ("felt", "state") } else { ("looked", "colour") };
                let state = names(slot)?;
                for who in &who {
                    for state in &state {
                        add(relation(name), vec![one(who), one(state), now.clone()]);
                    }
                }
                others = state;
            }
            Happening::Relation | Happening::Fits => {
                let other = names("other")?;
                let name = match telling.happening {
                    Happening::Fits => "fits",
                    _ => telling.get("relation").first()?.text.as_str(),
                };
                for who in &who {
                    for other in other.iter().filter(|other| other.thing != who.thing) {
                        add(told_relation(name), vec![one(who), one(other)]);
                    }
                }
                others = other;
            }
        }
        if kept.first.is_none() {
            kept.first = who.first().map(|who| (telling.happening, who.clone()));
        }
        for found in who.into_iter().chain(others) {
            if !kept.names.contains(&found) {
                kept.names.push(found);
            }
        }
        Some(())
    }

    /// Whether "X is in the Y" places somebody who may go elsewhere: a mover, or a name without an article in a place
    /// with one ("Zoe is in the garden", but "Paris is in France").
    fn may_move(&self, who: &Found, telling: &Telling, told: &Told) -> bool {
        let named = telling.get("who").iter().any(|name| !name.article && name.text.starts_with(char::is_uppercase));
        let article = telling.get("place").iter().all(|place| place.article);
        self.is_mover(who, told) || named && article && !who.label.contains(' ')
    }

    /// All quads of a statement that still stand.
    fn standing_in(&self, graph: &NamedNode) -> Result<Vec<Quad>, Fault> {
        let Some(Source::Said { seq, .. }) = Source::of_graph(graph.as_str()) else { return Ok(Vec::new()) };
        let record = self.parts.memory.record(seq)?;
        let added = record.map(|record| record.added).unwrap_or_default();
        let graph = GraphName::from(graph.clone());
        let mut standing = Vec::new();
        for quad in added.into_iter().filter(|quad| quad.graph_name == graph) {
            if self.is_stored(&quad)? {
                standing.push(quad);
            }
        }
        Ok(standing)
    }

    /// Puts what was just written into what is kept of this place's stories, so that it need not be read again.
    fn grow(&mut self, told: Arc<Told>, learned: Vec<Triple>, graph: &NamedNode, seq: u64) {
        self.room.story = None;
        // Nobody else holds it any more, so that it grows in place.
        let Ok(mut grown) = Arc::try_unwrap(told) else { return };
        let of_story = |triple: &Triple| triple.predicate.as_str().starts_with(super::STORY);
        for triple in learned.into_iter().filter(of_story) {
            grown.add(Fact {
                subject: triple.subject,
                predicate: triple.predicate,
                object: triple.object,
                graph: graph.clone(),
            });
        }
        grown.seq = seq;
        self.room.story = Some(Arc::new(grown));
    }

    /// "forget that", said of a happening.
    pub(crate) fn forget_story(&mut self, pointed: &Pointed) -> Result<Option<Reply>, Fault> {
        let Some(line) = self.story_line(&pointed.graph)? else { return Ok(None) };
        if let Some(refusal) = self.may_teach(true)? {
            return Ok(Some(refusal));
        }
        let citation = self.cite(&pointed.graph)?;
        if !self.is_author(&citation) && !self.is_operator() {
            let who = author(&citation).to_owned();
            return Ok(Some(self.refuse("refused.owner", &[("name", &pointed.name), ("who", &who)])));
        }
        if let Some(refusal) = self.locked(&pointed.thing, &pointed.name)? {
            return Ok(Some(refusal));
        }
        let removed = self.standing_in(&pointed.graph)?;
        let about = vec![pointed.thing.clone()];
        self.write(Act::Forget, Draft { removed, about, scope: scope_of(&pointed.graph), ..Draft::default() })?;
        Ok(Some(self.done("forget.ok.value", &[("name", &pointed.name), ("what", &line)])))
    }

    /// The line of a statement that tells a happening, while it stands.
    pub(crate) fn story_line(&self, graph: &NamedNode) -> Result<Option<String>, Fault> {
        let is_story = |quad: &Quad| quad.predicate.as_str().starts_with(super::STORY);
        if !self.standing_in(graph)?.iter().any(is_story) {
            return Ok(None);
        }
        Ok(match self.cite(graph)? {
            Citation::Said { line, .. } => Some(line.trim().trim_end_matches(['.', '!', ' ']).to_owned()),
            Citation::Dump { .. } => None,
        })
    }

    /// What was just taught as a fact, and is a part of the story too.
    pub(crate) fn story_learned(&mut self, learned: Vec<Triple>, receipt: &Receipt) {
        let Some(told) = self.room.story.take() else { return };
        let Some(graph) = receipt.statement.as_ref().filter(|_| told.seq + 1 == receipt.seq) else { return };
        self.grow(told, learned, graph, receipt.seq);
    }

    /// The number of the journal's last record.
    pub(super) fn last_number(&self) -> Result<u64, Fault> {
        let mut last = 0;
        self.parts.memory.back(&mut |record| {
            last = record.seq;
            std::ops::ControlFlow::Break(())
        })?;
        Ok(last)
    }
}

/// Happenings as triples, with the names as they were typed, and told by their place.
fn triples(atoms: &[Atom], names: &[Found], scope: &Scope) -> Vec<Triple> {
    // Which graph does not matter here: the store gives the statement its own.
    let graph = Source::Dump(String::new()).graph();
    let mut found: Vec<Triple> = atoms
        .iter()
        .flat_map(|atom| columns::quads(atom, graph.clone()))
        .map(|quad| Triple::new(quad.subject, quad.predicate, quad.object))
        .collect();
    let mut nodes: Vec<NamedOrBlankNode> = found.iter().map(|triple| triple.subject.clone()).collect();
    nodes.dedup();
    for node in nodes {
        let triple = Triple::new(NamedOrBlankNode::from(place(scope)), tells(), Term::from(node));
        if !found.contains(&triple) {
            found.push(triple);
        }
    }
    for name in names {
        let label = Literal::new_simple_literal(&name.label);
        let triple = Triple::new(NamedOrBlankNode::from(name.thing.clone()), v::LABEL, label);
        if !found.contains(&triple) {
            found.push(triple);
        }
    }
    found
}

/// The last happening of this kind of somebody's: what "no, …" takes back.
fn corrected(happening: Happening, who: &Found, told: &Told) -> Option<Event> {
    let relations: &[&str] = match happening {
        Happening::Move | Happening::At | Happening::Either | Happening::Away => &["came", "stands", "perhaps", "left"],
        Happening::Take | Happening::Have | Happening::Carry => &["took"],
        Happening::Drop | Happening::Leave => &["let_go", "left"],
        Happening::Give => &["gave"],
        Happening::Feel => &["felt"],
        Happening::Look => &["looked"],
        Happening::Put | Happening::Relation | Happening::Fits => &[],
    };
    let subject = Term::from(who.thing.clone());
    told.newest().find(|event| relations.contains(&event.relation) && event.columns.first() == Some(&subject))
}
