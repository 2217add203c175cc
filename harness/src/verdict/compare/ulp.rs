//! Distance between floats of one format in units in the last place.

/// How many floats of their format lie between two, given by their little-endian bytes (binary16, binary32, binary64), counting the step to the last.
///
/// `None` where there is no such number: only one is NaN or infinite, or they lie on two sides of zero, where each step is another order of magnitude.
/// Two zeros of different sign are on two sides.
/// Any NaN equals any other: payloads depend on the machine, not on the computation (POLICY, "NaN bits").
/// `None` also for a width that is none of these.
pub fn distance(a: &[u8], b: &[u8]) -> Option<u64> {
    let (sign, infinity): (u64, u64) = match (a.len(), b.len()) {
        (8, 8) => (1 << 63, 0x7ff << 52),
        (4, 4) => (1 << 31, 0x7f80_0000),
        (2, 2) => (1 << 15, 0x7c00),
        _ => return None,
    };
    let (a, b) = (to_bits(a), to_bits(b));
    let (x, y) = (a & !sign, b & !sign);
    if x > infinity || y > infinity {
        return (x > infinity && y > infinity).then_some(0);
    }
    let one_side = a & sign == b & sign;
    let one_kind = (x == infinity) == (y == infinity);
    (one_side && one_kind).then(|| x.abs_diff(y))
}

fn to_bits(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |bits, &byte| bits << 8 | u64::from(byte))
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
            (0.0, 5e-324, Some(1)),
            (0.0, -5e-324, None),
            (5e-324, -5e-324, None),
            (f64::NAN, -f64::NAN, Some(0)),
            (f64::NAN, 1.0, None),
            (f64::NAN, f64::INFINITY, None),
            (f64::MAX, f64::INFINITY, None),
            (f64::INFINITY, f64::INFINITY, Some(0)),
            (f64::INFINITY, f64::NEG_INFINITY, None),
        ] {
            let found = distance(&a.to_le_bytes(), &b.to_le_bytes());
            assert_eq!(found, expected, "{a} {b}");
        }
        let half = |bits: u16| bits.to_le_bytes();
        assert_eq!(distance(&half(0x7bff), &half(0x7c00)), None);
        assert_eq!(distance(&half(0x3c00), &half(0x3c02)), Some(2));
        assert_eq!(distance(&half(0), &[0; 4]), None);
    }

    proptest! {
        #[test]
        fn singles_are_as_far_apart_as_their_neighbours_count(a in any::<f32>(), steps in 0u32..5) {
            let b = (0..steps).fold(a, |value, _| value.next_up());
            prop_assume!(!a.is_nan() && a.is_finite() == b.is_finite() && a.is_sign_negative() == b.is_sign_negative());
            let found = distance(&a.to_le_bytes(), &b.to_le_bytes());
            prop_assert_eq!(found, Some(u64::from(steps)));
        }

        #[test]
        fn the_neighbour_is_one_away_and_the_distance_symmetric(value in any::<f64>()) {
            let next = value.next_up();
            prop_assume!(value.is_finite() && next.is_finite() && value.is_sign_negative() == next.is_sign_negative());
            let (value, next) = (value.to_le_bytes(), next.to_le_bytes());
            prop_assert_eq!(distance(&value, &next), Some(1));
            prop_assert_eq!(distance(&next, &value), Some(1));
        }
    }
}
