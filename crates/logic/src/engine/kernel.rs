//! A breadth-first kernel for relations that are paths.
//!
//! `above(X, Z) :- up(X, Y), above(Y, Z).` and its like (from the left, doubled, over several relations, with
//! another relation at the end) say: a path. The general engine opens a table for every node of it; here a call is
//! one search over adjacency, nearest answers first. Which relations are paths is seen from the shape of their
//! rules, nobody has to say so. With B the relations of the base rules, R and L those that lengthen a path at its
//! beginning and its end, a path is R* B L*, and where the relation is doubled, several of these in a row. So the
//! search goes over nodes in two states: before B and after.
//!
//! What is kept of an answer is the link by which it was reached; its proof is written out from the links when it is
//! asked for.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::compile::{Act, Compiled, Ready, Slot};
use super::run::{Engine, Stop};
use super::table::Table;
use crate::terms::NONE;

/// What a link is in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A base rule concludes from it.
    Base,
    /// It lengthens a path at its beginning.
    Before,
    /// It lengthens a path at its end.
    After,
}

/// A relation along which paths go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Along {
    /// Which stored relation.
    pub(super) relation: usize,
    /// Against its direction.
    pub(super) reversed: bool,
    /// The rule that makes the relation in the path's rule of it, when that is another one.
    pub(super) alias: Option<u32>,
    /// That rule turns it round.
    pub(super) turned: bool,
    /// The path's rule; `None` when a stored fact of the relation itself is a path.
    pub(super) rule: Option<u32>,
    pub(super) part: Part,
}

/// A relation whose rules say what paths are.
#[derive(Debug)]
pub(super) struct Paths {
    /// What a path may go along.
    pub(super) along: Vec<Along>,
    /// The rule that joins two paths.
    pub(super) doubled: Option<u32>,
    /// Base and lengthening go along the same relations, so that a path is just one base link after another; what
    /// puts them together: joining (`Base`), or what lengthens at the beginning or the end.
    pub(super) plain: Option<Part>,
}

/// A link by which a search reached a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// The node.
    pub(super) node: u32,
    /// The link before; `NONE` at the start.
    pub(super) before: u32,
    /// Which of [`Paths::along`], and in the top bit whether it is past the base.
    pub(super) along: u32,
}

const PAST: u32 = 1 << 31;

/// Finds out whether a relation's rules say what paths are.
pub(super) fn recognise(compiled: &Compiled<'_>, relation: usize) -> Option<Paths> {
    let of = compiled.relations.get(relation).filter(|of| of.width == 2 && !of.built_in && !of.rules.is_empty())?;
    let mut paths = Paths { along: Vec::new(), doubled: None, plain: None };
    for &number in &of.rules {
        let rule = compiled.rules.get(number as usize)?;
        let [Slot::Variable(from), Slot::Variable(to)] = *rule.head.as_slice() else { return None };
        if from == to || rule.body.iter().any(|step| !matches!(step.act, Act::Holds)) {
            return None;
        }
        match rule.body.as_slice() {
            [_] => {
                let base = stored(compiled, relation, rule, 0)?;
                let (reversed, ends) = (base.1 == (to, from), base.1);
                if !reversed && ends != (from, to) {
                    return None;
                }
                paths.add(&base.0, reversed, number, Part::Base);
            }
            [one, other] => {
                let own = |at: usize, step: &super::compile::Step| (step.relation == relation).then_some(at);
                match (own(0, one), own(1, other)) {
                    (Some(_), Some(_)) => {
                        let (first, second) = (ends(rule, 0)?, ends(rule, 1)?);
                        let meets = |(a, b): (u32, u32), (c, d)| a == from && b == c && d == to && b != from && b != to;
                        if !meets(first, second) && !meets(second, first) || paths.doubled.is_some() {
                            return None;
                        }
                        paths.doubled = Some(number);
                    }
                    (None, None) => return None,
                    (Some(at), None) | (None, Some(at)) => {
                        let (path, link) = (ends(rule, at)?, stored(compiled, relation, rule, 1 - at)?);
                        let middle = if path.0 == from { path.1 } else { path.0 };
                        if middle == from || middle == to {
                            return None;
                        }
                        let (wanted, part) = match path {
                            (a, b) if b == to && a == middle => ((from, middle), Part::Before),
                            (a, b) if a == from && b == middle => ((middle, to), Part::After),
                            _ => return None,
                        };
                        let reversed = link.1 == (wanted.1, wanted.0);
                        if !reversed && link.1 != wanted {
                            return None;
                        }
                        paths.add(&link.0, reversed, number, part);
                    }
                }
            }
            _ => return None,
        }
    }
    if paths.doubled.is_none() && paths.along.iter().all(|along| along.part == Part::Base) {
        return None;
    }
    paths.along.push(Along { relation, reversed: false, alias: None, turned: false, rule: None, part: Part::Base });
    Some(paths)
}

