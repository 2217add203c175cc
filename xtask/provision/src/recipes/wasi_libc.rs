//! wasi-libc, from one pinned package.

use anyhow::Result;
use parallax_failure::Failure;

use super::Recipe;
use crate::fetch::{Fetcher, deb};
use crate::pins::Pins;
use crate::store::{Cache, Context, Key, Step};

const ROWS: [&str; 1] = ["wasi-libc"];

/// Unpacks the package.
#[derive(Debug)]
pub struct WasiLibc {
    step: Step,
}

impl WasiLibc {
    /// The recipe.
    ///
    /// # Errors
    /// The pin file lacks the row.
    pub fn new(cache: &Cache, pins: &Pins) -> Result<Self, Failure> {
        let key = Key::new("wasi-libc", "rev 1: dpkg -x").input(pins.get(ROWS[0])?);
        Ok(Self {
            step: Step::new(cache, "wasi-libc", key),
        })
    }
}

impl Recipe for WasiLibc {
    fn step(&self) -> &Step {
        &self.step
    }

    fn rows(&self) -> &'static [&'static str] {
        &ROWS
    }

    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()> {
        let package = fetcher.file(ctx, ROWS[0])?;
        deb::unpack(&package, &ctx.out, &ctx.runner)?;
        let libc = ctx.out.join("usr/lib/wasm32-wasip1/libc.a");
        if libc.is_file() {
            Ok(())
        } else {
            Err(Failure::environment(format!("{} is not in the package", libc.display())).into())
        }
    }
}
