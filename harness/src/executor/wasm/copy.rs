//! A copy of a warmed interpreter for every case.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use parallax_runtime::copies::NEEDS_FRESH;
use tempfile::TempDir;
use wasmtime::{InstancePre, Store};

use super::answer::{Pieces, take_document};
use super::command::CommandExecutor;
use super::context::{self, Surroundings};
use super::epoch::EpochClock;
use super::memory::Image;
use super::module_cache::Cache;
use super::run::{left, stopped, within};
use super::snapshot::Ingredients;
use super::state::State;
use super::streams::Streams;
use super::{engine, fuel};
use crate::case::Limits;
use crate::error::Problem;
use crate::executor::fresh_runs::FreshRuns;
use crate::executor::guest_dir::GuestDir;
use crate::executor::{Answer, Channel, Executor, Job, fresh_directory};
use crate::outcome::Ending;

/// Instances that share the memory of a snapshot until they write to it.
pub struct CopyExecutor {
    instance: InstancePre<State>,
    dirs: Vec<GuestDir>,
    node_path: PathBuf,
    /// Bytes of memory that no case's limit counts.
    warm_up: u64,
    fuel: Option<u64>,
    module: PathBuf,
    /// What runs the cases that a copy would not be the same to; made for the first of them.
    fresh: OnceLock<CommandExecutor>,
    fresh_runs: FreshRuns,
    _clock: EpochClock,
}

/// What a copy came to: its exit code, if it has left by one, and its document; nothing, where there was no room for the request.
type Reply = Option<(Option<i32>, Option<Pieces>)>;

impl CopyExecutor {
    /// Warms an interpreter with the modules of the node path, unless the cache holds it.
    ///
    /// # Errors
    /// The module can't be read or initialised, or imports something that isn't WASI preview 1.
    pub fn new(path: &Path, dirs: Vec<GuestDir>, node_path: &Path) -> Result<Self, Problem> {
        Self::with_fuel(path, dirs, node_path, None)
    }

    /// The same, each case being given so much fuel.
    ///
    /// # Errors
    /// The same.
    pub fn with_fuel(
        path: &Path,
        dirs: Vec<GuestDir>,
        node_path: &Path,
        fuel: Option<u64>,
    ) -> Result<Self, Problem> {
        let wasm = crate::source::text_file::read(path)?;
        let ingredients = Ingredients {
            wasm: &wasm,
            origin: path,
            dirs: &dirs,
            node_path,
        };
        let snapshot = ingredients.load()?;
        let image = Image::new(snapshot.contents(), snapshot.size()).map_err(|error| {
            Problem::environment(format!("no room for the interpreter's memory: {error}"))
        })?;
        let engine = engine::copies(image, fuel.is_some())?;
        let module = Cache::of_user().load(&engine, snapshot.module(), path)?;
        let instance = context::linker(&engine)?
            .instantiate_pre(&module)
            .map_err(|error| Problem::usage(format!("{}: {error:#}", path.display())))?;
        Ok(CopyExecutor {
            instance,
            dirs,
            node_path: node_path.to_owned(),
            warm_up: snapshot.warm_up(),
            fuel,
            module: path.to_owned(),
            fresh: OnceLock::new(),
            fresh_runs: FreshRuns::default(),
            _clock: EpochClock::start(&engine),
        })
    }

    /// The cases that were run in an interpreter that was started for them, and why.
    pub fn fresh_runs(&self) -> &FreshRuns {
        &self.fresh_runs
    }

    fn fresh(&self) -> Result<&CommandExecutor, Problem> {
        if let Some(made) = self.fresh.get() {
            return Ok(made);
        }
        let dirs = self.dirs.clone();
        let made = CommandExecutor::with_fuel(&self.module, dirs, Channel::Own, self.fuel)?;
        Ok(self.fresh.get_or_init(|| made))
    }

    async fn call(&self, store: &mut Store<State>, job: &Job<'_>) -> wasmtime::Result<Reply> {
        let broken = || wasmtime::Error::msg("the executor broke its side of the exchange");
        let instance = self.instance.instantiate_async(&mut *store).await?;
        let memory = instance
            .get_memory(&mut *store, "memory")
            .ok_or_else(broken)?;
        let allocate = instance.get_typed_func::<u32, u32>(&mut *store, "parallax_allocate")?;
        let run = instance.get_typed_func::<(), ()>(&mut *store, "parallax_run")?;
        let Ok(length) = u32::try_from(job.request.len()) else {
            return Ok(None);
        };
        let place = allocate.call_async(&mut *store, length).await?;
        if place == 0 {
            return Ok(None);
        }
        memory.write(&mut *store, place as usize, job.request)?;
        let code = left(run.call_async(&mut *store, ()).await)?;
        Ok(Some((code, Pieces::of_instance(instance, store).await?)))
    }
}

