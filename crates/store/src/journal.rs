//! The journal: append-only JSON Lines, the truth of what was taught.
//!
//! A record is acknowledged only after `fdatasync`; everything else can be made again from this file. Where
//! each record ends is kept in a file beside it (derived, made again when it does not fit), so that the
//! millionth record is read as fast as the first and opening does not scan.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, RwLock},
};

use quid_core::Record;

use crate::{
    StoreError,
    record::{self, NO_HASH, Seal},
};

/// How much of the journal's end is verified when it is opened.
const VERIFIED_TAIL: u64 = 2 << 20;
/// How much is read at a time when the journal is scanned.
const CHUNK: usize = 1 << 20;

/// The name of the journal in the home.
pub(crate) const JOURNAL: &str = "journal.jsonl";
/// The name of the file that says where each record ends: little-endian u64.
pub(crate) const ENDS: &str = "journal.ends";

/// Reads the journal; many threads at once.
pub(crate) struct Journal {
    medium: Medium,
    /// Where each acknowledged record ends, by number from 1.
    ends: RwLock<Vec<u64>>,
}

enum Medium {
    Disk { file: Mutex<File>, path: PathBuf },
    Memory(Mutex<Vec<u8>>),
}

/// Appends to the journal; there is one, in the writer's thread.
pub(crate) struct Appender {
    file: Option<File>,
    ends: Option<File>,
    /// The length of what is acknowledged.
    length: u64,
    /// Why nothing can be written any more.
    broken: Option<String>,
    /// Makes the n-th next write fail, for tests.
    #[cfg(test)]
    pub(crate) fail_after: Option<usize>,
}

impl Journal {
    /// Opens the journal of a home without changing it. What stands after the last newline is not part of it.
    pub(crate) fn open(home: &Path) -> Result<(Self, Appender), StoreError> {
        let path = home.join(JOURNAL);
        let failed = || StoreError::file(format!("journal {}", path.display()));
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(failed())?;
        sync_directory(home)?;
        let length = finished_length(&mut file, &path)?;
        let ends_path = home.join(ENDS);
        let ends = match read_ends(&ends_path, &mut file, length).map_err(failed())? {
            Some(ends) => ends,
            None => {
                let ends = scan_ends(&mut file, 0).map_err(failed())?;
                write_ends(&ends_path, &ends)?;
                ends
            }
        };
        let ends_file = OpenOptions::new()
            .append(true)
            .open(&ends_path)
            .map_err(StoreError::file(format!("file {}", ends_path.display())))?;
        let journal = Self {
            medium: Medium::Disk { file: Mutex::new(file.try_clone().map_err(failed())?), path: path.clone() },
            ends: RwLock::new(ends),
        };
        if let Err(why) = journal.verify_tail(length) {
            // Before the journal is called damaged: perhaps only the file beside it is.
            if !journal.find_ends_again()? {
                return Err(why);
            }
            write_ends(&ends_path, &journal.ends.read().unwrap_or_else(PoisonError::into_inner))?;
            journal.verify_tail(length)?;
        }
        let appender = Appender {
            file: Some(file),
            ends: Some(ends_file),
            length,
            broken: None,
            #[cfg(test)]
            fail_after: None,
        };
        Ok((journal, appender))
    }

    /// A journal in memory, for tests.
    pub(crate) fn in_memory() -> (Self, Appender) {
        let journal = Self { medium: Medium::Memory(Mutex::default()), ends: RwLock::default() };
        let appender = Appender {
            file: None,
            ends: None,
            length: 0,
            broken: None,
            #[cfg(test)]
            fail_after: None,
        };
        (journal, appender)
    }

