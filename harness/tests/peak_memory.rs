//! What a case's memory limit comes to on the host. The only test of its process, because it measures that.

mod common;

use parallax_harness::case::Limits;
use parallax_harness::executor::Executor;
use parallax_harness::outcome::Class;

use common::{run_source, seen, wasm_scratch, zygote};

const LIMIT: u64 = 256 << 20;

const GROW: &str = "
left = []
try:
    while True: left.append(bytes(1 << 16))
except MemoryError: pass
";

/// A figure of this process, in bytes.
fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .expect("the key");
    let kib: u64 = line
        .trim_start_matches(':')
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number");
    kib << 10
}

#[test]
fn a_case_takes_no_more_than_twice_its_limit() {
    let limits = Limits {
        memory: LIMIT,
        ..Limits::default()
    };
    let run = |executor: &dyn Executor, python: &str| run_source(executor, python, limits);

    let peak = format!(
        "{GROW}\nimport resource; seen = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss"
    );
    let native = seen(&run(&zygote(), &peak)).as_u64().expect("KiB") << 10;
    assert!((LIMIT / 2..2 * LIMIT).contains(&native), "{native}");

    run(wasm_scratch(), "seen = 1");
    let before = status("VmRSS");
    assert_eq!(
        seen(&run(
            wasm_scratch(),
            &format!("{GROW}\nseen = len(left) > 1000")
        )),
        true
    );
    // The answer to a large result, too, is no more memory than the guest's and a copy of it.
    assert_eq!(
        run(wasm_scratch(), "seen = 'x' * (1 << 27)").class(),
        Class::OutOfMemory
    );
    let taken = status("VmHWM").saturating_sub(before);
    assert!((LIMIT / 2..2 * LIMIT).contains(&taken), "{taken}");
}
