//! Makes quads of a lexicon, one synset or entry at a time, so that memory stays flat however fast they are used.
//!
//! What becomes what is laid down in the table of the module above.

use std::collections::{HashSet, VecDeque};

use quid_core::Source;
use quid_core::oxrdf::{Literal, NamedNode, NamedNodeRef, Quad, Term};
use quid_core::text::percent_encode;
use quid_core::vocabulary::{
    CANONICAL_FORM, DEFINITION, EXAMPLE, FRAME, IDENTIFIER, LEXFILE, LEXICAL_CONCEPT, LEXICAL_ENTRY,
    LEXICALIZED_SENSE_OF, OTHER_FORM, PART_OF_SPEECH, SENSE, SENSE_NUMBER, TAG_COUNT, TYPE, WN30, WRITTEN_REP,
};

use super::data::{Pointer, Synset, Word};
use super::index::{Entry, Sense};
use super::sense_key::sense_iri;
use super::{Lexicon, NAME, Part, Progress, Summary, gloss};

const RIGHTS: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://purl.org/dc/terms/rights");
const GLOSS: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:gloss");
const WORD_NUMBER: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:wordNumber");
const SPELLING: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:spelling");
const VARIANT: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:variant");
const ADJECTIVE_POSITION: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:adjectivePosition");
const POINTER: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:pointer");
const CONCORDANCE: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("urn:quid:ns:concordance");

/// The quads of a [`Lexicon`], as an iterator.
#[derive(Debug)]
pub struct Quads<'a> {
    lexicon: &'a Lexicon<'a>,
    graph: NamedNode,
    step: Step,
    ready: VecDeque<Quad>,
    /// Forms already written.
    forms: HashSet<(Part, &'a str)>,
    summary: Summary,
    done: u64,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Head,
    Synset(usize),
    Entry(usize),
    Exception(usize),
    Deviation(usize),
    End,
}

impl Iterator for Quads<'_> {
    type Item = Quad;

    fn next(&mut self) -> Option<Quad> {
        loop {
            if let Some(quad) = self.ready.pop_front() {
                self.summary.quads += 1;
                return Some(quad);
            }
            self.step = self.make(self.step)?;
        }
    }
}

impl<'a> Quads<'a> {
    pub(crate) fn new(lexicon: &'a Lexicon<'a>) -> Self {
        Self {
            lexicon,
            graph: Source::Dump(NAME.to_owned()).graph(),
            step: Step::Head,
            ready: VecDeque::new(),
            forms: HashSet::new(),
            summary: lexicon.summary(),
            done: 0,
        }
    }