/// An instance after its case, still in memory.
pub struct Live {
    /// From the instantiation to the answer's bytes: on the host, or where they are to be used.
    pub exchange: Duration,
    /// Unless the answer has it.
    _store: Option<Store<State>>,
    _case_dir: TempDir,
}

impl CopyExecutor {
    /// Runs a job, and keeps its instance for as long as the caller does.
    ///
    /// # Errors
    /// The case's surroundings can't be made, or it can't be run in a copy.
    pub fn run_and_keep(&self, job: Job<'_>) -> Result<(Answer, Live), Problem> {
        let run = self.run_in_a_copy(job)?;
        run.ok_or_else(|| Problem::environment("the case needs a fresh interpreter"))
    }

    /// Nothing if the case needs a fresh interpreter.
    fn run_in_a_copy(&self, job: Job<'_>) -> Result<Option<(Answer, Live)>, Problem> {
        self.check_node_path(job.node_path)?;
        let case_dir = fresh_directory()?;
        let started = Instant::now();
        let streams = Streams::new(job.limits.output, Channel::Own);
        let mut store = self.store(&job, case_dir.path(), &streams)?;
        let called = within(job.limits.wall, &mut store, async |store| {
            self.call(store, &job).await
        })?;
        // It has left before the case's own code could see a difference.
        if matches!(&called, Some(Ok(Some((Some(NEEDS_FRESH), _))))) {
            self.fresh_runs.add(streams.take().stderr_tail().as_bytes());
            return Ok(None);
        }
        let fuel = fuel::consumed(&store, self.fuel);
        let (ended, store) = match called {
            None => (Err(Ending::TimedOut), Some(store)),
            Some(Err(error)) => (Err(stopped(&error)), Some(store)),
            Some(Ok(None)) => (Err(Ending::OutOfMemory(None)), Some(store)),
            Some(Ok(Some((code, pieces)))) => {
                let (document, store) = take_document(pieces, store, job.limits.output)?;
                (document.map(|document| (code, document)), store)
            }
        };
        let exchange = started.elapsed();
        let captured = streams.take();
        let stderr = captured.stderr_tail();
        let outcome = captured.outcome(ended, Channel::Own, job.transport);
        let wall = started.elapsed();
        let answer = Answer {
            outcome: context::complete(outcome, case_dir.path(), &job)?,
            fuel,
            stderr,
            wall,
        };
        let live = Live {
            exchange,
            _store: store,
            _case_dir: case_dir,
        };
        Ok(Some((answer, live)))
    }

    /// The time that making an instance takes, without its surroundings and without running it.
    ///
    /// # Errors
    /// The surroundings can't be made, or there is no room for the instance.
    pub fn time_instantiation(&self, job: Job<'_>) -> Result<Duration, Problem> {
        let case_dir = fresh_directory()?;
        let streams = Streams::new(job.limits.output, Channel::Own);
        let mut store = self.store(&job, case_dir.path(), &streams)?;
        let taken = within(job.limits.wall, &mut store, async |store| {
            let started = Instant::now();
            self.instance.instantiate_async(store).await?;
            Ok(started.elapsed())
        })?;
        match taken {
            Some(Ok(taken)) => Ok(taken),
            Some(Err(error)) => Err(Problem::environment(format!("no instance: {error:#}"))),
            None => Err(Problem::environment("no instance within the limit")),
        }
    }

    fn store(
        &self,
        job: &Job<'_>,
        case_dir: &Path,
        streams: &Streams,
    ) -> Result<Store<State>, Problem> {
        let surroundings = Surroundings {
            dirs: &self.dirs,
            node_path: job.node_path,
            case_dir: Some(case_dir),
            variable: None,
            stdin: Vec::new(),
            stdout: &streams.stdout,
            stderr: &streams.stderr,
            fuel: self.fuel,
        };
        // The limit is the case's own: what was imported ahead doesn't count.
        let limits = Limits {
            memory: job.limits.memory.saturating_add(self.warm_up),
            ..*job.limits
        };
        surroundings.store(self.instance.module().engine(), &limits)
    }

    fn check_node_path(&self, node_path: &Path) -> Result<(), Problem> {
        if node_path == self.node_path {
            return Ok(());
        }
        Err(Problem::environment(format!(
            "the interpreter was warmed with the modules of {}, and can't run a case with those of {}",
            self.node_path.display(),
            node_path.display()
        ))
        .hint("--cold starts a fresh one for every case"))
    }
}

impl Executor for CopyExecutor {
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem> {
        if let Some((answer, _)) = self.run_in_a_copy(job)? {
            return Ok(answer);
        }
        self.fresh()?.run(job)
    }
}
