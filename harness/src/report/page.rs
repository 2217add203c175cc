//! A run as one page of HTML that needs nothing else: no network, no script to be read, no file beside it.
//!
//! Its size has a bound, whatever the number of cases; what there is no room for is counted, and the page says so.

mod budget;
mod cases;
mod drawn;
mod scale;
mod words;

use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use self::budget::{Budget, Listed};
use self::cases::{ExpectedGroups, Failures, Lines, Names, names};
use self::drawn::Drawn;
use self::words::{Piece, pieces, prose, short};
use super::costs::Costs;
use super::sentence;
use super::terminal::meaning;
use crate::outcome::Class;
use crate::record::Record;
use crate::record::measurement::Measurement;
use crate::record::summary::LegInfo;
use crate::verdict::status::Status;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = concat!(
    include_str!("page.css"),
    include_str!("page_tables.css"),
    include_str!("page_media.css"),
);
const SCRIPT: &str = include_str!("page.js");

/// Bytes of the list of what isn't written, and of the policies; and of the markup around a row of them.
const SENTENCES: (usize, usize) = (20_000, 60);

/// Everything that the page shows, in words.
#[derive(Debug, Serialize)]
pub struct View {
    style: &'static str,
    script: &'static str,
    red: bool,
    verdict: String,
    /// `Equal`, `Not equal`, `Not proved`, `No verdict`.
    word: String,
    statuses: Vec<Count>,
    legs: Vec<Leg>,
    transport: String,
    failures: Failures,
    missing: Names,
    missing_count: usize,
    skipped: Names,
    skipped_count: usize,
    unwritten: Listed<String>,
    locked: bool,
    expected: ExpectedGroups,
    policies: Listed<PolicyRow>,
    classes: Vec<ClassRow>,
    costs: Option<Drawn>,
    lines: Lines,
    absent: Vec<Absent>,
}

#[derive(Debug, Serialize)]
struct Count {
    name: &'static str,
    count: usize,
    meaning: &'static str,
    /// Where the page tells of them; nowhere, where there are none.
    link: Option<&'static str>,
    red: bool,
}

#[derive(Debug, Serialize)]
struct Leg {
    name: String,
    target: String,
    complete: bool,
    versions: Vec<[String; 2]>,
}

#[derive(Debug, Serialize)]
struct PolicyRow {
    name: String,
    cases: usize,
    bound: String,
    seen: String,
    recorded: String,
    /// Further apart than what `policy.toml` says was seen.
    exceeds: bool,
}

/// What the record has no data of.
#[derive(Debug, Serialize)]
struct Absent {
    what: &'static str,
    why: Vec<Piece>,
}

#[derive(Debug, Serialize)]
struct ClassRow {
    name: &'static str,
    /// How many cases ended so, by leg.
    counts: Vec<usize>,
}

impl View {
    pub fn of(record: &Record, measured: &[Measurement]) -> Self {
        let summary = &record.summary;
        let verdict = sentence::verdict(record);
        let word = verdict.split(':').next().unwrap_or_default().to_owned();
        let failures = Failures::of(record);
        let expected = ExpectedGroups::of(record);
        let lines = Lines::of(record, &failures, &expected);
        View {
            style: STYLE,
            script: SCRIPT,
            red: summary.is_red(),
            verdict: prose(&verdict),
            word,
            statuses: Status::ALL
                .into_iter()
                .filter_map(|status| count(record, status))
                .collect(),
            legs: record.info.legs.iter().map(leg).collect(),
            transport: short(&record.info.transport),
            missing: names(&summary.missing),
            missing_count: summary.missing.len(),
            skipped: names(&summary.skipped),
            skipped_count: summary.skipped.len(),
            unwritten: Budget::new(SENTENCES.0, SENTENCES.1)
                .list(summary.unwritten.iter().map(|one| prose(one))),
            locked: summary.locked,
            policies: policies(record),
            classes: classes(record),
            costs: (!measured.is_empty()).then(|| costs(record, measured, &lines)),
            absent: absent(record, measured),
            failures,
            expected,
            lines,
        }
    }
}

