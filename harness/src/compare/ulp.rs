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

/// The same between two floats of one width, given by their little-endian bytes: binary16, binary32 or binary64.
///
/// `None` also for a width that is none of these.
pub fn distance_of_bits(a: &[u8], b: &[u8]) -> Option<u64> {
    match (a.len(), b.len()) {
        (8, 8) => distance(f64::from_bits(to_bits(a)), f64::from_bits(to_bits(b))),
        (4, 4) => narrow_distance(to_bits(a), to_bits(b), 1 << 31, 0x7f80_0000),
        (2, 2) => narrow_distance(to_bits(a), to_bits(b), 1 << 15, 0x7c00),
        _ => None,
    }
}

fn to_bits(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |bits, &byte| bits << 8 | u64::from(byte))
}

/// `sign` and `infinity` are the bits of the format's sign and of its positive infinity.
fn narrow_distance(a: u64, b: u64, sign: u64, infinity: u64) -> Option<u64> {
    let is_nan = |bits: u64| bits & !sign > infinity;
    if is_nan(a) || is_nan(b) {
        return (is_nan(a) && is_nan(b)).then_some(0);
    }
    if a != b && a & !sign == 0 && b & !sign == 0 {
        return None;
    }
    let ordinal = |bits: u64| {
        let magnitude = (bits & !sign) as i64;
        if bits & sign == 0 {
            magnitude
        } else {
            -magnitude
        }
    };
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
        fn singles_are_as_far_apart_as_their_neighbours_count(a in any::<f32>(), steps in 0u32..5) {
            let b = (0..steps).fold(a, |value, _| value.next_up());
            prop_assume!(!a.is_nan() && b != f32::INFINITY && a.is_sign_negative() == b.is_sign_negative());
            let found = distance_of_bits(&a.to_le_bytes(), &b.to_le_bytes());
            prop_assert_eq!(found, Some(u64::from(steps)));
        }

        #[test]
        fn the_neighbour_is_one_away_and_the_distance_symmetric(value in any::<f64>()) {
            let next = value.next_up();
            prop_assume!(!value.is_nan() && value != f64::INFINITY && value != 0.0 && next != 0.0);
            prop_assert_eq!(distance(value, next), Some(1));
            prop_assert_eq!(distance(next, value), Some(1));
        }
    }
}
