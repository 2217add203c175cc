//! The `wasi-deps` folder, laid out from the builds.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use parallax_failure::Failure;

use super::Recipe;
use super::cpython_native::CpythonNative;
use super::cpython_wasi::CpythonWasi;
use super::numpy::{self, SITE};
use super::numpy_wasi::NumpyWasi;
use super::sources::{Sources, UnpackSources};
use crate::fetch::Fetcher;
use crate::files;
use crate::process::hermetic;
use crate::python::{NativePython, PythonVersion};
use crate::store::{Cache, Context, Key, Step};
use crate::toolchain::WasiToolchain;
use crate::wasi_deps::{BUILTINS, EMULATED, EMULATED_FOLDER, LIBRARIES, SITE_ZIP, WasiDeps};

/// Compiles the standard library and writes the archive.
const ZIP_SCRIPT: &str = include_str!("stdlib_zip.py");

/// Part of the step's key, with the script.
const RECIPE: &str = "rev 4: one libpython archive with zlib, mpdec, expat, HACL and libdl; zip of bytecode and sources; site-packages; numpy";

/// Lays out the folder.
#[derive(Debug)]
pub struct LayOutWasiDeps {
    step: Step,
    sources: Sources,
    toolchain: WasiToolchain,
    python: NativePython,
    cpython: PathBuf,
    numpy: Option<PathBuf>,
}

impl LayOutWasiDeps {
    /// The recipe from these builds.
    pub fn new(
        cache: &Cache,
        toolchain: &WasiToolchain,
        unpacked: &UnpackSources,
        native: &CpythonNative,
        guest: &CpythonWasi,
        numpy: Option<&NumpyWasi>,
    ) -> Self {
        let mut key = Key::new("wasi-deps", &format!("{RECIPE}\n{ZIP_SCRIPT}")).after(guest.step());
        if let Some(numpy) = numpy {
            key = key.after(numpy.step());
        }
        Self {
            step: Step::new(cache, "wasi-deps", key),
            sources: unpacked.sources.clone(),
            toolchain: toolchain.clone(),
            python: native.python.clone(),
            cpython: guest.step().dir.clone(),
            numpy: numpy.map(|numpy| numpy.step().dir.clone()),
        }
    }

    /// The finished folder.
    pub fn deps(&self) -> WasiDeps {
        WasiDeps {
            path: self.step.dir.clone(),
            version: self.python.version.clone(),
        }
    }
}

impl Recipe for LayOutWasiDeps {
    fn step(&self) -> &Step {
        &self.step
    }

    fn run(&self, ctx: &mut Context<'_>, _fetcher: &mut Fetcher<'_>) -> Result<()> {
        let out = ctx.out.clone();
        let version = &self.python.version;
        let deps = WasiDeps {
            path: out.clone(),
            version: version.clone(),
        };
        for name in EMULATED {
            files::copy(
                &self.toolchain.libc.join(name),
                &out.join(EMULATED_FOLDER).join(name),
            )?;
        }
        files::copy(&self.toolchain.builtins, &out.join(BUILTINS))?;
        merge_archives(ctx, &self.toolchain, &self.cpython, &deps)?;

        let include = out.join(format!("include/python{}", version.dotted));
        files::copy_tree(&self.sources.cpython.join("Include"), &include)?;
        files::copy(
            &self.cpython.join("pyconfig.h"),
            &include.join("pyconfig.h"),
        )?;
        let package = out
            .join(LIBRARIES)
            .join(format!("pkgconfig/libpython{}.pc", version.dotted));
        files::write_atomic(&package, pkg_config(version).as_bytes())?;

        if let Some(build) = &self.numpy {
            for archive in numpy::ARCHIVES {
                files::copy(&build.join(archive), &out.join(LIBRARIES).join(archive))?;
            }
            files::copy(&build.join(SITE_ZIP), &deps.site())?;
        }
        self.library(ctx)
    }
}

impl LayOutWasiDeps {
    /// The standard library: a zip of bytecode and sources, and beside it the one file that CPython looks for, and the packages.
    fn library(&self, ctx: &Context<'_>) -> Result<()> {
        let NativePython { prefix, version } = &self.python;
        let library = prefix.join(format!("lib/python{}", version.dotted));
        let guest = format!("/usr/local/lib/python{}", version.dotted);
        let unzipped = ctx.out.join(guest.trim_start_matches('/'));
        files::copy(&library.join("os.py"), &unzipped.join("os.py"))?;
        files::write_atomic(&unzipped.join("lib-dynload/.empty"), b"")?;
        files::copy_tree(&library.join(SITE), &unzipped.join(SITE))?;
        let script = ctx.work.join("stdlib_zip.py");
        files::write_atomic(&script, ZIP_SCRIPT.as_bytes())?;
        let mut pack = hermetic(self.python.program());
        pack.env("PYTHONHASHSEED", "0")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .args(["-s", "-W", "ignore"]);
        pack.arg(&script)
            .arg(&library)
            .arg(sysconfig_module(&self.cpython)?)
            .arg(&guest);
        let zip = format!("usr/local/lib/python{}.zip", version.joined);
        pack.arg(ctx.out.join(zip));
        ctx.runner.run(&mut pack, "pack the standard library")
    }
}

/// Merges everything that `libpython` needs into one archive, because the build script links one library.
fn merge_archives(
    ctx: &Context<'_>,
    toolchain: &WasiToolchain,
    wasi_build: &Path,
    deps: &WasiDeps,
) -> Result<()> {
    let target = deps.libpython();
    if let Some(parent) = target.parent() {
        files::create_dir(parent)?;
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
    // CPython calls dlopen, because `configure` finds it; wasi-libc has a stub of it in an archive of its own.
    let _ = writeln!(
        script,
        "ADDLIB {}\nSAVE\nEND",
        toolchain.libc.join("libdl.a").display()
    );
    let path = ctx.work.join("merge.mri");
    files::write_atomic(&path, script.as_bytes())?;
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
    files::sorted_entries(wasi_build)?
        .into_iter()
        .find(is_it)
        .with_context(|| {
            Failure::environment(format!(
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