type Sides = (u32, u32);
/// A stored relation, whether against its direction, and the rule that gives it the other name.
type Under = (usize, bool, Option<u32>);

/// The two variables of a goal.
fn ends(rule: &Ready<'_>, at: usize) -> Option<Sides> {
    match *rule.body.get(at)?.slots.as_slice() {
        [Slot::Variable(one), Slot::Variable(other)] if one != other => Some((one, other)),
        _ => None,
    }
}

/// The stored relations that a goal goes along: its own, or those that it is another name of, each perhaps against
/// its direction; and its two variables.
fn stored(compiled: &Compiled<'_>, path: usize, rule: &Ready<'_>, at: usize) -> Option<(Vec<Under>, Sides)> {
    let sides = ends(rule, at)?;
    let number = rule.body.get(at)?.relation;
    let relation = compiled.relations.get(number).filter(|relation| !relation.built_in && number != path)?;
    let mut found = vec![(number, false, None)];
    for &alias in &relation.rules {
        let made = compiled.rules.get(alias as usize)?;
        let ([Slot::Variable(from), Slot::Variable(to)], [step]) = (made.head.as_slice(), made.body.as_slice()) else {
            return None;
        };
        let under = compiled.relations.get(step.relation)?;
        let plain = matches!(step.act, Act::Holds) && under.rules.is_empty() && !under.built_in && from != to;
        let sides = ends(made, 0).filter(|_| plain)?;
        if sides != (*from, *to) && sides != (*to, *from) {
            return None;
        }
        found.push((step.relation, sides != (*from, *to), Some(alias)));
    }
    Some((found, sides))
}

impl Paths {
    fn add(&mut self, under: &[Under], reversed: bool, rule: u32, part: Part) {
        for &(relation, against, alias) in under {
            let reversed = reversed != against;
            self.along.push(Along { relation, reversed, alias, turned: against, rule: Some(rule), part });
        }
    }

    fn of(&self, part: Part) -> impl Iterator<Item = &Along> {
        self.along.iter().filter(move |along| along.part == part)
    }

    /// Whether paths are links of the base one after another, and how they are put together.
    fn plainness(&self) -> Option<Part> {
        // Facts of the relation itself lengthen nothing.
        let own = self.of(Part::Base).any(|along| along.rule.is_none());
        let same = |part: Part| {
            self.of(part).all(|one| self.of(Part::Base).any(|other| one.is_like(other)))
                && self.of(Part::Base).all(|one| self.of(part).any(|other| one.is_like(other)))
        };
        let none = |part: Part| self.of(part).next().is_none();
        let (before, after) = (Part::Before, Part::After);
        if self.doubled.is_some() {
            let fits = |part: Part| none(part) || (!own && same(part));
            return (fits(before) && fits(after)).then_some(Part::Base);
        }
        match (none(before), none(after)) {
            (false, true) if !own && same(before) => Some(before),
            (true, false) if !own && same(after) => Some(after),
            _ => None,
        }
    }

    /// The link that lengthens along the same relation as one of the base.
    pub(super) fn like(&self, base: &Along, part: Part) -> Option<&Along> {
        self.of(part).find(|along| along.is_like(base))
    }
}

impl Along {
    fn is_like(&self, other: &Self) -> bool {
        (self.relation, self.reversed) == (other.relation, other.reversed)
    }
}

