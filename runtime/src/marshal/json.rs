//! JSON text to its value, with nothing lost: no key twice, and no object taken for a number.
//!
//! `serde_json` alone keeps the last of several equal keys, and takes an object for a number whose one key is the name under which it hands numbers around.

use std::fmt;
use std::ops::Range;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::map::Entry;
use serde_json::{Map, Number, Value as Json};

use super::json_base64::Path;

/// Why bytes aren't one JSON document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("there is nothing but white space")]
    Empty,
    #[error("{0}")]
    Syntax(String),
    #[error("a second document follows")]
    Several,
    /// With the place in the document.
    #[error("{0}")]
    Repeated(String),
}

/// Reads one document; `root` is its name in the place of an error.
///
/// # Errors
/// The bytes are no document, more than one, or an object in it has a key twice.
pub fn read(bytes: &[u8], root: &str) -> Result<Json, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|error| JsonError::Syntax(error.to_string()))?;
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return Err(JsonError::Empty);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let path = Path::Root(root);
    let reader = Reader {
        text: address_range(text),
        path: &path,
    };
    let json = reader
        .deserialize(&mut deserializer)
        .map_err(|error| match error.classify() {
            Category::Data => JsonError::Repeated(error.to_string()),
            Category::Io | Category::Syntax | Category::Eof => JsonError::Syntax(error.to_string()),
        })?;
    if deserializer.end().is_ok() {
        return Ok(json);
    }
    Err(match deserializer.deserialize_ignored_any(IgnoredAny) {
        Ok(_) => JsonError::Several,
        Err(error) => JsonError::Syntax(format!("after the document: {error}")),
    })
}

fn address_range(text: &str) -> Range<usize> {
    let range = text.as_bytes().as_ptr_range();
    range.start.addr()..range.end.addr()
}

/// Reads one value at a path.
struct Reader<'a> {
    /// Where the text lies in memory.
    text: Range<usize>,
    path: &'a Path<'a>,
}

impl Reader<'_> {
    fn below<'a>(&self, path: &'a Path<'a>) -> Reader<'a> {
        Reader {
            text: self.text.clone(),
            path,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    /// Integers of up to 64 bits come like this, other numbers as text.
    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        loop {
            let path = Path::Index(self.path, list.len());
            match items.next_element_seed(self.below(&path))? {
                Some(item) => list.push(item),
                None => return Ok(Json::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key_seed(KeyReader(&self.text))? {
            let Key::Text(key) = key else {
                // The grammar has been checked, and decides later whether it is an integer.
                let digits = members.next_value::<String>()?;
                return Ok(Json::Number(Number::from_string_unchecked(digits)));
            };
            let path = Path::Key(self.path, &key);
            let member = members.next_value_seed(self.below(&path))?;
            match map.entry(key) {
                Entry::Vacant(free) => free.insert(member),
                Entry::Occupied(taken) => {
                    let (path, key) = (self.path, taken.key());
                    let message = format!("{path}: the key {key:?} stands twice");
                    return Err(A::Error::custom(message));
                }
            };
        }
        Ok(Json::Object(map))
    }
}

/// A key of an object, or what stands before a number's digits.
enum Key {
    Text(String),
    Number,
}

/// Tells the two apart: a key is a part of the text or was made from one with escapes, and the number's mark is a constant of `serde_json`'s.
struct KeyReader<'a>(&'a Range<usize>);

impl<'de> DeserializeSeed<'de> for KeyReader<'_> {
    type Value = Key;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeyReader<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key, E> {
        if self.0.contains(&key.as_ptr().addr()) {
            Ok(Key::Text(key.to_owned()))
        } else {
            Ok(Key::Number)
        }
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(Key::Text(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn strict(text: &str) -> Result<Json, JsonError> {
        read(text.as_bytes(), "document")
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(strict(text).expect_err(text).to_string(), expected);
    }

    #[test]
    fn a_key_that_stands_twice_is_named_with_its_place() {
        check(
            r#"{"a":1,"a":1}"#,
            r#"document: the key "a" stands twice at line 1 column 13"#,
        );
        check(
            "[{\"x\":[0,\n{\"b c\":{},\"\":1,\"b c\":2}]}]",
            r#"document[0].x[1]: the key "b c" stands twice at line 2 column 23"#,
        );
        // However it is spelt.
        check(
            r#"{"a":1,"\u0061":1}"#,
            r#"document: the key "a" stands twice at line 1 column 18"#,
        );
        let apart = r#"{"a":{"a":1},"b":{"a":1}}"#;
        assert_eq!(strict(apart).unwrap().to_string(), apart);
    }

    #[test]
    fn no_object_is_taken_for_a_number() {
        for key in [
            "$serde_json::private::Number",
            "$serde_json::private::RawValue",
        ] {
            let escaped = key.replacen('$', "\\u0024", 1);
            for spelt in [key, &escaped] {
                for value in ["\"1\"", "\"x\"", "1", "{}", "null"] {
                    for more in ["", ",\"a\":1"] {
                        let json = strict(&format!("{{\"{spelt}\":{value}{more}}}")).unwrap();
                        let written = json.to_string();
                        assert_eq!(written, format!("{{\"{key}\":{value}{more}}}"));
                        assert!(json.is_object());
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_are_kept_as_they_are_written() {
        for number in [
            "0",
            "-0",
            "1.50",
            "1e400",
            "-1E-7",
            "123456789012345678901234567890",
        ] {
            let json = strict(&format!("[{number}]")).unwrap();
            assert!(json[0].is_number());
            assert_eq!(
                json,
                serde_json::from_str::<Json>(&format!("[{number}]")).unwrap()
            );
        }
    }

    #[test]
    fn what_is_no_document_says_why() {
        check(" \n", "there is nothing but white space");
        check("hello", "expected value at line 1 column 1");
        check("{} {}", "a second document follows");
        check(
            "{} x",
            "after the document: expected value at line 1 column 4",
        );
        check("\u{feff}{}", "expected value at line 1 column 1");
        check("[01]", "invalid number at line 1 column 3");
        let error = read(b"\xff", "document").unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid utf-8 sequence of 1 bytes from index 0"
        );
        let deep = "[".repeat(200);
        check(&deep, "recursion limit exceeded at line 1 column 128");
    }

    fn documents() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_map(|value| json!(value)),
            any::<String>().prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_document_is_read_as_serde_json_reads_it(document in documents()) {
            let text = document.to_string();
            let expected: Json = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(strict(&text).unwrap(), expected);
        }

        #[test]
        fn bytes_are_refused_where_serde_json_refuses_them(bytes in "[\\[\\]{},:\"a1.e\\\\-]{0,12}") {
            let expected = serde_json::from_str::<Json>(&bytes).is_ok();
            let read = strict(&bytes);
            prop_assert_eq!(matches!(read, Ok(_) | Err(JsonError::Repeated(_))), expected);
        }
    }
}
