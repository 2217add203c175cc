use parallax_runtime::outcome::{Failure, Kind};
use parallax_runtime::value::Value;

use super::*;
use crate::outcome::Ending;

/// What a text becomes on the leg whose library has its words.
#[track_caller]
fn check(text: &str, expected: &str) {
    let named = |library| {
        let found = with_names(text.as_bytes(), Whose::Own(Some(library)));
        found.map(|text| String::from_utf8(text).expect("UTF-8"))
    };
    let named = [Library::Linux, Library::Wasi].map(named);
    let found = named.iter().flatten().next();
    assert_eq!(found.map_or(text, String::as_str), expected);
}

#[test]
fn an_errors_number_and_text_become_its_name() {
    for number in ["2", "44"] {
        check(
            &format!("[Errno {number}] No such file or directory: 'a'"),
            "[Errno ENOENT]: 'a'",
        );
        check(
            &format!("FileNotFoundError({number}, 'No such file or directory')"),
            "FileNotFoundError(ENOENT)",
        );
    }
    for text in [
        "[Errno 40] Too many levels of symbolic links",
        "[Errno 32] Symbolic link loop",
    ] {
        check(text, "[Errno ELOOP]");
    }
    // The longer of two texts that begin alike.
    check("[Errno 23] Too many open files in system", "[Errno ENFILE]");
}

#[test]
fn what_fits_no_error_stays() {
    for text in [
        "[Errno 2]",
        "[Errno 2] Permission granted",
        "[Errno 3] No such file or directory",
        "[Errno 2] No such file or directoryx",
        "No such file or directory",
        "(2, 'No such file or directory: a')",
        "[Errno 99999999999] x",
        "[Errno 02] No such file or directory",
    ] {
        check(text, text);
    }
}

#[test]
fn no_two_texts_become_one() {
    check("[Errno ENOENT]: 'a'", "[Errno ~ENOENT]: 'a'");
    check("[Errno ~ENOENT]", "[Errno ~~ENOENT]");
    check("f(ENOENT)", "f(~ENOENT)");
    check("<ELOOP> <~ELOOP> <ELOOPS>", "<~ELOOP> <~~ELOOP> <ELOOPS>");
}

#[test]
fn a_text_that_only_one_library_has_becomes_its_errors_name() {
    check("Symbolic link loop", "<ELOOP>");
    check(
        "failed: Too many levels of symbolic links.",
        "failed: <ELOOP>.",
    );
    check("[Errno 5] Symbolic link loop", "[Errno 5] <ELOOP>");
    for text in [
        "No such file or directory",
        "a Symbolic link loops",
        "xDomain error",
        "domain error",
    ] {
        check(text, text);
    }
}

fn returned(texts: &[&str]) -> Outcome {
    let texts = texts.iter().map(|text| Value::Str((*text).to_owned()));
    Outcome::from(Ending::Raised {
        failure: Failure::new(Kind::Python, "failed"),
        outputs: texts.collect(),
    })
}

const LINUX: &str = "x86_64-linux";
const WASI: &str = "wasm32-wasip1";

/// What two legs of these targets that return these texts are compared by.
fn compared(sides: [(&str, &[&str]); 2]) -> [Outcome; 2] {
    let outcomes = sides.map(|(_, texts)| returned(texts));
    let told = [0, 1].map(|side| (sides[side].0, &outcomes[side]));
    aligned(told, false).map(Cow::into_owned)
}

#[track_caller]
fn check_same(linux: &str, wasi: &str, expected: bool) {
    let [a, b] = compared([(LINUX, &[linux]), (WASI, &[wasi])]);
    assert_eq!(a == b, expected, "{a:?} {b:?}");
    let [b, a] = compared([(WASI, &[wasi]), (LINUX, &[linux])]);
    assert_eq!(a == b, expected, "{a:?} {b:?}");
}

