use super::*;
use crate::case::{Case, Exact, Ignored, Limits};
use crate::outcome::Class;
use crate::record::lines::{Row, write};
use crate::record::{CaseReport, RunInfo, Summary};
use crate::verdict::policy::Policy;
use crate::verdict::status::Status;

fn ids(names: &[&str]) -> Vec<CaseId> {
    names
        .iter()
        .map(|name| CaseId((*name).to_owned()))
        .collect()
}

fn started(names: &[&str]) -> Row {
    Row::Started(RunInfo {
        cases: ids(names),
        transport: "frame".to_owned(),
        legs: Vec::new(),
    })
}

fn report(name: &str, status: Status) -> CaseReport {
    let case = Case {
        id: CaseId(name.to_owned()),
        description: String::new(),
        manifest: Vec::new(),
        inputs: Vec::new(),
        expect: Class::Returned,
        policies: Policy::exact().into(),
        ignored: Ignored::default(),
        exact: Exact::default(),
        requires: Vec::new(),
        limits: Limits::default(),
    };
    CaseReport::without_result(&case, status, String::new())
}

fn result(name: &str, status: Status) -> Row {
    Row::Case(Box::new(report(name, status)))
}

/// The places of a corpus and of its last run.
fn places() -> (tempfile::TempDir, LastRun) {
    let directory = tempfile::tempdir().unwrap();
    let (runs, corpus) = (directory.path().join("runs"), directory.path().join("c"));
    fs::create_dir(&runs).unwrap();
    fs::create_dir(&corpus).unwrap();
    let last_run = LastRun::within(runs, &corpus);
    (directory, last_run)
}

fn put(recording: &mut Recording, rows: &[Row]) {
    rows.iter()
        .for_each(|row| write(&mut *recording, row).unwrap());
}

#[test]
fn what_failed_and_what_a_killed_run_has_not_come_to_counts_as_failed() {
    let (_directory, last_run) = places();
    let mut recording = last_run.clone().record(BTreeSet::new());
    let mut allowed = report("d", Status::Skip);
    allowed.skip_allowed = true;
    put(
        &mut recording,
        &[
            started(&["a", "b", "c", "d", "e", "f"]),
            result("a", Status::Pass),
            result("b", Status::Fail),
            result("c", Status::Skip),
            Row::Case(Box::new(allowed)),
        ],
    );
    // Half a line, as a kill leaves it.
    recording.write_all(b"{\"event\":\"ca").unwrap();
    let failed = last_run.failed().unwrap();
    assert_eq!(
        failed.cases,
        ids(&["b", "c", "e", "f"]).into_iter().collect()
    );
    assert_eq!((failed.planned, failed.finished), (6, false));
}

#[test]
fn a_run_takes_the_place_of_the_last_one_with_its_first_line() {
    let (_directory, last_run) = places();
    let failed = || last_run.failed().unwrap();
    let mut first = last_run.clone().record(BTreeSet::new());
    put(&mut first, &[started(&["a"])]);
    let mut second = last_run.clone().record(BTreeSet::new());
    assert_eq!(failed().cases, ids(&["a"]).into_iter().collect());
    put(&mut second, &[started(&["b"])]);
    // What the first still writes is no part of the second's record.
    put(&mut first, &[result("a", Status::Pass)]);
    assert_eq!(failed().cases, ids(&["b"]).into_iter().collect());
    let mut summary = Summary::default();
    summary.count(&report("b", Status::Pass));
    summary.close([]);
    put(
        &mut second,
        &[result("b", Status::Pass), Row::Finished(summary)],
    );
    assert_eq!((failed().cases.len(), failed().finished), (0, true));
}

#[test]
fn what_failed_before_stays_until_it_is_run_again() {
    let (_directory, last_run) = places();
    let run = |rows: &[Row]| {
        let earlier = last_run.failed().map(|failed| failed.cases);
        put(
            &mut last_run.clone().record(earlier.unwrap_or_default()),
            rows,
        );
        last_run.failed().unwrap()
    };
    run(&[
        started(&["a", "b", "c"]),
        result("a", Status::Fail),
        result("b", Status::Fail),
        result("c", Status::Pass),
    ]);
    let after = run(&[started(&["b", "c"]), result("b", Status::Pass)]);
    assert_eq!(after.cases, ids(&["a", "c"]).into_iter().collect());
    assert_eq!((after.planned, after.earlier), (2, 1));
    let after = run(&[started(&["a"]), result("a", Status::Pass)]);
    assert_eq!(after.cases, ids(&["c"]).into_iter().collect());
}

#[test]
fn without_a_last_run_or_with_one_that_is_none_the_remedy_is_named() {
    let (_directory, last_run) = places();
    let error = last_run.failed().unwrap_err().report();
    assert!(error.contains("there is no last run"), "{error}");
    assert!(
        error.contains("hint: run once without --only-failed"),
        "{error}"
    );
    fs::create_dir(last_run.folder()).unwrap();
    fs::write(last_run.folder().join(RECORD), "{}\n").unwrap();
    let error = last_run.failed().unwrap_err().report();
    assert!(error.contains("is no record: line 1: "), "{error}");
}

#[test]
fn the_folder_of_a_corpus_that_has_gone_goes_with_the_next_run_of_another() {
    let (directory, last_run) = places();
    let other = directory.path().join("other");
    fs::create_dir(&other).unwrap();
    let other_run = LastRun::within(last_run.runs.clone(), &other);
    put(
        &mut other_run.clone().record(BTreeSet::new()),
        &[started(&["a"])],
    );
    put(
        &mut last_run.clone().record(BTreeSet::new()),
        &[started(&["a"])],
    );
    assert!(other_run.folder().exists());
    fs::remove_dir(&other).unwrap();
    put(
        &mut last_run.clone().record(BTreeSet::new()),
        &[started(&["a"])],
    );
    assert!(!other_run.folder().exists());
    assert!(last_run.failed().is_ok());
}

#[test]
fn a_run_goes_on_where_its_record_can_not_be_kept() {
    let (_directory, last_run) = places();
    fs::remove_dir(&last_run.runs).unwrap();
    let mut recording = last_run.record(BTreeSet::new());
    put(
        &mut recording,
        &[started(&["a"]), result("a", Status::Pass)],
    );
    assert!(matches!(recording.state, State::Failed));
}
