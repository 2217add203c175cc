//! One element of an array, or a part of one, as the number, text or date that it is, whatever its dtype.

use std::fmt::Write as _;

use parallax_runtime::array::{Dtype, Field, Kind, Order};

use super::float::{self, Judged};
use crate::path::Step;
use crate::verdict::canonical::{bytes, repeats};
use crate::verdict::policy::{Place, Precision};
use crate::verdict::shown;

/// The smallest parts that are compared: a complex number is two of them, a record as many as its fields.
#[derive(Debug)]
pub(super) enum Leaf<'a> {
    /// A boolean, or an integer of any width.
    Integer(i128),
    /// Little-endian bytes; the first `width(precision)` count.
    Float([u8; 8], Precision),
    Text(String),
    /// In the unit of the dtype.
    Date(i64),
    Raw(&'a [u8]),
}

/// A step from an element to a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way<'a> {
    Field(&'a str),
    /// An element of a field that has elements of its own: which one in C order, and the field's shape.
    Item(usize, &'a [u64]),
    /// The real or the imaginary part.
    Part(&'static str),
}

/// The parts of a complex number.
const PARTS: [&str; 2] = ["real", "imag"];

/// Floats in an element: 1, or 2 for a complex number; nothing for another dtype.
pub(super) fn floats(dtype: &Dtype) -> Option<(usize, Precision)> {
    let Dtype::Plain { kind, size, .. } = dtype else {
        return None;
    };
    let count = match kind {
        Kind::Float => 1,
        Kind::Complex => 2,
        _ => return None,
    };
    let width = usize::try_from(*size).ok()? / count;
    Some((count, float::precision(width)?))
}

pub(super) fn is_integer(dtype: &Dtype) -> bool {
    matches!(
        dtype,
        Dtype::Plain {
            kind: Kind::Int | Kind::Uint,
            ..
        }
    )
}

/// How many leaves an element has.
pub(super) fn leaves(dtype: &Dtype) -> u64 {
    match dtype {
        Dtype::Plain {
            kind: Kind::Complex,
            ..
        } => 2,
        Dtype::Plain { .. } => 1,
        Dtype::Record(fields) => {
            let named = fields.iter().filter(|field| !field.name.is_empty());
            named
                .map(|field| repeats(field) as u64 * leaves(&field.dtype))
                .sum()
        }
    }
}

/// What keeps elements of two dtypes from being compared, if anything does.
pub(super) fn incomparable(a: &Dtype, b: &Dtype) -> Option<String> {
    let no = || Some(format!("{a} can't be compared with {b}"));
    if a == b {
        return None;
    }
    let number = |kind: Kind| {
        matches!(
            kind,
            Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::Complex
        )
    };
    let text = |kind: Kind| matches!(kind, Kind::Bytes | Kind::Unicode);
    match (a, b) {
        (Dtype::Record(fields), Dtype::Record(others)) => {
            let named = |fields: &[Field]| -> Vec<Field> {
                let named = fields.iter().filter(|field| !field.name.is_empty());
                named.cloned().collect()
            };
            let (fields, others) = (named(fields), named(others));
            let same = fields.len() == others.len()
                && fields
                    .iter()
                    .zip(&others)
                    .all(|(a, b)| a.name == b.name && a.shape == b.shape);
            if !same {
                return no();
            }
            fields
                .iter()
                .zip(&others)
                .find_map(|(a, b)| incomparable(&a.dtype, &b.dtype))
        }
        (
            Dtype::Plain {
                kind, unit, size, ..
            },
            Dtype::Plain {
                kind: other,
                unit: other_unit,
                size: other_size,
                ..
            },
        ) => {
            let same = match (kind, other) {
                (a, b) if number(*a) && number(*b) => true,
                (a, b) if text(*a) && text(*b) => true,
                (a, b) if a == b => unit == other_unit && (*a != Kind::Void || size == other_size),
                _ => false,
            };
            if same { None } else { no() }
        }
        _ => no(),
    }
}

/// Calls `take` with each pair of leaves of two elements, and the way to it.
///
/// The dtypes are comparable. Fields are compared where they lie; what is between them is padding and may hold anything.
pub(super) fn pairs<'a>(
    (dtype, a): (&'a Dtype, &'a [u8]),
    (other, b): (&'a Dtype, &'a [u8]),
    ways: &mut Vec<Way<'a>>,
    take: &mut dyn FnMut(&[Way<'a>], Leaf<'a>, Leaf<'a>),
) {
    match (dtype, other) {
        (Dtype::Record(fields), Dtype::Record(others)) => {
            let parts = named_parts(fields).zip(named_parts(others));
            for ((field, index, at), (other, _, other_at)) in parts {
                ways.push(Way::Field(&field.name));
                if !field.shape.is_empty() {
                    ways.push(Way::Item(index, &field.shape));
                }
                let a = (&field.dtype, &a[at..at + bytes(&field.dtype)]);
                let b = (&other.dtype, &b[other_at..other_at + bytes(&other.dtype)]);
                pairs(a, b, ways, take);
                if !field.shape.is_empty() {
                    ways.pop();
                }
                ways.pop();
            }
        }
        (
            Dtype::Plain { kind, .. },
            Dtype::Plain {
                kind: other_kind, ..
            },
        ) => {
            if *kind != Kind::Complex && *other_kind != Kind::Complex {
                return take(ways, leaf(dtype, a), leaf(other, b));
            }
            let (a, b) = (complex(dtype, a), complex(other, b));
            for ((part, a), b) in PARTS.into_iter().zip(a).zip(b) {
                ways.push(Way::Part(part));
                take(ways, a, b);
                ways.pop();
            }
        }
        // Incomparable.
        _ => {}
    }
}

/// Named fields, one after the other, each element of a field by itself: the field, the index within it, and where it begins.
fn named_parts(fields: &[Field]) -> impl Iterator<Item = (&Field, usize, usize)> {
    let mut offset = 0;
    fields
        .iter()
        .flat_map(move |field| {
            let (start, size, count) = (offset, bytes(&field.dtype), repeats(field));
            offset += count * size;
            (0..count).map(move |index| (field, index, start + index * size))
        })
        .filter(|(field, ..)| !field.name.is_empty())
}

/// The parts of a complex number; another number has nothing as its imaginary part.
fn complex<'a>(dtype: &Dtype, element: &'a [u8]) -> [Leaf<'a>; 2] {
    let Some((2, precision)) = floats(dtype) else {
        return [leaf(dtype, element), Leaf::Integer(0)];
    };
    let (real, imaginary) = element.split_at(element.len() / 2);
    [real, imaginary].map(|part| Leaf::Float(little(dtype, part), precision))
}

fn leaf<'a>(dtype: &Dtype, element: &'a [u8]) -> Leaf<'a> {
    let Dtype::Plain { kind, order, .. } = dtype else {
        return Leaf::Raw(element);
    };
    match kind {
        Kind::Bool | Kind::Int | Kind::Uint => Leaf::Integer(integer(dtype, element)),
        Kind::Datetime | Kind::Timedelta => Leaf::Date(i64::from_le_bytes(little(dtype, element))),
        Kind::Float => match float::precision(element.len()) {
            Some(precision) => Leaf::Float(little(dtype, element), precision),
            None => Leaf::Raw(element),
        },
        Kind::Bytes => {
            // numpy takes trailing zeros off, and so does not tell them apart.
            let end = element.iter().rposition(|&byte| byte != 0);
            let text = element[..end.map_or(0, |last| last + 1)].iter();
            Leaf::Text(text.map(|&byte| char::from(byte)).collect())
        }
        Kind::Unicode => unicode(element, *order),
        Kind::Complex | Kind::Void => Leaf::Raw(element),
    }
}

