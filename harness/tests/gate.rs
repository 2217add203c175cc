//! What a gate says of two corpora, of which the second has changed in one way.

mod common;

use std::path::Path;

use common::{build_file, directory, on_corpus};

/// A corpus of one node, which is called with one item.
fn corpus(body: &str, item: &str) -> tempfile::TempDir {
    let node = format!("class Node:\n    def process(self, data):\n        {body}\n");
    directory(&[
        ("nodes/gated.py", &node),
        ("manifests/one.json", &manifest("one", item)),
        ("manifests/other.json", &manifest("other", "3")),
    ])
}

fn manifest(name: &str, item: &str) -> String {
    format!(
        r#"{{"manifest":{{"version":"v1","metadata":{{"name":"{name}"}},"nodes":[{{"id":"n","node_type":"gated:Node"}}],"connections":[]}},"input_data":[{item}]}}"#
    )
}

fn gate(before: &Path, now: &Path, arguments: &[&str]) -> (i32, String, String) {
    let [build, before] = [&build_file(), before].map(|path| path.to_string_lossy().into_owned());
    let own = ["--before", &build, "--before-corpus", &before];
    on_corpus("gate", now, &[&own[..], arguments].concat())
}

const USUAL: &str = "return sum(range(data * 1000))";

#[test]
fn the_same_is_green_and_what_computes_more_is_red() {
    let before = corpus(USUAL, "7");
    let (code, stdout, stderr) = gate(before.path(), before.path(), &["--exact"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains(", 0 grown"), "{stdout}");

    // Some percent more in the node, which are less of the whole case.
    let slower = "return sum(range(data * 1000)) + 0 * sum(range(data * 70))";
    let now = corpus(slower, "7");
    let (code, stdout, stderr) = gate(before.path(), now.path(), &["--exact"]);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.contains("GROWN one: fuel of its items"), "{stdout}");
    let (code, stdout, _) = gate(now.path(), before.path(), &["--exact"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("shrunk one: fuel of its items"), "{stdout}");
}

#[test]
fn what_does_not_pass_is_red_and_what_differs_by_intent_is_named() {
    let before = corpus(USUAL, "7");
    for (body, item, expected, says) in [
        (
            "import sys; return sys.maxsize",
            "7",
            1,
            "NOT COMPARED one: now: fail",
        ),
        ("raise ValueError", "7", 1, "NOT COMPARED one: now: fail"),
        (
            USUAL,
            "8",
            0,
            "not compared one: its request or its limits are others now",
        ),
        (
            "return data if data == 7 else sum(range(data * 1000))",
            "7",
            0,
            "not compared one: the native leg computes something else now",
        ),
    ] {
        let now = corpus(body, item);
        let (code, stdout, stderr) = gate(before.path(), now.path(), &["--exact"]);
        assert_eq!(code, expected, "{body}: {stdout}{stderr}");
        assert!(stdout.contains(says), "{body}: {stdout}");
    }
    let now = corpus(USUAL, "7");
    std::fs::remove_file(now.path().join("manifests/other.json")).expect("was there");
    let (code, stdout, _) = gate(before.path(), now.path(), &["--exact"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(
        stdout.contains("not compared other: it is gone"),
        "{stdout}"
    );
}

#[test]
fn a_gate_that_would_compare_nothing_is_refused() {
    let before = corpus(USUAL, "7");
    let now = corpus(USUAL, "8");
    for (arguments, says) in [
        (&["--exact", "one"][..], "no case is left to compare"),
        (
            &["--wasm", "x.wasm"],
            "both sides would run the same executor",
        ),
        (&["--fuel", "1000"], "the gate meters in runs of its own"),
        (&["--margin=101"], "--margin"),
        (&["--confirm", "6"], "12..=1000"),
        (&["nothing"], "no case matches"),
    ] {
        let (code, stdout, stderr) = gate(before.path(), now.path(), arguments);
        assert_eq!(code, 2, "{arguments:?}: {stdout}{stderr}");
        assert!(stderr.contains(says), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_record_of_costs_is_made_and_read() {
    let before = corpus(USUAL, "7");
    let file = before.path().join("gate.jsonl");
    let file = file.to_string_lossy();
    let arguments = ["--exact", "--json", &file];
    let (code, stdout, stderr) = gate(before.path(), before.path(), &arguments);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let text = std::fs::read(&*file).expect("a record");
    let record = parallax_harness::record::measured::read(&text[..]).expect("is whole");
    let labels = |label: &str| {
        let legs = record.exact.iter().filter_map(|one| one.leg.as_deref());
        legs.filter(|leg| leg.ends_with(label)).count()
    };
    assert!(labels("before") > 2, "{:?}", record.exact);
    assert_eq!(labels("before"), labels("now"));
}
