//! Values: of another type, another value, in another order, dropped, added.

use parallax_runtime::array::{Array, Layout};
use parallax_runtime::marshal::json_base64;
use parallax_runtime::value::Value;

use super::chance::{any, two};
use super::change::{Change, Group};
use super::float::another_float;
use super::{array, text};
use crate::generate::random::Random;
use crate::path::OutcomePath;

/// Changes a list, or something in it.
pub(super) fn change_list(
    random: &mut Random,
    items: &mut Vec<Value>,
    path: &OutcomePath,
) -> Option<Change> {
    if random.below(4) > 0
        && let Some(index) = any(random, items.len())
    {
        return change_value(random, &mut items[index], &path.index(index));
    }
    let kind = match random.below(8) {
        0 => {
            items.remove(any(random, items.len())?);
            "an item dropped"
        }
        1 => {
            let index = any(random, items.len())?;
            let item = items[index].clone();
            items.insert(index, item);
            "an item twice"
        }
        2 => {
            items.push(Value::Null);
            "a null at the end"
        }
        3 => {
            items.insert(0, Value::Int(0));
            "a zero in front"
        }
        4 => {
            if items.is_empty() {
                return None;
            }
            items.clear();
            "no item"
        }
        5 => {
            let inner = std::mem::take(items);
            items.push(Value::List(inner));
            "one list more around it"
        }
        6 => {
            let before = items.clone();
            items.reverse();
            if same_items(items, &before) {
                return None;
            }
            "the order reversed"
        }
        _ => {
            let (one, other) = two(random, items, same)?;
            items.swap(one, other);
            "two items exchanged"
        }
    };
    let moved = ["two items exchanged", "the order reversed"].contains(&kind);
    Some(Change::at(Group::Values, kind, path.clone()).moved(moved))
}

/// Whether two values are the same to the bit, and so no mutation of each other.
fn same(a: &Value, b: &Value) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

fn same_items(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn change_value(random: &mut Random, value: &mut Value, path: &OutcomePath) -> Option<Change> {
    let here = |kind| Some(Change::at(Group::Values, kind, path.clone()));
    if random.below(8) == 0 {
        let (kind, other) = retyped(random, value)?;
        *value = other;
        return here(kind);
    }
    match value {
        Value::List(items) => change_list(random, items, path),
        Value::Map(entries) => change_map(random, entries, path),
        Value::Array(own) => array::change(random, own, path),
        Value::Float(number) => {
            let before = *number;
            let (kind, after) = another_float(random, before)?;
            *number = after;
            Some(Change {
                float: Some([before, after]),
                ..Change::at(Group::Values, kind, path.clone())
            })
        }
        Value::Int(number) => {
            let (kind, after) = another_integer(random, *number)?;
            *number = after;
            here(kind)
        }
        Value::BigInt(_) => {
            let mut digits = json_base64::encode(value.clone()).to_string();
            let kind = match random.below(3) {
                0 => {
                    digits.push('0');
                    "an integer of a digit more"
                }
                1 => {
                    digits.insert(0, if digits.starts_with('-') { '1' } else { '-' });
                    digits = digits.replace("1-", "1");
                    "an integer of the other sign"
                }
                _ => {
                    let last = digits.pop()?;
                    digits.push(if last == '9' { '0' } else { '9' });
                    "an integer with another last digit"
                }
            };
            *value = integer(&digits)?;
            here(kind)
        }
        Value::Bool(flag) => {
            *flag = !*flag;
            here("the other boolean")
        }
        Value::Str(own) => here(text::change(random, own)?),
        Value::Bytes(bytes) => here(another_bytes(random, bytes)?),
        Value::Null => {
            *value = Value::Bool(false);
            here("false for null")
        }
    }
}

fn integer(digits: &str) -> Option<Value> {
    let number = serde_json::from_str(digits).ok()?;
    json_base64::decode(number, json_base64::Path::Root("integer")).ok()
}

fn another_integer(random: &mut Random, number: i64) -> Option<(&'static str, i64)> {
    let (kind, after) = match random.below(6) {
        0 => ("an integer one up", number.wrapping_add(1)),
        1 => ("an integer one down", number.wrapping_sub(1)),
        2 => ("an integer of the other sign", number.wrapping_neg()),
        3 => (
            "an integer with a bit flipped",
            number ^ (1 << random.below(64)),
        ),
        4 => ("an integer cut to 32 bits", i64::from(number as i32)),
        _ => ("an integer rounded to a double", (number as f64) as i64),
    };
    (number != after).then_some((kind, after))
}

fn another_bytes(random: &mut Random, bytes: &mut Vec<u8>) -> Option<&'static str> {
    Some(match random.below(3) {
        0 => {
            let index = any(random, bytes.len())?;
            bytes[index] ^= 1 << random.below(8);
            "a bit of bytes flipped"
        }
        1 => {
            bytes.push(0);
            "a zero behind bytes"
        }
        _ => {
            bytes.remove(any(random, bytes.len())?);
            "a byte dropped"
        }
    })
}

