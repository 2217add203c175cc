//! Runs an instance under its wall deadline, and says how it ended.

use std::time::Duration;

use tokio::runtime::Runtime;
use wasmtime::{Store, Trap};
use wasmtime_wasi::I32Exit;

use super::epoch::EpochClock;
use super::state::State;
use crate::error::Problem;
use crate::outcome::Ending;

thread_local! {
    /// A worker's own, as making one costs more than a small case.
    static RUNTIME: std::io::Result<Runtime> = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
}

/// Lets an instance run for a limited time; `None` when that passed.
///
/// The epoch stops a guest that computes; the timeout stops one that sleeps in the host.
pub fn within<T>(
    wall: Duration,
    store: &mut Store<State>,
    run: impl AsyncFnOnce(&mut Store<State>) -> wasmtime::Result<T>,
) -> Result<Option<wasmtime::Result<T>>, Problem> {
    store.set_epoch_deadline(EpochClock::ticks(wall));
    RUNTIME.with(|runtime| match runtime {
        Ok(runtime) => Ok(runtime
            .block_on(async { tokio::time::timeout(wall, run(store)).await })
            .ok()),
        Err(error) => Err(Problem::environment(format!(
            "failed to start a runtime: {error}"
        ))),
    })
}

/// What a call came to that may have left by exiting: the exit code, if it did.
pub fn left(called: wasmtime::Result<()>) -> wasmtime::Result<Option<i32>> {
    match called {
        Ok(()) => Ok(None),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(I32Exit(code)) => Ok(Some(*code)),
            None => Err(error),
        },
    }
}

/// What it means that a guest was stopped.
pub fn stopped(error: &wasmtime::Error) -> Ending {
    match error.downcast_ref::<Trap>() {
        // Fuel is time that doesn't depend on the machine.
        Some(Trap::Interrupt | Trap::OutOfFuel) => Ending::TimedOut,
        Some(trap) => {
            let name = trap.to_string();
            Ending::Trapped(name.trim_start_matches("wasm trap: ").to_owned())
        }
        // A memory whose initial size is beyond the limit ends here.
        None if format!("{error:#}").contains("memory minimum size") => Ending::OutOfMemory(None),
        None => Ending::Trapped(format!("{error:#}")),
    }
}
