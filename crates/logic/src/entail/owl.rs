//! The tables of OWL 2 RL (OWL 2 Profiles, section 4.3), as rules over the axioms at hand.
//!
//! What the tables call *false* concludes [`CONTRADICTION`] between what cannot be together, so that the proof of a
//! contradiction is a proof like any other. Rules that make two names one are compiled only when asked for.

use quid_core::oxrdf::{NamedNodeRef, Term};
use quid_core::vocabulary::CONTRADICTION;
use quid_core::{Argument, Literal};

use super::compile::{Choice, Writer, axiom, c, is_of, triple, v};
use super::names::{
    ALL_DIFFERENT, ALL_DISJOINT_CLASSES, ALL_DISJOINT_PROPERTIES, ALL_VALUES_FROM, ASSERTION_PROPERTY, ASYMMETRIC,
    CHAIN, COMPLEMENT_OF, DATATYPE_PROPERTY, DIFFERENT_FROM, DISJOINT_UNION_OF, DISJOINT_WITH, DISTINCT_MEMBERS,
    DOMAIN, EQUIVALENT_CLASS, EQUIVALENT_PROPERTY, FUNCTIONAL, HAS_KEY, HAS_VALUE, INTERSECTION_OF, INVERSE_FUNCTIONAL,
    INVERSE_OF, IRREFLEXIVE, MAX_CARDINALITY, MAX_QUALIFIED, MEMBERS, NOTHING, OBJECT_PROPERTY, ON_CLASS, ON_PROPERTY,
    ONE_OF, OWL_CLASS, PROPERTY_DISJOINT_WITH, RANGE, SAME_AS, SOME_VALUES_FROM, SOURCE_INDIVIDUAL, SUB_CLASS_OF,
    SUB_PROPERTY_OF, SYMMETRIC, TARGET_INDIVIDUAL, TARGET_VALUE, THING, TRANSITIVE, TYPE, UNION_OF,
};
use super::schema::Schema;

/// The most pairs that are made of "all of these are disjoint": a thousand names make half a million.
const MOST_PAIRS: usize = 20_000;

/// Writes the tables.
pub(super) fn write(writer: &mut Writer<'_>, choice: Choice) {
    equality(writer, choice.same_as);
    properties(writer);
    disjoint_properties(writer);
    if choice.same_as {
        same_by_property(writer);
    }
    classes(writer);
    restrictions(writer, choice.same_as);
    class_axioms(writer);
    schema_rules(writer);
    if choice.trivial {
        trivial(writer);
    }
}

/// Table 4. That the same has the same properties (eq-rep-s, -p, -o) is done by whatever runs the rules, since it
/// concerns every relation there is.
fn equality(writer: &mut Writer<'_>, same_as: bool) {
    if same_as {
        writer.add("eq-sym", &[], triple(v(1), SAME_AS, v(0)), vec![triple(v(0), SAME_AS, v(1))]);
        let chain = vec![triple(v(0), SAME_AS, v(1)), triple(v(1), SAME_AS, v(2))];
        writer.add("eq-trans", &[], triple(v(0), SAME_AS, v(2)), chain);
    }
    let both = vec![triple(v(0), SAME_AS, v(1)), triple(v(0), DIFFERENT_FROM, v(1))];
    writer.add("eq-diff1", &[], against(v(0), v(1)), both);
    for (name, relation) in [("eq-diff2", MEMBERS), ("eq-diff3", DISTINCT_MEMBERS)] {
        all_of(writer, name, ALL_DIFFERENT, relation, |one, other, _| {
            Some((against(c(one), c(other)), vec![axiom(one, SAME_AS, other)]))
        });
    }
}

