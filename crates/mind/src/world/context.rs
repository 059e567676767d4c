//! How well a sense fits the words around it: by its gloss, its class's gloss, those of its neighbours, by vectors.
//!
//! Words of the context found around a sense are few; vectors also see that "bank" beside "deposit" is about money.
//! The weights are data, fitted on one half of WordNet's own example sentences and measured on the other.

use std::collections::BTreeSet;

use quid_core::Key;
use quid_core::oxrdf::Term;
use quid_core::vocabulary::HYPERNYM;
use quid_logic::Halt;

use super::Asked;
use super::lexicon::Sense;

/// The words around one that is looked at.
pub(super) struct Context {
    /// All of them together.
    vector: Vec<f32>,
    /// Each that says something.
    words: Vec<Vec<f32>>,
    /// Their base forms.
    stems: Vec<String>,
}

/// Words of the context whose likeness to the gloss counts: the nearest.
const NEAREST: usize = 3;
/// Words of the context that are looked at.
const MOST_WORDS: usize = 48;
/// Neighbours of a sense whose glosses are read.
const NEIGHBOURS: usize = 8;

impl Asked<'_> {
    /// The context that these words make for one of them; `None` where there are no vectors, or too few words.
    pub(super) fn context(&self, word: &Key, text: &str) -> Option<Context> {
        let around: Vec<String> = text
            .split(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '-')
            .filter(|one| !one.is_empty() && self.stem(one) != word.as_str())
            .take(MOST_WORDS)
            .map(str::to_owned)
            .collect();
        let vector = (self.world.vector)(&around.join(" "));
        let content = self.world.language.content_words(&around.join(" "));
        let words = content.iter().map(|one| (self.world.vector)(one)).filter(|one| !is_zero(one)).collect();
        let stems = content.iter().map(|one| self.stem(one)).collect();
        (!is_zero(&vector)).then_some(Context { vector, words, stems })
    }

    /// How well a sense fits a context, in the measure of [`Asked::rank`]'s weights.
    pub(super) fn fits(&self, sense: &Sense, context: &Context, without: &[&str]) -> Result<f64, Halt> {
        let near = |text: &str| likeness(&(self.world.vector)(text), &context.vector);
        let mut fit = 0.0;
        let gloss = self.gloss(&sense.synset)?.map(|(gloss, _)| gloss).unwrap_or_default();
        fit += self.weight("sense_gloss") * near(&gloss);
        let classes: Vec<Term> = self.above(&sense.synset)?.iter().map(|fact| fact.object.clone()).collect();
        let mut of_class = 0.0_f64;
        for class in classes.iter().take(NEIGHBOURS) {
            if let Some((gloss, _)) = self.gloss(class)? {
                of_class = of_class.max(near(&gloss));
            }
        }
        fit += self.weight("sense_class_gloss") * of_class;
        let (mut sum, mut count) = (0.0, 0_u32);
        for other in self.neighbours(&sense.synset, &classes)? {
            if let Some((gloss, _)) = self.gloss(&other)? {
                sum += near(&gloss);
                count += 1;
            }
        }
        fit += self.weight("sense_neighbours") * sum / f64::from(count.max(1));
        fit += self.weight("sense_words") * self.word_by_word(&gloss, context);
        if !without.is_empty() {
            let mut around = BTreeSet::new();
            let mut texts: Vec<String> = self.examples(&sense.synset)?;
            texts.retain(|text| !without.contains(&text.as_str()));
            texts.push(gloss);
            texts.extend(self.lemmas(&sense.synset)?);
            for class in classes.iter().take(NEIGHBOURS) {
                texts.extend(self.lemmas(class)?);
            }
            for text in texts {
                around.extend(self.world.language.content_words(&text).iter().map(|word| self.stem(word)));
            }
            let hits: BTreeSet<&String> = context.stems.iter().filter(|stem| around.contains(*stem)).collect();
            fit += self.weight("sense_overlap") * f64::from(u32::try_from(hits.len()).unwrap_or(u32::MAX));
        }
        Ok(fit)
    }

    /// The likeness of the words of the context to those of a gloss nearest to them, of the nearest few.
    fn word_by_word(&self, gloss: &str, context: &Context) -> f64 {
        let told: Vec<Vec<f32>> =
            self.world.language.content_words(gloss).iter().map(|word| (self.world.vector)(word)).collect();
        if told.is_empty() || context.words.is_empty() {
            return 0.0;
        }
        let mut best: Vec<f64> = context
            .words
            .iter()
            .map(|word| told.iter().map(|other| likeness(word, other)).fold(f64::NEG_INFINITY, f64::max))
            .collect();
        best.sort_by(|one, other| other.total_cmp(one));
        best.truncate(NEAREST);
        best.iter().sum::<f64>() / best.len() as f64
    }

    /// What stands beside a synset in its lexicon, its classes aside.
    fn neighbours(&self, synset: &Term, classes: &[Term]) -> Result<Vec<Term>, Halt> {
        let mut found: Vec<Term> = Vec::new();
        let is_other = |term: &Term, found: &[Term]| {
            matches!(term, Term::NamedNode(_)) && !classes.contains(term) && !found.contains(term)
        };
        for fact in self.memo.few(Some(synset), None, None, 4 * NEIGHBOURS)? {
            if found.len() < NEIGHBOURS && is_other(&fact.object, &found) {
                found.push(fact.object);
            }
        }
        for fact in self.memo.few(None, Some(HYPERNYM), Some(synset), NEIGHBOURS)? {
            let below = Term::from(fact.subject);
            if found.len() < NEIGHBOURS && is_other(&below, &found) {
                found.push(below);
            }
        }
        Ok(found)
    }

    /// What a word means in a sentence, the likely sense first.
    pub(super) fn meant(
        &self,
        word: &str,
        kind: Option<char>,
        sentence: &str,
        without: &[&str],
    ) -> Result<Vec<(Term, f64)>, Halt> {
        let key = Key::of(word);
        let context = self.context(&key, sentence);
        let mut found: Vec<(Term, f64)> = Vec::new();
        for sense in self.senses(&key)? {
            if kind.is_some_and(|kind| sense.part_of_speech() != kind) {
                continue;
            }
            let common = self.weight("sense_prior_in_context") * f64::from(sense.tags).ln_1p();
            let mut score = common - self.weight("sense_place") * f64::from(sense.number.min(20));
            if let Some(context) = &context {
                score += self.fits(&sense, context, without)?;
            }
            found.push((sense.synset, score));
        }
        found.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.to_string().cmp(&other.0.to_string())));
        Ok(found)
    }
}

fn is_zero(vector: &[f32]) -> bool {
    vector.iter().all(|value| *value == 0.0)
}

fn likeness(one: &[f32], other: &[f32]) -> f64 {
    f64::from(one.iter().zip(other).map(|(one, other)| one * other).sum::<f32>())
}
