//! numpy arrays as the host and the guest both know them: dtype, shape, layout, bytes.
//!
//! A dtype is written as numpy writes it in `.npy` headers (`numpy.lib.format.dtype_to_descr`): `"<f8"`, `"|S5"`, `"<M8[ns]"`, or a list of fields.

mod data;
mod dtype;
mod error;
mod order;
mod shape;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use data::{Data, Foreign};
pub use dtype::{Dtype, Field, Kind, Order};
pub use error::ArrayError;

use self::error::MAX_AXES;
use self::shape::{elements, one_order};

/// An array, or a numpy scalar.
#[derive(Clone, Debug)]
pub struct Array {
    dtype: Dtype,
    /// In 64 bits on every target, so that a wrong shape is refused in the same words.
    shape: Vec<u64>,
    layout: Layout,
    /// The elements in the byte order of the dtype.
    data: Data,
    /// Whether `data` is in Fortran order, as only that of a Fortran array may be; otherwise it is in C order.
    /// Nobody reorders what is only passed on.
    fortran_data: bool,
}

/// Equal as numpy sees them, wherever the bytes are and in whichever order they are held.
impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        let described = (&self.dtype, &self.shape, self.layout);
        described == (&other.dtype, &other.shape, other.layout)
            && if self.fortran_data == other.fortran_data {
                *self.data == *other.data
            } else {
                self.data() == other.data()
            }
    }
}

impl Eq for Array {}

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

impl Array {
    /// Puts an array together, of elements in C order whatever the layout.
    ///
    /// # Errors
    /// The number of bytes isn't what shape and dtype ask for, or the shape has too many axes.
    pub fn new(
        dtype: Dtype,
        shape: Vec<u64>,
        layout: Layout,
        data: impl Into<Data>,
    ) -> Result<Self, ArrayError> {
        let data = data.into();
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
        // Where there is only one order, both layouts are the same.
        let layout = match layout {
            Layout::Fortran if one_order(&shape) => Layout::C,
            layout => layout,
        };
        Ok(Array {
            dtype,
            shape,
            layout,
            data,
            fortran_data: false,
        })
    }

    /// Puts a Fortran array together, of elements in Fortran order.
    ///
    /// # Errors
    /// Those of [`Array::new`].
    pub fn new_fortran(
        dtype: Dtype,
        shape: Vec<u64>,
        data: impl Into<Data>,
    ) -> Result<Self, ArrayError> {
        let mut array = Self::new(dtype, shape, Layout::Fortran, data)?;
        array.fortran_data = array.layout == Layout::Fortran;
        Ok(array)
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
    pub fn data(&self) -> Cow<'_, [u8]> {
        if self.fortran_data {
            Cow::Owned(order::to_c(&self.data, &self.shape, self.item_size()))
        } else {
            Cow::Borrowed(&self.data)
        }
    }

    /// The length of the data.
    pub fn byte_count(&self) -> usize {
        self.data.len()
    }

    /// The elements in the order of the layout: Fortran order for a Fortran array, otherwise C order.
    pub fn into_layout_order(self) -> Data {
        if self.layout == Layout::Fortran && !self.fortran_data {
            order::to_fortran(&self.data, &self.shape, self.item_size()).into()
        } else {
            self.data
        }
    }

    /// The same as a scalar of numpy's; `None` for an array that has axes.
    pub fn into_scalar(mut self) -> Option<Self> {
        self.layout = Layout::Scalar;
        self.shape.is_empty().then_some(self)
    }

    fn item_size(&self) -> usize {
        // `new` has counted the bytes, which are in memory.
        let size = self
            .dtype
            .size()
            .and_then(|size| usize::try_from(size).ok());
        size.unwrap_or_default()
    }

    /// Whether C order and Fortran order are the same.
    pub fn has_one_order(&self) -> bool {
        one_order(&self.shape)
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
