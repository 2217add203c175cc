//! Records as JSON Lines: one object per line, which says what it is in `event` and ends with a seal.
//!
//! Times are left out, so that the same input gives the same bytes.

use std::io::{BufRead, Write};

use super::sealed::{self, Form};
use super::{CaseReport, Record, RunInfo, Summary};
use crate::case::CaseId;

/// The version of the form of these lines.
pub const FORMAT: u64 = 4;

/// The form of these lines.
const FORM: Form = Form {
    first: "started",
    version: FORMAT,
};

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    Started(RunInfo),
    Case(Box<CaseReport>),
    Finished(Summary),
}

/// Why lines are no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("line {line}: {reason}")]
    Line { line: usize, reason: String },
    #[error("it ends after line {0}, before the run had finished")]
    Truncated(usize),
    #[error(
        "line {line}: {found} results, where {planned} cases were to run; the first that is missing is {first}"
    )]
    Incomplete {
        line: usize,
        found: usize,
        planned: usize,
        first: CaseId,
    },
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// As much of a record as there is of a run that perhaps hasn't finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Begun {
    pub info: RunInfo,
    pub cases: Vec<CaseReport>,
    pub summary: Option<Summary>,
}

/// Writes one line, whole.
///
/// # Errors
/// Those of the writer.
pub fn write(writer: impl Write, row: &Row) -> std::io::Result<()> {
    match row {
        Row::Started(info) => sealed::write(writer, FORM, "started", info),
        Row::Case(report) => sealed::write(writer, FORM, "case", report),
        Row::Finished(summary) => sealed::write(writer, FORM, "finished", summary),
    }
}

/// Reads a whole record back: what was run, every case, the sums.
///
/// # Errors
/// A line is none of this format, a result is missing that the sums don't call missing, or the end is.
pub fn read(reader: impl BufRead) -> Result<Record, RecordError> {
    let Begun {
        info,
        cases,
        summary,
    } = read_begun(reader)?;
    match summary {
        Some(summary) => Ok(Record {
            info,
            cases,
            summary,
        }),
        None => Err(RecordError::Truncated(cases.len() + 1)),
    }
}

/// Reads what there is of a record. A run that was killed has left no end, and perhaps half a line, which counts for nothing.
///
/// # Errors
/// Those of [`read`], but for a missing end.
pub fn read_begun(mut reader: impl BufRead) -> Result<Begun, RecordError> {
    let mut begun: Option<Begun> = None;
    for line in 1.. {
        let mut bytes = Vec::new();
        reader.read_until(b'\n', &mut bytes)?;
        let whole = bytes.pop() == Some(b'\n');
        if !whole {
            return begun.ok_or(RecordError::Truncated(0));
        }
        let refuse = |reason: String| RecordError::Line { line, reason };
        let text = std::str::from_utf8(&bytes).map_err(|error| refuse(error.to_string()))?;
        let row = parse(text).map_err(refuse)?;
        let Some(begun) = &mut begun else {
            let Row::Started(info) = row else {
                return Err(refuse("a record begins with a line `started`".to_owned()));
            };
            begun = Some(Begun {
                info,
                cases: Vec::new(),
                summary: None,
            });
            continue;
        };
        if begun.summary.is_some() {
            return Err(refuse("a record ends with its line `finished`".to_owned()));
        }
        match row {
            Row::Started(_) => {
                return Err(refuse("a record has one line `started`".to_owned()));
            }
            Row::Case(report) => {
                check_case(begun, &report).map_err(refuse)?;
                begun.cases.push(*report);
            }
            Row::Finished(summary) => {
                check_count(begun, &summary, line)?;
                check_sums(begun, &summary).map_err(refuse)?;
                begun.summary = Some(summary);
            }
        }
    }
    // Lines run out before numbers do.
    begun.ok_or(RecordError::Truncated(0))
}

/// The case is the one that comes next.
fn check_case(begun: &Begun, report: &CaseReport) -> Result<(), String> {
    match begun.info.cases.get(begun.cases.len()) {
        Some(next) if *next == report.id => Ok(()),
        Some(next) => Err(format!(
            "the result of {}, where {next} comes next",
            report.id
        )),
        None => Err(format!("the result of {}, which was not to run", report.id)),
    }
}

/// What has no result is called missing. Cases come in order, so that these are the last ones.
fn check_count(begun: &Begun, summary: &Summary, line: usize) -> Result<(), RecordError> {
    let missing = &begun.info.cases[begun.cases.len()..];
    match missing.first() {
        Some(first) if missing != summary.missing => Err(RecordError::Incomplete {
            line,
            found: begun.cases.len(),
            planned: begun.info.cases.len(),
            first: first.clone(),
        }),
        _ => Ok(()),
    }
}

/// The sums are those of the cases. What is unwritten comes from elsewhere, too.
fn check_sums(begun: &Begun, summary: &Summary) -> Result<(), String> {
    let mut counted = Summary {
        locked: summary.locked,
        ..Summary::default()
    };
    begun.cases.iter().for_each(|report| counted.count(report));
    counted.close(begun.info.cases[begun.cases.len()..].iter().cloned());
    let lost = counted
        .unwritten
        .iter()
        .find(|sentence| !summary.unwritten.contains(sentence));
    if let Some(lost) = lost {
        return Err(format!("`unwritten` lacks: {lost}"));
    }
    counted.unwritten.clone_from(&summary.unwritten);
    // As they are written: no number that isn't one equals itself.
    let [counted, found] = [&counted, summary].map(serde_json::to_value);
    match (counted, found) {
        (Ok(counted), Ok(found)) if counted == found => Ok(()),
        _ => Err("the sums are not those of the cases above".to_owned()),
    }
}

/// Reads one line, without its end.
///
/// # Errors
/// Says what keeps it from being a row.
pub fn parse(line: &str) -> Result<Row, String> {
    let (kind, rest) = sealed::open(line, FORM, &["started", "case", "finished"])?;
    match kind {
        "started" => rest.typed().map(Row::Started),
        "case" => rest.typed().map(|report| Row::Case(Box::new(report))),
        _ => rest.typed().map(Row::Finished),
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
