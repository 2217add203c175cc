//! Inputs that are described rather than stored.

use serde::Deserialize;

/// An input that is described rather than stored.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Input {
    /// One string of `bytes` bytes of UTF-8: words, punctuation, lines.
    Text { bytes: usize, seed: u64 },
    /// One list of integers, both bounds included.
    Integers {
        count: usize,
        seed: u64,
        min: i64,
        max: i64,
    },
    /// One list of finite doubles between -1e6 and 1e6.
    Floats { count: usize, seed: u64 },
    /// One list, nested `depth` deep.
    Nested { depth: usize },
    /// One list of `{"id", "name", "group", "value"}`.
    Records { count: usize, seed: u64 },
    /// One numpy array.
    Array(ArrayInput),
}

/// An array by its description.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrayInput {
    /// As numpy names it, or as `.npy` files describe it: `float32`, `>i2`, `datetime64[s]`.
    pub dtype: String,
    /// The length of each axis, outermost first.
    pub shape: Vec<u64>,
    pub seed: u64,
    pub values: Values,
    #[serde(default)]
    pub special: Special,
    #[serde(default)]
    pub order: MemoryOrder,
}

/// What the elements are drawn from; both bounds are included where they are integers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Values {
    Uniform {
        min: f64,
        max: f64,
    },
    Normal {
        mean: f64,
        deviation: f64,
    },
    Integers {
        min: i64,
        max: i64,
    },
    Choice(Vec<f64>),
    /// `start`, `start + step`, `start + 2·step` …, each rounded once for the product and once for the sum.
    Ramp {
        start: f64,
        step: f64,
    },
}

/// The fractions of floats that become something special, whatever was drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Special {
    pub nan: f64,
    /// Of either sign.
    pub inf: f64,
    pub negative_zero: f64,
    /// Of either sign.
    pub subnormal: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum MemoryOrder {
    #[default]
    C,
    F,
}
