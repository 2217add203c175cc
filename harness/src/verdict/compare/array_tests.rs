//! Arrays: every way in which two of them can differ, and what each policy makes of it.

mod within;

use parallax_runtime::array::{Array, Dtype, Layout};
use parallax_runtime::value::Value;
use serde_json::json;

use super::tests::{found, returned};
use super::{Verdict, compare};
use crate::case::Ignored;
use crate::outcome::Outcome;
use crate::verdict::divergence::Divergence;
use crate::verdict::policy::{Bound, Place, Policies, Policy, Rule};

pub(super) fn array(dtype: &serde_json::Value, shape: &[u64], data: Vec<u8>) -> Array {
    let dtype = Dtype::from_json(dtype).unwrap();
    Array::new(dtype, shape.to_vec(), Layout::C, data).unwrap()
}

fn outcome(array: Array) -> Outcome {
    returned(vec![Value::Array(array)])
}

#[track_caller]
fn check(reference: Array, candidate: Array, ulp: u64, expected: &[&str]) {
    check_under(&Policy::ulp("p", ulp), reference, candidate, expected);
}

/// An allowed distance is shown as the policy's name and the worst that was seen.
#[track_caller]
pub(super) fn check_under(policy: &Policy, reference: Array, candidate: Array, expected: &[&str]) {
    let terms = matches!(policy.rule, Rule::Norm(_)).then_some(4);
    let default = Place::everywhere(policy.clone(), terms);
    let policies = Policies::new(default, Vec::new());
    check_at(&policies, reference, candidate, expected);
}

#[track_caller]
fn check_at(policies: &Policies, reference: Array, candidate: Array, expected: &[&str]) {
    let found = found(&outcome(reference), &outcome(candidate), policies);
    assert_eq!(found, expected);
}

fn divergences(reference: Array, candidate: Array) -> Vec<Divergence> {
    let exact = Policy::exact().into();
    let (reference, candidate) = (outcome(reference), outcome(candidate));
    match compare(&reference, &candidate, &exact, Ignored::default()) {
        Verdict::Diverged(found) => found,
        other => panic!("{other:?}"),
    }
}

