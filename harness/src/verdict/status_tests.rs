use std::collections::BTreeMap;

use parallax_runtime::outcome::{Exception, Failure, Kind};

use super::*;
use crate::case::{CaseId, Exact, Ignored, Limits};
use crate::outcome::Class;
use crate::path::OutcomePath;
use crate::verdict::ledger::{Ledger, Pattern, Side};
use crate::verdict::policy::Policy;

fn case(expect: Class) -> Case {
    Case {
        id: CaseId("a/b".to_owned()),
        description: String::new(),
        manifest: Vec::new(),
        inputs: Vec::new(),
        expect,
        policies: Policy::exact().into(),
        ignored: Ignored::default(),
        exact: Exact::default(),
        requires: Vec::new(),
        limits: Limits::default(),
    }
}

fn path(text: &str) -> OutcomePath {
    text.parse().unwrap()
}

fn entry(cause: Cause, pins: &[(&str, &str)]) -> Entry {
    let pins = pins.iter().map(|(at, candidate)| Pin {
        path: path(at),
        reference: None,
        candidate: (*candidate).to_owned(),
    });
    Entry {
        origin: "ledger.toml:1:1".to_owned(),
        cases: Pattern::new("a/*").unwrap(),
        targets: ["*-linux", "wasm32-wasip1"].map(|target| Pattern::new(target).unwrap()),
        versions: BTreeMap::new(),
        cause,
        reason: "because".to_owned(),
        link: None,
        pins: pins.collect(),
    }
}

fn divergence(at: &str) -> Divergence {
    Divergence::new(path(at), "1".to_owned(), "2".to_owned())
}

fn diverged(paths: &[&str]) -> Verdict {
    Verdict::Diverged(paths.iter().copied().map(divergence).collect())
}

fn judged(verdict: &Verdict, entries: &[Entry]) -> Judgement {
    let expected: Vec<(&Entry, &Pin)> = entries
        .iter()
        .flat_map(|entry| entry.pins.iter().map(move |pin| (entry, pin)))
        .collect();
    let trapped = Ending::Trapped("t".to_owned()).into();
    judge(&case(Class::Trapped), &trapped, verdict, &expected)
}

#[track_caller]
fn check(verdict: Verdict, entries: &[Entry], expected: Status) {
    let judgement = judged(&verdict, entries);
    assert_eq!(judgement.status, expected, "{judgement:?}");
}

#[test]
fn only_what_the_ledger_pins_is_expected() {
    let known = |pins: &[(&str, &str)]| [entry(Cause::IntegerWidth, pins)];
    check(Verdict::Equal, &[], Status::Pass);
    check(diverged(&["outputs[0]"]), &[], Status::Fail);
    check(
        diverged(&["outputs[0]"]),
        &known(&[("outputs[0]", "2")]),
        Status::Expected,
    );
    // A place below, or beside, is another one.
    check(
        diverged(&["outputs[0].x"]),
        &known(&[("outputs[0]", "2")]),
        Status::Fail,
    );
    check(
        diverged(&["outputs[0]@dtype"]),
        &known(&[("outputs[0]", "2")]),
        Status::Fail,
    );
    check(
        diverged(&["outputs[0]"]),
        &known(&[("outputs[0]", "3")]),
        Status::Fail,
    );
    check(diverged(&["a", "b"]), &known(&[("a", "2")]), Status::Fail);
    check(
        diverged(&["a", "b"]),
        &known(&[("a", "2"), ("b", "2")]),
        Status::Expected,
    );
}

#[test]
fn every_place_of_an_entry_must_be_used() {
    let both = [entry(Cause::IntegerWidth, &[("a", "2"), ("b", "2")])];
    check(diverged(&["a"]), &both, Status::Stale);
    check(Verdict::Equal, &both, Status::Stale);
    let two = [
        entry(Cause::IntegerWidth, &[("a", "2")]),
        entry(Cause::Libm, &[("b", "2")]),
    ];
    check(diverged(&["a"]), &two, Status::Stale);
    let judgement = judged(&diverged(&["b", "a"]), &two);
    assert_eq!(judgement.causes, [Cause::IntegerWidth, Cause::Libm]);
}

