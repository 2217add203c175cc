//! `parallax report`: what it makes of a record, and what it says of files that are none.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{parallax, said};
use parallax_harness::case::CaseId;
use parallax_harness::outcome::Class;
use parallax_harness::record::lines::{Row, write};
use parallax_harness::record::{CaseReport, RunInfo, Summary};
use parallax_harness::verdict::status::Status;

/// The lines of a run of one case that fails.
fn red() -> String {
    let case = CaseReport {
        id: CaseId("a/b".to_owned()),
        description: String::new(),
        status: Status::Fail,
        skip_allowed: false,
        explanation: "outputs[0]: 1 != 2 <b>".to_owned(),
        hint: None,
        class: Some(Class::Returned),
        policies: Vec::new(),
        comparisons: Vec::new(),
        fuel: BTreeMap::new(),
        stderr: BTreeMap::new(),
        unpinned: Vec::new(),
        unwritten: Vec::new(),
        wall: Vec::new(),
    };
    let mut summary = Summary::default();
    summary.count(&case);
    summary.close([]);
    let info = RunInfo {
        cases: vec![case.id.clone()],
        transport: "frame".to_owned(),
        legs: Vec::new(),
    };
    let mut lines = Vec::new();
    for row in [
        Row::Started(info),
        Row::Case(Box::new(case)),
        Row::Finished(summary),
    ] {
        write(&mut lines, &row).expect("memory takes everything");
    }
    String::from_utf8(lines).expect("a record is text")
}

fn report(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| argument.replace("DIR", &folder.to_string_lossy()))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (code, stdout, stderr) = said(&parallax(&[&["report"], &arguments[..]].concat()));
    (
        code,
        stdout,
        stderr.replace(&*folder.to_string_lossy(), "DIR"),
    )
}

#[test]
fn a_red_record_is_shown_as_red_and_is_no_failure() {
    let folder = common::directory(&[("red.jsonl", &red())]);
    let (code, stdout, stderr) = report(folder.path(), &["DIR/red.jsonl"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(
        stdout.starts_with("## Parallax: Not equal: of 1 case"),
        "{stdout}"
    );
    let more = [
        "DIR/red.jsonl",
        "--html",
        "DIR/a.html",
        "--markdown",
        "DIR/a.md",
    ];
    assert_eq!(
        report(folder.path(), &more),
        (0, String::new(), String::new())
    );
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert_eq!(read("a.md"), stdout);
    let page = read("a.html");
    assert!(page.contains("outputs[0]: 1 != 2 &lt;b&gt;") && page.ends_with("</html>"));
    // A page tells of no place of this machine.
    assert!(!page.contains(&*folder.path().to_string_lossy()));
}

#[test]
fn what_is_no_record_is_refused_with_file_place_and_remedy() {
    let red = red();
    let cut = red.rsplit_once("\n{").expect("lines").0.to_owned() + "\n";
    let edited = red.replace("1 != 2", "2 != 2");
    let files = [
        ("red.jsonl", red.as_str()),
        ("cut.jsonl", &cut),
        ("edited.jsonl", &edited),
        ("cost.jsonl", "{}\n"),
    ];
    let folder = common::directory(&files);
    for (arguments, expected) in [
        (
            &["DIR/cut.jsonl"][..],
            "error: DIR/cut.jsonl is no record: it ends after line 2, before the run had finished\nhint: ",
        ),
        (
            &["DIR/edited.jsonl"],
            "error: DIR/edited.jsonl is no record: line 2: the line was edited",
        ),
        (
            &["DIR/none.jsonl"],
            "error: failed to read DIR/none.jsonl: No such file",
        ),
        (
            &["DIR/red.jsonl", "--cost", "DIR/cost.jsonl"],
            "error: DIR/cost.jsonl is no file of measurements: line 1: `event` is none of measuring, times, exact, unmeasured, measured",
        ),
        (
            &["DIR/red.jsonl", "--html", "DIR/none/a.html"],
            "error: failed to create DIR/none/a.html: No such file",
        ),
    ] {
        let (code, stdout, stderr) = report(folder.path(), arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.starts_with(expected), "{stderr}");
        assert!(stderr.contains("\nhint: "), "{stderr}");
    }
}
