//! Arrays of numpy's over memory of ours, and ours over memory of numpy's: nothing is copied that nobody else can reach.

use std::ffi::{c_int, c_void};
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;

use numpy::npyffi::flags::{NPY_ARRAY_BEHAVED, NPY_ARRAY_OWNDATA, NPY_ARRAY_WRITEABLE};
use numpy::npyffi::{NpyTypes, PY_ARRAY_API, PyArrayObject, get_type_object};
use numpy::{PyArrayDescr, PyUntypedArray, PyUntypedArrayMethods as _};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyTuple};

use super::refusal::{Refusal, unreadable};
use crate::array::{Array, Data, Dtype, Foreign, Layout};

/// Keeps the bytes that an array of numpy's is a view of.
#[pyclass(frozen, module = "parallax")]
struct Memory {
    _data: Data,
}

/// Makes the class of what keeps an array's bytes, which is there before the first array so that no case can tell by it whether there was one before.
pub fn prepare(py: Python<'_>) {
    let _ = py.get_type::<Memory>();
}

/// The array that a node receives, which it can write to, and which alone has these bytes.
///
/// # Errors
/// Memory has run out, or there is no numpy.
pub fn to_numpy<'py>(bridge: &Bound<'py, PyModule>, array: Array) -> PyResult<Bound<'py, PyAny>> {
    let py = bridge.py();
    let dtype = array.dtype().to_json().to_string();
    let layout = array.layout();
    let item_size = array.dtype().size().unwrap_or_default();
    let axes: Option<Vec<isize>> = array
        .shape()
        .iter()
        .map(|&axis| isize::try_from(axis).ok())
        .collect();
    // Where there is next to nothing to copy, Python does it, with numpy's own words for what it refuses.
    let (Some(mut axes), Ok(item_size), false) = (
        axes,
        isize::try_from(item_size),
        layout == Layout::Scalar || array.byte_count() == 0,
    ) else {
        let scalar = layout == Layout::Scalar;
        let shape = PyTuple::new(py, array.shape())?;
        let data = PyByteArray::new(py, &array.data());
        return bridge.call_method1(intern!(py, "load_array"), (dtype, shape, scalar, data));
    };
    let dtype = bridge
        .call_method1(intern!(py, "load_dtype"), (dtype,))?
        .cast_into::<PyArrayDescr>()?;
    let mut strides = strides(&axes, item_size, layout);
    let mut data = array.into_layout_order().into_exclusive();
    let pointer = data.as_mut_ptr();
    let memory = Bound::new(py, Memory { _data: data })?;
    // SAFETY: shape and strides have as many numbers as there are axes, and numpy copies them; `Array` has checked that what they describe is as long as the memory.
    // Nobody else reads or writes that, and `memory` keeps it where it is. numpy takes over the reference to the dtype, also when it fails.
    let made = unsafe {
        let made = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            get_type_object(py, NpyTypes::PyArray_Type),
            dtype.into_ptr().cast(),
            axes.len() as c_int,
            axes.as_mut_ptr(),
            strides.as_mut_ptr(),
            pointer.cast::<c_void>(),
            NPY_ARRAY_WRITEABLE,
            null_mut(),
        );
        Bound::from_owned_ptr_or_err(py, made)?
    };
    // SAFETY: it is the array made above; numpy takes over the reference to the memory.
    let outcome = unsafe {
        PY_ARRAY_API.PyArray_SetBaseObject(py, made.as_ptr().cast(), memory.into_any().into_ptr())
    };
    if outcome != 0 {
        return Err(PyErr::fetch(py));
    }
    Ok(made)
}

/// Bytes that a step along each axis takes; they can't overflow, as the elements are in memory.
fn strides(axes: &[isize], item_size: isize, layout: Layout) -> Vec<isize> {
    let mut strides = vec![0; axes.len()];
    let mut step = item_size;
    let mut set = |index: usize| {
        strides[index] = step;
        step *= axes[index];
    };
    if layout == Layout::Fortran {
        (0..axes.len()).for_each(&mut set);
    } else {
        (0..axes.len()).rev().for_each(&mut set);
    }
    strides
}

/// An array of numpy's that nobody but this refers to.
struct Shared {
    _array: Py<PyAny>,
    memory: NonNull<[u8]>,
}

