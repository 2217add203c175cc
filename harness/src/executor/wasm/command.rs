//! A command that starts from nothing for every case: any WASI preview 1 program that speaks the one-shot protocol.

use std::path::Path;
use std::time::Instant;

use wasmtime::{InstancePre, Store};

use super::context::{self, PLACES, State, Surroundings};
use super::epoch::EpochClock;
use super::module_cache::Cache;
use super::{Streams, engine, fuel, stopped, within};
use crate::error::Problem;
use crate::executor::{Answer, Executor, Job, fresh_directory, protocol};
use crate::load::GuestDir;
use crate::outcome::Outcome;

pub struct CommandExecutor {
    instance: InstancePre<State>,
    dirs: Vec<GuestDir>,
    fuel: Option<u64>,
    _clock: EpochClock,
}

impl CommandExecutor {
    /// Compiles and links a module; `dirs` are what the guest sees of the host besides the case, read-only.
    ///
    /// # Errors
    /// The file can't be read, is no module, isn't a command, or imports something that isn't WASI preview 1.
    pub fn new(path: &Path, dirs: Vec<GuestDir>) -> Result<Self, Problem> {
        Self::with_fuel(path, dirs, None)
    }

    /// The same, each case being given so much fuel.
    ///
    /// # Errors
    /// The same.
    pub fn with_fuel(path: &Path, dirs: Vec<GuestDir>, fuel: Option<u64>) -> Result<Self, Problem> {
        let wasm = crate::load::read(path)?;
        for dir in &dirs {
            if !dir.host.is_dir() {
                return Err(Problem::usage(format!(
                    "{} is not a directory that could be seen as {}",
                    dir.host.display(),
                    dir.guest
                ))
                .hint("--wasm-dir takes HOST::GUEST"));
            }
        }
        let engine = engine::cold(fuel.is_some())?;
        let module = Cache::of_user().load(&engine, &wasm, path)?;
        let refuse = |reason: String| {
            Problem::usage(format!("{}: {reason}", path.display()))
                .hint("--wasm takes a WASI preview 1 command, see docs/PROTOCOL.md")
        };
        if module.get_export("_start").is_none() {
            return Err(refuse("the module does not export `_start`".to_owned()));
        }
        let instance = context::linker(&engine)?
            .instantiate_pre(&module)
            .map_err(|error| refuse(format!("{error:#}")))?;
        Ok(CommandExecutor {
            instance,
            dirs,
            fuel,
            _clock: EpochClock::start(&engine),
        })
    }

    async fn call(&self, store: &mut Store<State>) -> wasmtime::Result<()> {
        let instance = self.instance.instantiate_async(&mut *store).await?;
        let start = instance.get_typed_func::<(), ()>(&mut *store, "_start")?;
        start.call_async(store, ()).await
    }
}

impl Executor for CommandExecutor {
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem> {
        let case_dir = fresh_directory()?;
        let started = Instant::now();
        let streams = Streams::new(job.limits.output);
        let surroundings = Surroundings {
            dirs: &self.dirs,
            node_path: job.node_path,
            case_dir: Some(case_dir.path()),
            variable: None,
            stdin: job.request.to_vec(),
            stdout: &streams.stdout,
            stderr: &streams.stderr,
            fuel: self.fuel,
        };
        let mut store = surroundings.store(self.instance.module().engine(), job.limits)?;
        let ended = within(job.limits.wall, &mut store, async |store| {
            self.call(store).await
        })?;
        let fuel = fuel::consumed(&store, self.fuel);
        drop(store);
        let (output, fault) = streams.take_stdout();
        let outcome = match (fault, ended) {
            (Some(fault), _) => fault,
            (None, None) => Outcome::TimedOut,
            (None, Some(Ok(()))) => protocol::outcome(&output, 0, &PLACES),
            (None, Some(Err(error))) => stopped(&error, &output),
        };
        Ok(Answer {
            outcome,
            fuel,
            stderr: streams.take_stderr(),
            wall: started.elapsed(),
        })
    }
}
