//! A comparison is only worth what it catches: each test plants one difference. Arrays and properties have tests of their own.

mod beyond_values;

use parallax_runtime::outcome::{Exception, Failure, GraphInfo, Kind, Warning};
use parallax_runtime::value::Value;

use super::{Verdict, compare};
use crate::case::Ignored;
use crate::outcome::{Ending, Fault, FileKind, LeftFile, Outcome, Printed};
use crate::verdict::policy::{Distance, Place, Policies, Policy, Precision, Worst};

pub(super) fn returned(outputs: Vec<Value>) -> Outcome {
    Ending::Returned {
        outputs,
        graph_info: GraphInfo {
            node_count: 1,
            source_count: 1,
            sink_count: 1,
            execution_order: vec!["a".to_owned()],
        },
    }
    .into()
}

fn raised_with(exception: Exception) -> Outcome {
    let message = format!(
        "node `a` raised {} in process: {}",
        exception.class, exception.message
    );
    let failure = Failure {
        node: Some("a".to_owned()),
        exception: Some(Box::new(exception)),
        ..Failure::new(Kind::Python, message)
    };
    let outputs = Vec::new();
    Ending::Raised { failure, outputs }.into()
}

fn raised(class: &str, message: &str, traceback: &[&str]) -> Outcome {
    raised_with(Exception {
        traceback: traceback.iter().map(|&line| line.to_owned()).collect(),
        ..Exception::new(class, message)
    })
}

fn warned(warnings: &[(Option<&str>, &str, &str)]) -> Outcome {
    let warnings = warnings.iter().map(|(node, category, message)| Warning {
        node: node.map(str::to_owned),
        category: (*category).to_owned(),
        message: (*message).to_owned(),
    });
    Outcome {
        warnings: warnings.collect(),
        ..returned(vec![])
    }
}

fn map(entries: &[(&str, i64)]) -> Value {
    Value::Map(
        entries
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Value::Int(*value)))
            .collect(),
    )
}

fn text(text: &str) -> Value {
    Value::Str(text.to_owned())
}

/// What a comparison finds, as a report shows it; an allowed distance as the policy's name and the worst that was seen.
pub(super) fn found(reference: &Outcome, candidate: &Outcome, policies: &Policies) -> Vec<String> {
    match compare(reference, candidate, policies, Ignored::default()) {
        Verdict::Equal => Vec::new(),
        Verdict::Diverged(found) => found.iter().map(ToString::to_string).collect(),
        Verdict::WithinPolicy(allowed) => allowed
            .iter()
            .map(|(name, worst)| format!("{name}: {worst}"))
            .collect(),
    }
}

#[track_caller]
fn check(reference: &Outcome, candidate: &Outcome, expected: &[&str]) {
    let exact = Policy::exact().into();
    assert_eq!(found(reference, candidate, &exact), expected);
    for one in [reference, candidate] {
        assert_eq!(found(one, one, &exact), [] as [&str; 0]);
    }
}

#[track_caller]
fn check_values(reference: Value, candidate: Value, expected: &[&str]) {
    check(
        &returned(vec![reference]),
        &returned(vec![candidate]),
        expected,
    );
}

