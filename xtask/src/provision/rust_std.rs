//! Rust's standard library for `wasm32-wasip1`, for exactly the compiler in use.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use rustc_build_sysroot::{BuildMode, SysrootBuilder, SysrootConfig};

use super::fetch::Fetcher;
use super::llvm::WasiToolchain;
use super::machine::Machine;
use super::pins::Pins;
use super::step::Context;
use crate::error::environment;
use crate::fs_util;
use crate::process::{self, hermetic};
use crate::progress::{Ticker, say};

/// The guest's target triple.
pub const TARGET: &str = "wasm32-wasip1";

/// Part of the step's key.
pub const RECIPE: &str =
    "rev 1: rustc-build-sysroot 0.5, std without extra features; crt1 and libc of wasi-libc";

/// What wasi-libc contributes to the linked executor.
const SELF_CONTAINED: [&str; 3] = ["crt1-command.o", "crt1-reactor.o", "libc.a"];

/// Variables of the user's shell that would change what cargo builds or where it puts it.
pub const CARGO_FLAG_VARIABLES: [&str; 5] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
];

/// How the standard library is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The toolchain has it: nothing to do.
    Installed,
    /// The toolchain has the library's source.
    ToolchainSource(PathBuf),
    /// The source comes from the distribution's archive; if it lacks it, rustup is asked.
    Package,
}

impl Route {
    /// Looks at the toolchain in use.
    pub fn of(machine: &Machine) -> Self {
        let rustlib = machine.rust_sysroot.join("lib/rustlib");
        let source = rustlib.join("src/rust/library");
        if rustlib.join(TARGET).join("lib").is_dir() {
            Self::Installed
        } else if source.join("std/Cargo.toml").is_file() {
            Self::ToolchainSource(source)
        } else {
            Self::Package
        }
    }

    /// For the key and the fingerprint.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Installed => "installed with the toolchain",
            Self::ToolchainSource(_) => "built from the toolchain's rust-src",
            Self::Package => "built from the distribution's rust-src",
        }
    }
}

/// Whether the step's folder holds a sysroot, or only the record that rustup installed one.
pub fn sysroot_of(folder: &Path) -> Option<PathBuf> {
    folder
        .join("lib/rustlib")
        .join(TARGET)
        .is_dir()
        .then(|| folder.to_path_buf())
}

/// Builds the sysroot into the step's folder.
///
/// # Errors
/// There is no source of the compiler's version, or it does not build.
pub fn run(
    ctx: &mut Context<'_>,
    route: &Route,
    pins: &Pins,
    fetcher: &mut Fetcher<'_>,
    machine: &Machine,
    toolchain: &WasiToolchain,
) -> Result<()> {
    fs_util::create_dir(&ctx.out)?;
    let library = match route {
        Route::Installed => return Ok(()),
        Route::ToolchainSource(library) => library.clone(),
        Route::Package => match packaged_source(ctx, pins, fetcher, machine) {
            Ok(library) => library,
            Err(reason) => return add_with_rustup(ctx, machine, reason),
        },
    };
    build(ctx, &library)?;
    let target = ctx
        .out
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib/self-contained");
    SELF_CONTAINED
        .iter()
        .try_for_each(|name| fs_util::copy(&toolchain.libc.join(name), &target.join(name)))
}

