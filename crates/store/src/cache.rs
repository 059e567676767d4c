//! Remembers small look-ups until something is written.
//!
//! Reading one quad from the engine costs about 5 µs, nearly all of it to spell out its four terms; questions
//! share most of what they read (the upper classes, the words of this conversation, every leaf of a proof that is
//! checked). Whatever was read before a change was committed is never served after it was acknowledged.

use std::{
    borrow::Borrow,
    collections::{HashMap, VecDeque},
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use quid_core::{
    Fact, Source,
    oxrdf::{GraphName, NamedNode, NamedNodeRef, Quad, Term, TermRef, Triple},
};

/// How many facts are kept before those not asked for lately are dropped: about 64 MiB, in two halves.
const MOST: usize = 100_000;
/// How many changed triples are remembered for those who keep copies.
const MOST_CHANGES: usize = 20_000;
/// Numbers the keepers of this process.
static KEEPERS: AtomicU64 = AtomicU64::new(1);

/// What was looked up: subject, predicate, object.
pub(crate) type Pattern<'a> = (Option<TermRef<'a>>, Option<NamedNodeRef<'a>>, Option<TermRef<'a>>);

/// A look-up by its parts, kept or just asked for: asking copies no text.
trait Asked {
    fn parts(&self) -> Pattern<'_>;
}

impl Asked for Pattern<'_> {
    fn parts(&self) -> Pattern<'_> {
        *self
    }
}

impl Hash for dyn Asked + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialEq for dyn Asked + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn Asked + '_ {}

/// A look-up that is kept.
struct Kept(Option<Term>, Option<NamedNode>, Option<Term>);

impl Kept {
    fn of((subject, predicate, object): Pattern<'_>) -> Self {
        let owned = |term: Option<TermRef<'_>>| term.map(TermRef::into_owned);
        Self(owned(subject), predicate.map(NamedNodeRef::into_owned), owned(object))
    }
}

impl Asked for Kept {
    fn parts(&self) -> Pattern<'_> {
        (self.0.as_ref().map(Term::as_ref), self.1.as_ref().map(NamedNode::as_ref), self.2.as_ref().map(Term::as_ref))
    }
}

impl Hash for Kept {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Kept {}

impl<'a> Borrow<dyn Asked + 'a> for Kept {
    fn borrow(&self) -> &(dyn Asked + 'a) {
        self
    }
}

/// Look-ups and what they found, in the order in which they are visited.
pub(crate) struct Cache {
    /// Grows with every committed change.
    written: AtomicU64,
    /// Which keeper's it is.
    keeper: u64,
    /// How often the engine was asked.
    reads: AtomicU64,
    shelf: Mutex<Shelf>,
}

impl Default for Cache {
    fn default() -> Self {
        let keeper = KEEPERS.fetch_add(1, Ordering::Relaxed);
        Self { written: AtomicU64::default(), keeper, reads: AtomicU64::default(), shelf: Mutex::default() }
    }
}

#[derive(Default)]
struct Shelf {
    facts: usize,
    /// What was asked for lately.
    found: HashMap<Kept, Arc<[Fact]>>,
    /// What was asked for before that; what of it is asked for again moves over, the rest is dropped.
    older: HashMap<Kept, Arc<[Fact]>>,
    /// What was changed lately, each with what `written` was then.
    changes: VecDeque<(u64, Triple)>,
    /// What was changed up to then is not known any more.
    unknown: u64,
}

impl Cache {
    /// These quads were written or removed: no look-up that could hold one of them is served any more.
    pub(crate) fn changed<'q>(&self, quads: impl Iterator<Item = &'q Quad>) {
        let mut kept = self.shelf();
        // What is being read now may be from before; it is not kept.
        let version = self.written.fetch_add(1, Ordering::SeqCst) + 1;
        for quad in quads {
            if matches!(&quad.graph_name, GraphName::NamedNode(graph) if Source::of_graph(graph.as_str()).is_some()) {
                let triple = Triple::new(quad.subject.clone(), quad.predicate.clone(), quad.object.clone());
                kept.changes.push_back((version, triple));
                if kept.changes.len() > MOST_CHANGES
                    && let Some((oldest, _)) = kept.changes.pop_front()
                {
                    kept.unknown = oldest;
                }
            }
            let subject = Some(quad.subject.as_ref().into());
            let (predicate, object) = (Some(quad.predicate.as_ref()), Some(quad.object.as_ref()));
            for pattern in [
                (subject, predicate, object),
                (subject, predicate, None),
                (subject, None, object),
                (subject, None, None),
                (None, predicate, object),
                (None, predicate, None),
                (None, None, object),
            ] {
                kept.remove(pattern);
            }
        }
    }

