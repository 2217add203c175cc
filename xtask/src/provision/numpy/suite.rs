//! numpy's own tests and what runs them, for the verb `numpy-tests`: a pipeline needs neither, so the guest's image has neither.

use std::path::Path;

use anyhow::Result;

use super::{SITE, UNPACK};
use crate::fs_util;
use crate::process::hermetic;
use crate::provision::fetch::Fetcher;
use crate::provision::pins::Pins;
use crate::provision::step::{Context, Key};

/// The rows of what numpy's tests import, all of it Python alone.
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

/// The key of the step, but for the Python that makes the bytecode.
///
/// # Errors
/// The pin file lacks a row.
pub fn key(pins: &Pins) -> Result<Key> {
    let recipe = format!("rev 1: {}\n{UNPACK}", TREES.join(" "));
    let mut key = Key::new("numpy-tests", &recipe).input(pins.get("numpy")?);
    for row in PACKAGES {
        key = key.input(pins.get(row)?);
    }
    Ok(key)
}

/// Unpacks the trees beside a folder of packages.
///
/// # Errors
/// An input cannot be had, or the source release has no such tests.
pub fn run(
    ctx: &mut Context<'_>,
    pins: &Pins,
    fetcher: &mut Fetcher<'_>,
    python: &Path,
) -> Result<()> {
    let numpy = pins.get("numpy")?;
    let source = fetcher.file(ctx, numpy)?;
    let mut tar = hermetic("tar");
    tar.arg("-xf").arg(source).arg("-C").arg(&ctx.out);
    tar.args(["--no-same-owner", "--strip-components=1"]);
    tar.args(TREES.map(|tree| format!("numpy-{}/{tree}", numpy.version)));
    ctx.runner.run(&mut tar, "unpack numpy's tests")?;

    let script = ctx.work.join("unpack.py");
    fs_util::write_atomic(&script, UNPACK.as_bytes())?;
    let site = ctx.out.join(SITE);
    for row in PACKAGES {
        let wheel = fetcher.file(ctx, pins.get(row)?)?;
        let mut unpack = hermetic(python);
        unpack.arg(&script).arg(&wheel).arg(&site);
        let what = format!("unpack {}", wheel.display());
        ctx.runner.run(&mut unpack, &what)?;
    }
    // The guest writes no bytecode, so each of its runs would compile pytest anew.
    let mut compile = hermetic(python);
    compile
        .args(["-m", "compileall", "-q"])
        .args(["--invalidation-mode", "unchecked-hash"])
        .arg(&site);
    ctx.runner.run(&mut compile, "compile pytest")
}