fn unicode(element: &[u8], order: Order) -> Leaf<'_> {
    let characters = element.chunks_exact(4).map(|unit| {
        let unit = [unit[0], unit[1], unit[2], unit[3]];
        match order {
            Order::Big => u32::from_be_bytes(unit),
            _ => u32::from_le_bytes(unit),
        }
    });
    let mut units: Vec<u32> = characters.collect();
    while units.last() == Some(&0) {
        units.pop();
    }
    let text: Option<String> = units.iter().map(|&unit| char::from_u32(unit)).collect();
    // Surrogates are no text, but must not be lost either.
    text.map_or(Leaf::Raw(element), Leaf::Text)
}

/// An element of at most 8 bytes, the least significant first.
fn little(dtype: &Dtype, element: &[u8]) -> [u8; 8] {
    let mut bytes = [0; 8];
    let length = element.len().min(8);
    bytes[..length].copy_from_slice(&element[..length]);
    if matches!(
        dtype,
        Dtype::Plain {
            order: Order::Big,
            ..
        }
    ) {
        bytes[..length].reverse();
    }
    bytes
}

fn integer(dtype: &Dtype, element: &[u8]) -> i128 {
    let bytes = little(dtype, element);
    let signed = matches!(
        dtype,
        Dtype::Plain {
            kind: Kind::Int,
            ..
        }
    );
    let unused = 64 - 8 * element.len().clamp(1, 8) as u32;
    if signed {
        i128::from(i64::from_le_bytes(bytes) << unused >> unused)
    } else {
        i128::from(u64::from_le_bytes(bytes))
    }
}

