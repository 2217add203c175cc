//! A file of a corpus that doesn't fit is refused before anything runs: with its name, the line, and what to write instead.

mod common;

use common::{directory, manifest, on_corpus};

const NODES: &str = "class N:\n    def process(self, x):\n        return 1.5\n";

const ENTRY: &str = "[[divergence]]\ncase = \"one\"\ncause = \"capability\"\nreason = \"r\"\npath = \"outputs[0]\"\n";

/// Runs a corpus of one case, with one more file or another content of one.
#[track_caller]
fn check(file: &str, content: &str, place: &str, says: &[&str]) {
    let corpus = directory(&[
        ("nodes/nodes.py", NODES),
        ("manifests/one.json", &manifest("nodes:N")),
        (file, content),
    ]);
    let (code, stdout, stderr) = on_corpus("verify", corpus.path(), &[]);
    assert_eq!(code, 2, "{content}: {stdout}{stderr}");
    assert_eq!(stdout, "", "{content}");
    assert!(stderr.contains("\nhint: "), "{content}: {stderr}");
    for part in [&[place], says].concat() {
        assert!(
            stderr.contains(part),
            "{content}: {part} is not in {stderr}"
        );
    }
}

#[test]
fn a_ledger_that_does_not_fit() {
    // An entry that is whole but for one text, which is another.
    let whole = format!("{ENTRY}candidate = \"1\"\n");
    let but = |text: &str, other: &str| whole.replace(text, other);
    let rows: [(String, u32, &[&str]); 10] = [
        (
            ENTRY.to_owned(),
            1,
            &[
                "nothing pins the candidate's value at outputs[0]",
                "candidate = '…'",
            ],
        ),
        (but("\"1\"", "1"), 6, &["expected a string", "CORPUS.md"]),
        (
            format!("{whole}cases = \"x\"\n"),
            7,
            &["unknown field `cases`", "CORPUS.md"],
        ),
        (
            but("reason = \"r\"\n", ""),
            1,
            &["missing field `reason`", "CORPUS.md"],
        ),
        (but("\"r\"", "\" \""), 4, &["reason"]),
        (
            but("outputs[0]", "outputs["),
            5,
            &["is no path", "outputs[0].sum@dtype"],
        ),
        (
            but("capability", "wasm32"),
            3,
            &[
                "\"wasm32\"",
                "integer-width",
                "CAUSES.md",
                "accept --migrate",
            ],
        ),
        (but("\"one\"", "\"two\""), 2, &["two"]),
        (but("\"one\"", "\"[\""), 2, &["["]),
        ("[[divergence]\n".to_owned(), 1, &[]),
    ];
    for (content, line, says) in rows {
        check(
            "ledger.toml",
            &content,
            &format!("ledger.toml:{line}:"),
            says,
        );
    }
}

#[test]
fn policies_that_do_not_fit() {
    for (content, line, says) in [
        (
            "ulp.f64 = { bound = 1, worst = 2 }",
            1,
            "beyond the `bound` of 1",
        ),
        ("ulp.f64 = { bound = -1, worst = 0 }", 3, "expected u64"),
        ("norm = { worst = 1.0 }", 3, "missing field `bound`"),
        ("norm = { bound = inf, worst = 0.0 }", 1, "is no distance"),
        ("property = \"some-order\"", 3, "any-order"),
        ("tolerance = 1.0", 3, "unknown field `tolerance`"),
    ] {
        let content = format!("[[policy]]\nname = \"a\"\n{content}\nwhy = \"w\"\n");
        check(
            "policy.toml",
            &content,
            &format!("policy.toml:{line}:"),
            &[says],
        );
    }
}

#[test]
fn settings_of_a_case_that_do_not_fit() {
    for (content, line, says) in [
        ("polcy = \"exact\"", 1, "unknown field `polcy`"),
        ("policy = \"none\"", 1, "there is no policy \"none\""),
        ("expect = \"returns\"", 1, "`timed-out`"),
        (
            "ignore = [\"outputs\"]",
            1,
            "\"outputs\" is nothing that can be left out",
        ),
        (
            "requires = [\"nunpy\"]",
            1,
            "no leg has the module \"nunpy\"",
        ),
        ("[limits]\nwall_ms = 0", 2, "not between 1 and"),
        ("[limits]\nwall = 5", 2, "unknown field `wall`"),
        (
            "[[compare]]\npath = \"outputs\"",
            1,
            "missing field `policy`",
        ),
        (
            "[[compare]]\npath = \"out[\"\npolicy = \"exact\"",
            2,
            "is no path",
        ),
        ("[[input]]\nkind = \"txt\"", 2, "txt"),
    ] {
        check(
            "manifests/one.toml",
            content,
            &format!("one.toml:{line}:"),
            &[says],
        );
    }
    check(
        "manifests/two.toml",
        "expect = \"raised\"",
        "two.toml",
        &["belongs to no case"],
    );
}

#[test]
fn a_snapshot_that_does_not_fit() {
    for (content, line) in [
        ("nothing", 1),
        ("---\nsource: x\n", 2),
        ("---\nsource: x\nexpression: y\n---\n{\"outcome\": \n", 2),
    ] {
        check(
            "snapshots/one.snap",
            content,
            &format!("one.snap:{line}"),
            &["accept"],
        );
    }
    check("snapshots/two.snap", "---\n---\n{}\n", "two.snap", &[]);
}

#[test]
fn a_node_file_whose_name_is_no_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let corpus = directory(&[
        ("manifests/one.json", &manifest("nodes:N")),
        ("nodes/nodes.py", NODES),
    ]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.py");
    std::fs::write(corpus.path().join("nodes").join(name), NODES).expect("is written");
    let (code, _, stderr) = on_corpus("verify", corpus.path(), &[]);
    assert_eq!(code, 2, "{stderr}");
    assert!(
        stderr.contains("caf") && stderr.contains("hint: rename it"),
        "{stderr}"
    );
}
