//! An interpreter that has been started and has imported what cases need, kept for copying.

use std::ffi::OsStr;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use wasmtime::{Instance, Store, Val};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

use super::context::{self, Surroundings};
use super::engine;
use super::epoch::EpochClock;
use super::module_cache::{self, Cache, Kind};
use super::run::within;
use super::state::State;
use super::streams::Streams;
use crate::case::Limits;
use crate::error::Problem;
use crate::executor::Channel;
use crate::executor::guest_dir::GuestDir;

/// The function that is run before the snapshot.
const INITIALIZE: &str = "parallax_initialize";

/// How many bytes of memory it has taken for what is done ahead.
const WARM_UP: &str = "parallax_warm_up";

/// Importing everything takes some seconds; this only bounds a library that never ends.
const PATIENCE: Duration = Duration::from_secs(120);

/// What an interpreter may take while it imports.
fn limits() -> Limits {
    Limits {
        memory: 4 << 30,
        ..Limits::default()
    }
}

/// What a snapshot is made from.
pub struct Ingredients<'a> {
    pub wasm: &'a [u8],
    pub origin: &'a Path,
    pub dirs: &'a [GuestDir],
    pub node_path: &'a Path,
}

impl Ingredients<'_> {
    /// The snapshot, from the cache or made now and kept.
    ///
    /// # Errors
    /// The module can't be initialised, or a directory can't be read.
    pub fn load(&self) -> Result<Snapshot, Problem> {
        let world = self.describe()?;
        let key = module_cache::key(&engine::once()?, &[self.wasm, world.as_bytes()]);
        let kind = Kind {
            name: "snapshot",
            read: Snapshot::from_bytes,
            write: |snapshot: &Snapshot| Ok(snapshot.bytes.clone()),
        };
        Cache::of_user().cached(&key, kind, || self.make())
    }

    /// Everything besides the module that the interpreter reads while it starts: the nodes' sources, which are compiled ahead, by content, the library by names, sizes and dates.
    fn describe(&self) -> Result<String, Problem> {
        use std::fmt::Write as _;
        let mut text = String::new();
        let mut add = |line: std::fmt::Arguments<'_>| {
            // A string takes whatever is written to it.
            let _ = writeln!(text, "{line}");
        };
        // In which form a snapshot is kept.
        add(format_args!("form 3"));
        for (name, value) in crate::executor::ENVIRONMENT {
            add(format_args!("{name}={value}"));
        }
        for dir in self.dirs {
            add(format_args!("{}", dir.guest));
            for entry in files(&dir.host)? {
                let meta = entry.metadata().ok();
                let modified = meta.as_ref().and_then(|meta| meta.modified().ok());
                let stamp = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                add(format_args!(
                    "{} {:?} {stamp:?}",
                    entry.path().display(),
                    meta.map(|meta| meta.len())
                ));
            }
        }
        if self.node_path.is_dir() {
            // The snapshot knows the folder as it was then. With another time, each case would list it anew.
            let modified = std::fs::metadata(self.node_path).and_then(|meta| meta.modified());
            add(format_args!("{:?}", modified.ok()));
            for entry in files(self.node_path)? {
                let path = entry.path();
                if path.extension() != Some(OsStr::new("py")) {
                    continue;
                }
                let name = path.strip_prefix(self.node_path).unwrap_or(path);
                let content = module_cache::digest(&crate::source::text_file::read(path)?);
                add(format_args!("{} {content}", name.display()));
            }
        }
        Ok(text)
    }

    /// Runs the initialisation, and takes what its memory holds then.
    fn make(&self) -> Result<Snapshot, Problem> {
        let mut wizer = Wizer::new();
        wizer.init_func(INITIALIZE);
        let failed = |error: wasmtime::Error| self.failed(&format!("{error:#}"));
        let (parsed, instrumented) = wizer.instrument(self.wasm).map_err(failed)?;
        let engine = engine::once()?;
        let _clock = EpochClock::start(&engine);
        let module = Cache::of_user().load(&engine, &instrumented, self.origin)?;
        let streams = Streams::new(1 << 20, Channel::StandardOutput);
        let surroundings = Surroundings {
            dirs: self.dirs,
            node_path: self.node_path,
            case_dir: None,
            variable: None,
            stdin: Vec::new(),
            stdout: &streams.stdout,
            stderr: &streams.stderr,
            fuel: None,
        };
        let mut store = surroundings.store(&engine, &limits())?;
        let linker = context::linker(&engine)?;
        let ended = within(PATIENCE, &mut store, async |store| {
            let instance = linker.instantiate_async(&mut *store, &module).await?;
            let initialize = instance.get_typed_func::<(), ()>(&mut *store, INITIALIZE)?;
            initialize.call_async(&mut *store, ()).await?;
            let warm_up = instance.get_typed_func::<(), u32>(&mut *store, WARM_UP)?;
            let warm_up = warm_up.call_async(&mut *store, ()).await?;
            let mut initialized = Initialized {
                store,
                instance,
                memory: Vec::new(),
            };
            let module = wizer.snapshot(&parsed, &mut initialized).await?;
            Ok(Snapshot::new(
                &module,
                &initialized.memory,
                u64::from(warm_up),
            ))
        })?;
        let captured = streams.take();
        let said = captured.stderr_tail();
        match ended {
            Some(Ok(snapshot)) => Ok(snapshot),
            Some(Err(error)) => Err(self.failed(&format!("{error:#}\n{said}"))),
            None => Err(self.failed(&format!("it took more than {PATIENCE:?}\n{said}"))),
        }
    }

    fn failed(&self, reason: &str) -> Problem {
        Problem::environment(format!(
            "failed to warm the interpreter of {}: {}",
            self.origin.display(),
            reason.trim_end()
        ))
        .hint("--cold starts a fresh one for every case")
    }
}

