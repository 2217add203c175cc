//! What a page tells of cases: those that are red with all that is known of them, those that differ as expected by cause, and every case in a line.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::budget::{Budget, Listed};
use super::words::{Piece, anchor, pieces, prose, short};
use crate::attribute::found::Attribution;
use crate::case::CaseId;
use crate::record::{CaseReport, Comparison, Record};
use crate::report::text::{counted, in_a_line, last_lines};
use crate::verdict::divergence::Divergence;
use crate::verdict::status::Status;

/// Differences that are shown of a comparison; the record has all of them.
const DIFFERENCES: usize = 6;

/// Lines of standard error that are shown of a leg.
const ERROR_LINES: usize = 10;

/// Bytes of the parts of a page, and of the markup around a row of each.
const FAILURES: (usize, usize) = (350_000, 900);
const NAMES: (usize, usize) = (40_000, 10);
const EXPECTED: (usize, usize) = (110_000, 400);
const CASES: (usize, usize) = (200_000, 80);

/// Cases by their names, where there is no room for more.
pub type Names = Listed<String>;

/// What is red.
#[derive(Debug, Serialize)]
pub struct Failures {
    pub count: usize,
    pub rows: Vec<Failure>,
    /// Red as well: named, as there is no room for more, and as many again that aren't even named.
    pub named: Names,
}

/// A red case.
#[derive(Debug, Serialize)]
pub struct Failure {
    anchor: String,
    id: String,
    description: String,
    status: &'static str,
    silent: bool,
    explanation: String,
    nodes: String,
    causes: Vec<CauseLine>,
    hints: Vec<Vec<Piece>>,
    details: Vec<Details>,
}

/// Why, as far as it was found out.
#[derive(Debug, Serialize)]
struct CauseLine {
    cause: &'static str,
    because: Vec<Piece>,
    /// Which difference it is the cause of, where there are several causes.
    place: String,
}

/// Lines that stand below a title and unfold.
#[derive(Debug, Serialize)]
pub struct Details {
    title: String,
    lines: Vec<String>,
    /// Further lines, which are only counted.
    more: usize,
}

/// Expected differences of the same causes.
#[derive(Debug, Serialize)]
pub struct Group {
    cause: String,
    rows: Vec<Expected>,
}

/// A case that differs as the ledger says.
#[derive(Debug, Serialize)]
struct Expected {
    anchor: String,
    id: String,
    reason: Vec<Piece>,
    details: Vec<Details>,
}

/// A case in a line.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Of the place that tells more of it, or its own.
    anchor: String,
    is_told_above: bool,
    id: String,
    status: &'static str,
    red: bool,
    class: &'static str,
    fuel: String,
    description: String,
}

/// What the page has of expected differences.
#[derive(Debug, Serialize)]
pub struct ExpectedGroups {
    pub count: usize,
    pub groups: Vec<Group>,
    /// Cases that there is no room for.
    pub more: usize,
}

/// All cases, worst first, so that what there is no room for passes.
#[derive(Debug, Serialize)]
pub struct Lines {
    pub count: usize,
    pub rows: Vec<Line>,
    /// How many of which status there is no room for.
    pub more: Vec<String>,
    pub has_fuel: bool,
}

impl Failures {
    /// In the order of the sums: silent corruption first.
    pub fn of(record: &Record) -> Self {
        let by_id: BTreeMap<&CaseId, &CaseReport> =
            record.cases.iter().map(|case| (&case.id, case)).collect();
        let red = &record.summary.red;
        let reports = red.iter().filter_map(|case| by_id.get(&case.id));
        let listed =
            Budget::new(FAILURES.0, FAILURES.1).list(reports.map(|report| Failure::of(report)));
        let rest = red.iter().skip(listed.rows.len());
        Failures {
            count: red.len(),
            named: names(rest.map(|case| &case.id)),
            rows: listed.rows,
        }
    }
}

/// Names, as many as there is room for.
pub fn names<'a>(ids: impl IntoIterator<Item = &'a CaseId>) -> Names {
    let names = ids.into_iter().map(|id| short(&id.0));
    Budget::new(NAMES.0, NAMES.1).list(names)
}

impl Failure {
    fn of(report: &CaseReport) -> Self {
        let several = report.comparisons.len() > 1;
        let attributed: Vec<(&Comparison, &Attribution)> = report
            .comparisons
            .iter()
            .filter_map(|comparison| Some((comparison, comparison.attribution.as_ref()?)))
            .collect();
        let mut nodes: Vec<String> = Vec::new();
        let mut hints: Vec<&str> = report.hint.iter().map(String::as_str).collect();
        let mut causes = Vec::new();
        for (comparison, attribution) in &attributed {
            nodes.extend(attribution.nodes.iter().map(|node| short(node)));
            for one in &attribution.causes {
                hints.push(&one.remedy);
                let whose = if several {
                    format!("{}: ", comparison.candidate)
                } else {
                    String::new()
                };
                let place = match (attribution.causes.len(), &one.node) {
                    (1, _) => String::new(),
                    (_, Some(node)) => format!("{} of node {node}", one.place),
                    (_, None) => one.place.to_string(),
                };
                causes.push(CauseLine {
                    cause: one.cause.name(),
                    because: pieces(&one.because),
                    place: short(&format!("{whose}{place}")),
                });
            }
        }
        let [nodes, hints] = [once(nodes.iter().map(String::as_str)), once(hints)];
        let compared = report.comparisons.iter().map(|comparison| {
            let title = format!("on {}", comparison.candidate);
            differences(&title, &comparison.divergences)
        });
        let unpinned = report.unpinned.iter().map(|unpinned| {
            let title = format!("of {} from what {} pins", unpinned.leg, unpinned.snapshot);
            differences(&title, &unpinned.divergences)
        });
        let errors = report.stderr.iter().map(|(leg, text)| Details {
            title: short(&format!("end of standard error of {leg}")),
            lines: last_lines(text, ERROR_LINES)
                .iter()
                .map(|line| short(line))
                .collect(),
            more: 0,
        });
        let unwritten = Details {
            title: "not written yet".to_owned(),
            lines: report
                .unwritten
                .iter()
                .take(DIFFERENCES)
                .map(|sentence| prose(sentence))
                .collect(),
            more: report.unwritten.len().saturating_sub(DIFFERENCES),
        };
        let details = compared.chain(unpinned).chain(errors).chain([unwritten]);
        Failure {
            anchor: anchor(&report.id),
            id: short(&report.id.0),
            description: prose(&report.description),
            status: report.status.name(),
            silent: report.is_silent(),
            explanation: prose(&report.explanation),
            nodes: nodes.join(", "),
            causes,
            hints: hints.into_iter().map(pieces).collect(),
            details: details
                .filter(|details| !details.lines.is_empty())
                .collect(),
        }
    }
}

