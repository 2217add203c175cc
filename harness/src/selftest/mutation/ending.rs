//! Endings: of another class, and what the classes say that have no more than a text or a number.

use parallax_runtime::outcome::{Failure, GraphInfo, Kind};
use parallax_runtime::value::Value;

use super::chance::any;
use super::change::{Change, Group};
use super::text;
use crate::generate::random::Random;
use crate::outcome::{Ending, Outcome};
use crate::path::OutcomePath;
use crate::selftest::outcomes::faults;

pub(super) fn change(random: &mut Random, outcome: &mut Outcome) -> Option<Change> {
    let within = |kind, name: &str| Some(Change::at(Group::Endings, kind, OutcomePath::root(name)));
    if random.below(2) == 0 {
        match &mut outcome.ending {
            Ending::Exited { code, fault } => {
                if random.below(2) == 0 {
                    *code += 1;
                    return within("another exit code", "code");
                }
                let known = faults();
                let other = known[any(random, known.len())?].clone();
                if other == *fault {
                    return None;
                }
                let cut_short = outcome.ending.is_cut_short();
                if let Ending::Exited { fault, .. } = &mut outcome.ending {
                    *fault = other;
                }
                // Of one that was stopped nothing else is known, so that the whole outcomes differ.
                let place = match cut_short == outcome.ending.is_cut_short() {
                    true => "fault",
                    false => "outcome",
                };
                return within("another fault", place);
            }
            Ending::Trapped(name) => {
                text::change(random, name)?;
                return within("another trap", "trap");
            }
            Ending::Unsupported(reason) => {
                text::change(random, reason)?;
                return within("another reason", "reason");
            }
            Ending::OutOfMemory(failure) => {
                *failure = match failure.take() {
                    Some(_) => None,
                    None => Some(Failure::new(Kind::Limit, "memory ran out")),
                };
                return within("memory that ran out in another way", "outcome");
            }
            _ => {}
        }
    }
    let (kind, ending) = of_another_class(random, &outcome.ending)?;
    outcome.ending = ending;
    within(kind, "outcome")
}

/// An ending of another class, with as much as possible of what there was.
fn of_another_class(random: &mut Random, ending: &Ending) -> Option<(&'static str, Ending)> {
    let outputs: Vec<Value> = match ending {
        Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } => outputs.clone(),
        _ => Vec::new(),
    };
    let failure = match ending {
        Ending::Raised { failure, .. }
        | Ending::Rejected(failure)
        | Ending::OutOfMemory(Some(failure)) => failure.clone(),
        _ => Failure::new(Kind::Python, "node `a` raised"),
    };
    let text = match ending {
        Ending::Trapped(text) | Ending::Unsupported(text) => text.clone(),
        _ => "SIGSEGV".to_owned(),
    };
    let (kind, other) = match random.below(9) {
        0 => (
            "returned",
            Ending::Returned {
                outputs,
                graph_info: GraphInfo {
                    node_count: 1,
                    source_count: 1,
                    sink_count: 1,
                    execution_order: vec!["a".to_owned()],
                },
            },
        ),
        1 => ("raised", Ending::Raised { failure, outputs }),
        2 => ("rejected", Ending::Rejected(failure)),
        3 => (
            "exited",
            Ending::Exited {
                code: 0,
                fault: faults().swap_remove(0),
            },
        ),
        4 => ("trapped", Ending::Trapped(text)),
        5 => ("timed out", Ending::TimedOut),
        6 => ("out of memory", Ending::OutOfMemory(None)),
        7 => ("out of memory and told", Ending::OutOfMemory(Some(failure))),
        _ => ("unsupported", Ending::Unsupported(text)),
    };
    let same = std::mem::discriminant(ending) == std::mem::discriminant(&other);
    (!same).then_some((kind, other))
}
