//! Reads values, undoing the tagged forms.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigInt;
use serde_json::{Map, Value as Json};

use super::array;
use super::place::{DecodeError, Path};
use super::tag::{ARRAY_TAG, TAG};
use crate::array::Array;
use crate::value::{MAX_DEPTH, MAX_INTEGER_DIGITS, Value};

/// Where a document has its arrays.
pub trait ArraySource {
    /// The array that an object with the key `__numpy__` stands for.
    ///
    /// # Errors
    /// Names the place in the object that is wrong.
    fn array(&mut self, members: Map<String, Json>, path: Path<'_>) -> Result<Array, DecodeError>;
}

/// In itself, as base64.
pub struct Inline;

impl ArraySource for Inline {
    fn array(&mut self, members: Map<String, Json>, path: Path<'_>) -> Result<Array, DecodeError> {
        array::decode(members, path)
    }
}

/// Reads a JSON value, undoing the tagged forms.
///
/// # Errors
/// Names the place of a number that no value can hold, an unknown tag, or nesting beyond [`MAX_DEPTH`].
pub fn decode(json: Json, path: Path<'_>) -> Result<Value, DecodeError> {
    decode_with(json, path, &mut Inline)
}

/// [`decode`] of a document that has its arrays elsewhere.
///
/// # Errors
/// Those of [`decode`] and of the source.
pub fn decode_with(
    json: Json,
    path: Path<'_>,
    arrays: &mut dyn ArraySource,
) -> Result<Value, DecodeError> {
    decode_at(json, path, 0, arrays)
}

fn decode_at(
    json: Json,
    path: Path<'_>,
    depth: usize,
    arrays: &mut dyn ArraySource,
) -> Result<Value, DecodeError> {
    let fail = |message: String| DecodeError {
        path: path.to_string(),
        message,
    };
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => decode_number(number.as_str()).map_err(fail)?,
        Json::String(text) => Value::Str(text),
        Json::Array(items) => {
            check_depth(depth).map_err(fail)?;
            let mut list = Vec::with_capacity(items.len());
            for (index, item) in items.into_iter().enumerate() {
                list.push(decode_at(
                    item,
                    Path::Index(&path, index),
                    depth + 1,
                    arrays,
                )?);
            }
            Value::List(list)
        }
        Json::Object(members) => {
            check_depth(depth).map_err(fail)?;
            if members.contains_key(TAG) {
                return decode_tagged(members, path, depth, arrays);
            }
            if members.contains_key(ARRAY_TAG) {
                return arrays.array(members, path).map(Value::Array);
            }
            let mut map = Vec::with_capacity(members.len());
            for (key, member) in members {
                let value = decode_at(member, Path::Key(&path, &key), depth + 1, arrays)?;
                map.push((key, value));
            }
            Value::Map(map)
        }
    })
}

fn check_depth(depth: usize) -> Result<(), String> {
    if depth >= MAX_DEPTH {
        return Err(format!("nested deeper than {MAX_DEPTH} levels"));
    }
    Ok(())
}

/// A number's text decides its type: with a fraction or an exponent it is a double, otherwise an integer.
fn decode_number(text: &str) -> Result<Value, String> {
    if text.contains(['.', 'e', 'E']) {
        let number: f64 = text
            .parse()
            .map_err(|_| format!("`{}` is not a number", shorten(text)))?;
        if !number.is_finite() {
            return Err(format!("{} is beyond the range of a double", shorten(text)));
        }
        return Ok(Value::Float(number));
    }
    let digits = text.trim_start_matches('-').len();
    if digits > MAX_INTEGER_DIGITS {
        return Err(format!(
            "an integer of {digits} digits, where at most {MAX_INTEGER_DIGITS} are read"
        ));
    }
    if let Ok(small) = text.parse::<i64>() {
        return Ok(Value::Int(small));
    }
    text.parse::<BigInt>()
        .map(Value::integer)
        .map_err(|_| format!("`{}` is not a number", shorten(text)))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn decode_tagged(
    mut members: Map<String, Json>,
    path: Path<'_>,
    depth: usize,
    arrays: &mut dyn ArraySource,
) -> Result<Value, DecodeError> {
    let fail = |message: String| DecodeError {
        path: path.to_string(),
        message,
    };
    let tag = members.shift_remove(TAG);
    let (field, payload) = match (members.len(), members.into_iter().next()) {
        (1, Some((field, payload))) => (field, payload),
        (count, _) => {
            return Err(fail(format!(
                "an object tagged `{TAG}` has one more key, found {count}"
            )));
        }
    };
    match (tag.as_ref().and_then(Json::as_str), field.as_str(), payload) {
        (Some("float"), "value", Json::String(name)) => match name.as_str() {
            "nan" => Ok(Value::Float(f64::NAN)),
            "inf" => Ok(Value::Float(f64::INFINITY)),
            "-inf" => Ok(Value::Float(f64::NEG_INFINITY)),
            other => Err(fail(format!(
                "`{}` is none of nan, inf, -inf",
                shorten(other)
            ))),
        },
        (Some("bytes"), "base64", Json::String(text)) => STANDARD
            .decode(text)
            .map(Value::Bytes)
            .map_err(|error| fail(format!("bad base64: {error}"))),
        (Some("map"), "items", Json::Array(items)) => {
            let items_path = Path::Key(&path, "items");
            let mut map = Vec::with_capacity(items.len());
            let mut keys = BTreeSet::new();
            for (index, item) in items.into_iter().enumerate() {
                let pair = match item {
                    Json::Array(pair) => <[Json; 2]>::try_from(pair).ok(),
                    _ => None,
                };
                let Some([Json::String(key), member]) = pair else {
                    return Err(DecodeError {
                        path: Path::Index(&items_path, index).to_string(),
                        message: "expected a pair of a string and a value".to_owned(),
                    });
                };
                let value = decode_at(member, Path::Index(&items_path, index), depth + 1, arrays)?;
                if !keys.insert(key.clone()) {
                    return Err(DecodeError {
                        path: Path::Index(&items_path, index).to_string(),
                        message: format!("the key {:?} stands twice", shorten(&key)),
                    });
                }
                map.push((key, value));
            }
            Ok(Value::Map(map))
        }
        (tag, field, _) => Err(fail(format!(
            "unknown tagged form `{TAG}`: {} with `{}`; known are float/value, bytes/base64, map/items",
            tag.map_or_else(|| "not a string".to_owned(), shorten),
            shorten(field),
        ))),
    }
}
