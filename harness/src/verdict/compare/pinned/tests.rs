//! A pinned form is met by what a comparison would call the same, and by nothing else.

use parallax_runtime::array::{Array, Layout};
use parallax_runtime::outcome::Warning;
use parallax_runtime::value::Value;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::case::{CaseId, Exact, Ignored, Limits};
use crate::outcome::{Class, FileKind, LeftFile, Printed};
use crate::verdict::compare::array_tests::{array, norm, vector};
use crate::verdict::compare::tests::returned;
use crate::verdict::policy::{Place, Policies, Policy, Property};

fn case(policies: Policies) -> Case {
    Case {
        id: CaseId("a".to_owned()),
        description: String::new(),
        manifest: Vec::new(),
        inputs: Vec::new(),
        expect: Class::Returned,
        policies,
        ignored: Ignored::default(),
        exact: Exact::default(),
        requires: Vec::new(),
        limits: Limits::default(),
    }
}

/// Where an outcome is not as another one is pinned.
fn places(pinned: &Outcome, found: &Outcome, policies: &Policies) -> Vec<String> {
    let case = case(policies.clone());
    let document = PinnedForm::of(pinned, &case).document();
    // As a file keeps it.
    let document = serde_json::from_str(&format!("{document:#}")).expect("JSON");
    let differences = PinnedForm::of(found, &case).differences(&document);
    let paths = differences.iter();
    paths
        .map(|difference| difference.path.to_string())
        .collect()
}

#[track_caller]
fn check(policies: &Policies, pinned: Value, found: Value, expected: &[&str]) {
    let (pinned, found) = (returned(vec![pinned]), returned(vec![found]));
    assert_eq!(places(&pinned, &found, policies), expected);
    let none: [&str; 0] = [];
    assert_eq!(places(&pinned, &pinned, policies), none);
    assert_eq!(places(&found, &found, policies), none);
}

fn exact() -> Policies {
    Policy::exact().into()
}

fn map(entries: &[(&str, Value)]) -> Value {
    let entries = entries.iter();
    Value::Map(
        entries
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect(),
    )
}

fn doubles(values: impl IntoIterator<Item = f64>) -> Value {
    Value::List(values.into_iter().map(Value::Float).collect())
}

#[test]
fn values_are_met_exactly_without_a_policy() {
    let int = Value::Int;
    let text = |text: &str| Value::Str(text.to_owned());
    for (pinned, found, expected) in [
        (int(1), int(2), vec!["outputs[0]"]),
        (int(1), Value::Float(1.0), vec!["outputs[0]"]),
        (Value::Float(0.0), Value::Float(-0.0), vec!["outputs[0]"]),
        (Value::Float(f64::NAN), Value::Float(-f64::NAN), vec![]),
        (
            map(&[("a", int(1)), ("b", int(2))]),
            map(&[("b", int(2)), ("a", int(1))]),
            vec!["outputs[0]@keys"],
        ),
        (
            map(&[("a", int(1))]),
            map(&[("a", int(1)), ("b", int(2))]),
            vec!["outputs[0]@keys", "outputs[0].b"],
        ),
        (
            Value::List(vec![int(1)]),
            Value::List(vec![int(1), int(2)]),
            vec!["outputs[0][1]"],
        ),
        (
            text(&"x".repeat(5000)),
            text(&"x".repeat(5001)),
            vec!["outputs[0]"],
        ),
        (
            // What stands for a long text is no map that a node could return.
            text(&"x".repeat(5000)),
            map(&[("__parallax__", text("text")), ("bytes", int(5000))]),
            vec!["outputs[0]"],
        ),
        (
            Value::Bytes(vec![0; 5000]),
            Value::Bytes(vec![1; 5000]),
            vec!["outputs[0]"],
        ),
        (
            Value::List((0..1000).map(int).collect()),
            Value::List((0..999).chain([0]).map(int).collect()),
            vec!["outputs[0]"],
        ),
    ] {
        check(&exact(), pinned, found, &expected);
    }
}

