//! Reads what can be read of a damaged journal.
//!
//! Every line carries a SHA-256 of itself, so a single damaged byte is not only noticed but found and set right:
//! of all lines that differ in one byte, one has that hash. What is damaged worse is kept as far as it can be
//! read; what cannot is left to be filled from the store, which has applied it.

use std::collections::BTreeMap;

use quid_core::Record;

use crate::record::{self, NO_HASH};

/// In lines up to this length every byte is tried with every value (about a second at most).
const EVERY_VALUE: usize = 4096;
/// In lines up to this length every bit is tried.
const EVERY_BIT: usize = 16 * 1024;

/// What was found in a journal.
#[derive(Default)]
pub(crate) struct Salvaged {
    /// The records that could be read, by number.
    pub(crate) records: BTreeMap<u64, Record>,
    /// The highest number that was ever given, as far as the journal shows.
    pub(crate) last: u64,
    /// Whether the file is the journal as it was written, byte for byte.
    pub(crate) whole: bool,
    /// What was found, in sentences.
    pub(crate) notes: Vec<String>,
}

/// Reads a journal's bytes.
pub(crate) fn read(bytes: &[u8]) -> Salvaged {
    let mut found = Salvaged { whole: true, ..Salvaged::default() };
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let unfinished = lines.pop().unwrap_or_default();
    if !unfinished.is_empty() {
        found.whole = false;
        found.notes.push(format!("the journal ends in an unfinished line of {} bytes", unfinished.len()));
    }
    let seals: Vec<Option<u64>> = lines.iter().map(|line| record::verify(line).map(|seal| seal.seq)).collect();
    let (mut at, mut next, mut prev) = (0, 1, NO_HASH.to_owned());
    while let Some(&line) = lines.get(at) {
        if let Some(seal) = record::verify(line).filter(|seal| seal.seq == next) {
            if seal.prev != prev {
                found.whole = false;
                found.notes.push(format!("record {next} did not follow the one before it; it was kept"));
            }
            seal.hash.clone_into(&mut prev);
            found.keep(line, next);
            at += 1;
            next += 1;
            continue;
        }
        found.whole = false;
        // The damaged region ends before the next line that is whole and further on.
        let end = (at + 1..lines.len())
            .find(|index| seals.get(*index).copied().flatten().is_some_and(|seq| seq > next))
            .unwrap_or(lines.len());
        let region = lines.get(at..end).unwrap_or_default();
        let until = seals.get(end).copied().flatten();
        let mended = mend(&region.join(&b'\n'), next, &prev, until);
        if let Some(mended) = mended {
            for line in &mended {
                found
                    .notes
                    .push(format!("record {next} had one damaged byte, which was found by its hash and set right"));
                if let Some(seal) = record::read_seal(line) {
                    seal.hash.clone_into(&mut prev);
                }
                found.keep(line, next);
                next += 1;
            }
        } else {
            for line in region {
                let text = String::from_utf8_lossy(line);
                if let Ok(record) = record::read(text.as_bytes())
                    && record.seq >= next
                    && until.is_none_or(|until| record.seq < until)
                {
                    found.notes.push(format!("record {} was altered; it was kept as it can be read now", record.seq));
                    next = record.seq + 1;
                    found.last = found.last.max(record.seq);
                    found.records.insert(record.seq, record);
                }
            }
            let unread = region.len() as u64;
            next = until.unwrap_or_else(|| next.max(found.last + 1).max(at as u64 + unread + 1));
            found.last = found.last.max(next - 1);
            // What follows cannot be compared with what is gone.
            if let Some(seal) = lines.get(end).and_then(|line| record::read_seal(line)) {
                seal.prev.clone_into(&mut prev);
            }
        }
        at = end;
    }
    found
}

impl Salvaged {
    fn keep(&mut self, line: &[u8], seq: u64) {
        self.last = self.last.max(seq);
        match record::read(line) {
            Ok(record) => {
                self.records.insert(seq, record);
            }
            Err(why) => {
                self.whole = false;
                self.notes.push(format!("record {seq} cannot be understood: {why}"));
            }
        }
    }
}

