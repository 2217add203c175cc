//! numpy for the native leg: its wheel, unpacked.

use std::path::PathBuf;

use anyhow::Result;
use parallax_failure::Failure;

use super::Recipe;
use super::numpy::{SITE, UNPACK};
use crate::fetch::Fetcher;
use crate::files;
use crate::pins::Pins;
use crate::process::hermetic;
use crate::python::NativePython;
use crate::store::{Cache, Context, Key, Step};

const ROWS: [&str; 1] = ["numpy-wheel"];

/// Unpacks the wheel, and compiles its Python files.
#[derive(Debug)]
pub struct NumpyNative {
    step: Step,
    python: NativePython,
}

impl NumpyNative {
    /// The recipe.
    ///
    /// # Errors
    /// The pin file lacks the row.
    pub fn new(cache: &Cache, pins: &Pins, python: &NativePython) -> Result<Self, Failure> {
        let recipe = format!("rev 1: unpacked, with unchecked bytecode\n{UNPACK}");
        let key = Key::new("numpy-native", &recipe).input(pins.get(ROWS[0])?);
        Ok(Self {
            step: Step::new(cache, "numpy-native", key),
            python: python.clone(),
        })
    }

    /// The folder to put on `sys.path`.
    pub fn site(&self) -> PathBuf {
        self.step.dir.join(SITE)
    }
}

impl Recipe for NumpyNative {
    fn step(&self) -> &Step {
        &self.step
    }

    fn rows(&self) -> &'static [&'static str] {
        &ROWS
    }

    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        let wheel = fetcher.file(ctx, ROWS[0])?;
        let site = ctx.out.join(SITE);
        let script = ctx.work.join("unpack.py");
        files::write_atomic(&script, UNPACK.as_bytes())?;
        let mut unpack = hermetic(self.python.program());
        unpack.arg(&script).arg(&wheel).arg(&site);
        ctx.runner.run(&mut unpack, "unpack numpy's wheel")?;
        // Legs write no bytecode, so without this each process would compile numpy again.
        // Neither leg compares bytecode with its source.
        let mut compile = hermetic(self.python.program());
        compile
            .args(["-m", "compileall", "-q", "-x", "/tests/"])
            .args(["--invalidation-mode", "unchecked-hash"])
            .arg(&site);
        ctx.runner.run(&mut compile, "compile numpy's Python files")
    }
}
