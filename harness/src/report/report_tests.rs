//! What the terminal's report and JUnit show of the same events.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Reporter;
use super::junit::Junit;
use super::terminal::Terminal;
use crate::case::CaseId;
use crate::event::RunEvent;
use crate::leg::Provenance;
use crate::outcome::Class;
use crate::record::summary::LegInfo;
use crate::record::{CaseReport, RunInfo, Summary};
use crate::verdict::status::Status;

fn report(id: &str, status: Status, explanation: &str) -> CaseReport {
    CaseReport {
        id: CaseId(id.to_owned()),
        description: String::new(),
        status,
        skip_allowed: false,
        explanation: explanation.to_owned(),
        hint: None,
        class: Some(Class::Returned),
        policies: Vec::new(),
        comparisons: Vec::new(),
        fuel: BTreeMap::new(),
        stderr: BTreeMap::new(),
        unpinned: Vec::new(),
        unwritten: Vec::new(),
        wall: vec![Duration::from_millis(1); 2],
    }
}

fn skip(id: &str) -> CaseReport {
    let mut report = report(id, Status::Skip, "needs numpy");
    report.skip_allowed = true;
    report
}

/// Feeds a run to a reporter that writes to memory.
fn render<R: Reporter>(
    make: impl FnOnce(std::rc::Rc<std::cell::RefCell<Vec<u8>>>) -> R,
    cases: &[CaseReport],
    edit: impl FnOnce(&mut Summary),
) -> String {
    let bytes = std::rc::Rc::default();
    let mut reporter = make(std::rc::Rc::clone(&bytes));
    let leg = |name: &str| LegInfo {
        name: name.to_owned(),
        target: name.to_owned(),
        provenance: Provenance::default(),
    };
    let mut summary = Summary::default();
    let mut take = |event: &RunEvent| reporter.event(event).unwrap();
    take(&RunEvent::Started(RunInfo {
        cases: cases.iter().map(|report| report.id.clone()).collect(),
        transport: "frame".to_owned(),
        legs: vec![leg("native"), leg("wasm")],
    }));
    for report in cases {
        summary.count(report);
        take(&RunEvent::CaseFinished(Box::new(report.clone())));
    }
    summary.close([]);
    edit(&mut summary);
    take(&RunEvent::Finished(summary));
    drop(reporter);
    let bytes = bytes.borrow().clone();
    String::from_utf8(bytes).unwrap()
}

