//! Generated arrays: their bytes stay, their values lie where they should, and what is no array is refused.

use parallax_runtime::array::{Array, Layout};

use crate::case::input::ArrayInput;

fn input(text: &str) -> ArrayInput {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

fn make(text: &str) -> Array {
    let input = input(text);
    assert_eq!(input.check(), Ok(()), "{text}");
    input.generate()
}

fn doubles(array: &Array) -> Vec<f64> {
    let data = array.data();
    let elements = data.chunks_exact(8);
    elements
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

/// Stored outcomes depend on these bytes: a change here is a change of the corpus.
#[test]
fn the_bytes_of_a_description_never_change() {
    for (text, expected) in [
        (
            "dtype = 'float64'\nshape = [2]\nseed = 1\nvalues = { uniform = { min = -1.0, max = 1.0 } }",
            "[88, 2, 137, 236, 45, 10, 193, 63, 116, 199, 178, 208, 198, 117, 223, 63]",
        ),
        (
            "dtype = 'float32'\nshape = [2]\nseed = 1\nvalues = { normal = { mean = 0.0, deviation = 1.0 } }",
            "[10, 81, 182, 63, 130, 112, 30, 191]",
        ),
        (
            "dtype = '>i2'\nshape = [3]\nseed = 1\nvalues = { integers = { min = -300, max = 300 } }",
            "[0, 40, 0, 148, 1, 27]",
        ),
        (
            "dtype = 'complex64'\nshape = []\nseed = 1\nvalues = { choice = [0.5, 2] }",
            "[0, 0, 0, 64, 0, 0, 0, 64]",
        ),
        (
            "dtype = 'uint8'\nshape = [2, 2]\nseed = 1\nvalues = { ramp = { start = 1, step = 3 } }\norder = 'F'",
            "[1, 4, 7, 10]",
        ),
    ] {
        let found = make(text);
        assert_eq!(format!("{:?}", found.data()), expected, "{text}");
    }
}

#[test]
fn every_dtype_is_filled_within_its_bounds() {
    for dtype in [
        "bool",
        "int8",
        "uint8",
        "int16",
        "uint16",
        "int32",
        "uint32",
        "int64",
        "uint64",
        "float16",
        "float32",
        "float64",
        "complex64",
        "complex128",
        ">f4",
        "datetime64[s]",
        "timedelta64[ms]",
    ] {
        let text = format!(
            "dtype = '{dtype}'\nshape = [3, 5]\nseed = 9\nvalues = {{ integers = {{ min = 0, max = 1 }} }}\norder = 'F'"
        );
        let array = make(&text);
        assert_eq!((array.len(), array.layout()), (15, Layout::Fortran));
        assert!(array.data().iter().any(|&byte| byte != 0), "{dtype}");
    }
    let text = "dtype = 'float64'\nshape = [1000]\nseed = 3\nvalues = { uniform = { min = 2.0, max = 3.0 } }";
    let values = doubles(&make(text));
    assert!(values.iter().all(|value| (2.0..3.0).contains(value)));
    assert_eq!(values, doubles(&make(text)), "the same every time");
}

#[test]
fn special_values_come_in_about_the_fraction_asked_for() {
    let text = "dtype = 'float64'\nshape = [10000]\nseed = 3\nvalues = { uniform = { min = 1.0, max = 2.0 } }\nspecial = { nan = 0.1, inf = 0.1, negative_zero = 0.1, subnormal = 0.1 }";
    let values = doubles(&make(text));
    let share = |what: fn(&f64) -> bool| values.iter().filter(|value| what(value)).count();
    for count in [
        share(|value| value.is_nan()),
        share(|value| value.is_infinite()),
        share(|value| value.to_bits() == 1 << 63),
        share(|value| value.is_subnormal()),
    ] {
        assert!((900..1100).contains(&count), "{count}");
    }
    for (dtype, width) in [("float16", 2), ("float32", 4)] {
        let text = format!(
            "dtype = '{dtype}'\nshape = [50]\nseed = 3\nvalues = {{ choice = [1] }}\nspecial = {{ subnormal = 1.0 }}"
        );
        let array = make(&text);
        for bytes in array.data().chunks_exact(width) {
            let high = match width {
                2 => u32::from(u16::from_le_bytes(bytes.try_into().unwrap())) << 16 & 0x7c00_0000,
                _ => u32::from_le_bytes(bytes.try_into().unwrap()) & 0x7f80_0000,
            };
            assert_eq!(high, 0, "{dtype}: the exponent of a subnormal number");
            let last = width - 1;
            assert!(bytes[..last].iter().any(|&byte| byte != 0) || bytes[last] & 0x7f != 0);
        }
    }
}

#[test]
fn what_is_no_array_is_refused_in_words() {
    for (text, expected) in [
        (
            "dtype = 'float99'\nshape = []\nvalues = { choice = [1] }",
            "\"float99\" is not known",
        ),
        (
            "dtype = '<U3'\nshape = []\nvalues = { choice = [1] }",
            "<U3 can't be generated",
        ),
        (
            "dtype = 'int8'\nshape = [99999, 99999]\nvalues = { choice = [1] }",
            "larger than 64 MiB",
        ),
        (
            "dtype = 'int8'\nshape = [9]\norder = 'F'\nvalues = { choice = [1] }",
            "needs two axes",
        ),
        (
            "dtype = 'int8'\nshape = [9]\nvalues = { integers = { min = 0, max = 128 } }",
            "no range of int8",
        ),
        (
            "dtype = 'int8'\nshape = [9]\nvalues = { uniform = { min = 0.0, max = 1.0 } }",
            "int8 takes integers",
        ),
        (
            "dtype = 'uint8'\nshape = [9]\nvalues = { choice = [0.5] }",
            "choice holds no uint8",
        ),
        (
            "dtype = 'uint8'\nshape = [9]\nvalues = { ramp = { start = 0, step = 32 } }",
            "the ramp leaves uint8",
        ),
        (
            "dtype = 'float32'\nshape = [9]\nvalues = { uniform = { min = 1.0, max = 0.0 } }",
            "no range",
        ),
        (
            "dtype = 'int8'\nshape = [9]\nvalues = { choice = [1] }\nspecial = { nan = 0.5 }",
            "no such values",
        ),
        (
            "dtype = 'float32'\nshape = [9]\nvalues = { choice = [1] }\nspecial = { nan = 0.6, inf = 0.6 }",
            "their sum",
        ),
    ] {
        let reason = input(&format!("seed = 1\n{text}")).check().unwrap_err();
        assert!(reason.contains(expected), "{text}: {reason}");
    }
}
