//! The two files that tell PyO3 which CPython it builds against; without them PyO3 would look for the machine's.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Recipe;
use crate::fetch::Fetcher;
use crate::files;
use crate::python::{NativePython, PythonVersion};
use crate::store::{Cache, Context, Key, Step};

/// Writes both.
#[derive(Debug)]
pub struct Pyo3Config {
    step: Step,
    native: String,
    wasm: String,
}

impl Pyo3Config {
    /// The recipe for these two.
    pub fn new(cache: &Cache, native: &NativePython, guest: &PythonVersion) -> Self {
        let (native, wasm) = (of_native(&native.prefix, &native.version), of_wasm(guest));
        let key = Key::new("pyo3-config", &format!("{native}\n{wasm}"));
        Self {
            step: Step::new(cache, "pyo3-config", key),
            native,
            wasm,
        }
    }

    /// The native leg's file.
    pub fn native_file(&self) -> PathBuf {
        self.step.dir.join(NATIVE)
    }

    /// The guest's file.
    pub fn wasm_file(&self) -> PathBuf {
        self.step.dir.join(WASM)
    }
}

const NATIVE: &str = "native.txt";
const WASM: &str = "wasm.txt";

impl Recipe for Pyo3Config {
    fn step(&self) -> &Step {
        &self.step
    }

    fn run(&self, ctx: &mut Context<'_>, _fetcher: &mut Fetcher<'_>) -> Result<()> {
        files::write_atomic(&ctx.out.join(NATIVE), self.native.as_bytes())?;
        files::write_atomic(&ctx.out.join(WASM), self.wasm.as_bytes())
    }
}

/// The native leg: the shared library in the cache.
fn of_native(prefix: &Path, version: &PythonVersion) -> String {
    let dotted = &version.dotted;
    let prefix = prefix.display();
    format!(
        "implementation=CPython\nversion={dotted}\nshared=true\nabi3=true\nlib_name=python{dotted}\n\
         lib_dir={prefix}/lib\nexecutable={prefix}/bin/python{dotted}\npointer_width=64\nbuild_flags=\n\
         suppress_build_script_link_lines=false\n"
    )
}

/// The WebAssembly leg: the runtime's build script links the library, so PyO3 must not.
fn of_wasm(version: &PythonVersion) -> String {
    let dotted = &version.dotted;
    format!(
        "implementation=CPython\nversion={dotted}\nshared=false\nabi3=true\npointer_width=32\nbuild_flags=\n\
         suppress_build_script_link_lines=true\n"
    )
}
