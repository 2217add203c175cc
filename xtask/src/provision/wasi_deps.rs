//! The `wasi-deps` folder that the runtime's build script links from: ours, laid out as wlr-libpy's, or one that the user gives.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::cpython::{PythonVersion, Sources};
use super::llvm::WasiToolchain;
use super::numpy;
use super::step::Context;
use crate::error::{Failure, environment, usage};
use crate::fs_util;
use crate::process::hermetic;

/// Compiles the standard library and writes the archive.
pub const ZIP_SCRIPT: &str = include_str!("stdlib_zip.py");

/// Part of the step's key, with the script.
pub const RECIPE: &str =
    "rev 2: one libpython archive with zlib, mpdec, expat, HACL and libdl; zip of bytecode; numpy";

/// The libraries that stand in for what WASI lacks.
const EMULATED: [&str; 3] = [
    "libwasi-emulated-signal.a",
    "libwasi-emulated-getpid.a",
    "libwasi-emulated-process-clocks.a",
];

/// Where those are, relative to the folder.
const EMULATED_FOLDER: &str = "wasi-sysroot/lib/wasm32-wasi";
const BUILTINS: &str = "lib/wasi/libclang_rt.builtins-wasm32.a";
const LIBRARIES: &str = "lib/wasm32-wasi";

/// A complete folder.
#[derive(Clone, Debug)]
pub struct WasiDeps {
    /// The folder itself, absolute.
    pub path: PathBuf,
    /// Which CPython it holds.
    pub version: PythonVersion,
}

impl WasiDeps {
    /// The static library.
    pub fn libpython(&self) -> PathBuf {
        self.path
            .join(LIBRARIES)
            .join(format!("libpython{}.a", self.version.dotted))
    }

    /// The packages beyond the standard library, where the folder has any.
    pub fn site(&self) -> PathBuf {
        self.path.join("usr/local/lib").join(numpy::ZIP)
    }

    /// What the executor sees as `/usr`.
    pub fn usr(&self) -> PathBuf {
        self.path.join("usr")
    }

    /// A folder that the user gives, checked before anything is built with it.
    ///
    /// # Errors
    /// The layout is wrong; the message names the file that is missing.
    pub fn given(path: &Path) -> Result<Self> {
        let layout = || {
            "the folder must be laid out as wlr-libpy's wasi-deps; without --wasi-deps a folder is built here".to_owned()
        };
        let path = path.canonicalize().map_err(|error| {
            usage(format!("--wasi-deps {}: {error}", path.display())).hint(layout())
        })?;
        let library = Self::find_libpython(&path)?;
        let version = PythonVersion::of(&library);
        let mut needed: Vec<String> = EMULATED
            .map(|name| format!("{EMULATED_FOLDER}/{name}"))
            .to_vec();
        needed.push(BUILTINS.to_owned());
        needed.push(format!("usr/local/lib/python{}/os.py", version.dotted));
        needed.push(format!("usr/local/lib/python{}.zip", version.joined));
        for file in needed {
            if !path.join(&file).is_file() {
                return Err(
                    usage(format!("--wasi-deps {}: no {file} in it", path.display()))
                        .hint(layout())
                        .into(),
                );
            }
        }
        Ok(Self { path, version })
    }

    /// The version of the one `libpython3.*.a`, at least the 3.12 whose stable interface the runtime is built for.
    fn find_libpython(path: &Path) -> Result<String, Failure> {
        let place = format!("--wasi-deps {}", path.display());
        let folder = path.join(LIBRARIES);
        let entries = fs_util::sorted_entries(&folder).unwrap_or_default();
        let versions: Vec<&str> = entries
            .iter()
            .filter_map(|entry| {
                entry
                    .file_name()?
                    .to_str()?
                    .strip_prefix("libpython")?
                    .strip_suffix(".a")
            })
            .filter(|version| version.starts_with("3."))
            .collect();
        let hint = "the runtime is built for CPython 3.12 and later";
        match versions.as_slice() {
            [version] => match version.trim_start_matches("3.").parse::<u32>() {
                Ok(minor) if minor >= 12 => Ok((*version).to_owned()),
                _ => Err(usage(format!("{place}: it holds CPython {version}")).hint(hint)),
            },
            [] => Err(usage(format!("{place}: no {LIBRARIES}/libpython3.*.a in it")).hint(hint)),
            several => Err(usage(format!(
                "{place}: {LIBRARIES} holds several libpython: {}",
                several.join(", ")
            ))
            .hint(hint)),
        }
    }
}

/// What the folder is made of.
pub struct Parts<'a> {
    /// The unpacked sources.
    pub sources: &'a Sources,
    /// The compiler for WASI.
    pub toolchain: &'a WasiToolchain,
    /// The native CPython, whose library and program are used.
    pub native: &'a Path,
    /// CPython's build for WASI.
    pub cpython: &'a Path,
    /// numpy's build for WASI.
    pub numpy: Option<&'a Path>,
}