    /// The number of the last acknowledged record; 0 for none.
    pub(crate) fn last(&self) -> u64 {
        self.ends.read().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    /// The line of that number without its newline; `None` when there is no such record.
    pub(crate) fn line(&self, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(index) = seq.checked_sub(1).and_then(|index| usize::try_from(index).ok()) else {
            return Ok(None);
        };
        let (start, end) = {
            let ends = self.ends.read().unwrap_or_else(PoisonError::into_inner);
            let Some(&end) = ends.get(index) else { return Ok(None) };
            (index.checked_sub(1).and_then(|before| ends.get(before).copied()).unwrap_or(0), end)
        };
        let mut line = self.bytes(start, end)?;
        // A byte that should be the newline and is not is left in its place, where the seal will not fit it.
        line.pop_if(|byte| *byte == b'\n');
        Ok(Some(line))
    }

    /// The record of that number, its seal verified.
    pub(crate) fn record(&self, seq: u64) -> Result<Option<Record>, StoreError> {
        let Some(mut line) = self.line(seq)? else { return Ok(None) };
        if record::verify(&line).is_none_or(|seal| seal.seq != seq)
            && self.find_ends_again()?
            && let Some(again) = self.line(seq)?
        {
            line = again;
        }
        let sealed = record::verify(&line).ok_or_else(|| damaged(seq, "it was changed since it was written"))?;
        if sealed.seq != seq {
            return Err(damaged(seq, &format!("number {} stands in its place", sealed.seq)));
        }
        record::read(&line).map(Some).map_err(|why| damaged(seq, &why))
    }

    /// The hash of the record of that number; that of nothing for 0.
    pub(crate) fn hash(&self, seq: u64) -> Result<String, StoreError> {
        if seq == 0 {
            return Ok(NO_HASH.to_owned());
        }
        let line = self.line(seq)?.ok_or_else(|| damaged(seq, "it is not there"))?;
        let seal = record::verify(&line).ok_or_else(|| damaged(seq, "it was changed since it was written"))?;
        Ok(seal.hash.to_owned())
    }

    /// Verifies the chain of the records from `first` to the end and visits their seals; the first fault ends it.
    pub(crate) fn verify_from(&self, first: u64) -> Result<(), StoreError> {
        let last = self.last();
        let mut prev = self.hash(first.saturating_sub(1))?;
        for seq in first.max(1)..=last {
            let line = self.line(seq)?.ok_or_else(|| damaged(seq, "it is not there"))?;
            match record::verify(&line) {
                Some(Seal { seq: number, prev: before, hash }) if number == seq && before == prev => {
                    hash.clone_into(&mut prev);
                }
                Some(Seal { seq: number, .. }) if number != seq => {
                    return Err(damaged(seq, &format!("number {number} stands in its place")));
                }
                Some(_) => return Err(damaged(seq, "it does not follow the one before it")),
                None => return Err(damaged(seq, "it was changed since it was written")),
            }
        }
        Ok(())
    }

    /// Makes records known that were written and committed.
    pub(crate) fn publish(&self, ends: &[u64]) {
        self.ends.write().unwrap_or_else(PoisonError::into_inner).extend_from_slice(ends);
    }

    /// Looks for the ends of the records in the journal itself; whether they were not where they were thought.
    fn find_ends_again(&self) -> Result<bool, StoreError> {
        let Medium::Disk { file, path } = &self.medium else { return Ok(false) };
        let mut ends = self.ends.write().unwrap_or_else(PoisonError::into_inner);
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = scan_ends(&mut file, 0).map_err(StoreError::file(format!("journal {}", path.display())))?;
        // What the writer has appended beyond is not acknowledged yet.
        found.truncate(found.partition_point(|end| Some(end) <= ends.last()));
        let different = found.len() == ends.len() && *ends != found;
        if different {
            tracing::warn!("the index of the journal did not fit and was made again");
            *ends = found;
        }
        Ok(different)
    }

    fn bytes(&self, start: u64, end: u64) -> Result<Vec<u8>, StoreError> {
        let size = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        match &self.medium {
            Medium::Memory(bytes) => {
                let bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
                let start = usize::try_from(start).unwrap_or(usize::MAX);
                Ok(bytes.get(start..start.saturating_add(size)).unwrap_or_default().to_vec())
            }
            Medium::Disk { file, path } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let mut bytes = vec![0; size];
                file.seek(SeekFrom::Start(start))
                    .and_then(|_| file.read_exact(&mut bytes))
                    .map_err(StoreError::file(format!("journal {}", path.display())))?;
                Ok(bytes)
            }
        }
    }

