//! Policies for parts of an array, and the one divergence that an array is.

use super::*;

fn places(default: Policy, places: &[(&str, Policy)]) -> Policies {
    let places = places.iter().map(|(path, policy)| Place {
        path: path.parse().unwrap(),
        ..Place::everywhere(policy.clone(), Some(1))
    });
    Policies::new(Place::everywhere(default, None), places.collect())
}

#[test]
fn a_policy_may_hold_for_an_element_or_a_field() {
    let near = || Policy::ulp("near", 1);
    let next = 1f64.next_up();
    let matrix = |values: [f64; 4]| array(&json!("<f8"), &[2, 2], doubles(&values));
    let one = places(Policy::exact(), &[("outputs[0][0, 1]", near())]);
    let base = [1.0; 4];
    check_at(
        &one,
        matrix(base),
        matrix([1.0, next, 1.0, 1.0]),
        &["near: f64 1 ulp"],
    );
    check_at(
        &one,
        matrix(base),
        matrix([1.0, next, next, 1.0]),
        &["outputs[0]: 1 of 4 elements differ, first [1, 0]: 1.0 != 1.0000000000000002 (1 ulp)"],
    );
    let dtype = json!([["a", "<f8"], ["b b", "<f8", [2]], ["c", "<c16"]]);
    let records = |values: [f64; 10]| array(&dtype, &[2], doubles(&values));
    let base = [1.0; 10];
    let with = |at: usize| {
        let mut values = base;
        values[at] = next;
        records(values)
    };
    // The first record's fields are numbers 0 to 4.
    for (path, covered) in [
        ("outputs[0].a", vec![0, 5]),
        ("outputs[0][*].a", vec![0, 5]),
        ("outputs[0][1].a", vec![5]),
        ("outputs[0][1]", vec![5, 6, 7, 8, 9]),
        ("outputs[0][\"b b\"]", vec![1, 2, 6, 7]),
        ("outputs[0][\"b b\"][1]", vec![2, 7]),
        ("outputs[0][0][\"b b\"][*]", vec![1, 2]),
        ("outputs[0].c", vec![3, 4, 8, 9]),
        ("outputs[0][0].c.imag", vec![4]),
    ] {
        let policies = places(Policy::exact(), &[(path, near())]);
        for at in 0..10 {
            let found = found(&outcome(records(base)), &outcome(with(at)), &policies);
            let allowed = found == ["near: f64 1 ulp"];
            assert_eq!(allowed, covered.contains(&at), "{path} {at}: {found:?}");
        }
    }
    // The more precise one decides, also where it allows less.
    let policies = places(
        near(),
        &[
            ("outputs[0].a", Policy::exact()),
            ("outputs[0][1].a", near()),
        ],
    );
    let shown =
        "outputs[0]: 1 of 10 elements differ, first [0].a: 1.0 != 1.0000000000000002 (1 ulp)";
    check_at(&policies, records(base), with(0), &[shown]);
    check_at(&policies, records(base), with(5), &["near: f64 1 ulp"]);
}

#[test]
fn a_norm_is_relative_to_what_it_holds_for() {
    let dtype = json!([["large", "<f8"], ["small", "<f8"]]);
    let records = |small: f64| array(&dtype, &[2], doubles(&[1e9, 1.0, 1e9, small]));
    let policies = places(norm(0.0), &[("outputs[0].small", norm(2.0))]);
    let within = 1.0 + 2.0 * f64::EPSILON;
    let beyond = 1.0 + 3.0 * f64::EPSILON;
    check_at(&policies, records(1.0), records(within), &["p: 2 n·eps"]);
    let found = found(&outcome(records(1.0)), &outcome(records(beyond)), &policies);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("outputs[0]: 1 of 4"), "{found:?}");
}

#[test]
fn a_path_that_leads_nowhere_is_red_although_nothing_differs() {
    let dtype = json!([["a", "<f8", [2]], ["", "|V8"]]);
    let records = || array(&dtype, &[1], vec![0; 24]);
    for (path, met) in [
        ("outputs[0]", true),
        ("outputs[0][0]", true),
        ("outputs[0][*].a[1]", true),
        ("outputs[0].a[*]", true),
        ("outputs[0].a[2]", false),
        ("outputs[0][1]", false),
        ("outputs[0][0, 0]", false),
        ("outputs[0].b", false),
        ("outputs[0][\"\"]", false),
        ("outputs[0].a.real", false),
        ("outputs[1]", false),
    ] {
        let policies = places(Policy::exact(), &[(path, Policy::ulp("p", 1))]);
        let found = found(&outcome(records()), &outcome(records()), &policies);
        assert_eq!(found.is_empty(), met, "{path} {found:?}");
    }
}

#[test]
fn a_divergence_of_an_array_is_one_and_tells_all() {
    let count = 1000;
    let base: Vec<i64> = (0..count).collect();
    let mut other = base.clone();
    other[3] = -1;
    let few = divergences(integers(&base), integers(&other));
    assert_eq!(few.len(), 1);
    assert_eq!(few[0].candidate, "<i8[1000]: [3] -1");
    let all: Vec<i64> = base.iter().map(|value| value + 1).collect();
    let found = divergences(integers(&base), integers(&all));
    let elements = found[0].elements.as_ref().unwrap();
    assert_eq!((elements.count, elements.of), (1000, 1000));
    assert_eq!(elements.first.len(), 8);
    assert!(found[0].silent);
    // What isn't listed is in the digest.
    let mut last = all.clone();
    last[999] += 1;
    let pin = |values: &[i64]| {
        divergences(integers(&base), integers(values))[0]
            .candidate
            .clone()
    };
    assert_ne!(pin(&all), pin(&last));
    let worst = |far: f64| {
        let (mut a, mut b) = (vec![1.0; 20], vec![1f64.next_up(); 20]);
        (a[19], b[19]) = (1.0, far);
        divergences(vector(&a), vector(&b))
    };
    let found = worst(2.0);
    let elements = found[0].elements.as_ref().unwrap();
    assert_eq!(elements.worst.as_ref().unwrap().at, "[19]");
    assert_ne!(found[0].candidate, worst(3.0)[0].candidate);
}
