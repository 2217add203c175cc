//! dtypes and arrays, right ones and wrong ones.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn dtype(text: &str) -> Result<Dtype, ArrayError> {
    text.parse()
}

#[test]
fn names_and_descriptions_are_one_dtype() {
    for (name, description) in [
        ("bool", "|b1"),
        ("int8", "|i1"),
        ("uint64", "<u8"),
        ("float16", "<f2"),
        ("complex64", "<c8"),
        ("datetime64[25s]", "<M8[25s]"),
        ("timedelta64", "<m8"),
    ] {
        let parsed = dtype(name).unwrap();
        assert_eq!(parsed, dtype(description).unwrap());
        assert_eq!(parsed.to_string(), description);
        assert_eq!(parsed.to_name(), json!(name));
    }
    for description in [">i4", "|S5", "<U3", "|V8", ">M8[ns]", "<U0"] {
        assert_eq!(dtype(description).unwrap().to_string(), description);
        assert_eq!(dtype(description).unwrap().to_name(), json!(description));
    }
}

#[test]
fn what_is_no_dtype_is_refused_by_name() {
    for text in [
        "",
        "<",
        "f8",
        "<f3",
        "|f8",
        "<i8[s]",
        "int7",
        "float",
        "<M8[x]",
        "<M8[]",
        "<f8 ",
        "<x4",
        "é",
        "<U99999999999999999999",
    ] {
        assert_eq!(
            dtype(text),
            Err(ArrayError::Unknown(text.to_owned())),
            "{text}"
        );
    }
    for text in ["<f16", "<c32", "|O8", "|O", "float128"] {
        assert!(
            matches!(dtype(text), Err(ArrayError::Refused(..))),
            "{text}"
        );
    }
}

#[test]
fn records_keep_their_fields_and_padding() {
    let description = json!([
        ["a", "<i4"],
        ["", "|V4"],
        ["b", ">f8", [2, 3]],
        ["c", [["d", "<U2"]]]
    ]);
    let record = Dtype::from_json(&description).unwrap();
    assert_eq!(record.size(), Some(4 + 4 + 48 + 8));
    assert_eq!(record.to_json(), description);
    for bad in [
        json!(3),
        json!([["a"]]),
        json!([["a", "<i4", [-1]]]),
        json!([[1, "<i4"]]),
    ] {
        assert!(Dtype::from_json(&bad).is_err(), "{bad}");
    }
    let deep = (0..40).fold(json!("<i4"), |inner, _| json!([["x", inner]]));
    assert_eq!(Dtype::from_json(&deep), Err(ArrayError::Nested));
}

#[test]
fn bytes_must_fit_shape_and_dtype() {
    let make = |shape: &[u64], bytes: usize| {
        Array::new(
            dtype("<f8").unwrap(),
            shape.to_vec(),
            Layout::C,
            vec![0; bytes],
        )
    };
    assert_eq!(make(&[2, 3], 48).unwrap().len(), 6);
    assert_eq!(make(&[], 8).unwrap().len(), 1);
    assert!(make(&[0, u64::MAX, 9], 0).unwrap().is_empty());
    assert_eq!(
        make(&[2], 15).unwrap_err().to_string(),
        "shape [2] of <f8 takes 16 bytes, found 15"
    );
    assert!(make(&[u64::MAX, 2], 16).is_err());
    assert_eq!(make(&[1; 65], 8), Err(ArrayError::Axes(65)));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,12}|[<>|]?[biufcMmSUVO]?[0-9]{0,22}(\\[[0-9a-zμ]*\\]?)?") {
        if let Ok(parsed) = dtype(&text) {
            prop_assert_eq!(dtype(&parsed.to_string()), Ok(parsed));
        }
    }
}
