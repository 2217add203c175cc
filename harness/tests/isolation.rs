//! One case can't harm the next: what a case sees doesn't depend on what ran before it, on either leg.

#[path = "isolation/harms.rs"]
mod harms;

mod common;

use std::time::Duration;

use parallax_harness::case::Limits;
use parallax_harness::executor::Executor;

use harms::{Leg, Row};

use common::{native, run_source, seen, wasm_cold, wasm_scratch, zygote};

/// Long enough for a probe on a busy machine, short enough for loops that never end.
fn limits() -> Limits {
    Limits {
        wall: Duration::from_secs(3),
        memory: 256 << 20,
        ..Limits::default()
    }
}

/// Runs every row: `warm` does harm and then looks, `cold` looks in an interpreter of its own.
fn check(rows: impl Iterator<Item = &'static Row>, warm: &dyn Executor, cold: &dyn Executor) {
    let mut wrong = Vec::new();
    for Row(name, _, harm, probe) in rows {
        let look = |executor| {
            run_source(
                executor,
                probe,
                Limits {
                    wall: Duration::from_secs(30),
                    ..limits()
                },
            )
        };
        let fresh = look(cold);
        let harmed = run_source(warm, &format!("{harm}\n{probe}"), limits());
        let after = look(warm);
        if harmed == fresh {
            wrong.push(format!(
                "{name}: the probe can't see the harm: {:#}",
                fresh.to_json()
            ));
        }
        if after != fresh {
            let [fresh, after] = [&fresh, &after].map(|outcome| outcome.to_json().to_string());
            wrong.push(format!(
                "{name}: a fresh interpreter: {fresh}\nafter the harm: {after}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_harm_is_seen_by_the_next_fork() {
    check(harms::ROWS.iter(), &zygote(), &native());
}

#[test]
fn no_harm_is_seen_by_the_next_copy() {
    let rows = harms::ROWS.iter().filter(|row| row.1 == Leg::Both);
    check(rows, wasm_scratch(), &wasm_cold());
}

const DRAW: &str = "
import os, random, secrets, tempfile, uuid, numpy
seen = {
    'random': random.random(),
    'instance': random.Random().random(),
    'system': random.SystemRandom().random(),
    'numpy': float(numpy.random.rand()),
    'numpy state': float(numpy.random.RandomState().rand()),
    'default_rng': float(numpy.random.default_rng().random()),
    'urandom': os.urandom(8).hex(),
    'uuid1': str(uuid.uuid1()),
    'uuid4': str(uuid.uuid4()),
    'secrets': secrets.token_hex(8),
    'name': os.path.basename(tempfile.mktemp()),
}
";

const SEEDED: &str = "
import random, numpy
random.seed(7)
numpy.random.seed(7)
seen = [random.random(), float(numpy.random.rand()), float(numpy.random.default_rng(7).random()), random.Random(7).random()]
";

const TIMES: &str =
    "import time; seen = [time.time_ns(), time.monotonic_ns(), time.perf_counter_ns()]";

fn check_entropy(executor: &dyn Executor) {
    let run = |source| seen(&run_source(executor, source, Limits::default()));
    let draws = [run(DRAW), run(DRAW), run(DRAW)];
    for (name, first) in draws[0].as_object().expect("a dict") {
        assert!(
            *first != draws[1][name]
                && *first != draws[2][name]
                && draws[1][name] != draws[2][name],
            "{name}: {draws:#?}"
        );
    }
    assert_eq!(run(SEEDED), run(SEEDED));
    let (before, after) = (run(TIMES), run(TIMES));
    // Each instance in WebAssembly has monotonic clocks of its own.
    let wall = |times: &serde_json::Value| times[0].as_u64().expect("nanoseconds");
    assert!(wall(&before) < wall(&after), "{before} {after}");
}

#[test]
fn two_forks_draw_different_numbers_unless_they_are_seeded() {
    check_entropy(&zygote());
}

#[test]
fn two_copies_draw_different_numbers_unless_they_are_seeded() {
    check_entropy(wasm_scratch());
}

#[test]
fn a_seed_gives_the_same_numbers_on_both_legs() {
    let run = |executor| run_source(executor, SEEDED, Limits::default());
    assert_eq!(run(&zygote()), run(wasm_scratch()));
}

/// An object's address is in its `repr` and orders nothing else; two cases on one leg have it in the same messages, which the comparison reads as `0x…`.
#[test]
fn addresses_are_no_part_of_what_is_compared() {
    let raise = "raise ValueError(object())";
    let outcome = |executor: &dyn Executor| run_source(executor, raise, Limits::default());
    for executor in [&zygote() as &dyn Executor, wasm_scratch()] {
        let verdict = parallax_harness::verdict::compare(
            &outcome(executor),
            &outcome(&native()),
            &parallax_harness::verdict::policy::Policy::exact().into(),
            parallax_harness::case::Ignored::default(),
        );
        assert!(
            matches!(verdict, parallax_harness::verdict::Verdict::Equal),
            "{verdict:?}"
        );
    }
}
