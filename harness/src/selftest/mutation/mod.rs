//! One leaf of an outcome changed: what a wrong executor, or a wrong build of one, could do.

mod array;
mod chance;
mod change;
mod ending;
mod exception;
mod float;
mod text;
mod told;
mod value;

use crate::generate::random::Random;
use crate::outcome::{Ending, Outcome};
use crate::path::OutcomePath;

pub use array::{leaf_of, parts};
pub use change::{Change, Group};

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
