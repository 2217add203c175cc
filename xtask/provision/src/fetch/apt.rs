//! The distribution's archive, read through an apt with lists and state of its own, so that the system's stay as they are.
//!
//! The machine's own apt configuration says which host is asked, through which proxy.
//! Other suites of the same archive are added, and every suite must be signed with Debian's key.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files;
use crate::machine::Machine;
use crate::process::{Runner, hermetic};

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// An apt with its own folders.
#[derive(Debug)]
pub struct Apt {
    config: PathBuf,
    codename: String,
    /// What `apt-get update` complained about: the reason when a package is not found later.
    complaints: String,
}

/// One version of a package in one suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Available {
    /// The package's name.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The suite's name in the archive.
    pub suite: String,
}

impl Apt {
    /// Makes the folders below `dir` and reads the archive's indexes.
    ///
    /// # Errors
    /// Why no archive can be read, as a phrase; this counts as an unreachable source.
    pub fn open(
        dir: &Path,
        machine: &Machine,
        suites: &[(String, bool)],
        runner: &Runner<'_>,
    ) -> Result<Self, String> {
        let text = |error: anyhow::Error| format!("{error:#}");
        for tool in ["apt-get", "apt-cache", "dpkg"] {
            if crate::tools::find(tool).is_none() {
                return Err(format!("`{tool}` is not in PATH: this machine has no apt"));
            }
        }
        if !Path::new(KEYRING).is_file() {
            return Err(format!(
                "{KEYRING} is missing (sudo apt-get install debian-archive-keyring)"
            ));
        }
        for folder in ["lists/partial", "cache/archives/partial", "empty"] {
            files::create_dir(&dir.join(folder)).map_err(text)?;
        }
        files::write_atomic(&dir.join("status"), b"").map_err(text)?;
        let archives = Archives::of(machine, dir, runner)?;
        let lines = archives.source_lines(&machine.codename, suites);
        files::write_atomic(&dir.join("sources.list"), lines.as_bytes()).map_err(text)?;
        let config = dir.join("apt.conf");
        files::write_atomic(&config, configuration(dir).as_bytes()).map_err(text)?;
        let mut apt = Self {
            config,
            codename: machine.codename.clone(),
            complaints: String::new(),
        };
        // `update` fails if this mirror lacks one suite, and has then read the others; so its exit code is ignored.
        let outcome = apt.run(runner, "apt-get", &["update"], dir);
        apt.complaints = outcome.err().unwrap_or_else(|| complaints(runner.log()));
        Ok(apt)
    }

    /// Every version of these packages in every suite, newest first.
    ///
    /// # Errors
    /// apt fails.
    pub fn available(
        &self,
        packages: &[String],
        runner: &Runner<'_>,
    ) -> Result<Vec<Available>, String> {
        let mut command = self.command("apt-cache");
        command.arg("madison").args(packages);
        let output = runner
            .output(&mut command, "list packages")
            .map_err(|error| format!("{error:#}"))?;
        Ok(output.lines().filter_map(parse_madison).collect())
    }

    /// Downloads packages in exactly these versions; apt checks their hashes against the signed index.
    ///
    /// # Errors
    /// Why it could not, in a phrase.
    pub fn download(
        &self,
        wanted: &[Available],
        into: &Path,
        runner: &Runner<'_>,
    ) -> Result<(), String> {
        let names: Vec<String> = wanted
            .iter()
            .map(|one| format!("{}={}", one.package, one.version))
            .collect();
        let mut arguments = vec!["download"];
        arguments.extend(names.iter().map(String::as_str));
        self.run(runner, "apt-get", &arguments, into)
    }

    /// Downloads the original archive of a source package.
    ///
    /// # Errors
    /// Why it could not, in a phrase.
    pub fn download_source(
        &self,
        package: &str,
        suite: &str,
        into: &Path,
        runner: &Runner<'_>,
    ) -> Result<(), String> {
        let name = format!("{package}/{}", suite_name(&self.codename, suite));
        self.run(
            runner,
            "apt-get",
            &["source", "--download-only", "--tar-only", &name],
            into,
        )
    }

    /// The reason to give when a suite has no such package.
    pub fn not_found(&self) -> String {
        if self.complaints.is_empty() {
            return "no such package there".to_owned();
        }
        format!("no such package there; apt said: {}", self.complaints)
    }

    /// The archive's name for a suite of the pin file.
    pub fn suite(&self, suite: &str) -> String {
        suite_name(&self.codename, suite)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = hermetic(program);
        command.env("LC_ALL", "C").arg("-c").arg(&self.config);
        command
    }

    fn run(
        &self,
        runner: &Runner<'_>,
        program: &str,
        arguments: &[&str],
        folder: &Path,
    ) -> Result<(), String> {
        let mut command = self.command(program);
        command.args(arguments).current_dir(folder);
        runner
            .run(&mut command, &format!("run {program} {}", arguments[0]))
            .map_err(|error| {
                let said = complaints(runner.log());
                if said.is_empty() {
                    format!("{error:#}")
                } else {
                    said
                }
            })
    }
}

