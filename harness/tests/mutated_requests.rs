//! However a request is broken, both legs refuse it alike, or run it alike, and neither panics.

mod common;

use parallax_harness::case::{Exact, Limits};
use parallax_harness::executor::Executor;
use parallax_harness::outcome::Class;
use parallax_harness::verdict::policy::Policy;
use parallax_harness::verdict::{Verdict, compare};
use parallax_runtime::marshal::Transport;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value as Json, json};

/// Requests per test. Two tests make ten thousand.
const CASES: u32 = 5000;

/// Valid requests without Python: starting an interpreter ten thousand times would take an hour.
/// They ask for no cores and no memory, where the legs rightly answer differently.
fn seeds() -> [Json; 3] {
    let node =
        |id: &str, kind: &str, params: Json| json!({"id": id, "node_type": kind, "params": params});
    let full = json!({
        "version": "v1",
        "metadata": {"name": "full", "description": "most fields", "created_at": "2024-01-01"},
        "nodes": [{
            "id": "n-1", "node_type": "CalculatorNode", "params": {"operation": "add", "operand": 2.5},
            "is_streaming": true, "runtime_hint": "auto",
            "capabilities": {"gpu": {"type": "cuda", "min_memory_gb": 1.5, "required": false}, "cpu": {"arch": "any"}},
            "execution": {"placement": "local", "reason": "near", "fallback": "none"},
        }],
        "connections": [],
    });
    let diamond = json!({
        "manifest": {
            "version": "v1",
            "metadata": {"name": "diamond"},
            "nodes": [
                node("a", "PassThrough", json!({})),
                node("b", "AddNode", json!({"addend": 1})),
                node("c", "MultiplyNode", json!({"factor": -0.5})),
                node("d", "Echo", json!({})),
            ],
            "connections": [{"from": "a", "to": "b"}, {"from": "a", "to": "c"}, {"from": "b", "to": "d"}, {"from": "c", "to": "d"}],
        },
        "input_data": [1, -2.5, [3, [4e300]], 123_456_789_012_345_678_u64],
    });
    let tagged = json!({
        "manifest": {"version": "v1", "metadata": {"name": "tagged"}, "nodes": [node("e", "Echo", json!({}))], "connections": []},
        "input_data": [
            {"__parallax__": "float", "value": "nan"},
            {"__parallax__": "bytes", "base64": "AP8="},
            {"__parallax__": "map", "items": [["k", null], ["__parallax__", true]]},
            {"plain": "text \u{e9}\u{1f600}"},
        ],
    });
    [full, diamond, tagged]
}

/// One change of the bytes; places are given as fractions, so that they fit any length.
#[derive(Clone, Debug)]
enum Cut {
    Truncate(f64),
    Remove(f64, u8),
    Repeat(f64, u8),
    Overwrite(f64, u8),
    Insert(f64, &'static str),
}

fn place(fraction: f64, length: usize) -> usize {
    ((fraction * length as f64) as usize).min(length)
}

fn apply_cut(bytes: &mut Vec<u8>, cut: &Cut) {
    let length = bytes.len();
    match *cut {
        Cut::Truncate(at) => bytes.truncate(place(at, length)),
        Cut::Remove(at, count) => {
            let at = place(at, length);
            bytes.drain(at..(at + usize::from(count)).min(length));
        }
        Cut::Repeat(at, count) => {
            let at = place(at, length);
            let piece = bytes[at..(at + usize::from(count)).min(length)].to_vec();
            bytes.splice(at..at, piece);
        }
        Cut::Overwrite(at, byte) => {
            if let Some(old) = bytes.get_mut(place(at, length)) {
                *old = byte;
            }
        }
        Cut::Insert(at, text) => {
            let at = place(at, length);
            bytes.splice(at..at, text.bytes());
        }
    }
}

fn cuts() -> impl Strategy<Value = Cut> {
    let at = || 0.0..1.0;
    let pieces = vec![
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\",
        "\\u0000",
        "\\ud800",
        "null",
        "true",
        "-",
        "0",
        "e9",
        "1e999",
        "NaN",
        "Infinity",
        "\u{feff}",
        "\u{0}",
        "[[[[",
        "99999999999999999999",
        "\"a\":1,",
        " ",
        "\n",
        "//",
        "'",
    ];
    prop_oneof![
        at().prop_map(Cut::Truncate),
        (at(), 1u8..20).prop_map(|(at, count)| Cut::Remove(at, count)),
        (at(), 1u8..40).prop_map(|(at, count)| Cut::Repeat(at, count)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Cut::Overwrite(at, byte)),
        (at(), prop::sample::select(pieces)).prop_map(|(at, text)| Cut::Insert(at, text)),
    ]
}

/// One change of the document: some member, counted through the tree, is replaced, removed or renamed.
#[derive(Clone, Debug)]
enum Edit {
    Replace(f64, Json),
    Remove(f64),
    Rename(f64, String),
}

fn edits() -> impl Strategy<Value = Edit> {
    let replacements = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(""),
        json!("v2"),
        json!("a"),
        json!("Echo"),
        json!("x:y"),
        json!([]),
        json!({}),
        json!([null]),
        json!({"a": 1}),
        json!(u64::MAX),
        json!("\u{0}"),
        json!("\u{10ffff}"),
        json!({"__parallax__": 1}),
        json!([[[[[[]]]]]]),
    ];
    let names = "[a-z_]{0,6}|id|nodes|host|manifest|input_data|__parallax__|\\PC{1,3}";
    prop_oneof![
        (0.0..1.0, prop::sample::select(replacements))
            .prop_map(|(at, json)| Edit::Replace(at, json)),
        (0.0..1.0).prop_map(Edit::Remove),
        (0.0..1.0, names).prop_map(|(at, name)| Edit::Rename(at, name)),
    ]
}

