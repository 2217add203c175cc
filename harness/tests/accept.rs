//! `parallax accept`: what a run shows is written, what nobody has explained is not, and what is written is what a run then wants.

mod common;

use std::collections::BTreeMap;

use common::{directory, manifest, on_corpus};
use tempfile::TempDir;

/// A node that differs between the legs, and one that does not.
const NODES: &str = "\
import sys


class Where:
    def process(self, x):
        return {'platform': sys.platform, 'same': 1.5}


class Same:
    def process(self, x):
        return 'text'
";

const EXPLAINED: [&str; 4] = [
    "--cause",
    "capability",
    "--reason",
    "the platform has a name of its own",
];

fn corpus() -> TempDir {
    directory(&[
        ("nodes/nodes.py", NODES),
        ("manifests/where.json", &manifest("nodes:Where")),
        ("manifests/same.json", &manifest("nodes:Same")),
    ])
}

#[track_caller]
fn check(verb: &str, corpus: &TempDir, arguments: &[&str], code: i32, says: &[&str]) {
    let (found, stdout, stderr) = on_corpus(verb, corpus.path(), arguments);
    let text = stdout + &stderr;
    let missing = says.iter().find(|part| !text.contains(**part));
    assert!(
        found == code && missing.is_none(),
        "{verb} {arguments:?} ended with {found} instead of {code}, without {missing:?}: {text}"
    );
}

/// Every file of a corpus.
fn files(corpus: &TempDir) -> BTreeMap<String, String> {
    let entries = walkdir::WalkDir::new(corpus.path()).into_iter();
    let entries = entries.map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|file| {
            let name = file.path().strip_prefix(corpus.path()).expect("below");
            let text = std::fs::read_to_string(file.path()).expect("a text");
            (name.display().to_string(), text)
        })
        .collect()
}

fn put(corpus: &TempDir, name: &str, text: &str) {
    std::fs::write(corpus.path().join(name), text).expect("is written");
}

#[test]
fn what_is_accepted_is_what_a_locked_run_wants() {
    let corpus = corpus();
    check("accept", &corpus, &EXPLAINED, 0, &["ledger.toml"]);
    check("verify", &corpus, &["--locked"], 0, &["2 passed, 0 failed"]);
    let before = files(&corpus);
    assert!(
        before.contains_key("snapshots/where@wasm32-wasip1.snap"),
        "{before:?}"
    );
    check(
        "accept",
        &corpus,
        &EXPLAINED,
        0,
        &["0 changes made, 0 not accepted"],
    );
    check(
        "accept",
        &corpus,
        &["--locked"],
        0,
        &["0 changes would be made"],
    );
    assert_eq!(files(&corpus), before);
}

#[test]
fn a_difference_without_a_cause_is_not_written() {
    let corpus = corpus();
    check(
        "accept",
        &corpus,
        &[],
        1,
        &["not accepted: where: outputs[0].platform"],
    );
    let written = files(&corpus);
    assert!(!written.contains_key("ledger.toml"), "{written:?}");
    assert!(!written.contains_key("snapshots/where@wasm32-wasip1.snap"));
    check("verify", &corpus, &[], 1, &["FAIL where"]);
    // An unknown cause is refused before anything runs.
    let wrong = ["--cause", "fate", "--reason", "r"];
    check("accept", &corpus, &wrong, 2, &["fate", "capability"]);
    assert_eq!(files(&corpus), written);
}

#[test]
fn locked_writes_nothing_and_says_what_it_would() {
    let corpus = corpus();
    let before = files(&corpus);
    let arguments = [&EXPLAINED[..], &["--locked"]].concat();
    check(
        "accept",
        &corpus,
        &arguments,
        1,
        &["would be made", "same.snap"],
    );
    assert_eq!(files(&corpus), before);
}

#[test]
fn a_change_on_both_legs_is_red_until_it_is_accepted() {
    let corpus = corpus();
    check("accept", &corpus, &EXPLAINED, 0, &[]);
    put(
        &corpus,
        "nodes/nodes.py",
        &NODES.replace("'text'", "'other'"),
    );
    check("verify", &corpus, &[], 1, &["FAIL same", "other"]);
    check("accept", &corpus, &["same"], 0, &["snapshots/same.snap"]);
    check("verify", &corpus, &["--locked"], 0, &["2 passed, 0 failed"]);
}

