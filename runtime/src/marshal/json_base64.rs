//! Values as JSON text, with a tagged form for what JSON has no words for.
//!
//! Arrays have the form that pipelines have used before: `{"__numpy__":true,"array":{"meta":{"shape":[2],"dtype":"int32","size":2,"c_contiguous":true,"f_contiguous":true},"data":"<base64>"}}`, elements in C order.
//! `{"__parallax__":"float","value":"nan"}`, `{"__parallax__":"bytes","base64":"…"}`, and `{"__parallax__":"map","items":[[key,value],…]}` for a map that has one of the two tags as a key itself.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigInt;
use serde_json::{Map, Number, Value as Json};

use crate::array::{Array, Dtype, Layout};
use crate::value::{MAX_DEPTH, MAX_INTEGER_DIGITS, Value};

const TAG: &str = "__parallax__";
const ARRAY_TAG: &str = "__numpy__";

/// Where in a document something is wrong, and what.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {message}")]
pub struct DecodeError {
    pub path: String,
    pub message: String,
}

/// A path into a document that costs nothing until an error shows it.
#[derive(Clone, Copy)]
pub enum Path<'a> {
    Root(&'a str),
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root(name) => f.write_str(name),
            Path::Key(parent, key) if is_plain(key) => write!(f, "{parent}.{key}"),
            Path::Key(parent, key) => write!(f, "{parent}[{key:?}]"),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// Reads a JSON value, undoing the tagged forms.
///
/// # Errors
/// Names the place of a number that no value can hold, an unknown tag, or nesting beyond [`MAX_DEPTH`].
pub fn decode(json: Json, path: Path<'_>) -> Result<Value, DecodeError> {
    decode_at(json, path, 0)
}

fn decode_at(json: Json, path: Path<'_>, depth: usize) -> Result<Value, DecodeError> {
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
                list.push(decode_at(item, Path::Index(&path, index), depth + 1)?);
            }
            Value::List(list)
        }
        Json::Object(members) => {
            check_depth(depth).map_err(fail)?;
            if members.contains_key(TAG) {
                return decode_tagged(members, path, depth);
            }
            if members.contains_key(ARRAY_TAG) {
                return decode_array(members, path).map(Value::Array);
            }
            let mut map = Vec::with_capacity(members.len());
            for (key, member) in members {
                let value = decode_at(member, Path::Key(&path, &key), depth + 1)?;
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
                let value = decode_at(member, Path::Index(&items_path, index), depth + 1)?;
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

/// Writes a value as JSON, with the tagged forms where JSON has no words.
pub fn encode(value: Value) -> Json {
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
        Value::List(items) => Json::Array(items.into_iter().map(encode).collect()),
        Value::Map(entries)
            if entries
                .iter()
                .any(|(key, _)| key == TAG || key == ARRAY_TAG) =>
        {
            let items = entries
                .into_iter()
                .map(|(key, value)| Json::Array(vec![Json::String(key), encode(value)]))
                .collect();
            tagged("map", "items", Json::Array(items))
        }
        Value::Map(entries) => Json::Object(
            entries
                .into_iter()
                .map(|(key, value)| (key, encode(value)))
                .collect(),
        ),
        Value::Array(array) => encode_array(array),
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

/// The form of an array in JSON, as serde reads it; `array` carries the place in its messages.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireArray {
    __numpy__: bool,
    array: WireContent,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireContent {
    meta: WireMeta,
    data: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMeta {
    shape: Vec<usize>,
    dtype: Json,
    size: Option<usize>,
    #[serde(default)]
    c_contiguous: Option<bool>,
    #[serde(default)]
    f_contiguous: Option<bool>,
    #[serde(default)]
    scalar: bool,
}

fn decode_array(members: Map<String, Json>, path: Path<'_>) -> Result<Array, DecodeError> {
    let fail = |place: &str, message: String| DecodeError {
        path: format!("{path}{place}"),
        message,
    };
    let wire: WireArray =
        serde_path_to_error::deserialize(Json::Object(members)).map_err(|error| {
            let inner = error.path().to_string();
            let place = if inner == "." {
                String::new()
            } else {
                format!(".{inner}")
            };
            fail(&place, error.into_inner().to_string())
        })?;
    if !wire.__numpy__ {
        return Err(fail(".__numpy__", "expected true".to_owned()));
    }
    let WireContent { meta, data } = wire.array;
    let dtype = Dtype::from_json(&meta.dtype)
        .map_err(|error| fail(".array.meta.dtype", error.to_string()))?;
    let data = STANDARD
        .decode(data)
        .map_err(|error| fail(".array.data", format!("bad base64: {error}")))?;
    let layout = match (meta.scalar, meta.c_contiguous, meta.f_contiguous) {
        (true, ..) if meta.shape.is_empty() => Layout::Scalar,
        (true, ..) => {
            return Err(fail(
                ".array.meta.scalar",
                "a scalar has no axes".to_owned(),
            ));
        }
        (false, Some(false), Some(true)) => Layout::Fortran,
        (false, ..) => Layout::C,
    };
    let array = Array::new(dtype, meta.shape, layout, data)
        .map_err(|error| fail(".array", error.to_string()))?;
    match meta.size {
        Some(size) if size != array.len() => Err(fail(
            ".array.meta.size",
            format!("{size}, where the shape has {} elements", array.len()),
        )),
        _ => Ok(array),
    }
}

fn encode_array(array: Array) -> Json {
    let shape = array.shape();
    // With at most one axis longer than 1 there is only one order.
    let one_order = array.is_empty() || shape.iter().filter(|&&axis| axis != 1).count() <= 1;
    let fortran = array.layout() == Layout::Fortran;
    let mut meta = Map::new();
    meta.insert("shape".to_owned(), shape.into());
    meta.insert("dtype".to_owned(), array.dtype().to_name());
    meta.insert("size".to_owned(), array.len().into());
    meta.insert("c_contiguous".to_owned(), (!fortran || one_order).into());
    meta.insert("f_contiguous".to_owned(), (fortran || one_order).into());
    if array.layout() == Layout::Scalar {
        meta.insert("scalar".to_owned(), true.into());
    }
    let mut content = Map::new();
    content.insert("meta".to_owned(), Json::Object(meta));
    content.insert("data".to_owned(), STANDARD.encode(array.into_data()).into());
    let mut members = Map::new();
    members.insert(ARRAY_TAG.to_owned(), true.into());
    members.insert("array".to_owned(), Json::Object(content));
    Json::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Value, DecodeError> {
        decode(
            serde_json::from_str(text).expect("the test's own JSON"),
            Path::Root("$"),
        )
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        assert_eq!(parse(text).expect_err("must fail").to_string(), expected);
    }

    #[test]
    fn numbers_keep_type_size_and_sign() {
        assert_eq!(parse("1").unwrap(), Value::Int(1));
        assert_eq!(parse("1.0").unwrap(), Value::Float(1.0));
        assert_eq!(parse("-0.0").unwrap(), Value::Float(-0.0));
        assert_ne!(parse("-0.0").unwrap(), Value::Float(0.0));
        let big = "123456789012345678901234567890";
        assert_eq!(encode(parse(big).unwrap()).to_string(), big);
    }

    #[test]
    fn errors_name_the_place() {
        check_error("[1e999]", "$[0]: 1e+999 is beyond the range of a double");
        check_error(
            r#"{"a b":{"__parallax__":"float","value":"huge"}}"#,
            r#"$["a b"]: `huge` is none of nan, inf, -inf"#,
        );
        check_error(
            r#"{"x":{"__parallax__":"bytes","base64":"*"}}"#,
            "$.x: bad base64: Invalid symbol 42, offset 0.",
        );
        check_error(
            r#"{"__parallax__":"map","items":[["k"]]}"#,
            "$.items[0]: expected a pair of a string and a value",
        );
        check_error(
            r#"{"__parallax__":1}"#,
            "$: an object tagged `__parallax__` has one more key, found 0",
        );
        check_error(
            &"9".repeat(4301),
            "$: an integer of 4301 digits, where at most 4300 are read",
        );
        check_error(
            &format!("{}{}", "[".repeat(101), "]".repeat(101)),
            &format!("${}: nested deeper than 100 levels", "[0]".repeat(100)),
        );
    }

    fn arrays() -> impl Strategy<Value = Array> {
        let dtypes = vec![
            "|b1", "<i2", ">u8", "<f2", ">f8", "<c16", "<M8[ns]", "<m8[3D]", "|S3", "<U2", "|V5",
        ];
        let record = serde_json::json!([["a", "<i4"], ["", "|V4"], ["b", ">f8", [2]]]);
        let dtype = prop_oneof![
            prop::sample::select(dtypes).prop_map(|text| text.parse().unwrap()),
            Just(Dtype::from_json(&record).unwrap()),
        ];
        let layout = prop::sample::select(vec![Layout::C, Layout::Fortran]);
        (
            dtype,
            prop::collection::vec(0usize..4, 0..6),
            layout,
            any::<u8>(),
        )
            .prop_map(|(dtype, shape, layout, seed): (Dtype, Vec<usize>, _, _)| {
                let bytes = shape.iter().product::<usize>() * dtype.size().unwrap();
                let data = (0..bytes)
                    .map(|index| seed.wrapping_add(index as u8))
                    .collect();
                // Layouts that can't be told apart are C; a scalar is 0-dimensional.
                let orders = shape.iter().filter(|&&axis| axis != 1).count() > 1 && bytes > 0;
                let layout = match layout {
                    Layout::Fortran if orders => Layout::Fortran,
                    _ if shape.is_empty() && seed > 99 => Layout::Scalar,
                    _ => Layout::C,
                };
                Array::new(dtype, shape, layout, data).unwrap()
            })
    }

    #[test]
    fn the_form_of_an_array_is_the_one_that_is_in_use() {
        let text = r#"{"__numpy__":true,"array":{"meta":{"shape":[2,2],"dtype":"int32","size":4,"c_contiguous":true,"f_contiguous":false},"data":"AQAAAAIAAAADAAAABAAAAA=="}}"#;
        let Value::Array(array) = parse(text).unwrap() else {
            panic!("not an array");
        };
        assert_eq!(array.shape(), [2, 2]);
        assert_eq!(encode(Value::Array(array)).to_string(), text);
    }

    #[test]
    fn a_bad_array_is_refused_with_its_place() {
        let array = |meta: &str, data: &str| {
            format!(r#"[{{"__numpy__":true,"array":{{"meta":{meta},"data":"{data}"}}}}]"#)
        };
        check_error(
            &array(r#"{"shape":[2],"dtype":"int8"}"#, "AQ=="),
            "$[0].array: shape [2] of |i1 takes 2 bytes, found 1",
        );
        check_error(
            &array(r#"{"shape":[1],"dtype":"int8","size":2}"#, "AQ=="),
            "$[0].array.meta.size: 2, where the shape has 1 elements",
        );
        check_error(
            &array(r#"{"shape":[1],"dtype":"int9"}"#, "AQ=="),
            "$[0].array.meta.dtype: dtype \"int9\" is not known",
        );
        check_error(
            &array(r#"{"shape":[1],"dtype":"longdouble"}"#, "AQ=="),
            "$[0].array.meta.dtype: dtype \"longdouble\" is not known",
        );
        check_error(
            &array(r#"{"shape":[-1],"dtype":"int8"}"#, "AQ=="),
            "$[0].array.meta.shape[0]: invalid number",
        );
        check_error(
            &array(r#"{"shape":[1],"dtype":"int8"}"#, "*"),
            "$[0].array.data: bad base64: Invalid symbol 42, offset 0.",
        );
        check_error(r#"[{"__numpy__":true}]"#, "$[0]: missing field `array`");
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<[u8; 20]>()
                .prop_map(|bytes| Value::integer(BigInt::from_signed_bytes_le(&bytes))),
            any::<u64>().prop_map(|bits| Value::Float(f64::from_bits(bits))),
            prop::sample::select(vec![
                0.0,
                -0.0,
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                5e-324
            ])
            .prop_map(Value::Float),
            any::<String>().prop_map(Value::Str),
            prop::collection::vec(any::<u8>(), 0..9).prop_map(Value::Bytes),
            arrays().prop_map(Value::Array),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let key = prop_oneof![
                any::<String>(),
                Just(TAG.to_owned()),
                Just(ARRAY_TAG.to_owned())
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
                prop::collection::hash_map(key, inner, 0..6)
                    .prop_map(|map| Value::Map(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal(value in values()) {
            let text = encode(value.clone()).to_string();
            prop_assert_eq!(parse(&text).unwrap(), value);
        }
    }
}
