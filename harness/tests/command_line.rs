//! What a user sees of a mistake: the file, the place, the remedy, and the exit code.

mod common;

use common::{build_file, directory, manifest, parallax, said};

fn echo() -> String {
    format!(r#"{{"manifest":{},"input_data":[1]}}"#, manifest("Echo"))
}

/// Runs `verify` on a corpus of these files.
fn verify(files: &[(&str, &str)], more: &[&str]) -> (i32, String, String) {
    let corpus = directory(files);
    let corpus = corpus.path().to_string_lossy().into_owned();
    let build = build_file();
    let mut arguments = vec!["verify", "--corpus", &corpus, "--build"];
    let build = build.to_string_lossy();
    arguments.push(&build);
    arguments.extend(more);
    let (code, stdout, stderr) = said(&parallax(&arguments));
    (code, stdout, stderr.replace(&corpus, "CORPUS"))
}

#[track_caller]
fn check_refused(files: &[(&str, &str)], expected: &str) {
    let (code, stdout, stderr) = verify(files, &[]);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(stderr.contains(expected), "{stderr}");
    assert!(stderr.contains("\nhint: "), "no remedy: {stderr}");
}

#[test]
fn a_bad_corpus_is_refused_with_file_and_place() {
    let good = echo();
    let case = ("manifests/a/b.json", good.as_str());
    check_refused(
        &[("x", "")],
        "CORPUS is not a corpus: it has no `manifests` directory",
    );
    check_refused(&[("manifests/readme.md", "")], "CORPUS holds no case");
    check_refused(
        &[case, ("manifests/a/c.toml", "")],
        "CORPUS/manifests/a/c.toml belongs to no case: there is no CORPUS/manifests/a/c.json",
    );
    check_refused(
        &[case, ("manifests/a/b.yaml", "")],
        "CORPUS/manifests/a/b.yaml is neither a manifest (.json) nor its settings (.toml)",
    );
    check_refused(
        &[case, ("manifests/a/b.toml", "\nexpect = \"maybe\"\n")],
        "CORPUS/manifests/a/b.toml:2:10: unknown variant `maybe`",
    );
    check_refused(
        &[case, ("manifests/a/b.toml", "colour = 1")],
        "CORPUS/manifests/a/b.toml:1:1: unknown field `colour`",
    );
    check_refused(
        &[case, ("manifests/a/b.toml", "[limits]\nmemory_mb = 0")],
        "CORPUS/manifests/a/b.toml:2:13: limits.memory_mb: 0 is not between 1 and 4096",
    );
    check_refused(
        &[case, ("manifests/a/b.toml", "policy = \"lax\"")],
        "CORPUS/manifests/a/b.toml:1:10: policy: there is no policy \"lax\"",
    );
    check_refused(
        &[
            case,
            (
                "policy.toml",
                "[[policy]]\nname = \"m\"\nulp.f32 = { bound = 1, worst = 2 }\nwhy = \"x\"\n",
            ),
        ],
        "CORPUS/policy.toml:1:1: policy \"m\": ulp.f32: `worst` is 2, beyond the `bound` of 1",
    );
    check_refused(
        &[
            case,
            (
                "policy.toml",
                "[[policy]]\nname = \"m\"\nnorm = { bound = 1.0, worst = 0.5 }\nproperty = \"any-order\"\nwhy = \"x\"\n",
            ),
        ],
        "CORPUS/policy.toml:1:1: policy \"m\": `any-order` goes with no tolerance",
    );
    check_refused(
        &[
            case,
            (
                "manifests/a/b.toml",
                "[[compare]]\npath = \"outputs[0]\"\npolicy = \"exact\"\nscale = 1.0\n",
            ),
        ],
        "CORPUS/manifests/a/b.toml:1:1: `scale` and `terms` mean nothing to the policy exact",
    );
    check_refused(
        &[
            case,
            (
                "manifests/a/b.toml",
                "[[compare]]\npath = \"output[0]\"\npolicy = \"exact\"\n",
            ),
        ],
        "CORPUS/manifests/a/b.toml:2:8: compare: \"output[0]\" is no path into the outputs",
    );
    check_refused(
        &[case, ("manifests/a/family.toml", "requires = [\"num py\"]")],
        "CORPUS/manifests/a/family.toml:1:13: requires: \"num py\" is no name of a Python module",
    );
    check_refused(
        &[
            case,
            (
                "manifests/a/b.toml",
                "[[input]]\nkind = \"array\"\ndtype = \"int8\"\nshape = [2]\nseed = 1\nvalues = { integers = { min = 0, max = 999 } }\n",
            ),
        ],
        "CORPUS/manifests/a/b.toml:1:1: input: values: min and max are no range of int8",
    );
    check_refused(
        &[
            case,
            (
                "ledger.toml",
                "[[divergence]]\ncase = \"a/x\"\npath = \"outputs\"\ncause = \"wasm\"\nreason = \"r\"\n",
            ),
        ],
        "CORPUS/ledger.toml:2:8: there is no such case: a/x",
    );
    check_refused(
        &[case, ("ledger.toml", "[[divergence")],
        "CORPUS/ledger.toml:1:13:",
    );
    check_refused(
        &[
            ("manifests/a.json", "{"),
            (
                "manifests/a.toml",
                "[[input]]\nkind = \"nested\"\ndepth = 3\n",
            ),
        ],
        "a: inputs can't be added: the manifest is not JSON",
    );
}

#[test]
fn bad_flags_are_refused() {
    let good = echo();
    let case = [("manifests/a/b.json", good.as_str())];
    for (flags, expected) in [
        (vec!["--filter", "zzz"], "no case matches --filter \"zzz\""),
        (vec!["--repeat", "0"], "0 is not in 1..=65535"),
        (
            vec!["--leg", "jvm", "--leg", "wasm"],
            "--leg: there is no leg \"jvm\"",
        ),
        (vec!["--leg", "native"], "fewer than two legs"),
        (vec!["--native", "/no/such/program"], "there is no program"),
        (
            vec!["--wasm", "/no/such.wasm"],
            "failed to read /no/such.wasm",
        ),
        (
            vec!["--wasm", "/etc/hostname"],
            "is not a module that can run",
        ),
        (vec!["--jobs", "0"], "0 is not in 1..=256"),
        (
            vec!["--json", "/no/such/folder/x"],
            "failed to create /no/such/folder/x",
        ),
        (vec!["--frobnicate"], "unexpected argument '--frobnicate'"),
    ] {
        let (code, _, stderr) = verify(&case, &flags);
        assert_eq!(code, 2, "{flags:?}: {stderr}");
        assert!(stderr.contains(expected), "{flags:?}: {stderr}");
    }
}

#[test]
fn executors_that_are_not_built_are_an_environment_error() {
    let good = echo();
    let corpus = directory(&[("manifests/a.json", good.as_str())]);
    let corpus = corpus.path().to_string_lossy().into_owned();
    let (code, _, stderr) = said(&parallax(&[
        "verify",
        "--corpus",
        &corpus,
        "--build",
        "/no/build.json",
    ]));
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("cargo xtask build"), "{stderr}");
}

