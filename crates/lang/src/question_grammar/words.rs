//! The words of questions: the general ones from `data/grammar/questions.toml`, and those of a field from its schema.
//!
//! All forms of a word are made once, so that reading a line is looking phrases up and nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use quid_core::Key;

use super::schema::{ClassId, Range, RelationId, Schema};
use super::set::Link;
use crate::LangError;
use crate::data::{File, Rows};

macro_rules! tags {
    ($($tag:ident = $name:literal,)*) => {
        /// What a general word can be, named as in the data.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Tag { $($tag),* }
        const TAGS: &[(&str, Tag)] = &[$(($name, Tag::$tag)),*];
    };
}

tags! {
    Which = "which", Who = "who", Where = "where", How = "how", HowMany = "how_many", List = "list",
    Opening = "opening", Closing = "closing", Determiner = "determiner", Be = "be", Do = "do", Have = "have",
    Relative = "relative", Whose = "whose", Of = "of", At = "at", Located = "located", Contain = "contain",
    Called = "named", There = "there", It = "it", Other = "other", Most = "most", Least = "least",
    MostAdjective = "most_adjective", LeastAdjective = "least_adjective", MoreAdjective = "more_adjective",
    LessAdjective = "less_adjective", Than = "than", More = "more", Less = "less", AtLeast = "at_least",
    AtMost = "at_most", Exactly = "exactly", No = "no", Without = "without", Not = "not", Except = "except",
    And = "and", Or = "or", Comma = "comma", Total = "total", Together = "together", Average = "average",
    Number = "number", By = "by", Each = "each", Whether = "whether", InUnit = "in_unit", One = "one",
    Thing = "thing", People = "people", ThatOf = "that_of", Live = "live", Passive = "passive", With = "with",
    Owner = "owner", MostOf = "most_of", LeastOf = "least_of", Owned = "owned", Universal = "universal", Lie = "lie",
}

/// The general words and the ways words change.
#[derive(Debug, Default)]
pub struct QuestionWords {
    tags: HashMap<String, Vec<Tag>>,
    longest: usize,
    instead: Vec<(String, String)>,
    numbers: HashMap<String, f64>,
    times: HashMap<String, f64>,
    verb: Vec<(String, String)>,
    verb_doubled: Vec<String>,
    superlative: Vec<(String, String)>,
    comparative: Vec<(String, String)>,
    no_doubling: String,
    irregular: HashMap<String, Vec<String>>,
    irregular_superlative: HashMap<String, Vec<String>>,
    irregular_comparative: HashMap<String, Vec<String>>,
    dimensions: Vec<Dimension>,
    /// For each of them all that speaks of it, between blanks; made when the first question needs it.
    spoken: OnceLock<Vec<Vec<String>>>,
    examples: Vec<(String, String)>,
}

/// A measure as it is usually called and spoken of.
#[derive(Clone, Debug, Default)]
pub struct Dimension {
    /// "population"
    pub noun: String,
    /// "populous"
    pub high: Vec<String>,
    /// "short"
    pub low: Vec<String>,
    /// "people"
    pub units: Vec<String>,
    /// The same where no other measure has them.
    pub otherwise_high: Vec<String>,
    /// The same where no other measure has them.
    pub otherwise_low: Vec<String>,
}

