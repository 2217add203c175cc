//! The normalisation "errors": the number and the text that a C library has for an error become the error's name.

use std::cell::Cell;

use serde_json::Value as Json;

use super::errno::{ERRORS, Library, named};
use crate::outcome::Outcome;
use crate::texts::{self, Replace};

/// How Python writes an error's number and text, each with what stands between them, and behind: `[Errno 2] No such file or directory`, and `FileNotFoundError(2, 'No such file or directory')`.
const FORMS: [Form; 2] = [
    Form {
        opening: b"[Errno ",
        between: b"] ",
        behind: b"",
        closing: "]",
    },
    Form {
        opening: b"(",
        between: b", '",
        behind: b"'",
        closing: "",
    },
];

struct Form {
    opening: &'static [u8],
    between: &'static [u8],
    behind: &'static [u8],
    /// What is written behind the name.
    closing: &'static str,
}

/// What a leg did with a case, and the target that the leg runs on.
pub type Told<'a> = (&'a str, &'a mut Outcome);

/// Replaces the words for errors in what all legs of a case have, so that the same error is the same on all of them; in outputs unless they are to be exact.
///
/// A leg's text is named only where it is what the leg's own C library says: the other library's words there are the case's own, and stay.
/// Where they stand on every leg of the other targets, they are the case's own here, too, although this library has the same.
/// Legs of one target alone can't show that; then what is pinned does.
pub fn name_errors(legs: &mut [Told<'_>], pinned: Option<&Json>, exact: bool) {
    let mut held: [Option<u128>; 2] = [None; 2];
    let mut hold = |library: Library, words: &Words| {
        let held = &mut held[library as usize];
        let words = words.0.get()[library as usize];
        *held = Some(held.map_or(words, |held| held & words));
    };
    for (target, outcome) in &mut *legs {
        if let Some(own) = Library::of(target) {
            let words = Words::default();
            replace(outcome, exact, &|text| words.note(text));
            hold(own.other(), &words);
        }
    }
    let pinned = pinned.map(|document| Words::of(document, exact));
    for (target, outcome) in legs {
        let Some(own) = Library::of(target) else {
            replace(outcome, exact, &|text| with_names(text, None));
            continue;
        };
        let kept = held[own as usize].or_else(|| Some(pinned.as_ref()?.0.get()[own as usize]));
        let named = Some((own, kept.unwrap_or_default()));
        replace(outcome, exact, &|text| with_names(text, named));
    }
}

fn replace(outcome: &mut Outcome, exact: bool, by: Replace<'_>) {
    texts::replace(outcome, by);
    if !exact {
        texts::replace_in_outputs(outcome, by);
    }
}

/// The words of the C libraries that an outcome holds: of each error a bit, for Linux's and for WASI's.
#[derive(Default)]
struct Words(Cell<[u128; 2]>);

const _: () = assert!(ERRORS.len() <= u128::BITS as usize);

/// Something in a text that is replaced.
struct Found {
    /// How much of the text is kept before it, from where it was found.
    kept: usize,
    length: usize,
    name: String,
    /// The error, by its place among all, and whether it is as on Linux and as in WASI; nothing of what reads like a name already.
    error: Option<(usize, [bool; 2])>,
}

impl Words {
    /// Those in a pinned outcome's texts and keys, without what sinks have where that is exact.
    fn of(document: &Json, exact: bool) -> Self {
        let words = Words::default();
        match document {
            Json::Object(members) if exact => {
                let members = members.iter().filter(|(key, _)| *key != "outputs");
                members.for_each(|(_, member)| words.note_all(member));
            }
            document => words.note_all(document),
        }
        words
    }

    fn note_all(&self, document: &Json) {
        match document {
            Json::String(text) => {
                self.note(text.as_bytes());
            }
            Json::Array(items) => items.iter().for_each(|item| self.note_all(item)),
            Json::Object(members) => {
                for (key, member) in members {
                    self.note(key.as_bytes());
                    self.note_all(member);
                }
            }
            _ => {}
        }
    }

    /// Takes note of what a text holds, and replaces nothing.
    fn note(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut known = self.0.get();
        each(text, &mut |_, found| {
            // What both have tells nothing.
            if let Some((error, as_on)) = found.error
                && as_on[0] != as_on[1]
            {
                known[usize::from(as_on[1])] |= 1 << error;
            }
        });
        self.0.set(known);
        None
    }
}

/// The text with names for a library's errors, but for those of whom the set has the bit: `[Errno ENOENT]`; nothing where it stays as it is.
///
/// Number and text have to fit together; a number alone stays what it is.
/// A text alone becomes `<ELOOP>` where the C libraries word it differently.
/// What reads like a name already gets a tilde (`[Errno ~ENOENT]`).
fn with_names(text: &[u8], own: Option<(Library, u128)>) -> Option<Vec<u8>> {
    let mut replaced: Option<Vec<u8>> = None;
    let mut done = 0;
    each(text, &mut |at, found| {
        if let Some((error, as_on)) = found.error {
            let is_named = |(own, kept): (Library, u128)| {
                as_on[own as usize] && (kept & 1 << error == 0 || as_on == [true; 2])
            };
            if !own.is_some_and(is_named) {
                return;
            }
        }
        let replaced = replaced.get_or_insert_default();
        replaced.extend_from_slice(&text[done..at + found.kept]);
        replaced.extend_from_slice(found.name.as_bytes());
        done = at + found.kept + found.length;
    });
    let mut replaced = replaced?;
    replaced.extend_from_slice(&text[done..]);
    Some(replaced)
}

/// Shows everything in a text that may be replaced, and where it was found.
fn each(text: &[u8], show: &mut dyn FnMut(usize, Found)) {
    let mut at = 0;
    while at < text.len() {
        let (before, rest) = text.split_at(at);
        let found = match rest[0] {
            b'<' if reads_like_a_name(rest) => Some(Found {
                kept: 1,
                length: 0,
                name: "~".to_owned(),
                error: None,
            }),
            b'[' | b'(' => FORMS.iter().find_map(|form| form.find(rest)),
            _ => text_alone(before, rest),
        };
        match found {
            Some(found) => {
                let next = at + found.kept + found.length;
                show(at, found);
                at = next;
            }
            None => at += 1,
        }
    }
}

/// A text that one of the C libraries has for an error and the other words in another way, and that begins here.
fn text_alone(before: &[u8], rest: &[u8]) -> Option<Found> {
    let goes_on = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    if !rest[0].is_ascii_uppercase() || goes_on(before.last()) {
        return None;
    }
    let errors = ERRORS.iter().enumerate();
    let texts = errors.flat_map(|(error, (name, (_, a), (_, b)))| {
        let found = move |text: &'static str, as_on| (error, *name, text, as_on);
        [found(a, [true, false]), found(b, [false, true])]
            .into_iter()
            .filter(move |_| a != b)
    });
    let (error, name, text, as_on) = texts
        .filter(|(_, _, text, _)| {
            rest.starts_with(text.as_bytes()) && !goes_on(rest.get(text.len()))
        })
        .max_by_key(|(_, _, text, _)| text.len())?;
    Some(Found {
        kept: 0,
        length: text.len(),
        name: format!("<{name}>"),
        error: Some((error, as_on)),
    })
}

/// Whether a text begins with such a name in angles, after any number of tildes.
fn reads_like_a_name(text: &[u8]) -> bool {
    let Some(inner) = text.strip_prefix(b"<").map(without_tildes) else {
        return false;
    };
    let is_it = |(name, ..): &(&str, _, _)| {
        let rest = inner.strip_prefix(name.as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b">"))
    };
    ERRORS.iter().any(is_it)
}

