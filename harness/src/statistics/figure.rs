//! What two legs' samples of one quantity come to.

use super::interval::{Interval, interval};
use super::quantile::{median, quantile};
use super::warm_up::settled;

/// Confidence of the intervals that are shown.
pub const CONFIDENCE: f64 = 0.95;

/// Two legs' samples, each of one round after the other, as a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The median over the rounds of each round's median, of the reference and of the candidate.
    pub medians: [f64; 2],
    /// What 99 of 100 samples don't exceed, of all rounds together.
    pub p99: [f64; 2],
    /// The candidate's as a multiple of the reference's; nothing of too few rounds.
    pub ratio: Option<Interval>,
    /// The same of each round.
    pub ratios: Vec<f64>,
}

/// The figure of a quantity; nothing where a round has no samples of it, or one takes no time at all.
pub fn figure(reference: &[Vec<u64>], candidate: &[Vec<u64>]) -> Option<Figure> {
    let sides = [floats(reference), floats(candidate)];
    let medians = sides.each_ref().map(|rounds| {
        let medians = rounds.iter().map(|round| median(settled(round)));
        medians.collect::<Option<Vec<f64>>>()
    });
    let [Some(references), Some(candidates)] = medians else {
        return None;
    };
    let pairs = references.iter().zip(&candidates);
    let ratios: Vec<f64> = pairs.map(|(a, b)| b / a).collect();
    let p99 = sides.map(|rounds| quantile(&rounds.concat(), 0.99));
    Some(Figure {
        medians: [median(&references)?, median(&candidates)?],
        p99: [p99[0]?, p99[1]?],
        ratio: interval(&ratios, CONFIDENCE),
        ratios,
    })
}

/// A leg against itself: every other sample of a round against those between. Nothing has changed, so that an interval without 1 is a false alarm.
pub fn against_itself(rounds: &[Vec<u64>]) -> Option<Figure> {
    let half = |first: usize| -> Vec<Vec<u64>> {
        let every_other = |round: &Vec<u64>| round.iter().skip(first).step_by(2).copied().collect();
        rounds.iter().map(every_other).collect()
    };
    figure(&half(0), &half(1))
}

fn floats(rounds: &[Vec<u64>]) -> Vec<Vec<f64>> {
    let round = |round: &Vec<u64>| round.iter().map(|&sample| sample as f64).collect();
    rounds.iter().map(round).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_the_median_ratio_of_rounds_that_belong_together() {
        // The machine is three times as slow in some rounds, on both legs alike.
        let moods = [1, 3, 1, 3, 3, 1, 1];
        let rounds = |scale: u64| -> Vec<Vec<u64>> {
            let round =
                |mood: &u64| vec![900, 10 * scale * mood, 11 * scale * mood, 10 * scale * mood];
            moods.iter().map(round).collect()
        };
        let found = figure(&rounds(100), &rounds(250)).expect("a figure");
        let ratio = found.ratio.expect("enough rounds");
        assert!((ratio.ratio - 2.5).abs() < 1e-9, "{ratio:?}");
        assert!(ratio.high - ratio.low < 0.01, "{ratio:?}");
        let itself = against_itself(&rounds(100)).and_then(|found| found.ratio);
        let itself = itself.expect("enough rounds");
        assert!(itself.low <= 1.0 && 1.0 <= itself.high, "{itself:?}");
    }

    #[test]
    fn a_round_without_samples_has_no_figure() {
        assert_eq!(figure(&[vec![1], Vec::new()], &[vec![1], vec![1]]), None);
        let zero = figure(&vec![vec![0]; 9], &vec![vec![1]; 9]).expect("medians");
        assert_eq!(zero.ratio, None);
    }
}
