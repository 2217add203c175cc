//! Limits on both legs: hitting one is the same outcome, and stops the case before it has taken twice as much.

mod common;

use std::time::Duration;

use parallax_harness::case::Limits;
use parallax_harness::executor::wasm::CopyExecutor;
use parallax_harness::executor::{Answer, Executor};
use parallax_harness::outcome::{Class, Ending, Fault, Outcome};

use common::{
    build, build_file, directory, parallax, run_source, run_with, said, scratch, seen, source,
    wasm_scratch, zygote,
};

/// Runs some Python code on both legs.
fn on_both(python: &str, limits: Limits) -> [Answer; 2] {
    let run = |executor: &dyn Executor| run_with(executor, &source(python), &scratch(), limits);
    [run(&zygote()), run(wasm_scratch())]
}

#[test]
fn time_ends_what_computes_sleeps_or_never_comes_back_from_a_call() {
    let wall = Duration::from_secs(2);
    let limits = Limits {
        wall,
        ..Limits::default()
    };
    // A leg's first case waits for its interpreter, which is no part of the limit.
    on_both("", Limits::default());
    for endless in [
        "while True: pass",
        "import time; time.sleep(600)",
        "sum(range(10 ** 12))",
        "import numpy; a = numpy.ones(1 << 20)\nwhile True: numpy.sort(a)",
        "while True:\n    try: raise SystemExit\n    except BaseException: pass",
    ] {
        for answer in on_both(endless, limits) {
            assert_eq!(answer.outcome, Ending::TimedOut.into(), "{endless}");
            assert!(
                answer.wall >= wall && answer.wall < 2 * wall,
                "{endless}: {:?}",
                answer.wall
            );
        }
    }
}

fn small() -> Limits {
    Limits {
        memory: 256 << 20,
        ..Limits::default()
    }
}

/// Ways of asking for more memory than there is.
const HUNGRY: [&str; 6] = [
    "left = []\nwhile True: left.append([None] * 1000)",
    "left = 'x' * (1 << 30)",
    "import numpy; numpy.ones(1 << 27)",
    "import numpy; left = numpy.ones(1 << 22, complex)\nleft = [numpy.fft.fft(left) for _ in range(10)]",
    "import numpy; left = numpy.ones((1 << 12, 1 << 12)); numpy.linalg.inv(left + numpy.eye(1 << 12))",
    "left = {}\nwhile True: left[len(left)] = str(len(left))",
];

#[test]
fn memory_that_runs_out_is_told_apart() {
    for hungry in HUNGRY {
        for answer in on_both(hungry, small()) {
            assert_eq!(answer.outcome.class(), Class::OutOfMemory, "{hungry}");
        }
    }
}

#[test]
fn a_case_survives_its_memory_error() {
    for hungry in HUNGRY {
        let attempt: String = hungry.lines().map(|line| format!("    {line}\n")).collect();
        let python = format!(
            "try:\n{attempt}except MemoryError:\n    left = None\n    import numpy; seen = [len(bytearray(50 << 20)), float(numpy.fft.fft(numpy.ones(8))[0].real)]"
        );
        for answer in on_both(&python, small()) {
            assert_eq!(
                seen(&answer.outcome),
                serde_json::json!([50 << 20, 8.0]),
                "{hungry}"
            );
        }
    }
}

#[test]
fn output_is_bounded() {
    let limits = Limits {
        output: 1 << 20,
        ..Limits::default()
    };
    for (python, place) in [
        ("seen = 'x' * (1 << 20)", "in the result"),
        ("import numpy; seen = numpy.ones(1 << 17)", "in the result"),
        (
            "import os\nwhile True: os.write(1, b'x' * 4096)",
            "on standard output",
        ),
        (
            "import os\nwhile True: os.write(2, b'x' * 4096)",
            "on standard error",
        ),
        ("while True: print('x' * 1000)", "on standard output"),
        (
            "import sys\nwhile True: print('x' * 1000, file=sys.stderr)",
            "on standard error",
        ),
        ("print('x' * (1 << 20))", "on standard output"),
    ] {
        let fault = Fault::OutputLimit {
            place,
            most: limits.output,
        };
        let too_much = Outcome::from(Ending::Exited { code: -1, fault });
        for answer in on_both(python, limits) {
            assert_eq!(answer.outcome, too_much, "{python}");
        }
    }
    // Each of them has its own room, and the bound itself fits.
    let python = "import sys; print('x' * ((1 << 20) - 1)); print('y' * ((1 << 20) - 1), file=sys.stderr); seen = 'z' * (1 << 19)";
    for answer in on_both(python, limits) {
        assert_eq!(answer.outcome.class(), Class::Returned);
        let printed = &answer.outcome.printed;
        assert_eq!(
            (printed.stdout.len(), printed.stderr.len()),
            (1 << 20, 1 << 20)
        );
        // For people, only the end is kept.
        let tail = answer.stderr;
        assert!(
            tail.len() <= 64 << 10 && tail.ends_with("y\n"),
            "{}",
            tail.len()
        );
    }
}

