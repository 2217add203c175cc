//! Everything a run says; reporters render from these and nothing else.

use crate::record::{CaseReport, RunInfo, Summary};

/// One step of a run, in the order in which a reader wants them.
#[derive(Clone, Debug)]
pub enum RunEvent {
    Started(RunInfo),
    /// Cases finish in the order of their ids, however many run at once.
    CaseFinished(Box<CaseReport>),
    /// Something happened to an executor that is no case's doing; told as soon as it is known, so in no fixed order.
    Notice(Notice),
    Finished(Summary),
}

/// News of an executor itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub leg: String,
    pub text: String,
}
