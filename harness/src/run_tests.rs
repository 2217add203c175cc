use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use parallax_runtime::marshal::Transport;
use parallax_runtime::outcome::{Exception, Failure, Kind};

use super::*;
use crate::case::{CaseId, Exact, Ignored, Limits, Requirement};
use crate::executor::scripted::ScriptedExecutor;
use crate::leg::{Provenance, lacking};
use crate::outcome::{Class, Ending, Outcome};
use crate::record::Comparison;
use crate::report::Reporter as _;
use crate::report::json::JsonLines;
use crate::verdict::ledger::Ledger;
use crate::verdict::policy::{Distance, Policy, Worst};
use crate::verdict::status::Judgement;

fn case(name: &str) -> Case {
    Case {
        id: CaseId(name.to_owned()),
        description: String::new(),
        manifest: name.as_bytes().to_vec(),
        inputs: Vec::new(),
        expect: Class::Trapped,
        policies: Policy::exact().into(),
        ignored: Ignored::default(),
        exact: Exact::default(),
        requires: Vec::new(),
        limits: Limits::default(),
    }
}

fn trap(name: &str) -> Outcome {
    Ending::Trapped(name.to_owned()).into()
}

fn leg(name: &str, answers: &[(&str, &str)]) -> Leg {
    let answers = answers.iter();
    let answers = answers.map(|(request, name)| (request.as_bytes().to_vec(), trap(name)));
    scripted(name, answers.collect())
}

fn scripted(name: &str, answers: BTreeMap<Vec<u8>, Outcome>) -> Leg {
    Leg {
        name: name.to_owned(),
        target: name.to_owned(),
        provenance: Provenance::default(),
        executor: Box::new(ScriptedExecutor(answers)),
    }
}

fn plan<'a>(cases: &'a [Case], legs: &'a [Leg], ledger: &'a Ledger) -> Plan<'a> {
    Plan {
        cases: cases.iter().collect(),
        setting: Setting {
            ledger,
            snapshots: None,
            node_path: Path::new("nodes"),
            legs,
            transport: Transport::default(),
        },
        witnesses: None,
        jobs: 3,
        repeat: 1,
        fail_fast: false,
        skip_allowed: &|_| false,
        locked: false,
    }
}

/// Cases with their statuses and explanations.
type Seen = Vec<(String, Status, String)>;

