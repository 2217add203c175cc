//! What an exception looks like that one leg raises, and the other doesn't.

use parallax_runtime::outcome::{Exception, Failure};
use parallax_runtime::value::Value;

use super::likeness::Likeness;
use crate::verdict::cause::Cause;

/// The exception that a failure tells of, or what it says itself.
pub fn of_candidate(failure: &Failure) -> Option<Likeness> {
    match &failure.exception {
        Some(exception) => leaves(exception).into_iter().find_map(candidate),
        None => None,
    }
}

/// An exception that the reference alone raises.
pub fn of_reference(failure: &Failure) -> Option<Likeness> {
    let exception = failure.exception.as_ref()?;
    leaves(exception).into_iter().find_map(reference)
}

fn reference(exception: &Exception) -> Option<Likeness> {
    let of_numpy = exception.message.contains(" encountered in ");
    let float = class(exception) == "FloatingPointError";
    (float || class(exception) == "RuntimeWarning" && of_numpy).then_some(Likeness::Is(
        Cause::FloatStatus,
        "numpy raises this where the processor says that an operation on floats went wrong",
    ))
}

/// What values look like of which one tells of an exception that the other doesn't tell of: a node has caught it.
pub fn of_told([one, other]: [&Value; 2]) -> Option<Likeness> {
    let [own, others] = [told(one), told(other)];
    let only = |some: &[Exception], rest: &[Exception]| -> Vec<Exception> {
        let known = |it: &&Exception| !rest.iter().any(|other| other.class == it.class);
        some.iter().filter(known).cloned().collect()
    };
    let of_candidate = only(&others, &own);
    let of_reference = only(&own, &others);
    let found = of_candidate.iter().find_map(candidate);
    found.or_else(|| of_reference.iter().find_map(reference))
}

/// The exceptions with whose names texts begin, as `print`, `repr` or `__name__` show them; they may stand in a list.
fn told(value: &Value) -> Vec<Exception> {
    match value {
        Value::Str(text) => told_by(text).into_iter().collect(),
        Value::List(items) => items.iter().flat_map(told).collect(),
        _ => Vec::new(),
    }
}

