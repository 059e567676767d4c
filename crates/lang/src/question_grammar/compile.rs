//! Turns sets into goals of the rule engine: joins, helper relations for whatever nests, and values gathered.
//!
//! Queries are flat and without function symbols, so a superlative, a negation, a count or an alternative becomes a
//! relation of its own, in force for this question only.

use quid_core::oxrdf::{Literal as Value, NamedNode, Term};
use quid_core::vocabulary::{BUILTIN, IS_A, NOT_A};
use quid_core::{Argument, Gather, Goal, How, Literal, Query, Rule};

use super::question::is_closed;
use super::schema::{Member, Range, Schema};
use super::set::{Amount, Comparison, Kind, Link, Measure, Set, Together, kind};

/// The relation a query concludes; its helpers are named after it.
const HELPER: &str = "urn:quid:question:";

/// Makes the queries of one question.
pub(super) struct Compiler<'s> {
    schema: &'s Schema,
    helpers: Vec<Rule>,
    names: u32,
}

/// A rule's body in the making.
#[derive(Default)]
struct Body {
    goals: Vec<Goal>,
    next: u32,
}

impl Body {
    fn fresh(&mut self, count: usize) -> Vec<Argument> {
        (0..count)
            .map(|_| {
                self.next += 1;
                Argument::Variable(self.next - 1)
            })
            .collect()
    }
}

impl<'s> Compiler<'s> {
    pub fn new(schema: &'s Schema) -> Self {
        Self { schema, helpers: Vec::new(), names: 0 }
    }

    /// All members of a set.
    pub fn members(mut self, set: &Set) -> Option<Query> {
        let mut body = Body::default();
        let columns = self.width(set);
        let arguments = body.fresh(columns);
        self.goals(set, &arguments, &mut body)?;
        Some(self.query(arguments, body.goals))
    }

    /// The names of all members as one list, which proves that there are no others.
    pub fn list(mut self, set: &Set) -> Option<Query> {
        let width = self.width(set);
        let predicate = self.relation_of(set, width)?;
        let mut body = Body::default();
        let over = Literal { predicate, arguments: body.fresh(width) };
        let all = body.fresh(1);
        let into = all.first()?.clone();
        Self::gather(How::List, over, 0, Vec::new(), into, &mut body);
        Some(self.query(all, body.goals))
    }

    /// Yes when it has any member.
    pub fn any(mut self, set: &Set) -> Option<Query> {
        let helper = self.whether(set)?;
        Some(self.query(Vec::new(), vec![Goal::Holds(helper)]))
    }

    /// Yes when it has none.
    pub fn none(mut self, set: &Set) -> Option<Query> {
        let helper = self.whether(set)?;
        Some(self.query(Vec::new(), vec![Goal::Not(helper)]))
    }

    fn whether(&mut self, set: &Set) -> Option<Literal> {
        let mut body = Body::default();
        let arguments = body.fresh(self.width(set));
        self.goals(set, &arguments, &mut body)?;
        Some(self.helper(Vec::new(), body.goals))
    }

    fn query(self, arguments: Vec<Argument>, body: Vec<Goal>) -> Query {
        let columns = (1..=arguments.len()).map(|number| format!("x{number}")).collect();
        let head = Literal { predicate: quid_core::rule::ANSWER.into_owned(), arguments };
        let rule = Rule { name: "question".to_owned(), head, body, says: String::new() };
        Query { rule, helpers: self.helpers, columns, order: Vec::new(), offset: 0, limit: None }
    }

    /// Adds a rule of its own; gives its head.
    fn helper(&mut self, arguments: Vec<Argument>, body: Vec<Goal>) -> Literal {
        self.names += 1;
        let predicate = NamedNode::new_unchecked(format!("{HELPER}{}", self.names));
        self.rule(Literal { predicate, arguments }, body)
    }

    fn rule(&mut self, head: Literal, body: Vec<Goal>) -> Literal {
        let name = format!("question/{}", self.helpers.len() + 1);
        self.helpers.push(Rule { name, head: head.clone(), body, says: String::new() });
        head
    }

