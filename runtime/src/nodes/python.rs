//! Python nodes, through an embedded CPython.

use std::ffi::{CStr, c_int};
use std::path::PathBuf;

use num_bigint::BigInt;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple,
};

use super::{Blueprint, Node, NodeHost, node_path};
use crate::outcome::{Exception, Failure, Kind, Warning};
use crate::value::{MAX_DEPTH, MAX_INTEGER_DIGITS, Value};

const BRIDGE: &CStr = c"_parallax_bridge";
const BRIDGE_FILE: &CStr = c"<parallax>";
const BRIDGE_SOURCE: &str = concat!(include_str!("bridge.py"), "\0");

/// Starts CPython when the first Python node is constructed, and not before: a refused manifest needs none.
pub struct PythonHost {
    node_path: Vec<PathBuf>,
    bridge: Option<Py<PyModule>>,
    start_ns: u64,
}

impl PythonHost {
    /// A host that looks for modules in `node_path` before the library.
    pub fn new(node_path: Vec<PathBuf>) -> Self {
        PythonHost {
            node_path,
            bridge: None,
            start_ns: 0,
        }
    }

    /// Nanoseconds that starting CPython took, 0 if it wasn't needed.
    pub fn start_ns(&self) -> u64 {
        self.start_ns
    }

    /// Hands what nodes have printed to the system; leaving without it would lose text.
    pub fn flush(&self) {
        if let Some(bridge) = &self.bridge {
            Python::attach(|py| {
                if let Err(error) = bridge.bind(py).call_method0("flush") {
                    tracing::warn!("flushing Python's streams failed: {error}");
                }
            });
        }
    }

    fn start(&mut self) -> Result<&Py<PyModule>, Failure> {
        if self.bridge.is_none() {
            let started = std::time::Instant::now();
            set_python_home();
            use_utf8();
            Python::initialize();
            let bridge = Python::attach(|py| -> PyResult<_> {
                let source = CStr::from_bytes_with_nul(BRIDGE_SOURCE.as_bytes())
                    .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
                let bridge = PyModule::from_code(py, source, BRIDGE_FILE, BRIDGE)?;
                let paths: Vec<_> = self
                    .node_path
                    .iter()
                    .map(|path| path.to_string_lossy().into_owned())
                    .collect();
                bridge.call_method1("start", (paths,))?;
                Ok(bridge.unbind())
            })
            .map_err(|error| Failure::new(Kind::Io, format!("failed to start Python: {error}")))?;
            self.bridge = Some(bridge);
            self.start_ns = crate::executor::nanoseconds(started);
        }
        self.bridge
            .as_ref()
            .ok_or_else(|| Failure::new(Kind::Io, "Python is not started"))
    }
}

/// CPython looks for its library beside the executable and upwards, and would find another version's; so it is told.
fn set_python_home() {
    if std::env::var_os("PYTHONHOME").is_none() {
        // SAFETY: the executors call this before they start any thread, and nothing else reads the environment meanwhile.
        unsafe { std::env::set_var("PYTHONHOME", env!("PARALLAX_PYTHON_HOME")) };
    }
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
                let value = step.check(to_python(py, value))?;
                step.check(params.set_item(key, value))?;
            }
            let arguments = (&blueprint.id, node_type, params);
            let instance = step.check(step.bridge.call_method1("construct", arguments))?;
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
                .call_method0("take_warnings")?
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

struct PythonNode {
    id: String,
    instance: Py<PyAny>,
    bridge: Py<PyModule>,
}