#[test]
fn an_error_that_nobody_expected_is_red_and_says_what_to_write() {
    let (code, stdout, _) = verify(&[("manifests/a.json", "{")], &[]);
    assert_eq!(code, 1, "{stdout}");
    assert!(
        stdout.contains("hint: correct manifests/a.json; if the case is about that, write expect = \"rejected\" in manifests/a.toml"),
        "{stdout}"
    );
    assert!(stdout.ends_with("0 passed, 1 failed\n"), "{stdout}");
}

#[test]
fn a_ledger_entry_that_no_longer_holds_is_red() {
    let good = echo();
    let ledger = "[[divergence]]\ncase = \"a\"\npath = \"outputs[0]\"\ncause = \"libm\"\nreason = \"gone\"\ncandidate = \"2\"\n";
    let (code, stdout, _) = verify(&[("manifests/a.json", &good), ("ledger.toml", ledger)], &[]);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("STALE a: "), "{stdout}");
}

#[test]
fn a_difference_between_the_legs_is_red_and_shown() {
    let node = "import sys\n\nclass Size:\n    def process(self, data):\n        return {\"max\": sys.maxsize}\n";
    let manifest = manifest("size:Size");
    let files = [
        ("manifests/a.json", manifest.as_str()),
        ("nodes/size.py", node),
    ];
    let (code, stdout, _) = verify(&files, &[]);
    assert_eq!(code, 1, "{stdout}");
    let shown = "FAIL a: outputs[0].max: 9223372036854775807 != 2147483647";
    assert!(stdout.contains(shown), "{stdout}");
    let ledger = "[[divergence]]\ncase = \"a\"\npath = \"outputs[0].max\"\ncause = \"integer-width\"\nreason = \"32-bit sizes\"\ncandidate = \"2147483647\"\n";
    let known = [files[0], files[1], ("ledger.toml", ledger)];
    let (code, stdout, _) = verify(&known, &[]);
    assert_eq!(code, 0, "{stdout}");
    assert!(
        stdout.contains(
            "EXPECTED a: outputs[0].max: 9223372036854775807 != 2147483647 [integer-width]\n"
        ),
        "{stdout}"
    );
}

