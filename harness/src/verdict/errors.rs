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
/// But what reads like a name already is kept apart from the names, everywhere: a property compares texts at other places, too.
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
            found |= words(text, whose[side])
                .iter()
                .any(|(_, word)| word.error.is_some());
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
                return with_names(text, Whose::Own(None));
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
    let found = [0, 1].map(|side| words(texts[side], whose[side]));
    let mut next = found.each_ref().map(|words| words.iter().peekable());
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

/// What is replaced in a text: the words that become names, and what reads like a name; each with where it was found.
fn words(text: &[u8], whose: Whose) -> Vec<(usize, Found)> {
    let mut words = Vec::new();
    each(text, &mut |at, found| {
        if found.is_replaced(whose) {
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
    fn is_replaced(&self, whose: Whose) -> bool {
        self.error.is_none() || whose.has(self.as_on)
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
    for (at, found) in words(text, whose) {
        let replaced = replaced.get_or_insert_default();
        replaced.extend_from_slice(&text[done..at + found.kept]);
        replaced.extend_from_slice(found.name.as_bytes());
        done = at + found.kept + found.length;
    }
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
#[path = "errors_tests.rs"]
mod tests;
