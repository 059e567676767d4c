//! Learns numbered facts and prints the number of each acknowledged one, until it is killed.
//!
//! The crash test kills it at random moments and counts what is left: `learner HOME FIRST [THREADS]`.

use std::{
    io::Write,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use quid_core::{
    Act, Change, Memory, Place, Rights, Scope, Speaker, Time,
    oxrdf::{Literal, Triple},
    text::Key,
    vocabulary as v,
};
use quid_store::Keeper;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let home = arguments.next().ok_or("which home?")?;
    let first: u64 = arguments.next().ok_or("from which number?")?.parse()?;
    let threads: usize = arguments.next().map_or(Ok(8), |text| text.parse())?;
    let keeper = Keeper::open(Path::new(&home))?;
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    match keeper.commit(numbered(number)) {
                        Ok(receipt) => {
                            let mut out = std::io::stdout().lock();
                            if writeln!(out, "{number} {}", receipt.seq).and_then(|()| out.flush()).is_err() {
                                return;
                            }
                        }
                        Err(why) => {
                            eprintln!("{number}: {why}");
                            return;
                        }
                    }
                }
            });
        }
    });
    Ok(())
}

/// "fact 17 is number 17", in three triples, so that half of it could be seen.
fn numbered(number: u64) -> Change {
    let subject = format!("fact {number}");
    let thing = Key::of(&subject).thing();
    let value = format!("number {number}");
    Change {
        act: Act::Learn,
        by: Speaker { nick: "learner".to_owned(), account: None, rights: Rights::Everyone },
        place: Place::Global,
        at: Time::from_micros(1_780_000_000_000_000),
        line: format!("{subject} is {value}"),
        scope: Scope::Global,
        learned: vec![
            Triple::new(thing.clone(), v::LABEL, Literal::new_simple_literal(&subject)),
            Triple::new(thing.clone(), v::IS, Literal::new_simple_literal(&value)),
            Triple::new(thing.clone(), v::SUB_CLASS_OF, Key::of(&value).thing()),
        ],
        added: Vec::new(),
        removed: Vec::new(),
        about: vec![thing],
        undoes: None,
        guard: None,
    }
}
