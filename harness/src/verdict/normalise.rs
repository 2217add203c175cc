//! The normalisation "address": where an object lies in memory is noise, and nothing else that looks like it is.

/// What stands for an address.
const MARK: &str = "0x…";

/// Replaces addresses as `repr` writes them: `at 0x` and as many lower-case hexadecimal digits as an address has, within `<` and `>`.
///
/// An address has 6 to 8 digits in a 32-bit memory, and 12 where Linux places heap, stack and libraries of a 64-bit process.
/// Any other number, `checksum 0x2a052eb0` for one, is compared as it is. A text that holds the mark already keeps it apart by a second `…`.
pub fn normalise(text: &str) -> String {
    let mut normalised = String::with_capacity(text.len());
    // A `<` behind the last `>` opens nothing.
    let last = text.rfind('>').unwrap_or_default();
    let mut at = 0;
    let mut depth = 0usize;
    while let Some(offset) = text[at..].find(['<', '>', 'a', '0']) {
        normalised.push_str(&text[at..at + offset]);
        at += offset;
        let from = &text[at..];
        let taken = if depth > 0 && normalised.ends_with(' ') && from.starts_with("at 0x") {
            address(&from["at 0x".len()..]).map(|digits| {
                normalised.push_str("at ");
                normalised.push_str(MARK);
                "at 0x".len() + digits
            })
        } else if from.starts_with(MARK) {
            normalised.push_str(MARK);
            normalised.push('…');
            Some(MARK.len())
        } else {
            None
        };
        at += taken.unwrap_or_else(|| {
            match from.as_bytes()[0] {
                b'<' if at < last && opens_repr(&from[1..]) => depth += 1,
                b'>' => depth = depth.saturating_sub(1),
                _ => {}
            }
            normalised.push_str(&from[..1]);
            1
        });
    }
    normalised.push_str(&text[at..]);
    normalised
}

/// Whether what follows a `<` is a repr, which begins with a name at once. A comparison (`a < b`) is none.
fn opens_repr(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '<'))
}

/// How many digits the address has that the text begins with, if it begins with one.
fn address(text: &str) -> Option<usize> {
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let digits = text.find(|c| !is_digit(c)).unwrap_or(text.len());
    // With the mark's `…` behind it, the address would look like a mark that was there before.
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '…');
    (matches!(digits, 6..=8 | 12) && !text[digits..].starts_with(goes_on)).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn only_addresses_in_a_repr_are_normalised() {
        for (text, expected) in [
            (
                "<A object at 0x7f12ab345678> and 12",
                "<A object at 0x…> and 12",
            ),
            ("<A object at 0x1f2ab34>", "<A object at 0x…>"),
            (
                "<code object f at 0x7f12ab345678, file \"a.py\", line 1>",
                "<code object f at 0x…, file \"a.py\", line 1>",
            ),
            (
                "<bound method A.m of <A object at 0x7f12ab345678>>",
                "<bound method A.m of <A object at 0x…>>",
            ),
            ("checksum 0x12a052eb0", "checksum 0x12a052eb0"),
            ("checksum at 0x2a052eb0", "checksum at 0x2a052eb0"),
            ("<checksum 0x2a052eb0>", "<checksum 0x2a052eb0>"),
            ("<checksum at 0x12a052eb0>", "<checksum at 0x12a052eb0>"),
            ("<A> at 0x7f12ab345678", "<A> at 0x7f12ab345678"),
            ("<at 0x7F12AB345678>", "<at 0x7F12AB345678>"),
            ("<A object at 0x…>", "<A object at 0x……>"),
            ("<x at 0x7f12ab34567890>", "<x at 0x7f12ab34567890>"),
            ("> <é at 0x123456>", "> <é at 0x…>"),
            ("a < b at 0x12345678 > c", "a < b at 0x12345678 > c"),
            ("<b at 0x12345678", "<b at 0x12345678"),
            (
                "<A object at 0x7f12ab345678…>",
                "<A object at 0x7f12ab345678…>",
            ),
            ("", ""),
        ] {
            assert_eq!(normalise(text), expected);
        }
    }
}