fn change_map(
    random: &mut Random,
    entries: &mut Vec<(String, Value)>,
    path: &OutcomePath,
) -> Option<Change> {
    if random.below(3) > 0
        && let Some(index) = any(random, entries.len())
    {
        let (key, value) = &mut entries[index];
        return change_value(random, value, &path.key(key));
    }
    let kind = match random.below(5) {
        0 => {
            entries.remove(any(random, entries.len())?);
            "a key dropped"
        }
        1 => {
            let index = any(random, entries.len())?;
            let mut key = entries[index].0.clone();
            text::change(random, &mut key)?;
            if entries.iter().any(|(other, _)| *other == key) {
                return None;
            }
            entries[index].0 = key;
            "another key"
        }
        2 => {
            let key = "added".to_owned();
            if entries.iter().any(|(other, _)| *other == key) {
                return None;
            }
            entries.push((key, Value::Null));
            "a key added"
        }
        3 => {
            let (one, other) = two(random, entries, |a, b| same(&a.1, &b.1))?;
            let value = std::mem::replace(&mut entries[one].1, Value::Null);
            let value = std::mem::replace(&mut entries[other].1, value);
            entries[one].1 = value;
            "the values of two keys exchanged"
        }
        _ => {
            let (one, other) = two(random, entries, |a, b| a.0 == b.0)?;
            entries.swap(one, other);
            "two keys in the other order"
        }
    };
    let moved = kind == "the values of two keys exchanged";
    Some(Change::at(Group::Values, kind, path.clone()).moved(moved))
}

/// The same as far as another type can say it.
fn retyped(random: &mut Random, value: &Value) -> Option<(&'static str, Value)> {
    let as_text = |value: &Value| Value::Str(json_base64::encode(value.clone()).to_string());
    let scalar = |code: &str, data: Vec<u8>| {
        let array = Array::new(code.parse().ok()?, Vec::new(), Layout::Scalar, data).ok()?;
        Some(Value::Array(array))
    };
    let choice = random.below(3);
    Some(match value {
        Value::Null => match choice {
            0 => ("a list for null", Value::List(Vec::new())),
            1 => ("zero for null", Value::Int(0)),
            _ => ("a text for null", Value::Str(String::new())),
        },
        Value::Bool(flag) => match choice {
            0 => ("a text for a boolean", as_text(value)),
            _ => ("an integer for a boolean", Value::Int((*flag).into())),
        },
        Value::Int(number) => match choice {
            0 => ("a float for an integer", Value::Float(*number as f64)),
            1 => (
                "a scalar for an integer",
                scalar("<i8", number.to_le_bytes().to_vec())?,
            ),
            _ => ("a text for an integer", as_text(value)),
        },
        Value::BigInt(_) => ("a text for an integer", as_text(value)),
        Value::Float(number) => match choice {
            0 => (
                "a scalar for a float",
                scalar("<f8", number.to_le_bytes().to_vec())?,
            ),
            1 if number.fract() == 0.0 => ("an integer for a float", Value::Int(*number as i64)),
            _ => ("a text for a float", as_text(value)),
        },
        Value::Str(text) => match choice {
            0 => ("bytes for a text", Value::Bytes(text.clone().into_bytes())),
            1 => ("null for a text", Value::Null),
            _ => {
                let letters = text.chars().map(|letter| Value::Str(letter.into()));
                ("letters for a text", Value::List(letters.collect()))
            }
        },
        Value::Bytes(bytes) => match choice {
            0 => {
                let numbers = bytes.iter().map(|&byte| Value::Int(byte.into()));
                ("numbers for bytes", Value::List(numbers.collect()))
            }
            _ => ("a text for bytes", as_text(value)),
        },
        Value::List(items) => match choice {
            0 => {
                let entries = items.iter().cloned().enumerate();
                let entries = entries.map(|(index, item)| (index.to_string(), item));
                ("a map for a list", Value::Map(entries.collect()))
            }
            _ => ("an array for a list", array_of(items)?),
        },
        Value::Map(entries) => {
            let pairs = entries.iter().cloned();
            let pairs = pairs.map(|(key, item)| Value::List(vec![Value::Str(key), item]));
            ("pairs for a map", Value::List(pairs.collect()))
        }
        Value::Array(array) => match choice {
            0 => ("a text for an array", as_text(value)),
            _ => (
                "bytes for an array",
                Value::Bytes(array.data().into_owned()),
            ),
        },
    })
}

/// A list of floats as the array that it could be taken for.
fn array_of(items: &[Value]) -> Option<Value> {
    let mut data = Vec::new();
    for item in items {
        let Value::Float(number) = item else {
            return None;
        };
        data.extend(number.to_le_bytes());
    }
    let shape = vec![items.len() as u64];
    Array::new("<f8".parse().ok()?, shape, Layout::C, data)
        .ok()
        .map(Value::Array)
}
