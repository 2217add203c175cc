//! Costs as a page shows them: texts, and places in drawings.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::budget::{Budget, Listed};
use super::scale::{LogAxis, cascade, coordinate};
use super::words::{anchor, prose, short};
use crate::case::CaseId;
use crate::report::cost::duration;
use crate::report::costs::{Cost, Costs, Phases};
use crate::statistics::interval::Interval;

/// Bytes of the tables, and of the markup around a row of each.
const CASES: (usize, usize) = (60_000, 600);
const NODES: (usize, usize) = (60_000, 600);
const PHASES: (usize, usize) = (60_000, 700);

/// The width of a drawing, and the margin in which nothing but an end of a label stands.
const WIDTH: f64 = 200.0;
const MARGIN: f64 = 12.0;

/// The height of a phase's bar, and from one to the next.
const BAR: f64 = 5.0;
const STEP: f64 = 6.0;

/// What the page has of costs.
#[derive(Debug, Serialize)]
pub struct Drawn {
    pub reference: String,
    pub candidates: String,
    pub several: bool,
    pub ticks: Vec<Tick>,
    /// Where 1 is: as fast as the reference.
    pub one: String,
    pub cases: Listed<Row>,
    pub nodes: Listed<Row>,
    pub phases: Listed<Waterfall>,
    pub remarks: Vec<String>,
}

/// A mark on the axis of ratios.
#[derive(Debug, Serialize)]
pub struct Tick {
    at: String,
    label: String,
    /// At the ends of the axis a label would not fit if it stood in the middle of its mark.
    anchor: &'static str,
}

/// A ratio.
#[derive(Debug, Serialize)]
pub struct Row {
    link: Option<String>,
    case: String,
    node: String,
    what: String,
    candidate: String,
    times: [String; 2],
    ratio: String,
    interval: String,
    says: &'static str,
    share: String,
    /// What the columns are sorted by: both times, ratio, share.
    keys: [String; 4],
    mark: Option<Mark>,
}

/// An interval on the axis.
#[derive(Debug, Serialize)]
struct Mark {
    from: String,
    to: String,
    at: String,
}

/// What one leg takes for a case, phase by phase.
#[derive(Debug, Serialize)]
pub struct Waterfall {
    link: Option<String>,
    case: String,
    leg: String,
    /// Parse, load, run, rest, whole.
    times: [String; 5],
    keys: [String; 5],
    bars: Vec<Bar>,
}

#[derive(Debug, Serialize)]
struct Bar {
    phase: &'static str,
    x: String,
    y: String,
    width: String,
    height: String,
}

impl Drawn {
    /// `legs` are those that were measured, the reference first; `places` are what the page has of cases.
    pub fn of(costs: &Costs, legs: &[&str], places: &BTreeSet<&str>) -> Self {
        let all = || costs.cases.iter().chain(&costs.nodes);
        let bounds = all().flat_map(|cost| match cost.interval {
            Some(Interval { ratio, low, high }) => vec![ratio, low, high],
            None => Vec::new(),
        });
        let axis = LogAxis::around(bounds, MARGIN, WIDTH - MARGIN);
        let link =
            |case: &CaseId| Some(anchor(case)).filter(|anchor| places.contains(anchor.as_str()));
        let row = |cost: &Cost| Row::of(cost, link(&cost.case), &axis);
        let (reference, candidates) = legs.split_first().unwrap_or((&"", &[]));
        Drawn {
            reference: short(reference),
            candidates: short(&candidates.join(", ")),
            several: candidates.len() > 1,
            ticks: axis
                .ticks()
                .into_iter()
                .map(|tick| Tick::of(tick, &axis))
                .collect(),
            one: coordinate(axis.place(1.0)),
            cases: Budget::new(CASES.0, CASES.1).list(costs.cases.iter().map(row)),
            nodes: Budget::new(NODES.0, NODES.1).list(costs.nodes.iter().map(row)),
            phases: Budget::new(PHASES.0, PHASES.1).list(waterfalls(&costs.phases, &link)),
            remarks: costs.remarks.iter().map(|remark| prose(remark)).collect(),
        }
    }
}

