//! Why an object of Python's can't be carried.

use pyo3::PyErr;

/// Why an object can't be carried, and where in the result it stands.
pub struct Refusal {
    pub path: String,
    pub what: String,
}

impl Refusal {
    pub fn new(what: impl Into<String>) -> Self {
        Refusal {
            path: String::new(),
            what: what.into(),
        }
    }

    /// The same, one step further inside of the result.
    pub fn below(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }
}

/// The object could not even be looked at.
pub fn unreadable(error: &PyErr) -> Refusal {
    Refusal::new(format!("reading it failed: {error}"))
}
