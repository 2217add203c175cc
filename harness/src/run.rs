//! A run: every case through every leg, judged, reported in order.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use crate::attribute::witness::Witnesses;
use crate::case::Case;
use crate::error::Problem;
use crate::event::{Notice, RunEvent};
use crate::executor::Answer;
use crate::leg::Leg;
use crate::leg::lacking::Lacking;
use crate::record::summary::LegInfo;
use crate::record::{CaseReport, RunInfo, Summary};
use crate::trial::{Setting, Trial, explain, run_repeatedly, split};
use crate::verdict::status::Status;

/// What to run, and how.
pub struct Plan<'a> {
    pub cases: Vec<&'a Case>,
    pub setting: Setting<'a>,
    /// What says why a case is red, if anything does.
    pub witnesses: Option<&'a Witnesses>,
    /// How many cases run at once.
    pub jobs: usize,
    /// How often each case is run; one that differs from itself is flaky.
    pub repeat: usize,
    /// Whether the first red case ends the run.
    pub fail_fast: bool,
    /// Whether a case may be skipped without being red.
    pub skip_allowed: &'a (dyn Fn(&Case) -> bool + Sync),
    /// Whether files that ought to be written make the run red.
    pub locked: bool,
}

/// Upper bound on the cases of a run that are explained: each takes some processes, and of hundreds nobody reads on.
const EXPLAINED: usize = 200;

/// Bytes of standard error that are kept per leg, from its end.
const KEPT: usize = 8 << 10;

/// Runs a plan; `emit` gets every event in a fixed order.
///
/// # Errors
/// What keeps the run as a whole from going on, and those of `emit`; a failure of Parallax in one case is that case's status.
pub fn run(
    plan: &Plan<'_>,
    mut emit: impl FnMut(&RunEvent) -> Result<(), Problem>,
) -> Result<Summary, Problem> {
    #[expect(clippy::disallowed_methods, reason = "says how long the run took")]
    let started = Instant::now();
    let Setting {
        legs, node_path, ..
    } = plan.setting;
    split(legs)?;
    // Before anything is said: a wrong name of a module is no run.
    let lacking = Lacking::probe(&plan.cases, node_path, legs)?;
    emit(&RunEvent::Started(RunInfo {
        cases: plan.cases.iter().map(|case| case.id.clone()).collect(),
        transport: plan.setting.transport.name().to_owned(),
        legs: legs.iter().map(LegInfo::of).collect(),
    }))?;
    let mut summary = Summary {
        locked: plan.locked,
        ..Summary::default()
    };
    let mut done = 0;
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
                    let trial = try_once(plan, lacking, case);
                    if sender.send((index, trial)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut explained = 0;
        let result = in_order(receiver, |index, mut trial| {
            // In the order of the cases, so that which ones are explained doesn't depend on time.
            if trial.report.is_red() && explained < EXPLAINED {
                explained += 1;
                explain_safely(plan, index, &mut trial);
            }
            let report = trial.report;
            for notice in take_notices(legs) {
                emit(&RunEvent::Notice(notice))?;
            }
            done = index + 1;
            summary.count(&report);
            let go_on = !(plan.fail_fast && report.is_red());
            emit(&RunEvent::CaseFinished(Box::new(report)))?;
            Ok(go_on)
        });
        stop.store(true, Ordering::Relaxed);
        result
    })?;
    // Reports come in order, so that what is missing is what comes after the last one.
    summary.close(plan.cases[done..].iter().map(|case| case.id.clone()));
    #[expect(clippy::disallowed_methods, reason = "says how long the run took")]
    let wall = started.elapsed();
    summary.wall = wall;
    emit(&RunEvent::Finished(summary.clone()))?;
    Ok(summary)
}

/// Hands reports on by index, until one says that it was enough; only those that overtook a slower case wait.
fn in_order(
    receiver: mpsc::Receiver<(usize, Trial)>,
    mut hand_on: impl FnMut(usize, Trial) -> Result<bool, Problem>,
) -> Result<(), Problem> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (index, trial) in receiver {
        waiting.insert(index, trial);
        while let Some(trial) = waiting.remove(&next) {
            if !hand_on(next, trial)? {
                return Ok(());
            }
            next += 1;
        }
    }
    Ok(())
}

/// A case that a leg can't run is run on none: there is nothing to compare with.
fn try_once(plan: &Plan<'_>, lacking: &Lacking, case: &Case) -> Trial {
    let mut trial = match lacking.reason(case, plan.setting.legs) {
        Some(reason) => without_answers(CaseReport::without_result(case, Status::Skip, reason)),
        None => tried(plan, case),
    };
    trial.report.skip_allowed = trial.report.status == Status::Skip && (plan.skip_allowed)(case);
    trial
}

fn without_answers(report: CaseReport) -> Trial {
    Trial {
        report,
        answers: Vec::new(),
    }
}

/// Says why a case is red, if that can be said: where Parallax fails in it, the case keeps the result that it has.
fn explain_safely(plan: &Plan<'_>, index: usize, trial: &mut Trial) {
    if let Some(witnesses) = plan.witnesses {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            explain(plan.setting, witnesses, plan.cases[index], trial);
        }));
    }
}

/// A case that is run, with its answers if it is red. Whatever fails in Parallax itself meanwhile is this case's and no other's.
fn tried(plan: &Plan<'_>, case: &Case) -> Trial {
    let broken = |reason, hint| {
        without_answers(CaseReport {
            hint,
            ..CaseReport::without_result(case, Status::Broken, reason)
        })
    };
    let trial = catch_unwind(AssertUnwindSafe(|| {
        run_repeatedly(plan.setting, case, plan.repeat)
    }));
    match trial {
        Ok(Ok(mut trial)) => {
            if trial.report.is_red() {
                trial.report.stderr = standard_error(plan.setting.legs, &trial.answers);
            } else {
                trial.answers.clear();
            }
            trial
        }
        Ok(Err(problem)) => broken(problem.message, problem.hint),
        Err(panic) => broken(
            format!("Parallax panicked: {}", said(&*panic)),
            Some(format!(
                "this is a fault of Parallax; `parallax replay {}` shows whether it comes again",
                case.id
            )),
        ),
    }
}

/// The text of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
}

/// What the legs wrote to standard error, by their names; those that wrote nothing are left out.
fn standard_error(legs: &[Leg], answers: &[Answer]) -> BTreeMap<String, String> {
    let named = legs.iter().zip(answers);
    named
        .map(|(leg, answer)| (leg.name.clone(), tail(&written(answer))))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

/// What was printed has the names of the case's own directories taken out, so that it is the same in every run. Some endings leave only the raw text.
fn written(answer: &Answer) -> Cow<'_, str> {
    let printed = &answer.outcome.printed.stderr;
    match printed.is_empty() {
        false => String::from_utf8_lossy(printed),
        true => Cow::Borrowed(&answer.stderr),
    }
}

/// The end of a text, from the beginning of a line where that is near.
fn tail(text: &str) -> String {
    let start = text.ceil_char_boundary(text.len().saturating_sub(KEPT));
    let end = &text[start..];
    match end.split_once('\n') {
        Some((_, lines)) if start > 0 && !lines.is_empty() => lines.to_owned(),
        _ => end.to_owned(),
    }
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

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
