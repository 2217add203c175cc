//! Executors: run one request and say what happened. Only this module starts processes or touches wasmtime.

#![expect(
    clippy::disallowed_methods,
    reason = "executors start processes, keep deadlines and lend folders"
)]

mod bounded;
pub mod fresh_runs;
pub mod guest_dir;
mod left_files;
pub mod native;
pub mod places;
mod protocol;
#[cfg(test)]
pub mod scripted;
pub mod wasm;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use parallax_runtime::marshal::Transport;
use rustix::fs::Mode;
use rustix::process::umask;

use self::left_files::left_files;
use self::places::Places;
use crate::case::{Exact, Limits};
use crate::error::Problem;
use crate::outcome::Outcome;

/// How a result document leaves an executor; what follows for what the case prints is in docs/PROTOCOL.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// On standard output: any executor.
    StandardOutput,
    /// By a way of its own, which `cargo xtask build`'s executors know: standard output and error are the case's.
    Own,
}

/// One execution as every leg gets it.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// In the form that `transport` has.
    pub request: &'a [u8],
    pub transport: Transport,
    pub node_path: &'a Path,
    pub limits: &'a Limits,
    /// What outputs keep as each leg has it.
    pub exact: Exact,
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

/// Bytes of standard error, from its end, that are kept for people.
const STDERR_TAIL: usize = 64 << 10;

/// The end of a text for people.
fn tail(text: &[u8]) -> String {
    let start = text.len().saturating_sub(STDERR_TAIL);
    String::from_utf8_lossy(&text[start..]).into_owned()
}

/// The pinned environment of every execution, but for directories.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("PYTHONHASHSEED", "0"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PYTHONUTF8", "1"),
    ("TZ", "UTC"),
    ("LC_ALL", "C"),
    ("USER", "parallax"),
];

/// What a case creates has the same mode on every machine.
static PIN_UMASK: Once = Once::new();

fn fresh_directory() -> Result<tempfile::TempDir, Problem> {
    PIN_UMASK.call_once(|| {
        umask(Mode::WGRP | Mode::WOTH);
    });
    // As the system names it to whoever is in it.
    let parent = std::env::temp_dir();
    let parent = parent.canonicalize().unwrap_or(parent);
    let made = tempfile::Builder::new()
        .prefix("parallax-case-")
        .permissions(Permissions::from_mode(left_files::FRESH))
        .tempdir_in(parent);
    made.map_err(|error| {
        Problem::environment(format!("failed to make a directory for a case: {error}"))
            .hint("set TMPDIR to a directory that can be written and has room")
    })
}

/// An outcome with what the case left in its directory, and with one name for what each leg knows under a path of its own.
fn complete(
    mut outcome: Outcome,
    case_dir: &Path,
    places: &Places<'_>,
    job: &Job<'_>,
) -> Result<Outcome, Problem> {
    if !outcome.ending.is_cut_short() {
        outcome.files = left_files(case_dir)?;
    }
    places.hide(&mut outcome);
    if !job.exact.paths {
        places.hide_in_outputs(&mut outcome);
    }
    Ok(outcome)
}
