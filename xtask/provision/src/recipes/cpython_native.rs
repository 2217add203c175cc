//! The native CPython, as a shared library.

use std::path::Path;

use anyhow::Result;

use super::Recipe;
use super::cpython;
use super::sources::{Sources, UnpackSources};
use crate::fetch::Fetcher;
use crate::files;
use crate::machine::Machine;
use crate::process::hermetic;
use crate::python::{NativePython, PythonVersion};
use crate::store::{Cache, Context, Key, Step};

const OPTIONS: [&str; 1] = ["--enable-shared"];

/// Run by the new interpreter before the build is published.
const PROBE: &str = "import asyncio, decimal, json, unicodedata, zlib; assert zlib.decompress(zlib.compress(b'x')) == b'x'";

/// Builds and installs it; its prefix is the step's final folder.
#[derive(Debug)]
pub struct CpythonNative {
    step: Step,
    sources: Sources,
    /// What the step makes.
    pub python: NativePython,
}

impl CpythonNative {
    /// The recipe for this machine.
    pub fn new(
        cache: &Cache,
        machine: &Machine,
        unpacked: &UnpackSources,
        version: PythonVersion,
    ) -> Self {
        // The prefix is compiled in, so a cache that was moved is built anew.
        let key = Key::new("cpython-native", &recipe())
            .after(unpacked.step())
            .with("gcc", machine.gcc.clone())
            .with("arch", machine.arch)
            .with("root", cache.root.display().to_string());
        let step = Step::new(cache, "cpython-native", key);
        Self {
            python: NativePython {
                prefix: step.dir.clone(),
                version,
            },
            step,
            sources: unpacked.sources.clone(),
        }
    }
}

fn recipe() -> String {
    cpython::recipe(&[&["rev 2", PROBE], &OPTIONS])
}

impl Recipe for CpythonNative {
    fn step(&self) -> &Step {
        &self.step
    }

    fn run(&self, ctx: &mut Context<'_>, _fetcher: &mut Fetcher<'_>) -> Result<()> {
        let zlib = cpython::build_zlib(ctx, &self.sources, &["gcc", "-fPIC"], Path::new("ar"))?;
        let prefix = &self.python.prefix;
        let build = ctx.work.join("build");
        files::create_dir(&build)?;
        let mut configure = cpython::configure(ctx, &self.sources, &zlib, &build);
        configure
            .args(OPTIONS)
            .arg(format!("--prefix={}", prefix.display()))
            .arg(format!(
                "LDFLAGS=-Wl,-rpath,{}",
                prefix.join("lib").display()
            ))
            .env("CC", "gcc");
        ctx.runner
            .run(&mut configure, "configure the native CPython")?;
        cpython::make(ctx, &build, &["all"], "build the native CPython")?;
        let destination = ctx.work.join("destination");
        let destdir = format!("DESTDIR={}", destination.display());
        cpython::make(
            ctx,
            &build,
            &["install", &destdir],
            "install the native CPython",
        )?;
        let installed = destination.join(prefix.strip_prefix("/").unwrap_or(prefix));
        files::remove(&ctx.out)?;
        files::rename(&installed, &ctx.out)?;
        let mut probe = hermetic(
            ctx.out
                .join(format!("bin/python{}", self.python.version.dotted)),
        );
        probe
            .args(["-I", "-c", PROBE])
            .env("LD_LIBRARY_PATH", ctx.out.join("lib"))
            .env("PYTHONHOME", &ctx.out);
        probe.env("PYTHONDONTWRITEBYTECODE", "1");
        ctx.runner.run(&mut probe, "start the native CPython")
    }
}
