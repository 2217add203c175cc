//! One file a verb; `main.rs` is parse and one match.

pub mod compare;
pub mod figures;
pub mod list;
pub mod replay;
pub mod verify;
pub mod warm;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parallax_harness::case::{Case, CaseId};
use parallax_harness::error::Problem;
use parallax_harness::executor::native::{NativeExecutor, ZygoteExecutor};
use parallax_harness::executor::wasm::{CommandExecutor, CopyExecutor};
use parallax_harness::executor::{Executor, Leg};
use parallax_harness::load::{BuildInfo, Corpus, GuestDir, WasmBuild};
use parallax_runtime::marshal::Transport;

/// Which executors stand against each other.
#[derive(Debug, clap::Args)]
pub struct LegOptions {
    /// Where `cargo xtask build` has written what it built
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target/parallax/build.json"
    )]
    build: PathBuf,
    /// Run this program as the native leg instead of the built one
    #[arg(long, value_name = "PROGRAM")]
    native: Option<String>,
    /// Run this WASI preview 1 command as the wasm leg instead of the built one
    #[arg(long, value_name = "MODULE")]
    wasm: Option<PathBuf>,
    /// Let the module of --wasm see a directory, read-only; may be repeated
    #[arg(long, value_name = "HOST::GUEST", requires = "wasm")]
    wasm_dir: Vec<String>,
    /// Start a fresh interpreter for every case instead of copying a warmed one
    #[arg(long)]
    cold: bool,
    /// Give each case of a wasm leg N units of fuel, and report what it consumes; its clocks and random numbers are then the same in every run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    fuel: Option<u64>,
    /// Run these legs, the first being the reference; may be repeated [default: native, wasm; also: native-cold, wasm-cold]
    #[arg(long, value_name = "LEG")]
    leg: Vec<String>,
    /// How arrays travel to an executor and back
    #[arg(long, value_name = "FORM", default_value = "json-base64", value_parser = parse_transport)]
    pub transport: Transport,
}

fn parse_transport(text: &str) -> Result<Transport, String> {
    let known = Transport::ALL.map(Transport::name);
    Transport::ALL
        .into_iter()
        .find(|transport| transport.name() == text)
        .ok_or_else(|| format!("known are {}", known.join(", ")))
}

/// Makes one leg.
type MakeLeg = fn(&LegOptions, &str, &Path) -> Result<Leg, Problem>;

/// The legs there are.
const LEGS: [(&str, MakeLeg); 4] = [
    ("native", native),
    ("wasm", wasm),
    ("native-cold", native_cold),
    ("wasm-cold", wasm_cold),
];

/// The legs of a run that names none.
const DEFAULT_LEGS: [&str; 2] = ["native", "wasm"];

impl LegOptions {
    /// Sets up the legs that were asked for, to run cases with the modules of one node path.
    pub fn legs(&self, node_path: &Path) -> Result<Vec<Leg>, Problem> {
        let known = LEGS.map(|(name, _)| name);
        let chosen: Vec<&str> = if self.leg.is_empty() {
            DEFAULT_LEGS.to_vec()
        } else {
            self.leg.iter().map(String::as_str).collect()
        };
        let mut legs: Vec<Leg> = Vec::new();
        for (index, &name) in chosen.iter().enumerate() {
            let (_, make) = LEGS
                .iter()
                .find(|(known, _)| *known == name)
                .ok_or_else(|| {
                    Problem::usage(format!("--leg: there is no leg {name:?}"))
                        .hint(format!("known legs: {}", known.join(", ")))
                })?;
            // The same leg twice is an A/A run, and a report must tell the two apart.
            let twins = chosen[..index].iter().filter(|&&other| other == name);
            let label = match twins.count() {
                0 => name.to_owned(),
                count => format!("{name}-{}", count + 1),
            };
            legs.push(make(self, &label, node_path)?);
        }
        Ok(legs)
    }

    /// The versions that results depend on, where the legs are our own.
    pub fn toolchain(&self) -> BTreeMap<String, String> {
        BuildInfo::load(&self.build).map_or_else(|_| BTreeMap::new(), |build| build.toolchain)
    }
}

