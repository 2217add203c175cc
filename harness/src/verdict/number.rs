//! Floats in records without loss: JSON has neither infinities nor NaN, and a distance may be infinite.
//!
//! A finite number is a JSON number, and what JSON lacks is a string.

use serde::de::{Deserializer, Error as _};
use serde::ser::Serializer;
use serde::{Deserialize as _, Serialize as _};
use serde_json::Value as Json;

pub fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.is_finite() {
        number.serialize(serializer)
    } else {
        serializer.collect_str(number)
    }
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    read(&Json::deserialize(deserializer)?)
        .ok_or_else(|| D::Error::custom("expected a number, \"inf\", \"-inf\" or \"NaN\""))
}

fn read(json: &Json) -> Option<f64> {
    let parsed: f64 = match json {
        // The text of a number has all its digits.
        Json::Number(number) => number.to_string().parse().ok()?,
        Json::String(text) => text.parse().ok()?,
        _ => return None,
    };
    (parsed.is_finite() == json.is_number()).then_some(parsed)
}

/// The same of a number that may be missing, which is `null`.
pub mod optional {
    use super::{Deserializer, Json, Serializer};
    use serde::Deserialize as _;
    use serde::de::Error as _;

    pub fn serialize<S: Serializer>(
        number: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => super::serialize(number, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::Null => Ok(None),
            json => super::deserialize(json).map(Some).map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::verdict::policy::{Distance, Worst};

    proptest! {
        #[test]
        fn every_number_is_read_back_to_the_bit(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            let text = serde_json::to_string(&Distance::Norm(number)).unwrap();
            let back: Distance = serde_json::from_str(&text).unwrap();
            let Distance::Norm(back) = back else { panic!("{text}") };
            prop_assert!(back.to_bits() == bits || (back.is_nan() && number.is_nan()), "{text}");
        }
    }

    #[test]
    fn what_json_lacks_is_a_string_and_nothing_is_null() {
        let worst = |norm| Worst {
            norm,
            ..Worst::default()
        };
        for (norm, expected) in [
            (None, "null"),
            (Some(f64::INFINITY), "\"inf\""),
            (Some(f64::NEG_INFINITY), "\"-inf\""),
            (Some(0.1), "0.1"),
            (Some(-0.0), "-0.0"),
        ] {
            let text = serde_json::to_string(&worst(norm)).unwrap();
            assert_eq!(text, format!("{{\"ulp\":[0,0,0],\"norm\":{expected}}}"));
            assert_eq!(serde_json::from_str::<Worst>(&text).unwrap(), worst(norm));
        }
        for wrong in ["\"1.0\"", "\"x\"", "1e999", "true"] {
            let text = format!("{{\"ulp\":[0,0,0],\"norm\":{wrong}}}");
            assert!(serde_json::from_str::<Worst>(&text).is_err(), "{wrong}");
        }
    }
}
