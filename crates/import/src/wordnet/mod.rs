//! Reads WordNet 3.0 from the files of wndb(5) into OntoLex-Lemon and the Global WordNet schema.
//!
//! Everything is read and checked before the first quad is made, so a damaged copy is refused whole. The quads
//! are lean: what an IRI or another quad already says is not said again. Forms and senses carry no `rdf:type`
//! (`ontolex:canonicalForm`, `ontolex:otherForm` and `ontolex:sense` lead to nothing else), and numbers that
//! can be counted are left out.
//!
//! | in the files | in the graph `urn:quid:dump:wordnet-3.0` |
//! |---|---|
//! | first lines: licence, version | graph `dcterms:rights` "…" |
//! | **synset**: offset and file | IRI `…/wn30/02084071-n` (n v a r; a satellite has `a`), `rdf:type ontolex:LexicalConcept` |
//! | its type | `wn:partOfSpeech` `wn:noun` `wn:verb` `wn:adjective` `wn:adjective_satellite` `wn:adverb` |
//! | its lexicographer file | `wn:lexfile` "noun.animal" |
//! | its gloss | `wn:definition` and `wn:example`; `quid:gloss` word for word when these do not give it back ([`gloss`]) |
//! | a pointer 0000 | synset, relation (`data/wordnet/pointers.tsv`), synset; `$` and `&` are both `wn:similar`, `\` is always `wn:pertainym`: parts of speech tell them apart |
//! | a pointer between words | sense, relation, sense; also `quid:pointer` as in the file when one of the words is written twice in its synset |
//! | the order of pointers, their number | not kept: a set |
//! | **word** in a synset | sense `ontolex:isLexicalizedSenseOf` synset |
//! | its place | `quid:wordNumber` on the sense, unless it is 1 |
//! | its spelling | `quid:spelling` to a form, unless it is the entry's canonical one |
//! | its lex id | in the sense key |
//! | its marker (a) (p) (ip) | `quid:adjectivePosition` "a" "p" "ip" on the sense |
//! | a second writing of the same lemma ("A 0 a 0") | `quid:variant` "2 a 0" on the sense: place, spelling, lex id |
//! | a frame of a word; 00 for all words | `quid:frame` "Somebody ----s something" on each sense; the numbers on `…/wn30/frame/8` |
//! | **index** line: lemma, part of speech | entry `…/wn30/entry/dog-n`, `rdf:type ontolex:LexicalEntry`, `wn:partOfSpeech` |
//! | its spellings in the data files | `ontolex:canonicalForm` (lower case if it occurs, else that of the first sense), `ontolex:otherForm`; forms are `…/wn30/form/Pepsi-n` with `ontolex:writtenRep` "Pepsi"@en, `_` for a space only in the IRI |
//! | its synsets in order | entry `ontolex:sense` sense, sense `quid:senseNumber` |
//! | its counts and pointer symbols | not kept: counted from the above, and checked when read |
//! | **sense key** | sense IRI `…/wn30/sense/dog%251:05:00::`, `dcterms:identifier` |
//! | its tag count | `quid:tagCount`, unless 0 |
//! | `cntlist.rev` | nothing where it agrees with `index.sense`; else `quid:concordance` "number count" on the sense key's IRI, "" when it lacks the sense |
//! | `cntlist` | not read: `cntlist.rev` in another order |
//! | exception lists | entry `ontolex:otherForm` form, its canonical one when the list says so (after, after); a base form that is no entry gets an IRI like one but no type |
//! | `sents.vrb` | `…/wn30/sentence/1` `wn:example` "The children %s to the playground" |
//! | `sentidx.vrb` | sense `wn:example` with the verb in its place |
//!
//! Own terms are `urn:quid:ns:…`. The names of lexicographer files come from lexnames(5).
//!
//! Sources: wndb(5), wninput(5), senseidx(5), cntlist(5), lexnames(5), morphy(7) of WordNet 3.0;
//! <https://www.w3.org/2016/05/ontolex/>; <https://globalwordnet.github.io/schemas/>.

use std::ops::ControlFlow;
use std::path::Path;

use quid_core::oxrdf::Quad;

use crate::problem::{Damage, Problem, Problems};

mod counts;
mod data;
mod edition;
mod emit;
mod fields;
mod files;
pub mod gloss;
mod index;
mod morphology;
mod part;
mod sense_key;
mod tables;
mod verbs;

pub use edition::Edition;
pub use emit::Quads;
pub use files::{DEBIAN, Files, find};
pub use part::{Kind, Part};
pub use sense_key::{SenseKey, sense_iri};

/// The name of this dump: its graph is `urn:quid:dump:wordnet-3.0`.
pub const NAME: &str = "wordnet-3.0";
/// As people call it.
pub const TITLE: &str = "WordNet 3.0";