    fn width(&self, set: &Set) -> usize {
        match kind(set, self.schema) {
            Kind::Number => 1,
            Kind::Thing(class) => self.schema.keys(class),
        }
    }

    /// Goals under which the arguments are a member of the set.
    fn goals(&mut self, set: &Set, arguments: &[Argument], body: &mut Body) -> Option<()> {
        match set {
            Set::Anything => Some(()),
            Set::Class(class) => {
                let class = self.schema.classes.get(*class)?;
                if let Member::AnyOf(classes) = &class.member {
                    let any = Set::Either(classes.iter().copied().map(Set::Class).collect(), true);
                    return self.goals(&any, arguments, body);
                }
                let literal = match &class.member {
                    Member::Relation(predicate) => {
                        Literal { predicate: predicate.clone(), arguments: arguments.to_vec() }
                    }
                    Member::FirstOf(predicate, width) => {
                        let mut all = arguments.to_vec();
                        all.extend(body.fresh(width.checked_sub(arguments.len())?));
                        Literal { predicate: predicate.clone(), arguments: all }
                    }
                    Member::Kind(predicate, class) => Literal {
                        predicate: predicate.clone(),
                        arguments: vec![arguments.first()?.clone(), Argument::Term(class.clone())],
                    },
                    Member::AnyOf(_) => return None,
                };
                body.goals.push(Goal::Holds(literal));
                Some(())
            }
            Set::Named(named) => {
                // One fact a bearer of the name.
                self.names += 1;
                let predicate = NamedNode::new_unchecked(format!("{HELPER}{}", self.names));
                for named in named.iter().filter(|named| named.terms.len() == arguments.len()) {
                    let terms = named.terms.iter().cloned().map(Argument::Term).collect();
                    self.rule(Literal { predicate: predicate.clone(), arguments: terms }, Vec::new());
                }
                body.goals.push(Goal::Holds(Literal { predicate, arguments: arguments.to_vec() }));
                Some(())
            }
            Set::Linked(link, of) => {
                let from = self.bound(of, *link, body)?;
                self.link(*link, &from, arguments, body)
            }
            Set::All(sets) => {
                // What restricts comes before what only rules out.
                let (restricting, others): (Vec<&Set>, Vec<&Set>) =
                    sets.iter().partition(|set| !matches!(set, Set::Not(_) | Set::Compared(..)));
                for set in restricting.into_iter().chain(others) {
                    self.goals(set, arguments, body)?;
                }
                Some(())
            }
            Set::Either(sets, _) => {
                self.names += 1;
                let predicate = NamedNode::new_unchecked(format!("{HELPER}{}", self.names));
                for set in sets {
                    let mut inner = Body::default();
                    let head = inner.fresh(arguments.len());
                    self.goals(set, &head, &mut inner)?;
                    self.rule(Literal { predicate: predicate.clone(), arguments: head }, inner.goals);
                }
                body.goals.push(Goal::Holds(Literal { predicate, arguments: arguments.to_vec() }));
                Some(())
            }
            Set::Not(set) => {
                let goal = self.not(set, arguments)?;
                body.goals.push(goal);
                Some(())
            }
            Set::Extreme { of, by, most, each } => {
                self.extreme(of, by, *most, each.as_ref().map(|(link, set)| (*link, &**set)), arguments, body)
            }
            Set::Compared(by, comparison, amount) => self.compared(by, *comparison, amount, arguments, body),
            Set::Count(set) => {
                let width = self.width(set);
                let predicate = self.relation_of(set, width)?;
                let over = Literal { predicate, arguments: body.fresh(width) };
                Self::gather(How::Count, over, 0, Vec::new(), arguments.first()?.clone(), body);
                Some(())
            }
            Set::Together(how, relation, set) => {
                let mut inner = Body::default();
                let link = Link { relation: *relation, forward: true };
                let keys = self.bound(set, link, &mut inner)?;
                let value = inner.fresh(1);
                self.link(link, &keys, &value, &mut inner)?;
                let mut head = keys;
                head.extend(value);
                let width = head.len();
                let literal = self.helper(head, inner.goals);
                let over = Literal { predicate: literal.predicate, arguments: body.fresh(width) };
                let how = match how {
                    Together::Sum => How::Sum,
                    Together::Average => How::Average,
                    Together::Least => How::Min,
                    Together::Greatest => How::Max,
                };
                let value = variable(over.arguments.last()?)?;
                Self::gather(how, over, value, Vec::new(), arguments.first()?.clone(), body);
                Some(())
            }
        }
    }

