//! What a property leaves open is decided in one way, so that every right answer has the same pinned form.
//!
//! An order is the sorted one. A vector's sign is the one in which a weighted sum of its elements is positive: which weights doesn't matter, and unlike that of the largest element, no such sum is near zero by design of the problem.
//! As in a comparison, the arrays and lists of a group share their order or signs: the first of them decides.

use std::collections::BTreeMap;

use parallax_runtime::array::Array;
use parallax_runtime::marshal::json_base64::Path;
use parallax_runtime::value::Value;

use super::numbers::{Sum, sign_weight};
use crate::path::{OutcomePath, Step};
use crate::verdict::compare::element::floats;
use crate::verdict::compare::member::{holds, matrix};
use crate::verdict::compare::order::Rows;
use crate::verdict::compare::signs::{numbers, turned};
use crate::verdict::compare::vectors::{vector, vectors};
use crate::verdict::policy::{Place, Policies, Property};

/// How the parts of an outcome that have a property are aligned, by their paths.
pub struct Alignments(BTreeMap<OutcomePath, Alignment>);

/// How one array or list is aligned.
#[derive(Clone)]
pub enum Alignment {
    Order(Vec<usize>),
    /// Which vectors are turned.
    Signs(Property, Vec<bool>),
}

struct Member<'v> {
    path: OutcomePath,
    value: &'v Value,
    property: Property,
}

/// Whether a group is about signs, whether the case has named it, its name, and how many vectors or elements its members have.
type Group = (bool, bool, String, u64);

impl Alignments {
    pub fn of(policies: &Policies, outputs: &[Value]) -> Self {
        let mut groups: BTreeMap<Group, Vec<Member<'_>>> = BTreeMap::new();
        let any = std::iter::once(policies.default_place())
            .chain(policies.places())
            .any(|place| place.policy.property.is_some());
        if any {
            let root = Path::Root("outputs");
            for (index, item) in outputs.iter().enumerate() {
                gather(policies, item, Path::Index(&root, index), &mut groups);
            }
        }
        let mut alignments = BTreeMap::new();
        for ((sign, ..), members) in groups {
            if sign {
                align_signs(members, &mut alignments);
            } else {
                align_order(members, &mut alignments);
            }
        }
        Alignments(alignments)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn at(&self, path: &OutcomePath) -> Option<&Alignment> {
        self.0.get(path)
    }
}

impl Alignment {
    /// The order of the elements; none where there is nothing but signs.
    pub fn order(&self) -> &[usize] {
        match self {
            Alignment::Order(order) => order,
            Alignment::Signs(..) => &[],
        }
    }

    /// The array with its vectors turned; nothing where the alignment is an order.
    pub fn turned(&self, array: &Array) -> Option<Array> {
        let Alignment::Signs(property, turn) = self else {
            return None;
        };
        let turns = |index: usize| {
            let vector = vector(*property, array.shape(), index);
            turn.get(vector).copied().unwrap_or_default()
        };
        // Without floats there is nothing to turn.
        Some(turned(array, turns).unwrap_or_else(|| array.clone()))
    }

    /// A list of numbers as an array with its vectors turned.
    pub fn matrix(&self, value: &Value) -> Option<Array> {
        self.turned(&matrix(value)?)
    }
}

fn gather<'v>(
    policies: &Policies,
    value: &'v Value,
    path: Path<'_>,
    groups: &mut BTreeMap<Group, Vec<Member<'v>>>,
) {
    let place = policies.at_value(path);
    if let Some(property) = place.policy.property
        && holds(property, value)
    {
        let count = count(property, value);
        let path = OutcomePath::from(path);
        let member = Member {
            value,
            property,
            path,
        };
        let group = group(place, &member, count);
        groups.entry(group).or_default().push(member);
        return;
    }
    match value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                gather(policies, item, Path::Index(&path, index), groups);
            }
        }
        Value::Map(entries) => {
            for (key, item) in entries {
                gather(policies, item, Path::Key(&path, key), groups);
            }
        }
        _ => {}
    }
}

/// How many vectors a value has, or elements along the first axis.
fn count(property: Property, value: &Value) -> u64 {
    let of = |array: &Array| match property {
        Property::AnyOrder => array.shape().first().copied().unwrap_or(1),
        Property::SignOfColumns | Property::SignOfRows => vectors(property, array.shape()),
    };
    match value {
        Value::Array(array) => of(array),
        Value::List(items) if property == Property::AnyOrder => items.len() as u64,
        other => matrix(other).as_ref().map_or(0, of),
    }
}

/// As a comparison groups them: by the case's own name, or by the output and the number of vectors or elements.
fn group(place: &Place, member: &Member<'_>, count: u64) -> Group {
    let sign = member.property != Property::AnyOrder;
    match &place.group {
        Some(name) => (sign, true, name.clone(), 0),
        None => {
            let output = match member.path.steps().first() {
                Some(step @ Step::Index(_)) => step.to_string(),
                _ => String::new(),
            };
            (sign, false, output, count)
        }
    }
}

fn align_order(members: Vec<Member<'_>>, alignments: &mut BTreeMap<OutcomePath, Alignment>) {
    let counts: Vec<u64> = members
        .iter()
        .map(|member| count(member.property, member.value))
        .collect();
    let least = counts.iter().min().copied().unwrap_or_default();
    let rows: Vec<Rows> = members
        .iter()
        .map(|member| match member.value {
            Value::Array(array) => Rows::of_array(array),
            Value::List(items) => Rows::of_list(items),
            _ => Rows::of_list(&[]),
        })
        .collect();
    let mut shared: Vec<usize> = (0..least as usize).collect();
    // Members of several lengths share no order: a comparison says so, and takes each as it is.
    if counts.iter().all(|count| *count == least) {
        shared.sort_by(|&x, &y| {
            let of = |at: usize| rows.iter().map(move |rows| rows.row(at));
            of(x).cmp(of(y))
        });
    }
    for (member, count) in members.into_iter().zip(counts) {
        let order = if count == least {
            shared.clone()
        } else {
            (0..count as usize).collect()
        };
        alignments.insert(member.path, Alignment::Order(order));
    }
}

fn align_signs(members: Vec<Member<'_>>, alignments: &mut BTreeMap<OutcomePath, Alignment>) {
    let mut turn: Vec<bool> = Vec::new();
    for member in &members {
        let own = match member.value {
            Value::Array(array) => Some(array.clone()),
            value => matrix(value),
        };
        let Some(array) = own else { continue };
        let Some((parts, _)) = floats(array.dtype()) else {
            continue;
        };
        let mut sums: Vec<Sum> = Vec::new();
        for (index, number) in numbers(&array).into_iter().enumerate() {
            let vector = vector(member.property, array.shape(), index / parts);
            if sums.len() <= vector {
                sums.resize_with(vector + 1, Sum::default);
            }
            if number.is_finite() {
                sums[vector].add(sign_weight(index) * number);
            }
        }
        // Vectors that an earlier member has are decided.
        let further = sums.iter().skip(turn.len());
        turn.extend(further.map(|sum| sum.value() < 0.0).collect::<Vec<_>>());
    }
    for member in members {
        let alignment = Alignment::Signs(member.property, turn.clone());
        alignments.insert(member.path, alignment);
    }
}
