//! The native CPython, as a shared library.

use std::path::Path;

use anyhow::Result;
use parallax_failure::Failure;

use super::Recipe;
use super::cpython;
use super::numpy::{SITE, UNPACK};
use super::sources::{Sources, UnpackSources};
use crate::fetch::Fetcher;
use crate::files;
use crate::machine::Machine;
use crate::pins::Pins;
use crate::process::hermetic;
use crate::python::{NativePython, PythonVersion};
use crate::store::{Cache, Context, Key, Step};

const OPTIONS: [&str; 1] = ["--enable-shared"];

const ROWS: [&str; 1] = ["tzdata"];

/// Parts of the standard library that no pipeline imports, or that can't work without processes, windows, or a network: neither leg has them.
const LEFT_OUT: [&str; 10] = [
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "test",
    "tkinter",
    "turtle.py",
    "turtledemo",
    "venv",
    "__phello__",
];

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
    ///
    /// # Errors
    /// The pin file lacks the row.
    pub fn new(
        cache: &Cache,
        pins: &Pins,
        machine: &Machine,
        unpacked: &UnpackSources,
        version: PythonVersion,
    ) -> Result<Self, Failure> {
        // The prefix is compiled in, so a cache that was moved is built anew.
        let key = Key::new("cpython-native", &recipe())
            .after(unpacked.step())
            .input(pins.get(ROWS[0])?)
            .with("gcc", machine.gcc.clone())
            .with("arch", machine.arch)
            .with("root", cache.root.display().to_string());
        let step = Step::new(cache, "cpython-native", key);
        Ok(Self {
            python: NativePython {
                prefix: step.dir.clone(),
                version,
            },
            step,
            sources: unpacked.sources.clone(),
        })
    }
}

fn recipe() -> String {
    cpython::recipe(&[&["rev 3: tzdata", PROBE, UNPACK], &OPTIONS, &LEFT_OUT])
}

impl Recipe for CpythonNative {
    fn step(&self) -> &Step {
        &self.step
    }

    fn rows(&self) -> &'static [&'static str] {
        &ROWS
    }

    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        let zones = fetcher.file(ctx, ROWS[0])?;
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
        let library = ctx
            .out
            .join(format!("lib/python{}", self.python.version.dotted));
        for name in LEFT_OUT {
            files::remove(&library.join(name))?;
        }
        let start = |arguments: &[&str]| {
            let program = format!("bin/python{}", self.python.version.dotted);
            let mut python = hermetic(ctx.out.join(program));
            python
                .args(arguments)
                .env("LD_LIBRARY_PATH", ctx.out.join("lib"))
                .env("PYTHONHOME", &ctx.out)
                .env("PYTHONDONTWRITEBYTECODE", "1");
            python
        };
        ctx.runner
            .run(&mut start(&["-I", "-c", PROBE]), "start the native CPython")?;
        let mut unpack = start(&["-I", "-c", UNPACK]);
        unpack.arg(&zones).arg(library.join(SITE));
        ctx.runner.run(&mut unpack, "unpack the time zones")
    }
}
