//! Loading other bots' brains, ontologies and lexicons through the real program, and talking about them.
//!
//! Everything is made here; the real samples are tried where they lie beside the checkout.

#[path = "support.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use support::{Chat, errors, run, text};

/// Loads a file and gives what was said of it.
fn load(home: &Path, arguments: &[&str], file: &Path, code: i32) -> String {
    let path = file.display().to_string();
    let all: Vec<&str> = ["load"].iter().chain(arguments).copied().chain([path.as_str()]).collect();
    let output = run(home, &all, b"");
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}{}", text(&output), errors(&output));
    text(&output) + &errors(&output)
}

/// Writes a file and loads it.
fn load_text(home: &Path, arguments: &[&str], name: &str, content: &str) -> String {
    let path = home.join(name);
    fs::create_dir_all(home).expect("a home");
    fs::write(&path, content).expect("writes");
    load(home, arguments, &path, 0)
}

/// Asks in a place and expects a part of the reply.
fn expect(chat: &mut Chat, place: &str, line: &str, kind: &str, parts: &[&str]) {
    let heard = json!({ "text": line, "where": place, "addressed": true, "nick": "zoe", "at": "2026-01-02T03:04:05Z" });
    let reply = chat.say(&heard);
    let said = reply["text"].as_str().unwrap_or_default().to_owned();
    assert_eq!(reply["kind"], kind, "{line}: {said}");
    for part in parts {
        assert!(said.contains(part), "{line}: {said:?} has no {part:?}");
    }
}

#[test]
fn a_brain_answers_and_names_who_taught_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let brain = "key\tverb\tvalue\tauthor\tat\tchannel\n\
        tea\tis\ta hot drink\tann!a@example.org\t2009-05-22 12:36:00\t\n\
        tea\tis\tthe letter T\tbob\t2010-01-01\t#letters\n\
        wave\tis\t<action>waves at $who\tann\t2009-05-22\t\n\
        chai\t<alias>\ttea\tann\t2009-05-22\t\n\
        pipe\tis\t<reply><3>one|one\tcy\t2011-03-04\t\n";
    let said = load_text(home, &["brain", "--name", "oldbot"], "brain.tsv", brain);
    assert!(said.contains("oldbot (table)") && said.contains("5 factoids"), "{said}");
    let mut chat = Chat::start(home);
    for (place, line, kind, parts) in [
        ("private", "what is tea?", "told", &["tea is a hot drink"][..]),
        ("#letters", "what is tea?", "told", &["tea is the letter T"]),
        ("private", "who told you about tea?", "told", &["ann", "22 May 2009", "oldbot"]),
        ("#letters", "who told you about tea?", "told", &["bob", "1 Jan 2010", "#letters"]),
        ("private", "wave?", "told", &["waves at zoe"]),
        ("private", "chai?", "told", &["tea is a hot drink"]),
        ("private", "pipe?", "told", &["one"]),
    ] {
        expect(&mut chat, place, line, kind, parts);
    }
    chat.leave();
    // Out as it went in, and the same again.
    assert_eq!(text(&run(home, &["export", "oldbot"], b"")), brain);
    let table = text(&run(home, &["export", "oldbot", "--format", "tsv"], b""));
    assert!(table.contains("2009-05-22T12:36:00Z"), "{table}");
    load_text(home, &["brain", "--name", "second"], "again.tsv", &table);
    assert_eq!(text(&run(home, &["export", "second", "--format", "tsv"], b"")), table);
    assert_eq!(run(home, &["unload", "oldbot"], b"").status.code(), Some(0));
    let refused = load(home, &["brain"], &home.join("again.tsv.none"), 2);
    assert!(refused.contains("again.tsv.none"), "{refused}");
}

const ANIMALS: &str = r#"
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix z: <http://zoo.example/> .
z:A1 a owl:Class ; rdfs:label "quagga"@en , "Quagga"@de ; skos:altLabel "striped horse"@en ;
    skos:definition "A horse that was half a zebra."@en ; rdfs:subClassOf z:A2 .
z:A2 a owl:Class ; rdfs:label "lost equid"@en ; rdfs:subClassOf z:EquineAnimal .
z:EquineAnimal a owl:Class .
z:Tarpan a owl:Class ; rdfs:subClassOf z:EquineAnimal .
"#;

