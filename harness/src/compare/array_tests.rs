//! Arrays: every way in which two of them can differ, and what each policy makes of it.

use parallax_runtime::array::{Array, Dtype, Layout};
use parallax_runtime::outcome::GraphInfo;
use parallax_runtime::value::Value;
use serde_json::json;

use super::{Verdict, compare};
use crate::outcome::Outcome;
use crate::policy::{Bound, Policy, Property, Rule};

fn array(dtype: &serde_json::Value, shape: &[u64], data: Vec<u8>) -> Array {
    let dtype = Dtype::from_json(dtype).unwrap();
    Array::new(dtype, shape.to_vec(), Layout::C, data).unwrap()
}

fn returned(array: Array) -> Outcome {
    Outcome::Returned {
        outputs: vec![Value::Array(array)],
        graph_info: GraphInfo {
            node_count: 1,
            source_count: 1,
            sink_count: 1,
            execution_order: vec!["a".to_owned()],
        },
        warnings: vec![],
    }
}

#[track_caller]
fn check(reference: Array, candidate: Array, ulp: u64, expected: &[&str]) {
    check_under(&Policy::ulp("p", ulp), reference, candidate, expected);
}

/// An allowed distance is shown as the policy's name and the worst that was seen.
#[track_caller]
fn check_under(policy: &Policy, reference: Array, candidate: Array, expected: &[&str]) {
    let policies = policy.clone().into();
    let found: Vec<String> = match compare(&returned(reference), &returned(candidate), &policies) {
        Verdict::Diverged(found) => found.iter().map(ToString::to_string).collect(),
        Verdict::Equal => Vec::new(),
        Verdict::WithinPolicy(allowed) => allowed
            .iter()
            .map(|(name, worst)| format!("{name}: {worst}"))
            .collect(),
        other => vec![format!("{other:?}")],
    };
    assert_eq!(found, expected);
}

