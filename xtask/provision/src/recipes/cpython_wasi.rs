//! CPython for WASI, as an archive that the executor links.

use std::path::{Path, PathBuf};

use anyhow::Result;
use parallax_cache::is_step;
use parallax_failure::Failure;

use super::Recipe;
use super::cpython;
use super::cpython_native::CpythonNative;
use super::sources::{Sources, UnpackSources};
use crate::fetch::Fetcher;
use crate::files;
use crate::process::hermetic;
use crate::python::NativePython;
use crate::store::{Cache, Context, Key, Step};
use crate::toolchain::{TARGET, WasiToolchain};

/// What CPython is configured with.
///
/// WASI's default is without Python's own allocator and without jumps from one instruction to the next, and slower for it.
const OPTIONS: [&str; 4] = [
    "--host=wasm32-wasip1",
    "--prefix=/usr/local",
    "--with-pymalloc",
    "--with-computed-gotos",
];

/// The archives that the build leaves besides `libpython`, relative to its folder.
const ARCHIVES: [&str; 3] = [
    "Modules/_decimal/libmpdec/libmpdec.a",
    "Modules/expat/libexpat.a",
    "Modules/_hacl/libHacl_Hash_SHA2.a",
];

/// Builds the archives, `pyconfig.h`, and the module that describes the build.
#[derive(Debug)]
pub struct CpythonWasi {
    step: Step,
    sources: Sources,
    toolchain: WasiToolchain,
    python: NativePython,
}

impl CpythonWasi {
    /// The recipe with this toolchain.
    pub fn new(
        cache: &Cache,
        toolchain: &WasiToolchain,
        unpacked: &UnpackSources,
        native: &CpythonNative,
    ) -> Self {
        let key = Key::new("cpython-wasi", &recipe())
            .after(unpacked.step())
            .after(native.step());
        Self {
            step: Step::new(cache, "cpython-wasi", toolchain.in_key(key)),
            sources: unpacked.sources.clone(),
            toolchain: toolchain.clone(),
            python: native.python.clone(),
        }
    }
}

fn recipe() -> String {
    let own = ["rev 3: sysconfig without this machine's folders"];
    cpython::recipe(&[&own, &OPTIONS, &ARCHIVES])
}

impl Recipe for CpythonWasi {
    fn step(&self) -> &Step {
        &self.step
    }

    fn run(&self, ctx: &mut Context<'_>, _fetcher: &mut Fetcher<'_>) -> Result<()> {
        let toolchain = &self.toolchain;
        let clang = toolchain.program("clang").display().to_string();
        let sysroot = format!("--sysroot={}", toolchain.sysroot.display());
        let ar = toolchain.program("llvm-ar");
        let zlib = cpython::build_zlib(
            ctx,
            &self.sources,
            &[&clang, &format!("--target={TARGET}"), &sysroot],
            &ar,
        )?;
        let build = ctx.work.join("build");
        files::create_dir(&build)?;
        let guess = ctx.runner.output(
            &mut hermetic(self.sources.cpython.join("config.guess")),
            "guess this machine's name",
        )?;
        let mut configure = cpython::configure(ctx, &self.sources, &zlib, &build);
        configure
            .args(OPTIONS)
            .arg(format!("--build={}", guess.trim()))
            .arg(format!(
                "--with-build-python={}",
                self.python.program().display()
            ))
            .env(
                "CONFIG_SITE",
                self.sources
                    .cpython
                    .join("Tools/wasm/config.site-wasm32-wasi"),
            )
            .env("CC", toolchain.cc())
            .env("AR", &ar)
            .env("RANLIB", toolchain.program("llvm-ranlib"));
        ctx.runner
            .run(&mut configure, "configure CPython for WASI")?;
        let library = format!("libpython{}.a", self.python.version.dotted);
        cpython::make(
            ctx,
            &build,
            &[&library, "pybuilddir.txt"],
            "build CPython for WASI",
        )?;
        collect(ctx, &build, &library, &zlib)
    }
}

/// Copies what later steps read.
fn collect(ctx: &Context<'_>, build: &Path, library: &str, zlib: &Path) -> Result<()> {
    files::copy(&build.join(library), &ctx.out.join(library))?;
    files::copy(zlib, &ctx.out.join("libz.a"))?;
    for archive in ARCHIVES {
        let path = build.join(archive);
        files::copy(&path, &ctx.out.join(path.file_name().unwrap_or_default()))?;
    }
    files::copy(&build.join("pyconfig.h"), &ctx.out.join("pyconfig.h"))?;
    let described = build.join(files::read_text(&build.join("pybuilddir.txt"))?.trim());
    let is_module = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "py");
    let Some(module) = files::sorted_entries(&described)?
        .into_iter()
        .find(is_module)
    else {
        return Err(Failure::environment(format!(
            "{} holds no _sysconfigdata module",
            described.display()
        ))
        .into());
    };
    let text = without_folders(&files::read_text(&module)?, ctx.cache);
    files::write_atomic(
        &ctx.out.join(module.file_name().unwrap_or_default()),
        text.as_bytes(),
    )
}

/// Replaces the build's folders, which differ from machine to machine and do not exist later.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caches_folders_are_taken_out_of_text() {
        let cache = Cache::at("/c/parallax".into()).expect("a plain path");
        let text =
            "CC='/c/parallax/llvm-0123456789abcdef/bin/clang -O3' x=/c/parallax/tmp/y /c/other";
        let expected = "CC='/parallax/llvm/bin/clang -O3' x=/parallax/tmp/y /c/other";
        assert_eq!(without_folders(text, &cache), expected);
    }
}