#[test]
fn an_array_is_pinned_with_dtype_shape_layout_and_every_element() {
    let bytes = |values: &[u8]| array(&json!("|u1"), &[values.len() as u64], values.to_vec());
    let long: Vec<u8> = (0..=255).chain(0..=255).collect();
    let mut other = long.clone();
    other[300] = 0;
    let fortran = |layout| {
        let dtype = "|u1".parse().expect("a dtype");
        Array::new(dtype, vec![2, 2], layout, vec![1, 2, 3, 4]).expect("an array")
    };
    for (pinned, found) in [
        (bytes(&[1, 2]), bytes(&[1, 3])),
        (bytes(&[1, 2]), array(&json!("|i1"), &[2], vec![1, 2])),
        (bytes(&[1, 2]), array(&json!("|u1"), &[1, 2], vec![1, 2])),
        (bytes(&long), bytes(&other)),
        (fortran(Layout::C), fortran(Layout::Fortran)),
        (vector(&[0.0]), vector(&[-0.0])),
    ] {
        check(
            &exact(),
            Value::Array(pinned),
            Value::Array(found),
            &["outputs[0]"],
        );
    }
    let nans = vector(&[f64::NAN, 1.0]);
    let others = vector(&[-f64::from_bits(f64::NAN.to_bits() | 1), 1.0]);
    check(&exact(), Value::Array(nans), Value::Array(others), &[]);
    let dtype = json!([["a", "<i2"], ["", "|V2"]]);
    let padded = |padding: u8| array(&dtype, &[1], vec![1, 0, padding, padding]);
    check(
        &exact(),
        Value::Array(padded(1)),
        Value::Array(padded(2)),
        &[],
    );
}

#[test]
fn a_float_with_a_tolerance_is_met_within_twice_the_bound() {
    let ulp = Policies::from(Policy::ulp("math", 1));
    let up = |steps: usize| (0..steps).fold(1.5f64, |value, _| value.next_up());
    let float = Value::Float;
    check(&ulp, float(1.5), float(up(2)), &[]);
    check(&ulp, float(1.5), float(up(3)), &["outputs[0]"]);
    check(&ulp, float(0.0), float(-0.0), &["outputs[0]"]);
    check(&ulp, float(f64::MAX), float(f64::INFINITY), &["outputs[0]"]);
    check(&ulp, float(1.5), Value::Int(1), &["outputs[0]"]);
    check(&ulp, float(1.5), float(f64::NAN), &["outputs[0]"]);
    let pair = |value| Value::Array(vector(&[value, 1.0]));
    check(&ulp, pair(1.5), pair(up(2)), &[]);
    check(&ulp, pair(1.5), pair(up(3)), &["outputs[0]"]);
    check(&ulp, pair(0.0), pair(-0.0), &["outputs[0]"]);
    check(&ulp, pair(f64::INFINITY), pair(f64::MAX), &["outputs[0]"]);
    let sum = Policies::from(norm(1.0));
    let near = 1.0 + 2.0 * f64::EPSILON;
    check(&sum, pair(0.25), pair(0.25 + f64::EPSILON), &[]);
    check(&sum, pair(0.0), pair(-0.0), &[]);
    check(&sum, float(1.0), float(near), &[]);
    check(&sum, float(1.0), float(near.next_up()), &["outputs[0]"]);
}