fn doubles(values: &[f64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

pub(super) fn vector(values: &[f64]) -> Array {
    array(&json!("<f8"), &[values.len() as u64], doubles(values))
}

pub(super) fn integers(values: &[i64]) -> Array {
    let data = values.iter().flat_map(|value| value.to_le_bytes());
    array(&json!("<i8"), &[values.len() as u64], data.collect())
}

pub(super) fn norm(most: f64) -> Policy {
    Policy {
        rule: Rule::Norm(Bound { most, worst: 0.0 }),
        ..Policy::ulp("p", 0)
    }
}

#[test]
fn one_unit_in_the_last_place_of_each_precision_is_seen() {
    let next = f64::from_bits(1.0f64.to_bits() + 1);
    let matrix = |last: f64| array(&json!("<f8"), &[2, 2], doubles(&[0.0, 1.0, 2.0, last]));
    check(
        matrix(1.0),
        matrix(next),
        0,
        &["outputs[0]: 1 of 4 elements differ, first [1, 1]: 1.0 != 1.0000000000000002 (1 ulp)"],
    );
    check(matrix(1.0), matrix(next), 1, &["p: f64 1 ulp"]);
    let single = |bits: u32| array(&json!("<f4"), &[1], bits.to_le_bytes().to_vec());
    let one = 1f32.to_bits();
    check(
        single(one),
        single(one + 1),
        0,
        &["outputs[0]: 1 of 1 elements differ, first [0]: 1.0 != 1.0000001 (1 ulp)"],
    );
    let half = |bits: u16| array(&json!(">f2"), &[], bits.to_be_bytes().to_vec());
    check(
        half(0x3c00),
        half(0x3c02),
        0,
        &["outputs[0]: 1 of 1 elements differ, first 1.0 != 1.0019531 (2 ulp)"],
    );
}

#[test]
fn nan_is_a_class_zeros_have_signs_and_infinity_is_near_nothing() {
    let payload = f64::from_bits(f64::NAN.to_bits() | 5);
    check(vector(&[f64::NAN]), vector(&[-payload]), 0, &[]);
    for (a, b, shown) in [
        (0.0, -0.0, "0.0 != -0.0"),
        (5e-324, -5e-324, "5e-324 != -5e-324"),
        (f64::MAX, f64::INFINITY, "1.7976931348623157e308 != inf"),
    ] {
        let expected = format!("outputs[0]: 1 of 1 elements differ, first [0]: {shown}");
        check(vector(&[a]), vector(&[b]), u64::MAX, &[&expected]);
    }
    let complex = |imag: f64| array(&json!("<c16"), &[1], doubles(&[1.0, imag]));
    check(
        complex(f64::NAN),
        complex(0.0),
        0,
        &["outputs[0]: 1 of 2 elements differ, first [0].imag: NaN != 0.0"],
    );
}

#[test]
fn numbers_of_different_dtypes_are_compared_as_numbers() {
    let wide = |value: i64| array(&json!("<i8"), &[], value.to_le_bytes().to_vec());
    let narrow = |value: i32| array(&json!("<i4"), &[], value.to_le_bytes().to_vec());
    let dtype = "outputs[0]@dtype: <i8 != <i4";
    check(wide(-5), narrow(-5), 0, &[dtype]);
    check(
        wide(4_999_950_000),
        narrow(704_982_704),
        0,
        &[
            "outputs[0]: 1 of 1 elements differ, first 4999950000 != 704982704",
            dtype,
        ],
    );
    let byte = |code: &str, value: u8| array(&json!(code), &[], vec![value]);
    check(
        byte("|u1", 200),
        byte("|i1", 200),
        0,
        &[
            "outputs[0]: 1 of 1 elements differ, first 200 != -56",
            "outputs[0]@dtype: |u1 != |i1",
        ],
    );
    let single = |value: f32| array(&json!("<f4"), &[1], value.to_le_bytes().to_vec());
    let dtype = "outputs[0]@dtype: <f8 != <f4";
    check(vector(&[0.5]), single(0.5), 0, &[dtype]);
    check(
        vector(&[0.1]),
        single(0.1f32.next_up()),
        0,
        &[
            "outputs[0]: 1 of 1 elements differ, first [0]: 0.1 != 0.10000001 (1 ulp)",
            dtype,
        ],
    );
    // What is equal in the narrower precision alone is told with the dtype, so that a ledger pins it.
    let lines = |candidate: f64| -> Vec<String> {
        let found = divergences(single(0.1), vector(&[candidate]));
        found.iter().map(ToString::to_string).collect()
    };
    let near = f64::from(0.1f32).next_up();
    assert_eq!(lines(f64::from(0.1f32)), ["outputs[0]@dtype: <f4 != <f8"]);
    assert_eq!(lines(near).len(), 1);
    assert!(lines(near)[0].contains("1 elements beyond the other's precision"));
    assert_ne!(lines(near), lines(near.next_up()));
    check(
        vector(&[0.0]),
        single(-0.0),
        9,
        &[
            "outputs[0]: 1 of 1 elements differ, first [0]: 0.0 != -0.0",
            dtype,
        ],
    );
    let complex = |imag: f64| array(&json!("<c16"), &[1], doubles(&[7.0, imag]));
    let dtype = "outputs[0]@dtype: <i8 != <c16";
    check(integers(&[7]), complex(0.0), 0, &[dtype]);
    check(
        integers(&[7]),
        complex(1.0),
        0,
        &[
            "outputs[0]: 1 of 1 elements differ, first [0].imag: 0 != 1.0 (4607182418800017408 ulp)",
            dtype,
        ],
    );
    let big = |value: i32| array(&json!(">i4"), &[], value.to_be_bytes().to_vec());
    check(narrow(258), big(258), 0, &["outputs[0]@dtype: <i4 != >i4"]);
    // The same bytes are another number.
    let swapped = array(&json!(">i4"), &[], 258i32.to_le_bytes().to_vec());
    check(
        narrow(258),
        swapped,
        0,
        &[
            "outputs[0]: 1 of 1 elements differ, first 258 != 33619968",
            "outputs[0]@dtype: <i4 != >i4",
        ],
    );
}

#[test]
fn texts_of_different_dtypes_are_compared_as_texts() {
    let bytes = |text: &str| array(&json!(format!("|S{}", text.len())), &[], text.into());
    let unicode = |text: &str| {
        let units = text.chars().flat_map(|c| u32::from(c).to_le_bytes());
        array(
            &json!(format!("<U{}", text.chars().count())),
            &[],
            units.collect(),
        )
    };
    check(
        bytes("ab"),
        unicode("ab"),
        0,
        &["outputs[0]@dtype: |S2 != <U2"],
    );
    check(
        bytes("ab"),
        bytes("ab\0\0"),
        0,
        &["outputs[0]@dtype: |S2 != |S4"],
    );
    check(
        unicode("ab"),
        bytes("ac"),
        0,
        &[
            r#"outputs[0]: 1 of 1 elements differ, first "ab" != "ac""#,
            "outputs[0]@dtype: <U2 != |S2",
        ],
    );
    // An empty text has no bytes, and is another one all the same.
    check(
        unicode(""),
        unicode("abc"),
        0,
        &[
            r#"outputs[0]: 1 of 1 elements differ, first "" != "abc""#,
            "outputs[0]@dtype: <U0 != <U3",
        ],
    );
    let surrogate = |low: u32| array(&json!("<U1"), &[], (0xd800 + low).to_le_bytes().to_vec());
    check(
        surrogate(0),
        surrogate(1),
        0,
        &["outputs[0]: 1 of 1 elements differ, first bytes 00d80000 != bytes 01d80000"],
    );
}

#[test]
fn what_cannot_be_compared_is_a_divergence_of_its_own() {
    let date = |unit: &str, value: i64| {
        array(
            &json!(format!("<M8[{unit}]")),
            &[1],
            value.to_le_bytes().to_vec(),
        )
    };
    let found = |reference: Array, candidate: Array| -> Vec<String> {
        let found = divergences(reference, candidate);
        found.iter().map(ToString::to_string).collect()
    };
    let seconds = found(date("s", 1), date("ms", 1));
    assert_eq!(seconds.len(), 2);
    assert!(
        seconds[0].ends_with("(<M8[s] can't be compared with <M8[ms])"),
        "{seconds:?}"
    );
    assert_ne!(seconds, found(date("s", 1), date("ms", 2)));
    let text = |byte: u8| array(&json!("|S8"), &[1], vec![byte; 8]);
    let texts = found(integers(&[1]), text(b'a'));
    assert_eq!(texts.len(), 2);
    assert_ne!(texts, found(integers(&[1]), text(b'b')));
    // NaT is no date, and shown as what it is.
    check(
        date("s", i64::MIN),
        date("s", 0),
        0,
        &["outputs[0]: 1 of 1 elements differ, first [0]: NaT != 0"],
    );
}

#[test]
fn shape_and_layout_are_seen_and_another_shape_hides_no_value() {
    let flat = |shape: &[u64], last: u8| array(&json!("|i1"), shape, vec![1, 2, 3, last]);
    let lines = |last: u8| -> Vec<String> {
        let found = divergences(flat(&[4], 4), flat(&[2, 2], last));
        found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(lines(4)[0], "outputs[0]@shape: [4] != [2, 2]");
    assert!(lines(4)[1].starts_with("outputs[0]: |i1[4], sha256 "));
    assert_ne!(lines(4), lines(5));
    let fortran = Array::new(
        "|i1".parse().unwrap(),
        vec![2, 2],
        Layout::Fortran,
        vec![1, 2, 3, 4],
    );
    check(
        flat(&[2, 2], 4),
        fortran.unwrap(),
        0,
        &["outputs[0]@layout: C order != Fortran order"],
    );
    check(
        array(&json!("|i1"), &[], vec![1]),
        array(&json!("|i1"), &[], vec![1]).into_scalar().unwrap(),
        0,
        &["outputs[0]@layout: C order != a scalar"],
    );
}

#[test]
fn records_are_compared_by_field_without_their_padding() {
    let dtype = json!([["a", "<i2"], ["", "|V2"], ["b b", "|u1", [2]]]);
    let record = |bytes: [u8; 6]| array(&dtype, &[1], bytes.to_vec());
    check(
        record([1, 0, 7, 7, 5, 6]),
        record([1, 0, 8, 9, 5, 6]),
        0,
        &[],
    );
    let found = divergences(record([1, 0, 0, 0, 5, 6]), record([2, 0, 0, 0, 5, 9]));
    let elements = found[0].elements.as_ref().unwrap();
    let shown: Vec<String> = elements.first.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["[0].a: 1 != 2", "[0][\"b b\"][1]: 6 != 9"]);
    assert_eq!((elements.count, elements.of), (2, 3));
    // Fields of other dtypes are compared as what they are, and other fields not at all.
    let other = json!([["a", "<i4"], ["b b", "|u1", [2]]]);
    let wide = |bytes: [u8; 6]| array(&other, &[1], bytes.to_vec());
    let lines = |candidate: Array| -> Vec<String> {
        let found = divergences(record([1, 0, 7, 7, 5, 6]), candidate);
        found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(lines(wide([1, 0, 0, 0, 5, 6])).len(), 1);
    assert_eq!(
        lines(wide([1, 0, 1, 0, 5, 6]))[0],
        "outputs[0]: 1 of 3 elements differ, first [0].a: 1 != 65537"
    );
    let renamed = json!([["c", "<i2"], ["", "|V2"], ["b b", "|u1", [2]]]);
    let renamed = |last: u8| lines(array(&renamed, &[1], vec![1, 0, 7, 7, 5, last]));
    assert!(renamed(6)[0].contains("can't be compared with"));
    assert_ne!(renamed(6), renamed(7));
}

#[test]
fn each_precision_has_a_bound_of_its_own() {
    let bounds = [1, 2, 3].map(|most| Bound { most, worst: 0 });
    let policy = Policy {
        rule: Rule::Ulp(bounds),
        ..Policy::ulp("p", 0)
    };
    let half = |bits: u16| array(&json!("<f2"), &[1], bits.to_le_bytes().to_vec());
    let single = |bits: u32| array(&json!("<f4"), &[1], bits.to_le_bytes().to_vec());
    let complex = |steps: u64| {
        let imag = f64::from_bits(1f64.to_bits() + steps);
        array(&json!("<c16"), &[1], doubles(&[1.0, imag]))
    };
    check_under(&policy, half(9), half(10), &["p: f16 1 ulp"]);
    let far = "outputs[0]: 1 of 1 elements differ, first [0]: 5.364418e-7 != 6.556511e-7 (2 ulp)";
    check_under(&policy, half(9), half(11), &[far]);
    check_under(&policy, single(9), single(11), &["p: f32 2 ulp"]);
    let far = "outputs[0]: 1 of 1 elements differ, first [0]: 1.3e-44 != 1.7e-44 (3 ulp)";
    check_under(&policy, single(9), single(12), &[far]);
    check_under(&policy, complex(0), complex(3), &["p: f64 3 ulp"]);
    let far =
        "outputs[0]: 1 of 2 elements differ, first [0].imag: 1.0 != 1.0000000000000009 (4 ulp)";
    check_under(&policy, complex(0), complex(4), &[far]);
}

#[test]
fn a_norm_allows_the_same_distance_to_large_and_small_elements() {
    // n is 4 and the scale 8, so that a unit is 32 epsilons.
    let unit = 32.0 * f64::EPSILON;
    let values = |small: f64| vector(&[8.0, 1.0, 0.0, small]);
    let tiny = 1e-20;
    check_under(&norm(2.0), values(tiny), values(tiny), &[]);
    check_under(&norm(2.0), values(0.0), values(2.0 * unit), &["p: 2 n·eps"]);
    check_under(
        &norm(2.0),
        values(0.0),
        values(2.5 * unit),
        &[
            "outputs[0]: 1 of 4 elements differ, first [3]: 0.0 != 1.7763568394002505e-14 (2.5 n·eps)",
        ],
    );
    // Near zero a sign says nothing, and is allowed as what it is.
    check_under(&norm(0.0), values(0.0), values(-0.0), &["p: 0 n·eps"]);
    check_under(&norm(2.0), vector(&[]), vector(&[]), &[]);
    let zero = array(&json!("<f8"), &[], doubles(&[0.0]));
    let other = array(&json!("<f8"), &[], doubles(&[1e-300]));
    let message = "outputs[0]: 1 of 1 elements differ, first 0.0 != 1e-300 (inf n·eps)";
    check_under(&norm(1e300), zero, other, &[message]);
}

#[test]
fn no_norm_covers_a_special_value_or_an_integer() {
    let values = |last: f64| vector(&[8.0, last]);
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    for (a, b, shown) in [
        (nan, 1.0, "NaN != 1.0"),
        (1.0, nan, "1.0 != NaN"),
        (inf, 8.0, "inf != 8.0"),
        (inf, -inf, "inf != -inf"),
        (nan, inf, "NaN != inf"),
    ] {
        let expected = format!("outputs[0]: 1 of 2 elements differ, first [1]: {shown}");
        check_under(&norm(1e300), values(a), values(b), &[&expected]);
    }
    check_under(&norm(1.0), values(nan), values(-nan), &[]);
    check_under(&norm(1.0), values(-inf), values(-inf), &[]);
    let message = "outputs[0]: 1 of 2 elements differ, first [1]: 1000000 != 1000001";
    let (a, b) = (integers(&[1, 1_000_000]), integers(&[1, 1_000_001]));
    check_under(&norm(1e300), a.clone(), b.clone(), &[message]);
    check_under(&Policy::ulp("p", u64::MAX), a, b, &[message]);
}

#[test]
fn parts_of_complex_numbers_are_elements_of_the_norm() {
    let complex = |imag: f64| {
        array(&json!(">c8"), &[1], {
            let parts = [4f32, imag as f32];
            parts.iter().flat_map(|part| part.to_be_bytes()).collect()
        })
    };
    let unit = 4.0 * f64::from(f32::EPSILON) * 4.0;
    check_under(&norm(1.0), complex(0.0), complex(unit), &["p: 1 n·eps"]);
    let message =
        "outputs[0]: 1 of 2 elements differ, first [0].imag: 0.0 != 3.8146973e-6 (2 n·eps)";
    check_under(&norm(1.0), complex(0.0), complex(2.0 * unit), &[message]);
}

#[test]
fn a_narrower_integer_is_allowed_only_by_name_and_value() {
    let narrow = Policy {
        narrow_integers: true,
        ..Policy::exact()
    };
    let wide = |code: &str| array(&json!(code), &[], 7i64.to_le_bytes().to_vec());
    let small = |code: &str, value: i32| array(&json!(code), &[], value.to_le_bytes().to_vec());
    check_under(&narrow, wide("<i8"), small("<i4", 7), &["exact: 0 ulp"]);
    check_under(
        &narrow,
        wide("<i8"),
        small("<i4", 8),
        &["outputs[0]: 1 of 1 elements differ, first 7 != 8"],
    );
    let big = array(&json!(">i4"), &[], 7i32.to_be_bytes().to_vec());
    check_under(&narrow, wide("<i8"), big, &["outputs[0]@dtype: <i8 != >i4"]);
    for (policy, reference, candidate, expected) in [
        (
            &narrow,
            wide("<i8"),
            small("<u4", 7),
            "outputs[0]@dtype: <i8 != <u4",
        ),
        (
            &narrow,
            small("<i4", 7),
            wide("<i8"),
            "outputs[0]@dtype: <i4 != <i8",
        ),
        (
            &norm(9.0),
            wide("<i8"),
            small("<i4", 7),
            "outputs[0]@dtype: <i8 != <i4",
        ),
    ] {
        check_under(policy, reference, candidate, &[expected]);
    }
}
