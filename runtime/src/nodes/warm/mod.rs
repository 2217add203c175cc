//! An interpreter that is started, with the library imported and the nodes compiled, for many cases to begin with a copy of it.
//!
//! `record.py` imports the library, notes what that does to the interpreter, and takes it back.
//! `warm.py` does it again in the case that imports a module, if that is what a fresh import would do; otherwise the case is left to a fresh interpreter.
//! The nodes' modules are only compiled: their bodies run in the case that imports them.

mod watch;

use std::ffi::{CStr, OsString};
use std::io::Write as _;
use std::sync::OnceLock;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::python::{BRIDGE_FILE, PythonHost};
use crate::outcome::{Failure, Kind};

const WARM: &CStr = c"_parallax_warm";
const WARM_SOURCE: &str = concat!(include_str!("warm.py"), "\0");

const RECORD: &CStr = c"_parallax_record";
const RECORD_SOURCE: &str = concat!(include_str!("record.py"), "\0");

/// Ends the case's process, and has whoever ordered the case run it in a fresh interpreter.
pub type Leave = fn() -> !;

static LEAVE: OnceLock<Leave> = OnceLock::new();

/// What begins a case in a copy.
pub(super) struct Warm {
    module: Py<PyModule>,
    /// What gives cases the library's modules.
    library: Py<PyAny>,
    /// What takes back what cases do, until [`PythonHost::finish`].
    recorder: Option<Py<PyAny>>,
    /// What `os.environ` keeps its variables in; changed there, the C library isn't told, which has them already.
    variables: Py<PyDict>,
    /// What `os.environ` says in every copy, unless it is told otherwise.
    environment: Vec<(OsString, OsString)>,
}

impl PythonHost {
    /// Starts Python if it isn't yet, imports the library and compiles the nodes' modules ahead of the cases, which call `leave` where they would be able to tell.
    ///
    /// # Errors
    /// Python can't be started, or the library isn't what it was when this was written.
    pub fn preload(&mut self, leave: Leave) -> Result<(), Failure> {
        self.start()?;
        LEAVE.get_or_init(|| leave);
        let hidden = self.hidden;
        let warm = Python::attach(|py| warm_up(py, hidden))
            .map_err(|error| failed("import the library ahead of the cases", &error))?;
        self.warm = Some(warm);
        Ok(())
    }

    /// Lets requests name `_parallax_warm`, until [`PythonHost::end_rehearsal`] takes back what they have done.
    ///
    /// # Errors
    /// Memory has run out.
    pub fn begin_rehearsal(&mut self) -> Result<(), Failure> {
        self.with_warm("begin to rehearse", |py, warm| {
            let modules = py.import("sys")?.getattr("modules")?;
            modules.set_item(WARM.to_string_lossy(), &warm.module)
        })
    }

    /// Leaves the interpreter as it was before [`PythonHost::begin_rehearsal`].
    ///
    /// # Errors
    /// The library isn't what it was when this was written.
    pub fn end_rehearsal(&mut self) -> Result<(), Failure> {
        self.with_warm("take back what was rehearsed", |py, warm| {
            if let Some(recorder) = &warm.recorder {
                recorder.call_method0(py, "restore")?;
            }
            warm.library.call_method0(py, "begin").map(drop)
        })
    }

    /// Leaves the interpreter as cases begin with it, with its objects where a copy needn't touch them.
    ///
    /// # Errors
    /// The library isn't what it was when this was written.
    pub fn finish(&mut self) -> Result<(), Failure> {
        self.with_warm("finish a warmed interpreter", |py, warm| {
            if let Some(recorder) = warm.recorder.take() {
                recorder.call_method0(py, "finish")?;
            }
            warm.library.call_method0(py, "begin").map(drop)
        })
    }

    /// Begins a case in a copy of a preloaded interpreter: `os.environ` says what the process's environment is now.
    ///
    /// # Errors
    /// Memory has run out.
    pub fn resume(&mut self) -> Result<(), Failure> {
        // The start was somebody else's.
        self.start_ns = 0;
        let environment = environment(self.hidden);
        self.with_warm("begin a case in a warmed interpreter", |py, warm| {
            let variables = warm.variables.bind(py);
            let known = names(&environment).eq(names(&warm.environment));
            if !known {
                variables.clear();
            }
            let bytes = |text: &OsString| PyBytes::new(py, text.as_encoded_bytes());
            for (index, (name, value)) in environment.iter().enumerate() {
                if !known || *value != warm.environment[index].1 {
                    variables.set_item(bytes(name), bytes(value))?;
                }
            }
            watch::forget(py);
            Ok(())
        })
    }

    /// Does nothing where nothing is done ahead.
    fn with_warm(
        &mut self,
        what: &str,
        act: impl FnOnce(Python<'_>, &mut Warm) -> PyResult<()>,
    ) -> Result<(), Failure> {
        let Some(warm) = &mut self.warm else {
            return Ok(());
        };
        Python::attach(|py| act(py, warm)).map_err(|error| failed(what, &error))
    }
}

fn warm_up(py: Python<'_>, hidden: Option<&str>) -> PyResult<Warm> {
    watch::start(py)?;
    let modules = py
        .import("sys")?
        .getattr("modules")?
        .cast_into::<PyDict>()?;
    let before = modules.copy()?;
    let warm = load(py, WARM_SOURCE, WARM)?;
    let record = load(py, RECORD_SOURCE, RECORD)?;
    // What only this needs is nothing that a case would find.
    for name in modules.keys() {
        if !before.contains(&name)? {
            modules.del_item(&name)?;
        }
    }
    let touched = wrap_pyfunction!(watch::touched, py)?;
    let recorder = record.call_method1(
        "begin",
        (
            warm.getattr("ROOTS")?,
            wrap_pyfunction!(watch::watch, py)?,
            &touched,
        ),
    )?;
    watch::end_recording(py)?;
    let arguments = (
        &recorder,
        wrap_pyfunction!(watch::guard, py)?,
        &touched,
        wrap_pyfunction!(watch::listened, py)?,
        wrap_pyfunction!(leave_case, py)?,
    );
    let library = warm.call_method1("start", arguments)?;
    Ok(Warm {
        variables: warm.call_method0("variables")?.extract()?,
        module: warm.unbind(),
        library: library.unbind(),
        recorder: Some(recorder.unbind()),
        environment: environment(hidden),
    })
}

fn load<'py>(py: Python<'py>, source: &str, name: &CStr) -> PyResult<Bound<'py, PyModule>> {
    let source = CStr::from_bytes_with_nul(source.as_bytes())
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    PyModule::from_code(py, source, BRIDGE_FILE, name)
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

fn names(variables: &[(OsString, OsString)]) -> impl Iterator<Item = &OsString> {
    variables.iter().map(|(name, _)| name)
}

fn environment(hidden: Option<&str>) -> Vec<(OsString, OsString)> {
    std::env::vars_os()
        .filter(|(name, _)| hidden.is_none_or(|hidden| name != hidden))
        .collect()
}

fn failed(what: &str, error: &PyErr) -> Failure {
    Failure::new(Kind::Io, format!("failed to {what}: {error}"))
}
