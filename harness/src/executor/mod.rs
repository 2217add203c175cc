//! Executors: run one request and say what happened. Only this module starts processes or touches wasmtime.

mod bounded;
pub mod native;
mod protocol;
#[cfg(test)]
pub mod scripted;
pub mod wasm;

use std::path::Path;
use std::time::Duration;

use parallax_runtime::marshal::Transport;

use crate::case::Limits;
use crate::error::Problem;
use crate::outcome::Outcome;

/// One execution as every leg gets it.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// In the form that `transport` has.
    pub request: &'a [u8],
    pub transport: Transport,
    pub node_path: &'a Path,
    pub limits: &'a Limits,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub outcome: Outcome,
    /// What the case has consumed, where that is metered.
    pub fuel: Option<u64>,
    /// The end of what was written to standard error.
    pub stderr: String,
    /// From before the start to after the end.
    pub wall: Duration,
}

/// Runs one request and returns one outcome, whatever the executed code does.
pub trait Executor: Send + Sync {
    /// Runs a job in a fresh environment.
    ///
    /// # Errors
    /// Only what is not the executed code's doing: the program can't be started, the disk is full.
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem>;

    /// What happened to the executor itself since this was asked last, a sentence each; no case's outcome.
    fn take_notices(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A configured executor in a run.
pub struct Leg {
    pub name: String,
    /// What the executor runs on; legs of one target have no differences to expect.
    pub target: String,
    pub executor: Box<dyn Executor>,
}

/// So much of standard error is kept, from its end.
const STDERR_TAIL: usize = 64 << 10;

/// The pinned environment of every execution, but for directories and the path of programs.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("PYTHONHASHSEED", "0"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PYTHONUTF8", "1"),
    ("TZ", "UTC"),
    ("LC_ALL", "C"),
];

fn fresh_directory() -> Result<tempfile::TempDir, Problem> {
    let made = tempfile::Builder::new().prefix("parallax-case-").tempdir();
    made.map_err(|error| {
        Problem::environment(format!("failed to make a directory for a case: {error}"))
            .hint("set TMPDIR to a directory that can be written and has room")
    })
}