#[test]
fn many_floats_are_met_by_their_sums() {
    let ulp = Policies::from(Policy::ulp("math", 1));
    let values: Vec<f64> = (0..1000).map(|index| f64::from(index).sin()).collect();
    let changed = |edit: &dyn Fn(&mut Vec<f64>)| {
        let mut values = values.clone();
        edit(&mut values);
        values
    };
    let every = changed(&|values| {
        values
            .iter_mut()
            .for_each(|value| *value = value.next_up().next_up())
    });
    let one = changed(&|values| values[700] += 1e-12);
    let swapped = changed(&|values| values.swap(100, 101));
    let sign = changed(&|values| values[0] = -values[0]);
    let large = changed(&|values| values[3] = f64::MAX);
    let larger = changed(&|values| values[3] = f64::MAX / 2.0);
    for (found, expected) in [
        (every, vec![]),
        (one, vec!["outputs[0]"]),
        (swapped, vec!["outputs[0]"]),
        (sign, vec!["outputs[0]"]),
        (large.clone(), vec!["outputs[0]"]),
    ] {
        let (pinned, found) = (vector(&values), vector(&found));
        check(&ulp, Value::Array(pinned), Value::Array(found), &expected);
    }
    for (found, expected) in [(&large, vec![]), (&larger, vec!["outputs[0]"])] {
        let (pinned, found) = (vector(&large), vector(found));
        check(&ulp, Value::Array(pinned), Value::Array(found), &expected);
    }
    let powers: Vec<f64> = (0..2000).map(|index| 10f64.powi(index % 30)).collect();
    let mut changed = powers.clone();
    changed[60] = 1.0 + 1e-6;
    let seen = ["outputs[0]"];
    let (pinned, found) = (vector(&powers), vector(&changed));
    check(&ulp, Value::Array(pinned), Value::Array(found), &seen);
    check(&ulp, doubles(powers.clone()), doubles(changed), &seen);
    for (values, at, by) in [
        (
            (0..100_000)
                .map(|index| if index % 100 == 0 { 1e10 } else { 1e-3 })
                .collect::<Vec<f64>>(),
            5001,
            1e-9,
        ),
        (
            (0..96).map(|index| [1e10, 1e-10, 1.0][index % 3]).collect(),
            4,
            1e-13,
        ),
    ] {
        let mut changed = values.clone();
        changed[at] *= 1.0 + by;
        let (pinned, found) = (vector(&values), vector(&changed));
        check(&ulp, Value::Array(pinned), Value::Array(found), &seen);
    }
    let negative: Vec<f64> = values.iter().map(|value| -value.abs() - 1.0).collect();
    let near: Vec<f64> = negative.iter().map(|value| value.next_down()).collect();
    let (pinned, found) = (vector(&negative), vector(&near));
    check(&ulp, Value::Array(pinned), Value::Array(found), &[]);
    // Also where a float may lie on the other side of zero, and where there is none above it.
    let edges: Vec<f64> = (0..200)
        .map(|index| [0.0, f64::MAX, 5e-324, 1.0, -f64::MIN_POSITIVE][index % 5])
        .collect();
    let near: Vec<f64> = edges.iter().map(|edge| edge.next_down()).collect();
    let near: Vec<f64> = edges
        .iter()
        .zip(near)
        .map(|(edge, near)| if *edge == 0.0 { 5e-324 } else { near })
        .collect();
    let (pinned, found) = (vector(&edges), vector(&near));
    check(&ulp, Value::Array(pinned), Value::Array(found), &[]);
    let alone = Policies::from(norm(1.0));
    let small = doubles(
        powers
            .iter()
            .map(|power| if *power == 1.0 { 2.0 } else { *power }),
    );
    check(&alone, doubles(powers.clone()), small, &seen);
    // A long list of floats is the same, and what is exact in it has a digest of its own.
    let list = |values: &[f64], last: i64| {
        let floats = values.iter().copied().map(Value::Float);
        Value::List(floats.chain([Value::Int(last)]).collect())
    };
    let near: Vec<f64> = values.iter().map(|value| value.next_up()).collect();
    check(&ulp, list(&values, 1), list(&near, 1), &[]);
    check(&ulp, list(&values, 1), list(&near, 2), &["outputs[0]"]);
    check(&exact(), list(&values, 1), list(&near, 1), &["outputs[0]"]);
}

#[test]
fn a_policy_of_a_part_holds_there_only() {
    let lax = Place {
        path: "outputs[0].b".parse().expect("a path"),
        ..Place::everywhere(Policy::ulp("lax", 1), None)
    };
    let policies = Policies::new(Place::everywhere(Policy::exact(), None), vec![lax]);
    let both = |a: f64, b: f64| map(&[("a", Value::Float(a)), ("b", Value::Float(b))]);
    let up = 1f64.next_up();
    check(&policies, both(1.0, 1.0), both(1.0, up), &[]);
    check(&policies, both(1.0, 1.0), both(up, up), &["outputs[0].a"]);
    let element = Place {
        path: "outputs[0][1]".parse().expect("a path"),
        ..Place::everywhere(Policy::ulp("lax", 1), None)
    };
    let policies = Policies::new(Place::everywhere(Policy::exact(), None), vec![element]);
    let pair = |a, b| Value::Array(vector(&[a, b]));
    check(&policies, pair(1.0, 1.0), pair(1.0, up), &[]);
    check(&policies, pair(1.0, 1.0), pair(up, 1.0), &["outputs[0]"]);
}