fn native(options: &LegOptions, name: &str, node_path: &Path) -> Result<Leg, Problem> {
    // A foreign program is started for each case: that is all it has promised.
    if options.cold || options.native.is_some() {
        return native_cold(options, name, node_path);
    }
    let build = BuildInfo::load(&options.build)?;
    Ok(native_leg(
        name,
        ZygoteExecutor::new(&build.native.program)?,
    ))
}

fn native_cold(options: &LegOptions, name: &str, _: &Path) -> Result<Leg, Problem> {
    let executor = match &options.native {
        Some(command) => NativeExecutor::new(command)?,
        None => {
            let build = BuildInfo::load(&options.build)?;
            NativeExecutor::new(&build.native.program.to_string_lossy())?
        }
    };
    Ok(native_leg(name, executor))
}

fn native_leg(name: &str, executor: impl Executor + 'static) -> Leg {
    Leg {
        name: name.to_owned(),
        target: std::env::consts::ARCH.to_owned(),
        executor: Box::new(executor),
    }
}

/// Somebody else's module is a command and nothing more; ours can be copied warm.
fn wasm(options: &LegOptions, name: &str, node_path: &Path) -> Result<Leg, Problem> {
    if options.cold || options.wasm.is_some() {
        return wasm_cold(options, name, node_path);
    }
    let build = BuildInfo::load(&options.build)?;
    let WasmBuild { module, dirs } = build.wasm;
    let executor = CopyExecutor::with_fuel(&module, dirs, node_path, options.fuel)?;
    Ok(wasm_leg(name, Box::new(executor)))
}

fn wasm_cold(options: &LegOptions, name: &str, _: &Path) -> Result<Leg, Problem> {
    let executor = match &options.wasm {
        Some(module) => {
            let dirs = options
                .wasm_dir
                .iter()
                .map(|text| parse_guest_dir(text))
                .collect::<Result<_, _>>()?;
            CommandExecutor::with_fuel(module, dirs, options.fuel)?
        }
        None => {
            let build = BuildInfo::load(&options.build)?;
            CommandExecutor::with_fuel(&build.wasm.module, build.wasm.dirs, options.fuel)?
        }
    };
    Ok(wasm_leg(name, Box::new(executor)))
}

fn wasm_leg(name: &str, executor: Box<dyn Executor>) -> Leg {
    Leg {
        name: name.to_owned(),
        target: "wasm32-wasip1".to_owned(),
        executor,
    }
}

fn parse_guest_dir(text: &str) -> Result<GuestDir, Problem> {
    match text.split_once("::") {
        Some((host, guest)) if !host.is_empty() && guest.starts_with('/') => Ok(GuestDir {
            host: PathBuf::from(host),
            guest: guest.to_owned(),
        }),
        _ => Err(
            Problem::usage(format!("--wasm-dir {text:?}: expected HOST::GUEST"))
                .hint("for example --wasm-dir ./lib::/usr/lib"),
        ),
    }
}

/// Which cases.
#[derive(Debug, clap::Args)]
pub struct CorpusOptions {
    /// The corpus: a directory with manifests/, and as needed nodes/, policy.toml, ledger.toml
    #[arg(long, value_name = "DIR", default_value = "corpus")]
    corpus: PathBuf,
}

impl CorpusOptions {
    pub fn load(&self) -> Result<Corpus, Problem> {
        Corpus::load(Path::new(&self.corpus))
    }
}

/// Writes to standard output failed, or to a file that was asked for.
pub fn write_failed(place: &str, error: &std::io::Error) -> Problem {
    Problem::environment(format!("failed to write {place}: {error}"))
        .hint("check that there is room and the directory exists")
}

pub fn find<'a>(corpus: &'a Corpus, id: &str) -> Result<&'a Case, Problem> {
    let wanted = CaseId(id.trim_end_matches(".json").to_owned());
    corpus
        .cases
        .binary_search_by(|case| case.id.cmp(&wanted))
        .map(|index| &corpus.cases[index])
        .map_err(|_| {
            let name = id.rsplit('/').next().unwrap_or(id);
            let similar: Vec<&str> = corpus
                .cases
                .iter()
                .map(|case| case.id.0.as_str())
                .filter(|known| known.contains(name))
                .take(5)
                .collect();
            let hint = match similar.as_slice() {
                [] => "`parallax list` shows the ids of all cases".to_owned(),
                similar => format!("similar ids: {}", similar.join(", ")),
            };
            Problem::usage(format!("there is no case {id:?}")).hint(hint)
        })
}