/// All files below a directory, in one order; compiled leftovers of other interpreters don't count.
fn files(directory: &Path) -> Result<Vec<walkdir::DirEntry>, Problem> {
    let walk = walkdir::WalkDir::new(directory).sort_by_file_name();
    let relevant = walk
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "__pycache__");
    relevant
        .filter(|entry| {
            entry
                .as_ref()
                .map_or(true, |entry| entry.file_type().is_file())
        })
        .collect::<Result<_, _>>()
        .map_err(|error| Problem::environment(format!("failed to list files: {error}")))
}

/// An interpreter that has been started: a module, and what its memory holds.
///
/// It is as it is kept, as copying some fifty megabytes would be a part of every start.
pub struct Snapshot {
    /// The module's length, the memory's size and what of it was taken ahead, then the module, then the contents.
    bytes: Vec<u8>,
    module: Range<usize>,
    size: usize,
    warm_up: u64,
}

impl Snapshot {
    /// Where the module begins.
    const HEAD: usize = 24;

    fn new(module: &[u8], memory: &[u8], warm_up: u64) -> Self {
        let used = memory.iter().rposition(|&byte| byte != 0);
        let contents = &memory[..used.map_or(0, |last| last + 1)];
        let lengths = [module.len() as u64, memory.len() as u64, warm_up].map(u64::to_le_bytes);
        Snapshot {
            bytes: [lengths.as_flattened(), module, contents].concat(),
            module: Self::HEAD..Self::HEAD + module.len(),
            size: memory.len(),
            warm_up,
        }
    }

    fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (size, rest) = rest.split_first_chunk()?;
        let (warm_up, rest) = rest.split_first_chunk()?;
        let warm_up = u64::from_le_bytes(*warm_up);
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let size = usize::try_from(u64::from_le_bytes(*size)).ok()?;
        let (_, contents) = rest.split_at_checked(length)?;
        (contents.len() <= size).then(|| Snapshot {
            module: Self::HEAD..Self::HEAD + length,
            size,
            warm_up,
            bytes,
        })
    }

    pub fn module(&self) -> &[u8] {
        &self.bytes[self.module.clone()]
    }

    /// What the memory begins with; zeros follow.
    pub fn contents(&self) -> &[u8] {
        &self.bytes[self.module.end..]
    }

    /// Bytes of the memory.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Bytes that were taken for what is done ahead: an interpreter that is started for a case takes them when the case imports something, or not at all.
    pub fn warm_up(&self) -> u64 {
        self.warm_up
    }
}

/// The state that a snapshot is taken of.
struct Initialized<'a> {
    store: &'a mut Store<State>,
    instance: Instance,
    /// What the module's memory holds.
    memory: Vec<u8>,
}

impl InstanceState for Initialized<'_> {
    async fn global_get(&mut self, name: &str, hint: ValType) -> SnapshotVal {
        let global = self.instance.get_global(&mut *self.store, name);
        match global.map(|global| global.get(&mut *self.store)) {
            Some(Val::I32(value)) => SnapshotVal::I32(value),
            Some(Val::I64(value)) => SnapshotVal::I64(value),
            Some(Val::F32(value)) => SnapshotVal::F32(value),
            Some(Val::F64(value)) => SnapshotVal::F64(value),
            Some(Val::V128(value)) => SnapshotVal::V128(value.as_u128()),
            // The instrumentation exports every global under a name of its own, and refuses other types.
            _ => {
                unreachable!("the global {name} of type {hint} was exported by the instrumentation")
            }
        }
    }

    /// Keeps the contents, and has the module begin with as many zeros: an image beside the module can be mapped by every instance, and the module is the same whatever was imported, so that its compiled form is.
    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        if let Some(memory) = self.instance.get_memory(&mut *self.store, name) {
            self.memory = memory.data(&*self.store).to_vec();
        }
        contents(&vec![0; self.memory.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_snapshot_is_the_one_that_was_made() {
        for memory in [&[][..], &[0; 10], &[1, 0, 2, 0, 0]] {
            let made = Snapshot::new(&[7; 3], memory, 9);
            let kept = Snapshot::from_bytes(made.bytes.clone()).expect("a snapshot");
            for snapshot in [&made, &kept] {
                assert_eq!(snapshot.module(), [7; 3]);
                assert_eq!(snapshot.size(), memory.len());
                assert_eq!(snapshot.warm_up(), 9);
                let (contents, zeros) = memory.split_at(snapshot.contents().len());
                assert_eq!(snapshot.contents(), contents);
                assert!(zeros.iter().all(|&byte| byte == 0));
            }
            for end in 0..Snapshot::HEAD + 3 {
                let cut = made.bytes[..end].to_vec();
                assert!(Snapshot::from_bytes(cut).is_none(), "{end}");
            }
        }
    }
}
