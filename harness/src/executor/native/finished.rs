//! A case's process that has ended, and the outcome that this is.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use parallax_runtime::outcome::Printed;

use super::exchange::Said;
use crate::error::Problem;
use crate::executor::places::{Library, Places};
use crate::executor::protocol::{Answered, Form, STOPPED};
use crate::executor::{Answer, Job, complete, tail};
use crate::outcome::{Ending, Outcome};

/// What a case's process has said and how it ended.
pub struct Finished {
    /// `None` when the wall-clock limit passed.
    pub status: Option<ExitStatus>,
    pub said: Said,
}

/// The answer that this is to the job.
///
/// # Errors
/// What the case has left behind can't be read.
pub fn answer(
    finished: Finished,
    job: &Job<'_>,
    case_dir: &Path,
    library: &Library,
    wall: Duration,
) -> Result<Answer, Problem> {
    let places = Places {
        case_dir: &case_dir.to_string_lossy(),
        node_path: &job.node_path.to_string_lossy(),
        library,
    };
    let stderr = tail(&finished.said.stderr);
    Ok(Answer {
        outcome: complete(finished.outcome(job), case_dir, &places, job)?,
        fuel: None,
        stderr,
        wall,
    })
}

impl Finished {
    fn outcome(self, job: &Job<'_>) -> Outcome {
        let Said {
            stdout,
            stderr,
            result,
            excess,
        } = self.said;
        if let Some(fault) = excess {
            let code = STOPPED;
            return Ending::Exited { code, fault }.into();
        }
        let Some(status) = self.status else {
            return Ending::TimedOut.into();
        };
        let (document, printed) = match result {
            Some(document) => (document, Some(Printed { stdout, stderr })),
            None => (stdout, None),
        };
        let name = match (status.code(), status.signal()) {
            (Some(code), _) => {
                let answered = Answered {
                    document: Form::Bytes(&document),
                    code: Some(code),
                    printed,
                };
                return answered.outcome(job.transport);
            }
            (None, Some(signal)) => signal_name(signal),
            (None, None) => status.to_string(),
        };
        Outcome {
            printed: printed.unwrap_or_default(),
            ..Ending::Trapped(name).into()
        }
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}
