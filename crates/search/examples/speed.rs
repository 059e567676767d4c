//! How fast the index is: loading, opening, searching, noting.
//!
//! A number in the docs comes with the command that made it; this is that command:
//! `cargo run --release -p quid-search --example speed -- 1000000`

use std::sync::Arc;
use std::time::{Duration, Instant};

use quid_core::oxrdf::{Literal, Quad};
use quid_core::ports::Of;
use quid_core::vocabulary::{DEFINITION, IDENTIFIER, IS, LABEL};
use quid_core::{Audience, Key, Place, Recall, Scope, Source, Vectors};
use quid_search::Index;

/// A small generator of our own (xorshift): the same documents in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Words as frequent as in a language: the n-th about 1/n as often as the first (Zipf).
    fn word(&mut self) -> String {
        let octaves = self.below(17);
        let rank = (1 << octaves) + self.below(1 << octaves);
        let syllables =
            ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "pla", "gri", "stre", "cho", "qui", "dwe"];
        let mut word = String::new();
        let mut left = rank;
        while left > 0 {
            word.push_str(syllables[usize::try_from(left % 16).expect("it is below 16")]);
            left /= 16;
        }
        word
    }

    fn sentence(&mut self, words: usize) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

/// Vectors that stand in for a table's: made of a hash of each word.
struct Hashed;

impl Vectors for Hashed {
    fn dimensions(&self) -> usize {
        128
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; 128];
        for word in text.split(' ') {
            let start = word.bytes().fold(1_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
            let mut chance = Chance(start | 1);
            for value in &mut vector {
                *value += chance.below(2_001) as f32 - 1_000.0;
            }
        }
        vector
    }

    fn relation(&self, _: &str) -> Option<Vec<f32>> {
        None
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let documents: u64 = std::env::args().nth(1).map_or(Ok(100_000), |number| number.parse())?;
    let directory = tempfile::tempdir()?;
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let graph = Source::Dump("synthetic".to_owned()).graph();
    let vectors: Arc<dyn Vectors> = Arc::new(Hashed);
    let index = Index::open_with(directory.path(), Some(vectors.clone()))?;

    let started = Instant::now();
    let mut bulk = index.bulk()?;
    for number in 0..documents {
        let thing = Key::of(&format!("{} {number}", chance.word())).thing();
        // Of a dump's quads about one in eight carries text.
        for _ in 0..6 {
            bulk.add(&Quad::new(thing.clone(), IDENTIFIER, Literal::new_simple_literal("code"), graph.clone()))?;
        }
        let (predicate, text) =
            if number % 2 == 0 { (LABEL, chance.sentence(2)) } else { (DEFINITION, chance.sentence(12)) };
        bulk.add(&Quad::new(thing, predicate, Literal::new_simple_literal(text), graph.clone()))?;
    }
    bulk.finish(0)?;
    println!("load {documents} documents among {} quads: {:.1?}", documents * 7, started.elapsed());
    drop(index);

    let started = Instant::now();
    let index = Index::open_with(directory.path(), Some(vectors))?;
    println!("open: {:.1?}", started.elapsed());

    let ann = Audience { name: "ann".to_owned(), place: Place::Private };
    measure("recall five words", || index.recall(&chance.sentence(5), &ann, 10).map(|hits| hits.len()))?;
    let started = Instant::now();
    index.nearest(&index.vector(&chance.word()), Of::All, &ann, 10)?;
    println!("nearest, the first time: {:.1?}", started.elapsed());
    measure("nearest to five words", || {
        index.nearest(&index.vector(&chance.sentence(5)), Of::All, &ann, 50).map(|hits| hits.len())
    })?;
    measure("names like", || index.names_like(&chance.sentence(2), &ann, 5).map(|names| names.len()))?;
    measure("names from", || index.names_from(&chance.word(), &ann, 20).map(|names| names.len()))?;
    let mut seq = 0;
    measure("note one fact", || {
        seq += 1;
        let graph = Source::Said { seq, scope: Scope::Private("ann".to_owned()) }.graph();
        let thing = Key::of(&chance.sentence(2)).thing();
        let fact = Quad::new(thing, IS, Literal::new_simple_literal(chance.sentence(6)), graph);
        index.note(seq, &[fact], &[]).map(|()| 1)
    })?;
    measure("recall five words among hidden and waiting facts", || {
        index.recall(&chance.sentence(5), &ann, 10).map(|hits| hits.len())
    })?;
    Ok(())
}

fn measure<E>(what: &str, mut act: impl FnMut() -> Result<usize, E>) -> Result<(), E> {
    let mut times = Vec::new();
    let mut found = 0;
    for _ in 0..1_000 {
        let started = Instant::now();
        found += act()?;
        times.push(started.elapsed());
    }
    times.sort();
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or(Duration::ZERO);
    println!(
        "{what}: p50 {:.1?}, p99 {:.1?}, longest {:.1?} ({found} found)",
        at(50),
        at(99),
        at(100).max(*times.last().unwrap_or(&Duration::ZERO))
    );
    Ok(())
}
