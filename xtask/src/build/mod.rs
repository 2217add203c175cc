//! Builds both executors and the harness, checks the WebAssembly one's imports, and records sizes and times.

pub mod imports;
pub mod record;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime};

use anyhow::Result;
use parallax_failure::Failure;
use parallax_provision::cargo::{CARGO_FLAG_VARIABLES, cargo};
use parallax_provision::files;
use parallax_provision::process::{self, hermetic};
use parallax_provision::progress::{Ticker, say};
use parallax_provision::provisioned::{Provisioned, Versions};
use parallax_provision::toolchain::TARGET;

use crate::workspace::Workspace;
use record::{BuildRecord, BuildSeconds, Directory, Names, Native, Sizes, Wasm};

/// The harness's program.
pub fn harness_binary(workspace: &Workspace) -> PathBuf {
    workspace.target.join("release/parallax")
}

/// Builds everything and writes `build.json`.
///
/// # Errors
/// Something does not compile, or the WebAssembly module imports what no WASI host has.
pub fn build(workspace: &Workspace, provisioned: &Provisioned) -> Result<()> {
    record(workspace, provisioned, || build_harness(workspace))
}

/// The same without the harness.
///
/// # Errors
/// Those of [`build`].
pub fn build_executors(workspace: &Workspace, provisioned: &Provisioned) -> Result<()> {
    record(workspace, provisioned, || {
        Ok(Built {
            artifact: harness_binary(workspace),
            seconds: None,
        })
    })
}

fn record(
    workspace: &Workspace,
    provisioned: &Provisioned,
    harness: impl FnOnce() -> Result<Built>,
) -> Result<()> {
    let native = build_native(workspace, provisioned)?;
    let wasm = build_wasm(workspace, provisioned)?;
    let stripped = strip(workspace, provisioned, &wasm.artifact)?;
    let harness = harness()?;

    let sizes = {
        let (whole, stripped) = (files::size(&wasm.artifact), files::size(&stripped));
        let site = files::size(&provisioned.wasi_deps.site());
        let stdlib = files::size(&provisioned.wasi_deps.usr()) - site;
        let libpython = files::size(&provisioned.wasi_deps.libpython());
        Sizes {
            wasm: whole,
            wasm_stripped: stripped,
            libpython,
            stdlib,
            site,
            total: stripped + stdlib + site,
        }
    };
    let path = workspace.build_record();
    let earlier = BuildRecord::earlier_seconds(&path);
    let record = BuildRecord {
        is_default: provisioned.is_default,
        native: Native {
            sha256: files::sha256_file(&native.artifact)?,
            program: native.artifact,
            library: provisioned.native.prefix.join("lib"),
            packages: provisioned.native_site.clone(),
            versions: names(&provisioned.native_versions),
        },
        wasm: Wasm {
            sha256: files::sha256_file(&stripped)?,
            module: stripped,
            versions: names(&provisioned.wasm_versions),
            dirs: vec![Directory {
                host: provisioned.wasi_deps.usr(),
                guest: "/usr".into(),
            }],
        },
        toolchain: names(&provisioned.versions()),
        sizes,
        build_seconds: BuildSeconds {
            native: native.seconds.or(earlier.native),
            wasm: wasm.seconds.or(earlier.wasm),
            harness: harness.seconds.or(earlier.harness),
        },
    };
    record.write(&path)
}

fn names(versions: &Versions) -> Names {
    let pair = |(name, version): &(&str, String)| ((*name).to_owned(), version.clone().into());
    versions.iter().map(pair).collect()
}

/// One cargo run.
pub struct Built {
    artifact: PathBuf,
    /// `None` when cargo found nothing to do.
    seconds: Option<f64>,
}

fn build_native(workspace: &Workspace, provisioned: &Provisioned) -> Result<Built> {
    let folder = workspace.target.join("native-executor");
    let artifact = folder.join("release/pipeline_executor");
    let mut command = cargo_build(workspace, &folder);
    command.args(["--bin", "pipeline_executor"]);
    with_native_python(&mut command, provisioned);
    run("native executor", command, artifact)
}

/// Selects the runtime with Python nodes, and the CPython that it is compiled against.
fn with_native_python(command: &mut Command, provisioned: &Provisioned) {
    command
        .args(["--package", "parallax-runtime", "--features", "python"])
        .env("PYO3_CONFIG_FILE", &provisioned.pyo3_native)
        .env("PARALLAX_PYTHON_HOME", &provisioned.native.prefix);
    match &provisioned.native_site {
        Some(folder) => command.env("PARALLAX_SITE", folder),
        None => command.env_remove("PARALLAX_SITE"),
    };
}

/// Clippy over the runtime with its Python nodes, warnings being errors.
pub fn clippy_native(workspace: &Workspace, provisioned: &Provisioned) -> Command {
    let mut command = cargo_clippy(workspace, &workspace.target.join("native-executor"));
    with_native_python(&mut command, provisioned);
    command.args(["--", "-D", "warnings"]);
    command
}

