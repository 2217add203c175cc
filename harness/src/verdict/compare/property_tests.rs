//! Properties: what may differ between two right answers, and that nothing else may.

use parallax_runtime::array::Array;
use parallax_runtime::value::Value;
use serde_json::json;

use super::array_tests::{array, check_under, integers, norm, vector};
use super::tests::{found, returned};
use crate::verdict::policy::{Place, Policies, Policy, Property, Rule};

fn with(property: Property) -> Policy {
    Policy {
        property: Some(property),
        ..Policy::exact()
    }
}

const ALLOWED: &[&str] = &["exact: 0 ulp"];

fn matrix(shape: [u64; 2], values: &[f64]) -> Array {
    let data = values.iter().flat_map(|value| value.to_le_bytes());
    array(&json!("<f8"), &shape, data.collect())
}

#[test]
fn any_order_forgives_the_order_and_nothing_else() {
    let any = with(Property::AnyOrder);
    check_under(&any, integers(&[3, 1, 2]), integers(&[2, 3, 1]), ALLOWED);
    check_under(&any, integers(&[3, 1, 2]), integers(&[3, 1, 2]), &[]);
    let (nan, other) = (f64::NAN, -f64::from_bits(f64::NAN.to_bits() | 1));
    // By its bytes the least number lies between the two.
    let least = f64::from_bits(1);
    let (a, b) = (vector(&[nan, 1.0, least]), vector(&[least, 1.0, other]));
    check_under(&any, a, b, ALLOWED);
    check_under(
        &any,
        integers(&[3, 1, 1]),
        integers(&[3, 3, 1]),
        &["outputs[0]: 1 of 3 elements differ, first [1]: 1 != 3"],
    );
    // Rows move as a whole.
    let rows = |bytes: [u8; 4]| array(&json!("|u1"), &[2, 2], bytes.to_vec());
    check_under(&any, rows([1, 2, 3, 4]), rows([3, 4, 1, 2]), ALLOWED);
    check_under(
        &any,
        rows([1, 2, 3, 4]),
        rows([2, 1, 3, 4]),
        &["outputs[0]: 2 of 4 elements differ, first [0, 0]: 1 != 2"],
    );
}

#[test]
fn a_vector_may_point_the_other_way_but_not_elsewhere() {
    let square = |values: [f64; 4]| matrix([2, 2], &values);
    let columns = with(Property::SignOfColumns);
    let rows = Policy {
        property: Some(Property::SignOfRows),
        ..norm(1.0)
    };
    let base = square([1.0, 2.0, 3.0, 4.0]);
    check_under(
        &columns,
        base.clone(),
        square([1.0, -2.0, 3.0, -4.0]),
        ALLOWED,
    );
    check_under(
        &columns,
        base.clone(),
        square([1.0, -2.0, 3.0, 4.0]),
        &["outputs[0]: 1 of 4 elements differ, first [0, 1]: 2.0 != -2.0"],
    );
    check_under(
        &rows,
        base.clone(),
        square([-1.0, -2.0, 3.0, 4.0]),
        &["p: 0 ulp"],
    );
    check_under(
        &rows,
        base,
        square([-1.0, 2.0, 3.0, 4.0]),
        &["outputs[0]: 1 of 4 elements differ, first [0, 0]: 1.0 != -1.0 (562949953421312 n·eps)"],
    );
}

fn item(entries: &[(&str, Value)]) -> Value {
    let entries = entries.iter();
    Value::Map(
        entries
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect(),
    )
}

fn place(path: &str, property: Property, group: Option<&str>) -> Place {
    Place {
        path: path.parse().unwrap(),
        group: group.map(str::to_owned),
        ..Place::everywhere(with(property), None)
    }
}

#[track_caller]
fn check(places: &[Place], reference: Value, candidate: Value, expected: &[&str]) {
    let policies = Policies::new(Place::everywhere(Policy::exact(), None), places.to_vec());
    let (reference, candidate) = (returned(vec![reference]), returned(vec![candidate]));
    let found = found(&reference, &candidate, &policies);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
}

