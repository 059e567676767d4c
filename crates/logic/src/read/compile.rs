//! Compiles clause bodies to the flat goals that the engine and the checker know.
//!
//! Arithmetic, comparison and text become computed relations, alternatives become several rules, and a negated or
//! gathered conjunction becomes a relation of its own that is called with what is shared.

use std::collections::BTreeSet;

use quid_core::gather::Number;
use quid_core::oxrdf::{NamedNode, Term};
use quid_core::vocabulary::BUILTIN;
use quid_core::{Argument, Gather, Goal, How, Literal, Rule};

use super::constant::{Why, constant};
use super::parse::{Functor, Node, Parsed};
use super::token::{Broken, broken};
use super::vocabulary::{Vocabulary, nearest};
use crate::builtins;

/// The most arguments of a relation.
pub(super) const WIDEST: usize = 255;
/// The most goals of a rule.
const LONGEST: usize = 255;
/// The most rules that the alternatives of one clause may become.
const ALTERNATIVES: usize = 64;

/// The prefix of the relations that nested goals become.
const HELPER: &str = "urn:quid:helper:";

/// What is known while clauses are compiled.
pub(super) struct Context<'c> {
    pub(super) vocabulary: &'c Vocabulary,
    /// Whether the program itself defines a relation of that name and width, which then hides a built-in one.
    pub(super) defines: &'c dyn Fn(&str, usize) -> bool,
    /// What a name means that neither vocabulary nor program explains.
    pub(super) means: &'c dyn Fn(&str, usize) -> Option<NamedNode>,
}

/// One part of a conjunction.
#[derive(Clone, Copy)]
enum Part<'p> {
    Goal(&'p Parsed),
    Not(&'p Parsed),
}

impl<'p> Part<'p> {
    fn term(self) -> &'p Parsed {
        match self {
            Self::Goal(term) | Self::Not(term) => term,
        }
    }
}

/// What a clause becomes.
pub(super) struct Compiled {
    /// One rule for each alternative of the body.
    pub(super) rules: Vec<Rule>,
    /// What its nested goals became.
    pub(super) helpers: Vec<Rule>,
}

/// The head of a rule that is being compiled.
pub(super) enum Head<'p> {
    /// As written.
    Written(&'p Parsed),
    /// Of a helper or a query: a relation over these variables.
    Over(NamedNode, Vec<String>),
}

/// Compiles one clause. `name` is the rule's name.
pub(super) fn clause(
    context: &Context<'_>,
    name: &str,
    says: &str,
    head: &Head<'_>,
    body: Option<&Parsed>,
) -> Result<Compiled, Broken> {
    let mut compiled = Compiled { rules: Vec::new(), helpers: Vec::new() };
    compiled.rules = rules(context, name, says, head, body, &mut compiled.helpers)?;
    Ok(compiled)
}

fn rules(
    context: &Context<'_>,
    name: &str,
    says: &str,
    head: &Head<'_>,
    body: Option<&Parsed>,
    helpers: &mut Vec<Rule>,
) -> Result<Vec<Rule>, Broken> {
    let bodies = match body {
        None => vec![Vec::new()],
        Some(body) => alternatives(body)?,
    };
    let mut in_head = BTreeSet::new();
    let place = match head {
        Head::Written(term) => {
            names_in(term, &mut in_head);
            term.at
        }
        Head::Over(_, names) => {
            in_head.extend(names.iter().cloned());
            body.map_or(0, |body| body.at)
        }
    };
    let mut made = Vec::with_capacity(bodies.len());
    for (number, parts) in bodies.iter().enumerate() {
        let name = if number == 0 { name.to_owned() } else { format!("{name}.{}", number + 1) };
        let mut rule = Making {
            context,
            name: &name,
            in_head: &in_head,
            parts,
            names: Vec::new(),
            goals: Vec::new(),
            helpers: &mut *helpers,
        };
        let head = rule.head(head)?;
        for (at, part) in parts.iter().enumerate() {
            rule.part(at, *part)?;
        }
        rule.check_bound(&head, place)?;
        let goals = std::mem::take(&mut rule.goals);
        made.push(Rule { name, head, body: goals, says: says.to_owned() });
    }
    Ok(made)
}

