//! Python nodes, through an embedded CPython.
//!
//! Methods are called by names that are interned: the interpreter remembers what it found under a name by the text's place, so that a new text for each call would push out what a copy needs, and write to the pages that it is on.

use std::ffi::{CStr, c_int};
use std::path::PathBuf;

use pyo3::exceptions::PyMemoryError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::convert::{from_python, to_python};
use super::exceptions::OWN_FILE;
use super::host::NodeHost;
use super::node::{Blueprint, Node};
use super::refusal::Refusal;
use super::warm::interpreter::Warm;
use super::{exceptions, node_path, numpy_arrays};
use crate::outcome::{Failure, Kind, Warning};
use crate::value::Value;

const BRIDGE: &CStr = c"_parallax_bridge";

/// Where numpy and the like are, beyond the standard library: a folder natively, a zip in WebAssembly; empty if there are none.
const SITE: &str = env!("PARALLAX_SITE");

const BRIDGE_SOURCE: &str = concat!(include_str!("bridge.py"), "\0");

/// Starts CPython when the first Python node is constructed, and not before: a refused manifest needs none.
pub struct PythonHost {
    node_path: Vec<PathBuf>,
    /// Whether what nodes print to standard output stays there.
    streams_are_the_cases: bool,
    bridge: Option<Py<PyModule>>,
    /// What can be done ahead of a case; only there once something was.
    pub(super) warm: Option<Warm>,
    pub(super) start_ns: u64,
    /// A variable of the environment that nodes don't see.
    pub(super) hidden: Option<&'static str>,
}

impl PythonHost {
    /// A host that looks for modules in `node_path` before the library.
    ///
    /// What nodes print to standard output goes to standard error, unless both streams are the case's.
    pub fn new(node_path: Vec<PathBuf>, streams_are_the_cases: bool) -> Self {
        PythonHost {
            node_path,
            streams_are_the_cases,
            bridge: None,
            warm: None,
            start_ns: 0,
            hidden: None,
        }
    }

    /// Nanoseconds that starting CPython took, 0 if it wasn't needed.
    pub fn start_ns(&self) -> u64 {
        self.start_ns
    }

    /// Has the interpreter do what others can see of its end, and gives the warnings that this has caused.
    pub fn end(&mut self) -> Vec<Warning> {
        let Some(bridge) = &self.bridge else {
            return Vec::new();
        };
        Python::attach(|py| {
            if let Err(error) = bridge.bind(py).call_method0(intern!(py, "finish")) {
                // The answer must not be lost for it.
                tracing::warn!("ending Python failed: {}", exceptions::name(py, &error));
            }
        });
        self.take_warnings()
    }

    /// Starts CPython, if it isn't yet.
    ///
    /// # Errors
    /// The library isn't where it was, or memory ran out.
    pub(crate) fn start(&mut self) -> Result<&Py<PyModule>, Failure> {
        if self.bridge.is_none() {
            let started = std::time::Instant::now();
            set_python_home();
            use_utf8();
            #[cfg(parallax_numpy)]
            super::numpy_modules::register()
                .ok_or_else(|| Failure::new(Kind::Limit, "no memory for numpy's modules"))?;
            Python::initialize();
            self.hidden = pin_threads();
            let bridge = Python::attach(|py| -> PyResult<_> {
                rehearse_an_error(py);
                exceptions::load(py)?;
                numpy_arrays::prepare(py);
                let source = CStr::from_bytes_with_nul(BRIDGE_SOURCE.as_bytes())
                    .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
                let bridge = PyModule::from_code(py, source, OWN_FILE, BRIDGE)?;
                let paths: Vec<_> = self
                    .node_path
                    .iter()
                    .map(|path| path.to_string_lossy().into_owned())
                    .collect();
                bridge.call_method1("start", (paths, SITE, self.streams_are_the_cases))?;
                Ok(bridge.unbind())
            })
            .map_err(|error| Failure::new(Kind::Io, format!("failed to start Python: {error}")))?;
            self.bridge = Some(bridge);
            self.start_ns = crate::stopwatch::nanoseconds(started);
        }
        self.bridge
            .as_ref()
            .ok_or_else(|| Failure::new(Kind::Io, "Python is not started"))
    }
}