fn svd(left: [f64; 4], right: [f64; 4]) -> Value {
    item(&[
        ("u", Value::Array(matrix([2, 2], &left))),
        ("v", Value::Array(matrix([2, 2], &right))),
    ])
}

#[test]
fn signs_of_columns_and_rows_go_together() {
    let places = [
        place("outputs[0].u", Property::SignOfColumns, None),
        place("outputs[0].v", Property::SignOfRows, None),
    ];
    let (u, v) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
    let reference = || svd(u, v);
    // The second column of U and the second row of Vᵗ.
    let turned = svd([1.0, -2.0, 3.0, -4.0], [5.0, 6.0, -7.0, -8.0]);
    check(&places, reference(), turned, ALLOWED);
    for alone in [
        svd([1.0, -2.0, 3.0, -4.0], v),
        svd(u, [5.0, 6.0, -7.0, -8.0]),
        svd([1.0, -2.0, 3.0, -4.0], [-5.0, -6.0, 7.0, 8.0]),
    ] {
        let policies = Policies::new(Place::everywhere(Policy::exact(), None), places.to_vec());
        let found = found(
            &returned(vec![reference()]),
            &returned(vec![alone]),
            &policies,
        );
        assert!(
            found.iter().any(|line| line.contains("elements differ")),
            "{found:?}"
        );
    }
    // Groups of their own turn alone.
    let apart = [
        place("outputs[0].u", Property::SignOfColumns, Some("left")),
        place("outputs[0].v", Property::SignOfRows, Some("right")),
    ];
    check(&apart, reference(), svd([1.0, -2.0, 3.0, -4.0], v), ALLOWED);
}

#[test]
fn a_small_array_of_a_group_turns_with_a_large_one() {
    let places = [
        place("outputs[0].u", Property::SignOfColumns, None),
        place("outputs[0].v", Property::SignOfRows, None),
    ];
    let tiny = [5e-200, 6e-200, 7e-200, 8e-200];
    let huge = [1e200, 2e200, 3e200, 4e200];
    let flipped = |values: [f64; 4]| values.map(|value: f64| -value);
    check(
        &places,
        svd(huge, tiny),
        svd(flipped(huge), flipped(tiny)),
        ALLOWED,
    );
    check(
        &places,
        svd(tiny, huge),
        svd(flipped(tiny), huge),
        &["outputs[0].u: 2 of 4", "outputs[0].v: 2 of 4"],
    );
}

fn numbers(values: &[i64]) -> Value {
    Value::List(values.iter().copied().map(Value::Int).collect())
}

#[test]
fn one_order_holds_for_the_arrays_and_lists_of_a_group() {
    let places = [place("outputs[0]", Property::AnyOrder, None)];
    let pairs = |values: &[i64], names: &[i64]| {
        item(&[
            ("values", Value::Array(integers(values))),
            ("names", numbers(names)),
        ])
    };
    let reference = || pairs(&[30, 10, 20], &[3, 1, 2]);
    check(&places, reference(), reference(), &[]);
    check(
        &places,
        reference(),
        pairs(&[10, 20, 30], &[1, 2, 3]),
        ALLOWED,
    );
    // Each is a permutation of its own, but not the same one.
    check(
        &places,
        reference(),
        pairs(&[10, 20, 30], &[1, 3, 2]),
        &["outputs[0].names[1]: ", "outputs[0].names[2]: "],
    );
    check(
        &places,
        reference(),
        pairs(&[10, 20, 30], &[1, 2]),
        &[
            "outputs[0].names@length: ",
            "outputs[0].names[0]: 3 != 1",
            "outputs[0].names[1]: 1 != 2",
            "outputs[0].names[2]: 2 != nothing",
        ],
    );
    // Another length is another group, unless the case says otherwise, and then it must be wrong.
    let two = |a: &[i64], b: &[i64]| item(&[("a", numbers(a)), ("b", numbers(b))]);
    check(
        &places,
        two(&[1, 2], &[1, 2, 3]),
        two(&[2, 1], &[3, 1, 2]),
        ALLOWED,
    );
    let named = [
        place("outputs[0].a", Property::AnyOrder, Some("g")),
        place("outputs[0].b", Property::AnyOrder, Some("g")),
    ];
    check(
        &named,
        two(&[1, 2], &[1, 2, 3]),
        two(&[1, 2], &[1, 2, 3]),
        &["outputs[0].b: the group g has members of 2 and of 3"],
    );
}

