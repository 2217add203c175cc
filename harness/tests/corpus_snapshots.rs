//! Every case's canonical outcome is pinned, so that both legs changing together is seen too.

mod common;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use parallax_harness::executor::Leg;
use parallax_harness::load::Corpus;
use parallax_harness::outcome::Outcome;
use parallax_harness::policy::Policies;
use parallax_harness::run::answer_all;
use parallax_runtime::array::Array;
use parallax_runtime::marshal::Transport;
use parallax_runtime::value::Value;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

/// What is longer is pinned by its digest: a snapshot is there to be read.
const LONGEST_TEXT: usize = 2000;
const LONGEST_LIST: usize = 200;

#[test]
fn every_outcome_is_as_pinned() {
    let corpus =
        Corpus::load(&common::root().join("corpus")).unwrap_or_else(|problem| panic!("{problem}"));
    let legs = [Leg {
        name: "native".to_owned(),
        target: "native".to_owned(),
        executor: Box::new(common::native()),
    }];
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(case) = corpus.cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answers =
                        answer_all(case, &corpus.node_path(), &legs, Transport::default())
                            .unwrap_or_else(|problem| panic!("{problem}"));
                    let outcome = without_noise(answers[0].outcome.clone(), &case.policies);
                    let document = elide(outcome.to_json());
                    let text = format!("{document:#}");
                    if catch_unwind(AssertUnwindSafe(|| check(&case.id.0, &text))).is_err() {
                        wrong
                            .lock()
                            .expect("no panic while locked")
                            .insert(case.id.0.clone());
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic while locked");
    assert!(
        wrong.is_empty(),
        "these outcomes are not as pinned: {wrong:?}; if they are right, run INSTA_UPDATE=always cargo xtask test every_outcome and review the difference"
    );
}

fn check(id: &str, text: &str) {
    let (family, name) = id.rsplit_once('/').unwrap_or(("", id));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(common::root().join("corpus/snapshots").join(family));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_input_file(Path::new("corpus/manifests").join(format!("{id}.json")));
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Replaces arrays that a policy gives a tolerance by what it can't touch: another processor gives other last bits, and a snapshot must hold there, too.
fn without_noise(outcome: Outcome, policies: &Policies) -> Outcome {
    match outcome {
        Outcome::Returned {
            outputs,
            graph_info,
            warnings,
        } => Outcome::Returned {
            outputs: outputs
                .into_iter()
                .enumerate()
                .map(|(index, value)| describe(value, &format!("outputs[{index}]"), policies))
                .collect(),
            graph_info,
            warnings,
        },
        other => other,
    }
}

fn describe(value: Value, path: &str, policies: &Policies) -> Value {
    match value {
        Value::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let value = describe(value, &format!("{path}.{key}"), policies);
                    (key, value)
                })
                .collect(),
        ),
        Value::Array(array) if is_noisy(&array, policies, path) => Value::Str(format!(
            "<array of {}, shape {:?}, up to {:.1e}, under the policy {}>",
            array.dtype(),
            array.shape(),
            largest(&array),
            policies.at(path).policy.name
        )),
        other => other,
    }
}

/// The largest magnitude among finite floats, which no tolerance moves by a tenth; 0 for other dtypes.
fn largest(array: &Array) -> f64 {
    let dtype = array.dtype().to_string();
    let numbers: Vec<f64> = match dtype.as_str() {
        "<f8" | "<c16" => array
            .data()
            .chunks_exact(8)
            .filter_map(|bytes| Some(f64::from_le_bytes(bytes.try_into().ok()?)))
            .collect(),
        "<f4" | "<c8" => array
            .data()
            .chunks_exact(4)
            .filter_map(|bytes| Some(f64::from(f32::from_le_bytes(bytes.try_into().ok()?))))
            .collect(),
        _ => Vec::new(),
    };
    let finite = numbers.into_iter().filter(|number| number.is_finite());
    finite.fold(0.0, |largest, number| number.abs().max(largest))
}

/// A property changes any dtype's bytes; a tolerance only those of floats, and a narrower integer only those of the candidate.
fn is_noisy(array: &Array, policies: &Policies, path: &str) -> bool {
    let policy = &policies.at(path).policy;
    let float = array.dtype().to_string().contains(['f', 'c']);
    let tolerant = policy.bound() != parallax_harness::policy::Worst::default();
    policy.property.is_some() || (tolerant && float)
}

/// Replaces what is too long to be read by its length and digest.
fn elide(json: Json) -> Json {
    match json {
        Json::String(text) if text.len() > LONGEST_TEXT => {
            let kind = format!("text of {} bytes", text.len());
            digest(&kind, text.as_bytes())
        }
        Json::Array(items) if items.len() > LONGEST_LIST => {
            let kind = format!("list of {} items", items.len());
            digest(&kind, Json::Array(items).to_string().as_bytes())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(elide).collect()),
        Json::Object(members) => members
            .into_iter()
            .map(|(key, member)| (key, elide(member)))
            .collect(),
        other => other,
    }
}

fn digest(kind: &str, bytes: &[u8]) -> Json {
    let digest: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Json::String(format!("<{kind}, sha256 {digest}>"))
}

#[test]
fn every_snapshot_belongs_to_a_case() {
    let corpus = common::root().join("corpus");
    let cases = Corpus::load(&corpus)
        .unwrap_or_else(|problem| panic!("{problem}"))
        .cases;
    let ids: BTreeSet<String> = cases.into_iter().map(|case| case.id.0).collect();
    let snapshots = corpus.join("snapshots");
    for entry in walkdir::WalkDir::new(&snapshots) {
        let path = entry.expect("the snapshots can be listed").into_path();
        if path
            .extension()
            .is_some_and(|extension| extension == "snap")
        {
            let id = path
                .strip_prefix(&snapshots)
                .expect("below")
                .with_extension("");
            let id = id.to_string_lossy().into_owned();
            assert!(
                ids.contains(&id),
                "{} has no case: remove it",
                path.display()
            );
        }
    }
}
