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
use crate::trial::{Setting, Trial, run_trial, split};
use crate::verdict::compare;
use crate::verdict::divergence::Verdict;
use crate::verdict::ledger::Ledger;
use crate::verdict::policy::Policy;
use crate::verdict::status::Status;

/// What to measure, and for how long.
pub struct Rounds<'a> {
    /// What is measured against each other. Each side has the same cases, in the same order.
    pub sides: &'a [Side<'a>],
    pub transport: Transport,
    /// Whether the executors are asked for the times of single calls.
    pub timed: bool,
    /// How many rounds there are.
    pub count: usize,
    /// How long each round takes turns with one case.
    pub turns: Duration,
}

/// One corpus and one build.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// Stands behind the names of its legs; nothing for the only side.
    pub label: &'a str,
    pub cases: &'a [&'a Case],
    pub ledger: &'a Ledger,
    pub node_path: &'a Path,
    /// Makes the legs of a round, of which the first is the reference.
    pub make: &'a dyn Fn() -> Result<Vec<Leg>, Problem>,
}

impl<'a> Side<'a> {
    /// The same with other cases.
    pub fn with(&self, cases: &'a [&'a Case]) -> Self {
        Side { cases, ..*self }
    }
}

/// Turns that a case has in a round at least: half of them may be its warming up.
const LEAST: usize = 6;

/// And at most: more tell no more.
const MOST: usize = 400;

/// What was measured of a case, or why it wasn't.
pub type Found = Result<Vec<Measurement>, Lost>;

/// Why nothing was measured of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The side on which it is so, if it is one's.
    pub side: Option<usize>,
    pub why: String,
}

/// A case on its way through the rounds.
struct Subject<'a> {
    /// Of each side.
    cases: Vec<&'a Case>,
    requests: Vec<Vec<u8>>,
    /// What each leg of each side has answered first; every other answer has to be the same.
    first: Vec<Answer>,
    /// By quantity, leg and round.
    samples: BTreeMap<Quantity, Vec<Vec<Vec<u64>>>>,
    failed: Option<Lost>,
}

/// The legs of a round, each with the side that it is of.
type Contenders = Vec<(usize, Leg)>;

