//! What the end-to-end tests share: the built executors, and a place for a corpus.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use parallax_harness::case::{Exact, Limits};
use parallax_harness::executor::native::{NativeExecutor, ZygoteExecutor};
use parallax_harness::executor::wasm::{CommandExecutor, CopyExecutor};
use parallax_harness::executor::{Answer, Channel, Executor, Job};
use parallax_harness::leg::build_info::BuildInfo;
use parallax_harness::outcome::Outcome;
use parallax_runtime::marshal::Transport;

/// The workspace's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where the build is described: `cargo xtask test` says, a plain `cargo test` looks at the usual place.
pub fn build_file() -> PathBuf {
    std::env::var_os("PARALLAX_BUILD")
        .map_or_else(|| root().join("target/parallax/build.json"), PathBuf::from)
}

pub fn build() -> BuildInfo {
    BuildInfo::load(&build_file()).unwrap_or_else(|problem| panic!("{problem}"))
}

pub fn native() -> NativeExecutor {
    let program = build().native.program;
    NativeExecutor::new(&program.to_string_lossy(), Channel::Own)
        .unwrap_or_else(|problem| panic!("{problem}"))
}

/// The modules that most tests use.
pub fn node_path() -> PathBuf {
    root().join("corpus/nodes")
}

/// Copies of an interpreter warmed with the modules of a node path.
pub fn wasm_for(node_path: &Path) -> CopyExecutor {
    let build = build().wasm;
    CopyExecutor::new(&build.module, build.dirs, node_path)
        .unwrap_or_else(|problem| panic!("{problem}"))
}

pub fn wasm() -> CopyExecutor {
    wasm_for(&node_path())
}

pub fn wasm_cold() -> CommandExecutor {
    let build = build().wasm;
    CommandExecutor::new(&build.module, build.dirs, Channel::Own)
        .unwrap_or_else(|problem| panic!("{problem}"))
}

/// Runs a request under the default limits, or those given.
pub fn run(executor: &dyn Executor, request: &str, limits: Limits) -> Answer {
    run_with(executor, request, &node_path(), limits)
}

/// The same, with modules of its own.
pub fn run_with(
    executor: &dyn Executor,
    request: &str,
    node_path: &Path,
    limits: Limits,
) -> Answer {
    let job = Job {
        request: request.as_bytes(),
        transport: Transport::default(),
        node_path,
        limits: &limits,
        exact: Exact::ALL,
    };
    executor
        .run(job)
        .unwrap_or_else(|problem| panic!("{problem}"))
}

/// Runs the `parallax` binary.
pub fn parallax(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the binary under test starts")
}

/// Runs a verb of the binary on a corpus: exit code, standard output, standard error.
pub fn on_corpus(verb: &str, corpus: &Path, arguments: &[&str]) -> (i32, String, String) {
    let [corpus, build] = [corpus, &build_file()].map(|path| path.to_string_lossy().into_owned());
    let mut all = vec![verb, "--corpus", &corpus, "--build", &build];
    all.extend(arguments);
    said(&parallax(&all))
}

/// Exit code, standard output and standard error as text.
pub fn said(output: &Output) -> (i32, String, String) {
    (
        output.status.code().expect("no signal ended it"),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// A directory with the files given, removed when dropped.
pub fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, content) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
    }
    directory
}

/// Makes an executable script.
pub fn script(directory: &Path, name: &str, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = directory.join(name);
    std::fs::write(&path, text).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    path
}

/// A manifest of one node.
pub fn manifest(node_type: &str) -> String {
    format!(
        r#"{{"version":"v1","metadata":{{"name":"test"}},"nodes":[{{"id":"a","node_type":"{node_type}"}}],"connections":[]}}"#
    )
}

/// Where the one node is that runs what it is given.
pub fn scratch() -> PathBuf {
    let path = root().join("harness/tests/scratch");
    path.canonicalize().expect("a directory of this repository")
}

/// A request that runs some Python code; what it leaves in `seen` is the item that it returns.
pub fn source(python: &str) -> String {
    let node = serde_json::json!({"id": "a", "node_type": "run:Run", "params": {"source": python}});
    serde_json::json!({
        "version": "v1",
        "metadata": {"name": "test"},
        "nodes": [node],
        "connections": [],
    })
    .to_string()
}

/// Runs some Python code.
pub fn run_source(executor: &dyn Executor, python: &str, limits: Limits) -> Outcome {
    run_with(executor, &source(python), &scratch(), limits).outcome
}

/// What some Python code has left in `seen`.
#[track_caller]
pub fn seen(outcome: &Outcome) -> serde_json::Value {
    let document = outcome.to_json();
    assert_eq!(document["outcome"], "returned", "{document:#}");
    document["outputs"][0].clone()
}

/// The leg that forks.
pub fn zygote() -> ZygoteExecutor {
    ZygoteExecutor::new(&build().native.program).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Copies that run what they are given; a test binary makes them once, so that its tests don't all compile the same snapshot.
pub fn wasm_scratch() -> &'static CopyExecutor {
    static COPIES: LazyLock<CopyExecutor> = LazyLock::new(|| wasm_for(&scratch()));
    &COPIES
}
