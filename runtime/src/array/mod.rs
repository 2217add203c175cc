//! numpy arrays as the host and the guest both know them: dtype, shape, layout, bytes.
//!
//! A dtype is written as numpy writes it in `.npy` headers (`numpy.lib.format.dtype_to_descr`): `"<f8"`, `"|S5"`, `"<M8[ns]"`, or a list of fields.

mod dtype;
#[cfg(test)]
mod tests;

pub use dtype::{Dtype, Field, Kind, Order};

/// An array, or a numpy scalar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    dtype: Dtype,
    /// In 64 bits on every target, so that a wrong shape is refused in the same words.
    shape: Vec<u64>,
    layout: Layout,
    /// The elements in C order, in the byte order of the dtype.
    data: Vec<u8>,
}

/// What of an array's memory a program can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Last axis fastest; also every layout that is neither of the others, as it is made contiguous when carried.
    C,
    /// First axis fastest, and not C at the same time.
    Fortran,
    /// No array but a scalar of numpy's, such as a sum.
    Scalar,
}

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
const MAX_AXES: usize = 64;

/// Records in records deeper than this are a mistake or an attack.
const MAX_NESTING: usize = 16;

impl Array {
    /// Puts an array together.
    ///
    /// # Errors
    /// The number of bytes isn't what shape and dtype ask for, or the shape has too many axes.
    pub fn new(
        dtype: Dtype,
        shape: Vec<u64>,
        layout: Layout,
        data: Vec<u8>,
    ) -> Result<Self, ArrayError> {
        if shape.len() > MAX_AXES {
            return Err(ArrayError::Axes(shape.len()));
        }
        let expected = elements(&shape).and_then(|count| count.checked_mul(dtype.size()?));
        if expected != u64::try_from(data.len()).ok() {
            return Err(ArrayError::Length {
                dtype: dtype.to_string(),
                shape,
                expected: expected.map_or_else(
                    || "more bytes than can be counted".to_owned(),
                    |bytes| format!("{bytes} bytes"),
                ),
                found: data.len(),
            });
        }
        Ok(Array {
            dtype,
            shape,
            layout,
            data,
        })
    }

    pub fn dtype(&self) -> &Dtype {
        &self.dtype
    }

    /// Length of each axis, outermost first.
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The elements in C order.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    pub fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// The number of elements.
    pub fn len(&self) -> u64 {
        // `new` has counted them already.
        elements(&self.shape).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn elements(shape: &[u64]) -> Option<u64> {
    // An axis of length 0 makes the array empty, however long the others are.
    if shape.contains(&0) {
        return Some(0);
    }
    shape
        .iter()
        .try_fold(1u64, |count, &axis| count.checked_mul(axis))
}
