//! Two floats of one precision under a rule.

use half::f16;

use super::{norm, ulp};
use crate::verdict::policy::{Distance, Place, Precision, Rule};

/// What comparing two floats says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Judged {
    /// Nothing tells them apart but the payload of a NaN.
    Same,
    /// The same in the narrower of two precisions, and not in the wider one.
    Rounded,
    Allowed(Distance),
    Differ(Option<Distance>),
}

/// The precision of floats of a width in bytes.
pub(super) fn precision(width: usize) -> Option<Precision> {
    match width {
        2 => Some(Precision::Half),
        4 => Some(Precision::Single),
        8 => Some(Precision::Double),
        _ => None,
    }
}

/// Bytes of a float.
pub(super) fn width(precision: Precision) -> usize {
    match precision {
        Precision::Half => 2,
        Precision::Single => 4,
        Precision::Double => 8,
    }
}

/// The number that little-endian bytes of any precision stand for; every one is a double, too.
pub(super) fn to_double(bytes: &[u8]) -> f64 {
    match *bytes {
        [a, b] => f16::from_le_bytes([a, b]).to_f64(),
        [a, b, c, d] => f64::from(f32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => f64::NAN,
    }
}

/// The nearest float of a precision, as little-endian bytes; the first [`width`] of them count.
pub(super) fn rounded(number: f64, precision: Precision) -> [u8; 8] {
    let mut bytes = [0; 8];
    match precision {
        // `from_f64` may round twice, by way of f32.
        Precision::Half => bytes[..2].copy_from_slice(&f16::from_f64_const(number).to_le_bytes()),
        Precision::Single => bytes[..4].copy_from_slice(&(number as f32).to_le_bytes()),
        Precision::Double => bytes = number.to_le_bytes(),
    }
    bytes
}

/// The nearest float to an integer, rounded once.
pub(super) fn of_integer(integer: i128, precision: Precision) -> [u8; 8] {
    let mut bytes = [0; 8];
    match precision {
        // Up to the largest half float, integers are doubles.
        Precision::Half | Precision::Double => return rounded(integer as f64, precision),
        Precision::Single => bytes[..4].copy_from_slice(&(integer as f32).to_le_bytes()),
    }
    bytes
}

/// Compares two floats of one precision, given by their little-endian bytes; `largest` is what a norm is relative to.
pub(super) fn judge(place: &Place, largest: f64, a: &[u8], b: &[u8]) -> Judged {
    if a == b {
        return Judged::Same;
    }
    let Some(precision) = precision(a.len()) else {
        return Judged::Differ(None);
    };
    match place.policy.rule {
        Rule::Ulp(bounds) => match ulp::distance(a, b) {
            Some(0) => Judged::Same,
            Some(steps) => {
                let distance = Distance::Ulp(precision, steps);
                if steps <= bounds[precision as usize].most {
                    Judged::Allowed(distance)
                } else {
                    Judged::Differ(Some(distance))
                }
            }
            None => Judged::Differ(None),
        },
        Rule::Norm(bound) => {
            let (a, b) = (to_double(a), to_double(b));
            if a.is_nan() && b.is_nan() {
                return Judged::Same;
            }
            match norm::distance(a, b, norm::unit(place, precision, largest)) {
                Some(distance) if distance <= bound.most => {
                    Judged::Allowed(Distance::Norm(distance))
                }
                distance => Judged::Differ(distance.map(Distance::Norm)),
            }
        }
    }
}

/// A float as a report shows it: the shortest text that reads back to it.
pub(super) fn show(bytes: &[u8]) -> String {
    match *bytes {
        [a, b] => format!("{:?}", f16::from_le_bytes([a, b])),
        [a, b, c, d] => format!("{:?}", f32::from_le_bytes([a, b, c, d])),
        _ => format!("{:?}", to_double(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::policy::{Bound, Policy};

    #[test]
    fn every_precision_is_read_as_the_number_it_is() {
        for (bits, expected) in [
            (0x0001, 2f64.powi(-24)),
            (0x3555, 0.333_251_953_125),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(to_double(&u16::to_le_bytes(bits)), expected, "{bits:#06x}");
        }
        assert!(to_double(&[0x01, 0x7e]).is_nan());
        assert_eq!(to_double(&0.1f32.to_le_bytes()), f64::from(0.1f32));
        assert_eq!(to_double(&0.1f64.to_le_bytes()), 0.1);
    }

    #[test]
    fn rounding_is_to_the_nearest_and_done_once() {
        assert_eq!(rounded(0.1, Precision::Single)[..4], 0.1f32.to_le_bytes());
        assert_eq!(
            to_double(&rounded(0.1, Precision::Half)[..2]),
            0.099_975_585_937_5
        );
        assert_eq!(rounded(0.1, Precision::Double), 0.1f64.to_le_bytes());
        // By way of a double it would be a tie, and go down to the even one.
        let above_a_tie = (1i128 << 60) + (1 << 36) + 1;
        assert_eq!(
            to_double(&of_integer(above_a_tie, Precision::Single)[..4]),
            2f64.powi(60) + 2f64.powi(37)
        );
        assert_eq!(
            to_double(&of_integer(65_504, Precision::Half)[..2]),
            65_504.0
        );
    }

    #[test]
    fn every_half_float_is_shown_as_itself() {
        for bits in 0..=u16::MAX {
            let float = f16::from_bits(bits);
            let shown = show(&float.to_le_bytes());
            let read: f32 = shown.parse().unwrap();
            let back = f16::from_f32(read);
            assert!(
                back.to_bits() == bits || (back.is_nan() && float.is_nan()),
                "{shown}"
            );
        }
    }

    #[test]
    fn what_differs_in_bits_is_never_the_same_but_for_nans() {
        let norm = Policy {
            rule: Rule::Norm(Bound {
                most: f64::MAX,
                worst: 0.0,
            }),
            ..Policy::exact()
        };
        let values = [
            0.0,
            -0.0,
            5e-324,
            1.0,
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            -f64::NAN,
        ];
        for policy in [Policy::exact(), Policy::ulp("far", u64::MAX), norm] {
            let place = Place::everywhere(policy, Some(1));
            for a in values {
                for b in values {
                    let same = a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
                    let judged = judge(&place, 1e300, &a.to_le_bytes(), &b.to_le_bytes());
                    assert_eq!(judged == Judged::Same, same, "{a} {b} {judged:?}");
                    // No bound reaches from a number to what is none.
                    if a.is_finite() != b.is_finite() {
                        assert_eq!(judged, Judged::Differ(None), "{a} {b}");
                    }
                }
            }
        }
    }
}
