//! Sees what changes dictionaries, and whether somebody listens to what the interpreter does.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::ffi::{
    Py_DecRef, Py_IncRef, Py_None, Py_REFCNT, PyObject, PyTuple_GetItem, PyTuple_Size,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// More changes than this between two questions are told as too many.
const MOST: usize = 1 << 14;

/// A change is told as its dictionary and key; the key is null when the dictionary was changed as a whole.
struct Touched {
    entries: Vec<(*mut PyObject, *mut PyObject)>,
    /// There were more than the list could take.
    lost: bool,
}

// SAFETY: the pointers are owned references, which only who is attached to the interpreter makes and uses.
unsafe impl Send for Touched {}

static TOUCHED: Mutex<Touched> = Mutex::new(Touched {
    entries: Vec::new(),
    lost: false,
});

/// CPython's numbers of our two watchers, -1 while there are none.
static RECORDING: AtomicI32 = AtomicI32::new(-1);
static GUARDING: AtomicI32 = AtomicI32::new(-1);

/// Whether changes aren't to be told.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Whether the case has changed the environment behind `os.environ`, or something of a function that is there for all.
static TAMPERED: AtomicBool = AtomicBool::new(false);

static LISTENED: AtomicBool = AtomicBool::new(false);

/// Whether something was registered, or taken back, that follows what is run.
static STIRRED: AtomicBool = AtomicBool::new(false);

/// What registers it: these are the events that CPython raises for it, in C and in Python.
const STIRS: [&CStr; 2] = [c"sys.settrace", c"sys.setprofile"];

type DictCallback = extern "C" fn(c_int, *mut PyObject, *mut PyObject, *mut PyObject) -> c_int;
type AuditHook = extern "C" fn(*const c_char, *mut PyObject, *mut c_void) -> c_int;

// In no stable interface, but documented, and the same since Python 3.12 and 3.8.
unsafe extern "C" {
    fn PyDict_AddWatcher(callback: DictCallback) -> c_int;
    fn PyDict_ClearWatcher(watcher: c_int) -> c_int;
    fn PyDict_Watch(watcher: c_int, dict: *mut PyObject) -> c_int;
    fn PySys_AddAuditHook(hook: AuditHook, data: *mut c_void) -> c_int;
}

/// A dictionary goes away: nobody can ask for it any more.
const DEALLOCATED: c_int = 5;

extern "C" fn note(
    event: c_int,
    dict: *mut PyObject,
    key: *mut PyObject,
    _value: *mut PyObject,
) -> c_int {
    if event == DEALLOCATED || QUIET.load(Ordering::Relaxed) {
        return 0;
    }
    let mut touched = lock();
    if touched.entries.len() == MOST || touched.entries.try_reserve(1).is_err() {
        touched.lost = true;
        return 0;
    }
    // SAFETY: CPython calls this attached to the interpreter and lends both objects; a null key is allowed.
    unsafe {
        Py_IncRef(dict);
        Py_IncRef(key);
    }
    touched.entries.push((dict, key));
    0
}

extern "C" fn listen(event: *const c_char, arguments: *mut PyObject, _: *mut c_void) -> c_int {
    // SAFETY: CPython passes the name of the event, which ends with a zero.
    let event = unsafe { CStr::from_ptr(event) };
    // Callbacks stay where the tool that they were registered for is given back.
    if event == c"sys.addaudithook" || event == c"sys.monitoring.register_callback" {
        LISTENED.store(true, Ordering::Relaxed);
    }
    if STIRS.contains(&event) {
        STIRRED.store(true, Ordering::Relaxed);
    }
    // The latter is raised for a function's code and defaults, and for an object's class; by a case, also without an object.
    let is_shared = || {
        // SAFETY: CPython passes a tuple, which is only asked for an item that it has; both are borrowed.
        unsafe { PyTuple_Size(arguments) > 0 && is_immortal(PyTuple_GetItem(arguments, 0)) }
    };
    if event == c"os.putenv"
        || event == c"os.unsetenv"
        || event == c"object.__setattr__" && is_shared()
        || event == c"object.__delattr__" && is_shared()
    {
        TAMPERED.store(true, Ordering::Relaxed);
    }
    0
}

