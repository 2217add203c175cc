//! A run: what it was about, and its sums.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::case_report::CaseReport;
use crate::case::CaseId;
use crate::leg::{Leg, Provenance};
use crate::outcome::Class;
use crate::verdict::policy::Worst;
use crate::verdict::status::Status;

/// What is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunInfo {
    /// What is to run, in order. A result for each follows, or the summary says that it is missing.
    pub cases: Vec<CaseId>,
    pub transport: String,
    /// The reference first.
    pub legs: Vec<LegInfo>,
}

/// A leg of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegInfo {
    pub name: String,
    pub target: String,
    pub provenance: Provenance,
}

impl LegInfo {
    pub fn of(leg: &Leg) -> Self {
        LegInfo {
            name: leg.name.clone(),
            target: leg.target.clone(),
            provenance: leg.provenance.clone(),
        }
    }
}

/// The sums of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub statuses: BTreeMap<Status, usize>,
    pub classes: BTreeMap<Class, usize>,
    /// A policy's name, its cases, and the worst distance seen among them.
    pub policies: BTreeMap<String, PolicyUse>,
    /// The cases that make the run red, silent corruption first.
    pub red: Vec<RedCase>,
    /// Skips that are allowed.
    pub skipped: Vec<CaseId>,
    /// The cases that were to run and have no result; a run that has any is red.
    pub missing: Vec<CaseId>,
    /// What would have to be written for the committed files to be true, a sentence each; red where nothing may be written.
    pub unwritten: Vec<String>,
    pub locked: bool,
    /// Wall time per leg, summed over the cases.
    #[serde(skip)]
    pub leg_wall: Vec<Duration>,
    #[serde(skip)]
    pub wall: Duration,
    /// The slowest cases, slowest first.
    #[serde(skip)]
    pub slowest: Vec<(CaseId, Duration)>,
}

/// How a policy was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyUse {
    pub allows: String,
    pub recorded: Worst,
    pub cases: usize,
    pub worst: Worst,
}

/// A case that makes the run red.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedCase {
    pub id: CaseId,
    pub status: Status,
    /// Integers came out as other ones, and nothing warned of it.
    pub silent: bool,
    pub explanation: String,
}

/// How many slow cases a summary names.
const SLOWEST: usize = 5;

impl Summary {
    /// Adds one case.
    pub fn count(&mut self, report: &CaseReport) {
        *self.statuses.entry(report.status).or_default() += 1;
        if let Some(class) = report.class {
            *self.classes.entry(class).or_default() += 1;
            // What wasn't run has used no policy.
            self.count_policies(report);
        }
        self.unwritten.extend(report.unwritten.iter().cloned());
        if report.is_red() {
            self.red.push(RedCase {
                id: report.id.clone(),
                status: report.status,
                silent: report.is_silent(),
                explanation: report.explanation.clone(),
            });
        } else if report.status == Status::Skip {
            self.skipped.push(report.id.clone());
        }
        self.leg_wall
            .resize(self.leg_wall.len().max(report.wall.len()), Duration::ZERO);
        for (sum, wall) in self.leg_wall.iter_mut().zip(&report.wall) {
            *sum += *wall;
        }
        if !report.wall.is_empty() {
            let wall = report.wall.iter().sum();
            self.slowest.push((report.id.clone(), wall));
            self.slowest
                .sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
            self.slowest.truncate(SLOWEST);
        }
    }

    fn count_policies(&mut self, report: &CaseReport) {
        for note in &report.policies {
            let used = self
                .policies
                .entry(note.name.clone())
                .or_insert_with(|| PolicyUse {
                    allows: note.allows.clone(),
                    recorded: note.recorded,
                    cases: 0,
                    worst: Worst::default(),
                });
            used.cases += 1;
            for comparison in &report.comparisons {
                if let Some(worst) = comparison.allowed.get(&note.name) {
                    used.worst.merge(worst);
                }
            }
        }
    }

    /// Draws the sums, once every case is counted that has a result. `missing` are the others.
    pub fn close(&mut self, missing: impl IntoIterator<Item = CaseId>) {
        self.missing.extend(missing);
        self.red.sort_by_key(|case| !case.silent);
        for (name, used) in &self.policies {
            if used.worst.exceeds(&used.recorded) {
                self.unwritten.push(format!(
                    "policy.toml records {} as the worst of {name}, where {} was seen",
                    used.recorded, used.worst
                ));
            }
        }
    }

    pub fn of(&self, status: Status) -> usize {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    /// How many cases have a result.
    pub fn results(&self) -> usize {
        self.statuses.values().sum()
    }

    /// Whether no case at all was run, which proves nothing.
    pub fn compared_nothing(&self) -> bool {
        self.of(Status::Skip) == self.results()
    }

    /// Whether files ought to be written, and none may be.
    pub fn is_behind(&self) -> bool {
        self.locked && !self.unwritten.is_empty()
    }

    /// Whether a case is red, a result is missing, or nothing speaks for the opposite.
    pub fn is_red(&self) -> bool {
        !self.red.is_empty()
            || !self.missing.is_empty()
            || self.compared_nothing()
            || self.is_behind()
    }
}
