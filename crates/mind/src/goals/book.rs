//! Which rules and names are in force for a question in logic.
//!
//! Everything somebody may see counts: the bot's own rules, programs that were loaded, rules that were taught.

use std::cell::RefCell;
use std::ops::ControlFlow;

use quid_core::columns;
use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Term};
use quid_core::text::percent_encode;
use quid_core::vocabulary::{IS_A, PROGRAM, TYPE, VERB};
use quid_core::{Argument, Facts, Fault, Goal, Key, Literal, Rule, Rulebook};
use quid_logic::{Program, Vocabulary, read_program};

use crate::turn::Turn;

/// The files of the bot's own rules that are for questions in words: their readings of words branch without end
/// where none is chosen. `taught` comes with the rules that are taught.
const IN_WORDS: [&str; 3] = ["rules/", "stories/", "taught/"];

/// Rules and names.
pub(super) struct Book {
    pub(super) program: Program,
    pub(super) vocabulary: Vocabulary,
    /// The verbs that a name may stand for, `{name}` being the name.
    verbs: Vec<String>,
    /// Classes that the question asks for as relations of one argument.
    classes: RefCell<Vec<NamedNode>>,
}

impl Turn<'_> {
    /// The rules in force here, compiled, and the names of programs, for questions over databases.
    pub(crate) fn program_in_force(&self, facts: &dyn Facts) -> Result<(Program, Vocabulary), Fault> {
        let book = self.goal_book(facts)?;
        Ok((book.program, book.vocabulary))
    }

    /// The rules and names in force for a question in logic: those, and what the loaded ontologies say by RDF Schema.
    pub(super) fn goal_book_by_schema(&self, facts: &dyn Facts) -> Result<Book, Fault> {
        let mut book = self.goal_book(facts)?;
        let schema = self.schema_rules()?;
        let classes = book.vocabulary.relations.iter().filter(|((_, width), _)| *width == 1);
        let classes = classes.map(|(_, class)| Rule {
            name: format!("class/{}", class.as_str()),
            head: Literal { predicate: class.clone(), arguments: vec![Argument::Variable(0)] },
            body: vec![Goal::Holds(Literal {
                predicate: TYPE.into_owned(),
                arguments: vec![Argument::Variable(0), Argument::Term(class.clone().into())],
            })],
            says: String::new(),
        });
        let rules: Vec<Rule> = schema.iter().cloned().chain(classes).collect();
        book.program = book.program.with(rules);
        Ok(book)
    }

    /// The rules that everybody may know, for what is read of the facts that everybody may see.
    pub(crate) fn program_for_everybody(&self, facts: &dyn Facts) -> Result<Program, Fault> {
        Ok(self.book_with(facts, &self.rules_seen_in(facts)?.book().rules)?.program)
    }

    /// The rules and names in force here.
    pub(super) fn goal_book(&self, facts: &dyn Facts) -> Result<Book, Fault> {
        self.book_with(facts, &self.taught_book()?.book().rules)
    }

    fn book_with(&self, facts: &dyn Facts, taught: &[Rule]) -> Result<Book, Fault> {
        let own = self.parts.rules.rules.iter();
        let own = own.filter(|rule| !IN_WORDS.iter().any(|file| rule.name.starts_with(file))).cloned();
        let mut book = Rulebook { rules: own.collect() };
        book.rules.extend(taught.iter().cloned());
        let mut vocabulary = (*self.names.vocabulary).clone();
        for (name, text) in programs(facts)? {
            let no_files = |file: &str| Err(format!("`{file}` was taken in when the program was loaded"));
            let read = read_program(&name, &text, &self.names.vocabulary, &no_files);
            let mut names = read.names();
            book.rules.extend(read.rules);
            // What a loaded program names is meant before what the bot brings along.
            names.extend(&vocabulary);
            vocabulary = names;
        }
        let mut program = Program::new(&book);
        for ((_, width), relation) in &vocabulary.relations {
            program.know(relation, *width);
        }
        let verbs = self.parts.language.setting("goal_verbs").unwrap_or_default();
        let verbs = verbs.split('|').map(str::to_owned).collect();
        Ok(Book { program, vocabulary, verbs, classes: RefCell::default() })
    }
}

