//! Text of guests and corpora on its way to a terminal: nothing in it is obeyed, and no line is endless.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Upper bound on the characters of a line.
pub const LONGEST: usize = 300;

/// A number and what it counts, such as `1 case` and `2 cases`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The text with its control characters written out, such as `\u{1b}`; line ends and tabs stay.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            // A string takes whatever is written to it.
            let _ = write!(harmless, "{}", character.escape_unicode());
        } else {
            harmless.push(character);
        }
    }
    Cow::Owned(harmless)
}

/// The same in one line.
pub fn in_a_line(text: &str) -> String {
    harmless(&text.replace(['\n', '\t'], " ")).into_owned()
}

/// Control characters, and what turns the direction of text or breaks its lines.
fn is_harmful(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

/// At most so many characters, the last being `…` where some are left out.
pub fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    if text.chars().nth(longest).is_none() {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().take(longest.saturating_sub(1)).collect();
    Cow::Owned(kept + "…")
}

/// The last lines of what a leg has written to standard error, without colours and control characters; the first says how many are left out.
pub fn last_lines(text: &str, most: usize) -> Vec<String> {
    let plain = anstream::adapter::strip_str(text).to_string();
    let lines: Vec<&str> = plain.trim_end().lines().collect();
    let skipped = lines.len().saturating_sub(most);
    let left_out = (skipped > 0).then(|| format!("… {skipped} lines before"));
    let shown = lines[skipped..].iter().map(|line| in_a_line(line));
    left_out.into_iter().chain(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        for (text, expected) in [
            ("plain äö 漢\te\u{301}", "plain äö 漢\te\u{301}"),
            ("\x1b[31mred\x07", "\\u{1b}[31mred\\u{7}"),
            ("a\rb\u{9b}2J\u{7f}", "a\\u{d}b\\u{9b}2J\\u{7f}"),
            ("x\u{202e}y\u{2028}z", "x\\u{202e}y\\u{2028}z"),
            ("a\nb", "a\nb"),
        ] {
            assert_eq!(harmless(text), expected);
        }
        assert_eq!(in_a_line("a\nb\tc\x1b"), "a b c\\u{1b}");
    }

    #[test]
    fn a_long_line_is_cut_by_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüx", 3), "äö…");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn standard_error_ends_with_its_last_lines() {
        assert_eq!(last_lines("a\nb\nc\n\n", 2), ["… 1 lines before", "b", "c"]);
        assert_eq!(
            last_lines("\x1b[1;31mError\x1b[0m: x\x08\u{202e}\r\n", 2),
            ["Error: x\\u{202e}"]
        );
        assert!(last_lines("", 2).is_empty());
    }

    proptest! {
        #[test]
        fn no_control_character_is_left(text in any::<String>()) {
            let line = in_a_line(&text);
            prop_assert!(!line.contains(char::is_control));
            for line in last_lines(&text, 3) {
                prop_assert!(!line.contains(char::is_control));
            }
        }
    }
}
