//! Parses terms by operator precedence, one clause at a time.
//!
//! Depth is bounded, so that nothing typed can exhaust the stack; chains of `,` and `;` and lists are flat and may
//! be long.

use quid_core::oxrdf::{Literal, NamedNode};

use super::operators::Operators;
use super::token::{Broken, Lexer, Tag, Token, broken};
use super::vocabulary::Vocabulary;

/// The deepest that terms nest.
const DEEPEST: u32 = 100;

/// A term as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parsed {
    /// What it is.
    pub(super) node: Node,
    /// The byte where it begins; of a term with an infix operator, where the operator stands.
    pub(super) at: usize,
    depth: u32,
}

/// The kinds of terms.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Variable(String),
    Atom(String),
    Iri(NamedNode),
    /// A number or a string.
    Literal(Literal),
    List(Vec<Parsed>, Option<Box<Parsed>>),
    /// `,` and `;` have as many arguments as there are parts.
    Compound(Functor, Vec<Parsed>),
}

/// What stands before the parenthesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Functor {
    Name(String),
    Iri(NamedNode),
}

impl Parsed {
    pub(super) fn new(at: usize, node: Node) -> Self {
        let inner = match &node {
            Node::Compound(_, arguments) => arguments.iter().map(|one| one.depth).max().unwrap_or(0),
            Node::List(items, rest) => {
                let rest = rest.as_ref().map_or(0, |rest| rest.depth);
                items.iter().map(|one| one.depth).max().unwrap_or(0).max(rest)
            }
            _ => 0,
        };
        Self { node, at, depth: inner + 1 }
    }

    /// Name and arguments of a compound term with a plain name, or of an atom.
    pub(super) fn call(&self) -> Option<(&str, &[Parsed])> {
        match &self.node {
            Node::Atom(name) => Some((name, &[])),
            Node::Compound(Functor::Name(name), arguments) => Some((name, arguments)),
            _ => None,
        }
    }

    /// The terms right below.
    pub(super) fn below(&self) -> impl Iterator<Item = &Parsed> {
        let (items, rest): (&[Parsed], Option<&Parsed>) = match &self.node {
            Node::Compound(_, arguments) => (arguments, None),
            Node::List(items, rest) => (items, rest.as_deref()),
            _ => (&[], None),
        };
        items.iter().chain(rest)
    }
}

