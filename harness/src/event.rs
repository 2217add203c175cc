//! Everything a run says; reporters render from these and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::case::CaseId;
use crate::compare::Divergence;
use crate::ledger::{Judgement, Status};
use crate::outcome::Class;
use crate::policy::{Policies, Policy, Worst};

/// One step of a run, in the order in which a reader wants them.
#[derive(Clone, Debug)]
pub enum RunEvent {
    Started(RunInfo),
    /// Cases finish in the order of their ids, however many run at once.
    CaseFinished(Box<CaseReport>),
    /// Something happened to an executor that is no case's doing; told as soon as it is known, so in no fixed order.
    Notice(Notice),
    Finished(Summary),
}

/// What is run.
#[derive(Clone, Debug)]
pub struct RunInfo {
    pub cases: usize,
    /// The reference first.
    pub legs: Vec<String>,
    /// Versions that the results depend on.
    pub toolchain: BTreeMap<String, String>,
}

/// News of an executor itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub leg: String,
    pub text: String,
}

/// One case, all legs.
#[derive(Clone, Debug)]
pub struct CaseReport {
    pub id: CaseId,
    pub description: String,
    pub policies: Policies,
    /// What the reference leg did; nothing, where the case was skipped.
    pub class: Class,
    /// The worst of the comparisons.
    pub status: Status,
    pub comparisons: Vec<Comparison>,
    /// Wall time a leg, in the order of the run's legs.
    pub wall: Vec<Duration>,
    /// Fuel that the case has consumed, by the legs that meter it, in the order of the run's legs.
    pub fuel: Vec<(String, u64)>,
}

impl CaseReport {
    /// The comparison that decided the status.
    pub fn deciding(&self) -> Option<&Comparison> {
        self.comparisons
            .iter()
            .find(|comparison| comparison.judgement.status == self.status)
    }

    /// The sentence that explains the status.
    pub fn explanation(&self) -> &str {
        self.deciding()
            .map_or("", |comparison| &comparison.judgement.explanation)
    }

    /// Whether an integer came out as another one without a word, on any leg, and the ledger doesn't know it.
    pub fn is_silent(&self) -> bool {
        self.comparisons
            .iter()
            .any(|comparison| comparison.judgement.silent)
    }
}

/// The reference against one candidate.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub candidate: String,
    pub candidate_class: Class,
    pub judgement: Judgement,
    pub divergences: Vec<Divergence>,
    /// The largest distances that policies allowed, by their names.
    pub allowed: BTreeMap<String, Worst>,
}

/// The sums of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub statuses: BTreeMap<Status, usize>,
    pub classes: BTreeMap<Class, usize>,
    /// A policy's name, its cases, and the worst distance seen among them.
    pub policies: BTreeMap<String, PolicyUse>,
    /// The cases that make the run red, silent corruption first.
    pub red: Vec<RedCase>,
    /// Wall time a leg, summed over the cases.
    pub leg_wall: Vec<Duration>,
    pub wall: Duration,
}

/// How a policy was used.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyUse {
    pub policy: Policy,
    pub cases: usize,
    pub worst: Worst,
}

/// A case that makes the run red.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedCase {
    pub id: CaseId,
    pub status: Status,
    /// Integers came out as other ones, and nothing warned of it.
    pub silent: bool,
    pub explanation: String,
}

impl Summary {
    /// Adds one case.
    pub fn count(&mut self, report: &CaseReport) {
        *self.statuses.entry(report.status).or_default() += 1;
        *self.classes.entry(report.class).or_default() += 1;
        // What wasn't run has used no policy.
        if report.status != Status::Skip {
            self.count_policies(report);
        }
        if report.status.is_red() {
            self.red.push(RedCase {
                id: report.id.clone(),
                status: report.status,
                silent: report.is_silent(),
                explanation: report.explanation().to_owned(),
            });
            self.red.sort_by_key(|case| !case.silent);
        }
        self.leg_wall.resize(report.wall.len(), Duration::ZERO);
        for (sum, wall) in self.leg_wall.iter_mut().zip(&report.wall) {
            *sum += *wall;
        }
    }

    fn count_policies(&mut self, report: &CaseReport) {
        for (name, policy) in report.policies.by_name() {
            let used = self
                .policies
                .entry(name.to_owned())
                .or_insert_with(|| PolicyUse {
                    policy: policy.clone(),
                    cases: 0,
                    worst: Worst::default(),
                });
            used.cases += 1;
            for comparison in &report.comparisons {
                if let Some(worst) = comparison.allowed.get(name) {
                    used.worst.merge(worst);
                }
            }
        }
    }

    pub fn of(&self, status: Status) -> usize {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    /// Whether there were cases, and none of them could run.
    pub fn compared_nothing(&self) -> bool {
        let total: usize = self.statuses.values().sum();
        total > 0 && self.of(Status::Skip) == total
    }

    /// Whether a case is red, or nothing speaks for the opposite.
    pub fn is_red(&self) -> bool {
        self.compared_nothing()
            || Status::ALL
                .into_iter()
                .any(|status| status.is_red() && self.of(status) > 0)
    }
}
