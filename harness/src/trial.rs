//! One case through its legs to a report: run, replay, accept and whatever asks again use this.

use std::borrow::Cow;
use std::path::Path;

use parallax_runtime::marshal::Transport;

use crate::attribute::attribute;
use crate::attribute::found::Question;
use crate::attribute::witness::Witnesses;
use crate::case::Case;
use crate::case::request::request;
use crate::error::Problem;
use crate::executor::{Answer, Job};
use crate::leg::Leg;
use crate::outcome::Outcome;
use crate::pinning;
use crate::record::{CaseReport, Comparison};
use crate::source::snapshots::Snapshots;
use crate::verdict::compare;
use crate::verdict::divergence::{Divergence, Verdict};
use crate::verdict::errors::aligned;
use crate::verdict::ledger::Ledger;
use crate::verdict::policy::Policy;
use crate::verdict::status::{Status, judge};

/// What every case of a run has in common.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    pub ledger: &'a Ledger,
    /// The pinned outcomes, where there are any.
    pub snapshots: Option<&'a Snapshots>,
    pub node_path: &'a Path,
    /// At least two; the first is the reference.
    pub legs: &'a [Leg],
    /// How the requests' arrays travel.
    pub transport: Transport,
}

/// A case that has been through all legs.
pub struct Trial {
    pub report: CaseReport,
    /// In the order of the legs.
    pub answers: Vec<Answer>,
}

/// Runs one case through every leg, compares and judges.
///
/// # Errors
/// The request can't be made, or an executor can't be run at all.
pub fn run_trial(setting: Setting<'_>, case: &Case) -> Result<Trial, Problem> {
    let answers = ask_all(setting, case)?;
    let (reference_leg, candidates) = split(setting.legs)?;
    let (reference, others) = split(&answers)?;
    let comparisons: Vec<Comparison> = candidates
        .iter()
        .zip(others)
        .map(|(leg, answer)| {
            compare_answers(
                setting.ledger,
                case,
                [(reference_leg, reference), (leg, answer)],
            )
        })
        .collect();
    let mut report = CaseReport::of(case, reference.outcome.class(), comparisons);
    report.wall = answers.iter().map(|answer| answer.wall).collect();
    let named = || {
        setting
            .legs
            .iter()
            .map(|leg| leg.name.clone())
            .zip(&answers)
    };
    report.fuel = named()
        .filter_map(|(leg, answer)| Some((leg, answer.fuel?)))
        .collect();
    if let Some(snapshots) = setting.snapshots {
        pinning::check(snapshots, case, setting.legs, &answers, &mut report);
    }
    Ok(Trial { report, answers })
}

/// Runs one case several times. Where two times differ on one leg, the case is flaky, whatever the comparison between legs says.
///
/// # Errors
/// Those of [`run_trial`].
pub fn run_repeatedly(setting: Setting<'_>, case: &Case, times: usize) -> Result<Trial, Problem> {
    let mut first = run_trial(setting, case)?;
    for time in 2..=times {
        let again = run_trial(setting, case)?;
        for (leg, (answer, other)) in setting
            .legs
            .iter()
            .zip(first.answers.iter().zip(&again.answers))
        {
            let exact = Policy::exact().into();
            let verdict = compare(&answer.outcome, &other.outcome, &exact, case.ignored);
            if let Verdict::Diverged(divergences) = verdict {
                let shown = divergences.first().map(ToString::to_string);
                let explanation = format!(
                    "{} differs from itself, run {time} from run 1: {}",
                    leg.name,
                    shown.unwrap_or_default()
                );
                first.report.status = Status::Flaky;
                first.report.explanation = explanation;
                return Ok(first);
            }
        }
        // A verdict that comes and goes although no leg differs from itself can't be; if it does, it must not be lost.
        if again.report.status > first.report.status {
            return Ok(again);
        }
    }
    Ok(first)
}

