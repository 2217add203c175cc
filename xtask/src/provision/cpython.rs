//! CPython, built twice from one source release: natively as a shared library, and for WASI as an archive.
//!
//! Both builds have the same set of modules whatever development packages the machine has:
//! modules that need a library from outside are switched off, and zlib is built here.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::cache::{Cache, is_step};
use super::fetch::Fetcher;
use super::llvm::WasiToolchain;
use super::pins::Pins;
use super::step::{Context, Step};
use crate::error::environment;
use crate::fs_util;
use crate::process::hermetic;

/// Modules that one of the legs cannot have, or that depend on what the machine happens to have installed.
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
const SHARED_OPTIONS: [&str; 6] = [
    "-q",
    "--without-ensurepip",
    "--with-system-libmpdec=no",
    "--disable-test-modules",
    // Cross-compiling, configure would fall back to another one, for no reason that wasm32 has.
    "--with-hash-algorithm=siphash13",
    "OPT=-DNDEBUG -fwrapv -O3 -Wall",
];

const NATIVE_OPTIONS: [&str; 1] = ["--enable-shared"];

const WASI_OPTIONS: [&str; 2] = ["--host=wasm32-wasip1", "--prefix=/usr/local"];

const ZLIB_SOURCES: [&str; 11] = [
    "adler32", "compress", "crc32", "deflate", "infback", "inffast", "inflate", "inftrees",
    "trees", "uncompr", "zutil",
];

/// The archives that the WASI build leaves besides `libpython`, relative to its folder.
const WASI_ARCHIVES: [&str; 3] = [
    "Modules/_decimal/libmpdec/libmpdec.a",
    "Modules/expat/libexpat.a",
    "Modules/_hacl/libHacl_Hash_SHA2.a",
];

/// Imported once before the native build is published.
const PROBE: &str = "import asyncio, decimal, json, unicodedata, zlib; assert zlib.decompress(zlib.compress(b'x')) == b'x'";

/// The text of the native build's key.
pub fn native_recipe() -> String {
    let own = ["rev 2", PROBE];
    recipe(&[&own, &NATIVE_OPTIONS])
}

/// The text of the WASI build's key.
pub fn wasi_recipe() -> String {
    let own = ["rev 3: sysconfig without this machine's folders"];
    recipe(&[&own, &WASI_OPTIONS, &WASI_ARCHIVES])
}

fn recipe(own: &[&[&str]]) -> String {
    let shared: [&[&str]; 3] = [&ABSENT_MODULES, &SHARED_OPTIONS, &ZLIB_SOURCES];
    let parts: Vec<String> = own
        .iter()
        .chain(&shared)
        .map(|part| part.join(" "))
        .collect();
    parts.join("\n")
}

/// Version numbers in the forms that file names use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonVersion {
    /// "3.13"
    pub dotted: String,
    /// "313"
    pub joined: String,
}

impl PythonVersion {
    /// From "3.13.5" or "3.13".
    pub fn of(full: &str) -> Self {
        let parts: Vec<&str> = full.split('.').take(2).collect();
        Self {
            dotted: parts.join("."),
            joined: parts.concat(),
        }
    }
}

/// Fetches and unpacks both sources.
///
/// # Errors
/// A source cannot be had, or tar fails.
pub fn run_sources(ctx: &mut Context<'_>, pins: &Pins, fetcher: &mut Fetcher<'_>) -> Result<()> {
    fs_util::create_dir(&ctx.out)?;
    for row in ["cpython", "zlib"] {
        let archive = fetcher.file(ctx, pins.get(row)?)?;
        let mut tar = hermetic("tar");
        tar.arg("-xf")
            .arg(&archive)
            .arg("-C")
            .arg(&ctx.out)
            .arg("--no-same-owner");
        ctx.runner
            .run(&mut tar, &format!("unpack {}", archive.display()))?;
    }
    Ok(())
}

/// The unpacked sources.
#[derive(Clone, Debug)]
pub struct Sources {
    /// `Python-3.13.5/`
    pub cpython: PathBuf,
    /// `zlib-1.3.1/`
    pub zlib: PathBuf,
}

impl Sources {
    /// Where [`run_sources`] put them.
    ///
    /// # Errors
    /// The pin file lacks a row.
    pub fn of(step: &Step, pins: &Pins) -> Result<Self> {
        let folder = |prefix: &str, row: &str| -> Result<PathBuf> {
            Ok(step
                .dir
                .join(format!("{prefix}-{}", pins.get(row)?.version)))
        };
        Ok(Self {
            cpython: folder("Python", "cpython")?,
            zlib: folder("zlib", "zlib")?,
        })
    }
}

/// Builds and installs the native CPython; its prefix is the step's final folder.
///
/// # Errors
/// The build fails.
pub fn run_native(
    ctx: &mut Context<'_>,
    sources: &Sources,
    prefix: &Path,
    version: &PythonVersion,
) -> Result<()> {
    let zlib = build_zlib(ctx, sources, &["gcc", "-fPIC"], Path::new("ar"))?;
    let build = ctx.work.join("build");
    fs_util::create_dir(&build)?;
    let mut configure = configure(ctx, sources, &zlib, &build);
    configure
        .args(NATIVE_OPTIONS)
        .arg(format!("--prefix={}", prefix.display()))
        .arg(format!(
            "LDFLAGS=-Wl,-rpath,{}",
            prefix.join("lib").display()
        ))
        .env("CC", "gcc");
    ctx.runner
        .run(&mut configure, "configure the native CPython")?;
    make(ctx, &build, &["all"], "build the native CPython")?;
    let destination = ctx.work.join("destination");
    let destdir = format!("DESTDIR={}", destination.display());
    make(
        ctx,
        &build,
        &["install", &destdir],
        "install the native CPython",
    )?;
    let installed = destination.join(prefix.strip_prefix("/").unwrap_or(prefix));
    fs_util::remove(&ctx.out)?;
    fs_util::rename(&installed, &ctx.out)?;
    let mut probe = hermetic(ctx.out.join(format!("bin/python{}", version.dotted)));
    probe
        .args(["-I", "-c", PROBE])
        .env("LD_LIBRARY_PATH", ctx.out.join("lib"))
        .env("PYTHONHOME", &ctx.out);
    probe.env("PYTHONDONTWRITEBYTECODE", "1");
    ctx.runner.run(&mut probe, "start the native CPython")
}