    /// Verifies as many of the last records as fit the tail, and at least the last one.
    fn verify_tail(&self, length: u64) -> Result<(), StoreError> {
        let last = self.last();
        if last == 0 {
            return Ok(());
        }
        let first = {
            let ends = self.ends.read().unwrap_or_else(PoisonError::into_inner);
            let from = length.saturating_sub(VERIFIED_TAIL);
            (ends.partition_point(|end| *end <= from) as u64 + 1).min(last)
        };
        self.verify_from(first)
    }
}

impl Appender {
    /// Appends lines and makes them durable. On failure nothing of them remains.
    pub(crate) fn append(&mut self, journal: &Journal, bytes: &[u8]) -> Result<(), StoreError> {
        if let Some(why) = &self.broken {
            return Err(broken(why));
        }
        let written = self.try_append(journal, bytes);
        if let Err(why) = written {
            self.cut_back(journal, &why.to_string());
            return Err(StoreError::File { what: "journal: nothing was learned".to_owned(), why });
        }
        Ok(())
    }

    /// Takes back the lines appended last: they could not be committed.
    pub(crate) fn cut_back(&mut self, journal: &Journal, why: &str) {
        let cut = match (&self.file, &journal.medium) {
            (Some(file), _) => file.set_len(self.length).and_then(|()| file.sync_data()),
            (None, Medium::Memory(bytes)) => {
                let length = usize::try_from(self.length).unwrap_or(usize::MAX);
                bytes.lock().unwrap_or_else(PoisonError::into_inner).truncate(length);
                Ok(())
            }
            (None, Medium::Disk { .. }) => Ok(()),
        };
        if let Err(also) = cut {
            self.broken = Some(format!("{why}; and it could not be cut back: {also}"));
        }
    }

    /// Cuts off an unfinished last line. It was never acknowledged: the store, which knows every acknowledged
    /// record, must have been compared with the journal before.
    pub(crate) fn cut_unfinished(&mut self) -> Result<(), StoreError> {
        let Some(file) = &self.file else { return Ok(()) };
        let failed = || StoreError::file("journal: cutting off an unfinished line");
        let length = file.metadata().map_err(failed())?.len();
        if length > self.length {
            tracing::warn!(
                "an unfinished last line of {} bytes was cut off the journal; it was never acknowledged",
                length - self.length
            );
            file.set_len(self.length).and_then(|()| file.sync_data()).map_err(failed())?;
        }
        Ok(())
    }

    /// Refuses every further write: what the disk holds is not known any more.
    pub(crate) fn stop(&mut self, why: &str) {
        self.broken = Some(why.to_owned());
    }

    /// The lines appended last are there to stay; where each of them ends.
    pub(crate) fn keep(&mut self, ends: &[u64]) {
        if let Some(&end) = ends.last() {
            self.length = end;
        }
        if let Some(file) = &mut self.ends {
            let bytes: Vec<u8> = ends.iter().flat_map(|end| end.to_le_bytes()).collect();
            // Derived: when this fails the next start makes it again.
            if let Err(why) = file.write_all(&bytes) {
                tracing::warn!("journal index: {why}");
                self.ends = None;
            }
        }
    }

    /// Where the acknowledged records end.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    fn try_append(&mut self, journal: &Journal, bytes: &[u8]) -> std::io::Result<()> {
        #[cfg(test)]
        if let Some(left) = &mut self.fail_after {
            if *left == 0 {
                self.fail_after = None;
                if let (Some(file), Some(half)) = (&mut self.file, bytes.get(..bytes.len() / 2)) {
                    file.write_all(half)?;
                }
                return Err(std::io::Error::from(std::io::ErrorKind::StorageFull));
            }
            *left -= 1;
        }
        match (&mut self.file, &journal.medium) {
            (Some(file), _) => {
                file.write_all(bytes)?;
                if let Err(why) = file.sync_data() {
                    // After a failed sync the system may believe the pages clean: no later sync can be trusted.
                    self.broken = Some(format!("the disk refused to sync: {why}"));
                    return Err(why);
                }
            }
            (None, Medium::Memory(kept)) => {
                kept.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            }
            (None, Medium::Disk { .. }) => {}
        }
        Ok(())
    }
}

