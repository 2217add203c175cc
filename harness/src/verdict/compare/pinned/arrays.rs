//! Arrays in their pinned form: dtype, shape, layout, and all elements or what stands for them.

use parallax_runtime::array::{Array, Layout};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::node::{Node, TAG, hexadecimal};
use super::numbers::{Near, Numbers, has_sign};
use crate::path::Step;
use crate::verdict::compare::element::{Leaf, Way, indices};
use crate::verdict::compare::elements::{for_each_leaf, is_at};
use crate::verdict::compare::float;
use crate::verdict::policy::Place;

/// A place within an array, and the steps that lead to it from there.
pub type Within<'p> = (&'p [Step], &'p Place);

/// Upper bound on the numbers and texts that are pinned one by one.
const ONE_BY_ONE: usize = 256;

/// Upper bound on those on one line.
const ON_A_LINE: usize = 16;

/// An array under the policy of its place.
pub fn node(kind: &str, array: &Array, place: &Place, within: &[Within<'_>]) -> Node {
    let mut members = described(kind, array);
    let (exact, floats) = parts(array, place, within);
    if floats.is_empty() {
        members.extend(elements(array, leaves(array)));
        return Node::Exact(Json::Object(members));
    }
    if !exact.is_empty() {
        let digest = Sha256::digest(exact.as_bytes());
        members.insert(
            "rest".to_owned(),
            Json::from(hexadecimal(digest.as_slice())),
        );
    }
    Node::Floats(members, Numbers::of(&floats))
}

fn leaves(array: &Array) -> Vec<String> {
    let mut leaves = Vec::new();
    let data = array.data();
    let side = (array.dtype(), &*data);
    for_each_leaf(side, array.len(), &mut |_, _, leaf| {
        leaves.push(leaf.show())
    });
    leaves
}

/// What has no tolerance as a text, and the floats that have one.
///
/// A float that is NaN or infinite stands in the text, and the sign of one whose distance is counted in units of its last place.
pub fn parts(array: &Array, place: &Place, places: &[Within<'_>]) -> (String, Vec<Near>) {
    let data = array.data();
    let side = (array.dtype(), &*data);
    let at = |index: usize, ways: &[Way<'_>]| place_of(array, place, places, index, ways);
    let is_place = |one: &Place, other: &Place| std::ptr::eq(one, other);
    // What a norm is relative to, for each policy in the array by itself.
    let mut largest: Vec<(&Place, f64)> = Vec::new();
    for_each_leaf(side, array.len(), &mut |index, ways, leaf| {
        let number = leaf.number().filter(|number| number.is_finite());
        let (place, number) = (at(index, ways), number.unwrap_or_default().abs());
        match largest.iter_mut().find(|(known, _)| is_place(known, place)) {
            Some((_, largest)) => *largest = largest.max(number),
            None => largest.push((place, number)),
        }
    });
    let (mut exact, mut floats) = (String::new(), Vec::new());
    for_each_leaf(side, array.len(), &mut |index, ways, leaf| {
        let place = at(index, ways);
        if let Leaf::Float(bytes, precision) = &leaf {
            let value = float::to_double(&bytes[..float::width(*precision)]);
            let largest = largest.iter().find(|(known, _)| is_place(known, place));
            let largest = largest.map_or(0.0, |(_, largest)| *largest);
            if let Some(near) = Near::of(place, *precision, value, Some(largest)) {
                floats.push(near);
                if has_sign(place) {
                    exact.push(if value.is_sign_negative() { '-' } else { '+' });
                }
                return;
            }
        }
        exact.push(' ');
        exact.push_str(&leaf.show());
    });
    (exact, floats)
}

/// The policy of a leaf: that of the most precise place that leads to it.
fn place_of<'p>(
    array: &Array,
    place: &'p Place,
    places: &[Within<'p>],
    index: usize,
    ways: &[Way<'_>],
) -> &'p Place {
    if places.is_empty() {
        return place;
    }
    let at = indices(index, array.shape());
    let mut holding = places.iter().rev();
    let holding = holding.find(|(steps, _)| is_at(steps, &at, ways));
    holding.map_or(place, |(_, place)| place)
}

fn described(kind: &str, array: &Array) -> Map<String, Json> {
    let layout = match array.layout() {
        Layout::C => "C",
        Layout::Fortran => "F",
        Layout::Scalar => "scalar",
    };
    let mut members = Map::new();
    members.insert(TAG.to_owned(), Json::from(kind));
    members.insert("dtype".to_owned(), Json::from(array.dtype().to_string()));
    members.insert(
        "shape".to_owned(),
        Json::from(format!("{:?}", array.shape())),
    );
    members.insert("layout".to_owned(), Json::from(layout));
    members
}

/// All leaves in lines, no line longer than a row of the array; or their digest.
fn elements(array: &Array, leaves: Vec<String>) -> Option<(String, Json)> {
    if leaves.is_empty() {
        return None;
    }
    if leaves.len() > ONE_BY_ONE {
        let digest = Sha256::digest(leaves.join(" ").as_bytes());
        let digest = hexadecimal(digest.as_slice());
        return Some(("sha256".to_owned(), Json::from(digest)));
    }
    let last = array.shape().last().copied().unwrap_or(1);
    let each = leaves.len() as u64 / array.len().max(1);
    let row = usize::try_from(last * each).unwrap_or(usize::MAX).max(1);
    let lines = leaves
        .chunks(row)
        .flat_map(|row| row.chunks(ON_A_LINE))
        .map(|line| Json::from(line.join(" ")));
    Some(("elements".to_owned(), Json::Array(lines.collect())))
}