/// Clippy over the runtime as it is compiled for the guest, warnings being errors.
pub fn clippy_wasm(workspace: &Workspace, provisioned: &Provisioned) -> Command {
    let mut command = cargo_clippy(workspace, &workspace.target.join("guest"));
    for_guest(&mut command, provisioned);
    command.args(["--", "-D", "warnings"]);
    command
}

/// `cargo clippy` in the profile that everything else is built in.
pub fn cargo_clippy(workspace: &Workspace, folder: &Path) -> Command {
    cargo_verb(workspace, "clippy", folder)
}

fn build_wasm(workspace: &Workspace, provisioned: &Provisioned) -> Result<Built> {
    let folder = workspace.target.join("guest");
    let artifact = folder
        .join(TARGET)
        .join("release/pipeline_executor_wasm.wasm");
    let mut command = cargo_build(workspace, &folder);
    for_guest(&mut command, provisioned);
    command.args(["--bin", "pipeline_executor_wasm"]);
    run("wasm executor", command, artifact)
}

/// Selects the runtime with Python nodes for WebAssembly, and all that it is compiled and linked with.
fn for_guest(command: &mut Command, provisioned: &Provisioned) {
    // Flags meant for the host's code would replace the sysroot given below.
    for variable in CARGO_FLAG_VARIABLES {
        command.env_remove(variable);
    }
    command.args(["--target", TARGET]).args([
        "--package",
        "parallax-runtime",
        "--features",
        "python",
    ]);
    command
        .env("PYO3_CONFIG_FILE", &provisioned.pyo3_wasm)
        .env("PARALLAX_WASI_DEPS", &provisioned.wasi_deps.path);
    command.env(
        "CARGO_TARGET_WASM32_WASIP1_LINKER",
        provisioned.toolchain.program("wasm-ld"),
    );
    if let Some(sysroot) = &provisioned.rust_sysroot {
        command.env(
            "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS",
            format!("--sysroot={}", sysroot.display()),
        );
    }
}

/// Builds the `parallax` program.
///
/// # Errors
/// It does not compile.
pub fn build_harness(workspace: &Workspace) -> Result<Built> {
    let mut command = cargo_build(workspace, &workspace.target);
    command.args(["--package", "parallax-harness"]);
    run("harness", command, harness_binary(workspace))
}

fn cargo_build(workspace: &Workspace, folder: &Path) -> Command {
    cargo_verb(workspace, "build", folder)
}

fn cargo_verb(workspace: &Workspace, verb: &str, folder: &Path) -> Command {
    let mut command = cargo();
    command
        .current_dir(&workspace.root)
        .env_remove("CARGO_BUILD_TARGET");
    command
        .args([verb, "--release", "--target-dir"])
        .arg(folder);
    command
}

/// Runs cargo, quietly if there is an earlier build; its output goes to stderr.
fn run(name: &str, mut command: Command, artifact: PathBuf) -> Result<Built> {
    let before = stamp(&artifact);
    let ticker = before
        .is_some()
        .then(|| Ticker::start(&format!("building the {name}")));
    if ticker.is_some() {
        command.arg("--quiet");
    } else {
        say(&format!("building the {name} …"));
    }
    let began = Instant::now();
    let status = process::status(&mut command);
    drop(ticker);
    let status = status?;
    let seconds = began.elapsed().as_secs_f64();
    if !status.success() {
        let message = format!(
            "failed to build the {name}: cargo ended with {}",
            process::outcome(status)
        );
        return Err(Failure::environment(message)
            .hint("cargo's own messages above say where")
            .into());
    }
    let after = stamp(&artifact);
    if after.is_none() {
        let message = format!(
            "cargo built the {name}, but {} is not there",
            artifact.display()
        );
        return Err(Failure::environment(message)
            .hint("look for a `[build]` section in cargo's configuration files")
            .into());
    }
    let rebuilt = before != after;
    if rebuilt {
        say(&format!("built the {name} {seconds:.1} s"));
    }
    Ok(Built {
        artifact,
        seconds: rebuilt.then(|| (seconds * 1000.0).round() / 1000.0),
    })
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let meta = path.metadata().ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

/// Checks a newly linked module's imports, and makes the copy that legs run, without names and debug information.
fn strip(workspace: &Workspace, provisioned: &Provisioned, module: &Path) -> Result<PathBuf> {
    let stripped = workspace
        .output()
        .join("pipeline_executor_wasm.stripped.wasm");
    let is_current = match (stamp(&stripped), stamp(module)) {
        (Some((copied, _)), Some((linked, _))) => copied > linked,
        _ => false,
    };
    if is_current {
        return Ok(stripped);
    }
    imports::check(module)?;
    let unfinished = workspace.output().join("stripping.wasm");
    files::create_dir(&workspace.output())?;
    let mut command = hermetic(provisioned.toolchain.program("llvm-strip"));
    process::read(
        command
            .arg("--strip-all")
            .arg("-o")
            .arg(&unfinished)
            .arg(module),
    )?;
    files::rename(&unfinished, &stripped)?;
    Ok(stripped)
}
