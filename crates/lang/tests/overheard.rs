//! What passive mode would keep of real channels, measured against lines that a person judged.
//!
//! Old infobots kept nearly every line with "is" in it, and 94% of that was rubbish. The lines themselves stay
//! where they are, beside the repository, since real people said them; here are only their numbers and whether a
//! line tells something that is worth asking for later: 300 of those with "is" or "are" drawn by lot, and all that
//! look like definitions.

// Tests may read files and load the data once for all; only the crate itself is pure.
#![allow(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::{Known, heard, language};
use quid_core::Intent;

/// File, line from 1, and `keep` or `no`.
const LABELS: &str = include_str!("overheard/labels.tsv");
/// Of what is kept, the least share that must be worth it, in hundredths.
const PRECISION: usize = 90;

fn labels() -> BTreeMap<(&'static str, usize), bool> {
    let read = |line: &'static str| {
        let mut parts = line.split('\t');
        let (file, number, label) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        Some(((file, number), label == "keep"))
    };
    LABELS.lines().map(|line| read(line).unwrap_or_else(|| panic!("{line:?} is no label"))).collect()
}

#[test]
fn what_is_kept_of_real_channels_is_worth_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/chat");
    if !folder.is_dir() {
        println!("skipped: no real channel lines are at hand");
        return;
    }
    let (language, known, labels) = (language(), Known::default(), labels());
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("it can be read").flatten().collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    // The same definition said again is no second success.
    let mut seen = BTreeSet::new();
    let (mut lines, mut worth, mut rubbish, mut missed) = (0, Vec::new(), Vec::new(), 0);
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        let text = std::fs::read(file.path()).expect("it can be read");
        for (number, line) in String::from_utf8_lossy(&text).lines().enumerate() {
            let Some((_, said)) = line.split_once('<').and_then(|(_, rest)| rest.split_once("> ")) else { continue };
            lines += 1;
            let label = labels.get(&(name.as_str(), number + 1)).copied();
            let place = format!("{name}:{}", number + 1);
            match language.understand(&heard(said, false, true), "quid", &known).intent {
                Intent::Overheard(kept) => {
                    if seen.insert((kept.subject.to_lowercase(), kept.value.to_lowercase())) {
                        // What nobody judged counts as rubbish, so that it is looked at.
                        let list = if label == Some(true) { &mut worth } else { &mut rubbish };
                        list.push(format!("{place} ({})", label.map_or("not judged", |_| "judged")));
                    }
                }
                _ => missed += usize::from(label == Some(true)),
            }
        }
    }
    let kept = worth.len() + rubbish.len();
    println!(
        "{lines} lines, {kept} different definitions kept, {} of them worth it; {missed} lines worth it not kept",
        worth.len()
    );
    assert!(kept > 0, "nothing is kept, so nothing was measured");
    assert!(worth.len() * 100 >= kept * PRECISION, "not worth it: {rubbish:#?}");
}

#[test]
fn three_hundred_lines_and_more_were_judged() {
    let labels = labels();
    assert!(labels.len() >= 300 && labels.values().any(|keep| *keep) && labels.values().any(|keep| !keep));
}
