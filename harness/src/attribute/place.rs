//! What both legs have at the place of a difference, and what the two look like.

use std::collections::BTreeMap;

use parallax_runtime::outcome::Warning;
use parallax_runtime::value::Value;

use super::likeness::{Likeness, reordered};
use super::{exceptions, numbers, texts};
use crate::outcome::{Ending, LeftFile, Outcome};
use crate::path::{OutcomePath, Step};
use crate::verdict::cause::Cause;
use crate::verdict::compare::scalars::is_narrowed;
use crate::verdict::divergence::Divergence;

/// Which lists have the same items in another order, found out once: a list that differs in each of its items is asked for that often.
pub struct Orders {
    known: BTreeMap<String, bool>,
    /// Whether a text that tells of an exception is one that a node has caught.
    catches: bool,
}

impl Orders {
    /// None is known yet.
    pub fn new(catches: bool) -> Self {
        let known = BTreeMap::new();
        Orders { known, catches }
    }
}

/// What a difference looks like: one of the outputs, or of what there is beside them.
pub fn likeness(
    divergence: &Divergence,
    sides: [&Outcome; 2],
    orders: &mut Orders,
) -> Option<Likeness> {
    match divergence.path.root_name() {
        "outputs" => of_outputs(&divergence.path, sides.map(outputs), orders),
        "error" => of_errors(&divergence.path, sides),
        "warnings" => of_warnings(sides),
        "printed" => of_printed(&divergence.path, sides),
        "outcome" => of_endings(sides),
        "files" => of_files(&divergence.path, sides),
        "trap" => Some(Likeness::Is(
            Cause::Capability,
            "a signal has another name than a trap of WebAssembly",
        )),
        _ => None,
    }
}

pub fn outputs(outcome: &Outcome) -> &[Value] {
    match &outcome.ending {
        Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } => outputs,
        _ => &[],
    }
}

/// The same of items alone.
pub fn of_outputs(
    path: &OutcomePath,
    outputs: [&[Value]; 2],
    orders: &mut Orders,
) -> Option<Likeness> {
    let aspect = match path.steps().last() {
        Some(Step::Aspect(name)) => Some(name.as_str()),
        _ => None,
    };
    let [a, b] = outputs.map(|items| find(items, path));
    let own = match (a, b) {
        (Some(a), Some(b)) => of_values(a, b, aspect),
        _ => None,
    };
    // An item that is another one may stand elsewhere in its list.
    own.or_else(|| in_another_order(path, outputs, orders))
        .or_else(|| orders.catches.then(|| told(path, outputs)).flatten())
}

/// A list where the other leg has a text of an exception, or the other way round.
fn told(path: &OutcomePath, outputs: [&[Value]; 2]) -> Option<Likeness> {
    let steps = match path.steps() {
        [holder @ .., Step::Aspect(_)] => holder,
        steps => steps,
    };
    let whole = |items| match follow(items, steps)? {
        List::Value(value) => Some(value.clone()),
        List::Items(items) => Some(Value::List(items.to_vec())),
    };
    let [a, b] = outputs.map(whole);
    exceptions::of_told([&a?, &b?])
}

fn of_values(a: &Value, b: &Value, aspect: Option<&str>) -> Option<Likeness> {
    match (a, b, aspect) {
        (Value::Array(a), Value::Array(b), Some("dtype")) => is_narrowed(a.dtype(), b.dtype())
            .then_some(Likeness::Is(Cause::IntegerWidth, numbers::NARROW)),
        (Value::Map(a), Value::Map(b), Some("order")) => {
            (a.len() == b.len()).then_some(Likeness::Order)
        }
        (_, _, Some(_)) => None,
        (Value::Array(a), Value::Array(b), None) => numbers::arrays(a, b),
        (Value::Str(a), Value::Str(b), None) => texts::of(a, b),
        (Value::Bytes(a), Value::Bytes(b), None) => {
            let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).ok();
            texts::of(&text(a)?, &text(b)?)
        }
        (a, b, None) => numbers::of(a, b),
    }
}

/// Whether a list that holds the place has the same items in another order.
fn in_another_order(
    path: &OutcomePath,
    outputs: [&[Value]; 2],
    orders: &mut Orders,
) -> Option<Likeness> {
    (1..=path.steps().len()).rev().find_map(|length| {
        let holder = &path.steps()[..length - 1];
        let [a, b] = outputs.map(|items| follow(items, holder));
        let (List::Items(a), List::Items(b)) = (a?, b?) else {
            return None;
        };
        let known = orders.known.entry(format!("{holder:?}"));
        known
            .or_insert_with(|| reordered(a, b))
            .then_some(Likeness::Order)
    })
}

/// What stands at a place, or holds it where that is an aspect or an element of an array.
fn find<'v>(items: &'v [Value], path: &OutcomePath) -> Option<&'v Value> {
    match follow(items, path.steps())? {
        List::Value(value) => Some(value),
        List::Items(_) => None,
    }
}

