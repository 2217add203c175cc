//! What can be wrong with a dtype or an array, and the limits that both are held to.

/// Why a dtype or an array can't be carried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArrayError {
    #[error("dtype {0:?} is not known")]
    Unknown(String),
    #[error("dtype {0:?} can't be carried: {1}")]
    Refused(String, &'static str),
    #[error("{0} is no description of a dtype")]
    NoDtype(String),
    #[error("shape {shape:?} of {dtype} takes {expected}, found {found}")]
    Length {
        dtype: String,
        shape: Vec<u64>,
        expected: String,
        found: usize,
    },
    #[error("{0} axes, where numpy has at most {MAX_AXES}")]
    Axes(usize),
    #[error("a dtype nested deeper than {MAX_NESTING} levels")]
    Nested,
}

/// numpy's own limit (`NPY_MAXDIMS`).
pub(super) const MAX_AXES: usize = 64;

/// Records in records deeper than this are a mistake or an attack.
pub(super) const MAX_NESTING: usize = 16;