fn doubles(values: &[f64]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

#[test]
fn one_unit_in_the_last_place_of_each_precision_is_seen() {
    let next = f64::from_bits(1.0f64.to_bits() + 1);
    let matrix = |last: f64| array(&json!("<f8"), &[2, 2], doubles(&[0.0, 1.0, 2.0, last]));
    check(
        matrix(1.0),
        matrix(next),
        0,
        &["outputs[0][1, 1]: 1.0 != 1.0000000000000002 (1 ulp)"],
    );
    check(matrix(1.0), matrix(next), 1, &["p: f64 1 ulp"]);
    let single = |bits: u32| array(&json!("<f4"), &[1], bits.to_le_bytes().to_vec());
    let one = 1f32.to_bits();
    check(
        single(one),
        single(one + 1),
        0,
        &["outputs[0][0]: 1.0 != 1.0000001 (1 ulp)"],
    );
    let half = |bits: u16| array(&json!(">f2"), &[], bits.to_be_bytes().to_vec());
    check(
        half(0x3c00),
        half(0x3c02),
        0,
        &["outputs[0]: float16 0x3c00 != float16 0x3c02 (2 ulp)"],
    );
}

#[test]
fn nan_is_a_class_and_zeros_have_signs() {
    let vector = |value: f64| array(&json!("<f8"), &[1], doubles(&[value]));
    let payload = f64::from_bits(f64::NAN.to_bits() | 5);
    check(vector(f64::NAN), vector(-payload), 0, &[]);
    check(
        vector(0.0),
        vector(-0.0),
        9,
        &["outputs[0][0]: 0.0 != -0.0"],
    );
    let complex = |imag: f64| array(&json!("<c16"), &[1], doubles(&[1.0, imag]));
    check(
        complex(f64::NAN),
        complex(0.0),
        0,
        &["outputs[0][0].imag: NaN != 0.0"],
    );
}

#[test]
fn a_narrower_integer_is_compared_by_value_first() {
    let wide = |value: i64| array(&json!("<i8"), &[], value.to_le_bytes().to_vec());
    let narrow = |value: i32| array(&json!("<i4"), &[], value.to_le_bytes().to_vec());
    check(wide(-5), narrow(-5), 0, &["outputs[0].dtype: <i8 != <i4"]);
    check(
        wide(4_999_950_000),
        narrow(704_982_704),
        0,
        &[
            "outputs[0]: 4999950000 != 704982704",
            "outputs[0].dtype: <i8 != <i4",
        ],
    );
}

#[test]
fn shape_and_layout_are_seen() {
    let flat = |shape: &[u64]| array(&json!("|i1"), shape, vec![1, 2, 3, 4]);
    check(
        flat(&[4]),
        flat(&[2, 2]),
        0,
        &["outputs[0].shape: [4] != [2, 2]"],
    );
    let fortran = Array::new(
        "|i1".parse().unwrap(),
        vec![2, 2],
        Layout::Fortran,
        vec![1, 2, 3, 4],
    );
    check(
        flat(&[2, 2]),
        fortran.unwrap(),
        0,
        &["outputs[0].layout: C order != Fortran order"],
    );
}

#[test]
fn records_are_compared_by_field_without_their_padding() {
    let dtype = json!([["a", "<i2"], ["", "|V2"], ["b", "|u1", [2]]]);
    let record = |bytes: [u8; 6]| array(&dtype, &[1], bytes.to_vec());
    check(
        record([1, 0, 7, 7, 5, 6]),
        record([1, 0, 8, 9, 5, 6]),
        0,
        &[],
    );
    check(
        record([1, 0, 0, 0, 5, 6]),
        record([2, 0, 0, 0, 5, 9]),
        0,
        &["outputs[0][0].a: 1 != 2", "outputs[0][0].b[1]: 6 != 9"],
    );
}

fn vector(values: &[f64]) -> Array {
    array(&json!("<f8"), &[values.len() as u64], doubles(values))
}

fn integers(values: &[i64]) -> Array {
    let data = values.iter().flat_map(|value| value.to_le_bytes());
    array(&json!("<i8"), &[values.len() as u64], data.collect())
}

fn norm(most: f64) -> Policy {
    Policy {
        rule: Rule::Norm(Bound { most, worst: 0.0 }),
        ..Policy::ulp("p", 0)
    }
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
    let far = "outputs[0][0]: float16 0x0009 != float16 0x000b (2 ulp)";
    check_under(&policy, half(9), half(11), &[far]);
    check_under(&policy, single(9), single(11), &["p: f32 2 ulp"]);
    let far = "outputs[0][0]: 1.3e-44 != 1.7e-44 (3 ulp)";
    check_under(&policy, single(9), single(12), &[far]);
    check_under(&policy, complex(0), complex(3), &["p: f64 3 ulp"]);
    let far = "outputs[0][0].imag: 1.0 != 1.0000000000000009 (4 ulp)";
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
        &["outputs[0][3]: 0.0 != 1.7763568394002505e-14 (2.5 n·eps)"],
    );
    // Near zero a sign says nothing.
    check_under(&norm(0.0), values(0.0), values(-0.0), &[]);
    check_under(&norm(2.0), vector(&[]), vector(&[]), &[]);
    let zero = array(&json!("<f8"), &[], doubles(&[0.0]));
    let other = array(&json!("<f8"), &[], doubles(&[1e-300]));
    let message = "outputs[0]: 0.0 != 1e-300 (inf n·eps)";
    check_under(&norm(1e300), zero, other, &[message]);
}

