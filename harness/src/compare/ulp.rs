//! Distance between doubles in units in the last place.

/// How many doubles lie between two, counting the step to the last; `None` where there is no such number: only one is NaN, or they are zeros of different sign.
///
/// Any NaN equals any other: payloads depend on the machine, not on the computation (POLICY, "NaN bits").
pub fn distance(a: f64, b: f64) -> Option<u64> {
    if a.is_nan() || b.is_nan() {
        return (a.is_nan() && b.is_nan()).then_some(0);
    }
    if a.to_bits() == b.to_bits() {
        return Some(0);
    }
    if a == 0.0 && b == 0.0 {
        return None;
    }
    Some(ordinal(a).abs_diff(ordinal(b)))
}

/// The place of a double in the order of all doubles, so that neighbours are 1 apart; both zeros are at 0.
fn ordinal(value: f64) -> i64 {
    let magnitude = (value.to_bits() & !(1 << 63)) as i64;
    if value.is_sign_negative() {
        -magnitude
    } else {
        magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_distances() {
        for (a, b, expected) in [
            (1.0, 1.0, Some(0)),
            (1.0, 1.0 + f64::EPSILON, Some(1)),
            (1.0, 1.0 - f64::EPSILON, Some(2)),
            (0.0, -0.0, None),
            (5e-324, -5e-324, Some(2)),
            (f64::NAN, -f64::NAN, Some(0)),
            (f64::NAN, 1.0, None),
            (f64::MAX, f64::INFINITY, Some(1)),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn the_neighbour_is_one_away_and_the_distance_symmetric(value in any::<f64>()) {
            let next = value.next_up();
            prop_assume!(!value.is_nan() && value != f64::INFINITY && value != 0.0 && next != 0.0);
            prop_assert_eq!(distance(value, next), Some(1));
            prop_assert_eq!(distance(next, value), Some(1));
        }
    }
}