/// The conjunctions that a body stands for, each as its parts.
fn alternatives(body: &Parsed) -> Result<Vec<Vec<Part<'_>>>, Broken> {
    let too_many = || {
        broken(
            body.at,
            format!(
                "expected a body of at most {ALTERNATIVES} alternatives; give some of them a relation of their own"
            ),
        )
    };
    if let Some(("," | ";", parts)) = body.call()
        && parts.len() > LONGEST
    {
        return broken(body.at, format!("expected at most {LONGEST} goals in a rule, found {}", parts.len()));
    }
    let all = match body.call() {
        Some((",", parts)) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                all = both(&all, &alternatives(part)?);
                if all.len() > ALTERNATIVES {
                    return too_many();
                }
            }
            all
        }
        Some((";", parts)) => {
            let mut all = Vec::new();
            for part in parts {
                match part.call() {
                    // A condition whose other side comes next: `C -> T ; E`.
                    Some(("->" | "*->", [condition, then])) => {
                        let rest = parts.iter().skip_while(|other| !std::ptr::eq(*other, part)).skip(1);
                        let then = both(&alternatives(condition)?, &alternatives(then)?);
                        all.extend(then);
                        for otherwise in rest {
                            for mut other in alternatives(otherwise)? {
                                other.insert(0, Part::Not(condition));
                                all.push(other);
                            }
                        }
                        if all.len() > ALTERNATIVES {
                            return too_many();
                        }
                        return Ok(all);
                    }
                    _ => all.extend(alternatives(part)?),
                }
            }
            all
        }
        Some(("->" | "*->", [condition, then])) => both(&alternatives(condition)?, &alternatives(then)?),
        Some(("call" | "table", [goal])) => alternatives(goal)?,
        Some(("true" | "otherwise", [])) => vec![Vec::new()],
        Some(("fail" | "false", [])) => Vec::new(),
        Some(("\\+" | "not", [goal])) => vec![vec![Part::Not(goal)]],
        _ => vec![vec![Part::Goal(body)]],
    };
    if all.len() > ALTERNATIVES { too_many() } else { Ok(all) }
}

fn both<'p>(first: &[Vec<Part<'p>>], second: &[Vec<Part<'p>>]) -> Vec<Vec<Part<'p>>> {
    let joined = |one: &Vec<Part<'p>>| {
        let one = one.clone();
        second.iter().map(move |other| one.iter().chain(other).copied().collect())
    };
    // Bounded before it is made, since both sides are bounded.
    first.iter().flat_map(joined).collect()
}

/// A rule in the making.
struct Making<'m, 'c> {
    context: &'m Context<'c>,
    name: &'m str,
    in_head: &'m BTreeSet<String>,
    parts: &'m [Part<'m>],
    /// The variables by number; those of our own have no name.
    names: Vec<String>,
    goals: Vec<Goal>,
    helpers: &'m mut Vec<Rule>,
}

impl Making<'_, '_> {
    fn head(&mut self, head: &Head<'_>) -> Result<Literal, Broken> {
        match head {
            Head::Over(relation, names) => {
                let arguments = names.iter().map(|name| self.variable(name, 0)).collect::<Result<_, _>>()?;
                Ok(Literal { predicate: relation.clone(), arguments })
            }
            Head::Written(term) => {
                if let Some((name, arguments)) = term.call()
                    && is_reserved(name, arguments.len())
                {
                    let what = format!("expected a relation to define; `{name}/{}` is built in", arguments.len());
                    return broken(term.at, what);
                }
                self.literal(term)?
                    .map_or_else(|| broken(term.at, format!("expected a relation, found {}", kind(term))), Ok)
            }
        }
    }

    /// Every variable of the head must occur in a goal.
    fn check_bound(&self, head: &Literal, at: usize) -> Result<(), Broken> {
        let mut bound = BTreeSet::new();
        for goal in &self.goals {
            match goal {
                Goal::Holds(literal) => bound.extend(literal.arguments.iter().filter_map(number)),
                Goal::Not(_) => {}
                Goal::Gather(gather) => {
                    bound.extend(gather.by.iter().copied());
                    bound.extend(number(&gather.into));
                }
            }
        }
        // A helper that is only asked whether something holds gets its variables from outside.
        if head.predicate.as_str().starts_with(HELPER) {
            return Ok(());
        }
        for argument in &head.arguments {
            if let Some(number) = number(argument)
                && !bound.contains(&number)
            {
                let name = usize::try_from(number).ok().and_then(|number| self.names.get(number));
                let name = name.map_or("_", |name| if name.is_empty() { "_" } else { name });
                return broken(at, format!("expected the head's variable `{name}` to occur in a goal of the body"));
            }
        }
        Ok(())
    }

