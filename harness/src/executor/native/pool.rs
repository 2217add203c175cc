//! The native leg as it usually runs: zygotes, one for each case that runs at once.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::finished::answer;
use super::one_shot::NativeExecutor;
use super::result_pipe::{self, ResultPipes};
use super::zygote::{Failed, Zygote};
use crate::error::Problem;
use crate::executor::fresh_runs::FreshRuns;
use crate::executor::places::Library;
use crate::executor::{Answer, Channel, Executor, Job, fresh_directory};
use crate::outcome::Ending;

/// So many zygotes may die idly one after the other; more is no accident.
const IDLE_DEATHS: usize = 3;

/// Runs each case in a fork of an interpreter that has imported what cases need.
pub struct ZygoteExecutor {
    program: PathBuf,
    results: ResultPipes,
    idle: Mutex<Vec<Zygote>>,
    notices: Mutex<Vec<String>>,
    /// What runs the cases that a fork would not be the same to.
    fresh: NativeExecutor,
    fresh_runs: FreshRuns,
}

impl ZygoteExecutor {
    /// Takes a native executor of this project's.
    ///
    /// # Errors
    /// There is no such program.
    pub fn new(program: &Path) -> Result<Self, Problem> {
        let channel = Channel::Own;
        let executor = NativeExecutor::at(program.to_owned(), Vec::new(), channel)?;
        Ok(ZygoteExecutor {
            program: executor.program.clone(),
            results: ResultPipes::new()?,
            idle: Mutex::default(),
            notices: Mutex::default(),
            fresh: executor,
            fresh_runs: FreshRuns::default(),
        })
    }

    /// The same, of which it is known where its Python has its library.
    #[must_use]
    pub fn with_library(mut self, library: Library) -> Self {
        self.fresh = self.fresh.with_library(library);
        self
    }

    /// The cases that were run in an interpreter that was started for them, and why.
    pub fn fresh_runs(&self) -> &FreshRuns {
        &self.fresh_runs
    }

    fn take(&self, node_path: &Path) -> Result<Zygote, Problem> {
        let mut idle = lock(&self.idle);
        if let Some(index) = idle.iter().position(|zygote| zygote.serves(node_path)) {
            return Ok(idle.swap_remove(index));
        }
        drop(idle);
        Zygote::start(&self.program, node_path)
    }

    fn bury(&self, mut zygote: Zygote, when: &str) {
        let notice = format!("a zygote died {when}: {}", zygote.post_mortem());
        lock(&self.notices).push(notice);
    }
}

impl Executor for ZygoteExecutor {
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem> {
        let mut idle_deaths = 0;
        let mut killed_before = false;
        loop {
            // A case that is run again must not find what it wrote the first time.
            let case_dir = fresh_directory()?;
            let mut zygote = self.take(job.node_path)?;
            let started = Instant::now();
            let result = self.results.make().map_err(result_pipe::failed)?;
            match zygote.run(&job, case_dir.path(), result) {
                Ok(finished) => {
                    if zygote.silent {
                        self.bury(zygote, "with a case");
                    } else {
                        lock(&self.idle).push(zygote);
                    }
                    return answer(
                        finished,
                        &job,
                        case_dir.path(),
                        &self.fresh.library,
                        started.elapsed(),
                    );
                }
                Err(Failed::Problem(problem)) => return Err(problem),
                Err(Failed::NeedsFresh(said)) => {
                    lock(&self.idle).push(zygote);
                    self.fresh_runs.add(&said.stderr);
                    return self.fresh.run(job);
                }
                Err(Failed::Dead { begun: false }) => {
                    self.bury(zygote, "while it waited");
                    idle_deaths += 1;
                    if idle_deaths == IDLE_DEATHS {
                        let message = format!("{IDLE_DEATHS} zygotes died one after the other");
                        return Err(Problem::environment(message).hint("--cold does without them"));
                    }
                }
                // It was the machine's doing, perhaps; the second time, it is the case's.
                Err(Failed::Dead { begun: true }) => {
                    self.bury(zygote, "while a case ran");
                    if killed_before {
                        return Ok(Answer {
                            // What the kernel sends to a case whose zygote is dead.
                            outcome: Ending::Trapped("SIGKILL".to_owned()).into(),
                            fuel: None,
                            stderr: String::new(),
                            wall: started.elapsed(),
                        });
                    }
                    killed_before = true;
                }
            }
        }
    }

    fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.notices))
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing between lock and unlock leaves a list half changed.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