fn with(property: Property, policy: Policy) -> Policies {
    let property = Some(property);
    Policy { property, ..policy }.into()
}

#[test]
fn what_a_property_leaves_open_is_not_pinned_and_all_else_is() {
    let any = with(Property::AnyOrder, Policy::exact());
    let pair = |a: &[f64], b: &[f64]| {
        map(&[
            ("a", Value::Array(vector(a))),
            ("b", doubles(b.iter().copied())),
        ])
    };
    let pinned = pair(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]);
    check(
        &any,
        pinned.clone(),
        pair(&[3.0, 1.0, 2.0], &[6.0, 4.0, 5.0]),
        &[],
    );
    // Another value, and a value that goes with another one.
    let other = pair(&[4.0, 1.0, 2.0], &[6.0, 4.0, 5.0]);
    check(&any, pinned.clone(), other, &["outputs[0].a"]);
    let crossed = pair(&[3.0, 1.0, 2.0], &[4.0, 6.0, 5.0]);
    check(
        &any,
        pinned,
        crossed,
        &["outputs[0].b[1]", "outputs[0].b[2]"],
    );

    let signs = with(Property::SignOfRows, norm(1.0));
    let rows = |values: [f64; 4]| {
        let data = values.iter().flat_map(|value| value.to_le_bytes());
        Value::Array(array(&json!("<f8"), &[2, 2], data.collect()))
    };
    let two = |a, b| map(&[("a", rows(a)), ("b", rows(b))]);
    let pinned = two([1.0, -2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
    let turned = two([-1.0, 2.0, 3.0, 4.0], [-5.0, -6.0, 7.0, 8.0]);
    check(&signs, pinned.clone(), turned, &[]);
    let alone = two([-1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
    check(&signs, pinned.clone(), alone, &["outputs[0].b"]);
    let inside = two([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
    // The first member decides the signs of all.
    check(&signs, pinned, inside, &["outputs[0].a", "outputs[0].b"]);
}

#[test]
fn what_is_left_besides_the_result_is_pinned() {
    let base = Outcome {
        warnings: vec![Warning {
            node: None,
            category: "UserWarning".to_owned(),
            message: "at <A object at 0x7f12ab345678>".to_owned(),
        }],
        printed: Printed {
            stdout: b"a".to_vec(),
            stderr: Vec::new(),
        },
        files: vec![LeftFile {
            path: "a".to_owned(),
            kind: FileKind::File,
            mode: 0o644,
            size: 1,
            digest: "00".to_owned(),
        }],
        ..returned(vec![Value::Null])
    };
    let mut found = base.clone();
    found.warnings[0].message = "at <A object at 0x7f12ab345679>".to_owned();
    let none: [&str; 0] = [];
    assert_eq!(places(&base, &found, &exact()), none);
    found.warnings[0].message = "another".to_owned();
    assert_eq!(places(&base, &found, &exact()), ["warnings[0].message"]);
    let mut stopped = Outcome::from(Ending::TimedOut);
    let other = stopped.clone();
    stopped.printed = base.printed;
    assert_eq!(places(&stopped, &other, &exact()), none);
}

proptest! {
    /// However long, nested, and changed in one place: never met by another value.
    #[test]
    fn one_changed_leaf_is_seen(
        length in 1usize..600,
        at in any::<prop::sample::Index>(),
        nested in any::<bool>(),
        tolerant in any::<bool>(),
    ) {
        let policies = if tolerant { Policy::ulp("math", 2).into() } else { exact() };
        let items = |changed: Option<usize>| {
            let items = (0..length).map(|index| {
                let item = match index % 3 {
                    0 => Value::Int(index as i64 + i64::from(changed == Some(index))),
                    1 => Value::Str(format!("{index}{}", if changed == Some(index) { "x" } else { "" })),
                    _ => Value::Float(index as f64 + if changed == Some(index) { 1e-6 } else { 0.0 }),
                };
                if nested { map(&[("k", Value::List(vec![item]))]) } else { item }
            });
            returned(vec![Value::List(items.collect())])
        };
        let changed = at.index(length);
        prop_assert!(places(&items(None), &items(None), &policies).is_empty());
        prop_assert!(!places(&items(None), &items(Some(changed)), &policies).is_empty());
    }
}
