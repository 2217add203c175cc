//! One file a verb; `main.rs` is parse and one match.

pub mod compare;
pub mod list;
pub mod replay;
pub mod verify;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parallax_harness::error::Problem;
use parallax_harness::executor::Leg;
use parallax_harness::executor::native::NativeExecutor;
use parallax_harness::executor::wasm::WasmExecutor;
use parallax_harness::load::{BuildInfo, Corpus, GuestDir};
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
    /// Run these legs, the first being the reference; may be repeated [default: native, wasm]
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
type MakeLeg = fn(&LegOptions, &str) -> Result<Leg, Problem>;

/// The legs there are.
const LEGS: [(&str, MakeLeg); 2] = [("native", native), ("wasm", wasm)];

impl LegOptions {
    /// Sets up the legs that were asked for.
    pub fn legs(&self) -> Result<Vec<Leg>, Problem> {
        let known = LEGS.map(|(name, _)| name);
        let chosen: Vec<&str> = if self.leg.is_empty() {
            known.to_vec()
        } else {
            self.leg.iter().map(String::as_str).collect()
        };
        let mut legs: Vec<Leg> = Vec::new();
        for name in chosen {
            let (_, make) = LEGS
                .iter()
                .find(|(known, _)| *known == name)
                .ok_or_else(|| {
                    Problem::usage(format!("--leg: there is no leg {name:?}"))
                        .hint(format!("known legs: {}", known.join(", ")))
                })?;
            // The same leg twice is an A/A run, and a report must tell the two apart.
            let twin = legs.iter().filter(|leg| leg.name.starts_with(name)).count();
            let label = match twin {
                0 => name.to_owned(),
                count => format!("{name}-{}", count + 1),
            };
            legs.push(make(self, &label)?);
        }
        Ok(legs)
    }

    /// The versions that results depend on, where the legs are our own.
    pub fn toolchain(&self) -> BTreeMap<String, String> {
        BuildInfo::load(&self.build).map_or_else(|_| BTreeMap::new(), |build| build.toolchain)
    }
}

fn native(options: &LegOptions, name: &str) -> Result<Leg, Problem> {
    let executor = match &options.native {
        Some(command) => NativeExecutor::new(command)?,
        None => {
            let build = BuildInfo::load(&options.build)?;
            NativeExecutor::new(&build.native.program.to_string_lossy())?
        }
    };
    Ok(Leg {
        name: name.to_owned(),
        target: std::env::consts::ARCH.to_owned(),
        executor: Box::new(executor),
    })
}

fn wasm(options: &LegOptions, name: &str) -> Result<Leg, Problem> {
    let executor = match &options.wasm {
        Some(module) => {
            let dirs = options
                .wasm_dir
                .iter()
                .map(|text| parse_guest_dir(text))
                .collect::<Result<_, _>>()?;
            WasmExecutor::new(module, dirs)?
        }
        None => {
            let build = BuildInfo::load(&options.build)?;
            WasmExecutor::new(&build.wasm.module, build.wasm.dirs)?
        }
    };
    Ok(Leg {
        name: name.to_owned(),
        target: "wasm32-wasip1".to_owned(),
        executor: Box::new(executor),
    })
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
