//! Keeps the library's classes in the lists of subclasses from the start, and hides each until the case has imported its module.
//!
//! Entering them when they are imported would write to two pages for each class that has a subclass there, `object` and `type` among them.
//! A case sees the lists by `__subclasses__` alone.

use std::collections::BTreeMap;
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

/// What CPython calls for `type.__subclasses__`: with the class, and nothing.
type Method = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;

/// CPython's `PyMethodDescrObject`, as far as it matters here; in no stable interface, but the same since Python 3.8.
#[repr(C)]
struct MethodDescriptor {
    base: PyObject,
    class: *mut ffi::PyTypeObject,
    name: *mut PyObject,
    qualified_name: *mut PyObject,
    method: *mut ffi::PyMethodDef,
}

/// A dictionary in which CPython keeps the subclasses of one class, by their addresses, in the order in which they were made.
struct List {
    entries: Py<PyDict>,
    /// Whether a case may rely on the order.
    is_ordered: bool,
    /// How many entries there were when the case began, with those that are hidden.
    before: usize,
    /// How many of those the case has been given since.
    given: usize,
}

/// The classes that come with one import.
struct Gift {
    lists: Vec<Part>,
}

struct Part {
    list: usize,
    entries: Vec<Entry>,
    /// Whether they are in the list as the import would enter them.
    in_order: bool,
}

/// What stands for a class in a list.
struct Entry {
    key: Py<PyAny>,
    reference: Py<PyAny>,
    /// The class's place among all that begin hidden.
    place: usize,
}

#[derive(Default)]
struct Subclasses {
    /// CPython's own function, once ours stands in for it.
    original: Option<Method>,
    lists: Vec<List>,
    gifts: Vec<Gift>,
    /// By the addresses of the classes that begin hidden.
    places: BTreeMap<usize, usize>,
    /// Keeps the classes, so that no other gets such an address.
    _classes: Vec<Py<PyAny>>,
    is_visible: Vec<bool>,
}

static SUBCLASSES: Mutex<Option<Subclasses>> = Mutex::new(None);

/// What an import enters: a list, whether a case may rely on its order, and the entries.
type Entered<'py> = (Bound<'py, PyDict>, bool, Bound<'py, PyDict>);

/// Takes note of what an import enters into lists, where it stays; returns the number to give it by.
#[pyfunction]
pub fn hide(py: Python<'_>, entered: Vec<Entered<'_>>) -> PyResult<usize> {
    let mut locked = lock();
    let subclasses = match &mut *locked {
        Some(subclasses) => subclasses,
        None => {
            let original = Some(stand_in(py)?);
            locked.insert(Subclasses {
                original,
                ..Subclasses::default()
            })
        }
    };
    let mut gift = Gift { lists: Vec::new() };
    for (list, is_ordered, entries) in entered {
        subclasses.add(&mut gift, &list, is_ordered, &entries)?;
    }
    for part in &mut gift.lists {
        part.in_order = subclasses.is_in_order(py, part);
    }
    subclasses.gifts.push(gift);
    Ok(subclasses.gifts.len() - 1)
}

impl Subclasses {
    /// Adds to the part of a list what is entered there.
    fn add(
        &mut self,
        gift: &mut Gift,
        list: &Bound<'_, PyDict>,
        is_ordered: bool,
        entries: &Bound<'_, PyDict>,
    ) -> PyResult<()> {
        let known = self.lists.iter().position(|known| known.entries.is(list));
        let list = known.unwrap_or_else(|| {
            self.lists.push(List {
                entries: list.clone().unbind(),
                is_ordered,
                before: 0,
                given: 0,
            });
            self.lists.len() - 1
        });
        let begun = gift.lists.iter().position(|part| part.list == list);
        let begun = begun.unwrap_or_else(|| {
            gift.lists.push(Part {
                list,
                entries: Vec::new(),
                in_order: false,
            });
            gift.lists.len() - 1
        });
        let part = &mut gift.lists[begun];
        for (key, reference) in entries {
            let class = reference.call0()?;
            if class.is_none() {
                // Another class has replaced it, and it was collected.
                continue;
            }
            let next = self.places.len();
            let place = *self.places.entry(class.as_ptr().addr()).or_insert(next);
            if place == next {
                self.is_visible.push(false);
                self._classes.push(class.unbind());
            }
            let (key, reference) = (key.unbind(), reference.unbind());
            part.entries.push(Entry {
                key,
                reference,
                place,
            });
        }
        Ok(())
    }

    fn is_in_order(&self, py: Python<'_>, part: &Part) -> bool {
        let mut expected = part.entries.iter().peekable();
        for key in self.lists[part.list].entries.bind(py).keys() {
            let _ = expected.next_if(|next| next.key.is(&key));
        }
        expected.peek().is_none()
    }
}

