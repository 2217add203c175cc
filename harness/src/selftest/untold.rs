//! What is not compared, each with the reason; docs/PROTOCOL.md says the same in its section "Comparison".

use parallax_runtime::array::{Array, Dtype, Kind};
use parallax_runtime::value::Value;

use super::mutation::parts;
use crate::generate::random::Random;
use crate::outcome::{Ending, Outcome};

/// Something that may differ without a difference being reported.
pub struct Untold {
    pub what: &'static str,
    pub why: &'static str,
    /// Changes it, and says whether there was anything to change.
    pub change: fn(&mut Random, &mut Outcome) -> bool,
}

/// All of it.
pub const UNTOLD: [Untold; 7] = [
    Untold {
        what: "the payload and the sign of a NaN",
        why: "they are the processor's, and Python gives no way to see them but their bytes",
        change: nans,
    },
    Untold {
        what: "padding between the fields of records",
        why: "numpy leaves there whatever the memory held",
        change: padding,
    },
    Untold {
        what: "in which order the bytes of a Fortran array are held",
        why: "it is the way that the array came, not a part of it",
        change: held_order,
    },
    Untold {
        what: "addresses of objects in messages, notes and tracebacks",
        why: "where an object lies in memory is chance",
        change: addresses_in_failure,
    },
    Untold {
        what: "addresses of objects in warnings and printed text",
        why: "where an object lies in memory is chance",
        change: addresses_beside,
    },
    Untold {
        what: "the order in which files are listed",
        why: "a directory has none",
        change: order_of_files,
    },
    Untold {
        what: "what a stopped case had printed and written",
        why: "where it was when it was stopped is chance",
        change: stopped,
    },
];

fn outputs(outcome: &mut Outcome) -> Option<&mut Vec<Value>> {
    match &mut outcome.ending {
        Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } => Some(outputs),
        _ => None,
    }
}

/// Calls `change` with every value; says whether any was changed.
fn each(values: &mut [Value], change: &mut dyn FnMut(&mut Value) -> bool) -> bool {
    let mut changed = false;
    for value in values {
        changed |= change(value);
        match value {
            Value::List(items) => changed |= each(items, change),
            Value::Map(entries) => {
                for (_, entry) in entries {
                    changed |= each(std::slice::from_mut(entry), change);
                }
            }
            _ => {}
        }
    }
    changed
}

fn each_array(outcome: &mut Outcome, change: &mut dyn FnMut(&Array) -> Option<Array>) -> bool {
    outputs(outcome).is_some_and(|outputs| {
        each(outputs, &mut |value| match value {
            Value::Array(array) => match change(array) {
                Some(other) => {
                    *array = other;
                    true
                }
                None => false,
            },
            _ => false,
        })
    })
}

/// The same array with other bytes, if the change has made other ones.
fn with_bytes(array: &Array, change: impl FnOnce(&mut [u8])) -> Option<Array> {
    let before = array.data().into_owned();
    let mut data = before.clone();
    change(&mut data);
    let (dtype, shape) = (array.dtype().clone(), array.shape().to_vec());
    (data != before).then(|| Array::new(dtype, shape, array.layout(), data).ok())?
}

fn nans(random: &mut Random, outcome: &mut Outcome) -> bool {
    let sign = random.below(2) == 0;
    let mut changed = outputs(outcome).is_some_and(|outputs| {
        each(outputs, &mut |value| match value {
            Value::Float(number) if number.is_nan() => {
                let flip = if sign { 1 << 63 } else { 5 };
                *number = f64::from_bits(number.to_bits() ^ flip);
                number.is_nan()
            }
            _ => false,
        })
    });
    changed |= each_array(outcome, &mut |array| {
        let size = array.dtype().size().unwrap_or_default() as usize;
        let parts = parts(array.dtype());
        with_bytes(array, |data| {
            for element in data.chunks_exact_mut(size.max(1)) {
                for part in parts.iter().filter(|part| part.kind == Kind::Float) {
                    let bytes = &mut element[part.at..part.at + part.size];
                    let big = part.order == parallax_runtime::array::Order::Big;
                    let top = if big { 0 } else { part.size - 1 };
                    let exponent = match part.size {
                        2 => 0x7e,
                        _ => 0x7f,
                    };
                    let second = if big { 1 } else { part.size - 2 };
                    // Quiet ones, as computing makes them.
                    let quiet = match part.size {
                        2 => 0,
                        4 => 0xc0,
                        _ => 0xf8,
                    };
                    if bytes[top] & exponent == exponent && bytes[second] & quiet == quiet {
                        bytes[top] ^= 0x80;
                    }
                }
            }
        })
    });
    changed
}

