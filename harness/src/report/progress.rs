//! Progress on standard error: a bar on a terminal, now and then a line elsewhere.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Reporter;
use crate::event::RunEvent;

pub struct Progress {
    bar: ProgressBar,
    on_terminal: bool,
    total: usize,
    done: usize,
}

impl Progress {
    pub fn new() -> Self {
        Progress {
            bar: ProgressBar::hidden(),
            on_terminal: io::stderr().is_terminal(),
            total: 0,
            done: 0,
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress::new()
    }
}

impl Reporter for Progress {
    fn event(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::Started(info) => {
                self.total = info.cases;
                if self.on_terminal {
                    self.bar = ProgressBar::with_draw_target(
                        Some(info.cases as u64),
                        ProgressDrawTarget::stderr(),
                    );
                    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
                        self.bar.set_style(style);
                    }
                } else {
                    eprintln!("{} cases, legs: {}", info.cases, info.legs.join(", "));
                }
            }
            RunEvent::CaseFinished(report) => {
                self.done += 1;
                self.bar.set_message(report.id.0.clone());
                self.bar.inc(1);
                let step = (self.total / 10).max(1);
                if !self.on_terminal && self.done.is_multiple_of(step) {
                    eprintln!("{}/{} cases", self.done, self.total);
                }
            }
            RunEvent::Finished(_) => self.bar.finish_and_clear(),
        }
        Ok(())
    }
}
