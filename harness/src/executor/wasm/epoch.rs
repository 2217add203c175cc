//! The clock that interrupts a guest that never gives way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::Engine;

/// The length of an epoch; a deadline is kept within this.
const TICK: Duration = Duration::from_millis(10);

/// Counts an engine's epochs on a thread of its own until it is dropped.
pub struct EpochClock {
    stop: Arc<(AtomicBool, Mutex<()>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl EpochClock {
    pub fn start(engine: &Engine) -> Self {
        let stop = Arc::new((AtomicBool::new(false), Mutex::new(()), Condvar::new()));
        let (engine, stopped) = (engine.clone(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let (flag, lock, bell) = &*stopped;
            let mut guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
            while !flag.load(Ordering::Acquire) {
                guard = bell
                    .wait_timeout(guard, TICK)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
                engine.increment_epoch();
            }
        });
        EpochClock {
            stop,
            thread: Some(thread),
        }
    }

    /// How many epochs a duration takes at the least.
    pub fn ticks(duration: Duration) -> u64 {
        let ticks = duration.as_millis().div_ceil(TICK.as_millis()) + 1;
        u64::try_from(ticks).unwrap_or(u64::MAX / 2)
    }
}

impl Drop for EpochClock {
    fn drop(&mut self) {
        self.stop.0.store(true, Ordering::Release);
        self.stop.2.notify_all();
        if let Some(thread) = self.thread.take() {
            // The thread can't panic; and if it did, there is nothing left to stop.
            let _ = thread.join();
        }
    }
}
