//! What two numbers that differ look like.

use parallax_runtime::array::Array;
use parallax_runtime::value::Value;

use super::likeness::{Likeness, reordered};
use crate::verdict::cause::Cause;
use crate::verdict::compare::scalars::{Scalar, is_narrowed, scalars};
use crate::verdict::errno::same_number;

/// Relative distance of doubles up to which they count as rounded differently; cancellation makes of a few units in the last place some thousand.
const NEAR: f64 = 1e-11;

/// The same of floats of four and two bytes.
const NEAR_SINGLE: f64 = 1e-4;
const NEAR_HALF: f64 = 1e-2;

/// Integers beyond that are none of 64 bits.
const EXACT: f64 = 9.3e18;

pub const WRAPPED: &str = "the candidate's integer is the reference's, cut to 32 bits";
/// Only a guess where the node makes integers.
pub const WRAPPED_FLOAT: &str =
    "the candidate's number is an integer of the reference, cut to 32 bits";
pub const LARGEST: &str = "both are the limits of an integer that is as wide as a pointer";
pub const NARROW: &str =
    "numpy's default integer has 64 bits on the reference and 32 on the candidate";
pub const EXTREME: &str =
    "one is what a processor gives for a float that no integer of the type is near to";
pub const ERRNO: &str =
    "both are the number of the same error, which is another one on each target";
pub const ZEROS: &str = "both are zero, with different signs";

/// Two numbers as values hold them.
pub fn of(reference: &Value, candidate: &Value) -> Option<Likeness> {
    match (number(reference)?, number(candidate)?) {
        (Number::Integer(a), Number::Integer(b)) => integers(a, b),
        (Number::Float(a), Number::Float(b)) => floats(a, b, NEAR),
        _ => None,
    }
}

enum Number {
    Integer(i128),
    Float(f64),
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Int(number) => Some(Number::Integer(i128::from(*number))),
        // Larger ones are none that a processor knows.
        Value::BigInt(number) => Some(Number::Integer(number.to_string().parse().ok()?)),
        Value::Float(number) => Some(Number::Float(*number)),
        _ => None,
    }
}

pub fn integers(a: i128, b: i128) -> Option<Likeness> {
    let narrow = |number: i128| (-(1 << 31)..1 << 32).contains(&number);
    let fits = (-(1 << 31)..1 << 31).contains(&a);
    // A float that is none, converted; cut to 32 bits, it would be zero, too.
    let of_no_number = a == -(1 << 63) && b == 0;
    if a != b && !of_no_number && narrow(b) && !fits && a.wrapping_sub(b) % (1 << 32) == 0 {
        return Some(Likeness::Is(Cause::IntegerWidth, WRAPPED));
    }
    let limits = [
        ((1 << 63) - 1, (1 << 31) - 1),
        (-(1 << 63), -(1 << 31)),
        ((1 << 64) - 1, (1 << 32) - 1),
    ];
    if limits.contains(&(a, b)) {
        return Some(Likeness::Is(Cause::IntegerWidth, LARGEST));
    }
    let errors = [a, b].map(i64::try_from);
    if let [Ok(linux), Ok(wasi)] = errors
        && a != b
        && same_number(linux, wasi)
    {
        return Some(Likeness::Is(Cause::LibcText, ERRNO));
    }
    if is_extreme(a) || is_extreme(b) {
        return Some(Likeness::Is(Cause::UndefinedInC, EXTREME));
    }
    None
}

/// The ends of the integers of 32 and 64 bits.
fn is_extreme(number: i128) -> bool {
    [32, 64].into_iter().any(|bits| {
        let half = 1i128 << (bits - 1);
        [-half, half - 1, 2 * half - 1].contains(&number)
    })
}

fn floats(a: f64, b: f64, near: f64) -> Option<Likeness> {
    if a == 0.0 && b == 0.0 {
        return Some(Likeness::Is(Cause::UndefinedInC, ZEROS));
    }
    let close = (a - b).abs() <= near * a.abs().max(b.abs());
    // One step beyond the largest float is infinity.
    let at_the_end = |finite: f64, other: f64| {
        finite.is_finite() && other.is_infinite() && finite.abs() > f64::MAX * (1.0 - near)
    };
    if close && a.is_finite() && b.is_finite() || at_the_end(a, b) || at_the_end(b, a) {
        return Some(Likeness::Rounding);
    }
    // A float that an integer was made of, which had been cut before.
    let integer =
        |float: f64| (float.trunc() == float && float.abs() < EXACT).then_some(float as i128);
    let wrapped = integers(integer(a)?, integer(b)?)? == Likeness::Is(Cause::IntegerWidth, WRAPPED);
    wrapped.then_some(Likeness::Is(Cause::IntegerWidth, WRAPPED_FLOAT))
}

