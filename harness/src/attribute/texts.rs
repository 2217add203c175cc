//! What two texts that differ look like.

use parallax_runtime::value::Value;

use super::likeness::Likeness;
use super::numbers;
use crate::verdict::cause::Cause;
use crate::verdict::errno::{ERRORS, same_number};

/// Only a guess where the node formats no time.
pub const PADDED: &str =
    "the texts are the same but for zeros in front of a number, which the C library pads with";
const TYPE_NAMES: &str = "the texts are the same but for the width of a type";
const PLATFORM: &str = "the texts name the platform";
const SAME_ERROR: &str = "both texts are the C library's for the same error";

/// Names of types that are as wide as a pointer here, and there.
const TYPES: [(&str, &str); 5] = [
    ("uint64", "uint32"),
    ("int64", "int32"),
    ("<u8", "<u4"),
    ("<i8", "<i4"),
    ("64bit", "32bit"),
];

/// What platforms are called.
const PLATFORMS: [&str; 8] = [
    "wasi", "wasm32", "wasm", "linux", "Linux", "x86_64", "aarch64", "ELF",
];

/// Two texts.
pub fn of(reference: &str, candidate: &str) -> Option<Likeness> {
    let is = |cause, reason| Some(Likeness::Is(cause, reason));
    if without_types(reference) == without_types(candidate) {
        return is(Cause::IntegerWidth, TYPE_NAMES);
    }
    if unpadded(reference) == unpadded(candidate) {
        return is(Cause::LibcText, PADDED);
    }
    if same_error(reference, candidate) {
        return is(Cause::LibcText, SAME_ERROR);
    }
    if let Some(likeness) = numbers_in(reference, candidate) {
        return Some(likeness);
    }
    if same_words(reference, candidate) {
        return Some(Likeness::Order);
    }
    let names = |text| -> Vec<&str> {
        words(text)
            .filter(|word| PLATFORMS.contains(word))
            .collect()
    };
    let (here, there) = (names(reference), names(candidate));
    if !here.is_empty() && !there.is_empty() && here != there {
        return is(Cause::Capability, PLATFORM);
    }
    None
}

fn without_types(text: &str) -> String {
    TYPES.iter().fold(text.to_owned(), |text, (wide, narrow)| {
        text.replace(wide, narrow)
    })
}

/// Without zeros that stand before a digit and behind none.
fn unpadded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let behind_digit = out.ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let before_digit = after.starts_with(|c: char| c.is_ascii_digit());
        if !(c == '0' && before_digit && !behind_digit) {
            out.push(c);
        }
        rest = after;
    }
    out
}

fn same_error(reference: &str, candidate: &str) -> bool {
    let (a, b) = (without_number(reference), without_number(candidate));
    let same_number = match (error_number(reference), error_number(candidate)) {
        (Some(linux), Some(wasi)) => same_number(linux, wasi),
        _ => true,
    };
    same_number && a == b && reference != candidate
        || ERRORS.iter().any(|(_, (_, here), (_, there))| {
            here != there && a.contains(here) && a.replace(here, there) == b
        })
}

/// The number of an `OSError`.
fn error_number(text: &str) -> Option<i64> {
    let (number, _) = text.split_once("[Errno ")?.1.split_once(']')?;
    number.parse().ok()
}

/// Without the number of an `OSError`.
fn without_number(text: &str) -> String {
    match text.split_once("[Errno ") {
        Some((before, rest)) => match rest.split_once(']') {
            Some((number, after)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("{before}[Errno]{after}")
            }
            _ => text.to_owned(),
        },
        None => text.to_owned(),
    }
}

/// Where only numbers differ: what they look like, if all look the same.
fn numbers_in(reference: &str, candidate: &str) -> Option<Likeness> {
    let (left, right) = (tokens(reference), tokens(candidate));
    if left.len() != right.len() {
        return None;
    }
    let mut found = None;
    for (a, b) in left.iter().zip(&right) {
        if a == b {
            continue;
        }
        let likeness = numbers::of(&number(a)?, &number(b)?)?;
        if found.is_some_and(|known| known != likeness) {
            return None;
        }
        found = Some(likeness);
    }
    found
}

fn number(token: &str) -> Option<Value> {
    if let Ok(integer) = token.parse::<i64>() {
        return Some(Value::Int(integer));
    }
    let float: f64 = token.parse().ok()?;
    token
        .starts_with(|c: char| c.is_ascii_digit() || c == '-')
        .then_some(Value::Float(float))
}

/// Numbers, and what stands between them.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let length = number_length(rest).unwrap_or_else(|| {
            let inside = |index: usize| {
                let before = rest[..index].chars().next_back();
                // A digit within a word is none of a number.
                before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
                    && number_length(&rest[index..]).is_some()
            };
            let mut indices = rest.char_indices().skip(1).map(|(index, _)| index);
            indices.find(|&index| inside(index)).unwrap_or(rest.len())
        });
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// How long the number is that a text begins with.
fn number_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(sign.min(bytes.len()));
    if whole == 0 {
        return None;
    }
    let mut end = sign + whole;
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if signed <= bytes.len() && digits(signed) > 0 {
            end = signed + digits(signed);
        }
    }
    Some(end)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '\'')
        .filter(|word| !word.is_empty())
}

/// Whether both texts have the same words in another order.
fn same_words(reference: &str, candidate: &str) -> bool {
    let sorted = |text| {
        let mut words: Vec<&str> = words(text).collect();
        words.sort_unstable();
        words
    };
    let (a, b) = (sorted(reference), sorted(candidate));
    a.len() > 1 && a == b && reference.len() == candidate.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_tell_what_they_come_from() {
        use Likeness::{Order, Rounding};
        let is =
            |cause| move |found| matches!(found, Some(Likeness::Is(other, _)) if other == cause);
        for (a, b, cause) in [
            ("dtype('int64')", "dtype('int32')", Cause::IntegerWidth),
            (
                "n = 9223372036854775807",
                "n = 2147483647",
                Cause::IntegerWidth,
            ),
            ("999-03-01", "0999-03-01", Cause::LibcText),
            (
                "[Errno 2] No such file: 'a'",
                "[Errno 44] No such file: 'a'",
                Cause::LibcText,
            ),
            (
                "Numerical result out of range",
                "Result not representable",
                Cause::LibcText,
            ),
            ("on linux", "on wasi", Cause::Capability),
        ] {
            assert!(is(cause)(of(a, b)), "{a:?} {b:?} {:?}", of(a, b));
        }
        assert_eq!(of("{'a', 'b'}", "{'b', 'a'}"), Some(Order));
        assert_eq!(of("x=0.1 y=1", "x=0.10000000000000002 y=1"), Some(Rounding));
        for (a, b) in [
            ("yes", "no"),
            ("a1b2", "a1b3"),
            ("3 items", "4 items"),
            ("", "x"),
        ] {
            assert_eq!(of(a, b), None, "{a:?} {b:?}");
        }
    }
}
