//! Runs cases side by side and hands on what each gives, in their order.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::case::Case;

/// Does something with every case, so many at once; the results are in the order of the cases.
pub fn for_each_case<'c, T: Send>(
    cases: &[&'c Case],
    jobs: usize,
    work: impl Fn(&'c Case) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                while let Some((index, case)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(index).map(|case| (index, *case))
                } {
                    let result = work(case);
                    let mut done = done.lock().unwrap_or_else(|error| error.into_inner());
                    done.push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|error| error.into_inner());
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
