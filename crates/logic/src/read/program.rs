//! Reads a whole program: its clauses one by one, its directives, and what it includes.
//!
//! Facts become statements at once; rules wait until all clauses are read, since only then it is known which
//! relations the program defines itself.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use quid_core::columns;
use quid_core::oxrdf::NamedNode;
use quid_core::{Atom, Query, Rule};

use super::compile::{Context, Head, WIDEST, clause, is_reserved};
use super::constant::{Why, constant};
use super::parse::{Functor, Node, Parsed, Parser};
use super::problem::{RuleError, Text};
use super::query::query;
use super::token::{Broken, Note, broken};
use super::vocabulary::{Vocabulary, nearest};

/// The most problems that are told of one program.
const TOLD: usize = 50;
/// The deepest that files include files.
const DEEPEST: usize = 16;
/// The largest text that is read, in bytes.
const LARGEST: usize = 256 * 1024 * 1024;

/// What a program says.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Its rules, in the order they are written, and what their nested goals became.
    pub rules: Vec<Rule>,
    /// Its facts.
    pub facts: Vec<Atom>,
    /// Its questions (`?- goal.`).
    pub queries: Vec<Query>,
    /// Its own prefixes and names, with those it was given.
    pub vocabulary: Vocabulary,
    /// The relations that its facts and rules conclude, by name and number of arguments.
    pub defines: BTreeSet<(String, usize)>,
    /// Its directives, rules and questions as they were written, without its facts: with the facts in the store, all
    /// that is needed to read it again.
    pub text: String,
    /// What is wrong with it; what could be read is there all the same.
    pub problems: Vec<RuleError>,
}

/// Reads a program. `file` is its name for errors and the first part of its rules' names, `given` the names it may
/// use without declaring them, `include` gives the text of a file it includes, or why it cannot be had.
///
/// ```
/// use quid_logic::{Vocabulary, read_program};
/// let text = "state(texas, 266.807e+3).\nbig(S) :- state(S, Area), Area > 100_000.";
/// let program = read_program("geo", text, &Vocabulary::default(), &|_| Err("no files".into()));
/// assert!(program.problems.is_empty());
/// assert_eq!((program.facts.len(), program.rules.len()), (1, 1));
/// ```
#[must_use]
pub fn read_program(
    file: &str,
    text: &str,
    given: &Vocabulary,
    include: &dyn Fn(&str) -> Result<String, String>,
) -> Script {
    let mut reader = Reader {
        script: Script { vocabulary: given.clone(), ..Script::default() },
        name: file.to_owned(),
        include,
        open: Vec::new(),
        waiting: Vec::new(),
        own: BTreeMap::new(),
        used: BTreeMap::new(),
        clauses: 0,
    };
    reader.file(file, text);
    reader.compile();
    reader.script
}

impl Script {
    /// Its names, those of what it defines among them: what a question about it may use.
    #[must_use]
    pub fn names(&self) -> Vocabulary {
        let mut names = self.vocabulary.clone();
        for (name, width) in &self.defines {
            let relation = self.vocabulary.relation(name, *width);
            names.relations.insert((name.clone(), *width), relation);
        }
        names
    }
}

/// A clause with a body, or a question, until all clauses are read.
struct Waiting {
    text: Rc<Text>,
    term: Parsed,
    name: String,
    says: String,
}

struct Reader<'r> {
    script: Script,
    /// The program's name, the first part of its rules' names.
    name: String,
    include: &'r dyn Fn(&str) -> Result<String, String>,
    /// The files being read, the including before the included.
    open: Vec<String>,
    waiting: Vec<Waiting>,
    /// The relations that it names itself; what it defines under a given name is its own all the same.
    own: BTreeMap<(String, usize), NamedNode>,
    /// What each relation's name meant where it was used first.
    used: BTreeMap<(String, usize), NamedNode>,
    clauses: usize,
}

