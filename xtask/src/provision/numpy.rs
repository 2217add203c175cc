//! numpy for both legs, in one version: natively its wheel, for WebAssembly a build of the source release.
//!
//! There is no dynamic loading in the guest, so its extension modules become archives that the executor links.

mod build;
pub mod suite;

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cache::Cache;
use super::fetch::Fetcher;
use super::llvm::WasiToolchain;
use super::pins::Pins;
use super::step::{Context, Key, Step};
use crate::fs_util;
use crate::process::hermetic;

/// The processor that wheels are pinned for; on another one both legs are without numpy.
pub const ARCH: &str = "x86_64";

/// What a run says of such a processor.
pub const NO_WHEEL: &str = "none: no wheel is pinned for this processor";

/// What a run says where a WASI SDK is used: the exceptions' run-time fits Debian's C++ library alone.
pub const OTHER_LIBCXX: &str =
    "native only: the guest's needs the distribution's compiler, and WASI_SDK_PATH names another";

/// Below the native step's folder, what is put on `sys.path`.
pub const SITE: &str = "site-packages";

/// Below the guest's step's folder, and where the guest sees it: build.rs names it, too.
pub const ZIP: &str = "site-packages.zip";
const GUEST_ZIP: &str = "/usr/local/lib/site-packages.zip";

/// The rows that the guest's build reads.
pub const INPUTS: [&str; 4] = ["numpy", "cython", "ninja", "ziglang"];

/// What the executor links, before libpython.
pub const ARCHIVES: [&str; 3] = [
    "libc-printscan-long-double.a",
    "libnumpy.a",
    "libcxx-exceptions.a",
];

const UNPACK: &str = include_str!("numpy/unpack.py");

/// The step that unpacks the wheel.
///
/// # Errors
/// The pin file lacks its row.
pub fn native_step(cache: &Cache, pins: &Pins) -> Result<Step> {
    let recipe = format!("rev 1: unpacked, with unchecked bytecode\n{UNPACK}");
    let key = Key::new("numpy-native", &recipe).input(pins.get("numpy-wheel")?);
    Ok(Step::new(cache, "numpy-native", key))
}

/// The key of the step that builds the source, but for the toolchain and CPython: with and without SIMD lie side by side.
///
/// # Errors
/// The pin file lacks a row.
pub fn wasi_key(pins: &Pins, simd: bool) -> Result<Key> {
    let mut key = Key::new("numpy-wasi", &build::recipe());
    key = key.with("simd", if simd { "yes" } else { "no" });
    for row in INPUTS {
        key = key.input(pins.get(row)?);
    }
    Ok(key)
}

/// Unpacks the wheel.
///
/// # Errors
/// It cannot be had.
pub fn run_native(
    ctx: &mut Context<'_>,
    pins: &Pins,
    fetcher: &mut Fetcher<'_>,
    python: &Path,
) -> Result<()> {
    let wheel = fetcher.file(ctx, pins.get("numpy-wheel")?)?;
    let site = ctx.out.join(SITE);
    let script = ctx.work.join("unpack.py");
    fs_util::write_atomic(&script, UNPACK.as_bytes())?;
    let mut unpack = hermetic(python);
    unpack.arg(&script).arg(&wheel).arg(&site);
    ctx.runner.run(&mut unpack, "unpack numpy's wheel")?;
    // Legs write no bytecode, so without this each would compile numpy anew; the guest's is as little checked.
    let mut compile = hermetic(python);
    compile
        .args(["-m", "compileall", "-q", "-x", "/tests/"])
        .args(["--invalidation-mode", "unchecked-hash"])
        .arg(&site);
    ctx.runner.run(&mut compile, "compile numpy's Python files")
}

/// What the guest's build reads besides its pinned inputs.
pub struct Ground<'a> {
    /// Whether WebAssembly's vector instructions are used.
    pub simd: bool,
    /// The compiler for WASI.
    pub toolchain: &'a WasiToolchain,
    /// The C++ library's headers and archive.
    pub libcxx: (PathBuf, PathBuf),
    /// CPython's source.
    pub cpython: &'a Path,
    /// CPython's build for WASI, for its `pyconfig.h`.
    pub wasi_build: &'a Path,
    /// The native Python, which runs Meson and Cython.
    pub python: PathBuf,
    /// The version of both.
    pub version: &'a str,
}

/// Builds numpy for WASI: the archives, and a zip of its Python files.
///
/// # Errors
/// An input cannot be had, a hunk of the patch does not apply, a function is registered with another signature than it has, or the build fails.
pub fn run_wasi(
    ctx: &mut Context<'_>,
    pins: &Pins,
    fetcher: &mut Fetcher<'_>,
    ground: &Ground<'_>,
) -> Result<()> {
    let mut inputs = Vec::new();
    for row in INPUTS {
        inputs.push(fetcher.file(ctx, pins.get(row)?)?);
    }
    let build = build::Build {
        ctx,
        ground,
        source: ctx
            .work
            .join(format!("numpy-{}", pins.get("numpy")?.version)),
    };
    build.unpack(&inputs)?;
    build.configure()?;
    build.compile()?;
    build.exceptions()?;
    build.collect()
}

#[cfg(test)]
mod build_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_legs_have_one_version() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pins.toml");
        let pins = Pins::load(&path).expect("the committed file is good");
        let version = |row| pins.get(row).expect("is there").version.clone();
        assert_eq!(version("numpy"), version("numpy-wheel"));
    }

    #[test]
    fn with_and_without_simd_are_two_results() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pins.toml");
        let pins = Pins::load(&path).expect("the committed file is good");
        let cache = Cache::at("/cache".into()).expect("a plain path");
        let folder = |simd| {
            let key = wasi_key(&pins, simd).expect("has its rows");
            Step::new(&cache, "numpy-wasi", key).dir
        };
        assert_ne!(folder(true), folder(false));
        assert_eq!(folder(true), folder(true));
    }
}
