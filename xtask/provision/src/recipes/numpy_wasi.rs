//! numpy for the guest: archives that the executor links, because WebAssembly loads no extension modules, and a zip of Python files.

mod build;

use std::path::PathBuf;

use anyhow::Result;
use parallax_failure::Failure;

use super::Recipe;
use super::cpython_native::CpythonNative;
use super::cpython_wasi::CpythonWasi;
use super::llvm::{self, Llvm};
use super::sources::{Sources, UnpackSources};
use crate::fetch::Fetcher;
use crate::pins::Pins;
use crate::store::{Cache, Context, Key, Step};
use crate::toolchain::WasiToolchain;
use build::{Build, Ground};

const ROWS: [&str; 4] = ["numpy", "cython", "ninja", "ziglang"];

/// Builds numpy for WASI.
#[derive(Debug)]
pub struct NumpyWasi {
    step: Step,
    simd: bool,
    toolchain: WasiToolchain,
    llvm: PathBuf,
    sources: Sources,
    wasi_build: PathBuf,
    python: PathBuf,
}

/// The steps that this one reads.
pub struct Before<'a> {
    pub llvm: &'a Llvm,
    pub unpacked: &'a UnpackSources,
    pub native: &'a CpythonNative,
    pub guest: &'a CpythonWasi,
}

impl NumpyWasi {
    /// The recipe. The builds with and without SIMD have keys of their own, so both stay in the cache.
    ///
    /// # Errors
    /// The pin file lacks a row.
    pub fn new(
        cache: &Cache,
        pins: &Pins,
        toolchain: &WasiToolchain,
        before: &Before<'_>,
        simd: bool,
    ) -> Result<Self, Failure> {
        let key = own_key(pins, simd)?.after(before.guest.step());
        Ok(Self {
            step: Step::new(cache, "numpy-wasi", toolchain.in_key(key)),
            simd,
            toolchain: toolchain.clone(),
            llvm: before.llvm.step().dir.clone(),
            sources: before.unpacked.sources.clone(),
            wasi_build: before.guest.step().dir.clone(),
            python: before.native.python.program(),
        })
    }
}

/// The key, but for the toolchain and CPython.
fn own_key(pins: &Pins, simd: bool) -> Result<Key, Failure> {
    let mut key = Key::new("numpy-wasi", &build::recipe());
    key = key.with("simd", if simd { "yes" } else { "no" });
    for row in ROWS {
        key = key.input(pins.get(row)?);
    }
    Ok(key)
}

impl Recipe for NumpyWasi {
    fn step(&self) -> &Step {
        &self.step
    }

    fn rows(&self) -> &'static [&'static str] {
        &ROWS
    }

    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        let ground = Ground {
            simd: self.simd,
            toolchain: &self.toolchain,
            libcxx: llvm::libcxx(&self.llvm)?,
            cpython: &self.sources.cpython,
            wasi_build: &self.wasi_build,
            python: &self.python,
            version: &fetcher.pin("cpython")?.version,
        };
        make(ctx, fetcher, &ground)
    }
}

/// Fetches the inputs and builds. The build stops at a hunk of the patch that does not apply, and at a function
/// that numpy registers with another signature than it has.
fn make(ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>, ground: &Ground<'_>) -> Result<()> {
    let mut inputs = Vec::new();
    for row in ROWS {
        inputs.push(fetcher.file(ctx, row)?);
    }
    let version = &fetcher.pin("numpy")?.version;
    let build = Build {
        ctx,
        ground,
        source: ctx.work.join(format!("numpy-{version}")),
    };
    build.unpack(&inputs)?;
    build.configure()?;
    build.compile()?;
    build.exceptions()?;
    build.collect()
}

#[cfg(test)]
mod tests;
