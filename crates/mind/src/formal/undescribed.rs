//! Words of programs and statements that nobody described: their own names, and labels.
//!
//! `capital(texas, austin)` is a program whose relation is called as people call it, and "alice likes tea" was taught in
//! words already. So the words of a question are looked up as the names of stored relations, classes and things.
//! Nothing tells what stands at the ends of such a relation; a question that can be read either way is not answered.

use std::collections::BTreeSet;

use quid_core::oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use quid_core::rule;
use quid_core::text::{percent_encode, wikibase_property};
use quid_core::vocabulary as v;
use quid_core::{Argument, Facts, Fault, Key, Query};
use quid_lang::Language;
use quid_lang::question_grammar::{Class, Member, Named, Names, Range, Relation, Schema, spelled};

use quid_logic::{Ground, Standard, ask};

use super::Known;
use super::description::{Purse, Stored, rows, text_of};
use super::samples::Pairs;
use crate::factoid::DENIED;

/// The most words of a name of a relation or class, and of a thing.
const RELATION_WORDS: usize = 3;
const NAME_WORDS: usize = 5;
/// How many facts of a relation show what stands at its ends.
const SAMPLE: usize = 5;
/// How many things may share a label.
const NAMESAKES: usize = 8;

/// Looks the words of one line up.
pub(super) struct Finder<'a> {
    pub facts: &'a dyn Facts,
    pub language: &'a Language,
    pub schema: Schema,
    /// Words that are only ever used as properties.
    pub properties: Vec<Term>,
    known: &'a Known,
    purse: &'a Purse<'a>,
    found: BTreeSet<String>,
}

impl<'a> Finder<'a> {
    pub fn new(facts: &'a dyn Facts, language: &'a Language, known: &'a Known, purse: &'a Purse<'a>) -> Self {
        let schema = known.description.schema.clone();
        Self { facts, language, schema, properties: Vec::new(), known, purse, found: BTreeSet::new() }
    }

    /// The relations of programs of this name, with how many arguments each has.
    fn program_relations(&self, name: &str) -> Vec<(usize, NamedNode)> {
        let all = &self.known.programs.vocabulary.relations;
        let from = all.range((name.to_owned(), 0)..);
        from.take_while(|((other, _), _)| other == name).map(|((_, width), node)| (*width, node.clone())).collect()
    }