    /// What was made so far; complete when the iterator is at its end.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// How much of the files has become quads.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let total = self.lexicon.bytes;
        let done = if matches!(self.step, Step::End) { total } else { self.done.min(total) };
        Progress { done, total }
    }

    /// Makes the quads of a step and says which is next; `None` at the end.
    fn make(&mut self, step: Step) -> Option<Step> {
        let lexicon = self.lexicon;
        Some(match step {
            Step::Head => {
                self.head();
                Step::Synset(0)
            }
            Step::Synset(at) => match lexicon.data.synsets.get(at) {
                Some(synset) => {
                    self.synset(synset);
                    Step::Synset(at + 1)
                }
                None => Step::Entry(0),
            },
            Step::Entry(at) => match lexicon.index.entries.get(at) {
                Some(entry) => {
                    self.entry(entry);
                    Step::Entry(at + 1)
                }
                None => Step::Exception(0),
            },
            Step::Exception(at) => match lexicon.exceptions.get(at) {
                Some(exception) => {
                    // When the list names another spelling of the entry, the entry's own lines already said it.
                    let form = self.form(exception.part, exception.form);
                    let known = lexicon.index.by_lemma.get(&(exception.part, exception.base));
                    let entry = known.and_then(|at| lexicon.index.entries.get(*at as usize));
                    let spellings = entry.map(|entry| self.spellings(entry)).unwrap_or_default();
                    if !spellings.iter().skip(1).any(|spelling| *spelling == exception.form) {
                        self.add(entry_iri(exception.part, exception.base), OTHER_FORM, form);
                    }
                    Step::Exception(at + 1)
                }
                None => Step::Deviation(0),
            },
            Step::Deviation(at) => match lexicon.deviations.get(at) {
                Some(deviation) => {
                    let says = deviation.says.map(|(number, tags)| format!("{number} {tags}"));
                    let says = Literal::new_simple_literal(says.unwrap_or_default());
                    self.add(NamedNode::new_unchecked(sense_iri(deviation.key)), CONCORDANCE, says);
                    Step::Deviation(at + 1)
                }
                None => Step::End,
            },
            Step::End => return None,
        })
    }

    fn add(&mut self, subject: NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.ready.push_back(Quad::new(subject, predicate.into_owned(), object, self.graph.clone()));
    }

    /// What is said of the whole: licence, frames, sentences.
    fn head(&mut self) {
        let lexicon = self.lexicon;
        for header in &lexicon.data.headers {
            self.add(self.graph.clone(), RIGHTS, Literal::new_simple_literal(header));
        }
        for (number, frame) in &lexicon.verbs.frames {
            self.add(NamedNode::new_unchecked(format!("{WN30}frame/{number}")), FRAME, english(*frame));
        }
        for (number, sentence) in &lexicon.verbs.sentences {
            self.add(NamedNode::new_unchecked(format!("{WN30}sentence/{number}")), EXAMPLE, english(*sentence));
        }
    }

    fn synset(&mut self, synset: &'a Synset<'a>) {
        let lexicon = self.lexicon;
        let this = synset_iri(synset);
        self.add(this.clone(), TYPE, LEXICAL_CONCEPT.into_owned());
        self.add(this.clone(), PART_OF_SPEECH, synset.kind.term());
        if let Some(name) = lexicon.tables.lexnames.get(usize::from(synset.lexfile)) {
            self.add(this.clone(), LEXFILE, Literal::new_simple_literal(*name));
        }
        let gloss = gloss::split(synset.gloss);
        if !gloss.definition.is_empty() {
            self.add(this.clone(), DEFINITION, english(gloss.definition));
        }
        self.summary.examples += gloss.examples.len();
        let mut said = HashSet::new();
        for example in gloss.examples {
            if said.insert(example.clone()) {
                self.add(this.clone(), EXAMPLE, english(example));
            }
        }
        if let Some(verbatim) = gloss.verbatim {
            self.add(this.clone(), GLOSS, english(verbatim));
        }
        let mut said = HashSet::new();
        for pointer in lexicon.data.pointers_of(synset).iter().filter(|pointer| pointer.source == 0) {
            if let (Some(relation), Some(target), true) = (
                lexicon.tables.relations.get(usize::from(pointer.relation)),
                lexicon.data.synsets.get(pointer.synset as usize),
                said.insert((pointer.relation, pointer.synset)),
            ) {
                self.add(this.clone(), relation.property.as_ref(), synset_iri(target));
            }
        }
        self.done += u64::from(synset.bytes);
    }

    fn entry(&mut self, entry: &'a Entry<'a>) {
        let lexicon = self.lexicon;
        let this = entry_iri(entry.part, entry.lemma);
        self.add(this.clone(), TYPE, LEXICAL_ENTRY.into_owned());
        self.add(this.clone(), PART_OF_SPEECH, entry.part.term());
        let spellings = self.spellings(entry);
        for (at, spelling) in spellings.iter().enumerate() {
            let form = self.form(entry.part, spelling);
            self.add(this.clone(), if at == 0 { CANONICAL_FORM } else { OTHER_FORM }, form);
        }
        let canonical = spellings.first().copied().unwrap_or(entry.lemma);
        for (at, sense) in lexicon.index.senses_of(entry) {
            let iri = NamedNode::new_unchecked(sense_iri(sense.key));
            self.add(this.clone(), SENSE, iri.clone());
            self.sense(&iri, at, sense, canonical);
            // The line of the sense index is about as long as its key and its numbers.
            self.done += sense.key.len() as u64 + 14;
        }
        self.done += u64::from(entry.bytes);
    }

    /// The ways the data files write an entry's lemma, each once, the canonical one first.
    fn spellings(&self, entry: &Entry<'a>) -> Vec<&'a str> {
        let lexicon = self.lexicon;
        let mut spellings = Vec::new();
        for (at, sense) in lexicon.index.senses_of(entry) {
            for (_, word) in lexicon.words_of(at, sense) {
                if !spellings.contains(&word.text) {
                    spellings.push(word.text);
                }
            }
        }
        if let Some(lower) = spellings.iter().position(|spelling| *spelling == entry.lemma) {
            spellings.swap(0, lower);
        }
        spellings
    }

    fn sense(&mut self, this: &NamedNode, at: u32, sense: &Sense<'a>, canonical: &str) {
        let lexicon = self.lexicon;
        let Some(synset) = lexicon.data.synsets.get(sense.synset as usize) else { return };
        self.add(this.clone(), LEXICALIZED_SENSE_OF, synset_iri(synset));
        self.add(this.clone(), IDENTIFIER, Literal::new_simple_literal(sense.key));
        self.add(this.clone(), SENSE_NUMBER, Literal::from(i64::from(sense.number)));
        if sense.tags > 0 {
            self.add(this.clone(), TAG_COUNT, Literal::from(i64::from(sense.tags)));
        }
        let words: Vec<(usize, &Word<'a>)> = lexicon.words_of(at, sense).collect();
        for (place, word) in &words {
            if *place != usize::from(sense.word) {
                let variant = format!("{} {} {:x}", place + 1, word.text, word.lex_id);
                self.add(this.clone(), VARIANT, Literal::new_simple_literal(variant));
                continue;
            }
            if sense.word > 0 {
                self.add(this.clone(), WORD_NUMBER, Literal::from(i64::from(sense.word) + 1));
            }
            if word.text != canonical {
                let form = self.form(synset.part, word.text);
                self.add(this.clone(), SPELLING, form);
            }
            if let Some(position) = word.position {
                self.add(this.clone(), ADJECTIVE_POSITION, Literal::new_simple_literal(position));
            }
        }
        let ours = |number: u8| words.iter().any(|(place, _)| place + 1 == usize::from(number));
        let mut frames = Vec::new();
        for frame in lexicon.data.frames_of(synset).iter().filter(|frame| frame.word == 0 || ours(frame.word)) {
            if let (Some(text), false) = (lexicon.verbs.frame(u32::from(frame.number)), frames.contains(&frame.number))
            {
                frames.push(frame.number);
                self.add(this.clone(), FRAME, english(text));
            }
        }
        for number in lexicon.verbs.of_senses.get(&at).into_iter().flatten() {
            if let (Some(text), Some((_, word))) = (lexicon.verbs.sentence(*number), words.first()) {
                self.add(this.clone(), EXAMPLE, english(text.replace("%s", &word.text.replace('_', " "))));
            }
        }
        let mut said = HashSet::new();
        for pointer in lexicon.data.pointers_of(synset).iter().filter(|pointer| ours(pointer.source)) {
            self.lexical(this, words.len() > 1, pointer, &mut said);
        }
    }

    /// A pointer from one of a sense's words to a word of another synset.
    fn lexical(&mut self, this: &NamedNode, twice: bool, pointer: &Pointer, said: &mut HashSet<(u8, u32)>) {
        let lexicon = self.lexicon;
        let Some(relation) = lexicon.tables.relations.get(usize::from(pointer.relation)) else { return };
        let Some(synset) = lexicon.data.synsets.get(pointer.synset as usize) else { return };
        let words = lexicon.data.words_of(synset);
        let Some(target) = usize::from(pointer.target).checked_sub(1).and_then(|place| words.get(place)) else {
            return;
        };
        let Some(sense) = lexicon.index.senses.get(target.sense as usize) else { return };
        if said.insert((pointer.relation, target.sense)) {
            self.add(this.clone(), relation.property.as_ref(), NamedNode::new_unchecked(sense_iri(sense.key)));
        }
        if twice || words.iter().filter(|word| word.sense == target.sense).count() > 1 {
            let Pointer { offset, part, source, target, .. } = pointer;
            let verbatim = format!("{} {offset:08} {} {source:02x}{target:02x}", relation.symbol, part.letter());
            self.add(this.clone(), POINTER, Literal::new_simple_literal(verbatim));
        }
    }

    /// The node of a form; what is written is said the first time.
    fn form(&mut self, part: Part, spelling: &'a str) -> NamedNode {
        let form = NamedNode::new_unchecked(format!("{WN30}form/{}-{}", percent_encode(spelling), part.letter()));
        if self.forms.insert((part, spelling)) {
            self.add(form.clone(), WRITTEN_REP, english(spelling.replace('_', " ")));
        }
        form
    }
}

impl<'a> Lexicon<'a> {
    /// The words of a synset that are this sense, with their places: one, or several writings of it.
    fn words_of(&self, at: u32, sense: &Sense<'a>) -> impl Iterator<Item = (usize, &Word<'a>)> {
        let synset = self.data.synsets.get(sense.synset as usize);
        let words = synset.map(|synset| self.data.words_of(synset)).unwrap_or_default();
        words.iter().enumerate().filter(move |(_, word)| word.sense == at)
    }
}

fn english(text: impl Into<String>) -> Literal {
    Literal::new_language_tagged_literal_unchecked(text, "en")
}

fn synset_iri(synset: &Synset<'_>) -> NamedNode {
    NamedNode::new_unchecked(format!("{WN30}{:08}-{}", synset.offset, synset.part.letter()))
}

fn entry_iri(part: Part, lemma: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{WN30}entry/{}-{}", percent_encode(lemma), part.letter()))
}
