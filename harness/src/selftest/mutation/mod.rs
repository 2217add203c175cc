//! One leaf of an outcome changed: what a wrong executor, or a wrong build of one, could do.

mod array;
mod ending;
mod exception;
mod text;
mod told;
mod value;

use crate::generate::random::Random;
use crate::outcome::{Ending, Outcome};
use crate::path::OutcomePath;

pub use array::{leaf_of, parts};

/// What was changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// In what way, by name.
    pub kind: &'static str,
    /// Which part of an outcome it belongs to.
    pub group: Group,
    /// The leaf; a divergence must cover it.
    pub leaf: OutcomePath,
    /// No divergence may lie outside of this.
    pub within: OutcomePath,
    /// The number before and after, where one float became another in the same place.
    pub float: Option<[f64; 2]>,
    /// Whether values have changed places, so that it depends on them what a policy makes of it.
    pub moved: bool,
}

/// The parts of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Values,
    Arrays,
    Failures,
    Exceptions,
    Warnings,
    Printed,
    Files,
    Graph,
    Endings,
}

impl Group {
    /// Each of them.
    #[cfg(test)]
    pub const ALL: [Group; 9] = [
        Group::Values,
        Group::Arrays,
        Group::Failures,
        Group::Exceptions,
        Group::Warnings,
        Group::Printed,
        Group::Files,
        Group::Graph,
        Group::Endings,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Group::Values => "values",
            Group::Arrays => "arrays",
            Group::Failures => "failures",
            Group::Exceptions => "exceptions",
            Group::Warnings => "warnings",
            Group::Printed => "printed text",
            Group::Files => "files",
            Group::Graph => "graph",
            Group::Endings => "endings",
        }
    }
}

impl Change {
    /// A change of one leaf, which shows there and nowhere else.
    fn at(group: Group, kind: &'static str, leaf: OutcomePath) -> Self {
        Change {
            kind,
            group,
            within: leaf.clone(),
            leaf,
            float: None,
            moved: false,
        }
    }

    /// The same, of values that have only changed places.
    fn moved(self, moved: bool) -> Self {
        Change { moved, ..self }
    }

    /// A change of one leaf that may show anywhere within a larger part.
    fn within(self, within: OutcomePath) -> Self {
        Change { within, ..self }
    }
}

/// Changes one leaf of an outcome, if the part that chance has chosen has one.
///
/// Only what is compared is changed: neither the payload of a NaN nor padding, and nothing of what a stopped case had printed or written.
pub fn mutate(random: &mut Random, outcome: &mut Outcome) -> Option<Change> {
    let stopped = outcome.ending.is_cut_short();
    match random.below(24) {
        0 => ending::change(random, outcome),
        1 => told::change_warnings(random, &mut outcome.warnings),
        2 if !stopped => told::change_printed(random, &mut outcome.printed),
        3 if !stopped => told::change_files(random, &mut outcome.files),
        4 => match &mut outcome.ending {
            Ending::Returned { graph_info, .. } => told::change_graph(random, graph_info),
            _ => None,
        },
        _ => match &mut outcome.ending {
            Ending::Raised { outputs, .. } if random.below(4) == 0 => {
                value::change_list(random, outputs, &OutcomePath::root("outputs"))
            }
            Ending::Returned { outputs, .. } => {
                value::change_list(random, outputs, &OutcomePath::root("outputs"))
            }
            Ending::Raised { failure, .. }
            | Ending::Rejected(failure)
            | Ending::OutOfMemory(Some(failure)) => exception::change_failure(random, failure),
            _ => ending::change(random, outcome),
        },
    }
}

/// A random index of a list.
fn any(random: &mut Random, length: usize) -> Option<usize> {
    (length > 0).then(|| random.below(length as u64) as usize)
}

/// Two indices whose items differ, so that exchanging them is a change.
fn two<T>(
    random: &mut Random,
    items: &[T],
    same: impl Fn(&T, &T) -> bool,
) -> Option<(usize, usize)> {
    let one = any(random, items.len())?;
    let other = any(random, items.len())?;
    (one != other && !same(&items[one], &items[other])).then_some((one, other))
}
