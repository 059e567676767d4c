//! Lexicons in WN-LMF: small ones by the schema, damaged ones, and a large one made of WordNet 3.0.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use proptest::prelude::*;
use quid_core::oxrdf::{Quad, Term};
use quid_import::Problem;
use quid_import::lmf::Lmf;
use quid_import::source::Dump as _;

const SMALL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE LexicalResource SYSTEM "http://globalwordnet.github.io/schemas/WN-LMF-1.1.dtd">
<LexicalResource xmlns:dc="https://globalwordnet.github.io/schemas/dc/">
  <Lexicon id="tiny" label="Tiny &amp; small" language="de" email="a@b" license="https://example.org/licence" version="1.0" url="https://example.org/">
    <LexicalEntry id="w1">
      <Lemma writtenForm="Hund" partOfSpeech="n"/>
      <Form writtenForm="Hunde"/>
      <Sense id="s1" synset="tiny-1-n" dc:identifier="hund%1:05:00::"><SenseRelation relType="antonym" target="s2"/><Count>7</Count></Sense>
      <Sense id="s3" synset="odd"/>
    </LexicalEntry>
    <LexicalEntry id="w2">
      <Lemma writtenForm="K&#246;ter" partOfSpeech="n"/>
      <Sense id="s2" synset="tiny-1-n"/>
      <SyntacticBehaviour subcategorizationFrame="jemand ----t"/>
    </LexicalEntry>
    <Synset id="tiny-1-n" ili="i46360" partOfSpeech="n" members="w1 w2" lexfile="noun.animal">
      <Definition>ein <![CDATA[Haustier]]></Definition>
      <SynsetRelation relType="hypernym" target="odd"/>
      <Example>Der Hund bellt.</Example>
    </Synset>
    <Synset id="odd" ili="" partOfSpeech="n"><Definition>Tier</Definition></Synset>
  </Lexicon>
</LexicalResource>"#;

fn read(text: &str) -> Result<(Vec<Quad>, Vec<Problem>), Problem> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lexicon.xml");
    std::fs::write(&path, text).expect("writes");
    all(&path)
}

fn all(path: &Path) -> Result<(Vec<Quad>, Vec<Problem>), Problem> {
    let mut dump = Lmf::open(path, None, "", "")?;
    let (mut quads, mut problems) = (Vec::new(), Vec::new());
    while let Some(item) = dump.next() {
        match item {
            Ok(quad) => quads.push(quad),
            Err(problem) => problems.push(problem),
        }
    }
    Ok((quads, problems))
}

/// Quads without the long parts of their IRIs.
fn told(quads: &[Quad]) -> BTreeSet<String> {
    let short = |text: String| {
        let mut text = text.replace("urn:quid:lexicon:tiny-1.0:", "").replace("urn:quid:ns:", "quid:");
        for namespace in ["http://www.w3.org/ns/lemon/ontolex#", "https://globalwordnet.github.io/schemas/wn#"] {
            text = text.replace(namespace, "");
        }
        text.replace(['<', '>'], "")
    };
    quads.iter().map(|quad| short(format!("{} {} {}", quad.subject, quad.predicate, quad.object))).collect()
}

#[test]
fn a_lexicon_becomes_what_wordnets_files_become() {
    let (quads, problems) = read(SMALL).expect("opens");
    assert!(problems.is_empty(), "{problems:?}");
    let found = told(&quads);
    for expected in [
        "w1 canonicalForm form:Hund-n",
        "w1 otherForm form:Hunde-n",
        "form:Hund-n writtenRep \"Hund\"@de",
        "form:Köter-n writtenRep \"Köter\"@de",
        "w1 sense s1",
        "s1 isLexicalizedSenseOf tiny-1-n",
        "s1 antonym s2",
        "s1 quid:tagCount \"7\"^^http://www.w3.org/2001/XMLSchema#integer",
        "s1 http://purl.org/dc/terms/identifier \"hund%1:05:00::\"",
        "s2 quid:wordNumber \"2\"^^http://www.w3.org/2001/XMLSchema#integer",
        "s2 quid:frame \"jemand ----t\"@de",
        "s3 isLexicalizedSenseOf odd-n",
        "s3 quid:senseNumber \"2\"^^http://www.w3.org/2001/XMLSchema#integer",
        "tiny-1-n definition \"ein Haustier\"@de",
        "tiny-1-n example \"Der Hund bellt.\"@de",
        "tiny-1-n hypernym odd-n",
        "tiny-1-n lexfile \"noun.animal\"",
        "tiny-1-n ili http://globalwordnet.org/ili/i46360",
        "urn:quid:dump:tiny-1.0 http://www.w3.org/2000/01/rdf-schema#label \"Tiny & small\"",
        "urn:quid:dump:tiny-1.0 http://www.w3.org/ns/lemon/lime#language \"de\"",
    ] {
        assert!(found.contains(expected), "{expected}\n{found:#?}");
    }
}

