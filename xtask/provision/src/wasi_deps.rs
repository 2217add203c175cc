//! The `wasi-deps` folder that the runtime's build script links from: its layout, which is wlr-libpy's, and one that the user gives.

use std::path::{Path, PathBuf};

use anyhow::Result;
use parallax_failure::Failure;

use crate::files;
use crate::python::PythonVersion;

/// The libraries that stand in for what WASI lacks.
pub const EMULATED: [&str; 3] = [
    "libwasi-emulated-signal.a",
    "libwasi-emulated-getpid.a",
    "libwasi-emulated-process-clocks.a",
];

/// Where those are, relative to the folder.
pub const EMULATED_FOLDER: &str = "wasi-sysroot/lib/wasm32-wasi";
pub const BUILTINS: &str = "lib/wasi/libclang_rt.builtins-wasm32.a";
pub const LIBRARIES: &str = "lib/wasm32-wasi";

/// The packages beyond the standard library, below `usr/local/lib`: build.rs names it, too.
pub const SITE_ZIP: &str = "site-packages.zip";

/// A complete folder.
#[derive(Clone, Debug)]
pub struct WasiDeps {
    /// The folder itself, absolute.
    pub path: PathBuf,
    /// Which CPython it holds.
    pub version: PythonVersion,
}

impl WasiDeps {
    /// The static library.
    pub fn libpython(&self) -> PathBuf {
        self.path
            .join(LIBRARIES)
            .join(format!("libpython{}.a", self.version.dotted))
    }

    /// The packages beyond the standard library, where the folder has any.
    pub fn site(&self) -> PathBuf {
        self.path.join("usr/local/lib").join(SITE_ZIP)
    }

    /// What the executor sees as `/usr`.
    pub fn usr(&self) -> PathBuf {
        self.path.join("usr")
    }

    /// A folder that the user gives, checked before anything is built with it.
    ///
    /// # Errors
    /// The layout is wrong; the message names the file that is missing.
    pub fn given(path: &Path) -> Result<Self> {
        let layout = || {
            "the folder must be laid out as wlr-libpy's wasi-deps; without --wasi-deps a folder is built here".to_owned()
        };
        let path = path.canonicalize().map_err(|error| {
            Failure::usage(format!("--wasi-deps {}: {error}", path.display())).hint(layout())
        })?;
        let library = Self::find_libpython(&path)?;
        let version = PythonVersion::of(&library);
        let mut needed: Vec<String> = EMULATED
            .map(|name| format!("{EMULATED_FOLDER}/{name}"))
            .to_vec();
        needed.push(BUILTINS.to_owned());
        needed.push(format!("usr/local/lib/python{}/os.py", version.dotted));
        needed.push(format!("usr/local/lib/python{}.zip", version.joined));
        for file in needed {
            if !path.join(&file).is_file() {
                return Err(Failure::usage(format!(
                    "--wasi-deps {}: no {file} in it",
                    path.display()
                ))
                .hint(layout())
                .into());
            }
        }
        Ok(Self { path, version })
    }

    /// The version of the one `libpython3.*.a`, at least the 3.12 whose stable interface the runtime is built for.
    fn find_libpython(path: &Path) -> Result<String, Failure> {
        let place = format!("--wasi-deps {}", path.display());
        let folder = path.join(LIBRARIES);
        let entries = files::sorted_entries(&folder).unwrap_or_default();
        let versions: Vec<&str> = entries
            .iter()
            .filter_map(|entry| {
                entry
                    .file_name()?
                    .to_str()?
                    .strip_prefix("libpython")?
                    .strip_suffix(".a")
            })
            .filter(|version| version.starts_with("3."))
            .collect();
        let hint = "the runtime is built for CPython 3.12 and later";
        match versions.as_slice() {
            [version] => match version.trim_start_matches("3.").parse::<u32>() {
                Ok(minor) if minor >= 12 => Ok((*version).to_owned()),
                _ => Err(Failure::usage(format!("{place}: it holds CPython {version}")).hint(hint)),
            },
            [] => Err(
                Failure::usage(format!("{place}: no {LIBRARIES}/libpython3.*.a in it")).hint(hint),
            ),
            several => Err(Failure::usage(format!(
                "{place}: {LIBRARIES} holds several libpython: {}",
                several.join(", ")
            ))
            .hint(hint)),
        }
    }
}

#[cfg(test)]
#[path = "wasi_deps_tests.rs"]
mod tests;
