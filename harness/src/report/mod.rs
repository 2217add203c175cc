//! Reporters: one file a sink, fed with [`RunEvent`]s.

pub mod attribution;
pub mod cost;
pub mod divergence;
pub mod gate;
pub mod json;
pub mod junit;
pub mod outline;
pub mod progress;
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
mod report_tests;
