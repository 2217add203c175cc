use super::*;
use crate::record::measurement::Quantity;
use crate::report::made_tests::{HOSTILE, case, expected, failing, measured, measurement, record};
use crate::verdict::cause::Cause;

fn written(record: &Record, measured: &[Measurement]) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes, record, measured).expect("memory takes everything");
    String::from_utf8(bytes).expect("a summary is text")
}

#[test]
fn a_summary_has_failures_first() {
    let mut silent = failing(
        "b/silent",
        "silent corruption: outputs[0]: 4999950000 != 704982704",
    );
    silent.comparisons[0].judgement.silent = true;
    let run = record(
        vec![
            case("a/pass", Status::Pass),
            expected("a/known", &[Cause::Libm, Cause::IntegerWidth]),
            expected("a/known_too", &[Cause::Libm]),
            failing("b/fail", "outputs[0]: \"a|b\" != `c`"),
            silent,
            case("b/stale", Status::Stale),
        ],
        &["z/missing"],
    );
    let mut all = measured("a/pass", "n", 100, 250);
    all.push(measurement("a/known", Quantity::Whole, [10_000, 9_000]));
    insta::assert_snapshot!(written(&run, &all));
}

#[test]
fn a_summary_ends_within_sixty_lines() {
    let mut cases: Vec<_> = (0..10_000)
        .map(|index| failing(&format!("a/{index}"), "no"))
        .collect();
    for cause in Cause::ALL {
        cases.push(expected(cause.name(), &[cause]));
    }
    cases.extend(Status::ALL.map(|status| case(status.name(), status)));
    let mut run = record(cases, &["z"; 100]);
    run.summary.unwritten = vec!["x".repeat(1000); 50];
    let all: Vec<Measurement> = Cause::ALL
        .iter()
        .flat_map(|cause| measured(cause.name(), "n", 1, 2))
        .collect();
    let text = written(&run, &all);
    let lines = text.lines().count();
    assert!(lines <= 60, "{lines} lines:\n{text}");
    assert!(text.contains("And 9993 red cases more"), "{text}");
}

#[test]
fn nothing_of_a_guest_is_obeyed() {
    let run = record(vec![failing(HOSTILE, HOSTILE)], &[]);
    let text = written(&run, &[]);
    let row = text
        .lines()
        .find(|line| line.contains("alert"))
        .expect("a row");
    // A pipe that is not escaped would be one more column.
    let bare = row.replace("\\|", "");
    assert_eq!(bare.matches('|').count(), 6, "{row}");
    // Outside of code, no character is left that Markdown obeys, and nobody is mentioned.
    let mut outside = String::new();
    let mut rest = row;
    while let Some((before, code)) = rest.split_once("`` ") {
        outside += before;
        rest = code.split_once(" ``").expect("code that ends").1;
    }
    outside += rest;
    assert!(!outside.replace("\\<", "").contains('<'), "{outside}");
    assert!(!outside.contains("@all"), "{outside}");
}

#[test]
fn code_and_sentences_hold_any_text() {
    for (text, as_code, as_prose) in [
        ("a|b", "`a\\|b`", "a\\|b"),
        ("`x`", "`` `x` ``", "\\`x\\`"),
        ("a``b", "``` a``b ```", "a\\`\\`b"),
        ("<b> [x](y)\n", "`<b> [x](y)`", "\\<b\\> \\[x\\](y) "),
        ("@all #1", "`@all #1`", "@&#8288;all #&#8288;1"),
        ("", "", ""),
    ] {
        assert_eq!(
            (code(text).as_str(), prose(text).as_str()),
            (as_code, as_prose)
        );
    }
}