    fn part(&mut self, at: usize, part: Part<'_>) -> Result<(), Broken> {
        match part {
            Part::Not(term) => self.negation(at, term)?,
            Part::Goal(term) => self.goal(at, term)?,
        }
        if self.goals.len() > LONGEST {
            return broken(part.term().at, format!("expected at most {LONGEST} goals in a rule"));
        }
        Ok(())
    }

    fn goal(&mut self, at: usize, term: &Parsed) -> Result<(), Broken> {
        let Some((name, arguments)) = term.call() else {
            let literal = self.literal(term)?;
            let Some(literal) = literal else {
                return broken(term.at, format!("expected a goal, found {}", kind(term)));
            };
            self.goals.push(Goal::Holds(literal));
            return Ok(());
        };
        if (self.context.defines)(name, arguments.len()) {
            return self.relation(term);
        }
        match (name, arguments) {
            ("!", []) => {
                broken(term.at, "expected a goal; there is no cut, since all answers are found: say `\\+` or `once`")
            }
            ("=" | "==", [one, other]) => self.compared("equal", one, other),
            ("\\=" | "\\==" | "dif", [one, other]) => self.compared("different", one, other),
            ("<" | ">" | "=<" | ">=" | "=:=" | "=\\=", [one, other]) => {
                let one = self.arithmetic(one)?;
                let other = self.arithmetic(other)?;
                let relation = match name {
                    "<" => "less",
                    ">" => "greater",
                    "=<" => "at_most",
                    ">=" => "at_least",
                    "=:=" => "same_number",
                    _ => "other_number",
                };
                self.computed(relation, vec![one, other]);
                Ok(())
            }
            ("is", [value, expression]) => {
                let value = self.argument(value)?;
                self.evaluated(expression, Some(value)).map(|_| ())
            }
            ("once", [goal]) => {
                // Where nothing of it is used elsewhere, one solution is as good as all.
                let mut inner = BTreeSet::new();
                names_in(goal, &mut inner);
                if inner.iter().any(|name| self.is_shared(at, name) && !self.is_bound_before(at, name)) {
                    return broken(
                        term.at,
                        "expected `once` around a whole question, or around a goal of which no variable is used elsewhere; say which solution is meant with min/3 or max/3",
                    );
                }
                self.nested(at, goal, false)
            }
            ("forall", [condition, action]) => {
                let denied =
                    Parsed::new(action.at, Node::Compound(Functor::Name("\\+".to_owned()), vec![action.clone()]));
                let both = Parsed::new(
                    term.at,
                    Node::Compound(Functor::Name(",".to_owned()), vec![condition.clone(), denied]),
                );
                self.negation(at, &both)
            }
            ("limit" | "offset" | "order_by", [_, _]) | ("distinct", [_] | [_, _]) => {
                broken(term.at, format!("expected `{name}` around a whole question, not inside"))
            }
            ("assert" | "asserta" | "assertz" | "retract" | "retractall", [_]) | ("nb_setval" | "b_setval", [_, _]) => {
                broken(term.at, format!("expected a goal that only asks; `{name}` would change what is known"))
            }
            ("write" | "print" | "writeln" | "nl" | "format" | "read" | "consult" | "halt" | "shell", _) => {
                broken(term.at, format!("expected a goal that only asks; `{name}` does something"))
            }
            _ if self.aggregate(at, term, name, arguments)? => Ok(()),
            _ => self.relation(term),
        }
    }

    /// A relation of the program, of the vocabulary or a computed one.
    fn relation(&mut self, term: &Parsed) -> Result<(), Broken> {
        if let Some(literal) = self.literal(term)? {
            self.goals.push(Goal::Holds(literal));
            return Ok(());
        }
        broken(term.at, format!("expected a goal, found {}", kind(term)))
    }

    /// A relation with its arguments; nothing when the term is no such thing.
    fn literal(&mut self, term: &Parsed) -> Result<Option<Literal>, Broken> {
        let (predicate, arguments): (NamedNode, &[Parsed]) = match &term.node {
            Node::Atom(name) => (self.named(term, name, 0)?, &[]),
            Node::Compound(Functor::Name(name), arguments) => (self.named(term, name, arguments.len())?, arguments),
            Node::Iri(iri) => (iri.clone(), &[]),
            Node::Compound(Functor::Iri(iri), arguments) => (iri.clone(), arguments),
            Node::Variable(_) | Node::Literal(_) | Node::List(..) => return Ok(None),
        };
        if arguments.len() > WIDEST {
            return broken(
                term.at,
                format!("expected a relation of at most {WIDEST} arguments, found {}", arguments.len()),
            );
        }
        let arguments = arguments.iter().map(|argument| self.argument(argument)).collect::<Result<_, _>>()?;
        Ok(Some(Literal { predicate, arguments }))
    }

