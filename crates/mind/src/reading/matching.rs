//! Says how well the steps of a path fit the words of a question that name no thing.
//!
//! The words are laid out as they lead away from the name ("the R2 of NAME's R1": right of it first, then leftwards),
//! and cut into as many runs as the path has steps; the best cut counts. A word is near a relation as it is near the
//! nearest word of its label: the same, another form of it, or near in the static vectors.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use quid_core::Facts;
use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Term};
use quid_core::text::{percent_decode, wikibase_entity};
use quid_core::vocabulary as v;
use quid_lang::wording::as_words;

use crate::turn::Turn;

use super::asked::Asked;
use super::link::{Mention, Names, Token};
use super::query::Step;

/// A word of the question with what it counts.
#[derive(Clone, Debug)]
struct Word {
    at: usize,
    texts: Vec<String>,
    weight: f64,
    role: Role,
    /// Some relation goes by this very word: others are not meant by it for being somewhat near.
    is_relation: bool,
    /// Some relation goes by it or by a word that speaks of the same: one of these must be meant.
    is_known: bool,
    /// The run of words it is in where that stands where a step's name does ("the W of", "ann's W"): the step must
    /// be near one of them.
    run: Option<usize>,
}

/// What a word does in its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Plain,
    /// It says little ("the name of"), or what says more says what it means: vectors do not speak for it.
    Light,
    /// It asks for a kind of thing ("where"): a step may stand for it, none need. Light as well.
    Asks,
}

/// What a relation is called.
#[derive(Clone, Debug)]
struct Label {
    words: Vec<String>,
    /// How much each of them counts: the last part of `film.actor.film` more than those before it.
    weights: Vec<f64>,
    vector: Option<Vec<f32>>,
    /// How many words its last part has.
    own: usize,
    /// It is called by a noun: "the artist of X" is what X has as its artist, and not what has X as its artist.
    is_noun: bool,
}

/// Compares paths with the words of one question.
pub(super) struct Matcher<'a, 't> {
    turn: &'a Turn<'t>,
    words: Vec<Word>,
    shares: bool,
    joins: bool,
    labels: HashMap<NamedNode, Label>,
    near: HashMap<(usize, NamedNode), f64>,
    /// How near each word is to the relation it is nearest to, of those met so far.
    best: HashMap<usize, f64>,
    pairs: HashMap<(String, String), f64>,
    vectors: HashMap<String, Option<Arc<Vec<f32>>>>,
}

impl<'a, 't> Matcher<'a, 't> {
    pub fn new(turn: &'a Turn<'t>, tokens: &[Token], named: &Names, asked: &Asked) -> Self {
        let language = &turn.parts.language;
        let is_named = |at: usize| named.mentions.iter().any(|mention| mention.span.contains(&at));
        let is_general = |at: usize| {
            tokens.get(at).is_none_or(|token| token.text == "'s" || language.is_word("stop", &token.folded))
        };
        let lists = ["reading_light", "asks_who", "asks_where", "asks_when"];
        let is_light = |at: usize| {
            let word = tokens.get(at).map_or("", |token| token.folded.as_str());
            lists
                .iter()
                .filter_map(|list| language.setting(list))
                .any(|list| list.split(' ').any(|light| light == word))
        };
        // "Which films": what the answer is, which vectors find near much else.
        let is_kind_asked = |at: usize| {
            let asks = language.setting("reading_which").unwrap_or_default();
            at.checked_sub(1)
                .and_then(|before| tokens.get(before))
                .is_some_and(|before| asks.split(' ').any(|which| which == before.folded))
        };
        let owns = |at: usize| tokens.get(at).is_some_and(|token| token.text == "'s");
        let is_of = |at: usize| {
            tokens.get(at).is_some_and(|token| language.setting("reading_of").is_some_and(|of| of == token.folded))
        };
        let run_of = |at: usize| {
            let start = (0..at).rev().find(|before| is_general(*before)).map_or(0, |before| before + 1);
            let end = (at..tokens.len()).find(|after| is_general(*after)).unwrap_or(tokens.len());
            let names_a_step = is_of(end) || start.checked_sub(1).is_some_and(owns);
            (names_a_step && !(start..end).any(is_light)).then_some(start)
        };
        let mut words = Vec::new();
        for (at, token) in tokens.iter().enumerate().filter(|(at, _)| !asked.spent.contains(at)) {
            // A plain word may be a relation's as well as a thing's; what looks like a name is a name.
            let looks_like_a_name = || token.text.chars().any(|c| c.is_uppercase() || c.is_ascii_digit() || c == '_');
            let mut word = Word {
                at,
                texts: token.folded.split(' ').map(str::to_owned).collect(),
                weight: 1.0,
                role: if is_light(at) || is_kind_asked(at) { Role::Light } else { Role::Plain },
                is_relation: named.relations.iter().any(|span| span.contains(&at)),
                is_known: named.known.contains(&at),
                run: None,
            };
            if let Some(asks) = language.setting(&format!("asks_{}", token.folded)) {
                word.texts = asks.split(' ').map(str::to_owned).collect();
                (word.weight, word.role) = (turn.share("reading_asking"), Role::Asks);
            } else if is_named(at) && looks_like_a_name() {
                word.weight = turn.share("reading_name");
                word.run = named.mentions.iter().find(|mention| mention.span.start == at).map(|_| at);
            } else if is_general(at) && !is_named(at) {
                continue;
            } else {
                word.run = run_of(at);
            }
            words.push(word);
        }
        Self {
            turn,
            words,
            shares: asked.shares,
            joins: asked.joins.is_some_and(|at| {
                let is_plain = |at: usize| !is_general(at) && !is_named(at);
                at.checked_sub(1).is_some_and(is_plain) && is_plain(at + 1)
            }),
            labels: HashMap::new(),
            near: HashMap::new(),
            best: HashMap::new(),
            pairs: HashMap::new(),
            vectors: HashMap::new(),
        }
    }

