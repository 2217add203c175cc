//! Values to Python objects and back.

use num_bigint::BigInt;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple,
};

use super::numpy_arrays::{from_numpy, to_numpy};
use super::refusal::{Refusal, unreadable};
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
        Value::Array(array) => to_numpy(bridge, array)?,
    })
}

/// Reads what a node has returned or yielded; what refers to it besides `object` is the node's.
///
/// # Errors
/// Names the place of the first object that can't be carried.
pub fn from_python(
    bridge: &Bound<'_, PyModule>,
    object: &Bound<'_, PyAny>,
) -> Result<Value, Refusal> {
    Reader { bridge }.read(object, 0, references(object) == 1)
}

struct Reader<'a, 'py> {
    bridge: &'a Bound<'py, PyModule>,
}

impl Reader<'_, '_> {
    /// `alone` says whether the object, and all that holds it up to the result itself, is referred to by nobody else.
    fn read(&self, object: &Bound<'_, PyAny>, depth: usize, alone: bool) -> Result<Value, Refusal> {
        if object.is_none() {
            return Ok(Value::Null);
        }
        // numpy's scalars may be subclasses of Python's (float64 of float), so they are asked for before all but the exact types.
        if !is_exact(object)
            && let Some(array) = from_numpy(self.bridge, object, alone)?
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
            self.list(object, depth, alone && is_exact(object))
        } else if let Ok(dict) = object.cast::<PyDict>() {
            self.map(dict, depth, alone && is_exact(object))
        } else {
            let name = describe_type(object);
            let instead = match instead(object, &name) {
                Some(instead) => format!("return {instead} instead"),
                None => KNOWN.to_owned(),
            };
            Err(Refusal::new(format!("{name} can't be carried; {instead}")))
        }
    }

    fn list(&self, object: &Bound<'_, PyAny>, depth: usize, alone: bool) -> Result<Value, Refusal> {
        check_depth(depth)?;
        let items = object.try_iter().map_err(|error| unreadable(&error))?;
        let mut values = Vec::new();
        for (index, item) in items.enumerate() {
            let item = item.map_err(|error| unreadable(&error))?;
            let value = self
                .read(&item, depth + 1, alone && is_held_once(&item))
                .map_err(|refusal| refusal.below(&format!("[{index}]")))?;
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn map(&self, dict: &Bound<'_, PyDict>, depth: usize, alone: bool) -> Result<Value, Refusal> {
        check_depth(depth)?;
        let mut entries = Vec::with_capacity(dict.len());
        for (key, item) in dict {
            let Ok(key) = key.cast::<PyString>() else {
                return Err(Refusal::new(format!(
                    "a key of type {}, where only str can be carried; return `{{str(key): value}}` instead",
                    describe_type(&key)
                )));
            };
            let key = string(key)?;
            let value = self
                .read(&item, depth + 1, alone && is_held_once(&item))
                .map_err(|refusal| refusal.below(&format!("[{key:?}]")))?;
            entries.push((key, value));
        }
        Ok(Value::Map(entries))
    }
}

/// Whether nobody refers to an item but the one list or map that holds it, and the one who asks.
fn is_held_once(item: &Bound<'_, PyAny>) -> bool {
    references(item) == 2
}

fn references(object: &Bound<'_, PyAny>) -> isize {
    // SAFETY: Python is attached, and the object is alive.
    unsafe { ffi::Py_REFCNT(object.as_ptr()) }
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

/// What there is to choose from.
const KNOWN: &str =
    "known are None, bool, int, float, str, bytes, list, tuple, dict, numpy arrays and scalars";

/// What carries the same, for objects that many a node returns.
fn instead(object: &Bound<'_, PyAny>, name: &str) -> Option<&'static str> {
    let has = |attribute: &str| object.get_type().hasattr(attribute).unwrap_or_default();
    match name {
        "decimal.Decimal" | "fractions.Fraction" => Some("`str(value)`"),
        "set" | "frozenset" => Some("`sorted(value)`"),
        "complex" => Some("`[value.real, value.imag]`"),
        "datetime.datetime" | "datetime.date" | "datetime.time" => Some("`value.isoformat()`"),
        "datetime.timedelta" => Some("`value.total_seconds()`"),
        "uuid.UUID" | "pathlib.Path" | "pathlib.PosixPath" => Some("`str(value)`"),
        "range" | "dict_keys" | "dict_values" | "dict_items" | "collections.deque" => {
            Some("`list(value)`")
        }
        "memoryview" => Some("`bytes(value)`"),
        _ if has("__members__") => Some("`value.value`, what the member stands for,"),
        _ if has("__dataclass_fields__") => Some("`dataclasses.asdict(value)`"),
        _ => None,
    }
}

fn describe_type(object: &Bound<'_, PyAny>) -> String {
    object
        .get_type()
        .fully_qualified_name()
        .map_or_else(|_| "an object".to_owned(), |name| name.to_string())
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