/// Table 5, without the rules that make two names one.
fn properties(writer: &mut Writer<'_>) {
    let schema = writer.schema;
    for property in schema.of_kind(IRREFLEXIVE) {
        let Some(itself) = writer.relation(property, v(0), v(0)) else { continue };
        writer.add("prp-irp", &[property], against(v(0), v(0)), vec![is_of(property, IRREFLEXIVE), itself]);
    }
    for property in schema.of_kind(SYMMETRIC) {
        let Some((one, back)) = there_and_back(writer, property) else { continue };
        writer.add("prp-symp", &[property], back, vec![is_of(property, SYMMETRIC), one]);
    }
    for property in schema.of_kind(ASYMMETRIC) {
        let Some((one, back)) = there_and_back(writer, property) else { continue };
        writer.add("prp-asyp", &[property], against(v(0), v(1)), vec![is_of(property, ASYMMETRIC), one, back]);
    }
    for property in schema.of_kind(TRANSITIVE) {
        let along = [(0, 1), (1, 2), (0, 2)].map(|(from, to)| writer.relation(property, v(from), v(to)));
        let [Some(one), Some(next), Some(whole)] = along else { continue };
        writer.add("prp-trp", &[property], whole, vec![is_of(property, TRANSITIVE), one, next]);
    }
    for (property, list) in schema.pairs(CHAIN) {
        let Some(links) = schema.list(list).filter(|links| !links.is_empty()) else { continue };
        let mut body = vec![axiom(property, CHAIN, list)];
        body.extend((0..).zip(links).map_while(|(at, link)| writer.relation(link, v(at), v(at + 1))));
        let last = u32::try_from(links.len()).unwrap_or(u32::MAX);
        let Some(head) = writer.relation(property, v(0), v(last)).filter(|_| body.len() == links.len() + 1) else {
            continue;
        };
        writer.add("prp-spo2", &[property], head, body);
    }
    for (one, other) in schema.pairs(EQUIVALENT_PROPERTY) {
        let both = (writer.relation(one, v(0), v(1)), writer.relation(other, v(0), v(1)));
        let (Some(here), Some(there)) = both else { continue };
        let because = axiom(one, EQUIVALENT_PROPERTY, other);
        writer.add("prp-eqp1", &[one, other], there.clone(), vec![because.clone(), here.clone()]);
        writer.add("prp-eqp2", &[one, other], here, vec![because, there]);
    }
    for (one, other) in schema.pairs(INVERSE_OF) {
        // The inverse without a name is written as the other one backwards wherever it stands.
        let (Term::NamedNode(_), Term::NamedNode(_)) = (one, other) else { continue };
        let both = (writer.relation(one, v(0), v(1)), writer.relation(other, v(1), v(0)));
        let (Some(here), Some(there)) = both else { continue };
        let because = axiom(one, INVERSE_OF, other);
        writer.add("prp-inv1", &[one, other], there.clone(), vec![because.clone(), here.clone()]);
        writer.add("prp-inv2", &[one, other], here, vec![because, there]);
    }
    for (denial, source) in schema.pairs(SOURCE_INDIVIDUAL) {
        for property in schema.objects(ASSERTION_PROPERTY, denial) {
            for (name, to) in [("prp-npa1", TARGET_INDIVIDUAL), ("prp-npa2", TARGET_VALUE)] {
                for target in schema.objects(to, denial) {
                    let Some(denied) = writer.relation(property, c(source), c(target)) else { continue };
                    let said = vec![
                        axiom(denial, SOURCE_INDIVIDUAL, source),
                        axiom(denial, ASSERTION_PROPERTY, property),
                        axiom(denial, to, target),
                        denied,
                    ];
                    writer.add(name, &[property, source, target], against(c(source), c(target)), said);
                }
            }
        }
    }
}