#[test]
fn no_norm_covers_a_special_value_or_an_integer() {
    let values = |last: f64| vector(&[8.0, last]);
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    for (a, b, expected) in [
        (nan, 1.0, "outputs[0][1]: NaN != 1.0"),
        (1.0, nan, "outputs[0][1]: 1.0 != NaN"),
        (inf, 8.0, "outputs[0][1]: inf != 8.0"),
        (inf, -inf, "outputs[0][1]: inf != -inf"),
        (nan, inf, "outputs[0][1]: NaN != inf"),
    ] {
        check_under(&norm(1e300), values(a), values(b), &[expected]);
    }
    check_under(&norm(1.0), values(nan), values(-nan), &[]);
    check_under(&norm(1.0), values(-inf), values(-inf), &[]);
    let message = "outputs[0][1]: 1000000 != 1000001";
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
    let unit = f64::from(f32::EPSILON) * 4.0;
    check_under(&norm(1.0), complex(0.0), complex(unit), &["p: 1 n·eps"]);
    let message = "outputs[0][0].imag: 0.0 != 9.536743e-7 (2 n·eps)";
    check_under(&norm(1.0), complex(0.0), complex(2.0 * unit), &[message]);
}

#[test]
fn any_order_forgives_the_order_and_nothing_else() {
    let any = Policy {
        property: Some(Property::AnyOrder),
        ..Policy::exact()
    };
    let allowed = &["exact: 0 ulp"];
    check_under(&any, integers(&[3, 1, 2]), integers(&[2, 3, 1]), allowed);
    let (nan, other) = (f64::NAN, -f64::from_bits(f64::NAN.to_bits() | 1));
    // By its bytes the least number lies between the two.
    let least = f64::from_bits(1);
    let (a, b) = (vector(&[nan, 1.0, least]), vector(&[least, 1.0, other]));
    check_under(&any, a, b, allowed);
    check_under(
        &any,
        integers(&[3, 1, 1]),
        integers(&[3, 3, 1]),
        &["outputs[0][1]: 1 != 3"],
    );
    // Rows move as a whole.
    let rows = |bytes: [u8; 4]| array(&json!("|u1"), &[2, 2], bytes.to_vec());
    check_under(&any, rows([1, 2, 3, 4]), rows([3, 4, 1, 2]), allowed);
    check_under(
        &any,
        rows([1, 2, 3, 4]),
        rows([2, 1, 3, 4]),
        &["outputs[0][0, 0]: 1 != 2", "outputs[0][0, 1]: 2 != 1"],
    );
}

#[test]
fn a_vector_may_point_the_other_way_but_not_elsewhere() {
    let matrix = |values: [f64; 4]| array(&json!("<f8"), &[2, 2], doubles(&values));
    let columns = Policy {
        property: Some(Property::SignOfColumns),
        ..Policy::exact()
    };
    let rows = Policy {
        property: Some(Property::SignOfRows),
        ..norm(1.0)
    };
    let base = matrix([1.0, 2.0, 3.0, 4.0]);
    check_under(
        &columns,
        base.clone(),
        matrix([1.0, -2.0, 3.0, -4.0]),
        &["exact: 0 ulp"],
    );
    check_under(
        &columns,
        base.clone(),
        matrix([1.0, -2.0, 3.0, 4.0]),
        &["outputs[0][0, 1]: 2.0 != -2.0 (9223372036854775808 ulp)"],
    );
    check_under(
        &rows,
        base.clone(),
        matrix([-1.0, -2.0, 3.0, 4.0]),
        &["p: 0 ulp"],
    );
    check_under(
        &rows,
        base,
        matrix([-1.0, 2.0, 3.0, 4.0]),
        &["outputs[0][0, 0]: 1.0 != -1.0 (1125899906842624 n·eps)"],
    );
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
        &["outputs[0]: 7 != 8"],
    );
    check_under(
        &narrow,
        wide("<i8"),
        small("<u4", 7),
        &["outputs[0].dtype: <i8 != <u4"],
    );
    check_under(
        &narrow,
        small("<i4", 7),
        wide("<i8"),
        &["outputs[0].dtype: <i4 != <i8"],
    );
    check_under(
        &norm(9.0),
        wide("<i8"),
        small("<i4", 7),
        &["outputs[0].dtype: <i8 != <i4"],
    );
}
