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

use parallax_runtime::marshal::Transport;
use tokio::runtime::Runtime;
use wasmtime::{Store, Trap};
use wasmtime_wasi::I32Exit;

use self::answer::{Pieces, TooLarge};
use self::context::State;
use self::epoch::EpochClock;
use super::bounded::{Bounded, Excess};
use super::protocol::{Answered, Form, STOPPED};
use super::{Channel, STDERR_TAIL, tail};
use crate::error::Problem;
use crate::outcome::{Ending, Fault, Outcome, Printed};

pub use self::command::CommandExecutor;
pub use self::copy::CopyExecutor;

/// The captured streams of one instance.
struct Streams {
    stdout: Bounded,
    stderr: Bounded,
    most: usize,
}

/// What was captured.
struct Captured {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// That one of them was more than allowed.
    excess: Option<Ending>,
}

impl Streams {
    /// Streams of at most so many bytes each; of a standard error that is only for logs, the end is kept.
    fn new(most: usize, channel: Channel) -> Self {
        Streams {
            stdout: Bounded::new(most, Excess::Stop),
            stderr: match channel {
                Channel::StandardOutput => Bounded::new(STDERR_TAIL, Excess::Forget),
                Channel::Own => Bounded::new(most, Excess::Stop),
            },
            most,
        }
    }

    fn take(&self) -> Captured {
        let (stdout, too_much) = self.stdout.take();
        let (stderr, too_many_errors) = self.stderr.take();
        let excess = if too_much {
            Some("on standard output")
        } else {
            too_many_errors.then_some("on standard error")
        };
        Captured {
            stdout,
            stderr,
            excess: excess.map(|place| too_much_output(place, self.most)),
        }
    }
}

impl Captured {
    /// The end of what was written to standard error, for people.
    fn stderr_tail(&self) -> String {
        tail(&self.stderr)
    }

    /// What they and the instance's end come to: an exit code, where there was one, and a document in memory; or what stopped the instance.
    fn outcome(
        self,
        ended: Result<(Option<i32>, Option<Form<'_>>), Ending>,
        channel: Channel,
        asked: Transport,
    ) -> Outcome {
        if let Some(excess) = self.excess {
            return excess.into();
        }
        let printed = Printed {
            stdout: self.stdout,
            stderr: self.stderr,
        };
        match (ended, channel) {
            (Err(ending), Channel::Own) if !ending.is_cut_short() => Outcome {
                printed,
                ..ending.into()
            },
            (Err(ending), _) => ending.into(),
            (Ok((code, document)), Channel::Own) => Answered {
                document: document.unwrap_or(Form::Bytes(&[])),
                code,
                printed: Some(printed),
            }
            .outcome(asked),
            (Ok((code, _)), Channel::StandardOutput) => Answered {
                document: Form::Bytes(&printed.stdout),
                code,
                printed: None,
            }
            .outcome(asked),
        }
    }
}

fn too_much_output(place: &'static str, most: usize) -> Ending {
    Ending::Exited {
        code: STOPPED,
        fault: Fault::OutputLimit { place, most },
    }
}

/// A document that an instance has left, and the instance unless the document stays in it.
type Taken = (Result<Option<Form<'static>>, Ending>, Option<Store<State>>);

/// Takes the document that an instance has left, if it has.
fn take_document(
    pieces: Option<Pieces>,
    store: Store<State>,
    most: usize,
) -> Result<Taken, Problem> {
    let Some(pieces) = pieces else {
        return Ok((Ok(None), Some(store)));
    };
    match pieces.take(store, most) {
        Ok((form, store)) => Ok((Ok(Some(form)), store)),
        Err(TooLarge::Allowed) => Ok((Err(too_much_output("in the result", most)), None)),
        Err(TooLarge::Possible) => Err(Problem::environment(
            "no memory is left for a result document",
        )
        .hint("lower the case's limit of output, or run fewer cases at once with --jobs")),
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

/// What a call came to that may have left by exiting: the exit code, if it did.
fn left(called: wasmtime::Result<()>) -> wasmtime::Result<Option<i32>> {
    match called {
        Ok(()) => Ok(None),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(I32Exit(code)) => Ok(Some(*code)),
            None => Err(error),
        },
    }
}

/// What it means that a guest was stopped.
fn stopped(error: &wasmtime::Error) -> Ending {
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
