//! An interpreter that is started, with the library imported and the nodes compiled, for many cases to begin with a copy of it.
//!
//! `record.py` imports the library, notes what that does to the interpreter, and takes it back.
//! `warm.py` does it again in the case that imports a module, if that is what a fresh import would do; otherwise the case is left to a fresh interpreter.
//! The nodes' modules are only compiled: their bodies run in the case that imports them.

mod immortal;
pub(super) mod interpreter;
mod settings;
mod subclasses;
mod watch;

use std::ffi::OsString;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

pub use interpreter::Leave;

use self::interpreter::{WARM, Warm, environment, warm_up};
use super::python::PythonHost;
use crate::holes;
use crate::outcome::{Failure, Kind};

impl PythonHost {
    /// Starts Python if it isn't yet, imports the library and compiles the nodes' modules ahead of the cases, which call `leave` where they would be able to tell.
    ///
    /// # Errors
    /// Python can't be started, or the library isn't what it was when this was written.
    pub fn preload(&mut self, leave: Leave) -> Result<(), Failure> {
        self.start()?;
        let hidden = self.hidden;
        let warm = Python::attach(|py| warm_up(py, leave, hidden))
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

    /// Puts the code side by side that was run since this was called last; it is adapted anew when it is run again.
    ///
    /// # Errors
    /// The interpreter isn't what it was when this was written.
    pub fn pack(&mut self) -> Result<(), Failure> {
        self.with_warm("put code side by side", |py, warm| {
            holes::fill();
            warm.pack.call0(py).map(drop)
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
                warm.library.call_method0(py, "finish")?;
            }
            warm.library.call_method0(py, "begin")?;
            immortal::make_immortal(py)
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

fn names(variables: &[(OsString, OsString)]) -> impl Iterator<Item = &OsString> {
    variables.iter().map(|(name, _)| name)
}

fn failed(what: &str, error: &PyErr) -> Failure {
    Failure::new(Kind::Io, format!("failed to {what}: {error}"))
}
