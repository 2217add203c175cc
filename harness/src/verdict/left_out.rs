//! Modules of the standard library that both of the built Pythons lack, so that no case can be about what they do.

use parallax_runtime::outcome::Exception;

use crate::outcome::{Ending, Outcome};

/// The modules' names without what stands before a dot; docs/CORPUS.md has the list for people.
const LEFT_OUT: [&str; 24] = [
    "_bz2",
    "_ctypes",
    "_curses",
    "_curses_panel",
    "_dbm",
    "_gdbm",
    "_hashlib",
    "_lzma",
    "_sqlite3",
    "_ssl",
    "_tkinter",
    "_uuid",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "nis",
    "pydoc_data",
    "readline",
    "test",
    "tkinter",
    "turtle",
    "turtledemo",
    "venv",
    "__phello__",
];

/// What CPython says of a module that isn't there.
const CLASS: &str = "ModuleNotFoundError";
const MESSAGE: [&str; 2] = ["No module named '", "'"];

/// The module for whose lack an outcome is an error, as a person calls it.
pub fn missing(outcome: &Outcome) -> Option<&str> {
    let Ending::Raised { failure, .. } = &outcome.ending else {
        return None;
    };
    let mut exception = failure.exception.as_deref()?;
    loop {
        if let Some(module) = named(exception) {
            return Some(module);
        }
        exception = exception
            .cause
            .as_deref()
            .or(exception.context.as_deref())?;
    }
}

fn named(exception: &Exception) -> Option<&str> {
    let [before, behind] = MESSAGE;
    let name = exception.message.strip_prefix(before)?;
    let name = name.strip_suffix(behind)?;
    let package = name.split('.').next().unwrap_or(name);
    let is_left_out = exception.class == CLASS && LEFT_OUT.contains(&package);
    is_left_out.then(|| name.strip_prefix('_').unwrap_or(name))
}
