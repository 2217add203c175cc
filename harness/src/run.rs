//! A run: every case through every leg, judged, reported in order.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use parallax_runtime::marshal::Transport;

use crate::case::Case;
use crate::compare::{Verdict, compare};
use crate::error::Problem;
use crate::event::{CaseReport, Comparison, Notice, RunEvent, RunInfo, Summary};
use crate::executor::{Answer, Job, Leg};
use crate::ledger::{Entry, Judgement, Ledger, Status, judge};
use crate::outcome::Class;
use crate::requirement::Lacking;

/// What to run, and how.
pub struct Plan<'a> {
    pub cases: Vec<&'a Case>,
    pub ledger: &'a Ledger,
    pub node_path: &'a Path,
    /// At least two; the first is the reference.
    pub legs: &'a [Leg],
    /// How the requests' arrays travel.
    pub transport: Transport,
    /// How many cases run at once.
    pub jobs: usize,
    pub toolchain: BTreeMap<String, String>,
}

/// Runs a plan; `emit` gets every event in a fixed order.
///
/// # Errors
/// The first failure of Parallax itself, or of `emit`; what an executor does is never one.
pub fn run(
    plan: &Plan<'_>,
    mut emit: impl FnMut(&RunEvent) -> Result<(), Problem>,
) -> Result<Summary, Problem> {
    let started = Instant::now();
    emit(&RunEvent::Started(RunInfo {
        cases: plan.cases.len(),
        legs: plan.legs.iter().map(|leg| leg.name.clone()).collect(),
        toolchain: plan.toolchain.clone(),
    }))?;
    let lacking = Lacking::probe(&plan.cases, plan.node_path, plan.legs)?;
    let mut summary = Summary::default();
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..plan.jobs {
            let (sender, next, stop, lacking) = (sender.clone(), &next, &stop, &lacking);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = plan.cases.get(index) else {
                        break;
                    };
                    let report = match lacking.reason(case, plan.legs) {
                        Some(reason) => skipped(plan, case, &reason),
                        None => run_case(plan, case),
                    };
                    if sender.send((index, report)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let result = in_order(receiver, |report| {
            for notice in take_notices(plan.legs) {
                emit(&RunEvent::Notice(notice))?;
            }
            summary.count(&report);
            emit(&RunEvent::CaseFinished(Box::new(report)))
        });
        stop.store(true, Ordering::Relaxed);
        result
    })?;
    summary.wall = started.elapsed();
    emit(&RunEvent::Finished(summary.clone()))?;
    Ok(summary)
}

/// Hands reports on by index; only those that overtook a slower case wait.
fn in_order(
    receiver: mpsc::Receiver<(usize, Result<CaseReport, Problem>)>,
    mut hand_on: impl FnMut(CaseReport) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (index, report) in receiver {
        waiting.insert(index, report?);
        while let Some(report) = waiting.remove(&next) {
            hand_on(report)?;
            next += 1;
        }
    }
    Ok(())
}

fn run_case(plan: &Plan<'_>, case: &Case) -> Result<CaseReport, Problem> {
    let answers = answer_all(case, plan.node_path, plan.legs, plan.transport)?;
    let mut comparisons = Vec::new();
    let (reference_leg, candidates) = split(plan.legs)?;
    let (reference, others) = split(&answers)?;
    for (leg, answer) in candidates.iter().zip(others) {
        let entries = expected_entries(plan.ledger, case, reference_leg, leg);
        comparisons.push(compare_answers(case, &entries, reference, leg, answer));
    }
    Ok(CaseReport {
        id: case.id.clone(),
        description: case.description.clone(),
        policies: case.policies.clone(),
        class: reference.outcome.class(),
        status: worst_status(&comparisons),
        comparisons,
        wall: answers.iter().map(|answer| answer.wall).collect(),
        fuel: fuel(plan.legs, &answers),
    })
}

