//! JUnit XML, for what reads test results.
//!
//! What makes the run red without being a case's fault is a test of its own there, so that nothing green comes of a red run.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::Reporter;
use super::attribution::attribution_lines;
use super::text::harmless;
use crate::case::CaseId;
use crate::event::RunEvent;
use crate::record::{CaseReport, Summary};
use crate::verdict::status::Status;

/// Collects the run and writes the document at its end, as the format has its sums at the top.
pub struct Junit<W> {
    writer: W,
    suite: TestSuite,
}

impl<W: Write> Junit<W> {
    pub fn new(writer: W) -> Self {
        Junit {
            writer,
            suite: TestSuite::new("corpus"),
        }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for id in &summary.missing {
            let status = failed(NonSuccessKind::Error, "missing", "the run has no result");
            self.suite.add_test_case(test_case(id, status));
        }
        if summary.is_behind() {
            let sentences = summary.unwritten.join("\n");
            let status = failed(NonSuccessKind::Failure, "locked", &sentences);
            self.suite
                .add_test_case(TestCase::new("committed files", status));
        }
        if summary.compared_nothing() {
            let status = failed(NonSuccessKind::Failure, "empty", "nothing was compared");
            self.suite.add_test_case(TestCase::new("run", status));
        }
        let mut document = Report::new("parallax");
        document.add_test_suite(self.suite.clone());
        document
            .serialize(&mut self.writer)
            .map_err(io::Error::other)?;
        self.writer.flush()
    }
}

impl<W: Write> Reporter for Junit<W> {
    fn event(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::Started(_) | RunEvent::Notice(_) => Ok(()),
            RunEvent::CaseFinished(report) => {
                self.suite.add_test_case(reported(report));
                Ok(())
            }
            RunEvent::Finished(summary) => self.finish(summary),
        }
    }
}

fn failed(kind: NonSuccessKind, of_type: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(of_type);
    // Else the XML would hold it without its control characters, and two texts would look like one.
    status.set_message(harmless(message));
    status
}

fn test_case(id: &CaseId, status: TestCaseStatus) -> TestCase {
    let (family, name) = id.0.rsplit_once('/').unwrap_or(("", &id.0));
    let mut case = TestCase::new(name, status);
    if !family.is_empty() {
        case.set_classname(family.replace('/', "."));
    }
    case
}

fn reported(report: &CaseReport) -> TestCase {
    let message = report.explanation.as_str();
    let of_type = match report.status {
        Status::Fail if report.is_silent() => "silent-corruption",
        status => status.name(),
    };
    let mut status = match report.status {
        Status::Broken => failed(NonSuccessKind::Error, of_type, message),
        _ if report.is_red() => failed(NonSuccessKind::Failure, of_type, message),
        Status::Skip => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(of_type);
            status.set_message(harmless(message));
            status
        }
        _ => TestCaseStatus::success(),
    };
    if report.is_red() {
        let compared = report.comparisons.iter();
        let compared = compared.flat_map(|comparison| &comparison.divergences);
        let unpinned = report.unpinned.iter();
        let unpinned = unpinned.flat_map(|unpinned| &unpinned.divergences);
        let mut all: Vec<String> = compared.chain(unpinned).map(ToString::to_string).collect();
        let hint = report.hint.iter().map(|hint| format!("hint: {hint}"));
        let compared = report.comparisons.iter();
        let attributed = compared.filter_map(|comparison| comparison.attribution.as_ref());
        all.extend(hint.chain(attributed.flat_map(attribution_lines)));
        status.set_description(harmless(&all.join("\n")));
    }
    let mut case = test_case(&report.id, status);
    // A record has no times.
    if !report.wall.is_empty() {
        case.set_time(report.wall.iter().sum());
    }
    if report.status == Status::Expected {
        case.set_system_out(harmless(&format!("expected: {message}")));
    }
    let errors = report.stderr.iter();
    let errors: Vec<String> = errors
        .map(|(leg, text)| format!("--- {leg}\n{text}"))
        .collect();
    if !errors.is_empty() {
        case.set_system_err(errors.join("\n"));
    }
    case
}