    /// The relation of that name.
    fn named(&self, term: &Parsed, name: &str, width: usize) -> Result<NamedNode, Broken> {
        let context = self.context;
        if let Some(relation) = context.vocabulary.relations.get(&(name.to_owned(), width)) {
            return Ok(relation.clone());
        }
        if (context.defines)(name, width) {
            return Ok(quid_core::columns::relation(name));
        }
        if let Some(builtin) = builtins::named(name, width) {
            return Ok(builtin);
        }
        if let Some(meant) = (context.means)(name, width) {
            return Ok(meant);
        }
        let widths = builtins::computed_widths(name);
        if !widths.is_empty() {
            let known: Vec<String> = widths.iter().map(|width| format!("`{name}/{width}`")).collect();
            return broken(term.at, format!("`{name}/{width}` is not known; did you mean {}?", known.join(" or ")));
        }
        if ["-->", ":-", "?-", "->", "=.."].contains(&name) || matches!(name, "|" | "\\+" | "," | ";") {
            return broken(term.at, format!("expected a relation, found `{name}`"));
        }
        if is_operator(name) {
            return broken(term.at, format!("expected a goal; `{name}` makes a term or a number and is no goal"));
        }
        Ok(quid_core::columns::relation(name))
    }

    /// The number of a variable, made when it is new. Each `_` is a variable of its own.
    fn variable(&mut self, name: &str, at: usize) -> Result<Argument, Broken> {
        let known = self.names.iter().position(|other| name != "_" && !name.is_empty() && other == name);
        let index = known.unwrap_or_else(|| {
            self.names.push(if name == "_" { String::new() } else { name.to_owned() });
            self.names.len() - 1
        });
        u32::try_from(index).map(Argument::Variable).or_else(|_| broken(at, "expected fewer variables"))
    }