/// A case that a leg can't run is run on none: there is nothing to compare with.
fn skipped(plan: &Plan<'_>, case: &Case, reason: &str) -> Result<CaseReport, Problem> {
    let (_, candidates) = split(plan.legs)?;
    let comparisons = candidates.iter().map(|leg| Comparison {
        candidate: leg.name.clone(),
        candidate_class: Class::Unsupported,
        judgement: Judgement::new(Status::Skip, reason),
        divergences: Vec::new(),
        allowed: BTreeMap::new(),
    });
    Ok(CaseReport {
        id: case.id.clone(),
        description: case.description.clone(),
        policies: case.policies.clone(),
        class: Class::Unsupported,
        status: Status::Skip,
        comparisons: comparisons.collect(),
        fuel: Vec::new(),
        wall: vec![Duration::ZERO; plan.legs.len()],
    })
}

fn fuel(legs: &[Leg], answers: &[Answer]) -> Vec<(String, u64)> {
    let metered = legs.iter().zip(answers);
    metered
        .filter_map(|(leg, answer)| Some((leg.name.clone(), answer.fuel?)))
        .collect()
}

/// Runs one case through every leg.
///
/// # Errors
/// The request can't be made, or an executor can't be run at all.
pub fn answer_all(
    case: &Case,
    node_path: &Path,
    legs: &[Leg],
    transport: Transport,
) -> Result<Vec<Answer>, Problem> {
    let request = transport.carry(case.request()?);
    legs.iter()
        .map(|leg| {
            leg.executor.run(Job {
                request: &request,
                transport,
                node_path,
                limits: &case.limits,
            })
        })
        .collect()
}

/// What the executors of the legs have to say about themselves.
pub fn take_notices(legs: &[Leg]) -> Vec<Notice> {
    let of = |leg: &Leg| {
        let texts = leg.executor.take_notices().into_iter();
        let leg = leg.name.clone();
        texts.map(move |text| Notice {
            leg: leg.clone(),
            text,
        })
    };
    legs.iter().flat_map(of).collect()
}

fn split<T>(items: &[T]) -> Result<(&T, &[T]), Problem> {
    items
        .split_first()
        .filter(|(_, rest)| !rest.is_empty())
        .ok_or_else(|| {
            Problem::usage("there is nothing to compare with fewer than two legs")
                .hint("leave --leg out, or give it twice; the first is the reference")
        })
}

/// The ledger lists differences between targets, so two legs of one target have none to expect.
pub fn expected_entries<'a>(
    ledger: &'a Ledger,
    case: &Case,
    reference: &Leg,
    candidate: &Leg,
) -> Vec<&'a Entry> {
    ledger
        .entries
        .iter()
        .filter(|entry| entry.case == case.id && reference.target != candidate.target)
        .collect()
}

/// Compares and judges one candidate.
pub fn compare_answers(
    case: &Case,
    entries: &[&Entry],
    reference: &Answer,
    leg: &Leg,
    answer: &Answer,
) -> Comparison {
    let verdict = compare(&reference.outcome, &answer.outcome, &case.policies);
    let judgement = judge(case, &reference.outcome, &verdict, entries);
    let (divergences, allowed) = match verdict {
        Verdict::Diverged(divergences) => (divergences, BTreeMap::new()),
        Verdict::WithinPolicy(allowed) => (Vec::new(), allowed),
        Verdict::Equal | Verdict::Undecided(_) => (Vec::new(), BTreeMap::new()),
    };
    Comparison {
        candidate: leg.name.clone(),
        candidate_class: answer.outcome.class(),
        judgement,
        divergences,
        allowed,
    }
}