#[test]
fn what_was_not_compared_is_never_expected() {
    let uncompared = Divergence {
        excusable: false,
        ..divergence("a")
    };
    let entries = [entry(Cause::IntegerWidth, &[("a", "2")])];
    check(Verdict::Diverged(vec![uncompared]), &entries, Status::Fail);
}

#[test]
fn what_is_known_and_not_understood_stays_red() {
    let entries = [entry(Cause::Unexplained, &[("a", "2")])];
    let judgement = judged(&diverged(&["a"]), &entries);
    assert_eq!(judgement.status, Status::Fail);
    assert!(
        judgement.explanation.starts_with("unexplained: a: 1 != 2"),
        "{judgement:?}"
    );
}

#[test]
fn a_failure_says_what_the_ledger_expected() {
    let entries = [entry(Cause::Libm, &[("a", "3")])];
    let judgement = judged(&diverged(&["a"]), &entries);
    assert_eq!(
        judgement.explanation,
        "a: 1 != 2; ledger.toml:1:1 expects 3, which is 2"
    );
}

#[test]
fn only_a_digest_is_called_one() {
    let digest = |digits: &str| format!("returned 1 item (138 bytes, sha256 {digits})");
    assert!(differ_in_digest(
        &digest("0123456789abcdef"),
        &digest("f123456789abcdef")
    ));
    assert!(!differ_in_digest(&digest("0"), &digest("0")));
    // Texts with a bracket of their own.
    assert!(!differ_in_digest(
        "\"mean (population)\"",
        "\"mean (sample)\""
    ));
}

#[test]
fn silent_corruption_is_called_by_its_name_unless_the_ledger_knows_it() {
    let silent = Divergence {
        silent: true,
        ..divergence("outputs[0]")
    };
    let verdict = Verdict::Diverged(vec![silent, divergence("outputs[1]")]);
    let judgement = judged(&verdict, &[]);
    assert!(judgement.silent);
    assert_eq!(
        judgement.explanation,
        "silent corruption: outputs[0]: 1 != 2"
    );
    assert!(!judged(&verdict, &[entry(Cause::Libm, &[("outputs[0]", "2")])]).silent);
}

#[test]
fn an_outcome_that_nobody_expected_is_no_pass() {
    let judgement = judge(
        &case(Class::Returned),
        &Ending::TimedOut.into(),
        &Verdict::Equal,
        &[],
    );
    assert_eq!(judgement.status, Status::Fail);
}

/// What is said of a node `a.b:C` that raises this on both legs.
fn hint_for(class: &str, message: &str, traceback: &[&str]) -> String {
    let mut exception = Exception::new(class, message);
    exception.traceback = traceback.iter().map(|&line| line.to_owned()).collect();
    let mut failure = Failure::new(Kind::Python, "failed");
    failure.node = Some("n".to_owned());
    failure.exception = Some(exception.into());
    let outcome = Outcome::from(Ending::Raised {
        failure,
        outputs: Vec::new(),
    });
    let manifest = serde_json::json!({
        "version": "v1",
        "metadata": {"name": "n"},
        "nodes": [{"id": "n", "node_type": "a.b:C"}],
        "connections": [],
    });
    let case = Case {
        manifest: manifest.to_string().into_bytes(),
        ..case(Class::Returned)
    };
    let judgement = judge(&case, &outcome, &Verdict::Equal, &[]);
    assert_eq!(judgement.status, Status::Fail);
    judgement.hint.expect("a hint")
}