impl QuestionWords {
    /// Reads the data.
    ///
    /// # Errors
    /// What is missing or unknown, with its line.
    pub(crate) fn read(file: &File<'_>) -> Result<Self, LangError> {
        let rows = file.rows();
        let mut words = Self::default();
        for (name, item) in rows.need("words")?.rows()?.entries() {
            let Some(&(_, tag)) = TAGS.iter().find(|(tag, _)| *tag == name) else {
                return Err(item.error(format!("`{name}` is no list of words that questions use")));
            };
            for phrase in item.texts()? {
                words.longest = words.longest.max(phrase.split(' ').count());
                words.tags.entry(phrase).or_default().push(tag);
            }
        }
        for (from, item) in rows.need("instead")?.rows()?.entries() {
            words.instead.push((from.to_owned(), item.text()?.to_owned()));
        }
        words.numbers = numbers(rows, "numbers")?;
        words.times = numbers(rows, "times")?;
        let forms = rows.need("forms")?.rows()?;
        words.verb = endings(forms, "verb")?;
        words.verb_doubled = forms.texts("verb_doubled")?;
        words.superlative = endings(forms, "superlative")?;
        words.comparative = endings(forms, "comparative")?;
        words.no_doubling = forms.text("no_doubling")?.unwrap_or_default();
        words.irregular = irregular(rows, "irregular")?;
        words.irregular_superlative = irregular(rows, "irregular_superlative")?;
        words.irregular_comparative = irregular(rows, "irregular_comparative")?;
        for (noun, item) in rows.need("dimensions")?.rows()?.entries() {
            let item = item.rows()?;
            words.dimensions.push(Dimension {
                noun: noun.to_owned(),
                high: item.texts("high")?,
                low: item.texts("low")?,
                units: item.texts("units")?,
                otherwise_high: item.texts("otherwise_high")?,
                otherwise_low: item.texts("otherwise_low")?,
            });
        }
        for item in rows.need("example")?.list()? {
            let item = item.rows()?;
            words.examples.push((item.need("ask")?.text()?.to_owned(), item.need("reads")?.text()?.to_owned()));
        }
        if words.examples.is_empty() {
            return Err(rows.error("a grammar without examples does not load".to_owned()));
        }
        Ok(words)
    }

    /// The file's examples: questions, and how they are read over the schema of the test.
    #[must_use]
    pub fn examples(&self) -> &[(String, String)] {
        &self.examples
    }

    /// The measures that some words of a line speak of by adjective or unit; `plural` makes the plural of a noun.
    #[must_use]
    pub fn dimensions(&self, tokens: &[String], plural: &dyn Fn(&str) -> String) -> Vec<&Dimension> {
        let line = format!(" {} ", tokens.join(" "));
        let spoken = self.spoken.get_or_init(|| {
            let forms = |dimension| self.spoken_of(dimension, plural).iter().map(|form| format!(" {form} ")).collect();
            self.dimensions.iter().map(forms).collect()
        });
        let named = |forms: &Vec<String>| forms.iter().any(|form| line.contains(form));
        self.dimensions.iter().zip(spoken).filter(|(_, forms)| named(forms)).map(|(dimension, _)| dimension).collect()
    }

    /// Whatever speaks of a measure: its noun, adjectives in all their degrees, units in both numbers.
    fn spoken_of(&self, dimension: &Dimension, plural: &dyn Fn(&str) -> String) -> Vec<String> {
        let mut forms = vec![dimension.noun.clone()];
        let adjectives = dimension.high.iter().chain(&dimension.low);
        for adjective in adjectives.chain(&dimension.otherwise_high).chain(&dimension.otherwise_low) {
            forms.push(adjective.clone());
            forms.extend(self.superlatives(adjective));
            forms.extend(self.comparatives(adjective));
        }
        forms.extend(dimension.units.iter().flat_map(|unit| [unit.clone(), plural(unit)]));
        forms
    }

    /// The words of a line: folded, punctuation apart or gone, short forms in full. `None` when there are more than
    /// a question has.
    #[must_use]
    pub fn tokens(&self, line: &str) -> Option<Vec<String>> {
        if line.len() > LONGEST {
            return None;
        }
        let folded = Key::of(line);
        let mut tokens: Vec<String> = Vec::new();
        for raw in folded.as_str().split(' ') {
            let mut word: String = raw.chars().map(|c| if c == '\u{2019}' { '\'' } else { c }).collect();
            let comma = word.ends_with([',', ';', ':']);
            word = plain(&word);
            if let Some((_, instead)) = self.instead.iter().find(|(from, _)| *from == word) {
                tokens.extend(instead.split(' ').map(str::to_owned));
            } else if let Some(owner) = word.strip_suffix("'s").or_else(|| word.strip_suffix('\'')) {
                if !owner.is_empty() {
                    tokens.push(owner.to_owned());
                    tokens.push("'s".to_owned());
                }
            } else if !word.is_empty() {
                tokens.push(word);
            }
            if comma {
                tokens.push(",".to_owned());
            }
        }
        while tokens.last().is_some_and(|last| last == ",") {
            tokens.pop();
        }
        (!tokens.is_empty() && tokens.len() <= MOST).then_some(tokens)
    }