impl Leaf<'_> {
    /// Compares two leaves of comparable dtypes; numbers in the narrower of their precisions, a norm relative to `largest`.
    pub fn judge(&self, other: &Leaf<'_>, place: &Place, largest: f64) -> Judged {
        let floats = |a: [u8; 8], b: [u8; 8], precision: Precision| {
            let width = float::width(precision);
            float::judge(place, largest, &a[..width], &b[..width])
        };
        let rounded = |a: [u8; 8], b: [u8; 8], precision: Precision| match floats(a, b, precision) {
            Judged::Same if !self.is_number(other) => Judged::Rounded,
            judged => judged,
        };
        let same = match (self, other) {
            (Leaf::Float(a, precision), Leaf::Float(b, other)) if precision == other => {
                return floats(*a, *b, *precision);
            }
            (Leaf::Float(a, precision), Leaf::Float(b, other)) => {
                let narrower = *precision.min(other);
                let (a, b) = (
                    in_precision(a, *precision, narrower),
                    in_precision(b, *other, narrower),
                );
                return rounded(a, b, narrower);
            }
            (Leaf::Integer(a), Leaf::Float(b, precision)) => {
                return rounded(float::of_integer(*a, *precision), *b, *precision);
            }
            (Leaf::Float(a, precision), Leaf::Integer(b)) => {
                return rounded(*a, float::of_integer(*b, *precision), *precision);
            }
            (Leaf::Integer(a), Leaf::Integer(b)) => a == b,
            (Leaf::Text(a), Leaf::Text(b)) => a == b,
            (Leaf::Date(a), Leaf::Date(b)) => a == b,
            (Leaf::Raw(a), Leaf::Raw(b)) => a == b,
            _ => false,
        };
        if same {
            Judged::Same
        } else {
            Judged::Differ(None)
        }
    }

    /// Whether another leaf is the very same number, without rounding.
    fn is_number(&self, other: &Leaf<'_>) -> bool {
        match (self, other) {
            (Leaf::Integer(a), Leaf::Integer(b)) => a == b,
            (Leaf::Integer(integer), float) | (float, Leaf::Integer(integer)) => {
                // No float that is equal to an integer of 64 bits is beyond 128 of them.
                float.number().is_some_and(|float| {
                    float.fract() == 0.0 && float.abs() < 1e30 && float as i128 == *integer
                })
            }
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
                _ => false,
            },
        }
    }

    /// The number that it is, if it is one; the nearest one of an integer that is no double.
    pub fn number(&self) -> Option<f64> {
        match self {
            Leaf::Integer(value) => Some(*value as f64),
            Leaf::Float(bytes, precision) => {
                Some(float::to_double(&bytes[..float::width(*precision)]))
            }
            _ => None,
        }
    }

    /// As a report shows it, whole.
    pub fn show(&self) -> String {
        match self {
            Leaf::Integer(value) => value.to_string(),
            Leaf::Float(bytes, precision) => float::show(&bytes[..float::width(*precision)]),
            Leaf::Text(text) => shown::quoted(text),
            // numpy's NaT.
            Leaf::Date(i64::MIN) => "NaT".to_owned(),
            Leaf::Date(value) => value.to_string(),
            Leaf::Raw(bytes) => {
                bytes.iter().fold("bytes ".to_owned(), |mut shown, byte| {
                    // A string takes whatever is written to it.
                    let _ = write!(shown, "{byte:02x}");
                    shown
                })
            }
        }
    }

    /// Bytes that are the same for equal leaves of one dtype, and for no others.
    pub fn identify(&self, take: &mut dyn FnMut(&[u8])) {
        match self {
            // The dtype says whether the upper half of the range is negative.
            Leaf::Integer(value) => take(&(*value as u64).to_le_bytes()),
            Leaf::Float(bytes, precision) => {
                let nan = float::to_double(&bytes[..float::width(*precision)]).is_nan();
                take(&if nan { [0xff; 8] } else { *bytes });
            }
            Leaf::Text(text) => {
                take(&[0]);
                take(&text.len().to_le_bytes());
                take(text.as_bytes());
            }
            Leaf::Date(value) => take(&value.to_le_bytes()),
            Leaf::Raw(bytes) => {
                take(&[1]);
                take(bytes);
            }
        }
    }
}

