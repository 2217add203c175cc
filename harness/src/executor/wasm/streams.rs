//! What an instance writes, as far as it may, and the outcome that this comes to.

use parallax_runtime::marshal::Transport;

use crate::executor::bounded::{Bounded, Excess};
use crate::executor::protocol::{Answered, Form, STOPPED};
use crate::executor::{Channel, STDERR_TAIL, tail};
use crate::outcome::{Ending, Fault, Outcome, Printed};

/// The captured streams of one instance.
pub struct Streams {
    pub stdout: Bounded,
    pub stderr: Bounded,
    most: usize,
}

/// What was captured.
pub struct Captured {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// That one of them was more than allowed.
    excess: Option<Ending>,
}

impl Streams {
    /// Streams of at most so many bytes each; of a standard error that is only for logs, the end is kept.
    pub fn new(most: usize, channel: Channel) -> Self {
        Streams {
            stdout: Bounded::new(most, Excess::Stop),
            stderr: match channel {
                Channel::StandardOutput => Bounded::new(STDERR_TAIL, Excess::Forget),
                Channel::Own => Bounded::new(most, Excess::Stop),
            },
            most,
        }
    }

    /// What was captured up to now.
    pub fn take(&self) -> Captured {
        let (stdout, too_much) = self.stdout.take();
        let (stderr, too_many_errors) = self.stderr.take();
        let excess = if too_much {
            Some("on standard output")
        } else {
            too_many_errors.then_some("on standard error")
        };
        Captured {
            stdout,
            stderr,
            excess: excess.map(|place| too_much_output(place, self.most)),
        }
    }
}

impl Captured {
    /// The end of what was written to standard error, for people.
    pub fn stderr_tail(&self) -> String {
        tail(&self.stderr)
    }

    /// What they and the instance's end come to: an exit code, where there was one, and a document in memory; or what stopped the instance.
    pub fn outcome(
        self,
        ended: Result<(Option<i32>, Option<Form<'_>>), Ending>,
        channel: Channel,
        asked: Transport,
    ) -> Outcome {
        if let Some(excess) = self.excess {
            return excess.into();
        }
        let printed = Printed {
            stdout: self.stdout,
            stderr: self.stderr,
        };
        match (ended, channel) {
            (Err(ending), Channel::Own) if !ending.is_cut_short() => Outcome {
                printed,
                ..ending.into()
            },
            (Err(ending), _) => ending.into(),
            (Ok((code, document)), Channel::Own) => Answered {
                document: document.unwrap_or(Form::Bytes(&[])),
                code,
                printed: Some(printed),
            }
            .outcome(asked),
            (Ok((code, _)), Channel::StandardOutput) => Answered {
                document: Form::Bytes(&printed.stdout),
                code,
                printed: None,
            }
            .outcome(asked),
        }
    }
}

/// That more was written than allowed.
pub fn too_much_output(place: &'static str, most: usize) -> Ending {
    Ending::Exited {
        code: STOPPED,
        fault: Fault::OutputLimit { place, most },
    }
}
