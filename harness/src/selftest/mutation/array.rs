//! Arrays: an element, the dtype, the shape, the layout.

use parallax_runtime::array::{Array, Dtype, Field, Kind, Layout, Order};

use super::chance::any;
use super::change::{Change, Group};
use super::float::another_float;
use crate::generate::random::Random;
use crate::path::{OutcomePath, Step};

/// The smallest parts of an element: what it is, where in the element, and the steps to it.
#[derive(Clone, Debug)]
pub struct Part {
    pub kind: Kind,
    pub order: Order,
    pub at: usize,
    pub size: usize,
    pub steps: Vec<Step>,
}

/// All parts of an element, without padding.
pub fn parts(dtype: &Dtype) -> Vec<Part> {
    let mut found = Vec::new();
    gather(dtype, 0, &mut Vec::new(), &mut found);
    found
}

fn gather(dtype: &Dtype, at: usize, steps: &mut Vec<Step>, found: &mut Vec<Part>) {
    match dtype {
        Dtype::Record(fields) => {
            let mut at = at;
            for field in fields {
                let size = size_of(&field.dtype);
                let count: u64 = field.shape.iter().product();
                for index in 0..count {
                    if !field.name.is_empty() {
                        steps.push(Step::Key(field.name.clone()));
                        if !field.shape.is_empty() {
                            steps.push(Step::Index(unravel(index, &field.shape)));
                        }
                        gather(&field.dtype, at, steps, found);
                        steps.truncate(steps.len() - 1 - usize::from(!field.shape.is_empty()));
                    }
                    at += size;
                }
            }
        }
        Dtype::Plain {
            kind: Kind::Complex,
            order,
            ..
        } => {
            let half = size_of(dtype) / 2;
            for (index, name) in ["real", "imag"].into_iter().enumerate() {
                let mut steps = steps.clone();
                steps.push(Step::Key(name.to_owned()));
                found.push(Part {
                    kind: Kind::Float,
                    order: *order,
                    at: at + index * half,
                    size: half,
                    steps,
                });
            }
        }
        Dtype::Plain { kind, order, .. } => found.push(Part {
            kind: *kind,
            order: *order,
            at,
            size: size_of(dtype),
            steps: steps.clone(),
        }),
    }
}

fn size_of(dtype: &Dtype) -> usize {
    dtype.size().unwrap_or_default() as usize
}

/// The index of an element in C order, one number for each axis.
fn unravel(index: u64, shape: &[u64]) -> Vec<u64> {
    let mut rest = index;
    let mut indices: Vec<u64> = Vec::new();
    for axis in shape.iter().rev() {
        indices.insert(0, rest % axis);
        rest /= axis;
    }
    indices
}

/// The path of a part of an element.
pub fn leaf_of(path: &OutcomePath, shape: &[u64], index: u64, part: &Part) -> OutcomePath {
    let mut leaf = path.clone();
    if !shape.is_empty() {
        leaf = leaf.step(Step::Index(unravel(index, shape)));
    }
    for step in &part.steps {
        leaf = leaf.step(step.clone());
    }
    leaf
}

/// Changes an array, or an element of it.
pub(super) fn change(random: &mut Random, array: &mut Array, path: &OutcomePath) -> Option<Change> {
    let here = |kind| Some(Change::at(Group::Arrays, kind, path.clone()));
    match random.below(10) {
        0..=4 => change_element(random, array, path),
        5 => here(another_dtype(random, array)?),
        6 => here(same_numbers(random, array)?),
        7 => here(another_shape(random, array)?),
        8 => here(another_layout(array)?),
        _ => Some(here(other_places(random, array)?)?.moved(true)),
    }
}

