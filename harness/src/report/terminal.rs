//! The report for people: a line per case that isn't a plain pass, then the sums.
//!
//! It writes colours; whoever makes the writer takes them away where they don't belong.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::Reporter;
use super::attribution::attribution_lines;
use super::text::{LONGEST, counted, cut, in_a_line, last_lines};
use crate::case::CaseId;
use crate::event::RunEvent;
use crate::outcome::Class;
use crate::record::{CaseReport, Summary};
use crate::verdict::status::Status;

/// Lines of standard error that are shown per leg; `replay` shows all of it.
const ERROR_LINES: usize = 10;

/// Commands of which reports speak.
const COMMANDS: [&str; 2] = ["`parallax accept ", "`parallax replay "];

/// Items of a list that are shown; a record has all of them.
const NAMED: usize = 20;

/// Characters after which a list of names goes on in the next line, for a terminal of 80.
const WIDTH: usize = 78;

pub struct Terminal<W> {
    writer: W,
    /// Columns of the terminal, where it is one; elsewhere a line is a line, for whatever searches them.
    columns: Option<usize>,
    /// Flags without which the commands that are shown would not mean this corpus.
    flags: String,
    legs: Vec<String>,
}

impl<W: Write> Terminal<W> {
    pub fn new(writer: W, columns: Option<usize>) -> Self {
        Terminal {
            writer,
            columns,
            flags: String::new(),
            legs: Vec::new(),
        }
    }

    /// The same, for a corpus that a command has to be told of by these flags.
    #[must_use]
    pub fn with_flags(mut self, flags: String) -> Self {
        self.flags = flags;
        self
    }

    fn case(&mut self, report: &CaseReport) -> io::Result<()> {
        if report.status == Status::Pass {
            return Ok(());
        }
        let why = first_difference(report);
        self.labelled(
            "",
            report.status,
            report.is_red(),
            &report.id,
            &why,
            LONGEST,
        )?;
        if let Some(hint) = &report.hint {
            self.line(&format!("    hint: {hint}"))?;
        }
        for comparison in &report.comparisons {
            if let Some(attribution) = &comparison.attribution {
                for line in attribution_lines(attribution) {
                    self.line(&format!("    {line}"))?;
                }
            }
        }
        self.standard_error(&report.stderr)
    }

    /// What the legs of a red case wrote to standard error; once, where it is the same on all.
    fn standard_error(&mut self, stderr: &BTreeMap<String, String>) -> io::Result<()> {
        let mut texts: Vec<&String> = stderr.values().collect();
        texts.dedup();
        let same = stderr.len() == self.legs.len() && texts.len() == 1;
        for leg in self.legs.clone() {
            let Some(text) = stderr.get(&leg) else {
                continue;
            };
            let lines = last_lines(text, ERROR_LINES);
            if lines.is_empty() {
                continue;
            }
            let whose = if same { "every leg" } else { &leg };
            self.line(&format!("    standard error of {whose}:"))?;
            for line in lines {
                self.line(&format!("    | {line}"))?;
            }
            if same {
                break;
            }
        }
        Ok(())
    }

    /// What is red once more, in the order in which to look at it: the lines above are in the order of the run.
    fn red(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.red.is_empty() {
            return Ok(());
        }
        self.line("")?;
        self.line("failures, silent corruption first:")?;
        for case in &summary.red {
            // All of it stands above.
            let why = &case.explanation;
            self.labelled("  ", case.status, true, &case.id, why, WIDTH)?;
        }
        self.line("`parallax replay ID` shows all of a case")
    }

    /// A status in its colour, a case, and why.
    fn labelled(
        &mut self,
        indent: &str,
        status: Status,
        red: bool,
        id: &CaseId,
        why: &str,
        longest: usize,
    ) -> io::Result<()> {
        let label = status.name().to_uppercase();
        let style = style(status, red);
        let text = in_a_line(&format!("{indent}{label} {id}: {why}"));
        for (index, line) in self.wrapped(&cut(&text, longest)).iter().enumerate() {
            match line.strip_prefix(&format!("{indent}{label}")) {
                Some(rest) if index == 0 => {
                    writeln!(self.writer, "{indent}{style}{label}{style:#}{rest}")?;
                }
                _ => writeln!(self.writer, "{line}")?,
            }
        }
        Ok(())
    }

