//! The normalisation "errors": the number and the text that a C library has for an error become the error's name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::errno::{ERRORS, Library, said_of};
use crate::outcome::Outcome;
use crate::texts;

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

/// Whose words become names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of this library; of a target whose library isn't known, nobody's.
    Own(Option<Library>),
    /// Those of any.
    All,
}

impl Whose {
    /// Those of a target's library.
    pub fn of(target: &str) -> Self {
        Whose::Own(Library::of(target))
    }

    fn has(self, as_on: [bool; 2]) -> bool {
        match self {
            Whose::Own(Some(library)) => as_on[library as usize],
            Whose::Own(None) => false,
            Whose::All => true,
        }
    }
}

/// An outcome whose words for errors are names, in outputs unless they are to be exact: as it is pinned.
///
/// What one leg's own library says depends on that leg alone, so that it is the same whatever other legs there are.
pub fn named(outcome: &Outcome, whose: Whose, exact: bool) -> Cow<'_, Outcome> {
    let mut found = false;
    texts::each(outcome, !exact, &mut |_, text| {
        found |= with_names(text, whose).is_some();
    });
    if !found {
        return Cow::Borrowed(outcome);
    }
    let mut named = outcome.clone();
    texts::replace_at(&mut named, !exact, &mut |_, text| with_names(text, whose));
    Cow::Owned(named)
}

/// Two legs' outcomes as they are compared: where both have their own library's words for the same error at the same place, they have its name.
///
/// Texts that are the same on both stay: whoever wrote them, they differ in nothing. So does one library's text on the leg of the other.
/// Where texts differ, each has its own library's names, so that only what differs is told.
pub fn aligned<'o>(sides: [(&str, &'o Outcome); 2], exact: bool) -> [Cow<'o, Outcome>; 2] {
    let libraries = sides.map(|(target, _)| Library::of(target));
    let whose = libraries.map(Whose::Own);
    let outcomes = sides.map(|(_, outcome)| outcome);
    let as_they_are = outcomes.map(Cow::Borrowed);
    if libraries[0] == libraries[1] {
        return as_they_are;
    }
    let mut texts: [BTreeMap<Vec<u32>, Vec<u8>>; 2] = Default::default();
    let mut found = false;
    for (side, outcome) in outcomes.into_iter().enumerate() {
        texts::each(outcome, !exact, &mut |_, text| {
            found |= !own_words(text, whose[side]).is_empty();
        });
    }
    if !found {
        return as_they_are;
    }
    for (side, outcome) in outcomes.into_iter().enumerate() {
        texts::each(outcome, !exact, &mut |key, text| {
            texts[side].insert(key.to_vec(), text.to_vec());
        });
    }
    [0, 1].map(|side| {
        let mut outcome = outcomes[side].clone();
        texts::replace_at(&mut outcome, !exact, &mut |key, text| {
            let own = || with_names(text, whose[side]);
            let Some(other) = texts[1 - side].get(key) else {
                return own();
            };
            if text == other.as_slice() {
                return None;
            }
            let pair = if side == 0 {
                [text, other]
            } else {
                [other, text]
            };
            joint(pair, whose).or_else(own)
        });
        Cow::Owned(outcome)
    })
}

/// What two texts have in common, with names where each has its own words for the same error; nothing where they differ in anything else.
fn joint(texts: [&[u8]; 2], whose: [Whose; 2]) -> Option<Vec<u8>> {
    let words = [0, 1].map(|side| own_words(texts[side], whose[side]));
    let mut next = words.each_ref().map(|words| words.iter().peekable());
    let mut at = [0, 0];
    let mut both = Vec::new();
    while at != texts.map(<[u8]>::len) {
        let here = [0, 1].map(|side| {
            // What began within words that were passed letter by letter is none.
            while next[side].next_if(|(start, _)| *start < at[side]).is_some() {}
            next[side]
                .peek()
                .filter(|(start, _)| *start == at[side])
                .copied()
        });
        if let [Some((_, a)), Some((_, b))] = here
            && (a.error, &a.name, a.kept) == (b.error, &b.name, b.kept)
        {
            both.extend_from_slice(&texts[0][at[0]..at[0] + a.kept]);
            both.extend_from_slice(a.name.as_bytes());
            at = [at[0] + a.kept + a.length, at[1] + b.kept + b.length];
            continue;
        }
        let letter = texts[0].get(at[0])?;
        if texts[1].get(at[1]) != Some(letter) {
            return None;
        }
        both.push(*letter);
        at = at.map(|at| at + 1);
    }
    Some(both)
}

/// The words in a text that become names, each with where it was found.
fn own_words(text: &[u8], whose: Whose) -> Vec<(usize, Found)> {
    let mut words = Vec::new();
    each(text, &mut |at, found| {
        if found.is_named(whose) == Some(true) {
            words.push((at, found));
        }
    });
    words
}

/// Something in a text that is replaced.
struct Found {
    /// How much of the text is kept before it, from where it was found.
    kept: usize,
    length: usize,
    name: String,
    /// The error, by its place among all; nothing of what reads like a name already.
    error: Option<usize>,
    /// Whether it is as on Linux, and as in WASI.
    as_on: [bool; 2],
}

impl Found {
    /// Whether it is an error that becomes a name; nothing of what reads like a name already.
    fn is_named(&self, whose: Whose) -> Option<bool> {
        self.error.map(|_| whose.has(self.as_on))
    }
}

/// The text with names for errors: `[Errno ENOENT]`; nothing where it stays as it is.
///
/// Number and text have to fit together; a number alone stays what it is.
/// A text alone becomes `<ELOOP>` where the C libraries word it differently.
/// What reads like a name already gets a tilde (`[Errno ~ENOENT]`).
fn with_names(text: &[u8], whose: Whose) -> Option<Vec<u8>> {
    let mut replaced: Option<Vec<u8>> = None;
    let mut done = 0;
    each(text, &mut |at, found| {
        if found.is_named(whose) == Some(false) {
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
                as_on: [false; 2],
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
        error: Some(error),
        as_on,
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
                as_on: [false; 2],
            });
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // Python writes none.
        if rest.starts_with(b"0") {
            return None;
        }
        let number: u16 = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let said = rest[digits..].strip_prefix(self.between)?;
        let (error, length) = said_of(number, said)?;
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
            error: Some(error),
            as_on: [is(a), is(b)],
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
        let pinned =
            |text, target| named(&returned(&[text]), Whose::of(target), false).into_owned();
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
                let same =
                    |(other, c, d): &&(&str, _, _)| other != name && (said == c || said == d);
                assert_eq!(ERRORS.iter().find(same), None, "{name}");
            }
            assert!(index == 0 || ERRORS[index - 1].0 < *name, "{name}");
        }
    }
}
