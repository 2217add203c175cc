//! Floats with a tolerance, pinned as few numbers that tell of each.

use parallax_runtime::marshal::json_base64::{self, Path};
use parallax_runtime::value::Value;
use serde_json::Value as Json;

use crate::verdict::compare::{float, norm};
use crate::verdict::policy::{Place, Precision, Rule};

/// Upper bound on the floats that are pinned one by one.
const ONE_BY_ONE: usize = 64;

/// Into how many sums more of them are gathered.
const SUMS: usize = 32;

/// Numbers on a line of the document.
const ON_A_LINE: usize = 8;

/// How many bounds lie between two right answers: each may be one away from a third, on either side.
const BOUNDS: f64 = 2.0;

/// Upper bound on the rounding of a sum, in units of its terms' magnitude: two, and the division by the number of terms.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// Beyond this, floats are made smaller before they are added, so that no sum is infinite.
const LARGE: f64 = 2e288;

/// What they are then multiplied with: a power of two, which rounds nothing.
const SMALLER: f64 = 1.0 / (1u64 << 60) as f64;

/// Floats, or weighted sums of them, each with the distance within which it is met.
pub struct Numbers {
    numbers: Vec<f64>,
    within: Vec<f64>,
    are_sums: bool,
}

/// A float and the distance within which it is met.
#[derive(Clone, Copy)]
pub struct Near {
    pub value: f64,
    within: f64,
    /// The smallest normal float of its precision, where the distance is in proportion to the float itself.
    normal: Option<f64>,
    /// Whether the sign is pinned beside it.
    signed: bool,
}

impl Near {
    /// A float with what a place allows; nothing where it has no tolerance.
    ///
    /// `largest` is the largest magnitude of the array, for a norm that is relative to it; a float that is in none is alone.
    pub fn of(
        place: &Place,
        precision: Precision,
        value: f64,
        largest: Option<f64>,
    ) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let in_proportion = has_sign(place) || largest.is_none();
        let largest = largest.unwrap_or(value.abs());
        let distance = match place.policy.rule {
            Rule::Ulp(bounds) => match bounds[precision as usize].most {
                0 => return None,
                // As wide as above the value, where a unit may be twice the one below.
                most => most as f64 * spacing(value, precision),
            },
            Rule::Norm(bound) if bound.most > 0.0 => {
                bound.most * norm::unit(place, precision, largest)
            }
            Rule::Norm(_) => return None,
        };
        Some(Near {
            value,
            within: BOUNDS * distance,
            normal: in_proportion.then(|| smallest_normal(precision)),
            signed: has_sign(place),
        })
    }

    /// The float by its logarithm, so that a small one counts as much beside a large one as alone; its own distance becomes one of logarithms.
    fn logarithm(&self) -> Option<Self> {
        let normal = self.normal?;
        let logarithm = |float: f64| {
            // Straight through zero, where a logarithm has no value.
            let logarithm = (normal + float.abs().min(f64::MAX)).log2();
            match self.signed {
                true => logarithm,
                // A large number, which is rounded more: only where the sign has to be told by it.
                false => (logarithm - normal.log2()).copysign(float),
            }
        };
        let value = logarithm(self.value);
        let distance = |float: f64| (logarithm(float) - value).abs();
        let [low, high] = [self.value - self.within, self.value + self.within];
        // The nearest to zero that is allowed may be further off than the bounds.
        let nearest = 0f64.clamp(low, high);
        Some(Near {
            value,
            within: distance(low).max(distance(high)).max(distance(nearest)),
            normal: None,
            signed: self.signed,
        })
    }
}

/// Whether the sign of a float with a tolerance is exact all the same.
pub fn has_sign(place: &Place) -> bool {
    matches!(place.policy.rule, Rule::Ulp(_))
}

/// The distance to the next finite float of a precision, away from zero where there is one.
fn spacing(value: f64, precision: Precision) -> f64 {
    let magnitude = float::rounded(value.abs(), precision);
    let bits = u64::from_le_bytes(magnitude);
    let at = |bits: u64| float::to_double(&bits.to_le_bytes()[..float::width(precision)]);
    let above = at(bits + 1) - at(bits);
    if above.is_finite() {
        above
    } else {
        at(bits) - at(bits - 1)
    }
}

/// The smallest float of a precision that has all of its digits.
fn smallest_normal(precision: Precision) -> f64 {
    match precision {
        Precision::Half => 2f64.powi(-14),
        Precision::Single => f64::from(f32::MIN_POSITIVE),
        Precision::Double => f64::MIN_POSITIVE,
    }
}

