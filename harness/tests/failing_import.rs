//! A module that can't be imported ahead is named with its line, and the run goes on without it.

mod common;

use common::{build_file, directory, parallax, said, source};

#[test]
fn a_module_that_fails_ahead_is_named_and_fails_in_its_own_cases_alone() {
    let run = std::fs::read_to_string(common::scratch().join("run.py")).expect("the node");
    // A module that no cache has seen: the copies tell it while they are made, and only then.
    let unique = directory(&[]);
    let fails = format!(
        "import os\n\nimport there_is_no_such_module\n# {}\n",
        unique.path().display()
    );
    let corpus = directory(&[
        ("nodes/run.py", &run),
        ("nodes/fails.py", &fails),
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
    let note = "module `fails` is imported in each case: fails.py:3: ModuleNotFoundError: No module named 'there_is_no_such_module'";
    // The forks tell it as an event of the run, the copies while they are made.
    assert!(err.contains(&format!("note: {note}")), "{err}");
    assert!(
        out.contains(note) || err.matches(note).count() > 1,
        "{out}{err}"
    );
}
