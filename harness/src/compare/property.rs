//! Takes away what may differ between two right answers, so that what is left can be compared as usual.

use std::borrow::Cow;

use parallax_runtime::array::{Array, Dtype, Order};

use super::float;
use crate::policy::Property;

type Pair<'a> = (Cow<'a, Array>, Cow<'a, Array>);

/// Both arrays, brought into the form in which right answers agree; they have one shape and dtype.
pub(super) fn align<'a>(
    property: Property,
    reference: &'a Array,
    candidate: &'a Array,
) -> Pair<'a> {
    let same = || (Cow::Borrowed(reference), Cow::Borrowed(candidate));
    match property {
        Property::AnyOrder => match (sorted(reference), sorted(candidate)) {
            (Some(a), Some(b)) => (Cow::Owned(a), Cow::Owned(b)),
            _ => same(),
        },
        Property::SignOfColumns | Property::SignOfRows => {
            match with_signs_of(property, reference, candidate) {
                Some(turned) => (Cow::Borrowed(reference), Cow::Owned(turned)),
                None => same(),
            }
        }
    }
}

/// The elements along the first axis, sorted by their bytes: an order without a meaning, but the same for the same elements.
fn sorted(array: &Array) -> Option<Array> {
    let count = usize::try_from(*array.shape().first()?).ok()?;
    let bytes = array.data().len().checked_div(count)?;
    if bytes == 0 {
        return None;
    }
    let mut data = array.data().to_vec();
    unify_nans(array.dtype(), &mut data);
    let mut elements: Vec<&[u8]> = data.chunks_exact(bytes).collect();
    elements.sort_unstable();
    rebuilt(array, elements.concat())
}

/// Any NaN equals any other, so they must be sorted to the same place.
fn unify_nans(dtype: &Dtype, data: &mut [u8]) {
    let Some(width) = float::width(dtype) else {
        return;
    };
    for part in data.chunks_exact_mut(width) {
        if float::number(dtype, part).is_nan() {
            part.fill(255);
        }
    }
}

/// The candidate, each of its vectors turned to the reference's side. Vectors of no matrix: the array is one.
fn with_signs_of(property: Property, reference: &Array, candidate: &Array) -> Option<Array> {
    let width = float::width(reference.dtype())?;
    let parts = |array: &Array| -> Vec<f64> {
        let data = array.data();
        let parts = data.chunks_exact(width);
        parts
            .map(|part| float::number(array.dtype(), part))
            .collect()
    };
    let (a, b) = (parts(reference), parts(candidate));
    // A complex number is two parts, so an axis of numbers is one of twice as many.
    let elements = usize::try_from(reference.len()).ok()?;
    let per_element = a.len().checked_div(elements)?;
    let vector = |part: usize| {
        let index = part / per_element;
        match (reference.shape(), property) {
            ([.., rows, columns], Property::SignOfColumns) => {
                let (rows, columns) = (*rows as usize, *columns as usize);
                index / (rows * columns) * columns + index % columns
            }
            ([.., _, columns], _) => index / *columns as usize,
            _ => 0,
        }
    };
    let mut products = vec![0.0; elements];
    for (part, (x, y)) in a.iter().zip(&b).enumerate() {
        let product = x * y;
        if product.is_finite() {
            products[vector(part)] += product;
        }
    }
    let mut data = candidate.data().to_vec();
    let sign = match candidate.dtype() {
        Dtype::Plain {
            order: Order::Big, ..
        } => 0,
        _ => width - 1,
    };
    for (part, bytes) in data.chunks_exact_mut(width).enumerate() {
        if products[vector(part)] < 0.0 {
            bytes[sign] ^= 0x80;
        }
    }
    rebuilt(candidate, data)
}

fn rebuilt(array: &Array, data: Vec<u8>) -> Option<Array> {
    let (dtype, shape) = (array.dtype().clone(), array.shape().to_vec());
    Array::new(dtype, shape, array.layout(), data).ok()
}