    /// Whether a line has a word that only questions have.
    #[must_use]
    pub fn asks(&self, line: &str) -> bool {
        let asking = |tag: &Tag| matches!(tag, Tag::Which | Tag::HowMany | Tag::Where);
        self.tokens(line).is_some_and(|tokens| tokens.iter().any(|token| self.tags(token).iter().any(asking)))
    }

    /// Whether a phrase is a general word, or a number.
    #[must_use]
    pub fn is_general(&self, phrase: &str) -> bool {
        !self.tags(phrase).is_empty() || self.number(phrase).is_some()
    }

    pub(super) fn tags(&self, phrase: &str) -> &[Tag] {
        self.tags.get(phrase).map_or(&[], Vec::as_slice)
    }

    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// A number in figures or words.
    pub(super) fn number(&self, word: &str) -> Option<f64> {
        if let Some(number) = self.numbers.get(word) {
            return Some(*number);
        }
        if !word.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return None;
        }
        word.replace(',', "").parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// What a word after a number multiplies it by.
    pub(super) fn times(&self, word: &str) -> Option<f64> {
        self.times.get(word).copied()
    }

    /// All forms of a verb, its first word changed, each with whether it is a participle ("bordering", "bordered").
    fn verb_forms(&self, verb: &str) -> Vec<(String, Form)> {
        let (head, rest) = verb.split_once(' ').map_or((verb, ""), |(head, rest)| (head, rest));
        let mut forms: Vec<(String, Form)> = Vec::new();
        let mut add = |word: String| {
            let form = if word.ends_with("ing") && word != head {
                Form::Ing
            } else if word.ends_with("ed") && word != head {
                Form::Past
            } else {
                Form::Finite
            };
            let phrase = if rest.is_empty() { word } else { format!("{word} {rest}") };
            if !forms.iter().any(|(other, _)| *other == phrase) {
                forms.push((phrase, form));
            }
        };
        for (ending, instead) in &self.verb {
            if let Some(stem) = head.strip_suffix(ending.as_str()) {
                add(format!("{stem}{instead}"));
            }
        }
        if let Some(last) = head.chars().last().filter(|last| !self.no_doubling.contains(*last)) {
            for ending in &self.verb_doubled {
                add(format!("{head}{last}{ending}"));
            }
        }
        for irregular in self.irregular.get(head).into_iter().flatten() {
            add(irregular.clone());
        }
        forms
    }

    fn superlatives(&self, adjective: &str) -> Vec<String> {
        self.degrees(adjective, &self.superlative, &self.irregular_superlative)
    }

    fn comparatives(&self, adjective: &str) -> Vec<String> {
        self.degrees(adjective, &self.comparative, &self.irregular_comparative)
    }

    fn degrees(
        &self,
        adjective: &str,
        endings: &[(String, String)],
        irregular: &HashMap<String, Vec<String>>,
    ) -> Vec<String> {
        let mut forms = irregular.get(adjective).cloned().unwrap_or_default();
        if adjective.contains(' ') {
            return forms;
        }
        for (ending, instead) in endings {
            if let Some(stem) = adjective.strip_suffix(ending.as_str()) {
                forms.push(format!("{stem}{instead}"));
                let doubled = adjective.chars().last().filter(|last| !self.no_doubling.contains(*last));
                if let (true, Some(last)) = (ending.is_empty(), doubled) {
                    forms.push(format!("{stem}{last}{instead}"));
                }
            }
        }
        forms
    }
}

/// The longest line that may be a question, in bytes, and the most words.
const LONGEST: usize = 2048;
const MOST: usize = 64;

