//! Texts of corpora and guests on their way to a page: in a line, of bounded length, and as the end of an address.

use std::fmt::Write as _;

use serde::Serialize;

use crate::case::CaseId;
use crate::report::text::{cut, in_a_line};

/// Upper bounds on the characters of a sentence, and of a name or a line that is one of many.
const PROSE: usize = 700;
const SHORT: usize = 300;

/// A sentence; what is cut ends with `…`.
pub fn prose(text: &str) -> String {
    in_a_line(&cut(text, PROSE))
}

/// A name, or a line among many.
pub fn short(text: &str) -> String {
    in_a_line(&cut(text, SHORT))
}

/// A piece of a sentence.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub code: bool,
    pub text: String,
}

/// A sentence in which backticks stand around code. One that has no partner is a character like others.
pub fn pieces(text: &str) -> Vec<Piece> {
    let text = prose(text);
    let mut split: Vec<String> = text.split('`').map(str::to_owned).collect();
    if split.len().is_multiple_of(2)
        && let Some(last) = split.pop()
        && let Some(before) = split.last_mut()
    {
        before.push('`');
        before.push_str(&last);
    }
    let pieces = split.into_iter().enumerate();
    let pieces = pieces.map(|(index, text)| Piece {
        code: index % 2 == 1,
        text,
    });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

/// The name of the place on a page that tells of a case. Different cases have different ones.
pub fn anchor(id: &CaseId) -> String {
    let mut anchor = "case-".to_owned();
    for byte in id.0.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                anchor.push(char::from(byte));
            }
            // A string takes whatever is written to it.
            byte => drop(write!(anchor, "~{byte:02x}")),
        }
    }
    anchor
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_anchor_is_the_id_where_that_can_be() {
        for (id, expected) in [
            ("numpy/peak_2", "case-numpy/peak_2"),
            ("a b\"<>", "case-a~20b~22~3c~3e"),
            ("é~", "case-~c3~a9~7e"),
        ] {
            assert_eq!(anchor(&CaseId(id.to_owned())), expected);
        }
    }

    #[test]
    fn backticks_stand_around_code() {
        let told = |text: &str| -> Vec<(bool, String)> {
            pieces(text)
                .into_iter()
                .map(|piece| (piece.code, piece.text))
                .collect()
        };
        let piece = |code: bool, text: &str| (code, text.to_owned());
        assert_eq!(
            told("run `x y`, please"),
            [
                piece(false, "run "),
                piece(true, "x y"),
                piece(false, ", please")
            ]
        );
        assert_eq!(told("a ` b"), [piece(false, "a ` b")]);
        assert_eq!(
            told("`a` b ` c"),
            [piece(true, "a"), piece(false, " b ` c")]
        );
        assert!(told("").is_empty());
    }

    #[test]
    fn a_long_text_ends_where_it_is_cut() {
        let long = "é".repeat(1000);
        assert_eq!(prose(&long).chars().count(), PROSE);
        assert!(short(&long).ends_with("é…"));
        assert_eq!(prose("a\nb\u{202e}"), "a b\\u{202e}");
    }

    proptest! {
        #[test]
        fn cases_have_places_of_their_own(one in any::<String>(), other in any::<String>()) {
            let [a, b] = [&one, &other].map(|id| anchor(&CaseId(id.clone())));
            prop_assert_eq!(a == b, one == other);
            prop_assert!(a.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>&%#".contains(&byte)));
        }
    }
}