/// Each text where it comes first.
fn once<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}

fn differences(title: &str, divergences: &[Divergence]) -> Details {
    let lines = divergences.iter().take(DIFFERENCES);
    let title = format!("{} {title}", counted(divergences.len(), "difference"));
    Details {
        title: short(&title),
        lines: lines.map(|one| prose(&one.to_string())).collect(),
        more: divergences.len().saturating_sub(DIFFERENCES),
    }
}

impl ExpectedGroups {
    /// By what the ledger says that they come from, in the order of the causes.
    pub fn of(record: &Record) -> Self {
        let expected = record
            .cases
            .iter()
            .filter(|case| case.status == Status::Expected);
        let mut by_cause: BTreeMap<_, Vec<&CaseReport>> = BTreeMap::new();
        for report in expected {
            let causes = report
                .comparisons
                .iter()
                .flat_map(|one| &one.judgement.causes);
            let mut causes: Vec<_> = causes.copied().collect();
            causes.sort_unstable();
            causes.dedup();
            by_cause.entry(causes).or_default().push(report);
        }
        let mut budget = Budget::new(EXPECTED.0, EXPECTED.1);
        let mut all = ExpectedGroups {
            count: 0,
            groups: Vec::new(),
            more: 0,
        };
        for (causes, reports) in by_cause {
            all.count += reports.len();
            let listed = budget.list(reports.into_iter().map(Expected::of));
            all.more += listed.more;
            let causes: Vec<&str> = causes.iter().map(|cause| cause.name()).collect();
            if !listed.rows.is_empty() {
                all.groups.push(Group {
                    cause: causes.join(", "),
                    rows: listed.rows,
                });
            }
        }
        all
    }
}

impl Expected {
    fn of(report: &CaseReport) -> Self {
        let compared = report.comparisons.iter().map(|comparison| {
            let title = format!("on {}", comparison.candidate);
            differences(&title, &comparison.divergences)
        });
        Expected {
            anchor: anchor(&report.id),
            id: short(&report.id.0),
            reason: pieces(&report.explanation),
            details: compared
                .filter(|details| !details.lines.is_empty())
                .collect(),
        }
    }
}

impl Lines {
    /// `told` are the anchors of cases that the page tells more of.
    pub fn of(record: &Record, failures: &Failures, expected: &ExpectedGroups) -> Self {
        let failed = failures.rows.iter().map(|row| row.anchor.as_str());
        let excused = expected.groups.iter().flat_map(|group| &group.rows);
        let told: BTreeSet<&str> = failed
            .chain(excused.map(|row| row.anchor.as_str()))
            .collect();
        let mut worst_first: Vec<&CaseReport> = record.cases.iter().collect();
        worst_first.sort_by_key(|report| (!report.is_red(), std::cmp::Reverse(report.status)));
        let lines = worst_first.iter().map(|report| {
            let anchor = anchor(&report.id);
            Line {
                is_told_above: told.contains(anchor.as_str()),
                anchor,
                id: short(&report.id.0),
                status: report.status.name(),
                red: report.is_red(),
                class: report.class.map_or("", |class| class.name()),
                fuel: fuel(report),
                description: short(&report.description),
            }
        });
        let listed = Budget::new(CASES.0, CASES.1).list(lines);
        let left_out = &worst_first[listed.rows.len()..];
        let more = Status::ALL.into_iter().filter_map(|status| {
            let count = left_out
                .iter()
                .filter(|report| report.status == status)
                .count();
            (count > 0).then(|| format!("{count} {}", status.name()))
        });
        Lines {
            count: record.cases.len(),
            more: more.collect(),
            has_fuel: listed.rows.iter().any(|line| !line.fuel.is_empty()),
            rows: listed.rows,
        }
    }
}

impl Lines {
    /// The places to which the page can link.
    pub fn anchors(&self) -> BTreeSet<&str> {
        self.rows.iter().map(|line| line.anchor.as_str()).collect()
    }
}

fn fuel(report: &CaseReport) -> String {
    let legs = report.fuel.iter();
    let legs: Vec<String> = legs.map(|(leg, fuel)| format!("{leg} {fuel}")).collect();
    in_a_line(&legs.join(", "))
}