    /// Under which the arguments are no member of the set.
    fn not(&mut self, set: &Set, arguments: &[Argument]) -> Option<Goal> {
        if !is_closed(set, self.schema) {
            return self.denial(set, arguments).map(Goal::Holds);
        }
        let predicate = self.relation_of(set, arguments.len())?;
        Some(Goal::Not(Literal { predicate, arguments: arguments.to_vec() }))
    }

    /// What was denied, or is denied by what follows, of a member: where not everything is known, what was not told
    /// is no reason to say "not". `None` where there is no way to deny it.
    fn denial(&self, set: &Set, arguments: &[Argument]) -> Option<Literal> {
        match set {
            Set::Class(class) => match &self.schema.classes.get(*class)?.member {
                Member::Kind(predicate, class) if predicate.as_ref() == IS_A => Some(Literal {
                    predicate: NOT_A.into_owned(),
                    arguments: vec![arguments.first()?.clone(), Argument::Term(class.clone())],
                }),
                _ => None,
            },
            Set::Linked(link, of) => {
                let predicate = self.schema.relations.get(link.relation)?.denial.clone()?;
                let Set::Named(named) = &**of else { return None };
                let [only] = named.as_slice() else { return None };
                let other = only.terms.iter().cloned().map(Argument::Term);
                let own = arguments.iter().cloned();
                let arguments = if link.forward { other.chain(own).collect() } else { own.chain(other).collect() };
                Some(Literal { predicate, arguments })
            }
            _ => None,
        }
    }

    /// A relation that holds of the members of a set and of nothing else.
    fn relation_of(&mut self, set: &Set, width: usize) -> Option<NamedNode> {
        let mut inner = Body::default();
        let head = inner.fresh(width);
        self.goals(set, &head, &mut inner)?;
        Some(self.helper(head, inner.goals).predicate)
    }

    /// The terms of a set's members in a body: the name itself where there is one, else new variables.
    fn bound(&mut self, set: &Set, link: Link, body: &mut Body) -> Option<Vec<Argument>> {
        if let Set::Named(named) = set
            && let [only] = named.as_slice()
        {
            return Some(only.terms.iter().cloned().map(Argument::Term).collect());
        }
        let width = match (set, link.from(self.schema)) {
            (Set::Anything, Kind::Thing(class)) => self.schema.keys(class),
            _ => self.width(set),
        };
        let arguments = body.fresh(width);
        self.goals(set, &arguments, body)?;
        Some(arguments)
    }

    fn link(&self, link: Link, from: &[Argument], to: &[Argument], body: &mut Body) -> Option<()> {
        let relation = self.schema.relations.get(link.relation)?;
        let (subject, object) = if link.forward { (from, to) } else { (to, from) };
        let expected = match relation.range {
            Range::Number => 1,
            Range::Thing(class) => self.schema.keys(class),
        };
        if subject.len() != self.schema.keys(relation.domain) || object.len() != expected {
            return None;
        }
        let arguments = subject.iter().chain(object).cloned().collect();
        body.goals.push(Goal::Holds(Literal { predicate: relation.predicate.clone(), arguments }));
        Some(())
    }

    fn gather(how: How, over: Literal, value: u32, by: Vec<u32>, into: Argument, body: &mut Body) {
        body.goals.push(Goal::Gather(Gather { how, over, value, by, into }));
    }

