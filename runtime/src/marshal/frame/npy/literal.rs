//! The few Python literals that numpy's headers are made of, spelled as `repr` spells them.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::array::{Dtype, Field};

/// Records in records deeper than any that can be carried; here it is the stack that is kept.
const MAX_NESTING: usize = 32;

/// Reads from the beginning of a text.
pub struct Literal<'a> {
    text: &'a str,
    rest: &'a str,
}

type Read<T> = Result<T, String>;

impl<'a> Literal<'a> {
    pub fn new(text: &'a str) -> Self {
        Literal { text, rest: text }
    }

    /// How far it was read, in bytes of the text.
    pub fn place(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    pub fn expect(&mut self, text: &str) -> Read<()> {
        if self.take(text) {
            Ok(())
        } else {
            Err(format!("expected {text:?}"))
        }
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub fn boolean(&mut self) -> Read<bool> {
        if self.take("True") {
            Ok(true)
        } else if self.take("False") {
            Ok(false)
        } else {
            Err("expected True or False".to_owned())
        }
    }

    /// A tuple of integers: `()`, `(3,)`, `(3, 4)`.
    pub fn shape(&mut self) -> Read<Vec<u64>> {
        self.expect("(")?;
        let mut axes = Vec::new();
        if self.take(")") {
            return Ok(axes);
        }
        loop {
            axes.push(self.integer()?);
            if axes.len() == 1 {
                self.expect(",")?;
                if self.take(")") {
                    return Ok(axes);
                }
                self.expect(" ")?;
            } else if self.take(")") {
                return Ok(axes);
            } else {
                self.expect(", ")?;
            }
        }
    }

    fn integer(&mut self) -> Read<u64> {
        let end = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let digits = &self.rest[..end];
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return Err("expected an integer".to_owned());
        }
        let value = digits
            .parse()
            .map_err(|_| format!("an axis of {end} digits is too long"))?;
        self.rest = &self.rest[end..];
        Ok(value)
    }

    /// The description of a dtype, which says why when it can't be carried.
    pub fn dtype(&mut self) -> Read<Dtype> {
        let before = self.rest;
        let json = self.description(0)?;
        // What is wrong with the whole is told at its beginning.
        let after = std::mem::replace(&mut self.rest, before);
        let dtype = Dtype::from_json(&json).map_err(|error| error.to_string())?;
        if dtype.to_json() != json {
            return Err(format!("dtype {json} is written {dtype}"));
        }
        self.rest = after;
        Ok(dtype)
    }

    fn description(&mut self, depth: usize) -> Read<Json> {
        if depth > MAX_NESTING {
            return Err(format!("a dtype nested deeper than {MAX_NESTING} levels"));
        }
        if !self.take("[") {
            return self.string().map(Json::String);
        }
        let mut fields = Vec::new();
        if self.take("]") {
            return Ok(Json::Array(fields));
        }
        loop {
            fields.push(self.field(depth + 1)?);
            if self.take("]") {
                return Ok(Json::Array(fields));
            }
            self.expect(", ")?;
        }
    }

    /// `('name', descr)` or `('name', descr, shape)`.
    fn field(&mut self, depth: usize) -> Read<Json> {
        self.expect("(")?;
        let name = self.string()?;
        self.expect(", ")?;
        let mut field = vec![Json::String(name), self.description(depth)?];
        if self.take(", ") {
            field.push(self.shape()?.into());
        }
        self.expect(")")?;
        Ok(Json::Array(field))
    }

    fn string(&mut self) -> Read<String> {
        let quote = if self.take("'") {
            '\''
        } else if self.take("\"") {
            '"'
        } else {
            return Err("expected a string".to_owned());
        };
        let mut text = String::new();
        loop {
            let mut characters = self.rest.chars();
            let next = characters.next().ok_or("a string without an end")?;
            let after = characters.as_str();
            match next {
                '\\' => text.push(self.escape()?),
                _ if next == quote => {
                    self.rest = after;
                    return Ok(text);
                }
                '\n' => return Err("a line break in a string".to_owned()),
                _ => {
                    text.push(next);
                    self.rest = after;
                }
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        const PLAIN: [(&str, char); 6] = [
            ("\\\\", '\\'),
            ("\\'", '\''),
            ("\\\"", '"'),
            ("\\n", '\n'),
            ("\\r", '\r'),
            ("\\t", '\t'),
        ];
        for (escape, character) in PLAIN {
            if self.take(escape) {
                return Ok(character);
            }
        }
        for (escape, length) in [("\\x", 2), ("\\u", 4), ("\\U", 8)] {
            let Some(rest) = self.rest.strip_prefix(escape) else {
                continue;
            };
            let digits = rest
                .get(..length)
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
            let character = digits
                .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                .and_then(char::from_u32)
                .ok_or("an escape that is no character")?;
            self.rest = &rest[length..];
            return Ok(character);
        }
        Err("an escape that repr doesn't write".to_owned())
    }

    /// Blanks and one line break, up to the end.
    pub fn padding(&mut self) -> Read<()> {
        self.rest = self.rest.trim_start_matches(' ');
        self.expect("\n")?;
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err("text after the header's line".to_owned())
        }
    }
}

/// A tuple of integers as `repr` writes it.
pub fn shape_text(shape: &[u64]) -> String {
    match shape {
        [] => "()".to_owned(),
        [axis] => format!("({axis},)"),
        axes => {
            let axes: Vec<String> = axes.iter().map(u64::to_string).collect();
            format!("({})", axes.join(", "))
        }
    }
}

/// The description of a dtype as `repr` writes it, but all ASCII.
pub fn write_dtype(text: &mut String, dtype: &Dtype) {
    let Dtype::Record(fields) = dtype else {
        write_string(text, &dtype.to_string());
        return;
    };
    text.push('[');
    for (index, Field { name, dtype, shape }) in fields.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push('(');
        write_string(text, name);
        text.push_str(", ");
        write_dtype(text, dtype);
        if !shape.is_empty() {
            text.push_str(", ");
            text.push_str(&shape_text(shape));
        }
        text.push(')');
    }
    text.push(']');
}

fn write_string(text: &mut String, content: &str) {
    text.push('\'');
    for character in content.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\'' => text.push_str("\\'"),
            ' '..='~' => text.push(character),
            _ => {
                // Writing to a string can't fail.
                let _ = write!(text, "\\U{:08x}", u32::from(character));
            }
        }
    }
    text.push('\'');
}
