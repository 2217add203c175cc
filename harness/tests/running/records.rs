//! Records, replays, and what a run tells its reader.

use super::*;

/// The lines of a report that tell no times.
fn timeless(report: &str) -> Vec<String> {
    let lines = report.lines().filter(|line| {
        !line.starts_with("time in legs") && !line.starts_with("slowest") && !line.contains(" s  ")
    });
    lines
        .map(|line| match line.split_once(", in ") {
            Some((title, _)) => title.to_owned(),
            None => line.to_owned(),
        })
        .collect()
}

#[test]
fn a_record_reproduces_its_report_and_one_that_was_touched_is_refused() {
    let place = Place::new(&["a/differ", "b/same", "c/array", "d/near"]);
    let flags = ["--json", "results.jsonl", "--junit", "results.xml"];
    let (code, stdout, _) = place.verify(&flags);
    assert_eq!(code, 1);
    let render = |record: &str, more: &[&str]| {
        let mut arguments = vec![record];
        arguments.extend(more);
        said(&output(&mut place.command("render", &arguments)))
    };
    let (code, rendered, stderr) = render("results.jsonl", &["--junit", "again.xml"]);
    assert_eq!(code, 1, "{stderr}");
    assert_eq!(timeless(&rendered), timeless(&stdout));
    let without_times = |name: &str| {
        let text = place.read(name);
        let mut report = quick_junit::Report::deserialize_from_str(&text).expect("JUnit XML");
        for case in &mut report.test_suites[0].test_cases {
            case.time = None;
        }
        report
    };
    assert_eq!(without_times("again.xml"), without_times("results.xml"));
    let record = place.read("results.jsonl");
    let cut = record
        .rsplit_once("{\"event\":\"finished\"")
        .expect("an end")
        .0;
    for (edited, expected) in [
        (
            cut.to_owned(),
            "it ends after line 5, before the run had finished",
        ),
        (
            record.replace("\"status\":\"fail\"", "\"status\":\"pass\""),
            "line 2: the line was edited",
        ),
        (
            record.replacen("\"id\":\"b/same\"", "\"id\":\"b/sane\"", 1),
            "line 3: the line was edited",
        ),
        (
            "{}\n".to_owned(),
            "line 1: `event` is none of started, case, finished",
        ),
    ] {
        place.put("edited.jsonl", &edited);
        let (code, stdout, stderr) = render("edited.jsonl", &[]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        let expected = format!("error: edited.jsonl is no record: {expected}");
        assert!(stderr.starts_with(&expected), "{stderr}");
        assert!(stderr.contains("\nhint: "), "{stderr}");
    }
    assert_eq!(render("nothing.jsonl", &[]).0, 2);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new(&["a/differ", "b/same"]);
    let closed = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        Stdio::from(writer)
    };
    let mut list = place.command("list", &["--corpus", "corpus"]);
    let (code, _, stderr) = said(&output(list.stdout(closed())));
    assert_eq!((code, stderr.as_str()), (0, ""));
    // A run goes on to its end, which says what it has found.
    let mut verify = place.verify_command(&["--json", "results.jsonl"]);
    let (code, _, stderr) = said(&output(verify.stdout(closed())));
    assert_eq!(code, 1, "{stderr}");
    assert!(!stderr.contains("error"), "{stderr}");
    assert_eq!(ids(&place.read("results.jsonl")), ["a/differ", "b/same"]);
}

#[test]
fn a_record_has_the_same_bytes_whatever_the_number_of_jobs() {
    let ids: Vec<String> = (0..12).map(|index| format!("c{index:02}/same")).collect();
    let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    ids.extend(["a/array", "d/near", "z/text"]);
    let record = |jobs: &str| {
        // A place of its own, as the script counts its calls.
        let place = Place::new(&ids);
        let (code, ..) = place.verify(&["--jobs", jobs, "--json", "results.jsonl"]);
        assert_eq!(code, 1);
        place.read("results.jsonl")
    };
    let one = record("1");
    for jobs in ["2", "8"] {
        assert_eq!(record(jobs), one, "{jobs} jobs");
    }
}

