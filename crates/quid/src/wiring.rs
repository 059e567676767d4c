//! Opens the rooms and joins them: the only place that knows them all.
//!
//! Store, text index, language and rules meet here through the ports of `core`. What can be rebuilt (the text
//! index, the ontologies in the store) is brought up to date on the way in; what cannot is never touched.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use quid_core::{Audience, Memory, Place, Recall, Rulebook};
use quid_lang::Language;
use quid_logic::entail::Follows;
use quid_logic::{Mirror, Vocabulary};
use quid_mind::goals::Names;
use quid_mind::{Mind, Parts};
use quid_neural::OwnVectors;
use quid_search::{Index, LocalNames, SearchError};
use quid_store::Keeper;
use quid_store::remote::{self as store, Remote};

use crate::complaint::hinted;
use crate::data::Data;
use crate::home::Home;
use crate::models::Speaker;
use crate::ontologies;

/// The most triples that are held to know what follows, for one query: about 150 bytes each.
const MOST_FOLLOWING: usize = 8_000_000;
/// The rules that queries may use are those of this file: they need no senses of words.
const LEAN: &str = "taught/";

/// The most memory that stored relations are kept ready in, in bytes.
const MIRRORED: usize = 512 * 1024 * 1024;

/// Everything that is open while the program runs. A copy is the same house.
#[derive(Clone)]
pub struct House {
    /// The folder it all lies in.
    pub home: Home,
    /// The data files in force.
    pub data: Data,
    /// The journal and the store.
    pub keeper: Arc<Keeper>,
    /// Another server as the knowledge base, where one was chosen.
    pub remote: Option<Arc<Remote>>,
    /// The text index.
    pub index: Arc<Index>,
    /// Words, patterns and phrases.
    pub language: Arc<Language>,
    /// The rules in force.
    pub rules: Arc<Rulebook>,
    /// The names that questions in logic may use.
    pub vocabulary: Arc<Vocabulary>,
    /// The stored relations, kept ready between questions in logic.
    pub mirror: Arc<Mirror>,
    /// The model that speaks where nothing is proved.
    pub speaker: Speaker,
    /// Words as vectors.
    pub vectors: Arc<OwnVectors>,
    /// The bot's own name.
    pub me: String,
    /// What a person should be told at the start.
    pub notices: Vec<String>,
}

impl House {
    /// Opens the home, making it when there is none.
    ///
    /// # Errors
    /// When another process holds the home, when journal and store disagree, or when a data file is malformed.
    pub fn open(home: Home, overlay: Option<&Path>, me: &str) -> Result<Self> {
        let data = Data::open(overlay)?;
        home.create()?;
        // What is read from the disk and what is only thought about, at the same time.
        let (opened, thought) = thread::scope(|scope| {
            let reading = scope.spawn(|| Keeper::open(home.root()));
            let thought = language(&data).and_then(|language| Ok((language, rules(&data)?)));
            (reading.join(), thought)
        });
        let (language, (rules, vocabulary)) = thought?;
        let (language, rules, vocabulary) = (Arc::new(language), Arc::new(rules), Arc::new(vocabulary));
        let keeper = opened.map_err(|_| anyhow!("opening the store ended in a panic"))??;
        let mirror = Arc::new(Mirror::new(MIRRORED));
        let lean = rules.rules.iter().filter(|rule| rule.name.starts_with(LEAN)).cloned().collect();
        let follows = Follows::new(MOST_FOLLOWING, lean);
        let keeper = Arc::new(keeper.with_guard(quid_import::rdf::check).with_entailment(Arc::new(follows)));
        let mut notices = Vec::new();
        let vectors = Arc::new(OwnVectors::default());
        let (index, behind) = open_index(&home, &keeper, &vectors, &mut notices)?;
        let index = Arc::new(index);
        keeper.search_in(index.clone());
        let speaker = Speaker::of(&home, &data);
        let mut house = Self {
            home,
            data,
            keeper,
            remote: None,
            index,
            language,
            rules,
            vocabulary,
            mirror,
            speaker,
            vectors,
            me: me.to_owned(),
            notices,
        };
        match behind {
            Behind::Everything => house.rebuild_index()?,
            Behind::Since(seq) => house.catch_up(seq)?,
            Behind::Nothing => {}
        }
        ontologies::bring_up_to_date(&house)?;
        if house.keeper_is_without_dictionary() {
            house.notices.push("no dictionary is loaded: quid load wordnet".to_owned());
        }
        Ok(house)
    }

