//! Verdict and ledger to Status: what is known to differ, and what no longer does.

use super::cause::Cause;
use super::compare::unmet;
use super::divergence::{Divergence, Verdict};
use super::expectation;
use super::ledger::{Entry, Pin};
use crate::case::Case;
use crate::outcome::{Ending, Outcome};

/// What a case means for the run, from best to worst.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Pass,
    Expected,
    /// Could not run on a leg; red unless it is allowed by name.
    Skip,
    Stale,
    /// Differs from itself on one leg.
    Flaky,
    Fail,
    /// Parallax itself failed in this case.
    Broken,
}

impl Status {
    pub const ALL: [Status; 7] = [
        Status::Pass,
        Status::Expected,
        Status::Skip,
        Status::Stale,
        Status::Flaky,
        Status::Fail,
        Status::Broken,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Expected => "expected",
            Status::Skip => "skip",
            Status::Stale => "stale",
            Status::Flaky => "flaky",
            Status::Fail => "fail",
            Status::Broken => "broken",
        }
    }
}

/// A status with the sentence that explains it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    pub status: Status,
    /// Empty for a pass.
    pub explanation: String,
    /// What to do about it, where the difference itself doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What the ledger says expected differences come from, each once.
    pub causes: Vec<Cause>,
    /// A difference that the ledger lacks is of the kind that nothing tells of.
    pub silent: bool,
}

impl Judgement {
    pub fn new(status: Status, explanation: impl Into<String>) -> Self {
        Judgement {
            status,
            explanation: explanation.into(),
            hint: None,
            causes: Vec::new(),
            silent: false,
        }
    }
}

impl Judgement {
    /// Adds that nothing tells of the difference.
    pub fn is_silent(&mut self) {
        self.silent = true;
        if !self.explanation.starts_with(SILENT) {
            self.explanation.insert_str(0, SILENT);
        }
    }

    /// Takes back that nothing tells of the difference.
    pub fn is_not_silent(&mut self) {
        self.silent = false;
        if let Some(rest) = self.explanation.strip_prefix(SILENT) {
            self.explanation = rest.to_owned();
        }
    }
}

/// What stands before a difference that nothing tells of.
const SILENT: &str = "silent corruption: ";

/// Judges one comparison. `expected` is what the ledger has for this case between these legs.
pub fn judge(
    case: &Case,
    reference: &Outcome,
    verdict: &Verdict,
    expected: &[(&Entry, &Pin)],
) -> Judgement {
    if let Ending::Unsupported(reason) = &reference.ending {
        return Judgement::new(Status::Skip, format!("unsupported: {reason}"));
    }
    if reference.class() != case.expect {
        let differs = matches!(verdict, Verdict::Diverged(_));
        let (explanation, hint) = expectation::unmet(case, reference, differs);
        return Judgement {
            hint,
            ..Judgement::new(Status::Fail, explanation)
        };
    }
    match verdict {
        Verdict::Equal | Verdict::WithinPolicy(_) => match expected.first() {
            None => Judgement::new(Status::Pass, ""),
            Some((entry, pin)) => stale(case, entry, pin),
        },
        Verdict::Diverged(divergences) => diverged(case, divergences, expected),
    }
}

fn diverged(case: &Case, divergences: &[Divergence], expected: &[(&Entry, &Pin)]) -> Judgement {
    let admitted =
        |divergence: &Divergence| expected.iter().find(|(_, pin)| pin.admits(divergence));
    let mut causes = Vec::new();
    for divergence in divergences {
        match admitted(divergence) {
            None => return unexpected(case, divergence, divergences, expected),
            Some((entry, _)) if entry.cause == Cause::Unexplained => {
                return Judgement {
                    causes: vec![entry.cause],
                    ..Judgement::new(
                        Status::Fail,
                        format!("unexplained: {divergence}; {}", entry.reason),
                    )
                };
            }
            Some((entry, _)) => causes.push(entry.cause),
        }
    }
    let unused = expected
        .iter()
        .find(|(_, pin)| !divergences.iter().any(|divergence| pin.admits(divergence)));
    if let Some((entry, pin)) = unused {
        return stale(case, entry, pin);
    }
    causes.sort_unstable();
    causes.dedup();
    let reasons = expected
        .first()
        .map(|(entry, pin)| format!("{}: {}", pin.path, entry.reason));
    Judgement {
        causes,
        // Each divergence has an entry, and there is at least one.
        ..Judgement::new(Status::Expected, reasons.unwrap_or_default())
    }
}

