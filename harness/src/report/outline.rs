//! An outcome for a person to read: arrays by what they are and their first and last elements, nothing without an end.

use parallax_runtime::array::Array;
use parallax_runtime::marshal::json_base64;
use parallax_runtime::value::Value;
use serde_json::{Value as Json, json};

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
    let left = count.saturating_sub(ITEMS);
    (left > 0).then(|| format!("… and {} more", counted(left, what)))
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
        Value::Bytes(bytes) if bytes.len() > CHARACTERS => {
            json!({"bytes": shown::identity(bytes)})
        }
        Value::Array(found) => array(found),
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

/// `{"array": "<f8[3, 4]", "elements": "0.0, 1.0, … 11.0", "range": "0.0 to 11.0, 2 NaN"}`.
fn array(array: &Array) -> Json {
    let parts = scalars(array);
    // A complex number has two parts, a record as many as it has fields.
    let elements = usize::try_from(array.len()).unwrap_or(usize::MAX).max(1);
    let of_one = (parts.len() / elements).max(1);
    let elements: Vec<String> = parts
        .chunks(of_one)
        .map(|parts| match parts {
            [part] => part.show(),
            parts => {
                let parts: Vec<String> = parts.iter().map(Scalar::show).collect();
                format!("({})", parts.join(", "))
            }
        })
        .collect();
    let shown = match elements.len().checked_sub(LAST) {
        Some(last) if last > FIRST => format!(
            "{}, … {}",
            elements[..FIRST].join(", "),
            elements[last..].join(", ")
        ),
        _ => elements.join(", "),
    };
    let mut outlined = json!({
        "array": cut(&shown::form(array), CHARACTERS),
        "elements": cut(&shown, CHARACTERS),
    });
    if of_one == 1
        && let Some(range) = range(&parts)
    {
        outlined["range"] = range.into();
    }
    outlined
}

/// Between which numbers an array's lie, and how many are none.
fn range(elements: &[Scalar]) -> Option<String> {
    let mut numbers = elements.iter().filter(|element| !is_nan(element));
    let first = numbers.next()?;
    // A text alone has no other to be compared with.
    first.compare(first)?;
    let (mut least, mut greatest) = (first, first);
    for number in numbers {
        if number.compare(least)?.is_lt() {
            least = number;
        }
        if number.compare(greatest)?.is_gt() {
            greatest = number;
        }
    }
    let nan = elements.iter().filter(|element| is_nan(element)).count();
    let nan = (nan > 0).then(|| format!(", {nan} NaN"));
    Some(format!(
        "{} to {}{}",
        least.show(),
        greatest.show(),
        nan.unwrap_or_default()
    ))
}

fn is_nan(scalar: &Scalar) -> bool {
    matches!(scalar, Scalar::Float(number, _) if number.is_nan())
}

#[cfg(test)]
mod tests {
    use parallax_runtime::array::{Data, Dtype, Layout};

    use super::*;

    fn of(dtype: &str, length: u64, bytes: Vec<u8>) -> Value {
        let dtype = Dtype::from_json(&dtype.into()).expect("a dtype");
        let array = Array::new(dtype, vec![length], Layout::C, Data::from(bytes));
        Value::Array(array.expect("an array"))
    }

    fn doubles(values: impl IntoIterator<Item = f64>) -> Value {
        let values: Vec<f64> = values.into_iter().collect();
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        of("<f8", values.len() as u64, bytes)
    }

    #[test]
    fn arrays_are_shown_by_their_ends_and_range() {
        assert_eq!(
            value(&doubles((0..100).map(f64::from).chain([f64::NAN, -7.5]))),
            json!({
                "array": "<f8[102]",
                "elements": "0.0, 1.0, 2.0, 3.0, 4.0, 5.0, … NaN, -7.5",
                "range": "-7.5 to 99.0, 1 NaN",
            })
        );
        assert_eq!(
            value(&doubles([])),
            json!({"array": "<f8[0]", "elements": ""})
        );
        let number = i64::from(u32::MAX) << 21;
        let bytes = [number + 1, number].map(i64::to_le_bytes).concat();
        assert_eq!(
            value(&of("<i8", 2, bytes)),
            json!({
                "array": "<i8[2]",
                "elements": "9007199252643841, 9007199252643840",
                "range": "9007199252643840 to 9007199252643841",
            })
        );
        let bytes = [1.0, 2.0, 3.0, -4.0].map(f64::to_le_bytes).concat();
        assert_eq!(
            value(&of("<c16", 2, bytes)),
            json!({"array": "<c16[2]", "elements": "(1.0, 2.0), (3.0, -4.0)"})
        );
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
