//! One form for what counts as one value: any NaN is like any other, and padding holds nothing.

use parallax_runtime::array::{Array, Dtype, Field, Kind, Order};
use parallax_runtime::value::Value;

/// Bytes an element; an array that is in memory has elements that fit there.
pub fn bytes(dtype: &Dtype) -> usize {
    let size = dtype.size().and_then(|size| usize::try_from(size).ok());
    size.unwrap_or_default()
}

/// How many elements a field has in each element of its array.
pub fn repeats(field: &Field) -> usize {
    // An axis of length 0 leaves none, however long the others are.
    if field.shape.contains(&0) {
        return 0;
    }
    let count = field
        .shape
        .iter()
        .try_fold(1u64, |count, &axis| count.checked_mul(axis));
    count
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or_default()
}

/// A value in the form that all values equal to it have.
pub fn value(value: &Value) -> Value {
    match value {
        Value::Float(number) if number.is_nan() => Value::Float(f64::NAN),
        Value::List(items) => Value::List(items.iter().map(self::value).collect()),
        Value::Map(entries) => {
            let entries = entries.iter();
            Value::Map(
                entries
                    .map(|(key, entry)| (key.clone(), self::value(entry)))
                    .collect(),
            )
        }
        Value::Array(array) => Value::Array(self::array(array)),
        other => other.clone(),
    }
}

fn array(array: &Array) -> Array {
    let (dtype, shape) = (array.dtype().clone(), array.shape().to_vec());
    // The same bytes as before in number, so that they fit.
    Array::new(dtype, shape, array.layout(), data(array)).unwrap_or_else(|_| array.clone())
}

/// An array's elements in C order, in that form.
pub fn data(array: &Array) -> Vec<u8> {
    let mut data = array.data().into_owned();
    let dtype = array.dtype();
    match (bytes(dtype), may_vary(dtype)) {
        (0, _) | (_, false) => {}
        (size, true) => data
            .chunks_exact_mut(size)
            .for_each(|element| unify(dtype, element)),
    }
    data
}

/// Whether equal elements may have different bytes.
fn may_vary(dtype: &Dtype) -> bool {
    match dtype {
        Dtype::Plain { kind, .. } => matches!(kind, Kind::Float | Kind::Complex),
        Dtype::Record(_) => true,
    }
}

fn unify(dtype: &Dtype, element: &mut [u8]) {
    match dtype {
        Dtype::Record(fields) => {
            let mut rest = element;
            for field in fields {
                let size = bytes(&field.dtype);
                let (own, others) = rest.split_at_mut(size * repeats(field));
                rest = others;
                if field.name.is_empty() {
                    own.fill(0);
                } else if size > 0 && may_vary(&field.dtype) {
                    own.chunks_exact_mut(size)
                        .for_each(|element| unify(&field.dtype, element));
                }
            }
        }
        Dtype::Plain { kind, order, .. } => {
            let parts = match kind {
                Kind::Float => 1,
                Kind::Complex => 2,
                _ => return,
            };
            for part in element.chunks_exact_mut(element.len() / parts) {
                if is_nan(part, *order) {
                    part.fill(0xff);
                }
            }
        }
    }
}

fn is_nan(float: &[u8], order: Order) -> bool {
    let mut bytes = [0; 8];
    let length = float.len().min(8);
    bytes[..length].copy_from_slice(&float[..length]);
    if order == Order::Big {
        bytes[..length].reverse();
    }
    let bits = u64::from_le_bytes(bytes);
    match float.len() {
        2 => bits & 0x7fff > 0x7c00,
        4 => f32::from_bits(bits as u32).is_nan(),
        8 => f64::from_bits(bits).is_nan(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use parallax_runtime::array::Layout;
    use serde_json::json;

    use super::*;

    #[test]
    fn payloads_and_padding_are_gone_and_nothing_else() {
        let dtype = json!([["a", ">f4", [2]], ["", "|V2"], ["b", "<c16"], ["c", "|V1"]]);
        let dtype = Dtype::from_json(&dtype).unwrap();
        let mut element = Vec::new();
        element.extend(1f32.to_be_bytes());
        element.extend((-f32::NAN).to_be_bytes());
        element.extend([7, 8]);
        element.extend(f64::from_bits(f64::NAN.to_bits() | 1).to_le_bytes());
        element.extend((-0.0f64).to_le_bytes());
        element.push(9);
        let mut expected = element.clone();
        expected[4..8].fill(0xff);
        expected[8..10].fill(0);
        expected[10..18].fill(0xff);
        let array = Array::new(dtype, vec![1], Layout::C, element).unwrap();
        assert_eq!(data(&array), expected);
        assert_eq!(data(&super::array(&array)), expected);
    }
}