/// A float's place among all, and what stands for it.
type Term = (u64, Near);

/// The weighted sum of some floats, and the distance within which it is met.
fn sum(terms: impl Iterator<Item = Term>, factor: f64) -> (f64, f64) {
    let mut sum = Sum::default();
    let (mut within, mut magnitude) = (0.0, 0.0);
    for (index, near) in terms {
        let weight = factor * weight(index);
        sum.add(weight * near.value);
        within += weight * near.within;
        magnitude += weight * near.value.abs();
    }
    (sum.value(), within + ROUNDING * magnitude)
}

impl Numbers {
    /// Few floats one by one; many as sums of neighbours, each with a weight of its own, so that neither a changed value nor two that have changed places leave the sum as it was.
    ///
    /// Where tolerances are in proportion to the floats, their logarithms are summed, too: in the other sums, a change of a small float is less than what a large one is allowed.
    pub fn of(floats: &[Near]) -> Self {
        if floats.len() <= ONE_BY_ONE {
            return Numbers {
                numbers: floats.iter().map(|near| near.value).collect(),
                within: floats.iter().map(|near| near.within).collect(),
                are_sums: false,
            };
        }
        let length = floats.len().div_ceil(SUMS);
        let large = floats.iter().any(|near| near.value.abs() > LARGE);
        let factor = if large { SMALLER } else { 1.0 };
        let terms: Vec<Term> = (0..).zip(floats.iter().copied()).collect();
        let chunks = || terms.chunks(length);
        let plain = chunks().map(|chunk| sum(chunk.iter().copied(), factor));
        let in_proportion = floats.iter().any(|near| near.normal.is_some());
        let logarithms = chunks().filter(|_| in_proportion).map(|chunk| {
            let terms = chunk.iter();
            sum(
                terms.filter_map(|(index, near)| Some((*index, near.logarithm()?))),
                1.0,
            )
        });
        let (numbers, within) = plain.chain(logarithms).unzip();
        Numbers {
            numbers,
            within,
            are_sums: true,
        }
    }

    /// What the document calls them.
    pub fn key(&self) -> &'static str {
        if self.are_sums { "sums" } else { "near" }
    }

    /// Lines of numbers, each the shortest text that reads back to it.
    pub fn document(&self) -> Json {
        let lines = self.numbers.chunks(ON_A_LINE).map(|numbers| {
            let numbers: Vec<String> = numbers.iter().map(|number| format!("{number:?}")).collect();
            Json::from(numbers.join(" "))
        });
        Json::Array(lines.collect())
    }

    /// Whether lines of numbers are these, within what is allowed.
    pub fn accept(&self, pinned: &Json) -> bool {
        let Json::Array(lines) = pinned else {
            return false;
        };
        let numbers: Option<Vec<f64>> = lines
            .iter()
            .flat_map(|line| line.as_str().unwrap_or("no line").split(' '))
            .map(|number| number.parse().ok())
            .collect();
        numbers.is_some_and(|numbers| self.are_near(&numbers))
    }

    /// Whether a number of a document is the only one of these; `signed`: and has its sign.
    pub fn accept_one(&self, pinned: &Json, signed: bool) -> bool {
        match json_base64::decode(pinned.clone(), Path::Root("pinned")) {
            Ok(Value::Float(number)) => {
                let same_side = |own: &f64| own.is_sign_negative() == number.is_sign_negative();
                self.are_near(&[number]) && (!signed || self.numbers.iter().all(same_side))
            }
            _ => false,
        }
    }

    fn are_near(&self, pinned: &[f64]) -> bool {
        let own = self.numbers.iter().zip(&self.within);
        pinned.len() == self.numbers.len()
            && own
                .zip(pinned)
                .all(|((number, within), other)| (number - other).abs() <= *within)
    }
}

/// Between 1 and 2, another one for each place: the upper bits of the finaliser of SplitMix64 (Steele, Lea, Flood, 2014).
fn weight(index: u64) -> f64 {
    let mut bits = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    1.0 + (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// A sum that carries what rounding has cut off (Neumaier, 1974).
#[derive(Default)]
pub struct Sum {
    sum: f64,
    rest: f64,
}

impl Sum {
    pub fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        self.rest += if self.sum.abs() >= term.abs() {
            (self.sum - sum) + term
        } else {
            (term - sum) + self.sum
        };
        self.sum = sum;
    }

    pub fn value(&self) -> f64 {
        self.sum + self.rest
    }
}

/// The weight of a vector's element when its sign is decided.
pub fn sign_weight(index: usize) -> f64 {
    weight(index as u64)
}
