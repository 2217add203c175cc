//! What may differ between two right answers is taken away from both together, and what is left is compared as usual.
//!
//! Signs and orders belong to a whole answer, not to one array of it: the columns of U and the rows of Vᵗ turn together, and an index goes with its value.
//! So the arrays and lists of a group are aligned by one choice.

use std::collections::BTreeMap;

use super::member::Member;
use super::unaligned::compare_as_they_are;
use super::{order, signs};
use crate::path::Step;
use crate::verdict::findings::Findings;
use crate::verdict::policy::Property;

impl Member<'_> {
    fn key(&self) -> Key {
        let is_order = self.property == Property::AnyOrder;
        match &self.place.group {
            Some(name) => Key {
                name: name.clone(),
                is_named: true,
                is_order,
                count: 0,
            },
            None => {
                let output = match self.path.steps().first() {
                    Some(step @ Step::Index(_)) => step.to_string(),
                    _ => String::new(),
                };
                Key {
                    name: output,
                    is_named: false,
                    is_order,
                    count: self.count(),
                }
            }
        }
    }
}

/// What members of one group have in common: the case's own name for it; without one, the output that they are parts of, and their count.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: String,
    is_named: bool,
    is_order: bool,
    count: u64,
}

/// Aligns and compares everything that properties hold for.
pub(super) fn compare_members<'a>(findings: &mut Findings<'a>, members: Vec<Member<'a>>) {
    let mut groups: BTreeMap<Key, Vec<Member<'a>>> = BTreeMap::new();
    for member in members {
        if member.is_alike() {
            groups.entry(member.key()).or_default().push(member);
        } else {
            compare_as_they_are(findings, &member);
        }
    }
    for (key, members) in groups {
        let first = members.first().map_or(0, Member::count);
        if let Some(other) = members.iter().find(|member| member.count() != first) {
            let reason = format!(
                "the group {} has members of {first} and of {}, which can't go together",
                key.name,
                other.count()
            );
            findings.uncompared(other.path.clone(), &reason, &reason);
        }
        if key.is_order {
            order::compare_up_to_order(findings, &members);
        } else {
            signs::compare_up_to_signs(findings, &members);
        }
    }
}