#[test]
fn damage_is_told_and_what_came_before_is_kept() {
    for (from, to, least, what) in [
        ("</LexicalEntry>\n    <Synset", "</Sinset>\n    <Synset", 10, "lexicon.xml:15:5: "),
        ("<Example>", "<Example", 20, "lexicon.xml:19:7: "),
        ("writtenForm=\"Hund\"", "", 25, "lexicon.xml:6:7: Lemma: no writtenForm"),
        ("synset=\"odd\"/>", "/>", 25, "lexicon.xml:9:7: Sense: a sense without a synset"),
        ("relType=\"hypernym\"", "relType=\"> <b\"", 30, "lexicon.xml:18:7: SynsetRelation: a relType"),
        ("&#246;", "&ouml;", 20, "lexicon.xml:12:7: "),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let (quads, problems) = read(&SMALL.replacen(from, to, 1)).expect("opens");
        assert!(quads.len() >= least && !problems.is_empty(), "{from}: {} {problems:?}", quads.len());
        assert!(problems.iter().any(|problem| problem.to_string().contains(what)), "{from}: {problems:?}");
    }
    for text in ["", "not xml", "<rdf:RDF xmlns:rdf='x'/>", "<a><b/></a>", "<LexicalResource>"] {
        assert!(read(text).is_err(), "{text}");
    }
    let deep = "<LexicalResource><Lexicon id='a'>".to_owned() + &"<x>".repeat(100_000);
    assert!(!read(&deep).expect("opens").1.is_empty());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(at in 0..1000_usize, junk in "[<>&/\"=a-z ]{0,12}") {
        let at = SMALL.char_indices().map(|(at, _)| at).rfind(|place| *place <= at * 2).unwrap_or(0);
        let (before, after) = SMALL.split_at(at);
        let _ = read(&format!("{before}{junk}{after}"));
    }
}

/// WordNet's data files as WN-LMF: large enough to measure.
fn as_lmf(directory: &Path) -> Option<String> {
    let mut synsets = String::new();
    let mut entries: std::collections::BTreeMap<(String, String), Vec<String>> = std::collections::BTreeMap::new();
    for part in ["noun", "verb", "adj", "adv"] {
        let text = std::fs::read_to_string(directory.join(format!("data.{part}"))).ok()?;
        for line in text.lines().filter(|line| !line.starts_with("  ")) {
            let (fields, gloss) = line.split_once(" | ")?;
            let fields: Vec<&str> = fields.split(' ').collect();
            let letter = if fields[2] == "s" { "a" } else { fields[2] };
            let id = format!("pwn-{}-{letter}", fields[0]);
            let count = usize::from_str_radix(fields[3], 16).ok()?;
            let words: Vec<&str> =
                (0..count).map(|at| fields[4 + 2 * at].split('(').next().unwrap_or_default()).collect();
            for word in &words {
                entries.entry(((*word).replace('_', " "), letter.to_owned())).or_default().push(id.clone());
            }
            let _ = write!(
                synsets,
                "<Synset id=\"{id}\" ili=\"\" partOfSpeech=\"{}\"><Definition>{}</Definition>",
                fields[2],
                escaped(gloss)
            );
            let pointers: usize = fields[4 + 2 * count].parse().ok()?;
            for at in 0..pointers {
                let [symbol, target, letter, ends] = fields.get(5 + 2 * count + 4 * at..)?.get(..4)? else {
                    return None;
                };
                let kind = match *symbol {
                    "@" => "hypernym",
                    "~" => "hyponym",
                    "@i" => "instance_hypernym",
                    "%p" => "mero_part",
                    _ => continue,
                };
                if *ends == "0000" {
                    let _ = write!(synsets, "<SynsetRelation relType=\"{kind}\" target=\"pwn-{target}-{letter}\"/>");
                }
            }
            synsets.push_str("</Synset>\n");
        }
    }
    let mut out = String::from(
        "<?xml version=\"1.0\"?>\n<LexicalResource><Lexicon id=\"pwn\" label=\"WordNet\" language=\"en\" version=\"3.0\">\n",
    );
    for (number, ((word, part), senses)) in entries.iter().enumerate() {
        let _ = write!(
            out,
            "<LexicalEntry id=\"pwn-e{number}\"><Lemma writtenForm=\"{}\" partOfSpeech=\"{part}\"/>",
            escaped(word)
        );
        for (at, synset) in senses.iter().enumerate() {
            let _ = write!(out, "<Sense id=\"pwn-s{number}-{at}\" synset=\"{synset}\"/>");
        }
        out.push_str("</LexicalEntry>\n");
    }
    out.push_str(&synsets);
    out.push_str("</Lexicon></LexicalResource>\n");
    Some(out)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[test]
fn a_whole_wordnet_is_read_as_a_stream() {
    let Some(text) = as_lmf(Path::new("/usr/share/wordnet")) else {
        eprintln!("skipped: the package wordnet-base is absent");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pwn.xml");
    std::fs::write(&path, &text).expect("writes");
    let start = Instant::now();
    let (quads, problems) = all(&path).expect("opens");
    let seconds = start.elapsed().as_secs_f64();
    assert!(problems.is_empty(), "{:?}", problems.first());
    let concepts = quads
        .iter()
        .filter(|quad| matches!(&quad.object, Term::NamedNode(class) if class.as_str().ends_with("LexicalConcept")));
    assert_eq!(concepts.count(), 117_659);
    let megabytes = text.len() as f64 / 1e6;
    eprintln!("{megabytes:.1} MB of WN-LMF, {} quads, in {seconds:.2} s: {:.1} MB/s", quads.len(), megabytes / seconds);
}