    /// The same with another SPARQL server as the knowledge base, where one was chosen.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn with_store(mut self, place: Option<store::Place>) -> Result<Self> {
        if let Some(place) = place {
            let what = format!("cannot use {} as the knowledge base", place.query);
            let remote = Remote::open(self.keeper.clone(), place, self.home.root()).context(what)?;
            self.remote = Some(Arc::new(remote));
        }
        Ok(self)
    }

    /// What is known: the home's own, and another server's where one was chosen.
    #[must_use]
    pub fn memory(&self) -> Arc<dyn Memory> {
        match &self.remote {
            Some(remote) => remote.clone(),
            None => self.keeper.clone(),
        }
    }

    /// The words of what is known.
    #[must_use]
    pub fn recall(&self) -> Arc<dyn Recall> {
        match &self.remote {
            Some(remote) => Arc::new(store::Names::new(self.index.clone(), remote.clone())),
            None => self.index.clone(),
        }
    }

    /// A mind over all this.
    #[must_use]
    pub fn mind(&self) -> Mind {
        self.mind_over(self.memory())
    }

    /// A mind over all this, with another memory.
    #[must_use]
    pub fn mind_over(&self, memory: Arc<dyn Memory>) -> Mind {
        Mind::new(Parts {
            language: self.language.clone(),
            memory,
            recall: self.recall(),
            generator: self.speaker.generator.clone(),
            vectors: Some(self.vectors.clone()),
            rules: self.rules.clone(),
            me: self.me.clone(),
        })
        .with_names(Names { vocabulary: self.vocabulary.clone(), mirror: Some(self.mirror.clone()) })
    }

    /// What somebody sees at the owner's console.
    #[must_use]
    pub fn console(name: &str) -> Audience {
        Audience { name: name.to_owned(), place: Place::Global }
    }

    /// Fills the text index from the store, which has everything.
    ///
    /// # Errors
    /// When either cannot be read or written.
    pub fn rebuild_index(&self) -> Result<()> {
        self.begin_text_load()?;
        let mut bulk = self.index.bulk()?;
        let mut names = LocalNames::default();
        for quad in self.keeper.stored(None) {
            let quad = quad?;
            names.note(&quad);
            bulk.add(&quad)?;
        }
        for name in names.take() {
            bulk.add(&name)?;
        }
        bulk.finish(self.keeper.last_seq())?;
        self.end_text_load()
    }

    /// Notes that the text index is about to lack what the store is given; seen at the next start when the
    /// program does not get to [`Self::end_text_load`].
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn begin_text_load(&self) -> Result<()> {
        let note = self.home.text_is_behind();
        fs::write(&note, "the text index is being filled\n").with_context(|| format!("cannot write {}", note.display()))
    }

    /// As [`Self::begin_text_load`], for a load that makes the text index durable together with the store, mark by
    /// mark: what is missing comes when the load goes on, so nothing need be built again.
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn begin_marked_text_load(&self) -> Result<()> {
        let note = self.home.text_is_behind();
        fs::write(&note, MARKED).with_context(|| format!("cannot write {}", note.display()))
    }

    /// Takes the note of [`Self::begin_text_load`] away: the text index has everything.
    ///
    /// # Errors
    /// When the note cannot be removed.
    pub fn end_text_load(&self) -> Result<()> {
        let note = self.home.text_is_behind();
        fs::remove_file(&note).with_context(|| format!("cannot remove {}", note.display()))
    }

    fn catch_up(&self, from: u64) -> Result<()> {
        let mut failed = None;
        self.keeper.replay(
            from + 1,
            &mut |record| match self.index.note(record.seq, &record.added, &record.removed) {
                Ok(()) => ControlFlow::Continue(()),
                Err(fault) => {
                    failed = Some(fault);
                    ControlFlow::Break(())
                }
            },
        )?;
        failed.map_or(Ok(()), |fault| Err(fault).context("cannot bring the text index up to date"))
    }

    fn keeper_is_without_dictionary(&self) -> bool {
        self.keeper.sources().is_ok_and(|loaded| !loaded.iter().any(|source| source.name == quid_import::wordnet::NAME))
    }
}

