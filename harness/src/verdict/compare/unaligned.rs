//! Compares what a property holds for as it is, without bringing one side nearer to the other.

use parallax_runtime::marshal::json_base64;
use parallax_runtime::value::Value;

use super::array::compare_arrays;
use super::member::{Held, Member};
use crate::verdict::canonical;
use crate::verdict::divergence::Divergence;
use crate::verdict::findings::Findings;
use crate::verdict::shown;

/// Compares without aligning.
pub(super) fn compare_as_they_are<'a>(findings: &mut Findings<'a>, member: &Member<'a>) {
    match (&member.held, member.arrays()) {
        (Held::Lists(a, b), _) => compare_lists(findings, member, [a, b]),
        (_, Some((a, b))) => compare_arrays(findings, member.place, &member.path, a, b),
        _ => {}
    }
}

/// Compares lists of anything, item by item.
fn compare_lists(findings: &mut Findings<'_>, member: &Member<'_>, lists: [&[Value]; 2]) {
    let [a, b] = lists.map(|items| items.iter().map(text).collect::<Vec<String>>());
    compare_texts(findings, member, &a, &b);
}

/// Compares lists of what [`text`] has made of items, item by item.
pub(super) fn compare_texts(
    findings: &mut Findings<'_>,
    member: &Member<'_>,
    a: &[String],
    b: &[String],
) {
    let path = &member.path;
    findings.check(path.aspect("length"), &a.len(), &b.len(), |length| {
        format!("{length} items")
    });
    for index in 0..a.len().max(b.len()) {
        let (x, y) = (a.get(index), b.get(index));
        if x != y {
            findings.push_made(false, || {
                let show = |text: Option<&String>| {
                    text.map_or_else(|| "nothing".to_owned(), |text| shown::text(text))
                };
                Divergence::new(path.index(index), show(x), show(y))
            });
        }
    }
}

/// The items of a list as text, which is the same for equal items and no others.
pub(super) fn text(item: &Value) -> String {
    json_base64::encode(canonical::value(item)).to_string()
}
