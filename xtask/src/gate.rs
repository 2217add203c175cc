//! `cargo xtask gate`: builds another revision beside this one, and has the harness measure both in turns.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use parallax_failure::Failure;
use parallax_provision::process::{passed_code, status, tie};
use parallax_provision::progress::say;

use crate::workspace::Workspace;

/// What the harness is to be told of the other revision.
pub struct Before {
    /// As it was named.
    pub name: String,
    /// Its checkout.
    pub root: PathBuf,
}

impl Before {
    /// Checks the revision out and builds its executors, with its own pins and recipes.
    ///
    /// # Errors
    /// There is no such revision, or it doesn't build.
    pub fn build(workspace: &Workspace, name: &str) -> Result<Self> {
        let commit = commit(&workspace.root, name)?;
        let folder = workspace.target.join("gate");
        let root = folder.join(&commit[..16.min(commit.len())]);
        if !root.join("xtask/pins.toml").is_file() {
            check_out(workspace, &root, &commit)?;
        }
        say(&format!("building {name} in {}", root.display()));
        let built = |arguments: &[&str]| {
            // The one in the path, which chooses the compiler that the other checkout asks for.
            let mut command = Command::new("cargo");
            command.args(arguments).current_dir(&root);
            // They would say that the other checkout is this one.
            for name in [
                "CARGO",
                "CARGO_MANIFEST_DIR",
                "CARGO_TARGET_DIR",
                "RUSTUP_TOOLCHAIN",
            ] {
                command.env_remove(name);
            }
            tie(&mut command, rustix::process::Signal::TERM);
            status(&mut command).map(passed_code)
        };
        // A revision that can't build the executors alone says that it was used wrongly.
        let code = match built(&["xtask", "build", "--executors"])? {
            2 => built(&["xtask", "build"])?,
            code => code,
        };
        if code != 0 {
            return Err(Failure::environment(format!(
                "{name} doesn't build: `cargo xtask build` ended with exit code {code}"
            ))
            .hint(format!("its checkout is {}", root.display()))
            .into());
        }
        Ok(Before {
            name: name.to_owned(),
            root,
        })
    }

    /// The flags of the harness.
    pub fn flags(&self, workspace: &Workspace, arguments: &[OsString]) -> Vec<OsString> {
        let mut flags: Vec<OsString> = vec![
            "--before".into(),
            self.root.join("target/parallax/build.json").into(),
            "--said-as".into(),
            format!("cargo xtask gate --against {}", quoted(&self.name)).into(),
        ];
        // A corpus that is part of the repository is another one there.
        let corpus = value_of(arguments, "--corpus").unwrap_or_else(|| "corpus".into());
        let corpus = std::path::absolute(&corpus).unwrap_or(corpus);
        if let Ok(inside) = corpus.strip_prefix(&workspace.root) {
            let there = self.root.join(inside);
            if there.is_dir() {
                flags.extend(["--before-corpus".into(), there.into()]);
            }
        }
        flags
    }
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-@^+".contains(c);
    match text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// The value of a flag, as `--flag value` or `--flag=value`.
fn value_of(arguments: &[OsString], flag: &str) -> Option<PathBuf> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == flag {
            return rest.next().map(PathBuf::from);
        }
        let text = argument.to_string_lossy();
        let value = text
            .strip_prefix(flag)
            .and_then(|rest| rest.strip_prefix('='));
        if let Some(value) = value {
            return Some(PathBuf::from(value));
        }
    }
    None
}

/// Takes `--against REV` out of arguments that are otherwise the harness's.
///
/// # Errors
/// It has no value, or stands twice.
pub fn split_against(arguments: Vec<OsString>) -> Result<(Option<String>, Vec<OsString>)> {
    let mut against: Option<String> = None;
    let mut kept = Vec::new();
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy().into_owned();
        let value = if text == "--against" {
            let value = rest.next().ok_or_else(|| {
                Failure::usage("--against needs a revision").hint("for example --against HEAD")
            })?;
            value.to_string_lossy().into_owned()
        } else if let Some(value) = text.strip_prefix("--against=") {
            value.to_owned()
        } else {
            kept.push(argument);
            continue;
        };
        if against.replace(value).is_some() {
            return Err(Failure::usage("--against is given twice")
                .hint("give one revision")
                .into());
        }
    }
    Ok((against, kept))
}

fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root);
    command
}

fn commit(root: &Path, name: &str) -> Result<String> {
    let output = git(root)
        .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
        .arg(format!("{name}^{{commit}}"))
        .output()
        .map_err(|error| {
            Failure::environment(format!("failed to run git: {error}"))
                .hint("the gate needs git and a checkout with its history")
        })?;
    let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let is_commit = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !output.status.success() || commit.is_empty() || !is_commit {
        return Err(
            Failure::usage(format!("--against {name}: no such revision"))
                .hint("name a commit, a branch or a tag; a shallow checkout may lack it")
                .into(),
        );
    }
    Ok(commit)
}

/// Makes a work tree of the commit, in the place of any other: each has gigabytes of outputs.
fn check_out(workspace: &Workspace, root: &Path, commit: &str) -> Result<()> {
    if let Some(folder) = root.parent().filter(|folder| folder.is_dir()) {
        std::fs::remove_dir_all(folder).map_err(|error| {
            Failure::environment(format!("failed to remove {}: {error}", folder.display()))
        })?;
    }
    let run = |arguments: &[&std::ffi::OsStr]| -> Result<bool> {
        let mut command = git(&workspace.root);
        Ok(passed_code(status(command.args(arguments))?) == 0)
    };
    let made = run(&["worktree".as_ref(), "prune".as_ref()])?
        && run(&[
            "worktree".as_ref(),
            "add".as_ref(),
            "--quiet".as_ref(),
            "--detach".as_ref(),
            root.as_os_str(),
            commit.as_ref(),
        ])?;
    match made {
        true => Ok(()),
        false => Err(Failure::environment(format!(
            "failed to check {commit} out in {}",
            root.display()
        ))
        .hint("git's own message above says why")
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn the_revision_is_found_wherever_it_stands() {
        for given in [
            &["--against", "HEAD~1", "a/b"][..],
            &["a/b", "--against=HEAD~1"],
        ] {
            let (against, kept) = split_against(words(given)).expect("is fine");
            assert_eq!(against.as_deref(), Some("HEAD~1"));
            assert_eq!(kept, ["a/b"]);
        }
        assert_eq!(split_against(words(&["x"])).expect("is fine").0, None);
        for given in [&["--against"][..], &["--against=a", "--against", "b"]] {
            let error = split_against(words(given)).expect_err("is wrong");
            assert_eq!(parallax_failure::exit_code(&error), 2);
        }
    }

    #[test]
    fn a_corpus_is_read_in_both_forms() {
        let value = |given: &[&str]| value_of(&words(given), "--corpus");
        assert_eq!(value(&["x", "--corpus", "d"]), Some("d".into()));
        assert_eq!(value(&["--corpus=d"]), Some("d".into()));
        assert_eq!(value(&["--corpora=d"]), None);
    }
}
