//! Tests questions about the world on a small one written by hand in the vocabulary of the real lexicon.
//!
//! Each row is a question and what its answer must hold; every proof is checked again and drawn.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::ops::ControlFlow;

use quid_core::oxrdf::{Literal, NamedNode, NamedNodeRef, Term};
use quid_core::shown::{Ground, Which};
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{Answer, Budget, Fact, Facts, Fault, Key, Reply, Rulebook, Scope, Source, Time};
use quid_lang::Language;
use quid_mind::world::{Finding, World};

#[derive(Default)]
struct Small {
    facts: Vec<Fact>,
    said: u64,
    /// How many senses each entry has.
    entries: std::collections::BTreeMap<String, usize>,
}

impl Facts for Small {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        assert!(subject.is_some() || object.is_some() || predicate.is_some(), "nothing is ever scanned");
        for fact in &self.facts {
            let fits = subject.is_none_or(|wanted| *wanted == Term::from(fact.subject.clone()))
                && predicate.is_none_or(|wanted| wanted == fact.predicate.as_ref())
                && object.is_none_or(|wanted| *wanted == fact.object);
            if fits && visit(fact).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn node(iri: impl Into<String>) -> NamedNode {
    NamedNode::new_unchecked(iri)
}

fn wn(id: &str) -> NamedNode {
    node(format!("{}{id}", v::WN30))
}

fn english(text: &str) -> Term {
    Literal::new_language_tagged_literal_unchecked(text, "en").into()
}

impl Small {
    fn add(&mut self, graph: &NamedNode, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        let (subject, predicate) = (subject.clone().into(), predicate.into_owned());
        self.facts.push(Fact { subject, predicate, object: object.into(), graph: graph.clone() });
    }

    fn wordnet() -> NamedNode {
        Source::Dump("wordnet-3.0".to_owned()).graph()
    }

    /// A synset: its words, each with how often it was tagged, what it stands under, and its gloss.
    fn synset(&mut self, id: &str, words: &[(&str, u32)], above: &[&str], gloss: &str) {
        let graph = Self::wordnet();
        let this = wn(id);
        let part = id.chars().last().unwrap();
        self.add(&graph, &this, v::DEFINITION, english(gloss));
        for above in above {
            self.add(&graph, &this, v::HYPERNYM, wn(above));
        }
        for (place, (word, tags)) in words.iter().enumerate() {
            let name = format!("{}-{part}", word.to_lowercase().replace(' ', "_"));
            let (entry, form) = (wn(&format!("entry/{name}")), wn(&format!("form/{}-{part}", word.replace(' ', "_"))));
            let sense = wn(&format!("sense/{name}/{id}"));
            let number = self.entries.entry(name).or_insert(0);
            *number += 1;
            let number = number.to_string();
            if number == "1" {
                self.add(&graph, &entry, v::CANONICAL_FORM, form.clone());
                self.add(&graph, &form, v::WRITTEN_REP, english(word));
            }
            self.add(&graph, &entry, v::SENSE, sense.clone());
            self.add(&graph, &sense, v::LEXICALIZED_SENSE_OF, this.clone());
            self.add(&graph, &sense, v::SENSE_NUMBER, Literal::new_simple_literal(&number));
            if *tags > 0 {
                self.add(&graph, &sense, v::TAG_COUNT, Literal::new_simple_literal(tags.to_string()));
            }
            if place > 0 {
                let relation = node("urn:quid:ns:wordNumber");
                self.add(&graph, &sense, relation.as_ref(), Literal::new_simple_literal((place + 1).to_string()));
            }
        }
    }

    fn link(&mut self, one: &str, relation: NamedNodeRef<'_>, other: &str) {
        self.add(&Self::wordnet(), &wn(one), relation, wn(other));
    }

    fn bridge(&mut self) {
        let graph = Source::Dump("everyday".to_owned()).graph();
        let part = |name: &str| node(format!("urn:quid:everyday:object{name}"));
        self.add(&graph, &part(""), v::CANONICAL_FORM, part("-form"));
        self.add(&graph, &part("-form"), v::WRITTEN_REP, english("object"));
        self.add(&graph, &part(""), v::SENSE, part("-sense"));
        self.add(&graph, &part("-sense"), v::LEXICALIZED_SENSE_OF, wn("physical-n"));
        for (one, other) in [("animal-n", "flora-n"), ("mammal-n", "fish-n")] {
            self.add(&graph, &wn(one), v::DISJOINT_WITH, wn(other));
        }
    }

    /// What ann says: a label for each thing, the relation between them, and the value word for word.
    fn said(&mut self, one: &str, relation: NamedNodeRef<'_>, other: &str, verbatim: Option<(NamedNodeRef<'_>, &str)>) {
        self.said += 1;
        let graph = Source::Said { seq: self.said, scope: Scope::Global }.graph();
        let (subject, object) = (Key::of(one).thing(), Key::of(other).thing());
        self.add(&graph, &subject, v::LABEL, Literal::new_simple_literal(one));
        self.add(&graph, &object, v::LABEL, Literal::new_simple_literal(other));
        self.add(&graph, &subject, relation, object);
        if let Some((relation, value)) = verbatim {
            self.add(&graph, &subject, relation, Literal::new_simple_literal(value));
        }
    }
}

fn verb(name: &str) -> NamedNode {
    node(format!("{}{name}", v::VERB))
}

fn small() -> Small {
    let mut small = Small::default();
    for (id, words, above, gloss) in [
        ("entity-n", &[("entity", 9)][..], &[][..], "that which is known to exist"),
        ("physical-n", &[("physical entity", 0)], &["entity-n"], "an entity that has physical existence"),
        ("object-n", &[("object", 30), ("physical object", 0)], &["physical-n"], "a tangible and visible entity"),
        ("matter-n", &[("substance", 5)], &["physical-n"], "that which has mass and occupies space"),
        ("organism-n", &[("organism", 5), ("being", 2)], &["object-n"], "a living thing"),
        ("animal-n", &[("animal", 40), ("beast", 2)], &["organism-n"], "a living organism that moves"),
        ("mammal-n", &[("mammal", 3)], &["animal-n"], "a warm-blooded vertebrate"),
        ("fish-n", &[("fish", 12)], &["animal-n"], "a cold-blooded aquatic vertebrate"),
        ("carnivore-n", &[("carnivore", 1)], &["mammal-n"], "a flesh-eating mammal"),
        ("canine-n", &[("canine", 0), ("canid", 0)], &["carnivore-n"], "a mammal with claws that do not retract"),
        ("feline-n", &[("feline", 0)], &["carnivore-n"], "a lithe mammal"),
        ("dog-n", &[("dog", 42), ("domestic dog", 0)], &["canine-n"], "a domesticated member of the genus Canis"),
        ("poodle-n", &[("poodle", 0)], &["dog-n"], "an intelligent dog with a curly coat"),
        ("puppy-n", &[("puppy", 0)], &["dog-n"], "a young dog"),
        ("chap-n", &[("chap", 1), ("dog", 1)], &["organism-n"], "a man"),
        ("cat-n", &[("cat", 18)], &["feline-n"], "a domestic feline"),
        ("giant-n", &[("giant", 3), ("whale", 0)], &["organism-n"], "a very large person"),
        ("whale-n", &[("whale", 2)], &["mammal-n"], "a large sea mammal"),
        ("goose-n", &[("goose", 1)], &["animal-n"], "a web-footed bird"),
        ("factory-n", &[("plant", 30), ("works", 1)], &["object-n"], "buildings for industrial labor"),
        ("flora-n", &[("plant", 20), ("flora", 1)], &["organism-n"], "a living organism that does not move"),
        ("soda-ash-n", &[("sodium carbonate", 0), ("soda", 0)], &["salt-n"], "a sodium salt used in making glass"),
        ("pop-n", &[("pop", 0), ("soda", 0)], &["drink-n"], "a sweet drink of carbonated water"),
        (
            "bicarbonate-n",
            &[("sodium bicarbonate", 0), ("baking soda", 0)],
            &["salt-n"],
            "a compound used in baking powders",
        ),
        ("salt-n", &[("salt", 3)], &["matter-n"], "a compound of an acid"),
        ("drink-n", &[("soft drink", 1)], &["matter-n"], "a drink without alcohol"),
        ("cola-n", &[("cola", 0)], &["drink-n"], "a drink flavoured with kola"),
        ("pepsi-n", &[("Pepsi", 0)], &["cola-n"], "a brand of cola"),
        ("car-n", &[("car", 70), ("auto", 3)], &["object-n"], "a motor vehicle with four wheels"),
        ("car-wheel-n", &[("car wheel", 0)], &["wheel-n"], "a wheel of a car"),
        ("wheel-n", &[("wheel", 9)], &["object-n"], "a round thing that turns"),
        ("hot-a", &[("hot", 20)], &[], "of high temperature"),
        ("cold-a", &[("cold", 20)], &[], "of low temperature"),
        ("sizzling-a", &[("sizzling", 0)], &[], "hot enough to burn"),
    ] {
        small.synset(id, words, above, gloss);
    }
    small.link("car-n", v::MERO_PART, "car-wheel-n");
    small.link("sizzling-a", v::SIMILAR, "hot-a");
    small.link("sense/hot-a/hot-a", v::ANTONYM, "sense/cold-a/cold-a");
    small.link("entry/goose-n", v::OTHER_FORM, "form/geese-n");
    small.add(&Small::wordnet(), &wn("form/geese-n"), v::WRITTEN_REP, english("geese"));
    small.bridge();
    small.said("pepsi", v::SUB_CLASS_OF, "soda", Some((v::IS, "a soda")));
    small.said("tweety", v::TYPE, "bird", Some((v::IS, "a bird")));
    let can = verb("can");
    small.said("birds", can.as_ref(), "fly", Some((can.as_ref(), "fly")));
    small.said("animals", can.as_ref(), "move", Some((can.as_ref(), "move")));
    small.said("foo", v::NOT_A, "bar", Some((v::IS_NOT, "bar")));
    small.said("quux", v::SUB_CLASS_OF, "foo", None);
    small.said("a", v::SUB_CLASS_OF, "b", Some((v::IS, "b")));
    small.said("b", v::SUB_CLASS_OF, "a", Some((v::IS, "a")));
    small.said("bird", v::SUB_CLASS_OF, "creature", Some((v::IS, "cute")));
    let likes = verb("likes");
    small.said("alice", likes.as_ref(), "tea", Some((likes.as_ref(), "tea")));
    small.said("beast", v::SUB_CLASS_OF, "marvel", None);
    small.said("k9", v::SAME_AS, "dog", None);
    small
}

fn language() -> Language {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let mut files = Vec::new();
    for folder in ["grammar", "patterns", "phrases", "words"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            files.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Language::load(&files).unwrap_or_else(|error| panic!("{error}"))
}

fn rules() -> Rulebook {
    quid_logic::read("rules", include_str!("../../../ontologies/rules.pl")).unwrap_or_else(|error| panic!("{error}"))
}

fn cite(graph: &NamedNode) -> Option<Citation> {
    Some(match Source::of_graph(graph.as_str())? {
        Source::Dump(name) if name == "everyday" => Citation::Dump { name, title: "everyday words".to_owned() },
        Source::Dump(name) => Citation::Dump { name, title: "WordNet 3.0".to_owned() },
        Source::Graph(_) => return None,
        Source::Said { .. } => Citation::Said {
            statement: graph.as_str().to_owned(),
            nick: "ann".to_owned(),
            account: None,
            place: "#test".to_owned(),
            at: Time::day("2026-05-02").unwrap(),
            line: "…".to_owned(),
        },
    })
}

/// Everything the questions of one test are put to.
struct Stage {
    facts: Small,
    language: Language,
    rules: Rulebook,
}

impl Stage {
    fn new() -> Self {
        Self { facts: small(), language: language(), rules: rules() }
    }

    /// Asks; draws and tells every proof on the way, so that none of that fails unseen.
    fn ask(&self, talk: &str, reading: Option<usize>, question: &[&str]) -> Option<Finding> {
        let talk: Vec<String> = talk.split_whitespace().map(str::to_owned).collect();
        let budget = Budget::steps(100_000);
        let world = World {
            facts: &self.facts,
            language: &self.language,
            rules: &self.rules,
            cite: &cite,
            named: &|_| Vec::new(),
            vector: &|_| Vec::new(),
            talk: &talk,
            line: "",
            reading,
            names_readings: true,
            budget: &budget,
        };
        let found = match question {
            ["what", name] => world.what_is(name),
            ["is", one, class] => world.whether(one, class),
            ["verb", one, verb, value] => world.whether_verb(one, verb, value),
            ["objects", one, verb] => world.objects(one, verb),
            ["subjects", verb, other] => world.subjects(verb, other),
            ["kinds", of] => world.kinds(of),
            ["parts", of] => world.parts(of),
            ["wholes", of] => world.wholes(of),
            ["synonyms", of] => world.synonyms(of),
            ["opposites", of] => world.opposites(of),
            ["common", one, other] => world.common(one, other),
            other => panic!("no such question: {other:?}"),
        };
        let finding = found.unwrap_or_else(|fault| panic!("{question:?}: {fault}"));
        if let Some(Finding { reply: Reply { answer: Answer::Proved { proofs, sources }, .. }, .. }) = &finding {
            assert!(!proofs.is_empty() && !sources.is_empty(), "{question:?}");
            for proof in proofs {
                let proof = proof.proof();
                assert!(!world.explain(proof).contains('['), "a phrase is missing: {}", world.explain(proof));
                assert!(world.tree(proof).lines().count() >= proof.steps.len().min(2), "{question:?}");
                assert!(world.dot(proof).starts_with("digraph"), "{question:?}");
                assert!(world.svg(proof).contains("</svg>"), "{question:?}");
                let told = world.steps(proof);
                assert_eq!(told.steps.len(), proof.steps.len(), "{question:?}");
                assert!(told.steps.iter().all(|step| !step.text.is_empty() && !step.text.contains('[')), "{told:?}");
                assert!(told.steps.iter().all(|step| (step.because == Ground::Stored) == step.source.is_some()));
            }
        }
        finding
    }

    fn check(&self, talk: &str, question: &[&str], kind: &str, parts: &[&str]) {
        let found = self.ask(talk, None, question);
        let (got, text) = found.as_ref().map_or(("none", ""), |found| (found.reply.kind(), found.reply.text.as_str()));
        assert_eq!(got, kind, "{question:?}: {text}");
        for part in parts {
            assert!(text.contains(part), "{question:?}: `{part}` is not in: {text}");
        }
    }
}

#[test]
fn invariant_5_every_answer_is_proved_told_or_not_given() {
    let stage = Stage::new();
    for (question, kind, parts) in [
        (
            &["is", "dog", "animal"][..],
            "proved",
            &["Yes", "dog → canine → carnivore → mammal → animal (WordNet 3.0)"][..],
        ),
        (&["is", "dogs", "animals"], "proved", &["Yes"]),
        (&["is", "DOG", "Animal"], "proved", &["Yes"]),
        (&["is", "dog", "dog"], "proved", &["Yes"]),
        (&["is", "k9", "animal"], "proved", &["Yes", "k9 → dog (ann, 2 May 2026)"]),
        (&["is", "dog", "plant"], "proved", &["No", "nothing is both an animal and a plant (everyday words)"]),
        (&["is", "whale", "fish"], "proved", &["No", "a mammal"]),
        (&["is", "dog", "cat"], "none", &[]),
        (&["is", "dog", "zorkmid"], "none", &[]),
        (&["is", "zorkmid", "dog"], "none", &[]),
        (&["is", "", ""], "none", &[]),
        (&["is", "dog", "marvel"], "proved", &["Yes"]),
        (&["is", "tweety", "creature"], "proved", &["Yes"]),
        (&["is", "tweety", "cute"], "proved", &["Yes", "bird is cute (ann, 2 May 2026)"]),
        (&["is", "foo", "bar"], "proved", &["No", "foo is not", "(ann, 2 May 2026)"]),
        (&["is", "quux", "bar"], "proved", &["No"]),
        (&["is", "a", "a"], "proved", &["Yes"]),
        (&["is", "a", "b"], "proved", &["Yes"]),
        (&["is", "a", "c"], "none", &[]),
        (&["verb", "tweety", "can", "fly"], "proved", &["Yes", "birds can fly (ann, 2 May 2026)"]),
        (&["verb", "poodle", "can", "move"], "proved", &["Yes", "a poodle is a dog (WordNet 3.0)"]),
        (&["verb", "tweety", "can", "swim"], "none", &[]),
        (&["verb", "car", "has", "wheels"], "proved", &["Yes", "has a car wheel as a part (WordNet 3.0)"]),
        (&["objects", "tweety", "can"], "proved", &["fly"]),
        (&["objects", "alice", "likes"], "proved", &["tea"]),
        (&["subjects", "likes", "tea"], "proved", &["alice"]),
        (&["subjects", "likes", "mud"], "none", &[]),
        (&["kinds", "dog"], "proved", &["poodle", "puppy"]),
        (&["kinds", "soda"], "proved", &["pepsi"]),
        (&["kinds", "poodle"], "none", &[]),
        (&["parts", "car"], "proved", &["car wheel"]),
        (&["wholes", "car wheel"], "proved", &["car"]),
        (&["synonyms", "animal"], "proved", &["beast"]),
        (&["synonyms", "poodle"], "none", &[]),
        (&["opposites", "hot"], "proved", &["cold"]),
        (&["opposites", "sizzling"], "proved", &["cold"]),
        (&["opposites", "dog"], "none", &[]),
        (&["common", "dog", "cat"], "proved", &["dog and cat are both carnivores"]),
        (&["common", "dog", "zorkmid"], "none", &[]),
        (&["what", "dog"], "told", &["1. a domesticated member of the genus Canis; 2. a man (WordNet 3.0)"]),
        (&["what", "geese"], "told", &["goose", "a web-footed bird"]),
        (&["what", "zorkmid"], "none", &[]),
        (&["what", ""], "none", &[]),
    ] {
        stage.check("", question, kind, parts);
    }
}

#[test]
fn the_reading_follows_the_conversation() {
    let stage = Stage::new();
    let question = ["is", "pepsi", "object"];
    stage.check("", &question, "proved", &[
        "pepsi → soda (ann, 2 May 2026) → soft drink → substance → physical entity (WordNet 3.0) → object (everyday words)",
    ]);
    // "i am baking a cake with flour and baking soda"
    let baking = "soda baking flour cake baking";
    stage.check(
        baking,
        &question,
        "proved",
        &["pepsi → soda (ann, 2 May 2026) → baking soda → salt", "I took soda to be baking soda"],
    );
    let drink = stage.ask("", None, &question).unwrap();
    assert_eq!(drink.readings, ["the salt"]);
    let other = stage.ask("", Some(0), &question).unwrap();
    assert!(other.reply.text.contains("salt") && other.readings == ["the soft drink"], "{other:?}");
    let senses = stage.ask(baking, None, &["what", "soda"]).unwrap();
    assert!(senses.reply.text.starts_with("soda: 1. a compound used in baking powders"), "{}", senses.reply.text);
}

#[test]
fn a_proof_is_told_link_by_link() {
    let stage = Stage::new();
    let finding = stage.ask("", None, &["is", "pepsi", "object"]).unwrap();
    let Answer::Proved { proofs, .. } = &finding.reply.answer else { panic!("{finding:?}") };
    let budget = Budget::steps(100_000);
    let world = World {
        facts: &stage.facts,
        language: &stage.language,
        rules: &stage.rules,
        cite: &cite,
        named: &|_| Vec::new(),
        vector: &|_| Vec::new(),
        talk: &[],
        line: "",
        reading: None,
        names_readings: true,
        budget: &budget,
    };
    let proof = proofs[0].proof();
    assert_eq!(
        world.explain(proof),
        "pepsi is a soda (ann, 2 May 2026); soda here is the soft drink (WordNet 3.0); a soda is a soft drink (WordNet 3.0); \
         a soft drink is a substance (WordNet 3.0); a substance is a physical entity (WordNet 3.0); \
         object here is a physical entity (everyday words); so pepsi is an object"
    );
    assert!(
        world.tree(proof).starts_with("pepsi is an object [rule rules/reading-of-class]\n  "),
        "{}",
        world.tree(proof)
    );
    let whynot = world.why_not("pepsi", "animal").unwrap();
    assert!(whynot.contains("pepsi → soda") && whynot.contains("nothing I know makes pepsi an animal"), "{whynot}");
    assert!(world.why_not("zorkmid", "dog").unwrap().contains("I do not know what zorkmid is"));
}

#[test]
fn what_people_wrote_is_escaped_in_pictures() {
    let mut stage = Stage::new();
    stage.facts.said("<b>&\"x\\", v::SUB_CLASS_OF, "</svg><script>", None);
    let finding = stage.ask("", None, &["is", "<b>&\"x\\", "</svg><script>"]).unwrap();
    let Answer::Proved { proofs, .. } = &finding.reply.answer else { panic!("{finding:?}") };
    let budget = Budget::steps(100_000);
    let world = World {
        facts: &stage.facts,
        language: &stage.language,
        rules: &stage.rules,
        cite: &cite,
        named: &|_| Vec::new(),
        vector: &|_| Vec::new(),
        talk: &[],
        line: "",
        reading: None,
        names_readings: true,
        budget: &budget,
    };
    let svg = world.svg(proofs[0].proof());
    assert!(!svg.contains("<script>") && !svg.contains("<b>") && svg.contains("&lt;/svg&gt;"), "{svg}");
    assert_eq!(svg.matches("</svg>").count(), 1);
    let dot = world.dot(proofs[0].proof());
    assert!(dot.contains("<b>&\\\"x\\\\"), "{dot}");
}

#[test]
fn an_entity_shows_what_is_stored_and_who_says_so() {
    let mut stage = Stage::new();
    stage.facts.said("fido", v::SUB_CLASS_OF, "dog", None);
    let entity = |which: Which, steps: u64| {
        let budget = Budget::steps(steps);
        let world = World {
            facts: &stage.facts,
            language: &stage.language,
            rules: &stage.rules,
            cite: &cite,
            named: &|_| Vec::new(),
            vector: &|_| Vec::new(),
            talk: &[],
            line: "",
            reading: None,
            names_readings: true,
            budget: &budget,
        };
        world.entity(&which)
    };
    let known = |which: Which| entity(which, 100_000).unwrap();

    let dog = known(Which::Name("Dog".into())).expect("WordNet and ann know dogs");
    assert_eq!((dog.name.as_str(), dog.iri.as_str()), ("dog", "urn:quid:thing:dog"));
    let first = dog.senses.first().expect("a dog is something");
    assert!(first.words.contains(&"dog".to_owned()) && first.gloss.is_some(), "{first:?}");
    let neighbour = dog.neighbours.iter().flat_map(|relation| &relation.values).find(|other| other.name == "fido");
    let told = neighbour.and_then(|other| dog.sources.get(other.sources[0]));
    assert!(matches!(told, Some(Citation::Said { nick, .. }) if nick == "ann"), "{dog:?}");

    let fido = known(Which::Iri(node("urn:quid:thing:fido"))).expect("ann taught fido");
    let values: Vec<&str> = fido.facts.iter().flat_map(|relation| &relation.values).map(|v| v.name.as_str()).collect();
    assert_eq!(values, ["dog"], "its own name is no news");

    let synset = known(Which::Iri(node(&first.iri))).expect("the synset has a gloss");
    assert_eq!(synset.definition.map(|definition| definition.text), first.gloss);
    assert!(synset.words.contains(&"dog".to_owned()));

    for unknown in [Which::Name("zorkmid".into()), Which::Name(String::new()), Which::Iri(node("urn:x:nobody"))] {
        assert_eq!(known(unknown.clone()), None, "{unknown:?}");
    }
    for steps in [0, 1, 9, 40] {
        // Either said to be too much, or a part that says that it is one.
        match entity(Which::Name("dog".into()), steps) {
            Err(Fault::Refused(_)) => {}
            Ok(found) => assert!(found.is_none_or(|found| found.partial), "{steps}"),
            Err(fault) => panic!("{fault}"),
        }
    }
}

#[test]
fn invariant_12_a_spent_budget_is_said() {
    let stage = Stage::new();
    for steps in [0, 1, 7, 40] {
        let budget = Budget::steps(steps);
        let world = World {
            facts: &stage.facts,
            language: &stage.language,
            rules: &stage.rules,
            cite: &cite,
            named: &|_| Vec::new(),
            vector: &|_| Vec::new(),
            talk: &[],
            line: "",
            reading: None,
            names_readings: true,
            budget: &budget,
        };
        let finding = world.whether("pepsi", "object").unwrap().expect("it says that it stopped");
        assert_eq!(
            (finding.reply.kind(), finding.reply.text.contains("too long")),
            ("unknown", true),
            "{steps} steps: {}",
            finding.reply.text
        );
    }
}
