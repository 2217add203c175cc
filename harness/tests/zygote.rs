//! The zygote: a case in a fork is the same as a case in a process of its own, whatever the case does to it.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use parallax_harness::case::Limits;
use parallax_harness::executor::Executor;
use parallax_harness::outcome::{Class, Ending, Outcome};

use common::{build_file, directory, manifest, native, run_source, run_with, seen, zygote};

const WILD: &str = include_str!("zygote/wild.py");

fn nodes() -> tempfile::TempDir {
    directory(&[
        ("wild.py", WILD),
        (
            "noisy.py",
            "print('hello')\nclass Noisy:\n    def process(self, item):\n        return 1\n",
        ),
    ])
}

fn tight() -> Limits {
    Limits {
        wall: Duration::from_secs(5),
        memory: 256 << 20,
        output: 1 << 20,
        ..Limits::default()
    }
}

fn run(executor: &dyn Executor, nodes: &Path, node_type: &str, limits: &Limits) -> Outcome {
    run_with(executor, &manifest(node_type), nodes, *limits).outcome
}

/// The only output of a case.
fn output(outcome: &Outcome) -> serde_json::Value {
    let document = outcome.to_json();
    assert_eq!(outcome.class(), Class::Returned, "{document:#}");
    document["outputs"][0].clone()
}

#[test]
fn whatever_a_case_does_its_outcome_is_the_cold_one_and_the_next_case_is_fine() {
    let (nodes, zygote, cold) = (nodes(), zygote(), native());
    for (node, expected) in [
        ("KillItself", Class::Trapped),
        ("Segfault", Class::Trapped),
        ("StopTheGroup", Class::Trapped),
        ("StopSiblings", Class::Returned),
        ("KillSiblings", Class::Returned),
        ("TakeMemory", Class::OutOfMemory),
        ("WriteTooMuch", Class::Exited),
        ("CloseOutput", Class::Returned),
        ("LeaveAtOnce", Class::Exited),
        ("Raise", Class::Raised),
    ] {
        let node_type = format!("wild:{node}");
        let warm = run(&zygote, nodes.path(), &node_type, &tight());
        assert_eq!(warm.class(), expected, "{node}: {}", warm.summary());
        assert_eq!(
            warm,
            run(&cold, nodes.path(), &node_type, &tight()),
            "{node}"
        );
        let next = run(&zygote, nodes.path(), "wild:Fine", &tight());
        assert_eq!(output(&next), "fine", "after {node}");
    }
    let short = Limits {
        wall: Duration::from_millis(300),
        ..tight()
    };
    assert_eq!(
        run(&zygote, nodes.path(), "wild:Spin", &short),
        Ending::TimedOut.into()
    );
    assert_eq!(
        output(&run(&zygote, nodes.path(), "wild:Fine", &tight())),
        "fine"
    );
    let notices = zygote.take_notices();
    assert!(
        notices.iter().all(|notice| !notice.contains("died")),
        "{notices:?}"
    );
}

#[test]
fn a_case_cannot_tell_that_its_process_is_a_copy() {
    let (nodes, zygote, cold) = (nodes(), zygote(), native());
    // The second one was forked while the first one ran, the last one when there was an order already.
    let descriptors = [
        "wild:Descriptors",
        "wild:Descriptors",
        "wild:KillSiblings",
        "wild:Descriptors",
    ];
    for node in ["wild:Forked", "wild:Rehearsed"]
        .into_iter()
        .chain(descriptors)
    {
        let warm = run(&zygote, nodes.path(), node, &tight());
        assert_eq!(warm, run(&cold, nodes.path(), node, &tight()), "{node}");
    }
    let told = output(&run(&zygote, nodes.path(), "wild:Forked", &tight()));
    assert_eq!((&told[1], &told[2]), (&true.into(), &true.into()), "{told}");
}