/// Begins a case: it has been given nothing.
#[pyfunction]
pub fn begin(py: Python<'_>) {
    if let Some(subclasses) = &mut *lock() {
        subclasses.is_visible.fill(false);
        for list in &mut subclasses.lists {
            list.before = list.entries.bind(py).len();
            list.given = 0;
        }
    }
}

/// Shows what an import enters.
///
/// # Errors
/// Memory has run out.
#[pyfunction]
pub fn give(py: Python<'_>, gift: usize) -> PyResult<()> {
    let mut locked = lock();
    let Some(Subclasses {
        lists,
        gifts,
        is_visible,
        ..
    }) = &mut *locked
    else {
        return Err(PyRuntimeError::new_err("nothing was hidden"));
    };
    for part in &gifts[gift].lists {
        let list = &mut lists[part.list];
        let entries = list.entries.bind(py);
        // What the case has made, or has been given before, comes before this.
        let is_first = entries.len() == list.before && list.given == 0;
        let moves = list.is_ordered && !(is_first && part.in_order);
        for entry in &part.entries {
            if moves {
                entries.del_item(&entry.key)?;
                entries.set_item(&entry.key, &entry.reference)?;
            }
            is_visible[entry.place] = true;
        }
        list.given += part.entries.len();
    }
    Ok(())
}

/// Has CPython call ours; returns its own.
fn stand_in(py: Python<'_>) -> PyResult<Method> {
    let descriptor = py.get_type::<PyType>().getattr("__subclasses__")?;
    // SAFETY: both are alive; the class is CPython's own, and has no subclasses.
    let is_method =
        unsafe { ffi::Py_TYPE(descriptor.as_ptr()) == &raw mut ffi::PyMethodDescr_Type };
    let unknown = || PyRuntimeError::new_err("`type.__subclasses__` isn't what it was");
    if !is_method {
        return Err(unknown());
    }
    // SAFETY: this is the layout of the class that was asked for.
    let method = unsafe { (*descriptor.as_ptr().cast::<MethodDescriptor>()).method };
    // SAFETY: CPython keeps the table of the methods of `type` for as long as it runs, in memory that it writes to itself; whoever calls the method reads it there, attached to the interpreter as this is.
    unsafe {
        if (*method).ml_flags != ffi::METH_NOARGS {
            return Err(unknown());
        }
        let original = (*method).ml_meth.PyCFunction;
        (*method).ml_meth.PyCFunction = visible_subclasses;
        Ok(original)
    }
}

/// Stands in for `type.__subclasses__`.
///
/// # Safety
/// CPython calls it, attached to the interpreter, with a class.
unsafe extern "C" fn visible_subclasses(
    class: *mut PyObject,
    nothing: *mut PyObject,
) -> *mut PyObject {
    let Some(original) = lock().as_ref().and_then(|all| all.original) else {
        return null_mut();
    };
    // SAFETY: the arguments are those that CPython has for it.
    let all = unsafe { original(class, nothing) };
    if all.is_null() {
        return all;
    }
    // SAFETY: a list that was made just now, and that nobody else has.
    unsafe { without_hidden(all) }
}

/// # Safety
/// The caller is attached to the interpreter, and owns the list.
unsafe fn without_hidden(list: *mut PyObject) -> *mut PyObject {
    let hidden = {
        let locked = lock();
        let is_hidden = |class: *mut PyObject| {
            let all = locked.as_ref();
            all.is_some_and(|all| {
                let place = all.places.get(&class.addr());
                place.is_some_and(|place| !all.is_visible[*place])
            })
        };
        // SAFETY: the index is within the list; the reference is borrowed.
        let at = |index| unsafe { ffi::PyList_GetItem(list, index) };
        // SAFETY: it is a list.
        let length = unsafe { ffi::PyList_Size(list) };
        (0..length)
            .rev()
            .filter(|&index| is_hidden(at(index)))
            .collect::<Vec<_>>()
    };
    // From the end, so that what is before it stays where it is.
    for index in hidden {
        // SAFETY: the index is within the list, which is the caller's.
        if unsafe { ffi::PyList_SetSlice(list, index, index + 1, null_mut()) } < 0 {
            // SAFETY: the caller's, who gets nothing instead.
            unsafe { ffi::Py_DecRef(list) };
            return null_mut();
        }
    }
    list
}

fn lock() -> MutexGuard<'static, Option<Subclasses>> {
    SUBCLASSES.lock().unwrap_or_else(PoisonError::into_inner)
}
