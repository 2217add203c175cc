//! What a difference looks like, before anything is tried out.

use std::fmt::Debug;

use crate::verdict::cause::Cause;

/// What a difference looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// This cause, for this reason.
    Is(Cause, &'static str),
    /// Floats that are next to each other: the vector code, the BLAS or the C library.
    Rounding,
    /// The same items in another order.
    Order,
}

/// Whether two lists have the same items in another order.
pub fn reordered<T: Debug>(one: &[T], other: &[T]) -> bool {
    let keys = |items: &[T]| {
        let mut keys: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
        keys.sort_unstable();
        keys
    };
    one.len() > 1 && one.len() == other.len() && keys(one) == keys(other)
}