    fn fresh(&mut self) -> Argument {
        self.names.push(String::new());
        // A rule's goals are bounded, so its variables are too.
        Argument::Variable(u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX))
    }

    fn argument(&mut self, term: &Parsed) -> Result<Argument, Broken> {
        if let Node::Variable(name) = &term.node {
            return self.variable(name, term.at);
        }
        match constant(term) {
            Ok(value) => Ok(Argument::Term(value)),
            Err(Why::TooLong) => broken(term.at, "expected a shorter list"),
            Err(Why::Open) => broken(
                term.at,
                match &term.node {
                    Node::List(..) => "expected a list without variables, or a variable for the whole list; member/2, nth1/3 and length/2 look into it".to_owned(),
                    Node::Compound(Functor::Name(name), _) if is_operator(name) => {
                        format!("expected a value; `{name}` is reckoned with `is`: `X is …`")
                    }
                    _ => "expected a value or a variable; a term with variables inside cannot be an argument, give its parts arguments of their own".to_owned(),
                },
            ),
        }
    }

    fn compared(&mut self, relation: &str, one: &Parsed, other: &Parsed) -> Result<(), Broken> {
        let arguments = vec![self.argument(one)?, self.argument(other)?];
        self.computed(relation, arguments);
        Ok(())
    }

    fn computed(&mut self, relation: &str, arguments: Vec<Argument>) {
        let predicate = NamedNode::new_unchecked(format!("{BUILTIN}{relation}"));
        self.goals.push(Goal::Holds(Literal { predicate, arguments }));
    }

    /// A number or what reckons it.
    fn arithmetic(&mut self, term: &Parsed) -> Result<Argument, Broken> {
        match &term.node {
            Node::Variable(name) => self.variable(name, term.at),
            // Dates compare too, so any literal may stand in a comparison; what it is, is looked at then.
            Node::Literal(_) => self.argument(term),
            _ => self.evaluated(term, None),
        }
    }

    /// Reckons an expression into an argument, or into a new variable.
    fn evaluated(&mut self, term: &Parsed, into: Option<Argument>) -> Result<Argument, Broken> {
        let known = match &term.node {
            Node::Variable(name) => Some(self.variable(name, term.at)?),
            Node::Literal(_) => Some(self.argument(term)?),
            Node::List(items, None) => match items.as_slice() {
                [one] => Some(self.evaluated(one, None)?),
                _ => return broken(term.at, "expected an expression, found a list"),
            },
            _ => None,
        };
        if let Some(known) = known {
            if let Argument::Term(value) = &known
                && Number::of(value).is_none()
            {
                return broken(term.at, "expected a number");
            }
            let Some(into) = into else { return Ok(known) };
            self.computed("number", vec![known, into.clone()]);
            return Ok(into);
        }
        let Some((name, arguments)) = term.call() else {
            return broken(term.at, format!("expected an expression, found {}", kind(term)));
        };
        let Some(relation) = builtins::function_named(name, arguments.len()) else {
            let near = nearest(name, builtins::functions());
            let meant = near.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return broken(term.at, format!("`{name}/{}` is no function of arithmetic{meant}", arguments.len()));
        };
        let mut all = arguments.iter().map(|argument| self.evaluated(argument, None)).collect::<Result<Vec<_>, _>>()?;
        let into = into.unwrap_or_else(|| self.fresh());
        all.push(into.clone());
        self.computed(relation, all);
        Ok(into)
    }

    /// Whether a variable of one part is also in the head or in another part.
    fn is_shared(&self, at: usize, name: &str) -> bool {
        self.in_head.contains(name)
            || self.parts.iter().enumerate().any(|(other, part)| other != at && occurs(part.term(), name))
    }

    fn is_bound_before(&self, at: usize, name: &str) -> bool {
        self.parts.iter().take(at).any(|part| matches!(part, Part::Goal(_)) && occurs(part.term(), name))
    }

    fn shared(&self, at: usize, term: &Parsed) -> Vec<String> {
        let mut inner = BTreeSet::new();
        names_in(term, &mut inner);
        inner.into_iter().filter(|name| self.is_shared(at, name)).collect()
    }

    fn negation(&mut self, at: usize, term: &Parsed) -> Result<(), Broken> {
        if let Some(("\\+" | "not", [inner])) = term.call() {
            // Twice denied is asked, without binding anything; what is bound outside stays so.
            return self.nested(at, inner, false);
        }
        self.nested(at, term, true)
    }

    /// A goal as a relation of its own over the variables that it shares.
    fn nested(&mut self, at: usize, term: &Parsed, is_denied: bool) -> Result<(), Broken> {
        let literal = if self.plain(at, term) { self.literal(term)? } else { None };
        let literal = match literal {
            Some(literal) => literal,
            None => {
                let shared = self.shared(at, term);
                let relation = self.helper(term, shared.clone())?;
                let arguments = shared.iter().map(|name| self.variable(name, term.at)).collect::<Result<_, _>>()?;
                Literal { predicate: relation, arguments }
            }
        };
        self.goals.push(if is_denied { Goal::Not(literal) } else { Goal::Holds(literal) });
        Ok(())
    }

    /// Whether a goal is one relation of the program, all variables of which are shared: it needs no helper.
    fn plain(&self, at: usize, term: &Parsed) -> bool {
        let arguments = match &term.node {
            Node::Compound(Functor::Iri(_), arguments) => arguments,
            Node::Compound(Functor::Name(name), arguments) if !self.is_special(name, arguments.len()) => arguments,
            Node::Atom(name) if !self.is_special(name, 0) => return true,
            _ => return false,
        };
        arguments.iter().all(|argument| match &argument.node {
            Node::Variable(name) => name != "_" && self.is_shared(at, name),
            _ => true,
        })
    }

    fn is_special(&self, name: &str, width: usize) -> bool {
        let context = self.context;
        !(context.defines)(name, width)
            && !context.vocabulary.relations.contains_key(&(name.to_owned(), width))
            && (is_reserved(name, width) || builtins::named(name, width).is_some() || AGGREGATES.contains(&name))
    }

    /// Makes rules for a nested goal; gives their relation.
    fn helper(&mut self, term: &Parsed, over: Vec<String>) -> Result<NamedNode, Broken> {
        let name = format!("{}+{}", self.name, self.helpers.len() + 1);
        let relation = NamedNode::new_unchecked(format!("{HELPER}{}", quid_core::text::percent_encode(&name)));
        // Its place among the helpers is taken before its own helpers come.
        let place = self.helpers.len();
        self.helpers.push(Rule {
            name: String::new(),
            head: Literal { predicate: relation.clone(), arguments: Vec::new() },
            body: Vec::new(),
            says: String::new(),
        });
        let made = rules(self.context, &name, "", &Head::Over(relation.clone(), over), Some(term), self.helpers)?;
        // A goal without alternatives (`fail`) has no rules.
        self.helpers.splice(place..=place, made);
        Ok(relation)
    }

    /// `findall`, `aggregate_all`, `count` and their like; false when the goal is none of them.
    fn aggregate(&mut self, at: usize, term: &Parsed, name: &str, arguments: &[Parsed]) -> Result<bool, Broken> {
        let plain = |how, is_distinct| (how, is_distinct);
        let (how, template, goal, result) = match (name, arguments) {
            ("findall" | "setof" | "bagof", [template, goal, result]) => {
                (plain(How::List, true), Some(template), goal, result)
            }
            ("count", [template, goal, result]) => (plain(How::Count, true), Some(template), goal, result),
            ("sum", [template, goal, result]) => (plain(How::Sum, false), Some(template), goal, result),
            ("min", [template, goal, result]) => (plain(How::Min, false), Some(template), goal, result),
            ("max", [template, goal, result]) => (plain(How::Max, false), Some(template), goal, result),
            ("avg" | "average", [template, goal, result]) => (plain(How::Average, false), Some(template), goal, result),
            ("aggregate_all" | "aggregate", [kind, goal, result]) => {
                let (how, template) = match kind.call() {
                    Some(("count", [])) => (plain(How::Count, false), None),
                    Some(("count", [template])) => (plain(How::Count, true), Some(template)),
                    Some(("sum", [template])) => (plain(How::Sum, false), Some(template)),
                    Some(("min", [template])) => (plain(How::Min, false), Some(template)),
                    Some(("max", [template])) => (plain(How::Max, false), Some(template)),
                    Some(("avg" | "average", [template])) => (plain(How::Average, false), Some(template)),
                    Some(("bag" | "set", [template])) => (plain(How::List, true), Some(template)),
                    _ => {
                        return broken(
                            kind.at,
                            "expected count, count(X), sum(X), min(X), max(X), avg(X), bag(X) or set(X)",
                        );
                    }
                };
                (how, template, goal, result)
            }
            _ => return Ok(false),
        };
        self.gather(at, term, how, template, goal, result)?;
        Ok(true)
    }

    fn gather(
        &mut self,
        at: usize,
        term: &Parsed,
        (how, is_distinct): (How, bool),
        template: Option<&Parsed>,
        goal: &Parsed,
        result: &Parsed,
    ) -> Result<(), Broken> {
        let mut local = BTreeSet::new();
        let mut goal = goal;
        while let Some(("^", [variable, inner])) = goal.call() {
            names_in(variable, &mut local);
            goal = inner;
        }
        if let Some(template) = template {
            names_in(template, &mut local);
        }
        // Where every solution counts, what is not named makes solutions different too.
        let counted = if is_distinct { goal.clone() } else { all_named(goal, &mut 0) };
        let goal = &counted;
        let mut inner = BTreeSet::new();
        names_in(goal, &mut inner);
        let is_free = matches!(term.call(), Some(("setof" | "bagof" | "aggregate", _)));
        let mut in_result = BTreeSet::new();
        names_in(result, &mut in_result);
        let groups: Vec<String> = inner
            .iter()
            .filter(|name| !local.contains(*name) && !in_result.contains(*name))
            .filter(|name| is_free || self.is_shared(at, name))
            .cloned()
            .collect();
        // What is gathered, as a variable of the helper.
        let mut goal = goal.clone();
        let value = match template.map(|template| (template, &template.node)) {
            None => None,
            Some((_, Node::Variable(name))) if inner.contains(name) => Some(name.clone()),
            Some((template, _)) if matches!(how, How::Count) && !inner.is_empty() => {
                let mut names = BTreeSet::new();
                names_in(template, &mut names);
                if names.len() > 1 {
                    return broken(template.at, "expected one variable to count; `count` alone counts the solutions");
                }
                None
            }
            Some((template, Node::Compound(Functor::Name(_), _) | Node::Literal(_))) if how != How::List => {
                let name = "_Value".to_owned();
                let variable = Parsed::new(template.at, Node::Variable(name.clone()));
                let value = Parsed::new(
                    template.at,
                    Node::Compound(Functor::Name("is".to_owned()), vec![variable, template.clone()]),
                );
                goal = Parsed::new(goal.at, Node::Compound(Functor::Name(",".to_owned()), vec![goal, value]));
                Some(name)
            }
            Some((template, _)) => {
                return broken(template.at, "expected a variable of the goal to gather");
            }
        };
        // Which variables make an answer: for distinct values only the value, else all of them.
        let mut columns: Vec<String> = groups.clone();
        let others = inner.iter().filter(|name| !groups.contains(name));
        match (&value, is_distinct) {
            (Some(value), true) => columns.push(value.clone()),
            (value, _) => {
                columns.extend(others.cloned());
                columns.extend(value.iter().filter(|value| !inner.contains(*value)).cloned());
            }
        }
        let into = self.argument(result)?;
        // Variables of the goal that are no groups are its own, whatever has their name outside.
        let mut numbers = Vec::with_capacity(columns.len());
        for column in &columns {
            numbers.push(if groups.contains(column) { self.variable(column, goal.at)? } else { self.fresh() });
        }
        let number_of = |name: &String| {
            let at = columns.iter().position(|column| column == name)?;
            numbers.get(at).and_then(number)
        };
        let value = value.as_ref().and_then(number_of).unwrap_or(0);
        let by: Vec<u32> = groups.iter().filter_map(number_of).collect();
        let over = match self.direct(&goal, &columns, &numbers, is_distinct)? {
            Some(literal) => literal,
            None => Literal { predicate: self.helper(&goal, columns)?, arguments: numbers },
        };
        let is_empty_refused = matches!(term.call(), Some(("setof" | "bagof", _)));
        self.goals.push(Goal::Gather(Gather { how, over, value, by, into: into.clone() }));
        if is_empty_refused {
            self.computed("different", vec![into, Argument::Term(super::constant::list(&[]))]);
        }
        Ok(())
    }

    /// The goal itself when it is one relation whose variables are the columns and, where every answer counts, `_`s.
    fn direct(
        &mut self,
        goal: &Parsed,
        columns: &[String],
        numbers: &[Argument],
        is_distinct: bool,
    ) -> Result<Option<Literal>, Broken> {
        let arguments = match &goal.node {
            Node::Compound(Functor::Iri(_), arguments) => arguments,
            Node::Compound(Functor::Name(name), arguments) if !self.is_special(name, arguments.len()) => arguments,
            _ => return Ok(None),
        };
        let fits = |argument: &Parsed| match &argument.node {
            Node::Variable(name) if name == "_" => !is_distinct,
            Node::Variable(name) => columns.contains(name),
            _ => true,
        };
        if !arguments.iter().all(fits) || arguments.len() > WIDEST {
            return Ok(None);
        }
        let predicate = match &goal.node {
            Node::Compound(Functor::Iri(iri), _) => iri.clone(),
            Node::Compound(Functor::Name(name), arguments) => self.named(goal, name, arguments.len())?,
            _ => return Ok(None),
        };
        let mut made = Vec::with_capacity(arguments.len());
        for argument in arguments {
            made.push(match &argument.node {
                Node::Variable(name) if name != "_" => {
                    let at = columns.iter().position(|column| column == name);
                    match at.and_then(|at| numbers.get(at)) {
                        Some(known) => known.clone(),
                        None => return Ok(None),
                    }
                }
                _ => self.argument(argument)?,
            });
        }
        Ok(Some(Literal { predicate, arguments: made }))
    }
}

