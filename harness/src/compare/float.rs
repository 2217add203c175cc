//! Two floats under a rule, whatever their precision.

use std::fmt;

use parallax_runtime::array::{Dtype, Kind, Order};

use super::{Divergence, Findings, norm, ulp};
use crate::policy::{Distance, Place, Precision, Rule};

/// The precision of floats of so many bytes.
pub(super) fn precision(bytes: usize) -> Option<Precision> {
    match bytes {
        2 => Some(Precision::Half),
        4 => Some(Precision::Single),
        8 => Some(Precision::Double),
        _ => None,
    }
}

/// The bytes of each float in an element of this dtype, a complex number having two; `None` for what is no float.
pub(super) fn width(dtype: &Dtype) -> Option<usize> {
    match dtype {
        Dtype::Plain {
            kind: Kind::Float,
            size,
            ..
        } => usize::try_from(*size).ok(),
        Dtype::Plain {
            kind: Kind::Complex,
            size,
            ..
        } => usize::try_from(size / 2).ok(),
        _ => None,
    }
}

/// A float's bytes, the least significant first.
pub(super) fn in_little_endian(dtype: &Dtype, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Dtype::Plain {
        order: Order::Big, ..
    } = dtype
    {
        bytes.reverse();
    }
    bytes
}

/// The number that a float of this dtype is.
pub(super) fn number(dtype: &Dtype, bytes: &[u8]) -> f64 {
    match dtype {
        Dtype::Plain {
            order: Order::Big, ..
        } => to_double(&in_little_endian(dtype, bytes)),
        _ => to_double(bytes),
    }
}

/// The number that little-endian bytes of any precision stand for; every one is a double, too.
pub(super) fn to_double(bytes: &[u8]) -> f64 {
    match *bytes {
        [a, b] => half_to_double(u16::from_le_bytes([a, b])),
        [a, b, c, d] => f64::from(f32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => f64::NAN,
    }
}

/// IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction.
fn half_to_double(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match bits >> 10 & 31 {
        0 => fraction / f64::from(1 << 24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(i32::from(exponent) - 25),
    };
    if bits & 0x8000 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// Compares two floats of one precision, given by their little-endian bytes, each by itself.
pub(super) fn compare_pair(
    findings: &mut Findings,
    place: &Place,
    path: impl fmt::Display,
    (a, b): (&[u8], &[u8]),
    show: impl Fn(&[u8]) -> String,
) {
    let distance = precision(a.len()).and_then(|precision| match place.policy.rule {
        Rule::Ulp(_) => ulp::distance_of_bits(a, b).map(|steps| Distance::Ulp(precision, steps)),
        Rule::Norm(_) => {
            let (a, b) = ([to_double(a)], [to_double(b)]);
            let measured = norm::measure(&a, &b, norm::unit(place, precision, &a, 1));
            let comparable = measured.disagreeing.is_empty();
            comparable.then_some(Distance::Norm(measured.distance))
        }
    });
    match distance {
        Some(found) if is_nothing(found) => {}
        Some(found) if is_within(place.policy.rule, found) => {
            findings.allow(&place.policy, distance);
        }
        _ if findings.is_full() => {}
        _ => findings.push(Divergence {
            path: path.to_string(),
            reference: show(a),
            candidate: show(b),
            distance,
            silent: false,
        }),
    }
}

fn is_nothing(distance: Distance) -> bool {
    matches!(distance, Distance::Ulp(_, 0)) || distance == Distance::Norm(0.0)
}

/// Whether a rule allows a distance; one in another unit than the rule's is never allowed.
pub(super) fn is_within(rule: Rule, distance: Distance) -> bool {
    match (rule, distance) {
        (Rule::Ulp(bounds), Distance::Ulp(precision, ulp)) => {
            ulp <= bounds[precision as usize].most
        }
        (Rule::Norm(bound), Distance::Norm(norm)) => norm <= bound.most,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_precision_is_read_as_the_number_it_is() {
        for (bits, expected) in [
            (0x0000, 0.0),
            (0x0001, 2f64.powi(-24)),
            (0x0400, 2f64.powi(-14)),
            (0x3c00, 1.0),
            (0x3555, 0.333_251_953_125),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(to_double(&u16::to_le_bytes(bits)), expected, "{bits:#06x}");
        }
        assert!(to_double(&[0x01, 0x7e]).is_nan());
        assert!(to_double(&[0x00, 0x80]).is_sign_negative());
        assert_eq!(to_double(&0.1f32.to_le_bytes()), f64::from(0.1f32));
        assert_eq!(to_double(&0.1f64.to_le_bytes()), 0.1);
    }
}