/// The list of what is red, as the terminal's report ends with it.
fn failures(stdout: &str) -> Vec<&str> {
    stdout
        .lines()
        .skip_while(|line| !line.starts_with("failures, silent corruption first:"))
        .skip(1)
        .take_while(|line| line.starts_with(' '))
        .map(str::trim)
        .collect()
}

#[test]
fn silent_corruption_is_the_first_failure_of_all() {
    // The case of the corpus whose sum wraps, without the ledger that knows it, after a case with another difference.
    let corpus = common::root().join("corpus");
    let read = |path: &str| std::fs::read_to_string(corpus.join(path)).expect("in the corpus");
    let case = read("manifests/numpy/default_integer_overflow.json");
    let arrays = read("nodes/numpy_arrays.py");
    let manifest = manifest("platform_name:Name");
    let node = "import sys\n\nclass Name:\n    def process(self, data):\n        return {\"platform\": sys.platform}\n";
    let files = [
        ("manifests/a.json", manifest.as_str()),
        ("nodes/platform_name.py", node),
        (
            "manifests/numpy/default_integer_overflow.json",
            case.as_str(),
        ),
        ("nodes/numpy_arrays.py", arrays.as_str()),
    ];
    let place = directory(&[]);
    let lines = place.path().join("results.jsonl");
    let (code, stdout, _) = verify(&files, &["--json", &lines.to_string_lossy()]);
    assert_eq!(code, 1, "{stdout}");
    assert_eq!(
        failures(&stdout),
        [
            "FAIL numpy/default_integer_overflow: silent corruption: outputs[0].sum: 1 o…",
            "FAIL a: outputs[0].platform: \"linux\" != \"wasi\"",
        ]
    );
    let lines = std::fs::read_to_string(&lines).expect("the results");
    let first = r#""red":[{"id":"numpy/default_integer_overflow","status":"fail","silent":true,"#;
    assert!(lines.contains(first), "{lines}");
}

#[test]
fn a_module_that_no_leg_has_is_refused_with_the_file_that_names_it() {
    let good = echo();
    let files = [
        ("manifests/a/b.json", good.as_str()),
        ("manifests/a/family.toml", "requires = [\"nunpy\"]"),
    ];
    let (code, stdout, stderr) = verify(&files, &[]);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    let expected = "CORPUS/manifests/a/family.toml:1:13: no leg has the module \"nunpy\"\nhint: ";
    assert!(stderr.contains(expected), "{stderr}");
}

