//! JSON Lines: the record itself, case by case as soon as it is known.

use std::io::{self, Write};

use super::Reporter;
use crate::event::RunEvent;
use crate::record::lines::{Row, write};

pub struct JsonLines<W>(pub W);

impl<W: Write> Reporter for JsonLines<W> {
    fn event(&mut self, event: &RunEvent) -> io::Result<()> {
        let row = match event {
            RunEvent::Started(info) => Row::Started(info.clone()),
            RunEvent::CaseFinished(report) => Row::Case(report.clone()),
            RunEvent::Finished(summary) => Row::Finished(summary.clone()),
            // Like times: not the same from run to run.
            RunEvent::Notice(_) => return Ok(()),
        };
        write(&mut self.0, &row)
    }
}
