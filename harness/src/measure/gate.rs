//! What has become slower between two builds: times in two batches, and what has no noise.

use std::collections::BTreeSet;

use super::rounds::{Found, Rounds, Side};
use crate::case::{Case, CaseId};
use crate::error::Problem;
use crate::record::measurement::{LegSamples, Measurement, Quantity};
use crate::statistics::change::{Change, change};
use crate::statistics::discovery::{chance_of_slower, discoveries};
use crate::statistics::figure::{Figure, figure};

/// How two sides are compared.
pub struct Gate<'a> {
    /// What was, and what is.
    pub sides: [Side<'a>; 2],
    /// A part within which nobody cares: 0.02 is 2 % either way.
    pub margin: f64,
    /// Rounds of the second batch.
    pub confirming: usize,
}

/// Times below this, in nanoseconds, say more of the clock than of what is measured.
const SHORTEST: f64 = 200_000.0;

/// Of the rows that are told to be slower, the share that is by chance.
const RATE: f64 = 0.05;

/// What both sides take for one quantity of a case on one leg.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub case: CaseId,
    pub quantity: Quantity,
    pub leg: String,
    /// What is against what was.
    pub figure: Figure,
    pub change: Change,
    /// Whether it is of the second batch.
    pub repeated: bool,
}

/// Everything that was measured, and what it means.
pub struct Compared {
    pub rows: Vec<Row>,
    /// Of the first batch, and of the second.
    pub batches: [Vec<(CaseId, Found)>; 2],
}

impl Gate<'_> {
    /// Measures all cases, and those again that seem slower: a slowdown counts when it repeats.
    ///
    /// # Errors
    /// Those of [`Rounds::take`].
    pub fn compare(
        &self,
        rounds: &Rounds<'_>,
        tell: &mut dyn FnMut(usize, usize),
    ) -> Result<Compared, Problem> {
        let first = rounds.take(&mut |round| tell(0, round))?;
        let mut rows = self.rows(&first, false);
        let suspects: Vec<usize> = (0..rows.len())
            .filter(|&index| self.is_suspect(&rows[index]))
            .collect();
        let again: BTreeSet<CaseId> = suspects.iter().map(|&it| rows[it].case.clone()).collect();
        let mut second = Vec::new();
        if !again.is_empty() {
            let chosen = self.sides.each_ref().map(|side| {
                let cases = side.cases.iter().copied();
                cases.filter(|case| again.contains(&case.id)).collect()
            });
            let [was, is]: [Vec<&Case>; 2] = chosen;
            let sides = [self.sides[0].with(&was), self.sides[1].with(&is)];
            let rounds = Rounds {
                sides: &sides,
                count: self.confirming,
                ..*rounds
            };
            second = rounds.take(&mut |round| tell(1, round))?;
        }
        self.confirm(&mut rows, &suspects, self.rows(&second, true));
        Ok(Compared {
            rows,
            batches: [first, second],
        })
    }

    /// The rows of a batch, by what their intervals say.
    fn rows(&self, found: &[(CaseId, Found)], repeated: bool) -> Vec<Row> {
        let measured = found.iter().filter_map(|(_, found)| found.as_ref().ok());
        let rows = measured.flatten().flat_map(|one| self.of(one, repeated));
        rows.collect()
    }

    fn of(&self, one: &Measurement, repeated: bool) -> Vec<Row> {
        if !matches!(
            one.quantity,
            Quantity::Whole | Quantity::Load | Quantity::Run
        ) {
            return Vec::new();
        }
        let (was, is) = one.legs.split_at(one.legs.len() / 2);
        let row = |(was, is): (&LegSamples, &LegSamples)| {
            let figure = figure(&was.rounds, &is.rounds)?;
            let interval = figure.ratio?;
            let pairs = figure.ratios.len();
            let longest = figure.medians[0].max(figure.medians[1]);
            (longest >= SHORTEST).then(|| Row {
                case: one.case.clone(),
                quantity: one.quantity.clone(),
                leg: is.leg.clone(),
                change: change(&interval, pairs, self.margin),
                figure,
                repeated,
            })
        };
        was.iter().zip(is).filter_map(row).collect()
    }

    /// Whether a row may be slower by more than the margin.
    fn is_suspect(&self, row: &Row) -> bool {
        let ratio = row.figure.ratio.map_or(1.0, |interval| interval.ratio);
        row.change == Change::Slower || ratio > 1.0 + self.margin / 2.0
    }

    /// Puts what the second batch says in the place of what made rows suspect.
    fn confirm(&self, rows: &mut [Row], suspects: &[usize], again: Vec<Row>) {
        let same = |one: &Row, other: &Row| {
            one.case == other.case && one.quantity == other.quantity && one.leg == other.leg
        };
        let mut repeated: Vec<(usize, Row)> = Vec::new();
        for &index in suspects {
            match again.iter().find(|other| same(&rows[index], other)) {
                Some(row) => repeated.push((index, row.clone())),
                // Nothing repeats it.
                None => rows[index].change = Change::Inconclusive { lacking: 1 },
            }
        }
        let chances: Vec<f64> = repeated
            .iter()
            .map(|(_, row)| chance_of_slower(&row.figure.ratios, self.margin))
            .collect();
        for ((index, mut row), told) in repeated.into_iter().zip(discoveries(&chances, RATE)) {
            row.change = match (told, row.change) {
                (true, _) => Change::Slower,
                (false, Change::Slower) => Change::Inconclusive {
                    lacking: row.figure.ratios.len() as u64,
                },
                (false, other) => other,
            };
            rows[index] = row;
        }
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
