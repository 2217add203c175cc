//! What the import system and the bodies of modules go by, apart from names: the path, what looks for modules, the warnings' filters, limits.
//!
//! Asked before every import of a case's; in Python, it would take longer than the import.

use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Objects by their addresses. Those of a case's beginning stay until its end, so that no other has the same.
type Addresses = Vec<usize>;

struct Settings {
    asked: Asked,
    /// What stands in the lists, and the limits.
    state: Addresses,
    /// What is asked for the modules of each entry of the path, and what that goes by.
    importers: Vec<(Py<PyAny>, Py<PyAny>, Addresses)>,
}

/// Bound before the cases, which may put something else under these names.
struct Asked {
    sys: Py<PyModule>,
    warnings: Py<PyModule>,
    recursion: Py<PyAny>,
    digits: Py<PyAny>,
}

static SETTINGS: Mutex<Option<Settings>> = Mutex::new(None);

/// Notes everything as it is; at the beginning of a case.
///
/// # Errors
/// Something isn't what it was when this was written.
#[pyfunction]
pub fn note_settings(py: Python<'_>) -> PyResult<()> {
    let mut locked = lock();
    let settings = match &mut *locked {
        Some(settings) => settings,
        None => locked.insert(Settings {
            asked: Asked::new(py)?,
            state: Vec::new(),
            importers: Vec::new(),
        }),
    };
    settings.state = collected(|note| settings.asked.each_of_the_state(py, note))?;
    settings.importers.clear();
    for (entry, finder) in settings.asked.importers(py)? {
        let known = collected(|note| each_attribute(&finder, note))?;
        settings
            .importers
            .push((entry.unbind(), finder.unbind(), known));
    }
    Ok(())
}

/// Notes the lists and limits as they are, after what is no change of the case's.
///
/// # Errors
/// Those of [`note_settings`].
#[pyfunction]
pub fn note_lists(py: Python<'_>) -> PyResult<()> {
    if let Some(settings) = &mut *lock() {
        settings.state = collected(|note| settings.asked.each_of_the_state(py, note))?;
    }
    Ok(())
}

/// What isn't as it was noted, if there is something.
///
/// # Errors
/// Something isn't what it was when this was written.
#[pyfunction]
pub fn changed_setting(py: Python<'_>) -> PyResult<Option<&'static str>> {
    let locked = lock();
    let Some(settings) = &*locked else {
        return Ok(None);
    };
    if !is_same(&settings.state, |note| {
        settings.asked.each_of_the_state(py, note)
    })? {
        return Ok(Some(
            "the path, the warnings' filters or a setting of the interpreter have changed",
        ));
    }
    let importers = settings.asked.importers(py)?;
    for (entry, finder, known) in &settings.importers {
        let there = importers.get_item(entry)?;
        if !there.is_some_and(|there| there.is(finder))
            || !is_same(known, |note| each_attribute(finder.bind(py), note))?
        {
            return Ok(Some("what looks for modules has changed"));
        }
    }
    Ok(None)
}

impl Asked {
    fn new(py: Python<'_>) -> PyResult<Self> {
        let sys = py.import("sys")?;
        Ok(Asked {
            recursion: sys.getattr("getrecursionlimit")?.unbind(),
            digits: sys.getattr("get_int_max_str_digits")?.unbind(),
            sys: sys.unbind(),
            warnings: py.import("warnings")?.unbind(),
        })
    }

    fn each_of_the_state(&self, py: Python<'_>, note: &mut dyn FnMut(usize)) -> PyResult<()> {
        let (sys, warnings) = (self.sys.bind(py), self.warnings.bind(py));
        each_item(&sys.getattr(intern!(py, "path"))?, note)?;
        each_item(&sys.getattr(intern!(py, "meta_path"))?, note)?;
        each_item(&sys.getattr(intern!(py, "path_hooks"))?, note)?;
        each_item(&warnings.getattr(intern!(py, "filters"))?, note)?;
        let writes = sys.getattr(intern!(py, "dont_write_bytecode"))?;
        let prefix = sys.getattr(intern!(py, "pycache_prefix"))?;
        note(writes.as_ptr().addr());
        note(prefix.as_ptr().addr());
        note(self.recursion.call0(py)?.extract(py)?);
        note(self.digits.call0(py)?.extract(py)?);
        Ok(())
    }

    fn importers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let importers = self
            .sys
            .bind(py)
            .getattr(intern!(py, "path_importer_cache"))?;
        Ok(importers.cast_into()?)
    }
}

/// The items of a list, and an end.
fn each_item(list: &Bound<'_, PyAny>, note: &mut dyn FnMut(usize)) -> PyResult<()> {
    if let Ok(list) = list.cast::<PyList>() {
        // SAFETY: the index is within the list, which nothing changes here; the reference is borrowed from it.
        let at = |index| unsafe { ffi::PyList_GetItem(list.as_ptr(), index) };
        // SAFETY: it is a list.
        let length = unsafe { ffi::PyList_Size(list.as_ptr()) };
        (0..length).for_each(|index| note(at(index).addr()));
    } else {
        for item in list.try_iter()? {
            note(item?.as_ptr().addr());
        }
    }
    note(0);
    Ok(())
}

/// What a finder goes by: each attribute but what it knows of its directory, which changes as it looks; and what stands in its list of loaders.
fn each_attribute(finder: &Bound<'_, PyAny>, note: &mut dyn FnMut(usize)) -> PyResult<()> {
    let py = finder.py();
    if finder.is_none() {
        // The entry is no place that modules could be in.
        return Ok(());
    }
    let known = [
        intern!(py, "_path_cache"),
        intern!(py, "_path_mtime"),
        intern!(py, "_relaxed_path_cache"),
    ];
    let loaders = intern!(py, "_loaders").as_ptr();
    let attributes = finder.getattr(intern!(py, "__dict__"))?;
    let attributes = attributes.cast::<PyDict>()?.as_ptr();
    let (mut position, mut name, mut value) = (0, null_mut(), null_mut());
    // SAFETY: it is a dictionary, whose entries are only looked at; the references are borrowed from it.
    while unsafe { ffi::PyDict_Next(attributes, &mut position, &mut name, &mut value) } != 0 {
        if known.iter().any(|known| known.as_ptr() == name) {
            continue;
        }
        note(name.addr());
        note(value.addr());
        if name == loaders {
            // SAFETY: the dictionary refers to it, and nothing changes that here.
            each_item(&unsafe { Bound::from_borrowed_ptr(py, value) }, note)?;
        }
    }
    Ok(())
}

/// Whether a visit notes the same as it did when this was collected.
fn is_same(
    known: &[usize],
    visit: impl FnOnce(&mut dyn FnMut(usize)) -> PyResult<()>,
) -> PyResult<bool> {
    let mut rest = known.iter();
    let mut same = true;
    visit(&mut |address| same &= rest.next() == Some(&address))?;
    Ok(same && rest.next().is_none())
}

fn collected(visit: impl FnOnce(&mut dyn FnMut(usize)) -> PyResult<()>) -> PyResult<Addresses> {
    let mut addresses = Vec::new();
    visit(&mut |address| addresses.push(address))?;
    Ok(addresses)
}

fn lock() -> MutexGuard<'static, Option<Settings>> {
    SETTINGS.lock().unwrap_or_else(PoisonError::into_inner)
}
