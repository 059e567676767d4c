//! Removes most of what is stored by keeping the rest: quicker by far than taking out quad after quad.
//!
//! The engine spells every term of a quad before it removes it, some thirty microseconds each, but forgets
//! everything in an instant. So what stays is written beside the store, durably; then the store is emptied and
//! filled again from there. A sweep that is cut short is finished at the next start, from the same file.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;

use oxigraph::io::{RdfFormat, RdfParser, RdfSerializer};
use oxigraph::store::Store;
use quid_core::oxrdf::{NamedNode, NamedOrBlankNode};

use crate::{StoreError, backing, journal::sync_directory};

/// What stays, complete.
const KEPT: &str = "kept.nq";
/// The same, while it is written.
const KEEPING: &str = "kept.nq.new";
/// From so many quads on a sweep is worth it.
const LEAST: u64 = 200_000;
/// So many times as many must go as stay.
const TIMES: u64 = 2;

/// Whether removing `gone` quads and keeping `kept` is better done by a sweep.
pub(crate) fn is_better(gone: u64, kept: u64) -> bool {
    gone >= LEAST && gone / TIMES >= kept
}

/// Removes whole graphs.
pub(crate) fn sweep(store: &Store, home: &Path, gone: &[NamedNode]) -> Result<(), StoreError> {
    let path = home.join(KEEPING);
    let failed = || StoreError::file(format!("file {}", path.display()));
    let file = File::create(&path).map_err(failed())?;
    let mut writer = RdfSerializer::from_format(RdfFormat::NQuads).for_writer(BufWriter::new(file));
    for graph in store.named_graphs() {
        let graph = graph.map_err(StoreError::engine("reading the store"))?;
        if matches!(&graph, NamedOrBlankNode::NamedNode(name) if gone.contains(name)) {
            continue;
        }
        for quad in store.quads_for_pattern(None, None, None, Some(graph.as_ref().into())) {
            let quad = quad.map_err(StoreError::engine("reading the store"))?;
            writer.serialize_quad(&quad).map_err(failed())?;
        }
    }
    let mut out = writer.finish().map_err(failed())?;
    out.flush().and_then(|()| out.get_ref().sync_all()).map_err(failed())?;
    fs::rename(&path, home.join(KEPT)).map_err(failed())?;
    sync_directory(home)?;
    refill(store, home)
}

/// Finishes a sweep that was cut short.
pub(crate) fn finish(store: &Store, home: &Path) -> Result<(), StoreError> {
    // One that was not complete yet had changed nothing.
    let _ = fs::remove_file(home.join(KEEPING));
    if home.join(KEPT).exists() {
        tracing::warn!("finishing a removal that was cut short");
        refill(store, home)?;
    }
    Ok(())
}

/// Empties the store and fills it with what stays.
fn refill(store: &Store, home: &Path) -> Result<(), StoreError> {
    let path = home.join(KEPT);
    let failed = || StoreError::file(format!("file {}", path.display()));
    let file = File::open(&path).map_err(failed())?;
    store.clear().map_err(StoreError::engine("emptying the store"))?;
    let mut broken = None;
    let quads =
        RdfParser::from_format(RdfFormat::NQuads).for_reader(BufReader::new(file)).map_while(|quad| match quad {
            Ok(quad) => Some(quad),
            Err(why) => {
                broken = Some(why.to_string());
                None
            }
        });
    let mut loader = store.bulk_loader();
    loader.load_quads(quads).map_err(StoreError::engine("filling the store again"))?;
    if let Some(why) = broken {
        return Err(StoreError::damaged(format!("file {}: {why}", path.display())));
    }
    loader.commit().map_err(StoreError::engine("filling the store again"))?;
    backing::settle(store).map_err(StoreError::engine("settling the store"))?;
    backing::flush(store).map_err(StoreError::engine("making the removal durable"))?;
    fs::remove_file(&path).map_err(failed())?;
    sync_directory(home)
}

#[cfg(test)]
mod tests {
    use quid_core::oxrdf::{BlankNode, Literal, Quad, Triple};

    use super::*;

    #[test]
    fn what_stays_stays_as_it_is_and_a_cut_sweep_is_finished() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new().expect("in memory");
        let node = |name: &str| NamedNode::new_unchecked(format!("urn:x:{name}"));
        let odd = Triple::new(node("s"), node("p"), Literal::new_simple_literal("a\n\"b\"\t\u{1f600}"));
        let kept = [
            odd.clone().in_graph(node("kept")),
            Quad::new(BlankNode::new_unchecked("b7"), node("p"), odd, node("kept")),
            Quad::new(node("a"), node("p"), BlankNode::new_unchecked("b7"), node("other")),
        ];
        let gone: Vec<Quad> =
            (0..50).map(|n| Quad::new(node("s"), node("p"), node(&n.to_string()), node("gone"))).collect();
        for quad in kept.iter().chain(&gone) {
            store.insert(quad).expect("stored");
        }
        let check = || {
            assert_eq!(store.len().expect("counted"), kept.len());
            assert!(kept.iter().all(|quad| store.contains(quad).expect("read")));
        };
        sweep(&store, folder.path(), &[node("gone")]).expect("swept");
        check();
        assert!(!store.contains_named_graph(&node("gone")).expect("read"));
        // Cut short after the store was emptied.
        let mut text = Vec::new();
        let mut writer = RdfSerializer::from_format(RdfFormat::NQuads).for_writer(&mut text);
        for quad in &kept {
            writer.serialize_quad(quad).expect("written");
        }
        writer.finish().expect("written");
        fs::write(folder.path().join(KEPT), text).expect("written");
        fs::write(folder.path().join(KEEPING), "half").expect("written");
        store.clear().expect("emptied");
        finish(&store, folder.path()).expect("finished");
        check();
        assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 0, "nothing is left behind");
        finish(&store, folder.path()).expect("nothing to do");
        check();
    }
}