    /// A line without control characters, of bounded length; on a terminal, several.
    fn line(&mut self, text: &str) -> io::Result<()> {
        let text = in_a_line(text);
        let text = match self.flags.as_str() {
            "" => text,
            flags => COMMANDS.iter().fold(text, |text, command| {
                text.replace(command, &format!("{command}{flags} "))
            }),
        };
        for line in self.wrapped(&cut(&text, LONGEST)) {
            writeln!(self.writer, "{line}")?;
        }
        Ok(())
    }

    /// The lines that a text takes on the terminal, those after the first further in.
    fn wrapped(&self, text: &str) -> Vec<String> {
        let Some(columns) = self.columns else {
            return vec![text.to_owned()];
        };
        let indent = text.len() - text.trim_start_matches(' ').len();
        let further = " ".repeat(indent + 4);
        let options =
            textwrap::Options::new(columns.max(2 * further.len())).subsequent_indent(&further);
        let lines = textwrap::wrap(text, options).into_iter();
        lines.map(Cow::into_owned).collect()
    }

    /// Names, several in a line.
    fn names<'a>(&mut self, ids: impl IntoIterator<Item = &'a CaseId>) -> io::Result<()> {
        let mut line = String::new();
        for id in ids {
            if !line.is_empty() && line.len() + id.0.len() + 4 > WIDTH {
                self.line(&format!("  {line},"))?;
                line.clear();
            }
            let comma = if line.is_empty() { "" } else { ", " };
            line.push_str(&format!("{comma}{id}"));
        }
        self.line(&format!("  {line}"))
    }

    fn sums(&mut self, summary: &Summary) -> io::Result<()> {
        let (reference, candidates) = match self.legs.split_first() {
            Some((reference, candidates)) => (reference.clone(), candidates.join(", ")),
            None => return Ok(()),
        };
        let mut title = format!(
            "{}, {reference} against {candidates}",
            counted(summary.results(), "case")
        );
        if !summary.wall.is_zero() {
            title += &format!(", in {}", seconds(summary.wall));
        }
        self.line("")?;
        self.line(&title)?;
        for status in Status::ALL {
            let count = summary.of(status);
            let always = matches!(status, Status::Pass | Status::Expected | Status::Fail);
            if count > 0 || always {
                // What there is none of is nothing to look at.
                let style = match (count, status) {
                    (0, _) => Style::new(),
                    (_, Status::Skip) => style(status, count > summary.skipped.len()),
                    _ => style(status, true),
                };
                let name = status.name();
                let meaning = meaning(status);
                writeln!(
                    self.writer,
                    "  {style}{name:<9}{style:#} {count:>5}  {meaning}"
                )?;
            }
        }
        let classes: Vec<String> = Class::ALL
            .into_iter()
            .filter_map(|class| Some(format!("{} {class}", summary.classes.get(&class)?)))
            .collect();
        if !classes.is_empty() {
            self.line(&format!("outcomes: {}", classes.join(", ")))?;
        }
        for (name, used) in &summary.policies {
            self.line(&format!(
                "policy {name}: {}, bound {}, worst seen {}",
                counted(used.cases, "case"),
                used.allows,
                used.worst
            ))?;
        }
        self.times(summary)
    }

    fn times(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.leg_wall.is_empty() {
            return Ok(());
        }
        let named = self.legs.iter().zip(&summary.leg_wall);
        let walls: Vec<String> = named
            .map(|(leg, wall)| format!("{leg} {}", seconds(*wall)))
            .collect();
        self.line(&format!("time in legs: {}", walls.join(", ")))?;
        self.line("slowest cases:")?;
        for (id, wall) in &summary.slowest {
            self.line(&format!("  {:>7.3} s  {id}", wall.as_secs_f64()))?;
        }
        Ok(())
    }

    /// What the sums don't show by themselves.
    fn remarks(&mut self, summary: &Summary) -> io::Result<()> {
        if !summary.unwritten.is_empty() {
            self.line(if summary.locked {
                "files that are behind, which --locked forbids:"
            } else {
                "files that are behind:"
            })?;
            for sentence in summary.unwritten.iter().take(NAMED) {
                self.line(&format!("  {sentence}"))?;
            }
            self.more(summary.unwritten.len())?;
        }
        if !summary.skipped.is_empty() {
            let skipped = counted(summary.skipped.len(), "case");
            self.line(&format!("{skipped} skipped, which is allowed:"))?;
            self.names(&summary.skipped)?;
        }
        if !summary.missing.is_empty() {
            let missing = counted(summary.missing.len(), "case");
            self.line(&format!("{missing} without a result:"))?;
            self.names(summary.missing.iter().take(NAMED))?;
            self.more(summary.missing.len())?;
        }
        Ok(())
    }

    /// Says how many of a list are not in it.
    fn more(&mut self, count: usize) -> io::Result<()> {
        match count.saturating_sub(NAMED) {
            0 => Ok(()),
            more => self.line(&format!("  and {more} more, which --json names")),
        }
    }
}