#[test]
fn the_same_error_is_the_same_on_every_leg() {
    for [linux, wasi] in [
        [
            "[Errno 90] Message too long",
            "[Errno 35] Message too large",
        ],
        [
            "OSError(2, 'No such file or directory')",
            "OSError(44, 'No such file or directory')",
        ],
        ["Message too long", "Message too large"],
        // Beside a constant that one of the libraries happens to have, too.
        [
            "Message too long: [Errno 90] Message too long",
            "Message too long: [Errno 35] Message too large",
        ],
        [
            "Message too large, Message too long.",
            "Message too large, Message too large.",
        ],
        [
            "<EMSGSIZE> Message too long",
            "<EMSGSIZE> Message too large",
        ],
    ] {
        check_same(linux, wasi, true);
    }
    // A literal name beside the error's, and a property that compares texts at other places.
    let [a, b] = compared([
        (
            LINUX,
            &[
                "<EMSGSIZE>",
                "Message too long",
                "<EMSGSIZE> Message too long",
            ],
        ),
        (
            WASI,
            &[
                "<EMSGSIZE>",
                "Message too large",
                "<EMSGSIZE> Message too large",
            ],
        ),
    ]);
    assert_eq!(a, b);
    assert_eq!(
        a,
        returned(&["<~EMSGSIZE>", "<EMSGSIZE>", "<~EMSGSIZE> <EMSGSIZE>"])
    );
    // A constant at one place, the error at another.
    let [a, b] = compared([
        (LINUX, &["Not supported", "Operation not supported"]),
        (WASI, &["Not supported", "Not supported"]),
    ]);
    assert_eq!(a, b);
}

#[test]
fn one_legs_words_are_not_the_others() {
    for [linux, wasi] in [
        [
            "[Errno 35] Message too large",
            "[Errno 90] Message too long",
        ],
        ["Message too large", "Message too long"],
        ["<EMSGSIZE>", "Message too large"],
        ["Message too long", "<EMSGSIZE>"],
        [
            "[Errno 90] Message too long: a",
            "[Errno 35] Message too large: b",
        ],
        [
            "[Errno 90] Message too long",
            "[Errno 44] No such file or directory",
        ],
        ["Message too long Message too long", "Message too large"],
    ] {
        check_same(linux, wasi, false);
    }
    let here = "[Errno 90] Message too long";
    let there = "[Errno 35] Message too large";
    for targets in [
        [LINUX, LINUX],
        [WASI, WASI],
        ["riscv", WASI],
        ["riscv", "riscv"],
    ] {
        let [a, b] = compared([(targets[0], &[here]), (targets[1], &[there])]);
        assert_ne!(a, b, "{targets:?}");
    }
}

#[test]
fn what_is_the_same_stays_and_the_pinned_form_depends_on_one_leg() {
    for text in [
        "Message too long",
        "Message too large",
        "(2, 'No such file or directory')",
    ] {
        let [a, b] = compared([(LINUX, &[text]), (WASI, &[text])]);
        assert_eq!((&a, &b), (&returned(&[text]), &a));
    }
    let pinned = |text, target| named(&returned(&[text]), Whose::of(target), false).into_owned();
    assert_eq!(pinned("Message too long", LINUX), returned(&["<EMSGSIZE>"]));
    assert_eq!(
        pinned("Message too long", WASI),
        returned(&["Message too long"])
    );
    let all = named(&returned(&["Message too long"]), Whose::All, false).into_owned();
    assert_eq!(all, returned(&["<EMSGSIZE>"]));
    let exact = returned(&["Message too long"]);
    assert_eq!(*named(&exact, Whose::All, true), exact);
}

#[test]
fn each_number_and_text_is_one_errors() {
    for (index, (name, a, b)) in ERRORS.iter().enumerate() {
        for said in [a, b] {
            let same = |(other, c, d): &&(&str, _, _)| other != name && (said == c || said == d);
            assert_eq!(ERRORS.iter().find(same), None, "{name}");
        }
        assert!(index == 0 || ERRORS[index - 1].0 < *name, "{name}");
    }
}
