//! What a guest sees of the world: two or three directories, a pinned environment, captured streams.

use std::path::Path;

use wasmtime::{Engine, Linker, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use super::capture::Capture;
use crate::error::Problem;
use crate::executor::ENVIRONMENT;
use crate::executor::bounded::Bounded;
use crate::executor::protocol::Places;
use crate::load::GuestDir;

/// Where the guest finds the case's directory and the node path; names that no message holds by chance.
const CASE_DIR: &str = "/parallax/case";
const NODE_PATH: &str = "/parallax/nodes";

/// The same, as messages may hold them.
pub const PLACES: Places<'static> = Places {
    case_dir: CASE_DIR,
    node_path: NODE_PATH,
};

/// What belongs to one instance.
pub struct State {
    pub wasi: WasiP1Ctx,
    limits: StoreLimits,
}

/// Directories and streams of one instance.
pub struct Surroundings<'a> {
    pub dirs: &'a [GuestDir],
    pub node_path: &'a Path,
    /// None while an interpreter is warmed, which belongs to no case.
    pub case_dir: Option<&'a Path>,
    /// A variable of the environment besides the pinned ones.
    pub variable: Option<(&'a str, String)>,
    pub stdin: Vec<u8>,
    pub stdout: &'a Bounded,
    pub stderr: &'a Bounded,
}

impl Surroundings<'_> {
    /// A store of at most `memory` bytes of linear memory.
    ///
    /// # Errors
    /// A directory can't be opened.
    pub fn store(self, engine: &Engine, memory: u64) -> Result<Store<State>, Problem> {
        let memory = usize::try_from(memory).unwrap_or(usize::MAX);
        let limits = StoreLimitsBuilder::new().memory_size(memory).build();
        let wasi = self.context()?;
        let mut store = Store::new(engine, State { wasi, limits });
        store.limiter(|state| &mut state.limits);
        Ok(store)
    }

    fn context(self) -> Result<WasiP1Ctx, Problem> {
        let mut builder = WasiCtxBuilder::new();
        builder
            .envs(&ENVIRONMENT)
            .env("PARALLAX_CASE_DIR", CASE_DIR)
            .env("PARALLAX_NODE_PATH", NODE_PATH)
            .stdin(MemoryInputPipe::new(self.stdin))
            .stdout(Capture(self.stdout.clone()))
            .stderr(Capture(self.stderr.clone()))
            .allow_blocking_current_thread(true);
        if let Some((name, value)) = self.variable {
            builder.env(name, value);
        }
        let mut open = |host: &Path, guest: &str, permissions| {
            builder
                .preopened_dir(host, guest, permissions)
                .map(drop)
                .map_err(|error| {
                    Problem::environment(format!("failed to open {}: {error:#}", host.display()))
                })
        };
        if let Some(directory) = self.case_dir {
            open(directory, CASE_DIR, FsPerms::ReadWrite)?;
        }
        for dir in self.dirs {
            open(&dir.host, &dir.guest, FsPerms::ReadOnly)?;
        }
        if self.node_path.is_dir() {
            open(self.node_path, NODE_PATH, FsPerms::ReadOnly)?;
        }
        Ok(builder.build_p1())
    }
}

/// Links WASI preview 1, and nothing else.
pub fn linker(engine: &Engine) -> Result<Linker<State>, Problem> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, |state: &mut State| &mut state.wasi)
        .map_err(|error| Problem::environment(format!("failed to set up WASI: {error:#}")))?;
    Ok(linker)
}
