//! The C toolchain for WASI: clang, lld and llvm's tools from the distribution, or a WASI SDK that is there already.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::fetch::Fetcher;
use super::machine::WasiSdk;
use super::pins::{Input, Pins};
use super::step::{Context, Step};
use crate::error::environment;
use crate::fs_util;
use crate::process::{Runner, hermetic};

/// Part of the key of the step.
pub const RECIPE: &str =
    "rev 3: dpkg -x; wrappers with PATH and LD_LIBRARY_PATH; other programs left out";

/// The programs that later steps call.
const PROGRAMS: [&str; 6] = [
    "clang",
    "llvm-ar",
    "llvm-ranlib",
    "llvm-strip",
    "llvm-nm",
    "wasm-ld",
];

const BUILTINS: &str = "libclang_rt.builtins-wasm32.a";

/// Where the toolchain's parts are, whichever way it was obtained.
#[derive(Clone, Debug)]
pub struct WasiToolchain {
    bin: PathBuf,
    /// The folder to pass as `--sysroot`.
    pub sysroot: PathBuf,
    /// wasi-libc's start files and libraries.
    pub libc: PathBuf,
    /// The compiler's run-time library.
    pub builtins: PathBuf,
}

impl WasiToolchain {
    /// From the two steps that unpack packages.
    pub fn from_steps(llvm: &Step, wasi_libc: &Step) -> Self {
        let sysroot = wasi_libc.dir.join("usr");
        Self {
            bin: llvm.dir.join("bin"),
            libc: sysroot.join("lib/wasm32-wasip1"),
            sysroot,
            builtins: llvm.dir.join(BUILTINS),
        }
    }

    /// From a WASI SDK.
    ///
    /// # Errors
    /// It has no run-time library for wasm32.
    pub fn from_sdk(sdk: &WasiSdk) -> Result<Self> {
        let sysroot = sdk.path.join("share/wasi-sysroot");
        let known = ["wasm32-wasip1", "wasm32-wasi"].map(|triple| sysroot.join("lib").join(triple));
        let Some(libc) = known
            .into_iter()
            .find(|folder| folder.join("libc.a").is_file())
        else {
            let failure = environment(format!(
                "no lib/wasm32-wasip1/libc.a in {}",
                sysroot.display()
            ));
            return Err(failure
                .hint("unset WASI_SDK_PATH to use the distribution's packages")
                .into());
        };
        Ok(Self {
            bin: sdk.path.join("bin"),
            sysroot,
            libc,
            builtins: sdk.builtins()?,
        })
    }

    /// The path of one of the toolchain's programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// The compiler as makefiles call it.
    pub fn cc(&self) -> String {
        format!(
            "{} --target=wasm32-wasip1 --sysroot={}",
            self.program("clang").display(),
            self.sysroot.display()
        )
    }
}

/// Unpacks the compiler's packages.
///
/// Which version is taken is decided once: the key holds the rows, the release and the processor, not the version.
/// A security update that appears later is picked up after `cargo xtask provision --clean`, so that a machine's results stay comparable.
///
/// # Errors
/// No suite has the packages, or the compiler does not run here.
pub fn run(ctx: &mut Context<'_>, pins: &Pins, fetcher: &mut Fetcher<'_>) -> Result<()> {
    for row in ["llvm", "llvm-libraries"] {
        let packages = fetcher.packages(ctx, pins.get(row)?, &ctx.work.join(row), &|_| true)?;
        unpack(ctx, &packages)?;
    }
    let prefix = single(&ctx.out.join("usr/lib"), "llvm-")?;
    let prefix_name = prefix
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
        .to_owned();
    write_wrappers(&ctx.out, &prefix_name)?;
    let resources = single(&prefix.join("lib/clang"), "")?;
    fs_util::copy(
        &resources.join("lib/wasi").join(BUILTINS),
        &ctx.out.join(BUILTINS),
    )?;
    for name in PROGRAMS {
        ctx.runner.run(
            hermetic(ctx.out.join("bin").join(name)).arg("--version"),
            &format!("start the unpacked {name}"),
        )?;
    }
    let probe = ctx.work.join("probe.c");
    fs_util::write_atomic(&probe, b"int probe(void) { return 1; }\n")?;
    let mut link = hermetic(ctx.out.join("bin/clang"));
    link.args([
        "--target=wasm32-wasip1",
        "-nostdlib",
        "-Wl,--no-entry",
        "-o",
    ])
    .arg(ctx.work.join("probe.wasm"))
    .arg(&probe);
    ctx.runner
        .run(&mut link, "link with the unpacked clang and lld")?;
    leave_out(&ctx.out, &prefix)
}

/// Removes what no step calls: half of the packages' bytes.
fn leave_out(out: &Path, prefix: &Path) -> Result<()> {
    for unused in ["usr/share", "usr/include"] {
        fs_util::remove(&out.join(unused))?;
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
    for entry in fs_util::sorted_entries(&bin)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        if !kept.iter().any(|one| *one == name) {
            fs_util::remove(&entry)?;
        }
    }
    Ok(())
}

/// Unpacks wasi-libc.
///
/// # Errors
/// The package cannot be had or is not what the pin says.
pub fn run_wasi_libc(ctx: &mut Context<'_>, pin: &Input, fetcher: &mut Fetcher<'_>) -> Result<()> {
    let package = fetcher.file(ctx, pin)?;
    unpack(ctx, &[package])?;
    let libc = ctx.out.join("usr/lib/wasm32-wasip1/libc.a");
    if libc.is_file() {
        Ok(())
    } else {
        Err(environment(format!("{} is not in the package", libc.display())).into())
    }
}

/// Unpacks packages into the step's folder.
///
/// # Errors
/// dpkg fails.
pub fn unpack(ctx: &Context<'_>, packages: &[PathBuf]) -> Result<()> {
    fs_util::create_dir(&ctx.out)?;
    packages
        .iter()
        .try_for_each(|package| unpack_into(&ctx.out, package, &ctx.runner))
}

/// Unpacks one package into a folder.
///
/// # Errors
/// dpkg fails.
pub fn unpack_into(folder: &Path, package: &Path, runner: &Runner<'_>) -> Result<()> {
    let mut command = hermetic("dpkg");
    command.arg("-x").arg(package).arg(folder);
    runner.run(&mut command, &format!("unpack {}", package.display()))
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
        false => Err(environment(format!("{} is not in the packages", found.1.display())).into()),
    }
}

/// The one entry whose name starts with `prefix`.
fn single(folder: &Path, prefix: &str) -> Result<PathBuf> {
    let entries = fs_util::sorted_entries(folder)?;
    let named = |path: &&PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
    };
    entries.iter().find(named).cloned().ok_or_else(|| {
        environment(format!(
            "the packages hold no {}/{prefix}*",
            folder.display()
        ))
        .hint("the rows `llvm` of xtask/pins.toml and the packages do not fit each other")
        .into()
    })
}

/// Scripts that find the unpacked libraries, and the linker by its versioned name, so that no other program's environment has to.
fn write_wrappers(out: &Path, prefix: &str) -> Result<()> {
    let bin = out.join("bin");
    fs_util::create_dir(&bin)?;
    let mut libraries = format!("$root/usr/lib/{prefix}/lib");
    for base in ["usr/lib", "lib"] {
        let folder = out.join(base);
        if !folder.is_dir() {
            continue;
        }
        for entry in fs_util::sorted_entries(&folder)? {
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
        fs_util::write_atomic(&path, script.as_bytes())?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {} executable", path.display()))?;
    }
    Ok(())
}
