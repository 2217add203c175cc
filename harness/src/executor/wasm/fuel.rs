//! Fuel: a measure of what a guest computes that is the same on every machine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wasmtime::Store;
use wasmtime_wasi::{Deterministic, HostMonotonicClock, HostWallClock};

/// What was consumed of the fuel that a case was given.
pub fn consumed<T: 'static>(store: &Store<T>, given: Option<u64>) -> Option<u64> {
    let left = store.get_fuel().ok()?;
    given.map(|given| given.saturating_sub(left))
}

/// The numbers repeat after this many bytes. It is a prime, so that a guest that draws the same length again and again doesn't soon get the same numbers.
const PERIOD: u32 = 65_537;

/// Random numbers that are the same in every case: a hash map's order of work depends on them.
pub fn same_numbers() -> Deterministic {
    let mixed = |index: u32| (index.wrapping_mul(0x9E37_79B1) ^ (index >> 7)).to_be_bytes()[0];
    Deterministic::new((0..PERIOD).map(mixed).collect())
}

/// A clock that goes on by a microsecond whenever it is read: printing the time that something took would otherwise cost more fuel on a slower machine.
#[derive(Default)]
pub struct CountedClock(AtomicU64);

const STEP: Duration = Duration::from_micros(1);

/// 2020-01-01, so that all times have as many digits as those of today.
const EPOCH: Duration = Duration::from_secs(1_577_836_800);

impl CountedClock {
    fn read(&self) -> Duration {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        EPOCH + Duration::from_micros(count)
    }
}

impl HostWallClock for CountedClock {
    fn resolution(&self) -> Duration {
        STEP
    }

    fn now(&self) -> Duration {
        self.read()
    }
}

impl HostMonotonicClock for CountedClock {
    fn resolution(&self) -> u64 {
        nanoseconds(STEP)
    }

    fn now(&self) -> u64 {
        nanoseconds(self.read())
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
