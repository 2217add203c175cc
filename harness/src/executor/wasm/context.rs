//! What a guest sees of the world: two or three directories, a pinned environment, captured streams.

use std::path::Path;

use wasmtime::{Engine, Linker, Store, StoreLimitsBuilder};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use super::capture::Capture;
use super::fuel::{self, CountedClock};
use super::open_files;
use super::state::{OpenFiles, State};
use crate::case::Limits;
use crate::error::Problem;
use crate::executor::bounded::Bounded;
use crate::executor::guest_dir::GuestDir;
use crate::executor::places::{Library, Places};
use crate::executor::{self, ENVIRONMENT, Job};
use crate::outcome::Outcome;

/// Where the guest finds the case's directory and the node path; names that no message holds by chance.
const CASE_DIR: &str = "/parallax/case";
const NODE_PATH: &str = "/parallax/nodes";

/// The guest's own has one name on all legs.
static LIBRARY: Library = Library::UNKNOWN;

/// An outcome of the guest's with what the case left, and with one name for what each leg knows under another.
///
/// # Errors
/// The case's directory can't be read.
pub fn complete(outcome: Outcome, case_dir: &Path, job: &Job<'_>) -> Result<Outcome, Problem> {
    let places = Places {
        case_dir: CASE_DIR,
        // The guest knows the nodes under a name of its own, which is replaced on every leg; but a case may name the host's, too.
        node_path: &job.node_path.to_string_lossy(),
        library: &LIBRARY,
    };
    executor::complete(outcome, case_dir, &places, job)
}

/// Directories and streams of one instance.
pub struct Surroundings<'a> {
    pub dirs: &'a [GuestDir],
    pub node_path: &'a Path,
    /// None while an interpreter is warmed, which belongs to no case.
    pub case_dir: Option<&'a Path>,
    /// A variable of the environment besides the pinned ones.
    pub variable: Option<(&'a str, &'a str)>,
    pub stdin: Vec<u8>,
    pub stdout: &'a Bounded,
    pub stderr: &'a Bounded,
    /// What the instance may consume, if its engine meters that.
    pub fuel: Option<u64>,
}

impl Surroundings<'_> {
    /// A store whose linear memory and open files are bounded.
    ///
    /// # Errors
    /// A directory can't be opened, or the engine doesn't meter fuel.
    pub fn store(self, engine: &Engine, limits: &Limits) -> Result<Store<State>, Problem> {
        let memory = usize::try_from(limits.memory).unwrap_or(usize::MAX);
        let open_files = limits.open_files;
        let limits = StoreLimitsBuilder::new().memory_size(memory).build();
        let given = self.fuel;
        let (wasi, preopened) = self.context()?;
        let files = OpenFiles::new(preopened, open_files);
        let mut store = Store::new(
            engine,
            State {
                wasi,
                files,
                limits,
            },
        );
        store.limiter(|state| &mut state.limits);
        if let Some(fuel) = given {
            store.set_fuel(fuel).map_err(|error| {
                Problem::environment(format!("failed to meter fuel: {error:#}"))
            })?;
        }
        Ok(store)
    }

    /// What the guest sees, and how many directories that are.
    fn context(self) -> Result<(WasiP1Ctx, u64), Problem> {
        let mut builder = WasiCtxBuilder::new();
        let mut variables = ENVIRONMENT.to_vec();
        variables.extend([
            ("PARALLAX_CASE_DIR", CASE_DIR),
            ("PARALLAX_NODE_PATH", NODE_PATH),
            ("TMPDIR", CASE_DIR),
            ("HOME", CASE_DIR),
        ]);
        // In the order in which a native process gets them.
        variables.sort_unstable();
        builder
            .envs(&variables)
            .stdin(MemoryInputPipe::new(self.stdin))
            .stdout(Capture(self.stdout.clone()))
            .stderr(Capture(self.stderr.clone()))
            .allow_blocking_current_thread(true);
        if let Some((name, value)) = self.variable {
            builder.env(name, value);
        }
        // While an interpreter is warmed, too: with other numbers it would lie in memory in another way, and its cases would consume other amounts of fuel.
        if self.fuel.is_some() || self.case_dir.is_none() {
            builder.secure_random(fuel::same_numbers());
        }
        if self.fuel.is_some() {
            builder
                .monotonic_clock(CountedClock::default())
                .wall_clock(CountedClock::default());
        }
        let mut preopened = 0;
        let mut open = |host: &Path, guest: &str, permissions| {
            preopened += 1;
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
        Ok((builder.build_p1(), preopened))
    }
}

/// Links WASI preview 1, with a bound to open files, and nothing else.
pub fn linker(engine: &Engine) -> Result<Linker<State>, Problem> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, |state: &mut State| &mut state.wasi)
        .and_then(|()| open_files::bound(&mut linker))
        .map_err(|error| Problem::environment(format!("failed to set up WASI: {error:#}")))?;
    Ok(linker)
}