fn without_tildes(text: &[u8]) -> &[u8] {
    let tildes = text.iter().take_while(|&&byte| byte == b'~').count();
    &text[tildes..]
}

impl Form {
    /// What is replaced, where a text begins with this form.
    fn find(&self, text: &[u8]) -> Option<Found> {
        let rest = text.strip_prefix(self.opening)?;
        let kept = self.opening.len();
        let is_name = |text: &[u8]| {
            let name = |(name, ..): &(&str, _, _)| text.starts_with(name.as_bytes());
            ERRORS.iter().any(name)
        };
        if is_name(without_tildes(rest)) {
            return Some(Found {
                kept,
                length: 0,
                name: "~".to_owned(),
                error: None,
            });
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // Python writes none.
        if rest.starts_with(b"0") {
            return None;
        }
        let number: u16 = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let said = rest[digits..].strip_prefix(self.between)?;
        let (error, length) = named(number, said)?;
        let behind = said[length..].strip_prefix(self.behind)?;
        // A longer text is another one.
        if behind.first().is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        let (name, a, b) = ERRORS[error];
        let is = |own: (u16, &str)| own.0 == number && own.1.as_bytes() == &said[..length];
        Some(Found {
            kept,
            length: digits + self.between.len() + length + self.behind.len(),
            name: format!("{name}{}", self.closing),
            error: Some((error, [is(a), is(b)])),
        })
    }
}

#[cfg(test)]
mod tests {
    use parallax_runtime::outcome::{Failure, Kind};
    use parallax_runtime::value::Value;

