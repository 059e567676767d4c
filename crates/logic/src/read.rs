//! Reads rules from Prolog text: prefixes, clauses, and notes that name a rule and give its words.
//!
//! Rules are data that people read and write, so an error names file, line, column and what was expected. There
//! are no function symbols, hence nothing nests and nothing derived can grow without end.

use quid_core::oxrdf::{Literal as Text, NamedNode, Term};
use quid_core::{Argument, Gather, Goal, Literal, Rule, Rulebook};
use rustc_hash::FxHashMap;

use crate::token::{Place, RuleError, Token, tokens};

/// The most literals in a body and arguments of a literal.
const WIDEST: usize = 32;

/// Reads a rules file. `file` is its name for errors and the first part of the rules' names.
///
/// ```
/// let book = quid_logic::read("kin", r#"
/// :- prefix(kin, "urn:kin:").
/// %! name grandparent
/// %! says "{0} is a grandparent of {1}"
/// kin:grandparent(X, Z) :- kin:parent(X, Y), kin:parent(Y, Z).
/// "#).expect("a correct file");
/// assert_eq!(book.rules[0].name, "kin/grandparent");
/// ```
///
/// # Errors
/// The first [`RuleError`], with its place.
pub fn read(file: &str, text: &str) -> Result<Rulebook, RuleError> {
    let mut parser = Parser {
        file,
        tokens: tokens(file, text)?,
        at: 0,
        prefixes: FxHashMap::default(),
        name: None,
        says: String::new(),
    };
    let mut book = Rulebook::default();
    while parser.at < parser.tokens.len() {
        if let Some(rule) = parser.sentence(book.rules.len() + 1)? {
            if book.named(&rule.name).is_some() {
                return Err(parser.error_before(format!("expected a new name, `{}` is taken", rule.name)));
            }
            book.rules.push(rule);
        }
    }
    Ok(book)
}

/// The rules with one relation put in the place of another: how a rule written for any taught relation
/// (`quid:relation`) becomes a rule about "can". Rules that do not mention it are left out; names get the suffix.
#[must_use]
pub fn instantiate(rules: &Rulebook, placeholder: &NamedNode, relation: &NamedNode, suffix: &str) -> Vec<Rule> {
    let replaced = |literal: &Literal| Literal {
        predicate: if literal.predicate == *placeholder { relation.clone() } else { literal.predicate.clone() },
        arguments: literal.arguments.clone(),
    };
    let mentions = |rule: &&Rule| {
        rule.head.predicate == *placeholder || rule.body.iter().any(|goal| goal.literal().predicate == *placeholder)
    };
    rules
        .rules
        .iter()
        .filter(mentions)
        .map(|rule| Rule {
            name: format!("{}({suffix})", rule.name),
            head: replaced(&rule.head),
            body: rule
                .body
                .iter()
                .map(|goal| match goal {
                    Goal::Holds(literal) => Goal::Holds(replaced(literal)),
                    Goal::Not(literal) => Goal::Not(replaced(literal)),
                    Goal::Gather(gather) => Goal::Gather(Gather { over: replaced(&gather.over), ..gather.clone() }),
                })
                .collect(),
            says: rule.says.clone(),
        })
        .collect()
}

struct Parser<'a> {
    file: &'a str,
    tokens: Vec<(Token, Place)>,
    at: usize,
    prefixes: FxHashMap<String, String>,
    name: Option<String>,
    says: String,
}

