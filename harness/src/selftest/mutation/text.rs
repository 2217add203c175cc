//! A text changed by one character, or by as little as one can.

use super::chance::any;
use crate::generate::random::Random;

/// Changes a text; gives the way it was done.
///
/// The digits of an address in a repr are left alone, as those are not compared.
pub fn change(random: &mut Random, text: &mut String) -> Option<&'static str> {
    let before = text.clone();
    let characters: Vec<char> = text.chars().collect();
    let kind = match random.below(11) {
        0 => {
            text.push('\n');
            "a line end at the end"
        }
        1 => {
            text.insert(0, ' ');
            "a space at the beginning"
        }
        2 => {
            text.push('\0');
            "a zero at the end"
        }
        3 => {
            text.clear();
            "no text"
        }
        4 => {
            text.push_str(&before);
            "the text twice"
        }
        5 => {
            *text = before.replace('é', "e\u{301}");
            "decomposed"
        }
        6 => {
            *text = before.to_uppercase();
            "upper case"
        }
        7 => {
            let at = place(random, &characters)?;
            text.remove(offset(&characters, at));
            "a character dropped"
        }
        8 => {
            let at = place(random, &characters)?;
            text.insert(offset(&characters, at), '_');
            "a character inserted"
        }
        9 => {
            let at = place(random, &characters)?;
            if at + 1 >= characters.len() || !is_free(&characters, at + 1) {
                return None;
            }
            let mut swapped = characters.clone();
            swapped.swap(at, at + 1);
            *text = swapped.into_iter().collect();
            "two characters exchanged"
        }
        _ => {
            let at = place(random, &characters)?;
            let mut changed = characters.clone();
            changed[at] = match changed[at] {
                digit @ '0'..='8' => char::from(digit as u8 + 1),
                'x' => 'y',
                _ => 'x',
            };
            *text = changed.into_iter().collect();
            "another character"
        }
    };
    (*text != before).then_some(kind)
}

/// Some character that is a part of no address.
fn place(random: &mut Random, characters: &[char]) -> Option<usize> {
    let at = any(random, characters.len())?;
    is_free(characters, at).then_some(at)
}

/// Whether a character stands outside of what could be an address: `at 0x` behind a `<` that opens a repr, and the digits.
fn is_free(characters: &[char], at: usize) -> bool {
    let from = at.saturating_sub(20);
    let until = characters.len().min(at + 6);
    let opens = |pair: &[char]| pair[0] == '<' && !pair[1].is_whitespace();
    let is_address = |window: &[char]| window == ['a', 't', ' ', '0', 'x'];
    !(characters[..at].windows(2).any(opens) && characters[from..until].windows(5).any(is_address))
}

fn offset(characters: &[char], at: usize) -> usize {
    characters[..at].iter().map(|c| c.len_utf8()).sum()
}
