//! Why something is not measured.

use parallax_harness::error::Problem;

/// The end of one benchmark, or of all.
#[derive(Clone, Debug)]
pub enum Stop {
    /// What would be measured isn't what was verified, and why; the others go on.
    Refused(String),
    /// Parallax itself failed.
    Problem(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Stop::Problem(problem)
    }
}