impl PythonNode {
    fn call_hook(&self, hook: &'static str) -> Result<(), Failure> {
        Python::attach(|py| {
            let step = self.step(py, hook);
            let arguments = (&self.id, &self.instance, hook);
            step.check(step.bridge.call_method1("call", arguments))
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

    fn collect(
        &self,
        step: &Step<'_, '_>,
        results: PyResult<Bound<'_, PyAny>>,
    ) -> Result<Vec<Value>, Failure> {
        let results = step.check(results)?;
        let mut values = Vec::new();
        for (index, result) in step.check(results.try_iter())?.enumerate() {
            let result = step.check(result)?;
            let value = from_python(&result, 0).map_err(|refusal| {
                let item = if index == 0 {
                    String::new()
                } else {
                    format!(" (item {index})")
                };
                let Refusal { path, what } = refusal;
                let message = format!("node `{}`: result{path}{item}: {what}", self.id);
                Failure::new(Kind::Marshaling, message).at(&self.id)
            })?;
            values.push(value);
        }
        Ok(values)
    }
}

impl Node for PythonNode {
    fn initialize(&mut self) -> Result<(), Failure> {
        self.call_hook("initialize")
    }

    fn process(&mut self, item: Option<Value>) -> Result<Vec<Value>, Failure> {
        Python::attach(|py| {
            let step = self.step(py, "process");
            let item = step.check(to_python(py, item.unwrap_or(Value::Null)))?;
            let arguments = (&self.id, &self.instance, item);
            self.collect(&step, step.bridge.call_method1("process", arguments))
        })
    }

    fn process_stream(&mut self, items: Vec<Value>) -> Result<Vec<Value>, Failure> {
        Python::attach(|py| {
            let step = self.step(py, "process");
            let items = step.check(to_python(py, Value::List(items)))?;
            let arguments = (&self.id, &self.instance, items);
            self.collect(&step, step.bridge.call_method1("process_stream", arguments))
        })
    }

    fn cleanup(&mut self) -> Result<(), Failure> {
        self.call_hook("cleanup")
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
        let py = self.bridge.py();
        let described = self
            .bridge
            .call_method1("describe", (error.value(py),))
            .and_then(|described| described.extract::<(String, String, Vec<String>)>());
        let (class, message, traceback) = described.unwrap_or_else(|second| {
            let class = error.get_type(py).to_string();
            (class, format!("<can't be described: {second}>"), Vec::new())
        });
        let kind = if error.is_instance_of::<PyMemoryError>(py) {
            Kind::Limit
        } else {
            Kind::Python
        };
        let failure = Failure::new(
            kind,
            format!(
                "node `{}` raised {class} in {}: {message}",
                self.id, self.action
            ),
        );
        Failure {
            exception: Some(Box::new(Exception {
                class,
                message,
                traceback,
            })),
            ..failure.at(self.id)
        }
    }
}

fn to_python(py: Python<'_>, value: Value) -> PyResult<Bound<'_, PyAny>> {
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
                list.append(to_python(py, item)?)?;
            }
            list.into_any()
        }
        Value::Map(entries) => {
            let dict = PyDict::new(py);
            for (key, item) in entries {
                dict.set_item(key, to_python(py, item)?)?;
            }
            dict.into_any()
        }
    })
}

/// Why an object can't be carried, and where in the result it stands.
struct Refusal {
    path: String,
    what: String,
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

fn from_python(object: &Bound<'_, PyAny>, depth: usize) -> Result<Value, Refusal> {
    if object.is_none() {
        Ok(Value::Null)
    } else if let Ok(value) = object.cast::<PyBool>() {
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
        list(object, depth)
    } else if let Ok(dict) = object.cast::<PyDict>() {
        map(dict, depth)
    } else {
        Err(Refusal::new(format!(
            "{} can't be carried; known are None, bool, int, float, str, bytes, list, tuple, dict",
            describe_type(object)
        )))
    }
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

fn list(object: &Bound<'_, PyAny>, depth: usize) -> Result<Value, Refusal> {
    check_depth(depth)?;
    let items = object.try_iter().map_err(|error| unreadable(&error))?;
    let mut values = Vec::new();
    for (index, item) in items.enumerate() {
        let item = item.map_err(|error| unreadable(&error))?;
        let value = from_python(&item, depth + 1)
            .map_err(|refusal| refusal.below(&format!("[{index}]")))?;
        values.push(value);
    }
    Ok(Value::List(values))
}

fn map(dict: &Bound<'_, PyDict>, depth: usize) -> Result<Value, Refusal> {
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
        let value = from_python(&item, depth + 1)
            .map_err(|refusal| refusal.below(&format!("[{key:?}]")))?;
        entries.push((key, value));
    }
    Ok(Value::Map(entries))
}