#[test]
fn values_differ_in_type_value_bits_length_keys_and_order() {
    check_values(
        Value::Int(1),
        Value::Float(1.0),
        &["outputs[0]: int 1 != float 1.0"],
    );
    check_values(
        Value::Int(1),
        Value::Bool(true),
        &["outputs[0]: int 1 != bool true"],
    );
    check_values(
        Value::Float(0.0),
        Value::Float(-0.0),
        &["outputs[0]: 0.0 != -0.0"],
    );
    check_values(
        Value::Float(1.0),
        Value::Float(1.0 + f64::EPSILON),
        &["outputs[0]: 1.0 != 1.0000000000000002 (1 ulp)"],
    );
    check_values(
        Value::Float(f64::MAX),
        Value::Float(f64::INFINITY),
        &[r#"outputs[0]: 1.7976931348623157e+308 != {"__parallax__":"float","value":"inf"}"#],
    );
    check_values(
        Value::Float(f64::NAN),
        Value::Float(0.0),
        &[r#"outputs[0]: {"__parallax__":"float","value":"nan"} != 0.0"#],
    );
    check_values(Value::Float(f64::NAN), Value::Float(-f64::NAN), &[]);
    check_values(
        Value::List(vec![Value::Null, Value::Int(1)]),
        Value::List(vec![Value::Null]),
        &[
            "outputs[0]@length: 2 items != 1 items",
            "outputs[0][1]: 1 != nothing",
        ],
    );
    check_values(
        map(&[("x", 1), ("y", 2)]),
        map(&[("y", 2), ("x", 1)]),
        &[r#"outputs[0]@order: keys ["x", "y"] != keys ["y", "x"]"#],
    );
    check_values(
        map(&[("x", 1), ("y", 2)]),
        map(&[("x", 3), ("z", 2)]),
        &[
            "outputs[0].x: 1 != 3",
            "outputs[0].y: 2 != nothing",
            "outputs[0].z: nothing != 2",
            r#"outputs[0]@keys: keys ["x", "y"] != keys ["x", "z"]"#,
        ],
    );
    check_values(
        text("é"),
        text("e\u{301}"),
        &["outputs[0]: \"é\" != \"e\u{301}\""],
    );
}

#[test]
fn a_key_that_stands_twice_hides_nothing() {
    let twice = "outputs[0]@twice: a key stands twice";
    check_values(
        map(&[("a", 1), ("k", 2), ("k", 2)]),
        map(&[("k", 3), ("k", 2), ("a", 1)]),
        &[
            r#"outputs[0]@order: keys ["a", "k", "k"] != keys ["k", "k", "a"]"#,
            twice,
        ],
    );
    let once = &[r#"outputs[0]@order: keys ["k"] != keys ["k", "k"]"#, twice];
    check_values(map(&[("k", 2)]), map(&[("k", 1), ("k", 2)]), once);
}

#[test]
fn a_dropped_item_is_seen_and_so_is_what_it_was() {
    check(
        &returned(vec![Value::Int(1), Value::Int(2)]),
        &returned(vec![Value::Int(1)]),
        &[
            "outputs@length: 2 items != 1 items",
            "outputs[1]: 2 != nothing",
        ],
    );
}

#[test]
fn the_difference_in_a_long_text_is_shown() {
    let long = "x".repeat(500);
    let (a, b) = (format!("{long}abc"), format!("{long}abd"));
    let found = found(
        &returned(vec![text(&a)]),
        &returned(vec![text(&b)]),
        &Policy::exact().into(),
    );
    let shown = "outputs[0]: …\"xxxxxxxxxxxxxxxxxxxabc\" (differs at byte 502; 503 bytes, sha256 ";
    assert!(found[0].starts_with(shown), "{found:?}");
}

#[test]
fn a_policy_allows_its_distance_and_no_more() {
    let policies = Policies::from(Policy::ulp("math", 1));
    let one = returned(vec![Value::Float(1.0)]);
    let near = returned(vec![Value::Float(1.0 + f64::EPSILON)]);
    let far = returned(vec![Value::Float(1.0 + 2.0 * f64::EPSILON)]);
    let mut worst = Worst::default();
    worst.see(Distance::Ulp(Precision::Double, 1));
    let verdict = |candidate| compare(&one, candidate, &policies, Ignored::default());
    assert_eq!(verdict(&one), Verdict::Equal);
    assert_eq!(
        verdict(&near),
        Verdict::WithinPolicy([("math".to_owned(), worst)].into())
    );
    assert!(matches!(verdict(&far), Verdict::Diverged(_)));
}

#[test]
fn no_distance_leads_to_infinity_or_across_zero() {
    let far = Policies::from(Policy::ulp("far", u64::MAX));
    for (a, b) in [
        (f64::MAX, f64::INFINITY),
        (f64::NEG_INFINITY, f64::MIN),
        (0.0, -0.0),
        (5e-324, -5e-324),
        (1.0, f64::NAN),
    ] {
        let [a, b] = [a, b].map(|value| returned(vec![Value::Float(value)]));
        for (a, b) in [(&a, &b), (&b, &a)] {
            let verdict = compare(a, b, &far, Ignored::default());
            assert!(matches!(verdict, Verdict::Diverged(_)), "{verdict:?}");
        }
    }
}

#[test]
fn a_policy_holds_at_its_place_only() {
    let place = Place {
        path: "outputs[0].near".parse().unwrap(),
        ..Place::everywhere(Policy::ulp("math", 1), None)
    };
    let policies = Policies::new(Place::everywhere(Policy::exact(), None), vec![place]);
    let item = |near: f64, exact: f64| {
        let entries = [("near", near), ("exact", exact)];
        let entries = entries.map(|(key, value)| (key.to_owned(), Value::Float(value)));
        returned(vec![Value::Map(entries.into())])
    };
    let next = 1.0 + f64::EPSILON;
    assert_eq!(
        found(&item(1.0, 1.0), &item(next, 1.0), &policies),
        ["math: f64 1 ulp"]
    );
    assert_eq!(
        found(&item(1.0, 1.0), &item(next, next), &policies),
        ["outputs[0].exact: 1.0 != 1.0000000000000002 (1 ulp)"]
    );
    let nothing_there = |candidate: &Outcome| {
        let missed = returned(vec![map(&[("exact", 1)])]);
        found(&missed, candidate, &policies)
    };
    let missed = "outputs[0].near: nothing there for the policy math";
    assert_eq!(
        nothing_there(&returned(vec![map(&[("exact", 1)])])),
        [missed]
    );
    // What only the candidate has isn't met either.
    assert_eq!(nothing_there(&item(1.0, 1.0)).last().unwrap(), missed);
    // What only the reference has is.
    let lost = found(
        &item(1.0, 1.0),
        &returned(vec![map(&[("exact", 1)])]),
        &policies,
    );
    assert!(
        lost.iter().all(|line| !line.contains("nothing there")),
        "{lost:?}"
    );
}

#[test]
fn another_integer_is_silent_and_comes_first_unless_the_candidate_warns() {
    let outcome = |integer: i64, warnings: &[(Option<&str>, &str, &str)]| Outcome {
        warnings: warned(warnings).warnings,
        ..returned(vec![Value::Float(integer as f64), Value::Int(integer)])
    };
    let found = |reference: &Outcome, candidate: &Outcome| {
        let exact = Policy::exact().into();
        match compare(reference, candidate, &exact, Ignored::default()) {
            Verdict::Diverged(found) => found
                .into_iter()
                .map(|divergence| (divergence.path.to_string(), divergence.silent))
                .collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    let one = (None, "RuntimeWarning", "w");
    let first = found(&outcome(1, &[]), &outcome(2, &[])).remove(0);
    assert_eq!(first, ("outputs[1]".to_owned(), true));
    // A warning on both legs tells of something else, and one that the candidate lacks of nothing.
    assert!(found(&outcome(1, &[one]), &outcome(2, &[one]))[0].1);
    assert!(found(&outcome(1, &[one]), &outcome(2, &[]))[0].1);
    let warned = found(&outcome(1, &[]), &outcome(2, &[one]));
    assert!(warned.iter().all(|(_, silent)| !silent), "{warned:?}");
}
