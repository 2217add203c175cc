//! An interpreter that is started and has imported what it can, for many cases to begin with a copy of it.

use std::ffi::CStr;
use std::fmt;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::python::{BRIDGE_FILE, PythonHost};
use crate::outcome::{Failure, Kind};

const WARM: &CStr = c"_parallax_warm";

const WARM_SOURCE: &str = concat!(include_str!("warm.py"), "\0");

/// A module that can't be shared, because a case could tell that it was imported ahead; each case imports it itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreloadFailure {
    pub module: String,
    /// `file:line`, the file relative to the node path; without the line where there is none to blame.
    pub place: String,
    /// The exception, or what the module does while it is imported.
    pub reason: String,
}

impl fmt::Display for PreloadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PreloadFailure {
            module,
            place,
            reason,
        } = self;
        write!(
            f,
            "module `{module}` is imported in each case: {place}: {reason}"
        )
    }
}

impl PythonHost {
    /// Starts Python if it isn't yet, imports numpy (where it is) and then `modules`, and readies the interpreter for being copied.
    ///
    /// A module whose import fails, warns, prints, draws random numbers or changes what all modules share is taken out again with the modules of the node path that it brought along.
    /// What else it did stays, so whoever can begin anew calls this with each module in an interpreter that is thrown away, and in the one to be copied with those that passed.
    ///
    /// # Errors
    /// Python can't be started.
    pub fn preload(&mut self, modules: &[String]) -> Result<Vec<PreloadFailure>, Failure> {
        type Reported = Vec<(String, String, String)>;
        self.start()?;
        let reported = Python::attach(|py| -> PyResult<Reported> {
            let warm = match &self.warm {
                Some(warm) => warm.bind(py).clone(),
                None => {
                    let source =
                        CStr::from_bytes_with_nul(WARM_SOURCE.as_bytes()).map_err(|error| {
                            pyo3::exceptions::PyValueError::new_err(error.to_string())
                        })?;
                    PyModule::from_code(py, source, BRIDGE_FILE, WARM)?
                }
            };
            self.warm = Some(warm.clone().unbind());
            warm.call_method1("preload", (modules,))?.extract()
        })
        .map_err(|error| failed("import modules ahead of the cases", &error))?;
        Ok(reported
            .into_iter()
            .map(|(module, place, reason)| PreloadFailure {
                module,
                place,
                reason,
            })
            .collect())
    }

    /// Begins a case in a copy of a preloaded interpreter: `os.environ` says what the process's environment is now, and random generators are seeded anew.
    ///
    /// # Errors
    /// A module of the library isn't what it was when this was written.
    pub fn resume(&mut self) -> Result<(), Failure> {
        // The start was somebody else's.
        self.start_ns = 0;
        let Some(warm) = &self.warm else {
            return Ok(());
        };
        let hidden = self.hidden;
        Python::attach(|py| {
            let environment: Vec<_> = std::env::vars_os()
                .filter(|(name, _)| hidden.is_none_or(|hidden| name != hidden))
                .map(|(name, value)| {
                    (
                        PyBytes::new(py, name.as_encoded_bytes()),
                        PyBytes::new(py, value.as_encoded_bytes()),
                    )
                })
                .collect();
            warm.bind(py)
                .call_method1("resume", (environment,))
                .map(drop)
        })
        .map_err(|error| failed("begin a case in a warmed interpreter", &error))
    }
}

fn failed(what: &str, error: &PyErr) -> Failure {
    Failure::new(Kind::Io, format!("failed to {what}: {error}"))
}