fn unexpected(
    case: &Case,
    divergence: &Divergence,
    divergences: &[Divergence],
    expected: &[(&Entry, &Pin)],
) -> Judgement {
    let label = if divergence.silent { SILENT } else { "" };
    let near = expected.iter().find(|(_, pin)| pin.path == divergence.path);
    let note = match near {
        // Two long lines that are the same but for a digest tell nobody anything.
        Some((entry, pin)) if differ_in_digest(&pin.candidate, &divergence.candidate) => {
            format!(
                "; {} expects the same with another digest: a traceback, for example, or a message's end",
                entry.origin
            )
        }
        Some((entry, pin)) => {
            let expected = match &pin.reference {
                Some(reference) if *reference != divergence.reference => format!(
                    "{reference} as the reference, which is {}",
                    divergence.reference
                ),
                _ => format!("{}, which is {}", pin.candidate, divergence.candidate),
            };
            format!("; {} expects {expected}", entry.origin)
        }
        None if !divergence.excusable => "; no ledger can excuse that".to_owned(),
        None => String::new(),
    };
    let corrected = near.map(|_| {
        format!(
            "if that is right, `parallax accept {}` corrects the entry",
            case.id
        )
    });
    let hint = unmet_place(case, divergences)
        .or_else(|| exceeded(case, divergence))
        .or(corrected);
    Judgement {
        silent: divergence.silent,
        hint,
        ..Judgement::new(Status::Fail, format!("{label}{divergence}{note}"))
    }
}

/// Whether two lines of a report show the same, and stand for different values: `returned 1 item (138 bytes, sha256 0123456789abcdef)`.
fn differ_in_digest(one: &str, other: &str) -> bool {
    let shown = |line: &str| {
        let (shown, identity) = line.rsplit_once(" (")?;
        let has_digest = identity.contains(" bytes, sha256 ");
        has_digest.then(|| shown.to_owned())
    };
    one != other && shown(one).is_some() && shown(one) == shown(other)
}

/// What to do about a place that the case names and nothing meets; it may stand behind other differences.
fn unmet_place(case: &Case, divergences: &[Divergence]) -> Option<String> {
    let unmet = divergences.iter().find(|one| unmet::is_unmet(one))?;
    Some(format!(
        "{} meets nothing: correct the path in {}, or the node; a path is written as a report shows it",
        unmet.path,
        case.id.sidecar()
    ))
}

/// What the policy allows that a distance is too large for.
fn exceeded(case: &Case, divergence: &Divergence) -> Option<String> {
    let policy = &case.policies.at(&divergence.path).policy;
    let worst = divergence
        .elements
        .as_ref()
        .and_then(|elements| elements.worst.as_ref());
    let has_distance =
        divergence.distance.is_some() || worst.is_some_and(|it| it.distance.is_some());
    (has_distance && !policy.is_exact()).then(|| {
        format!(
            "the policy {} is what holds there, and allows {policy}",
            policy.name
        )
    })
}

fn stale(case: &Case, entry: &Entry, pin: &Pin) -> Judgement {
    Judgement {
        hint: Some(format!(
            "`parallax accept {} --prune` removes it from the ledger",
            case.id
        )),
        ..Judgement::new(
            Status::Stale,
            format!("{}: the difference at {} is gone", entry.origin, pin.path),
        )
    }
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
