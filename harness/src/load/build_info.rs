//! `build.json`: where `cargo xtask build` has put the executors, and what they were made with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Problem;

/// The built executors.
#[derive(Clone, Debug, Deserialize)]
pub struct BuildInfo {
    pub native: NativeBuild,
    pub wasm: WasmBuild,
    /// Versions of everything that a result depends on.
    pub toolchain: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct NativeBuild {
    pub program: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
pub struct WasmBuild {
    pub module: PathBuf,
    pub dirs: Vec<GuestDir>,
}

/// A directory of the host that a WebAssembly executor sees, read-only.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuestDir {
    pub host: PathBuf,
    pub guest: String,
}

impl BuildInfo {
    /// Reads what the build has written.
    ///
    /// # Errors
    /// The file is missing (nothing is built yet) or isn't of this shape (built by another version).
    pub fn load(path: &Path) -> Result<Self, Problem> {
        let build_it = "run `cargo xtask build`, or name executors with --native and --wasm";
        let bytes = std::fs::read(path).map_err(|error| {
            Problem::environment(format!(
                "the executors are not built: failed to read {}: {error}",
                path.display()
            ))
            .hint(build_it)
        })?;
        serde_json::from_slice(&bytes).map_err(|error| {
            Problem::environment(format!("{}: {error}", path.display())).hint(build_it)
        })
    }
}
