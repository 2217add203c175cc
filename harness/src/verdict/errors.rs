//! The normalisation "errors": the number and the text that a C library has for an error become the error's name.

use std::cell::Cell;

use super::errno::{ERRORS, named};
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

/// Replaces the words for errors in what all legs of a case have, so that the same error is the same on all of them; in outputs unless they are to be exact.
///
/// Where every leg has the words of both libraries for one error, they are the case's own, which it can tell apart; then they stay.
/// One leg alone with both has its own library's beside those that the case holds on every leg.
pub fn name_errors(outcomes: &mut [&mut Outcome], exact: bool) {
    let mut apart = u128::MAX;
    for outcome in &mut *outcomes {
        let words = Words::default();
        replace(outcome, exact, &|text| words.note(text));
        let [linux, wasi] = words.0.get();
        apart &= linux & wasi;
    }
    for outcome in outcomes {
        replace(outcome, exact, &|text| with_names(text, apart));
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

/// The text with names for errors, but for those that a case tells apart: `[Errno ENOENT]`; nothing where it stays as it is.
///
/// Number and text have to fit together, on whichever target; a number alone stays what it is.
/// A text alone becomes `<ELOOP>` where the C libraries word it differently.
/// What reads like a name already gets a tilde (`[Errno ~ENOENT]`).
fn with_names(text: &[u8], apart: u128) -> Option<Vec<u8>> {
    let mut replaced: Option<Vec<u8>> = None;
    let mut done = 0;
    each(text, &mut |at, found| {
        if found
            .error
            .is_some_and(|(error, _)| apart & 1 << error != 0)
        {
            return;
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

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = with_names(text.as_bytes(), 0);
        let found = found.map(|text| String::from_utf8(text).expect("UTF-8"));
        assert_eq!(found.as_deref().unwrap_or(text), expected);
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
        check(
            "[Errno 40] Too many levels of symbolic links, [Errno 32] Symbolic link loop",
            "[Errno ELOOP], [Errno ELOOP]",
        );
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

    /// What two legs that return these texts are compared by.
    fn named_on(legs: [&[&str]; 2]) -> [Vec<Value>; 2] {
        let mut outcomes = legs.map(|texts| {
            let texts = texts.iter().map(|text| Value::Str((*text).to_owned()));
            Outcome::from(Ending::Raised {
                failure: Failure::new(Kind::Python, "failed"),
                outputs: texts.collect(),
            })
        });
        let [a, b] = &mut outcomes;
        name_errors(&mut [a, b], false);
        outcomes.map(|outcome| match outcome.ending {
            Ending::Raised { outputs, .. } => outputs,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn words_that_every_leg_can_tell_apart_stay() {
        let [a, b] = named_on([
            &["Message too long", "[Errno 35] Message too large"],
            &["Message too large", "[Errno 90] Message too long"],
        ]);
        assert_ne!(a, b);
        // A case with one library's words of its own beside its leg's.
        let [a, b] = named_on([
            &["Message too long", "[Errno 90] Message too long"],
            &["Message too long", "[Errno 35] Message too large"],
        ]);
        assert_eq!(a, b);
        assert_eq!(a[1], Value::Str("[Errno EMSGSIZE]".to_owned()));
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
