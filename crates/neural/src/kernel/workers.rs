//! How many threads work on a product, and how the work is handed out.
//!
//! Threads steal pieces from each other and sleep when there is none: where the machine is busy and a helper is
//! never scheduled, the asker does the work itself. Nothing waits in a loop at a barrier, which on a busy host costs a
//! hundred times what it saves.

use pulp::Arch;
use rayon::prelude::*;

use crate::problem::{Problem, Result};

/// Below so many weights a second thread costs more than it brings.
const WORTH_A_SECOND: u64 = 50_000_000;

/// More than so many share the way to memory, on the machines that people have.
const MOST: usize = 8;

/// The threads of one model.
#[derive(Debug)]
pub struct Workers {
    pool: Option<rayon::ThreadPool>,
    count: usize,
    arch: Arch,
}

impl Workers {
    /// As many threads as asked for; when nothing was asked, as many as a model of that many weights is worth.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(asked: Option<usize>, weights: u64) -> Result<Self> {
        let here = std::thread::available_parallelism().map_or(1, usize::from);
        let count = asked.unwrap_or(if weights < WORTH_A_SECOND { 1 } else { here.min(MOST) }).clamp(1, 256);
        let pool = (count > 1)
            .then(|| {
                rayon::ThreadPoolBuilder::new()
                    .num_threads(count)
                    .thread_name(|at| format!("neural-{at}"))
                    .build()
                    .map_err(|why| Problem::Threads { why: why.to_string() })
            })
            .transpose()?;
        Ok(Self { pool, count, arch: Arch::new() })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The vector instructions that this machine has.
    #[must_use]
    pub fn arch(&self) -> Arch {
        self.arch
    }

    /// Runs something whose calls of [`Workers::pieces`] are shared.
    pub fn run<R: Send>(&self, act: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(act),
            None => act(),
        }
    }

    /// Does an act for every piece of `size` numbers of the output, in any order.
    pub fn pieces(&self, output: &mut [f32], size: usize, act: impl Fn(usize, &mut [f32]) + Sync + Send) {
        let count = output.len() / size.max(1);
        if self.count == 1 || count < 2 {
            for (at, piece) in output.chunks_exact_mut(size.max(1)).enumerate() {
                act(at, piece);
            }
            return;
        }
        // A few pieces for each thread: one that is held up leaves the others something to take.
        let least = count.div_ceil(self.count * 4).max(1);
        output.par_chunks_exact_mut(size.max(1)).with_min_len(least).enumerate().for_each(|(at, piece)| act(at, piece));
    }
}
