//! A copy of a warmed interpreter for every case.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use parallax_runtime::marshal::frame::Buffer;
use tempfile::TempDir;
use wasmtime::{InstancePre, Store};

use super::answer::Pieces;
use super::context::{self, PLACES, State, Surroundings};
use super::epoch::EpochClock;
use super::memory::Image;
use super::module_cache::Cache;
use super::snapshot::Ingredients;
use super::{Streams, engine, fuel, stopped, too_much_output, within};
use crate::error::Problem;
use crate::executor::{Answer, Executor, Job, fresh_directory, protocol};
use crate::load::GuestDir;
use crate::outcome::Outcome;

/// Instances that share the memory of a snapshot until they write to it.
pub struct CopyExecutor {
    instance: InstancePre<State>,
    dirs: Vec<GuestDir>,
    node_path: PathBuf,
    fuel: Option<u64>,
    _clock: EpochClock,
}

/// What a copy gave back.
enum Reply {
    Document(Buffer),
    /// The same, still in the guest's memory, and nothing on standard output.
    InPlace(Pieces),
    TooLong,
    NoMemory,
}

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
        let wasm = crate::load::read(path)?;
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
            fuel,
            _clock: EpochClock::start(&engine),
        })
    }

    async fn call(
        &self,
        store: &mut Store<State>,
        job: &Job<'_>,
        streams: &Streams,
    ) -> wasmtime::Result<Reply> {
        let broken = || wasmtime::Error::msg("the executor broke its side of the exchange");
        let instance = self.instance.instantiate_async(&mut *store).await?;
        let memory = instance
            .get_memory(&mut *store, "memory")
            .ok_or_else(broken)?;
        let allocate = instance.get_typed_func::<u32, u32>(&mut *store, "parallax_allocate")?;
        let run = instance.get_typed_func::<(), u32>(&mut *store, "parallax_run")?;
        let Ok(length) = u32::try_from(job.request.len()) else {
            return Ok(Reply::NoMemory);
        };
        let place = allocate.call_async(&mut *store, length).await?;
        if place == 0 {
            return Ok(Reply::NoMemory);
        }
        memory.write(&mut *store, place as usize, job.request)?;
        let answer = run.call_async(&mut *store, ()).await?;
        let pieces = Pieces::find(memory, store, answer).ok_or_else(broken)?;
        if pieces.length() > job.limits.output {
            return Ok(Reply::TooLong);
        }
        if pieces.stay(store) && streams.stdout.is_empty() {
            return Ok(Reply::InPlace(pieces));
        }
        let no_memory = || wasmtime::Error::msg("no memory is left on the host for the answer");
        pieces
            .copy(store)
            .map(Reply::Document)
            .ok_or_else(no_memory)
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
    /// The case's surroundings can't be made.
    pub fn run_and_keep(&self, job: Job<'_>) -> Result<(Answer, Live), Problem> {
        self.check_node_path(job.node_path)?;
        let case_dir = fresh_directory()?;
        let started = Instant::now();
        let streams = Streams::new(job.limits.output);
        let mut store = self.store(&job, case_dir.path(), &streams)?;
        let ended = within(job.limits.wall, &mut store, async |store| {
            self.call(store, &job, &streams).await
        })?;
        let exchange = started.elapsed();
        let (output, fault) = streams.take_stdout();
        let fuel = fuel::consumed(&store, self.fuel);
        let mut store = Some(store);
        let outcome = match (fault, ended) {
            (Some(fault), _) => fault,
            (None, None) => Outcome::TimedOut,
            (None, Some(Ok(Reply::Document(text)))) => protocol::answered(output, text, &PLACES),
            (None, Some(Ok(Reply::InPlace(pieces)))) => {
                let pieces = store.take().map(|store| pieces.keep(store));
                protocol::answered_in_pieces(pieces.unwrap_or_default(), &PLACES)
            }
            (None, Some(Ok(Reply::TooLong))) => too_much_output(job.limits.output),
            (None, Some(Ok(Reply::NoMemory))) => Outcome::OutOfMemory,
            (None, Some(Err(error))) => stopped(&error, &output),
        };
        let answer = Answer {
            outcome,
            fuel,
            stderr: streams.take_stderr(),
            wall: started.elapsed(),
        };
        let live = Live {
            exchange,
            _store: store,
            _case_dir: case_dir,
        };
        Ok((answer, live))
    }

    /// The time that making an instance takes, without its surroundings and without running it.
    ///
    /// # Errors
    /// The surroundings can't be made, or there is no room for the instance.
    pub fn time_instantiation(&self, job: Job<'_>) -> Result<Duration, Problem> {
        let case_dir = fresh_directory()?;
        let streams = Streams::new(job.limits.output);
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
        surroundings.store(self.instance.module().engine(), job.limits)
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
        self.run_and_keep(job).map(|(answer, _)| answer)
    }
}
