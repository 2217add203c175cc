//! Writes a value's text piece by piece: the base64 of a large array is never in memory as a whole.

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::array;
use super::encode::encode;
use super::tag::{ARRAY_TAG, TAG, has_tag};
use crate::value::Value;

/// A value whose text is that of [`encode`].
pub struct Text<'a>(pub &'a Value);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Str(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items.iter().map(Text)),
            Value::Map(entries) if !has_tag(entries) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (key, Text(value))))
            }
            Value::Bytes(bytes) => {
                let mut members = serializer.serialize_map(Some(2))?;
                members.serialize_entry(TAG, "bytes")?;
                members.serialize_entry("base64", &Base64(bytes))?;
                members.end()
            }
            Value::Array(array) => {
                let content = Content {
                    meta: array::meta(array),
                    data: Base64(&array.data()),
                };
                let mut members = serializer.serialize_map(Some(2))?;
                members.serialize_entry(ARRAY_TAG, &true)?;
                members.serialize_entry("array", &content)?;
                members.end()
            }
            // What is left is short, or seldom.
            other => encode(other.clone()).serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct Content<'a> {
    meta: Map<String, Json>,
    data: Base64<'a>,
}

struct Base64<'a>(&'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}