/// A word or name without punctuation at its edges and without full stops of abbreviations.
fn plain(word: &str) -> String {
    let edge = |c: char| matches!(c, ',' | ';' | ':' | '?' | '!' | '"' | '(' | ')' | '`' | '.');
    let word = word.trim_matches(edge);
    // "d.c." and "st." lose their points, "2.5" keeps it.
    if word.starts_with(|c: char| c.is_ascii_digit()) { word.to_owned() } else { word.replace('.', "") }
}

/// A name as the words of a line spell it, to look it up by.
#[must_use]
pub fn spelled(name: &str) -> String {
    let folded = Key::of(name);
    let words: Vec<String> = folded
        .as_str()
        .split(' ')
        .map(|word| plain(&word.replace('\u{2019}', "'")))
        .map(|word| word.strip_suffix("'s").map_or(word.clone(), |owner| format!("{owner} 's")))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

fn irregular(rows: Rows<'_, '_>, name: &str) -> Result<HashMap<String, Vec<String>>, LangError> {
    rows.need(name)?.rows()?.entries().map(|(base, item)| Ok((base.to_owned(), item.texts()?))).collect()
}

fn numbers(rows: Rows<'_, '_>, name: &str) -> Result<HashMap<String, f64>, LangError> {
    let mut found = HashMap::new();
    for (word, item) in rows.need(name)?.rows()?.entries() {
        let number = item.plain()?;
        let number = number.parse().map_err(|_| item.error(format!("`{number}` is no number")))?;
        found.insert(word.to_owned(), number);
    }
    Ok(found)
}

fn endings(rows: Rows<'_, '_>, name: &str) -> Result<Vec<(String, String)>, LangError> {
    let item = rows.need(name)?;
    item.list()?
        .into_iter()
        .map(|pair| match pair.texts()?.as_slice() {
            [ending, instead] => Ok((ending.clone(), instead.clone())),
            _ => Err(pair.error("an ending and what takes its place are expected".to_owned())),
        })
        .collect()
}

/// A verb's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// "border", "borders".
    Finite,
    /// "bordering".
    Ing,
    /// "bordered".
    Past,
    /// "bordered by".
    Passive,
}

/// What a word of the field can be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sense {
    /// A class.
    Noun { class: ClassId, plural: bool, loose: bool },
    /// "the capital (of x)": from x to it.
    Relational { link: Link, plural: bool },
    /// From the subject to the object.
    Verb { link: Link, form: Form },
    /// The same without its last word, which stands elsewhere ("through which it runs").
    VerbHead { link: Link, particle: String },
    /// "x is in y": from x to y.
    Preposition { link: Link },
    /// "long".
    Adjective { relation: RelationId, high: bool },
    /// "longest".
    Superlative { relation: RelationId, high: bool },
    /// "longer".
    Comparative { relation: RelationId, high: bool },
    /// "people".
    Unit { relation: RelationId },
}

/// The words of a schema in all their forms.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    senses: HashMap<String, Vec<Sense>>,
    longest: usize,
    /// What verbs end in, and what may stand elsewhere: "through".
    particles: HashSet<String>,
}

impl Lexicon {
    /// Makes all forms of a schema's words; `plural` makes the plural of a noun.
    #[must_use]
    pub fn new(words: &QuestionWords, schema: &Schema, plural: &dyn Fn(&str) -> String) -> Self {
        let mut lexicon = Self::default();
        lexicon.extend(words, schema, (0, 0), plural);
        lexicon
    }

