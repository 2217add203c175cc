//! Numpy arrays that are described in a few words: every bit is made here, so that both legs receive the same ones.

use half::f16;
use parallax_runtime::array::{Array, Dtype, Kind, Layout, Order};

use super::random::Random;
use crate::case::input::{ArrayInput, MemoryOrder, Special, Values};

/// Upper bound on an array's bytes. A larger one belongs into a test of limits.
const MOST_BYTES: u64 = 64 << 20;

impl ArrayInput {
    /// Says what keeps the description from being an array.
    pub fn check(&self) -> Result<(), String> {
        let dtype: Dtype = self.dtype.parse().map_err(|error| format!("{error}"))?;
        let Dtype::Plain { kind, size, .. } = dtype else {
            return Err("records can't be generated".to_owned());
        };
        let bytes = self
            .shape
            .iter()
            .try_fold(size, |product, &axis| product.checked_mul(axis));
        if bytes.is_none_or(|bytes| bytes > MOST_BYTES) {
            return Err(format!("larger than {} MiB", MOST_BYTES >> 20));
        }
        let float = matches!(kind, Kind::Float | Kind::Complex);
        let whole = matches!(
            kind,
            Kind::Bool | Kind::Int | Kind::Uint | Kind::Datetime | Kind::Timedelta
        );
        if !float && !whole {
            return Err(format!("{} can't be generated", self.dtype));
        }
        if self.order == MemoryOrder::F && self.shape.iter().filter(|&&axis| axis > 1).count() < 2 {
            return Err("order = \"F\" needs two axes longer than 1".to_owned());
        }
        let Special {
            nan,
            inf,
            negative_zero,
            subnormal,
        } = self.special;
        let fractions = [nan, inf, negative_zero, subnormal];
        let sum: f64 = fractions.iter().sum();
        if fractions
            .iter()
            .any(|fraction| !(0.0..=1.0).contains(fraction))
            || sum > 1.0
        {
            return Err("special: fractions lie between 0 and 1, and so does their sum".to_owned());
        }
        if sum > 0.0 && !float {
            return Err(format!("special: {} has no such values", self.dtype));
        }
        self.check_values(float, range(kind, size))
    }

    fn check_values(&self, float: bool, (least, most): (i128, i128)) -> Result<(), String> {
        match &self.values {
            Values::Uniform { min, max } if float => {
                if min <= max && (max - min).is_finite() {
                    return Ok(());
                }
                Err("values: min and max are no range".to_owned())
            }
            Values::Normal { mean, deviation } if float => {
                if mean.is_finite() && deviation.is_finite() {
                    return Ok(());
                }
                Err("values: mean and deviation are finite numbers".to_owned())
            }
            Values::Uniform { .. } | Values::Normal { .. } => Err(format!(
                "values: {} takes integers, choice or ramp",
                self.dtype
            )),
            Values::Integers { min, max } => {
                let fits = |value: i64| float || (least..=most).contains(&i128::from(value));
                if min <= max && fits(*min) && fits(*max) {
                    return Ok(());
                }
                Err(format!(
                    "values: min and max are no range of {}",
                    self.dtype
                ))
            }
            Values::Choice(values) => {
                let whole = |value: &f64| {
                    value.fract() == 0.0 && (least..=most).contains(&(*value as i128))
                };
                if !values.is_empty() && (float || values.iter().all(whole)) {
                    return Ok(());
                }
                Err(format!(
                    "values: choice holds no {}, or nothing",
                    self.dtype
                ))
            }
            Values::Ramp { start, step } => {
                let last = self.shape.iter().product::<u64>().saturating_sub(1);
                let end = start + step * last as f64;
                let whole =
                    |value: f64| value.fract() == 0.0 && (least..=most).contains(&(value as i128));
                if end.is_finite() && (float || (whole(*start) && whole(*step) && whole(end))) {
                    return Ok(());
                }
                Err(format!("values: the ramp leaves {}", self.dtype))
            }
        }
    }

