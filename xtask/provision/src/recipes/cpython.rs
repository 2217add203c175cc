//! What both builds of CPython share: the modules that are left out, the options, and zlib.
//!
//! Both builds have the same set of modules whatever development packages the machine has:
//! modules that need a library from outside are switched off, and zlib is built here.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::sources::Sources;
use crate::files;
use crate::process::hermetic;
use crate::store::Context;

/// Modules that one of the legs cannot have, or that depend on the development packages of the machine.
const ABSENT_MODULES: [&str; 15] = [
    "_ssl",
    "_hashlib",
    "_sqlite3",
    "_bz2",
    "_lzma",
    "_ctypes",
    "_ctypes_test",
    "_curses",
    "_curses_panel",
    "_dbm",
    "_gdbm",
    "_tkinter",
    "readline",
    "_uuid",
    "nis",
];

/// What both builds are configured with. `OPT` is CPython's own default without `-g`, which triples the archive.
const SHARED_OPTIONS: [&str; 7] = [
    "-q",
    "--without-ensurepip",
    "--with-system-libmpdec=no",
    "--disable-test-modules",
    // Time zones are those of the package `tzdata` alone, not the machine's.
    "--with-tzpath=",
    // When it cross-compiles, configure would choose another algorithm; wasm32 needs no other one.
    "--with-hash-algorithm=siphash13",
    "OPT=-DNDEBUG -fwrapv -O3 -Wall",
];

const ZLIB_SOURCES: [&str; 11] = [
    "adler32", "compress", "crc32", "deflate", "infback", "inffast", "inflate", "inftrees",
    "trees", "uncompr", "zutil",
];

/// The text of a build's key: what is its own, then what both share.
pub fn recipe(own: &[&[&str]]) -> String {
    let shared: [&[&str]; 3] = [&ABSENT_MODULES, &SHARED_OPTIONS, &ZLIB_SOURCES];
    let parts: Vec<String> = own
        .iter()
        .chain(&shared)
        .map(|part| part.join(" "))
        .collect();
    parts.join("\n")
}

/// The static zlib that `zlibmodule` links; `compiler` is a program and its first options.
pub fn build_zlib(
    ctx: &Context<'_>,
    sources: &Sources,
    compiler: &[&str],
    ar: &Path,
) -> Result<PathBuf> {
    let folder = ctx.work.join("zlib");
    files::create_dir(&folder)?;
    let mut compile = hermetic(compiler[0]);
    compile
        .args(&compiler[1..])
        .args(["-O3", "-c"])
        .current_dir(&folder);
    compile.args(ZLIB_SOURCES.map(|name| sources.zlib.join(format!("{name}.c"))));
    ctx.runner.run(&mut compile, "compile zlib")?;
    let archive = folder.join("libz.a");
    let mut collect = hermetic(ar);
    collect
        .arg("rcs")
        .arg(&archive)
        .args(ZLIB_SOURCES.map(|name| format!("{name}.o")))
        .current_dir(&folder);
    ctx.runner.run(&mut collect, "archive zlib")?;
    Ok(archive)
}

/// `configure`, run in `build`, with the options that both builds share.
pub fn configure(ctx: &Context<'_>, sources: &Sources, zlib: &Path, build: &Path) -> Command {
    let mut command = hermetic(sources.cpython.join("configure"));
    command
        .current_dir(build)
        .args(SHARED_OPTIONS)
        .env("ZLIB_CFLAGS", format!("-I{}", sources.zlib.display()))
        .env("ZLIB_LIBS", zlib)
        // The machine's own libraries must not be found: they are not there for WASI, and not on every machine.
        .env("PKG_CONFIG_LIBDIR", ctx.work.join("no-packages"))
        .env("PKG_CONFIG_PATH", "");
    for module in ABSENT_MODULES {
        command.env(format!("py_cv_module_{module}"), "n/a");
    }
    command
}

/// Runs make in the build folder.
pub fn make(ctx: &Context<'_>, build: &Path, targets: &[&str], what: &str) -> Result<()> {
    let mut command = hermetic("make");
    command
        .current_dir(build)
        .arg(format!("-j{}", ctx.jobs))
        .args(targets);
    ctx.runner.run(&mut command, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_names_what_is_built() {
        let recipe = recipe(&[&["own"]]);
        for part in ["own", "_ssl", "-O3", "inffast"] {
            assert!(recipe.contains(part), "{part}");
        }
    }
}
