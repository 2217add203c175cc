//! What measured cases cost, as numbers: one ratio a case and a quantity of a node, and what the phases of a case take.

use std::collections::{BTreeMap, BTreeSet};

use super::cost::{false_alarms, turns};
use super::text::counted;
use crate::case::CaseId;
use crate::record::Record;
use crate::record::measurement::{Measurement, Quantity};
use crate::statistics::figure::{Figure, figure};
use crate::statistics::interval::Interval;

/// Ids that a remark names.
const NAMED: usize = 5;

/// Everything that is told of costs.
#[derive(Debug, Default)]
pub struct Costs {
    /// Whole cases, what matters most first.
    pub cases: Vec<Cost>,
    /// What nodes do, in the same order.
    pub nodes: Vec<Cost>,
    /// In the order of the cases, the reference first.
    pub phases: Vec<Phases>,
    /// What these numbers leave out, and what they are worth.
    pub remarks: Vec<String>,
}

/// What one quantity costs on a candidate, as a multiple of the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    pub case: CaseId,
    pub node: Option<String>,
    pub what: String,
    pub candidate: String,
    /// Nanoseconds, the reference's first.
    pub times: [f64; 2],
    pub ratio: f64,
    /// Nothing of too few rounds.
    pub interval: Option<Interval>,
    /// Of a case, its part of the candidate's time for all measured cases; of a node, its part of its case's.
    pub share: f64,
}

/// What a case takes on one leg, in nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Phases {
    pub case: CaseId,
    pub leg: String,
    pub whole: f64,
    /// Parse, load and run, where they were measured in every turn.
    pub parts: [Option<f64>; 3],
}

/// The figures of one case against one candidate, and the samples' places in the lines.
struct Measured<'a> {
    candidate: usize,
    whole: Figure,
    all: Vec<&'a Measurement>,
}

impl Costs {
    /// Only cases that the record shows to be equal, or to differ as expected: the ratio of two different computations means nothing.
    pub fn of(record: &Record, measured: &[Measurement]) -> Self {
        let mut costs = Costs::default();
        let mut by_case: BTreeMap<&CaseId, Vec<&Measurement>> = BTreeMap::new();
        for one in measured {
            by_case.entry(&one.case).or_default().push(one);
        }
        let red = record.cases.iter().filter(|case| case.is_red());
        let red: Vec<&CaseId> = red.map(|case| &case.id).collect();
        let left_out: Vec<&CaseId> = red
            .into_iter()
            .filter(|id| by_case.remove(id).is_some())
            .collect();
        let mut lost = 0;
        let candidates = measured.first().map_or(0, |one| one.legs.len());
        for candidate in 1..candidates {
            costs.add(&by_case, candidate, &mut lost);
        }
        costs.sort();
        costs.remark(record, measured, &left_out, &by_case, lost);
        costs
    }

    fn add(
        &mut self,
        by_case: &BTreeMap<&CaseId, Vec<&Measurement>>,
        candidate: usize,
        lost: &mut usize,
    ) {
        let whole = |all: &Vec<&Measurement>| {
            let whole = all.iter().find(|one| one.quantity == Quantity::Whole)?;
            Some((ratio_of(whole, candidate)?, turns(whole)))
        };
        let wholes: Vec<_> = by_case
            .iter()
            .map(|(id, all)| (*id, all, whole(all)))
            .collect();
        let sum: f64 = wholes
            .iter()
            .flat_map(|(.., whole)| whole)
            .map(|(found, _)| found.medians[1])
            .sum();
        for (id, all, whole) in wholes {
            let Some((whole, taken)) = whole else {
                *lost += 1;
                continue;
            };
            let measured = Measured {
                candidate,
                whole: whole.clone(),
                all: all.clone(),
            };
            for one in all {
                // A figure of some runs is not one of the others.
                let found = ratio_of(one, candidate).filter(|_| turns(one) == taken);
                let Some(found) = found else {
                    *lost += 1;
                    continue;
                };
                let share_of = match one.quantity {
                    Quantity::Whole => sum,
                    Quantity::Parse | Quantity::Load | Quantity::Run => continue,
                    _ => whole.medians[1],
                };
                let cost = Cost {
                    case: id.clone(),
                    node: one.quantity.node().map(str::to_owned),
                    what: one.quantity.to_string(),
                    candidate: one
                        .legs
                        .get(candidate)
                        .map(|leg| leg.leg.clone())
                        .unwrap_or_default(),
                    times: found.medians,
                    ratio: found
                        .ratio
                        .map_or(found.medians[1] / found.medians[0], |ratio| ratio.ratio),
                    interval: found.ratio,
                    share: found.medians[1] / share_of,
                };
                match cost.node {
                    Some(_) => self.nodes.push(cost),
                    None => self.cases.push(cost),
                }
            }
            self.add_phases(id, &measured, &taken);
        }
    }