impl Rounds<'_> {
    /// Takes all samples. `tell` hears of each round that begins.
    ///
    /// Only a case that passes is measured, and only answers that are the verified one: the time of something else means nothing.
    /// For the same reason all sides have to answer the same.
    ///
    /// # Errors
    /// The legs can't be made, or an executor can't be run.
    pub fn take(&self, tell: &mut dyn FnMut(usize)) -> Result<Vec<(CaseId, Found)>, Problem> {
        let count = self.sides.iter().map(|side| side.cases.len()).min();
        let mut subjects: Vec<Subject<'_>> = (0..count.unwrap_or_default())
            .map(|index| Subject::of(self.sides.iter().map(|side| side.cases[index]).collect()))
            .collect();
        let mut random = Random(1);
        let mut names = Vec::new();
        for round in 0..self.count {
            tell(round);
            let legs = self.legs()?;
            if round == 0 {
                names = self.names(&legs);
                for subject in &mut subjects {
                    self.verify(subject, &legs)?;
                }
            }
            let contenders: Contenders = legs
                .into_iter()
                .enumerate()
                .flat_map(|(side, legs)| legs.into_iter().map(move |leg| (side, leg)))
                .collect();
            for index in shuffled(subjects.len(), &mut random) {
                let subject = &mut subjects[index];
                if subject.failed.is_none() {
                    self.turns(subject, &contenders, &mut random)?;
                }
            }
        }
        let found = subjects.into_iter().map(|subject| subject.found(&names));
        Ok(found.collect())
    }

    /// New ones, by side.
    fn legs(&self) -> Result<Vec<Vec<Leg>>, Problem> {
        let made = self.sides.iter().map(|side| {
            let legs = (side.make)()?;
            split(&legs)?;
            Ok(legs)
        });
        made.collect()
    }

    fn names(&self, legs: &[Vec<Leg>]) -> Vec<String> {
        let sides = self.sides.iter().zip(legs);
        let names = sides.flat_map(|(side, legs)| {
            legs.iter().map(|leg| match side.label {
                "" => leg.name.clone(),
                label => format!("{}, {label}", leg.name),
            })
        });
        names.collect()
    }

    /// Says of a case that can't be measured why, and asks the others for the first time.
    fn verify(&self, subject: &mut Subject<'_>, legs: &[Vec<Leg>]) -> Result<(), Problem> {
        for (side, legs) in self.sides.iter().zip(legs) {
            let index = subject.requests.len();
            let case = subject.cases[index];
            let carried = request(case).map(|request| match self.timed {
                true => asking(&request, "timed"),
                false => Some(request),
            });
            match carried {
                Ok(Some(request)) => subject.requests.push(self.transport.carry(request)),
                Ok(None) => subject.lose(index, "its request is none that can be timed".to_owned()),
                Err(problem) => subject.lose(index, problem.message),
            }
            if subject.failed.is_some() {
                return Ok(());
            }
            let setting = Setting {
                ledger: side.ledger,
                snapshots: None,
                node_path: side.node_path,
                legs,
                transport: self.transport,
            };
            let trial = run_trial(setting, case)?;
            if let Some(why) = refused(&trial) {
                subject.lose(index, why);
                return Ok(());
            }
            for (at, leg) in legs.iter().enumerate() {
                let answer = leg.executor.run(self.job(subject, index))?;
                // The times alone are to differ from what was compared.
                let verified = trial.answers.get(at);
                if let Some(what) = verified.and_then(|it| differs(case, it, &answer)) {
                    subject.lose(
                        index,
                        format!("{} differs when it is timed: {what}", leg.name),
                    );
                }
                // The same leg of the first side.
                let before = (index > 0).then(|| subject.first.get(at)).flatten();
                if let Some(what) = before.and_then(|it| differs(case, it, &answer)) {
                    let why = format!("the {} leg computes something else now: {what}", leg.name);
                    subject.failed.get_or_insert(Lost { side: None, why });
                }
                subject.first.push(answer);
            }
        }
        Ok(())
    }

    fn job<'s>(&'s self, subject: &'s Subject<'_>, side: usize) -> Job<'s> {
        let case = subject.cases[side];
        Job {
            request: &subject.requests[side],
            transport: self.transport,
            node_path: self.sides[side].node_path,
            limits: &case.limits,
            exact: case.exact,
        }
    }

    /// One round of a case.
    fn turns(
        &self,
        subject: &mut Subject<'_>,
        legs: &[(usize, Leg)],
        random: &mut Random,
    ) -> Result<(), Problem> {
        let started = Instant::now();
        let mut taken: BTreeMap<Quantity, Vec<Vec<u64>>> = BTreeMap::new();
        for turn in 0..MOST {
            if turn >= LEAST && started.elapsed() >= self.turns {
                break;
            }
            for index in shuffled(legs.len(), random) {
                let (side, leg) = &legs[index];
                let answer = leg.executor.run(self.job(subject, *side))?;
                let case = subject.cases[*side];
                if let Some(what) = differs(case, &subject.first[index], &answer) {
                    subject.lose(*side, format!("{} differs from itself: {what}", leg.name));
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
    fn of(cases: Vec<&'a Case>) -> Self {
        Subject {
            cases,
            requests: Vec::new(),
            first: Vec::new(),
            samples: BTreeMap::new(),
            failed: None,
        }
    }

    fn lose(&mut self, side: usize, why: String) {
        let side = Some(side);
        self.failed.get_or_insert(Lost { side, why });
    }

    fn found(self, legs: &[String]) -> (CaseId, Found) {
        // Each side has the same ones.
        let id = self.cases.first().map(|case| case.id.clone());
        let id = id.unwrap_or_else(|| CaseId(String::new()));
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

/// Why a case is not measured, if it doesn't pass.
pub(super) fn refused(trial: &Trial) -> Option<String> {
    let report = &trial.report;
    let passes = matches!(report.status, Status::Pass | Status::Expected);
    (!passes).then(|| format!("{}: {}", report.status.name(), report.explanation))
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