fn count(json: &Json) -> usize {
    1 + match json {
        Json::Array(items) => items.iter().map(count).sum(),
        Json::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

fn apply_edit(json: &mut Json, edit: &Edit) {
    let (Edit::Replace(at, _) | Edit::Remove(at) | Edit::Rename(at, _)) = edit;
    let mut left = place(*at, count(json) - 1);
    edit_at(json, edit, &mut left);
}

/// Walks the tree in order until `left` members are passed; says whether the edit is done.
fn edit_at(json: &mut Json, edit: &Edit, left: &mut usize) -> bool {
    if *left == 0 {
        if let Edit::Replace(_, new) = edit {
            *json = new.clone();
        }
        return true;
    }
    *left -= 1;
    match json {
        Json::Array(items) => {
            for index in 0..items.len() {
                if *left == 0 && matches!(edit, Edit::Remove(_)) {
                    items.remove(index);
                    return true;
                }
                if edit_at(&mut items[index], edit, left) {
                    return true;
                }
            }
        }
        Json::Object(members) => {
            let keys: Vec<String> = members.keys().cloned().collect();
            for key in keys {
                match edit {
                    Edit::Remove(_) if *left == 0 => {
                        members.shift_remove(&key);
                        return true;
                    }
                    Edit::Rename(_, name) if *left == 0 => {
                        if let Some(member) = members.shift_remove(&key) {
                            members.insert(name.clone(), member);
                        }
                        return true;
                    }
                    _ => {}
                }
                if members
                    .get_mut(&key)
                    .is_some_and(|member| edit_at(member, edit, left))
                {
                    return true;
                }
            }
        }
        _ => {}
    }
    false
}

fn check_all(requests: impl Strategy<Value = Vec<u8>>) {
    let empty = tempfile::tempdir().expect("a temporary directory");
    let (native, wasm) = (common::native(), common::wasm_for(empty.path()));
    let run = |executor: &dyn Executor, request: &[u8]| {
        let job = parallax_harness::executor::Job {
            request,
            transport: Transport::default(),
            node_path: empty.path(),
            limits: &Limits::default(),
            exact: Exact::default(),
        };
        executor
            .run(job)
            .unwrap_or_else(|problem| panic!("{problem}"))
    };
    // The same requests every time, unless PROPTEST_RNG_SEED asks for others.
    let config = Config::default();
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        rng_seed: match config.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            chosen => chosen,
        },
        ..config
    };
    let checked = TestRunner::new(config).run(&requests, |request| {
        let (reference, candidate) = (run(&native, &request), run(&wasm, &request));
        let text = String::from_utf8_lossy(&request);
        for answer in [&reference, &candidate] {
            let class = answer.outcome.class();
            let answered = matches!(class, Class::Returned | Class::Raised | Class::Rejected);
            prop_assert!(
                answered,
                "{} {}: {text}",
                answer.outcome.summary(),
                answer.stderr
            );
        }
        let verdict = compare(
            &reference.outcome,
            &candidate.outcome,
            &Policy::exact().into(),
            parallax_harness::case::Ignored::default(),
        );
        prop_assert_eq!(verdict, Verdict::Equal, "{}", text);
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

fn seed() -> impl Strategy<Value = Json> {
    prop::sample::select(seeds().to_vec())
}

#[test]
fn broken_bytes_are_answered_alike() {
    check_all(
        (seed(), prop::collection::vec(cuts(), 1..4)).prop_map(|(seed, cuts)| {
            let mut bytes = seed.to_string().into_bytes();
            cuts.iter().for_each(|cut| apply_cut(&mut bytes, cut));
            bytes
        }),
    );
}

#[test]
fn broken_documents_are_answered_alike() {
    check_all(
        (seed(), prop::collection::vec(edits(), 1..4)).prop_map(|(mut seed, edits)| {
            edits.iter().for_each(|edit| apply_edit(&mut seed, edit));
            seed.to_string().into_bytes()
        }),
    );
}
