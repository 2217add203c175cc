//! Executors of other people: a right answer is used, a wrong one is an outcome, and nothing of it harms the harness.

mod common;

use std::time::{Duration, Instant};

use common::{directory, manifest, parallax, root, run, said, script};
use parallax_harness::case::Limits;
use parallax_harness::executor::Channel;
use parallax_harness::executor::native::NativeExecutor;
use parallax_harness::executor::wasm::CommandExecutor;

const SHORT: Limits = Limits {
    open_files: 1024,
    wall: Duration::from_millis(1500),
    memory: 256 << 20,
    output: 1 << 20,
};

/// What a shell script as an executor is taken for.
#[track_caller]
fn check_script(body: &str, expected: &str) {
    let place = directory(&[]);
    let program = script(place.path(), "executor.sh", &format!("#!/bin/sh\n{body}\n"));
    let executor = NativeExecutor::new(&program.to_string_lossy(), Channel::StandardOutput)
        .expect("an executable script");
    let started = Instant::now();
    let answer = run(&executor, &manifest("Echo"), SHORT);
    assert_eq!(answer.outcome.summary(), expected);
    assert!(started.elapsed() < SHORT.wall * 4, "it held the harness up");
}

#[test]
fn wrong_answers_of_programs() {
    check_script("exit 0", "exited with code 0: no result document");
    check_script("exit 3", "exited with code 3: no result document");
    check_script(
        "echo hello",
        "exited with code 0: the result is not JSON: expected value at line 1 column 1",
    );
    check_script(
        "printf '\\377\\376'",
        "exited with code 0: the result is not JSON: invalid utf-8 sequence of 1 bytes from index 0",
    );
    check_script(
        "echo '{}'; echo '{}'",
        "exited with code 0: more than one result document",
    );
    check_script(
        "echo '{\"answer\":42}'",
        "exited with code 0: not a result document: `status` is missing",
    );
    check_script(
        "cat",
        "exited with code 0: not a result document: `status` is missing",
    );
    check_script(
        "head -c 1000000000 /dev/zero",
        "exited with code -1: more than 1048576 bytes on standard output",
    );
    check_script("while :; do :; done", "timed out");
    check_script("sleep 1000", "timed out");
    check_script("kill -SEGV $$", "trapped: SIGSEGV");
    check_script(
        "head -c 1000000000 /dev/zero >&2; exit 7",
        "exited with code 7: no result document",
    );
    // What is left behind holds the pipes open, but not the harness.
    check_script(
        "sleep 1000 & exit 5",
        "exited with code 5: no result document",
    );
    // Nor does what has left the process group.
    check_script(
        "setsid sleep 20 & exit 6",
        "exited with code 6: no result document",
    );
}

#[test]
fn a_program_that_never_reads_its_input_is_not_waited_for() {
    let place = directory(&[]);
    let program = script(place.path(), "deaf.sh", "#!/bin/sh\nexit 9\n");
    let executor = NativeExecutor::new(&program.to_string_lossy(), Channel::StandardOutput)
        .expect("an executable script");
    // More than any pipe holds.
    let request = "x".repeat(4 << 20);
    let answer = run(&executor, &request, SHORT);
    assert_eq!(
        answer.outcome.summary(),
        "exited with code 9: no result document"
    );
}

#[test]
fn a_killed_harness_leaves_no_process_behind() {
    let place = directory(&[("corpus/manifests/a.json", "{}")]);
    let mark = place.path().join("pid");
    let text = format!("#!/bin/sh\necho $$ > {}\nexec sleep 1000\n", mark.display());
    let program = script(place.path(), "slow.sh", &text);
    let mut harness = std::process::Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(["verify", "--leg", "native", "--leg", "native", "--native"])
        .arg(&program)
        .arg("--corpus")
        .arg(place.path().join("corpus"))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the binary under test starts");
    let read = || std::fs::read_to_string(&mark).unwrap_or_default();
    let pid = until(|| read().trim().parse::<u32>().ok());
    harness.kill().expect("it runs");
    harness.wait().expect("it ends");
    let gone = || !std::path::Path::new(&format!("/proc/{pid}/cmdline")).exists() || is_zombie(pid);
    until(|| gone().then_some(()));
}

/// Asks again until there is an answer; gives up after a time that only a wrong program needs.
fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let asked = Instant::now();
    while asked.elapsed() < Duration::from_secs(20) {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::yield_now();
    }
    panic!("it never happened");
}