    /// Takes note of a relation that the question may be about.
    pub fn meet(&mut self, facts: &dyn Facts, from: &Mention, relation: &NamedNode) {
        self.label(facts, relation);
        for word in self.words.clone().iter().filter(|word| !from.span.contains(&word.at)) {
            self.nearness(word, relation);
        }
    }

    /// How well paths that start at these mentions and end in the same fit, in about 0..=1. `beside` is named too,
    /// as what is asked about.
    pub fn fit(&mut self, facts: &dyn Facts, ways: &[(&Mention, &[Step])], beside: Option<&Mention>) -> f64 {
        let spans: Vec<Range<usize>> =
            ways.iter().map(|(mention, _)| *mention).chain(beside).map(|mention| mention.span.clone()).collect();
        let Some(end) = spans.first().map(|span| span.end) else { return 0.0 };
        let order = |word: &&Word| if word.at >= end { word.at } else { usize::MAX - word.at };
        let inside = |at: usize| spans.iter().any(|span| span.contains(&at));
        let mut words: Vec<&Word> = self.words.iter().filter(|word| !inside(word.at)).collect();
        words.sort_by_key(order);
        let words: Vec<Word> = words.into_iter().cloned().collect();
        let all = || ways.iter().flat_map(|(_, path)| path.iter());
        // There and back again is one step: what shares it.
        let steps: Vec<&Step> = all().filter(|step| !step.other).collect();
        for step in &steps {
            self.label(facts, &step.relation);
        }
        let sum = |asking: bool| -> f64 {
            words.iter().filter(|word| (word.role == Role::Asks) == asking).map(|word| word.weight).sum()
        };
        let total = if sum(false) > 0.0 { sum(false) } else { sum(true) };
        if total <= 0.0 || steps.is_empty() {
            return 0.0;
        }
        // near[step][word]
        let near: Vec<Vec<f64>> =
            steps.iter().map(|step| words.iter().map(|word| self.relative(word, &step.relation)).collect()).collect();
        let room: Vec<usize> =
            steps.iter().map(|step| self.labels.get(&step.relation).map_or(1, |label| label.own)).collect();
        let part = self.turn.share("reading_covered");
        let unsaid = self.turn.share("reading_unsaid");
        let runs = Runs {
            near: &near,
            words: &words,
            room: &room,
            least: self.turn.share("reading_evidence"),
            cost: unsaid * total / part,
        };
        let covered = if ways.len() > 1 {
            runs.free()
        } else {
            runs.ordered().max(runs.free() - self.turn.share("reading_disorder"))
        };
        let count = steps.len() as f64;
        let supported: f64 = steps.iter().map(|step| self.support(&step.relation, &words)).sum::<f64>() / count;
        let back = steps.iter().filter(|step| step.back).count() as f64 * self.turn.share("reading_backwards");
        let long = (count - 1.0) * self.turn.share("reading_long");
        let last = ways.first().and_then(|(_, path)| path.last());
        let clash = last.map_or(0.0, |step| self.clash(&step.relation, &words));
        // What some relation says is not meant by whatever says something else.
        let alike = self.turn.share("reading_alike");
        let is_unmet = |(number, word): &(usize, &Word)| {
            word.is_known && !near.iter().any(|row| row.get(*number).is_some_and(|near| *near >= alike))
        };
        let unmet = words.iter().enumerate().filter(is_unmet).count() as f64 * unsaid;
        let is_turned = |(number, step): &(usize, &&Step)| {
            let is_noun = self.labels.get(&step.relation).is_some_and(|label| label.is_noun);
            let is_said =
                |row: &Vec<f64>| words.iter().zip(row).any(|(word, near)| word.run.is_some() && *near >= alike);
            step.back && is_noun && near.get(*number).is_some_and(is_said)
        };
        let turned = steps.iter().enumerate().filter(is_turned).count() as f64 * unsaid;
        let joined = if self.joins && ways.len() == 1 && count > 1.0 { self.turn.share("reading_joined") } else { 0.0 };
        let alone = if self.shares && !all().any(|step| step.other) { unsaid } else { 0.0 };
        part * covered.min(total) / total + (1.0 - part) * supported
            - back
            - long
            - clash
            - alone
            - joined
            - unmet
            - turned
    }

