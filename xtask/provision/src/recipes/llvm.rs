//! The compiler for WASI: clang, lld and LLVM's tools from the distribution's packages.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use parallax_failure::Failure;

use super::Recipe;
use crate::fetch::{Fetcher, deb};
use crate::files;
use crate::machine::Machine;
use crate::pins::Pins;
use crate::process::hermetic;
use crate::store::{Cache, Context, Key, Step};
use crate::toolchain::{BUILTINS, TARGET};

/// Part of the step's key.
const RECIPE: &str =
    "rev 3: dpkg -x; wrappers with PATH and LD_LIBRARY_PATH; other programs left out";

const ROWS: [&str; 2] = ["llvm", "llvm-libraries"];

/// The programs that later steps call.
const PROGRAMS: [&str; 6] = [
    "clang",
    "llvm-ar",
    "llvm-ranlib",
    "llvm-strip",
    "llvm-nm",
    "wasm-ld",
];

/// Unpacks the packages, and makes scripts that start the programs in them.
///
/// The key holds the rows, the release and the processor, and not the version, so the version is chosen once per cache.
/// A later security update is used after `cargo xtask provision --clean`; until then a machine's results stay comparable.
#[derive(Debug)]
pub struct Llvm {
    step: Step,
}

impl Llvm {
    /// The recipe for this machine.
    ///
    /// # Errors
    /// The pin file lacks a row.
    pub fn new(cache: &Cache, pins: &Pins, machine: &Machine) -> Result<Self, Failure> {
        let mut key = Key::new("llvm", RECIPE);
        for row in ROWS {
            key = key.input(pins.get(row)?);
        }
        let key = key
            .with("codename", machine.codename.clone())
            .with("arch", machine.arch);
        Ok(Self {
            step: Step::new(cache, "llvm", key),
        })
    }
}

impl Recipe for Llvm {
    fn step(&self) -> &Step {
        &self.step
    }

    fn rows(&self) -> &'static [&'static str] {
        &ROWS
    }

    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        for row in ROWS {
            let packages = fetcher.packages(ctx, row, &ctx.work.join(row), &|_| true)?;
            for package in packages {
                deb::unpack(&package, &ctx.out, &ctx.runner)?;
            }
        }
        let prefix = single(&ctx.out.join("usr/lib"), "llvm-")?;
        let prefix_name = prefix
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default()
            .to_owned();
        write_wrappers(&ctx.out, &prefix_name)?;
        let resources = single(&prefix.join("lib/clang"), "")?;
        files::copy(
            &resources.join("lib/wasi").join(BUILTINS),
            &ctx.out.join(BUILTINS),
        )?;
        try_out(ctx)?;
        leave_out(&ctx.out, &prefix)
    }
}

/// Starts every program once, and links a file.
fn try_out(ctx: &Context<'_>) -> Result<()> {
    for name in PROGRAMS {
        ctx.runner.run(
            hermetic(ctx.out.join("bin").join(name)).arg("--version"),
            &format!("start the unpacked {name}"),
        )?;
    }
    let probe = ctx.work.join("probe.c");
    files::write_atomic(&probe, b"int probe(void) { return 1; }\n")?;
    let mut link = hermetic(ctx.out.join("bin/clang"));
    link.arg(format!("--target={TARGET}"))
        .args(["-nostdlib", "-Wl,--no-entry", "-o"])
        .arg(ctx.work.join("probe.wasm"))
        .arg(&probe);
    ctx.runner
        .run(&mut link, "link with the unpacked clang and lld")
}

/// Removes what no step calls, which is half of the packages' bytes.
fn leave_out(out: &Path, prefix: &Path) -> Result<()> {
    for unused in ["usr/share", "usr/include"] {
        files::remove(&out.join(unused))?;
    }
    let bin = prefix.join("bin");
    let mut kept = Vec::new();
    for name in PROGRAMS {
        let program = bin.join(name);
        let target = program
            .canonicalize()
            .with_context(|| format!("cannot resolve {}", program.display()))?;
        kept.extend([
            name.to_owned(),
            target
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        ]);
    }
    for entry in files::sorted_entries(&bin)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if !kept.iter().any(|one| *one == name) {
            files::remove(&entry)?;
        }
    }
    Ok(())
}

/// The C++ library for WASI in the unpacked packages: its headers, and its archive, which holds libc++abi too.
///
/// # Errors
/// The packages do not hold it.
pub fn libcxx(step: &Path) -> Result<(PathBuf, PathBuf)> {
    let prefix = single(&step.join("usr/lib"), "llvm-")?;
    let found = (
        prefix.join("include/wasm32-wasi/c++/v1"),
        prefix.join("lib/wasm32-wasi/libc++.a"),
    );
    match found.1.is_file() {
        true => Ok(found),
        false => Err(
            Failure::environment(format!("{} is not in the packages", found.1.display())).into(),
        ),
    }
}

/// The one entry whose name starts with `prefix`.
fn single(folder: &Path, prefix: &str) -> Result<PathBuf> {
    let entries = files::sorted_entries(folder)?;
    let named = |path: &&PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
    };
    entries.iter().find(named).cloned().ok_or_else(|| {
        Failure::environment(format!(
            "the packages hold no {}/{prefix}*",
            folder.display()
        ))
        .hint("the rows `llvm` of xtask/pins.toml and the packages do not fit each other")
        .into()
    })
}

/// Writes a script per program that sets `PATH` and `LD_LIBRARY_PATH`, so that callers need not set them.
fn write_wrappers(out: &Path, prefix: &str) -> Result<()> {
    let bin = out.join("bin");
    files::create_dir(&bin)?;
    let mut libraries = format!("$root/usr/lib/{prefix}/lib");
    for base in ["usr/lib", "lib"] {
        let folder = out.join(base);
        if !folder.is_dir() {
            continue;
        }
        for entry in files::sorted_entries(&folder)? {
            let name = entry
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.contains("-linux-gnu") {
                let _ = write!(libraries, ":$root/{base}/{name}");
            }
        }
    }
    for name in PROGRAMS {
        let script = format!(
            "#!/bin/sh\nroot=\"${{0%/*}}/..\"\nexport PATH=\"$root/usr/bin:$PATH\" LD_LIBRARY_PATH=\"{libraries}\"\n\
             exec \"$root/usr/lib/{prefix}/bin/{name}\" \"$@\"\n"
        );
        let path = bin.join(name);
        files::write_atomic(&path, script.as_bytes())?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {} executable", path.display()))?;
    }
    Ok(())
}
