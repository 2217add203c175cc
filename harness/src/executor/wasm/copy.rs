//! A copy of a warmed interpreter for every case.

use std::path::{Path, PathBuf};
use std::time::Instant;

use wasmtime::{InstancePre, Store};

use super::context::{self, PLACES, State, Surroundings};
use super::epoch::EpochClock;
use super::snapshot::Ingredients;
use super::{Streams, engine, stopped, too_much_output, within};
use crate::error::Problem;
use crate::executor::{Answer, Executor, Job, fresh_directory, protocol};
use crate::load::GuestDir;
use crate::outcome::Outcome;

/// Instances that share the memory of a snapshot until they write to it.
pub struct CopyExecutor {
    instance: InstancePre<State>,
    dirs: Vec<GuestDir>,
    node_path: PathBuf,
    _clock: EpochClock,
}

/// What a copy gave back.
enum Reply {
    Document(Vec<u8>),
    TooLong,
    NoMemory,
}

impl CopyExecutor {
    /// Warms an interpreter with the modules of the node path, unless the cache holds it.
    ///
    /// # Errors
    /// The module can't be read or initialised, or imports something that isn't WASI preview 1.
    pub fn new(path: &Path, dirs: Vec<GuestDir>, node_path: &Path) -> Result<Self, Problem> {
        let wasm = crate::load::read(path)?;
        let engine = engine::pooled()?;
        let ingredients = Ingredients {
            wasm: &wasm,
            origin: path,
            dirs: &dirs,
            node_path,
        };
        let module = ingredients.load(&engine)?;
        let instance = context::linker(&engine)?
            .instantiate_pre(&module)
            .map_err(|error| Problem::usage(format!("{}: {error:#}", path.display())))?;
        Ok(CopyExecutor {
            instance,
            dirs,
            node_path: node_path.to_owned(),
            _clock: EpochClock::start(&engine),
        })
    }

    async fn call(&self, store: &mut Store<State>, job: &Job<'_>) -> wasmtime::Result<Reply> {
        let broken = || wasmtime::Error::msg("the executor broke its side of the exchange");
        let instance = self.instance.instantiate_async(&mut *store).await?;
        let memory = instance
            .get_memory(&mut *store, "memory")
            .ok_or_else(broken)?;
        let allocate = instance.get_typed_func::<u32, u32>(&mut *store, "parallax_allocate")?;
        let run = instance.get_typed_func::<(u32, u32), u32>(&mut *store, "parallax_run")?;
        let Ok(length) = u32::try_from(job.request.len()) else {
            return Ok(Reply::NoMemory);
        };
        let place = allocate.call_async(&mut *store, length).await?;
        if place == 0 {
            return Ok(Reply::NoMemory);
        }
        memory.write(&mut *store, place as usize, job.request)?;
        let answer = run.call_async(&mut *store, (place, length)).await?;
        let mut words = [[0; 4]; 2];
        memory.read(&*store, answer as usize, words.as_flattened_mut())?;
        let [start, length] = words.map(|word| u32::from_le_bytes(word) as usize);
        if length > job.limits.output {
            return Ok(Reply::TooLong);
        }
        let text = memory
            .data(&*store)
            .get(start..)
            .and_then(|rest| rest.get(..length));
        Ok(Reply::Document(text.ok_or_else(broken)?.to_vec()))
    }
}

impl Executor for CopyExecutor {
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem> {
        if job.node_path != self.node_path {
            return Err(Problem::environment(format!(
                "the interpreter was warmed with the modules of {}, and can't run a case with those of {}",
                self.node_path.display(),
                job.node_path.display()
            ))
            .hint("--cold starts a fresh one for every case"));
        }
        let case_dir = fresh_directory()?;
        let started = Instant::now();
        let streams = Streams::new(job.limits.output);
        let surroundings = Surroundings {
            dirs: &self.dirs,
            node_path: job.node_path,
            case_dir: Some(case_dir.path()),
            variable: None,
            stdin: Vec::new(),
            stdout: &streams.stdout,
            stderr: &streams.stderr,
        };
        let mut store = surroundings.store(self.instance.module().engine(), job.limits.memory)?;
        let ended = within(job.limits.wall, &mut store, async |store| {
            self.call(store, &job).await
        })?;
        drop(store);
        let (output, fault) = streams.take_stdout();
        let outcome = match (fault, ended) {
            (Some(fault), _) => fault,
            (None, None) => Outcome::TimedOut,
            (None, Some(Ok(Reply::Document(text)))) => protocol::answered(output, &text, &PLACES),
            (None, Some(Ok(Reply::TooLong))) => too_much_output(job.limits.output),
            (None, Some(Ok(Reply::NoMemory))) => Outcome::OutOfMemory,
            (None, Some(Err(error))) => stopped(&error, &output),
        };
        Ok(Answer {
            outcome,
            stderr: streams.take_stderr(),
            wall: started.elapsed(),
        })
    }
}
