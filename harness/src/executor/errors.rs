//! The normalisation "errors": the number and the text that a C library has for an error become the error's name.

use crate::verdict::errno::{ERRORS, named};

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

/// The text with names for errors: `[Errno ENOENT]`; nothing where it stays as it is.
///
/// Number and text have to fit together, on whichever target; a number alone stays what it is.
/// A text alone becomes `<ELOOP>` where the C libraries word it differently.
/// What reads like a name already gets a tilde (`[Errno ~ENOENT]`), so that no two texts become one but for the same error's.
pub fn with_names(text: &[u8]) -> Option<Vec<u8>> {
    let mut replaced: Option<Vec<u8>> = None;
    let (mut kept, mut at) = (0, 0);
    while at < text.len() {
        let (before, rest) = text.split_at(at);
        let found = match rest[0] {
            b'<' if reads_like_a_name(rest) => Some((1, 0, "~".to_owned())),
            b'[' | b'(' => FORMS.iter().find_map(|form| {
                let rest = rest.strip_prefix(form.opening)?;
                let (length, name) = form.name(rest)?;
                Some((form.opening.len(), length, name))
            }),
            _ => text_alone(before, rest).map(|(length, name)| (0, length, name)),
        };
        let Some((opening, length, name)) = found else {
            at += 1;
            continue;
        };
        let replaced = replaced.get_or_insert_default();
        replaced.extend_from_slice(&text[kept..at + opening]);
        replaced.extend_from_slice(name.as_bytes());
        at += opening + length;
        kept = at;
    }
    let mut replaced = replaced?;
    replaced.extend_from_slice(&text[kept..]);
    Some(replaced)
}

/// A text that one of the C libraries has for an error and the other words in another way, and that begins here: its length, and the name.
fn text_alone(before: &[u8], rest: &[u8]) -> Option<(usize, String)> {
    let goes_on = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    if !rest[0].is_ascii_uppercase() || goes_on(before.last()) {
        return None;
    }
    let differing = ERRORS.iter().filter(|(_, (_, a), (_, b))| a != b);
    let texts = differing.flat_map(|(name, (_, a), (_, b))| [(name, a), (name, b)]);
    let (name, text) = texts
        .filter(|(_, text)| rest.starts_with(text.as_bytes()) && !goes_on(rest.get(text.len())))
        .max_by_key(|(_, text)| text.len())?;
    Some((text.len(), format!("<{name}>")))
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
    /// What follows the opening: how much of it goes, and what comes instead.
    fn name(&self, rest: &[u8]) -> Option<(usize, String)> {
        let is_name = |text: &[u8]| {
            let name = |(name, ..): &(&str, _, _)| text.starts_with(name.as_bytes());
            ERRORS.iter().any(name)
        };
        if is_name(without_tildes(rest)) {
            return Some((0, "~".to_owned()));
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let said = rest[digits..].strip_prefix(self.between)?;
        let (name, length) = named(number, said)?;
        let behind = said[length..].strip_prefix(self.behind)?;
        // A longer text is another one.
        let goes_on = behind.first().is_some_and(u8::is_ascii_alphanumeric);
        let taken = digits + self.between.len() + length + self.behind.len();
        (!goes_on).then(|| (taken, format!("{name}{}", self.closing)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = with_names(text.as_bytes());
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
