//! Everything a run says; reporters render from these and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::case::{CaseId, Policy};
use crate::compare::Divergence;
use crate::ledger::{Judgement, Status};
use crate::outcome::Class;

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
    pub policy: Policy,
    /// What the reference leg did.
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
}

/// The reference against one candidate.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub candidate: String,
    pub candidate_class: Class,
    pub judgement: Judgement,
    pub divergences: Vec<Divergence>,
    /// The worst distance between two doubles that the policy allowed.
    pub worst_ulp: u64,
}

/// The sums of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub statuses: BTreeMap<Status, usize>,
    pub classes: BTreeMap<Class, usize>,
    /// A policy's name, its cases, and the worst distance seen among them.
    pub policies: BTreeMap<String, PolicyUse>,
    /// Wall time a leg, summed over the cases.
    pub leg_wall: Vec<Duration>,
    pub wall: Duration,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyUse {
    pub cases: usize,
    pub bound: u64,
    pub recorded: u64,
    pub worst: u64,
}

impl Summary {
    /// Adds one case.
    pub fn count(&mut self, report: &CaseReport) {
        *self.statuses.entry(report.status).or_default() += 1;
        *self.classes.entry(report.class).or_default() += 1;
        let policy = self.policies.entry(report.policy.name.clone()).or_default();
        policy.cases += 1;
        policy.bound = report.policy.ulp;
        policy.recorded = report.policy.worst;
        for comparison in &report.comparisons {
            policy.worst = policy.worst.max(comparison.worst_ulp);
        }
        self.leg_wall.resize(report.wall.len(), Duration::ZERO);
        for (sum, wall) in self.leg_wall.iter_mut().zip(&report.wall) {
            *sum += *wall;
        }
    }

    pub fn of(&self, status: Status) -> usize {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    pub fn is_red(&self) -> bool {
        Status::ALL
            .into_iter()
            .any(|status| status.is_red() && self.of(status) > 0)
    }
}
