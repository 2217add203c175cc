//! Reporters: one file a sink, fed with [`RunEvent`]s.

pub mod attribution;
pub mod cost;
pub mod costs;
pub mod divergence;
pub mod gate;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod outline;
pub mod page;
pub mod progress;
pub mod sentence;
pub mod terminal;
pub mod text;

use std::io;

use crate::event::RunEvent;

/// Renders a run into one sink.
pub trait Reporter {
    /// Takes the next event.
    ///
    /// # Errors
    /// Those of the sink.
    fn event(&mut self, event: &RunEvent) -> io::Result<()>;
}

#[cfg(test)]
mod made_tests;
#[cfg(test)]
mod report_tests;
