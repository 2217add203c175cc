//! What the zygote and whoever orders cases of it say to each other.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// No message is longer.
pub const LONGEST: usize = 64 << 10;

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    pub case_dir: PathBuf,
    /// The file that the result document is written to.
    ///
    /// A path, and no fourth descriptor, which the case could see, close or write to.
    pub result: PathBuf,
    /// Bytes that the case may write to, beside what was there before it began.
    pub memory: u64,
    pub open_files: u64,
}

/// What the zygote says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Report {
    /// Orders are taken.
    Ready,
    /// The case runs, in a process group that has the same number as the process.
    Started(i32),
    Ended(End),
    /// The case has ended, and must be run in an interpreter that is started for it: a copy would not be the same to it.
    NeedsFresh,
    /// The case's process couldn't be set up as it must be.
    Failed(String),
}

/// How a case's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum End {
    Exited(i32),
    Signaled(i32),
}
