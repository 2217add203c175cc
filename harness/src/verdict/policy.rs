//! How far two results may be apart, and how far they were seen: the rows of `policy.toml`, and which holds where in a case's outputs.

use std::collections::BTreeMap;
use std::fmt;

use parallax_runtime::marshal::json_base64;

use crate::path::{OutcomePath, Step};

/// The formats of floats, each with its own unit in the last place; a complex number is two of them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    Half,
    Single,
    Double,
}

impl Precision {
    pub const ALL: [Precision; 3] = [Precision::Half, Precision::Single, Precision::Double];

    pub fn name(self) -> &'static str {
        match self {
            Precision::Half => "f16",
            Precision::Single => "f32",
            Precision::Double => "f64",
        }
    }

    /// The distance from 1 to the next number.
    pub fn epsilon(self) -> f64 {
        match self {
            Precision::Half => 1.0 / 1024.0,
            Precision::Single => f64::from(f32::EPSILON),
            Precision::Double => f64::EPSILON,
        }
    }
}

/// A bound, and the largest distance seen when it was written down, so that a loose bound shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bound<T> {
    pub most: T,
    pub worst: T,
}

/// How the distance between floats is measured. Integers, texts and everything else have none: they are equal or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Element by element, in units in the last place, by precision; zeros of different sign are never near.
    Ulp([Bound<u64>; 3]),
    /// The largest difference of an array's elements against n·eps·scale: for sums of many terms, where a unit in the last place of a result near zero means nothing.
    ///
    /// eps is that of the array's precision; [`Place`] says what n and scale are. Zeros of different sign are 0 apart, which the rule allows.
    Norm(Bound<f64>),
}

/// What may differ between two right answers, and is taken away before they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// The elements along the first axis come in any order, as an unstable sort or a partition leaves them.
    AnyOrder,
    /// Each column of a matrix may have the other sign, as eigenvectors and left singular vectors may.
    SignOfColumns,
    /// Each row of a matrix may have the other sign, as right singular vectors may.
    SignOfRows,
}

impl Property {
    fn name(self) -> &'static str {
        match self {
            Property::AnyOrder => "in any order",
            Property::SignOfColumns => "up to the sign of columns",
            Property::SignOfRows => "up to the sign of rows",
        }
    }
}

/// One row of `policy.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub name: String,
    pub rule: Rule,
    pub property: Option<Property>,
    /// A 64-bit integer array of the reference may be a 32-bit one of the candidate, its values being the same.
    pub narrow_integers: bool,
}

impl Policy {
    /// Every bit counts.
    pub fn exact() -> Self {
        Self::ulp("exact", 0)
    }

    /// The same bound for floats of every precision.
    pub fn ulp(name: &str, most: u64) -> Self {
        Policy {
            name: name.to_owned(),
            rule: Rule::Ulp([Bound { most, worst: 0 }; 3]),
            property: None,
            narrow_integers: false,
        }
    }

    /// Whether this policy allows no difference at all.
    pub fn is_exact(&self) -> bool {
        let Rule::Ulp(bounds) = self.rule else {
            return false;
        };
        let nothing = bounds.iter().all(|bound| bound.most == 0);
        nothing && self.property.is_none() && !self.narrow_integers
    }

    /// The largest distances that pass.
    pub fn bound(&self) -> Worst {
        match self.rule {
            Rule::Ulp(bounds) => Worst {
                ulp: bounds.map(|bound| bound.most),
                norm: None,
            },
            Rule::Norm(bound) => Worst {
                ulp: [0; 3],
                norm: Some(bound.most),
            },
        }
    }

    /// The distances that the row says were seen.
    pub fn recorded(&self) -> Worst {
        match self.rule {
            Rule::Ulp(bounds) => Worst {
                ulp: bounds.map(|bound| bound.worst),
                norm: None,
            },
            Rule::Norm(bound) => Worst {
                ulp: [0; 3],
                norm: Some(bound.worst),
            },
        }
    }
}