#[test]
fn an_ontology_is_known_by_its_labels_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    load_text(home, &["rdf", "--title", "the zoo", "--licence", "CC0"], "zoo.ttl", ANIMALS);
    let mut chat = Chat::start(home);
    for (line, kind, parts) in [
        ("what is a quagga?", "told", &["A horse that was half a zebra.", "the zoo"][..]),
        ("what is a striped horse?", "told", &["half a zebra"]),
        ("is a quagga an equine animal?", "proved", &["Yes", "lost equid", "the zoo"]),
        ("is a quagga a lost equid?", "proved", &["Yes"]),
        ("what is a tarpan?", "told", &["equine animal"]),
        ("what kinds of equine animal are there?", "proved", &["lost equid", "tarpan", "quagga"]),
    ] {
        expect(&mut chat, "private", line, kind, parts);
    }
    chat.leave();
    let sources = text(&run(home, &["sources"], b""));
    assert!(sources.contains("zoo") && sources.contains("CC0"), "{sources}");
    // Again: nothing changes.
    let before = text(&run(home, &["export", "zoo"], b""));
    load_text(home, &["rdf", "--title", "the zoo", "--licence", "CC0"], "zoo.ttl", ANIMALS);
    assert_eq!(text(&run(home, &["export", "zoo"], b"")), before);
}

#[test]
fn wikidata_is_readable_by_its_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let mut dump = String::new();
    for (id, label, about) in [
        ("Q42000", "Zorp Glimmer", "a writer of nothing"),
        ("Q5000", "grumbler", "a person who grumbles"),
        ("Q6000", "speaker", "somebody who speaks"),
    ] {
        let node = format!("<http://www.wikidata.org/entity/{id}>");
        let told = [
            format!("{node} <http://www.w3.org/2000/01/rdf-schema#label> \"{label}\"@en .\n"),
            format!("{node} <http://schema.org/description> \"{about}\"@en .\n"),
        ];
        dump += &told.concat();
    }
    dump += "<http://www.wikidata.org/entity/Q42000> <http://www.wikidata.org/prop/direct/P31> <http://www.wikidata.org/entity/Q5000> .\n";
    dump += "<http://www.wikidata.org/entity/Q5000> <http://www.wikidata.org/prop/direct/P279> <http://www.wikidata.org/entity/Q6000> .\n";
    load_text(home, &["rdf", "--name", "wikidata"], "truthy.nt", &dump);
    let mut chat = Chat::start(home);
    expect(&mut chat, "private", "what is Zorp Glimmer?", "told", &["a writer of nothing", "wikidata"]);
    expect(&mut chat, "private", "is Zorp Glimmer a speaker?", "proved", &["Yes", "grumbler"]);
    chat.leave();
}

#[test]
fn a_lexicon_of_another_language_is_looked_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let lexicon = "<?xml version=\"1.0\"?><LexicalResource><Lexicon id=\"de\" label=\"Kleines Wortnetz\" language=\"de\" version=\"1\">\
        <LexicalEntry id=\"e1\"><Lemma writtenForm=\"Dackel\" partOfSpeech=\"n\"/><Sense id=\"s1\" synset=\"de-1-n\"/></LexicalEntry>\
        <LexicalEntry id=\"e2\"><Lemma writtenForm=\"Hund\" partOfSpeech=\"n\"/><Sense id=\"s2\" synset=\"de-2-n\"/></LexicalEntry>\
        <Synset id=\"de-1-n\" ili=\"\" partOfSpeech=\"n\"><Definition>ein kurzer Hund</Definition>\
        <SynsetRelation relType=\"hypernym\" target=\"de-2-n\"/></Synset>\
        <Synset id=\"de-2-n\" ili=\"\" partOfSpeech=\"n\"><Definition>ein Haustier</Definition></Synset></Lexicon></LexicalResource>";
    let said = load_text(home, &["wordnet"], "de.xml", lexicon);
    assert!(said.contains("Kleines Wortnetz") && said.contains("2 synsets"), "{said}");
    let mut chat = Chat::start(home);
    expect(&mut chat, "private", "what is Dackel?", "told", &["ein kurzer Hund", "Kleines Wortnetz"]);
    expect(&mut chat, "private", "is a Dackel a Hund?", "proved", &["Yes", "Kleines Wortnetz"]);
    chat.leave();
}

