//! Measures the store alone: loads N-Quads as the program loads a dump, without its text index.
//!
//! `take_in DIRECTORY FILE.nq`: beside it, `oxigraph load --location DIRECTORY2 --file FILE.nq` does the same work.
//! The file is best one of `quid export NAME --format nquads`, whose graphs are sources.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Instant;

use oxigraph::io::{RdfFormat, RdfParser};
use quid_core::oxrdf::{GraphName, NamedNode, Quad};
use quid_core::{Source, Time};
use quid_store::{Intake, Keeper, NewSource, Part};

/// Quads handed from thread to thread at once, as the program does.
const BATCH: usize = 8192;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(directory), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("take_in DIRECTORY FILE.nq".into());
    };
    std::fs::create_dir_all(&directory)?;
    let keeper = Keeper::open(Path::new(&directory))?;
    let begun = Instant::now();
    let (sender, parts) = sync_channel(8);
    let reading = std::thread::spawn(move || read(&file, &sender).map_err(|error| error.to_string()));
    let at = Time::from_micros(0);
    let intake = Intake { name: "measured", key: "measured", at, resumed: false };
    let count = keeper.take_in(&intake, &mut parts.into_iter(), &mut || Ok(0))?;
    reading.join().map_err(|_| "reading ended in a panic")??;
    println!("{count} quads in {:.2} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// Reads the file into parts; each of its graphs becomes a source below the dump.
fn read(file: &str, parts: &SyncSender<Result<Part, String>>) -> Result<(), Box<dyn std::error::Error>> {
    let mut sources: HashMap<GraphName, (NamedNode, String, u64)> = HashMap::new();
    let mut batch = Vec::with_capacity(BATCH);
    for quad in RdfParser::from_format(RdfFormat::NQuads).for_reader(BufReader::new(File::open(file)?)) {
        let quad = quad?;
        let number = sources.len();
        if !sources.contains_key(&quad.graph_name) {
            let name = format!("measured/{number}");
            let graph = Source::Dump(name.clone()).graph();
            let source = NewSource { name: name.clone(), title: name.clone(), licence: String::new() };
            parts.send(Ok(Part::Source(source)))?;
            sources.insert(quad.graph_name.clone(), (graph, name, 0));
        }
        let Some((graph, _, count)) = sources.get_mut(&quad.graph_name) else { continue };
        *count += 1;
        batch.push(Quad { graph_name: graph.clone().into(), ..quad });
        if batch.len() == BATCH {
            parts.send(Ok(Part::Quads(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))))?;
        }
    }
    parts.send(Ok(Part::Quads(batch)))?;
    let counts = sources.into_values().map(|(_, name, count)| (name, count)).collect();
    parts.send(Ok(Part::End { key: "measured".to_owned(), counts, files: Vec::new() }))?;
    Ok(())
}
