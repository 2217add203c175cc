//! A Case: what is replayed, independent of who replays it.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::generate::ArrayInput;
use crate::outcome::Class;
use crate::policy::Policies;

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
    pub policies: Policies,
    /// Python modules without which a leg can't run the case.
    pub requires: Vec<String>,
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
    /// One numpy array.
    Array(ArrayInput),
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
