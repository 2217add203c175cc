//! A comparison is only worth what it catches: each test plants one difference.

use parallax_runtime::outcome::{Exception, Failure, GraphInfo, Kind, Warning};
use parallax_runtime::value::Value;

use super::{Verdict, compare};
use crate::outcome::{Fault, Outcome};
use crate::policy::{Distance, Place, Policies, Policy, Precision, Worst};

fn returned(outputs: Vec<Value>) -> Outcome {
    Outcome::Returned {
        outputs,
        graph_info: GraphInfo {
            node_count: 1,
            source_count: 1,
            sink_count: 1,
            execution_order: vec!["a".to_owned()],
        },
        warnings: Vec::new(),
    }
}

fn raised(class: &str, message: &str, traceback: &[&str]) -> Outcome {
    Outcome::Raised(Failure {
        kind: Kind::Python,
        message: "node `a` raised".to_owned(),
        node: Some("a".to_owned()),
        exception: Some(Box::new(Exception {
            class: class.to_owned(),
            message: message.to_owned(),
            traceback: traceback.iter().map(|&line| line.to_owned()).collect(),
        })),
    })
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

/// The divergences, as a report shows them.
fn differences(reference: &Outcome, candidate: &Outcome) -> Vec<String> {
    match compare(reference, candidate, &Policy::exact().into()) {
        Verdict::Equal => Vec::new(),
        Verdict::Diverged(found) => found.iter().map(ToString::to_string).collect(),
        other => vec![format!("{other:?}")],
    }
}

#[track_caller]
fn check_values(reference: Value, candidate: Value, expected: &[&str]) {
    let found = differences(&returned(vec![reference]), &returned(vec![candidate]));
    assert_eq!(found, expected);
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
        Value::Float(f64::NAN),
        Value::Float(0.0),
        &[r#"outputs[0]: {"__parallax__":"float","value":"nan"} != 0.0"#],
    );
    check_values(
        Value::List(vec![Value::Null, Value::Int(1)]),
        Value::List(vec![Value::Null]),
        &["outputs[0]: 2 items != 1 items"],
    );
    check_values(
        map(&[("x", 1), ("y", 2)]),
        map(&[("y", 2), ("x", 1)]),
        &[r#"outputs[0]: order of keys ["x", "y"] != order of keys ["y", "x"]"#],
    );
    check_values(
        map(&[("x", 1), ("y", 2)]),
        map(&[("x", 3), ("z", 2)]),
        &[
            "outputs[0].x: 1 != 3",
            r#"outputs[0]: keys only here: ["y"] != keys only here: ["z"]"#,
        ],
    );
    check_values(
        text("é"),
        text("e\u{301}"),
        &[r#"outputs[0]: "é" != "e\u{301}""#],
    );
}

#[test]
fn a_dropped_item_is_seen() {
    let (two, one) = (vec![Value::Int(1), Value::Int(2)], vec![Value::Int(1)]);
    assert_eq!(
        differences(&returned(two), &returned(one)),
        ["outputs: 2 items != 1 items"]
    );
}

#[test]
fn the_difference_in_a_long_text_is_shown() {
    let long = "x".repeat(500);
    let (a, b) = (format!("{long}abc"), format!("{long}abd"));
    let found = differences(&returned(vec![text(&a)]), &returned(vec![text(&b)]));
    assert_eq!(
        found,
        [
            "outputs[0]: …\"xxxxxxxxxxxxxxxxxxxabc\" (at byte 502 of 503) != …\"xxxxxxxxxxxxxxxxxxxabd\" (at byte 502 of 503)"
        ]
    );
}

#[test]
fn a_policy_allows_its_distance_and_no_more() {
    let policies = Policies::from(Policy::ulp("math", 1));
    let one = returned(vec![Value::Float(1.0)]);
    let near = returned(vec![Value::Float(1.0 + f64::EPSILON)]);
    let far = returned(vec![Value::Float(1.0 + 2.0 * f64::EPSILON)]);
    let mut worst = Worst::default();
    worst.see(Distance::Ulp(Precision::Double, 1));
    assert_eq!(compare(&one, &one, &policies), Verdict::Equal);
    assert_eq!(
        compare(&one, &near, &policies),
        Verdict::WithinPolicy([("math".to_owned(), worst)].into())
    );
    let verdict = compare(&one, &far, &policies);
    assert!(matches!(verdict, Verdict::Diverged(_)), "{verdict:?}");
}

#[test]
fn a_policy_holds_at_its_place_only() {
    let place = Place {
        path: "outputs[0].near".to_owned(),
        policy: Policy::ulp("math", 1),
        scale: None,
        terms: None,
    };
    let policies = Policies::new(Policy::exact(), vec![place]);
    let item = |near: f64, exact: f64| {
        let entries = [("near", near), ("exact", exact)];
        let entries = entries.map(|(key, value)| (key.to_owned(), Value::Float(value)));
        returned(vec![Value::Map(entries.into())])
    };
    let next = 1.0 + f64::EPSILON;
    let verdict = compare(&item(1.0, 1.0), &item(next, 1.0), &policies);
    assert!(matches!(verdict, Verdict::WithinPolicy(_)), "{verdict:?}");
    let Verdict::Diverged(found) = compare(&item(1.0, 1.0), &item(next, next), &policies) else {
        panic!("the other value has no tolerance");
    };
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "outputs[0].exact");
}

#[test]
fn another_integer_is_silent_and_comes_first_unless_the_candidate_warns() {
    let outcome = |integer: i64, warned: &[&str]| Outcome::Returned {
        outputs: vec![Value::Float(integer as f64), Value::Int(integer)],
        graph_info: GraphInfo {
            node_count: 1,
            source_count: 1,
            sink_count: 1,
            execution_order: vec!["a".to_owned()],
        },
        warnings: warned
            .iter()
            .map(|message| Warning {
                node: None,
                category: "RuntimeWarning".to_owned(),
                message: (*message).to_owned(),
            })
            .collect(),
    };
    let found = |reference: &Outcome, candidate: &Outcome| match compare(
        reference,
        candidate,
        &Policy::exact().into(),
    ) {
        Verdict::Diverged(found) => found
            .into_iter()
            .map(|divergence| (divergence.path, divergence.silent))
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let first = (found(&outcome(1, &[]), &outcome(2, &[]))).remove(0);
    assert_eq!(first, ("outputs[1]".to_owned(), true));
    // A warning on both legs tells of something else, and one that the candidate lacks of nothing.
    assert!(found(&outcome(1, &["w"]), &outcome(2, &["w"]))[0].1);
    assert!(found(&outcome(1, &["w"]), &outcome(2, &[]))[0].1);
    let warned = found(&outcome(1, &[]), &outcome(2, &["overflow"]));
    assert!(warned.iter().all(|(_, silent)| !silent), "{warned:?}");
}

#[test]
fn errors_differ_in_class_message_and_traceback() {
    let reference = raised("KeyError", "'a'", &["m.py:1 in f"]);
    let check = |candidate: &Outcome, expected: &str| {
        assert_eq!(differences(&reference, candidate), [expected]);
    };
    check(
        &raised("LookupError", "'a'", &["m.py:1 in f"]),
        r#"error.exception.type: "KeyError" != "LookupError""#,
    );
    check(
        &raised("KeyError", "'b'", &["m.py:1 in f"]),
        r#"error.exception.message: "'a'" != "'b'""#,
    );
    check(
        &raised("KeyError", "'a'", &["m.py:2 in f"]),
        r#"error.exception.traceback: ["m.py:1 in f"] != ["m.py:2 in f"]"#,
    );
    assert_eq!(
        differences(
            &raised("E", "<A at 0x12>", &[]),
            &raised("E", "<A at 0xfe>", &[])
        ),
        Vec::<String>::new()
    );
}

#[test]
fn a_swallowed_warning_is_seen() {
    let warned = |messages: &[&str]| {
        let Outcome::Returned {
            outputs,
            graph_info,
            ..
        } = returned(vec![])
        else {
            unreachable!("returned() returns");
        };
        let warnings = messages
            .iter()
            .map(|message| Warning {
                node: Some("a".to_owned()),
                category: "UserWarning".to_owned(),
                message: (*message).to_owned(),
            })
            .collect();
        Outcome::Returned {
            outputs,
            graph_info,
            warnings,
        }
    };
    assert_eq!(
        differences(&warned(&["x", "y"]), &warned(&["x"])),
        ["warnings[1]: a: UserWarning: y != nothing"]
    );
}

#[test]
fn classes_differ_or_are_undecided() {
    let exited = |code| Outcome::Exited {
        code,
        fault: Fault::Silent,
    };
    assert_eq!(differences(&exited(3), &exited(4)), ["code: 3 != 4"]);
    assert_eq!(
        differences(&returned(vec![]), &exited(3)),
        ["outcome: returned 0 items != exited with code 3: no result document"]
    );
    assert_eq!(
        differences(&Outcome::TimedOut, &Outcome::TimedOut),
        Vec::<String>::new()
    );
    for exhausted in [
        Outcome::TimedOut,
        Outcome::OutOfMemory,
        Outcome::Trapped("call stack exhausted".to_owned()),
        raised("RecursionError", "", &[]),
    ] {
        let verdict = compare(&returned(vec![]), &exhausted, &Policy::exact().into());
        assert!(matches!(verdict, Verdict::Undecided(_)), "{verdict:?}");
    }
}
