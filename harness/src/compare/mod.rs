//! Outcome × Outcome × Policy → Verdict. Pure: no file, no clock, no environment.

mod array;
mod failure;
mod float;
mod norm;
mod property;
mod ulp;
mod value;

use std::collections::BTreeMap;
use std::fmt;

use parallax_runtime::outcome::{GraphInfo, Warning};

use crate::outcome::{Class, Outcome};
use crate::policy::{Distance, Policies, Policy, Worst};

/// What comparing two outcomes says.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Equal,
    /// Equal but for what the policies allow: the largest distances that were seen, by the name of the policy.
    WithinPolicy(BTreeMap<String, Worst>),
    /// At least one divergence; the most telling first.
    Diverged(Vec<Divergence>),
    /// The two outcomes can't be compared, for this reason.
    Undecided(String),
}

/// One place where two outcomes differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// From the outcome's root: `outputs[3].name`, `error.kind`, `warnings[0].message`.
    pub path: String,
    pub reference: String,
    pub candidate: String,
    /// Between two floats that have one; in the unit of the policy that doesn't allow it.
    pub distance: Option<Distance>,
    /// An integer that is another one, in the same place and shape, without a warning of the candidate's: no program notices.
    pub silent: bool,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Divergence {
            path,
            reference,
            candidate,
            distance,
            ..
        } = self;
        write!(f, "{path}: {reference} != {candidate}")?;
        match distance {
            Some(distance) => write!(f, " ({distance})"),
            None => Ok(()),
        }
    }
}

/// So many divergences are kept; a thousand wrong elements tell no more than these. Silent ones are kept beyond it, up to as many again.
const KEPT: usize = 1000;

/// Divergences as they are found, and what the policies allowed.
#[derive(Debug, Default)]
struct Findings {
    divergences: Vec<Divergence>,
    silent: Vec<Divergence>,
    allowed: BTreeMap<String, Worst>,
}

impl Findings {
    fn differ(&mut self, path: impl fmt::Display, reference: String, candidate: String) {
        self.push(Divergence {
            path: path.to_string(),
            reference,
            candidate,
            distance: None,
            silent: false,
        });
    }

    /// Two integers that are not the same one.
    fn differ_in_integer(&mut self, path: impl fmt::Display, reference: String, candidate: String) {
        if self.silent.len() < KEPT {
            self.silent.push(Divergence {
                path: path.to_string(),
                reference,
                candidate,
                distance: None,
                silent: true,
            });
        }
    }

    fn push(&mut self, divergence: Divergence) {
        if !self.is_full() {
            self.divergences.push(divergence);
        }
    }

    /// Whether further divergences would be dropped, but for silent ones.
    fn is_full(&self) -> bool {
        self.divergences.len() >= KEPT
    }

    /// A policy has allowed a difference, of this distance where it has one.
    fn allow(&mut self, policy: &Policy, distance: Option<Distance>) {
        let worst = match self.allowed.get_mut(&policy.name) {
            Some(worst) => worst,
            None => self.allowed.entry(policy.name.clone()).or_default(),
        };
        if let Some(distance) = distance {
            worst.see(distance);
        }
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

    /// Silent divergences come first: they are the ones that nothing else would show.
    fn verdict(self) -> Verdict {
        let mut divergences = self.silent;
        divergences.extend(self.divergences);
        // A candidate that warned may have warned of just that.
        divergences.sort_by_key(|divergence| !divergence.silent);
        match (divergences.is_empty(), self.allowed.is_empty()) {
            (true, true) => Verdict::Equal,
            (true, false) => Verdict::WithinPolicy(self.allowed),
            (false, _) => Verdict::Diverged(divergences),
        }
    }
}

/// Compares what two legs did with the same request.
pub fn compare(reference: &Outcome, candidate: &Outcome, policies: &Policies) -> Verdict {
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
            value::compare_items(&mut findings, policies, outputs, other_outputs);
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
    let warned = |list: &[Warning]| list.iter().map(render).collect::<Vec<_>>();
    let (reference, candidate) = (warned(reference), warned(candidate));
    // What the candidate warns of is not silent.
    if candidate.iter().any(|line| !reference.contains(line)) {
        for divergence in &mut findings.silent {
            divergence.silent = false;
        }
    }
    for index in 0..reference.len().max(candidate.len()) {
        let [a, b] = [&reference, &candidate].map(|list| {
            list.get(index)
                .map_or_else(|| "nothing".to_owned(), String::clone)
        });
        if a != b {
            findings.differ(format_args!("warnings[{index}]"), a, b);
        }
    }
}

#[cfg(test)]
mod array_tests;
#[cfg(test)]
mod tests;
