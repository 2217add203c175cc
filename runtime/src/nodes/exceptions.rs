//! What a node has raised, as a document carries it.

use std::ffi::CStr;

use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;
use sha2::{Digest as _, Sha256};

use crate::outcome::{Exception, Kind};

const MODULE: &CStr = c"_parallax_describe";

const SOURCE: &str = concat!(include_str!("describe.py"), "\0");

/// The file name of the bridge and of all else that is the executor's own, so that tracebacks leave it out.
pub const OWN_FILE: &CStr = c"<parallax>";

/// The function that describes, at hand for when there is no memory for its name.
static DESCRIBE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Makes the module that describes exceptions, which the bridge imports.
///
/// # Errors
/// Memory has run out.
pub fn load(py: Python<'_>) -> PyResult<()> {
    let source = CStr::from_bytes_with_nul(SOURCE.as_bytes())
        .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
    let module = PyModule::from_code(py, source, OWN_FILE, MODULE)?;
    module.setattr("digest", wrap_pyfunction!(digest, &module)?)?;
    // The first one stays.
    let _ = DESCRIBE.set(py, module.getattr("describe")?.unbind());
    Ok(())
}

/// The first 16 hexadecimal digits of the lines' SHA-256, each line with its end.
#[pyfunction]
fn digest(lines: Vec<String>) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
        hash.update("\n");
    }
    let digits = hash.finalize().into_iter().take(8);
    digits.map(|byte| format!("{byte:02x}")).collect()
}

/// An exception, and the kind of failure that it makes.
pub struct Described {
    pub exception: Exception,
    pub kind: Kind,
}

/// Describes an exception.
///
/// What fails while an exception is described is no failure of its own: it is told in the exception's place.
pub fn describe(py: Python<'_>, error: &PyErr) -> Described {
    let ran_out = |error: &PyErr| error.is_instance_of::<PyMemoryError>(py);
    let described = match DESCRIBE.get(py) {
        Some(describe) => describe
            .bind(py)
            .call1((error.value(py),))
            .and_then(|described| read(&described)),
        None => Err(pyo3::exceptions::PyRuntimeError::new_err("not loaded")),
    };
    let no_memory = ran_out(error) || matches!(&described, Err(second) if ran_out(second));
    let exception = described.unwrap_or_else(|second| {
        let why = format!("<can't be described: {}>", name(py, &second));
        Exception::new(name(py, error), why)
    });
    let kind = if no_memory { Kind::Limit } else { Kind::Python };
    Described { exception, kind }
}

/// The name of an exception's class, had without running any code of the class.
pub fn name(py: Python<'_>, error: &PyErr) -> String {
    match error.get_type(py).name() {
        Ok(name) => name.to_string_lossy().into_owned(),
        Err(_) => "?".to_owned(),
    }
}

/// Reads what the bridge tells of an exception, which is no deeper than it says.
fn read(described: &Bound<'_, PyAny>) -> PyResult<Exception> {
    let fields = described.cast::<PyList>()?;
    let other = |index: usize| -> PyResult<Option<Box<Exception>>> {
        let field = fields.get_item(index)?;
        if field.is_none() {
            return Ok(None);
        }
        read(&field).map(|exception| Some(Box::new(exception)))
    };
    Ok(Exception {
        class: fields.get_item(0)?.extract()?,
        message: fields.get_item(1)?.extract()?,
        traceback: fields.get_item(2)?.extract()?,
        notes: fields.get_item(3)?.extract()?,
        cause: other(4)?,
        context: other(5)?,
        members: fields
            .get_item(6)?
            .cast::<PyList>()?
            .iter()
            .map(|member| read(&member))
            .collect::<PyResult<_>>()?,
        truncated: fields.get_item(7)?.extract()?,
    })
}
