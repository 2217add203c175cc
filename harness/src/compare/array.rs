//! Arrays: shape, every element in its own precision, dtype, layout.

use std::fmt;

use parallax_runtime::array::{Array, Dtype, Field, Kind, Layout};
use parallax_runtime::marshal::json_base64::Path;

use super::float::{self, in_little_endian};
use super::{Divergence, Findings, norm, property};
use crate::policy::{Distance, Place, Policies, Rule};

/// Compares two arrays; values come before dtypes, because a wrong value under a narrower dtype is the silent kind.
pub(super) fn compare_arrays(
    findings: &mut Findings,
    policies: &Policies,
    path: Path<'_>,
    reference: &Array,
    candidate: &Array,
) {
    let place = policies.at(path);
    let same_dtype = reference.dtype() == candidate.dtype();
    if reference.shape() != candidate.shape() {
        findings.check(
            format_args!("{path}.shape"),
            &reference.shape(),
            &candidate.shape(),
        );
    } else if let (true, Some(property)) = (same_dtype, place.policy.property)
        && reference.data() != candidate.data()
    {
        let (a, b) = property::align(property, reference, candidate);
        findings.allow(&place.policy, None);
        compare_elements(findings, place, &path, &a, &b);
    } else {
        compare_elements(findings, place, &path, reference, candidate);
    }
    let name = |array: &Array| array.dtype().to_string();
    if place.policy.narrow_integers && is_narrowed(reference.dtype(), candidate.dtype()) {
        findings.allow(&place.policy, None);
    } else if !same_dtype {
        findings.differ(
            format_args!("{path}.dtype"),
            name(reference),
            name(candidate),
        );
    }
    if reference.layout() != candidate.layout() {
        let name = |array: &Array| match array.layout() {
            Layout::C => "C order".to_owned(),
            Layout::Fortran => "Fortran order".to_owned(),
            Layout::Scalar => "a scalar".to_owned(),
        };
        findings.differ(
            format_args!("{path}.layout"),
            name(reference),
            name(candidate),
        );
    }
}

/// A 64-bit integer here, and a 32-bit one of the same kind there.
fn is_narrowed(reference: &Dtype, candidate: &Dtype) -> bool {
    match (reference, candidate) {
        (
            Dtype::Plain {
                kind: wide,
                size: 8,
                ..
            },
            Dtype::Plain {
                kind: narrow,
                size: 4,
                ..
            },
        ) => wide == narrow && is_integer(reference),
        _ => false,
    }
}

/// Elements of two dtypes are compared where both are integers; otherwise the dtype alone is the difference.
fn compare_elements(
    findings: &mut Findings,
    place: &Place,
    path: &dyn fmt::Display,
    reference: &Array,
    candidate: &Array,
) {
    let same = reference.dtype() == candidate.dtype();
    let integers = is_integer(reference.dtype()) && is_integer(candidate.dtype());
    if !same && !integers {
        return;
    }
    // Nearly always all bytes are equal, and then there is nothing to look at one by one.
    let (left, right) = (reference.data(), candidate.data());
    if same && left == right {
        return;
    }
    if let (Rule::Norm(_), Some(width)) = (place.policy.rule, float::width(reference.dtype())) {
        compare_norms(findings, place, path, reference, candidate, width);
        return;
    }
    let (size, other) = (bytes(reference.dtype()), bytes(candidate.dtype()));
    if size == 0 || other == 0 {
        return;
    }
    let elements = left.chunks_exact(size).zip(right.chunks_exact(other));
    for (index, (a, b)) in elements.enumerate() {
        if a == b && same {
            continue;
        }
        if findings.is_full() && !integers {
            return;
        }
        let element = format!("{path}{}", subscript(index, reference.shape()));
        let (a, b) = ((reference.dtype(), a), (candidate.dtype(), b));
        compare_element(findings, place, &element, a, b);
    }
}

/// Both arrays as a whole: only the worst element is shown, the others being no better explained.
fn compare_norms(
    findings: &mut Findings,
    place: &Place,
    path: &dyn fmt::Display,
    reference: &Array,
    candidate: &Array,
    width: usize,
) {
    let Some(precision) = float::precision(width) else {
        return;
    };
    let dtype = reference.dtype();
    let numbers = |array: &Array| -> Vec<f64> {
        let data = array.data();
        let parts = data.chunks_exact(width);
        parts.map(|part| float::number(dtype, part)).collect()
    };
    let (x, y) = (numbers(reference), numbers(candidate));
    let longest = reference.shape().iter().copied().max().unwrap_or(1);
    let measured = norm::measure(&x, &y, norm::unit(place, precision, &x, longest));
    let parts = bytes(dtype) / width;
    let mut report = |index: usize, distance: Option<Distance>| {
        let part = match (parts, index % parts) {
            (1, _) => "",
            (_, 0) => ".real",
            _ => ".imag",
        };
        let subscript = subscript(index / parts, reference.shape());
        let shown = |array: &Array| {
            let part = &array.data()[index * width..][..width];
            show_float(&in_little_endian(dtype, part))
        };
        findings.push(Divergence {
            path: format!("{path}{subscript}{part}"),
            reference: shown(reference),
            candidate: shown(candidate),
            distance,
            silent: false,
        });
    };
    let distance = Distance::Norm(measured.distance);
    let within = float::is_within(place.policy.rule, distance);
    if !within {
        report(measured.worst, Some(distance));
    }
    for &index in &measured.disagreeing {
        report(index, None);
    }
    if within && measured.distance > 0.0 {
        findings.allow(&place.policy, Some(distance));
    }
}

