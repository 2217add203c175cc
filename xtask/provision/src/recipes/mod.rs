//! How each step is made: one file per recipe.

pub mod cargo_deny;
mod cpython;
pub mod cpython_native;
pub mod cpython_wasi;
pub mod llvm;
pub mod numpy;
pub mod numpy_native;
pub mod numpy_tests;
pub mod numpy_wasi;
pub mod pyo3_config;
pub mod rust_std;
pub mod sources;
pub mod wasi_deps;
pub mod wasi_libc;

use anyhow::Result;

use crate::fetch::Fetcher;
use crate::store::{Context, Step};

/// One step, and the way to make it.
pub trait Recipe: std::fmt::Debug {
    /// The step, with its key.
    fn step(&self) -> &Step;

    /// The rows of the pin file that are downloaded, for an estimate.
    fn rows(&self) -> &'static [&'static str] {
        &[]
    }

    /// Makes the step's content in `ctx.out`.
    ///
    /// # Errors
    /// An input cannot be had, or a program fails.
    fn run(&self, ctx: &mut Context<'_>, fetcher: &mut Fetcher<'_>) -> Result<()>;
}