    /// Whether each step of a path has a word of its own that says it.
    pub fn says(&self, from: &Mention, path: &[Step]) -> bool {
        let alike = self.turn.share("reading_alike");
        let mut taken: Vec<usize> = Vec::new();
        path.iter().filter(|step| !step.other).all(|step| {
            let is_said = |at: usize| self.near.get(&(at, step.relation.clone())).is_some_and(|near| *near >= alike);
            let mut free = self.words.iter().map(|word| word.at).filter(|at| !from.span.contains(at));
            let found = free.find(|at| !taken.contains(at) && is_said(*at));
            taken.extend(found);
            found.is_some()
        })
    }

    /// What is taken off where "when" would be answered by a place: the last relation is called by what another word
    /// of asking asks for, and by nothing that this one does.
    fn clash(&mut self, relation: &NamedNode, words: &[Word]) -> f64 {
        let Some(label) = self.labels.get(relation).cloned() else { return 0.0 };
        let Some(asks) = words.iter().find(|word| word.role == Role::Asks) else { return 0.0 };
        let alike = self.turn.share("reading_alike");
        let is_own = asks.texts.iter().any(|text| label.words.iter().any(|name| self.word_near(text, name) >= alike));
        let language = &self.turn.parts.language;
        let others = ["asks_where", "asks_when"].into_iter().filter_map(|asks| language.setting(asks));
        let is_other = others
            .flat_map(|texts| texts.split(' '))
            .any(|text| !asks.texts.iter().any(|own| own == text) && label.words.iter().any(|name| name == text));
        if is_other && !is_own { self.turn.share("reading_clash") } else { 0.0 }
    }

    /// How much of a relation's own name the question speaks of.
    fn support(&mut self, relation: &NamedNode, words: &[Word]) -> f64 {
        let Some(label) = self.labels.get(relation).cloned() else { return 0.0 };
        let (mut sum, mut total) = (0.0, 0.0);
        for (name, weight) in label.words.iter().zip(&label.weights) {
            let best = words.iter().map(|word| self.called(word, name)).fold(0.0, f64::max);
            sum += weight * best;
            total += weight;
        }
        if total > 0.0 { sum / total } else { 0.0 }
    }

    fn nearness(&mut self, word: &Word, relation: &NamedNode) -> f64 {
        let key = (word.at, relation.clone());
        if let Some(known) = self.near.get(&key) {
            return *known;
        }
        let Some(label) = self.labels.get(relation).cloned() else { return 0.0 };
        let mut found = 0.0_f64;
        for text in word.texts.iter().filter(|_| !word.is_relation && word.role == Role::Plain) {
            found = found.max(self.text_near(text, label.vector.as_deref()));
        }
        for (name, weight) in label.words.iter().zip(&label.weights) {
            found = found.max(self.called(word, name) * weight.sqrt());
        }
        let best = self.best.entry(word.at).or_insert(0.0);
        *best = best.max(found);
        self.near.insert(key, found);
        found
    }

