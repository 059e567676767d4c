//! Loads real ontologies and asks what follows from them, by SPARQL and in chat.
//!
//! The inferences expected were worked out by hand from the files. The ontologies are not part of the project; where
//! they are absent this says so.

#[path = "support/mind_in_memory.rs"]
mod mind_in_memory;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use mind_in_memory::{Chat, Rooms, shared};
use quid_core::oxrdf::{BlankNode, GraphName, Literal, NamedNode, Quad, Triple, vocab::rdf, vocab::rdfs};
use quid_core::{Answer, Audience, Budget, Memory as _, Place, Regime, Source, Time};
use quid_import::rdf::{Rdf, Wishes};
use quid_import::source::Dump as _;
use quid_logic::entail::{Choice, Follows, Profile, Schema, compile};
use quid_store::{Dump, Keeper};

const PIZZA: &str = "https://raw.githubusercontent.com/owlcs/pizza-ontology/refs/heads/master/pizza.owl";
const OBO: &str = "http://purl.obolibrary.org/obo/";
const OWL: &str = "http://www.w3.org/2002/07/owl#";

fn read(path: PathBuf, name: &str) -> Vec<Quad> {
    let wishes = Wishes { name: name.to_owned(), ..Wishes::default() };
    let mut dump = Rdf::open(&[path], wishes).unwrap_or_else(|problem| panic!("{problem}"));
    let mut quads = Vec::new();
    while let Some(quad) = dump.next() {
        quads.push(quad.unwrap_or_else(|problem| panic!("{problem}")));
    }
    quads
}

fn load(keeper: &Keeper, name: &str, quads: Vec<Quad>) {
    let at = Time::parse("2026-01-02T03:04:05Z").expect("a time");
    let title = format!("the {name} ontology");
    keeper.load(&Dump { name, title: &title, licence: "its own", at }, &mut quads.into_iter()).expect("loads");
}

/// The ontology of that file in a store of its own, with more triples in Turtle.
fn store(file: &str, name: &str, more: &str) -> Option<Keeper> {
    let path = shared("ontologies")?.join(file);
    let keeper = Keeper::in_memory().expect("a store").with_entailment(Arc::new(Follows::new(5_000_000, Vec::new())));
    load(&keeper, name, read(path, name));
    let graph = GraphName::from(Source::Dump("more".to_owned()).graph());
    let text = format!(
        "PREFIX p: <{PIZZA}#> PREFIX obo: <{OBO}> PREFIX owl: <{OWL}> PREFIX rdfs: <{}> PREFIX : <urn:x:> {more}",
        "http://www.w3.org/2000/01/rdf-schema#"
    );
    let quads = oxttl::TurtleParser::new().for_slice(text.as_bytes());
    load(&keeper, "more", quads.map(|triple| triple.expect("Turtle").in_graph(graph.clone())).collect());
    Some(keeper)
}

/// The local names of what `?x` is, sorted.
fn answers(keeper: &Keeper, regime: Regime, pattern: &str) -> BTreeSet<String> {
    let query = format!(
        "PREFIX p: <{PIZZA}#> PREFIX obo: <{OBO}> PREFIX owl: <{OWL}> PREFIX q: <urn:quid:ns:> PREFIX : <urn:x:>
         PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
         SELECT DISTINCT ?x WHERE {{ {pattern} FILTER(isIRI(?x)) }}"
    );
    let audience = Audience { name: "ann".to_owned(), place: Place::Global };
    let table = keeper.sparql_by(regime, &query, &audience, 10_000, &AtomicBool::new(false));
    let table = table.unwrap_or_else(|fault| panic!("{pattern}: {fault}"));
    let name = |row: Vec<_>| {
        let term: quid_core::oxrdf::Term = row.into_iter().flatten().next().expect("bound");
        let iri = term.to_string();
        iri.rsplit(['#', '/', ':']).next().unwrap_or_default().trim_end_matches('>').to_owned()
    };
    table.rows.into_iter().map(name).collect()
}

