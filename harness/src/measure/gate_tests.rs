//! What the gate says of samples with known effects.

use std::path::Path;

use super::*;
use crate::generate::random::Random;
use crate::verdict::ledger::Ledger;

const MILLISECOND: f64 = 1e6;

/// Rounds of a leg whose time is this multiple of the usual one, with noise of its processes and of its samples.
fn rounds(random: &mut Random, moods: &[f64], factor: f64, noise: f64) -> Vec<Vec<u64>> {
    let round = |mood: &f64| {
        let process = 1.0 + noise * random.normal();
        let samples = (0..20).map(|_| {
            let sample =
                MILLISECOND * mood * process * factor * (1.0 + 0.05 * random.normal().abs());
            sample as u64
        });
        samples.collect()
    };
    moods.iter().map(round).collect()
}

/// Two sides of two legs; the factors are the second side's.
fn measurement(random: &mut Random, count: usize, factors: [f64; 2], noise: f64) -> Measurement {
    // A machine that is twice as slow at times, and grows slower.
    let moods: Vec<f64> = (0..count)
        .map(|round| (1.0 + random.below(2) as f64) * (1.0 + round as f64 / 50.0))
        .collect();
    let mut legs = Vec::new();
    for factors in [[1.0; 2], factors] {
        for (leg, factor) in ["a", "b"].iter().zip(factors) {
            legs.push(LegSamples {
                leg: (*leg).to_owned(),
                rounds: rounds(random, &moods, factor, noise),
            });
        }
    }
    Measurement {
        case: CaseId("case".to_owned()),
        quantity: Quantity::Whole,
        legs,
    }
}

fn with_gate<T>(run: impl FnOnce(&Gate<'_>) -> T) -> T {
    let ledger = Ledger::default();
    let make = || Ok(Vec::new());
    let side = Side {
        label: "",
        cases: &[],
        ledger: &ledger,
        node_path: Path::new(""),
        make: &make,
    };
    run(&Gate {
        sides: [side, side],
        margin: 0.02,
        confirming: 24,
    })
}

/// The changes of both legs, after as many batches as they need.
fn told(gate: &Gate<'_>, random: &mut Random, factors: [f64; 2]) -> Vec<Change> {
    let mut batch = |count| {
        let one = measurement(random, count, factors, 0.015);
        vec![(one.case.clone(), Ok(vec![one]))]
    };
    let mut rows = gate.rows(&batch(8), false);
    let suspects: Vec<usize> = (0..rows.len())
        .filter(|&index| gate.is_suspect(&rows[index]))
        .collect();
    gate.confirm(&mut rows, &suspects, gate.rows(&batch(24), true));
    rows.into_iter().map(|row| row.change).collect()
}

#[test]
fn a_slower_leg_is_told_and_the_other_is_not() {
    with_gate(|gate| {
        let mut random = Random(8);
        let (mut found, mut alarms) = (0, 0);
        for _ in 0..100 {
            let changes = told(gate, &mut random, [1.0, 1.05]);
            found += usize::from(changes[1] == Change::Slower);
            alarms += usize::from(changes[0] == Change::Slower);
        }
        assert!(found >= 95, "{found} of 100");
        assert!(alarms <= 1, "{alarms} of 100");
    });
}

#[test]
fn nothing_is_told_of_two_sides_that_are_the_same() {
    with_gate(|gate| {
        let mut random = Random(9);
        let alarms: usize = (0..500)
            .map(|_| {
                let changes = told(gate, &mut random, [1.0, 1.0]);
                changes.iter().filter(|it| **it == Change::Slower).count()
            })
            .sum();
        assert!(alarms <= 10, "{alarms} of 1000");
    });
}

#[test]
fn what_does_not_repeat_is_not_told() {
    with_gate(|gate| {
        let mut random = Random(10);
        let once = measurement(&mut random, 8, [1.5, 1.0], 0.01);
        let again = measurement(&mut random, 24, [1.0, 1.0], 0.01);
        let batch = |one: Measurement| vec![(one.case.clone(), Ok(vec![one]))];
        let mut rows = gate.rows(&batch(once), false);
        assert_eq!(rows[0].change, Change::Slower);
        let again = gate.rows(&batch(again), true);
        let lost = rows[0].clone();
        gate.confirm(&mut rows, &[0], again);
        assert_ne!(rows[0].change, Change::Slower);
        assert!(rows[0].repeated);
        // Nor is what was not measured again.
        let mut rows = vec![lost];
        gate.confirm(&mut rows, &[0], Vec::new());
        assert!(matches!(rows[0].change, Change::Inconclusive { .. }));
    });
}

#[test]
fn what_is_too_short_has_no_row() {
    with_gate(|gate| {
        let mut short = measurement(&mut Random(1), 8, [1.0; 2], 0.0);
        for leg in &mut short.legs {
            leg.rounds.iter_mut().flatten().for_each(|it| *it /= 100);
        }
        assert_eq!(gate.of(&short, false), []);
    });
}
