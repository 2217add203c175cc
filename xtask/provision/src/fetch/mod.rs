//! Obtains a pinned input from the first source that answers, and refuses bytes that do not match the pin.

mod apt;
mod choose;
pub mod deb;
mod http;
mod pip;

use std::path::{Path, PathBuf};

use anyhow::Result;
use parallax_failure::Failure;

use crate::files;
use crate::machine::Machine;
use crate::pins::{Input, Pins, Proof, Source};
use crate::progress::say;
use crate::store::{Context, Origin};
use apt::{Apt, Available};
use pip::{Pip, Refusal, Release};

/// Fetches rows of the pin file; apt is asked for its indexes once, and only when a row needs it.
pub struct Fetcher<'a> {
    machine: &'a Machine,
    pins: &'a Pins,
    apt: Option<Result<Apt, String>>,
    pip: Option<Result<Pip, String>>,
}

impl<'a> Fetcher<'a> {
    /// Nothing is contacted yet.
    pub fn new(machine: &'a Machine, pins: &'a Pins) -> Self {
        Self {
            machine,
            pins,
            apt: None,
            pip: None,
        }
    }

    fn apt(&mut self, ctx: &Context<'_>) -> Result<&Apt, String> {
        let open = || {
            Apt::open(
                &ctx.cache.tmp().join("apt"),
                self.machine,
                &self.pins.suites(),
                &ctx.runner,
            )
        };
        self.apt
            .get_or_insert_with(open)
            .as_ref()
            .map_err(Clone::clone)
    }

    /// A row of the pin file.
    ///
    /// # Errors
    /// The file has no such row.
    pub fn pin(&self, row: &str) -> Result<&'a Input, Failure> {
        self.pins.get(row)
    }

    /// The file of a row with a SHA-256, in the cache.
    ///
    /// # Errors
    /// No source can be reached, or one has other bytes than the pin says.
    pub fn file(&mut self, ctx: &mut Context<'_>, row: &str) -> Result<PathBuf> {
        let input = self.pin(row)?;
        let Proof::Sha256 { sha256, file } = &input.proof else {
            return Err(not_pinned(input, "a sha256").into());
        };
        let kept = ctx.cache.downloads().join(format!("{sha256}-{file}"));
        let from = if kept.is_file() {
            check(&kept, input, sha256, "the cache").map_err(|failure| {
                failure.hint(format!(
                    "the file changed after it was verified; remove {} to fetch it again",
                    kept.display()
                ))
            })?;
            std::fs::read_to_string(note_of(&kept)).unwrap_or_else(|_| "the cache".to_owned())
        } else {
            self.first_source(ctx, input, sha256, &kept)?
        };
        let origin = Origin {
            name: input.name.clone(),
            version: input.version.clone(),
            sha256: sha256.clone(),
            from,
        };
        ctx.origins.push(origin);
        Ok(kept)
    }

    fn first_source(
        &mut self,
        ctx: &mut Context<'_>,
        input: &Input,
        sha256: &str,
        kept: &Path,
    ) -> Result<String> {
        let folder = ctx.cache.tmp().join(format!("fetch-{}", input.name));
        let mut reasons = Vec::new();
        for source in &input.sources {
            files::remove(&folder)?;
            files::create_dir(&folder)?;
            match self.try_source(ctx, input, source, &folder) {
                Ok(path) => {
                    check(&path, input, sha256, &source.to_string())?;
                    files::create_dir(&ctx.cache.downloads())?;
                    files::write_atomic(&note_of(kept), source.to_string().as_bytes())?;
                    files::rename(&path, kept)?;
                    return Ok(source.to_string());
                }
                Err(Refusal::OtherBytes(found)) => {
                    return Err(mismatch(input, &source.to_string(), sha256, &found).into());
                }
                Err(Refusal::Unavailable(reason)) => {
                    say(&format!(
                        "  {} is unavailable from {source}: {reason}",
                        input.name
                    ));
                    reasons.push(format!("{source}: {reason}"));
                }
            }
        }
        Err(unreachable(input, &reasons).into())
    }

    /// The machine's pip; where it has none, the one in Debian's package, which runs without being installed.
    fn pip(&mut self, ctx: &mut Context<'_>) -> Result<&Pip, String> {
        if self.pip.is_none() {
            let opened = match Pip::of_machine() {
                Some(pip) => Ok(pip),
                None => self.packed_pip(ctx).map_err(|error| {
                    format!(
                        "python3 has no pip (`sudo apt-get install python3-pip`), and {error:#}"
                    )
                }),
            };
            self.pip = Some(opened);
        }
        let opened = self.pip.as_ref().ok_or("pip was not looked for")?;
        opened.as_ref().map_err(Clone::clone)
    }

    fn packed_pip(&mut self, ctx: &mut Context<'_>) -> Result<Pip> {
        // The row's own folder is emptied between two sources, so this is another one.
        let folder = ctx.cache.tmp().join("pip");
        let packages = self.packages(ctx, "pip", &folder, &|_| true)?;
        Pip::unpacked(&packages, &folder, &ctx.runner)
    }

    fn try_source(
        &mut self,
        ctx: &mut Context<'_>,
        input: &Input,
        source: &Source,
        folder: &Path,
    ) -> Result<PathBuf, Refusal> {
        let found = match source {
            Source::Url(url) => {
                let path = folder.join("download");
                http::download(url, &path).map(|()| path)
            }
            Source::AptSource {
                package,
                suite,
                file,
            } => {
                self.apt(ctx)?
                    .download_source(package, suite, folder, &ctx.runner)?;
                let path = folder.join(file);
                if path.is_file() {
                    Ok(path)
                } else {
                    Err(format!("the source package has no file {file}"))
                }
            }
            Source::AptBinary { package, suite } => {
                let package = package.clone().unwrap_or_else(|| input.name.clone());
                let apt = self.apt(ctx)?;
                let wanted = Available {
                    package,
                    version: input.version.clone(),
                    suite: apt.suite(suite),
                };
                apt.download(std::slice::from_ref(&wanted), folder, &ctx.runner)?;
                deb::downloaded(folder, &wanted.package)
            }
            Source::Pypi { package, version } => {
                let Proof::Sha256 { sha256, file } = &input.proof else {
                    return Err("a row of an index needs a sha256".to_owned().into());
                };
                let cpython = self.pins.get("cpython");
                let python = cpython.map_err(|error| error.to_string())?.version.clone();
                let release = Release {
                    package,
                    version,
                    sha256,
                    file,
                    python: &python,
                };
                return self.pip(ctx)?.download(&release, folder, &ctx.runner);
            }
        };
        found.map_err(Refusal::from)
    }

    /// Downloads the packages of a row that the archive's signature verifies into `folder`; `accepts` says which versions will do.
    ///
    /// # Errors
    /// No suite has them.
    pub fn packages(
        &mut self,
        ctx: &mut Context<'_>,
        row: &str,
        folder: &Path,
        accepts: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<PathBuf>> {
        let input = self.pin(row)?;
        let Proof::ArchiveSignature {
            packages,
            same_version,
            optional,
        } = &input.proof
        else {
            return Err(not_pinned(input, "packages").into());
        };
        files::create_dir(folder)?;
        let apt = self
            .apt(ctx)
            .map_err(|reason| unreachable(input, &[reason]))?;
        let listed = apt
            .available(packages, &ctx.runner)
            .map_err(|reason| unreachable(input, &[reason]))?;
        let listed: Vec<Available> = listed
            .into_iter()
            .filter(|one| accepts(&one.version))
            .collect();
        let suites: Vec<String> = input
            .sources
            .iter()
            .filter_map(|source| match source {
                Source::AptBinary { suite, .. } => Some(apt.suite(suite)),
                _ => None,
            })
            .collect();
        let choice = match (*same_version, *optional) {
            (true, _) => choose::one_suite(&listed, packages, &suites),
            (false, true) => choose::one_release(&listed, packages, &suites),
            (false, false) => choose::each(&listed, packages, &suites),
        };
        let chosen = choice.map_err(|missing| {
            let (names, reason) = (missing.join(" "), apt.not_found());
            unreachable(
                input,
                &[format!("suites {}: {names}: {reason}", suites.join(", "))],
            )
        })?;
        apt.download(&chosen, folder, &ctx.runner)
            .map_err(|reason| unreachable(input, &[reason]))?;
        let mut paths = Vec::new();
        for one in chosen {
            let path = deb::downloaded(folder, &one.package)
                .map_err(|reason| unreachable(input, &[reason]))?;
            ctx.origins.push(Origin {
                sha256: files::sha256_file(&path)?,
                from: format!("apt suite {}", one.suite),
                name: one.package,
                version: one.version,
            });
            paths.push(path);
        }
        Ok(paths)
    }
}