#[test]
fn an_unexpected_error_says_what_to_correct() {
    let by_design = "both Pythons are built without ";
    let elsewhere = ["a/b.py:3 in process", "json/decoder.py:9 in decode"];
    for (class, message, traceback, expected) in [
        (
            "ModuleNotFoundError",
            "No module named '_sqlite3'",
            &[][..],
            by_design,
        ),
        (
            "ModuleNotFoundError",
            "No module named 'tkinter.ttk'",
            &[],
            by_design,
        ),
        (
            "ModuleNotFoundError",
            "No module named 'pandas'",
            &[],
            "neither leg has pandas: ",
        ),
        (
            "ModuleNotFoundError",
            "No module named 'a'",
            &[],
            "write nodes/a/b.py, or correct node_type in manifests/a/b.json",
        ),
        (
            "AttributeError",
            "module 'a.b' has no attribute 'C'",
            &[],
            "nodes/a/b.py has no C: ",
        ),
        (
            "AttributeError",
            "module 'os' has no attribute 'C'",
            &["a/b.py:1 in f"],
            "look at nodes/a/b.py:1, in f",
        ),
        (
            "SyntaxError",
            "invalid syntax (b.py, line 7)",
            &[],
            "correct nodes/a/b.py:7",
        ),
        (
            "IndentationError",
            "odd (c.py, line 7)",
            &["a/b.py:1 in <module>"],
            "correct c.py:7",
        ),
        (
            "ValueError",
            "No module named '_sqlite3'",
            &elsewhere,
            "look at nodes/a/b.py:3, in process",
        ),
        (
            "SyntaxError",
            "invalid syntax (<string>, line 1)",
            &["a/b.py:3 in process"],
            "look at nodes/a/b.py:3, in process",
        ),
        (
            "KeyError",
            "'x'",
            &[],
            "if the case is about that, write expect = \"raised\" in manifests/a/b.toml",
        ),
    ] {
        let said = hint_for(class, message, traceback);
        assert!(said.starts_with(expected), "{said}");
        assert!(said.ends_with("in manifests/a/b.toml"), "{said}");
    }
}

#[test]
fn an_entry_holds_for_its_cases_targets_and_versions() {
    let versions = |text: &str| BTreeMap::from([("numpy".to_owned(), text.to_owned())]);
    let ledger = |wanted: Option<&str>| Ledger {
        entries: vec![Entry {
            versions: wanted.map(versions).unwrap_or_default(),
            ..entry(Cause::Libm, &[("a", "2")])
        }],
    };
    let found = |ledger: &Ledger, case: &str, [reference, candidate]: [(&str, &str); 2]| {
        let (one, other) = (versions(reference.1), versions(candidate.1));
        let side = |target, versions| Side { target, versions };
        let expected = ledger.expected(
            &CaseId(case.to_owned()),
            side(reference.0, &one),
            side(candidate.0, &other),
        );
        !expected.is_empty()
    };
    let (linux, wasm) = ("x86_64-linux", "wasm32-wasip1");
    for (wanted, case, sides, expected) in [
        (None, "a/b", [(linux, "2.5.5"), (wasm, "2.5.5")], true),
        (None, "b/a", [(linux, "2.5.5"), (wasm, "2.5.5")], false),
        (None, "a/b", [(wasm, "2.5.5"), (linux, "2.5.5")], false),
        (None, "a/b", [(linux, "2.5.5"), (linux, "2.5.5")], false),
        (
            Some("2.5"),
            "a/b",
            [(linux, "2.5.5"), (wasm, "2.5.5")],
            true,
        ),
        (
            Some("2.5"),
            "a/b",
            [(linux, "2.5.5"), (wasm, "2.6.0")],
            false,
        ),
        (Some("2.5"), "a/b", [(linux, "2.51"), (wasm, "2.5")], false),
    ] {
        assert_eq!(
            found(&ledger(wanted), case, sides),
            expected,
            "{wanted:?} {case} {sides:?}"
        );
    }
}
