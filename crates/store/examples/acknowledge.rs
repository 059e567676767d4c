//! Measures a durable acknowledgement against the disk's bare `fdatasync`.
//!
//! `acknowledge DIRECTORY [TIMES] [FACTS]`: learns FACTS facts first (from many threads, so in groups), then TIMES
//! facts one at a time, and prints the medians. A group commit helps many; this is about one who waits.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use quid_core::{
    Act, Audience, Change, Memory, Place, Rights, Scope, Speaker, Time,
    oxrdf::{Literal, Triple},
    text::Key,
    vocabulary as v,
};
use quid_store::Keeper;

const THREADS: usize = 256;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("which directory? (on the disk to be measured)")?;
    let directory = Path::new(&directory);
    let times: u64 = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let facts: u64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    std::fs::create_dir_all(directory)?;
    println!("bare fdatasync of 500 bytes: median {:?}", bare(directory, times)?);
    let keeper = Keeper::open(&directory.join("home"))?;
    let first = keeper.last_seq();
    if facts > 0 {
        let (begun, next) = (Instant::now(), AtomicU64::new(first));
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    while next.fetch_add(1, Ordering::Relaxed) < first + facts {
                        keeper.commit(numbered(next.load(Ordering::Relaxed))).expect("the disk takes it");
                    }
                });
            }
        });
        println!("learned {facts} facts from {THREADS} threads in {:?}", begun.elapsed());
    }
    let mut taken = Vec::new();
    for number in 0..times {
        let begun = Instant::now();
        keeper.commit(numbered(1 << 40 | number | first << 20))?;
        taken.push(begun.elapsed());
    }
    println!("acknowledged after {} facts: median {:?}", keeper.last_seq() - times, median(&mut taken));
    println!("bare fdatasync again: median {:?}", bare(directory, times)?);
    let reader = Audience { name: "ann".to_owned(), place: Place::Global };
    let mut taken = Vec::new();
    for number in 0..1000 {
        let thing = Key::of(&format!("fact {}", number * 7 + 1)).thing();
        let begun = Instant::now();
        keeper.facts(&reader).all(Some(&thing.into()), Some(v::IS), None, 10)?;
        taken.push(begun.elapsed());
    }
    println!("facts of one subject: median {:?}", median(&mut taken));
    drop(keeper);
    let begun = Instant::now();
    drop(Keeper::open(&directory.join("home"))?);
    println!("opened in {:?}", begun.elapsed());
    Ok(())
}

fn bare(directory: &Path, times: u64) -> std::io::Result<Duration> {
    let path = directory.join("bare");
    let mut file = File::create(&path)?;
    let mut taken = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        file.write_all(&[b'x'; 500])?;
        file.sync_data()?;
        taken.push(begun.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(median(&mut taken))
}

fn median(taken: &mut [Duration]) -> Duration {
    taken.sort_unstable();
    taken.get(taken.len() / 2).copied().unwrap_or_default()
}

fn numbered(number: u64) -> Change {
    let subject = format!("fact {number}");
    let thing = Key::of(&subject).thing();
    Change {
        act: Act::Learn,
        by: Speaker { nick: "learner".to_owned(), account: None, rights: Rights::Everyone },
        place: Place::Global,
        at: Time::from_micros(1_780_000_000_000_000),
        line: format!("{subject} is number {number}"),
        scope: Scope::Global,
        learned: vec![
            Triple::new(thing.clone(), v::LABEL, Literal::new_simple_literal(&subject)),
            Triple::new(thing.clone(), v::IS, Literal::new_simple_literal(format!("number {number}"))),
        ],
        added: Vec::new(),
        removed: Vec::new(),
        about: vec![thing],
        undoes: None,
        guard: None,
    }
}
