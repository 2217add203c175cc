//! The cases that a warmed interpreter has left to a fresh one.

use std::sync::{Mutex, PoisonError};

/// Why cases were run anew, in a fresh interpreter.
#[derive(Debug, Default)]
pub struct FreshRuns(Mutex<Vec<String>>);

impl FreshRuns {
    /// Notes a case; the reason is the last line of what it wrote to standard error.
    pub(super) fn add(&self, stderr: &[u8]) {
        let text = String::from_utf8_lossy(stderr);
        let reason = text.lines().last().unwrap_or_default();
        self.reasons().push(reason.to_owned());
    }

    /// The reasons since this was asked last, one for each case.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.reasons())
    }

    fn reasons(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        // A list of texts is whole whatever happened to who had it locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