impl Reader<'_> {
    fn file(&mut self, file: &str, text: &str) {
        let source = Rc::new(Text::new(file, text));
        if text.len() > LARGEST {
            self.problem(&source, 0, format!("expected a text of at most {LARGEST} bytes"));
            return;
        }
        self.open.push(file.to_owned());
        let mut parser = Parser::new(text).with(&self.script.vocabulary);
        let mut notes = Notes::default();
        loop {
            let start = parser.lexer.at;
            let read = parser.clause(&self.script.vocabulary, false);
            for note in std::mem::take(&mut parser.lexer.notes) {
                if let Err(broken) = notes.take(&note) {
                    self.problem(&source, broken.at, broken.problem);
                }
            }
            match read {
                Ok(None) => break,
                Ok(Some(term)) => {
                    // What is included stands in its place already.
                    let includes = matches!(term.call(), Some((":-", [directive]))
                        if matches!(directive.call(), Some(("include" | "ensure_loaded", _))));
                    let is_kept = !includes && (notes.is_some() || matches!(term.call(), Some((":-" | "?-", _))));
                    match self.sentence(&source, term, &mut notes, &mut parser) {
                        Ok(()) if is_kept => {
                            self.script.text.push_str(text.get(start..parser.lexer.at).unwrap_or_default().trim());
                            self.script.text.push('\n');
                        }
                        Ok(()) => {}
                        Err(broken) => self.problem(&source, broken.at, broken.problem),
                    }
                }
                Err(broken) => {
                    self.problem(&source, broken.at, broken.problem);
                    notes = Notes::default();
                    parser.recover();
                }
            }
            if self.script.problems.len() >= TOLD {
                self.problem(&source, text.len(), "too many problems, the rest is not read");
                break;
            }
        }
        self.open.pop();
    }

    fn problem(&mut self, text: &Text, at: usize, problem: impl Into<String>) {
        self.script.problems.push(text.problem(at, problem));
    }

    fn sentence(
        &mut self,
        text: &Rc<Text>,
        term: Parsed,
        notes: &mut Notes,
        parser: &mut Parser<'_>,
    ) -> Result<(), Broken> {
        match term.call() {
            Some((":-", [directive])) => self.directive(directive, parser),
            Some((":-", [head, _])) => {
                self.defined(head)?;
                self.wait(text, term, notes)
            }
            Some(("?-", [_])) => self.wait(text, term, notes),
            Some(("-->", [_, _])) => broken(term.at, "expected a clause; grammar rules (`-->`) are not read"),
            _ => self.fact(text, term, notes),
        }
    }

    fn wait(&mut self, text: &Rc<Text>, term: Parsed, notes: &mut Notes) -> Result<(), Broken> {
        self.clauses += 1;
        let (name, says) = notes.given();
        let name = format!("{}/{}", self.name, name.unwrap_or_else(|| self.clauses.to_string()));
        if self.waiting.iter().any(|other| other.name == name) {
            return broken(term.at, format!("expected a new name, `{name}` is taken"));
        }
        self.waiting.push(Waiting { text: text.clone(), term, name, says });
        Ok(())
    }

    /// Notes that a program defines a relation.
    fn defined(&mut self, head: &Parsed) -> Result<(), Broken> {
        if let Some((name, arguments)) = head.call() {
            if is_reserved(name, arguments.len()) {
                let what = format!("expected a relation to define; `{name}/{}` is built in", arguments.len());
                return broken(head.at, what);
            }
            self.script.defines.insert((name.to_owned(), arguments.len()));
        }
        Ok(())
    }

    fn fact(&mut self, text: &Rc<Text>, term: Parsed, notes: &mut Notes) -> Result<(), Broken> {
        self.defined(&term)?;
        let (predicate, arguments): (NamedNode, &[Parsed]) = match &term.node {
            Node::Atom(name) => (self.relation(name, 0), &[]),
            Node::Compound(Functor::Name(name), arguments) => (self.relation(name, arguments.len()), arguments),
            Node::Iri(iri) => (iri.clone(), &[]),
            Node::Compound(Functor::Iri(iri), arguments) => (iri.clone(), arguments),
            Node::Variable(_) | Node::Literal(_) | Node::List(..) => {
                return broken(term.at, "expected a clause such as `likes(ann, tea).`");
            }
        };
        if arguments.len() > WIDEST {
            let what = format!("expected a relation of at most {WIDEST} arguments, found {}", arguments.len());
            return broken(term.at, what);
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match (constant(argument), &argument.node) {
                (Ok(value), _) => values.push(value),
                (Err(Why::TooLong), _) => return broken(argument.at, "expected a shorter list"),
                (Err(Why::Open), Node::Variable(name)) => {
                    let what = format!(
                        "expected the head's variable `{name}` to occur in a goal of the body; a fact has none"
                    );
                    return broken(argument.at, what);
                }
                (Err(Why::Open), _) => return broken(argument.at, "expected a value without variables"),
            }
        }
        let fact = Atom { predicate, arguments: values };
        if notes.is_some() {
            // What has a name of its own is a rule that always holds, so that the name shows in proofs.
            return self.wait(text, term, notes);
        }
        self.script.facts.push(fact);
        Ok(())
    }

    /// The relation a name stands for here.
    fn relation(&mut self, name: &str, width: usize) -> NamedNode {
        let key = (name.to_owned(), width);
        if let Some(known) = self.used.get(&key) {
            return known.clone();
        }
        let relation = self.own.get(&key).cloned().unwrap_or_else(|| columns::relation(name));
        self.used.insert(key, relation.clone());
        relation
    }

    fn directive(&mut self, term: &Parsed, parser: &mut Parser<'_>) -> Result<(), Broken> {
        match term.call() {
            Some((",", parts)) => parts.iter().try_for_each(|part| self.directive(part, parser)),
            Some(("prefix", [short, iri])) => self.prefix(short, iri),
            Some(("vocab", [indicator, iri])) => self.vocab(indicator, iri),
            Some(("include" | "ensure_loaded", [file])) => self.included(file),
            Some(("op", [priority, kind, names])) => {
                let declared = declare(priority, kind, names, parser)?;
                self.script.vocabulary.operators.extend(declared);
                Ok(())
            }
            Some(("dynamic" | "discontiguous" | "multifile" | "table" | "public" | "thread_local", [names])) => {
                self.declared(names)
            }
            // Of interest to other systems only.
            Some((
                "module" | "use_module" | "set_prolog_flag" | "style_check" | "encoding" | "initialization" | "license",
                _,
            )) => Ok(()),
            Some((name, arguments)) => {
                const KNOWN: [&str; 10] = [
                    "prefix",
                    "vocab",
                    "include",
                    "op",
                    "dynamic",
                    "discontiguous",
                    "multifile",
                    "table",
                    "module",
                    "use_module",
                ];
                let near = nearest(name, KNOWN);
                let meant = near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let what = format!(
                    "expected the directive `prefix(short, \"iri\")`, `vocab(name/2, iri)` or `include(file)`, found `{name}/{}`{meant}",
                    arguments.len()
                );
                broken(term.at, what)
            }
            None => broken(term.at, "expected the directive `prefix(short, \"iri\")`"),
        }
    }

    fn prefix(&mut self, short: &Parsed, iri: &Parsed) -> Result<(), Broken> {
        let Some((short, [])) = short.call() else {
            return broken(short.at, "expected a prefix beginning with a small letter");
        };
        let base = match &iri.node {
            Node::Literal(literal) => literal.value().to_owned(),
            Node::Iri(iri) => iri.as_str().to_owned(),
            Node::Atom(text) => text.clone(),
            _ => return broken(iri.at, "expected the prefix's IRI as a string"),
        };
        if NamedNode::new(base.as_str()).is_err() {
            return broken(iri.at, "expected an absolute IRI");
        }
        self.script.vocabulary.prefixes.insert(short.to_owned(), base);
        Ok(())
    }

    fn vocab(&mut self, indicator: &Parsed, iri: &Parsed) -> Result<(), Broken> {
        let Some((name, width)) = indicated(indicator) else {
            return broken(indicator.at, "expected a name with its number of arguments, such as `hypernym/2`");
        };
        let Node::Iri(relation) = &iri.node else {
            return broken(iri.at, "expected an IRI such as `wn:hypernym` or `<urn:x>`");
        };
        if is_reserved(&name, width) {
            return broken(indicator.at, format!("expected a relation to name; `{name}/{width}` is built in"));
        }
        let key = (name, width);
        if self.used.get(&key).is_some_and(|used| used != relation) {
            let what = format!("expected this before the first fact of `{}/{}`", key.0, key.1);
            return broken(indicator.at, what);
        }
        self.own.insert(key.clone(), relation.clone());
        self.script.vocabulary.relations.insert(key, relation.clone());
        Ok(())
    }

    fn included(&mut self, file: &Parsed) -> Result<(), Broken> {
        let name = match &file.node {
            Node::Atom(name) => name.clone(),
            Node::Literal(literal) => literal.value().to_owned(),
            _ => return broken(file.at, "expected a file's name"),
        };
        if self.open.contains(&name) {
            return broken(file.at, format!("`{name}` includes itself"));
        }
        if self.open.len() >= DEEPEST {
            return broken(file.at, format!("expected files that include each other at most {DEEPEST} deep"));
        }
        match (self.include)(&name) {
            Ok(text) => {
                self.file(&name, &text);
                Ok(())
            }
            Err(why) => broken(file.at, why),
        }
    }

    /// `dynamic likes/2, hates/2`: relations that may be asked for though nothing of them is known.
    fn declared(&mut self, names: &Parsed) -> Result<(), Broken> {
        match (names.call(), &names.node) {
            (Some((",", parts)), _) => parts.iter().try_for_each(|part| self.declared(part)),
            (_, Node::List(parts, None)) => parts.iter().try_for_each(|part| self.declared(part)),
            _ => match indicated(names) {
                Some((name, width)) => {
                    self.script.defines.insert((name, width));
                    Ok(())
                }
                // `table path(_, min)`: modes are of no interest here.
                None => match names.call() {
                    Some((name, arguments)) if !arguments.is_empty() => {
                        self.script.defines.insert((name.to_owned(), arguments.len()));
                        Ok(())
                    }
                    _ => broken(names.at, "expected a name with its number of arguments, such as `likes/2`"),
                },
            },
        }
    }

    fn compile(&mut self) {
        for (name, width) in &self.script.defines {
            let key = (name.clone(), *width);
            if !self.own.contains_key(&key) && self.script.vocabulary.relations.contains_key(&key) {
                self.script.vocabulary.relations.insert(key, columns::relation(name));
            }
        }
        for waiting in std::mem::take(&mut self.waiting) {
            let Script { vocabulary, defines, .. } = &self.script;
            let context = Context {
                vocabulary,
                defines: &|name, width| defines.contains(&(name.to_owned(), width)),
                means: &|_, _| None,
            };
            let made = match waiting.term.call() {
                Some(("?-", [goal])) => query(&context, &waiting.name, goal).map(|query| {
                    self.script.queries.push(query);
                    Vec::new()
                }),
                Some((":-", [head, body])) => {
                    clause(&context, &waiting.name, &waiting.says, &Head::Written(head), Some(body))
                        .map(|made| made.rules.into_iter().chain(made.helpers).collect())
                }
                _ => clause(&context, &waiting.name, &waiting.says, &Head::Written(&waiting.term), None)
                    .map(|made| made.rules),
            };
            match made {
                Ok(rules) => self.script.rules.extend(rules),
                Err(broken) => {
                    let at = if broken.at == usize::MAX { waiting.term.at } else { broken.at };
                    self.script.problems.push(waiting.text.problem(at, broken.problem));
                }
            }
        }
        self.script.problems.truncate(TOLD + 1);
    }
}

