//! Values to Python objects and back.

use num_bigint::BigInt;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple,
};

use crate::array::{Array, Dtype, Layout};
use crate::value::{MAX_DEPTH, MAX_INTEGER_DIGITS, Value};

/// Makes the Python object that a node receives.
///
/// # Errors
/// Memory has run out, or there is an array and no numpy.
pub fn to_python<'py>(bridge: &Bound<'py, PyModule>, value: Value) -> PyResult<Bound<'py, PyAny>> {
    let py = bridge.py();
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => PyBool::new(py, value).to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::BigInt(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => PyFloat::new(py, value).into_any(),
        Value::Str(text) => PyString::new(py, &text).into_any(),
        Value::Bytes(bytes) => PyBytes::new(py, &bytes).into_any(),
        Value::List(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_python(bridge, item)?)?;
            }
            list.into_any()
        }
        Value::Map(entries) => {
            let dict = PyDict::new(py);
            for (key, item) in entries {
                dict.set_item(key, to_python(bridge, item)?)?;
            }
            dict.into_any()
        }
        Value::Array(array) => {
            let layout = layout_code(array.layout());
            let dtype = array.dtype().to_json().to_string();
            let shape = PyTuple::new(py, array.shape())?;
            let data = PyByteArray::new(py, array.data());
            bridge.call_method1("load_array", (dtype, shape, layout, data))?
        }
    })
}

fn layout_code(layout: Layout) -> &'static str {
    match layout {
        Layout::C => "C",
        Layout::Fortran => "F",
        Layout::Scalar => "scalar",
    }
}

/// Why an object can't be carried, and where in the result it stands.
pub struct Refusal {
    pub path: String,
    pub what: String,
}

impl Refusal {
    fn new(what: impl Into<String>) -> Self {
        Refusal {
            path: String::new(),
            what: what.into(),
        }
    }

    fn below(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }
}

/// Reads what a node has returned.
///
/// # Errors
/// Names the place of the first object that can't be carried.
pub fn from_python(
    bridge: &Bound<'_, PyModule>,
    object: &Bound<'_, PyAny>,
) -> Result<Value, Refusal> {
    Reader { bridge }.read(object, 0)
}

struct Reader<'a, 'py> {
    bridge: &'a Bound<'py, PyModule>,
}

