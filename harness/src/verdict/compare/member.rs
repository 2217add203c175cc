//! What a property holds for: arrays, and lists that are arrays or have an order.

use parallax_runtime::array::{Array, Layout};
use parallax_runtime::value::Value;

use super::element::floats;
use super::vectors::vectors;
use crate::path::OutcomePath;
use crate::verdict::policy::{Place, Property};

/// Two values that a property holds for, waiting for the others of their group.
pub(super) struct Member<'a> {
    pub place: &'a Place,
    pub property: Property,
    pub path: OutcomePath,
    pub held: Held<'a>,
}

/// What a property can hold for.
pub(super) enum Held<'a> {
    Arrays(&'a Array, &'a Array),
    /// Lists of numbers as the arrays that they are.
    Matrices(Box<[Array; 2]>),
    /// Lists of anything, for an order.
    Lists(&'a [Value], &'a [Value]),
}

/// Whether a property says something about a value: there is more than one order, or there are vectors with signs.
pub(super) fn holds(property: Property, value: &Value) -> bool {
    match (property, value) {
        (Property::AnyOrder, Value::Array(array)) => !array.shape().is_empty(),
        (Property::AnyOrder, Value::List(_)) => true,
        (_, Value::Array(array)) => floats(array.dtype()).is_some() && !array.shape().is_empty(),
        (_, Value::List(_)) => matrix(value).is_some(),
        _ => false,
    }
}

/// Two values as what a property holds for, if it holds for both.
pub(super) fn hold<'a>(property: Property, a: &'a Value, b: &'a Value) -> Option<Held<'a>> {
    if !(holds(property, a) && holds(property, b)) {
        return None;
    }
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => Some(Held::Arrays(a, b)),
        (Value::List(a), Value::List(b)) if property == Property::AnyOrder => {
            Some(Held::Lists(a, b))
        }
        (Value::List(_), Value::List(_)) => {
            Some(Held::Matrices(Box::new([matrix(a)?, matrix(b)?])))
        }
        _ => None,
    }
}

/// A list of doubles, or of lists of doubles of one length, as an array.
pub(super) fn matrix(value: &Value) -> Option<Array> {
    fn gather(value: &Value, depth: usize, shape: &mut Vec<u64>, data: &mut Vec<u8>) -> Option<()> {
        match value {
            Value::Float(number) if depth == shape.len() => {
                data.extend(number.to_le_bytes());
                Some(())
            }
            Value::List(items) => {
                let length = items.len() as u64;
                // The first branch on the way down tells the shape; all others must have it.
                match shape.get(depth) {
                    None if data.is_empty() => shape.push(length),
                    Some(&known) if known == length => {}
                    _ => return None,
                }
                items
                    .iter()
                    .try_for_each(|item| gather(item, depth + 1, shape, data))
            }
            _ => None,
        }
    }
    let (mut shape, mut data) = (Vec::new(), Vec::new());
    gather(value, 0, &mut shape, &mut data)?;
    Array::new("<f8".parse().ok()?, shape, Layout::C, data).ok()
}

impl Member<'_> {
    pub fn arrays(&self) -> Option<(&Array, &Array)> {
        match &self.held {
            Held::Arrays(a, b) => Some((a, b)),
            Held::Matrices(pair) => Some((&pair[0], &pair[1])),
            Held::Lists(..) => None,
        }
    }

    /// Whether both sides have one form, so that they can be aligned at all.
    pub fn is_alike(&self) -> bool {
        match (&self.held, self.arrays()) {
            (Held::Lists(a, b), _) => a.len() == b.len(),
            (_, Some((a, b))) => a.shape() == b.shape() && a.dtype() == b.dtype(),
            _ => false,
        }
    }

    /// How many vectors have a sign, or elements an order.
    pub fn count(&self) -> u64 {
        match (&self.held, self.arrays()) {
            (Held::Lists(a, _), _) => a.len() as u64,
            (_, Some((a, _))) => match self.property {
                Property::AnyOrder => a.shape().first().copied().unwrap_or(1),
                Property::SignOfColumns | Property::SignOfRows => vectors(self.property, a.shape()),
            },
            _ => 0,
        }
    }
}
