//! A float changed by a little or by much.

use crate::generate::random::Random;

/// A float that is another one to the bit, but no other NaN.
pub fn another_float(random: &mut Random, number: f64) -> Option<(&'static str, f64)> {
    let (kind, after) = match random.below(11) {
        0 => ("one unit up", number.next_up()),
        1 => ("one unit down", number.next_down()),
        2 => ("the other sign", -number),
        3 => ("not a number", f64::NAN),
        4 => ("infinity", f64::INFINITY),
        5 => ("the other infinity", f64::NEG_INFINITY),
        6 => ("zero", 0.0),
        7 => ("the other zero", -0.0),
        8 => ("rounded to single precision", f64::from(number as f32)),
        9 => ("rounded to an integer", number.round()),
        _ => (
            "a number for what is none",
            if number.is_finite() {
                number + 1.0
            } else {
                f64::MAX
            },
        ),
    };
    let is_other = number.to_bits() != after.to_bits() && !(number.is_nan() && after.is_nan());
    is_other.then_some((kind, after))
}
