//! Texts are found by their meaning from the moment they are taught, as long as they stand, and by nobody else than
//! those who may see them: before and after a commit, after undoing, after a load, and after opening again.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use quid_core::oxrdf::{Literal, NamedNode, Quad};
use quid_core::ports::Of;
use quid_core::vocabulary::{DEFINITION, IS, LABEL};
use quid_core::{Audience, Key, Place, Recall, Scope, Source, Vectors};
use quid_search::{Index, SearchError};

/// A table of two kinds of words: of animals and of machines.
struct Toy(u64);

impl Vectors for Toy {
    fn version(&self) -> u64 {
        self.0
    }

    fn dimensions(&self) -> usize {
        3
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let mut vector = [0.0_f32; 3];
        for word in text.to_lowercase().split(' ') {
            match word {
                "cat" | "dog" | "beast" => vector[0] += 1.0,
                "car" | "engine" => vector[1] += 1.0,
                "big" => vector[2] += 0.5,
                _ => {}
            }
        }
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        vector.iter().map(|value| value / length).collect()
    }

    fn knows(&self, text: &str) -> bool {
        self.vector(text).iter().any(|value| *value > 0.0)
    }

    fn relation(&self, _: &str) -> Option<Vec<f32>> {
        None
    }
}

fn toy() -> Arc<dyn Vectors> {
    Arc::new(Toy(1))
}

fn said(seq: u64, scope: Scope, name: &str, text: &str) -> Quad {
    let graph = Source::Said { seq, scope }.graph();
    Quad::new(Key::of(name).thing(), IS.into_owned(), Literal::new_simple_literal(text), graph)
}

fn find(index: &Index, who: &str, place: Place, words: &str, of: Of) -> String {
    let audience = Audience { name: who.to_owned(), place };
    let hits = index.nearest(&index.vector(words), of, &audience, 9).unwrap();
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score), "{hits:?}");
    hits.into_iter().filter(|hit| hit.score > 0.5).map(|hit| hit.text).collect::<Vec<_>>().join("|")
}

fn texts(index: &Index, words: &str) -> String {
    find(index, "ann", Place::Private, words, Of::Texts)
}

#[test]
fn what_is_taught_is_found_until_it_is_taken_back() {
    let index = Index::in_memory_with(Some(toy())).unwrap();
    let tom = said(1, Scope::Global, "tom", "a cat");
    let herbie = said(2, Scope::Global, "herbie", "a car");
    let secret = said(3, Scope::Private("ann".to_owned()), "rex", "a big dog");
    for commits in [false, true] {
        for (seq, quad) in (1..).zip([&tom, &herbie, &secret]) {
            index.note(seq, std::slice::from_ref(quad), &[]).unwrap();
        }
        if commits {
            index.flush().unwrap();
            assert_eq!(index.rows().unwrap(), 3);
        }
        assert_eq!(texts(&index, "beast"), "a cat|a big dog", "{commits}");
        assert_eq!(find(&index, "bob", Place::Private, "beast", Of::Texts), "a cat", "what is ann's is not bob's");
        assert_eq!(find(&index, "ann", Place::Channel("#a".to_owned()), "beast", Of::Texts), "a cat");
        assert_eq!(texts(&index, "engine"), "a car");
        assert_eq!(texts(&index, "xyzzy"), "", "nothing is near to what is not known");
        index.note(4, &[], std::slice::from_ref(&tom)).unwrap();
        assert_eq!(texts(&index, "beast"), "a big dog", "{commits}");
        index.flush().unwrap();
        assert_eq!(texts(&index, "beast"), "a big dog", "{commits}");
    }
}

#[test]
fn names_are_told_from_texts_and_other_languages_are_left_out() {
    let index = Index::in_memory_with(Some(toy())).unwrap();
    let graph = Source::Dump("d".to_owned()).graph();
    let node = NamedNode::new_unchecked("http://example.org/1");
    let mut bulk = index.bulk().unwrap();
    for (predicate, text) in [
        (LABEL, Literal::new_simple_literal("cat")),
        (LABEL, Literal::new_language_tagged_literal_unchecked("car", "fr")),
        (DEFINITION, Literal::new_language_tagged_literal_unchecked("a big beast", "en")),
    ] {
        bulk.add(&Quad::new(node.clone(), predicate.into_owned(), text, graph.clone())).unwrap();
    }
    bulk.finish(0).unwrap();
    for (of, words, expected) in [
        (Of::Names, "dog", "cat"),
        (Of::Texts, "dog", "a big beast"),
        (Of::All, "dog", "cat|a big beast"),
        (Of::All, "engine", ""),
    ] {
        assert_eq!(find(&index, "ann", Place::Private, words, of), expected, "{of:?} {words}");
    }
    index.drop_graph(&graph).unwrap();
    assert_eq!(find(&index, "ann", Place::Private, "dog", Of::All), "");
}

#[test]
fn an_index_made_with_other_vectors_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let index = Index::open_with(directory.path(), Some(toy())).unwrap();
    index.note(1, &[said(1, Scope::Global, "tom", "a cat")], &[]).unwrap();
    drop(index);
    let again = Index::open_with(directory.path(), Some(toy())).unwrap();
    assert_eq!(texts(&again, "dog"), "a cat", "it lasts");
    drop(again);
    for other in [Some(Arc::new(Toy(2)) as Arc<dyn Vectors>), None] {
        assert!(matches!(Index::open_with(directory.path(), other), Err(SearchError::Damaged { .. })));
    }
}

#[test]
fn without_vectors_nothing_is_near() {
    let index = Index::in_memory().unwrap();
    index.note(1, &[said(1, Scope::Global, "tom", "a cat")], &[]).unwrap();
    assert_eq!(index.vector("cat"), Vec::<f32>::new());
    assert_eq!(texts(&index, "cat"), "");
    assert_eq!(index.rows().unwrap(), 0);
    let odd = [f32::NAN, 1.0, f32::INFINITY];
    let audience = Audience { name: "ann".to_owned(), place: Place::Private };
    for vector in [&odd[..], &[], &[0.0; 999]] {
        assert!(index.nearest(vector, Of::All, &audience, usize::MAX).unwrap().is_empty());
    }
}
