//! What is asked of an attribution, and what it has found.

use serde::{Deserialize, Serialize};

use super::witness::Witnesses;
use super::{numbers, remedy};
use crate::executor::{Executor, Job};
use crate::outcome::Outcome;
use crate::path::OutcomePath;
use crate::verdict::cause::Cause;
use crate::verdict::divergence::Divergence;

/// What a comparison's differences come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// The first node whose inputs agree and whose outputs, warnings or exception don't; several, where branches differ by themselves.
    pub nodes: Vec<String>,
    /// Each cause once, in the order of the differences; what is not understood comes last. But the cause of the difference that a report shows stands first, if it is known which that is.
    pub causes: Vec<Attributed>,
    /// Whether it is known.
    pub first_is_shown: bool,
}

impl Attribution {
    /// Whether the text that a report shows first has an integer in it that is cut to 32 bits: nothing tells of it.
    pub fn is_cut_integer(&self) -> bool {
        let first = self.causes.first();
        self.first_is_shown && first.is_some_and(|one| one.because == numbers::WRAPPED)
    }

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
    /// The first difference that it is the cause of, or the one that a report shows: of the node's outputs, or of the case.
    pub place: OutcomePath,
    pub node: Option<String>,
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
    pub targets: [&'a str; 2],
    pub outcomes: [&'a Outcome; 2],
    /// Those that make the case red.
    pub divergences: &'a [&'a Divergence],
}

impl Attributed {
    pub(super) fn new(cause: Cause, because: &str) -> Self {
        Attributed {
            cause,
            // Told once the difference is known to which it belongs.
            place: OutcomePath::root("outcome"),
            node: None,
            because: because.to_owned(),
            remedy: remedy::of(cause, because).to_owned(),
        }
    }

    pub(super) fn unexplained(because: &str) -> Self {
        Self::new(Cause::Unexplained, because)
    }
}
