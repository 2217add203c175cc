//! Outcome × Outcome × Policy → Verdict. Pure: no file, no clock, no environment.

mod array;
mod failure;
mod ulp;
mod value;

use std::fmt;

use parallax_runtime::outcome::{GraphInfo, Warning};

use crate::case::Policy;
use crate::outcome::{Class, Outcome};

/// What comparing two outcomes says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Equal,
    /// Equal but for doubles at most this many units in the last place apart.
    WithinPolicy {
        ulp: u64,
    },
    /// At least one divergence; the most telling first.
    Diverged(Vec<Divergence>),
    /// The two outcomes can't be compared, for this reason.
    Undecided(String),
}

/// One place where two outcomes differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// From the outcome's root: `outputs[3].name`, `error.kind`, `warnings[0].message`.
    pub path: String,
    pub reference: String,
    pub candidate: String,
    /// In units in the last place, between two doubles.
    pub distance: Option<u64>,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Divergence {
            path,
            reference,
            candidate,
            distance,
        } = self;
        write!(f, "{path}: {reference} != {candidate}")?;
        match distance {
            Some(ulp) => write!(f, " ({ulp} ulp)"),
            None => Ok(()),
        }
    }
}

/// So many divergences are kept; a thousand wrong elements tell no more than these.
const KEPT: usize = 1000;

/// Divergences as they are found, and the worst distance that the policy allowed.
#[derive(Debug, Default)]
struct Findings {
    divergences: Vec<Divergence>,
    worst_ulp: u64,
}

impl Findings {
    fn differ(&mut self, path: impl fmt::Display, reference: String, candidate: String) {
        self.divergences.push(Divergence {
            path: path.to_string(),
            reference,
            candidate,
            distance: None,
        });
    }

    fn check<T: PartialEq + fmt::Debug>(
        &mut self,
        path: impl fmt::Display,
        reference: &T,
        candidate: &T,
    ) {
        if reference != candidate {
            self.differ(path, format!("{reference:?}"), format!("{candidate:?}"));
        }
    }

    fn verdict(self) -> Verdict {
        match (self.divergences.is_empty(), self.worst_ulp) {
            (true, 0) => Verdict::Equal,
            (true, ulp) => Verdict::WithinPolicy { ulp },
            (false, _) => Verdict::Diverged(self.divergences),
        }
    }
}

/// Compares what two legs did with the same request.
pub fn compare(reference: &Outcome, candidate: &Outcome, policy: &Policy) -> Verdict {
    let mut findings = Findings::default();
    match (reference, candidate) {
        (
            Outcome::Returned {
                outputs,
                graph_info,
                warnings,
            },
            Outcome::Returned {
                outputs: other_outputs,
                graph_info: other_info,
                warnings: other_warnings,
            },
        ) => {
            value::compare_items(&mut findings, policy, outputs, other_outputs);
            compare_graph(&mut findings, graph_info, other_info);
            compare_warnings(&mut findings, warnings, other_warnings);
        }
        (Outcome::Raised(reference), Outcome::Raised(candidate))
        | (Outcome::Rejected(reference), Outcome::Rejected(candidate)) => {
            failure::compare_failures(&mut findings, reference, candidate);
        }
        (
            Outcome::Exited { code, fault },
            Outcome::Exited {
                code: other_code,
                fault: other_fault,
            },
        ) => {
            findings.check("code", code, other_code);
            findings.check("fault", &fault.to_string(), &other_fault.to_string());
        }
        (Outcome::Trapped(reference), Outcome::Trapped(candidate)) => {
            findings.check("trap", reference, candidate);
        }
        (Outcome::Unsupported(reason), _) | (_, Outcome::Unsupported(reason)) => {
            return Verdict::Undecided(format!("one leg does not support it: {reason}"));
        }
        (reference, candidate) if reference.class() == candidate.class() => {}
        (reference, candidate) => {
            if let Some(resource) = exhausted(reference).or_else(|| exhausted(candidate)) {
                return Verdict::Undecided(format!(
                    "one leg ran out of {resource}: {} != {}",
                    reference.summary(),
                    candidate.summary()
                ));
            }
            findings.differ("outcome", reference.summary(), candidate.summary());
        }
    }
    findings.verdict()
}

/// What a leg ran out of, if that is why it stopped: the other leg's result says nothing about it then.
fn exhausted(outcome: &Outcome) -> Option<&'static str> {
    match (outcome.class(), outcome) {
        (Class::TimedOut, _) => Some("time"),
        (Class::OutOfMemory, _) => Some("memory"),
        (_, Outcome::Raised(failure)) => failure
            .exception
            .as_ref()
            .is_some_and(|exception| exception.class == "RecursionError")
            .then_some("stack"),
        (_, Outcome::Trapped(name)) => name.contains("stack").then_some("stack"),
        _ => None,
    }
}

fn compare_graph(findings: &mut Findings, reference: &GraphInfo, candidate: &GraphInfo) {
    let counts = |info: &GraphInfo| [info.node_count, info.source_count, info.sink_count];
    findings.check("graph_info", &counts(reference), &counts(candidate));
    findings.check(
        "graph_info.execution_order",
        &reference.execution_order,
        &candidate.execution_order,
    );
}

fn compare_warnings(findings: &mut Findings, reference: &[Warning], candidate: &[Warning]) {
    let render = |warning: &Warning| {
        let node = warning.node.as_deref().unwrap_or("-");
        let message = failure::normalize(&warning.message);
        format!("{node}: {}: {message}", warning.category)
    };
    for index in 0..reference.len().max(candidate.len()) {
        let [a, b] = [reference, candidate]
            .map(|list| list.get(index).map_or_else(|| "nothing".to_owned(), render));
        if a != b {
            findings.differ(format_args!("warnings[{index}]"), a, b);
        }
    }
}

#[cfg(test)]
mod tests;