/// The programs that may be seen: name and text, by name.
fn programs(facts: &dyn Facts) -> Result<Vec<(String, String)>, Fault> {
    let mut found = Vec::new();
    facts.each(None, Some(PROGRAM), None, &mut |fact| {
        if let (NamedOrBlankNode::NamedNode(node), Term::Literal(text)) = (&fact.subject, &fact.object) {
            found.push((short_name(node), text.value().to_owned()));
        }
        ControlFlow::Continue(())
    })?;
    found.sort();
    Ok(found)
}

impl Book {
    /// What a name means that no program declares: a relation of a program's facts, a class, a taught verb.
    pub(super) fn means(&self, name: &str, width: usize, facts: &dyn Facts) -> Option<NamedNode> {
        let relation = columns::relation(name);
        let rules = self.program.relations();
        let is_ruled =
            |relation: &NamedNode| rules.iter().any(|(known, known_width)| known == relation && *known_width == width);
        if is_ruled(&relation) || is_stored(&relation, width, facts) {
            return Some(relation);
        }
        let spoken = name.replace('_', " ");
        let class = Key::of(&spoken).thing();
        if width == 1 && self.is_spoken_of(&class, facts) {
            self.classes.borrow_mut().push(class.clone());
            return Some(class);
        }
        let verb = |form: &String| {
            NamedNode::new_unchecked(format!("{VERB}{}", percent_encode(&form.replace("{name}", &spoken))))
        };
        self.verbs.iter().filter(|_| width == 2).map(verb).find(|verb| is_ruled(verb) || is_stored(verb, 2, facts))
    }

    /// Whether something is, or by a taught rule may be, of a class.
    fn is_spoken_of(&self, class: &NamedNode, facts: &dyn Facts) -> bool {
        let term = Term::from(class.clone());
        if facts.some(None, None, Some(&term), 1).is_ok_and(|one| !one.is_empty()) {
            return true;
        }
        let wanted = Argument::Term(term);
        self.program.rules().any(|rule| rule.head.arguments.contains(&wanted))
    }

    /// The program with a rule for each class that was asked for: whatever is one, is one of it.
    pub(super) fn asked(&self) -> Program {
        let classes = self.classes.borrow();
        let rules = classes.iter().map(|class| Rule {
            name: format!("class/{}", short_name(class)),
            head: Literal { predicate: class.clone(), arguments: vec![Argument::Variable(0)] },
            body: vec![Goal::Holds(Literal {
                predicate: IS_A.into_owned(),
                arguments: vec![Argument::Variable(0), Argument::Term(class.clone().into())],
            })],
            says: String::new(),
        });
        self.program.with(rules)
    }
}

/// Whether anything of a relation is stored. A fault is no answer here; the question itself will meet it again.
fn is_stored(relation: &NamedNode, width: usize, facts: &dyn Facts) -> bool {
    let any =
        |predicate: &NamedNode| facts.some(None, Some(predicate.as_ref()), None, 1).is_ok_and(|one| !one.is_empty());
    let class = Term::from(relation.clone());
    match width {
        1 if facts.some(None, Some(TYPE), Some(&class), 1).is_ok_and(|one| !one.is_empty()) => true,
        2 if any(relation) => true,
        0 => any(&columns::column(relation, 0, 0)),
        _ => any(&columns::column(relation, width, 1)),
    }
}

/// The last part of an IRI, as it is spoken of.
pub(super) fn short_name(node: &NamedNode) -> String {
    let text = node.as_str();
    let last = text.rsplit(['/', '#', ':']).find(|part| !part.is_empty()).unwrap_or(text);
    quid_core::text::percent_decode(last)
}