    fn add_phases(&mut self, id: &CaseId, measured: &Measured<'_>, taken: &[Vec<usize>]) {
        let part = |quantity: Quantity, side: usize| {
            let one = measured.all.iter().find(|one| one.quantity == quantity)?;
            let found = ratio_of(one, measured.candidate).filter(|_| turns(one) == taken)?;
            Some(found.medians[side])
        };
        let leg = |index: usize| {
            let leg = measured.all.first()?.legs.get(index)?;
            Some(leg.leg.clone())
        };
        // The reference stands once, whatever number of candidates there is.
        let sides = if measured.candidate == 1 {
            &[0, 1][..]
        } else {
            &[1]
        };
        for &side in sides {
            let index = if side == 0 { 0 } else { measured.candidate };
            self.phases.push(Phases {
                case: id.clone(),
                leg: leg(index).unwrap_or_default(),
                whole: measured.whole.medians[side],
                parts: [Quantity::Parse, Quantity::Load, Quantity::Run]
                    .map(|quantity| part(quantity, side)),
            });
        }
    }

    fn sort(&mut self) {
        for costs in [&mut self.cases, &mut self.nodes] {
            costs.sort_by(|one, other| other.weight().total_cmp(&one.weight()));
        }
        let order: BTreeMap<CaseId, usize> = self
            .cases
            .iter()
            .enumerate()
            .rev()
            .map(|(index, cost)| (cost.case.clone(), index))
            .collect();
        self.phases
            .sort_by_key(|phases| order.get(&phases.case).copied());
    }

    fn remark(
        &mut self,
        record: &Record,
        measured: &[Measurement],
        left_out: &[&CaseId],
        shown: &BTreeMap<&CaseId, Vec<&Measurement>>,
        lost: usize,
    ) {
        if !left_out.is_empty() {
            self.remarks.push(format!(
                "Left out, because red in this record, so that a ratio would compare two different computations: {}.",
                names(left_out)
            ));
        }
        let run: BTreeSet<&CaseId> = record.cases.iter().map(|case| &case.id).collect();
        let foreign: Vec<&CaseId> = shown
            .keys()
            .copied()
            .filter(|id| !run.contains(id))
            .collect();
        if !foreign.is_empty() {
            self.remarks.push(format!(
                "Measured, and no part of the run that this record is of: {}.",
                names(&foreign)
            ));
        }
        let legs = measured
            .first()
            .map(|one| one.legs.iter().map(|leg| leg.leg.as_str()));
        let legs: Vec<&str> = legs.into_iter().flatten().collect();
        let compared: Vec<&str> = record
            .info
            .legs
            .iter()
            .map(|leg| leg.name.as_str())
            .collect();
        if !legs.is_empty() && legs != compared {
            self.remarks.push(format!(
                "Measured were {}, while the record compares {}.",
                legs.join(" and "),
                compared.join(" and ")
            ));
        }
        if lost > 0 {
            self.remarks.push(format!(
                "{} not in every run on both legs, so that there is no ratio to tell.",
                match lost {
                    1 => "1 quantity is".to_owned(),
                    lost => format!("{lost} quantities are"),
                }
            ));
        }
        let (alarms, all) = false_alarms(&measured.iter().collect::<Vec<_>>());
        if all > 0 {
            self.remarks.push(format!(
                "How far to trust the intervals: of {} of a leg with itself, {alarms} told it to differ, where about 1 in 20 does by chance.",
                counted(all, "comparison")
            ));
        }
    }
}

impl Cost {
    /// What matters most has the largest: a ratio, by the part of the time that it is of. What is no number comes last.
    fn weight(&self) -> f64 {
        let weight = self.ratio * self.share;
        if weight.is_finite() { weight } else { -1.0 }
    }

    /// What the interval lets one say.
    pub fn says(&self) -> &'static str {
        match self.interval {
            Some(interval) if interval.low > 1.0 => "slower",
            Some(interval) if interval.high < 1.0 => "faster",
            Some(_) => "not told apart",
            None => "too few rounds",
        }
    }
}

impl Phases {
    /// What is left of the whole: making and taking down the interpreter, and the way there and back. Nothing where a phase isn't known, or where the medians of the phases come to more than that of the whole.
    pub fn rest(&self) -> Option<f64> {
        let known: f64 = self.parts.iter().copied().sum::<Option<f64>>()?;
        Some(self.whole - known).filter(|rest| *rest >= 0.0)
    }
}

fn ratio_of(one: &Measurement, candidate: usize) -> Option<Figure> {
    let (reference, candidate) = (one.legs.first()?, one.legs.get(candidate)?);
    figure(&reference.rounds, &candidate.rounds)
}

fn names(ids: &[&CaseId]) -> String {
    let shown: Vec<&str> = ids.iter().take(NAMED).map(|id| id.0.as_str()).collect();
    let more = match ids.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
#[path = "costs_tests.rs"]
mod tests;