#[test]
fn items_of_different_outputs_are_of_different_groups() {
    let any = Policies::from(with(Property::AnyOrder));
    let one = returned(vec![numbers(&[1, 2]), numbers(&[1, 2])]);
    let other = returned(vec![numbers(&[2, 1]), numbers(&[1, 2])]);
    assert_eq!(found(&one, &other, &any), ALLOWED);
}

#[test]
fn lists_of_doubles_are_vectors_too() {
    let places = [place("outputs[0]", Property::SignOfRows, None)];
    let rows = |values: [[f64; 2]; 2]| {
        let row = |row: [f64; 2]| Value::List(row.map(Value::Float).to_vec());
        Value::List(values.map(row).to_vec())
    };
    check(
        &places,
        rows([[1.0, 2.0], [3.0, 4.0]]),
        rows([[1.0, 2.0], [-3.0, -4.0]]),
        ALLOWED,
    );
    check(
        &places,
        rows([[1.0, 2.0], [3.0, 4.0]]),
        rows([[1.0, 2.0], [-3.0, 4.0]]),
        &["outputs[0]: 1 of 4 elements differ"],
    );
}

#[test]
fn a_property_that_met_nothing_is_red() {
    let missed = "nothing there for the property of the policy exact";
    let signs = || place("outputs[0]", Property::SignOfColumns, None);
    let order = || place("outputs[0]", Property::AnyOrder, None);
    let scalar = || array(&json!("<f8"), &[], vec![0; 8]);
    for (place, value, met) in [
        (signs(), Value::Array(integers(&[1])), false),
        (signs(), Value::Array(vector(&[1.0])), true),
        (signs(), Value::Array(scalar()), false),
        (signs(), Value::Float(1.0), false),
        (signs(), numbers(&[1]), false),
        (signs(), item(&[("x", Value::Array(vector(&[1.0])))]), true),
        (order(), numbers(&[1]), true),
        (order(), Value::Array(scalar()), false),
        (order(), item(&[("x", Value::Int(1))]), false),
    ] {
        let default = Place::everywhere(place.policy.clone(), None);
        for policies in [
            Policies::new(Place::everywhere(Policy::exact(), None), vec![place]),
            Policies::new(default, Vec::new()),
        ] {
            let outcome = returned(vec![value.clone()]);
            let found = found(&outcome, &outcome, &policies);
            assert_eq!(found.is_empty(), met, "{value:?} {found:?}");
            assert!(found.iter().all(|line| line.contains(missed)), "{found:?}");
        }
    }
    // A scalar has no sign to choose, whatever the policy of its place says.
    let places = [place("outputs[0]", Property::SignOfColumns, None)];
    let with = |value: f64| {
        let data = value.to_le_bytes().to_vec();
        item(&[
            ("m", Value::Array(vector(&[1.0]))),
            ("s", Value::Array(array(&json!("<f8"), &[], data))),
        ])
    };
    check(
        &places,
        with(1.0),
        with(-1.0),
        &["outputs[0].s: 1 of 1 elements differ"],
    );
}

#[test]
fn a_property_takes_no_tolerance_with_it() {
    let norm = Policy {
        property: Some(Property::SignOfColumns),
        ..norm(1.0)
    };
    assert!(matches!(norm.rule, Rule::Norm(_)));
    let base = matrix([2, 1], &[1.0, 2.0]);
    check_under(
        &norm,
        base,
        matrix([2, 1], &[-1.0, -2.5]),
        &[
            "outputs[0]: 1 of 2 elements differ, first [1]: 2.0 != 2.5 (281474976710656 n·eps)"
                .replace("[1]", "[1, 0]")
                .as_str(),
        ],
    );
}
