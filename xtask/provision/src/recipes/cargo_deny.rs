//! cargo-deny, which checks what the packages may depend on; only the verb `lint` needs it.

use std::path::PathBuf;

use anyhow::Result;

use super::Recipe;
use crate::cargo::{CARGO_FLAG_VARIABLES, cargo};
use crate::fetch::Fetcher;
use crate::machine::Machine;
use crate::store::{Cache, Context, Key, Step};

/// The release; its own lock file pins what it is built from.
const VERSION: &str = "0.20.2";

/// Builds the program from the registry that cargo is configured for.
#[derive(Debug)]
pub struct CargoDeny {
    step: Step,
}

impl CargoDeny {
    /// The recipe for this machine.
    pub fn new(cache: &Cache, machine: &Machine) -> Self {
        let key = Key::new("cargo-deny", "rev 2: cargo install --locked --debug")
            .with("version", VERSION)
            .with("host", machine.host_triple());
        Self {
            step: Step::new(cache, "cargo-deny", key),
        }
    }

    /// The program.
    pub fn program(&self) -> PathBuf {
        self.step.dir.join("bin/cargo-deny")
    }
}

impl Recipe for CargoDeny {
    fn step(&self) -> &Step {
        &self.step
    }

    fn run(&self, ctx: &mut Context<'_>, _fetcher: &mut Fetcher<'_>) -> Result<()> {
        let mut install = cargo();
        for variable in CARGO_FLAG_VARIABLES {
            install.env_remove(variable);
        }
        install
            // It runs for a second, and is compiled for minutes when it is optimised.
            .args(["install", "--locked", "--debug", "--no-track"])
            .args(["--version", VERSION])
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .arg("--root")
            .arg(&ctx.out)
            .arg("--target-dir")
            .arg(ctx.work.join("target"))
            .arg("cargo-deny");
        ctx.runner.run(&mut install, "build cargo-deny")
    }
}
