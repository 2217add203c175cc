//! How far two numbers are apart relative to the size and magnitude of the array that they are in.
//!
//! An error bound of a sum, a product of matrices or a transform is c·n·eps·scale (Higham, Accuracy and Stability of Numerical Algorithms, chapter 3), the same for each element however small that is: near zero, units in the last place mean nothing.

use crate::verdict::policy::{Place, Precision};

/// n·eps·scale: what distances are counted in. `largest` is the largest magnitude among the reference's finite numbers, for a place that says no scale.
///
/// n is what the case says of its sums; a place without it, which a loaded corpus has none of, allows the least.
pub(super) fn unit(place: &Place, precision: Precision, largest: f64) -> f64 {
    let terms = place.terms.unwrap_or(1).max(1);
    let scale = place.scale.unwrap_or(largest);
    // Beyond all numbers everything would be near.
    (terms as f64 * precision.epsilon() * scale).min(f64::MAX)
}

/// The distance in units; where the unit is 0, because all of the reference is 0, any difference is infinitely far.
///
/// `None` where no distance covers the difference: one of the numbers is NaN or infinite, and the other is something else.
pub(super) fn distance(a: f64, b: f64, unit: f64) -> Option<f64> {
    if a == b || (a.is_nan() && b.is_nan()) {
        return Some(0.0);
    }
    // However large the unit is, a difference is not 0.
    let distance = || ((a - b).abs() / unit).max(f64::MIN_POSITIVE);
    (a.is_finite() && b.is_finite()).then(distance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::policy::Policy;

    #[test]
    fn the_unit_is_of_the_array_unless_the_case_says_another() {
        let double = f64::EPSILON;
        for (scale, terms, expected) in [
            (None, None, 4.0 * double),
            (None, Some(4), 4.0 * 4.0 * double),
            (Some(2.0), Some(4), 4.0 * 2.0 * double),
            (None, Some(100), 100.0 * 4.0 * double),
            (Some(f64::MAX), Some(u64::MAX), f64::MAX),
        ] {
            let place = Place {
                scale,
                ..Place::everywhere(Policy::exact(), terms)
            };
            assert_eq!(unit(&place, Precision::Double, 4.0), expected);
            if scale.is_none() {
                let single = unit(&place, Precision::Single, 4.0);
                assert_eq!(single / f64::from(f32::EPSILON), expected / double);
            }
        }
    }

    #[test]
    fn specials_must_agree_and_nothing_is_near_without_a_scale() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        for (a, b, unit, expected) in [
            (1.0, 2.0, 0.25, Some(4.0)),
            (nan, -nan, 1.0, Some(0.0)),
            (inf, inf, 1.0, Some(0.0)),
            (-0.0, 0.0, 1.0, Some(0.0)),
            (nan, 1.0, 1.0, None),
            (inf, -inf, 1.0, None),
            (1.0, inf, f64::MAX, None),
            (f64::MAX, inf, f64::MAX, None),
            (0.0, 1e-300, 0.0, Some(inf)),
            (0.0, -0.0, 0.0, Some(0.0)),
            (1e308, -1e308, 1.0, Some(inf)),
            (0.0, 5e-324, 1e300, Some(f64::MIN_POSITIVE)),
        ] {
            assert_eq!(distance(a, b, unit), expected, "{a} {b} {unit}");
            assert_eq!(distance(b, a, unit), expected, "{b} {a} {unit}");
        }
    }
}