/// What a policy allows, in words: `f64 1 ulp, f32 3 ulp`, `4 n·eps, up to the sign of rows`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bound())?;
        if let Some(property) = self.property {
            write!(f, ", {}", property.name())?;
        }
        if self.narrow_integers {
            f.write_str(", int64 as int32")?;
        }
        Ok(())
    }
}

/// A distance between two floats, in the unit that the policy measures in.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distance {
    Ulp(Precision, u64),
    /// In units of n·eps·scale.
    Norm(#[serde(with = "super::number")] f64),
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Distance::Ulp(_, ulp) => write!(f, "{ulp} ulp"),
            Distance::Norm(norm) => write!(f, "{} n·eps", rounded_up(*norm)),
        }
    }
}

/// The largest distances seen, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worst {
    /// In the order of [`Precision::ALL`].
    pub ulp: [u64; 3],
    #[serde(with = "super::number::optional")]
    pub norm: Option<f64>,
}

impl Worst {
    /// Takes note of one distance.
    pub fn see(&mut self, distance: Distance) {
        match distance {
            Distance::Ulp(precision, ulp) => {
                let seen = &mut self.ulp[precision as usize];
                *seen = (*seen).max(ulp);
            }
            Distance::Norm(norm) => self.norm = Some(self.norm.map_or(norm, |seen| seen.max(norm))),
        }
    }

    /// Takes note of all that another has seen.
    pub fn merge(&mut self, other: &Worst) {
        for precision in Precision::ALL {
            self.see(Distance::Ulp(precision, other.ulp[precision as usize]));
        }
        if let Some(norm) = other.norm {
            self.see(Distance::Norm(norm));
        }
    }

    /// Whether something lies further apart than what another has seen.
    pub fn exceeds(&self, other: &Worst) -> bool {
        let beyond = self.ulp.iter().zip(other.ulp).any(|(a, b)| *a > b);
        beyond || self.norm.unwrap_or(0.0) > other.norm.unwrap_or(0.0)
    }
}

impl fmt::Display for Worst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Precision::ALL
            .into_iter()
            .rev()
            .filter(|&precision| self.ulp[precision as usize] > 0)
            .map(|precision| format!("{} {} ulp", precision.name(), self.ulp[precision as usize]))
            .collect();
        parts.extend(self.norm.map(|norm| format!("{} n·eps", rounded_up(norm))));
        if parts.is_empty() {
            parts.push("0 ulp".to_owned());
        }
        f.write_str(&parts.join(", "))
    }
}

/// Three digits, rounded up: what is written down as the worst must cover what was seen.
pub fn rounded_up(norm: f64) -> String {
    if norm == 0.0 || !norm.is_finite() {
        return norm.to_string();
    }
    // Above a thousand no digit is dropped, and below it no more than three are kept.
    let digits = (2.0 - norm.log10().floor()).clamp(0.0, 300.0);
    let factor = 10f64.powf(digits);
    let text = format!("{:.*}", digits as usize, (norm * factor).ceil() / factor);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A policy, and the place in the outputs where it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Covers what lies below it, too; may leave indices open.
    pub path: OutcomePath,
    pub policy: Policy,
    /// What a norm-wise distance is relative to; otherwise the largest magnitude among the reference's finite elements.
    pub scale: Option<f64>,
    /// The n of n·eps: how many terms the longest sum has. A policy with a norm has it, no other.
    pub terms: Option<u64>,
    /// Places of one group share their signs, or their order. Without a name, those of one output do.
    pub group: Option<String>,
}

impl Place {
    /// A policy for all outputs.
    pub fn everywhere(policy: Policy, terms: Option<u64>) -> Self {
        Place {
            path: OutcomePath::root("outputs"),
            policy,
            scale: None,
            terms,
            group: None,
        }
    }
}

/// The policies of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Policies {
    /// Holds wherever no other does.
    default: Place,
    places: Vec<Place>,
}

impl Policies {
    pub fn new(default: Place, places: Vec<Place>) -> Self {
        Policies { default, places }
    }

    /// The one that holds where no place is named.
    pub fn default_policy(&self) -> &Policy {
        &self.default.policy
    }

    /// The one that holds where no place is named, as a place.
    pub fn default_place(&self) -> &Place {
        &self.default
    }

