//! Ends a query wherever it is, when its time or its memory is used up or somebody stops it.
//!
//! The evaluator looks at its own stop sign only when it reads the store, not while it joins, sorts, counts or
//! removes duplicates. But whatever it does, it copies, compares and hashes terms, and the terms are ours
//! ([`crate::dataset::Shared`]): each such touch counts here, and when the query is over, it leaves from within by
//! unwinding its thread's stack up to [`guarded`]. Everything it held is dropped on the way. No panic message is
//! printed, since nothing is wrong. The same touches count how many terms are held at once, which bounds memory.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// After so many touches the clock is looked at. One touch can go with a scan of a table of some millions, so not
/// many more.
const TOUCHES: u32 = 16;
/// After so many looks at the clock the whole process's memory is looked at.
const LOOKS: u32 = 1024;
/// So much the process may grow for other reasons, in bytes.
const ROOM: usize = 1 << 30;
/// What a term in a row costs, beside what the row's variables cost, in bytes.
const HANDLE: usize = 32;

/// Why a query was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Its time is over.
    Time,
    /// It holds too much.
    Memory,
    /// It was stopped from outside.
    Stopped,
    /// A computed text is too long.
    Text,
}

/// How much a query may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    pub(crate) until: Instant,
    pub(crate) bytes: usize,
}

struct Meter {
    on: Cell<bool>,
    touches: Cell<u32>,
    looks: Cell<u32>,
    /// Terms held in rows now.
    handles: Cell<usize>,
    /// What one of them costs.
    each: Cell<usize>,
    /// Bytes of the texts held now.
    bytes: Cell<usize>,
    /// Bytes of what is gathered, and not given back one by one.
    gathered: Cell<usize>,
    most: Cell<usize>,
    /// The process's memory when it was first looked at; 0 before that. A short query never looks.
    began: Cell<usize>,
    until: Cell<Option<Instant>>,
}

