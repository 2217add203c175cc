//! The cases that a warmed interpreter has left to a fresh one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Why cases were run anew in a fresh interpreter, and how many of them for each reason.
#[derive(Debug, Default)]
pub struct FreshRuns(Mutex<BTreeMap<String, u64>>);

impl FreshRuns {
    /// Counts a case; the reason is the last line of what it wrote to standard error.
    pub(super) fn add(&self, stderr: &[u8]) {
        let text = String::from_utf8_lossy(stderr);
        let reason = text.lines().last().unwrap_or_default();
        *self.reasons().entry(reason.to_owned()).or_default() += 1;
    }

    /// The cases since this was asked last, by reason.
    pub fn take(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.reasons())
    }

    fn reasons(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u64>> {
        // The counts are whole whatever happened to who had them locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
