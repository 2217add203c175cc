//! A red case says which node differs first and why: a corpus of differences of which each has one cause, which its description names.

mod common;

use std::path::Path;

use common::on_corpus;
use serde_json::Value as Json;

/// The node that every case of the corpus differs in.
const NODE: &str = "culprit";

#[test]
fn every_difference_is_given_its_cause_and_node_or_none() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/causes");
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("record.jsonl");
    let arguments = ["--json", &record.to_string_lossy()];
    let (code, stdout, stderr) = on_corpus("verify", &corpus, &arguments);
    assert_eq!(code, 1, "{stdout}{stderr}");
    let text = std::fs::read_to_string(&record).expect("a record");
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let cases: Vec<Json> = lines.filter(|line| line["event"] == "case").collect();
    let (mut right, mut left_open, mut wrong) = (0, Vec::new(), Vec::new());
    let mut decoys = 0;
    for case in &cases {
        let id = case["id"].as_str().expect("an id");
        let described = case["description"].as_str().expect("a description");
        let expected = described.trim_start_matches("Differs by: ");
        let expected = expected.trim_end_matches('.');
        let attribution = &case["comparisons"][0]["attribution"];
        let (nodes, cause) = (&attribution["nodes"], &attribution["causes"][0]["cause"]);
        // A decoy is made to look like something else; nothing is to be named wrongly, and need not be named.
        let is_decoy = id.starts_with("decoy_");
        decoys += usize::from(is_decoy);
        if is_decoy && (case["status"] == "pass" || cause == "unexplained" || cause == expected) {
            continue;
        }
        if *nodes == serde_json::json!([NODE]) && cause == expected {
            right += 1;
        } else if case["status"] == "pass" || cause == "unexplained" {
            // A processor without vector code makes no difference that could be explained.
            left_open.push(id);
        } else {
            wrong.push(format!("{id}: {cause} in {nodes} instead of {expected}"));
        }
    }
    let none: [String; 0] = [];
    assert_eq!(wrong, none);
    assert!(
        right * 10 >= (cases.len() - decoys) * 9,
        "{right} of {} named, not {left_open:?}",
        cases.len() - decoys
    );
    assert!(cases.len() - decoys >= 40 && decoys > 0);
}
