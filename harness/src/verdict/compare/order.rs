//! The property "any order": the elements of a group along the first axis come in any order, the same in all its arrays and lists.

use parallax_runtime::array::Array;
use parallax_runtime::value::Value;

use super::array::compare_arrays;
use super::member::{Held, Member};
use super::unaligned::{compare_as_they_are, compare_texts, text};
use crate::verdict::canonical;
use crate::verdict::findings::Findings;

/// The elements along the first axis, in a form that is the same for equal ones.
pub(super) enum Rows {
    /// Rows of so many bytes.
    Bytes(Vec<u8>, usize),
    Texts(Vec<String>),
}

impl Rows {
    pub fn of_array(array: &Array) -> Self {
        let data = canonical::data(array);
        let count = array.shape().first().copied().unwrap_or(1) as usize;
        let size = data.len().checked_div(count).unwrap_or(0);
        Rows::Bytes(data, size)
    }

    pub fn of_list(items: &[Value]) -> Self {
        Rows::Texts(items.iter().map(text).collect())
    }

    pub fn row(&self, at: usize) -> &[u8] {
        match self {
            Rows::Bytes(data, size) => &data[at * size..(at + 1) * size],
            Rows::Texts(texts) => texts[at].as_bytes(),
        }
    }

    fn is(&self, other: &Rows) -> bool {
        match (self, other) {
            (Rows::Bytes(a, _), Rows::Bytes(b, _)) => a == b,
            (Rows::Texts(a), Rows::Texts(b)) => a == b,
            _ => false,
        }
    }
}

fn rows(member: &Member<'_>) -> [Rows; 2] {
    match (&member.held, member.arrays()) {
        (Held::Lists(a, b), _) => [Rows::of_list(a), Rows::of_list(b)],
        (_, Some((a, b))) => [Rows::of_array(a), Rows::of_array(b)],
        _ => [Rows::Texts(Vec::new()), Rows::Texts(Vec::new())],
    }
}

/// Brings both sides into one order, all arrays and lists of the group by the same exchange of places.
pub(super) fn compare_up_to_order<'a>(findings: &mut Findings<'a>, members: &[Member<'a>]) {
    let rows: Vec<[Rows; 2]> = members.iter().map(rows).collect();
    let is_same = |[reference, candidate]: &[Rows; 2]| reference.is(candidate);
    let counts = || members.iter().map(Member::count);
    let count = counts().min().unwrap_or(0);
    // A group whose members have several lengths has been reported, and shares no order.
    if rows.iter().all(is_same) || counts().any(|other| other != count) {
        for member in members {
            compare_as_they_are(findings, member);
        }
        return;
    }
    let order = |side: usize| -> Vec<usize> {
        let mut order: Vec<usize> = (0..count as usize).collect();
        order.sort_by(|&x, &y| {
            let of = |at: usize| rows.iter().map(move |rows| rows[side].row(at));
            of(x).cmp(of(y))
        });
        order
    };
    let orders = [order(0), order(1)];
    for (member, rows) in members.iter().zip(&rows) {
        if !is_same(rows) {
            findings.allow(&member.place.policy, None);
        }
        match (&member.held, member.arrays()) {
            (Held::Lists(..), _) => {
                let [a, b] = [0, 1].map(|side| {
                    let order = orders[side].iter();
                    order
                        .map(|&at| String::from_utf8_lossy(rows[side].row(at)).into_owned())
                        .collect::<Vec<String>>()
                });
                compare_texts(findings, member, &a, &b);
            }
            (_, Some((a, b))) => {
                let (x, y) = (picked(a, &orders[0]), picked(b, &orders[1]));
                compare_arrays(findings, member.place, &member.path, &x, &y);
            }
            _ => {}
        }
    }
}

/// The array with its elements along the first axis in another order.
pub(super) fn picked(array: &Array, order: &[usize]) -> Array {
    let data = array.data();
    let size = data.len().checked_div(order.len()).unwrap_or(0);
    let rows = order.iter().map(|&at| &data[at * size..][..size]);
    let picked: Vec<u8> = rows.flatten().copied().collect();
    let (dtype, shape) = (array.dtype().clone(), array.shape().to_vec());
    // As many bytes as before, so that they fit.
    Array::new(dtype, shape, array.layout(), picked).unwrap_or_else(|_| array.clone())
}