/// What a run over these legs says: each case with its status and explanation, and the sums.
fn run_over(
    cases: &[Case],
    legs: &[Leg],
    edit: impl FnOnce(&mut Plan<'_>),
) -> Result<(Seen, Summary), Problem> {
    let ledger = Ledger::default();
    let mut plan = plan(cases, legs, &ledger);
    edit(&mut plan);
    let mut seen = Vec::new();
    let summary = run(&plan, |event| {
        if let RunEvent::CaseFinished(report) = event {
            let CaseReport {
                id,
                status,
                explanation,
                ..
            } = &**report;
            seen.push((id.0.clone(), *status, explanation.clone()));
        }
        Ok(())
    })?;
    Ok((seen, summary))
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{index:02}")).collect()
}

#[test]
fn cases_are_reported_in_order_with_their_own_status() {
    let names = names(50);
    let cases: Vec<Case> = names.iter().map(|name| case(name)).collect();
    let same: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let mut other = same.clone();
    other[7].1 = "y";
    let (seen, summary) = run_over(&cases, &[leg("a", &same), leg("b", &other)], |_| {}).unwrap();
    let order: Vec<&String> = seen.iter().map(|(name, ..)| name).collect();
    assert_eq!(order, names.iter().collect::<Vec<_>>());
    for (index, (_, status, _)) in seen.iter().enumerate() {
        let expected = if index == 7 {
            Status::Fail
        } else {
            Status::Pass
        };
        assert_eq!(*status, expected, "{index}");
    }
    assert!(summary.is_red());
    assert_eq!((summary.results(), summary.missing.len()), (50, 0));
}

#[test]
fn a_failure_of_parallax_is_one_cases_status_and_the_run_goes_on() {
    let cases = [case("a"), case("b")];
    let legs = [
        leg("one", &[("b", "x")]),
        leg("two", &[("a", "x"), ("b", "x")]),
    ];
    let (seen, summary) = run_over(&cases, &legs, |_| {}).unwrap();
    let statuses: Vec<Status> = seen.iter().map(|(_, status, _)| *status).collect();
    assert_eq!(statuses, [Status::Broken, Status::Pass]);
    assert!(seen[0].2.contains("the script has no answer"), "{seen:?}");
    assert!(summary.is_red());
}

#[test]
fn the_first_red_case_ends_a_run_that_is_to_fail_fast_and_the_missing_results_are_red() {
    let names = names(30);
    let cases: Vec<Case> = names.iter().map(|name| case(name)).collect();
    let same: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let mut other = same.clone();
    other[2].1 = "y";
    let legs = [leg("a", &same), leg("b", &other)];
    let (seen, summary) = run_over(&cases, &legs, |plan| plan.fail_fast = true).unwrap();
    assert_eq!(seen.len(), 3);
    let missing: Vec<&str> = summary.missing.iter().map(|id| id.0.as_str()).collect();
    let expected: Vec<&str> = names[3..].iter().map(String::as_str).collect();
    assert_eq!((summary.results(), missing), (3, expected));
    assert!(summary.is_red());
}

#[test]
fn a_result_that_is_missing_makes_a_run_red_and_so_does_one_without_results() {
    let mut summary = Summary::default();
    assert!(summary.is_red());
    summary.count(&CaseReport::without_result(
        &case("a"),
        Status::Pass,
        String::new(),
    ));
    assert!(!summary.is_red());
    summary.close([CaseId("b".to_owned())]);
    assert!(summary.is_red());
}

#[test]
fn a_file_that_is_behind_is_red_only_where_nothing_may_be_written() {
    for locked in [false, true] {
        let mut summary = Summary {
            locked,
            ..Summary::default()
        };
        let mut report = CaseReport::without_result(&case("a"), Status::Pass, String::new());
        report.class = Some(Class::Returned);
        let mut seen = Worst::default();
        seen.see(Distance::Norm(2.0));
        report.comparisons = vec![Comparison {
            candidate: "two".to_owned(),
            candidate_class: Class::Returned,
            judgement: Judgement::new(Status::Pass, ""),
            divergences: Vec::new(),
            allowed: [("exact".to_owned(), seen)].into(),
            attribution: None,
        }];
        summary.count(&report);
        summary.close([]);
        assert_eq!(summary.unwritten.len(), 1, "{summary:?}");
        assert_eq!(summary.is_red(), locked);
    }
}

/// Fails as nothing may.
struct Panicking;

impl crate::executor::Executor for Panicking {
    fn run(&self, _: crate::executor::Job<'_>) -> Result<Answer, Problem> {
        panic!("a bug")
    }
}

#[test]
fn a_panic_is_the_case_that_it_happens_in() {
    let panicking = Leg {
        executor: Box::new(Panicking),
        ..leg("two", &[])
    };
    let legs = [leg("one", &[("a", "x"), ("b", "x")]), panicking];
    let (seen, summary) = run_over(&[case("a"), case("b")], &legs, |_| {}).unwrap();
    for (_, status, explanation) in &seen {
        assert_eq!(*status, Status::Broken);
        assert_eq!(explanation, "Parallax panicked: a bug");
    }
    assert_eq!(summary.of(Status::Broken), 2);
}

#[test]
fn a_record_has_the_same_bytes_whatever_the_number_of_jobs() {
    let names = names(40);
    let cases: Vec<Case> = names.iter().map(|name| case(name)).collect();
    let same: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let mut other = same.clone();
    other[7].1 = "y";
    other[31].1 = "y";
    let legs = [leg("a", &same), leg("b", &other)];
    let lines = |jobs: usize, fail_fast: bool| {
        let ledger = Ledger::default();
        let mut lines = Vec::new();
        let plan = Plan {
            jobs,
            fail_fast,
            ..plan(&cases, &legs, &ledger)
        };
        let mut sink = JsonLines(&mut lines);
        run(&plan, |event| {
            sink.event(event).unwrap();
            Ok(())
        })
        .unwrap();
        let read = crate::record::lines::read(&lines[..]).unwrap();
        assert_eq!(read.cases.len(), if fail_fast { 8 } else { 40 });
        lines
    };
    for fail_fast in [false, true] {
        let one = lines(1, fail_fast);
        for jobs in [2, 8] {
            assert_eq!(lines(jobs, fail_fast), one, "{jobs}");
        }
    }
}

#[test]
fn standard_error_is_kept_from_the_beginning_of_a_line_near_its_end() {
    assert_eq!(
        tail(
            "short
"
        ),
        "short
"
    );
    let long = "äöü line
"
    .repeat(2000);
    let kept = tail(&long);
    assert!(
        kept.len() <= KEPT
            && kept.starts_with(
                "äöü line
"
            )
            && long.ends_with(&kept)
    );
    let endless = "ä".repeat(KEPT);
    assert!(endless.ends_with(&tail(&endless)));
    assert!(tail(&endless).len() >= KEPT - 1);
}

fn raised(class: &str, message: &str) -> Outcome {
    let failure = Failure {
        exception: Some(Box::new(Exception::new(class, message))),
        ..Failure::new(Kind::Python, "raised")
    };
    Ending::Raised {
        failure,
        outputs: Vec::new(),
    }
    .into()
}

/// A leg that has the module `m`, or not, and answers to `b`.
fn probed(name: &str, probe: Outcome) -> Leg {
    let answers = [(lacking::request("m"), probe), (b"b".to_vec(), trap("x"))];
    scripted(name, answers.into())
}

fn needy() -> Case {
    Case {
        requires: vec![Requirement {
            module: "m".to_owned(),
            origin: "a.toml:1:1".to_owned(),
        }],
        ..case("a")
    }
}

#[test]
fn a_case_that_a_leg_lacks_a_module_for_is_skipped_on_all_and_red_unless_allowed() {
    let cases = [needy(), case("b")];
    let legs = [
        probed(
            "one",
            raised(
                "AttributeError",
                "module 'm' has no attribute 'ParallaxProbe'",
            ),
        ),
        probed("two", raised("ModuleNotFoundError", "No module named 'm'")),
    ];
    for allowed in [false, true] {
        let (seen, summary) = run_over(&cases, &legs, |plan| {
            plan.skip_allowed = if allowed { &|_| true } else { &|_| false }
        })
        .unwrap();
        let reason = "needs m, which two lacks: ModuleNotFoundError: No module named 'm'";
        assert_eq!((seen[0].1, seen[0].2.as_str()), (Status::Skip, reason));
        assert_eq!(summary.is_red(), !allowed);
        assert_eq!(summary.policies["exact"].cases, 1);
    }
}

#[test]
fn a_module_that_no_leg_has_is_a_mistake_of_the_file_that_names_it() {
    let absent = || raised("ModuleNotFoundError", "No module named 'm'");
    let legs = [probed("one", absent()), probed("two", absent())];
    let error = run_over(&[needy()], &legs, |_| {}).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("a.toml:1:1: no leg has the module \"m\""),
        "{error}"
    );
}