    /// How near a word is to a relation, where some other is nearer: "published" is the publisher before the author.
    fn relative(&mut self, word: &Word, relation: &NamedNode) -> f64 {
        let near = self.nearness(word, relation);
        let best = self.best.get(&word.at).copied().unwrap_or(near);
        let alike = self.turn.share("reading_alike");
        if best >= alike && near < alike || best <= 0.0 { 0.0 } else { near * near / best }
    }

    /// Of a word of the question and one of a label. Where relations are called "capital", vectors alone do not make
    /// it the headquarters.
    fn called(&mut self, word: &Word, name: &str) -> f64 {
        let near = word.texts.iter().map(|text| self.word_near(text, name)).fold(0.0, f64::max);
        if (word.is_relation || word.role != Role::Plain) && near < self.turn.share("reading_alike") {
            0.0
        } else {
            near
        }
    }

    /// Of a word and a whole label.
    fn text_near(&mut self, text: &str, vector: Option<&[f32]>) -> f64 {
        let (Some(vector), Some(own)) = (vector, self.vector(text)) else { return 0.0 };
        self.scaled(cosine(&own, vector))
    }

    /// Of two words: the same, forms of the same, kindred, or near in the static vectors.
    fn word_near(&mut self, one: &str, other: &str) -> f64 {
        if one == other {
            return 1.0;
        }
        let key = (one.to_owned(), other.to_owned());
        if let Some(known) = self.pairs.get(&key) {
            return *known;
        }
        let language = &self.turn.parts.language;
        let forms = |word: &str| {
            let mut forms = language.base_forms(word);
            forms.push(word.to_owned());
            forms
        };
        let (ones, others) = (forms(one), forms(other));
        let pairs = || ones.iter().flat_map(|one| others.iter().map(move |other| (one, other)));
        let found = if pairs().any(|(one, other)| one == other) {
            self.turn.share("reading_form")
        } else if pairs().any(|(one, other)| language.are_kindred(one, other)) {
            self.turn.share("reading_alike")
        } else {
            match (self.vector(one), self.vector(other)) {
                (Some(one), Some(other)) => self.scaled(cosine(&one, &other)),
                _ => 0.0,
            }
        };
        self.pairs.insert(key, found);
        found
    }

    /// The vector of a word that is asked for; of its base form, where only that is known.
    fn vector(&mut self, text: &str) -> Option<Arc<Vec<f32>>> {
        if let Some(known) = self.vectors.get(text) {
            return known.clone();
        }
        let vectors = self.turn.parts.vectors.as_ref();
        let bases = || self.turn.parts.language.base_forms(text);
        let found = vectors
            .and_then(|vectors| {
                vectors.relation(text).or_else(|| bases().iter().find_map(|base| vectors.relation(base)))
            })
            .map(Arc::new);
        self.vectors.insert(text.to_owned(), found.clone());
        found
    }

    /// Words that have nothing to do with each other are somewhat near as well.
    fn scaled(&self, cosine: f64) -> f64 {
        let (chance, sure) = (self.turn.share("reading_chance"), self.turn.share("reading_sure"));
        ((cosine - chance) / (sure - chance).max(0.01)).clamp(0.0, self.turn.share("reading_similar"))
    }

    /// What a relation is called: by its label, else by the end of its IRI.
    fn label(&mut self, facts: &dyn Facts, relation: &NamedNode) {
        if self.labels.contains_key(relation) {
            return;
        }
        let label = label_of(facts, relation);
        let parts: Vec<String> = label
            .split(['.', '/', ':'])
            .flat_map(|part| part.split("__"))
            .map(as_words)
            .filter(|part| !part.is_empty())
            .collect();
        let (mut words, mut weights, mut own) = (Vec::new(), Vec::new(), 0);
        // From the last: a word that it shares with those before it is its own.
        for (number, part) in parts.iter().rev().enumerate() {
            let is_last = number == 0;
            for word in part.split(' ') {
                let is_stop = self.turn.parts.language.is_word("stop", word) && part.contains(' ');
                if !is_stop && !words.contains(&word.to_owned()) {
                    words.push(word.to_owned());
                    weights.push(if is_last { 1.0 } else { self.turn.share("reading_outer") });
                    own += usize::from(is_last);
                }
            }
        }
        let vector =
            self.turn.parts.vectors.as_ref().and_then(|vectors| vectors.relation(parts.last().map_or("", |last| last)));
        let last = parts.last().map_or("", |last| last);
        let is_noun = self.turn.parts.language.wording(last).shape == "noun";
        self.labels.insert(relation.clone(), Label { words, weights, vector, own, is_noun });
    }
}

