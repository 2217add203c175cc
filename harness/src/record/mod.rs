//! Records: what a run has found, in a form that is written, read back, and rendered by every reporter.

pub mod case_report;
pub mod last_run;
pub mod lines;
pub mod measured_lines;
pub mod measurement;
pub mod summary;

pub use case_report::{CaseReport, Comparison};
pub use summary::{RunInfo, Summary};

/// A whole record, as it is read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub info: RunInfo,
    /// In the order of the run.
    pub cases: Vec<CaseReport>,
    pub summary: Summary,
}
