//! The sources of CPython and zlib, unpacked.

use std::path::PathBuf;

use anyhow::Result;
use parallax_failure::Failure;

use super::Recipe;
use crate::fetch::Fetcher;
use crate::pins::Pins;
use crate::process::hermetic;
use crate::store::{Cache, Context, Key, Step};

const ROWS: [&str; 2] = ["cpython", "zlib"];

/// Fetches and unpacks both.
#[derive(Debug)]
pub struct UnpackSources {
    step: Step,
    /// Where they are once the step is done.
    pub sources: Sources,
}

/// The unpacked sources.
#[derive(Clone, Debug)]
pub struct Sources {
    /// `Python-3.13.5/`
    pub cpython: PathBuf,
    /// `zlib-1.3.1/`
    pub zlib: PathBuf,
}

impl UnpackSources {
    /// The recipe.
    ///
    /// # Errors
    /// The pin file lacks a row.
    pub fn new(cache: &Cache, pins: &Pins) -> Result<Self, Failure> {
        let mut key = Key::new("sources", "rev 1: tar -x");
        for row in ROWS {
            key = key.input(pins.get(row)?);
        }
        let step = Step::new(cache, "sources", key);
        let [cpython, zlib] = ROWS.map(|row| pins.get(row).map(|pin| &pin.version));
        let sources = Sources {
            cpython: step.dir.join(format!("Python-{}", cpython?)),
            zlib: step.dir.join(format!("zlib-{}", zlib?)),
        };
        Ok(Self { step, sources })
    }
}

impl Recipe for UnpackSources {
    fn step(&self) -> &Step {
        &self.step
    }

    fn rows(&self) -> &'static [&'static str] {
        &ROWS
    }

    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        for row in ROWS {
            let archive = fetcher.file(ctx, row)?;
            let mut tar = hermetic("tar");
            tar.arg("-xf")
                .arg(&archive)
                .arg("-C")
                .arg(&ctx.out)
                .arg("--no-same-owner");
            ctx.runner
                .run(&mut tar, &format!("unpack {}", archive.display()))?;
        }
        Ok(())
    }
}
