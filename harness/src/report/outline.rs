//! An outcome for a person to read: arrays by what they are and their first and last elements, nothing without an end.

use parallax_runtime::array::Array;
use parallax_runtime::marshal::json_base64;
use parallax_runtime::value::Value;
use serde_json::Value as Json;

use super::text::{counted, cut};
use crate::outcome::{Ending, Outcome};
use crate::verdict::compare::scalars::{Scalar, scalars};
use crate::verdict::shown;

/// Upper bound on the items of a list and the entries of a map.
const ITEMS: usize = 100;

/// Upper bound on the characters of a text.
const CHARACTERS: usize = 1000;

/// The elements that are shown of an array with more than both: its first, and its last.
const FIRST: usize = 6;
const LAST: usize = 2;

/// The outcome's document with its outputs outlined.
pub fn outline(outcome: &Outcome) -> Json {
    let mut document = outcome.to_json();
    if let Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. } = &outcome.ending
        && let Some(place) = document.get_mut("outputs")
    {
        *place = list(outputs);
    }
    document
}

fn list(items: &[Value]) -> Json {
    let mut shown: Vec<Json> = items.iter().take(ITEMS).map(value).collect();
    shown.extend(more(items.len(), "item").map(Json::from));
    Json::Array(shown)
}

fn more(count: usize, what: &str) -> Option<String> {
    let left = count.checked_sub(ITEMS).filter(|left| *left > 0)?;
    Some(format!("… and {} more", counted(left, what)))
}

fn value(value: &Value) -> Json {
    match value {
        Value::List(items) => list(items),
        Value::Map(entries) => {
            let shown = entries.iter().take(ITEMS);
            let mut shown: serde_json::Map<String, Json> = shown
                .map(|(key, item)| (text(key), self::value(item)))
                .collect();
            if let Some(more) = more(entries.len(), "key") {
                shown.insert(more, Json::Null);
            }
            Json::Object(shown)
        }
        Value::Str(whole) => text(whole).into(),
        Value::Bytes(bytes) => format!("bytes: {}", shown::identity(bytes)).into(),
        Value::Array(found) => array(found).into(),
        other => json_base64::encode(other.clone()),
    }
}

fn text(whole: &str) -> String {
    if whole.chars().nth(CHARACTERS).is_none() {
        return whole.to_owned();
    }
    let identity = shown::identity(whole.as_bytes());
    format!("{} ({identity})", cut(whole, CHARACTERS))
}

/// `array <f8[3, 4]: 0.0, 1.0, … 11.0; from 0.0 to 11.0, 2 NaN`.
fn array(array: &Array) -> String {
    let form = shown::form(array);
    let elements = scalars(array);
    let written = |elements: &[Scalar]| {
        let each: Vec<String> = elements.iter().map(Scalar::show).collect();
        each.join(", ")
    };
    let shown = match elements.len().checked_sub(LAST) {
        Some(last) if last > FIRST => format!(
            "{}, … {}",
            written(&elements[..FIRST]),
            written(&elements[last..])
        ),
        _ => written(&elements),
    };
    format!(
        "array {form}: {}{}",
        cut(&shown, CHARACTERS),
        range(&elements)
    )
}

/// Between which numbers an array's lie, and how many are none.
fn range(elements: &[Scalar]) -> String {
    let (mut least, mut greatest): (Option<&Scalar>, Option<&Scalar>) = (None, None);
    let mut not_numbers = 0usize;
    for element in elements {
        match element.number() {
            Some(number) if number.is_nan() => not_numbers += 1,
            Some(number) => {
                let beyond = |known: Option<&Scalar>, beyond: fn(&f64, &f64) -> bool| {
                    let known = known.and_then(Scalar::number);
                    known.is_none_or(|known| beyond(&number, &known))
                };
                if beyond(least, f64::lt) {
                    least = Some(element);
                }
                if beyond(greatest, f64::gt) {
                    greatest = Some(element);
                }
            }
            None => {}
        }
    }
    let mut text = match (least, greatest) {
        (Some(least), Some(greatest)) if elements.len() > 1 => {
            format!("; from {} to {}", least.show(), greatest.show())
        }
        _ => String::new(),
    };
    if not_numbers > 0 {
        text.push_str(&format!(", {not_numbers} NaN"));
    }
    text
}

#[cfg(test)]
mod tests {
    use parallax_runtime::array::{Data, Dtype, Layout};

    use super::*;

    fn doubles(values: impl IntoIterator<Item = f64>) -> Value {
        let values: Vec<f64> = values.into_iter().collect();
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let dtype = Dtype::from_json(&"<f8".into()).expect("a dtype");
        let array = Array::new(
            dtype,
            vec![values.len() as u64],
            Layout::C,
            Data::from(bytes),
        );
        Value::Array(array.expect("an array"))
    }

    #[test]
    fn arrays_are_shown_by_their_ends_and_range() {
        assert_eq!(
            value(&doubles((0..100).map(f64::from).chain([f64::NAN, -7.5]))),
            "array <f8[102]: 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, … NaN, -7.5; from -7.5 to 99.0, 1 NaN"
        );
        assert_eq!(value(&doubles([2.5])), "array <f8[1]: 2.5");
        assert_eq!(value(&doubles([])), "array <f8[0]: ");
    }

    #[test]
    fn nothing_is_without_an_end() {
        let long = Value::Str("x".repeat(1 << 12));
        let wide = Value::Map(
            (0..5000)
                .map(|key| (key.to_string(), Value::Int(key)))
                .collect(),
        );
        let many = Value::List(vec![long, wide]);
        let shown = value(&Value::List(vec![many; 200]));
        let items = shown.as_array().expect("a list");
        assert_eq!(items.len(), ITEMS + 1);
        assert_eq!(items[ITEMS], "… and 100 items more");
        assert!(items[0].to_string().len() < 5000);
        assert_eq!(items[0][1]["… and 4900 keys more"], Json::Null);
    }
}