/// The lines a region was before one of its bytes was damaged; `None` when more was.
fn mend(region: &[u8], seq: u64, prev: &str, until: Option<u64>) -> Option<Vec<Vec<u8>>> {
    let fits = |line: &[u8], seq: u64, prev: &str| {
        record::read_seal(line).is_some_and(|seal| seal.seq == seq && seal.prev == prev)
            && record::verify(line).is_some()
    };
    // The newline between two lines was the damaged byte.
    for at in 1..region.len().saturating_sub(1) {
        if region.get(at - 1) == Some(&b'}') && region.get(at + 1) == Some(&b'{') {
            let (one, other) = (region.get(..at)?, region.get(at + 1..)?);
            if fits(one, seq, prev) && fits(other, seq + 1, record::read_seal(one)?.hash) {
                return Some(vec![one.to_vec(), other.to_vec()]);
            }
        }
    }
    if until.is_some_and(|until| until != seq + 1) {
        return None;
    }
    // A flipped bit is the most likely and the cheapest to find; any other value of a byte comes after.
    let flips: Vec<u8> = (0..8).map(|bit| 1 << bit).collect();
    let others: Vec<u8> = (1..=u8::MAX).filter(|mask| !mask.is_power_of_two()).collect();
    let mut line = region.to_vec();
    for (masks, longest) in [(flips, EVERY_BIT), (others, EVERY_VALUE)] {
        if line.len() > longest {
            break;
        }
        for at in 0..line.len() {
            for mask in &masks {
                *line.get_mut(at)? ^= mask;
                if fits(&line, seq, prev) {
                    return Some(vec![line]);
                }
                *line.get_mut(at)? ^= mask;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use quid_core::{Act, Place, Rights, Scope, Speaker, Time};

    use super::*;

    fn journal() -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut starts, mut prev) = (Vec::new(), Vec::new(), NO_HASH.to_owned());
        for seq in 1..=5 {
            let record = Record {
                seq,
                act: Act::Setting,
                by: Speaker { nick: "ann".to_owned(), account: None, rights: Rights::Owner },
                place: Place::Global,
                at: Time::from_micros(0),
                line: format!("line {seq}"),
                scope: Scope::Global,
                added: Vec::new(),
                removed: Vec::new(),
                about: Vec::new(),
                undoes: None,
            };
            let sealed = record::seal(&record, &prev).expect("sealed");
            starts.push(bytes.len());
            bytes.extend_from_slice(&sealed.bytes);
            prev = sealed.hash;
        }
        (bytes, starts)
    }

    #[test]
    fn one_damaged_byte_anywhere_is_set_right() {
        let (whole, starts) = journal();
        assert!(read(&whole).whole);
        let before: Vec<Record> = read(&whole).records.into_values().collect();
        // Bytes all over the third line, its newline included.
        let (from, to) = (starts[2], starts[3]);
        for at in (from..to).step_by(29).chain(to - 3..to) {
            for flip in [0x01, 0x80] {
                let mut damaged = whole.clone();
                damaged[at] ^= flip;
                let found = read(&damaged);
                assert!(!found.whole, "byte {at} flipped by {flip:#x}");
                let records: Vec<Record> = found.records.into_values().collect();
                assert_eq!(records, before, "byte {at} flipped by {flip:#x}: {:?}", found.notes);
            }
        }
    }

    #[test]
    fn a_byte_that_became_any_other_is_set_right() {
        let (whole, starts) = journal();
        let mut damaged = whole.clone();
        damaged[starts[2] + 9] = 0xc3;
        let found = read(&damaged);
        assert_eq!(found.records.len(), 5, "{:?}", found.notes);
        assert_eq!(found.records, read(&whole).records);
    }

    #[test]
    fn what_is_damaged_worse_leaves_a_gap_and_no_more() {
        let (whole, starts) = journal();
        let numbers = |bytes: &[u8]| {
            let found = read(bytes);
            assert!(!found.whole);
            (found.records.into_keys().collect::<Vec<_>>(), found.last)
        };
        let mut blanked = whole.clone();
        blanked[starts[1] + 4..starts[1] + 40].fill(b'x');
        assert_eq!(numbers(&blanked), (vec![1, 3, 4, 5], 5));
        let mut gone = whole.clone();
        gone.drain(starts[1]..starts[3]);
        assert_eq!(numbers(&gone), (vec![1, 4, 5], 5));
        assert_eq!(numbers(&whole[..starts[4] + 7]), (vec![1, 2, 3, 4], 4));
        let mut last = whole.clone();
        last[starts[4] + 4..starts[4] + 40].fill(b'x');
        assert_eq!(numbers(&last), (vec![1, 2, 3, 4], 5));
        let text = String::from_utf8(whole).expect("text");
        let altered = text.replace("line 2", "LINE two").into_bytes();
        assert_eq!(numbers(&altered), (vec![1, 2, 3, 4, 5], 5));
    }
}
