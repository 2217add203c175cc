//! What an element is, in the words of `.npy` headers.

use std::fmt;

use serde_json::{Value as Json, json};

use super::error::{ArrayError, MAX_NESTING};
use super::shape::elements;

/// The type of an array's elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dtype {
    Plain {
        kind: Kind,
        order: Order,
        /// Bytes per element.
        size: u64,
        /// For dates and durations the unit in brackets, such as `[ns]` or `[25s]`; otherwise empty.
        unit: String,
    },
    /// Fields one after the other; a nameless one is padding.
    Record(Vec<Field>),
}

/// numpy's kinds of plain dtypes that can be carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int,
    Uint,
    Float,
    Complex,
    Datetime,
    Timedelta,
    Bytes,
    Unicode,
    Void,
}

/// Byte order of multi-byte elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
    /// A single byte has none.
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<u64>,
}

impl Dtype {
    /// Bytes per element; `None` beyond what can be addressed.
    pub fn size(&self) -> Option<u64> {
        match self {
            Dtype::Plain { size, .. } => Some(*size),
            Dtype::Record(fields) => fields.iter().try_fold(0u64, |sum, field| {
                let bytes = elements(&field.shape)?.checked_mul(field.dtype.size()?)?;
                sum.checked_add(bytes)
            }),
        }
    }

    /// Reads a description as `.npy` headers hold it, or a plain name such as `int32`.
    ///
    /// # Errors
    /// Names the description that isn't one, or can't be carried.
    pub fn from_json(json: &Json) -> Result<Self, ArrayError> {
        Self::from_json_at(json, 0)
    }

    fn from_json_at(json: &Json, depth: usize) -> Result<Self, ArrayError> {
        if depth > MAX_NESTING {
            return Err(ArrayError::Nested);
        }
        match json {
            Json::String(text) => text.parse(),
            Json::Array(fields) => fields
                .iter()
                .map(|field| read_field(field, depth))
                .collect::<Result<_, _>>()
                .map(Dtype::Record),
            other => Err(ArrayError::NoDtype(shorten(&other.to_string()))),
        }
    }

    /// The description as `.npy` headers hold it.
    pub fn to_json(&self) -> Json {
        match self {
            Dtype::Plain { .. } => Json::String(self.to_string()),
            Dtype::Record(fields) => fields
                .iter()
                .map(|field| {
                    let dtype = field.dtype.to_json();
                    if field.shape.is_empty() {
                        json!([field.name, dtype])
                    } else {
                        json!([field.name, dtype, field.shape])
                    }
                })
                .collect(),
        }
    }

    /// numpy's name (`int32`) where it says everything, otherwise the description (`>i4`).
    pub fn to_name(&self) -> Json {
        let Dtype::Plain {
            kind,
            order,
            size,
            unit,
        } = self
        else {
            return self.to_json();
        };
        let name = match (kind, order) {
            (Kind::Bytes | Kind::Unicode | Kind::Void, _) | (_, Order::Big) => {
                return self.to_json();
            }
            (Kind::Bool, _) => "bool".to_owned(),
            (Kind::Int, _) => format!("int{}", size * 8),
            (Kind::Uint, _) => format!("uint{}", size * 8),
            (Kind::Float, _) => format!("float{}", size * 8),
            (Kind::Complex, _) => format!("complex{}", size * 8),
            (Kind::Datetime, _) => format!("datetime64{unit}"),
            (Kind::Timedelta, _) => format!("timedelta64{unit}"),
        };
        Json::String(name)
    }
}

fn read_field(json: &Json, depth: usize) -> Result<Field, ArrayError> {
    let refuse = || ArrayError::NoDtype(shorten(&json.to_string()));
    let (name, dtype, shape) = match json.as_array().map(Vec::as_slice) {
        Some([name, dtype]) => (name, dtype, &[][..]),
        Some([name, dtype, Json::Array(shape)]) => (name, dtype, shape.as_slice()),
        _ => return Err(refuse()),
    };
    let shape: Option<Vec<u64>> = shape.iter().map(Json::as_u64).collect();
    Ok(Field {
        name: name.as_str().ok_or_else(refuse)?.to_owned(),
        dtype: Dtype::from_json_at(dtype, depth + 1)?,
        shape: shape.ok_or_else(refuse)?,
    })
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl std::str::FromStr for Dtype {
    type Err = ArrayError;

    fn from_str(text: &str) -> Result<Self, ArrayError> {
        let unknown = || ArrayError::Unknown(shorten(text));
        let (order, rest) = match text.split_at_checked(1) {
            Some(("<", rest)) => (Some(Order::Little), rest),
            Some((">", rest)) => (Some(Order::Big), rest),
            Some(("|", rest)) => (Some(Order::None), rest),
            _ => (None, text),
        };
        if order.is_some() && rest.starts_with('O') {
            let reason = "an array of Python objects has no bytes of its own";
            return Err(ArrayError::Refused(shorten(text), reason));
        }
        let (kind, size, unit) = match order {
            Some(_) => split_code(rest),
            None => split_name(rest),
        }
        .ok_or_else(unknown)?;
        refuse_uncarriable(kind, size, text)?;
        let kind = kind_of(kind).ok_or_else(unknown)?;
        let bytes = if kind == Kind::Unicode {
            size.checked_mul(4)
        } else {
            Some(size)
        };
        let bytes = bytes.ok_or_else(unknown)?;
        let natural = natural_order(kind, bytes);
        let order = match (order, natural) {
            (_, Order::None) => Order::None,
            (None, _) => Order::Little,
            (Some(Order::None), _) => return Err(unknown()),
            (Some(order), _) => order,
        };
        if !has_size(kind, bytes) || !is_unit(kind, unit) {
            return Err(unknown());
        }
        Ok(Dtype::Plain {
            kind,
            order,
            size: bytes,
            unit: unit.to_owned(),
        })
    }
}

/// `M8[ns]` to `M`, 8, `[ns]`.
fn split_code(code: &str) -> Option<(char, u64, &str)> {
    let mut characters = code.chars();
    let kind = characters.next()?;
    let rest = characters.as_str();
    let end = rest.find('[').unwrap_or(rest.len());
    let (size, unit) = rest.split_at(end);
    let plain = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit());
    Some((kind, plain.then(|| size.parse().ok())??, unit))
}