#[test]
fn a_known_entry_gets_the_new_value_and_keeps_its_words() {
    let corpus = corpus();
    check("accept", &corpus, &EXPLAINED, 0, &[]);
    let ledger =
        files(&corpus)["ledger.toml"].replace("[[divergence]]", "# why it is here\n[[divergence]]");
    put(&corpus, "ledger.toml", &ledger);
    let changed = NODES.replace("sys.platform", "sys.platform + '!'");
    put(&corpus, "nodes/nodes.py", &changed);
    check("verify", &corpus, &[], 1, &["wasi!"]);
    check(
        "accept",
        &corpus,
        &[],
        0,
        &["ledger.toml: where outputs[0].platform"],
    );
    let expected = ledger
        .replace("linux\"'", "linux!\"'")
        .replace("wasi\"'", "wasi!\"'");
    assert_eq!(files(&corpus)["ledger.toml"], expected);
    check("verify", &corpus, &["--locked"], 0, &[]);
}

#[test]
fn what_nothing_shows_any_more_goes_when_asked() {
    let corpus = corpus();
    check("accept", &corpus, &EXPLAINED, 0, &[]);
    put(
        &corpus,
        "nodes/nodes.py",
        &NODES.replace("sys.platform", "'one'"),
    );
    put(&corpus, "manifests/more.json", &manifest("nodes:Same"));
    check("accept", &corpus, &["more"], 0, &[]);
    std::fs::remove_file(corpus.path().join("manifests/more.json")).expect("is removed");
    check("verify", &corpus, &[], 2, &["more.snap"]);
    check(
        "accept",
        &corpus,
        &["--prune"],
        0,
        &["more.snap", "ledger.toml"],
    );
    let left = files(&corpus);
    assert!(!left.contains_key("snapshots/more.snap"), "{left:?}");
    // What every target does by now isn't pinned yet, so that this one is still needed.
    let own = "snapshots/where@wasm32-wasip1.snap";
    assert!(left.contains_key(own), "{left:?}");
    assert!(
        !left
            .get("ledger.toml")
            .is_some_and(|text| text.contains("outputs")),
        "{left:?}"
    );
    // What is new is another matter.
    check("verify", &corpus, &["--locked"], 1, &["as pinned in"]);
    check("accept", &corpus, &["'where' or same"], 0, &["where.snap"]);
    assert!(!files(&corpus).contains_key(own));
    check("accept", &corpus, &["same", "whre"], 2, &["whre"]);
    check("verify", &corpus, &["--locked"], 0, &["2 passed, 0 failed"]);
}

#[test]
fn a_constant_that_becomes_another_librarys_words_is_seen() {
    // Linux's words for an error, and WASI's for the same one.
    let corpus = corpus();
    let says = |words: &str| NODES.replace("'text'", &format!("'{words}'"));
    for [before, after] in [
        ["Message too long", "Message too large"],
        ["Message too large", "Message too long"],
        [
            "[Errno 90] Message too long",
            "[Errno 35] Message too large",
        ],
        ["Message too long", "<EMSGSIZE>"],
    ] {
        put(&corpus, "nodes/nodes.py", &says(before));
        check("accept", &corpus, &EXPLAINED, 0, &[]);
        check("verify", &corpus, &["--locked"], 0, &["2 passed, 0 failed"]);
        put(&corpus, "nodes/nodes.py", &says(after));
        check(
            "verify",
            &corpus,
            &["--locked"],
            1,
            &["FAIL same: native is not as pinned"],
        );
    }
}

#[test]
fn an_unexpected_outcome_is_not_accepted() {
    let corpus = corpus();
    put(
        &corpus,
        "nodes/nodes.py",
        &NODES.replace("return 'text'", "raise ValueError"),
    );
    check("accept", &corpus, &EXPLAINED, 1, &["not accepted: same"]);
    assert!(!files(&corpus).contains_key("snapshots/same.snap"));
}

#[test]
fn an_older_corpus_is_brought_over() {
    let corpus = corpus();
    let old = "[[divergence]]\ncase = \"where\"\npath = \"outputs[0].platform\"\ncause = \"wasi\"\nreason = \"the platform has a name of its own\"\n";
    put(&corpus, "ledger.toml", old);
    check(
        "verify",
        &corpus,
        &[],
        2,
        &["ledger.toml:", "accept --migrate"],
    );
    check(
        "accept",
        &corpus,
        &["--migrate", "--map", "wasi=capability"],
        0,
        &["ledger.toml"],
    );
    let ledger = files(&corpus)["ledger.toml"].clone();
    assert!(ledger.contains("candidate = '\"wasi\"'"), "{ledger}");
    check("verify", &corpus, &["--locked"], 0, &["2 passed, 0 failed"]);
}