fn told_by(text: &str) -> Option<Exception> {
    if text.starts_with("[Errno ") {
        return Some(Exception::new("OSError", text));
    }
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let end = text.find(|c| !in_name(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_class = ["Error", "Exception", "Warning"]
        .iter()
        .any(|suffix| name.ends_with(suffix));
    let message = match rest {
        "" => "",
        rest => rest
            .strip_prefix(": ")
            .or_else(|| rest.strip_prefix('(')?.strip_suffix(')'))?,
    };
    is_class.then(|| Exception::new(name, message.trim_matches(['\'', '"'])))
}

/// Only where the reference has no such exception.
pub const OUTSIDE: &str = "the candidate sees nothing but the case's directory, and what it may only read: the node path and Python's library";

/// What the places are called that a candidate may only read.
const READ_ONLY: [&str; 4] = ["<nodes>", "<library>", "<packages>", "<prefix>"];

/// An exception of the candidate alone about a file that isn't in the case's directory.
pub fn of_outside(failure: &Failure) -> Option<Likeness> {
    let exception = failure.exception.as_ref()?;
    leaves(exception).into_iter().find_map(|exception| {
        let of_files = matches!(
            class(exception),
            "FileNotFoundError" | "PermissionError" | "NotADirectoryError" | "OSError"
        );
        let (_, path) = exception.message.split_once(": '")?;
        let outside = path.starts_with('/') || READ_ONLY.iter().any(|name| path.starts_with(name));
        // With other words, a node has raised it itself.
        let own_words = !exception.message.starts_with("[Errno ");
        (of_files && outside && !own_words).then_some(Likeness::Is(Cause::Capability, OUTSIDE))
    })
}

/// The exception, those that it holds, and what it was raised from; what was handled at the time may be another matter.
fn leaves(exception: &Exception) -> Vec<&Exception> {
    let mut all = vec![exception];
    for member in &exception.members {
        all.extend(leaves(member));
    }
    if let Some(cause) = &exception.cause {
        all.extend(leaves(cause));
    }
    all
}

fn class(exception: &Exception) -> &str {
    exception.class.rsplit('.').next().unwrap_or_default()
}

/// What the C library says of what a target lacks, and Python of itself.
const LACKING: [&str; 15] = [
    "[Errno ENOSYS]",
    "[Errno ENOTSUP]",
    "[Errno EPERM]",
    "[Errno ENOTCAPABLE]",
    "[Errno ENOLCK]",
    "[Errno EAFNOSUPPORT]",
    "Function not implemented",
    "Not supported",
    "not supported",
    "does not support",
    "Capabilities insufficient",
    "Operation not permitted",
    "No locks available",
    // Names of files are UTF-8 in WASI.
    "[Errno EILSEQ]",
    "Illegal byte sequence",
];

/// Messages of integers that don't fit.
const TOO_WIDE: [&str; 10] = [
    "too large to convert to C",
    "too big to convert",
    "too large to fit into an index-sized integer",
    "cannot fit 'int' into an index-sized integer",
    "Maximum allowed dimension exceeded",
    "array is too big",
    "out of bounds for int32",
    "out of bounds for uint32",
    "out of range for platform time_t",
    "does not fit in an index",
];

/// Classes that the system's errors have, besides `OSError` itself.
const OF_THE_SYSTEM: [&str; 5] = [
    "OSError",
    "PermissionError",
    "BlockingIOError",
    "ConnectionError",
    "UnsupportedOperation",
];

fn candidate(exception: &Exception) -> Option<Likeness> {
    let is = |cause, reason| Some(Likeness::Is(cause, reason));
    let message = &exception.message;
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    let lacks = "the candidate's target lacks it";
    match class(exception) {
        // With other words, a node has raised it itself.
        "RecursionError" if message.is_empty() || says(&["recursion depth", "Stack overflow"]) => {
            is(Cause::Stack, "the candidate runs out of stack")
        }
        "MemoryError" if message.is_empty() || message.starts_with("Unable to allocate") => {
            is(Cause::Memory, "the candidate runs out of memory")
        }
        _ if says(&TOO_WIDE) => is(
            Cause::IntegerWidth,
            "an integer doesn't fit into a type that is as wide as a pointer",
        ),
        "ModuleNotFoundError" => is(Cause::Capability, lacks),
        "ImportError" if message.contains("cannot import name") => is(Cause::Capability, lacks),
        "AttributeError"
            if message.starts_with("module '") && message.contains("' has no attribute '") =>
        {
            is(Cause::Capability, lacks)
        }
        "RuntimeError" if message == "can't start new thread" => is(Cause::Capability, lacks),
        "UnsupportedOperation" if says(&LACKING) => is(Cause::Capability, lacks),
        class
            if OF_THE_SYSTEM.contains(&class)
                && message.starts_with("[Errno ")
                && says(&LACKING) =>
        {
            is(Cause::Capability, lacks)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use parallax_runtime::outcome::Kind;

    use super::*;

    fn failure(class: &str, message: &str) -> Failure {
        Failure {
            exception: Some(Box::new(Exception::new(class, message))),
            ..Failure::new(Kind::Python, message)
        }
    }

    #[test]
    fn exceptions_tell_what_they_come_from() {
        for (class, message, expected) in [
            (
                "RuntimeError",
                "can't start new thread",
                Some(Cause::Capability),
            ),
            (
                "AttributeError",
                "module 'os' has no attribute 'fork'",
                Some(Cause::Capability),
            ),
            ("AttributeError", "'A' object has no attribute 'b'", None),
            (
                "ModuleNotFoundError",
                "No module named '_ssl'",
                Some(Cause::Capability),
            ),
            (
                "RecursionError",
                "maximum recursion depth exceeded",
                Some(Cause::Stack),
            ),
            ("MemoryError", "", Some(Cause::Memory)),
            (
                "OverflowError",
                "Python int too large to convert to C long",
                Some(Cause::IntegerWidth),
            ),
            (
                "ValueError",
                "Maximum allowed dimension exceeded",
                Some(Cause::IntegerWidth),
            ),
            (
                "OSError",
                "[Errno 58] Not supported",
                Some(Cause::Capability),
            ),
            // What a node says itself proves nothing.
            ("ValueError", "this is not supported", None),
            ("OverflowError", "math range error", None),
        ] {
            let found = of_candidate(&failure(class, message));
            let cause = found.map(|likeness| match likeness {
                Likeness::Is(cause, _) => cause,
                other => panic!("{other:?}"),
            });
            assert_eq!(cause, expected, "{class}: {message}");
        }
        for (message, expected) in [
            ("[Errno EPERM]: '<nodes>/out.txt'", true),
            ("[Errno ENOENT]: '/etc/passwd'", true),
            ("[Errno ENOENT]: '<case>/in.txt'", false),
            ("[Errno ENOENT]: 'in.txt'", false),
        ] {
            let found = of_outside(&failure("FileNotFoundError", message));
            assert_eq!(found.is_some(), expected, "{message}");
        }
        let float = failure("FloatingPointError", "overflow encountered in exp");
        assert!(of_reference(&float).is_some());
        assert!(of_reference(&failure("ValueError", "x")).is_none());
    }
}
