//! The zygote: a process that has started Python, imported the library and compiled the nodes, and answers each case in a fork of itself.
//!
//! It talks over the socket that is its standard input, one JSON message a packet.
//! First it says [`Report::Ready`].
//! An [`Order`] comes with three descriptors, which become the case's standard input, output and error; it is answered by [`Report::Started`] and [`Report::Ended`].
//! The forked process stays unreaped until the next order, so that its id means no other process while somebody may still send it a signal.

#[cfg(all(feature = "python", unix))]
mod case;
#[cfg(all(feature = "python", unix))]
mod fork;
#[cfg(all(feature = "python", unix))]
mod fresh;
#[cfg(all(feature = "python", unix))]
mod holes;
#[cfg(all(feature = "python", unix))]
mod huge;
#[cfg(all(feature = "python", unix))]
mod mappings;
#[cfg(all(feature = "python", unix))]
mod orphans;
#[cfg(all(feature = "python", unix))]
mod rehearsal;
#[cfg(all(feature = "python", unix))]
mod serve;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[cfg(all(feature = "python", unix))]
pub use serve::serve;

/// The flag that makes a zygote of the native executor.
pub const FLAG: &str = "--zygote";

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
