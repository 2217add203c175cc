//! Lies about values.

use parallax_runtime::outcome::Document;
use parallax_runtime::value::Value;

use super::lie::{Lie, Tell};

pub(super) const fn value(
    name: &'static str,
    case: &'static str,
    place: &'static str,
    change: fn(&mut Value) -> Option<()>,
) -> Lie {
    Lie {
        name,
        group: "values",
        case,
        place,
        says: "",
        tell: Tell::Value(change),
        ways: &[],
    }
}

const fn outputs(
    name: &'static str,
    case: &'static str,
    place: &'static str,
    change: fn(&mut Document) -> Option<()>,
) -> Lie {
    Lie {
        tell: Tell::Document(change),
        ..value(name, case, place, |_| None)
    }
}

pub(super) const LIES: [Lie; 27] = [
    value(
        "a float one unit up",
        "builtin/doubles",
        "outputs[2]",
        |value| float(value, f64::next_up),
    ),
    value(
        "a float one unit down",
        "builtin/doubles",
        "outputs[10]",
        |value| float(value, f64::next_down),
    ),
    value(
        "infinity for the largest float",
        "builtin/doubles",
        "outputs[1]",
        |value| float(value, |_| f64::INFINITY),
    ),
    value(
        "zero for the smallest float",
        "builtin/doubles",
        "outputs[0]",
        |value| float(value, |_| 0.0),
    ),
    value(
        "a float rounded to single precision",
        "builtin/doubles",
        "outputs[7]",
        |value| float(value, |number| f64::from(number as f32)),
    ),
    value(
        "an integer for a float",
        "builtin/doubles",
        "outputs[8]",
        |value| set(value, Value::Int(10_000_000_000_000_000)),
    ),
    value(
        "the sign of a zero",
        "builtin/negative_zero",
        "outputs[0]",
        |value| float(value, |number| -number),
    ),
    value(
        "a number for NaN",
        "builtin/special_values",
        "outputs[0]",
        |value| float(value, |_| 0.0),
    ),
    value(
        "NaN for infinity",
        "builtin/special_values",
        "outputs[1]",
        |value| float(value, |_| f64::NAN),
    ),
    value(
        "the other infinity",
        "builtin/special_values",
        "outputs[2]",
        |value| float(value, |number| -number),
    ),
    value(
        "a float for an integer",
        "generators/flatten",
        "outputs[0]",
        |value| set(value, Value::Float(1.0)),
    ),
    value(
        "a boolean for an integer",
        "generators/flatten",
        "outputs[0]",
        |value| set(value, Value::Bool(true)),
    ),
    value(
        "an integer one up",
        "generators/flatten",
        "outputs[1]",
        |value| set(value, Value::Int(3)),
    ),
    value(
        "an integer cut to 64 bits",
        "builtin/big_integers",
        "outputs[4]",
        |value| set(value, Value::Int(7_766_279_631_452_241_920)),
    ),
    value(
        "another character",
        "files/save_and_load",
        "outputs[1].text",
        |value| text(value, |text| text.replace("Zeile", "Zeilf")),
    ),
    value(
        "a text without its last line end",
        "files/save_and_load",
        "outputs[0].text",
        |value| text(value, |text| text.trim_end().to_owned()),
    ),
    value(
        "a text decomposed",
        "output/print_is_not_output",
        "outputs[1].item.item",
        |value| text(value, |text| text.replace('ü', "u\u{308}")),
    ),
    value(
        "a text for bytes",
        "values/bytes",
        "outputs[1].same",
        |value| set(value, Value::Str("x".to_owned())),
    ),
    value(
        "a bit of bytes",
        "values/bytes",
        "outputs[0].all",
        |value| match value {
            Value::Bytes(bytes) => {
                bytes[100] ^= 1;
                Some(())
            }
            _ => None,
        },
    ),
    value(
        "a key dropped",
        "values/key_order",
        "outputs[0]@keys",
        |value| {
            map(value)?.retain(|(key, _)| key != "z");
            Some(())
        },
    ),
    value(
        "a key renamed",
        "values/key_order",
        "outputs[0]@keys",
        |value| {
            let entry = map(value)?.iter_mut().find(|(key, _)| key == "a b")?;
            entry.0 = "a_b".to_owned();
            Some(())
        },
    ),
    value(
        "two keys in the other order",
        "values/key_order",
        "outputs[0]@order",
        |value| {
            map(value)?.swap(0, 1);
            Some(())
        },
    ),
    value(
        "a list around a value",
        "generators/flatten",
        "outputs[3]",
        |value| {
            let inner = value.clone();
            set(value, Value::List(vec![inner]))
        },
    ),
    outputs(
        "an item dropped",
        "generators/flatten",
        "outputs[5]",
        |document| items(document)?.pop().map(|_| ()),
    ),
    outputs(
        "an item twice",
        "generators/flatten",
        "outputs@length",
        |document| {
            let items = items(document)?;
            let last = items.last()?.clone();
            items.push(last);
            Some(())
        },
    ),
    outputs(
        "two items exchanged",
        "graph/multiple_sinks",
        "outputs[0]",
        |document| {
            items(document)?.swap(0, 1);
            Some(())
        },
    ),
    outputs(
        "sinks in the other order",
        "graph/multiple_sinks",
        "outputs[0]",
        |document| {
            items(document)?.rotate_left(2);
            Some(())
        },
    ),
];

pub(super) fn set(value: &mut Value, other: Value) -> Option<()> {
    *value = other;
    Some(())
}

fn float(value: &mut Value, change: fn(f64) -> f64) -> Option<()> {
    match value {
        Value::Float(number) => {
            *number = change(*number);
            Some(())
        }
        _ => None,
    }
}

fn text(value: &mut Value, change: fn(&str) -> String) -> Option<()> {
    match value {
        Value::Str(text) => {
            *text = change(text);
            Some(())
        }
        _ => None,
    }
}

fn map(value: &mut Value) -> Option<&mut Vec<(String, Value)>> {
    match value {
        Value::Map(entries) => Some(entries),
        _ => None,
    }
}

fn items(document: &mut Document) -> Option<&mut Vec<Value>> {
    match document {
        Document::Success(success) => Some(&mut success.outputs),
        Document::Error(_) => None,
    }
}