#[test]
fn bad_lines_are_named_and_strictness_stops_at_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    let path = home.join("bad.nt");
    fs::write(&path, "<a:a> <b:b> \"x\" .\n<a:a> <b:b> \"no end .\n<a:a> <b:b> \"y\" .\n").expect("writes");
    let said = load(home, &["rdf"], &path, 2);
    assert!(said.contains("bad.nt:2:"), "{said}");
    assert_eq!(text(&run(home, &["export", "bad"], b"")).lines().count(), 2);
    load(home, &["rdf", "--strict", "--name", "strict"], &path, 2);
    assert_ne!(run(home, &["export", "strict"], b"").status.code(), Some(0), "nothing of it was kept");
}

/// A file of the measuring data; `None` where it is absent.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let found = path.exists();
    if !found {
        eprintln!("skipped: {} is absent", path.display());
    }
    found.then_some(path)
}

#[test]
fn a_living_bots_keys_answer() {
    let Some(path) = shared("brains/pbot-factoids.sqlite3") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    load(home, &["brain", "--name", "pbot"], &path, 0);
    let table = text(&run(home, &["export", "pbot", "--format", "tsv"], b""));
    let keys: BTreeSet<String> =
        table.lines().skip(1).filter_map(|line| line.split('\t').next()).map(str::to_owned).collect();
    assert!(keys.len() > 5_000);
    let mut chat = Chat::start(home);
    let mut silent = Vec::new();
    for key in &keys {
        let key = key.replace("\\\\", "\\");
        let forms = [format!("what is {key}?"), format!("{key}?"), format!("literal {key}")];
        let answers = forms.iter().any(|line| {
            let reply = chat.say(&json!({ "text": line, "at": "2026-01-02T03:04:05Z" }));
            let kind = reply["kind"].as_str().unwrap_or_default().to_owned();
            kind == "told" || reply["text"].as_str().is_some_and(|text| text.contains("leads back to itself"))
        });
        if !answers {
            silent.push(key);
        }
    }
    chat.leave();
    // "me" and "i" are whoever asks; what the bot says of them is about persons.
    assert!(silent.len() <= 10, "{} of {} keys do not answer: {silent:?}", silent.len(), keys.len());
    // The same file comes out, cell by cell, as a test of the reader shows; here, that it is one.
    let again = home.join("again.sqlite3");
    let target = again.display().to_string();
    assert_eq!(run(home, &["export", "pbot", "--output", &target], b"").status.code(), Some(0));
    load(home, &["brain", "--name", "second"], &again, 0);
    assert_eq!(text(&run(home, &["export", "second", "--format", "tsv"], b"")), table);
}

/// A tiny ontology in OBO; its relation is its own unless a line more says that it is BFO's.
const ANATOMY: &str = "format-version: 1.4\nontology: tiny\n\n[Term]\nid: U:1\nname: lung\nrelationship: part_of U:2\n\n\
    [Term]\nid: U:2\nname: respiratory system\nrelationship: part_of U:3\n\n[Term]\nid: U:3\nname: body\n\n\
    [Typedef]\nid: part_of\nname: part of\n";

#[test]
fn parts_are_asked_of_an_ontology() {
    for more in ["", "xref: BFO:0000050\n"] {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path();
        load_text(home, &["obo"], "tiny.obo", &format!("{ANATOMY}{more}"));
        let mut chat = Chat::start(home);
        for (line, kind, parts) in [
            ("what is the lung part of?", "proved", &["respiratory system"][..]),
            ("what is respiratory system a part of?", "proved", &["body"]),
            ("what are the parts of the respiratory system?", "proved", &["lung"]),
            ("what is body a part of?", "unknown", &[]),
        ] {
            expect(&mut chat, "private", line, kind, parts);
        }
        chat.leave();
    }
}

#[test]
fn real_ontologies_answer() {
    let (Some(obo), Some(pizza)) = (shared("ontologies/DO_cancer_slim.obo"), shared("ontologies/pizza.owl")) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    load(home, &["obo", "--title", "Disease Ontology"], &obo, 0);
    load(home, &["owl"], &pizza, 0);
    let mut chat = Chat::start(home);
    for (line, kind, parts) in [
        ("what is lung cancer?", "told", &["respiratory system cancer", "Disease Ontology"][..]),
        ("is lung cancer a cancer?", "proved", &["Yes", "Disease Ontology"]),
        ("what is a hemangiosarcoma?", "told", &["vascular cancer"]),
        ("what is a margherita?", "told", &["named pizza"]),
        ("what kinds of pizza are there?", "proved", &["named pizza", "more"]),
        ("is a margherita a pizza?", "proved", &["Yes", "pizza"]),
    ] {
        expect(&mut chat, "private", line, kind, parts);
    }
    chat.leave();
}
