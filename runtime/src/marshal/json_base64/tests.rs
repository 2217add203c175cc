//! What is written reads back equal, and what is wrong is refused with its place.

use num_bigint::BigInt;
use proptest::prelude::*;

use super::*;
use crate::array::{Array, Dtype, Layout};
use crate::value::Value;

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
        r#"{"__parallax__":"map","items":[["k",1],["l",2],["k",3]]}"#,
        "$.items[2]: the key \"k\" stands twice",
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

pub fn arrays() -> impl Strategy<Value = Array> {
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
        prop::collection::vec(0u64..4, 0..6),
        layout,
        any::<u8>(),
    )
        .prop_map(|(dtype, shape, layout, seed): (Dtype, Vec<u64>, _, _)| {
            let bytes = shape.iter().product::<u64>() * dtype.size().unwrap();
            let data: Vec<u8> = (0..bytes)
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
        any::<[u8; 20]>().prop_map(|bytes| Value::integer(BigInt::from_signed_bytes_le(&bytes))),
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
        prop_assert_eq!(&serde_json::to_string(&Text(&value)).unwrap(), &text);
        prop_assert_eq!(parse(&text).unwrap(), value);
    }
}
