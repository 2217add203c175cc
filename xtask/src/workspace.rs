//! Where the checkout and its outputs are.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use parallax_failure::Failure;

/// The checkout that a verb works on.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// cargo's target directory: `CARGO_TARGET_DIR`, else `target` in the root.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds the checkout. cargo says where this package is; without cargo, the current folder and those above it are tried.
    ///
    /// # Errors
    /// Outside of a checkout.
    pub fn find() -> Result<Self> {
        let current = std::env::current_dir().context("cannot read the current directory")?;
        let from_cargo = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = from_cargo
            .as_deref()
            .and_then(Path::parent)
            .filter(|root| is_root(root))
            .or_else(|| current.ancestors().find(|folder| is_root(folder)))
            .ok_or_else(|| {
                Failure::usage(format!(
                    "{} is not inside a Parallax checkout",
                    current.display()
                ))
                .hint("run `cargo xtask` from the checkout")
            })?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty()) {
            Some(folder) => {
                std::path::absolute(folder).context("CARGO_TARGET_DIR is not a path")?
            }
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The outputs that belong to Parallax rather than to cargo.
    pub fn output(&self) -> PathBuf {
        self.target.join("parallax")
    }

    /// What the harness reads to find both executors.
    pub fn build_record(&self) -> PathBuf {
        self.output().join("build.json")
    }

    /// The pinned inputs.
    pub fn pins(&self) -> PathBuf {
        self.root.join("xtask/pins.toml")
    }
}

fn is_root(folder: &Path) -> bool {
    folder.join("xtask/pins.toml").is_file() && folder.join("Cargo.toml").is_file()
}
