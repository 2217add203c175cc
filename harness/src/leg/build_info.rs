//! `build.json`: where `cargo xtask build` has put the executors, and what they were made with.

#![expect(
    clippy::disallowed_methods,
    reason = "reads the file that the build has written"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Provenance;
use crate::error::Problem;
use crate::executor::guest_dir::GuestDir;

/// The built executors.
#[derive(Clone, Debug, Deserialize)]
pub struct BuildInfo {
    pub native: NativeBuild,
    pub wasm: WasmBuild,
    /// Versions of everything that a result depends on.
    pub toolchain: BTreeMap<String, String>,
    /// Whether nothing was left out or taken from elsewhere.
    #[serde(default)]
    pub default: bool,
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

impl BuildInfo {
    /// Where these executors come from.
    pub fn provenance(&self) -> Provenance {
        Provenance {
            versions: self.toolchain.clone(),
            complete: self.default,
        }
    }

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
