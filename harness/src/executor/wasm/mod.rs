//! The WebAssembly leg: a fresh instance a case, in an embedded wasmtime.

mod capture;
mod epoch;
mod module_cache;

use std::path::{Path, PathBuf};
use std::time::Instant;

use wasmtime::{
    Config, Engine, InstancePre, Linker, OptLevel, Store, StoreLimits, StoreLimitsBuilder, Trap,
};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder};

use self::capture::Capture;
use self::epoch::EpochClock;
use super::bounded::{Bounded, Excess};
use super::protocol::{self, Places, STOPPED};
use super::{Answer, ENVIRONMENT, Executor, Job, STDERR_TAIL, fresh_directory};
use crate::error::Problem;
use crate::load::GuestDir;
use crate::outcome::{Fault, Outcome};

/// Where the guest finds the case's directory and the node path; names that no message holds by chance.
const CASE_DIR: &str = "/parallax/case";
const NODE_PATH: &str = "/parallax/nodes";

/// The interpreter's own recursion limit must be what stops a deep recursion, not the end of this stack.
const WASM_STACK: usize = 32 << 20;
/// Host functions run on the same stack, so it is larger than what the guest may use.
const TOTAL_STACK: usize = WASM_STACK + (2 << 20);

/// Any WASI preview 1 command that speaks the one-shot protocol.
pub struct WasmExecutor {
    instance: InstancePre<State>,
    dirs: Vec<GuestDir>,
    _clock: EpochClock,
}

struct State {
    wasi: WasiP1Ctx,
    limits: StoreLimits,
}

impl WasmExecutor {
    /// Compiles and links a module; `dirs` are what the guest sees of the host besides the case, read-only.
    ///
    /// # Errors
    /// The file can't be read, is no module, isn't a command, or imports something that isn't WASI preview 1.
    pub fn new(path: &Path, dirs: Vec<GuestDir>) -> Result<Self, Problem> {
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
        let engine = engine()?;
        let module = module_cache::load(&engine, &wasm, path)?;
        let refuse = |reason: String| {
            Problem::usage(format!("{}: {reason}", path.display()))
                .hint("--wasm takes a WASI preview 1 command, see docs/PROTOCOL.md")
        };
        if module.get_export("_start").is_none() {
            return Err(refuse("the module does not export `_start`".to_owned()));
        }
        let mut linker: Linker<State> = Linker::new(&engine);
        p1::add_to_linker_async(&mut linker, |state| &mut state.wasi)
            .map_err(|error| Problem::environment(format!("failed to set up WASI: {error:#}")))?;
        let instance = linker
            .instantiate_pre(&module)
            .map_err(|error| refuse(format!("{error:#}")))?;
        Ok(WasmExecutor {
            instance,
            dirs,
            _clock: EpochClock::start(&engine),
        })
    }
}

fn engine() -> Result<Engine, Problem> {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(TOTAL_STACK);
    Engine::new(&config)
        .map_err(|error| Problem::environment(format!("failed to set up wasmtime: {error:#}")))
}

impl Executor for WasmExecutor {
    fn run(&self, job: Job<'_>) -> Result<Answer, Problem> {
        let case_dir = fresh_directory()?;
        let started = Instant::now();
        let stdout = Bounded::new(job.limits.output, Excess::Stop);
        let stderr = Bounded::new(STDERR_TAIL, Excess::Forget);
        let wasi = self.context(&job, case_dir.path(), &stdout, &stderr)?;
        let memory = usize::try_from(job.limits.memory).unwrap_or(usize::MAX);
        let limits = StoreLimitsBuilder::new().memory_size(memory).build();
        let mut store = Store::new(self.instance.module().engine(), State { wasi, limits });
        store.limiter(|state| &mut state.limits);
        store.set_epoch_deadline(EpochClock::ticks(job.limits.wall));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| Problem::environment(format!("failed to start a runtime: {error}")))?;
        // The epoch stops a guest that computes; the timeout stops one that sleeps in the host.
        let ended = runtime
            .block_on(async { tokio::time::timeout(job.limits.wall, self.call(&mut store)).await });
        drop(store);
        let (output, too_much) = stdout.take();
        let places = Places {
            case_dir: CASE_DIR,
            node_path: NODE_PATH,
        };
        let outcome = match ended {
            _ if too_much => Outcome::Exited {
                code: STOPPED,
                fault: Fault::OutputLimit(job.limits.output),
            },
            Err(_) => Outcome::TimedOut,
            Ok(Ok(())) => protocol::outcome(&output, 0, &places),
            Ok(Err(error)) => stopped(&error, &output, &places),
        };
        Ok(Answer {
            outcome,
            stderr: String::from_utf8_lossy(&stderr.take().0).into_owned(),
            wall: started.elapsed(),
        })
    }
}

impl WasmExecutor {
    fn context(
        &self,
        job: &Job<'_>,
        case_dir: &Path,
        stdout: &Bounded,
        stderr: &Bounded,
    ) -> Result<WasiP1Ctx, Problem> {
        let mut builder = WasiCtxBuilder::new();
        builder
            .envs(&ENVIRONMENT)
            .env("PARALLAX_CASE_DIR", CASE_DIR)
            .env("PARALLAX_NODE_PATH", NODE_PATH)
            .stdin(MemoryInputPipe::new(job.request.to_vec()))
            .stdout(Capture(stdout.clone()))
            .stderr(Capture(stderr.clone()))
            .allow_blocking_current_thread(true);
        let mut open = |host: &Path, guest: &str, permissions| {
            builder
                .preopened_dir(host, guest, permissions)
                .map(drop)
                .map_err(|error| {
                    Problem::environment(format!("failed to open {}: {error:#}", host.display()))
                })
        };
        open(case_dir, CASE_DIR, FsPerms::ReadWrite)?;
        let library = self
            .dirs
            .iter()
            .map(|dir| (dir.host.clone(), dir.guest.as_str()));
        let nodes: Option<(PathBuf, &str)> = job
            .node_path
            .is_dir()
            .then(|| (job.node_path.to_owned(), NODE_PATH));
        for (host, guest) in library.chain(nodes) {
            open(&host, guest, FsPerms::ReadOnly)?;
        }
        Ok(builder.build_p1())
    }

    async fn call(&self, store: &mut Store<State>) -> wasmtime::Result<()> {
        let instance = self.instance.instantiate_async(&mut *store).await?;
        let start = instance.get_typed_func::<(), ()>(&mut *store, "_start")?;
        start.call_async(store, ()).await
    }
}

/// The outcome of a guest that didn't return from `_start`.
fn stopped(error: &wasmtime::Error, output: &[u8], places: &Places<'_>) -> Outcome {
    if let Some(I32Exit(code)) = error.downcast_ref::<I32Exit>() {
        return protocol::outcome(output, *code, places);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => Outcome::TimedOut,
        Some(trap) => {
            let name = trap.to_string();
            Outcome::Trapped(name.trim_start_matches("wasm trap: ").to_owned())
        }
        // A memory whose initial size is beyond the limit ends here.
        None if format!("{error:#}").contains("memory minimum size") => Outcome::OutOfMemory,
        None => Outcome::Trapped(format!("{error:#}")),
    }
}