impl Engine<'_> {
    /// Answers a call of a path relation by searching; false when it is none.
    pub(super) fn search(&mut self, at: usize) -> Result<bool, Stop> {
        let Some(table) = self.tables.get(at) else { return Ok(false) };
        let (relation, pattern) = (table.relation, table.pattern.clone());
        let Some(paths) = self.paths_of(relation)? else { return Ok(false) };
        let [from, to] = *pattern else { return Ok(false) };
        let mut links = Vec::new();
        let backward = from == NONE && to != NONE;
        let went = if from == NONE && to == NONE {
            self.search_all(at, &paths, &mut links)
        } else {
            self.search_from(at, &paths, (from, to), &mut links)
        };
        // What was found before a budget ran out has its proof too.
        if let Some(table) = self.tables.get_mut(at) {
            table.links = links;
            table.backward = backward;
        }
        went.map(|()| true)
    }

    fn search_from(
        &mut self,
        at: usize,
        paths: &Paths,
        (from, to): (u32, u32),
        links: &mut Vec<Link>,
    ) -> Result<(), Stop> {
        let backward = from == NONE;
        let start = if backward { to } else { from };
        let wanted = if backward { NONE } else { to };
        let plain = paths.plain.is_some();
        let mut seen: FxHashSet<u64> = FxHashSet::default();
        links.push(Link { node: start, before: NONE, along: if backward { PAST } else { 0 } });
        let mut rows = Vec::new();
        let (mut next, mut held) = (0, 0);
        while let Some(&here) = links.get(next) {
            self.budget.step()?;
            for (number, along) in paths.along.iter().enumerate() {
                let Some(past) = paths.leads(along.part, here.along & PAST != 0, backward) else {
                    continue;
                };
                rows.clear();
                let against = along.reversed != backward;
                self.neighbours(along.relation, here.node, against, &mut rows)?;
                for &node in &rows {
                    if !seen.insert(u64::from(node) << 1 | u64::from(past)) {
                        continue;
                    }
                    let before = u32::try_from(next).unwrap_or(NONE);
                    let number = u32::try_from(number).unwrap_or(0);
                    links.push(Link { node, before, along: number | if past { PAST } else { 0 } });
                    let link = u32::try_from(links.len() - 1).unwrap_or(NONE);
                    // Forward, an answer is past the base; backward, before it.
                    if past != backward || plain {
                        self.budget.tuple()?;
                        let Some(table) = self.tables.get_mut(at) else { return Ok(()) };
                        if wanted == NONE {
                            table.push_reached(&[node], link);
                        } else if node == wanted {
                            table.push_reached(&[], link);
                            return Ok(());
                        }
                    }
                }
            }
            next += 1;
            if links.len() - held > 256 {
                self.budget.hold(28 * (links.len() - held))?;
                held = links.len();
            }
        }
        Ok(())
    }

    /// From every node there is.
    fn search_all(&mut self, at: usize, paths: &Paths, links: &mut Vec<Link>) -> Result<(), Stop> {
        let plain = paths.plain.is_some();
        let mut starts: Vec<u32> = Vec::new();
        for along in &paths.along {
            if along.part == Part::After {
                continue;
            }
            self.base.load(self.kept(along.relation))?;
            let mut rows = Vec::new();
            self.base.rows(self.kept(along.relation), &[NONE, NONE], &mut rows)?;
            let nodes = rows.as_chunks::<2>().0.iter().map(|[from, to]| if along.reversed { *to } else { *from });
            starts.extend(nodes);
        }
        for along in paths.of(Part::After) {
            self.base.load(self.kept(along.relation))?;
        }
        starts.sort_unstable();
        starts.dedup();
        // When a node was seen last, in either state.
        let mut seen = vec![[0_u32; 2]; self.base.shelf().terms.len()];
        let mut rows = Vec::new();
        let mut held = 0;
        for (round, &start) in starts.iter().enumerate() {
            let round = u32::try_from(round + 1).unwrap_or(NONE);
            let first = links.len();
            links.push(Link { node: start, before: NONE, along: 0 });
            let mut next = first;
            while let Some(&here) = links.get(next) {
                let before_links = links.len();
                for (number, along) in paths.along.iter().enumerate() {
                    let Some(past) = paths.leads(along.part, here.along & PAST != 0, false) else {
                        continue;
                    };
                    rows.clear();
                    self.neighbours(along.relation, here.node, along.reversed, &mut rows)?;
                    for &node in &rows {
                        let Some(last) = seen.get_mut(node as usize).and_then(|seen| seen.get_mut(usize::from(past)))
                        else {
                            continue;
                        };
                        if *last == round {
                            continue;
                        }
                        *last = round;
                        let number = u32::try_from(number).unwrap_or(0) | if past { PAST } else { 0 };
                        links.push(Link { node, before: u32::try_from(next).unwrap_or(NONE), along: number });
                        if past || plain {
                            self.budget.tuple()?;
                            let link = u32::try_from(links.len() - 1).unwrap_or(NONE);
                            if let Some(table) = self.tables.get_mut(at) {
                                table.push_reached(&[start, node], link);
                            }
                        }
                    }
                }
                self.budget.take(1 + (links.len() - before_links) as u64)?;
                next += 1;
            }
            if links.len() - held > 4096 {
                self.budget.hold(24 * (links.len() - held))?;
                held = links.len();
            }
        }
        Ok(())
    }

    /// A path relation's shape; not for a proof of an absence from it, which needs the table of every node.
    pub(super) fn paths_of(&mut self, relation: usize) -> Result<Option<Rc<Paths>>, Stop> {
        if let Some(known) = self.paths.get(&relation) {
            return Ok(known.clone());
        }
        let compiled = Rc::clone(&self.compiled);
        let allowed = compiled.relations.get(relation).is_some_and(|relation| !(self.careful && relation.denied));
        let mut found = if allowed { recognise(&compiled, relation) } else { None };
        if let Some(paths) = &mut found {
            // Relations that have rules mostly have no facts of their own; then they need not be looked for.
            let mut kept = Vec::with_capacity(paths.along.len());
            for along in paths.along.drain(..) {
                let derived = compiled.relations.get(along.relation).is_some_and(|relation| !relation.rules.is_empty());
                if !derived || !self.base.is_empty(self.kept(along.relation))? {
                    kept.push(along);
                }
            }
            paths.along = kept;
            paths.plain = paths.plainness();
        }
        let found = found.map(Rc::new);
        self.paths.insert(relation, found.clone());
        Ok(found)
    }

    fn kept(&self, relation: usize) -> usize {
        self.compiled.relations.get(relation).map_or(usize::MAX, |relation| relation.kept)
    }

    fn neighbours(&mut self, relation: usize, node: u32, against: bool, out: &mut Vec<u32>) -> Result<(), Stop> {
        let kept = self.kept(relation);
        if let Some(slice) = self.base.shelf().pairs(kept).and_then(|pairs| pairs.slice(node, against)) {
            out.extend_from_slice(slice);
            return Ok(());
        }
        let mut rows = Vec::new();
        let pattern = if against { [NONE, node] } else { [node, NONE] };
        self.base.rows(kept, &pattern, &mut rows)?;
        out.extend(rows.as_chunks::<2>().0.iter().map(|[from, to]| if against { *from } else { *to }));
        Ok(())
    }
}