/// Whether an object was there before the cases.
///
/// # Safety
/// The object is alive.
unsafe fn is_immortal(object: *mut PyObject) -> bool {
    // SAFETY: the caller promises it for the one, and `None` always is alive.
    unsafe { Py_REFCNT(object) == Py_REFCNT(Py_None()) }
}

/// Makes both watchers and the hook; once.
///
/// # Errors
/// The interpreter has no room for them.
pub fn start(py: Python<'_>) -> PyResult<()> {
    for number in [&RECORDING, &GUARDING] {
        // SAFETY: the thread is attached to the interpreter; the function lives as long as the program.
        number.store(
            check(py, unsafe { PyDict_AddWatcher(note) })?,
            Ordering::Relaxed,
        );
    }
    // SAFETY: as above; the hook needs no data.
    check(py, unsafe { PySys_AddAuditHook(listen, null_mut()) }).map(drop)
}

/// Ends the watching of what is only watched while imports are recorded.
///
/// # Errors
/// There is nothing to end.
pub fn end_recording(py: Python<'_>) -> PyResult<()> {
    // SAFETY: the thread is attached to the interpreter.
    check(py, unsafe {
        PyDict_ClearWatcher(RECORDING.load(Ordering::Relaxed))
    })
    .map(drop)
}

/// Forgets all changes so far.
pub fn forget(_: Python<'_>) {
    TAMPERED.store(false, Ordering::Relaxed);
    for (dict, key) in take() {
        // SAFETY: the references are owned, and the thread is attached to the interpreter.
        unsafe {
            Py_DecRef(dict);
            Py_DecRef(key);
        }
    }
}

fn take() -> Vec<(*mut PyObject, *mut PyObject)> {
    let mut touched = lock();
    touched.lost = false;
    std::mem::take(&mut touched.entries)
}

fn lock() -> MutexGuard<'static, Touched> {
    TOUCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check(py: Python<'_>, outcome: c_int) -> PyResult<c_int> {
    if outcome < 0 {
        return Err(PyErr::fetch(py));
    }
    Ok(outcome)
}

/// Watches a dictionary while imports are recorded.
#[pyfunction]
pub fn watch(dict: &Bound<'_, PyDict>) -> PyResult<()> {
    watch_for(&RECORDING, dict)
}

/// Watches a dictionary in every case.
#[pyfunction]
pub fn guard(dict: &Bound<'_, PyDict>) -> PyResult<()> {
    watch_for(&GUARDING, dict)
}

fn watch_for(watcher: &AtomicI32, dict: &Bound<'_, PyDict>) -> PyResult<()> {
    // SAFETY: the dictionary is one, and the thread is attached to the interpreter.
    let outcome = unsafe { PyDict_Watch(watcher.load(Ordering::Relaxed), dict.as_ptr()) };
    check(dict.py(), outcome).map(drop)
}

/// A dictionary, and the key that has changed; none where the dictionary was changed as a whole.
type Change<'py> = (Bound<'py, PyAny>, Option<Bound<'py, PyAny>>);

/// Dictionary and key of each change since this was asked last; none if there were too many.
#[pyfunction]
pub fn touched(py: Python<'_>) -> Option<Vec<Change<'_>>> {
    let lost = lock().lost;
    let entries = take();
    // SAFETY: the references are owned.
    let owned = entries.into_iter().map(|(dict, key)| unsafe {
        (
            Bound::from_owned_ptr(py, dict),
            Bound::from_owned_ptr_or_opt(py, key),
        )
    });
    let changes = owned.collect();
    (!lost).then_some(changes)
}

/// Whether the environment or a function of the library isn't what it was.
#[pyfunction]
pub fn tampered() -> bool {
    TAMPERED.load(Ordering::Relaxed)
}

/// Has changes from now on be told, or not.
#[pyfunction]
pub fn quiet(yes: bool) {
    QUIET.store(yes, Ordering::Relaxed);
}

/// Whether the case has had something follow what is run, and may have ended it.
#[pyfunction]
pub fn stirred() -> bool {
    STIRRED.load(Ordering::Relaxed)
}

/// Whether the case has asked to hear of what the interpreter does.
#[pyfunction]
pub fn listened() -> bool {
    LISTENED.load(Ordering::Relaxed)
}