fn set(names: &str) -> BTreeSet<String> {
    names.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn what_follows_about_pizzas() {
    let more = "
        :mine a p:Margherita ; p:hasTopping :cheese . :cheese a p:MozzarellaTopping .
        :other a p:Pizza ; p:hasTopping :fish . :fish a p:AnchoviesTopping .
        :odd a p:Pizza , p:CheeseTopping .
        :base p:isBaseOf :mine .
        :milk p:isIngredientOf :cheese .
        :sundae a p:IceCream ; p:hasTopping :cherry .
        :us p:hasCountryOfOrigin p:America .";
    let Some(keeper) = store("pizza.owl", "pizza", more) else { return };
    for (regime, pattern, expected) in [
        (Regime::None, "?x a p:Pizza", "other odd"),
        // Up the hierarchy, and by the domain of hasTopping and the range of isBaseOf.
        (Regime::Rdfs, "?x a p:Pizza", "mine odd other sundae"),
        (Regime::OwlRl, "?x a p:Pizza", "mine odd other sundae"),
        (Regime::Rdfs, "?x a p:NamedPizza", "mine"),
        (Regime::Rdfs, "?x a p:PizzaTopping", "cheese cherry fish odd"),
        (Regime::Rdfs, "p:Margherita rdfs:subClassOf ?x", "DomainConcept Food Margherita NamedPizza Pizza Resource"),
        (Regime::OwlRl, "?x a p:CheeseyPizza", "mine"),
        // mine's base by the inverse, and of a topping's ingredients by transitivity.
        (Regime::None, ":mine p:hasIngredient ?x", ""),
        (Regime::Rdfs, ":mine p:hasIngredient ?x", "cheese"),
        (Regime::OwlRl, ":mine p:hasIngredient ?x", "base cheese milk"),
        (Regime::OwlRl, ":mine p:hasBase ?x", "base"),
        // hasValue, both ways.
        (Regime::OwlRl, ":cheese p:hasCountryOfOrigin ?x", "Italy"),
        // Nothing is a pizza and a topping, or a pizza and ice cream.
        (Regime::Rdfs, ":odd q:contradiction ?x", ""),
        (Regime::OwlRl, ":odd q:contradiction ?x", "Pizza PizzaTopping"),
        (Regime::OwlRl, ":sundae q:contradiction ?x", "IceCream Pizza"),
        (Regime::OwlRl, ":mine q:contradiction ?x", ""),
    ] {
        let found = answers(&keeper, regime, pattern);
        assert_eq!(found, set(expected), "{regime:?} {pattern}");
    }
}

#[test]
fn what_follows_about_parts_and_processes() {
    let more = "
        :hand obo:BFO_0000050 :arm . :arm obo:BFO_0000050 :body .
        :first obo:BFO_0000063 :second . :second obo:BFO_0000063 :third .
        :step obo:BFO_0000050 :second .";
    let Some(keeper) = store("ro-base.owl", "ro", more) else { return };
    for (regime, pattern, expected) in [
        // part of is transitive, and the inverse of has part; both are below overlaps.
        (Regime::OwlRl, ":hand obo:BFO_0000050 ?x", "arm body"),
        (Regime::OwlRl, ":body obo:BFO_0000051 ?x", "arm hand"),
        (Regime::Rdfs, ":hand obo:BFO_0000050 ?x", "arm"),
        (Regime::Rdfs, ":hand obo:RO_0002131 ?x", "arm"),
        // precedes is the inverse of preceded by, transitive, and goes along parts by a chain.
        (Regime::OwlRl, ":third obo:BFO_0000062 ?x", "first second"),
        (Regime::OwlRl, ":step obo:BFO_0000063 ?x", "third"),
    ] {
        let found = answers(&keeper, regime, pattern);
        let missing: Vec<_> = set(expected).difference(&found).cloned().collect();
        assert!(missing.is_empty(), "{regime:?} {pattern}: {missing:?} is missing in {found:?}");
    }
}

#[test]
fn what_follows_about_diseases() {
    let Some(keeper) = store("DO_cancer_slim.owl.gz", "disease", ":patient a obo:DOID_1324 .") else { return };
    // Lung cancer is a cancer, and so a disease.
    assert_eq!(answers(&keeper, Regime::None, "?x a obo:DOID_162"), set(""));
    assert_eq!(answers(&keeper, Regime::Rdfs, "?x a obo:DOID_162"), set("patient"));
    assert!(answers(&keeper, Regime::Rdfs, "obo:DOID_1324 rdfs:subClassOf ?x").contains("DOID_162"));
}

/// A mind that an ontology was loaded into.
fn taught(file: &str, name: &str) -> Option<Chat> {
    let path = shared("ontologies")?.join(file);
    let chat = Rooms::open().mind();
    load(&chat.keeper, name, read(path, name));
    Some(chat)
}

#[test]
fn chat_goes_by_the_ontologies_that_are_loaded() {
    let Some(mut chat) = taught("pizza.owl", "pizza") else { return };
    for (line, proved, parts) in [
        ("is margherita a pizza?", true, &["Yes", "pizza ontology"][..]),
        ("is margherita a named pizza?", true, &["Yes"]),
        ("is margherita food?", true, &["Yes"]),
        ("is mozzarella topping a cheese topping?", true, &["Yes"]),
        ("is mozzarella topping a pizza?", true, &["No", "nothing is both", "pizza ontology"]),
        ("is margherita an unheard of thing?", false, &[]),
        ("Marge is a margherita", false, &[]),
        ("is Marge a pizza?", true, &["Yes", "ann", "pizza ontology"]),
        ("is Marge a pizza topping?", true, &["No"]),
        // Both sides of a contradiction are told, each with its source.
        ("Marge is also a pizza topping", false, &["cannot", "pizza ontology", "ann"]),
    ] {
        let reply = chat.say(line);
        assert_eq!(matches!(reply.answer, Answer::Proved { .. }), proved, "{line}: {}", reply.text);
        for part in parts {
            let told = reply.text.contains(part) || *part == "cannot" && reply.text.contains("contradiction");
            assert!(told, "{line}: {part:?} is not in {}", reply.text);
        }
    }
}

#[test]
fn a_hundred_thousand_axioms_are_compiled_in_a_second() {
    let node = |name: String| NamedNode::new_unchecked(format!("urn:x:{name}"));
    let owl = |name: &str| NamedNode::new_unchecked(format!("{OWL}{name}"));
    let graph = GraphName::from(Source::Dump("large".to_owned()).graph());
    let mut quads: Vec<Quad> = Vec::new();
    let mut say = |triple: Triple| quads.push(triple.in_graph(graph.clone()));
    for number in 0..20_000 {
        let class = node(format!("C{number}"));
        say(Triple::new(class.clone(), rdfs::SUB_CLASS_OF, node(format!("C{}", number / 3))));
        let property = node(format!("p{number}"));
        say(Triple::new(property.clone(), rdfs::DOMAIN, class.clone()));
        say(Triple::new(property.clone(), rdfs::SUB_PROPERTY_OF, node(format!("p{}", number / 2))));
        let restriction = BlankNode::new_unchecked(format!("r{number}"));
        say(Triple::new(class, rdfs::SUB_CLASS_OF, restriction.clone()));
        say(Triple::new(restriction.clone(), owl("onProperty"), property.clone()));
        say(Triple::new(restriction, owl("someValuesFrom"), node(format!("C{}", number / 5))));
        say(Triple::new(property, rdf::TYPE, owl("TransitiveProperty")));
    }
    let axioms = quads.len();
    assert!(axioms >= 100_000);
    let keeper = Keeper::in_memory().expect("a store");
    load(&keeper, "large", quads);
    let audience = Audience { name: "ann".to_owned(), place: Place::Global };
    let facts = keeper.facts(&audience);
    // What is measured is compiling; reading them from the store is the store's matter.
    let schema = Schema::read(facts.as_ref(), &Budget::steps(10_000_000)).expect("axioms");
    let start = Instant::now();
    let compiled = compile(&schema, Choice { profile: Profile::OwlRl, same_as: false, trivial: false });
    let took = start.elapsed();
    println!("{axioms} axioms, {} rules, compiled in {took:?}", compiled.rules.len());
    assert!(compiled.rules.len() > 60_000 && compiled.problems.is_empty());
    // Unoptimised programs are ten times slower.
    let most = if cfg!(debug_assertions) { Duration::from_secs(20) } else { Duration::from_secs(1) };
    assert!(took < most, "{took:?}");
}

#[test]
fn queries_can_go_by_the_rules_of_the_program_too() {
    let text = ":- prefix(x, \"urn:x:\").\nx:aunt(X, Z) :- x:sister(X, Y), x:parent(Y, Z).";
    let rules = quid_logic::read("family", text).expect("rules").rules;
    let follows = Follows::new(1_000, rules);
    let keeper = Keeper::in_memory().expect("a store").with_entailment(Arc::new(follows));
    let graph = GraphName::from(Source::Dump("family".to_owned()).graph());
    let node = |name: &str| NamedNode::new_unchecked(format!("urn:x:{name}"));
    let said = [("ann", "sister", "bob"), ("bob", "father", "cleo")];
    let mut quads: Vec<Quad> =
        said.map(|(one, how, other)| Quad::new(node(one), node(how), node(other), graph.clone())).to_vec();
    quads.push(Quad::new(node("father"), rdfs::SUB_PROPERTY_OF, node("parent"), graph));
    load(&keeper, "family", quads);
    for (regime, expected) in [(Regime::None, ""), (Regime::Rdfs, ""), (Regime::Rules, "ann")] {
        assert_eq!(answers(&keeper, regime, "?x :aunt :cleo"), set(expected), "{regime:?}");
    }
}

/// A dump as Wikidata's: everything is a number and goes by labels, properties are labelled as entities and used as
/// `prop/direct/…`, and thousands share a class or even a name.
fn made_up_wikibase(people: usize) -> Vec<Quad> {
    let entity = |id: &str| NamedNode::new(format!("https://made.example/entity/{id}")).expect("an IRI");
    let direct = |id: &str| NamedNode::new(format!("https://made.example/prop/direct/{id}")).expect("an IRI");
    let graph: GraphName = Source::Dump("made".to_owned()).graph().into();
    let mut quads = Vec::new();
    let mut label = |id: &str, text: &str| {
        let text = Literal::new_language_tagged_literal(text, "en").expect("a tag");
        quads.push(Quad::new(entity(id), rdfs::LABEL, text, graph.clone()));
    };
    for (id, text) in [("P1", "profession"), ("P2", "birthplace"), ("Q5", "earthling"), ("Q6", "glassblower")] {
        label(id, text);
    }
    label("Q7", "Tarnhollow");
    label("Q8", "Zelda Quorrin");
    for number in 0..people {
        label(&format!("Q1{number}"), if number % 2 == 0 { "Ann Bami" } else { "Bob Dural" });
    }
    for (id, property, value) in [("Q8", "P1", "Q6"), ("Q8", "P2", "Q7"), ("Q8", "P31", "Q5")] {
        quads.push(Quad::new(entity(id), direct(property), entity(value), graph.clone()));
    }
    for number in 0..people {
        quads.push(Quad::new(entity(&format!("Q1{number}")), direct("P31"), entity("Q5"), graph.clone()));
    }
    quads
}

#[test]
fn properties_of_a_wikibase_go_by_their_labels_at_any_size() {
    let rooms = Rooms::open();
    let costs: Vec<Vec<u64>> = [20, 4000]
        .into_iter()
        .map(|people| {
            let mut chat = rooms.mind_knowing(&[("made", made_up_wikibase(people))]);
            chat.say("what is the birthplace of Ann Bami?");
            [
                ("what is the profession of Zelda Quorrin?", "glassblower"),
                ("what is the birthplace of Zelda Quorrin?", "Tarnhollow"),
            ]
            .into_iter()
            .map(|(question, expected)| {
                let before = chat.keeper.reads();
                let reply = chat.say(question);
                assert!(matches!(reply.answer, Answer::Proved { .. }), "{question} {}", reply.text);
                assert!(reply.text.contains(expected), "{question} {}", reply.text);
                chat.keeper.reads() - before
            })
            .collect()
        })
        .collect();
    println!("look-ups among twenty and four thousand: {costs:?}");
    for (few, many) in costs[0].iter().zip(&costs[1]) {
        assert!(*many <= few + 20, "{many} look-ups where {few} did among twenty");
    }
}