/// Debian's `rust-src` of the same upstream version, unpacked as far as the library goes.
fn packaged_source(
    ctx: &mut Context<'_>,
    pins: &Pins,
    fetcher: &mut Fetcher<'_>,
    machine: &Machine,
) -> Result<PathBuf> {
    let release = machine.rustc_release();
    let same = |version: &str| {
        let rest = version.strip_prefix(release);
        rest.is_some_and(|rest| rest.starts_with(['+', '-', '~']))
    };
    let packages =
        fetcher.packages(ctx, pins.get("rust-src")?, &ctx.work.join("package"), &same)?;
    let folder = ctx.work.join("source");
    fs_util::create_dir(&folder)?;
    for package in packages {
        let mut unpack = hermetic("sh");
        let script = "dpkg --fsys-tarfile \"$1\" | tar -x -C \"$2\" --wildcards './usr/src/rustc-*/library/*'";
        unpack.args(["-c", script, "sh"]).arg(&package).arg(&folder);
        ctx.runner
            .run(&mut unpack, &format!("unpack {}", package.display()))?;
    }
    let library = folder
        .join("usr/src")
        .join(format!("rustc-{release}"))
        .join("library");
    if library.join("std/Cargo.toml").is_file() {
        return Ok(library);
    }
    Err(environment(format!("the package rust-src has no {}", library.display())).into())
}

fn build(ctx: &Context<'_>, library: &Path) -> Result<()> {
    // The crate keeps its working folder in the process's temporary folder; in the cache, a killed run's is cleared.
    let temporary = ctx.work.join("tmp");
    fs_util::create_dir(&temporary)?;
    tempfile::env::override_temp_dir(&temporary).ok();
    let vendor = library.join("vendor");
    if vendor.is_dir() {
        let settings = [
            "--offline".to_owned(),
            "--config=source.crates-io.replace-with=\"parallax-vendor\"".to_owned(),
            format!(
                "--config=source.parallax-vendor.directory={:?}",
                vendor.display().to_string()
            ),
        ];
        match build_with(ctx, library, &settings) {
            Ok(()) => return Ok(()),
            Err(error) => say(&format!(
                "  std's vendored crates do not suffice, fetching them: {error}"
            )),
        }
    }
    build_with(ctx, library, &[])
}

fn build_with(ctx: &Context<'_>, library: &Path, settings: &[String]) -> Result<()> {
    let start = ctx
        .runner
        .append()?
        .metadata()
        .map(|meta| meta.len())
        .unwrap_or(0);
    let mut cargo = cargo();
    for variable in CARGO_FLAG_VARIABLES {
        cargo.env_remove(variable);
    }
    // The library uses unstable features; rustc's own build sets this too.
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .args(settings)
        .current_dir(&ctx.work)
        .stderr(ctx.runner.append()?);
    ctx.runner.prepare(&mut cargo)?;
    let ticker = Ticker::start("  building std");
    let outcome = SysrootBuilder::new(&ctx.out, OsString::from(TARGET))
        .build_mode(BuildMode::Build)
        .sysroot_config(SysrootConfig::WithStd {
            std_features: Vec::new(),
        })
        .cargo(cargo)
        .build_from_source(library);
    drop(ticker);
    match outcome {
        Ok(_) => Ok(()),
        Err(error) => {
            let first = error
                .to_string()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            Err(ctx
                .runner
                .failure("build Rust's std for wasm32-wasip1", &first, start)
                .into())
        }
    }
}

/// The last resort, because it changes the user's toolchain instead of the cache.
fn add_with_rustup(ctx: &Context<'_>, machine: &Machine, reason: anyhow::Error) -> Result<()> {
    let command = format!("rustup target add {TARGET}");
    let hint = format!("install it yourself: `{command}`, or `rustup component add rust-src`");
    if crate::tools::find("rustup").is_none() {
        return Err(reason.context(environment(no_std(machine)).hint(hint)));
    }
    say(&format!("  {reason}"));
    say(&format!(
        "  running `{command}`: this adds a target to your Rust toolchain, outside of the cache"
    ));
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    ctx.runner
        .run(&mut rustup, &format!("run {command}"))
        .with_context(|| environment(no_std(machine)).hint(hint))
}

fn no_std(machine: &Machine) -> String {
    format!(
        "there is no standard library of rustc {} for {TARGET}",
        machine.rustc_release()
    )
}

/// The cargo that runs this program, or the one in `PATH`.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO")
        .filter(|value| !value.is_empty())
        .unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    process::tie(&mut command, rustix::process::Signal::TERM);
    command
}