/// prp-pdw and prp-adp.
fn disjoint_properties(writer: &mut Writer<'_>) {
    for (one, other) in writer.schema.pairs(PROPERTY_DISJOINT_WITH) {
        let both = (writer.relation(one, v(0), v(1)), writer.relation(other, v(0), v(1)));
        let (Some(here), Some(there)) = both else { continue };
        let because = axiom(one, PROPERTY_DISJOINT_WITH, other);
        writer.add("prp-pdw", &[one, other], against(v(0), v(1)), vec![because, here, there]);
    }
    all_of(writer, "prp-adp", ALL_DISJOINT_PROPERTIES, MEMBERS, |one, other, writer| {
        let both = vec![writer.relation(one, v(0), v(1))?, writer.relation(other, v(0), v(1))?];
        Some((against(v(0), v(1)), both))
    });
}

/// The rules of table 5 that make two names one: functional and inverse functional properties, and keys.
fn same_by_property(writer: &mut Writer<'_>) {
    let schema = writer.schema;
    for (name, kind) in [("prp-fp", FUNCTIONAL), ("prp-ifp", INVERSE_FUNCTIONAL)] {
        for property in schema.of_kind(kind) {
            let ends = [v(1), v(2)].map(|end| {
                if kind == FUNCTIONAL {
                    writer.relation(property, v(0), end)
                } else {
                    writer.relation(property, end, v(0))
                }
            });
            let [Some(one), Some(other)] = ends else { continue };
            writer.add(name, &[property], triple(v(1), SAME_AS, v(2)), vec![is_of(property, kind), one, other]);
        }
    }
    for (class, list) in schema.pairs(HAS_KEY) {
        let Some(keys) = schema.list(list).filter(|keys| !keys.is_empty()) else { continue };
        let mut body = vec![axiom(class, HAS_KEY, list), triple(v(0), TYPE, c(class))];
        body.extend((2..).zip(keys).filter_map(|(at, key)| writer.relation(key, v(0), v(at))));
        body.extend((2..).zip(keys).filter_map(|(at, key)| writer.relation(key, v(1), v(at))));
        body.push(triple(v(1), TYPE, c(class)));
        if body.len() == 2 * keys.len() + 3 {
            writer.add("prp-key", &[class], triple(v(0), SAME_AS, v(1)), body);
        }
    }
}

/// Table 6, without the restrictions.
fn classes(writer: &mut Writer<'_>) {
    let schema = writer.schema;
    let nothing = c(&Term::from(NOTHING.into_owned()));
    writer.add("cls-nothing2", &[], against(v(0), nothing.clone()), vec![triple(v(0), TYPE, nothing)]);
    let is = |class: &Term| triple(v(0), TYPE, c(class));
    for (class, list) in schema.pairs(INTERSECTION_OF) {
        let Some(parts) = schema.list(list) else { continue };
        let because = axiom(class, INTERSECTION_OF, list);
        let mut body = vec![because.clone()];
        body.extend(parts.iter().map(is));
        if !parts.is_empty() {
            writer.add("cls-int1", &[class], is(class), body);
        }
        for part in parts {
            writer.add("cls-int2", &[class, part], is(part), vec![because.clone(), is(class)]);
            writer.add("scm-int", &[class, part], axiom(class, SUB_CLASS_OF, part), vec![because.clone()]);
        }
    }
    for (relation, name, scheme) in [(UNION_OF, "cls-uni", "scm-uni"), (DISJOINT_UNION_OF, "cls-uni", "scm-uni")] {
        for (class, list) in schema.pairs(relation) {
            for part in schema.list(list).unwrap_or_default() {
                let because = axiom(class, relation, list);
                writer.add(name, &[class, part], is(class), vec![because.clone(), is(part)]);
                writer.add(scheme, &[class, part], axiom(part, SUB_CLASS_OF, class), vec![because]);
            }
        }
    }
    let both = vec![triple(v(1), COMPLEMENT_OF, v(2)), triple(v(0), TYPE, v(1)), triple(v(0), TYPE, v(2))];
    writer.add("cls-com", &[], against(v(0), v(2)), both);
    for (class, list) in schema.pairs(ONE_OF) {
        for one in schema.list(list).unwrap_or_default() {
            writer.add("cls-oo", &[class, one], axiom(one, TYPE, class), vec![axiom(class, ONE_OF, list)]);
        }
    }
}