fn padding(random: &mut Random, outcome: &mut Outcome) -> bool {
    let fill = 1 + random.below(255) as u8;
    each_array(outcome, &mut |array| {
        let Dtype::Record(_) = array.dtype() else {
            return None;
        };
        let size = array.dtype().size().unwrap_or_default() as usize;
        let mut used = vec![false; size];
        for part in parts(array.dtype()) {
            used[part.at..part.at + part.size].fill(true);
        }
        with_bytes(array, |data| {
            for element in data.chunks_exact_mut(size.max(1)) {
                for (byte, used) in element.iter_mut().zip(&used) {
                    if !used {
                        *byte ^= fill;
                    }
                }
            }
        })
    })
}

fn held_order(_: &mut Random, outcome: &mut Outcome) -> bool {
    each_array(outcome, &mut |array| {
        if array.layout() != parallax_runtime::array::Layout::Fortran {
            return None;
        }
        let (dtype, shape) = (array.dtype().clone(), array.shape().to_vec());
        let data = array.clone().into_layout_order();
        Array::new_fortran(dtype, shape, data).ok()
    })
}

/// Other addresses in a text, of an address's length.
fn moved(random: &mut Random, text: &mut String) -> bool {
    let before = text.clone();
    let mut parts = before.split("object at 0x7f");
    let mut after = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        after.push_str("object at 0x");
        match part.split_at_checked(10) {
            Some((digits, rest))
                if digits.bytes().all(|digit| digit.is_ascii_hexdigit())
                    && rest.starts_with('>') =>
            {
                // As long as in a 64-bit memory, or in a 32-bit one.
                let address = random.bits();
                match random.below(2) {
                    0 => after.push_str(&format!("7f{:010x}", address >> 24)),
                    _ => after.push_str(&format!("{:07x}", 0x100_0000 + (address >> 40))),
                }
                after.push_str(rest);
            }
            _ => {
                after.push_str("7f");
                after.push_str(part);
            }
        }
    }
    *text = after;
    *text != before
}

fn addresses_in_failure(random: &mut Random, outcome: &mut Outcome) -> bool {
    use parallax_runtime::outcome::Exception;
    fn in_exception(random: &mut Random, exception: &mut Exception) -> bool {
        let mut changed = moved(random, &mut exception.message);
        for note in &mut exception.notes {
            changed |= moved(random, note);
        }
        for line in &mut exception.traceback {
            changed |= moved(random, line);
        }
        let children = [&mut exception.cause, &mut exception.context];
        for child in children.into_iter().flatten() {
            changed |= in_exception(random, child);
        }
        for member in &mut exception.members {
            changed |= in_exception(random, member);
        }
        changed
    }
    let (Ending::Raised { failure, .. }
    | Ending::Rejected(failure)
    | Ending::OutOfMemory(Some(failure))) = &mut outcome.ending
    else {
        return false;
    };
    let told = failure.exception.as_mut();
    let before = told.as_ref().map(|exception| exception.message.clone());
    let mut changed = told.is_some_and(|exception| in_exception(random, exception));
    let after = failure
        .exception
        .as_ref()
        .map(|exception| &exception.message);
    // The failure repeats its exception's message; another text of its own may move, too.
    match (before, after) {
        (Some(before), Some(after)) if failure.message.ends_with(&before) => {
            let kept = failure.message.len() - before.len();
            failure.message.replace_range(kept.., after);
        }
        _ => changed |= moved(random, &mut failure.message),
    }
    changed
}

fn addresses_beside(random: &mut Random, outcome: &mut Outcome) -> bool {
    let mut changed = false;
    for warning in &mut outcome.warnings {
        changed |= moved(random, &mut warning.message);
    }
    for stream in [&mut outcome.printed.stdout, &mut outcome.printed.stderr] {
        if let Ok(mut text) = String::from_utf8(stream.clone()) {
            changed |= moved(random, &mut text);
            *stream = text.into_bytes();
        }
    }
    changed
}

fn order_of_files(_: &mut Random, outcome: &mut Outcome) -> bool {
    outcome.files.reverse();
    outcome.files.len() > 1
}

fn stopped(_: &mut Random, outcome: &mut Outcome) -> bool {
    if !outcome.ending.is_cut_short() {
        return false;
    }
    outcome.printed.stdout.push(b'!');
    outcome.files.pop();
    true
}