    /// Takes in the classes and relations from these places on.
    pub fn extend(
        &mut self,
        words: &QuestionWords,
        schema: &Schema,
        from: (usize, usize),
        plural: &dyn Fn(&str) -> String,
    ) {
        for (class, described) in schema.classes.iter().enumerate().skip(from.0) {
            let nouns = described.nouns.iter().map(|noun| (noun, false));
            for (noun, loose) in nouns.chain(described.loose_nouns.iter().map(|noun| (noun, true))) {
                self.add(noun, Sense::Noun { class, plural: false, loose });
                self.add(&plural(noun), Sense::Noun { class, plural: true, loose });
            }
        }
        for (relation, described) in schema.relations.iter().enumerate().skip(from.1) {
            let forward = Link { relation, forward: true };
            let nouns = described.nouns.iter().map(|noun| (noun, forward));
            for (noun, link) in nouns.chain(described.inverse_nouns.iter().map(|noun| (noun, forward.back()))) {
                self.add(noun, Sense::Relational { link, plural: false });
                self.add(&plural(noun), Sense::Relational { link, plural: true });
            }
            let verbs = described.verbs.iter().map(|verb| (verb, forward));
            for (verb, link) in verbs.chain(described.inverse_verbs.iter().map(|verb| (verb, forward.back()))) {
                self.add_verb(words, verb, link);
            }
            let prepositions = described.prepositions.iter().map(|word| (word, forward));
            let inverse = described.inverse_prepositions.iter().map(|word| (word, forward.back()));
            for (word, link) in prepositions.chain(inverse) {
                self.add(word, Sense::Preposition { link });
            }
            let high = described.high.iter().map(|word| (word, true));
            for (adjective, high) in high.chain(described.low.iter().map(|word| (word, false))) {
                self.add(adjective, Sense::Adjective { relation, high });
                for form in words.superlatives(adjective) {
                    self.add(&form, Sense::Superlative { relation, high });
                }
                for form in words.comparatives(adjective) {
                    self.add(&form, Sense::Comparative { relation, high });
                }
            }
            for unit in &described.units {
                self.add(unit, Sense::Unit { relation });
                self.add(&plural(unit), Sense::Unit { relation });
            }
            if described.range == Range::Number && !described.units.is_empty() {
                for unit in described.units.clone() {
                    for phrase in words.tags.iter().filter(|(_, tags)| tags.contains(&Tag::Number)).map(|(p, _)| p) {
                        self.add(&format!("{phrase} {unit}"), Sense::Relational { link: forward, plural: false });
                        let many = format!("{phrase} {}", plural(&unit));
                        self.add(&many, Sense::Relational { link: forward, plural: false });
                    }
                }
            }
        }
    }

    fn add_verb(&mut self, words: &QuestionWords, verb: &str, link: Link) {
        for (phrase, form) in words.verb_forms(verb) {
            if let Some((head, particle)) = phrase.rsplit_once(' ') {
                self.particles.insert(particle.to_owned());
                self.add(head, Sense::VerbHead { link, particle: particle.to_owned() });
            }
            if form == Form::Past || words.irregular.values().any(|forms| forms.contains(&phrase)) {
                for by in words.tags.iter().filter(|(_, tags)| tags.contains(&Tag::Passive)).map(|(by, _)| by) {
                    if !by.contains(' ') {
                        self.add(&format!("{phrase} {by}"), Sense::Verb { link: link.back(), form: Form::Passive });
                    }
                }
            }
            self.add(&phrase, Sense::Verb { link, form });
        }
    }

    fn add(&mut self, phrase: &str, sense: Sense) {
        let phrase = spelled(phrase);
        if phrase.is_empty() {
            return;
        }
        self.longest = self.longest.max(phrase.split(' ').count());
        let senses = self.senses.entry(phrase).or_default();
        if !senses.contains(&sense) {
            senses.push(sense);
        }
    }

    pub(super) fn senses(&self, phrase: &str) -> &[Sense] {
        self.senses.get(phrase).map_or(&[], Vec::as_slice)
    }

    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    pub(super) fn is_particle(&self, word: &str) -> bool {
        self.particles.contains(word)
    }
}

/// The relations whose prepositions are among the general words for being somewhere.
pub(super) fn places(words: &QuestionWords, schema: &Schema) -> Vec<RelationId> {
    let is_at = |phrase: &String| words.tags(phrase).contains(&Tag::At);
    let all = schema.relations.iter().enumerate();
    let places: HashSet<RelationId> =
        all.filter(|(_, relation)| relation.prepositions.iter().any(is_at)).map(|(at, _)| at).collect();
    let mut places: Vec<RelationId> = places.into_iter().collect();
    places.sort_unstable();
    places
}
