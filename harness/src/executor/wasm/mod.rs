//! The WebAssembly leg, in an embedded wasmtime: an instance a case, started from nothing or copied from a warmed one.

mod answer;
mod capture;
pub mod command;
mod context;
mod copy;
mod engine;
mod epoch;
mod fuel;
mod memory;
mod module_cache;
mod open_files;
mod snapshot;

use std::time::Duration;

use tokio::runtime::Runtime;
use wasmtime::{Store, Trap};
use wasmtime_wasi::I32Exit;

use self::context::{PLACES, State};
use self::epoch::EpochClock;
use super::STDERR_TAIL;
use super::bounded::{Bounded, Excess};
use super::protocol::{self, STOPPED};
use crate::error::Problem;
use crate::outcome::{Fault, Outcome};

pub use self::command::CommandExecutor;
pub use self::copy::CopyExecutor;

/// The captured streams of one instance.
struct Streams {
    stdout: Bounded,
    stderr: Bounded,
    most: usize,
}

impl Streams {
    fn new(most: usize) -> Self {
        Streams {
            stdout: Bounded::new(most, Excess::Stop),
            stderr: Bounded::new(STDERR_TAIL, Excess::Forget),
            most,
        }
    }

    /// What was written to standard output, and the outcome if it was too much.
    fn take_stdout(&self) -> (Vec<u8>, Option<Outcome>) {
        let (output, too_much) = self.stdout.take();
        (output, too_much.then(|| too_much_output(self.most)))
    }

    fn take_stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.take().0).into_owned()
    }
}

fn too_much_output(most: usize) -> Outcome {
    Outcome::Exited {
        code: STOPPED,
        fault: Fault::OutputLimit(most),
    }
}

thread_local! {
    /// A worker's own, as making one costs more than a small case.
    static RUNTIME: std::io::Result<Runtime> = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
}

/// Lets an instance run for a limited time; `None` when that passed.
///
/// The epoch stops a guest that computes; the timeout stops one that sleeps in the host.
fn within<T>(
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

/// The outcome of a guest that was stopped, or left by itself with this on standard output.
fn stopped(error: &wasmtime::Error, output: &[u8]) -> Outcome {
    if let Some(I32Exit(code)) = error.downcast_ref::<I32Exit>() {
        return protocol::outcome(output, *code, &PLACES);
    }
    match error.downcast_ref::<Trap>() {
        // Fuel is time that doesn't depend on the machine.
        Some(Trap::Interrupt | Trap::OutOfFuel) => Outcome::TimedOut,
        Some(trap) => {
            let name = trap.to_string();
            Outcome::Trapped(name.trim_start_matches("wasm trap: ").to_owned())
        }
        // A memory whose initial size is beyond the limit ends here.
        None if format!("{error:#}").contains("memory minimum size") => Outcome::OutOfMemory,
        None => Outcome::Trapped(format!("{error:#}")),
    }
}
