//! Progress on standard error: a bar on a terminal, now and then a line elsewhere.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Reporter;
use super::text::{counted, in_a_line};
use crate::event::RunEvent;

/// Wraps the reporter that writes to the terminal, as a bar has to step aside for its lines.
pub struct Progress<R> {
    inner: R,
    bar: ProgressBar,
    on_terminal: bool,
    total: usize,
    done: usize,
}

impl<R: Reporter> Progress<R> {
    pub fn new(inner: R) -> Self {
        Progress {
            inner,
            bar: ProgressBar::hidden(),
            on_terminal: io::stderr().is_terminal(),
            total: 0,
            done: 0,
        }
    }
}

impl<R: Reporter> Reporter for Progress<R> {
    fn event(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::Started(info) => {
                self.total = info.cases.len();
                if self.on_terminal {
                    self.bar = ProgressBar::with_draw_target(
                        Some(self.total as u64),
                        ProgressDrawTarget::stderr(),
                    );
                    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
                        self.bar.set_style(style);
                    }
                } else {
                    eprintln!(
                        "{}, legs: {}",
                        counted(self.total, "case"),
                        info.legs
                            .iter()
                            .map(|leg| leg.name.as_str())
                            .collect::<Vec<_>>()
                            .join(", ")
                    );
                }
            }
            RunEvent::CaseFinished(report) => {
                self.done += 1;
                self.bar.set_message(in_a_line(&report.id.0));
                self.bar.inc(1);
                let step = (self.total / 10).max(1);
                if !self.on_terminal && self.done.is_multiple_of(step) {
                    eprintln!("{}/{} cases", self.done, self.total);
                }
            }
            RunEvent::Notice(notice) => {
                let line = || eprintln!("{}: {}", notice.leg, in_a_line(&notice.text));
                self.bar.suspend(line);
            }
            RunEvent::Finished(_) => self.bar.finish_and_clear(),
        }
        let inner = &mut self.inner;
        self.bar.suspend(|| inner.event(event))
    }
}