/// What a database holds, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines of the data files.
    pub synsets: usize,
    /// Lines of the sense index.
    pub senses: usize,
    /// Lines of the index files: a lemma in one part of speech.
    pub entries: usize,
    /// Pointers of the data files, lexical and semantic, both directions.
    pub pointers: usize,
    /// Examples in glosses.
    pub examples: usize,
    /// Pairs of an inflected form and its base form in the exception lists.
    pub exceptions: usize,
    /// Quads made.
    pub quads: u64,
}

/// How far a reading is, in bytes of the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Made into quads.
    pub done: u64,
    /// Of all.
    pub total: u64,
}

/// A whole WordNet, checked, with all its cross references found.
#[derive(Debug)]
pub struct Lexicon<'a> {
    tables: tables::Tables,
    data: data::Data<'a>,
    index: index::Index<'a>,
    exceptions: Vec<morphology::Exception<'a>>,
    verbs: verbs::Verbs<'a>,
    deviations: Vec<counts::Deviation<'a>>,
    bytes: u64,
}

impl<'a> Lexicon<'a> {
    /// Reads the files and checks that they agree with each other.
    ///
    /// # Errors
    /// Everything that is wrong with them, up to [`crate::problem::MOST`] problems one by one. What follows from damaged
    /// data files alone is not told again: the index files are looked at only when the data files are sound.
    pub fn read(files: &'a Files) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let tables = match tables::Tables::load() {
            Ok(tables) => tables,
            Err((file, line, damage)) => {
                problems.add(Path::new(file), line, damage);
                return problems.unless_any(()).and(Err(Vec::new()));
            }
        };
        let mut data = data::Data::default();
        for (part, file, ..) in &files.parts {
            data.read(*part, file, &tables, &mut problems);
        }
        if !problems.is_empty() {
            return Err(problems.unless_any(()).err().unwrap_or_default());
        }
        data.resolve(&tables, |part, line, damage| add(files, part, line, damage, &mut problems));
        if !problems.is_empty() {
            return Err(problems.unless_any(()).err().unwrap_or_default());
        }
        let mut index = index::Index::default();
        index.read_senses(&files.senses, &mut data, &tables, &mut problems);
        index::Index::tie_writings(&mut data, |part, line, damage| add(files, part, line, damage, &mut problems));
        for (part, _, file, _) in &files.parts {
            index.read_entries(*part, file, &data, &tables, &mut problems);
        }
        index.check_listed(&files.senses, &mut problems);
        let mut exceptions = Vec::new();
        for (part, _, _, file) in &files.parts {
            morphology::read(*part, file, &mut exceptions, &mut problems);
        }
        let mut verbs = verbs::Verbs::default();
        verbs.read_frames(&files.frames, &mut problems);
        verbs.read_sentences(&files.sentences, &mut problems);
        verbs.read_index(&files.sentence_index, &index, &mut problems);
        if !files.frames.text.is_empty() {
            verbs.check(&data, |line, damage| add(files, Part::Verb, line, damage, &mut problems));
        }
        let deviations =
            if files.counts.text.is_empty() { Vec::new() } else { counts::read(&files.counts, &index, &mut problems) };
        problems.unless_any(Self { tables, data, index, exceptions, verbs, deviations, bytes: files.bytes() })
    }

    /// What it holds; examples and quads are counted while quads are made ([`Quads::summary`]).
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            synsets: self.data.synsets.len(),
            senses: self.index.senses.len(),
            entries: self.index.entries.len(),
            pointers: self.data.pointers.len(),
            exceptions: self.exceptions.len(),
            ..Summary::default()
        }
    }

    /// All of it as quads, each once, always in the same order.
    #[must_use]
    pub fn quads(&self) -> Quads<'_> {
        Quads::new(self)
    }
}

/// Reads the WordNet in `directory` and hands every quad to `each` until that breaks; now and then tells how far
/// it is.
///
/// # Errors
/// As [`Files::open`] and [`Lexicon::read`]; then `each` was never called.
pub fn read(
    directory: &Path,
    progress: &mut dyn FnMut(Progress),
    each: &mut dyn FnMut(Quad) -> ControlFlow<()>,
) -> Result<Summary, Vec<Problem>> {
    let files = Files::open(directory)?;
    let lexicon = Lexicon::read(&files)?;
    let mut quads = lexicon.quads();
    while let Some(quad) = quads.next() {
        if each(quad).is_break() {
            break;
        }
        if quads.summary().quads.is_multiple_of(4096) {
            progress(quads.progress());
        }
    }
    progress(quads.progress());
    Ok(quads.summary())
}

/// A problem of a data file.
fn add(files: &Files, part: Part, line: usize, damage: Damage, problems: &mut Problems) {
    if let Some((_, file, ..)) = files.parts.iter().find(|(of, ..)| *of == part) {
        problems.add(&file.path, line, damage);
    }
}