fn worst_status(comparisons: &[Comparison]) -> Status {
    comparisons
        .iter()
        .map(|comparison| comparison.judgement.status)
        .max()
        // Nothing compared is nothing proved.
        .unwrap_or(Status::Skip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{CaseId, Limits};
    use crate::executor::scripted::ScriptedExecutor;
    use crate::outcome::Outcome;
    use crate::policy::Policy;
    use crate::requirement;
    use parallax_runtime::outcome::{Exception, Failure, Kind};

    fn case(name: &str) -> Case {
        Case {
            id: CaseId(name.to_owned()),
            description: String::new(),
            manifest: name.as_bytes().to_vec(),
            inputs: Vec::new(),
            expect: Class::Trapped,
            policies: Policy::exact().into(),
            requires: Vec::new(),
            limits: Limits::default(),
        }
    }

    fn leg(name: &str, answers: &[(&str, &str)]) -> Leg {
        let answers = answers
            .iter()
            .map(|(request, trap)| {
                (
                    request.as_bytes().to_vec(),
                    Outcome::Trapped((*trap).to_owned()),
                )
            })
            .collect();
        Leg {
            name: name.to_owned(),
            target: name.to_owned(),
            executor: Box::new(ScriptedExecutor(answers)),
        }
    }

    fn statuses(cases: &[Case], legs: &[Leg]) -> Result<Vec<(String, Status)>, Problem> {
        let ledger = Ledger::default();
        let plan = Plan {
            cases: cases.iter().collect(),
            ledger: &ledger,
            node_path: Path::new("nodes"),
            legs,
            transport: Transport::default(),
            jobs: 3,
            toolchain: BTreeMap::new(),
        };
        let mut seen = Vec::new();
        run(&plan, |event| {
            if let RunEvent::CaseFinished(report) = event {
                seen.push((report.id.0.clone(), report.status));
            }
            Ok(())
        })?;
        Ok(seen)
    }

    #[test]
    fn cases_are_reported_in_order_with_their_own_status() {
        let names: Vec<String> = (0..50).map(|index| format!("{index:02}")).collect();
        let cases: Vec<Case> = names.iter().map(|name| case(name)).collect();
        let same: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        let mut other = same.clone();
        other[7].1 = "y";
        let seen = statuses(&cases, &[leg("a", &same), leg("b", &other)]).unwrap();
        let expected: Vec<(String, Status)> = names
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let status = if index == 7 {
                    Status::Fail
                } else {
                    Status::Pass
                };
                (name.clone(), status)
            })
            .collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_case_that_a_leg_lacks_a_module_for_is_skipped_on_all_and_never_a_pass() {
        let raised = |class: &str| {
            Outcome::Raised(Failure {
                exception: Some(Box::new(Exception {
                    class: class.to_owned(),
                    message: "No module named 'm'\nlong advice".to_owned(),
                    traceback: Vec::new(),
                })),
                ..Failure::new(Kind::Python, "raised")
            })
        };
        let leg = |name: &str, class: &str| {
            let mut leg = leg(name, &[("b", "x")]);
            let answers = [
                (requirement::request("m"), raised(class)),
                (b"b".to_vec(), Outcome::Trapped("x".to_owned())),
            ];
            leg.executor = Box::new(ScriptedExecutor(answers.into()));
            leg
        };
        let needy = Case {
            requires: vec!["m".to_owned()],
            ..case("a")
        };
        let cases = [needy, case("b")];
        let legs = [
            leg("one", "AttributeError"),
            leg("two", "ModuleNotFoundError"),
        ];
        let plan = Plan {
            cases: cases.iter().collect(),
            ledger: &Ledger::default(),
            node_path: Path::new("nodes"),
            legs: &legs,
            transport: Transport::default(),
            jobs: 1,
            toolchain: BTreeMap::new(),
        };
        let mut reasons = Vec::new();
        let summary = run(&plan, |event| {
            if let RunEvent::CaseFinished(report) = event {
                reasons.push(report.explanation().to_owned());
            }
            Ok(())
        })
        .unwrap();
        let reason = "needs m, which two lacks: ModuleNotFoundError: No module named 'm'";
        assert_eq!(reasons, [reason, ""]);
        assert_eq!((summary.of(Status::Skip), summary.of(Status::Pass)), (1, 1));
        assert_eq!(summary.policies["exact"].cases, 1);
    }

    #[test]
    fn one_leg_proves_nothing() {
        let error = statuses(&[case("a")], &[leg("a", &[("a", "x")])]).unwrap_err();
        assert!(error.to_string().contains("fewer than two legs"), "{error}");
    }

    #[test]
    fn a_failure_of_the_harness_ends_the_run() {
        assert!(statuses(&[case("a")], &[leg("a", &[]), leg("b", &[])]).is_err());
    }
}
