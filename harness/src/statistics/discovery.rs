//! Which of many rows have become slower, with few false alarms among those that are named.

use super::interval::tail;

/// How likely so many or more of these ratios would lie above `1 + margin` if their median were there: a sign test, which asks nothing of their distribution.
///
/// 1 where there is no ratio.
pub fn chance_of_slower(ratios: &[f64], margin: f64) -> f64 {
    let above = ratios.iter().filter(|ratio| **ratio > 1.0 + margin);
    tail(ratios.len(), ratios.len() - above.count())
}

/// Which rows are told, so that of all that are told a share of `rate` is told by chance (Benjamini and Hochberg 1995).
pub fn discoveries(chances: &[f64], rate: f64) -> Vec<bool> {
    let mut sorted = chances.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = chances.len() as f64;
    let bound = sorted
        .iter()
        .enumerate()
        .filter(|(index, chance)| **chance <= rate * (*index as f64 + 1.0) / count)
        .map(|(_, chance)| *chance)
        .next_back();
    let told = |chance: &f64| bound.is_some_and(|bound| *chance <= bound);
    chances.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::random::Random;

    #[test]
    fn chances_are_those_of_coins() {
        assert!((chance_of_slower(&[1.1; 4], 0.02) - 1.0 / 16.0).abs() < 1e-12);
        assert!((chance_of_slower(&[1.1, 1.1, 1.0], 0.02) - 0.5).abs() < 1e-12);
        assert_eq!(chance_of_slower(&[1.0; 9], 0.02), 1.0);
        assert_eq!(chance_of_slower(&[], 0.02), 1.0);
    }

    #[test]
    fn few_rows_are_told_by_chance_and_the_slow_one_is() {
        let mut random = Random(5);
        let mut batch = |truth: f64| -> Vec<f64> {
            (0..24)
                .map(|_| truth * (1.0 + 0.03 * random.normal()))
                .collect()
        };
        let (mut found, mut alarms) = (0, 0);
        for _ in 0..200 {
            let mut chances: Vec<f64> = (0..19)
                .map(|_| chance_of_slower(&batch(1.0), 0.02))
                .collect();
            chances.push(chance_of_slower(&batch(1.06), 0.02));
            let told = discoveries(&chances, 0.05);
            found += usize::from(told[19]);
            alarms += told[..19].iter().filter(|told| **told).count();
        }
        assert!(found > 180, "{found} of 200");
        assert!(alarms <= 4, "{alarms} of 3800");
    }

    #[test]
    fn the_bound_is_benjamini_and_hochbergs() {
        let told = discoveries(&[0.01, 0.02, 0.9, 0.035, 0.5], 0.05);
        assert_eq!(told, [true, true, false, false, false]);
        assert_eq!(discoveries(&[], 0.05), [false; 0]);
    }
}