/// Where the machine's own configuration finds its suite and its security updates.
#[derive(Debug, PartialEq, Eq)]
struct Archives {
    base: String,
    security: Option<String>,
}

impl Archives {
    fn of(machine: &Machine, dir: &Path, runner: &Runner<'_>) -> Result<Self, String> {
        // This prints what `update` would fetch. It needs no lists, no network and no root; printing index targets would.
        let mut command = hermetic("apt-get");
        command
            .env("LC_ALL", "C")
            .args(["update", "--print-uris", "-o"]);
        command.arg(format!("Dir::State::lists={}", dir.join("lists").display()));
        let output = runner
            .output(&mut command, "read apt's configuration")
            .map_err(|error| format!("{error:#}"))?;
        Self::parse(&output, &machine.codename).ok_or_else(|| {
            format!(
                "apt on this machine has no source for the suite \"{}\" of {}",
                machine.codename, machine.os
            )
        })
    }

    fn parse(printed: &str, codename: &str) -> Option<Self> {
        let suites: Vec<(&str, &str)> = printed
            .lines()
            .filter_map(|line| line.strip_prefix('\'')?.split_once('\''))
            .filter_map(|(uri, _)| uri.strip_suffix("/InRelease")?.split_once("/dists/"))
            .collect();
        let named = |wanted: &str| {
            suites
                .iter()
                .find(|(_, suite)| *suite == wanted)
                .map(|(uri, _)| (*uri).to_owned())
        };
        // A configuration may name a suite such as `stable` instead of the release.
        let any = |suffix: &str| {
            ["stable", "oldstable", "testing", "unstable"]
                .iter()
                .find_map(|moving| named(&format!("{moving}{suffix}")))
        };
        if codename.is_empty() {
            return None;
        }
        let base = named(codename).or_else(|| any(""))?;
        let security = named(&format!("{codename}-security")).or_else(|| any("-security"));
        Some(Self { base, security })
    }

    fn source_lines(&self, codename: &str, suites: &[(String, bool)]) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (suite, wants_source) in suites {
            let name = suite_name(codename, suite);
            let uri = if name.ends_with("-security") {
                self.security.as_deref()
            } else {
                Some(self.base.as_str())
            };
            let Some(uri) = uri else { continue };
            let line = |kind: &str| format!("{kind} [signed-by={KEYRING}] {uri} {name} main");
            lines.push(line("deb"));
            if *wants_source {
                lines.push(line("deb-src"));
            }
        }
        lines.sort();
        lines.dedup();
        lines.join("\n") + "\n"
    }
}

fn suite_name(codename: &str, suite: &str) -> String {
    match suite {
        "main" => codename.to_owned(),
        "updates" | "security" | "backports" => format!("{codename}-{suite}"),
        other => other.to_owned(),
    }
}

/// The settings of this apt. They are read after the machine's configuration, so they override it, and no hook of the system's runs.
fn configuration(dir: &Path) -> String {
    let dir = dir.display();
    format!(
        r#"Dir::Etc::sourcelist "{dir}/sources.list";
Dir::Etc::sourceparts "{dir}/empty";
Dir::Etc::preferences "{dir}/empty/none";
Dir::Etc::preferencesparts "{dir}/empty";
Dir::State::lists "{dir}/lists";
Dir::State::status "{dir}/status";
Dir::Cache "{dir}/cache";
Dir::Cache::archives "{dir}/cache/archives";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
APT::Get::AllowUnauthenticated "false";
APT::Get::List-Cleanup "0";
APT::Default-Release "";
APT::Sandbox::User "";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"#
    )
}

/// apt's warnings and errors of the last command in the log, without repetition.
fn complaints(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let last = text
        .rsplit_once("\n$ ")
        .map_or(text.as_str(), |(_, last)| last);
    let mut lines: Vec<&str> = last
        .lines()
        .filter(|line| line.starts_with("E: ") || line.starts_with("W: "))
        .map(str::trim)
        .collect();
    lines.dedup();
    lines.truncate(4);
    lines.join("; ")
}

/// A line of `apt-cache madison`: `name | version | URI suite/component arch Packages`.
fn parse_madison(line: &str) -> Option<Available> {
    let mut fields = line.split(" | ").map(str::trim);
    let (package, version, place) = (fields.next()?, fields.next()?, fields.next()?);
    let mut words = place.split_whitespace();
    let suite = words.nth(1)?.rsplit_once('/')?.0;
    (words.next_back()? == "Packages").then(|| Available {
        package: package.to_owned(),
        version: version.to_owned(),
        suite: suite.to_owned(),
    })
}

#[cfg(test)]
#[path = "apt_tests.rs"]
mod tests;
