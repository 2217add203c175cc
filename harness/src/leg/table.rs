//! The legs there are, made when a run asks for them.

use std::path::{Path, PathBuf};

use super::build_info::{BuildInfo, WasmBuild};
use super::{Leg, Provenance};
use crate::error::Problem;
use crate::executor::guest_dir::GuestDir;
use crate::executor::native::{NativeExecutor, ZygoteExecutor};
use crate::executor::wasm::{CommandExecutor, CopyExecutor};
use crate::executor::{Channel, Executor};

/// What the legs of a run are made from.
#[derive(Clone, Debug)]
pub struct Workshop {
    /// Where the build has written what it built.
    pub build: PathBuf,
    /// A program that stands in for the built native executor.
    pub native: Option<String>,
    /// A module that stands in for the built one.
    pub wasm: Option<PathBuf>,
    /// What that module sees of the host, read-only.
    pub wasm_dirs: Vec<GuestDir>,
    /// Fresh interpreters instead of copies of a warmed one.
    pub cold: bool,
    /// What each case of a WebAssembly leg may consume, where that is metered.
    pub fuel: Option<u64>,
    /// Where cases find their modules.
    pub node_path: PathBuf,
}

/// A kind of leg: its name, what it is for, and how it is made.
pub struct Kind {
    pub name: &'static str,
    pub about: &'static str,
    make: fn(&Workshop) -> Result<Made, Problem>,
}

struct Made {
    target: String,
    provenance: Provenance,
    executor: Box<dyn Executor>,
}

/// All kinds of legs.
pub const KINDS: [Kind; 4] = [
    Kind {
        name: "native",
        about: "a fork of a warmed interpreter for each case",
        make: native,
    },
    Kind {
        name: "wasm",
        about: "a copy of a warmed interpreter in WebAssembly for each case",
        make: wasm,
    },
    Kind {
        name: "native-cold",
        about: "a process for each case",
        make: native_cold,
    },
    Kind {
        name: "wasm-cold",
        about: "an instance in WebAssembly for each case, started from nothing",
        make: wasm_cold,
    },
];

/// The legs of a run that names none; the first is the reference.
pub const DEFAULT: [&str; 2] = ["native", "wasm"];

impl Workshop {
    /// Makes the named legs, in order; the default ones if none is named.
    ///
    /// # Errors
    /// There is no leg of a name, or one can't be made.
    pub fn legs(&self, names: &[String]) -> Result<Vec<Leg>, Problem> {
        let chosen: Vec<&str> = match names {
            [] => DEFAULT.to_vec(),
            names => names.iter().map(String::as_str).collect(),
        };
        let mut legs: Vec<Leg> = Vec::new();
        for (index, &name) in chosen.iter().enumerate() {
            let kind = KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| {
                let known = KINDS.each_ref().map(|kind| kind.name).join(", ");
                Problem::usage(format!("--leg: there is no leg {name:?}"))
                    .hint(format!("known legs: {known}"))
            })?;
            // The same leg twice is an A/A run, and a report must tell the two apart.
            let twins = chosen[..index].iter().filter(|&&other| other == name);
            let label = match twins.count() {
                0 => name.to_owned(),
                count => format!("{name}-{}", count + 1),
            };
            let Made {
                target,
                provenance,
                executor,
            } = (kind.make)(self)?;
            legs.push(Leg {
                name: label,
                target,
                provenance,
                executor,
            });
        }
        Ok(legs)
    }

    /// The native executor in a process for each case, with variables that change how it computes; for experiments.
    ///
    /// # Errors
    /// It can't be made.
    pub fn witness(
        &self,
        variables: Vec<(&'static str, String)>,
    ) -> Result<Box<dyn Executor>, Problem> {
        Ok(Box::new(self.native_process()?.0.with_variables(variables)))
    }

    fn native_process(&self) -> Result<(NativeExecutor, Provenance), Problem> {
        match &self.native {
            Some(command) => {
                let executor = NativeExecutor::new(command, Channel::StandardOutput)?;
                Ok((executor, Provenance::default()))
            }
            None => {
                let build = self.build()?;
                let program = build.native.program.to_string_lossy();
                let executor = NativeExecutor::new(&program, Channel::Own)?
                    .with_library(build.native.library());
                Ok((executor, build.provenance()))
            }
        }
    }

    fn build(&self) -> Result<BuildInfo, Problem> {
        BuildInfo::load(&self.build)
    }
}

fn native(workshop: &Workshop) -> Result<Made, Problem> {
    // A foreign program is started for each case: that is all it has promised.
    if workshop.cold || workshop.native.is_some() {
        return native_cold(workshop);
    }
    let build = workshop.build()?;
    let library = build.native.library();
    let executor = ZygoteExecutor::new(&build.native.program)?.with_library(library);
    Ok(made_native(build.provenance(), executor))
}

fn native_cold(workshop: &Workshop) -> Result<Made, Problem> {
    let (executor, provenance) = workshop.native_process()?;
    Ok(made_native(provenance, executor))
}

/// What native executors run on.
pub fn native_target() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

fn made_native(provenance: Provenance, executor: impl Executor + 'static) -> Made {
    Made {
        target: native_target(),
        provenance,
        executor: Box::new(executor),
    }
}

/// Somebody else's module is a command and nothing more; ours can be copied warm.
fn wasm(workshop: &Workshop) -> Result<Made, Problem> {
    if workshop.cold || workshop.wasm.is_some() {
        return wasm_cold(workshop);
    }
    let build = workshop.build()?;
    let provenance = build.provenance();
    let WasmBuild { module, dirs } = build.wasm;
    let executor = CopyExecutor::with_fuel(&module, dirs, &workshop.node_path, workshop.fuel)?;
    Ok(made_wasm(provenance, executor))
}

fn wasm_cold(workshop: &Workshop) -> Result<Made, Problem> {
    match &workshop.wasm {
        Some(module) => {
            let dirs = workshop.wasm_dirs.clone();
            let executor =
                CommandExecutor::with_fuel(module, dirs, Channel::StandardOutput, workshop.fuel)?;
            Ok(made_wasm(Provenance::default(), executor))
        }
        None => {
            let build = workshop.build()?;
            let provenance = build.provenance();
            let WasmBuild { module, dirs } = build.wasm;
            let executor = CommandExecutor::with_fuel(&module, dirs, Channel::Own, workshop.fuel)?;
            Ok(made_wasm(provenance, executor))
        }
    }
}

fn made_wasm(provenance: Provenance, executor: impl Executor + 'static) -> Made {
    Made {
        target: "wasm32-wasip1".to_owned(),
        provenance,
        executor: Box::new(executor),
    }
}

/// A directory as `--wasm-dir` writes it.
///
/// # Errors
/// The text isn't `HOST::GUEST`.
pub fn parse_guest_dir(text: &str) -> Result<GuestDir, Problem> {
    match text.split_once("::") {
        Some((host, guest)) if !host.is_empty() && guest.starts_with('/') => Ok(GuestDir {
            host: Path::new(host).to_owned(),
            guest: guest.to_owned(),
        }),
        _ => Err(
            Problem::usage(format!("--wasm-dir {text:?}: expected HOST::GUEST"))
                .hint("for example --wasm-dir ./lib::/usr/lib"),
        ),
    }
}
