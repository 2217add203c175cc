//! Obtains a pinned input from the first source that answers, and refuses bytes that do not match the pin.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::apt::{Apt, Available};
use super::http;
use super::machine::Machine;
use super::pins::{Input, Pins, Proof};
use super::pip::{Pip, Refusal, Release};
use super::source::Source;
use super::step::{Context, Origin};
use crate::error::{Failure, environment};
use crate::fs_util;
use crate::progress::say;

/// Fetches inputs; apt is asked for its indexes once, and only when a row needs it.
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

    /// The file of a row with a SHA-256, in the cache.
    ///
    /// # Errors
    /// No source can be reached, or one has other bytes than the pin says.
    pub fn file(&mut self, ctx: &mut Context<'_>, input: &Input) -> Result<PathBuf> {
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
            fs_util::remove(&folder)?;
            fs_util::create_dir(&folder)?;
            match self.try_source(ctx, input, source, &folder) {
                Ok(path) => {
                    check(&path, input, sha256, &source.to_string())?;
                    fs_util::create_dir(&ctx.cache.downloads())?;
                    fs_util::write_atomic(&note_of(kept), source.to_string().as_bytes())?;
                    fs_util::rename(&path, kept)?;
                    return Ok(source.to_string());
                }
                Err(Refusal::OtherBytes(found)) => {
                    return Err(mismatch(input, &source.to_string(), sha256, &found).into());
                }
                Err(Refusal::NotToBeHad(reason)) => {
                    say(&format!(
                        "  {} is not to be had from {source}: {reason}",
                        input.name
                    ));
                    reasons.push(format!("{source}: {reason}"));
                }
            }
        }
        Err(unreachable(input, &reasons).into())
    }

    /// pip: the machine's, else the one that Debian packs as a wheel, which runs without being installed.
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
        // Not below the row's folder, which is emptied between two sources.
        let folder = ctx.cache.tmp().join("pip");
        let packages = self.packages(ctx, self.pins.get("pip")?, &folder, &|_| true)?;
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
                deb_of(folder, &wanted.package)
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

    /// The packages of a row that the archive's signature vouches for, in `folder`; `accepts` narrows the versions.
    ///
    /// # Errors
    /// No suite has them.
    pub fn packages(
        &mut self,
        ctx: &mut Context<'_>,
        input: &Input,
        folder: &Path,
        accepts: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<PathBuf>> {
        let Proof::ArchiveSignature {
            packages,
            same_version,
            optional,
        } = &input.proof
        else {
            return Err(not_pinned(input, "packages").into());
        };
        fs_util::create_dir(folder)?;
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
            (true, _) => one_suite(&listed, packages, &suites),
            (false, true) => one_release(&listed, packages, &suites),
            (false, false) => each(&listed, packages, &suites),
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
            let path =
                deb_of(folder, &one.package).map_err(|reason| unreachable(input, &[reason]))?;
            ctx.origins.push(Origin {
                sha256: fs_util::sha256_file(&path)?,
                from: format!("apt suite {}", one.suite),
                name: one.package,
                version: one.version,
            });
            paths.push(path);
        }
        Ok(paths)
    }
}

/// The first suite that has every package, all in one version; else the packages that no suite has.
fn one_suite(
    listed: &[Available],
    packages: &[String],
    suites: &[String],
) -> Result<Vec<Available>, Vec<String>> {
    for suite in suites {
        let found: Vec<Available> = packages
            .iter()
            .filter_map(|package| {
                listed
                    .iter()
                    .find(|one| one.package == *package && one.suite == *suite)
            })
            .cloned()
            .collect();
        if found.len() == packages.len() && found.iter().all(|one| one.version == found[0].version)
        {
            return Ok(found);
        }
    }
    Err(packages.to_vec())
}

/// Each package from the first suite that has it; else the packages that none has.
fn each(
    listed: &[Available],
    packages: &[String],
    suites: &[String],
) -> Result<Vec<Available>, Vec<String>> {
    let first = |package: &String| {
        suites.iter().find_map(|suite| {
            listed
                .iter()
                .find(|one| one.package == *package && one.suite == *suite)
        })
    };
    let missing: Vec<String> = packages
        .iter()
        .filter(|package| first(package).is_none())
        .cloned()
        .collect();
    if missing.is_empty() {
        Ok(packages.iter().filter_map(first).cloned().collect())
    } else {
        Err(missing)
    }
}

/// Those packages that the first release with any of them has: mixing releases would mix C libraries.
fn one_release(
    listed: &[Available],
    packages: &[String],
    suites: &[String],
) -> Result<Vec<Available>, Vec<String>> {
    let release = |suite: &str| suite.split('-').next().unwrap_or_default().to_owned();
    let found = suites
        .iter()
        .find(|suite| listed.iter().any(|one| one.suite == **suite));
    let Some(found) = found else {
        return Err(packages.to_vec());
    };
    let same: Vec<String> = suites
        .iter()
        .filter(|suite| release(suite) == release(found))
        .cloned()
        .collect();
    let is_there = |package: &&String| each(listed, std::slice::from_ref(*package), &same).is_ok();
    let present: Vec<String> = packages.iter().filter(is_there).cloned().collect();
    each(listed, &present, &same)
}

fn deb_of(folder: &Path, package: &str) -> Result<PathBuf, String> {
    let prefix = format!("{package}_");
    let entries = fs_util::sorted_entries(folder).map_err(|error| format!("{error:#}"))?;
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

/// The file beside a kept download that says where it came from.
fn note_of(kept: &Path) -> PathBuf {
    let mut name = kept.as_os_str().to_owned();
    name.push(".from");
    PathBuf::from(name)
}

/// Compares a file with its row's pin.
fn check(path: &Path, input: &Input, expected: &str, source: &str) -> Result<(), Failure> {
    let found = fs_util::sha256_file(path).map_err(|error| environment(format!("{error:#}")))?;
    if found == expected {
        return Ok(());
    }
    let source = format!("{source} ({})", path.display());
    Err(mismatch(input, &source, expected, &found))
}

fn mismatch(input: &Input, source: &str, expected: &str, found: &str) -> Failure {
    environment(format!(
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
    environment(format!(
        "no source has {} {}:{reasons}",
        input.name, input.version
    ))
    .hint("check the network and `apt-get update`; the next run goes on at this step")
}

fn not_pinned(input: &Input, by: &str) -> Failure {
    crate::error::usage(format!(
        "xtask/pins.toml: row \"{}\" must be pinned by {by}",
        input.name
    ))
    .hint("`git checkout xtask/pins.toml` restores the file")
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
