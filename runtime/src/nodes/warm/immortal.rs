//! Makes what was there before the cases immortal, so that counting references to it writes nothing.
//!
//! A copy of the interpreter pays for each page that it writes to, and most of these writes would be counts (PEP 683).
//! A case can see it only in `sys.getrefcount`, and in that nothing of the library is ever destroyed.

use std::ffi::{c_int, c_void};

use pyo3::ffi::{self, Py_TYPE, PyObject};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

/// Objects that were found, and whose own references have yet to be followed.
type Waiting = Vec<*mut PyObject>;

/// Follows references from every object that the garbage collector knows.
///
/// # Errors
/// Memory has run out.
pub fn make_immortal(py: Python<'_>) -> PyResult<()> {
    let collector = py.import("gc")?;
    // It tells nothing of what is frozen.
    collector.call_method0("unfreeze")?;
    let known = collector.call_method0("get_objects")?;
    let known = known.cast_into::<PyList>()?;
    let code = Code {
        class: py.import("types")?.getattr("CodeType")?,
        // One text for each, as the interpreter remembers what it has found for which.
        parts: [
            intern!(py, "co_consts"),
            intern!(py, "co_names"),
            intern!(py, "co_name"),
            intern!(py, "co_qualname"),
            intern!(py, "co_filename"),
            intern!(py, "co_linetable"),
            intern!(py, "co_exceptiontable"),
        ],
    };
    let mut waiting: Waiting = known.iter().map(|object| object.as_ptr()).collect();
    // The list itself goes away again.
    waiting.retain(|object| *object != known.as_ptr());
    while let Some(object) = waiting.pop() {
        // SAFETY: the object is referred to by something that stays, as nothing is destroyed here, and the thread is attached to the interpreter.
        unsafe { visit_once(object, &code, &mut waiting)? };
    }
    collector.call_method0("freeze")?;
    // Without the objects that the interpreter keeps for being used again, which lie on pages with others.
    collector.call_method0("collect").map(drop)
}

/// The class of code, of which the collector knows nothing, as it holds no cycles; and what code refers to.
struct Code<'a, 'py> {
    class: Bound<'py, PyAny>,
    parts: [&'a Bound<'py, PyString>; 7],
}

/// # Safety
/// The object is alive, and the thread is attached to the interpreter.
unsafe fn visit_once(
    object: *mut PyObject,
    code: &Code<'_, '_>,
    waiting: &mut Waiting,
) -> PyResult<()> {
    // SAFETY: the caller promises that the object is alive.
    let class = unsafe { Py_TYPE(object) };
    // What does something at its end has to come to it.
    // SAFETY: every object has a type, which is one.
    let slot = |number| unsafe { ffi::PyType_GetSlot(class, number) };
    // SAFETY: the caller promises that the object is alive.
    if !slot(ffi::Py_tp_finalize).is_null() || !unsafe { set_immortal(object) } {
        return Ok(());
    }
    waiting.push(class.cast());
    let traverse = slot(ffi::Py_tp_traverse);
    if !traverse.is_null() {
        // SAFETY: what is in this slot is a function of this type.
        let traverse: ffi::traverseproc = unsafe { std::mem::transmute(traverse) };
        // SAFETY: this is how the garbage collector calls it; `note` takes the pointer for what it is.
        unsafe { traverse(object, note, (&raw mut *waiting).cast()) };
    }
    if class.cast() == code.class.as_ptr() {
        // SAFETY: the caller promises that the object is alive; the reference is a new one.
        let object = unsafe { Bound::from_borrowed_ptr(code.class.py(), object) };
        for part in code.parts {
            // What is made for the asking goes away again, and isn't alive after this.
            let part = object.getattr(part)?;
            // SAFETY: the reference is held here.
            if unsafe { ffi::Py_REFCNT(part.as_ptr()) } > 1 {
                waiting.push(part.as_ptr());
            }
        }
    }
    Ok(())
}

extern "C" fn note(object: *mut PyObject, waiting: *mut c_void) -> c_int {
    // SAFETY: `visit_once` passes the list, which nothing else uses meanwhile.
    let waiting = unsafe { &mut *waiting.cast::<Waiting>() };
    if !object.is_null() {
        waiting.push(object);
    }
    0
}

/// Makes an object immortal; says whether it wasn't before.
///
/// # Safety
/// The object is alive.
unsafe fn set_immortal(object: *mut PyObject) -> bool {
    // `None` is one of the interpreter's own immortal objects, and all have the same count.
    // SAFETY: the caller promises it for the one, and `None` always is.
    unsafe {
        let immortal = ffi::Py_REFCNT(ffi::Py_None());
        if ffi::Py_REFCNT(object) == immortal {
            return false;
        }
        count(object).write(immortal);
    }
    true
}

/// Where an object keeps its count, which is the first thing in it.
fn count(object: *mut PyObject) -> *mut ffi::Py_ssize_t {
    object.cast()
}