thread_local! {
    static METER: Meter = const {
        Meter {
            on: Cell::new(false),
            touches: Cell::new(0),
            looks: Cell::new(0),
            handles: Cell::new(0),
            each: Cell::new(HANDLE),
            bytes: Cell::new(0),
            gathered: Cell::new(0),
            most: Cell::new(0),
            began: Cell::new(0),
            until: Cell::new(None),
        }
    };
    static STOP: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// How many queries are running, for sharing the process's memory among them.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Runs `work`, which ends early when the allowance is used up or `stop` is raised. What it wrote outside itself
/// before that stays.
pub(crate) fn guarded<T>(allowance: Allowance, stop: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> Result<T, Halt> {
    let _on = On::start(allowance, stop);
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => Ok(done),
        Err(payload) => match payload.downcast::<Halt>() {
            Ok(halt) => Err(*halt),
            // A fault of its own; whoever catches panics tells of it.
            Err(other) => resume_unwind(other),
        },
    }
}

/// How much time the running query has left; `None` where none is running.
pub(crate) fn left() -> Option<Duration> {
    METER.with(|meter| {
        let until = meter.until.get().filter(|_| meter.on.get());
        until.map(|until| until.saturating_duration_since(Instant::now()))
    })
}

/// How many bytes the running query may hold at most; `None` where none is running.
pub(crate) fn room() -> Option<usize> {
    METER.with(|meter| meter.on.get().then(|| meter.most.get()))
}

/// Switches the meter off again, whichever way the work ends.
struct On;

impl On {
    fn start(allowance: Allowance, stop: &Arc<AtomicBool>) -> Self {
        RUNNING.fetch_add(1, Ordering::Relaxed);
        METER.with(|meter| {
            meter.touches.set(0);
            meter.looks.set(0);
            meter.handles.set(0);
            meter.each.set(HANDLE);
            meter.bytes.set(0);
            meter.gathered.set(0);
            meter.most.set(allowance.bytes);
            meter.began.set(0);
            meter.until.set(Some(allowance.until));
            meter.on.set(true);
        });
        STOP.with(|slot| *slot.borrow_mut() = Some(Arc::clone(stop)));
        Self
    }
}

impl Drop for On {
    fn drop(&mut self) {
        METER.with(|meter| meter.on.set(false));
        STOP.with(|slot| *slot.borrow_mut() = None);
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A query whose rows have so many columns begins.
pub(crate) fn wide(columns: usize) {
    METER.with(|meter| meter.each.set(HANDLE + columns.saturating_mul(4)));
}

/// A term is looked at.
pub(crate) fn touch() {
    METER.with(|meter| {
        let touches = meter.touches.get().wrapping_add(1);
        meter.touches.set(touches);
        if touches.is_multiple_of(TOUCHES) && meter.on.get() {
            look(meter);
        }
    });
}

/// A term is held once more.
pub(crate) fn hold() {
    more();
    touch();
}

/// A term is held once more, and the query goes on.
pub(crate) fn more() {
    METER.with(|meter| meter.handles.set(meter.handles.get().wrapping_add(1)));
}

/// A term is held once less. Never ends the query, since it may be ending already.
pub(crate) fn release() {
    METER.with(|meter| meter.handles.set(meter.handles.get().saturating_sub(1)));
}

/// So many bytes are held more.
pub(crate) fn take(bytes: usize) {
    METER.with(|meter| meter.bytes.set(meter.bytes.get().saturating_add(bytes)));
}

/// So many bytes are held until the query ends.
pub(crate) fn gather(bytes: usize) {
    METER.with(|meter| meter.gathered.set(meter.gathered.get().saturating_add(bytes)));
    check();
}

/// So many bytes are held less.
pub(crate) fn give(bytes: usize) {
    METER.with(|meter| meter.bytes.set(meter.bytes.get().saturating_sub(bytes)));
}

/// Looks at the clock now, whatever was counted: before something that takes long.
pub(crate) fn check() {
    METER.with(|meter| {
        if meter.on.get() {
            look(meter);
        }
    });
}

/// Whether the query is over, for those who must end in their own way.
pub(crate) fn is_over() -> bool {
    METER.with(|meter| meter.on.get() && over(meter).is_some())
}

/// Ends the query.
pub(crate) fn end(halt: Halt) -> ! {
    resume_unwind(Box::new(halt))
}

fn look(meter: &Meter) {
    if let Some(halt) = over(meter) {
        end(halt);
    }
}

fn over(meter: &Meter) -> Option<Halt> {
    if meter.until.get().is_some_and(|until| Instant::now() >= until) {
        return Some(Halt::Time);
    }
    if STOP.with(|stop| stop.borrow().as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))) {
        return Some(Halt::Stopped);
    }
    let texts = meter.bytes.get().saturating_add(meter.gathered.get());
    let held = texts.saturating_add(meter.handles.get().saturating_mul(meter.each.get()));
    if held > meter.most.get() {
        return Some(Halt::Memory);
    }
    let looks = meter.looks.get().wrapping_add(1);
    meter.looks.set(looks);
    if looks.is_multiple_of(LOOKS) {
        // What the evaluator holds beside terms (keys, sums) is not counted; the process as a whole is.
        let queries = RUNNING.load(Ordering::Relaxed) + 1;
        let most = meter.most.get().saturating_mul(queries).saturating_add(ROOM);
        let now = resident();
        match meter.began.get() {
            0 => meter.began.set(now),
            began if now.saturating_sub(began) > most => return Some(Halt::Memory),
            _ => {}
        }
    }
    None
}

/// The process's memory in bytes; 0 where the system does not say.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default();
    pages.saturating_mul(4096)
}

/// What is held on this thread now, for tests: terms and bytes.
#[cfg(test)]
pub(crate) fn held() -> (usize, usize) {
    METER.with(|meter| (meter.handles.get(), meter.bytes.get()))
}

impl Allowance {
    /// From now on.
    pub(crate) fn new(time: Duration, bytes: usize) -> Self {
        let now = Instant::now();
        // A time that no clock can tell is no limit, and a year is as good as that.
        let until = now.checked_add(time).unwrap_or(now + Duration::from_hours(24 * 365));
        Self { until, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin() {
        loop {
            touch();
        }
    }

    #[test]
    fn whatever_touches_terms_is_ended() {
        let stop = Arc::new(AtomicBool::new(false));
        let short = Allowance::new(Duration::from_millis(20), 1 << 20);
        assert_eq!(guarded(short, &stop, spin), Err(Halt::Time));
        let long = Allowance::new(Duration::from_mins(1), 1 << 20);
        assert_eq!(
            guarded(long, &stop, || loop {
                hold();
            }),
            Err(Halt::Memory)
        );
        assert_eq!(guarded(long, &stop, || 7), Ok(7));
        let raised = Arc::clone(&stop);
        let other = std::thread::spawn(move || raised.store(true, Ordering::Relaxed));
        assert_eq!(guarded(long, &stop, spin), Err(Halt::Stopped));
        other.join().expect("it only raises a flag");
    }

    #[test]
    fn a_fault_is_no_end() {
        let stop = Arc::new(AtomicBool::new(false));
        let long = Allowance::new(Duration::from_mins(1), 1 << 20);
        let fault = catch_unwind(AssertUnwindSafe(|| guarded(long, &stop, || resume_unwind(Box::new("a fault")))));
        assert!(fault.is_err());
        assert!(!METER.with(|meter| meter.on.get()), "the meter is off afterwards");
    }
}
