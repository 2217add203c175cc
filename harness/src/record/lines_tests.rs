use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::attribute::found::{Attributed, Attribution};
use crate::leg::Provenance;
use crate::outcome::Class;
use crate::path::OutcomePath;
use crate::record::Comparison;
use crate::record::case_report::{PolicyNote, Unpinned};
use crate::record::summary::LegInfo;
use crate::verdict::cause::Cause;
use crate::verdict::divergence::{Divergence, ElementDifference, Elements};
use crate::verdict::policy::{Distance, Precision, Worst};
use crate::verdict::status::{Judgement, Status};

fn any_float() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits)
}

fn any_distance() -> impl Strategy<Value = Distance> {
    prop_oneof![
        (0..3usize, any::<u64>())
            .prop_map(|(index, ulp)| Distance::Ulp(Precision::ALL[index], ulp)),
        any_float().prop_map(Distance::Norm),
    ]
}

fn any_worst() -> impl Strategy<Value = Worst> {
    (any::<[u64; 3]>(), prop::option::of(any_float())).prop_map(|(ulp, norm)| Worst { ulp, norm })
}

fn any_element() -> impl Strategy<Value = ElementDifference> {
    let texts = (".{0,5}", ".{0,5}", ".{0,5}");
    (texts, prop::option::of(any_distance())).prop_map(|((at, reference, candidate), distance)| {
        ElementDifference {
            at,
            reference,
            candidate,
            distance,
        }
    })
}

fn any_elements() -> impl Strategy<Value = Elements> {
    (
        any::<u64>(),
        any::<u64>(),
        prop::collection::vec(any_element(), 0..3),
        prop::option::of(any_element()),
    )
        .prop_map(|(count, of, first, worst)| Elements {
            count,
            of,
            first,
            worst,
        })
}

fn any_divergence() -> impl Strategy<Value = Divergence> {
    let key = ".{0,4}".prop_map(|key| OutcomePath::root("outputs").index(0).key(&key));
    let flags = any::<(bool, bool)>();
    (
        key,
        any::<String>(),
        any::<String>(),
        prop::option::of(any_distance()),
        prop::option::of(any_elements()),
        flags,
    )
        .prop_map(
            |(path, reference, candidate, distance, elements, (silent, excusable))| Divergence {
                path,
                reference,
                candidate,
                distance,
                elements,
                silent,
                excusable,
            },
        )
}

fn any_status() -> impl Strategy<Value = Status> {
    prop::sample::select(Status::ALL.to_vec())
}

fn any_class() -> impl Strategy<Value = Class> {
    prop::sample::select(Class::ALL.to_vec())
}

fn any_comparison() -> impl Strategy<Value = Comparison> {
    let judgement = (
        any_status(),
        any::<String>(),
        prop::collection::vec(prop::sample::select(Cause::ALL.to_vec()), 0..3),
        any::<bool>(),
    )
        .prop_map(|(status, explanation, causes, silent)| Judgement {
            causes,
            silent,
            ..Judgement::new(status, explanation)
        });
    (
        ".{0,5}",
        any_class(),
        judgement,
        prop::collection::vec(any_divergence(), 0..3),
        prop::collection::btree_map(".{0,5}", any_worst(), 0..3),
    )
        .prop_map(
            |(candidate, candidate_class, judgement, divergences, allowed)| Comparison {
                attribution: (!divergences.is_empty()).then(|| explained(&candidate)),
                candidate,
                candidate_class,
                judgement,
                divergences,
                allowed,
            },
        )
}

fn explained(text: &str) -> Attribution {
    Attribution {
        nodes: vec![text.to_owned()],
        causes: vec![Attributed {
            cause: Cause::Libm,
            place: OutcomePath::root("outputs").key(text),
            node: Some(text.to_owned()),
            because: text.to_owned(),
            remedy: text.to_owned(),
        }],
        first_is_shown: true,
    }
}

fn any_unpinned() -> impl Strategy<Value = Unpinned> {
    let divergences = prop::collection::vec(any_divergence(), 0..3);
    (".{0,5}", ".{0,5}", divergences).prop_map(|(leg, snapshot, divergences)| Unpinned {
        leg,
        snapshot,
        divergences,
    })
}

fn any_report() -> impl Strategy<Value = CaseReport> {
    let note = (".{0,5}", ".{0,5}", any_worst()).prop_map(|(name, allows, recorded)| PolicyNote {
        name,
        allows,
        recorded,
    });
    (
        (any::<String>(), any::<String>(), any::<String>()),
        (any_status(), any::<bool>(), prop::option::of(any_class())),
        prop::collection::vec(note, 0..3),
        prop::collection::vec(any_comparison(), 0..3),
        prop::collection::btree_map(".{0,5}", any::<u64>(), 0..3),
        prop::collection::btree_map(".{0,5}", any::<String>(), 0..3),
        prop::collection::vec(any_unpinned(), 0..3),
        prop::collection::vec(any::<String>(), 0..3),
    )
        .prop_map(
            |(
                (id, description, text),
                (status, allowed, class),
                policies,
                comparisons,
                fuel,
                stderr,
                unpinned,
                unwritten,
            )| {
                CaseReport {
                    id: CaseId(id),
                    description,
                    status,
                    skip_allowed: allowed,
                    hint: (!text.is_empty()).then(|| text.clone()),
                    explanation: text,
                    class,
                    policies,
                    comparisons,
                    fuel,
                    stderr,
                    unpinned,
                    unwritten,
                    wall: Vec::new(),
                }
            },
        )
}

