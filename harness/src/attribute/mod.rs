//! Why two legs differ, and which node does first: by rule and by experiment, only for what is red.
//!
//! A cause that neither a rule nor an experiment names stays unexplained: a wrong reason would be worse than none.

mod examine;
mod exceptions;
pub mod found;
mod likeness;
mod nodes;
mod numbers;
mod place;
pub mod remedy;
mod texts;
pub mod witness;
mod words;

use self::examine::Examined;
use self::found::{Attributed, Attribution, Question};
use self::nodes::Traced;
use crate::executor::{Executor, Job};
use crate::outcome::{Ending, Outcome};
use crate::verdict::divergence::Divergence;
use crate::verdict::errors::name_errors;

/// Attributes the differences of one comparison.
pub fn attribute(question: &Question<'_>) -> Attribution {
    let timed_out = |outcome: &&Outcome| matches!(outcome.ending, Ending::TimedOut);
    if question.outcomes.iter().any(timed_out) {
        // Each experiment would take as long.
        let traced = Traced::of(question.request);
        let only = traced.as_ref().and_then(Traced::only);
        return Attribution {
            nodes: only.map(str::to_owned).into_iter().collect(),
            causes: vec![Attributed::unexplained("a leg ran out of time")],
        };
    }
    let traced = Traced::of(question.request);
    let request = traced
        .as_ref()
        .map_or(question.request, |traced| &traced.request);
    let job = Job {
        request,
        transport: Default::default(),
        ..question.job
    };
    let run = |executor: &dyn Executor| executor.run(job).ok().map(|answer| answer.outcome);
    let mut again = question.executors.map(run);
    let told = question.targets.into_iter().zip(&mut again);
    let mut told: Vec<_> = told
        .filter_map(|(target, outcome)| Some((target, outcome.as_mut()?)))
        .collect();
    name_errors(&mut told, None, job.exact.errors);
    let mut examined = Examined::new(question, job);
    let (Some(traced), [Some(reference), Some(candidate)]) = (&traced, &again) else {
        examined.case(|_| true);
        return examined.attribution(Vec::new());
    };
    let mut differing = traced.first_differing([reference, candidate]);
    // A node that has failed on one leg lacks outputs for just that.
    let failed = question.outcomes.map(failed_node);
    differing.retain(|first| !failed.contains(&Some(&first.id)));
    let mut nodes: Vec<String> = differing.iter().map(|first| first.id.clone()).collect();
    if let Some(beside) = node_beside_outputs(question)
        && !nodes.contains(&beside)
    {
        nodes.insert(0, beside);
    }
    if nodes.is_empty() {
        let found = traced
            .only()
            .or_else(|| where_it_dies(question, job, traced));
        nodes.extend(found.map(str::to_owned));
    }
    for first in &differing {
        examined.read(traced.node_type(&first.id));
        examined.node(first);
    }
    examined.read(nodes.first().and_then(|id| traced.node_type(id)));
    let root = |divergence: &Divergence| divergence.path.root_name().to_owned();
    // After another ending there is nothing more to warn of.
    let ended = question
        .divergences
        .iter()
        .any(|one| root(one) == "outcome");
    // Outputs follow from what the nodes have made.
    examined.case(|divergence| match root(divergence).as_str() {
        "warnings" => !ended,
        _ => differing.is_empty(),
    });
    examined.attribution(nodes)
}

/// The node in which one leg alone ends without a word of where.
fn where_it_dies<'t>(question: &Question<'_>, job: Job<'_>, traced: &'t Traced) -> Option<&'t str> {
    let dies = |ending: &Ending| {
        matches!(
            ending,
            Ending::Exited { .. } | Ending::Trapped(_) | Ending::OutOfMemory(None)
        )
    };
    let dead = question.outcomes.map(|outcome| dies(&outcome.ending));
    let executor = match dead {
        [true, false] => question.executors[0],
        [false, true] => question.executors[1],
        _ => return None,
    };
    traced.first_to_end(|request| {
        let answer = executor.run(Job { request, ..job });
        answer.is_ok_and(|answer| dies(&answer.outcome.ending))
    })
}

/// The node that a warning, or an exception, of one leg alone names.
fn node_beside_outputs(question: &Question<'_>) -> Option<String> {
    let [reference, candidate] = question.outcomes;
    let failed = |outcome| failed_node(outcome).cloned();
    let warned = || {
        let longer = |a: &Outcome, b: &Outcome| {
            let mut own = a.warnings.iter();
            let missing = own.find(|warning| !b.warnings.contains(warning))?;
            missing.node.clone()
        };
        longer(reference, candidate).or_else(|| longer(candidate, reference))
    };
    failed(candidate)
        .or_else(|| failed(reference))
        .or_else(warned)
}

/// The node in which an execution failed.
fn failed_node(outcome: &Outcome) -> Option<&String> {
    match &outcome.ending {
        Ending::Raised { failure, .. }
        | Ending::Rejected(failure)
        | Ending::OutOfMemory(Some(failure)) => failure.node.as_ref(),
        _ => None,
    }
}
