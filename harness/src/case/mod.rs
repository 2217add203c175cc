//! A Case: what is replayed, independent of who replays it.

pub mod input;
pub mod request;

use std::fmt;
use std::time::Duration;

use self::input::Input;
use crate::outcome::Class;
use crate::verdict::policy::Policies;

/// The stable name of a case: the path of its manifest below `manifests/`, without the extension.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct CaseId(pub String);

impl CaseId {
    /// The file of the case, below the corpus.
    pub fn manifest(&self) -> String {
        format!("manifests/{self}.json")
    }

    /// The file beside it that holds what a manifest can't say; it need not be there.
    pub fn sidecar(&self) -> String {
        format!("manifests/{self}.toml")
    }
}

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
    /// What of an outcome is not compared.
    pub ignored: Ignored,
    pub exact: Exact,
    /// Python modules without which a leg can't run the case, with the file that says so.
    pub requires: Vec<Requirement>,
    pub limits: Limits,
}

/// A Python module without which a leg can't run a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    pub module: String,
    /// The file that asks for it, for messages.
    pub origin: String,
}

/// What of an outcome is not compared, because the case says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    /// The text that the case prints.
    pub printed: bool,
    /// The files that the case leaves.
    pub files: bool,
}

/// What outputs keep as each leg has it, because the case says so; messages don't.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact {
    /// The paths of directories that each leg knows under another name.
    pub paths: bool,
    /// The numbers and texts that each C library has for an error.
    pub errors: bool,
}

impl Exact {
    /// Everything is kept.
    pub const ALL: Exact = Exact {
        paths: true,
        errors: true,
    };
}

/// What a case may use; the same on every leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub wall: Duration,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of the result document, and of each of the two texts that are printed.
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
