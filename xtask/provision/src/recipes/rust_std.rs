//! Rust's standard library for `wasm32-wasip1`, for exactly the compiler in use.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use parallax_failure::Failure;
use rustc_build_sysroot::{BuildMode, SysrootBuilder, SysrootConfig};

use super::Recipe;
use crate::cargo::{CARGO_FLAG_VARIABLES, cargo};
use crate::fetch::Fetcher;
use crate::files;
use crate::machine::Machine;
use crate::pins::Pins;
use crate::process::hermetic;
use crate::progress::{Ticker, say};
use crate::store::{Cache, Context, Key, Step};
use crate::toolchain::{TARGET, WasiToolchain};

/// Part of the step's key.
const RECIPE: &str =
    "rev 1: rustc-build-sysroot 0.5, std without extra features; crt1 and libc of wasi-libc";

const ROWS: [&str; 1] = ["rust-src"];

/// The files of wasi-libc that are linked into the executor.
const SELF_CONTAINED: [&str; 3] = ["crt1-command.o", "crt1-reactor.o", "libc.a"];

/// How the standard library is obtained.
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

/// Builds the sysroot, or has rustup install the target.
#[derive(Debug)]
pub struct RustStd {
    step: Step,
    route: Route,
    machine: Machine,
    toolchain: WasiToolchain,
}

impl RustStd {
    /// The recipe for this route; `None` where the toolchain has the library.
    ///
    /// # Errors
    /// The pin file lacks the row.
    pub fn new(
        cache: &Cache,
        pins: &Pins,
        machine: &Machine,
        toolchain: &WasiToolchain,
        route: &Route,
    ) -> Result<Option<Self>, Failure> {
        if *route == Route::Installed {
            return Ok(None);
        }
        let key = Key::new("rust-std", RECIPE)
            .with("rustc", machine.rustc.clone())
            .with("route", route.describe())
            .input(pins.get(ROWS[0])?);
        Ok(Some(Self {
            step: Step::new(cache, "rust-std", toolchain.in_key(key)),
            route: route.clone(),
            machine: machine.clone(),
            toolchain: toolchain.clone(),
        }))
    }

    /// The finished sysroot; none where rustup has installed the target instead.
    pub fn sysroot(&self) -> Option<PathBuf> {
        let target = self.step.dir.join("lib/rustlib").join(TARGET);
        target.is_dir().then(|| self.step.dir.clone())
    }
}

impl Recipe for RustStd {
    fn step(&self) -> &Step {
        &self.step
    }

    fn rows(&self) -> &'static [&'static str] {
        &ROWS
    }

    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        let library = match &self.route {
            Route::Installed => return Ok(()),
            Route::ToolchainSource(library) => library.clone(),
            Route::Package => match packaged_source(ctx, fetcher, &self.machine) {
                Ok(library) => library,
                Err(reason) => return add_with_rustup(ctx, &self.machine, reason),
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
            .try_for_each(|name| files::copy(&self.toolchain.libc.join(name), &target.join(name)))
    }
}

/// The library's folder out of Debian's `rust-src` package of the same upstream version.
fn packaged_source(
    ctx: &mut Context<'_>,
    fetcher: &mut Fetcher<'_>,
    machine: &Machine,
) -> Result<PathBuf> {
    let release = machine.rustc_release();
    let same = |version: &str| {
        let rest = version.strip_prefix(release);
        rest.is_some_and(|rest| rest.starts_with(['+', '-', '~']))
    };
    let packages = fetcher.packages(ctx, ROWS[0], &ctx.work.join("package"), &same)?;
    let folder = ctx.work.join("source");
    files::create_dir(&folder)?;
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
    Err(Failure::environment(format!("the package rust-src has no {}", library.display())).into())
}

fn build(ctx: &Context<'_>, library: &Path) -> Result<()> {
    // The crate works in the process's temporary folder. In the cache, the next run clears what a killed run left there.
    let temporary = ctx.work.join("tmp");
    files::create_dir(&temporary)?;
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

/// Adds the target to the user's toolchain. This is the last resort, because everything else stays in the cache.
fn add_with_rustup(ctx: &Context<'_>, machine: &Machine, reason: anyhow::Error) -> Result<()> {
    let command = format!("rustup target add {TARGET}");
    let hint = format!("install it yourself: `{command}`, or `rustup component add rust-src`");
    if crate::tools::find("rustup").is_none() {
        return Err(reason.context(Failure::environment(no_std(machine)).hint(hint)));
    }
    say(&format!("  {reason}"));
    say(&format!(
        "  running `{command}`: this adds a target to your Rust toolchain, outside of the cache"
    ));
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    ctx.runner
        .run(&mut rustup, &format!("run {command}"))
        .with_context(|| Failure::environment(no_std(machine)).hint(hint))
}

fn no_std(machine: &Machine) -> String {
    format!(
        "there is no standard library of rustc {} for {TARGET}",
        machine.rustc_release()
    )
}