/// Says of each comparison that fails which node differs first, and why; nothing, where the witnesses don't stand for the reference.
pub fn explain(setting: Setting<'_>, witnesses: &Witnesses, case: &Case, trial: &mut Trial) {
    let Ok(request) = request(case) else {
        return;
    };
    let (Ok((reference_leg, candidates)), Ok((reference, others))) =
        (split(setting.legs), split(&trial.answers))
    else {
        return;
    };
    if !witnesses.stand_for(&reference_leg.target) {
        return;
    }
    let compared = trial.report.comparisons.iter_mut();
    for ((leg, answer), comparison) in candidates.iter().zip(others).zip(compared) {
        if comparison.judgement.status != Status::Fail {
            continue;
        }
        let sides = (reference_leg.side(), leg.side());
        let expected = setting.ledger.expected(&case.id, sides.0, sides.1);
        let admitted =
            |divergence: &Divergence| expected.iter().any(|(_, pin)| pin.admits(divergence));
        let all = comparison.divergences.iter();
        // What was not compared is no difference of the legs.
        let divergences: Vec<&Divergence> = all
            .filter(|divergence| divergence.excusable && !admitted(divergence))
            .collect();
        if divergences.is_empty() {
            continue;
        }
        let outcomes = aligned_answers(case, [(reference_leg, reference), (leg, answer)]);
        let question = Question {
            request: &request,
            job: Job {
                request: &request,
                transport: Transport::default(),
                node_path: setting.node_path,
                limits: &case.limits,
                exact: case.exact,
            },
            witnesses,
            executors: [&*reference_leg.executor, &*leg.executor],
            targets: [&reference_leg.target, &leg.target],
            outcomes: outcomes.each_ref().map(|outcome| &**outcome),
            divergences: &divergences,
        };
        let attribution = attribute(&question);
        let decides = trial.report.explanation == comparison.judgement.explanation;
        let warned = |divergence: &&Divergence| divergence.path.root_name() == "warnings";
        if !attribution.may_be_silent() {
            comparison.judgement.is_not_silent();
        } else if attribution.is_cut_integer() && !divergences.iter().any(warned) {
            comparison.judgement.is_silent();
        }
        if decides {
            trial.report.explanation = comparison.judgement.explanation.clone();
        }
        comparison.attribution = Some(attribution);
    }
}

/// Runs one case through every leg, and gives the answers as the executors gave them.
///
/// # Errors
/// The request can't be made, or an executor can't be run at all.
pub fn ask_all(setting: Setting<'_>, case: &Case) -> Result<Vec<Answer>, Problem> {
    let request = setting.transport.carry(request(case)?);
    let run = |leg: &Leg| {
        leg.executor.run(Job {
            request: &request,
            transport: setting.transport,
            node_path: setting.node_path,
            limits: &case.limits,
            exact: case.exact,
        })
    };
    setting.legs.iter().map(run).collect()
}

/// Two legs' answers as they are compared.
fn aligned_answers<'a>(case: &Case, sides: [(&Leg, &'a Answer); 2]) -> [Cow<'a, Outcome>; 2] {
    let told = sides.map(|(leg, answer)| (leg.target.as_str(), &answer.outcome));
    aligned(told, case.exact.errors)
}

/// The reference, and what is compared with it.
///
/// # Errors
/// There is nothing to compare with.
pub fn split<T>(items: &[T]) -> Result<(&T, &[T]), Problem> {
    items
        .split_first()
        .filter(|(_, rest)| !rest.is_empty())
        .ok_or_else(|| {
            Problem::usage("there is nothing to compare with fewer than two legs")
                .hint("leave --leg out, or give it twice; the first is the reference")
        })
}

/// Compares and judges one candidate.
fn compare_answers(ledger: &Ledger, case: &Case, sides: [(&Leg, &Answer); 2]) -> Comparison {
    let [(reference_leg, _), (leg, answer)] = sides;
    let expected = ledger.expected(&case.id, reference_leg.side(), leg.side());
    let [reference, candidate] = aligned_answers(case, sides);
    let verdict = compare(&reference, &candidate, &case.policies, case.ignored);
    let judgement = judge(case, &reference, &verdict, &expected);
    let (divergences, allowed) = match verdict {
        Verdict::Diverged(divergences) => (divergences, Default::default()),
        Verdict::WithinPolicy(allowed) => (Vec::new(), allowed),
        Verdict::Equal => Default::default(),
    };
    Comparison {
        candidate: leg.name.clone(),
        candidate_class: answer.outcome.class(),
        judgement,
        divergences,
        allowed,
        attribution: None,
    }
}