    /// So much was written that nothing read before is served any more.
    pub(crate) fn forget(&self) {
        let mut kept = self.shelf();
        let version = self.written.fetch_add(1, Ordering::SeqCst) + 1;
        *kept = Shelf { unknown: version, ..Shelf::default() };
    }

    /// The triples changed since `version`; `None` when that is not known any more.
    pub(crate) fn since(&self, version: u64) -> Option<Vec<Triple>> {
        let kept = self.shelf();
        if version < kept.unknown {
            return None;
        }
        // The latest lie at the end.
        let later = kept.changes.iter().rev().take_while(|(when, _)| *when > version);
        Some(later.map(|(_, triple)| triple.clone()).collect())
    }

    /// Another number for every keeper of this process.
    pub(crate) fn keeper(&self) -> u64 {
        self.keeper
    }

    /// The engine is asked once more.
    pub(crate) fn note_read(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    /// How often the engine was asked so far.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// How much has been written; taken before reading what is to be kept.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// What this look-up, or a wider one that holds it, found.
    pub(crate) fn get(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
    ) -> Option<Arc<[Fact]>> {
        let mut kept = self.shelf();
        let (from, to) = (subject.map(Term::as_ref), object.map(Term::as_ref));
        if let Some(found) = kept.find((from, predicate, to)) {
            return Some(found);
        }
        // A leaf of a proof was mostly read before as one of its subject's values, and of what was never spoken of
        // it is known at once that nothing is known.
        let fits = |fact: &&Fact| {
            predicate.is_none_or(|wanted| fact.predicate.as_ref() == wanted)
                && object.is_none_or(|wanted| fact.object == *wanted)
        };
        let wider: &[[bool; 2]] = match (subject, predicate, object) {
            (Some(_), Some(_), Some(_)) => &[[true, false], [false, false]],
            (Some(_), _, _) => &[[false, false]],
            (None, Some(_), Some(_)) => &[[false, true]],
            _ => return None,
        };
        for [has_predicate, has_object] in wider {
            if let Some(values) = kept.find((from, predicate.filter(|_| *has_predicate), to.filter(|_| *has_object))) {
                return Some(values.iter().filter(fits).cloned().collect());
            }
        }
        None
    }

    /// Keeps what a look-up found, when nothing was written since it began.
    pub(crate) fn put(&self, written: u64, pattern: Pattern<'_>, facts: Arc<[Fact]>) {
        let mut kept = self.shelf();
        if written == self.written() {
            kept.keep(Kept::of(pattern), facts);
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn keep(&mut self, pattern: Kept, facts: Arc<[Fact]>) {
        if self.facts > MOST / 2 {
            (self.facts, self.older) = (0, std::mem::take(&mut self.found));
        }
        self.facts += facts.len() + 1;
        self.found.insert(pattern, facts);
    }

    fn find(&mut self, pattern: Pattern<'_>) -> Option<Arc<[Fact]>> {
        let asked: &dyn Asked = &pattern;
        if let Some(found) = self.found.get(asked) {
            return Some(Arc::clone(found));
        }
        let (pattern, found) = self.older.remove_entry(asked)?;
        self.keep(pattern, Arc::clone(&found));
        Some(found)
    }

    fn remove(&mut self, pattern: Pattern<'_>) {
        let asked: &dyn Asked = &pattern;
        if let Some(gone) = self.found.remove(asked) {
            self.facts = self.facts.saturating_sub(gone.len() + 1);
        }
        self.older.remove(asked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("urn:quid:test:{name}"))
    }

    fn fact(subject: &str, predicate: &str, object: &str) -> Fact {
        let graph = Source::Dump("test".to_owned()).graph();
        Fact { subject: node(subject).into(), predicate: node(predicate), object: node(object).into(), graph }
    }

    fn pattern(parts: [&str; 3]) -> Kept {
        let [subject, predicate, object] = parts.map(|name| (name != "-").then(|| node(name)));
        Kept(subject.map(Term::from), predicate, object.map(Term::from))
    }

    fn put(cache: &Cache, parts: [&str; 3], facts: &[Fact]) {
        cache.put(0, pattern(parts).parts(), facts.into());
    }

    fn found(cache: &Cache, parts: [&str; 3]) -> Option<usize> {
        let Kept(subject, predicate, object) = pattern(parts);
        let predicate = predicate.as_ref().map(NamedNode::as_ref);
        cache.get(subject.as_ref(), predicate, object.as_ref()).map(|facts| facts.len())
    }

    #[test]
    fn a_look_up_is_served_by_a_wider_one() {
        let cache = Cache::default();
        let dog = [fact("dog", "is", "pet"), fact("dog", "is", "animal"), fact("dog", "likes", "bone")];
        put(&cache, ["dog", "-", "-"], &dog);
        put(&cache, ["-", "-", "bone"], &dog[2..]);
        put(&cache, ["blorb", "-", "-"], &[]);
        for (parts, expected) in [
            (["dog", "-", "-"], Some(3)),
            (["dog", "is", "-"], Some(2)),
            (["dog", "is", "pet"], Some(1)),
            (["dog", "-", "bone"], Some(1)),
            (["dog", "hates", "-"], Some(0)),
            (["-", "likes", "bone"], Some(1)),
            (["-", "is", "bone"], Some(0)),
            (["blorb", "is", "pet"], Some(0)),
            (["cat", "is", "-"], None),
            (["-", "is", "pet"], None),
            (["-", "is", "-"], None),
        ] {
            assert_eq!(found(&cache, parts), expected, "{parts:?}");
        }
    }

    #[test]
    fn nothing_is_served_that_a_change_may_have_touched() {
        let changed = fact("dog", "is", "pet");
        let quad = Quad::new(changed.subject, changed.predicate, changed.object, GraphName::NamedNode(changed.graph));
        let touched = [
            ["dog", "is", "pet"],
            ["dog", "is", "-"],
            ["dog", "-", "pet"],
            ["dog", "-", "-"],
            ["-", "is", "pet"],
            ["-", "is", "-"],
            ["-", "-", "pet"],
        ];
        let untouched = [["cat", "is", "-"], ["dog", "likes", "-"], ["-", "likes", "-"], ["-", "is", "animal"]];
        for parts in touched.iter().chain(&untouched) {
            let cache = Cache::default();
            put(&cache, *parts, &[]);
            assert_eq!(found(&cache, *parts), Some(0), "{parts:?}");
            cache.changed(std::iter::once(&quad));
            assert_eq!(found(&cache, *parts), untouched.contains(parts).then_some(0), "{parts:?}");
            put(&cache, *parts, &[]);
            assert_eq!(
                found(&cache, *parts),
                untouched.contains(parts).then_some(0),
                "what was read before: {parts:?}"
            );
        }
    }

    #[test]
    fn what_is_asked_for_again_stays() {
        let cache = Cache::default();
        let thousand: Vec<Fact> = (0..1000).map(|at| fact("hub", "has", &format!("{at}"))).collect();
        put(&cache, ["often", "-", "-"], &thousand[..1]);
        put(&cache, ["seldom", "-", "-"], &thousand[..1]);
        for at in 0..200 {
            put(&cache, [&format!("hub{at}"), "-", "-"], &thousand);
            assert_eq!(found(&cache, ["often", "-", "-"]), Some(1), "after {at}");
            let kept = cache.shelf();
            let facts: usize = kept.found.values().chain(kept.older.values()).map(|facts| facts.len() + 1).sum();
            assert!(facts <= MOST + 3000, "{facts} are kept");
        }
        assert_eq!(found(&cache, ["seldom", "-", "-"]), None);
    }
}
