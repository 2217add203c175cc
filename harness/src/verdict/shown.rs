//! Values as one line of a report. What is cut carries its digest, so that equal lines still mean equal values: the ledger pins these lines.

use std::fmt::Write as _;

use parallax_runtime::array::{Array, Layout};
use parallax_runtime::marshal::json_base64;
use parallax_runtime::value::Value;
use sha2::{Digest as _, Sha256};

use super::canonical;

/// Upper bound on the characters of a value that is shown whole.
const WHOLE: usize = 120;

/// Upper bound on the characters that are shown of a longer one.
const BEGINNING: usize = 80;

/// Characters that an excerpt shows of what two texts have in common before they differ.
const BEFORE: usize = 20;

/// A text as it is, or its beginning, length and digest.
pub fn text(whole: &str) -> String {
    if whole.chars().nth(WHOLE).is_none() {
        return whole.to_owned();
    }
    format!("{}… {}", beginning(whole), identity(whole.as_bytes()))
}

/// A value's JSON, cut as [`text`]; equal values have the same.
pub fn value(value: &Value) -> String {
    text(&json_base64::encode(canonical::value(value)).to_string())
}

/// Both texts in quotes: whole, or an excerpt from shortly before the first character that differs, with length and digest.
pub fn texts(a: &str, b: &str) -> (String, String) {
    let (whole_a, whole_b) = (quoted(a), quoted(b));
    let is_short = |text: &str| text.chars().nth(WHOLE).is_none();
    if is_short(&whole_a) && is_short(&whole_b) {
        return (whole_a, whole_b);
    }
    let common = a
        .char_indices()
        .zip(b.chars())
        .find(|((_, x), y)| x != y)
        .map_or_else(|| a.len().min(b.len()), |((index, _), _)| index);
    let start = a[..common]
        .char_indices()
        .rev()
        .nth(BEFORE)
        .map_or(0, |(index, _)| index);
    let excerpt = |text: &str| {
        let lead = if start == 0 { "" } else { "…" };
        let rest = &text[start..];
        let part = quoted(beginning(rest));
        let tail = if beginning(rest).len() < rest.len() {
            "…"
        } else {
            ""
        };
        format!(
            "{lead}{part}{tail} (differs at byte {common}; {})",
            identity(text.as_bytes())
        )
    };
    (excerpt(a), excerpt(b))
}

/// Dtype and shape.
pub fn form(array: &Array) -> String {
    let shape = match array.layout() {
        Layout::Scalar => String::new(),
        Layout::C | Layout::Fortran => format!("{:?}", array.shape()),
    };
    format!("{}{shape}", array.dtype())
}

/// A text as a JSON string.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Length and digest.
pub fn identity(bytes: &[u8]) -> String {
    format!("{} bytes, sha256 {}", bytes.len(), digest(bytes))
}

/// The first 16 hexadecimal digits of the SHA-256: enough to tell values apart that nobody has chosen to collide.
pub fn digest(bytes: &[u8]) -> String {
    short(Sha256::digest(bytes).as_slice())
}

/// The same of a hash in progress.
pub fn finish(hash: Sha256) -> String {
    short(hash.finalize().as_slice())
}

fn short(hash: &[u8]) -> String {
    hash[..8].iter().fold(String::new(), |mut text, byte| {
        // A string takes whatever is written to it.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn beginning(text: &str) -> &str {
    match text.char_indices().nth(BEGINNING) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_texts_are_shown_differently(a in ".{0,200}", b in ".{0,200}", tail in "x{0,200}") {
            let (a, b) = (format!("{tail}{a}"), format!("{tail}{b}"));
            let (shown_a, shown_b) = texts(&a, &b);
            prop_assert_eq!(a == b, shown_a == shown_b);
            prop_assert_eq!(a == b, text(&a) == text(&b));
        }
    }

    #[test]
    fn a_long_text_is_shown_around_its_difference() {
        let (a, b) = texts(
            &format!("{}one", "x".repeat(300)),
            &format!("{}two", "x".repeat(300)),
        );
        assert!(
            a.starts_with("…\"xxxxxxxxxxxxxxxxxxxxxone\" (differs at byte 300; 303 bytes, sha256 "),
            "{a}"
        );
        assert!(
            b.starts_with("…\"xxxxxxxxxxxxxxxxxxxxxtwo\" (differs at byte 300; 303 bytes, sha256 "),
            "{b}"
        );
        assert_eq!(texts("a", "b"), ("\"a\"".to_owned(), "\"b\"".to_owned()));
    }
}
