//! Values: type, size, order of keys, every bit of a double unless the policy allows a distance.

use std::collections::BTreeMap;

use parallax_runtime::marshal::json_base64::Path;
use parallax_runtime::value::Value;

use super::array::compare_arrays;
use super::float::{self, Judged};
use super::member::{Member, hold};
use super::property::compare_members;
use crate::path::OutcomePath;
use crate::verdict::divergence::Divergence;
use crate::verdict::findings::Findings;
use crate::verdict::shown;

/// Compares the items that reached the sinks.
pub(super) fn compare_outputs<'a>(
    findings: &mut Findings<'a>,
    reference: &'a [Value],
    candidate: &'a [Value],
) {
    let mut walk = Walk {
        findings,
        members: Vec::new(),
    };
    walk.lists(Path::Root("outputs"), reference, candidate);
    let members = walk.members;
    compare_members(findings, members);
}

struct Walk<'f, 'a> {
    findings: &'f mut Findings<'a>,
    /// What has a property, and is compared when all of its group are known.
    members: Vec<Member<'a>>,
}

/// What stands for a value that one side lacks.
fn nothing() -> String {
    "nothing".to_owned()
}

impl<'a> Walk<'_, 'a> {
    fn lists(&mut self, path: Path<'_>, reference: &'a [Value], candidate: &'a [Value]) {
        if reference.len() != candidate.len() {
            self.lengths(path, reference, candidate);
        }
        for (index, (a, b)) in reference.iter().zip(candidate).enumerate() {
            self.values(Path::Index(&path, index), a, b);
        }
    }

    /// One divergence for the length, and one for each item that only one side has: its value must not hide behind the length.
    fn lengths(&mut self, path: Path<'_>, reference: &[Value], candidate: &[Value]) {
        let count = |items: &[Value]| format!("{} items", items.len());
        self.findings.differ(
            OutcomePath::from(path).aspect("length"),
            count(reference),
            count(candidate),
        );
        let common = reference.len().min(candidate.len());
        let item = |index: usize| OutcomePath::from(Path::Index(&path, index));
        for (index, value) in reference.iter().enumerate().skip(common) {
            self.findings.push_made(false, || {
                Divergence::new(item(index), shown::value(value), nothing())
            });
        }
        for (index, value) in candidate.iter().enumerate().skip(common) {
            self.findings.push_made(false, || {
                Divergence::new(item(index), nothing(), shown::value(value))
            });
        }
    }

    fn values(&mut self, path: Path<'_>, reference: &'a Value, candidate: &'a Value) {
        let place = self.findings.policies().at_value(path);
        if let Some(property) = place.policy.property
            && let Some(held) = hold(property, reference, candidate)
        {
            self.members.push(Member {
                place,
                property,
                path: path.into(),
                held,
            });
            return;
        }
        let differ = |findings: &mut Findings<'a>, silent, show: &dyn Fn(&Value) -> String| {
            findings.push_made(silent, || Divergence {
                silent,
                ..Divergence::new(path.into(), show(reference), show(candidate))
            });
        };
        match (reference, candidate) {
            (Value::Float(a), Value::Float(b)) => {
                let bytes = (a.to_le_bytes(), b.to_le_bytes());
                match float::judge(place, largest(*a), &bytes.0, &bytes.1) {
                    Judged::Same | Judged::Rounded => {}
                    Judged::Allowed(distance) => self.findings.allow(&place.policy, Some(distance)),
                    Judged::Differ(distance) => {
                        self.findings.push_made(false, || Divergence {
                            distance,
                            ..Divergence::new(
                                path.into(),
                                shown::value(reference),
                                shown::value(candidate),
                            )
                        });
                    }
                }
            }
            (Value::List(a), Value::List(b)) => self.lists(path, a, b),
            (Value::Map(a), Value::Map(b)) => self.maps(path, a, b),
            (Value::Array(a), Value::Array(b)) => {
                compare_arrays(self.findings, place, &path.into(), a, b);
            }
            (a, b) if a == b => {}
            (Value::Int(_) | Value::BigInt(_), Value::Int(_) | Value::BigInt(_)) => {
                differ(self.findings, true, &shown::value);
            }
            (Value::Str(a), Value::Str(b)) => {
                self.findings.push_made(false, || {
                    let (a, b) = shown::texts(a, b);
                    Divergence::new(path.into(), a, b)
                });
            }
            (a, b) if a.type_name() == b.type_name() => {
                differ(self.findings, false, &shown::value);
            }
            _ => {
                let typed =
                    |value: &Value| format!("{} {}", value.type_name(), shown::value(value));
                differ(self.findings, false, &typed);
            }
        }
    }

    fn maps(
        &mut self,
        path: Path<'_>,
        reference: &'a [(String, Value)],
        candidate: &'a [(String, Value)],
    ) {
        let aligned = reference.len() == candidate.len()
            && reference.iter().zip(candidate).all(|(a, b)| a.0 == b.0);
        if aligned {
            for ((key, a), (_, b)) in reference.iter().zip(candidate) {
                self.values(Path::Key(&path, key), a, b);
            }
            return;
        }
        let (left, right) = (index(reference), index(candidate));
        let only =
            |findings: &mut Findings<'a>, key: &str, a: Option<&Value>, b: Option<&Value>| {
                findings.push_made(false, || {
                    let show = |value: Option<&Value>| value.map_or_else(nothing, shown::value);
                    Divergence::new(Path::Key(&path, key).into(), show(a), show(b))
                });
            };
        for (key, value) in reference {
            match right.get(key.as_str()) {
                Some(other) => self.values(Path::Key(&path, key), value, other),
                None => only(self.findings, key, Some(value), None),
            }
        }
        for (key, value) in candidate {
            if !left.contains_key(key.as_str()) {
                only(self.findings, key, None, Some(value));
            }
        }
        // Their order is a part of the value, also where some keys are on one side only.
        let keys = |entries: &'a [(String, Value)]| -> Vec<&'a str> {
            entries.iter().map(|(key, _)| key.as_str()).collect()
        };
        let whole = OutcomePath::from(path);
        let same = left.keys().eq(right.keys());
        let aspect = whole.aspect(if same { "order" } else { "keys" });
        self.findings
            .check(aspect, &keys(reference), &keys(candidate), |keys| {
                shown::text(&format!("keys {keys:?}"))
            });
        // No Python makes such a map; a wrong executor could, and what stands behind the second of two equal keys must not hide.
        if left.len() != reference.len() || right.len() != candidate.len() {
            self.findings.uncompared(
                whole.aspect("twice"),
                "a key stands twice",
                "a key stands twice",
            );
        }
    }
}

fn index(entries: &[(String, Value)]) -> BTreeMap<&str, &Value> {
    let entries = entries.iter();
    entries.map(|(key, value)| (key.as_str(), value)).collect()
}

/// A float by itself is an array of one.
fn largest(number: f64) -> f64 {
    if number.is_finite() {
        number.abs()
    } else {
        0.0
    }
}