/// Two arrays, by all elements that differ: what they look like if they all look the same.
pub fn arrays(reference: &Array, candidate: &Array) -> Option<Likeness> {
    if is_narrowed(reference.dtype(), candidate.dtype()) {
        return Some(Likeness::Is(Cause::IntegerWidth, NARROW));
    }
    if reference.shape() != candidate.shape() {
        return None;
    }
    let (left, right) = (scalars(reference), scalars(candidate));
    if left.len() != right.len() {
        return None;
    }
    let largest = left
        .iter()
        .filter_map(Scalar::magnitude)
        .fold(0.0, f64::max);
    let mut found = None;
    for (a, b) in left.iter().zip(&right) {
        if is_same(a, b) {
            continue;
        }
        let one = elements(a, b, largest);
        match (&found, one) {
            (None, Some(one)) => found = Some(one),
            (Some(known), Some(one)) if *known == one => {}
            // Zeros of different signs beside rounded numbers are rounded, too.
            (Some(Likeness::Rounding), Some(one)) if one.is_zeros() => {}
            (Some(known), Some(Likeness::Rounding)) if known.is_zeros() => {
                found = Some(Likeness::Rounding);
            }
            _ => return reordered(&left, &right).then_some(Likeness::Order),
        }
    }
    found
}

fn is_same(a: &Scalar, b: &Scalar) -> bool {
    match (a, b) {
        (Scalar::Float(a, _), Scalar::Float(b, _)) => {
            a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
        }
        _ => a == b,
    }
}

fn elements(a: &Scalar, b: &Scalar, largest: f64) -> Option<Likeness> {
    match (a, b) {
        (Scalar::Integer(a), Scalar::Integer(b)) => integers(*a, *b),
        (Scalar::Float(a, width), Scalar::Float(b, _)) => {
            let near = match width {
                8 => NEAR,
                4 => NEAR_SINGLE,
                _ => NEAR_HALF,
            };
            floats(*a, *b, near).or_else(|| {
                // What has cancelled out is small beside the others.
                ((a - b).abs() <= near * largest).then_some(Likeness::Rounding)
            })
        }
        _ => None,
    }
}

impl Scalar {
    fn magnitude(&self) -> Option<f64> {
        match self {
            Scalar::Float(number, _) if number.is_finite() => Some(number.abs()),
            _ => None,
        }
    }
}

impl Likeness {
    fn is_zeros(&self) -> bool {
        matches!(self, Likeness::Is(Cause::UndefinedInC, reason) if *reason == ZEROS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_tell_what_they_come_from() {
        for (a, b, expected) in [
            (4_999_950_000i64, 704_982_704i64, Some(Cause::IntegerWidth)),
            (3_000_000_000, -1_294_967_296, Some(Cause::IntegerWidth)),
            (i64::MAX, i64::from(i32::MAX), Some(Cause::IntegerWidth)),
            (i64::MIN, 0, Some(Cause::UndefinedInC)),
            (64, 32, None),
            (i64::from(i32::MIN), 0, Some(Cause::UndefinedInC)),
            (3, 4, None),
            (1, 1 + (1 << 32), None),
        ] {
            let found = integers(i128::from(a), i128::from(b));
            let cause = found.and_then(|likeness| match likeness {
                Likeness::Is(cause, _) => Some(cause),
                _ => None,
            });
            assert_eq!(cause, expected, "{a} {b}");
        }
    }

    #[test]
    fn floats_are_rounded_or_something_else() {
        let next = 1f64.next_up();
        assert_eq!(floats(1.0, next, NEAR), Some(Likeness::Rounding));
        assert_eq!(
            floats(f64::MAX, f64::INFINITY, NEAR),
            Some(Likeness::Rounding)
        );
        assert_eq!(floats(1.0, f64::INFINITY, NEAR), None);
        assert_eq!(floats(f64::NAN, 1.0, NEAR), None);
        assert_eq!(floats(1.0, 1.1, NEAR), None);
        let cut = Some(Likeness::Is(Cause::IntegerWidth, WRAPPED_FLOAT));
        assert_eq!(floats(4_999_950_000.0, 704_982_704.0, NEAR), cut);
        assert_eq!(floats(4_999_950_000.5, 704_982_704.5, NEAR), None);
        assert_eq!(floats(1e300, 0.0, NEAR), None);
        assert!(floats(0.0, -0.0, NEAR).is_some_and(|likeness| likeness.is_zeros()));
    }
}
