//! The programs that must already be on the machine, and the command that installs each.

use std::path::PathBuf;

use parallax_failure::Failure;

/// One program looked up in `PATH`.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// The program's name.
    pub name: &'static str,
    /// The command that installs it.
    pub install: &'static str,
    /// What it is needed for.
    pub why: &'static str,
}

const RUSTUP: &str = "see https://rustup.rs, or `sudo apt-get install cargo rustc`";

/// Every program that a verb may start before the cache holds anything.
pub const TOOLS: [Tool; 9] = [
    Tool {
        name: "cargo",
        install: RUSTUP,
        why: "builds the workspace",
    },
    Tool {
        name: "rustc",
        install: RUSTUP,
        why: "builds the workspace",
    },
    Tool {
        name: "gcc",
        install: "sudo apt-get install build-essential",
        why: "builds the native CPython",
    },
    Tool {
        name: "make",
        install: "sudo apt-get install build-essential",
        why: "builds CPython",
    },
    Tool {
        name: "python3",
        install: "sudo apt-get install python3",
        why: "runs pip, and executors written in Python",
    },
    Tool {
        name: "tar",
        install: "sudo apt-get install tar",
        why: "unpacks sources",
    },
    Tool {
        name: "xz",
        install: "sudo apt-get install xz-utils",
        why: "unpacks sources",
    },
    Tool {
        name: "apt-get",
        install: "set WASI_SDK_PATH, or use a Debian system",
        why: "fetches compilers and sources, verified by the archive's signature",
    },
    Tool {
        name: "dpkg",
        install: "sudo apt-get install dpkg",
        why: "unpacks packages into the cache",
    },
];

/// Where `name` is in `PATH`, if anywhere.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| is_executable(candidate))
}

fn is_executable(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The failure for a `program` that is not in `PATH`.
pub fn missing(program: &str) -> Failure {
    let failure = Failure::environment(format!("`{program}` is not in PATH"));
    match TOOLS.iter().find(|tool| tool.name == program) {
        Some(tool) => failure.hint(format!("it {}; install it: {}", tool.why, tool.install)),
        None => failure.hint("`cargo xtask doctor` lists the programs that are needed"),
    }
}

/// Fails on the first of `names` that is not in `PATH`, before any long work starts.
///
/// # Errors
/// A missing tool, with the command that installs it.
pub fn require(names: &[&str]) -> Result<(), Failure> {
    names
        .iter()
        .find(|name| find(name).is_none())
        .map_or(Ok(()), |name| Err(missing(name)))
}