/// Lays out the folder from the builds.
///
/// # Errors
/// A file of a build is missing, or a tool fails.
pub fn run(ctx: &mut Context<'_>, parts: &Parts<'_>, version: &PythonVersion) -> Result<()> {
    let Parts {
        sources,
        toolchain,
        native,
        cpython: wasi_build,
        numpy,
    } = *parts;
    let out = ctx.out.clone();
    let deps = WasiDeps {
        path: out.clone(),
        version: version.clone(),
    };
    for name in EMULATED {
        fs_util::copy(
            &toolchain.libc.join(name),
            &out.join(EMULATED_FOLDER).join(name),
        )?;
    }
    fs_util::copy(&toolchain.builtins, &out.join(BUILTINS))?;
    merge_archives(ctx, toolchain, wasi_build, &deps)?;

    let include = out.join(format!("include/python{}", version.dotted));
    fs_util::copy_tree(&sources.cpython.join("Include"), &include)?;
    fs_util::copy(&wasi_build.join("pyconfig.h"), &include.join("pyconfig.h"))?;
    let package = out
        .join(LIBRARIES)
        .join(format!("pkgconfig/libpython{}.pc", version.dotted));
    fs_util::write_atomic(&package, pkg_config(version).as_bytes())?;

    if let Some(build) = numpy {
        for archive in numpy::ARCHIVES {
            fs_util::copy(&build.join(archive), &out.join(LIBRARIES).join(archive))?;
        }
        fs_util::copy(&build.join(numpy::ZIP), &deps.site())?;
    }

    let library = native.join(format!("lib/python{}", version.dotted));
    let guest = format!("/usr/local/lib/python{}", version.dotted);
    let unzipped = out.join(guest.trim_start_matches('/'));
    fs_util::copy(&library.join("os.py"), &unzipped.join("os.py"))?;
    fs_util::write_atomic(&unzipped.join("lib-dynload/.empty"), b"")?;
    let script = ctx.work.join("stdlib_zip.py");
    fs_util::write_atomic(&script, ZIP_SCRIPT.as_bytes())?;
    let mut pack = hermetic(native.join(format!("bin/python{}", version.dotted)));
    pack.env("PYTHONHASHSEED", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-s", "-W", "ignore"]);
    pack.arg(&script)
        .arg(&library)
        .arg(sysconfig_module(wasi_build)?)
        .arg(&guest);
    pack.arg(out.join(format!("usr/local/lib/python{}.zip", version.joined)));
    ctx.runner.run(&mut pack, "pack the standard library")
}

/// One archive with everything that `libpython` needs, because the build script links one library.
fn merge_archives(
    ctx: &Context<'_>,
    toolchain: &WasiToolchain,
    wasi_build: &Path,
    deps: &WasiDeps,
) -> Result<()> {
    let target = deps.libpython();
    if let Some(parent) = target.parent() {
        fs_util::create_dir(parent)?;
    }
    let mut script = format!("CREATE {}\n", target.display());
    let own = format!("libpython{}.a", deps.version.dotted);
    for name in [
        own.as_str(),
        "libz.a",
        "libmpdec.a",
        "libexpat.a",
        "libHacl_Hash_SHA2.a",
    ] {
        let _ = writeln!(script, "ADDLIB {}", wasi_build.join(name).display());
    }
    // `configure` finds dlopen, which wasi-libc keeps as a stub in an archive of its own.
    let _ = writeln!(
        script,
        "ADDLIB {}\nSAVE\nEND",
        toolchain.libc.join("libdl.a").display()
    );
    let path = ctx.work.join("merge.mri");
    fs_util::write_atomic(&path, script.as_bytes())?;
    let mut merge = hermetic("sh");
    let ar = toolchain.program("llvm-ar").display().to_string();
    merge
        .args(["-c", "exec \"$1\" -M < \"$2\"", "sh", &ar])
        .arg(&path);
    ctx.runner.run(&mut merge, "merge CPython's archives")
}

fn sysconfig_module(wasi_build: &Path) -> Result<PathBuf> {
    let is_it = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("_sysconfigdata_"))
    };
    fs_util::sorted_entries(wasi_build)?
        .into_iter()
        .find(is_it)
        .with_context(|| {
            environment(format!(
                "{} holds no _sysconfigdata module",
                wasi_build.display()
            ))
        })
}

fn pkg_config(version: &PythonVersion) -> String {
    let dotted = &version.dotted;
    format!(
        "prefix=${{pcfiledir}}/../../..\n\
         libdir=${{prefix}}/lib/wasm32-wasi\n\
         includedir=${{prefix}}/include\n\n\
         Name: libpython{dotted}\n\
         Description: CPython {dotted} for WASI as one static library\n\
         Version: {dotted}\n\
         Libs: -L${{prefix}}/{EMULATED_FOLDER} -L${{prefix}}/lib/wasi -L${{libdir}} -lpython{dotted} \
         -lwasi-emulated-signal -lwasi-emulated-getpid -lwasi-emulated-process-clocks -lclang_rt.builtins-wasm32 \
         -Wl,-z,stack-size=16777216 -Wl,--stack-first\n\
         Cflags: -I${{includedir}}/python{dotted}\n"
    )
}

#[cfg(test)]
#[path = "wasi_deps_tests.rs"]
mod tests;
