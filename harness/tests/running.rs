//! How a run is chosen, ended, judged, and told of. Both legs are one script that counts its calls, so that nothing has to be built.

mod common;
#[path = "running/records.rs"]
mod records;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{directory, said, script};
use tempfile::TempDir;

/// Answers by the manifest's name. An odd call of a name is the reference's, an even one the candidate's.
const EXECUTOR: &str = r#"#!/bin/sh
request=$(cat)
name=$(printf %s "$request" | sed 's/.*"name":"\([^"]*\)".*/\1/')
calls=$(cat "$0.$name" 2>/dev/null || echo 0)
calls=$((calls + 1))
echo $calls > "$0.$name"
case "$name" in
    differ*) [ -e "$0.mended" ] && value=0 || value=$calls ;;
    near) [ $((calls % 2)) = 1 ] && value=1.0 || value=1.0000000000000002 ;;
    fickle) value=$(((calls + 1) / 2)) ;;
    text) value="\"$(yes line | head -n 60 | tr '\n' ' ')$calls\"" ;;
    array) value='{"__numpy__":true,"array":{"meta":{"shape":[3],"dtype":"uint8","size":3,"c_contiguous":true,"f_contiguous":true},"data":"'
        [ $((calls % 2)) = 1 ] && value="$value"'AQID"}}' || value="$value"'AQUJ"}}' ;;
    *) value=1 ;;
esac
printf '\033[31mcall %s\033[0m of %s\n' "$calls" "$name" >&2
printf '{"status":"success","outputs":[%s],"graph_info":{"node_count":1,"source_count":1,"sink_count":1,"execution_order":["a"]},"warnings":[]}' "$value"
"#;

/// A corpus, the script, and a cache of their own.
struct Place {
    directory: TempDir,
    program: PathBuf,
}

impl Place {
    /// A corpus of these cases; what the script does with one is in the last part of its id.
    fn new(ids: &[&str]) -> Self {
        let directory = directory(&[]);
        let program = script(directory.path(), "executor.sh", EXECUTOR);
        let place = Place { directory, program };
        for id in ids {
            let name = id.rsplit('/').next().unwrap_or(id);
            place.put(
                &format!("corpus/manifests/{id}.json"),
                &format!(
                    r#"{{"version":"v1","metadata":{{"name":"{name}"}},"nodes":[{{"id":"a","node_type":"Echo"}}],"connections":[]}}"#
                ),
            );
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect(name)
    }

    /// The binary in an environment that no machine's own settings reach.
    fn command(&self, verb: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parallax"));
        command
            .arg(verb)
            .args(arguments)
            .current_dir(self.directory.path())
            .env("PARALLAX_CACHE", self.path("cache"))
            .env_remove("CI")
            .env_remove("CLICOLOR_FORCE");
        command
    }

    fn verify_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("verify", &["--corpus", "corpus"]);
        command.args(["--leg", "native", "--leg", "native-cold", "--native"]);
        command.arg(&self.program).args(arguments);
        command
    }

    fn verify(&self, arguments: &[&str]) -> (i32, String, String) {
        said(&output(&mut self.verify_command(arguments)))
    }
}

fn output(command: &mut Command) -> Output {
    command.output().expect("the binary under test starts")
}

