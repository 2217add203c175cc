//! Reporters: one file a sink, fed with [`RunEvent`]s.

pub mod json;
pub mod junit;
pub mod progress;
pub mod terminal;

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