/// Bytes an element; an array that is in memory has elements that fit there.
fn bytes(dtype: &Dtype) -> usize {
    let size = dtype.size().and_then(|size| usize::try_from(size).ok());
    size.unwrap_or_default()
}

fn is_integer(dtype: &Dtype) -> bool {
    matches!(
        dtype,
        Dtype::Plain {
            kind: Kind::Int | Kind::Uint,
            ..
        }
    )
}

/// The index of an element as numpy writes it: `[1, 2]`, or nothing for a 0-dimensional array.
fn subscript(index: usize, shape: &[u64]) -> String {
    let mut index = index as u64;
    let mut indices = vec![0; shape.len()];
    for (slot, &axis) in indices.iter_mut().zip(shape).rev() {
        *slot = index % axis;
        index /= axis;
    }
    if indices.is_empty() {
        String::new()
    } else {
        format!("{indices:?}")
    }
}

type Element<'a> = (&'a Dtype, &'a [u8]);

fn compare_element(
    findings: &mut Findings,
    place: &Place,
    path: &str,
    (dtype, a): Element<'_>,
    (other, b): Element<'_>,
) {
    match (dtype, other) {
        (Dtype::Record(fields), Dtype::Record(_)) => {
            compare_records(findings, place, path, fields, a, b);
        }
        (Dtype::Plain { kind, .. }, Dtype::Plain { .. }) => match kind {
            Kind::Float => compare_floats(findings, place, path, dtype, (a, b)),
            Kind::Complex => {
                let half = a.len() / 2;
                for (name, range) in [(".real", 0..half), (".imag", half..a.len())] {
                    let part = format!("{path}{name}");
                    let pair = (&a[range.clone()], &b[range]);
                    compare_floats(findings, place, &part, dtype, pair);
                }
            }
            kind => {
                let (shown, other_shown) = (show(dtype, a), show(other, b));
                match kind {
                    _ if shown == other_shown => {}
                    Kind::Int | Kind::Uint => {
                        findings.differ_in_integer(path, shown, other_shown);
                    }
                    _ => findings.differ(path, shown, other_shown),
                }
            }
        },
        // Two dtypes meet here only as integers.
        _ => {}
    }
}

/// Fields are compared where they lie; what is between them is padding and may hold anything.
fn compare_records(
    findings: &mut Findings,
    place: &Place,
    path: &str,
    fields: &[Field],
    a: &[u8],
    b: &[u8],
) {
    let mut offset = 0;
    for Field { name, dtype, shape } in fields {
        let size = bytes(dtype);
        let count: u64 = shape.iter().product();
        for index in 0..usize::try_from(count).unwrap_or_default() {
            let range = offset..offset + size;
            offset = range.end;
            if name.is_empty() {
                continue;
            }
            let path = format!("{path}.{name}{}", subscript(index, shape));
            let (a, b) = ((dtype, &a[range.clone()]), (dtype, &b[range]));
            compare_element(findings, place, &path, a, b);
        }
    }
}

fn compare_floats(
    findings: &mut Findings,
    place: &Place,
    path: &str,
    dtype: &Dtype,
    (a, b): (&[u8], &[u8]),
) {
    let (a, b) = (in_little_endian(dtype, a), in_little_endian(dtype, b));
    float::compare_pair(findings, place, path, (&a, &b), show_float);
}

fn show_float(bytes: &[u8]) -> String {
    match *bytes {
        [a, b, c, d] => format!("{:?}", f32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => {
            format!("{:?}", f64::from_le_bytes([a, b, c, d, e, f, g, h]))
        }
        [a, b] => format!("float16 {:#06x}", u16::from_le_bytes([a, b])),
        _ => format!("{bytes:02x?}"),
    }
}

/// A plain element that is no float, as text; equal elements have equal texts.
fn show(dtype: &Dtype, bytes: &[u8]) -> String {
    let Dtype::Plain { kind, .. } = dtype else {
        return format!("{bytes:02x?}");
    };
    let little = in_little_endian(dtype, bytes);
    let mut wide = [0; 16];
    match kind {
        Kind::Int | Kind::Uint | Kind::Datetime | Kind::Timedelta | Kind::Bool
            if little.len() <= wide.len() =>
        {
            let negative = *kind != Kind::Uint && little.last().is_some_and(|&high| high > 127);
            wide.fill(if negative { 255 } else { 0 });
            wide[..little.len()].copy_from_slice(&little);
            i128::from_le_bytes(wide).to_string()
        }
        _ => format!("{bytes:02x?}"),
    }
}
