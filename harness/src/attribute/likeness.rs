//! What a difference looks like, before anything is tried out.

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