fn broken(why: &str) -> StoreError {
    StoreError::File {
        what: "journal: no more writing until the next start".to_owned(),
        why: std::io::Error::other(why.to_owned()),
    }
}

fn damaged(seq: u64, why: &str) -> StoreError {
    StoreError::damaged(format!("record {seq} of the journal: {why}"))
}

/// Where the last newline ends.
fn finished_length(file: &mut File, path: &Path) -> Result<u64, StoreError> {
    let failed = || StoreError::file(format!("journal {}", path.display()));
    let mut end = file.metadata().map_err(failed())?.len();
    let mut chunk = vec![0; 4096];
    while end > 0 {
        let start = end.saturating_sub(chunk.len() as u64);
        let size = usize::try_from(end - start).unwrap_or(chunk.len());
        let part = chunk.get_mut(..size).expect("a chunk is never longer than its buffer");
        file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(part)).map_err(failed())?;
        if let Some(newline) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + newline as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// Reads where the records end and fits it to the journal's length; `None` when it cannot be right.
fn read_ends(path: &Path, journal: &mut File, length: u64) -> std::io::Result<Option<Vec<u64>>> {
    let Ok(bytes) = std::fs::read(path) else { return Ok(None) };
    let (numbers, rest) = bytes.as_chunks::<8>();
    let mut ends: Vec<u64> = numbers.iter().map(|number| u64::from_le_bytes(*number)).collect();
    let known = ends.len();
    while ends.last().is_some_and(|end| *end > length) {
        ends.pop();
    }
    if !ends.is_sorted_by(|one, next| one < next) {
        return Ok(None);
    }
    let from = ends.last().copied().unwrap_or(0);
    let more = scan_ends(journal, from)?;
    // The record before the seam and the last one must carry the numbers that their places say.
    let seam = ends.len();
    ends.extend_from_slice(&more);
    for place in [seam, ends.len()] {
        if place > 0 && number_at(journal, &ends, place)? != Some(place as u64) {
            return Ok(None);
        }
    }
    if !rest.is_empty() || known != ends.len() {
        return Ok(write_ends(path, &ends).is_ok().then_some(ends));
    }
    Ok(Some(ends))
}

fn number_at(journal: &mut File, ends: &[u64], place: usize) -> std::io::Result<Option<u64>> {
    let Some(&end) = place.checked_sub(1).and_then(|index| ends.get(index)) else { return Ok(None) };
    let start = place.checked_sub(2).and_then(|index| ends.get(index)).copied().unwrap_or(0);
    let mut line = vec![0; usize::try_from(end - start).unwrap_or(0)];
    journal.seek(SeekFrom::Start(start))?;
    journal.read_exact(&mut line)?;
    line.pop();
    Ok(record::read_seal(&line).map(|seal| seal.seq))
}

/// Finds every newline after `from`.
pub(crate) fn scan_ends(file: &mut File, from: u64) -> std::io::Result<Vec<u64>> {
    let mut ends = Vec::new();
    let mut chunk = vec![0; CHUNK];
    let mut at = from;
    file.seek(SeekFrom::Start(from))?;
    loop {
        let size = file.read(&mut chunk)?;
        if size == 0 {
            return Ok(ends);
        }
        let part = chunk.get(..size).unwrap_or_default();
        for (index, byte) in part.iter().enumerate() {
            if *byte == b'\n' {
                ends.push(at + index as u64 + 1);
            }
        }
        at += size as u64;
    }
}

/// Writes where the records end.
pub(crate) fn write_ends(path: &Path, ends: &[u64]) -> Result<(), StoreError> {
    let bytes: Vec<u8> = ends.iter().flat_map(|end| end.to_le_bytes()).collect();
    std::fs::write(path, bytes).map_err(StoreError::file(format!("file {}", path.display())))
}

/// Makes a directory's entries durable: a new file's name is not, by the file's own sync.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), StoreError> {
    let failed = StoreError::file(format!("directory {}", directory.display()));
    if cfg!(unix) { File::open(directory).and_then(|file| file.sync_all()).map_err(failed) } else { Ok(()) }
}
