//! Doubles as IEEE 754 binary16, which Rust has no type for yet.

/// The bits of the nearest binary16 number, ties to even; beyond 65504 and its half step lies infinity.
pub fn bits(value: f64) -> u16 {
    let sign = if value.is_sign_negative() { 0x8000 } else { 0 };
    let magnitude = value.abs();
    if magnitude.is_nan() {
        return sign | 0x7e00;
    }
    if magnitude >= 65520.0 {
        return sign | 0x7c00;
    }
    // The exponent of the number's last place; below 2⁻¹⁴ it stays where it is, as those numbers are subnormal.
    let exponent = (magnitude.to_bits() >> 52) as i32 - 1023;
    let exponent = exponent.max(-14);
    // Scaling by a power of two is exact, so this rounds once; a carry moves on into the exponent by itself.
    let steps = (magnitude * 2f64.powi(10 - exponent)).round_ties_even() as u16;
    let below = if exponent == -14 {
        0
    } else {
        (exponent + 14) as u16 * 1024
    };
    sign | (below + steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_the_nearest_ties_to_even() {
        for (value, expected) in [
            (0.0, 0x0000),
            (-0.0, 0x8000),
            (1.0, 0x3c00),
            (-2.0, 0xc000),
            (0.1, 0x2e66),
            (1.0 / 3.0, 0x3555),
            (1.0 + 1.0 / 2048.0, 0x3c00),
            (1.0 + 3.0 / 2048.0, 0x3c02),
            (2047.9, 0x6800),
            (2f64.powi(-24), 0x0001),
            (2f64.powi(-25), 0x0000),
            (2f64.powi(-14), 0x0400),
            (2f64.powi(-14) * (1.0 - 2f64.powi(-12)), 0x0400),
            (65504.0, 0x7bff),
            (65519.9, 0x7bff),
            (65520.0, 0x7c00),
            (f64::NEG_INFINITY, 0xfc00),
            (f64::NAN, 0x7e00),
        ] {
            assert_eq!(bits(value), expected, "{value}");
        }
    }
}
