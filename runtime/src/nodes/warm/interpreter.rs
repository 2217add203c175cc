//! Warms an interpreter that has been started: what a copy of it must have is imported and compiled.

use std::ffi::{CStr, OsString};
use std::io::Write as _;
use std::sync::OnceLock;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::super::exceptions::OWN_FILE;
use super::{settings, subclasses, watch};

/// The name of the module that begins cases.
pub(super) const WARM: &CStr = c"_parallax_warm";

/// The module of what isn't written in Python.
const NATIVE: &str = "_parallax_native";

/// What the other modules here import.
const PARTS: [(&CStr, &str); 3] = [
    (
        c"_parallax_changes",
        concat!(include_str!("changes.py"), "\0"),
    ),
    (
        c"_parallax_doings",
        concat!(include_str!("doings.py"), "\0"),
    ),
    (
        c"_parallax_sources",
        concat!(include_str!("sources.py"), "\0"),
    ),
];
const WARM_SOURCE: &str = concat!(include_str!("warm.py"), "\0");

const PACK: &CStr = c"_parallax_pack";
const PACK_SOURCE: &str = concat!(include_str!("pack.py"), "\0");

const RECORD: &CStr = c"_parallax_record";
const RECORD_SOURCE: &str = concat!(include_str!("record.py"), "\0");

/// Ends the case's process, and has whoever ordered the case run it in a fresh interpreter.
pub type Leave = fn() -> !;

static LEAVE: OnceLock<Leave> = OnceLock::new();

/// What begins a case in a copy.
pub struct Warm {
    pub(super) module: Py<PyModule>,
    /// What gives cases the library's modules.
    pub(super) library: Py<PyAny>,
    /// What takes back what cases do, until the interpreter is finished.
    pub(super) recorder: Option<Py<PyAny>>,
    /// What puts the code that cases run side by side.
    pub(super) pack: Py<PyAny>,
    /// What `os.environ` keeps its variables in; changed there, the C library isn't told, which has them already.
    pub(super) variables: Py<PyDict>,
    /// What `os.environ` says in every copy, unless it is told otherwise.
    pub(super) environment: Vec<(OsString, OsString)>,
}

/// Imports the library and compiles the nodes' modules.
///
/// # Errors
/// The library isn't what it was when this was written.
pub(super) fn warm_up(py: Python<'_>, leave: Leave, hidden: Option<&str>) -> PyResult<Warm> {
    LEAVE.get_or_init(|| leave);
    watch::start(py)?;
    let modules = py
        .import("sys")?
        .getattr("modules")?
        .cast_into::<PyDict>()?;
    let before = modules.copy()?;
    modules.set_item(NATIVE, native(py)?)?;
    for (name, source) in PARTS {
        load(py, source, name)?;
    }
    let warm = load(py, WARM_SOURCE, WARM)?;
    let record = load(py, RECORD_SOURCE, RECORD)?;
    let pack = load(py, PACK_SOURCE, PACK)?;
    // What only this needs is nothing that a case would find.
    for name in modules.keys() {
        if !before.contains(&name)? {
            modules.del_item(&name)?;
        }
    }
    let recorder = record.call_method1("begin", (warm.getattr("ROOTS")?,))?;
    watch::end_recording(py)?;
    let library = warm.call_method1("start", (&recorder,))?;
    Ok(Warm {
        variables: warm.call_method0("variables")?.extract()?,
        module: warm.unbind(),
        library: library.unbind(),
        recorder: Some(recorder.unbind()),
        pack: pack.getattr("pack")?.unbind(),
        environment: environment(hidden),
    })
}

fn load<'py>(py: Python<'py>, source: &str, name: &CStr) -> PyResult<Bound<'py, PyModule>> {
    let source = CStr::from_bytes_with_nul(source.as_bytes())
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    PyModule::from_code(py, source, OWN_FILE, name)
}

/// What the parts that are written in Python call.
fn native(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(py, NATIVE)?;
    module.add_function(wrap_pyfunction!(watch::watch, &module)?)?;
    module.add_function(wrap_pyfunction!(watch::guard, &module)?)?;
    module.add_function(wrap_pyfunction!(watch::touched, &module)?)?;
    module.add_function(wrap_pyfunction!(watch::quiet, &module)?)?;
    module.add_function(wrap_pyfunction!(watch::tampered, &module)?)?;
    module.add_function(wrap_pyfunction!(watch::listened, &module)?)?;
    module.add_function(wrap_pyfunction!(watch::stirred, &module)?)?;
    module.add_function(wrap_pyfunction!(settings::note_settings, &module)?)?;
    module.add_function(wrap_pyfunction!(settings::note_lists, &module)?)?;
    module.add_function(wrap_pyfunction!(settings::changed_setting, &module)?)?;
    module.add_function(wrap_pyfunction!(subclasses::hide, &module)?)?;
    module.add_function(wrap_pyfunction!(subclasses::begin, &module)?)?;
    module.add_function(wrap_pyfunction!(subclasses::give, &module)?)?;
    module.add_function(wrap_pyfunction!(leave_case, &module)?)?;
    Ok(module)
}

/// Leaves the case, and says on standard error why.
#[pyfunction]
fn leave_case(reason: &str) {
    // Where it can't be written, nobody reads it.
    let _ = writeln!(std::io::stderr(), "{reason}");
    match LEAVE.get() {
        Some(leave) => leave(),
        None => std::process::abort(),
    }
}

/// The process's environment as nodes see it, without the variable `hidden`.
pub(super) fn environment(hidden: Option<&str>) -> Vec<(OsString, OsString)> {
    std::env::vars_os()
        .filter(|(name, _)| hidden.is_none_or(|hidden| name != hidden))
        .collect()
}
