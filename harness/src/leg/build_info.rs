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
use crate::executor::places::Library;

/// The built executors.
#[derive(Clone, Debug, Deserialize)]
pub struct BuildInfo {
    pub native: NativeBuild,
    pub wasm: WasmBuild,
    /// Versions of everything that a result depends on.
    pub toolchain: BTreeMap<String, String>,
    /// What is shipped, in bytes, by its name.
    #[serde(default)]
    pub sizes: BTreeMap<String, u64>,
    /// Whether nothing was left out or taken from elsewhere.
    #[serde(default)]
    pub default: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub struct NativeBuild {
    pub program: PathBuf,
    /// Where its Python has its library; a case sees the path.
    pub library: PathBuf,
    /// Where packages are, if there are any.
    pub packages: Option<PathBuf>,
}

impl NativeBuild {
    /// The paths that are the library's on this leg.
    pub fn library(&self) -> Library {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        Library {
            library: text(&self.library),
            packages: self.packages.as_deref().map(text).unwrap_or_default(),
        }
    }
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
        let build_it = "run `cargo xtask build` in the checkout, or name what it built with --build, or executors with --native and --wasm";
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