    /// The measure of something: goals that bind the value.
    fn measure(&mut self, by: &Measure, of: &[Argument], body: &mut Body) -> Option<Argument> {
        let value = body.fresh(1).pop()?;
        match by {
            Measure::Best(link, set, relation) => {
                let width = match link.to(self.schema) {
                    Kind::Number => 1,
                    Kind::Thing(class) => self.schema.keys(class),
                };
                let other = body.fresh(width);
                self.link(*link, of, &other, body)?;
                self.goals(set, &other, body)?;
                let link = Link { relation: *relation, forward: true };
                self.link(link, &other, std::slice::from_ref(&value), body)?;
            }
            Measure::Value(relation) => {
                let link = Link { relation: *relation, forward: true };
                self.link(link, of, std::slice::from_ref(&value), body)?;
            }
            Measure::Count(link, set) => {
                // A count is of what one thing is linked to: the group is that thing.
                let mut inner = Body::default();
                let from = inner.fresh(of.len());
                let to = inner.fresh(match link.to(self.schema) {
                    Kind::Number => 1,
                    Kind::Thing(class) => self.schema.keys(class),
                });
                self.link(*link, &from, &to, &mut inner)?;
                if to.len() == self.width(set) || matches!(**set, Set::Anything) {
                    self.goals(set, &to, &mut inner)?;
                }
                let head: Vec<Argument> = from.into_iter().chain(to).collect();
                let width = head.len();
                let literal = self.helper(head, inner.goals);
                // The group's variables are the thing's own, so that nothing linked counts as 0.
                let mut arguments = of.to_vec();
                arguments.extend(body.fresh(width - of.len()));
                let over = Literal { predicate: literal.predicate, arguments };
                let group = of.iter().filter_map(variable).collect();
                Self::gather(How::Count, over, 0, group, value.clone(), body);
            }
        }
        Some(value)
    }

    fn extreme(
        &mut self,
        of: &Set,
        by: &Measure,
        most: bool,
        each: Option<(Link, &Set)>,
        arguments: &[Argument],
        body: &mut Body,
    ) -> Option<()> {
        // measured(x…, group…, value)
        let mut inner = Body::default();
        let members = inner.fresh(arguments.len());
        self.goals(of, &members, &mut inner)?;
        let mut group = Vec::new();
        if let Some((link, set)) = each {
            group = self.bound(set, link, &mut inner)?;
            self.link(link, &group, &members, &mut inner)?;
        }
        let value = self.measure(by, &members, &mut inner)?;
        let mut head = members;
        head.extend(group.iter().cloned());
        head.push(value);
        let width = head.len();
        let predicate = self.helper(head, inner.goals).predicate;
        let best = body.fresh(1).pop()?;
        let groups = body.fresh(group.len());
        let mut over = body.fresh(arguments.len());
        over.extend(groups.iter().cloned());
        over.extend(body.fresh(1));
        debug_assert_eq!(over.len(), width, "the helper's columns");
        let of_value = variable(over.last()?)?;
        let by_group = groups.iter().filter_map(variable).collect();
        let how = if most { How::Max } else { How::Min };
        Self::gather(
            how,
            Literal { predicate: predicate.clone(), arguments: over },
            of_value,
            by_group,
            best.clone(),
            body,
        );
        let mut found = arguments.to_vec();
        found.extend(groups);
        found.push(best);
        body.goals.push(Goal::Holds(Literal { predicate, arguments: found }));
        Some(())
    }

    fn compared(
        &mut self,
        by: &Measure,
        comparison: Comparison,
        amount: &Amount,
        arguments: &[Argument],
        body: &mut Body,
    ) -> Option<()> {
        let value = self.measure(by, arguments, body)?;
        let other = match amount {
            Amount::Number(number) => Argument::Term(number_term(*number)),
            Amount::Of(set) => {
                let other = body.fresh(1);
                self.goals(set, &other, body)?;
                other.into_iter().next()?
            }
        };
        let name = match comparison {
            Comparison::Less => "less",
            Comparison::AtMost => "at_most",
            Comparison::Equal => "same_number",
            Comparison::AtLeast => "at_least",
            Comparison::More => "greater",
        };
        let predicate = NamedNode::new_unchecked(format!("{BUILTIN}{name}"));
        body.goals.push(Goal::Holds(Literal { predicate, arguments: vec![value, other] }));
        Some(())
    }
}

fn variable(argument: &Argument) -> Option<u32> {
    match argument {
        Argument::Variable(number) => Some(*number),
        Argument::Term(_) => None,
    }
}

/// A number as it stands in a store.
fn number_term(number: f64) -> Term {
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::from(number as i64).into()
    } else {
        Value::from(number).into()
    }
}
