use super::*;

const LEDGER: &str = r#"# The head of the file.

# About a.
[[divergence]]
case = "a"   # a remark
path = "outputs[0]"
cause = "libm"
reason = "one"
reference = '1'
candidate = '2'   # seen twice

[[divergence]]
case = "c"
cause = "libm"
reason = "two"
at = [
    { path = "outputs[0]", candidate = '2' },
    # the other one
    { path = "outputs[1]", reference = '3', candidate = '4' },
]
# The end.
"#;

fn edit() -> LedgerEdit {
    let document = LEDGER.parse().expect("TOML");
    let path = PathBuf::from("ledger.toml");
    LedgerEdit { path, document }
}

fn path(text: &str) -> OutcomePath {
    text.parse().expect("a path")
}

#[track_caller]
fn check(edit: &LedgerEdit, expected: &str) {
    assert_eq!(edit.text(), expected);
}

#[test]
fn nothing_changes_by_itself() {
    check(&edit(), LEDGER);
}

#[test]
fn a_pin_gets_other_values_and_all_else_stays() {
    let mut ledger = edit();
    ledger.set_pin(0, &path("outputs[0]"), "10", "\"it's\"");
    ledger.set_pin(1, &path("outputs[1]"), "30", "\"x\"");
    ledger.set_pin(1, &path("outputs[0]"), "never pinned", "20");
    let expected = LEDGER
        .replace("reference = '1'", "reference = \"10\"")
        .replace(
            "candidate = '2'   # seen",
            "candidate = \"\\\"it's\\\"\"   # seen",
        )
        .replace("candidate = '2' },", "candidate = \"20\" },")
        .replace(
            "reference = '3', candidate = '4'",
            "reference = \"30\", candidate = '\"x\"'",
        );
    check(&ledger, &expected);
}

#[test]
fn a_removed_entry_takes_only_its_own_comment_along() {
    let mut ledger = edit();
    ledger.remove_pin(0, &path("outputs[0]"));
    let start = LEDGER.find("# About a.").unwrap();
    let end = LEDGER.find("\n[[divergence]]\ncase = \"c\"").unwrap();
    let expected = format!("{}{}", &LEDGER[..start - 1], &LEDGER[end..]);
    check(&ledger, &expected);
}

#[test]
fn an_entry_goes_with_its_last_pin() {
    let mut ledger = edit();
    ledger.remove_pin(1, &path("outputs[0]"));
    assert!(
        !ledger.text().contains("candidate = '2' }"),
        "{}",
        ledger.text()
    );
    assert!(
        ledger.text().contains("candidate = '4' }"),
        "{}",
        ledger.text()
    );
    ledger.remove_pin(1, &path("outputs[1]"));
    assert_eq!(ledger.entries().count(), 1);
    assert!(ledger.text().ends_with("# The end.\n"), "{}", ledger.text());
}

#[test]
fn a_new_entry_stands_where_its_case_belongs() {
    let pin = |path: &str| Pin {
        path: path.parse().expect("a path"),
        reference: Some("\"a\"".to_owned()),
        candidate: "b".to_owned(),
    };
    let entry = |case: &str, pins: Vec<Pin>| NewEntry {
        case: case.to_owned(),
        targets: ["x".to_owned(), "y".to_owned()],
        cause: Cause::Libm,
        reason: "r".to_owned(),
        pins,
    };
    let mut ledger = edit();
    ledger.add(&entry("b", vec![pin("outputs[0]"), pin("outputs[1]")]));
    ledger.add(&entry("d", vec![pin("outputs[2]@dtype")]));
    let cases: Vec<&str> = ledger
        .entries()
        .map(|entry| text_of(entry, "case"))
        .collect();
    assert_eq!(cases, ["a", "b", "c", "d"]);
    let several = r#"
[[divergence]]
case = "b"
targets = ["x", "y"]
cause = "libm"
reason = "r"
at = [
    { path = "outputs[0]", reference = '"a"', candidate = "b" },
    { path = "outputs[1]", reference = '"a"', candidate = "b" },
]

[[divergence]]
case = "c"
"#;
    assert!(ledger.text().contains(several), "{}", ledger.text());
    let single = r#"
[[divergence]]
case = "d"
targets = ["x", "y"]
cause = "libm"
reason = "r"
path = "outputs[2]@dtype"
reference = '"a"'
candidate = "b"
"#;
    assert!(ledger.text().contains(single), "{}", ledger.text());
    assert!(
        ledger
            .text()
            .starts_with("# The head of the file.\n\n# About a.")
    );
    let mut empty = LedgerEdit {
        path: PathBuf::new(),
        document: DocumentMut::new(),
    };
    empty.add(&entry("d", vec![pin("outputs[2]@dtype")]));
    assert_eq!(empty.text(), single.trim_start());
}
