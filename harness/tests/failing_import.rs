//! A module that fails when it is imported fails in the cases that import it, and in no other.

mod common;

use common::{build_file, directory, parallax, said, source};

#[test]
fn a_module_that_fails_fails_in_its_own_cases_alone() {
    let run = std::fs::read_to_string(common::scratch().join("run.py")).expect("the node");
    let corpus = directory(&[
        ("nodes/run.py", &run),
        (
            "nodes/fails.py",
            "import os\n\nimport there_is_no_such_module\n",
        ),
        ("nodes/is_no_python.py", "def\n"),
        ("manifests/fine.json", &source("seen = 'fine'")),
        ("manifests/fails.json", &common::manifest("fails:Node")),
        ("manifests/fails.toml", "expect = \"raised\"\n"),
    ]);
    let [build, corpus] =
        [build_file(), corpus.path().to_owned()].map(|path| path.display().to_string());
    let (code, out, err) = said(&parallax(&[
        "verify", "--build", &build, "--corpus", &corpus,
    ]));
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.ends_with("2 passed, 0 failed\n"), "{out}");
}
