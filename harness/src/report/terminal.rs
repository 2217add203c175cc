//! The report for people: a line a case that isn't a plain pass, then the sums.

use std::io::{self, Write};
use std::time::Duration;

use super::Reporter;
use crate::event::{CaseReport, RunEvent, Summary};
use crate::ledger::Status;
use crate::outcome::Class;

/// So many characters of an explanation are printed; `replay` shows all of it.
const LONGEST: usize = 300;

pub struct Terminal<W> {
    writer: W,
    colors: bool,
    legs: Vec<String>,
}

impl<W: Write> Terminal<W> {
    pub fn new(writer: W, colors: bool) -> Self {
        Terminal {
            writer,
            colors,
            legs: Vec::new(),
        }
    }

    fn case(&mut self, report: &CaseReport) -> io::Result<()> {
        if report.status == Status::Pass {
            return Ok(());
        }
        let label = self.paint(report.status, &report.status.name().to_uppercase());
        let why = in_a_line(&first_difference(report));
        writeln!(self.writer, "{label} {}: {why}", report.id)
    }

    /// What is red once more, in the order in which to look at it: the lines above are in the order of the run.
    fn red(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.red.is_empty() {
            return Ok(());
        }
        writeln!(self.writer, "\nfailures, silent corruption first:")?;
        for case in &summary.red {
            let label = self.paint(case.status, &case.status.name().to_uppercase());
            let why = in_a_line(&case.explanation);
            writeln!(self.writer, "  {label} {}: {why}", case.id)?;
        }
        Ok(())
    }

    fn paint(&self, status: Status, text: &str) -> String {
        let code = match status {
            Status::Pass => "32",
            Status::Expected => "36",
            Status::Skip => "33",
            Status::Stale | Status::Fail => "31;1",
        };
        if self.colors {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn sums(&mut self, summary: &Summary) -> io::Result<()> {
        let Some((reference, candidates)) = self.legs.split_first() else {
            return Ok(());
        };
        let total: usize = summary.statuses.values().sum();
        writeln!(
            self.writer,
            "\n{}, {reference} against {}, in {}",
            cases(total),
            candidates.join(", "),
            seconds(summary.wall)
        )?;
        for status in Status::ALL {
            let count = summary.of(status);
            if count > 0 || status == Status::Pass || status.is_red() {
                let label = self.paint(status, &format!("{:<9}", status.name()));
                writeln!(self.writer, "  {label} {count:>5}  {}", meaning(status))?;
            }
        }
        let classes: Vec<String> = Class::ALL
            .into_iter()
            .filter_map(|class| {
                let count = summary.classes.get(&class)?;
                Some(format!("{count} {class}"))
            })
            .collect();
        writeln!(self.writer, "outcomes: {}", classes.join(", "))?;
        for (name, used) in &summary.policies {
            writeln!(
                self.writer,
                "policy {name}: {}, bound {}, worst seen {}",
                cases(used.cases),
                used.policy,
                used.worst
            )?;
            let recorded = used.policy.recorded();
            if used.worst.exceeds(&recorded) {
                writeln!(
                    self.writer,
                    "    policy.toml records {recorded} as the worst: write {} there",
                    used.worst
                )?;
            }
        }
        let walls: Vec<String> = self
            .legs
            .iter()
            .zip(&summary.leg_wall)
            .map(|(leg, wall)| format!("{leg} {}", seconds(*wall)))
            .collect();
        writeln!(self.writer, "time in legs: {}", walls.join(", "))?;
        writeln!(self.writer, "{}", closing_line(summary))
    }
}

fn cases(count: usize) -> String {
    format!("{count} {}", if count == 1 { "case" } else { "cases" })
}

fn in_a_line(text: &str) -> String {
    let mut line = text.replace('\n', " ");
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Why a case isn't a plain pass, in one line: the first difference, or the sentence that stands for it.
fn first_difference(report: &CaseReport) -> String {
    let Some(comparison) = report.deciding() else {
        return String::new();
    };
    let judgement = &comparison.judgement;
    // An expected difference is shown itself, its reason being in the ledger; a failure shows what the ledger lacks.
    let first = match (comparison.divergences.first(), &judgement.cause) {
        (Some(first), Some(_)) => first.to_string(),
        _ => judgement.explanation.clone(),
    };
    let more = match comparison.divergences.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let cause = judgement.cause.iter().map(|cause| format!(" [{cause}]"));
    format!("{first}{more}{}", cause.collect::<String>())
}

/// The last line, in the words that test runners use; an expected divergence is a passed case.
fn closing_line(summary: &Summary) -> String {
    let passed = summary.of(Status::Pass) + summary.of(Status::Expected);
    let failed = summary.of(Status::Fail) + summary.of(Status::Stale);
    let line = format!("{passed} passed, {failed} failed");
    match summary.of(Status::Skip) {
        0 => line,
        skipped if summary.compared_nothing() => {
            format!("{line}, {skipped} skipped: nothing was compared, which proves nothing")
        }
        skipped => format!("{line}, {skipped} skipped"),
    }
}

fn meaning(status: Status) -> &'static str {
    match status {
        Status::Pass => "the same on every leg",
        Status::Expected => "differ as the ledger says",
        Status::Skip => "could not run on a leg",
        Status::Stale => "the ledger expects a difference that is gone",
        Status::Fail => "differ, and nobody knows why",
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

impl<W: Write> Reporter for Terminal<W> {
    fn event(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::Started(info) => {
                self.legs.clone_from(&info.legs);
                Ok(())
            }
            RunEvent::CaseFinished(report) => self.case(report),
            // Standard error's business.
            RunEvent::Notice(_) => Ok(()),
            RunEvent::Finished(summary) => {
                self.red(summary)?;
                self.sums(summary)?;
                self.writer.flush()
            }
        }
    }
}