fn info(cases: &[CaseReport]) -> RunInfo {
    RunInfo {
        cases: cases.iter().map(|report| report.id.clone()).collect(),
        transport: "frame".to_owned(),
        legs: vec![LegInfo {
            name: "one".to_owned(),
            target: "x".to_owned(),
            provenance: Provenance {
                versions: BTreeMap::from([("numpy".to_owned(), "2.5".to_owned())]),
                complete: true,
            },
        }],
    }
}

/// The record of a run with these results, of which the last ones are missing.
fn record(cases: &[CaseReport], missing: usize) -> (Record, String) {
    let done = cases.len() - missing.min(cases.len());
    let mut summary = Summary::default();
    cases[..done]
        .iter()
        .for_each(|report| summary.count(report));
    summary.close(cases[done..].iter().map(|report| report.id.clone()));
    summary.unwritten.push("something else".to_owned());
    let record = Record {
        info: info(cases),
        cases: cases[..done].to_vec(),
        summary,
    };
    let rows = std::iter::once(Row::Started(record.info.clone()))
        .chain(record.cases.iter().cloned().map(Box::new).map(Row::Case))
        .chain([Row::Finished(record.summary.clone())]);
    let mut text = Vec::new();
    rows.for_each(|row| write(&mut text, &row).unwrap());
    (record, String::from_utf8(text).unwrap())
}

fn plain(id: &str, status: Status) -> CaseReport {
    CaseReport {
        id: CaseId(id.to_owned()),
        description: "d".to_owned(),
        status,
        skip_allowed: false,
        explanation: "why".to_owned(),
        hint: Some("how".to_owned()),
        class: Some(Class::Returned),
        policies: Vec::new(),
        comparisons: Vec::new(),
        fuel: BTreeMap::new(),
        stderr: BTreeMap::new(),
        unpinned: Vec::new(),
        unwritten: Vec::new(),
        wall: Vec::new(),
    }
}

fn three() -> (Record, String) {
    let cases = [
        plain("a", Status::Pass),
        plain("b", Status::Fail),
        plain("c", Status::Pass),
    ];
    record(&cases, 0)
}

#[track_caller]
fn check_refused(text: &str, expected: &str) {
    let error = read(text.as_bytes()).expect_err(text);
    assert_eq!(error.to_string(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(cases in prop::collection::vec(any_report(), 0..4), missing in 0usize..3) {
        let (record, text) = record(&cases, missing);
        let back = read(text.as_bytes()).unwrap();
        // As text: NaN is not equal to itself.
        prop_assert_eq!(format!("{back:?}"), format!("{record:?}"));
    }

    /// Whatever character of a record is another one, or is missing, the line that holds it is refused.
    #[test]
    fn an_edited_record_is_refused_with_its_line(at in any::<prop::sample::Index>(), put in "[ -~]?") {
        let (_, text) = three();
        let at = at.index(text.len());
        prop_assume!(put.as_bytes() != &text.as_bytes()[at..=at]);
        let edited = format!("{}{put}{}", &text[..at], &text[at + 1..]);
        let line = text[..at].matches('\n').count() + 1;
        let error = read(edited.as_bytes()).expect_err(&edited);
        match error {
            RecordError::Line { line: found, .. } => prop_assert_eq!(found, line),
            // The line end itself.
            RecordError::Truncated(_) => prop_assert_eq!(line, 5),
            other => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn a_truncated_record_is_refused_and_its_whole_lines_are_kept(at in any::<prop::sample::Index>()) {
        let (record, text) = three();
        let cut = &text[..at.index(text.len())];
        let whole = cut.matches('\n').count();
        let error = read(cut.as_bytes()).expect_err(cut);
        prop_assert_eq!(error.to_string(), format!("it ends after line {whole}, before the run had finished"));
        if whole > 0 {
            let begun = read_begun(cut.as_bytes()).unwrap();
            prop_assert_eq!(&begun.cases[..], &record.cases[..whole - 1]);
        }
    }
}

#[test]
fn lines_of_another_run_or_in_another_order_are_refused() {
    let (_, text) = three();
    let lines: Vec<&str> = text.lines().collect();
    let joined = |order: &[usize]| {
        let lines = order.iter().map(|&index| format!("{}\n", lines[index]));
        lines.collect::<String>()
    };
    check_refused(
        &joined(&[0, 2, 1, 3, 4]),
        "line 2: the result of b, where a comes next",
    );
    check_refused(
        &joined(&[0, 1, 2, 4]),
        "line 4: 2 results, where 3 cases were to run; the first that is missing is c",
    );
    check_refused(
        &joined(&[0, 1, 2, 3, 3, 4]),
        "line 5: the result of c, which was not to run",
    );
    check_refused(
        &joined(&[0, 1, 2, 3, 4, 4]),
        "line 6: a record ends with its line `finished`",
    );
    check_refused(
        &joined(&[1, 2]),
        "line 1: a record begins with a line `started`",
    );
    check_refused(&joined(&[0, 0]), "line 2: a record has one line `started`");
    check_refused("", "it ends after line 0, before the run had finished");
    // A line that is whole, and says of a case what the sums don't.
    let (_, other) = record(
        &[
            plain("a", Status::Pass),
            plain("b", Status::Pass),
            plain("c", Status::Pass),
        ],
        0,
    );
    let green = other.lines().nth(2).expect("a line");
    let mixed = [lines[0], lines[1], green, lines[3], lines[4], ""].join("\n");
    check_refused(&mixed, "line 5: the sums are not those of the cases above");
}

#[test]
fn a_record_of_another_format_says_so() {
    let (_, text) = three();
    let old = text.replace(&format!("\"format\":{FORMAT}"), "\"format\":1");
    check_refused(
        &old,
        "line 1: format 1, where this version reads 4; make the record anew",
    );
}
