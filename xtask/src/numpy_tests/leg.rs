//! Runs one file of tests in one instance of the WebAssembly executor: the harness replays a corpus that is written for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};
use parallax_failure::Failure;
use parallax_provision::files;
use parallax_provision::process::{outcome, tie};
use serde::Deserialize;
use serde_json::json;

use super::expected::File;
use super::judge::{Ending, Ran, Tests};
use crate::build::record::{Directory, Wasm};

const RUNNER: &str = include_str!("runner.py");

/// Where the guest sees the tests.
const GUEST: &str = "/parallax/numpy-tests";

/// The highest limits that a case may have: a shared machine is slow, and the largest arrays need 4 GiB.
const LIMITS: &str = "[limits]\nwall_ms = 3600000\nmemory_mb = 4096\n";

/// What is the same for every file.
pub struct Leg {
    harness: PathBuf,
    corpus: PathBuf,
    /// The module, and the folders it sees, as the harness's arguments.
    module: Vec<String>,
}

/// What the node answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    code: i32,
    printed: String,
    tests: Tests,
}

impl Leg {
    /// Writes the corpus: one case per file, all of the same node.
    ///
    /// # Errors
    /// The corpus can't be written.
    pub fn new(
        harness: PathBuf,
        module: &Wasm,
        tests: &Path,
        corpus: PathBuf,
        files: &[File],
    ) -> Result<Self> {
        files::remove(&corpus)?;
        let write =
            |name: &str, text: &str| files::write_atomic(&corpus.join(name), text.as_bytes());
        write("nodes/numpy_tests.py", RUNNER)?;
        for file in files {
            let name = case_name(&file.path);
            let case = json!({
                "manifest": {
                    "version": "v1",
                    "metadata": {"name": file.path},
                    "nodes": [{"id": "run", "node_type": "numpy_tests:Run", "params": {"folder": GUEST}}],
                    "connections": [],
                },
                "input_data": [[file.path]],
            });
            write(&format!("manifests/{name}.json"), &case.to_string())?;
            write(&format!("manifests/{name}.toml"), LIMITS)?;
        }
        let tests = Directory {
            host: tests.to_path_buf(),
            guest: GUEST.to_owned(),
        };
        let seen = module.dirs.iter().chain([&tests]);
        let seen = seen.map(|dir| format!("--wasm-dir={}::{}", dir.host.display(), dir.guest));
        let module = std::iter::once(format!("--wasm={}", module.module.display())).chain(seen);
        Ok(Self {
            harness,
            module: module.collect(),
            corpus,
        })
    }

    /// Runs one file; that its tests fail, or that the guest traps, is a result.
    ///
    /// # Errors
    /// The harness fails; its own message says why.
    pub fn run(&self, file: &File) -> Result<Ran> {
        let began = Instant::now();
        let mut command = Command::new(&self.harness);
        command
            .args(["replay", &case_name(&file.path), "--json", "--leg=wasm"])
            .arg("--corpus")
            .arg(&self.corpus)
            .args(&self.module)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        tie(&mut command, rustix::process::Signal::TERM);
        let output = command
            .output()
            .with_context(|| format!("cannot start {}", self.harness.display()))?;
        if !output.status.success() {
            let message = format!(
                "failed to run {}: the harness ended with {}",
                file.path,
                outcome(output.status)
            );
            return Err(Failure::environment(message)
                .hint("its own message above says why")
                .into());
        }
        Ok(Ran {
            file: file.clone(),
            tests: read(&output.stdout),
            seconds: (began.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        })
    }
}

/// The name of the case that runs a file.
fn case_name(path: &str) -> String {
    path.trim_end_matches(".py").to_owned()
}

/// Every test of an outcome document, or the reason why there are none: a document without tests is never a pass.
fn read(document: &[u8]) -> Result<Tests, String> {
    #[derive(Deserialize)]
    struct Returned {
        outputs: Vec<Answer>,
    }
    let said = String::from_utf8_lossy(document);
    let answer = match serde_json::from_slice::<Returned>(document) {
        Ok(outcome) => outcome.outputs.into_iter().next(),
        Err(_) => None,
    };
    let Some(answer) = answer else {
        return Err(format!("no answer, but {}", said.trim()));
    };
    match answer.code {
        // pytest's codes for "all passed" and "some failed".
        0 | 1 if !answer.tests.is_empty() => Ok(answer.tests),
        code => {
            let failed = answer.tests.iter();
            let failed = failed.filter(|(_, (ending, _))| *ending == Ending::Failed);
            let failed: Vec<String> = failed
                .map(|(test, (_, said))| format!("{test}: {said}"))
                .collect();
            let why = match failed.is_empty() {
                true => answer.printed.trim().to_owned(),
                false => failed.join("; "),
            };
            Err(format!("pytest ended with code {code}: {why}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn returned(code: i32, tests: &str) -> String {
        format!(
            "{{\"outcome\":\"returned\",\"outputs\":[{{\"code\":{code},\"printed\":\"usage\",\"tests\":{tests}}}],\
             \"graph_info\":{{}},\"warnings\":[]}}"
        )
    }

    #[test]
    fn an_answer_is_read_test_by_test() {
        let tests = read(returned(1, "{\"a.py::x\":[\"failed\",\"why\"]}").as_bytes());
        let tests = tests.expect("is an answer");
        assert_eq!(tests["a.py::x"], (Ending::Failed, "why".to_owned()));
    }

    #[test]
    fn what_is_no_answer_is_never_a_pass() {
        for (document, part) in [
            (
                "{\"outcome\":\"trapped\",\"trap\":\"unreachable\"}",
                "unreachable",
            ),
            ("", "no answer"),
            (&returned(0, "{}"), "code 0"),
            (&returned(5, "{}"), "code 5: usage"),
            (
                &returned(2, "{\"a.py\":[\"failed\",\"no module\"]}"),
                "a.py: no module",
            ),
        ] {
            let reason = read(document.as_bytes()).expect_err(document);
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn the_corpus_has_one_case_per_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let module = Wasm {
            module: "/m.wasm".into(),
            sha256: String::new(),
            versions: serde_json::Map::new(),
            dirs: vec![Directory {
                host: "/u".into(),
                guest: "/usr".into(),
            }],
        };
        let files = ["numpy/a.py", "numpy/b"].map(|path| File {
            path: path.to_owned(),
            passed: 1,
        });
        let corpus = folder.path().join("corpus");
        let leg = Leg::new(
            "parallax".into(),
            &module,
            Path::new("/t"),
            corpus.clone(),
            &files,
        );
        let leg = leg.expect("is written");
        assert_eq!(
            leg.module,
            [
                "--wasm=/m.wasm",
                "--wasm-dir=/u::/usr",
                "--wasm-dir=/t::/parallax/numpy-tests"
            ]
        );
        for name in ["numpy/a.json", "numpy/a.toml", "numpy/b.json"] {
            assert!(corpus.join("manifests").join(name).is_file(), "{name}");
        }
    }
}