const OPEN: &str = "
import errno, os
def fill(make):
    left = []
    try:
        while True: left.append(make())
    except OSError as error:
        return left, errno.errorcode[error.errno]
left, first = fill(lambda: open('file', 'w'))
opened = len(left)
left.pop().close()
left.append(open('file'))
again = fill(lambda: open('file'))[1]
for file in left: file.close()
folders, third = fill(lambda: os.open('.', os.O_RDONLY))
for folder in folders: os.close(folder)
seen = [first, again, third, opened - len(folders), 40 < opened < 64, os.listdir('.')]
";

#[test]
fn one_open_file_too_many_is_an_error_that_a_case_can_handle() {
    let limits = Limits {
        open_files: 64,
        ..Limits::default()
    };
    let expected = serde_json::json!(["EMFILE", "EMFILE", "EMFILE", 0, true, ["file"]]);
    for answer in on_both(OPEN, limits) {
        assert_eq!(seen(&answer.outcome), expected);
    }
}

fn metered(fuel: u64) -> CopyExecutor {
    let build = build().wasm;
    CopyExecutor::with_fuel(&build.module, build.dirs, &scratch(), Some(fuel))
        .unwrap_or_else(|problem| panic!("{problem}"))
}

const PLENTY: u64 = 100_000_000_000;

#[test]
fn the_same_case_consumes_the_same_fuel() {
    let executor = metered(PLENTY);
    let fuel = |python: &str| {
        let answer = run_with(&executor, &source(python), &scratch(), Limits::default());
        assert_eq!(
            answer.outcome,
            run_source(wasm_scratch(), python, Limits::default()),
            "{python}"
        );
        answer.fuel.expect("it is metered")
    };
    for python in [
        "seen = 1",
        "import numpy; seen = numpy.linalg.svd(numpy.arange(64.0).reshape(8, 8))[1].tolist()",
        "import random; random.seed(1); seen = sorted(random.random() for _ in range(1000))",
        "import time; start = time.time(); time.sleep(0.001); open('f', 'w').close(); import os; seen = os.listdir('.')",
        "raise ValueError('x')",
    ] {
        let first = fuel(python);
        for _ in 0..5 {
            assert_eq!(fuel(python), first, "{python}");
        }
    }
    assert!(fuel("sum(range(2000))") > fuel("sum(range(1000))"));
}

#[test]
fn fuel_that_runs_out_is_time_that_runs_out() {
    let answer = run_with(
        &metered(50_000_000),
        &source("while True: pass"),
        &scratch(),
        Limits::default(),
    );
    assert_eq!(
        (answer.outcome, answer.fuel),
        (Ending::TimedOut.into(), Some(50_000_000))
    );
}

#[test]
fn a_run_tells_the_fuel_of_each_case() {
    let run = std::fs::read_to_string(scratch().join("run.py")).expect("the node");
    let corpus = directory(&[
        ("nodes/run.py", &run),
        ("manifests/one.json", &source("seen = 1")),
    ]);
    let record = |name: &str| {
        let path = corpus.path().join(name);
        let [build, corpus, json] =
            [&build_file(), corpus.path(), &path].map(|path| path.display().to_string());
        let output = parallax(&[
            "verify",
            "--fuel",
            "100000000000",
            "--build",
            &build,
            "--corpus",
            &corpus,
            "--json",
            &json,
        ]);
        assert_eq!(said(&output).0, 0, "{output:?}");
        std::fs::read_to_string(path).expect("the record")
    };
    let first = record("first");
    let case = first
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .find(|line| line["event"] == "case");
    let fuel = case.expect("a case")["fuel"].clone();
    assert!(
        fuel["wasm"].as_u64() > Some(1000) && fuel["native"].is_null(),
        "{fuel}"
    );
    assert_eq!(record("second"), first);
}