#[test]
fn results_are_the_same_bytes_every_time_and_with_any_number_of_jobs() {
    let good = echo();
    let place = directory(&[]);
    let file = place.path().join("results.jsonl");
    let name = file.to_string_lossy().into_owned();
    let node = "import sys\n\nclass Size:\n    def process(self, data):\n        return {\"max\": sys.maxsize}\n";
    let size = manifest("size:Size");
    let write = |jobs: &str| {
        let files = [
            ("manifests/a.json", good.as_str()),
            ("manifests/b.json", good.as_str()),
            ("manifests/c.json", size.as_str()),
            ("nodes/size.py", node),
        ];
        let (code, ..) = verify(&files, &["--json", &name, "--jobs", jobs]);
        assert_eq!(code, 1);
        std::fs::read_to_string(&file).expect("the results")
    };
    let first = write("1");
    for jobs in ["1", "2", "8"] {
        assert_eq!(write(jobs), first);
    }
    assert_eq!(first.lines().count(), 5, "{first}");
}

#[test]
fn junit_holds_one_test_a_case() {
    let good = echo();
    let place = directory(&[]);
    let file = place.path().join("results.xml");
    let name = file.to_string_lossy().into_owned();
    let files = [
        ("manifests/a/x.json", good.as_str()),
        ("manifests/a/y.json", "{"),
    ];
    let (code, ..) = verify(&files, &["--junit", &name]);
    assert_eq!(code, 1);
    let xml = std::fs::read_to_string(&file).expect("the results");
    let report = quick_junit::Report::deserialize_from_str(&xml).expect("JUnit XML");
    assert_eq!((report.tests, report.failures), (2, 1));
}

#[test]
fn two_documents_are_compared() {
    let result = |outputs: &str| {
        format!(
            r#"{{"status":"success","outputs":{outputs},"graph_info":{{"node_count":1,"source_count":1,"sink_count":1,"execution_order":["a"]}},"warnings":[]}}"#
        )
    };
    let (a, b) = (result("[1.0]"), result("[1.0000000000000002]"));
    let files = directory(&[("a.json", &a), ("b.json", &b), ("c.json", "{}")]);
    let compare = |first: &str, second: &str, more: &[&str]| {
        let path = |name: &str| files.path().join(name).to_string_lossy().into_owned();
        let (first, second) = (path(first), path(second));
        let mut arguments = vec!["compare", &first, &second];
        arguments.extend(more);
        said(&parallax(&arguments))
    };
    assert_eq!(compare("a.json", "a.json", &[]).0, 0);
    let (code, stdout, _) = compare("a.json", "b.json", &[]);
    assert_eq!(
        (code, stdout.as_str()),
        (1, "outputs[0]: 1.0 != 1.0000000000000002 (1 ulp)\n")
    );
    let (code, stdout, _) = compare("a.json", "b.json", &["--ulp", "1"]);
    assert_eq!((code, stdout.as_str()), (0, "equal within f64 1 ulp\n"));
    let (code, _, stderr) = compare("a.json", "c.json", &[]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("c.json is not an outcome: `status` is missing"),
        "{stderr}"
    );
}

#[test]
fn a_replay_shows_request_outcomes_and_difference() {
    let build = build_file();
    let build = build.to_string_lossy();
    let good = echo();
    let corpus = directory(&[("manifests/a/b.json", good.as_str())]);
    let corpus = corpus.path().to_string_lossy().into_owned();
    let (code, stdout, stderr) = said(&parallax(&[
        "replay", "a/b", "--corpus", &corpus, "--build", &build,
    ]));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains(&good), "the request: {stdout}");
    assert!(stdout.contains("--- native: returned 1 item"), "{stdout}");
    assert!(stdout.contains("--- wasm: returned 1 item"), "{stdout}");
    assert!(stdout.contains("--- native against wasm: pass"), "{stdout}");
    let (code, stdout, stderr) = said(&parallax(&[
        "replay", "a/b", "--corpus", &corpus, "--build", &build, "--leg", "wasm", "--json",
    ]));
    assert_eq!(code, 0, "{stderr}");
    let alone: serde_json::Value = serde_json::from_str(&stdout).expect("one document");
    assert_eq!(alone["outcome"], "returned");
    let (code, _, stderr) = said(&parallax(&["replay", "b", "--corpus", &corpus]));
    assert_eq!(code, 2);
    assert!(stderr.contains("hint: similar ids: a/b"), "{stderr}");
}
