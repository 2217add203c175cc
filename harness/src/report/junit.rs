//! JUnit XML, for what reads test results.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::Reporter;
use crate::event::{CaseReport, RunEvent};
use crate::ledger::Status;

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
}

impl<W: Write> Reporter for Junit<W> {
    fn event(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::Started(_) | RunEvent::Notice(_) => Ok(()),
            RunEvent::CaseFinished(report) => {
                self.suite.add_test_case(test_case(report));
                Ok(())
            }
            RunEvent::Finished(_) => {
                let mut document = Report::new("parallax");
                document.add_test_suite(self.suite.clone());
                document
                    .serialize(&mut self.writer)
                    .map_err(io::Error::other)?;
                self.writer.flush()
            }
        }
    }
}

fn test_case(report: &CaseReport) -> TestCase {
    let mut status = match report.status {
        Status::Pass | Status::Expected => TestCaseStatus::success(),
        Status::Skip => TestCaseStatus::skipped(),
        Status::Stale | Status::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    let (family, name) = report
        .id
        .0
        .rsplit_once('/')
        .unwrap_or(("", report.id.0.as_str()));
    if report.status.is_red() || report.status == Status::Skip {
        status.set_message(report.explanation());
        status.set_type(if report.is_silent() {
            "silent-corruption"
        } else {
            report.status.name()
        });
        let all: Vec<String> = report
            .comparisons
            .iter()
            .flat_map(|comparison| &comparison.divergences)
            .map(ToString::to_string)
            .collect();
        status.set_description(all.join("\n"));
    }
    let mut case = TestCase::new(name, status);
    case.set_classname(family.replace('/', "."));
    case.set_time(report.wall.iter().sum());
    if report.status == Status::Expected {
        case.set_system_out(format!("expected: {}", report.explanation()));
    }
    case
}