fn in_precision(bytes: &[u8; 8], own: Precision, wanted: Precision) -> [u8; 8] {
    if own == wanted {
        return *bytes;
    }
    float::rounded(float::to_double(&bytes[..float::width(own)]), wanted)
}

impl Way<'_> {
    pub fn step(&self) -> Step {
        match self {
            Way::Field(name) => Step::Key((*name).to_owned()),
            Way::Item(index, shape) => Step::Index(indices(*index, shape)),
            Way::Part(name) => Step::Key((*name).to_owned()),
        }
    }

    /// Whether a step of a policy's path is this one.
    pub fn is_taken_by(&self, step: &Step) -> bool {
        match (self, step) {
            (Way::Field(own), Step::Key(name)) => own == name,
            (Way::Part(own), Step::Key(name)) => own == name,
            (Way::Item(..), Step::AnyIndex) => true,
            (Way::Item(index, shape), Step::Index(wanted)) => indices(*index, shape) == *wanted,
            _ => false,
        }
    }
}

/// The way to a leaf as text: the element's index as numpy writes it (`[1, 2]`, nothing for an array without axes), then the way within it.
pub(super) fn subscript(index: usize, shape: &[u64], ways: &[Way<'_>]) -> String {
    let mut text = String::new();
    if !shape.is_empty() {
        text = Step::Index(indices(index, shape)).to_string();
    }
    for way in ways {
        text.push_str(&way.step().to_string());
    }
    text
}

/// The index of an element in C order, one number for each axis.
pub(super) fn indices(index: usize, shape: &[u64]) -> Vec<u64> {
    let mut index = index as u64;
    let mut indices = vec![0; shape.len()];
    for (slot, &axis) in indices.iter_mut().zip(shape).rev() {
        *slot = index % axis;
        index /= axis;
    }
    indices
}

/// Whether steps of a policy's path lead from an element to some part of it.
pub(super) fn has_part(dtype: &Dtype, steps: &[Step]) -> bool {
    let Some((first, rest)) = steps.split_first() else {
        return true;
    };
    match (first, dtype) {
        (Step::Key(name), Dtype::Record(fields)) => fields.iter().any(|field| {
            !field.name.is_empty()
                && field.name == *name
                && match rest.split_first() {
                    None => repeats(field) > 0,
                    Some((Step::AnyIndex, rest)) if !field.shape.is_empty() => {
                        repeats(field) > 0 && has_part(&field.dtype, rest)
                    }
                    Some((Step::Index(index), rest)) if !field.shape.is_empty() => {
                        is_inside(index, &field.shape) && has_part(&field.dtype, rest)
                    }
                    // Without an index, that part of every element of the field is meant.
                    Some(_) => has_part(&field.dtype, rest),
                }
        }),
        (
            Step::Key(part),
            Dtype::Plain {
                kind: Kind::Complex,
                ..
            },
        ) => rest.is_empty() && PARTS.contains(&part.as_str()),
        _ => false,
    }
}

/// Whether an index has as many numbers as there are axes, each within its axis.
pub(super) fn is_inside(index: &[u64], shape: &[u64]) -> bool {
    index.len() == shape.len() && index.iter().zip(shape).all(|(index, axis)| index < axis)
}
