//! Cases measured in rounds. The executors of a round are new ones, because where a process happens to lie in memory is part of its speed; within a round the legs take turns, in random order, so that the machine's mood is the same for all.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use parallax_runtime::marshal::Transport;

use crate::case::request::{asking, request};
use crate::case::{Case, CaseId};
use crate::error::Problem;
use crate::executor::{Answer, Job};
use crate::generate::random::Random;
use crate::leg::Leg;
use crate::record::measurement::{LegSamples, Measurement, Quantity};
use crate::statistics::quantile::median;
use crate::trial::{Setting, run_trial, split};
use crate::verdict::compare;
use crate::verdict::divergence::Verdict;
use crate::verdict::ledger::Ledger;
use crate::verdict::policy::Policy;
use crate::verdict::status::Status;

/// What to measure, and for how long.
pub struct Rounds<'a> {
    pub cases: &'a [&'a Case],
    pub ledger: &'a Ledger,
    pub node_path: &'a Path,
    pub transport: Transport,
    /// How many rounds there are.
    pub count: usize,
    /// How long each round takes turns with one case.
    pub turns: Duration,
}

/// Turns that a case has in a round at least: half of them may be its warming up.
const LEAST: usize = 6;

/// And at most: more tell no more.
const MOST: usize = 400;

/// What was measured of a case, or why it wasn't.
pub type Found = Result<Vec<Measurement>, String>;

/// A case on its way through the rounds.
struct Subject<'a> {
    case: &'a Case,
    request: Vec<u8>,
    /// What each leg has answered first; every other answer has to be the same.
    first: Vec<Answer>,
    /// By quantity, leg and round.
    samples: BTreeMap<Quantity, Vec<Vec<Vec<u64>>>>,
    failed: Option<String>,
}

impl Rounds<'_> {
    /// Takes all samples. `make` makes the legs of a round, of which the first is the reference; `tell` hears of each round that begins.
    ///
    /// Only a case that passes is measured, and only answers that are the verified one: the time of something else means nothing.
    ///
    /// # Errors
    /// The legs can't be made, or an executor can't be run.
    pub fn take(
        &self,
        make: &dyn Fn() -> Result<Vec<Leg>, Problem>,
        tell: &mut dyn FnMut(usize),
    ) -> Result<Vec<(CaseId, Found)>, Problem> {
        let mut subjects: Vec<Subject<'_>> =
            self.cases.iter().map(|case| Subject::of(case)).collect();
        let mut random = Random(1);
        let mut names = Vec::new();
        for round in 0..self.count {
            tell(round);
            let legs = make()?;
            split(&legs)?;
            if round == 0 {
                names = legs.iter().map(|leg| leg.name.clone()).collect();
                for subject in &mut subjects {
                    self.verify(subject, &legs)?;
                }
            }
            for index in shuffled(subjects.len(), &mut random) {
                let subject = &mut subjects[index];
                if subject.failed.is_none() {
                    self.turns(subject, &legs, &mut random)?;
                }
            }
        }
        let found = subjects.into_iter().map(|subject| subject.found(&names));
        Ok(found.collect())
    }

    /// Says of a case that can't be measured why, and asks the others for the first time.
    fn verify(&self, subject: &mut Subject<'_>, legs: &[Leg]) -> Result<(), Problem> {
        let setting = Setting {
            ledger: self.ledger,
            snapshots: None,
            node_path: self.node_path,
            legs,
            transport: self.transport,
        };
        let case = subject.case;
        match request(case).map(|request| asking(&request, "timed")) {
            Ok(Some(request)) => subject.request = self.transport.carry(request),
            Ok(None) => subject.failed = Some("its request is none that can be timed".to_owned()),
            Err(problem) => subject.failed = Some(problem.message),
        }
        if subject.failed.is_some() {
            return Ok(());
        }
        let trial = run_trial(setting, case)?;
        if !matches!(trial.report.status, Status::Pass | Status::Expected) {
            let status = trial.report.status.name();
            subject.failed = Some(format!("{status}: {}", trial.report.explanation));
            return Ok(());
        }
        for leg in legs {
            subject.first.push(leg.executor.run(self.job(subject))?);
        }
        // The times alone are to differ from what was compared.
        for ((leg, timed), verified) in legs.iter().zip(&subject.first).zip(&trial.answers) {
            if let Some(what) = differs(case, verified, timed) {
                subject.failed = Some(format!("{} differs when it is timed: {what}", leg.name));
            }
        }
        Ok(())
    }

    fn job<'s>(&'s self, subject: &'s Subject<'_>) -> Job<'s> {
        Job {
            request: &subject.request,
            transport: self.transport,
            node_path: self.node_path,
            limits: &subject.case.limits,
            exact: subject.case.exact,
        }
    }

    /// One round of a case.
    fn turns(
        &self,
        subject: &mut Subject<'_>,
        legs: &[Leg],
        random: &mut Random,
    ) -> Result<(), Problem> {
        let started = Instant::now();
        let mut taken: BTreeMap<Quantity, Vec<Vec<u64>>> = BTreeMap::new();
        for turn in 0..MOST {
            if turn >= LEAST && started.elapsed() >= self.turns {
                break;
            }
            for index in shuffled(legs.len(), random) {
                let leg = &legs[index];
                let answer = leg.executor.run(self.job(subject))?;
                if let Some(what) = differs(subject.case, &subject.first[index], &answer) {
                    subject.failed = Some(format!("{} differs from itself: {what}", leg.name));
                    return Ok(());
                }
                for (quantity, sample) in quantities(&answer) {
                    let by_leg = taken.entry(quantity);
                    by_leg.or_insert_with(|| vec![Vec::new(); legs.len()])[index].push(sample);
                }
            }
        }
        for (quantity, by_leg) in taken {
            let known = subject.samples.entry(quantity);
            let known = known.or_insert_with(|| vec![Vec::new(); legs.len()]);
            for (rounds, round) in known.iter_mut().zip(by_leg) {
                rounds.push(round);
            }
        }
        Ok(())
    }
}

