//! The two files that tell PyO3 which CPython it builds against, so that it never looks at the machine's.

use std::path::Path;

use anyhow::Result;

use super::cpython::PythonVersion;
use super::step::Context;
use crate::fs_util;

/// The native leg: the shared library in the cache.
pub fn native(prefix: &Path, version: &PythonVersion) -> String {
    let dotted = &version.dotted;
    let prefix = prefix.display();
    format!(
        "implementation=CPython\nversion={dotted}\nshared=true\nabi3=true\nlib_name=python{dotted}\n\
         lib_dir={prefix}/lib\nexecutable={prefix}/bin/python{dotted}\npointer_width=64\nbuild_flags=\n\
         suppress_build_script_link_lines=false\n"
    )
}

/// The WebAssembly leg: the runtime's build script links the library, PyO3 must not.
pub fn wasm(version: &PythonVersion) -> String {
    let dotted = &version.dotted;
    format!(
        "implementation=CPython\nversion={dotted}\nshared=false\nabi3=true\npointer_width=32\nbuild_flags=\n\
         suppress_build_script_link_lines=true\n"
    )
}

/// Writes both.
///
/// # Errors
/// The cache cannot be written.
pub fn run(ctx: &Context<'_>, native: &str, wasm: &str) -> Result<()> {
    fs_util::write_atomic(&ctx.out.join("native.txt"), native.as_bytes())?;
    fs_util::write_atomic(&ctx.out.join("wasm.txt"), wasm.as_bytes())
}