impl Parser<'_> {
    /// A note, a directive or a clause.
    fn sentence(&mut self, number: usize) -> Result<Option<Rule>, RuleError> {
        match self.peek() {
            Some(Token::Note(key, rest)) => {
                let (key, rest) = (key.clone(), rest.clone());
                self.note(&key, &rest)?;
                self.at += 1;
                Ok(None)
            }
            Some(Token::Sign(":-")) => {
                self.at += 1;
                self.directive()?;
                Ok(None)
            }
            _ => self.clause(number).map(Some),
        }
    }

    fn note(&mut self, key: &str, rest: &str) -> Result<(), RuleError> {
        match key {
            "name" if !rest.is_empty() => self.name = Some(rest.to_owned()),
            "says" => {
                let words = rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                words.ok_or_else(|| self.error_here("expected `%! says \"words\"`"))?.clone_into(&mut self.says);
            }
            _ => return Err(self.error_here("expected the note `%! name …` or `%! says \"…\"`")),
        }
        Ok(())
    }

    /// `prefix(wn, "https://…").` after `:-`.
    fn directive(&mut self) -> Result<(), RuleError> {
        if !matches!(self.peek(), Some(Token::Word(word)) if word == "prefix") {
            return Err(self.error_here("expected the directive `prefix(short, \"iri\")`"));
        }
        self.at += 1;
        self.sign("(")?;
        let Some(Token::Word(short)) = self.peek().cloned() else {
            return Err(self.error_here("expected a prefix beginning with a small letter"));
        };
        self.at += 1;
        self.sign(",")?;
        let Some(Token::Text(iri, None) | Token::Iri(iri)) = self.peek().cloned() else {
            return Err(self.error_here("expected the prefix's IRI as a string"));
        };
        if NamedNode::new(iri.as_str()).is_err() {
            return Err(self.error_here("expected an absolute IRI"));
        }
        self.at += 1;
        self.sign(")")?;
        self.sign(".")?;
        self.prefixes.insert(short, iri);
        Ok(())
    }

    fn clause(&mut self, number: usize) -> Result<Rule, RuleError> {
        let mut variables = Vec::new();
        let start = self.at;
        let head = self.literal(&mut variables)?;
        let in_head = variables.len();
        let mut body = Vec::new();
        if matches!(self.peek(), Some(Token::Sign(":-"))) {
            loop {
                self.at += 1;
                if body.len() == WIDEST {
                    return Err(self.error_here(&format!("expected at most {WIDEST} literals in a body")));
                }
                body.push(Goal::Holds(self.literal(&mut variables)?));
                if !matches!(self.peek(), Some(Token::Sign(","))) {
                    break;
                }
            }
        }
        self.sign(".")?;
        for (index, name) in variables.iter().enumerate().take(in_head) {
            let bound = body.iter().flat_map(|goal: &Goal| &goal.literal().arguments).any(
                |argument| matches!(argument, Argument::Variable(number) if usize::try_from(*number) == Ok(index)),
            );
            if !bound {
                self.at = start;
                return Err(self.error_here(&format!("expected the head's variable `{name}` to occur in the body")));
            }
        }
        let name = self.name.take().unwrap_or_else(|| number.to_string());
        Ok(Rule { name: format!("{}/{name}", self.file), head, body, says: std::mem::take(&mut self.says) })
    }

    fn literal(&mut self, variables: &mut Vec<String>) -> Result<Literal, RuleError> {
        let predicate = self.node("a relation such as `wn:hypernym`")?;
        self.sign("(")?;
        let mut arguments = Vec::new();
        loop {
            if arguments.len() == WIDEST {
                return Err(self.error_here(&format!("expected at most {WIDEST} arguments")));
            }
            arguments.push(self.argument(variables)?);
            match self.peek() {
                Some(Token::Sign(",")) => self.at += 1,
                Some(Token::Sign(")")) => break,
                _ => return Err(self.error_here("expected `,` or `)`")),
            }
        }
        self.at += 1;
        Ok(Literal { predicate, arguments })
    }

    fn argument(&mut self, variables: &mut Vec<String>) -> Result<Argument, RuleError> {
        match self.peek().cloned() {
            Some(Token::Variable(name)) => {
                self.at += 1;
                // Each `_` is a variable of its own.
                let known = variables.iter().position(|other| name != "_" && *other == name);
                let index = known.unwrap_or_else(|| {
                    variables.push(name);
                    variables.len() - 1
                });
                u32::try_from(index).map(Argument::Variable).map_err(|_| self.error_here("expected fewer variables"))
            }
            Some(Token::Text(text, language)) => {
                let literal = match language {
                    None => Text::new_simple_literal(text),
                    Some(language) => Text::new_language_tagged_literal(text, language)
                        .map_err(|_| self.error_here("expected a language tag such as `en`"))?,
                };
                self.at += 1;
                Ok(Argument::Term(literal.into()))
            }
            _ => self.node("a variable, an IRI or a string").map(|node| Argument::Term(Term::NamedNode(node))),
        }
    }

    /// `wn:hypernym` or `<urn:x>`.
    fn node(&mut self, expected: &str) -> Result<NamedNode, RuleError> {
        match self.peek().cloned() {
            Some(Token::Iri(iri)) => {
                let node = NamedNode::new(iri).map_err(|why| self.error_here(&format!("expected an IRI: {why}")))?;
                self.at += 1;
                Ok(node)
            }
            Some(Token::Word(prefix)) => {
                let Some(base) = self.prefixes.get(&prefix).cloned() else {
                    let what = format!(
                        "expected {expected}; the prefix `{prefix}` is not declared (`:- prefix({prefix}, \"…\").`)"
                    );
                    return Err(self.error_here(&what));
                };
                self.at += 1;
                self.sign(":")?;
                let Some(Token::Word(local) | Token::Variable(local)) = self.peek().cloned() else {
                    return Err(self.error_here("expected a name after the prefix"));
                };
                let node = NamedNode::new(format!("{base}{local}"))
                    .map_err(|why| self.error_here(&format!("expected an IRI: {why}")))?;
                self.at += 1;
                Ok(node)
            }
            _ => Err(self.error_here(&format!("expected {expected}"))),
        }
    }

    fn sign(&mut self, wanted: &'static str) -> Result<(), RuleError> {
        if matches!(self.peek(), Some(Token::Sign(sign)) if *sign == wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(self.error_here(&format!("expected `{wanted}`")))
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn error_here(&self, expected: &str) -> RuleError {
        let found = self.peek().map_or_else(|| "the end of the file".to_owned(), ToString::to_string);
        self.error_at(self.at, format!("{expected}, found {found}"))
    }

    fn error_before(&self, problem: String) -> RuleError {
        self.error_at(self.at.saturating_sub(1), problem)
    }

    fn error_at(&self, at: usize, problem: String) -> RuleError {
        let last = || self.tokens.last().map_or(Place { line: 1, column: 1 }, |(_, place)| *place);
        let place = self.tokens.get(at).map_or_else(last, |(_, place)| *place);
        RuleError { file: self.file.to_owned(), line: place.line, column: place.column, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_with_their_place() {
        let prefix = ":- prefix(q, \"urn:q:\").\n";
        for (text, line, column, problem) in [
            ("q:a(X, Y) :- q:b(X, Y)", 2, 22, "expected `.`"),
            ("q:a(X, Y) :- q:b(X Y).", 2, 20, "expected `,` or `)`"),
            ("q:a(X, Z) :- q:b(X, Y).", 2, 1, "variable `Z`"),
            ("w:a(X, Y) :- q:b(X, Y).", 2, 1, "prefix `w` is not declared"),
            ("q:a(X, Y) :- .", 2, 14, "expected a relation"),
            ("q:a(X, \"open) :- q:b(X).", 2, 8, "closing"),
            ("%! sings \"la\"", 2, 1, "%! name"),
            ("%! says la", 2, 1, "%! says"),
            ("\n  ?- q:a(X).", 3, 3, "expected a clause"),
            (":- table(x).", 2, 4, "prefix"),
            ("%! name n\nq:a(X) :- q:b(X).\n%! name n\nq:a(X) :- q:b(X).", 5, 17, "taken"),
            ("q:a(<not an iri>).", 2, 5, "closing `>`"),
            ("q:a(<relative>).", 2, 5, "IRI"),
        ] {
            let error = read("f.pl", &format!("{prefix}{text}")).expect_err(text);
            assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
            assert!(error.to_string().contains(problem), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_is_read() {
        let text = ":- prefix(q, \"urn:q:\").  % a comment\n%! name one\n%! says \"{0} is {1}\"\nq:a(X, Y) :- q:b(X, _), q:c(_, Y, \"x\"@en).\nq:f(<urn:x>, q:Y).";
        let book = read("f", text).expect("correct");
        let names: Vec<_> =
            book.rules.iter().map(|rule| (rule.name.as_str(), rule.says.as_str(), rule.body.len())).collect();
        assert_eq!(names, [("f/one", "{0} is {1}", 2), ("f/2", "", 0)]);
        assert_eq!(book.rules[0].body[1].literal().arguments[0], Argument::Variable(3), "each _ is its own variable");
    }

    #[test]
    fn nothing_panics_on_odd_text() {
        for text in ["", "%", "%!", ":", "\"", "<", "q", "q:", "(", "\u{0}", "q:a(", "\"a\\", "\"a\"@", "ß:ß(ß).", "_"]
        {
            let _ = read("odd", text);
        }
    }
}