impl Reader<'_, '_> {
    fn read(&self, object: &Bound<'_, PyAny>, depth: usize) -> Result<Value, Refusal> {
        if object.is_none() {
            return Ok(Value::Null);
        }
        // numpy's scalars may be subclasses of Python's (float64 of float), so they are asked for before all but the exact types.
        if !is_exact(object)
            && let Some(array) = self.array(object)?
        {
            return Ok(Value::Array(array));
        }
        if let Ok(value) = object.cast::<PyBool>() {
            Ok(Value::Bool(value.is_true()))
        } else if object.is_instance_of::<PyInt>() {
            integer(object)
        } else if let Ok(value) = object.cast::<PyFloat>() {
            Ok(Value::Float(value.value()))
        } else if let Ok(text) = object.cast::<PyString>() {
            string(text).map(Value::Str)
        } else if let Ok(bytes) = object.cast::<PyBytes>() {
            Ok(Value::Bytes(bytes.as_bytes().to_vec()))
        } else if let Ok(bytes) = object.cast::<PyByteArray>() {
            Ok(Value::Bytes(bytes.to_vec()))
        } else if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
            self.list(object, depth)
        } else if let Ok(dict) = object.cast::<PyDict>() {
            self.map(dict, depth)
        } else {
            Err(Refusal::new(format!(
                "{} can't be carried; known are None, bool, int, float, str, bytes, list, tuple, dict, numpy arrays and scalars",
                describe_type(object)
            )))
        }
    }

    /// The array that an object is, if it is one.
    fn array(&self, object: &Bound<'_, PyAny>) -> Result<Option<Array>, Refusal> {
        type Dumped<'py> = (String, Vec<u64>, String, Bound<'py, PyBytes>);
        let dumped = self
            .bridge
            .call_method1("dump_array", (object,))
            .map_err(|error| unreadable(&error))?;
        if dumped.is_none() {
            return Ok(None);
        }
        let (dtype, shape, layout, data): Dumped<'_> =
            dumped.extract().map_err(|error| unreadable(&error))?;
        let layout = match layout.as_str() {
            "F" => Layout::Fortran,
            "scalar" => Layout::Scalar,
            _ => Layout::C,
        };
        let refuse = |reason: String| Refusal::new(format!("an array: {reason}"));
        let description =
            serde_json::from_str(&dtype).map_err(|error| refuse(format!("{dtype}: {error}")))?;
        let dtype = Dtype::from_json(&description).map_err(|error| refuse(error.to_string()))?;
        Array::new(dtype, shape, layout, data.as_bytes().to_vec())
            .map(Some)
            .map_err(|error| refuse(error.to_string()))
    }

    fn list(&self, object: &Bound<'_, PyAny>, depth: usize) -> Result<Value, Refusal> {
        check_depth(depth)?;
        let items = object.try_iter().map_err(|error| unreadable(&error))?;
        let mut values = Vec::new();
        for (index, item) in items.enumerate() {
            let item = item.map_err(|error| unreadable(&error))?;
            let value = self
                .read(&item, depth + 1)
                .map_err(|refusal| refusal.below(&format!("[{index}]")))?;
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn map(&self, dict: &Bound<'_, PyDict>, depth: usize) -> Result<Value, Refusal> {
        check_depth(depth)?;
        let mut entries = Vec::with_capacity(dict.len());
        for (key, item) in dict {
            let Ok(key) = key.cast::<PyString>() else {
                return Err(Refusal::new(format!(
                    "a key of type {}, where only str can be carried",
                    describe_type(&key)
                )));
            };
            let key = string(key)?;
            let value = self
                .read(&item, depth + 1)
                .map_err(|refusal| refusal.below(&format!("[{key:?}]")))?;
            entries.push((key, value));
        }
        Ok(Value::Map(entries))
    }
}

fn is_exact(object: &Bound<'_, PyAny>) -> bool {
    object.is_exact_instance_of::<PyString>()
        || object.is_exact_instance_of::<PyInt>()
        || object.is_exact_instance_of::<PyFloat>()
        || object.is_exact_instance_of::<PyBool>()
        || object.is_exact_instance_of::<PyList>()
        || object.is_exact_instance_of::<PyDict>()
        || object.is_exact_instance_of::<PyTuple>()
        || object.is_exact_instance_of::<PyBytes>()
}

fn describe_type(object: &Bound<'_, PyAny>) -> String {
    object
        .get_type()
        .fully_qualified_name()
        .map_or_else(|_| "an object".to_owned(), |name| name.to_string())
}

fn unreadable(error: &PyErr) -> Refusal {
    Refusal::new(format!("reading it failed: {error}"))
}

fn integer(object: &Bound<'_, PyAny>) -> Result<Value, Refusal> {
    if let Ok(small) = object.extract::<i64>() {
        return Ok(Value::Int(small));
    }
    let value: BigInt = object.extract().map_err(|error| unreadable(&error))?;
    // 10 digits take more than 33 bits, so this bound is loose enough to need no second look at what passes it.
    let surely_too_long = value.bits() / 3 > 2 * MAX_INTEGER_DIGITS as u64;
    let digits = if surely_too_long {
        usize::MAX
    } else {
        value.magnitude().to_string().len()
    };
    if digits > MAX_INTEGER_DIGITS {
        return Err(Refusal::new(format!(
            "an integer of more than {MAX_INTEGER_DIGITS} digits"
        )));
    }
    Ok(Value::integer(value))
}

fn string(text: &Bound<'_, PyString>) -> Result<String, Refusal> {
    text.to_str()
        .map(str::to_owned)
        .map_err(|_| Refusal::new("a str with a lone surrogate"))
}

fn check_depth(depth: usize) -> Result<(), Refusal> {
    if depth >= MAX_DEPTH {
        return Err(Refusal::new(format!(
            "nested deeper than {MAX_DEPTH} levels"
        )));
    }
    Ok(())
}