/// `datetime64[ns]` to `M`, 8, `[ns]`.
fn split_name(name: &str) -> Option<(char, u64, &str)> {
    if name == "bool" {
        return Some(('b', 1, ""));
    }
    const NAMES: [(&str, char); 6] = [
        ("int", 'i'),
        ("uint", 'u'),
        ("float", 'f'),
        ("complex", 'c'),
        ("datetime", 'M'),
        ("timedelta", 'm'),
    ];
    let end = name.find(|c: char| c.is_ascii_digit())?;
    let (word, rest) = name.split_at(end);
    let (_, kind) = NAMES.iter().find(|(known, _)| *known == word)?;
    let (bits, unit) = rest.split_at(rest.find('[').unwrap_or(rest.len()));
    let bits: u64 = bits.parse().ok()?;
    bits.is_multiple_of(8).then_some((*kind, bits / 8, unit))
}

fn refuse_uncarriable(kind: char, size: u64, text: &str) -> Result<(), ArrayError> {
    let refused = |reason| Err(ArrayError::Refused(shorten(text), reason));
    match (kind, size) {
        ('f', 10 | 12 | 16) | ('c', 20 | 24 | 32) => {
            refused("longdouble is another format on every platform")
        }
        _ => Ok(()),
    }
}

fn kind_of(code: char) -> Option<Kind> {
    Some(match code {
        'b' => Kind::Bool,
        'i' => Kind::Int,
        'u' => Kind::Uint,
        'f' => Kind::Float,
        'c' => Kind::Complex,
        'M' => Kind::Datetime,
        'm' => Kind::Timedelta,
        'S' => Kind::Bytes,
        'U' => Kind::Unicode,
        'V' => Kind::Void,
        _ => return None,
    })
}

fn code_of(kind: Kind) -> char {
    match kind {
        Kind::Bool => 'b',
        Kind::Int => 'i',
        Kind::Uint => 'u',
        Kind::Float => 'f',
        Kind::Complex => 'c',
        Kind::Datetime => 'M',
        Kind::Timedelta => 'm',
        Kind::Bytes => 'S',
        Kind::Unicode => 'U',
        Kind::Void => 'V',
    }
}

fn natural_order(kind: Kind, size: u64) -> Order {
    match kind {
        Kind::Bool | Kind::Bytes | Kind::Void => Order::None,
        Kind::Int | Kind::Uint if size == 1 => Order::None,
        _ => Order::Little,
    }
}

fn has_size(kind: Kind, size: u64) -> bool {
    match kind {
        Kind::Bool => size == 1,
        Kind::Int | Kind::Uint => matches!(size, 1 | 2 | 4 | 8),
        Kind::Float => matches!(size, 2 | 4 | 8),
        Kind::Complex => matches!(size, 8 | 16),
        Kind::Datetime | Kind::Timedelta => size == 8,
        Kind::Bytes | Kind::Unicode | Kind::Void => true,
    }
}

/// Dates and durations may have a unit, nothing else has: empty, or `[` a multiple, a unit of numpy's, `]`.
fn is_unit(kind: Kind, unit: &str) -> bool {
    if unit.is_empty() {
        return true;
    }
    const UNITS: [&str; 14] = [
        "Y", "M", "W", "D", "h", "m", "s", "ms", "us", "μs", "ns", "ps", "fs", "as",
    ];
    let inner = unit
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    matches!(kind, Kind::Datetime | Kind::Timedelta)
        && inner.is_some_and(|inner| {
            UNITS.contains(&inner.trim_start_matches(|c: char| c.is_ascii_digit()))
        })
}

/// The description in one line: `<f8`, or the fields in JSON.
impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dtype::Plain {
                kind,
                order,
                size,
                unit,
            } => {
                let order = match order {
                    Order::Little => '<',
                    Order::Big => '>',
                    Order::None => '|',
                };
                let size = if *kind == Kind::Unicode {
                    size / 4
                } else {
                    *size
                };
                write!(f, "{order}{}{size}{unit}", code_of(*kind))
            }
            Dtype::Record(_) => write!(f, "{}", self.to_json()),
        }
    }
}