/// The goals that gather.
const AGGREGATES: [&str; 11] =
    ["findall", "setof", "bagof", "count", "sum", "min", "max", "avg", "average", "aggregate_all", "aggregate"];

/// Names that no program may define.
pub(super) fn is_reserved(name: &str, width: usize) -> bool {
    match name {
        "," | ";" | "|" => true,
        "true" | "fail" | "false" | "!" | "otherwise" => width == 0,
        "\\+" | "not" | "call" | "once" => width == 1,
        "=" | "\\=" | "==" | "\\==" | "<" | ">" | "=<" | ">=" | "=:=" | "=\\=" | "is" | "@<" | "@>" | "@=<" | "@>="
        | "dif" | "=.." | ":-" | "->" | "*->" | "-->" | "forall" => width == 2,
        "findall" | "setof" | "bagof" | "aggregate_all" => width == 3,
        _ => false,
    }
}

fn is_operator(name: &str) -> bool {
    builtins::functions().any(|known| known == name) && !name.chars().all(char::is_alphanumeric) || name == "^"
}

fn number(argument: &Argument) -> Option<u32> {
    match argument {
        Argument::Variable(number) => Some(*number),
        Argument::Term(_) => None,
    }
}

/// The goal with a name for each `_` that its solutions differ in.
fn all_named(goal: &Parsed, count: &mut usize) -> Parsed {
    let node = match (&goal.node, goal.call()) {
        // What is denied or gathered inside has no solutions of its own.
        (_, Some((name, [_] | [_, _] | [_, _, _])))
            if AGGREGATES.contains(&name) || matches!(name, "\\+" | "not" | "forall") =>
        {
            return goal.clone();
        }
        (Node::Variable(name), _) if name == "_" => {
            *count += 1;
            Node::Variable(format!("_ {count}"))
        }
        (Node::Compound(functor, arguments), _) => {
            Node::Compound(functor.clone(), arguments.iter().map(|argument| all_named(argument, count)).collect())
        }
        _ => return goal.clone(),
    };
    Parsed::new(goal.at, node)
}