/// Has PyO3 make what it makes for the first exception that it meets: when that is a `MemoryError`, there is no memory to make it with, and it would wait for itself for ever.
fn rehearse_an_error(py: Python<'_>) {
    PyMemoryError::new_err("rehearsed").restore(py);
    if let Some(error) = PyErr::take(py) {
        let _ = error.value(py);
    }
}

/// CPython looks for its library beside the executable and upwards, and would find another version's; so it is told, unless the environment does.
///
/// Not by the environment, which nodes see.
fn set_python_home() {
    if std::env::var_os("PYTHONHOME").is_some() {
        return;
    }
    let home = env!("PARALLAX_PYTHON_HOME")
        .chars()
        .map(|c| c as libc::wchar_t);
    let home: Vec<libc::wchar_t> = home.chain([0]).collect();
    #[expect(
        deprecated,
        reason = "the alternative, `PyConfig`, is in no stable interface, and PyO3 starts CPython without one"
    )]
    // SAFETY: CPython is not started yet, and keeps the pointer; the text ends with a zero and stays for ever.
    unsafe {
        pyo3::ffi::Py_SetPythonHome(home.leak().as_ptr());
    }
}

/// Keeps numpy's OpenBLAS from starting threads: its results would depend on the number of cores, and a process with threads can't be copied.
///
/// Called when Python has read the environment, so that no node sees the variable that says it.
fn pin_threads() -> Option<&'static str> {
    const THREADS: &str = "OPENBLAS_NUM_THREADS";
    if cfg!(target_family = "wasm") || std::env::var_os(THREADS).is_some() {
        return None;
    }
    // SAFETY: the executors start Python before they start any thread, and nothing else reads the environment meanwhile.
    unsafe { std::env::set_var(THREADS, "1") };
    Some(THREADS)
}

unsafe extern "C" {
    /// CPython's global switch for PEP 540; an embedded interpreter reads it, but not `PYTHONUTF8`.
    static mut Py_UTF8Mode: c_int;
}

/// WASI's CPython knows no other encoding than UTF-8; natively it would follow the locale.
fn use_utf8() {
    // SAFETY: CPython is not started yet, and the executors have no other thread that could read or write the variable.
    unsafe { Py_UTF8Mode = 1 };
}

impl NodeHost for PythonHost {
    fn construct(&mut self, blueprint: Blueprint) -> Result<Box<dyn Node>, Failure> {
        let node_type = node_path::complete(&blueprint, &self.node_path)?;
        let bridge = self.start()?;
        Python::attach(|py| {
            let bridge = bridge.clone_ref(py);
            let step = Step {
                bridge: bridge.bind(py),
                id: &blueprint.id,
                action: "__init__",
            };
            let params = PyDict::new(py);
            for (key, value) in blueprint.params {
                let value = step.check(to_python(step.bridge, value))?;
                step.check(params.set_item(key, value))?;
            }
            let arguments = (&blueprint.id, node_type, params);
            let instance = step.check(
                step.bridge
                    .call_method1(intern!(py, "construct"), arguments),
            )?;
            Ok(Box::new(PythonNode {
                id: blueprint.id.clone(),
                instance: instance.unbind(),
                bridge,
            }) as Box<dyn Node>)
        })
    }

    fn take_warnings(&mut self) -> Vec<Warning> {
        let Some(bridge) = &self.bridge else {
            return Vec::new();
        };
        let taken = Python::attach(|py| {
            bridge
                .bind(py)
                .call_method0(intern!(py, "take_warnings"))?
                .extract::<Vec<(Option<String>, String, String)>>()
        });
        match taken {
            Ok(warnings) => warnings
                .into_iter()
                .map(|(node, category, message)| Warning {
                    node,
                    category,
                    message,
                })
                .collect(),
            // A message that can't be carried is itself worth a warning, never silence.
            Err(error) => vec![Warning {
                node: None,
                category: "parallax.LostWarnings".to_owned(),
                message: error.to_string(),
            }],
        }
    }
}

/// What a node may have besides `process`.
#[derive(Clone, Copy)]
enum Hook {
    Initialize,
    Cleanup,
}

struct PythonNode {
    id: String,
    instance: Py<PyAny>,
    bridge: Py<PyModule>,
}

