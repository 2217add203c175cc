//! The numbers and texts of an array one by one, for whoever asks what a difference looks like.

use std::cmp::Ordering;

use parallax_runtime::array::Array;

pub use super::array::is_narrowed;
use super::element::Leaf;
use super::elements::for_each_leaf;
use super::float;

/// A part of an element that is compared by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    Integer(i128),
    /// A float, and of how many bytes it is.
    Float(f64, usize),
    Other(String),
}

impl Scalar {
    /// As a report shows it.
    pub fn show(&self) -> String {
        match self {
            Scalar::Integer(number) => number.to_string(),
            Scalar::Float(number, _) => format!("{number:?}"),
            Scalar::Other(text) => text.clone(),
        }
    }

    /// Which of two numbers of one kind is larger; nothing of any others.
    pub fn compare(&self, other: &Scalar) -> Option<Ordering> {
        match (self, other) {
            (Scalar::Integer(a), Scalar::Integer(b)) => Some(a.cmp(b)),
            (Scalar::Float(a, _), Scalar::Float(b, _)) => a.partial_cmp(b),
            _ => None,
        }
    }
}

/// All of an array, in C order; the parts of an element one after the other.
pub fn scalars(array: &Array) -> Vec<Scalar> {
    let mut found = Vec::new();
    let data = array.data();
    for_each_leaf((array.dtype(), &*data), array.len(), &mut |_, _, leaf| {
        found.push(match leaf {
            Leaf::Integer(number) => Scalar::Integer(number),
            Leaf::Float(bytes, precision) => {
                let width = float::width(precision);
                Scalar::Float(float::to_double(&bytes[..width]), width)
            }
            other => Scalar::Other(other.show()),
        });
    });
    found
}
