//! One case through all legs, as a record keeps it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::attribute::found::Attribution;
use crate::case::{Case, CaseId};
use crate::outcome::Class;
use crate::verdict::divergence::Divergence;
use crate::verdict::policy::{Policies, Worst};
use crate::verdict::status::{Judgement, Status};

/// One case, all legs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseReport {
    pub id: CaseId,
    pub description: String,
    pub status: Status,
    /// A skip of this case is no fault.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip_allowed: bool,
    /// The sentence that explains the status; empty for a pass.
    pub explanation: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What the reference leg did; nothing, where the case was skipped or broken.
    pub class: Option<Class>,
    pub policies: Vec<PolicyNote>,
    pub comparisons: Vec<Comparison>,
    /// Fuel that the case has consumed, by the legs that meter it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fuel: BTreeMap<String, u64>,
    /// The end of what legs wrote to standard error, by leg, where the case is red.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stderr: BTreeMap<String, String>,
    /// Legs whose outcomes are not as pinned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unpinned: Vec<Unpinned>,
    /// What would have to be written for the committed files to tell of this case, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwritten: Vec<String>,
    /// Wall time per leg, in the order of the run's legs. Not the same from run to run, and so no part of a record.
    #[serde(skip)]
    pub wall: Vec<Duration>,
}

/// A policy that a case was compared under.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyNote {
    pub name: String,
    /// What it allows, in words.
    pub allows: String,
    /// The largest distances that its row says were seen.
    pub recorded: Worst,
}

/// A leg whose outcome is not as a snapshot pins it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpinned {
    pub leg: String,
    /// The file, below the corpus.
    pub snapshot: String,
    /// What is pinned, as the reference, and what was found.
    pub divergences: Vec<Divergence>,
}

/// The reference against one candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    pub candidate: String,
    pub candidate_class: Class,
    pub judgement: Judgement,
    pub divergences: Vec<Divergence>,
    /// The largest distances that policies allowed, by their names.
    pub allowed: BTreeMap<String, Worst>,
    /// Why the two differ, where that was looked into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<Attribution>,
}

impl CaseReport {
    /// A report without comparisons: of a case that was not run, or in which Parallax failed.
    pub fn without_result(case: &Case, status: Status, explanation: String) -> Self {
        CaseReport {
            id: case.id.clone(),
            description: case.description.clone(),
            status,
            skip_allowed: false,
            explanation,
            hint: None,
            class: None,
            policies: notes(&case.policies),
            comparisons: Vec::new(),
            fuel: BTreeMap::new(),
            stderr: BTreeMap::new(),
            unpinned: Vec::new(),
            unwritten: Vec::new(),
            wall: Vec::new(),
        }
    }

    /// The report of a case that was compared; the worst of the comparisons decides.
    pub fn of(case: &Case, class: Class, comparisons: Vec<Comparison>) -> Self {
        let worst = comparisons
            .iter()
            .map(|comparison| comparison.judgement.status)
            .max()
            // Nothing compared is nothing proved.
            .unwrap_or(Status::Skip);
        let deciding = comparisons
            .iter()
            .find(|comparison| comparison.judgement.status == worst);
        let judgement = deciding.map(|comparison| &comparison.judgement);
        let explanation = judgement.map(|judgement| judgement.explanation.clone());
        CaseReport {
            class: Some(class),
            hint: judgement.and_then(|judgement| judgement.hint.clone()),
            comparisons,
            ..Self::without_result(case, worst, explanation.unwrap_or_default())
        }
    }

    /// Whether the case makes the run red.
    pub fn is_red(&self) -> bool {
        match self.status {
            Status::Pass | Status::Expected => false,
            Status::Skip => !self.skip_allowed,
            Status::Stale | Status::Flaky | Status::Fail | Status::Broken => true,
        }
    }

    /// The comparison that decided the status.
    pub fn deciding(&self) -> Option<&Comparison> {
        self.comparisons
            .iter()
            .find(|comparison| comparison.judgement.status == self.status)
    }

    /// Whether an integer came out as another one without a word, on any leg, and the ledger doesn't know it.
    pub fn is_silent(&self) -> bool {
        self.comparisons
            .iter()
            .any(|comparison| comparison.judgement.silent)
    }
}

fn notes(policies: &Policies) -> Vec<PolicyNote> {
    let policies = policies.by_name();
    policies
        .into_iter()
        .map(|(name, policy)| PolicyNote {
            name: name.to_owned(),
            allows: policy.to_string(),
            recorded: policy.recorded(),
        })
        .collect()
}