impl<'a> Subject<'a> {
    fn of(case: &'a Case) -> Self {
        Subject {
            case,
            request: Vec::new(),
            first: Vec::new(),
            samples: BTreeMap::new(),
            failed: None,
        }
    }

    fn found(self, legs: &[String]) -> (CaseId, Found) {
        let id = self.case.id.clone();
        if let Some(why) = self.failed {
            return (id, Err(why));
        }
        let samples = self.samples.into_iter();
        let measured = samples.map(|(quantity, by_leg)| Measurement {
            case: id.clone(),
            quantity,
            legs: legs
                .iter()
                .zip(by_leg)
                .map(|(leg, rounds)| LegSamples {
                    leg: leg.clone(),
                    rounds,
                })
                .collect(),
        });
        let measured = measured.collect();
        (id, Ok(measured))
    }
}

/// The first difference of two answers of one leg.
pub fn differs(case: &Case, one: &Answer, other: &Answer) -> Option<String> {
    let exact = Policy::exact().into();
    match compare(&one.outcome, &other.outcome, &exact, case.ignored) {
        Verdict::Diverged(divergences) => Some(
            divergences
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
        ),
        Verdict::Equal | Verdict::WithinPolicy(_) => None,
    }
}

/// What one answer tells of times.
fn quantities(answer: &Answer) -> Vec<(Quantity, u64)> {
    let whole = u64::try_from(answer.wall.as_nanos()).unwrap_or(u64::MAX);
    let mut found = vec![(Quantity::Whole, whole)];
    let Some(phases) = &answer.outcome.phases else {
        return found;
    };
    found.extend([
        (Quantity::Parse, phases.parse_ns),
        (Quantity::Load, phases.load_ns),
        (Quantity::Run, phases.run_ns),
    ]);
    for times in &phases.nodes {
        let node = || times.node.clone();
        found.push((Quantity::NodeLoad { node: node() }, times.load_ns));
        if let Some((&first, later)) = times.process_ns.split_first() {
            found.push((Quantity::FirstCall { node: node() }, first));
            let later: Vec<f64> = later.iter().map(|&taken| taken as f64).collect();
            if let Some(middle) = median(&later) {
                found.push((Quantity::LaterCalls { node: node() }, middle.round() as u64));
            }
        }
    }
    found
}

/// The numbers below a count in random order (Fisher and Yates).
fn shuffled(count: usize, random: &mut Random) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, random.below(last as u64 + 1) as usize);
    }
    order
}