/// The variables' names in a term, `_` aside.
pub(super) fn names_in(term: &Parsed, names: &mut BTreeSet<String>) {
    if let Node::Variable(name) = &term.node
        && name != "_"
    {
        names.insert(name.clone());
    }
    for inner in term.below() {
        names_in(inner, names);
    }
}

fn occurs(term: &Parsed, name: &str) -> bool {
    matches!(&term.node, Node::Variable(other) if other == name) || term.below().any(|inner| occurs(inner, name))
}

/// What a term is, in words.
fn kind(term: &Parsed) -> String {
    match &term.node {
        Node::Variable(name) => format!("the variable `{name}`"),
        Node::Atom(name) => format!("`{name}`"),
        Node::Iri(iri) => format!("`{iri}`"),
        Node::Literal(literal) if Number::of(&Term::from(literal.clone())).is_some() => {
            let digits: String = literal.value().chars().take(40).collect();
            format!("the number {digits}")
        }
        Node::Literal(_) => "a string".to_owned(),
        Node::List(..) => "a list".to_owned(),
        Node::Compound(Functor::Name(name), arguments) => format!("`{name}/{}`", arguments.len()),
        Node::Compound(Functor::Iri(iri), arguments) => format!("`{iri}/{}`", arguments.len()),
    }
}

