//! Why two legs differ, and which node does first: by rule and by experiment, only for what is red.
//!
//! A cause that neither a rule nor an experiment names stays unexplained: a wrong reason would be worse than none.

mod examine;
mod exceptions;
mod likeness;
mod nodes;
mod numbers;
mod place;
pub mod remedy;
mod texts;
pub mod witness;
mod words;

use serde::{Deserialize, Serialize};

use self::examine::Examined;
use self::nodes::Traced;
use self::witness::Witnesses;
use crate::executor::{Executor, Job};
use crate::outcome::{Ending, Outcome};
use crate::verdict::cause::Cause;
use crate::verdict::divergence::Divergence;

/// What a comparison's differences come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// The first node whose inputs agree and whose outputs, warnings or exception don't; several, where branches differ by themselves.
    pub nodes: Vec<String>,
    /// Each cause once, in the order of the differences; what is not understood comes last.
    pub causes: Vec<Attributed>,
}

impl Attribution {
    /// Whether a wrong integer among the differences is one that nothing tells of: a clock's or a platform's is another one by its nature.
    pub fn may_be_silent(&self) -> bool {
        self.causes.iter().any(|one| {
            let by_nature = one.because == numbers::LARGEST;
            match one.cause {
                Cause::IntegerWidth => !by_nature,
                Cause::UndefinedInC | Cause::Fault | Cause::Unexplained => true,
                _ => false,
            }
        })
    }
}

/// A cause, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attributed {
    pub cause: Cause,
    /// The sentence that says what speaks for it.
    pub because: String,
    pub remedy: String,
}

/// Where a case is asked again.
pub struct Question<'a> {
    /// The request in JSON.
    pub request: &'a [u8],
    pub job: Job<'a>,
    pub witnesses: &'a Witnesses,
    /// The reference's executor and the candidate's.
    pub executors: [&'a dyn Executor; 2],
    pub outcomes: [&'a Outcome; 2],
    /// Those that make the case red.
    pub divergences: &'a [&'a Divergence],
}

/// Attributes the differences of one comparison.
pub fn attribute(question: &Question<'_>) -> Attribution {
    let timed_out = |outcome: &&Outcome| matches!(outcome.ending, Ending::TimedOut);
    if question.outcomes.iter().any(timed_out) {
        // Each experiment would take as long.
        return Attribution {
            nodes: Vec::new(),
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
    let again = question.executors.map(run);
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
        nodes.extend(traced.only().map(str::to_owned));
    }
    for first in &differing {
        examined.read(traced.node_type(&first.id));
        examined.node(first);
    }
    examined.read(nodes.first().and_then(|id| traced.node_type(id)));
    // Outputs follow from what the nodes have made.
    examined.case(|divergence| differing.is_empty() || divergence.path.root_name() == "warnings");
    examined.attribution(nodes)
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

impl Attributed {
    fn new(cause: Cause, because: &str) -> Self {
        Attributed {
            cause,
            because: because.to_owned(),
            remedy: remedy::of(cause).to_owned(),
        }
    }

    fn unexplained(because: &str) -> Self {
        Self::new(Cause::Unexplained, because)
    }
}
