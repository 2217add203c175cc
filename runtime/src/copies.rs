//! What a copied interpreter in WebAssembly and its host agree on.

/// The exit code of a copy whose case must be run in an interpreter that is started for it.
///
/// A case that leaves with this code by itself is run once more, and leaves with it again.
pub const NEEDS_FRESH: i32 = 125;