    /// The array; elements are drawn in C order, so that the memory order doesn't change them.
    ///
    /// # Panics
    /// The description wasn't checked.
    pub fn generate(&self) -> Array {
        let dtype: Dtype = self.dtype.parse().unwrap_or_else(|error| panic!("{error}"));
        let Dtype::Plain {
            kind, order, size, ..
        } = dtype
        else {
            panic!("records can't be generated");
        };
        let count: u64 = self.shape.iter().product();
        let (parts, width) = match kind {
            Kind::Complex => (2 * count, size / 2),
            _ => (count, size),
        };
        let mut random = Random(self.seed);
        let mut data = Vec::new();
        for index in 0..parts {
            let start = data.len();
            match kind {
                Kind::Float | Kind::Complex => {
                    let value = self.float(&mut random, index);
                    let bits = self.with_specials(&mut random, value, width);
                    data.extend_from_slice(&bits.to_le_bytes()[..width as usize]);
                }
                _ => {
                    let value = self.integer(&mut random, index);
                    data.extend_from_slice(&value.to_le_bytes()[..width as usize]);
                }
            }
            if order == Order::Big {
                data[start..].reverse();
            }
        }
        let layout = match self.order {
            MemoryOrder::C => Layout::C,
            MemoryOrder::F => Layout::Fortran,
        };
        let dtype = self.dtype.parse().unwrap_or_else(|error| panic!("{error}"));
        Array::new(dtype, self.shape.clone(), layout, data)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn float(&self, random: &mut Random, index: u64) -> f64 {
        match &self.values {
            Values::Uniform { min, max } => min + random.unit() * (max - min),
            Values::Normal { mean, deviation } => mean + random.normal() * deviation,
            Values::Integers { min, max } => random.between(*min, *max) as f64,
            Values::Choice(values) => values[random.below(values.len() as u64) as usize],
            Values::Ramp { start, step } => start + step * index as f64,
        }
    }

    /// Exact where the value comes from integers; 64 bits hold every integer dtype's.
    fn integer(&self, random: &mut Random, index: u64) -> i64 {
        match &self.values {
            Values::Integers { min, max } => random.between(*min, *max),
            _ => self.float(random, index) as i64,
        }
    }

    /// The bits of a float of `width` bytes, or of the special value that takes its place.
    fn with_specials(&self, random: &mut Random, value: f64, width: u64) -> u64 {
        // Without special values none are drawn, so that these descriptions keep their numbers.
        if self.special == Special::default() {
            return float_bits(value, width);
        }
        let Special {
            nan,
            inf,
            negative_zero,
            subnormal,
        } = self.special;
        let (drawn, more) = (random.unit(), random.bits());
        let signed = |value: f64| if more & 1 == 0 { value } else { -value };
        if drawn < nan {
            float_bits(f64::NAN, width)
        } else if drawn < nan + inf {
            float_bits(signed(f64::INFINITY), width)
        } else if drawn < nan + inf + negative_zero {
            float_bits(-0.0, width)
        } else if drawn < nan + inf + negative_zero + subnormal {
            let fraction = match width {
                2 => 10,
                4 => 23,
                _ => 52,
            };
            // A subnormal number is a fraction that isn't 0, and a sign.
            float_bits(signed(0.0), width) | ((more >> 1) % ((1 << fraction) - 1) + 1)
        } else {
            float_bits(value, width)
        }
    }
}

fn float_bits(value: f64, width: u64) -> u64 {
    match width {
        // `from_f64` may round twice, by way of f32.
        2 => u64::from(f16::from_f64_const(value).to_bits()),
        4 => u64::from((value as f32).to_bits()),
        _ => value.to_bits(),
    }
}

/// The least and the largest integer of a dtype, as far as descriptions can name them.
fn range(kind: Kind, size: u64) -> (i128, i128) {
    let bits = size * 8;
    match kind {
        Kind::Bool => (0, 1),
        Kind::Uint => (0, (1i128 << bits.min(64)) - 1),
        _ => (
            -(1i128 << (bits.min(64) - 1)),
            (1i128 << (bits.min(64) - 1)) - 1,
        ),
    }
}
