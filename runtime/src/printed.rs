//! What a case has printed: bytes, which are text nearly always.

use serde::{Deserialize, Serialize};

/// Everything that was written to the two streams, by whatever means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printed {
    #[serde(with = "text")]
    pub stdout: Vec<u8>,
    #[serde(with = "text")]
    pub stderr: Vec<u8>,
}

impl Printed {
    pub fn is_empty(&self) -> bool {
        self.stdout.is_empty() && self.stderr.is_empty()
    }
}

/// A string, or `{"__parallax__":"bytes","base64":…}` for what is no UTF-8.
mod text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    const TAG: &str = "bytes";

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct WireBytes {
        __parallax__: String,
        base64: String,
    }

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => WireBytes {
                __parallax__: TAG.to_owned(),
                base64: STANDARD.encode(bytes),
            }
            .serialize(serializer),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_any(Text)
    }

    struct Text;

    impl<'de> de::Visitor<'de> for Text {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a string, or bytes in their tagged form")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(text.as_bytes().to_vec())
        }

        fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
            Ok(text.into_bytes())
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            let wire = WireBytes::deserialize(de::value::MapAccessDeserializer::new(map))?;
            if wire.__parallax__ != TAG {
                return Err(de::Error::custom("`__parallax__` is not \"bytes\""));
            }
            let bytes = STANDARD
                .decode(wire.base64)
                .map_err(|error| de::Error::custom(format!("bad base64: {error}")))?;
            // There is one way to say a thing, so that equal texts are equal documents.
            match std::str::from_utf8(&bytes) {
                Ok(_) => Err(de::Error::custom(
                    "UTF-8 in the form for bytes that are none",
                )),
                Err(_) => Ok(bytes),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_string_and_anything_else_is_tagged() {
        let printed = Printed {
            stdout: "h\u{e9}\n".into(),
            stderr: vec![0xff, 0],
        };
        let text = serde_json::to_string(&printed).unwrap();
        assert_eq!(
            text,
            "{\"stdout\":\"h\u{e9}\\n\",\"stderr\":{\"__parallax__\":\"bytes\",\"base64\":\"/wA=\"}}"
        );
        assert_eq!(serde_json::from_str::<Printed>(&text).unwrap(), printed);
    }

    #[test]
    fn what_is_neither_is_refused() {
        for (stdout, expected) in [
            ("1", "expected a string, or bytes in their tagged form"),
            (
                r#"{"__parallax__":"float","base64":""}"#,
                "is not \"bytes\"",
            ),
            (r#"{"__parallax__":"bytes","base64":"*"}"#, "bad base64"),
            (r#"{"__parallax__":"bytes","base64":"YQ=="}"#, "UTF-8"),
            (r#"{"__parallax__":"bytes"}"#, "missing field `base64`"),
        ] {
            let text = format!(r#"{{"stdout":{stdout},"stderr":""}}"#);
            let error = serde_json::from_str::<Printed>(&text).unwrap_err();
            assert!(error.to_string().contains(expected), "{stdout}: {error}");
        }
    }
}
