//! What follows forwards is what follows backwards: the closure against a plain evaluator of the same rules.
//!
//! The closure takes short cuts (it extends chains by their own steps, keeps facts that wait apart); a naive
//! evaluator that takes none must find the same triples in any graph.

#[path = "../../core/tests/listed/mod.rs"]
mod listed;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use proptest::prelude::*;
use quid_core::oxrdf::{BlankNode, NamedNode, NamedOrBlankNode, Term};
use quid_core::{Argument, Budget, Fact, Goal, Literal, Rule};
use quid_logic::entail::{Choice, Closure, Profile, Schema, compile};

use listed::Listed;

type Triples = BTreeSet<(String, String, String)>;

/// `a`, `_:b`, `rdfs:domain`, `owl:sameAs`, `(` is none of these.
fn term(word: &str) -> Term {
    if let Some(blank) = word.strip_prefix("_:") {
        return BlankNode::new_unchecked(blank).into();
    }
    let iri = if let Some(local) = word.strip_prefix("rdfs:") {
        format!("http://www.w3.org/2000/01/rdf-schema#{local}")
    } else if let Some(local) = word.strip_prefix("owl:") {
        format!("http://www.w3.org/2002/07/owl#{local}")
    } else if let Some(local) = word.strip_prefix("rdf:") {
        format!("http://www.w3.org/1999/02/22-rdf-syntax-ns#{local}")
    } else {
        format!("urn:x:{word}")
    };
    NamedNode::new_unchecked(iri).into()
}

fn node(word: &str) -> NamedNode {
    NamedNode::try_from(term(word)).expect("a name")
}

fn fact(line: &str) -> Fact {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [subject, predicate, object] = words.as_slice() else { panic!("{line}") };
    let subject = NamedOrBlankNode::try_from(term(subject)).expect("a subject");
    Fact { subject, predicate: node(predicate), object: term(object), graph: node("graph") }
}

/// Facts one a line, or separated by semicolons. `x list a b c` makes x the list of these.
fn world(text: &str) -> Listed {
    let mut facts = Vec::new();
    for line in text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [head, "list", items @ ..] = words.as_slice() {
            let mut cell = (*head).to_owned();
            for (at, item) in items.iter().enumerate() {
                let next = if at + 1 == items.len() { "rdf:nil".to_owned() } else { format!("{head}.{at}") };
                facts.push(fact(&format!("{cell} rdf:first {item}")));
                facts.push(fact(&format!("{cell} rdf:rest {next}")));
                cell = next;
            }
        } else {
            facts.push(fact(line));
        }
    }
    Listed(facts)
}

fn rules(facts: &Listed, choice: Choice) -> Vec<Rule> {
    let schema = Schema::read(facts, &Budget::steps(1_000_000)).expect("axioms");
    let compiled = compile(&schema, choice);
    assert_eq!(compiled.problems, Vec::<String>::new());
    compiled.rules
}

fn key(subject: &Term, predicate: &NamedNode, object: &Term) -> (String, String, String) {
    (subject.to_string(), predicate.to_string(), object.to_string())
}

fn closed(facts: &Listed, rules: &[Rule], same_as: bool) -> Triples {
    let mut closure = Closure::new(1_000_000);
    for fact in &facts.0 {
        closure.add(&fact.subject.clone().into(), &fact.predicate, &fact.object).expect("room");
    }
    closure.force(rules).expect("room");
    let budget = Budget::steps(10_000_000);
    if same_as { closure.unite(rules, &budget) } else { closure.run(&budget) }.expect("within the budget");
    let mut all = Triples::new();
    closure.each(None, None, None, &mut |subject, predicate, object| {
        assert!(all.insert(key(subject, predicate, object)), "{subject} {predicate} {object} came twice");
        ControlFlow::Continue(())
    });
    all
}

/// Every rule on every combination of facts, again and again.
fn naive(facts: &Listed, rules: &[Rule]) -> Triples {
    let mut known: Vec<(Term, NamedNode, Term)> = Vec::new();
    let mut seen = Triples::new();
    for fact in &facts.0 {
        if seen.insert(key(&fact.subject.clone().into(), &fact.predicate, &fact.object)) {
            known.push((fact.subject.clone().into(), fact.predicate.clone(), fact.object.clone()));
        }
    }
    loop {
        let before = known.len();
        for rule in rules {
            let mut found = Vec::new();
            match_all(&rule.body, &known, &mut Vec::new(), &mut |bound| {
                let value = |argument: &Argument| match argument {
                    Argument::Term(term) => term.clone(),
                    Argument::Variable(name) => {
                        bound.iter().find(|(other, _)| other == name).expect("the body binds it").1.clone()
                    }
                };
                let [subject, object] = rule.head.arguments.as_slice() else { panic!("a pair") };
                found.push((value(subject), rule.head.predicate.clone(), value(object)));
            });
            for (subject, predicate, object) in found {
                if seen.insert(key(&subject, &predicate, &object)) {
                    known.push((subject, predicate, object));
                }
            }
        }
        if known.len() == before {
            return seen;
        }
    }
}