/// The variables that the positive goals of every alternative of a question bind, in the order they are written.
pub(super) fn columns(body: &Parsed) -> Result<Vec<String>, Broken> {
    let bodies = alternatives(body)?;
    let bound: Vec<Vec<String>> = bodies
        .iter()
        .map(|parts| {
            let mut names = Vec::new();
            for part in parts {
                if let Part::Goal(term) = part {
                    bound_by(term, &mut names);
                }
            }
            names
        })
        .collect();
    // A variable that only some alternatives bind has no value in the others.
    let in_all = |name: &String| !name.starts_with('_') && bound.iter().all(|names| names.contains(name));
    let mut all: Vec<String> = Vec::new();
    for name in bound.iter().flatten().filter(|name| in_all(name)) {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    Ok(all)
}

/// The variables that a goal binds: of a gathering goal the result, and the groups of one that makes groups.
fn bound_by(term: &Parsed, names: &mut Vec<String>) {
    let Some((name, [template, goal, result])) = term.call().filter(|(name, _)| AGGREGATES.contains(name)) else {
        if !matches!(term.call(), Some(("forall" | "once", _))) {
            in_order(term, names);
        }
        return;
    };
    if matches!(name, "setof" | "bagof" | "aggregate") {
        let mut local = BTreeSet::new();
        let mut goal = goal;
        while let Some(("^", [variable, inner])) = goal.call() {
            names_in(variable, &mut local);
            goal = inner;
        }
        names_in(template, &mut local);
        let mut groups = Vec::new();
        in_order(goal, &mut groups);
        names.extend(groups.into_iter().filter(|name| !local.contains(name)));
    }
    in_order(result, names);
}

fn in_order(term: &Parsed, names: &mut Vec<String>) {
    if let Node::Variable(name) = &term.node
        && name != "_"
        && !names.contains(name)
    {
        names.push(name.clone());
    }
    for inner in term.below() {
        in_order(inner, names);
    }
}
