//! Whether a figure has changed: shown to be the same, shown to be another one, or not shown.

use serde::{Deserialize, Serialize};

use super::interval::Interval;

/// More pairs than anybody will wait for.
const MOST: f64 = 1e6;

/// What an interval says of a ratio, against a margin within which nobody cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// All of the interval lies within the margin.
    Same,
    /// All of it lies below.
    Faster,
    /// All of it lies above.
    Slower,
    /// It reaches across an end of the margin; about so many more pairs would do.
    Inconclusive { lacking: u64 },
}

/// What the interval of `pairs` ratios says; a margin of 0.02 is 2 % either way.
pub fn change(found: &Interval, pairs: usize, margin: f64) -> Change {
    let margin = margin.ln_1p();
    let [ratio, low, high] = [found.ratio, found.low, found.high].map(f64::ln);
    if low > margin {
        return Change::Slower;
    }
    if high < -margin {
        return Change::Faster;
    }
    if low >= -margin && high <= margin {
        return Change::Same;
    }
    // The interval narrows with the root of their number; it has to fit on the side of the end of the margin that the ratio is on.
    let wide = (high - ratio).max(ratio - low);
    let room = (ratio.abs() - margin).abs();
    let needed = pairs as f64 * (wide / room).powi(2);
    let lacking = (needed - pairs as f64).clamp(1.0, MOST);
    Change::Inconclusive {
        lacking: if lacking.is_nan() {
            MOST as u64
        } else {
            lacking.ceil() as u64
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::random::Random;
    use crate::statistics::interval::interval;

    fn of(ratio: f64, low: f64, high: f64) -> Change {
        change(&Interval { ratio, low, high }, 10, 0.02)
    }

    #[test]
    fn an_interval_is_beside_the_margin_or_within_or_across() {
        assert_eq!(of(1.05, 1.03, 1.07), Change::Slower);
        assert_eq!(of(0.95, 0.93, 0.97), Change::Faster);
        assert_eq!(of(1.0, 0.99, 1.01), Change::Same);
        // Surely slower, but not surely more than anybody cares for.
        assert!(matches!(of(1.03, 1.01, 1.05), Change::Inconclusive { .. }));
        assert!(matches!(of(1.0, 0.95, 1.05), Change::Inconclusive { .. }));
        let lacking = |change| match change {
            Change::Inconclusive { lacking } => lacking,
            other => panic!("{other:?}"),
        };
        assert!(lacking(of(1.05, 1.01, 1.09)) < lacking(of(1.03, 0.99, 1.07)));
        // At the very end of the margin no number of samples decides.
        assert_eq!(lacking(of(1.02, 1.0, 1.04)), MOST as u64);
    }

    /// How often ratios around a true one, with this spread, are said to have changed as given.
    fn told(truth: f64, pairs: usize, spread: f64, expected: Change) -> usize {
        let mut random = Random(3);
        let times = (0..400).filter(|_| {
            let ratios: Vec<f64> = (0..pairs)
                .map(|_| truth * (1.0 + spread * random.normal()))
                .collect();
            let found = interval(&ratios, 0.99).expect("an interval");
            change(&found, pairs, 0.02) == expected
        });
        times.count()
    }

    #[test]
    fn an_effect_is_found_and_none_is_not() {
        assert!(told(1.05, 25, 0.02, Change::Slower) > 380);
        assert!(told(0.95, 25, 0.02, Change::Faster) > 380);
        for changed in [Change::Slower, Change::Faster] {
            assert!(told(1.0, 10, 0.03, changed) <= 1);
        }
        assert!(told(1.0, 25, 0.015, Change::Same) > 380);
    }
}