fn match_all(body: &[Goal], known: &[(Term, NamedNode, Term)], bound: &mut Vec<(u32, Term)>, visit: Visit<'_>) {
    let Some((first, rest)) = body.split_first() else { return visit(bound) };
    let Literal { predicate, arguments } = first.literal();
    for (subject, relation, object) in known {
        if relation != predicate {
            continue;
        }
        let before = bound.len();
        let fits = arguments.iter().zip([subject, object]).all(|(argument, term)| match argument {
            Argument::Term(wanted) => wanted == term,
            Argument::Variable(name) => match bound.iter().find(|(other, _)| other == name) {
                Some((_, value)) => value == term,
                None => {
                    bound.push((*name, term.clone()));
                    true
                }
            },
        });
        if fits {
            match_all(rest, known, bound, visit);
        }
        bound.truncate(before);
    }
}

/// Is shown the values of the variables of one match.
type Visit<'v> = &'v mut dyn FnMut(&[(u32, Term)]);

/// What follows from the first must hold the second and none of the third.
fn check(name: &str, said: &str, follows: &str, does_not: &str, same_as: bool) {
    let facts = world(said);
    let rules = rules(&facts, Choice { profile: Profile::OwlRl, same_as, trivial: false });
    let all = closed(&facts, &rules, same_as);
    let has = |line: &str| {
        let fact = fact(line);
        all.contains(&key(&fact.subject.clone().into(), &fact.predicate, &fact.object))
    };
    let lines = |text: &str| -> Vec<String> {
        text.split(';').map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    for line in lines(follows) {
        assert!(has(&line), "{name}: {line} does not follow");
    }
    for line in lines(does_not) {
        assert!(!has(&line), "{name}: {line} follows");
    }
    if !same_as {
        assert_eq!(all, naive(&facts, &rules), "{name}: the plain evaluator finds something else");
    }
}

const AGAINST: &str = "<urn:quid:ns:contradiction>";

/// Whether a contradiction between these two follows.
fn clashes(said: &str, one: &str, other: &str) -> bool {
    let facts = world(said);
    let rules = rules(&facts, Choice { profile: Profile::OwlRl, same_as: false, trivial: false });
    let all = closed(&facts, &rules, false);
    assert_eq!(all, naive(&facts, &rules), "{said}");
    all.contains(&(term(one).to_string(), AGAINST.to_owned(), term(other).to_string()))
}

#[test]
fn each_rule_of_the_tables_concludes_what_it_should() {
    for (name, said, follows, does_not) in [
        (
            "cax-sco",
            "a rdf:type C; C rdfs:subClassOf D; D rdfs:subClassOf E",
            "a rdf:type E; C rdfs:subClassOf E",
            "E rdfs:subClassOf C",
        ),
        ("prp-dom", "a p b; p rdfs:domain C", "a rdf:type C", "b rdf:type C"),
        ("prp-rng", "a p b; p rdfs:range C", "b rdf:type C", "a rdf:type C"),
        (
            "prp-spo1",
            "a p b; p rdfs:subPropertyOf q; q rdfs:subPropertyOf r",
            "a q b; a r b; p rdfs:subPropertyOf r",
            "b q a",
        ),
        ("prp-symp", "a p b; p rdf:type owl:SymmetricProperty", "b p a", "a p a"),
        ("prp-trp", "a p b; b p c; c p d; p rdf:type owl:TransitiveProperty", "a p c; a p d; b p d", "a p a; d p a"),
        ("prp-trp round", "a p b; b p a; p rdf:type owl:TransitiveProperty", "a p a; b p b", ""),
        ("prp-inv1", "a p b; p owl:inverseOf q", "b q a", "a q b"),
        ("prp-inv2", "a q b; p owl:inverseOf q", "b p a", "a p b"),
        ("prp-spo2", "a p b; b q c; c r d; u owl:propertyChainAxiom L; L list p q r", "a u d", "a u c"),
        (
            "prp-spo2 of inverses",
            "b p a; b q c; u owl:propertyChainAxiom L; L list _:i q; _:i owl:inverseOf p",
            "a u c",
            "b u c",
        ),
        ("prp-eqp", "a p b; c q d; p owl:equivalentProperty q", "a q b; c p d", ""),
        (
            "cls-int1",
            "a rdf:type C; a rdf:type D; I owl:intersectionOf L; L list C D",
            "a rdf:type I; I rdfs:subClassOf C",
            "",
        ),
        ("cls-int1 of one", "a rdf:type C; I owl:intersectionOf L; L list C D", "", "a rdf:type I"),
        ("cls-int2", "a rdf:type I; I owl:intersectionOf L; L list C D", "a rdf:type C; a rdf:type D", ""),
        ("cls-uni", "a rdf:type C; U owl:unionOf L; L list C D", "a rdf:type U; D rdfs:subClassOf U", "a rdf:type D"),
        ("cls-svf1", "a p b; b rdf:type C; S owl:someValuesFrom C; S owl:onProperty p", "a rdf:type S", ""),
        ("cls-svf1 otherwise", "a p b; b rdf:type D; S owl:someValuesFrom C; S owl:onProperty p", "", "a rdf:type S"),
        ("cls-svf2", "a p b; S owl:someValuesFrom owl:Thing; S owl:onProperty p", "a rdf:type S", "b rdf:type S"),
        ("cls-avf", "a rdf:type A; a p b; A owl:allValuesFrom C; A owl:onProperty p", "b rdf:type C", "a rdf:type C"),
        ("cls-hv1", "a rdf:type H; H owl:hasValue v; H owl:onProperty p", "a p v", ""),
        ("cls-hv2", "a p v; b p w; H owl:hasValue v; H owl:onProperty p", "a rdf:type H", "b rdf:type H"),
        ("cls-oo", "O owl:oneOf L; L list a b", "a rdf:type O; b rdf:type O", ""),
        (
            "cax-eqc",
            "a rdf:type C; b rdf:type D; C owl:equivalentClass D",
            "a rdf:type D; b rdf:type C; C rdfs:subClassOf D",
            "",
        ),
        ("scm-eqc2", "C rdfs:subClassOf D; D rdfs:subClassOf C", "C owl:equivalentClass D", ""),
        ("scm-dom1", "p rdfs:domain C; C rdfs:subClassOf D", "p rdfs:domain D", ""),
        ("scm-dom2", "p rdfs:domain C; q rdfs:subPropertyOf p", "q rdfs:domain C", ""),
        (
            "scm-svf1",
            "S owl:someValuesFrom C; S owl:onProperty p; T owl:someValuesFrom D; T owl:onProperty p; C rdfs:subClassOf D",
            "S rdfs:subClassOf T",
            "T rdfs:subClassOf S",
        ),
        (
            "scm-avf2",
            "S owl:allValuesFrom C; S owl:onProperty p; T owl:allValuesFrom C; T owl:onProperty q; p rdfs:subPropertyOf q",
            "T rdfs:subClassOf S",
            "S rdfs:subClassOf T",
        ),
        (
            "a defined class",
            "a rdf:type M; a p b; F owl:equivalentClass I; I owl:intersectionOf L; L list M R; P owl:equivalentClass R; R owl:someValuesFrom owl:Thing; R owl:onProperty p",
            "a rdf:type F; a rdf:type P",
            "",
        ),
        (
            "same but not asked for",
            "a owl:sameAs b; a p c; f rdf:type owl:FunctionalProperty; c f d; c f e",
            "",
            "b p c; d owl:sameAs e",
        ),
    ] {
        check(name, said, follows, does_not, false);
    }
}

#[test]
fn what_is_the_same_has_the_same_relations_when_asked_for() {
    for (name, said, follows, does_not) in [
        (
            "eq-rep",
            "a owl:sameAs b; a p c; d p b; C rdfs:subClassOf D; b rdf:type C",
            "b p c; d p a; b owl:sameAs a; a rdf:type D",
            "c p a",
        ),
        ("eq-rep-p", "p owl:sameAs q; a p b", "a q b", ""),
        ("eq-trans", "a owl:sameAs b; b owl:sameAs c; c p d", "a p d; a owl:sameAs c", ""),
        (
            "prp-fp",
            "a f b; a f c; f rdf:type owl:FunctionalProperty; b p d",
            "b owl:sameAs c; c p d; a f b; a f c",
            "a owl:sameAs b",
        ),
        ("prp-ifp", "a f c; b f c; f rdf:type owl:InverseFunctionalProperty", "a owl:sameAs b", ""),
        (
            "prp-key",
            "a rdf:type C; b rdf:type C; c rdf:type C; a k x; b k x; c k y; C owl:hasKey L; L list k",
            "a owl:sameAs b",
            "a owl:sameAs c",
        ),
        (
            "one leads to another",
            "a f b; a f c; b g d; c g e; f rdf:type owl:FunctionalProperty; g rdf:type owl:FunctionalProperty",
            "d owl:sameAs e",
            "",
        ),
    ] {
        check(name, said, follows, does_not, true);
    }
}

#[test]
fn what_cannot_be_together_is_told() {
    for (name, said, one, other, expected) in [
        ("cax-dw", "a rdf:type C; a rdf:type D; C owl:disjointWith D", "a", "D", true),
        ("cax-dw of one", "a rdf:type C; C owl:disjointWith D", "a", "D", false),
        ("cax-dw below", "a rdf:type E; a rdf:type D; E rdfs:subClassOf C; C owl:disjointWith D", "a", "D", true),
        (
            "cax-adc",
            "a rdf:type C; a rdf:type E; x rdf:type owl:AllDisjointClasses; x owl:members L; L list C D E",
            "a",
            "E",
            true,
        ),
        ("cls-com", "a rdf:type C; a rdf:type D; C owl:complementOf D", "a", "D", true),
        ("cls-nothing2", "a rdf:type owl:Nothing", "a", "owl:Nothing", true),
        ("prp-irp", "a p a; p rdf:type owl:IrreflexiveProperty", "a", "a", true),
        ("prp-asyp", "a p b; b p a; p rdf:type owl:AsymmetricProperty", "a", "b", true),
        ("prp-asyp one way", "a p b; p rdf:type owl:AsymmetricProperty", "a", "b", false),
        ("prp-pdw", "a p b; a q b; p owl:propertyDisjointWith q", "a", "b", true),
        (
            "prp-adp",
            "a p b; a r b; x rdf:type owl:AllDisjointProperties; x owl:members L; L list p q r",
            "a",
            "b",
            true,
        ),
        (
            "prp-npa1",
            "a p b; n owl:sourceIndividual a; n owl:assertionProperty p; n owl:targetIndividual b",
            "a",
            "b",
            true,
        ),
        ("eq-diff1", "a owl:sameAs b; a owl:differentFrom b", "a", "b", true),
        ("eq-diff2", "a owl:sameAs c; x rdf:type owl:AllDifferent; x owl:members L; L list a b c", "a", "c", true),
    ] {
        assert_eq!(clashes(said, one, other), expected, "{name}");
    }
}

#[test]
fn axioms_that_cannot_be_read_are_told_and_left_out() {
    let facts = world("C owl:unionOf L; L rdf:first D; L rdf:rest L; a rdf:type D");
    let schema = Schema::read(&facts, &Budget::steps(1_000)).expect("axioms");
    let choice = Choice { profile: Profile::OwlRl, same_as: false, trivial: false };
    let compiled = compile(&schema, choice);
    assert_eq!(compiled.problems.len(), 1, "{:?}", compiled.problems);
    assert!(compiled.rules.iter().all(|rule| !rule.name.starts_with("cls-uni")));
}

#[test]
fn a_budget_and_a_limit_end_it() {
    let facts = world("a p b; b p c; c p d; p rdf:type owl:TransitiveProperty");
    let rules = rules(&facts, Choice { profile: Profile::OwlRl, same_as: false, trivial: false });
    for (steps, most, expected) in [(1_000, 1_000, true), (3, 1_000, false), (1_000, 5, false)] {
        let mut closure = Closure::new(most);
        let added = facts
            .0
            .iter()
            .try_for_each(|fact| closure.add(&fact.subject.clone().into(), &fact.predicate, &fact.object))
            .and_then(|()| closure.force(&rules));
        let done = added.is_ok() && closure.run(&Budget::steps(steps)).is_ok();
        assert_eq!(done, expected, "{steps} steps, {most} facts");
    }
}

proptest! {
    #[test]
    fn any_graph_closes_to_what_a_plain_evaluator_finds(
        facts in prop::collection::vec((0usize..6, 0usize..9, 0usize..6), 1..24),
    ) {
        let names = ["a", "b", "c", "C", "D", "p"];
        let relations = [
            "rdf:type", "rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range", "p", "q",
            "owl:inverseOf", "owl:equivalentClass",
        ];
        let mut text = String::new();
        for &(subject, relation, object) in &facts {
            text.push_str(&[names[subject], relations[relation], names[object]].join(" "));
            text.push(';');
        }
        text.push_str("p rdf:type owl:TransitiveProperty; p rdfs:subPropertyOf q; q rdf:type owl:SymmetricProperty");
        let facts = world(&text);
        for profile in [Profile::Rdfs, Profile::OwlRl] {
            let rules = rules(&facts, Choice { profile, same_as: false, trivial: false });
            prop_assert_eq!(closed(&facts, &rules, false), naive(&facts, &rules));
        }
    }
}
