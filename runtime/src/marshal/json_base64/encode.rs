//! Writes values, with the tagged forms where JSON has no words.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigInt;
use serde_json::{Map, Number, Value as Json};

use super::array;
use super::tag::{TAG, has_tag};
use crate::array::Array;
use crate::value::Value;

/// Writes a value as JSON, with the tagged forms where JSON has no words.
pub fn encode(value: Value) -> Json {
    encode_with(value, &mut array::encode)
}

/// [`encode`] to a document that has its arrays where `arrays` puts them.
pub fn encode_with(value: Value, arrays: &mut dyn FnMut(Array) -> Json) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Int(value) => Json::Number(value.into()),
        Value::BigInt(value) => Json::Number(number_from_digits(&value)),
        Value::Float(value) => match Number::from_f64(value) {
            Some(number) => Json::Number(number),
            None => tagged("float", "value", Json::String(non_finite(value).to_owned())),
        },
        Value::Str(text) => Json::String(text),
        Value::Bytes(bytes) => tagged("bytes", "base64", Json::String(STANDARD.encode(bytes))),
        Value::List(items) => Json::Array(
            items
                .into_iter()
                .map(|item| encode_with(item, arrays))
                .collect(),
        ),
        Value::Map(entries) if has_tag(&entries) => {
            let items = entries
                .into_iter()
                .map(|(key, value)| {
                    Json::Array(vec![Json::String(key), encode_with(value, arrays)])
                })
                .collect();
            tagged("map", "items", Json::Array(items))
        }
        Value::Map(entries) => Json::Object(
            entries
                .into_iter()
                .map(|(key, value)| (key, encode_with(value, arrays)))
                .collect(),
        ),
        Value::Array(array) => arrays(array),
    }
}

fn non_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "nan"
    } else if value > 0.0 {
        "inf"
    } else {
        "-inf"
    }
}

fn number_from_digits(value: &BigInt) -> Number {
    // `arbitrary_precision` keeps the text; decimal digits are always a JSON number.
    Number::from_string_unchecked(value.to_string())
}

fn tagged(tag: &str, field: &str, payload: Json) -> Json {
    let mut members = Map::new();
    members.insert(TAG.to_owned(), Json::String(tag.to_owned()));
    members.insert(field.to_owned(), payload);
    Json::Object(members)
}