/// The restrictions of table 6. A restriction has no name of its own, so its rules are named by what it restricts.
fn restrictions(writer: &mut Writer<'_>, same_as: bool) {
    let schema = writer.schema;
    for (class, property) in schema.pairs(ON_PROPERTY) {
        let Some(link) = writer.relation(property, v(0), v(1)) else { continue };
        let on = axiom(class, ON_PROPERTY, property);
        let is = triple(v(0), TYPE, c(class));
        for filler in schema.objects(SOME_VALUES_FROM, class) {
            let mut body = vec![axiom(class, SOME_VALUES_FROM, filler), on.clone(), link.clone()];
            if *filler == Term::from(THING.into_owned()) {
                writer.add("cls-svf2", &[property], is.clone(), body);
            } else {
                body.push(triple(v(1), TYPE, c(filler)));
                writer.add("cls-svf1", &[property, filler], is.clone(), body);
            }
        }
        for filler in schema.objects(ALL_VALUES_FROM, class) {
            let body = vec![axiom(class, ALL_VALUES_FROM, filler), on.clone(), is.clone(), link.clone()];
            writer.add("cls-avf", &[property, filler], triple(v(1), TYPE, c(filler)), body);
        }
        for value in schema.objects(HAS_VALUE, class) {
            let Some(valued) = writer.relation(property, v(0), c(value)) else { continue };
            let because = [axiom(class, HAS_VALUE, value), on.clone()];
            let with = |goal: &Literal| because.iter().cloned().chain([goal.clone()]).collect();
            writer.add("cls-hv1", &[property, value], valued.clone(), with(&is));
            writer.add("cls-hv2", &[property, value], is.clone(), with(&valued));
        }
        for most in schema.objects(MAX_CARDINALITY, class) {
            let body = vec![axiom(class, MAX_CARDINALITY, most), on.clone(), is.clone()];
            at_most(writer, property, most, same_as, ["cls-maxc1", "cls-maxc2"], None, body);
        }
        for most in schema.objects(MAX_QUALIFIED, class) {
            for of in schema.objects(ON_CLASS, class) {
                let everything = *of == Term::from(THING.into_owned());
                let names = if everything { ["cls-maxqc2", "cls-maxqc4"] } else { ["cls-maxqc1", "cls-maxqc3"] };
                let body = vec![axiom(class, MAX_QUALIFIED, most), on.clone(), axiom(class, ON_CLASS, of), is.clone()];
                at_most(writer, property, most, same_as, names, (!everything).then_some(of), body);
            }
        }
    }
}

/// At most none, or at most one, of a class or of anything.
fn at_most(
    writer: &mut Writer<'_>,
    property: &Term,
    most: &Term,
    same_as: bool,
    names: [&str; 2],
    of: Option<&Term>,
    mut body: Vec<Literal>,
) {
    let most = match most {
        Term::Literal(number) => number.value().trim().trim_start_matches('+').parse::<u32>().ok(),
        _ => None,
    };
    let mut with = |end: u32| {
        body.extend(writer.relation(property, v(0), v(end)));
        body.extend(of.map(|class| triple(v(end), TYPE, c(class))));
    };
    match most {
        Some(0) => {
            with(1);
            writer.add(names[0], &[property], against(v(0), v(1)), body);
        }
        Some(1) if same_as => {
            with(1);
            with(2);
            writer.add(names[1], &[property], triple(v(1), SAME_AS, v(2)), body);
        }
        _ => {}
    }
}

