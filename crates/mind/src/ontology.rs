//! Answers yes/no questions over the ontologies that are loaded, and tells where what is taught goes against them.
//!
//! A word of chat means the class or thing that an ontology labels with it. The rules of the ontologies are compiled
//! once and again when an axiom is written; everything said to be proved has passed the independent checker.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use quid_core::intent::Question;
use quid_core::oxrdf::{Literal as Text, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use quid_core::proof::{NoBuiltIns, verify};
use quid_core::reply::Quote;
use quid_core::source::Citation;
use quid_core::text::percent_decode;
use quid_core::vocabulary as v;
use quid_core::{
    Answer, Argument, Atom, Because, Budget, Facts, Fault, Flaw, Goal, Key, Literal, Reply, Rule, Rulebook, Verified,
};
use quid_logic::entail::{in_force, is_axiom};
use quid_logic::{Ground, Halt, Program, Refusal, Verdict, prove};

use crate::turn::Turn;

/// The rules at the bottom of everything taught stand in this file of `ontologies/`.
const BASE: &str = "taught/";
/// `skos:prefLabel`
const PREF_LABEL: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/2004/02/skos/core#prefLabel");
/// What a node is declared to be so that its IRI is taken for a name.
const DECLARED: [NamedNodeRef<'static>; 3] = [
    NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#Class"),
    NamedNodeRef::new_unchecked("http://www.w3.org/2000/01/rdf-schema#Class"),
    NamedNodeRef::new_unchecked("http://www.w3.org/2002/07/owl#NamedIndividual"),
];
/// How many classes above a taught name are looked up among the labels.
const MOST_NAMES: usize = 32;
/// How many nodes with one label are considered.
const MOST_NODES: usize = 8;

/// The compiled rules, until an axiom is written.
#[derive(Default)]
pub(crate) struct Ontology(RefCell<Option<Compiled>>);

#[derive(Clone)]
struct Compiled {
    keeper: u64,
    version: u64,
    rules: Arc<Vec<Rule>>,
    names: Arc<Names>,
}

/// Nodes by what their IRIs end with, and the kind they are declared to be.
type Names = HashMap<Key, Vec<(NamedNode, NamedNodeRef<'static>)>>;

/// What became of a claim.
#[derive(Default)]
struct Sides {
    yes: Option<Verified>,
    no: Option<Verified>,
}

impl Turn<'_> {
    /// The rules of the ontologies that everybody may see.
    pub(crate) fn schema_rules(&self) -> Result<Arc<Vec<Rule>>, Fault> {
        Ok(self.compiled()?.rules)
    }

    fn compiled(&self) -> Result<Compiled, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        let budget = Budget::steps(self.parts.language.number("schema_steps")).with_stop(self.stop);
        let compile = |keeper: u64, version: u64, facts: &dyn Facts| {
            let rules = match in_force(facts, &budget) {
                Ok(rules) => Arc::new(rules),
                Err(Halt::Fault(fault)) => return Err(fault),
                // An ontology too large to be read is not in force; what is asked is then not known.
                Err(Halt::Spent(_)) => Arc::default(),
            };
            Ok(Compiled { keeper, version, rules, names: Arc::new(declared(facts, &budget)?) })
        };
        let Some(feed) = facts.feed() else { return compile(0, 0, facts.as_ref()) };
        let (keeper, version) = (feed.keeper(), feed.version());
        if let Some(known) = self.ontology.0.borrow_mut().as_mut()
            && known.keeper == keeper
        {
            let written = if known.version == version { Some(Vec::new()) } else { feed.since(known.version) };
            let changes = |triple: &Triple| is_axiom(triple) || is_declaration(triple);
            if written.is_some_and(|written| !written.iter().any(changes)) {
                known.version = version;
                return Ok(known.clone());
            }
        }
        let compiled = compile(keeper, version, feed.everybodys())?;
        self.ontology.0.replace(Some(compiled.clone()));
        Ok(compiled)
    }

    /// Whether X is a Y by an ontology's word; `None` when none of them knows the words, or nothing follows.
    pub(crate) fn ontology_answer(&self, question: &Question) -> Result<Option<Reply>, Fault> {
        let Question::Whether { subject, object } = question else { return Ok(None) };
        match self.by_ontology(subject, object)? {
            Sides { yes: None, no: None } => Ok(None),
            Sides { yes: Some(yes), no: None } => self.proved_by_ontology(yes, "answer.yes.because").map(Some),
            Sides { yes: None, no: Some(no) } => self.proved_by_ontology(no, "answer.no.because").map(Some),
            Sides { yes: Some(yes), no: Some(no) } => {
                let (one, other) = (self.explain(yes.proof())?, self.explain(no.proof())?);
                let text = self.say("contradiction.ontology", &[("one", &one), ("other", &other)]);
                let mut quotes = Vec::new();
                for (said, side) in [(one, &yes), (other, &no)] {
                    for source in self.cited(side)? {
                        quotes.push(Quote { text: said.clone(), source });
                    }
                }
                Ok(Some(Reply::new(Answer::Told(quotes), text)))
            }
        }
    }

    /// Why the contrary of "X is a Y", or of its denial, follows from an ontology, and from which sources.
    pub(crate) fn ontology_against(
        &self,
        subject: &str,
        object: &str,
        denied: bool,
    ) -> Result<Option<Verified>, Fault> {
        let sides = self.by_ontology(subject, object)?;
        Ok(if denied { sides.yes } else { sides.no })
    }

    fn proved_by_ontology(&self, proof: Verified, phrase: &str) -> Result<Reply, Fault> {
        let because = self.explain(proof.proof())?;
        let sources = self.cited(&proof)?;
        let text = self.say(phrase, &[("because", &because)]);
        Ok(Reply::new(Answer::Proved { proofs: vec![proof], sources }, text))
    }

    /// The sources of a proof's leaves, each once.
    pub(crate) fn cited(&self, proof: &Verified) -> Result<Vec<Citation>, Fault> {
        let mut graphs: Vec<&NamedNode> = Vec::new();
        for step in &proof.proof().steps {
            if let Because::Stored(graph) = &step.because
                && !graphs.contains(&graph)
            {
                graphs.push(graph);
            }
        }
        graphs.into_iter().map(|graph| self.cite(graph)).collect()
    }

    fn by_ontology(&self, subject: &str, object: &str) -> Result<Sides, Fault> {
        let memory = self.parts.memory.clone();
        let facts = memory.facts(&self.audience);
        let facts = facts.as_ref();
        let (subject, object) = (Key::of(subject), Key::of(object));
        let mut labels = Vec::new();
        // Where no ontology knows the class, what was taught says already whatever follows.
        self.label_rules(&object, facts, &mut labels)?;
        if labels.is_empty() {
            return Ok(Sides::default());
        }
        for word in &words_above(&subject, facts)? {
            self.label_rules(word, facts, &mut labels)?;
        }
        let base = self.parts.rules.rules.iter().filter(|rule| rule.name.starts_with(BASE)).cloned();
        let mut book = Rulebook { rules: base.collect() };
        book.rules.extend(self.schema_rules()?.iter().cloned());
        book.rules.extend(labels);
        let program = Program::new(&book);
        let claim = |relation: NamedNodeRef<'_>| Atom::binary(relation, subject.thing(), object.thing());
        Ok(Sides {
            yes: self.follows(&claim(v::IS_A), &program, &book, facts)?,
            no: self.follows(&claim(v::NOT_A), &program, &book, facts)?,
        })
    }

    fn follows(
        &self,
        claim: &Atom,
        program: &Program,
        book: &Rulebook,
        facts: &dyn Facts,
    ) -> Result<Option<Verified>, Fault> {
        let steps = self.parts.language.number("answer_steps");
        let budget = Budget::steps(steps).with_tuples(steps).with_stop(self.stop);
        let ground = Ground { facts, rules: program, builtins: &NoBuiltIns, mirror: None };
        let proof = match prove(claim, &ground, &budget) {
            Ok(Verdict::Proved(proof)) => proof,
            Err(Refusal::Fault(fault)) => return Err(fault),
            // What the engine will not do is not known.
            Ok(Verdict::Unknown | Verdict::Spent) | Err(_) => return Ok(None),
        };
        match verify(proof, facts, book, &NoBuiltIns) {
            Ok(verified) => Ok(Some(verified)),
            // One word for two classes proves nothing.
            Err(Flaw::Equivocation(_)) => Ok(None),
            Err(Flaw::Fault(fault)) => Err(fault),
            Err(flaw) => Err(Fault::Storage { what: "checking a proof".to_owned(), why: flaw.to_string() }),
        }
    }

    /// Rules by which a word means what is labelled with it, and stands for it in what is said.
    fn label_rules(&self, word: &Key, facts: &dyn Facts, rules: &mut Vec<Rule>) -> Result<(), Fault> {
        let name = format!("label({word})");
        if rules.iter().any(|rule: &Rule| rule.name.starts_with(&name)) {
            return Ok(());
        }
        let thing = Argument::Term(word.thing().into());
        let mut number = 0;
        for (node, label, text) in self.meant_by(word, facts)? {
            let node = Argument::Term(node);
            let literal = |relation: NamedNodeRef<'_>, one: &Argument, other: &Argument| Literal {
                predicate: relation.into_owned(),
                arguments: vec![one.clone(), other.clone()],
            };
            let means = literal(v::MEANS, &thing, &node);
            let (x, y) = (Argument::Variable(0), Argument::Variable(1));
            let mut add = |head: Literal, body: Vec<Literal>| {
                number += 1;
                let body = body.into_iter().map(Goal::Holds).collect();
                rules.push(Rule { name: format!("{name}/{number}"), head, body, says: String::new() });
            };
            add(means.clone(), vec![literal(label, &node, &Argument::Term(text))]);
            add(literal(v::IS_A, &thing, &node), vec![means.clone()]);
            for relation in [v::IS_A, v::NOT_A] {
                add(literal(relation, &thing, &y), vec![means.clone(), literal(relation, &node, &y)]);
                add(literal(relation, &x, &thing), vec![means.clone(), literal(relation, &x, &node)]);
            }
            add(literal(v::IS_A, &x, &node), vec![literal(v::IS_A, &x, &thing), means]);
        }
        Ok(())
    }

    /// The nodes that an ontology labels with this word or its base form, with the label, or whose IRIs end with it,
    /// with the declaration.
    fn meant_by(&self, word: &Key, facts: &dyn Facts) -> Result<Vec<(Term, NamedNodeRef<'static>, Term)>, Fault> {
        let mut found = self.labelled(word, facts)?;
        let names = self.compiled()?.names;
        for spelling in self.spellings(word.as_str()) {
            for (node, kind) in names.get(&Key::of(&spelling)).into_iter().flatten() {
                let node = Term::from(node.clone());
                if found.len() < MOST_NODES && !found.iter().any(|(known, ..)| *known == node) {
                    found.push((node, v::TYPE, kind.into_owned().into()));
                }
            }
        }
        Ok(found)
    }

    /// The nodes that an ontology labels with this word or its base form, with the label.
    fn labelled(&self, word: &Key, facts: &dyn Facts) -> Result<Vec<(Term, NamedNodeRef<'static>, Term)>, Fault> {
        let mut found: Vec<(Term, NamedNodeRef<'static>, Term)> = Vec::new();
        for spelling in self.spellings(word.as_str()) {
            let plain = Term::from(Text::new_simple_literal(&spelling));
            let english = Term::from(Text::new_language_tagged_literal_unchecked(&spelling, "en"));
            for text in [plain, english] {
                for label in [v::LABEL, PREF_LABEL, v::ALT_LABEL] {
                    for fact in facts.some(None, Some(label), Some(&text), MOST_NODES)? {
                        let node = Term::from(fact.subject);
                        let in_chat = matches!(&node, Term::NamedNode(node) if Key::of_thing(node).is_some());
                        if !in_chat && found.len() < MOST_NODES && !found.iter().any(|(known, ..)| *known == node) {
                            found.push((node, label, text.clone()));
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    /// How a label may spell a folded name: as it is, Capitalised, In Title Case, RunTogether; in the singular too.
    fn spellings(&self, name: &str) -> Vec<String> {
        let (before, last) = name.rsplit_once(' ').map_or(("", name), |(before, last)| (before, last));
        let joined = |base: String| if before.is_empty() { base } else { format!("{before} {base}") };
        let bases = self.parts.language.base_forms(last).into_iter().map(joined);
        let mut all: Vec<String> = Vec::new();
        for name in std::iter::once(name.to_owned()).chain(bases) {
            let title = name.split(' ').map(capitalised).collect::<Vec<_>>();
            for spelling in [name.clone(), capitalised(&name), title.join(" "), title.concat()] {
                if !spelling.is_empty() && !all.contains(&spelling) {
                    all.push(spelling);
                }
            }
        }
        all
    }
}

/// What is declared to be a class or an individual, by what its IRI ends with: "NamedPizza" is "named pizza".
fn declared(facts: &dyn Facts, budget: &Budget<'_>) -> Result<Names, Fault> {
    let mut names = Names::new();
    for kind in DECLARED {
        facts.each(None, Some(v::TYPE), Some(&kind.into_owned().into()), &mut |fact| {
            if let NamedOrBlankNode::NamedNode(node) = &fact.subject
                && Key::of_thing(node).is_none()
            {
                let nodes = names.entry(Key::of(&words_of(node))).or_default();
                if nodes.len() < MOST_NODES && !nodes.iter().any(|(known, _)| known == node) {
                    nodes.push((node.clone(), kind));
                }
            }
            if budget.step().is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
    }
    Ok(names)
}

fn is_declaration(triple: &Triple) -> bool {
    triple.predicate == v::TYPE && matches!(&triple.object, Term::NamedNode(kind) if DECLARED.contains(&kind.as_ref()))
}

/// The end of an IRI in words: cut where a capital follows a small letter, and at underscores.
fn words_of(node: &NamedNode) -> String {
    let local = node.as_str().rsplit(['/', '#', ':']).next().unwrap_or_default();
    let mut words = String::new();
    let mut before = ' ';
    for character in percent_decode(local).chars() {
        if character.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.push(if character == '_' { ' ' } else { character });
        before = character;
    }
    words
}

/// A name, and the names of what it was taught to be.
fn words_above(name: &Key, facts: &dyn Facts) -> Result<Vec<Key>, Fault> {
    let mut words = vec![name.clone()];
    let mut at = 0;
    while let Some(word) = words.get(at).cloned() {
        at += 1;
        let thing = Term::from(word.thing());
        for relation in [v::TYPE, v::SUB_CLASS_OF, v::SAME_AS] {
            for fact in facts.all(Some(&thing), Some(relation), None, MOST_NAMES)? {
                if let Term::NamedNode(node) = &fact.object
                    && let Some(above) = Key::of_thing(node)
                    && words.len() < MOST_NAMES
                    && !words.contains(&above)
                {
                    words.push(above);
                }
            }
        }
    }
    Ok(words)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