fn change_element(random: &mut Random, array: &mut Array, path: &OutcomePath) -> Option<Change> {
    let dtype = array.dtype().clone();
    let parts = parts(&dtype);
    let part = &parts[any(random, parts.len())?];
    let index = any(random, array.len() as usize)?;
    let mut data = array.data().into_owned();
    let from = index * size_of(&dtype) + part.at;
    let bytes = &mut data[from..from + part.size];
    let before = bytes.to_vec();
    let mut float = None;
    let kind = match part.kind {
        Kind::Float => {
            let number = read(bytes, part.order);
            let (kind, after) = another_element(random, number, part.size)?;
            write(bytes, part.order, after);
            float = Some([number, read(bytes, part.order)]);
            kind
        }
        Kind::Bool => {
            bytes[0] ^= 1;
            "the other boolean as an element"
        }
        Kind::Bytes | Kind::Unicode | Kind::Void => {
            let at = any(random, bytes.len())?;
            bytes[at] ^= 1 << random.below(8);
            "a bit of a text element flipped"
        }
        Kind::Int | Kind::Uint | Kind::Datetime | Kind::Timedelta | Kind::Complex => {
            let at = any(random, bytes.len())?;
            bytes[at] ^= 1 << random.below(8);
            "a bit of an integer element flipped"
        }
    };
    if bytes == before {
        return None;
    }
    let leaf = leaf_of(path, array.shape(), index as u64, part);
    let (shape, layout) = (array.shape().to_vec(), array.layout());
    *array = Array::new(dtype, shape, layout, data).ok()?;
    Some(Change {
        float,
        ..Change::at(Group::Arrays, kind, leaf).within(path.clone())
    })
}

/// A float of the precision that elements of so many bytes have; no other NaN.
fn another_element(random: &mut Random, number: f64, size: usize) -> Option<(&'static str, f64)> {
    let step = |up: bool| match size {
        2 => {
            let bits = half::f16::from_f64(number).to_bits();
            let bits = if up {
                bits.wrapping_add(1)
            } else {
                bits.wrapping_sub(1)
            };
            half::f16::from_bits(bits).to_f64()
        }
        4 if up => f64::from((number as f32).next_up()),
        4 => f64::from((number as f32).next_down()),
        _ if up => number.next_up(),
        _ => number.next_down(),
    };
    let (kind, after) = match random.below(3) {
        0 => ("an element one unit up", step(true)),
        1 => ("an element one unit down", step(false)),
        _ => another_float(random, number)?,
    };
    // Of the many NaNs one, as which of them it is isn't compared.
    let after = if after.is_nan() { f64::NAN } else { after };
    (!(number.is_nan() && after.is_nan())).then_some((kind, after))
}

fn read(bytes: &[u8], order: Order) -> f64 {
    let mut little = bytes.to_vec();
    if order == Order::Big {
        little.reverse();
    }
    match *little.as_slice() {
        [a, b] => half::f16::from_le_bytes([a, b]).to_f64(),
        [a, b, c, d] => f64::from(f32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => f64::NAN,
    }
}

fn write(bytes: &mut [u8], order: Order, number: f64) {
    let little = match bytes.len() {
        2 => half::f16::from_f64(number).to_le_bytes().to_vec(),
        4 => (number as f32).to_le_bytes().to_vec(),
        _ => number.to_le_bytes().to_vec(),
    };
    bytes.copy_from_slice(&little);
    if order == Order::Big {
        bytes.reverse();
    }
}

/// The same bytes under another description.
fn another_dtype(random: &mut Random, array: &mut Array) -> Option<&'static str> {
    let (kind, dtype) = match array.dtype().clone() {
        Dtype::Record(fields) => another_record(random, fields)?,
        Dtype::Plain {
            kind,
            order,
            size,
            unit,
        } => {
            let flipped = match order {
                Order::Little => Order::Big,
                Order::Big => Order::Little,
                Order::None => Order::None,
            };
            let plain = |kind, order, unit: &str| Dtype::Plain {
                kind,
                order,
                size,
                unit: unit.to_owned(),
            };
            if random.below(2) == 0 && order != Order::None {
                ("bytes of the other order", plain(kind, flipped, &unit))
            } else {
                match kind {
                    Kind::Bool => ("integers for booleans", plain(Kind::Uint, order, "")),
                    Kind::Int => ("unsigned for signed", plain(Kind::Uint, order, "")),
                    Kind::Uint => ("signed for unsigned", plain(Kind::Int, order, "")),
                    Kind::Float => (
                        "integers for the bits of floats",
                        plain(Kind::Int, order, ""),
                    ),
                    Kind::Complex => (
                        "void for complex numbers",
                        plain(Kind::Void, Order::None, ""),
                    ),
                    Kind::Datetime if unit == "[s]" => ("another unit", plain(kind, order, "[ms]")),
                    Kind::Datetime => ("durations for dates", plain(Kind::Timedelta, order, &unit)),
                    Kind::Timedelta => ("dates for durations", plain(Kind::Datetime, order, &unit)),
                    Kind::Bytes => ("void for bytes", plain(Kind::Void, order, "")),
                    Kind::Unicode => ("bytes for text", plain(Kind::Bytes, Order::None, "")),
                    Kind::Void => ("bytes for void", plain(Kind::Bytes, order, "")),
                }
            }
        }
    };
    let (shape, layout) = (array.shape().to_vec(), array.layout());
    *array = Array::new(dtype, shape, layout, array.data().into_owned()).ok()?;
    Some(kind)
}

