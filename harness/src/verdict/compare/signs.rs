//! The property "sign": each vector of a group may point the other way, in all its arrays alike.

use parallax_runtime::array::{Array, Dtype, Order};

use super::array::compare_arrays;
use super::element::floats;
use super::float;
use super::member::Member;
use super::vectors::vector;
use crate::verdict::findings::Findings;

/// Turns each of the candidate's vectors to the reference's side, in all arrays of the group alike.
pub(super) fn compare_up_to_signs<'a>(findings: &mut Findings<'a>, members: &[Member<'a>]) {
    let mut products: Vec<f64> = Vec::new();
    for member in members {
        let Some((a, b)) = member.arrays() else {
            continue;
        };
        let Some((parts, _)) = floats(a.dtype()) else {
            continue;
        };
        // Each array counts alike, however large its numbers are: otherwise the largest would decide by its rounding.
        let (x, y) = (numbers(a), numbers(b));
        let scale = largest(&x).max(largest(&y));
        if scale == 0.0 {
            continue;
        }
        for (index, (x, y)) in x.into_iter().zip(y).enumerate() {
            let vector = vector(member.property, a.shape(), index / parts);
            if products.len() <= vector {
                products.resize(vector + 1, 0.0);
            }
            let product = (x / scale) * (y / scale);
            if product.is_finite() {
                products[vector] += product;
            }
        }
    }
    for member in members {
        let Some((a, b)) = member.arrays() else {
            continue;
        };
        let turned = turned(b, |index| {
            let vector = vector(member.property, b.shape(), index);
            products.get(vector).is_some_and(|product| *product < 0.0)
        });
        if turned.as_ref().is_some_and(|turned| turned != b) {
            findings.allow(&member.place.policy, None);
        }
        compare_arrays(
            findings,
            member.place,
            &member.path,
            a,
            turned.as_ref().unwrap_or(b),
        );
    }
}

fn largest(numbers: &[f64]) -> f64 {
    let finite = numbers.iter().filter(|number| number.is_finite());
    finite.fold(0.0, |largest, number| number.abs().max(largest))
}

/// Every float of an array, as a double.
pub(super) fn numbers(array: &Array) -> Vec<f64> {
    let Some((_, precision)) = floats(array.dtype()) else {
        return Vec::new();
    };
    let width = float::width(precision);
    let big = is_big(array.dtype());
    let data = array.data();
    let parts = data.chunks_exact(width);
    parts
        .map(|part| {
            let mut little = [0; 8];
            little[..width].copy_from_slice(part);
            if big {
                little[..width].reverse();
            }
            float::to_double(&little[..width])
        })
        .collect()
}

fn is_big(dtype: &Dtype) -> bool {
    matches!(
        dtype,
        Dtype::Plain {
            order: Order::Big,
            ..
        }
    )
}

/// The array with the sign of some elements changed; nothing where it has no floats.
pub(super) fn turned(array: &Array, turn: impl Fn(usize) -> bool) -> Option<Array> {
    let (parts, precision) = floats(array.dtype())?;
    let width = float::width(precision);
    let sign = if is_big(array.dtype()) { 0 } else { width - 1 };
    let mut data = array.data().into_owned();
    for (index, part) in data.chunks_exact_mut(width).enumerate() {
        if turn(index / parts) {
            part[sign] ^= 0x80;
        }
    }
    let (dtype, shape) = (array.dtype().clone(), array.shape().to_vec());
    Array::new(dtype, shape, array.layout(), data).ok()
}
