//! How many of the first samples of a process are still its warming up. It is detected and not assumed: what warms up, and for how long, is another matter for every program.

use super::quantile::{deviation, median};

/// Deviations from the median within which a sample is like the others; of normal numbers, about one in 370 lies beyond.
const LIKE: f64 = 3.0;

/// What the median distance of normal numbers is multiplied by to become their standard deviation.
const OF_NORMAL: f64 = 1.4826;

/// The least part of the median that a sample has to lie above it: a clock may be too coarse for any deviation.
const LEAST: f64 = 0.01;

/// The number of samples at the beginning that are slower than those of the second half are, up to the first that isn't; half of them at most.
pub fn warm_up(samples: &[f64]) -> usize {
    let half = samples.len() / 2;
    let settled = &samples[half..];
    let (Some(middle), Some(deviation)) = (median(settled), deviation(settled)) else {
        return 0;
    };
    let bound = middle + (LIKE * OF_NORMAL * deviation).max(LEAST * middle);
    let first = samples[..half].iter().take_while(|&&sample| sample > bound);
    first.count()
}

/// The samples after the warm-up.
pub fn settled(samples: &[f64]) -> &[f64] {
    &samples[warm_up(samples)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slow_samples_at_the_beginning_are_warm_up() {
        let steady = [10.0, 10.1, 9.9, 10.0, 10.2, 9.8, 10.0, 10.1];
        assert_eq!(warm_up(&steady), 0);
        let mut warmed = vec![90.0, 30.0, 12.0];
        warmed.extend(steady);
        assert_eq!(warm_up(&warmed), 3);
        assert_eq!(settled(&warmed), &steady);
        // One that is slow later is an outlier, and stays.
        let mut later = steady.to_vec();
        later[2] = 90.0;
        assert_eq!(warm_up(&later), 0);
        // A clock that always says the same.
        assert_eq!(warm_up(&[5.0, 4.0, 4.0, 4.0, 4.0, 4.0]), 1);
        assert_eq!(warm_up(&[]), 0);
        // What never settles is half of it.
        let slowing: Vec<f64> = (0..10).map(|step| f64::from(100 - 9 * step)).collect();
        assert!(warm_up(&slowing) <= 5);
    }
}