/// Answers otherwise every time.
struct Fickle(AtomicUsize);

impl crate::executor::Executor for Fickle {
    fn run(&self, _: crate::executor::Job<'_>) -> Result<crate::executor::Answer, Problem> {
        let time = self.0.fetch_add(1, Ordering::Relaxed);
        ScriptedExecutor([(Vec::new(), trap(&time.to_string()))].into()).run(crate::executor::Job {
            request: &[],
            transport: Transport::default(),
            node_path: Path::new("nodes"),
            limits: &Limits::default(),
            exact: Exact::default(),
        })
    }
}

#[test]
fn a_case_that_differs_from_itself_is_flaky_on_that_leg() {
    let fickle = Leg {
        executor: Box::new(Fickle(AtomicUsize::new(0))),
        ..leg("two", &[])
    };
    let legs = [leg("one", &[("a", "x")]), fickle];
    let (seen, summary) = run_over(&[case("a")], &legs, |plan| plan.repeat = 2).unwrap();
    assert_eq!(seen[0].1, Status::Flaky);
    assert!(
        seen[0]
            .2
            .starts_with("two differs from itself, run 2 from run 1: trap:"),
        "{seen:?}"
    );
    assert!(summary.is_red());
}

#[test]
fn one_leg_proves_nothing() {
    let error = run_over(&[case("a")], &[leg("a", &[("a", "x")])], |_| {}).unwrap_err();
    assert!(error.to_string().contains("fewer than two legs"), "{error}");
}

#[test]
fn nothing_is_said_twice_about_one_name() {
    let names: BTreeSet<&str> = Status::ALL.map(Status::name).into();
    assert_eq!(names.len(), Status::ALL.len());
}
