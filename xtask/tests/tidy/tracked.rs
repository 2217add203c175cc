//! The text files that git tracks, and what a rule says about one.

use std::path::{Path, PathBuf};
use std::process::Command;

/// One broken rule at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Relative to the checkout.
    pub file: String,
    /// From 1; 0 stands for the whole file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub remedy: &'static str,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            file,
            line,
            message,
            remedy,
        } = self;
        write!(f, "{file}:{line}: {message} ({remedy})")
    }
}

/// A tracked text file.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// Relative to the checkout, with `/`.
    pub path: String,
    /// The file as it is in the checkout, committed or not.
    pub text: String,
}

impl Tracked {
    /// A file that a rule is tried on.
    pub fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Every tracked text file. What is not UTF-8 is data, and no rule is about data.
    pub fn all() -> Vec<Self> {
        let root = root();
        let read = |path: String| {
            let text = std::fs::read_to_string(root.join(&path)).ok()?;
            Some(Self { path, text })
        };
        list(&root).into_iter().filter_map(read).collect()
    }

    /// Every tracked Rust file.
    pub fn rust() -> Vec<Self> {
        let mut files = Self::all();
        files.retain(|file| file.path.ends_with(".rs"));
        files
    }

    /// A finding in this file.
    pub fn finding(&self, line: usize, message: String, remedy: &'static str) -> Finding {
        Finding {
            file: self.path.clone(),
            line,
            message,
            remedy,
        }
    }

    /// Lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

/// The checkout that this test was built in.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.parent().expect("the package lies in the checkout");
    root.to_path_buf()
}

/// The paths that git tracks in the checkout or worktree at `root`.
fn list(root: &Path) -> Vec<String> {
    let mut git = Command::new("git");
    // A checkout of another user, as containers have it, is read all the same.
    git.arg("-c")
        .arg(format!("safe.directory={}", root.display()))
        .args(["ls-files", "-z"])
        .current_dir(root);
    let output = git.output().expect("git starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "these rules need a clone of the repository: {said}"
    );
    let paths = String::from_utf8(output.stdout).expect("paths are UTF-8");
    let paths: Vec<String> = paths.split_terminator('\0').map(str::to_owned).collect();
    assert!(
        paths
            .iter()
            .any(|path| path == "xtask/tests/tidy/tracked.rs"),
        "{paths:?}"
    );
    paths
}

/// The lines on which a rule finds something in one file.
pub fn found(rule: fn(&[Tracked]) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
    let findings = rule(&[Tracked::new(path, text)]);
    findings.into_iter().map(|finding| finding.line).collect()
}
