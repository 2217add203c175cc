//! Verdict and ledger to Status: what is known to differ, and what no longer does.

use super::cause::Cause;
use super::divergence::{Divergence, Verdict};
use super::ledger::{Entry, Pin};
use super::left_out;
use crate::case::Case;
use crate::outcome::{Class, Ending, Outcome};

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
            causes: Vec::new(),
            silent: false,
        }
    }
}

impl Judgement {
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
        let hint = match reference.class() {
            // Where the legs differ, there is more to do than to expect it.
            _ if matches!(verdict, Verdict::Diverged(_)) => {
                ", and the candidate differs".to_owned()
            }
            class @ (Class::Raised | Class::Rejected | Class::Exited | Class::Trapped) => {
                let by_design = left_out::missing(reference).map(|module| {
                    format!(
                        "; both Pythons are built without {module}, as docs/CORPUS.md says, so that nothing of it can be compared"
                    )
                });
                format!(
                    "{}; if the case is about that, write expect = \"{class}\" in its .toml",
                    by_design.unwrap_or_default()
                )
            }
            Class::TimedOut => format!(
                "; its limit is wall_ms = {} under [limits] in its .toml",
                case.limits.wall.as_millis()
            ),
            Class::OutOfMemory => format!(
                "; its limit is memory_mb = {} under [limits] in its .toml",
                case.limits.memory >> 20
            ),
            _ => String::new(),
        };
        let summary = reference.summary();
        return Judgement::new(
            Status::Fail,
            format!(
                "expected \"{}\", but the reference {summary}{hint}",
                case.expect
            ),
        );
    }
    match verdict {
        Verdict::Equal | Verdict::WithinPolicy(_) => match expected.first() {
            None => Judgement::new(Status::Pass, ""),
            Some((entry, pin)) => stale(entry, pin),
        },
        Verdict::Diverged(divergences) => diverged(divergences, expected),
    }
}

fn diverged(divergences: &[Divergence], expected: &[(&Entry, &Pin)]) -> Judgement {
    let admitted =
        |divergence: &Divergence| expected.iter().find(|(_, pin)| pin.admits(divergence));
    let mut causes = Vec::new();
    for divergence in divergences {
        match admitted(divergence) {
            None => return unexpected(divergence, expected),
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
        return stale(entry, pin);
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

fn unexpected(divergence: &Divergence, expected: &[(&Entry, &Pin)]) -> Judgement {
    let label = if divergence.silent { SILENT } else { "" };
    let near = expected.iter().find(|(_, pin)| pin.path == divergence.path);
    let note = match near {
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
    Judgement {
        silent: divergence.silent,
        ..Judgement::new(Status::Fail, format!("{label}{divergence}{note}"))
    }
}

fn stale(entry: &Entry, pin: &Pin) -> Judgement {
    Judgement::new(
        Status::Stale,
        format!(
            "{}: the difference at {} is gone; `parallax accept --prune` removes it from the ledger",
            entry.origin, pin.path
        ),
    )
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
