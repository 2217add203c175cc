//! A Case: what is replayed, independent of who replays it.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::outcome::Class;

/// The stable name of a case: the path of its manifest below `manifests/`, without the extension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub String);

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One case as it was loaded; the request's bytes are made when it runs, so that large inputs don't pile up.
#[derive(Clone, Debug)]
pub struct Case {
    pub id: CaseId,
    pub description: String,
    /// The bytes of the manifest's file, which may be no JSON at all.
    pub manifest: Vec<u8>,
    /// Inputs that are generated and appended to the request's `input_data`.
    pub inputs: Vec<Input>,
    /// The class of outcome that the reference leg must show.
    pub expect: Class,
    pub policy: Policy,
    pub limits: Limits,
}

/// An input that is described rather than stored.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Input {
    /// One string of `bytes` bytes of UTF-8: words, punctuation, lines.
    Text { bytes: usize, seed: u64 },
    /// One list of integers, both bounds included.
    Integers {
        count: usize,
        seed: u64,
        min: i64,
        max: i64,
    },
    /// One list of finite doubles between -1e6 and 1e6.
    Floats { count: usize, seed: u64 },
    /// One list, nested `depth` deep.
    Nested { depth: usize },
    /// One list of `{"id", "name", "group", "value"}`.
    Records { count: usize, seed: u64 },
}

/// What a case may use; the same on every leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub wall: Duration,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of standard output.
    pub output: usize,
    /// Descriptors that may be open at a time: files, and the streams and directories that a case begins with.
    pub open_files: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            wall: Duration::from_secs(30),
            memory: 1 << 30,
            output: 64 << 20,
            open_files: 1024,
        }
    }
}

/// How far two results may be apart, and why: one row of `policy.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub name: String,
    /// Doubles may differ by this many units in the last place.
    pub ulp: u64,
    /// The largest distance seen when the row was written, so that a loose bound shows.
    pub worst: u64,
}

impl Policy {
    /// Every bit counts.
    pub fn exact() -> Self {
        Policy {
            name: "exact".to_owned(),
            ulp: 0,
            worst: 0,
        }
    }
}
