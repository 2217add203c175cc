//! numpy's own tests and pytest, for the verb `numpy-tests`. They are a step of their own, because no pipeline needs them.

use anyhow::Result;
use parallax_failure::Failure;

use super::Recipe;
use super::cpython_native::CpythonNative;
use super::numpy::{SITE, UNPACK};
use crate::fetch::Fetcher;
use crate::files;
use crate::pins::Pins;
use crate::process::hermetic;
use crate::python::NativePython;
use crate::store::{Cache, Context, Key, Step};

const SOURCE: &str = "numpy";

/// The packages that numpy's tests import; none has an extension module.
const PACKAGES: [&str; 7] = [
    "pytest",
    "iniconfig",
    "packaging",
    "pluggy",
    "pygments",
    "hypothesis",
    "sortedcontainers",
];

/// Of the source release: the tests that are run, their data, and their settings.
const TREES: [&str; 6] = [
    "pytest.ini",
    "numpy/conftest.py",
    "numpy/_core/tests",
    "numpy/fft/tests",
    "numpy/linalg/tests",
    "numpy/random/tests",
];

/// Unpacks the trees beside a folder of packages.
#[derive(Debug)]
pub struct NumpyTests {
    step: Step,
    python: NativePython,
}

impl NumpyTests {
    /// The recipe.
    ///
    /// # Errors
    /// The pin file lacks a row.
    pub fn new(cache: &Cache, pins: &Pins, native: &CpythonNative) -> Result<Self, Failure> {
        let recipe = format!("rev 1: {}\n{UNPACK}", TREES.join(" "));
        let mut key = Key::new("numpy-tests", &recipe).input(pins.get(SOURCE)?);
        for row in PACKAGES {
            key = key.input(pins.get(row)?);
        }
        // The native Python makes the bytecode.
        let key = key.after(native.step());
        Ok(Self {
            step: Step::new(cache, "numpy-tests", key),
            python: native.python.clone(),
        })
    }
}

impl Recipe for NumpyTests {
    fn step(&self) -> &Step {
        &self.step
    }

    fn rows(&self) -> &'static [&'static str] {
        &PACKAGES
    }

    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        let source = fetcher.file(ctx, SOURCE)?;
        let version = &fetcher.pin(SOURCE)?.version;
        let mut tar = hermetic("tar");
        tar.arg("-xf").arg(source).arg("-C").arg(&ctx.out);
        tar.args(["--no-same-owner", "--strip-components=1"]);
        tar.args(TREES.map(|tree| format!("numpy-{version}/{tree}")));
        ctx.runner.run(&mut tar, "unpack numpy's tests")?;

        let script = ctx.work.join("unpack.py");
        files::write_atomic(&script, UNPACK.as_bytes())?;
        let site = ctx.out.join(SITE);
        for row in PACKAGES {
            let wheel = fetcher.file(ctx, row)?;
            let mut unpack = hermetic(self.python.program());
            unpack.arg(&script).arg(&wheel).arg(&site);
            let what = format!("unpack {}", wheel.display());
            ctx.runner.run(&mut unpack, &what)?;
        }
        // The guest writes no bytecode, so without this each of its runs would compile pytest again.
        let mut compile = hermetic(self.python.program());
        compile
            .args(["-m", "compileall", "-q"])
            .args(["--invalidation-mode", "unchecked-hash"])
            .arg(&site);
        ctx.runner.run(&mut compile, "compile pytest")
    }
}
