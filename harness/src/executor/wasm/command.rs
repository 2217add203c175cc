//! A command that starts from nothing for every case: any WASI preview 1 program that speaks the one-shot protocol.

use std::path::Path;
use std::time::Instant;

use parallax_runtime::channel;
use wasmtime::{InstancePre, Store};

use super::answer::{Pieces, take_document};
use super::context::{self, Surroundings};
use super::epoch::EpochClock;
use super::module_cache::Cache;
use super::run::{left, stopped, within};
use super::state::State;
use super::streams::Streams;
use super::{engine, fuel};
use crate::error::Problem;
use crate::executor::guest_dir::GuestDir;
use crate::executor::{Answer, Channel, Executor, Job, fresh_directory};
use crate::outcome::Ending;

pub struct CommandExecutor {
    instance: InstancePre<State>,
    dirs: Vec<GuestDir>,
    channel: Channel,
    fuel: Option<u64>,
    _clock: EpochClock,
}

impl CommandExecutor {
    /// Compiles and links a module; `dirs` are what the guest sees of the host besides the case, read-only.
    ///
    /// # Errors
    /// The file can't be read, is no module, isn't a command, or imports something that isn't WASI preview 1.
    pub fn new(path: &Path, dirs: Vec<GuestDir>, channel: Channel) -> Result<Self, Problem> {
        Self::with_fuel(path, dirs, channel, None)
    }

    /// The same, each case being given so much fuel.
    ///
    /// # Errors
    /// The same.
    pub fn with_fuel(
        path: &Path,
        dirs: Vec<GuestDir>,
        channel: Channel,
        fuel: Option<u64>,
    ) -> Result<Self, Problem> {
        let wasm = crate::source::text_file::read(path)?;
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
        if channel == Channel::Own && module.get_export(channel::EXPORT).is_none() {
            let message = format!("{} is not of this version", path.display());
            return Err(Problem::environment(message)
                .hint("build the executors and the harness together: cargo xtask build"));
        }
        let instance = context::linker(&engine)?
            .instantiate_pre(&module)
            .map_err(|error| refuse(format!("{error:#}")))?;
        Ok(CommandExecutor {
            instance,
            dirs,
            channel,
            fuel,
            _clock: EpochClock::start(&engine),
        })
    }

    /// Runs a case, and gives its exit code, and its document where that stays in memory.
    async fn call(&self, store: &mut Store<State>) -> wasmtime::Result<(i32, Option<Pieces>)> {
        let instance = self.instance.instantiate_async(&mut *store).await?;
        let start = instance.get_typed_func::<(), ()>(&mut *store, "_start")?;
        let code = left(start.call_async(&mut *store, ()).await)?;
        let document = match self.channel {
            Channel::StandardOutput => None,
            Channel::Own => Pieces::of_instance(instance, store).await?,
        };
        Ok((code.unwrap_or(0), document))
    }
}

impl Executor for CommandExecutor {
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem> {
        let case_dir = fresh_directory()?;
        let started = Instant::now();
        let streams = Streams::new(job.limits.output, self.channel);
        let surroundings = Surroundings {
            dirs: &self.dirs,
            node_path: job.node_path,
            case_dir: Some(case_dir.path()),
            variable: match self.channel {
                Channel::StandardOutput => None,
                Channel::Own => Some((channel::VARIABLE, channel::IN_MEMORY)),
            },
            stdin: job.request.to_vec(),
            stdout: &streams.stdout,
            stderr: &streams.stderr,
            fuel: self.fuel,
        };
        let mut store = surroundings.store(self.instance.module().engine(), job.limits)?;
        let called = within(job.limits.wall, &mut store, async |store| {
            self.call(store).await
        })?;
        let fuel = fuel::consumed(&store, self.fuel);
        let ended = match called {
            None => Err(Ending::TimedOut),
            Some(Err(error)) => Err(stopped(&error)),
            Some(Ok((code, pieces))) => take_document(pieces, store, job.limits.output)?
                .0
                .map(|document| (Some(code), document)),
        };
        let wall = started.elapsed();
        let captured = streams.take();
        let stderr = captured.stderr_tail();
        let outcome = captured.outcome(ended, self.channel, job.transport);
        Ok(Answer {
            outcome: context::complete(outcome, case_dir.path(), &job)?,
            fuel,
            stderr,
            wall,
        })
    }
}