/// Nobody may be there to collect an orphan in a container without an init.
fn is_zombie(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

/// A module that imports `fd_write`, has a page of memory, and runs `body`.
fn module(body: &str, data: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write"
                (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 16) "{data}")
            (func $say (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
            (func (export "_start")
                (i32.store (i32.const 0) (i32.const 16))
                (i32.store (i32.const 4) (i32.const {length}))
                {body}))"#,
        length = data.len()
    ))
    .expect("the test's own module")
}

#[track_caller]
fn check_module(body: &str, data: &str, expected: &str) {
    let place = directory(&[]);
    let path = place.path().join("module.wasm");
    std::fs::write(&path, module(body, data)).expect("a module");
    let executor = CommandExecutor::new(&path, Vec::new(), Channel::StandardOutput)
        .unwrap_or_else(|problem| panic!("{problem}"));
    let started = Instant::now();
    let answer = run(&executor, &manifest("Echo"), SHORT);
    assert_eq!(answer.outcome.summary(), expected);
    assert!(started.elapsed() < SHORT.wall * 4, "it held the harness up");
}

#[test]
fn wrong_answers_of_modules() {
    check_module("", "", "exited with code 0: no result document");
    check_module(
        "(call $exit (i32.const 3))",
        "",
        "exited with code 3: no result document",
    );
    check_module(
        "(call $say)",
        "hello",
        "exited with code 0: the result is not JSON: expected value at line 1 column 1",
    );
    check_module(
        "(call $say) (call $say)",
        "{}",
        "exited with code 0: more than one result document",
    );
    check_module(
        "(loop (call $say) (br 0))",
        &"x".repeat(4000),
        "exited with code -1: more than 1048576 bytes on standard output",
    );
    check_module("(loop (br 0))", "", "timed out");
    check_module(
        "unreachable",
        "",
        "trapped: wasm `unreachable` instruction executed",
    );
    check_module(
        "(i32.store (i32.const 99999999) (i32.const 1))",
        "",
        "trapped: out of bounds memory access",
    );
    // Growing beyond the limit is refused to the guest, which then decides.
    check_module(
        "(if (i32.eq (memory.grow (i32.const 10000)) (i32.const -1)) (then (call $exit (i32.const 8))))",
        "",
        "exited with code 8: no result document",
    );
}

#[test]
fn what_is_no_wasi_command_is_refused_with_a_reason() {
    let check = |text: &str, expected: &str| {
        let place = directory(&[]);
        let path = place.path().join("module.wasm");
        std::fs::write(&path, wat::parse_str(text).expect("the test's own module"))
            .expect("a module");
        let problem = CommandExecutor::new(&path, Vec::new(), Channel::StandardOutput)
            .err()
            .expect("must be refused");
        assert!(problem.to_string().contains(expected), "{problem}");
    };
    check("(module)", "does not export `_start`");
    check(
        r#"(module (import "env" "dlopen" (func)) (func (export "_start")))"#,
        "unknown import: `env::dlopen`",
    );
}

#[test]
fn a_python_script_serves_as_an_executor() {
    let corpus = directory(&[
        (
            "manifests/echo.json",
            &format!(
                r#"{{"manifest":{},"input_data":[1,"two",null]}}"#,
                manifest("Echo")
            ),
        ),
        ("manifests/broken.json", "{"),
        ("manifests/broken.toml", "expect = \"rejected\"\n"),
    ]);
    let corpus = corpus.path().to_string_lossy().into_owned();
    let example = root().join("docs/examples/pass_through.py");
    let example = format!("python3 {}", example.display());
    let build = common::build_file();
    let output = parallax(&[
        "verify",
        "--corpus",
        &corpus,
        "--native",
        &example,
        "--leg",
        "native",
        "--leg",
        "native",
        "--build",
        &build.to_string_lossy(),
    ]);
    let (code, stdout, stderr) = said(&output);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.ends_with("2 passed, 0 failed\n"), "{stdout}");
    // Against our own executor the outputs agree, too; only the wording of the refusal is its own.
    let output = parallax(&[
        "verify",
        "--corpus",
        &corpus,
        "--native",
        &example,
        "--filter",
        "echo",
        "--build",
        &build.to_string_lossy(),
    ]);
    let (code, stdout, stderr) = said(&output);
    assert_eq!(code, 0, "{stdout}{stderr}");
}