    fn stored(&self) -> Stored<'_> {
        Stored { facts: self.facts, program: &self.known.programs.program, purse: self.purse }
    }

    /// Some pairs of a relation, stored or derived.
    fn sample(&self, relation: &NamedNode) -> Pairs {
        self.known.programs.samples.of(relation, || {
            let arguments = vec![Argument::Variable(0), Argument::Variable(1)];
            let literal = rule::Literal { predicate: relation.clone(), arguments };
            let (rows, spent) = rows(literal, Some(SAMPLE), &self.stored());
            let pairs = rows.into_iter().filter_map(|row| match row.as_slice() {
                [subject, object] => Some((subject.clone(), object.clone())),
                _ => None,
            });
            (pairs.collect(), spent)
        })
    }

    /// Adds the relations and classes that the words of a line may name.
    pub fn look_up(&mut self, tokens: &[String]) -> Result<(), Fault> {
        let from = (self.schema.classes.len(), self.schema.relations.len());
        for at in 0..tokens.len() {
            for length in 1..=RELATION_WORDS.min(tokens.len() - at) {
                let Some(words) = tokens.get(at..at + length) else { continue };
                let general = |word: &String| self.language.questions().is_general(word);
                let phrase = words.join(" ");
                self.preposition(&phrase)?;
                if words.first().is_none_or(general) || length > 1 && words.iter().all(general) {
                    continue;
                }
                for base in self.bases(words) {
                    self.taught_noun(&base)?;
                    self.class(&base)?;
                    self.verb(&base)?;
                    self.relation(&base);
                    self.labelled(&base)?;
                }
            }
        }
        self.measures(tokens, from.1);
        self.ends(from);
        Ok(())
    }

    /// The measures that adjectives and units speak of: "largest" of `area`, "people" of `population`.
    fn measures(&mut self, tokens: &[String], from: usize) {
        let language = self.language;
        let spoken = language.questions().dimensions(tokens, &|noun| language.plural(noun));
        for dimension in &spoken {
            self.relation(&dimension.noun);
        }
        let measures = || {
            let relations = self.schema.relations.iter().enumerate().skip(from);
            let measures = relations.filter(|(_, relation)| relation.range == Range::Number);
            measures.filter_map(|(id, relation)| {
                let dimension = spoken.iter().find(|dimension| relation.nouns.contains(&dimension.noun))?;
                Some((id, *dimension))
            })
        };
        let taken: Vec<String> =
            measures().flat_map(|(_, dimension)| dimension.high.iter().chain(&dimension.low).cloned()).collect();
        let free =
            |words: &[String]| -> Vec<String> { words.iter().filter(|word| !taken.contains(word)).cloned().collect() };
        let words: Vec<_> = measures()
            .map(|(id, dimension)| {
                let high = [dimension.high.clone(), free(&dimension.otherwise_high)].concat();
                let low = [dimension.low.clone(), free(&dimension.otherwise_low)].concat();
                (id, high, low, dimension.units.clone())
            })
            .collect();
        for (id, high, low, units) in words {
            if let Some(relation) = self.schema.relations.get_mut(id) {
                (relation.high, relation.low, relation.units) = (high, low, units);
            }
        }
    }

    /// What stands at the ends of the relations that were found, judged by some of their facts: the class among those
    /// asked about that all of them are in, or none of those.
    fn ends(&mut self, from: (usize, usize)) {
        let classes = self.schema.classes.len();
        for relation in from.1..self.schema.relations.len() {
            let Some(described) = self.schema.relations.get(relation).filter(|relation| relation.closed) else {
                continue;
            };
            let range = described.range;
            let (subjects, objects): (Vec<Term>, Vec<Term>) =
                self.sample(&described.predicate.clone()).into_iter().unzip();
            let domain = self.end(&subjects, (from.0, classes));
            let range =
                if range == Range::Number { range } else { Range::Thing(self.end(&objects, (from.0, classes))) };
            if let Some(relation) = self.schema.relations.get_mut(relation) {
                relation.domain = domain;
                relation.range = range;
            }
        }
    }

    /// How many of these are in a class of a program; `None` for any other class.
    fn inside(&self, member: &Member, terms: &[Term]) -> Option<usize> {
        let (Member::Relation(node) | Member::FirstOf(node, _)) = member else { return None };
        let width = if let Member::FirstOf(_, width) = member { *width } else { 1 };
        let inside = |term: &&Term| {
            let others = (0u32..).take(width.saturating_sub(1)).map(Argument::Variable);
            let arguments = std::iter::once(Argument::Term((*term).clone())).chain(others).collect();
            let literal = rule::Literal { predicate: node.clone(), arguments };
            width > 1 && !rows(literal, Some(1), &self.stored()).0.is_empty() || width == 1 && self.holds(node, term)
        };
        Some(terms.iter().filter(inside).count())
    }

    fn holds(&self, class: &NamedNode, term: &Term) -> bool {
        let query = Query::asking(vec![quid_core::Goal::Holds(rule::Literal {
            predicate: class.clone(),
            arguments: vec![Argument::Term(term.clone())],
        })]);
        let ground =
            Ground { facts: self.facts, rules: &self.known.programs.program, builtins: &Standard, mirror: None };
        let budget = self.purse.inside();
        ask(&query, &ground, &budget).is_ok_and(|solutions| !solutions.is_empty())
    }

    fn end(&mut self, terms: &[Term], classes: (usize, usize)) -> Option<usize> {
        let mut outside = classes.0 < classes.1;
        for id in classes.0..classes.1 {
            let Some(class) = self.schema.classes.get(id) else { continue };
            let Some(inside) = self.inside(&class.member, terms) else {
                outside = false;
                continue;
            };
            if inside == terms.len() {
                return Some(id);
            }
            outside &= inside == 0;
        }
        if !outside {
            return None;
        }
        // Of no class that is asked about: of one that nothing else is in.
        self.schema.classes.push(Class {
            nouns: Vec::new(),
            loose_nouns: Vec::new(),
            member: Member::AnyOf(Vec::new()),
            keys: 1,
            above: Vec::new(),
            prominence: 0,
            article: false,
            closed: true,
            adjective: false,
        });
        Some(self.schema.classes.len() - 1)
    }

    /// A phrase, with its last word as a noun in the singular, and with its first word as a verb in its base form.
    fn bases(&self, words: &[String]) -> Vec<String> {
        let phrase = words.join(" ");
        let mut bases = vec![phrase.clone()];
        let mut add = |base: String| {
            if !bases.contains(&base) {
                bases.push(base);
            }
        };
        self.language.base_forms(&phrase).into_iter().for_each(&mut add);
        if let Some((first, rest)) = words.split_first()
            && !rest.is_empty()
        {
            let rest = rest.join(" ");
            for base in self.language.base_forms(first) {
                add(format!("{base} {rest}"));
            }
        }
        bases
    }

    /// Whether a taught relation is stored, or concluded by a taught rule.
    fn is_taught(&self, node: &NamedNode) -> Result<bool, Fault> {
        Ok(self.known.programs.program.concluding(node).next().is_some() || self.any(node.as_ref(), None)?)
    }

    fn any(&self, predicate: NamedNodeRef<'_>, object: Option<&Term>) -> Result<bool, Fault> {
        // Most words lead from nowhere; asking that once answers for every relation.
        if object.is_some() && self.facts.some(None, None, object, 1)?.is_empty() {
            return Ok(false);
        }
        Ok(!self.facts.some(None, Some(predicate), object, 1)?.is_empty())
    }

    /// A taught class, or one of a program: `state(texas)`, `state(texas, austin, 28)`.
    fn class(&mut self, noun: &str) -> Result<(), Fault> {
        if !self.found.insert(format!("class {noun}")) {
            return Ok(());
        }
        let key = Key::of(noun);
        let thing = Term::from(key.thing());
        let object = Argument::Term(thing.clone());
        let by_rule = [v::IS_A, v::NOT_A].into_iter().any(|relation| {
            let relation = relation.into_owned();
            let mut concluded = self.known.programs.program.concluding(&relation);
            concluded.any(|rule| rule.head.arguments.get(1) == Some(&object))
        });
        let named_as_kind = self.any(v::TYPE, Some(&thing))? || self.any(v::SUB_CLASS_OF, Some(&thing))?;
        let as_property = by_rule || self.any(v::HAS_PROPERTY, Some(&thing))? || self.any(v::NOT_A, Some(&thing))?;
        if as_property && !named_as_kind {
            self.properties.push(thing.clone());
        }
        if named_as_kind || as_property {
            let member = Member::Kind(v::IS_A.into_owned(), thing);
            self.add_class(noun, member.clone());
            if let Some(class) = self.schema.classes.iter_mut().find(|class| class.member == member) {
                class.adjective = as_property;
            }
        }
        for name in program_names(noun) {
            for (width, relation) in self.program_relations(&name) {
                match width {
                    1 => self.add_class(noun, Member::Relation(relation)),
                    3.. => self.add_class(noun, Member::FirstOf(relation, width)),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn add_class(&mut self, noun: &str, member: Member) {
        if self.schema.classes.iter().any(|class| class.member == member) {
            return;
        }
        // People teach only some of what is of a kind.
        let closed = !matches!(member, Member::Kind(..));
        self.schema.classes.push(Class {
            nouns: vec![noun.to_owned()],
            loose_nouns: Vec::new(),
            member,
            keys: 1,
            above: Vec::new(),
            prominence: 0,
            article: false,
            closed,
            adjective: false,
        });
    }

    /// A taught verb: "likes", "lives in".
    fn verb(&mut self, base: &str) -> Result<(), Fault> {
        let (head, rest) = base.split_once(' ').unwrap_or((base, ""));
        for third in [self.language.plural(head), format!("{head}es"), head.to_owned()] {
            let verb = if rest.is_empty() { third } else { format!("{third} {rest}") };
            let node = taught(&verb);
            if self.found.insert(node.as_str().to_owned()) && self.is_taught(&node)? {
                let mut relation = Relation::new(node, None, Range::Thing(None));
                // Said in its base form, however it was asked with.
                let bases = self.language.base_forms(head);
                let plain = bases.iter().find(|form| self.language.plural(form) == head).map_or(head, String::as_str);
                let said = if rest.is_empty() { plain.to_owned() } else { format!("{plain} {rest}") };
                relation.verbs = vec![said];
                relation.denial = Some(taught(&format!("{DENIED}{verb}")));
                self.schema.relations.push(relation);
            }
        }
        Ok(())
    }

    /// What was taught with "is": "is in", "is married to".
    fn preposition(&mut self, phrase: &str) -> Result<(), Fault> {
        let node = taught(&format!("is {phrase}"));
        if self.found.insert(node.as_str().to_owned()) && self.is_taught(&node)? {
            let mut relation = Relation::new(node, None, Range::Thing(None));
            relation.denial = Some(taught(&format!("{DENIED}is {phrase}")));
            match phrase.strip_suffix(" of") {
                Some(noun) => {
                    let noun = noun.strip_prefix("a ").or_else(|| noun.strip_prefix("the ")).unwrap_or(noun);
                    relation.inverse_nouns = vec![noun.to_owned()];
                }
                None => relation.prepositions = vec![phrase.to_owned()],
            }
            self.schema.relations.push(relation);
        }
        Ok(())
    }

    /// What was taught as "is a child of": asked for as "the children of", "alice's children".
    fn taught_noun(&mut self, noun: &str) -> Result<(), Fault> {
        for said in [self.language.with_article(noun), format!("the {noun}"), noun.to_owned()] {
            self.preposition(&format!("{said} of"))?;
        }
        Ok(())
    }

    /// A relation of a program between two things, or between a thing and a number.
    fn relation(&mut self, word: &str) {
        let mut names = program_names(word);
        names.extend(program_names(&self.language.plural(word)));
        for name in names {
            // Whose name says which end is which: `capital_of(austin, texas)`, `has_capital(texas, austin)`.
            for (name, forward, backward) in [
                (name.clone(), true, true),
                (format!("{name}_of"), false, true),
                (format!("is_{name}_of"), false, true),
                (format!("has_{name}"), true, false),
            ] {
                for (_, node) in self.program_relations(&name).into_iter().filter(|(width, _)| *width == 2) {
                    if self.found.insert(node.as_str().to_owned())
                        && let Some((_, object)) = self.sample(&node).first()
                    {
                        self.add_relation(node, word, object, (forward, backward), true);
                    }
                }
            }
        }
    }

    fn add_relation(&mut self, node: NamedNode, word: &str, value: &Term, ends: (bool, bool), closed: bool) {
        if self.schema.relations.iter().any(|relation| relation.predicate == node) {
            return;
        }
        let number = matches!(value, Term::Literal(literal) if literal.value().parse::<f64>().is_ok());
        let range = if number { Range::Number } else { Range::Thing(None) };
        let mut relation = Relation::new(node, None, range);
        if ends.0 || number {
            relation.nouns = vec![word.to_owned()];
        }
        if ends.1 && !number {
            relation.inverse_nouns = vec![word.to_owned()];
        }
        if !number && ends.0 && ends.1 {
            relation.verbs = vec![word.to_owned()];
        }
        relation.closed = closed;
        self.schema.relations.push(relation);
    }

    /// A class or property that a loaded vocabulary calls so.
    fn labelled(&mut self, label: &str) -> Result<(), Fault> {
        if !self.found.insert(format!("label {label}")) {
            return Ok(());
        }
        for node in nodes_labelled(self.facts, label)? {
            if node.as_str().starts_with(v::THING) {
                continue;
            }
            // A Wikibase labels one node, and uses another in statements.
            let node = match wikibase_property(node.as_str()) {
                Some(property) => NamedNode::new_unchecked(property),
                None => node,
            };
            let class = Term::from(node.clone());
            if self.any(v::TYPE, Some(&class))? {
                self.add_class(label, Member::Kind(v::TYPE.into_owned(), class));
            }
            let some = self.facts.some(None, Some(node.as_ref()), None, 1)?;
            if let Some(fact) = some.first() {
                self.add_relation(node, label, &fact.object, (true, false), false);
            }
        }
        Ok(())
    }
}

/// The names of things, those of the description first.
pub(super) struct Things<'a> {
    pub facts: &'a dyn Facts,
    pub language: &'a Language,
    pub described: &'a dyn Names,
    /// What is only ever used as a property is no thing by that name: "which are not cold?".
    pub properties: &'a [Term],
}

impl Names for Things<'_> {
    fn named(&self, name: &str) -> Vec<Named> {
        let described = self.described.named(name);
        if !described.is_empty() || name.split(' ').count() > NAME_WORDS || self.language.questions().is_general(name) {
            return described;
        }
        let key = Key::of(name).thing();
        let thing = Term::from(key.clone());
        let is_known = |subject: Option<&Term>, object: Option<&Term>| {
            self.facts.some(subject, None, object, 1).is_ok_and(|some| !some.is_empty())
        };
        let mut nodes = Vec::new();
        if !self.properties.contains(&thing) && (is_known(Some(&thing), None) || is_known(None, Some(&thing))) {
            nodes.push(key);
        }
        nodes.extend(
            nodes_labelled(self.facts, name)
                .unwrap_or_default()
                .into_iter()
                .filter(|node| !node.as_str().starts_with(v::THING) && !node.as_str().starts_with(v::WN30)),
        );
        nodes
            .into_iter()
            .map(|node| {
                let term = Term::from(node);
                let name = text_of(&term, self.facts).unwrap_or_else(|| name.to_owned());
                Named { terms: vec![term], class: None, name }
            })
            .collect()
    }
}

/// What is labelled so, in English or in no language.
fn nodes_labelled(facts: &dyn Facts, label: &str) -> Result<Vec<NamedNode>, Fault> {
    let mut found = Vec::new();
    for literal in [Literal::new_simple_literal(label), Literal::new_language_tagged_literal_unchecked(label, "en")] {
        for fact in facts.some(None, Some(v::LABEL), Some(&literal.into()), NAMESAKES)? {
            if let NamedOrBlankNode::NamedNode(node) = fact.subject
                && spelled(label) == label
                && !found.contains(&node)
            {
                found.push(node);
            }
        }
    }
    Ok(found)
}

fn taught(verb: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{}{}", v::VERB, percent_encode(verb)))
}

/// How programs write a phrase as a name: `capital_city`, `capitalCity`.
fn program_names(phrase: &str) -> Vec<String> {
    if !phrase.contains(' ') {
        return vec![phrase.to_owned()];
    }
    let mut camel = String::new();
    for (place, word) in phrase.split(' ').enumerate() {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if place > 0 => camel.extend(first.to_uppercase().chain(letters)),
            Some(first) => camel.extend(std::iter::once(first).chain(letters)),
            None => {}
        }
    }
    vec![phrase.replace(' ', "_"), camel]
}