impl Tick {
    fn of(tick: f64, axis: &LogAxis) -> Self {
        let at = axis.place(tick);
        Tick {
            anchor: match at {
                at if at < 2.0 * MARGIN => "start",
                at if at > WIDTH - 2.0 * MARGIN => "end",
                _ => "middle",
            },
            at: coordinate(at),
            label: format!("{}", (tick * 1e9).round() / 1e9),
        }
    }
}

impl Row {
    fn of(cost: &Cost, link: Option<String>, axis: &LogAxis) -> Self {
        Row {
            link,
            case: short(&cost.case.0),
            node: short(cost.node.as_deref().unwrap_or_default()),
            what: cost.what.clone(),
            candidate: short(&cost.candidate),
            times: cost.times.map(duration),
            ratio: number(cost.ratio, |ratio| format!("{ratio:.2}")),
            interval: match cost.interval {
                Some(Interval { low, high, .. }) => format!("{low:.2} to {high:.2}"),
                None => "–".to_owned(),
            },
            says: cost.says(),
            share: number(cost.share, percent),
            keys: [cost.times[0], cost.times[1], cost.ratio, cost.share].map(key),
            mark: cost.interval.map(|interval| Mark {
                from: coordinate(axis.place(interval.low)),
                to: coordinate(axis.place(interval.high)),
                at: coordinate(axis.place(interval.ratio)),
            }),
        }
    }
}

fn waterfalls(
    all: &[Phases],
    link: impl Fn(&CaseId) -> Option<String>,
) -> impl Iterator<Item = Waterfall> {
    // The legs of a case are drawn to one scale.
    let mut longest: BTreeMap<&CaseId, f64> = BTreeMap::new();
    for phases in all {
        let known = longest.entry(&phases.case).or_default();
        *known = known.max(phases.whole);
    }
    all.iter().map(move |phases| {
        let longest = longest.get(&phases.case).copied().unwrap_or_default();
        let rest = phases.rest();
        let [parse, load, run] = phases.parts;
        let names = ["parse", "load", "run", "rest"];
        let parts = [parse, load, run, rest];
        // Up to the first that isn't known, as the next would begin nobody knows where.
        let known: Vec<f64> = parts.iter().map_while(|part| *part).collect();
        let bars = cascade(&known, longest, WIDTH)
            .into_iter()
            .zip(names)
            .enumerate();
        let told = [parse, load, run, rest, Some(phases.whole)];
        Waterfall {
            link: link(&phases.case),
            case: short(&phases.case.0),
            leg: short(&phases.leg),
            times: told.map(|time| time.map_or_else(|| "–".to_owned(), duration)),
            keys: told.map(|time| time.map_or_else(String::new, key)),
            bars: bars
                .map(|(index, ([x, width], phase))| Bar {
                    phase,
                    x: coordinate(x),
                    y: coordinate(index as f64 * STEP),
                    // What takes next to nothing is seen all the same.
                    width: coordinate(width.max(1.0)),
                    height: coordinate(BAR),
                })
                .collect(),
        }
    })
}

/// A number in words, or a dash for what is none.
fn number(value: f64, told: impl Fn(f64) -> String) -> String {
    if value.is_finite() {
        told(value)
    } else {
        "–".to_owned()
    }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        part if part < 0.1 => "< 0.1 %".to_owned(),
        part if part < 10.0 => format!("{part:.1} %"),
        part => format!("{part:.0} %"),
    }
}

/// What a column is sorted by.
fn key(value: f64) -> String {
    number(value, |value| format!("{value:.6e}"))
}

#[cfg(test)]
#[path = "drawn_tests.rs"]
mod tests;
