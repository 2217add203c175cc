//! Many workers over one list, and legs that they share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use parallax_harness::error::Problem;
use parallax_harness::executor::{Answer, Executor, Job};
use parallax_harness::leg::{Leg, Provenance};
use parallax_harness::verdict::ledger::Side;

/// How many things are done at once.
pub fn workers() -> usize {
    crate::cmd::verify::default_jobs()
}

/// Does the same with every item, on all workers; gives what comes of each, in the order of the items.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers() {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else {
                        return;
                    };
                    let result = work(item);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// A leg that many workers use.
pub struct Honest {
    name: String,
    pub target: String,
    provenance: Provenance,
    executor: Arc<dyn Executor>,
}

impl Honest {
    pub fn of(leg: Leg) -> Self {
        Honest {
            name: leg.name,
            target: leg.target,
            provenance: leg.provenance,
            executor: leg.executor.into(),
        }
    }

    pub fn side(&self) -> Side<'_> {
        Side {
            target: &self.target,
            versions: &self.provenance.versions,
        }
    }

    pub fn leg(&self) -> Leg {
        Leg {
            name: self.name.clone(),
            target: self.target.clone(),
            provenance: self.provenance.clone(),
            executor: Box::new(Shared(Arc::clone(&self.executor))),
        }
    }
}

struct Shared(Arc<dyn Executor>);

impl Executor for Shared {
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem> {
        self.0.run(job)
    }

    fn take_notices(&self) -> Vec<String> {
        self.0.take_notices()
    }
}
