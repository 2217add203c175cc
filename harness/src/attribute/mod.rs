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

use parallax_runtime::outcome::Failure;

use self::examine::Examined;
use self::found::{Attributed, Attribution, Question};
use self::nodes::Traced;
use crate::executor::{Executor, Job};
use crate::outcome::{Ending, Outcome};
use crate::verdict::divergence::Divergence;
use crate::verdict::errors::aligned;

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
            first_is_shown: true,
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
    let mut examined = Examined::new(question, job);
    let Some(traced) = &traced else {
        examined.case(|_| true);
        return examined.attribution(Vec::new());
    };
    let ended = where_it_dies(question, job, traced, &mut again);
    let [Some(reference), Some(candidate)] = &again else {
        examined.case(|_| true);
        return examined.attribution(Vec::new());
    };
    let [a, b] = question.targets;
    let again = aligned([(a, reference), (b, candidate)], job.exact.errors);
    let sides = again.each_ref().map(|outcome| &**outcome);
    let mut differing = traced.first_differing(sides);
    let mut first = failed(question);
    first.extend(ended.as_deref());
    // A node that has failed on one leg lacks outputs for just that.
    differing.retain(|one| !first.contains(&one.id.as_str()));
    first.extend(differing.iter().map(|one| one.id.as_str()));
    first.extend(warned(question));
    let mut nodes = traced.with_agreeing_inputs(&first, sides);
    if nodes.is_empty() {
        let only = traced.only().map(str::to_owned);
        nodes.extend(only.or_else(|| where_it_is_left(question, job, traced)));
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

/// The node in which one leg alone ends without a word of where; what the leg had made before it takes the place of its outcome.
fn where_it_dies(
    question: &Question<'_>,
    job: Job<'_>,
    traced: &Traced,
    again: &mut [Option<Outcome>; 2],
) -> Option<String> {
    let dies = |ending: &Ending| {
        matches!(
            ending,
            Ending::Exited { .. } | Ending::Trapped(_) | Ending::OutOfMemory(_)
        )
    };
    let side = match question.outcomes.map(|outcome| dies(&outcome.ending)) {
        [true, false] => 0,
        [false, true] => 1,
        _ => return None,
    };
    let run = |request: &[u8]| {
        let answer = question.executors[side].run(Job { request, ..job });
        answer.ok().map(|answer| answer.outcome)
    };
    let ended = traced.first_to_end(|request| run(request).is_some_and(|it| dies(&it.ending)))?;
    if let Some(before) = &ended.before {
        again[side] = run(before);
    }
    Some(ended.node)
}

/// The first node with which what is printed, or left in files, differs.
fn where_it_is_left(question: &Question<'_>, job: Job<'_>, traced: &Traced) -> Option<String> {
    let first = question.divergences.first()?;
    if !matches!(first.path.root_name(), "printed" | "files") {
        return None;
    }
    let left = |request: &[u8], executor: &dyn Executor| {
        let answer = executor.run(Job { request, ..job }).ok()?;
        Some((answer.outcome.printed, answer.outcome.files))
    };
    let differs = |request: &[u8]| {
        let [reference, candidate] = question.executors;
        left(request, reference) != left(request, candidate)
    };
    Some(traced.first_to_end(differs)?.node)
}

/// The nodes that failed, where that was not the same on both legs.
fn failed<'q>(question: &Question<'q>) -> Vec<&'q str> {
    let failures = question.outcomes.map(failure);
    if failures[0] == failures[1] {
        return Vec::new();
    }
    let named = failures.into_iter().flatten();
    named
        .filter_map(|failure| failure.node.as_deref())
        .collect()
}

/// The nodes of which one leg alone has a warning.
fn warned<'q>(question: &Question<'q>) -> Vec<&'q str> {
    let [reference, candidate] = question.outcomes;
    let of = |own: &'q Outcome, other: &'q Outcome| {
        let mut own = own.warnings.iter();
        let alone = own.find(|warning| !other.warnings.contains(warning));
        alone.and_then(|warning| warning.node.as_deref())
    };
    let both = [of(reference, candidate), of(candidate, reference)];
    both.into_iter().flatten().collect()
}

/// What an execution has failed by, if a document tells of it.
fn failure(outcome: &Outcome) -> Option<&Failure> {
    match &outcome.ending {
        Ending::Raised { failure, .. }
        | Ending::Rejected(failure)
        | Ending::OutOfMemory(Some(failure)) => Some(failure),
        _ => None,
    }
}