impl PythonNode {
    fn call_hook(&self, hook: Hook) -> Result<(), Failure> {
        Python::attach(|py| {
            let (action, method) = match hook {
                Hook::Initialize => ("initialize", intern!(py, "initialize")),
                Hook::Cleanup => ("cleanup", intern!(py, "cleanup")),
            };
            let step = self.step(py, action);
            let arguments = (&self.id, &self.instance, method);
            step.check(step.bridge.call_method1(intern!(py, "call"), arguments))
                .map(drop)
        })
    }

    fn step<'a, 'py>(&'a self, py: Python<'py>, action: &'static str) -> Step<'a, 'py> {
        Step {
            bridge: self.bridge.bind(py),
            id: &self.id,
            action,
        }
    }

    /// Adds what `process` has given to the results, each item as soon as it is there.
    fn collect(
        &self,
        step: &Step<'_, '_>,
        given: PyResult<Bound<'_, PyAny>>,
        results: &mut Vec<Value>,
    ) -> Result<(), Failure> {
        // The tuple ends here: an array that it still referred to would have to be copied.
        let (several, result): (bool, Bound<'_, PyAny>) =
            step.check(step.check(given)?.extract())?;
        if !several {
            results.push(self.read(step, &result, 0)?);
            return Ok(());
        }
        for (index, item) in step.check(result.try_iter())?.enumerate() {
            let item = step.check(item)?;
            results.push(self.read(step, &item, index)?);
        }
        Ok(())
    }

    fn read(
        &self,
        step: &Step<'_, '_>,
        object: &Bound<'_, PyAny>,
        index: usize,
    ) -> Result<Value, Failure> {
        from_python(step.bridge, object).map_err(|refusal| {
            let item = if index == 0 {
                String::new()
            } else {
                format!(" (item {index})")
            };
            let Refusal { path, what } = refusal;
            let message = format!("node `{}`: result{path}{item}: {what}", self.id);
            Failure::new(Kind::Marshaling, message).at(&self.id)
        })
    }
}

impl Drop for PythonNode {
    /// The instance goes here and now, and not when somebody happens to call Python next: what it says when it goes is the case's.
    fn drop(&mut self) {
        Python::attach(|py| {
            let instance = std::mem::replace(&mut self.instance, py.None());
            drop(instance.into_bound(py));
        });
    }
}

impl Node for PythonNode {
    fn initialize(&mut self) -> Result<(), Failure> {
        self.call_hook(Hook::Initialize)
    }

    fn process(&mut self, item: Option<Value>, results: &mut Vec<Value>) -> Result<(), Failure> {
        Python::attach(|py| {
            let step = self.step(py, "process");
            let item = step.check(to_python(step.bridge, item.unwrap_or(Value::Null)))?;
            let arguments = (&self.id, &self.instance, item);
            let given = step.bridge.call_method1(intern!(py, "process"), arguments);
            self.collect(&step, given, results)
        })
    }

    fn process_stream(
        &mut self,
        items: Vec<Value>,
        results: &mut Vec<Value>,
    ) -> Result<(), Failure> {
        Python::attach(|py| {
            let step = self.step(py, "process");
            let items = step.check(to_python(step.bridge, Value::List(items)))?;
            let arguments = (&self.id, &self.instance, items);
            let given = step
                .bridge
                .call_method1(intern!(py, "process_stream"), arguments);
            self.collect(&step, given, results)
        })
    }

    fn cleanup(&mut self) -> Result<(), Failure> {
        self.call_hook(Hook::Cleanup)
    }
}

/// One call into a node, for the message if it fails.
struct Step<'a, 'py> {
    bridge: &'a Bound<'py, PyModule>,
    id: &'a str,
    action: &'static str,
}

impl Step<'_, '_> {
    fn check<T>(&self, result: PyResult<T>) -> Result<T, Failure> {
        result.map_err(|error| self.describe(&error))
    }

    fn describe(&self, error: &PyErr) -> Failure {
        let described = exceptions::describe(self.bridge.py(), error);
        let (class, message) = (&described.exception.class, &described.exception.message);
        let message = format!(
            "node `{}` raised {class} in {}: {message}",
            self.id, self.action
        );
        let failure = Failure::new(described.kind, message).at(self.id);
        Failure {
            exception: Some(Box::new(described.exception)),
            ..failure
        }
    }
}