/// The file beside a kept download that names the source.
fn note_of(kept: &Path) -> PathBuf {
    let mut name = kept.as_os_str().to_owned();
    name.push(".from");
    PathBuf::from(name)
}

/// Compares a file with its row's pin.
fn check(path: &Path, input: &Input, expected: &str, source: &str) -> Result<(), Failure> {
    let found =
        files::sha256_file(path).map_err(|error| Failure::environment(format!("{error:#}")))?;
    if found == expected {
        return Ok(());
    }
    let source = format!("{source} ({})", path.display());
    Err(mismatch(input, &source, expected, &found))
}

fn mismatch(input: &Input, source: &str, expected: &str, found: &str) -> Failure {
    Failure::environment(format!(
        "{} {} from {source} is not the file that xtask/pins.toml pins\n    expected sha256 {expected}\n    found    sha256 {found}",
        input.name, input.version
    ))
    .hint("nothing was built from it; if upstream really changed the file, check why before changing the pin")
}

fn unreachable(input: &Input, reasons: &[String]) -> Failure {
    let reasons: String = reasons
        .iter()
        .map(|reason| format!("\n    {reason}"))
        .collect();
    Failure::environment(format!(
        "no source has {} {}:{reasons}",
        input.name, input.version
    ))
    .hint("check the network and `apt-get update`; the next run goes on at this step")
}

fn not_pinned(input: &Input, by: &str) -> Failure {
    Failure::usage(format!(
        "xtask/pins.toml: row \"{}\" must be pinned by {by}",
        input.name
    ))
    .hint("`git checkout xtask/pins.toml` restores the file")
}

#[cfg(test)]
mod tests;