enum List<'v> {
    /// A list, or the outputs themselves.
    Items(&'v [Value]),
    Value(&'v Value),
}

fn follow<'v>(items: &'v [Value], steps: &[Step]) -> Option<List<'v>> {
    let mut at = List::Items(items);
    for step in steps {
        at = match (step, at) {
            (Step::Index(indices), List::Items(items)) => match indices.as_slice() {
                [index] => as_list(items.get(usize::try_from(*index).ok()?)?),
                _ => return None,
            },
            (Step::Key(key), List::Value(Value::Map(entries))) => {
                let found = entries.iter().find(|(own, _)| own == key)?;
                as_list(&found.1)
            }
            // The array as a whole.
            (_, List::Value(value @ Value::Array(_))) => List::Value(value),
            (Step::Aspect(_), at) => at,
            _ => return None,
        };
    }
    Some(at)
}

fn as_list(value: &Value) -> List<'_> {
    match value {
        Value::List(items) => List::Items(items),
        other => List::Value(other),
    }
}

fn of_errors(path: &OutcomePath, sides: [&Outcome; 2]) -> Option<Likeness> {
    let [
        Ending::Raised { failure: a, .. },
        Ending::Raised { failure: b, .. },
    ] = sides.map(|outcome| &outcome.ending)
    else {
        return None;
    };
    let same_class = match (&a.exception, &b.exception) {
        (Some(a), Some(b)) => a.class == b.class,
        _ => false,
    };
    if !same_class {
        return exceptions::of_candidate(b)
            .or_else(|| exceptions::of_reference(a))
            .or_else(|| exceptions::of_outside(b));
    }
    let text = match (&a.exception, &b.exception) {
        (Some(a), Some(b)) => texts::of(&a.message, &b.message),
        _ => None,
    };
    let at_message = matches!(path.steps().last(), Some(Step::Key(key)) if key == "message");
    text.filter(|_| at_message)
        .or_else(|| exceptions::of_candidate(b))
}

/// Warnings that the candidate lacks.
fn of_warnings(sides: [&Outcome; 2]) -> Option<Likeness> {
    let [reference, candidate] = sides.map(|outcome| &outcome.warnings);
    let only = |own: &[Warning], other: &[Warning]| {
        let mut other: Vec<_> = other.to_vec();
        let mut only = Vec::new();
        for warning in own {
            match other.iter().position(|known| known == warning) {
                Some(index) => drop(other.swap_remove(index)),
                None => only.push(warning.clone()),
            }
        }
        only
    };
    let missing = only(reference, candidate);
    let of_floats = |warning: &Warning| {
        warning.category == "RuntimeWarning" && warning.message.contains(" encountered in ")
    };
    (!missing.is_empty() && missing.iter().all(of_floats) && only(candidate, reference).is_empty())
        .then_some(Likeness::Is(
            Cause::FloatStatus,
            "the candidate lacks warnings that numpy gives where the processor says that an operation on floats went wrong",
        ))
}

fn of_printed(path: &OutcomePath, sides: [&Outcome; 2]) -> Option<Likeness> {
    let stdout = matches!(path.steps().first(), Some(Step::Key(key)) if key == "stdout");
    let [a, b] = sides.map(|outcome| {
        let printed = &outcome.printed;
        if stdout {
            &printed.stdout
        } else {
            &printed.stderr
        }
    });
    texts::of(std::str::from_utf8(a).ok()?, std::str::from_utf8(b).ok()?)
}

/// A file that both have left.
fn of_files(path: &OutcomePath, sides: [&Outcome; 2]) -> Option<Likeness> {
    let Some(Step::Key(name)) = path.steps().first() else {
        return None;
    };
    let [a, b] = sides.map(|outcome| outcome.files.iter().find(|file| file.path == *name));
    let (a, b) = (a?, b?);
    let same_mode = LeftFile {
        mode: a.mode,
        ..b.clone()
    };
    (a.mode != b.mode && *a == same_mode).then_some(Likeness::Is(
        Cause::Capability,
        "only the permission bits differ, of which WASI keeps none",
    ))
}

/// Endings of different classes.
fn of_endings(sides: [&Outcome; 2]) -> Option<Likeness> {
    let is = |cause, reason| Some(Likeness::Is(cause, reason));
    let [reference, candidate] = sides.map(|outcome| &outcome.ending);
    match (reference, candidate) {
        (_, Ending::OutOfMemory(_)) => is(Cause::Memory, "the candidate runs out of memory"),
        (_, Ending::Trapped(name)) if name.contains("stack") => {
            is(Cause::Stack, "the candidate runs out of stack")
        }
        // It couldn't do what has ended the reference.
        (Ending::Trapped(_), Ending::Raised { failure, .. })
            if exceptions::of_candidate(failure).is_some() =>
        {
            exceptions::of_candidate(failure)
        }
        (Ending::Trapped(name), _) if name == "SIGSEGV" || name.contains("stack") => {
            is(Cause::Stack, "the reference runs out of stack")
        }
        (Ending::OutOfMemory(_), _) => is(Cause::Memory, "the reference runs out of memory"),
        (_, Ending::Raised { failure, .. }) => {
            exceptions::of_candidate(failure).or_else(|| exceptions::of_outside(failure))
        }
        (Ending::Raised { failure, .. }, Ending::Returned { .. }) => {
            exceptions::of_reference(failure)
        }
        _ => None,
    }
}
