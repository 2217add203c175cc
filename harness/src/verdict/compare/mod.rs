//! Outcome × Outcome × Policies → Verdict.

mod array;
mod element;
mod elements;
mod failure;
mod float;
mod member;
mod norm;
mod observed;
mod order;
pub mod pinned;
mod property;
pub mod scalars;
mod signs;
mod ulp;
mod unaligned;
pub mod unmet;
mod value;
mod vectors;

use parallax_runtime::outcome::GraphInfo;

use crate::case::Ignored;
use crate::outcome::{Ending, Outcome};
use crate::path::OutcomePath;
use crate::verdict::canonical;
use crate::verdict::divergence::Verdict;
use crate::verdict::findings::Findings;
use crate::verdict::policy::Policies;
use crate::verdict::shown;

/// Compares what two legs did with the same request.
pub fn compare(
    reference: &Outcome,
    candidate: &Outcome,
    policies: &Policies,
    ignored: Ignored,
) -> Verdict {
    let mut findings = Findings::new(policies);
    compare_endings(&mut findings, reference, candidate, ignored);
    observed::compare_warnings(&mut findings, &reference.warnings, &candidate.warnings);
    if !is_stopped(reference) && !is_stopped(candidate) {
        if !ignored.printed {
            observed::compare_printed(&mut findings, &reference.printed, &candidate.printed);
        }
        if !ignored.files {
            observed::compare_files(&mut findings, &reference.files, &candidate.files);
        }
    }
    unmet::note(&mut findings, outputs(&reference.ending));
    findings.verdict()
}

/// Whether a case was stopped from outside: where it then was is chance, and so is what it had printed and written by then.
fn is_stopped(outcome: &Outcome) -> bool {
    outcome.ending.is_cut_short()
}

/// What sinks have.
fn outputs(ending: &Ending) -> &[parallax_runtime::value::Value] {
    match ending {
        Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } => outputs,
        _ => &[],
    }
}

fn compare_endings<'a>(
    findings: &mut Findings<'a>,
    reference: &'a Outcome,
    candidate: &'a Outcome,
    ignored: Ignored,
) {
    match (&reference.ending, &candidate.ending) {
        (
            Ending::Returned {
                outputs,
                graph_info,
            },
            Ending::Returned {
                outputs: other_outputs,
                graph_info: other_info,
            },
        ) => {
            value::compare_outputs(findings, outputs, other_outputs);
            compare_graph(findings, graph_info, other_info);
        }
        (
            Ending::Raised { failure, outputs },
            Ending::Raised {
                failure: other_failure,
                outputs: other_outputs,
            },
        ) => {
            failure::compare_failures(findings, failure, other_failure);
            value::compare_outputs(findings, outputs, other_outputs);
        }
        (Ending::Rejected(a), Ending::Rejected(b))
        | (Ending::OutOfMemory(Some(a)), Ending::OutOfMemory(Some(b))) => {
            failure::compare_failures(findings, a, b);
        }
        (
            Ending::Exited { code, fault },
            Ending::Exited {
                code: other_code,
                fault: other_fault,
            },
        ) if is_stopped(reference) == is_stopped(candidate) => {
            let path = OutcomePath::root;
            findings.check(path("code"), code, other_code, ToString::to_string);
            findings.check_text(path("fault"), &fault.to_string(), &other_fault.to_string());
        }
        (Ending::Trapped(a), Ending::Trapped(b)) => {
            findings.check_text(OutcomePath::root("trap"), a, b);
        }
        (Ending::Unsupported(a), Ending::Unsupported(b)) => {
            findings.check_text(OutcomePath::root("reason"), a, b);
        }
        (Ending::TimedOut, Ending::TimedOut)
        | (Ending::OutOfMemory(None), Ending::OutOfMemory(None)) => {}
        _ => {
            let describe = |outcome: &Outcome, other: &Outcome| {
                describe(outcome, is_stopped(other) && !is_stopped(outcome), ignored)
            };
            let reference_line = describe(reference, candidate);
            let candidate_line = describe(candidate, reference);
            findings.differ(OutcomePath::root("outcome"), reference_line, candidate_line);
        }
    }
}

/// An ending in one line. The digest stands for all of it, so that a ledger that pins the line pins the whole; `alone` includes what has nothing to be compared with, as the other side was stopped.
fn describe(outcome: &Outcome, alone: bool, ignored: Ignored) -> String {
    let ending = normalised_ending(&outcome.ending);
    let summary = shown::text(&ending.summary());
    let mut whole = Outcome::from(ending.clone()).to_json().to_string();
    if alone && !ignored.printed {
        whole += &observed::printed_text(&outcome.printed);
    }
    if alone && !ignored.files {
        whole += &observed::files_text(&outcome.files);
    }
    match ending {
        Ending::TimedOut => summary,
        _ => format!("{summary} ({})", shown::identity(whole.as_bytes())),
    }
}

/// An ending in the form that all endings have that are equal to it.
fn normalised_ending(ending: &Ending) -> Ending {
    let mut ending = ending.clone();
    match &mut ending {
        Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } => {
            for item in outputs {
                *item = canonical::value(item);
            }
        }
        _ => {}
    }
    if let Ending::Raised { failure, .. }
    | Ending::Rejected(failure)
    | Ending::OutOfMemory(Some(failure)) = &mut ending
    {
        *failure = failure::normalised(failure);
    }
    ending
}

fn compare_graph(findings: &mut Findings<'_>, reference: &GraphInfo, candidate: &GraphInfo) {
    let path = OutcomePath::root("graph_info");
    for (name, count) in [
        (
            "node_count",
            (|info| info.node_count) as fn(&GraphInfo) -> usize,
        ),
        ("source_count", |info| info.source_count),
        ("sink_count", |info| info.sink_count),
    ] {
        findings.check(
            path.key(name),
            &count(reference),
            &count(candidate),
            ToString::to_string,
        );
    }
    findings.check(
        path.key("execution_order"),
        &reference.execution_order,
        &candidate.execution_order,
        |order| shown::text(&format!("{order:?}")),
    );
}

#[cfg(test)]
mod array_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