/// A writer that can be looked at afterwards.
struct Shared(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn terminal(cases: &[CaseReport], edit: impl FnOnce(&mut Summary)) -> String {
    render(|bytes| Terminal::new(Shared(bytes), None), cases, edit)
}

fn junit(cases: &[CaseReport], edit: impl FnOnce(&mut Summary)) -> quick_junit::Report {
    let xml = render(|bytes| Junit::new(Shared(bytes)), cases, edit);
    quick_junit::Report::deserialize_from_str(&xml).unwrap()
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

const RED: &str = "\x1b[1m\x1b[31m";

#[test]
fn nothing_looks_red_in_a_green_run() {
    let cases = [
        report("a", Status::Pass, ""),
        report("b", Status::Expected, "known"),
        skip("c"),
    ];
    let text = terminal(&cases, |_| {});
    assert!(!text.contains(RED), "{text:?}");
    let text = plain(&text);
    for line in [
        "  fail          0  differ, and no ledger says why",
        "1 case skipped, which is allowed:",
        "  c",
        "2 passed, 0 failed, 1 skipped",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
}

#[test]
fn each_red_status_looks_red_and_is_in_the_list() {
    for status in [
        Status::Skip,
        Status::Stale,
        Status::Flaky,
        Status::Fail,
        Status::Broken,
    ] {
        let cases = [report("a", Status::Pass, ""), report("b", status, "why")];
        let text = terminal(&cases, |_| {});
        assert!(text.contains(RED), "{status:?}: {text:?}");
        let label = status.name().to_uppercase();
        let text = plain(&text);
        let in_list = format!("failures, silent corruption first:\n  {label} b: why\n");
        assert!(text.contains(&in_list), "{text}");
    }
}

#[test]
fn standard_error_stands_below_its_case_bounded_and_harmless() {
    let mut case = report("a", Status::Fail, "why");
    let lines: String = (0..50).map(|line| format!("line {line}\n")).collect();
    let end = format!("\x1b[31mred\x1b[0m \x07{}", "x".repeat(1000));
    case.stderr = BTreeMap::from([
        ("native".to_owned(), lines.clone() + &end),
        ("wasm".to_owned(), "other".to_owned()),
    ]);
    let text = plain(&terminal(&[case.clone()], |_| {}));
    let block: Vec<&str> = text.lines().take(15).collect();
    assert_eq!(block[0], "FAIL a: why");
    assert_eq!(block[1], "    standard error of native:");
    assert_eq!(block[2], "    | … 41 lines before");
    assert_eq!(block[3], "    | line 41");
    assert!(block[12].starts_with("    | red xxx"), "{text}");
    assert_eq!(block[13], "    standard error of wasm:");
    assert_eq!(block[14], "    | other");
    // What all legs say is said once.
    case.stderr = ["native", "wasm"]
        .map(|leg| (leg.to_owned(), "same\n".to_owned()))
        .into();
    let text = plain(&terminal(&[case], |_| {}));
    assert!(
        text.starts_with("FAIL a: why\n    standard error of every leg:\n    | same\n\n"),
        "{text}"
    );
}

#[test]
fn no_line_is_longer_than_its_bound_or_holds_what_a_terminal_obeys() {
    let long = format!("\x1b]0;title\x07{}\r\n\u{202e}", "x".repeat(2000));
    let mut case = report(&long, Status::Fail, &long);
    case.stderr = BTreeMap::from([("native".to_owned(), long.clone())]);
    let mut broken = report("b", Status::Broken, "why");
    broken.hint = Some("do this".to_owned());
    let cases = [case, broken];
    let text = plain(&terminal(&cases, |summary| {
        summary.unwritten.push(long.clone());
        summary.missing.push(CaseId(long.clone()));
    }));
    for line in text.lines() {
        assert!(line.chars().count() <= 300, "{line}");
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    assert!(
        text.contains("BROKEN b: why\n    hint: do this\n"),
        "{text}"
    );
}

#[test]
fn what_has_no_result_and_what_would_be_written_is_named() {
    let cases = [report("a", Status::Pass, "")];
    let edit = |summary: &mut Summary| {
        let names = (0..30).map(|index| CaseId(format!("case/{index:02}")));
        summary.missing = names.collect();
        summary.unwritten = vec!["policy.toml is behind".to_owned()];
        summary.locked = true;
    };
    let text = plain(&terminal(&cases, edit));
    assert!(
        text.contains("30 cases without a result:\n  case/00, "),
        "{text}"
    );
    assert!(
        text.contains("  and 10 more, which --json names\n"),
        "{text}"
    );
    assert!(
        text.contains("files that are behind, which --locked forbids:\n  policy.toml is behind\n"),
        "{text}"
    );
    assert!(
        text.ends_with("1 passed, 0 failed, 30 without a result, 1 to write\n"),
        "{text}"
    );
    let document = junit(&cases, edit);
    assert_eq!(
        (document.tests, document.errors, document.failures),
        (32, 30, 1)
    );
}

#[test]
fn junit_counts_every_status_as_what_it_is() {
    for (case, counts) in [
        (report("a/b", Status::Pass, ""), [0, 0, 0]),
        (report("a/b", Status::Expected, "known"), [0, 0, 0]),
        (skip("a/b"), [0, 0, 1]),
        (report("a/b", Status::Skip, "why"), [1, 0, 0]),
        (report("a/b", Status::Stale, "why"), [1, 0, 0]),
        (report("a/b", Status::Flaky, "why"), [1, 0, 0]),
        (report("a/b", Status::Fail, "why"), [1, 0, 0]),
        (report("a/b", Status::Broken, "why"), [0, 1, 0]),
    ] {
        let status = case.status;
        let cases = [report("first", Status::Pass, ""), case];
        let document = junit(&cases, |_| {});
        let suite = &document.test_suites[0];
        let found = [document.failures, document.errors, suite.skipped];
        assert_eq!((document.tests, found), (2, counts), "{status:?}");
    }
}

#[test]
fn junit_holds_standard_error_and_a_run_that_compared_nothing_is_a_failure() {
    let mut case = report("a", Status::Fail, "\x1b[31mwhy");
    case.stderr = BTreeMap::from([("wasm".to_owned(), "\x1b[31mboom\x1b[0m\n".to_owned())]);
    let document = junit(&[case], |_| {});
    let case = &document.test_suites[0].test_cases[0];
    let error = case.system_err.as_ref().expect("standard error");
    assert_eq!(error.as_str(), "--- wasm\nboom");
    let quick_junit::TestCaseStatus::NonSuccess { message, .. } = &case.status else {
        panic!("{case:?}");
    };
    assert_eq!(
        message.as_ref().expect("a message").as_str(),
        "\\u{1b}[31mwhy"
    );
    let document = junit(&[skip("a")], |_| {});
    assert_eq!((document.tests, document.failures), (2, 1));
}

#[test]
fn on_a_terminal_lines_break_between_words() {
    let words = "every word of this sentence is short, ".repeat(10);
    let mut case = report("family/name", Status::Fail, &words);
    case.hint = Some(words.clone());
    let cases = [case];
    let text = render(
        |bytes| Terminal::new(Shared(bytes), Some(40)),
        &cases,
        |_| {},
    );
    let case_of = |text: &str| {
        let text = plain(text);
        text.split("\n\n")
            .next()
            .map(str::to_owned)
            .expect("a text")
    };
    let wrapped = case_of(&text);
    let shown: Vec<&str> = wrapped.lines().collect();
    assert!(
        shown.iter().all(|line| line.chars().count() <= 40),
        "{wrapped}"
    );
    assert!(
        shown[0].starts_with("FAIL family/name: every word"),
        "{wrapped}"
    );
    // The same words in the same order as where a line is a line.
    let unwrapped = case_of(&terminal(&cases, |_| {}));
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(words(&wrapped), words(&unwrapped));
}
