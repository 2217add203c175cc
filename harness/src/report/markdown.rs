//! A run as Markdown for a pull request or a job's summary: what is red first, and never more than 60 lines.

use std::io::{self, Write};

use super::cost::duration;
use super::costs::{Cost, Costs};
use super::sentence;
use super::terminal::meaning;
use super::text::{counted, cut, in_a_line};
use crate::record::measurement::Measurement;
use crate::record::{CaseReport, Record};
use crate::verdict::status::Status;

/// Rows of the tables. With headings and what stands between them, the whole has 60 lines at most.
const FAILURES: usize = 12;
const EXPECTED: usize = 6;
const COSTS: usize = 6;

/// Lines of files that are behind.
const UNWRITTEN: usize = 3;

/// Characters of a cell.
const CELL: usize = 200;

/// Writes the summary.
///
/// # Errors
/// Those of the writer.
pub fn write(mut writer: impl Write, record: &Record, measured: &[Measurement]) -> io::Result<()> {
    let mut lines = vec![
        format!("## Parallax: {}", prose(&sentence::verdict(record))),
        String::new(),
    ];
    failures(&mut lines, record);
    sums(&mut lines, record);
    expected(&mut lines, record);
    if !measured.is_empty() {
        costs(&mut lines, &Costs::of(record, measured));
    }
    let absent = sentence::absent(record, !measured.is_empty());
    let absent: Vec<String> = absent.iter().map(|[what, _]| what.to_lowercase()).collect();
    lines.push(format!("Not in this record: {}.", absent.join(", ")));
    for line in lines {
        writeln!(writer, "{line}")?;
    }
    writer.flush()
}

fn failures(lines: &mut Vec<String>, record: &Record) {
    let red = &record.summary.red;
    if !red.is_empty() {
        lines.push("| red case | what is found | node | cause | what to do |".to_owned());
        lines.push("|---|---|---|---|---|".to_owned());
        for case in red.iter().take(FAILURES) {
            let report = record.cases.iter().find(|report| report.id == case.id);
            lines.push(match report {
                Some(report) => failure(report),
                None => format!(
                    "| {} | {} | | | |",
                    code(&case.id.0),
                    code(&case.explanation)
                ),
            });
        }
        lines.push(String::new());
        more(
            lines,
            red.len(),
            FAILURES,
            "red case",
            "`parallax render` shows all of them",
        );
    }
    let missing = record.summary.missing.as_slice();
    if let Some(first) = missing.first() {
        lines.push(format!(
            "{} without a result, the first is {}.",
            counted(missing.len(), "case"),
            code(&first.0)
        ));
        lines.push(String::new());
    }
    let unwritten = record.summary.unwritten.as_slice();
    if !unwritten.is_empty() {
        lines.push("Files that are behind:".to_owned());
        lines.push(String::new());
        let shown = unwritten.iter().take(UNWRITTEN);
        lines.extend(shown.map(|sentence| format!("- {}", prose(&cut(sentence, CELL)))));
        lines.push(String::new());
        more(
            lines,
            unwritten.len(),
            UNWRITTEN,
            "sentence",
            "the record has all of them",
        );
    }
}

fn failure(report: &CaseReport) -> String {
    let attributions = report
        .comparisons
        .iter()
        .flat_map(|comparison| &comparison.attribution);
    let mut nodes = Vec::new();
    let mut causes = Vec::new();
    let mut hints: Vec<&str> = report.hint.iter().map(String::as_str).collect();
    for attribution in attributions {
        nodes.extend(attribution.nodes.iter().map(|node| code(node)));
        for one in &attribution.causes {
            causes.push(one.cause.name());
            hints.push(&one.remedy);
        }
    }
    nodes.dedup();
    causes.dedup();
    hints.dedup();
    format!(
        "| {} | {}: {} | {} | {} | {} |",
        code(&report.id.0),
        report.status.name(),
        code(&report.explanation),
        nodes.join(", "),
        causes.join(", "),
        prose(&cut(&hints.join("; "), CELL)),
    )
}

fn sums(lines: &mut Vec<String>, record: &Record) {
    lines.push("| status | cases | |".to_owned());
    lines.push("|---|--:|---|".to_owned());
    for status in Status::ALL {
        let count = record.summary.of(status);
        if count > 0 {
            lines.push(format!(
                "| {} | {count} | {} |",
                status.name(),
                meaning(status)
            ));
        }
    }
    lines.push(String::new());
}

/// The cases whose differences the ledger expects, by cause.
fn expected(lines: &mut Vec<String>, record: &Record) {
    let mut by_cause = std::collections::BTreeMap::<_, Vec<&str>>::new();
    for report in record
        .cases
        .iter()
        .filter(|report| report.status == Status::Expected)
    {
        let causes = report
            .comparisons
            .iter()
            .flat_map(|one| &one.judgement.causes);
        for cause in causes.copied().collect::<std::collections::BTreeSet<_>>() {
            by_cause.entry(cause).or_default().push(&report.id.0);
        }
    }
    if by_cause.is_empty() {
        return;
    }
    let count = by_cause.len();
    for (cause, ids) in by_cause.into_iter().take(EXPECTED) {
        let shown: Vec<String> = ids.iter().take(4).map(|id| code(id)).collect();
        let rest = match ids.len().saturating_sub(shown.len()) {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        lines.push(format!("- expected, {cause}: {}{rest}", shown.join(", ")));
    }
    lines.push(String::new());
    more(lines, count, EXPECTED, "cause", "the record names them");
}

fn costs(lines: &mut Vec<String>, costs: &Costs) {
    let Some(first) = costs.cases.first() else {
        return;
    };
    lines.push(format!(
        "| measured case | ratio {} | 95 % interval | times | |",
        code(&first.candidate)
    ));
    lines.push("|---|--:|---|---|---|".to_owned());
    for cost in costs.cases.iter().take(COSTS) {
        lines.push(self::cost(cost));
    }
    lines.push(String::new());
    more(
        lines,
        costs.cases.len(),
        COSTS,
        "measured case",
        "the file of measurements has them",
    );
}

fn cost(cost: &Cost) -> String {
    let [reference, candidate] = cost.times.map(duration);
    let interval = match cost.interval {
        Some(interval) => format!("{:.2} to {:.2}", interval.low, interval.high),
        None => String::new(),
    };
    format!(
        "| {} | {:.2} | {interval} | {reference} → {candidate} | {} |",
        code(&cost.case.0),
        cost.ratio,
        cost.says()
    )
}

/// Says how many of a list are not in it.
fn more(lines: &mut Vec<String>, count: usize, shown: usize, what: &str, where_: &str) {
    if let more @ 1.. = count.saturating_sub(shown) {
        lines.push(format!("And {} more: {where_}.", counted(more, what)));
        lines.push(String::new());
    }
}

/// Text of a guest, as code: nothing in it is a link, a mention or markup.
fn code(text: &str) -> String {
    let text = cut(text, CELL);
    let text = in_a_line(text.trim()).replace('|', "\\|");
    if text.is_empty() {
        return String::new();
    }
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A sentence, which may hold text of a corpus: every character that Markdown obeys is escaped, and nobody is mentioned.
fn prose(text: &str) -> String {
    let mut escaped = String::new();
    for character in in_a_line(text).chars() {
        match character {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            // A word joiner behind it keeps a name from being told of this, and a number from being a link.
            '@' | '#' => {
                escaped.push(character);
                escaped.push_str("&#8288;");
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