/// The notes that stand before a clause.
#[derive(Default)]
struct Notes {
    name: Option<String>,
    says: String,
}

impl Notes {
    fn take(&mut self, note: &Note) -> Result<(), Broken> {
        match note.key.as_str() {
            "name" if !note.rest.is_empty() => self.name = Some(note.rest.clone()),
            "says" => {
                let words = note.rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                match words {
                    Some(words) => words.clone_into(&mut self.says),
                    None => return broken(note.at, "expected `%! says \"words\"`"),
                }
            }
            _ => return broken(note.at, "expected the note `%! name …` or `%! says \"…\"`"),
        }
        Ok(())
    }

    fn is_some(&self) -> bool {
        self.name.is_some() || !self.says.is_empty()
    }

    fn given(&mut self) -> (Option<String>, String) {
        (self.name.take(), std::mem::take(&mut self.says))
    }
}

/// `likes/2`
fn indicated(term: &Parsed) -> Option<(String, usize)> {
    let Some(("/", [name, width])) = term.call() else { return None };
    let (name, _) = name.call().filter(|(_, arguments)| arguments.is_empty())?;
    match &width.node {
        Node::Literal(width) => Some((name.to_owned(), width.value().parse().ok().filter(|width| *width <= WIDEST)?)),
        _ => None,
    }
}