    use super::*;
    use crate::outcome::Ending;

    /// What a text becomes on the leg whose library has its words.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let named = |library| {
            let found = with_names(text.as_bytes(), Some((library, 0)));
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

    /// What legs of these targets that return these texts are compared by.
    fn named_on<const N: usize>(legs: [(&str, &[&str]); N], pinned: Option<&Json>) -> [Json; N] {
        let mut outcomes = legs.map(|(target, texts)| {
            let texts = texts.iter().map(|text| Value::Str((*text).to_owned()));
            let ending = Ending::Raised {
                failure: Failure::new(Kind::Python, "failed"),
                outputs: texts.collect(),
            };
            (target, Outcome::from(ending))
        });
        let told = outcomes
            .iter_mut()
            .map(|(target, outcome)| (*target, outcome));
        name_errors(&mut told.collect::<Vec<_>>(), pinned, false);
        outcomes.map(|(_, outcome)| outcome.to_json()["outputs"].take())
    }

    const LINUX: &str = "x86_64-linux";
    const WASI: &str = "wasm32-wasip1";

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
        ] {
            let [a, b] = named_on([(LINUX, &[linux]), (WASI, &[wasi])], None);
            assert_eq!(a, b);
        }
    }

    #[test]
    fn one_legs_words_are_not_the_others() {
        let here = "[Errno 90] Message too long";
        let there = "[Errno 35] Message too large";
        for [one, other] in [[here, there], ["Message too long", "Message too large"]] {
            for legs in [
                [(LINUX, other), (WASI, one)],
                [(LINUX, one), (LINUX, other)],
                [(WASI, one), (WASI, other)],
                [("riscv", one), (WASI, other)],
            ] {
                let [(a, one), (b, other)] = legs;
                let [one, other] = named_on([(a, &[one]), (b, &[other])], None);
                assert_ne!(one, other, "{a} {b}");
            }
        }
    }

    #[test]
    fn words_that_stand_on_every_leg_are_the_cases_own() {
        for text in [
            "Message too long",
            "Message too large",
            "(2, 'No such file or directory')",
        ] {
            let [a, b] = named_on([(LINUX, &[text]), (WASI, &[text])], None);
            assert_eq!(a, serde_json::json!([text]));
            assert_eq!(a, b);
            // Legs of one target have what is pinned to tell them.
            for target in [LINUX, WASI] {
                let [one] = named_on([(target, &[text])], Some(&a));
                assert_eq!(one, a);
            }
        }
        let [a, b] = named_on(
            [
                (LINUX, &["Message too long", "[Errno 90] Message too long"]),
                (WASI, &["Message too long", "[Errno 35] Message too large"]),
            ],
            None,
        );
        assert_eq!(a[0], b[0]);
    }

    #[test]
    fn each_number_and_text_is_one_errors() {
        for (index, (name, a, b)) in ERRORS.iter().enumerate() {
            for said in [a, b] {
                let same =
                    |(other, c, d): &&(&str, _, _)| other != name && (said == c || said == d);
                assert_eq!(ERRORS.iter().find(same), None, "{name}");
            }
            assert!(index == 0 || ERRORS[index - 1].0 < *name, "{name}");
        }
    }
}
