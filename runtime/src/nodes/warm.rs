//! An interpreter that is started and has imported what it can, for many cases to begin with a copy of it.

use std::ffi::{CStr, OsString, c_int};
use std::fmt;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict};

use super::legacy_random::LegacyGenerator;
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

/// What begins a case in a copy.
pub(super) struct Warm {
    module: Py<PyModule>,
    /// What `os.environ` keeps its variables in; changed there, the C library isn't told, which has them already.
    variables: Py<PyDict>,
    generator: Option<LegacyGenerator>,
    /// What `os.environ` says in every copy, unless it is told otherwise.
    environment: Vec<(OsString, OsString)>,
}

/// The generator behind numpy's global functions, if numpy is there.
fn legacy_generator(module: &Bound<'_, PyModule>) -> PyResult<Option<LegacyGenerator>> {
    type Described<'py> = (Bound<'py, PyCapsule>, Vec<u8>, c_int);
    let described = module.call_method0("legacy_generator")?;
    let Some((capsule, key, position)) = described.extract::<Option<Described<'_>>>()? else {
        return Ok(None);
    };
    let generator = LegacyGenerator::new(&capsule, &key, position)?;
    generator.map(Some).ok_or_else(|| {
        let message =
            "numpy's global generator keeps its state elsewhere than legacy_random.rs knows";
        pyo3::exceptions::PyRuntimeError::new_err(message)
    })
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
        let hidden = self.hidden;
        let (reported, warm) = Python::attach(|py| -> PyResult<(Reported, Warm)> {
            let module = match &self.warm {
                Some(warm) => warm.module.bind(py).clone(),
                None => {
                    let source =
                        CStr::from_bytes_with_nul(WARM_SOURCE.as_bytes()).map_err(|error| {
                            pyo3::exceptions::PyValueError::new_err(error.to_string())
                        })?;
                    PyModule::from_code(py, source, BRIDGE_FILE, WARM)?
                }
            };
            let reported = module.call_method1("preload", (modules,))?.extract()?;
            let warm = Warm {
                variables: module.call_method0("variables")?.extract()?,
                generator: legacy_generator(&module)?,
                module: module.unbind(),
                environment: environment(hidden),
            };
            Ok((reported, warm))
        })
        .map_err(|error| failed("import modules ahead of the cases", &error))?;
        self.warm = Some(warm);
        Ok(reported
            .into_iter()
            .map(|(module, place, reason)| PreloadFailure {
                module,
                place,
                reason,
            })
            .collect())
    }

    /// Leaves the interpreter as it is after [`PythonHost::preload`], whatever it has run since.
    ///
    /// # Errors
    /// The library isn't what it was when this was written.
    pub fn settle(&mut self) -> Result<(), Failure> {
        let Some(warm) = &self.warm else {
            return Ok(());
        };
        Python::attach(|py| warm.module.bind(py).call_method0("settle").map(drop))
            .map_err(|error| failed("settle a warmed interpreter", &error))
    }

    /// Begins a case in a copy of a preloaded interpreter: `os.environ` says what the process's environment is now, and random generators are seeded anew.
    ///
    /// # Errors
    /// A module of the library isn't what it was when this was written, or the system has no random numbers.
    pub fn resume(&mut self) -> Result<(), Failure> {
        // The start was somebody else's.
        self.start_ns = 0;
        let hidden = self.hidden;
        let Some(warm) = &mut self.warm else {
            return Ok(());
        };
        if let Some(generator) = &mut warm.generator {
            generator.seed().map_err(|error| {
                let what = "failed to read the system's random numbers";
                Failure::new(Kind::Io, format!("{what}: {error}"))
            })?;
        }
        let environment = environment(hidden);
        Python::attach(|py| {
            let module = warm.module.bind(py);
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
            module.call_method0("resume").map(drop)
        })
        .map_err(|error| failed("begin a case in a warmed interpreter", &error))
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