/// An operator's kind and name, and how strongly it binds.
type Declared = ((String, String), u32);

/// `op(700, xfx, likes)`
fn declare(priority: &Parsed, kind: &Parsed, names: &Parsed, parser: &mut Parser<'_>) -> Result<Vec<Declared>, Broken> {
    let priority_of = match &priority.node {
        Node::Literal(literal) => literal.value().parse::<u32>().ok().filter(|priority| *priority <= 1200),
        _ => None,
    };
    let Some(priority_of) = priority_of else {
        return broken(priority.at, "expected a priority from 0 to 1200");
    };
    let Some((kind_of, [])) = kind.call() else { return broken(kind.at, "expected xfx, xfy, yfx, fx or fy") };
    let names: Vec<&Parsed> = match &names.node {
        Node::List(names, None) => names.iter().collect(),
        _ => vec![names],
    };
    let mut declared = Vec::new();
    for name in names {
        match name.call() {
            Some((operator, [])) if ![",", ":-", "|", "[]"].contains(&operator) => {
                if !parser.operators.add(priority_of, kind_of, operator) {
                    return broken(kind.at, "expected xfx, xfy, yfx, fx or fy");
                }
                declared.push(((kind_of.to_owned(), operator.to_owned()), priority_of));
            }
            _ => return broken(name.at, "expected the operator's name"),
        }
    }
    Ok(declared)
}