impl Paths {
    /// Whether a search in this state may take a link of this part, and whether it is past the base then.
    fn leads(&self, link: Part, past: bool, backward: bool) -> Option<bool> {
        if self.plain.is_some() {
            return (link == Part::Base).then_some(!backward);
        }
        let again = self.doubled.is_some();
        if backward {
            // From past the base back over it, or over what lengthens after it; before it, only what begins; but what
            // begins a path may end the one before.
            return match (link, past) {
                (Part::Base, there) if there || again => Some(false),
                (Part::After, there) if there || again => Some(true),
                (Part::Before, false) => Some(false),
                _ => None,
            };
        }
        match (link, past) {
            (Part::Before, there) if !there || again => Some(false),
            (Part::Base, there) if !there || again => Some(true),
            (Part::After, true) => Some(true),
            _ => None,
        }
    }
}

impl Table {
    /// The links of the path to an answer, in the order of the path: where each begins and ends, and which it is.
    pub(super) fn path(&self, row: usize) -> Vec<(u32, u32, usize)> {
        let mut way = Vec::new();
        let mut at = self.reached_by(row);
        while let Some(link) = self.links.get(at as usize) {
            let Some(before) = self.links.get(link.before as usize) else { break };
            let (from, to) = if self.backward { (link.node, before.node) } else { (before.node, link.node) };
            way.push((from, to, (link.along & !PAST) as usize));
            at = link.before;
        }
        if !self.backward {
            way.reverse();
        }
        way
    }
}
