//! What a shape says without knowing what the elements are.

/// With at most one axis longer than 1, or no element at all, there is only one order.
pub fn one_order(shape: &[u64]) -> bool {
    shape.contains(&0) || shape.iter().filter(|&&axis| axis != 1).count() <= 1
}

/// The number of elements; `None` beyond what can be counted.
pub fn elements(shape: &[u64]) -> Option<u64> {
    // An axis of length 0 makes the array empty, however long the others are.
    if shape.contains(&0) {
        return Some(0);
    }
    shape
        .iter()
        .try_fold(1u64, |count, &axis| count.checked_mul(axis))
}
