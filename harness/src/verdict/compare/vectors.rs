//! The vectors that an array is made of, where the sign of each is open.

use crate::verdict::policy::Property;

/// How many vectors an array has.
pub(super) fn vectors(property: Property, shape: &[u64]) -> u64 {
    match shape {
        [batch @ .., rows, columns] => {
            let each = if property == Property::SignOfColumns {
                columns
            } else {
                rows
            };
            batch
                .iter()
                .fold(*each, |count, &axis| count.saturating_mul(axis))
        }
        _ => 1,
    }
}

/// The vector that an element belongs to; an array that is no matrix is one vector.
pub(super) fn vector(property: Property, shape: &[u64], index: usize) -> usize {
    match (shape, property) {
        ([.., rows, columns], Property::SignOfColumns) => {
            let (rows, columns) = (*rows as usize, *columns as usize);
            index / (rows * columns) * columns + index % columns
        }
        ([.., _, columns], _) => index / *columns as usize,
        _ => 0,
    }
}
