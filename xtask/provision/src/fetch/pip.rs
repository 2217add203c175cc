//! Releases of the Python package index, through pip and whatever index the machine's pip is configured for.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use parallax_failure::Failure;

use super::deb;
use crate::files;
use crate::process::{Runner, hermetic, read};
use crate::python::PythonVersion;

/// A build backend that gives pip the metadata of a source release; without it pip would run the release's own build.
const NO_BUILD: &str = include_str!("pip/no_build.py");

/// The wheels inside Debian's package.
const PACKED: &str = "usr/share/python-wheels";

/// Part of pip's message when a file has other bytes than `--hash` says.
const OTHER_BYTES: &str = "DO NOT MATCH THE HASHES";

/// Why there is no file.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not there, or the index can't be reached: another source may have it. The reason, as a phrase.
    Unavailable(String),
    /// The index has a file with this SHA-256 instead of the pinned one, so no other source is tried.
    OtherBytes(String),
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self::Unavailable(reason)
    }
}

/// How pip is started.
#[derive(Clone, Debug)]
pub struct Pip {
    arguments: Vec<PathBuf>,
}

/// One file of one release.
pub struct Release<'a> {
    pub package: &'a str,
    pub version: &'a str,
    pub sha256: &'a str,
    /// The file's name; a wheel's name states its platforms.
    pub file: &'a str,
    /// The version of CPython that a wheel is wanted for.
    pub python: &'a str,
}

impl Pip {
    /// The pip of the machine's `python3`, if it has one.
    pub fn of_machine() -> Option<Self> {
        let arguments = vec!["-m".into(), "pip".into()];
        let pip = Self { arguments };
        read(pip.command().arg("--version")).ok().map(|_| pip)
    }

    /// pip from Debian's package, run from inside its wheel without being installed.
    ///
    /// # Errors
    /// The package holds no pip, or `python3` can't run it.
    pub fn unpacked(packages: &[PathBuf], folder: &Path, runner: &Runner<'_>) -> Result<Self> {
        for package in packages {
            deb::unpack(package, folder, runner)?;
        }
        let wheel = files::sorted_entries(&folder.join(PACKED))?
            .into_iter()
            .find(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with("pip-"))
            })
            .ok_or_else(|| Failure::environment(format!("{} holds no pip", folder.display())))?;
        let pip = Self {
            arguments: vec![wheel.join("pip")],
        };
        read(pip.command().arg("--version"))?;
        Ok(pip)
    }

    /// pip with the machine's own configuration, which says which index is asked and which certificates are trusted.
    fn command(&self) -> Command {
        let mut command = hermetic("python3");
        let configured = std::env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            name.starts_with("PIP_") || name == "XDG_CONFIG_HOME" || name == "REQUESTS_CA_BUNDLE"
        });
        command.envs(configured).args(&self.arguments);
        command
    }

    /// Downloads a file whose bytes pip has compared with the hash.
    ///
    /// # Errors
    /// It is unavailable, or it has other bytes.
    pub fn download(
        &self,
        release: &Release<'_>,
        folder: &Path,
        runner: &Runner<'_>,
    ) -> Result<PathBuf, Refusal> {
        let requirement = format!(
            "{}=={} --hash=sha256:{}\n",
            release.package, release.version, release.sha256
        );
        let list = folder.join("requirement.txt");
        let mut command = self.command();
        command.args([
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--progress-bar=off",
            "--no-cache-dir",
            "--no-deps",
            "--require-hashes",
            "--ignore-requires-python",
        ]);
        let prepared = (|| -> Result<()> {
            files::write_atomic(&list, requirement.as_bytes())?;
            let Some(platforms) = platforms(release.file) else {
                // numpy's source release names this module as its build backend.
                let stub = folder.join("stub");
                files::write_atomic(&stub.join("mesonpy.py"), NO_BUILD.as_bytes())?;
                command
                    .args(["--no-binary=:all:", "--no-build-isolation"])
                    .env("PYTHONPATH", &stub)
                    .env("PARALLAX_PACKAGE", release.package)
                    .env("PARALLAX_VERSION", release.version);
                return Ok(());
            };
            command.args(["--only-binary=:all:", "--implementation=cp"]);
            let python = PythonVersion::of(release.python).dotted;
            command.arg(format!("--python-version={python}"));
            // A wheel's platform has several names, and pip does not infer one from another.
            command.args(platforms.map(|name| format!("--platform={name}")));
            Ok(())
        })();
        prepared.map_err(|error| format!("{error:#}"))?;
        command
            .arg("--dest")
            .arg(folder)
            .arg("--requirement")
            .arg(&list);
        runner
            .run(&mut command, &format!("download {}", release.file))
            .map_err(|error| refusal(&format!("{error:#}")))?;
        let path = folder.join(release.file);
        if path.is_file() {
            Ok(path)
        } else {
            Err(format!("pip left no {}", release.file).into())
        }
    }
}

/// What a failed run of pip means.
fn refusal(said: &str) -> Refusal {
    if !said.contains(OTHER_BYTES) {
        return Refusal::Unavailable(said.to_owned());
    }
    let mut words = said.split_whitespace();
    let found = words.find(|word| *word == "Got").and_then(|_| words.next());
    Refusal::OtherBytes(found.unwrap_or("unknown").to_owned())
}

/// The platforms in a wheel's name; `None` for a source release.
fn platforms(file: &str) -> Option<impl Iterator<Item = &str>> {
    let (_, platforms) = file.strip_suffix(".whl")?.rsplit_once('-')?;
    Some(platforms.split('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pip that says this and fails.
    fn failing(said: &str) -> Refusal {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("pip.py");
        std::fs::write(&program, format!("raise SystemExit({said:?})")).expect("is written");
        let log = folder.path().join("log");
        let runner = Runner::new(log, None, "fetch".into()).expect("a log");
        let release = Release {
            package: "thing",
            version: "1",
            sha256: &"0".repeat(64),
            file: "thing-1-py3-none-any.whl",
            python: "3.13.5",
        };
        let pip = Pip {
            arguments: vec![program],
        };
        pip.download(&release, folder.path(), &runner)
            .expect_err("fails")
    }

    #[test]
    fn other_bytes_than_the_pinned_ones_are_not_taken_for_a_bad_network() {
        let mismatch = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n    \
            thing==1 from somewhere:\n        Expected sha256 000\n             Got        abc\n";
        assert_eq!(failing(mismatch), Refusal::OtherBytes("abc".to_owned()));
        let Refusal::Unavailable(reason) = failing("ERROR: No matching distribution found") else {
            panic!("an index without the file has no wrong bytes");
        };
        assert!(reason.contains("No matching distribution"), "{reason}");
    }

    #[test]
    fn a_wheels_platforms_are_read_from_its_name() {
        let read = |file| platforms(file).map(Iterator::collect::<Vec<_>>);
        assert_eq!(
            read("ninja-1.13.2-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"),
            Some(vec!["manylinux2014_x86_64", "manylinux_2_17_x86_64"])
        );
        assert_eq!(read("numpy-2.5.5.tar.gz"), None);
    }
}