fn style(status: Status, red: bool) -> Style {
    let color = match status {
        Status::Pass => AnsiColor::Green,
        Status::Expected => AnsiColor::Cyan,
        Status::Skip if !red => AnsiColor::Yellow,
        _ => AnsiColor::Red,
    };
    let style = color.on_default();
    match color {
        AnsiColor::Red => style.bold(),
        _ => style,
    }
}

/// Why a case isn't a plain pass: the first difference, or the sentence that stands for it.
fn first_difference(report: &CaseReport) -> String {
    let Some(comparison) = report.deciding() else {
        return report.explanation.clone();
    };
    let judgement = &comparison.judgement;
    // An expected difference is shown itself, its reason being in the ledger; a failure shows what the ledger lacks.
    let first = match (comparison.divergences.first(), judgement.causes.first()) {
        (Some(first), Some(_)) => first.to_string(),
        _ => judgement.explanation.clone(),
    };
    let more = match comparison.divergences.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let cause = judgement.causes.iter().map(|cause| format!(" [{cause}]"));
    // With one candidate there is no question whose difference it is.
    let whose = match report.comparisons.len() {
        1 => String::new(),
        _ => format!("{}: ", comparison.candidate),
    };
    format!("{whose}{first}{more}{}", cause.collect::<String>())
}

/// The last line, in the words that test runners use; an expected divergence is a passed case.
fn closing_line(summary: &Summary) -> String {
    let passed = summary.of(Status::Pass) + summary.of(Status::Expected);
    let failed = summary.results() - passed - summary.of(Status::Skip);
    let mut line = format!("{passed} passed, {failed} failed");
    let skipped = summary.of(Status::Skip);
    let not_allowed = skipped - summary.skipped.len();
    if skipped > 0 {
        line += &format!(", {skipped} skipped");
    }
    if summary.compared_nothing() {
        line += ": nothing was compared, which proves nothing";
    } else if not_allowed > 0 {
        line += &format!(" ({not_allowed} not allowed)");
    }
    if !summary.missing.is_empty() {
        line += &format!(", {} without a result", summary.missing.len());
    }
    if summary.is_behind() {
        line += &format!(", {} to write", summary.unwritten.len());
    }
    line
}

pub(super) fn meaning(status: Status) -> &'static str {
    match status {
        Status::Pass => "the same on every leg, or within a policy",
        Status::Expected => "differ as the ledger says",
        Status::Skip => "could not run on a leg",
        Status::Stale => "the ledger expects a difference that is gone",
        Status::Flaky => "differ from themselves",
        Status::Fail => "differ, and no ledger says why",
        Status::Broken => "Parallax itself failed",
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

impl<W: Write> Reporter for Terminal<W> {
    fn event(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::Started(info) => {
                self.legs = info.legs.iter().map(|leg| leg.name.clone()).collect();
                Ok(())
            }
            RunEvent::CaseFinished(report) => self.case(report),
            // Standard error's business.
            RunEvent::Notice(_) => Ok(()),
            RunEvent::Finished(summary) => {
                self.red(summary)?;
                self.sums(summary)?;
                self.remarks(summary)?;
                self.line(&closing_line(summary))?;
                self.writer.flush()
            }
        }
    }
}