/// Writes the page.
///
/// # Errors
/// Those of the writer.
pub fn write(mut writer: impl Write, view: &View) -> io::Result<()> {
    let mut environment = Environment::new();
    // A misspelt name in the template is a fault, and no empty place on the page.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.map_err(io::Error::other)?);
    // The name's end has the engine escape everything.
    environment
        .add_template("page.html", TEMPLATE)
        .map_err(io::Error::other)?;
    let template = environment
        .get_template("page.html")
        .map_err(io::Error::other)?;
    let page = template.render(Serde(view)).map_err(io::Error::other)?;
    writer.write_all(page.as_bytes())?;
    writer.flush()
}

/// Those three are always told; of the others, only what there is.
fn count(record: &Record, status: Status) -> Option<Count> {
    let count = record.summary.of(status);
    let always = matches!(status, Status::Pass | Status::Expected | Status::Fail);
    let red = match status {
        Status::Pass | Status::Expected => false,
        Status::Skip => count > record.summary.skipped.len(),
        _ => count > 0,
    };
    let link = match status {
        Status::Pass => "cases",
        Status::Expected => "expected",
        Status::Skip if !red => "skipped",
        _ => "failures",
    };
    let link = Some(link).filter(|_| count > 0);
    (always || count > 0).then(|| Count {
        name: status.name(),
        count,
        meaning: meaning(status),
        link,
        red,
    })
}

fn leg(leg: &LegInfo) -> Leg {
    let versions = leg.provenance.versions.iter();
    Leg {
        name: short(&leg.name),
        target: short(&leg.target),
        complete: leg.provenance.complete,
        versions: versions
            .map(|(name, version)| [short(name), short(version)])
            .collect(),
    }
}

fn absent(record: &Record, measured: &[Measurement]) -> Vec<Absent> {
    let absent = sentence::absent(record, !measured.is_empty());
    let absent = absent.into_iter().map(|[what, why]| Absent {
        what,
        why: pieces(why),
    });
    absent.collect()
}

fn policies(record: &Record) -> Listed<PolicyRow> {
    let rows = record
        .summary
        .policies
        .iter()
        .map(|(name, used)| PolicyRow {
            name: short(name),
            cases: used.cases,
            bound: short(&used.allows),
            seen: used.worst.to_string(),
            recorded: used.recorded.to_string(),
            exceeds: used.worst.exceeds(&used.recorded),
        });
    Budget::new(SENTENCES.0, SENTENCES.1).list(rows)
}

fn classes(record: &Record) -> Vec<ClassRow> {
    let candidates = record.info.legs.get(1..).unwrap_or_default();
    let row = |class: Class| {
        let reference = record
            .summary
            .classes
            .get(&class)
            .copied()
            .unwrap_or_default();
        let of = |name: &String| {
            let compared = record.cases.iter().flat_map(|case| &case.comparisons);
            let ended =
                compared.filter(|one| one.candidate == *name && one.candidate_class == class);
            ended.count()
        };
        let others = candidates.iter().map(|leg| of(&leg.name));
        let counts: Vec<usize> = std::iter::once(reference).chain(others).collect();
        counts.iter().any(|count| *count > 0).then_some(ClassRow {
            name: class.name(),
            counts,
        })
    };
    Class::ALL.into_iter().filter_map(row).collect()
}

fn costs(record: &Record, measured: &[Measurement], lines: &Lines) -> Drawn {
    let legs = measured
        .first()
        .map(|one| one.legs.iter().map(|leg| leg.leg.as_str()));
    let legs: Vec<&str> = legs.into_iter().flatten().collect();
    Drawn::of(&Costs::of(record, measured), &legs, &lines.anchors())
}

#[cfg(test)]
#[path = "page/page_tests.rs"]
mod tests;