/// Builds CPython for WASI: the archives, `pyconfig.h`, and the module that describes the build.
///
/// # Errors
/// The build fails.
pub fn run_wasi(
    ctx: &mut Context<'_>,
    sources: &Sources,
    toolchain: &WasiToolchain,
    native: &Path,
    version: &PythonVersion,
) -> Result<()> {
    let clang = toolchain.program("clang").display().to_string();
    let sysroot = format!("--sysroot={}", toolchain.sysroot.display());
    let ar = toolchain.program("llvm-ar");
    let zlib = build_zlib(
        ctx,
        sources,
        &[&clang, "--target=wasm32-wasip1", &sysroot],
        &ar,
    )?;
    let build = ctx.work.join("build");
    fs_util::create_dir(&build)?;
    let guess = ctx.runner.output(
        &mut hermetic(sources.cpython.join("config.guess")),
        "guess this machine's name",
    )?;
    let mut configure = configure(ctx, sources, &zlib, &build);
    configure
        .args(WASI_OPTIONS)
        .arg(format!("--build={}", guess.trim()))
        .arg(format!(
            "--with-build-python={}",
            native
                .join(format!("bin/python{}", version.dotted))
                .display()
        ))
        .env(
            "CONFIG_SITE",
            sources.cpython.join("Tools/wasm/config.site-wasm32-wasi"),
        )
        .env("CC", toolchain.cc())
        .env("AR", &ar)
        .env("RANLIB", toolchain.program("llvm-ranlib"));
    ctx.runner
        .run(&mut configure, "configure CPython for WASI")?;
    let library = format!("libpython{}.a", version.dotted);
    make(
        ctx,
        &build,
        &[&library, "pybuilddir.txt"],
        "build CPython for WASI",
    )?;

    fs_util::copy(&build.join(&library), &ctx.out.join(&library))?;
    fs_util::copy(&zlib, &ctx.out.join("libz.a"))?;
    for archive in WASI_ARCHIVES {
        let path = build.join(archive);
        fs_util::copy(&path, &ctx.out.join(path.file_name().unwrap_or_default()))?;
    }
    fs_util::copy(&build.join("pyconfig.h"), &ctx.out.join("pyconfig.h"))?;
    let described = build.join(fs_util::read_text(&build.join("pybuilddir.txt"))?.trim());
    let is_module = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "py");
    let Some(module) = fs_util::sorted_entries(&described)?
        .into_iter()
        .find(is_module)
    else {
        return Err(environment(format!(
            "{} holds no _sysconfigdata module",
            described.display()
        ))
        .into());
    };
    let text = without_folders(&fs_util::read_text(&module)?, ctx.cache);
    fs_util::write_atomic(
        &ctx.out.join(module.file_name().unwrap_or_default()),
        text.as_bytes(),
    )
}

/// The build's folders mean nothing later, and would make the library differ from machine to machine.
fn without_folders(text: &str, cache: &Cache) -> String {
    let root = format!("{}/", cache.root.display());
    let mut parts = text.split(&root);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c))
            .unwrap_or(part.len());
        let (folder, rest) = part.split_at(end);
        let name = if is_step(folder) {
            &folder[..folder.len() - 17]
        } else {
            folder
        };
        out.push_str("/parallax/");
        out.push_str(name);
        out.push_str(rest);
    }
    out
}

/// The static zlib that `zlibmodule` links; `compiler` is a program and its first options.
fn build_zlib(
    ctx: &Context<'_>,
    sources: &Sources,
    compiler: &[&str],
    ar: &Path,
) -> Result<PathBuf> {
    let folder = ctx.work.join("zlib");
    fs_util::create_dir(&folder)?;
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

/// What both builds share, outside of the source folder.
fn configure(ctx: &Context<'_>, sources: &Sources, zlib: &Path, build: &Path) -> Command {
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

fn make(ctx: &Context<'_>, build: &Path, targets: &[&str], what: &str) -> Result<()> {
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
    fn versions_are_split_for_file_names() {
        let version = PythonVersion::of("3.13.5");
        assert_eq!(
            (version.dotted.as_str(), version.joined.as_str()),
            ("3.13", "313")
        );
        assert_eq!(PythonVersion::of("3.13"), version);
    }

    #[test]
    fn the_recipes_name_what_they_build() {
        for part in ["_ssl", "-O3", "inffast"] {
            assert!(
                native_recipe().contains(part) && wasi_recipe().contains(part),
                "{part}"
            );
        }
        assert!(native_recipe().contains("--enable-shared"));
        assert!(wasi_recipe().contains("--host=wasm32-wasip1"));
    }

    #[test]
    fn the_caches_folders_are_taken_out_of_text() {
        let cache = Cache::at("/c/parallax".into()).expect("a plain path");
        let text =
            "CC='/c/parallax/llvm-0123456789abcdef/bin/clang -O3' x=/c/parallax/tmp/y /c/other";
        let expected = "CC='/parallax/llvm/bin/clang -O3' x=/parallax/tmp/y /c/other";
        assert_eq!(without_folders(text, &cache), expected);
    }
}
