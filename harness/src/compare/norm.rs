//! How far two arrays are apart as a whole, relative to their size and magnitude.
//!
//! An error bound of a sum, a product of matrices or a transform is c·n·eps·scale (Higham, Accuracy and Stability of Numerical Algorithms, chapter 3), the same for each element however small that is: near zero, units in the last place mean nothing.

use crate::policy::{Place, Precision};

/// What comparing two arrays norm-wise says.
#[derive(Debug, PartialEq)]
pub(super) struct Measured {
    /// The largest difference between finite elements, in units.
    pub distance: f64,
    /// Where that is.
    pub worst: usize,
    /// Elements that are NaN or infinite on one side and something else on the other: no distance covers these.
    pub disagreeing: Vec<usize>,
}

/// n·eps·scale: what distances are counted in.
pub(super) fn unit(
    place: &Place,
    precision: Precision,
    reference: &[f64],
    longest_axis: u64,
) -> f64 {
    let terms = place.terms.unwrap_or(longest_axis).max(1);
    let scale = place.scale.unwrap_or_else(|| {
        let finite = reference.iter().filter(|value| value.is_finite());
        finite.fold(0.0, |largest, value| value.abs().max(largest))
    });
    terms as f64 * precision.epsilon() * scale
}

/// Measures two arrays of one length. Where the unit is 0, any difference is infinitely many.
pub(super) fn measure(reference: &[f64], candidate: &[f64], unit: f64) -> Measured {
    let mut measured = Measured {
        distance: 0.0,
        worst: 0,
        disagreeing: Vec::new(),
    };
    for (index, (&a, &b)) in reference.iter().zip(candidate).enumerate() {
        if a.is_finite() && b.is_finite() {
            // Nothing divided by nothing would be no number, and no number is never the largest.
            let distance = if a == b { 0.0 } else { (a - b).abs() / unit };
            if distance > measured.distance {
                (measured.distance, measured.worst) = (distance, index);
            }
        } else if a != b && !(a.is_nan() && b.is_nan()) {
            measured.disagreeing.push(index);
        }
    }
    measured
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn place(scale: Option<f64>, terms: Option<u64>) -> Place {
        Place {
            path: String::new(),
            policy: Policy::exact(),
            scale,
            terms,
        }
    }

    #[test]
    fn the_unit_is_of_the_array_unless_the_case_says_another() {
        let values = [1.0, -4.0, f64::NAN, f64::INFINITY];
        let double = f64::EPSILON;
        for (scale, terms, expected) in [
            (None, None, 4.0 * 4.0 * double),
            (Some(2.0), None, 4.0 * 2.0 * double),
            (None, Some(100), 100.0 * 4.0 * double),
        ] {
            let found = unit(&place(scale, terms), Precision::Double, &values, 4);
            assert_eq!(found, expected);
        }
        let single = unit(&place(None, None), Precision::Single, &values, 4);
        assert_eq!(single, 16.0 * f64::from(f32::EPSILON));
        assert_eq!(unit(&place(None, None), Precision::Half, &[], 0), 0.0);
    }

    #[test]
    fn the_largest_difference_counts_and_specials_must_agree() {
        let measured = measure(&[1.0, 2.0, 3.0], &[1.0, 2.5, 2.0], 0.25);
        assert_eq!((measured.distance, measured.worst), (4.0, 2));
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let reference = [nan, nan, inf, inf, 1.0, -0.0];
        let candidate = [-nan, 1.0, inf, -inf, inf, 0.0];
        let measured = measure(&reference, &candidate, 1.0);
        assert_eq!(measured.distance, 0.0);
        assert_eq!(measured.disagreeing, [1, 3, 4]);
    }

    #[test]
    fn without_a_scale_nothing_is_near() {
        assert_eq!(measure(&[0.0], &[1e-300], 0.0).distance, f64::INFINITY);
        assert_eq!(measure(&[0.0], &[-0.0], 0.0).distance, 0.0);
        assert_eq!(measure(&[1e308], &[-1e308], 1.0).distance, f64::INFINITY);
        assert_eq!(measure(&[], &[], 0.0).distance, 0.0);
    }
}
