//! Failures, warnings, printed text, files: what an outcome holds besides its values.

use super::*;

#[test]
fn errors_differ_in_class_message_and_traceback() {
    let reference = raised("KeyError", "'a'", &["m.py:1 in f"]);
    for (candidate, expected) in [
        (
            raised("LookupError", "'a'", &["m.py:1 in f"]),
            r#"error.exception.type: "KeyError" != "LookupError""#,
        ),
        (
            raised("KeyError", "'b'", &["m.py:1 in f"]),
            r#"error.exception.message: "'a'" != "'b'""#,
        ),
        (
            raised("KeyError", "'a'", &["m.py:2 in f"]),
            r#"error.exception.traceback[0]: "m.py:1 in f" != "m.py:2 in f""#,
        ),
        (
            raised("KeyError", "'a'", &[]),
            r#"error.exception.traceback[0]: "m.py:1 in f" != nothing"#,
        ),
    ] {
        check(&reference, &candidate, &[expected]);
    }
    check(
        &raised("E", "<A object at 0x123456>", &[]),
        &raised("E", "<A object at 0x7ffe12345678>", &[]),
        &[],
    );
    check(
        &raised("E", "checksum 0x12a052eb0", &[]),
        &raised("E", "checksum 0x2a052eb0", &[]),
        &[r#"error.exception.message: "checksum 0x12a052eb0" != "checksum 0x2a052eb0""#],
    );
}

#[test]
fn a_failures_own_words_are_compared_without_what_they_repeat() {
    let reference = raised("KeyError", "'a'", &[]);
    let reworded = |message: &str| {
        let mut outcome = raised("KeyError", "'b'", &[]);
        if let Ending::Raised { failure, .. } = &mut outcome.ending {
            failure.message = message.to_owned();
        }
        outcome
    };
    let exception = r#"error.exception.message: "'a'" != "'b'""#;
    check(
        &reference,
        &reworded("node `a` raised KeyError in process: 'b'"),
        &[exception],
    );
    let own = r#"error.message: "node `a` raised KeyError in process: 'a'" != "node `a` raised KeyError in cleanup: 'b'""#;
    check(
        &reference,
        &reworded("node `a` raised KeyError in cleanup: 'b'"),
        &[own, exception],
    );
}

#[test]
fn every_exception_of_the_tree_is_compared() {
    let boxed = |class: &str| Some(Box::new(Exception::new(class, "m")));
    let base = || Exception {
        notes: vec!["n".to_owned()],
        cause: boxed("Cause"),
        context: boxed("Context"),
        members: vec![Exception::new("First", "m"), Exception::new("Second", "m")],
        ..Exception::new("Group", "m")
    };
    let changed = |change: fn(&mut Exception)| {
        let mut exception = base();
        change(&mut exception);
        let exact = Policy::exact().into();
        found(&raised_with(base()), &raised_with(exception), &exact)
    };
    fn of(exception: &mut Option<Box<Exception>>) -> &mut Exception {
        exception.as_mut().unwrap()
    }
    assert_eq!(
        changed(|exception| exception.notes[0].push('!')),
        [r#"error.exception.notes[0]: "n" != "n!""#]
    );
    assert_eq!(
        changed(|exception| of(&mut exception.cause).class.push('!')),
        [r#"error.exception.cause.type: "Cause" != "Cause!""#]
    );
    assert_eq!(
        changed(|exception| of(&mut exception.context).message.push('!')),
        [r#"error.exception.context.message: "m" != "m!""#]
    );
    assert_eq!(
        changed(|exception| exception.members[1].notes.push("new".to_owned())),
        [r#"error.exception.members[1].notes[0]: nothing != "new""#]
    );
    let lost = changed(|exception| exception.context = None);
    assert!(
        lost[0].starts_with("error.exception.context: Context ("),
        "{lost:?}"
    );
    let lost = changed(|exception| {
        exception.members.pop();
    });
    assert!(
        lost[0].starts_with("error.exception.members[1]: Second ("),
        "{lost:?}"
    );
    // What was left out on both sides was not compared.
    let cut = || {
        raised_with(Exception {
            truncated: true,
            ..base()
        })
    };
    let exact = Policy::exact().into();
    let Verdict::Diverged(found) = compare(&cut(), &cut(), &exact, Ignored::default()) else {
        panic!("two trees that are cut are not equal");
    };
    assert_eq!(found[0].path.to_string(), "error.exception@truncated");
    assert!(!found[0].excusable);
}

#[test]
fn an_address_in_one_text_opens_nothing_in_another() {
    // Pinned as a whole; `<` in one text and `>` in another make no repr of what stands between.
    let exception = |note: &str| Exception {
        notes: vec!["a <b".to_owned(), note.to_owned(), "c>".to_owned()],
        ..Exception::new("E", "m")
    };
    let with = |note: &str| {
        raised_with(Exception {
            cause: Some(Box::new(exception(note))),
            ..Exception::new("E", "m")
        })
    };
    let without = raised("E", "m", &[]);
    let exact = Policy::exact().into();
    for class in [without, Ending::TimedOut.into()] {
        let pin = |note: &str| found(&class, &with(note), &exact);
        assert_ne!(pin("x at 0x123456"), pin("x at 0x123457"));
    }
}

#[test]
fn a_swallowed_warning_is_seen_and_none_passes_for_another() {
    let (x, y) = (
        (Some("a"), "UserWarning", "x"),
        (Some("a"), "UserWarning", "y"),
    );
    check(
        &warned(&[x, y]),
        &warned(&[x]),
        &[r#"warnings[1]: "a: UserWarning: y" != nothing"#],
    );
    check(
        &warned(&[x]),
        &warned(&[(None, "UserWarning", "x")]),
        &[r#"warnings[0]: "a: UserWarning: x" != "-: UserWarning: x""#],
    );
    for (a, b) in [
        ((Some("-"), "W", "x"), (None, "W", "x")),
        ((None, "W", "x: y"), (None, "W: x", "y")),
        ((Some("a: W"), "V", "x"), (Some("a"), "W", "V: x")),
        ((None, "", "x"), (None, "W", "")),
    ] {
        let exact = Policy::exact().into();
        assert_eq!(found(&warned(&[a]), &warned(&[b]), &exact).len(), 1);
    }
}

#[test]
fn printed_text_is_compared_unless_the_case_says_otherwise() {
    let printed = |stdout: &[u8], stderr: &[u8]| Outcome {
        printed: Printed {
            stdout: stdout.to_vec(),
            stderr: stderr.to_vec(),
        },
        ..returned(vec![])
    };
    check(
        &printed(b"a\n", b""),
        &printed(b"", b"a\n"),
        &[
            r#"printed.stdout: "a\n" != """#,
            r#"printed.stderr: "" != "a\n""#,
        ],
    );
    check(
        &printed(b"<A at 0x123456>", b""),
        &printed(b"<A at 0x123457>", b""),
        &[],
    );
    let exact = Policy::exact().into();
    assert_eq!(
        found(&printed(b"a\xff", b""), &printed(b"a\xfe", b""), &exact).len(),
        1
    );
    let ignored = Ignored {
        printed: true,
        files: false,
    };
    assert_eq!(
        compare(&printed(b"a", b"b"), &printed(b"", b""), &exact, ignored),
        Verdict::Equal
    );
}

fn file(path: &str, content: &str) -> LeftFile {
    LeftFile {
        path: path.to_owned(),
        kind: FileKind::File,
        mode: 0o644,
        size: content.len() as u64,
        digest: content.to_owned(),
    }
}

fn left(files: &[LeftFile]) -> Outcome {
    Outcome {
        files: files.to_vec(),
        ..returned(vec![])
    }
}

#[test]
fn files_are_compared_in_all_that_is_known_of_them() {
    let base = file("d/a.txt", "1");
    let renamed = file("d/b.txt", "1");
    check(
        &left(std::slice::from_ref(&base)),
        &left(&[renamed]),
        &[
            r#"files["d/a.txt"]: file of 1 bytes, sha256 1, mode 0644 != nothing"#,
            r#"files["d/b.txt"]: nothing != file of 1 bytes, sha256 1, mode 0644"#,
        ],
    );
    type Change = fn(&mut LeftFile);
    let changes: [(Change, &str); 4] = [
        (
            |file| file.mode = 0o600,
            r#"files["d/a.txt"]@mode: 0644 != 0600"#,
        ),
        (
            |file| file.size = 2,
            r#"files["d/a.txt"]: file of 1 bytes, sha256 1 != file of 2 bytes, sha256 1"#,
        ),
        (
            |file| file.digest = "2".to_owned(),
            r#"files["d/a.txt"]: file of 1 bytes, sha256 1 != file of 1 bytes, sha256 2"#,
        ),
        (
            |file| file.kind = FileKind::Link,
            r#"files["d/a.txt"]: file of 1 bytes, sha256 1 != link of 1 bytes to "1""#,
        ),
    ];
    for (change, expected) in changes {
        let mut changed = base.clone();
        change(&mut changed);
        check(
            &left(std::slice::from_ref(&base)),
            &left(&[changed]),
            &[expected],
        );
    }
    // A path that stands twice hides neither.
    check(
        &left(&[file("a", "1"), file("a", "2")]),
        &left(&[file("a", "2"), file("a", "2")]),
        &[
            "files.a: file of 1 bytes, sha256 1, mode 0644; file of 1 bytes, sha256 2, mode 0644 != file of 1 bytes, sha256 2, mode 0644; file of 1 bytes, sha256 2, mode 0644",
        ],
    );
    // A path is a name, so that the order of the list says nothing.
    check(
        &left(&[file("a", "1"), file("b", "2")]),
        &left(&[file("b", "2"), file("a", "1")]),
        &[],
    );
}

#[test]
fn classes_differ_and_what_differs_is_pinned_whole() {
    let exited = |code| {
        let fault = Fault::Silent;
        Outcome::from(Ending::Exited { code, fault })
    };
    check(&exited(3), &exited(4), &["code: 3 != 4"]);
    let timed_out = Outcome::from(Ending::TimedOut);
    let exact = Policy::exact().into();
    let line = |reference: &Outcome, candidate: &Outcome| {
        let found = found(reference, candidate, &exact);
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    };
    let shown = line(&timed_out, &exited(3));
    assert!(
        shown.starts_with("outcome: timed out != exited with code 3: no result document ("),
        "{shown}"
    );
    // Values in an outcome of another class aren't normalised as messages are.
    let value = |value: &str| returned(vec![text(value)]);
    assert_ne!(
        line(&timed_out, &value("<A at 0x123456>")),
        line(&timed_out, &value("<A at 0x123457>"))
    );
    let message = |message: &str| raised("E", message, &[]);
    assert_eq!(
        line(&timed_out, &message("<A at 0x123456>")),
        line(&timed_out, &message("<A at 0x123457>"))
    );
    for exhausted in [
        Ending::TimedOut.into(),
        Ending::OutOfMemory(None).into(),
        Ending::OutOfMemory(Some(Failure::new(Kind::Limit, "m"))).into(),
        Ending::Trapped("call stack exhausted".to_owned()).into(),
        raised("RecursionError", "", &[]),
    ] {
        let shown = line(&returned(vec![]), &exhausted);
        assert!(shown.starts_with("outcome: returned 0 items ("), "{shown}");
        check(&exhausted, &exhausted.clone(), &[]);
    }
}

#[test]
fn outputs_before_a_failure_are_compared() {
    let with = |outputs: Vec<Value>| {
        let mut outcome = raised("E", "m", &[]);
        if let Ending::Raised { outputs: own, .. } = &mut outcome.ending {
            *own = outputs;
        }
        outcome
    };
    check(
        &with(vec![Value::Int(1)]),
        &with(vec![Value::Int(2)]),
        &["outputs[0]: 1 != 2"],
    );
    check(
        &with(vec![Value::Int(1)]),
        &with(vec![]),
        &[
            "outputs@length: 1 items != 0 items",
            "outputs[0]: 1 != nothing",
        ],
    );
}

#[test]
fn differences_without_number_are_counted_and_red() {
    let numbers = |first: i64| {
        let items = (first..first + 30_000).map(Value::Int);
        returned(vec![Value::List(items.collect())])
    };
    // A long key is in every path.
    let keyed = |first: i64| {
        let items = (first..first + 30_000).map(Value::Int);
        let entry = ("k".repeat(1 << 20), Value::List(items.collect()));
        returned(vec![Value::Map(vec![entry])])
    };
    let outcomes: [(Outcome, Outcome); 2] = [(numbers(0), numbers(1)), (keyed(0), keyed(1))];
    for (reference, candidate) in outcomes {
        let exact = Policy::exact().into();
        let Verdict::Diverged(found) = compare(&reference, &candidate, &exact, Ignored::default())
        else {
            panic!("all of them differ");
        };
        let last = found.last().unwrap();
        assert_eq!(last.path.to_string(), "outcome@more");
        assert!(!last.excusable && last.silent);
        let more = format!("{} further differences", 30_000 - (found.len() - 1));
        assert_eq!(last.candidate, more);
        let bytes: usize = found.iter().map(|one| one.path.text_length()).sum();
        assert!(bytes < 20 << 20, "{bytes}");
    }
}