    /// What the case says of parts of its outputs.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Which of the places holds at a path, if one does: the one that names it most precisely.
    pub fn position(&self, path: &OutcomePath) -> Option<usize> {
        let covering = self.places.iter().enumerate();
        covering
            .filter(|(_, place)| place.path.covers(path))
            .max_by_key(|(_, place)| place.path.precision())
            .map(|(index, _)| index)
    }

    /// The same at a value's path.
    pub fn position_of_value(&self, path: json_base64::Path<'_>) -> Option<usize> {
        let covering = self.places.iter().enumerate();
        covering
            .filter(|(_, place)| place.path.covers_value(path))
            .max_by_key(|(_, place)| place.path.precision())
            .map(|(index, _)| index)
    }

    /// The policy that holds at a path.
    pub fn at(&self, path: &OutcomePath) -> &Place {
        self.position(path)
            .map_or(&self.default, |index| &self.places[index])
    }

    /// The policy that holds at a value's path.
    pub fn at_value(&self, path: json_base64::Path<'_>) -> &Place {
        self.position_of_value(path)
            .map_or(&self.default, |index| &self.places[index])
    }

    /// Places that lie within a value, with the steps that lead from it to them.
    pub fn within(&self, path: &OutcomePath) -> Vec<(usize, &[Step])> {
        let places = self.places.iter().enumerate();
        places
            .filter_map(|(index, place)| Some((index, place.path.below(path)?)))
            .collect()
    }

    /// Each policy once, by its name.
    pub fn by_name(&self) -> BTreeMap<&str, &Policy> {
        std::iter::once(&self.default)
            .chain(&self.places)
            .map(|place| (place.policy.name.as_str(), &place.policy))
            .collect()
    }
}

impl From<Policy> for Policies {
    fn from(policy: Policy) -> Self {
        Policies::new(Place::everywhere(policy, None), Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str, name: &str) -> Place {
        Place {
            path: path.parse().unwrap(),
            ..Place::everywhere(Policy::ulp(name, 1), None)
        }
    }

    #[test]
    fn the_most_precise_path_decides() {
        let places = vec![
            place("outputs[0]", "item"),
            place("outputs[0].x", "x"),
            place("outputs[1]", "other"),
            place("outputs[*].y", "any"),
            place("outputs[1].y", "one"),
        ];
        let policies = Policies::new(Place::everywhere(Policy::exact(), None), places);
        for (path, expected) in [
            ("outputs[0]", "item"),
            ("outputs[0].x", "x"),
            ("outputs[0].x[3]", "x"),
            ("outputs[0].xy", "item"),
            ("outputs[10]", "exact"),
            ("outputs[10].y", "any"),
            ("outputs[1].y", "one"),
        ] {
            let place = policies.at(&path.parse().unwrap());
            assert_eq!(place.policy.name, expected, "{path}");
        }
        let names: Vec<&str> = policies.by_name().into_keys().collect();
        assert_eq!(names, ["any", "exact", "item", "one", "other", "x"]);
    }

    #[test]
    fn a_distance_is_shown_in_few_digits_and_never_too_small() {
        for (norm, expected) in [
            (0.0, "0"),
            (0.123_41, "0.124"),
            (2.0, "2"),
            (1.0001, "1.01"),
            (98_765.4, "98766"),
            (0.000_012_34, "0.0000124"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(rounded_up(norm), expected);
        }
    }

    #[test]
    fn the_worst_is_kept_by_kind() {
        let mut worst = Worst::default();
        assert_eq!(worst.to_string(), "0 ulp");
        worst.see(Distance::Ulp(Precision::Single, 3));
        worst.see(Distance::Ulp(Precision::Single, 2));
        worst.see(Distance::Ulp(Precision::Double, 1));
        assert_eq!(worst.to_string(), "f64 1 ulp, f32 3 ulp");
        let mut other = Worst::default();
        other.see(Distance::Norm(0.5));
        assert!(other.exceeds(&worst) && worst.exceeds(&other));
        other.merge(&worst);
        assert_eq!(other.to_string(), "f64 1 ulp, f32 3 ulp, 0.5 n·eps");
        assert!(!other.exceeds(&other));
    }
}
