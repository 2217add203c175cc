//! The two orders that elements can stand in.

/// Copies elements from C order (last axis fastest) to Fortran order (first axis fastest).
///
/// `data` holds exactly the elements that `shape` counts, `size` bytes each.
pub fn to_fortran(data: &[u8], shape: &[u64], size: usize) -> Vec<u8> {
    let reversed: Vec<u64> = shape.iter().rev().copied().collect();
    to_c(data, &reversed, size)
}

/// Copies elements from Fortran order to C order. It is the permutation of [`to_fortran`] for the reversed shape.
pub fn to_c(data: &[u8], shape: &[u64], size: usize) -> Vec<u8> {
    if data.is_empty() || size == 0 {
        return Vec::new();
    }
    // Distances in the source, in elements, of a step along each axis; all fit, as the elements are in memory.
    let axes: Vec<usize> = shape.iter().map(|&axis| axis as usize).collect();
    let mut strides = Vec::with_capacity(axes.len());
    let mut stride = 1;
    for axis in &axes {
        strides.push(stride);
        stride *= axis;
    }
    let (inner, step) = match (axes.last(), strides.last()) {
        (Some(&axis), Some(&stride)) => (axis, stride),
        _ => return data.to_vec(),
    };
    let outer = axes.len() - 1;
    let mut index = vec![0; outer];
    let mut start = 0;
    let mut copied = Vec::with_capacity(data.len());
    loop {
        for place in (0..inner).map(|position| start + position * step) {
            copied.extend_from_slice(&data[place * size..][..size]);
        }
        // The next index, last axis first, as an odometer goes.
        let mut axis = outer;
        loop {
            if axis == 0 {
                return copied;
            }
            axis -= 1;
            index[axis] += 1;
            start += strides[axis];
            if index[axis] < axes[axis] {
                break;
            }
            start -= axes[axis] * strides[axis];
            index[axis] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stand_where_numpy_puts_them() {
        // `arange(6).reshape(2, 3)` in both orders.
        assert_eq!(
            to_fortran(&[0, 1, 2, 3, 4, 5], &[2, 3], 1),
            [0, 3, 1, 4, 2, 5]
        );
        assert_eq!(to_c(&[0, 3, 1, 4, 2, 5], &[2, 3], 1), [0, 1, 2, 3, 4, 5]);
        let three: Vec<u8> = (0..48).collect();
        let fortran = to_fortran(&three, &[2, 3, 4], 2);
        // Element [1, 2, 0] is the 20th in C order, and the 5th in Fortran order.
        assert_eq!(fortran[10..12], three[40..42]);
        assert_eq!(to_c(&fortran, &[2, 3, 4], 2), three);
        assert_eq!(to_c(&[7], &[], 1), [7]);
        assert!(to_c(&[], &[0, 3], 4).is_empty());
    }
}