/// Reads clauses from a text.
pub(super) struct Parser<'t> {
    pub(super) lexer: Lexer<'t>,
    pub(super) operators: Operators,
    ahead: Option<(usize, Token, usize)>,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { lexer: Lexer::new(text), operators: Operators::standard(), ahead: None }
    }

    /// With the operators that a program declared.
    pub(super) fn with(mut self, vocabulary: &Vocabulary) -> Self {
        for ((kind, name), priority) in &vocabulary.operators {
            self.operators.add(*priority, kind, name);
        }
        self
    }

    /// The next clause without its full stop; nothing at the end. `stop`: whether the full stop may be missing at
    /// the end of the text.
    pub(super) fn clause(&mut self, vocabulary: &Vocabulary, stop: bool) -> Result<Option<Parsed>, Broken> {
        if matches!(self.peek(true)?, Token::Nothing) {
            return Ok(None);
        }
        let (term, _) = self.expression(1200, 0, vocabulary)?;
        match self.next(false)? {
            (_, Token::End) => Ok(Some(term)),
            (_, Token::Nothing) if stop => Ok(Some(term)),
            (at, found) => broken(at, format!("expected an operator or the full stop `.`, found {found}")),
        }
    }

    /// After a problem: goes on behind the next full stop.
    pub(super) fn recover(&mut self) {
        self.ahead = None;
        // A quote that was left open has swallowed its line: a line that begins at the left edge is a clause again.
        if self.lexer.is_at_line() {
            return;
        }
        loop {
            let before = self.lexer.at;
            match self.lexer.next(true) {
                Ok((_, Token::End | Token::Nothing)) => return,
                // What cannot be read at all must not be tried again.
                Err(_) if self.lexer.at == before => self.lexer.skip(),
                Ok(_) | Err(_) => {}
            }
        }
    }

    fn peek(&mut self, operand: bool) -> Result<&Token, Broken> {
        let start = self.ahead.as_ref().map(|(start, ..)| *start);
        // Only `<` reads differently where a term may begin.
        let is_stale = matches!(&self.ahead, Some((_, Token::Atom(name, false), _)) if operand && name.starts_with('<'))
            || matches!(&self.ahead, Some((_, Token::Iri(_), _)) if !operand);
        if is_stale && let Some(start) = start {
            self.lexer.at = start;
            self.ahead = None;
        }
        if self.ahead.is_none() {
            let (at, token) = self.lexer.next(operand)?;
            self.ahead = Some((at, token, self.lexer.at));
        }
        Ok(self.ahead.as_ref().map_or(&Token::Nothing, |(_, token, _)| token))
    }

    fn next(&mut self, operand: bool) -> Result<(usize, Token), Broken> {
        self.peek(operand)?;
        Ok(self.ahead.take().map_or((self.lexer.at, Token::Nothing), |(at, token, _)| (at, token)))
    }

    /// A term that binds at least so strongly, and how strongly it does.
    fn expression(&mut self, weakest: u32, depth: u32, vocabulary: &Vocabulary) -> Result<(Parsed, u32), Broken> {
        let (mut left, mut strength) = self.operand(weakest, depth + 1, vocabulary)?;
        loop {
            let name = match self.peek(false)? {
                Token::Atom(name, _) => name.clone(),
                Token::Comma => ",".to_owned(),
                Token::Bar => "|".to_owned(),
                _ => break,
            };
            let Some(operator) = self.operators.infix(&name) else { break };
            if operator.priority > weakest || strength > operator.left {
                break;
            }
            let name = if name == "|" { ";".to_owned() } else { name };
            let (at, _) = self.next(false)?;
            let mut arguments = vec![left];
            if name == "," || name == ";" {
                // Long conjunctions do not nest.
                loop {
                    arguments.push(self.expression(operator.priority - 1, depth + 1, vocabulary)?.0);
                    let goes_on = match self.peek(false)? {
                        Token::Comma => name == ",",
                        Token::Bar => name == ";",
                        Token::Atom(other, _) => *other == name,
                        _ => false,
                    };
                    if !goes_on {
                        break;
                    }
                    self.next(false)?;
                }
            } else {
                arguments.push(self.expression(operator.right, depth + 1, vocabulary)?.0);
            }
            left = Parsed::new(at, Node::Compound(Functor::Name(name), arguments));
            strength = operator.priority;
            if left.depth > DEEPEST {
                return too_deep(at);
            }
        }
        Ok((left, strength))
    }

    fn operand(&mut self, weakest: u32, depth: u32, vocabulary: &Vocabulary) -> Result<(Parsed, u32), Broken> {
        let (at, token) = self.next(true)?;
        if depth > DEEPEST {
            return too_deep(at);
        }
        let node = match token {
            Token::Variable(name) => Node::Variable(name),
            Token::Integer(digits) => Node::Literal(integer(&digits, false)),
            Token::Float(number) => Node::Literal(Literal::from(number)),
            Token::Text(text, tag) => Node::Literal(tagged(at, text, tag, vocabulary)?),
            Token::Iri(iri) => {
                let iri = NamedNode::new(iri).or_else(|why| broken(at, format!("expected an IRI: {why}")))?;
                self.applied(at, Functor::Iri(iri), depth, vocabulary)?
            }
            Token::Curie(prefix, local) => {
                let iri = vocabulary.resolve(&prefix, &local).or_else(|problem| broken(at, problem))?;
                self.applied(at, Functor::Iri(iri), depth, vocabulary)?
            }
            Token::Open => {
                let (term, _) = self.expression(1200, depth + 1, vocabulary)?;
                return match self.next(false)? {
                    (_, Token::Close) => Ok((term, 0)),
                    (at, found) => broken(at, format!("expected an operator or `)`, found {found}")),
                };
            }
            Token::OpenList => self.list(depth, vocabulary)?,
            Token::Atom(name, is_quoted) => return self.atom(at, name, is_quoted, weakest, depth, vocabulary),
            Token::Close | Token::CloseList | Token::Comma | Token::Bar | Token::End | Token::Nothing => {
                return broken(at, format!("expected a term, found {token}"));
            }
        };
        Ok((Parsed::new(at, node), 0))
    }

    fn atom(
        &mut self,
        at: usize,
        name: String,
        is_quoted: bool,
        weakest: u32,
        depth: u32,
        vocabulary: &Vocabulary,
    ) -> Result<(Parsed, u32), Broken> {
        if self.lexer.opens() {
            return Ok((Parsed::new(at, self.applied(at, Functor::Name(name), depth, vocabulary)?), 0));
        }
        if !is_quoted && (name == "-" || name == "+") && self.lexer.counts() {
            let is_negative = name == "-";
            let literal = match self.next(true)? {
                (_, Token::Integer(digits)) => integer(&digits, is_negative),
                (_, Token::Float(number)) => Literal::from(if is_negative { -number } else { number }),
                (at, found) => return broken(at, format!("expected a number, found {found}")),
            };
            return Ok((Parsed::new(at, Node::Literal(literal)), 0));
        }
        let Some(operator) = self.operators.prefix(&name).filter(|_| !is_quoted) else {
            return Ok((Parsed::new(at, Node::Atom(name)), 0));
        };
        // `- = x` speaks of the atom; `- x` and `- (-x)` of what follows.
        let next = self.peek(true)?.clone();
        let is_operand = match &next {
            Token::Atom(next, _) => self.is_operand(next),
            Token::Close | Token::CloseList | Token::Comma | Token::Bar | Token::End | Token::Nothing => false,
            _ => true,
        };
        if !is_operand {
            return Ok((Parsed::new(at, Node::Atom(name)), 0));
        }
        let (priority, right) =
            if operator.priority > weakest { (999, 999) } else { (operator.priority, operator.right) };
        let (argument, _) = self.expression(right, depth + 1, vocabulary)?;
        let term = Parsed::new(at, Node::Compound(Functor::Name(name), vec![argument]));
        if term.depth > DEEPEST {
            return too_deep(at);
        }
        Ok((term, priority))
    }

    /// Whether an atom behind a prefix operator begins its operand.
    fn is_operand(&self, name: &str) -> bool {
        self.operators.infix(name).is_none() || self.operators.prefix(name).is_some() || self.lexer.opens()
    }

    /// A name with its arguments, if it has any.
    fn applied(&mut self, at: usize, functor: Functor, depth: u32, vocabulary: &Vocabulary) -> Result<Node, Broken> {
        if !self.lexer.opens() {
            return Ok(match functor {
                Functor::Name(name) => Node::Atom(name),
                Functor::Iri(iri) => Node::Iri(iri),
            });
        }
        self.next(true)?;
        if matches!(self.peek(true)?, Token::Close) {
            self.next(true)?;
            return Ok(Node::Compound(functor, Vec::new()));
        }
        let mut arguments = Vec::new();
        loop {
            arguments.push(self.expression(999, depth + 1, vocabulary)?.0);
            match self.next(false)? {
                (_, Token::Comma) => {}
                (_, Token::Close) => break,
                (at, found) => return broken(at, format!("expected `,` or `)`, found {found}")),
            }
        }
        if arguments.iter().any(|argument| argument.depth >= DEEPEST) {
            return too_deep(at);
        }
        Ok(Node::Compound(functor, arguments))
    }

    /// What stands behind `[`.
    fn list(&mut self, depth: u32, vocabulary: &Vocabulary) -> Result<Node, Broken> {
        let mut items = Vec::new();
        if matches!(self.peek(true)?, Token::CloseList) {
            self.next(true)?;
            return Ok(Node::List(items, None));
        }
        loop {
            items.push(self.expression(999, depth + 1, vocabulary)?.0);
            match self.next(false)? {
                (_, Token::Comma) => {}
                (_, Token::CloseList) => return Ok(Node::List(items, None)),
                (_, Token::Bar) => {
                    let (rest, _) = self.expression(999, depth + 1, vocabulary)?;
                    return match self.next(false)? {
                        (_, Token::CloseList) => Ok(Node::List(items, Some(Box::new(rest)))),
                        (at, found) => broken(at, format!("expected `]`, found {found}")),
                    };
                }
                (at, found) => return broken(at, format!("expected `,`, `|` or `]`, found {found}")),
            }
        }
    }
}

fn too_deep<T>(at: usize) -> Result<T, Broken> {
    broken(at, format!("expected terms that nest at most {DEEPEST} deep"))
}

fn integer(digits: &str, is_negative: bool) -> Literal {
    let sign = if is_negative && digits != "0" { "-" } else { "" };
    Literal::new_typed_literal(format!("{sign}{digits}"), quid_core::oxrdf::vocab::xsd::INTEGER)
}

fn tagged(at: usize, text: String, tag: Tag, vocabulary: &Vocabulary) -> Result<Literal, Broken> {
    Ok(match tag {
        Tag::Plain => Literal::new_simple_literal(text),
        Tag::Language(language) => Literal::new_language_tagged_literal(text, language)
            .or_else(|_| broken(at, "expected a language tag such as `en`"))?,
        Tag::CurieType(prefix, local) => {
            Literal::new_typed_literal(text, vocabulary.resolve(&prefix, &local).or_else(|why| broken(at, why))?)
        }
        Tag::IriType(iri) => Literal::new_typed_literal(
            text,
            NamedNode::new(iri).or_else(|why| broken(at, format!("expected an IRI: {why}")))?,
        ),
    })
}
