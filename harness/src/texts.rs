//! The texts of an outcome, for what is looked for and replaced in them.

use parallax_runtime::outcome::{Exception, Failure};
use parallax_runtime::value::Value;

use crate::outcome::{Ending, FileKind, Outcome};

/// A replacement: the new text, or nothing where it stays as it is.
///
/// It replaces whole characters by whole characters.
pub type Replace<'a> = &'a dyn Fn(&[u8]) -> Option<Vec<u8>>;

/// The same, told where the text stands: the same place of two outcomes has the same key.
pub type ReplaceAt<'a> = &'a mut dyn FnMut(&[u32], &[u8]) -> Option<Vec<u8>>;

/// Takes a text and where it stands.
pub type Take<'a> = &'a mut dyn FnMut(&[u32], &[u8]);

/// Which part of an outcome a text is of; the first of a key.
#[derive(Clone, Copy)]
enum Part {
    Message,
    Exception,
    Warning,
    Printed,
    Output,
}

/// Replaces in all that is text for people: messages, notes, tracebacks, warnings, printed text.
pub fn replace(outcome: &mut Outcome, by: Replace<'_>) {
    replace_at(outcome, false, &mut |_, text| by(text));
}

/// The same, and in what sinks have where `outputs` says so.
pub fn replace_at(outcome: &mut Outcome, outputs: bool, by: ReplaceAt<'_>) {
    if let Some(failure) = failure_mut(&mut outcome.ending) {
        replace_in(&mut failure.message, &[Part::Message as u32], by);
        if let Some(exception) = &mut failure.exception {
            let mut index = 0;
            exception.for_each_mut(&mut |exception| {
                let others = exception.notes.iter_mut().chain(&mut exception.traceback);
                for (place, text) in std::iter::once(&mut exception.message)
                    .chain(others)
                    .enumerate()
                {
                    replace_in(text, &[Part::Exception as u32, index, number(place)], by);
                }
                index += 1;
            });
        }
    }
    for (index, warning) in outcome.warnings.iter_mut().enumerate() {
        let key = [Part::Warning as u32, number(index)];
        replace_in(&mut warning.message, &key, by);
    }
    let printed = [&mut outcome.printed.stdout, &mut outcome.printed.stderr];
    for (index, text) in printed.into_iter().enumerate() {
        if let Some(replaced) = by(&[Part::Printed as u32, number(index)], text) {
            *text = replaced;
        }
    }
    if outputs
        && let Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } =
            &mut outcome.ending
    {
        let mut key = vec![Part::Output as u32];
        replace_in_list(outputs, &mut key, by);
    }
}

/// Replaces in the targets of the links that the case has left.
pub fn replace_in_links(outcome: &mut Outcome, by: Replace<'_>) {
    for file in &mut outcome.files {
        if file.kind == FileKind::Link {
            replace_in(&mut file.digest, &[], &mut |_, text| by(text));
        }
    }
}

/// Replaces in the texts of what sinks have, and in the keys of maps.
pub fn replace_in_outputs(outcome: &mut Outcome, by: Replace<'_>) {
    if let Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } = &mut outcome.ending {
        replace_in_list(outputs, &mut Vec::new(), &mut |_, text| by(text));
    }
}

/// Gives each text in which [`replace_at`] would replace.
pub fn each(outcome: &Outcome, outputs: bool, take: Take<'_>) {
    if let Some(failure) = failure(&outcome.ending) {
        take(&[Part::Message as u32], failure.message.as_bytes());
        if let Some(exception) = &failure.exception {
            each_of(exception, &mut 0, take);
        }
    }
    for (index, warning) in outcome.warnings.iter().enumerate() {
        let key = [Part::Warning as u32, number(index)];
        take(&key, warning.message.as_bytes());
    }
    let printed = [&outcome.printed.stdout, &outcome.printed.stderr];
    for (index, text) in printed.into_iter().enumerate() {
        take(&[Part::Printed as u32, number(index)], text);
    }
    if outputs
        && let Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } = &outcome.ending
    {
        each_in_list(outputs, &mut vec![Part::Output as u32], take);
    }
}

/// In the order of [`Exception::for_each_mut`].
fn each_of(exception: &Exception, index: &mut u32, take: Take<'_>) {
    exception.for_each(&mut |exception| {
        let others = exception.notes.iter().chain(&exception.traceback);
        for (place, text) in std::iter::once(&exception.message)
            .chain(others)
            .enumerate()
        {
            take(
                &[Part::Exception as u32, *index, number(place)],
                text.as_bytes(),
            );
        }
        *index += 1;
    });
}

fn each_in_list(items: &[Value], key: &mut Vec<u32>, take: Take<'_>) {
    for (index, item) in items.iter().enumerate() {
        key.push(number(index));
        match item {
            Value::Str(text) => take(key, text.as_bytes()),
            Value::List(items) => each_in_list(items, key, take),
            Value::Map(entries) => {
                for (index, (name, item)) in entries.iter().enumerate() {
                    key.push(number(index));
                    take(key, name.as_bytes());
                    each_in_list(std::slice::from_ref(item), key, take);
                    key.pop();
                }
            }
            _ => {}
        }
        key.pop();
    }
}

fn replace_in_list(items: &mut [Value], key: &mut Vec<u32>, by: ReplaceAt<'_>) {
    for (index, item) in items.iter_mut().enumerate() {
        key.push(number(index));
        match item {
            Value::Str(text) => replace_in(text, key, by),
            Value::List(items) => replace_in_list(items, key, by),
            Value::Map(entries) => {
                for (index, (name, item)) in entries.iter_mut().enumerate() {
                    key.push(number(index));
                    replace_in(name, key, by);
                    replace_in_list(std::slice::from_mut(item), key, by);
                    key.pop();
                }
            }
            _ => {}
        }
        key.pop();
    }
}

fn replace_in(text: &mut String, key: &[u32], by: ReplaceAt<'_>) {
    if let Some(replaced) = by(key, text.as_bytes())
        && let Ok(replaced) = String::from_utf8(replaced)
    {
        *text = replaced;
    }
}

fn failure(ending: &Ending) -> Option<&Failure> {
    match ending {
        Ending::Raised { failure, .. }
        | Ending::Rejected(failure)
        | Ending::OutOfMemory(Some(failure)) => Some(failure),
        _ => None,
    }
}

fn failure_mut(ending: &mut Ending) -> Option<&mut Failure> {
    match ending {
        Ending::Raised { failure, .. }
        | Ending::Rejected(failure)
        | Ending::OutOfMemory(Some(failure)) => Some(failure),
        _ => None,
    }
}

/// Of more items than there are numbers, the last have one in common; they are then not told apart.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