#[test]
fn a_dead_zygote_is_replaced_and_reported() {
    let (nodes, zygote) = (nodes(), zygote());
    let outcome = run(&zygote, nodes.path(), "wild:KillParent", &tight());
    assert_eq!(outcome, Ending::Trapped("SIGKILL".to_owned()).into());
    assert_eq!(
        output(&run(&zygote, nodes.path(), "wild:Fine", &tight())),
        "fine"
    );
    let notices = zygote.take_notices();
    let deaths = notices.iter().filter(|notice| {
        notice.contains("a zygote died while a case ran") && notice.contains("signal: 9")
    });
    // The case is run again before it is blamed.
    assert_eq!(deaths.count(), 2, "{notices:?}");
    assert_eq!(zygote.take_notices(), Vec::<String>::new());
}

#[test]
fn what_a_case_leaves_behind_ends_with_it() {
    let (nodes, zygote) = (nodes(), zygote());
    for node in ["wild:LeaveChild", "wild:LeaveSession"] {
        let left = output(&run(&zygote, nodes.path(), node, &tight()));
        wait_until_gone(&[left.as_i64().expect("a process id")]);
    }
}

#[test]
fn what_was_imported_ahead_takes_nothing_from_the_limit() {
    let (nodes, zygote, cold) = (nodes(), zygote(), native());
    let room = |executor: &dyn Executor| {
        let outcome = run(executor, nodes.path(), "wild:Room", &tight());
        output(&outcome).as_i64().expect("a number of MiB")
    };
    let (warm, cold) = (room(&zygote), room(&cold));
    assert!((warm - cold).abs() <= 4, "{warm} MiB and {cold} MiB");
}

#[test]
fn a_module_that_prints_does_so_in_each_case() {
    let (nodes, zygote) = (nodes(), zygote());
    let request = manifest("noisy:Noisy");
    for _ in 0..2 {
        let answer = run_with(&zygote, &request, nodes.path(), Limits::default());
        assert_eq!(answer.outcome.printed.stdout, b"hello\n");
    }
    assert_eq!(zygote.take_notices(), Vec::<String>::new());
}

#[test]
fn a_killed_harness_leaves_no_process_behind() {
    let corpus = directory(&[("nodes/wild.py", WILD)]);
    let pids = corpus.path().join("pids");
    let case = manifest("wild:TellAndWait").replace(
        r#""node_type""#,
        &format!(r#""params":{{"path":"{}"}},"node_type""#, pids.display()),
    );
    std::fs::create_dir(corpus.path().join("manifests")).expect("a folder");
    std::fs::write(corpus.path().join("manifests/wait.json"), case).expect("a case");
    let mut harness = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(["verify", "--leg", "native", "--leg", "native", "--build"])
        .arg(build_file())
        .arg("--corpus")
        .arg(corpus.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary under test starts");
    let mut told = String::new();
    until("the case tells its processes", || {
        told = std::fs::read_to_string(&pids).unwrap_or_default();
        told.ends_with('\n')
    });
    harness.kill().expect("a signal");
    harness.wait().expect("an end");
    let pids: Vec<i64> = told
        .split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect();
    assert_eq!(pids.len(), 3, "zygote, case and its child: {told}");
    wait_until_gone(&pids);
}

fn wait_until_gone(pids: &[i64]) {
    until("the processes end", || {
        pids.iter().all(|pid| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            // What nobody reaps is dead all the same.
            status.map_or(true, |status| status.contains(") Z "))
        })
    });
}

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::yield_now();
    }
}

/// What a case may do with a child, and what the parent then returns.
const CHILDREN: [(&str, &str); 2] = [
    (
        "import os, itertools\npid = os.fork()\nif pid == 0:\n    it = iter([1])\n    for _ in range(300000):\n        it = itertools.chain(it, ())\n    next(it)\nseen = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])",
        "-11",
    ),
    (
        "import os\npid = os.fork()\nseen = 'child' if pid == 0 else os.waitpid(pid, 0)[0] == pid",
        "true",
    ),
];

#[test]
fn no_child_of_a_case_answers_for_it() {
    let zygote = zygote();
    let native = native();
    let executors: [&dyn Executor; 2] = [&zygote, &native];
    for (source, expected) in CHILDREN {
        for executor in executors {
            let outcome = run_source(executor, source, Limits::default());
            assert_eq!(seen(&outcome).to_string(), expected, "{source}");
        }
    }
}