/// Table 7.
fn class_axioms(writer: &mut Writer<'_>) {
    for (name, from, to) in [("cax-eqc1", 1, 2), ("cax-eqc2", 2, 1)] {
        let body = vec![triple(v(1), EQUIVALENT_CLASS, v(2)), triple(v(0), TYPE, v(from))];
        writer.add(name, &[], triple(v(0), TYPE, v(to)), body);
    }
    let both = vec![triple(v(1), DISJOINT_WITH, v(2)), triple(v(0), TYPE, v(1)), triple(v(0), TYPE, v(2))];
    writer.add("cax-dw", &[], against(v(0), v(2)), both);
    for relation in [MEMBERS, DISJOINT_UNION_OF] {
        disjoint_lists(writer, relation, |one, other| {
            let is = |class: &Term| triple(v(0), TYPE, c(class));
            [(against(v(0), c(other)), vec![is(one), is(other)])]
        });
    }
}

/// cax-adc: rules for each two of the classes that are said to be disjoint by a list, either `owl:AllDisjointClasses`
/// (`relation` being `owl:members`) or a disjoint union.
pub(super) fn disjoint_lists<const N: usize>(
    writer: &mut Writer<'_>,
    relation: NamedNodeRef<'_>,
    make: impl Fn(&Term, &Term) -> [(Literal, Vec<Literal>); N],
) {
    let schema: &Schema = writer.schema;
    let said: Vec<(Vec<Literal>, &Term)> = if relation == MEMBERS {
        let all = schema.of_kind(ALL_DISJOINT_CLASSES).iter();
        let lists = all.flat_map(|subject| schema.objects(MEMBERS, subject).map(move |list| (subject, list)));
        lists
            .map(|(subject, list)| (vec![is_of(subject, ALL_DISJOINT_CLASSES), axiom(subject, MEMBERS, list)], list))
            .collect()
    } else {
        let unions = schema.pairs(DISJOINT_UNION_OF);
        unions.map(|(class, list)| (vec![axiom(class, DISJOINT_UNION_OF, list)], list)).collect()
    };
    for (because, list) in said {
        pairwise(writer, "cax-adc", list, &because, |one, other, _| make(one, other).into());
    }
}

/// Table 9, beside what RDF Schema has of it.
fn schema_rules(writer: &mut Writer<'_>) {
    let sub = |one, other| triple(v(one), SUB_CLASS_OF, v(other));
    let sub_property = |one, other| triple(v(one), SUB_PROPERTY_OF, v(other));
    for (name, equal, below) in
        [("scm-eqc1", EQUIVALENT_CLASS, SUB_CLASS_OF), ("scm-eqp1", EQUIVALENT_PROPERTY, SUB_PROPERTY_OF)]
    {
        let because = || vec![triple(v(0), equal, v(1))];
        writer.add(name, &[], triple(v(0), below, v(1)), because());
        writer.add(name, &[], triple(v(1), below, v(0)), because());
    }
    for (name, equal, below) in
        [("scm-eqc2", EQUIVALENT_CLASS, SUB_CLASS_OF), ("scm-eqp2", EQUIVALENT_PROPERTY, SUB_PROPERTY_OF)]
    {
        let both = vec![triple(v(0), below, v(1)), triple(v(1), below, v(0))];
        writer.add(name, &[], triple(v(0), equal, v(1)), both);
    }
    for (one, two, relation) in [("scm-dom1", "scm-dom2", DOMAIN), ("scm-rng1", "scm-rng2", RANGE)] {
        writer.add(one, &[], triple(v(0), relation, v(2)), vec![triple(v(0), relation, v(1)), sub(1, 2)]);
        writer.add(two, &[], triple(v(0), relation, v(2)), vec![triple(v(1), relation, v(2)), sub_property(0, 1)]);
    }
    let has_value = vec![
        triple(v(0), HAS_VALUE, v(4)),
        triple(v(0), ON_PROPERTY, v(2)),
        triple(v(1), HAS_VALUE, v(4)),
        triple(v(1), ON_PROPERTY, v(3)),
        sub_property(2, 3),
    ];
    writer.add("scm-hv", &[], sub(0, 1), has_value);
    for (by_filler, by_property, relation, swapped) in
        [("scm-svf1", "scm-svf2", SOME_VALUES_FROM, false), ("scm-avf1", "scm-avf2", ALL_VALUES_FROM, true)]
    {
        let fillers = vec![
            triple(v(0), relation, v(2)),
            triple(v(0), ON_PROPERTY, v(4)),
            triple(v(1), relation, v(3)),
            triple(v(1), ON_PROPERTY, v(4)),
            sub(2, 3),
        ];
        writer.add(by_filler, &[], sub(0, 1), fillers);
        let properties = vec![
            triple(v(0), relation, v(4)),
            triple(v(0), ON_PROPERTY, v(2)),
            triple(v(1), relation, v(4)),
            triple(v(1), ON_PROPERTY, v(3)),
            sub_property(2, 3),
        ];
        writer.add(by_property, &[], if swapped { sub(1, 0) } else { sub(0, 1) }, properties);
    }
}