fn another_record(random: &mut Random, mut fields: Vec<Field>) -> Option<(&'static str, Dtype)> {
    let named = |fields: &[Field]| -> Vec<usize> {
        let named = fields.iter().enumerate();
        named
            .filter(|(_, field)| !field.name.is_empty())
            .map(|(at, _)| at)
            .collect()
    };
    let known = named(&fields);
    let one = known[any(random, known.len())?];
    let kind = if random.below(2) == 0 {
        fields[one].name.push('_');
        "a field renamed"
    } else {
        let other = known[any(random, known.len())?];
        if one == other {
            return None;
        }
        let name = fields[one].name.clone();
        fields[one].name = std::mem::replace(&mut fields[other].name, name);
        "the names of two fields exchanged"
    };
    Some((kind, Dtype::Record(fields)))
}

/// The same numbers or texts in elements of another size or byte order.
fn same_numbers(random: &mut Random, array: &mut Array) -> Option<&'static str> {
    let Dtype::Plain {
        kind,
        order,
        size,
        unit,
    } = array.dtype().clone()
    else {
        return None;
    };
    let old = array.data().into_owned();
    let elements = || old.chunks_exact(size.max(1) as usize);
    let little = |element: &[u8]| {
        let mut bytes = element.to_vec();
        if order == Order::Big {
            bytes.reverse();
        }
        bytes
    };
    let plain = |kind, order, size| Dtype::Plain {
        kind,
        order,
        size,
        unit: unit.clone(),
    };
    let (name, dtype, data): (_, _, Vec<u8>) = match kind {
        Kind::Int | Kind::Uint if random.below(2) == 0 && size < 8 => {
            let wide = elements().flat_map(|element| {
                let mut bytes = little(element);
                let negative = kind == Kind::Int && bytes.last().is_some_and(|last| *last > 127);
                bytes.resize(2 * size as usize, if negative { 255 } else { 0 });
                bytes
            });
            let dtype = plain(kind, Order::Little, 2 * size);
            ("wider integers", dtype, wide.collect())
        }
        Kind::Float if random.below(2) == 0 => {
            let singles = size == 8;
            let other = elements().flat_map(|element| {
                let number = read(element, order);
                match singles {
                    true => (number as f32).to_le_bytes().to_vec(),
                    false => number.to_le_bytes().to_vec(),
                }
            });
            let dtype = plain(kind, Order::Little, if singles { 4 } else { 8 });
            ("floats of another precision", dtype, other.collect())
        }
        Kind::Bytes | Kind::Unicode => {
            let unit = if kind == Kind::Bytes { 1 } else { 4 };
            let wide = match size {
                0 => vec![0; (array.len() * unit) as usize],
                _ => elements()
                    .flat_map(|element| {
                        let mut bytes = element.to_vec();
                        bytes.resize((size + unit) as usize, 0);
                        bytes
                    })
                    .collect(),
            };
            (
                "room for a longer text",
                plain(kind, order, size + unit),
                wide,
            )
        }
        _ if order != Order::None && kind != Kind::Complex => {
            let flipped = if order == Order::Big {
                Order::Little
            } else {
                Order::Big
            };
            let reversed = elements().flat_map(|element| element.iter().rev().copied());
            let dtype = plain(kind, flipped, size);
            (
                "the same numbers in the other byte order",
                dtype,
                reversed.collect(),
            )
        }
        _ => return None,
    };
    let (shape, layout) = (array.shape().to_vec(), array.layout());
    *array = Array::new(dtype, shape, layout, data).ok()?;
    Some(name)
}

