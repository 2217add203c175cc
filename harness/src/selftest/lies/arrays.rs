//! Lies about arrays.

use parallax_runtime::array::{Array, Dtype, Layout};
use parallax_runtime::value::Value;

use super::lie::Lie;
use super::values::{set, value};

const fn array(
    name: &'static str,
    case: &'static str,
    place: &'static str,
    change: fn(&mut Value) -> Option<()>,
) -> Lie {
    Lie {
        group: "arrays",
        ..value(name, case, place, change)
    }
}

pub(super) const LIES: [Lie; 24] = [
    array(
        "an integer element one up",
        "builtin/arrays",
        "outputs[0]",
        |value| bytes(value, |data| data[0] ^= 1),
    ),
    array(
        "a double element one unit up",
        "builtin/arrays",
        "outputs[1]",
        |value| bytes(value, |data| data[40] ^= 1),
    ),
    array(
        "a half element one unit up",
        "builtin/arrays",
        "outputs[3]",
        |value| bytes(value, |data| data[0] ^= 1),
    ),
    array(
        "the sign of an imaginary part",
        "builtin/arrays",
        "outputs[4]",
        |value| bytes(value, |data| data[7] ^= 0x80),
    ),
    array(
        "another boolean element",
        "builtin/arrays",
        "outputs[5]",
        |value| bytes(value, |data| data[1] ^= 1),
    ),
    array("another date", "builtin/arrays", "outputs[8]", |value| {
        bytes(value, |data| data[8] ^= 1)
    }),
    array(
        "another byte of a text element",
        "builtin/arrays",
        "outputs[10]",
        |value| bytes(value, |data| data[0] ^= 1),
    ),
    array(
        "another character of a text element",
        "builtin/arrays",
        "outputs[11]",
        |value| bytes(value, |data| data[0] ^= 1),
    ),
    array(
        "signed for unsigned",
        "builtin/arrays",
        "outputs[6]@dtype",
        |value| dtype(value, "<i8"),
    ),
    array(
        "the same numbers in the other byte order",
        "builtin/arrays",
        "outputs[7]@dtype",
        |value| {
            let array = of(value)?;
            let reversed: Vec<u8> = array
                .data()
                .chunks(4)
                .flat_map(|element| element.iter().rev().copied())
                .collect();
            let other = Array::new(
                "<i4".parse().ok()?,
                array.shape().to_vec(),
                Layout::C,
                reversed,
            );
            set(value, Value::Array(other.ok()?))
        },
    ),
    array(
        "the same bytes in the other byte order",
        "builtin/arrays",
        "outputs[7]",
        |value| dtype(value, "<i4"),
    ),
    array(
        "another unit of durations",
        "builtin/arrays",
        "outputs[9]@dtype",
        |value| dtype(value, "<m8[26s]"),
    ),
    array(
        "bytes of a longer text",
        "builtin/arrays",
        "outputs[10]@dtype",
        |value| {
            let array = of(value)?;
            let wide: Vec<u8> = array
                .data()
                .chunks(5)
                .flat_map(|element| element.iter().copied().chain([0]))
                .collect();
            let other = Array::new("|S6".parse().ok()?, array.shape().to_vec(), Layout::C, wide);
            set(value, Value::Array(other.ok()?))
        },
    ),
    array(
        "an array flattened",
        "builtin/arrays",
        "outputs[0]@shape",
        |value| {
            let array = of(value)?;
            let flat = Array::new(
                array.dtype().clone(),
                vec![array.len()],
                Layout::C,
                array.data().into_owned(),
            );
            set(value, Value::Array(flat.ok()?))
        },
    ),
    array(
        "C order for Fortran order",
        "builtin/array_layouts",
        "outputs[0]@layout",
        |value| layout(value, Layout::C),
    ),
    array(
        "an array for a scalar",
        "builtin/array_layouts",
        "outputs[2]@layout",
        |value| layout(value, Layout::C),
    ),
    array(
        "a scalar for an array",
        "builtin/array_layouts",
        "outputs[1]@layout",
        |value| layout(value, Layout::Scalar),
    ),
    array(
        "another dtype of nothing",
        "builtin/array_layouts",
        "outputs[3]@dtype",
        |value| dtype(value, "<i4"),
    ),
    array(
        "another number in a record",
        "builtin/array_records",
        "outputs[0]",
        |value| bytes(value, |data| data[0] ^= 1),
    ),
    array(
        "a field renamed",
        "builtin/array_records",
        "outputs[0]@dtype",
        |value| {
            let array = of(value)?;
            let Dtype::Record(mut fields) = array.dtype().clone() else {
                return None;
            };
            fields[0].name = "z".to_owned();
            let data = array.data().into_owned();
            let shape = array.shape().to_vec();
            let other = Array::new(Dtype::Record(fields), shape, array.layout(), data);
            set(value, Value::Array(other.ok()?))
        },
    ),
    array(
        "integers of half the size",
        "numpy/sorting",
        "outputs[1].stable@dtype",
        |value| {
            let array = of(value)?;
            let narrow: Vec<u8> = array
                .data()
                .chunks(8)
                .flat_map(|element| element[..4].iter().copied())
                .collect();
            let other = Array::new(
                "<i4".parse().ok()?,
                array.shape().to_vec(),
                Layout::C,
                narrow,
            );
            set(value, Value::Array(other.ok()?))
        },
    ),
    array(
        "two elements exchanged",
        "numpy/sorting",
        "outputs[0].sorted",
        |value| bytes(value, |data| data.rotate_left(8)),
    ),
    array(
        "NaN for an element",
        "numpy/sorting",
        "outputs[3].percentiles",
        |value| {
            bytes(value, |data| {
                data[..8].copy_from_slice(&f64::NAN.to_le_bytes())
            })
        },
    ),
    array(
        "a list for an array",
        "numpy/echo",
        "outputs[2].flat",
        |value| {
            let data = of(value)?.data().into_owned();
            let numbers = data.chunks(4).map(|element| {
                let element = element.try_into().unwrap_or_default();
                Value::Int(i32::from_le_bytes(element).into())
            });
            set(value, Value::List(numbers.collect()))
        },
    ),
];

fn of(value: &Value) -> Option<&Array> {
    match value {
        Value::Array(array) => Some(array),
        _ => None,
    }
}

/// The same array with other bytes.
fn bytes(value: &mut Value, change: fn(&mut [u8])) -> Option<()> {
    let array = of(value)?;
    let mut data = array.data().into_owned();
    change(&mut data);
    let (dtype, shape) = (array.dtype().clone(), array.shape().to_vec());
    let other = Array::new(dtype, shape, array.layout(), data).ok()?;
    set(value, Value::Array(other))
}

/// The same bytes under another description.
fn dtype(value: &mut Value, code: &str) -> Option<()> {
    let array = of(value)?;
    let (shape, data) = (array.shape().to_vec(), array.data().into_owned());
    let other = Array::new(code.parse().ok()?, shape, array.layout(), data).ok()?;
    set(value, Value::Array(other))
}

fn layout(value: &mut Value, layout: Layout) -> Option<()> {
    let array = of(value)?;
    let (dtype, shape) = (array.dtype().clone(), array.shape().to_vec());
    let other = Array::new(dtype, shape, layout, array.data().into_owned()).ok()?;
    set(value, Value::Array(other))
}