/// The ids of the cases that a record holds.
fn ids(record: &str) -> Vec<String> {
    let rows = record
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON"));
    rows.filter(|row| row["event"] == "case")
        .map(|row| row["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn a_filter_chooses_cases_and_one_that_chooses_none_is_refused() {
    let place = Place::new(&["numpy/sum", "numpy/sum_large", "text/sum", "text/count"]);
    let list = |filters: &[&str]| {
        let mut arguments = vec!["--corpus", "corpus"];
        for filter in filters {
            arguments.extend(["--filter", filter]);
        }
        said(&output(&mut place.command("list", &arguments)))
    };
    let all = ["numpy/sum", "numpy/sum_large", "text/count", "text/sum"];
    for (filters, expected) in [
        (&[][..], &all[..]),
        (&["sum"], &["numpy/sum", "numpy/sum_large", "text/sum"]),
        (&["numpy/* and not *large*"], &["numpy/sum"]),
        (&["large", "text/c*"], &["numpy/sum_large", "text/count"]),
    ] {
        let (code, stdout, stderr) = list(filters);
        assert_eq!(code, 0, "{stderr}");
        let found: Vec<&str> = stdout
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(found, expected, "{filters:?}");
    }
    for (filters, expected) in [
        (
            &["sum", "nunpy/*"][..],
            "error: no case matches --filter \"nunpy/*\"\nhint: ",
        ),
        (
            &["numpy/* not x"],
            "error: --filter: `and` or `or` is missing before not\n  numpy/* not x\n          ^\nhint: ",
        ),
    ] {
        let (code, stdout, stderr) = list(filters);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.starts_with(expected), "{stderr}");
    }
    let (code, _, stderr) = place.verify(&["--filter", "sum", "--allow-skip", "nunpy"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("no case matches --allow-skip \"nunpy\""),
        "{stderr}"
    );
    let (code, ..) = place.verify(&["--filter", "text/*", "--json", "results.jsonl"]);
    assert_eq!(code, 0);
    assert_eq!(
        ids(&place.read("results.jsonl")),
        ["text/count", "text/sum"]
    );
}

#[test]
fn what_failed_is_run_again_until_nothing_fails() {
    let place = Place::new(&["a/differ", "b/same", "c/differ_too"]);
    let only_failed = |more: &[&str]| {
        let mut arguments = vec!["--only-failed", "--json", "results.jsonl"];
        arguments.extend(more);
        place.verify(&arguments)
    };
    let (code, _, stderr) = only_failed(&[]);
    assert_eq!(code, 2);
    assert!(stderr.contains("there is no last run of "), "{stderr}");
    assert!(
        stderr.contains("\nhint: run once without --only-failed"),
        "{stderr}"
    );
    assert_eq!(place.verify(&[]).0, 1);
    // A run that is refused is no run.
    assert_eq!(place.verify(&["--leg", "no-such-leg"]).0, 2);
    let (code, _, stderr) = only_failed(&[]);
    assert_eq!(code, 1);
    assert!(
        stderr.starts_with("2 of 3 cases failed in the last run\n"),
        "{stderr}"
    );
    assert_eq!(
        ids(&place.read("results.jsonl")),
        ["a/differ", "c/differ_too"]
    );
    let (code, _, stderr) = only_failed(&["--filter", "b/*"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("none of the cases that failed matches --filter b/*"),
        "{stderr}"
    );
    // The first failure ends the run, so that the second is still to come.
    assert_eq!(only_failed(&["--fail-fast"]).0, 1);
    place.put("executor.sh.mended", "");
    let (code, _, stderr) = only_failed(&["--filter", "c/*"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(ids(&place.read("results.jsonl")), ["c/differ_too"]);
    // What that run left out has not been seen to be mended.
    let (code, _, stderr) = only_failed(&[]);
    assert_eq!(code, 0, "{stderr}");
    let before = "0 of 1 case failed in the last run; and 1 before, which it left out\n";
    assert!(stderr.starts_with(before), "{stderr}");
    assert_eq!(ids(&place.read("results.jsonl")), ["a/differ"]);
    let (code, stdout, stderr) = only_failed(&[]);
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert_eq!(stderr, "nothing failed in the last run, which had 1 case\n");
}

#[test]
fn a_killed_run_counts_what_it_has_not_come_to_as_failed() {
    let place = Place::new(&["a/same", "b/same", "c/same"]);
    assert_eq!(place.verify(&["--json", "results.jsonl"]).0, 0);
    // What a kill after the first case would have left, in the place of the record that the run has kept.
    let kept: Vec<PathBuf> = walk(&place.path("cache/runs"))
        .into_iter()
        .filter(|path| path.ends_with("last.jsonl"))
        .collect();
    let [kept] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    let record = std::fs::read_to_string(kept).expect("the record");
    assert_eq!(record, place.read("results.jsonl"));
    let lines: Vec<&str> = record.lines().collect();
    let left = format!("{}\n{}\n{}", lines[0], lines[1], &lines[2][..20]);
    std::fs::write(kept, left).expect("written");
    let (code, _, stderr) = place.verify(&["--only-failed", "--json", "results.jsonl"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stderr.starts_with("2 of 3 cases failed in the last run, which was killed\n"),
        "{stderr}"
    );
    assert_eq!(ids(&place.read("results.jsonl")), ["b/same", "c/same"]);
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn a_folder_that_is_no_cache_takes_no_record_and_the_run_goes_on() {
    let place = Place::new(&["a/same"]);
    place.put("cache/tmp/mine", "important");
    assert_eq!(place.verify(&[]).0, 0);
    assert_eq!(walk(&place.path("cache")), [place.path("cache/tmp/mine")]);
    let (code, _, stderr) = place.verify(&["--only-failed"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("is not a cache of Parallax"), "{stderr}");
}

#[test]
fn the_first_failure_ends_a_run_that_is_to_fail_fast_and_names_what_is_missing() {
    let place = Place::new(&["a/same", "b/differ", "c/same", "d/same"]);
    let flags = [
        "--fail-fast",
        "--json",
        "results.jsonl",
        "--junit",
        "results.xml",
    ];
    let (code, stdout, _) = place.verify(&flags);
    assert_eq!(code, 1);
    assert!(
        stdout.contains("2 cases without a result:\n  c/same, d/same\n"),
        "{stdout}"
    );
    assert!(
        stdout.ends_with("1 passed, 1 failed, 2 without a result\n"),
        "{stdout}"
    );
    let record = place.read("results.jsonl");
    assert_eq!(ids(&record), ["a/same", "b/differ"]);
    assert!(
        record.contains(r#""missing":["c/same","d/same"]"#),
        "{record}"
    );
    let report = quick_junit::Report::deserialize_from_str(&place.read("results.xml"));
    let report = report.expect("JUnit XML");
    assert_eq!((report.tests, report.failures, report.errors), (4, 1, 2));
}

#[test]
fn a_case_that_differs_from_itself_is_flaky() {
    let place = Place::new(&["a/fickle", "b/same"]);
    assert_eq!(place.verify(&[]).0, 0);
    let (code, stdout, _) = place.verify(&["--repeat", "2"]);
    assert_eq!(code, 1);
    assert!(
        stdout
            .contains("FLAKY a/fickle: native differs from itself, run 2 from run 1: outputs[0]: "),
        "{stdout}"
    );
}

#[test]
fn a_file_that_is_behind_is_red_where_nothing_may_be_written() {
    let place = Place::new(&["a/near"]);
    place.put(
        "corpus/policy.toml",
        "[[policy]]\nname = \"loose\"\nulp.f64 = { bound = 1, worst = 0 }\nwhy = \"a test\"\n",
    );
    place.put("corpus/manifests/a/near.toml", "policy = \"loose\"\n");
    let sentence = "policy.toml records 0 ulp as the worst of loose, where f64 1 ulp was seen";
    for (flags, ci, expected) in [
        (&[][..], None, 0),
        (&["--locked"], None, 1),
        (&[], Some("true"), 1),
        (&[], Some("1"), 1),
        (&[], Some("false"), 0),
        (&[], Some("0"), 0),
        (&[], Some(""), 0),
        (&["--no-locked"], Some("true"), 0),
        (&["--locked"], Some("false"), 1),
        (&["--no-locked", "--locked"], None, 1),
        (&["--locked", "--no-locked"], None, 0),
    ] {
        let mut command = place.verify_command(flags);
        if let Some(value) = ci {
            command.env("CI", value);
        }
        let (code, stdout, stderr) = said(&output(&mut command));
        assert_eq!(code, expected, "{flags:?} {ci:?}: {stdout}{stderr}");
        assert!(stdout.contains(&format!("  {sentence}\n")), "{stdout}");
        let closing = if expected == 1 {
            "1 passed, 0 failed, 1 to write\n"
        } else {
            "1 passed, 0 failed\n"
        };
        assert!(stdout.ends_with(closing), "{stdout}");
    }
}

#[test]
fn a_manifest_that_cannot_take_its_inputs_is_refused_before_anything_runs() {
    let place = Place::new(&["b/same"]);
    place.put("corpus/manifests/a/broken.json", "{");
    place.put(
        "corpus/manifests/a/broken.toml",
        "[[input]]\nkind = \"nested\"\ndepth = 3\n",
    );
    let (code, stdout, stderr) = place.verify(&[]);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    let expected = "a/broken: inputs can't be added: the manifest is not JSON: ";
    assert!(stderr.contains(expected), "{stderr}");
    assert!(
        stderr.contains("hint: [[input]] needs a manifest"),
        "{stderr}"
    );
}

#[test]
fn standard_error_of_a_failed_case_stands_below_it_and_colours_only_where_they_are_wanted() {
    let place = Place::new(&["a/differ", "b/same"]);
    let (code, stdout, _) = place.verify(&[]);
    assert_eq!(code, 1);
    assert!(
        stdout.starts_with(
            "FAIL a/differ: outputs[0]: 1 != 2\n    node: a, the first that differs\n    cause: not-deterministic: the reference differs from itself on a second run\n    hint: pass time, seed and names in as inputs, and sort what the system lists\n    standard error of native:\n    | call 1 of differ\n    standard error of native-cold:\n    | call 2 of differ\n"
        ) || stdout.starts_with(
            "FAIL a/differ: silent corruption: outputs[0]: 1 != 2\n    standard error of native:\n    | call 1 of differ\n    standard error of native-cold:\n    | call 2 of differ\n"
        ),
        "{stdout}"
    );
    assert!(!stdout.contains('\x1b'), "{stdout:?}");
    assert!(!stdout.contains("of same"), "{stdout}");
    for (variable, colours) in [("CLICOLOR_FORCE", true), ("NO_COLOR", false)] {
        let mut command = place.verify_command(&[]);
        command.env(variable, "1");
        let (_, stdout, _) = said(&output(&mut command));
        assert_eq!(
            stdout.contains("\x1b[1m\x1b[31mFAIL"),
            colours,
            "{stdout:?}"
        );
        assert!(!stdout.contains("\x1b[31mcall"), "{stdout:?}");
    }
}