fn another_shape(random: &mut Random, array: &mut Array) -> Option<&'static str> {
    let mut shape = array.shape().to_vec();
    let mut data = array.data().into_owned();
    let kind = match random.below(5) {
        0 => {
            shape.insert(0, 1);
            "an axis more"
        }
        1 => {
            shape.push(1);
            "an axis more at the end"
        }
        2 => {
            shape.reverse();
            "the axes the other way round"
        }
        3 => {
            let row = data.len().checked_div(*shape.first()? as usize)?;
            data.truncate(data.len() - row);
            shape[0] -= 1;
            "a row dropped"
        }
        _ => {
            let row = data.len().checked_div(*shape.first()? as usize)?;
            data.extend_from_within(data.len() - row..);
            shape[0] += 1;
            "a row twice"
        }
    };
    if shape == array.shape() {
        return None;
    }
    let layout = match array.layout() {
        Layout::Scalar => Layout::C,
        layout => layout,
    };
    *array = Array::new(array.dtype().clone(), shape, layout, data).ok()?;
    Some(kind)
}

fn another_layout(array: &mut Array) -> Option<&'static str> {
    let (kind, layout) = match array.layout() {
        Layout::Scalar => ("an array for a scalar", Layout::C),
        Layout::Fortran => ("C order for Fortran order", Layout::C),
        Layout::C if array.shape().is_empty() => ("a scalar for an array", Layout::Scalar),
        Layout::C => ("Fortran order for C order", Layout::Fortran),
    };
    let (dtype, shape) = (array.dtype().clone(), array.shape().to_vec());
    let other = Array::new(dtype, shape, layout, array.data().into_owned()).ok()?;
    let changed = other.layout() != array.layout();
    *array = other;
    changed.then_some(kind)
}

/// Elements in other places, or all of them other ones.
fn other_places(random: &mut Random, array: &mut Array) -> Option<&'static str> {
    let size = size_of(array.dtype());
    let before = array.data().into_owned();
    // What lies between fields may differ, and a NaN be another one, without a difference.
    let exact = match array.dtype() {
        Dtype::Record(_) => false,
        Dtype::Plain { order, .. } => {
            let parts = parts(array.dtype());
            let floats = parts.iter().filter(|part| part.kind == Kind::Float);
            let widths: Vec<usize> = floats.map(|part| part.size).collect();
            widths.first().is_none_or(|&width| {
                let mut numbers = before.chunks_exact(width);
                numbers.all(|number| !read(number, *order).is_nan())
            })
        }
    };
    if size == 0 || !exact {
        return None;
    }
    let elements: Vec<&[u8]> = before.chunks_exact(size).collect();
    let (kind, data): (_, Vec<u8>) = match random.below(3) {
        0 => {
            let reversed = elements.iter().rev().copied();
            (
                "the elements reversed",
                reversed.flatten().copied().collect(),
            )
        }
        1 => {
            let one = any(random, elements.len())?;
            let other = any(random, elements.len())?;
            let mut swapped = elements.clone();
            swapped.swap(one, other);
            ("two elements exchanged", swapped.concat())
        }
        _ => ("all elements zero", vec![0; before.len()]),
    };
    if data == before {
        return None;
    }
    let (dtype, shape, layout) = (
        array.dtype().clone(),
        array.shape().to_vec(),
        array.layout(),
    );
    *array = Array::new(dtype, shape, layout, data).ok()?;
    Some(kind)
}