#[test]
fn a_replay_shows_every_difference_whole() {
    let place = Place::new(&["a/text", "b/array"]);
    let program = place.program.to_string_lossy().into_owned();
    let replay = |id: &str| {
        let flags = [
            "--leg",
            "native",
            "--leg",
            "native-cold",
            "--native",
            &program,
        ];
        let mut arguments = vec![id, "--corpus", "corpus"];
        arguments.extend(flags);
        said(&output(&mut place.command("replay", &arguments)))
    };
    let (code, stdout, _) = replay("a/text");
    assert_eq!(code, 1);
    let whole = format!("\"{}1\"", "line ".repeat(60));
    assert!(
        stdout.contains(&format!("\noutputs[0]\n    native       {whole}\n")),
        "{stdout}"
    );
    let (code, stdout, _) = replay("b/array");
    assert_eq!(code, 1);
    let expected = "    2 of 3 elements differ\n    [1]: 2 != 5\n    [2]: 3 != 9\n";
    assert!(stdout.contains(expected), "{stdout}");
    assert!(
        stdout.contains("\\u{1b}[31mcall 1\\u{1b}[0m of array"),
        "{stdout}"
    );
    assert!(!stdout.contains('\x1b'), "{stdout:?}");
}

#[test]
fn help_names_every_flag() {
    let place = Place::new(&[]);
    let (code, stdout, _) = said(&output(&mut place.command("verify", &["--help"])));
    assert_eq!(code, 0);
    for flag in [
        "--filter <EXPR>",
        "--only-failed",
        "--fail-fast",
        "--repeat <N>",
        "--allow-skip <EXPR>",
        "--locked",
        "--no-locked",
    ] {
        assert!(stdout.contains(flag), "{flag}: {stdout}");
    }
}

/// With the built executors: only they can lack what they ought to have.
#[test]
fn a_skip_with_the_default_build_is_red_unless_it_is_allowed_by_name() {
    let place = Place::new(&["a/needs_terminal", "b/same"]);
    // WASI has no terminals, and CPython for it no module for them.
    place.put(
        "corpus/manifests/a/family.toml",
        "requires = [\"termios\"]\n",
    );
    let build = std::fs::read_to_string(common::build_file()).expect("the build");
    let mut build: serde_json::Value = serde_json::from_str(&build).expect("JSON");
    let cache = std::env::var_os("PARALLAX_CACHE");
    let reason =
        "needs termios, which wasm-cold lacks: ModuleNotFoundError: No module named 'termios'";
    for (default, flags, expected) in [
        (true, &[][..], 1),
        (true, &["--allow-skip", "a/*"], 0),
        (true, &["--allow-skip", "b/*"], 1),
        (false, &[], 0),
    ] {
        build["default"] = default.into();
        place.put("build.json", &build.to_string());
        let mut command =
            place.command("verify", &["--corpus", "corpus", "--junit", "results.xml"]);
        command.args([
            "--leg",
            "native-cold",
            "--leg",
            "wasm-cold",
            "--build",
            "build.json",
        ]);
        // The compiled module is that of every run.
        match &cache {
            Some(cache) => command.env("PARALLAX_CACHE", cache),
            None => command.env_remove("PARALLAX_CACHE"),
        };
        let (code, stdout, stderr) = said(&output(command.args(flags)));
        assert_eq!(code, expected, "{flags:?}: {stdout}{stderr}");
        assert!(
            stdout.starts_with(&format!("SKIP a/needs_terminal: {reason}\n")),
            "{stdout}"
        );
        let report = quick_junit::Report::deserialize_from_str(&place.read("results.xml"));
        let report = report.expect("JUnit XML");
        if expected == 0 {
            assert!(
                stdout.contains("1 case skipped, which is allowed:\n  a/needs_terminal\n"),
                "{stdout}"
            );
            assert!(
                stdout.ends_with("1 passed, 0 failed, 1 skipped\n"),
                "{stdout}"
            );
            assert_eq!((report.failures, report.skipped), (0, 1));
        } else {
            assert!(
                stdout.contains("\n  SKIP a/needs_terminal: needs termios"),
                "{stdout}"
            );
            assert!(
                stdout.ends_with("1 passed, 0 failed, 1 skipped (1 not allowed)\n"),
                "{stdout}"
            );
            assert_eq!((report.failures, report.skipped), (1, 0));
        }
    }
}
