//! Debian packages as files: finding what apt has downloaded, and unpacking it without installing it.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files;
use crate::process::{Runner, hermetic};

/// Unpacks one package into a folder.
///
/// # Errors
/// dpkg fails.
pub fn unpack(package: &Path, folder: &Path, runner: &Runner<'_>) -> Result<()> {
    let mut command = hermetic("dpkg");
    command.arg("-x").arg(package).arg(folder);
    runner.run(&mut command, &format!("unpack {}", package.display()))
}

/// The file that apt has downloaded for a package.
///
/// # Errors
/// There is none, in a phrase.
pub fn downloaded(folder: &Path, package: &str) -> Result<PathBuf, String> {
    let prefix = format!("{package}_");
    let entries = files::sorted_entries(folder).map_err(|error| format!("{error:#}"))?;
    let is_it = |path: &PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        name.starts_with(&prefix) && name.ends_with(".deb")
    };
    entries
        .into_iter()
        .find(is_it)
        .ok_or_else(|| format!("apt left no {package}_….deb in {}", folder.display()))
}