/// scm-cls, scm-op and scm-dp: what holds of every class and property that is declared.
fn trivial(writer: &mut Writer<'_>) {
    let term = |node: NamedNodeRef<'_>| c(&Term::from(node.into_owned()));
    let class = || vec![triple(v(0), TYPE, term(OWL_CLASS))];
    for head in [
        triple(v(0), SUB_CLASS_OF, v(0)),
        triple(v(0), EQUIVALENT_CLASS, v(0)),
        triple(v(0), SUB_CLASS_OF, term(THING)),
        triple(term(NOTHING), SUB_CLASS_OF, v(0)),
    ] {
        writer.add("scm-cls", &[], head, class());
    }
    for (name, kind) in [("scm-op", OBJECT_PROPERTY), ("scm-dp", DATATYPE_PROPERTY)] {
        for relation in [SUB_PROPERTY_OF, EQUIVALENT_PROPERTY] {
            writer.add(name, &[], triple(v(0), relation, v(0)), vec![triple(v(0), TYPE, term(kind))]);
        }
    }
}

/// Heads and bodies of the rules for two of a list.
type Made = Vec<(Literal, Vec<Literal>)>;

/// Rules for each two members of what a kind of axiom lists.
fn all_of(
    writer: &mut Writer<'_>,
    name: &str,
    kind: NamedNodeRef<'_>,
    relation: NamedNodeRef<'_>,
    make: impl Fn(&Term, &Term, &Writer<'_>) -> Option<(Literal, Vec<Literal>)>,
) {
    let schema: &Schema = writer.schema;
    for subject in schema.of_kind(kind) {
        for list in schema.objects(relation, subject) {
            let because = [is_of(subject, kind), axiom(subject, relation, list)];
            pairwise(writer, name, list, &because, |one, other, writer| make(one, other, writer).into_iter().collect());
        }
    }
}

fn pairwise(
    writer: &mut Writer<'_>,
    name: &str,
    list: &Term,
    because: &[Literal],
    make: impl Fn(&Term, &Term, &Writer<'_>) -> Made,
) {
    let schema: &Schema = writer.schema;
    let members = schema.list(list).unwrap_or_default();
    if members.len().saturating_mul(members.len()) / 2 > MOST_PAIRS {
        let problem = format!("{name}: a list of {} names makes too many pairs; it is left out", members.len());
        writer.made.problems.push(problem);
        return;
    }
    for (at, one) in members.iter().enumerate() {
        for other in members.iter().skip(at + 1) {
            for (head, body) in make(one, other, writer) {
                writer.add(name, &[one, other], head, because.iter().cloned().chain(body).collect());
            }
        }
    }
}

fn there_and_back(writer: &Writer<'_>, property: &Term) -> Option<(Literal, Literal)> {
    Some((writer.relation(property, v(0), v(1))?, writer.relation(property, v(1), v(0))?))
}

/// These two cannot be together.
fn against(one: Argument, other: Argument) -> Literal {
    triple(one, CONTRADICTION, other)
}