// SAFETY: the memory is the array's, which lives as long as `_array`, and which no Python code can reach.
unsafe impl Foreign for Shared {
    fn memory(&self) -> NonNull<[u8]> {
        self.memory
    }
}

// SAFETY: the pointer is to memory that no other thread knows of; a `Py` may be sent.
unsafe impl Send for Shared {}
// SAFETY: as above, and a shared `Shared` only reads.
unsafe impl Sync for Shared {}

/// The array that an object is, if it is one; `alone` says whether all references to the object are known and none is a node's.
///
/// # Errors
/// Its dtype can't be carried.
pub fn from_numpy(
    bridge: &Bound<'_, PyModule>,
    object: &Bound<'_, PyAny>,
    alone: bool,
) -> Result<Option<Array>, Refusal> {
    let dumped = bridge
        .call_method1(intern!(bridge.py(), "dump_array"), (object,))
        .map_err(|error| unreadable(&error))?;
    if dumped.is_none() {
        return Ok(None);
    }
    type Dumped<'py> = (String, Vec<u64>, String, Bound<'py, PyUntypedArray>);
    let (dtype, shape, layout, array): Dumped<'_> =
        dumped.extract().map_err(|error| unreadable(&error))?;
    drop(dumped);
    let refuse = |reason: String| Refusal::new(format!("an array: {reason}"));
    let description =
        serde_json::from_str(&dtype).map_err(|error| refuse(format!("{dtype}: {error}")))?;
    let dtype = Dtype::from_json(&description).map_err(|error| refuse(error.to_string()))?;
    // What isn't the object itself was made for this call.
    let alone = alone || !array.is(object);
    let data =
        data_of(array, &dtype, alone).ok_or_else(|| refuse("its bytes are too many".to_owned()))?;
    let array = match layout.as_str() {
        "F" => Array::new_fortran(dtype, shape, data),
        "scalar" => Array::new(dtype, shape, Layout::Scalar, data),
        _ => Array::new(dtype, shape, Layout::C, data),
    };
    array.map(Some).map_err(|error| refuse(error.to_string()))
}

/// The bytes of a contiguous array, in the order in which it has them.
fn data_of(array: Bound<'_, PyUntypedArray>, dtype: &Dtype, alone: bool) -> Option<Data> {
    let item_size = usize::try_from(dtype.size()?).ok()?;
    let length = array.len().checked_mul(item_size)?;
    let object = array.as_array_ptr();
    // SAFETY: an array that is alive has these fields, and Python code, which could change them, isn't running.
    let start = NonNull::new(unsafe { (*object).fields.data })?.cast::<u8>();
    let memory = NonNull::slice_from_raw_parts(start, length);
    // SAFETY: as above, and its bases live as long as it does.
    if alone && length > 0 && unsafe { is_memory_alone(object) } {
        let array = array.into_any().unbind();
        return Some(Data::Foreign(Arc::new(Shared {
            _array: array,
            memory,
        })));
    }
    // SAFETY: the array is contiguous and has elements of this dtype, so that it has as many bytes; nothing writes to them meanwhile.
    Some(Data::Owned(unsafe { memory.as_ref() }.to_vec()))
}

/// Whether no object but this array reaches its memory, which can be written to and is aligned as a new array's would be.
///
/// # Safety
/// The array must be alive, and no Python code may run.
unsafe fn is_memory_alone(mut array: *mut PyArrayObject) -> bool {
    loop {
        // SAFETY: the caller's promise, for the array; its base, as long as the array refers to it.
        let fields = unsafe { &(*array).fields };
        if fields.flags & NPY_ARRAY_BEHAVED != NPY_ARRAY_BEHAVED || !fields.weakreflist.is_null() {
            return false;
        }
        if fields.base.is_null() {
            return fields.flags & NPY_ARRAY_OWNDATA != 0;
        }
        // SAFETY: a base that isn't null is an object that the array keeps alive, and Python is attached wherever there is a `Bound`.
        unsafe {
            if ffi::Py_REFCNT(fields.base) != 1 {
                return false;
            }
            let py = Python::assume_attached();
            let base = Borrowed::from_ptr(py, fields.base);
            if base.is_exact_instance_of::<Memory>() {
                return true;
            }
            if !base.is_exact_instance_of::<PyUntypedArray>() {
                return false;
            }
        }
        array = fields.base.cast();
    }
}
