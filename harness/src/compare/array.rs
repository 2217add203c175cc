//! Arrays: shape, every element in its own precision, dtype, layout.

use parallax_runtime::array::{Array, Dtype, Field, Kind, Layout, Order};
use parallax_runtime::marshal::json_base64::Path;

use super::{Divergence, Findings, KEPT, ulp};
use crate::case::Policy;

/// Compares two arrays; values come before dtypes, because a wrong value under a narrower dtype is the silent kind.
pub(super) fn compare_arrays(
    findings: &mut Findings,
    policy: &Policy,
    path: Path<'_>,
    reference: &Array,
    candidate: &Array,
) {
    if reference.shape() != candidate.shape() {
        findings.check(
            format_args!("{path}.shape"),
            &reference.shape(),
            &candidate.shape(),
        );
    } else {
        compare_elements(findings, policy, path, reference, candidate);
    }
    let name = |array: &Array| array.dtype().to_string();
    if reference.dtype() != candidate.dtype() {
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

/// Elements of two dtypes are compared where both are integers; otherwise the dtype alone is the difference.
fn compare_elements(
    findings: &mut Findings,
    policy: &Policy,
    path: Path<'_>,
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
    let (size, other) = (bytes(reference.dtype()), bytes(candidate.dtype()));
    if size == 0 || other == 0 {
        return;
    }
    let elements = left.chunks_exact(size).zip(right.chunks_exact(other));
    for (index, (a, b)) in elements.enumerate() {
        if findings.divergences.len() >= KEPT {
            return;
        }
        if a == b && same {
            continue;
        }
        let place = format!("{path}{}", subscript(index, reference.shape()));
        let (a, b) = ((reference.dtype(), a), (candidate.dtype(), b));
        compare_element(findings, policy, &place, a, b);
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
    policy: &Policy,
    place: &str,
    (dtype, a): Element<'_>,
    (other, b): Element<'_>,
) {
    match (dtype, other) {
        (Dtype::Record(fields), Dtype::Record(_)) => {
            compare_records(findings, policy, place, fields, a, b);
        }
        (Dtype::Plain { kind, .. }, Dtype::Plain { .. }) => match kind {
            Kind::Float => compare_floats(findings, policy, place, (dtype, a), (other, b)),
            Kind::Complex => {
                let half = a.len() / 2;
                for (name, range) in [(".real", 0..half), (".imag", half..a.len())] {
                    let part = format!("{place}{name}");
                    let (a, b) = ((dtype, &a[range.clone()]), (other, &b[range]));
                    compare_floats(findings, policy, &part, a, b);
                }
            }
            _ => {
                let (shown, other_shown) = (show(dtype, a), show(other, b));
                if shown != other_shown {
                    findings.differ(place, shown, other_shown);
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
    policy: &Policy,
    place: &str,
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
            let place = format!("{place}.{name}{}", subscript(index, shape));
            let (a, b) = ((dtype, &a[range.clone()]), (dtype, &b[range]));
            compare_element(findings, policy, &place, a, b);
        }
    }
}

fn compare_floats(
    findings: &mut Findings,
    policy: &Policy,
    place: &str,
    (dtype, a): Element<'_>,
    (_, b): Element<'_>,
) {
    let (a, b) = (in_little_endian(dtype, a), in_little_endian(dtype, b));
    match ulp::distance_of_bits(&a, &b) {
        Some(ulp) if ulp <= policy.ulp => findings.worst_ulp = findings.worst_ulp.max(ulp),
        distance => findings.divergences.push(Divergence {
            path: place.to_owned(),
            reference: show_float(&a),
            candidate: show_float(&b),
            distance,
        }),
    }
}

fn in_little_endian(dtype: &Dtype, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Dtype::Plain {
        order: Order::Big, ..
    } = dtype
    {
        bytes.reverse();
    }
    bytes
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

#[cfg(test)]
mod tests {
    use parallax_runtime::value::Value;
    use serde_json::json;

    use super::super::{Verdict, compare};
    use super::*;
    use crate::outcome::Outcome;
    use parallax_runtime::outcome::GraphInfo;

    fn array(dtype: &serde_json::Value, shape: &[u64], data: Vec<u8>) -> Array {
        let dtype = Dtype::from_json(dtype).unwrap();
        Array::new(dtype, shape.to_vec(), Layout::C, data).unwrap()
    }

    fn returned(array: Array) -> Outcome {
        Outcome::Returned {
            outputs: vec![Value::Array(array)],
            graph_info: GraphInfo {
                node_count: 1,
                source_count: 1,
                sink_count: 1,
                execution_order: vec!["a".to_owned()],
            },
            warnings: vec![],
        }
    }

    #[track_caller]
    fn check(reference: Array, candidate: Array, ulp: u64, expected: &[&str]) {
        let policy = Policy {
            ulp,
            ..Policy::exact()
        };
        let found = match compare(&returned(reference), &returned(candidate), &policy) {
            Verdict::Diverged(found) => found.iter().map(ToString::to_string).collect(),
            Verdict::Equal => Vec::new(),
            other => vec![format!("{other:?}")],
        };
        assert_eq!(found, expected);
    }

    fn doubles(values: &[f64]) -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    }

    #[test]
    fn one_unit_in_the_last_place_of_each_precision_is_seen() {
        let next = f64::from_bits(1.0f64.to_bits() + 1);
        let matrix = |last: f64| array(&json!("<f8"), &[2, 2], doubles(&[0.0, 1.0, 2.0, last]));
        check(
            matrix(1.0),
            matrix(next),
            0,
            &["outputs[0][1, 1]: 1.0 != 1.0000000000000002 (1 ulp)"],
        );
        check(matrix(1.0), matrix(next), 1, &["WithinPolicy { ulp: 1 }"]);
        let single = |bits: u32| array(&json!("<f4"), &[1], bits.to_le_bytes().to_vec());
        let one = 1f32.to_bits();
        check(
            single(one),
            single(one + 1),
            0,
            &["outputs[0][0]: 1.0 != 1.0000001 (1 ulp)"],
        );
        let half = |bits: u16| array(&json!(">f2"), &[], bits.to_be_bytes().to_vec());
        check(
            half(0x3c00),
            half(0x3c02),
            0,
            &["outputs[0]: float16 0x3c00 != float16 0x3c02 (2 ulp)"],
        );
    }

    #[test]
    fn nan_is_a_class_and_zeros_have_signs() {
        let vector = |value: f64| array(&json!("<f8"), &[1], doubles(&[value]));
        let payload = f64::from_bits(f64::NAN.to_bits() | 5);
        check(vector(f64::NAN), vector(-payload), 0, &[]);
        check(
            vector(0.0),
            vector(-0.0),
            9,
            &["outputs[0][0]: 0.0 != -0.0"],
        );
        let complex = |imag: f64| array(&json!("<c16"), &[1], doubles(&[1.0, imag]));
        check(
            complex(f64::NAN),
            complex(0.0),
            0,
            &["outputs[0][0].imag: NaN != 0.0"],
        );
    }

    #[test]
    fn a_narrower_integer_is_compared_by_value_first() {
        let wide = |value: i64| array(&json!("<i8"), &[], value.to_le_bytes().to_vec());
        let narrow = |value: i32| array(&json!("<i4"), &[], value.to_le_bytes().to_vec());
        check(wide(-5), narrow(-5), 0, &["outputs[0].dtype: <i8 != <i4"]);
        check(
            wide(4_999_950_000),
            narrow(704_982_704),
            0,
            &[
                "outputs[0]: 4999950000 != 704982704",
                "outputs[0].dtype: <i8 != <i4",
            ],
        );
    }

    #[test]
    fn shape_and_layout_are_seen() {
        let flat = |shape: &[u64]| array(&json!("|i1"), shape, vec![1, 2, 3, 4]);
        check(
            flat(&[4]),
            flat(&[2, 2]),
            0,
            &["outputs[0].shape: [4] != [2, 2]"],
        );
        let fortran = Array::new(
            "|i1".parse().unwrap(),
            vec![2, 2],
            Layout::Fortran,
            vec![1, 2, 3, 4],
        );
        check(
            flat(&[2, 2]),
            fortran.unwrap(),
            0,
            &["outputs[0].layout: C order != Fortran order"],
        );
    }

    #[test]
    fn records_are_compared_by_field_without_their_padding() {
        let dtype = json!([["a", "<i2"], ["", "|V2"], ["b", "|u1", [2]]]);
        let record = |bytes: [u8; 6]| array(&dtype, &[1], bytes.to_vec());
        check(
            record([1, 0, 7, 7, 5, 6]),
            record([1, 0, 8, 9, 5, 6]),
            0,
            &[],
        );
        check(
            record([1, 0, 0, 0, 5, 6]),
            record([2, 0, 0, 0, 5, 9]),
            0,
            &["outputs[0][0].a: 1 != 2", "outputs[0][0].b[1]: 6 != 9"],
        );
    }
}