/// The words of a question along the steps of a path.
struct Runs<'a> {
    /// How near each step is to each word.
    near: &'a [Vec<f64>],
    words: &'a [Word],
    /// How many words each step's relation has in its name.
    room: &'a [usize],
    /// How near a step must be to some word of its own.
    least: f64,
    /// What a step costs that no word speaks of, in words.
    cost: f64,
}

impl Runs<'_> {
    /// What these words say of a step. It has room for as many words as its relation's name; those beyond count for
    /// a third, so that "the wife of the wife" is two steps. A step without a word, and a word without a step where one
    /// must be, cost the same.
    fn gain(&self, step: usize, words: impl Iterator<Item = usize>) -> f64 {
        let near = |at: usize| self.near.get(step).and_then(|row| row.get(at)).copied().unwrap_or(0.0);
        let lacking = |near: f64| self.cost * ((self.least - near) / self.least.max(0.01)).max(0.0);
        let (mut gains, mut best) = (Vec::new(), 0.0_f64);
        // How near the words of a run are, of those whose first is here.
        let mut runs: Vec<(usize, f64)> = Vec::new();
        for at in words {
            let Some(word) = self.words.get(at) else { continue };
            best = best.max(near(at));
            gains.push(near(at) * word.weight);
            match (word.run, runs.iter_mut().find(|(run, _)| word.run == Some(*run))) {
                (Some(_), Some((_, nearest))) => *nearest = nearest.max(near(at)),
                (Some(run), None) if run == word.at => runs.push((run, near(at))),
                _ => {}
            }
        }
        let lacks: f64 = runs.iter().map(|(_, nearest)| lacking(*nearest)).sum();
        gains.sort_by(|one, other| other.total_cmp(one));
        let room = self.room.get(step).copied().unwrap_or(1).max(1);
        let told: f64 =
            gains.iter().enumerate().map(|(place, gain)| if place < room { *gain } else { gain / 3.0 }).sum();
        told - lacking(best).max(lacks)
    }

    /// The best cut into as many runs as there are steps, in order.
    fn ordered(&self) -> f64 {
        let count = self.words.len();
        // best[at]: the first words, up to there, in the runs of the steps so far.
        let mut best: Vec<f64> = (0..=count).map(|at| if at == 0 { 0.0 } else { f64::NEG_INFINITY }).collect();
        for step in 0..self.near.len() {
            best = (0..=count)
                .map(|end| {
                    let upto = |start: usize| best.get(start).copied().unwrap_or(f64::NEG_INFINITY);
                    (0..=end).map(|start| upto(start) + self.gain(step, start..end)).fold(f64::NEG_INFINITY, f64::max)
                })
                .collect();
        }
        best.last().copied().unwrap_or(0.0)
    }

    /// Each word with the step it is nearest to, wherever it stands.
    fn free(&self) -> f64 {
        let near = |step: usize, at: usize| self.near.get(step).and_then(|row| row.get(at)).copied().unwrap_or(0.0);
        let nearest = |at: usize| {
            (0..self.near.len()).max_by(|one, other| near(*one, at).total_cmp(&near(*other, at))).unwrap_or(0)
        };
        let of = |step: usize| (0..self.words.len()).filter(move |at| nearest(*at) == step);
        (0..self.near.len()).map(|step| self.gain(step, of(step))).sum()
    }
}

fn cosine(one: &[f32], other: &[f32]) -> f64 {
    one.iter().zip(other).map(|(one, other)| f64::from(*one) * f64::from(*other)).sum()
}

/// A relation's label in English or in no language, else what its IRI ends with.
pub(super) fn label_of(facts: &dyn Facts, relation: &NamedNode) -> String {
    let labelled = wikibase_entity(relation.as_str()).map_or_else(|| relation.clone(), NamedNode::new_unchecked);
    let labels = facts.some(Some(&labelled.into()), Some(v::LABEL), None, 20).unwrap_or_default();
    let label = labels.into_iter().find_map(|fact| match (fact.subject, fact.object) {
        (NamedOrBlankNode::NamedNode(_), Term::Literal(text))
            if text.language().is_none_or(|language| language.starts_with("en")) =>
        {
            Some(text.value().to_owned())
        }
        _ => None,
    });
    let local = || relation.as_str().rsplit(['#', '/', ':']).next().map(percent_decode).unwrap_or_default();
    label.unwrap_or_else(local)
}