/// What the note says while a load goes on from mark to mark.
const MARKED: &str = "a load can be gone on with: quid load … --resume\n";

/// What the text index lacks.
enum Behind {
    Nothing,
    Since(u64),
    Everything,
}

fn language(data: &Data) -> Result<Language> {
    let folders = ["data/grammar/", "data/patterns/", "data/phrases/", "data/words/"];
    let files: Vec<(&str, &str)> = folders.iter().flat_map(|folder| data.under(folder, ".toml")).collect();
    let is_tried = folders.iter().all(|folder| data.is_as_built(folder));
    Ok(if is_tried { Language::load_proved(&files)? } else { Language::load(&files)? })
}

/// The rules the program brings along, and the names they declare for questions in logic.
fn rules(data: &Data) -> Result<(Rulebook, Vocabulary)> {
    let mut all = Rulebook::default();
    let mut names = Vocabulary::default();
    for (name, text) in data.under("ontologies/", ".pl") {
        let short = name.trim_start_matches("ontologies/").trim_end_matches(".pl");
        let read = quid_logic::read(short, text).with_context(|| format!("cannot read the rules in {name}"))?;
        all.rules.extend(read.rules);
        let include = |file: &str| data.text(&format!("ontologies/{file}")).map(str::to_owned).ok_or_else(String::new);
        names.extend(&quid_logic::read_program(short, text, &Vocabulary::default(), &include).names());
    }
    Ok((all, names))
}

/// Opens the text index; a damaged one, one that a load left half filled, or one that knows more than the
/// journal is made anew, since nothing is in it that is not in the store.
fn open_index(
    home: &Home,
    keeper: &Keeper,
    vectors: &Arc<OwnVectors>,
    notices: &mut Vec<String>,
) -> Result<(Index, Behind)> {
    let open = |directory: &Path| Index::open_with(directory, Some(vectors.clone()));
    let directory = home.text();
    let note = home.text_is_behind();
    let half_filled = note.exists() && fs::read_to_string(&note).is_ok_and(|note| note != MARKED);
    let anew = |why: &str, notices: &mut Vec<String>| -> Result<(Index, Behind)> {
        notices.push(format!("the text index was built again: {why}"));
        tracing::warn!("the text index {} is built again: {why}", directory.display());
        Index::wipe(&directory)?;
        Ok((open(&directory)?, Behind::Everything))
    };
    let fresh = !directory.exists();
    match open(&directory) {
        Ok(index) if half_filled => {
            drop(index);
            anew("a load was interrupted", notices)
        }
        Ok(index) if index.seq() > keeper.last_seq() => {
            drop(index);
            anew("it knows more than the journal", notices)
        }
        Ok(index) if fresh => Ok((index, Behind::Everything)),
        Ok(index) if index.seq() < keeper.last_seq() => {
            let seq = index.seq();
            Ok((index, Behind::Since(seq)))
        }
        Ok(index) => Ok((index, Behind::Nothing)),
        Err(SearchError::Damaged { why, .. }) => anew(&why, notices),
        Err(error) => {
            let hint = "if no other quid is running, remove that folder: it is built again from the store";
            Err(anyhow::Error::new(error).context(hinted("cannot open the text index", hint)))
        }
    }
}
