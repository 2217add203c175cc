//! The texts of an outcome, for what is replaced in them.

use parallax_runtime::value::Value;

use crate::outcome::{Ending, FileKind, Outcome};

/// A replacement: the new text, or nothing where it stays as it is.
///
/// It replaces whole characters by whole characters.
pub type Replace<'a> = &'a dyn Fn(&[u8]) -> Option<Vec<u8>>;

/// Replaces in all that is text for people: messages, notes, tracebacks, warnings, printed text.
pub fn replace(outcome: &mut Outcome, by: Replace<'_>) {
    let failure = match &mut outcome.ending {
        Ending::Raised { failure, .. }
        | Ending::Rejected(failure)
        | Ending::OutOfMemory(Some(failure)) => Some(failure),
        _ => None,
    };
    if let Some(failure) = failure {
        replace_in(&mut failure.message, by);
        if let Some(exception) = &mut failure.exception {
            exception.for_each_mut(&mut |exception| {
                replace_in(&mut exception.message, by);
                let others = exception.notes.iter_mut().chain(&mut exception.traceback);
                others.for_each(|text| replace_in(text, by));
            });
        }
    }
    for warning in &mut outcome.warnings {
        replace_in(&mut warning.message, by);
    }
    for text in [&mut outcome.printed.stdout, &mut outcome.printed.stderr] {
        if let Some(replaced) = by(text) {
            *text = replaced;
        }
    }
}

/// Replaces in the targets of the links that the case has left.
pub fn replace_in_links(outcome: &mut Outcome, by: Replace<'_>) {
    for file in &mut outcome.files {
        if file.kind == FileKind::Link {
            replace_in(&mut file.digest, by);
        }
    }
}

/// Replaces in the texts of what sinks have, and in the keys of maps.
pub fn replace_in_outputs(outcome: &mut Outcome, by: Replace<'_>) {
    if let Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } = &mut outcome.ending {
        outputs
            .iter_mut()
            .for_each(|item| replace_in_value(item, by));
    }
}

fn replace_in_value(value: &mut Value, by: Replace<'_>) {
    match value {
        Value::Str(text) => replace_in(text, by),
        Value::List(items) => items.iter_mut().for_each(|item| replace_in_value(item, by)),
        Value::Map(entries) => {
            for (key, item) in entries {
                replace_in(key, by);
                replace_in_value(item, by);
            }
        }
        _ => {}
    }
}

fn replace_in(text: &mut String, by: Replace<'_>) {
    if let Some(replaced) = by(text.as_bytes())
        && let Ok(replaced) = String::from_utf8(replaced)
    {
        *text = replaced;
    }
}
