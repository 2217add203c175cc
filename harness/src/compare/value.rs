//! Values: type, size, order of keys, every bit of a double unless the policy allows a distance.

use parallax_runtime::marshal::json_base64::{self, Path};
use parallax_runtime::value::Value;

use super::array::compare_arrays;
use super::{Findings, float};
use crate::policy::Policies;

/// A rendered value longer than this is cut: a line of a report, not the value itself.
const RENDERED: usize = 120;

pub(super) fn compare_items(
    findings: &mut Findings,
    policies: &Policies,
    reference: &[Value],
    candidate: &[Value],
) {
    compare_list(
        findings,
        policies,
        Path::Root("outputs"),
        reference,
        candidate,
    );
}

fn compare_list(
    findings: &mut Findings,
    policies: &Policies,
    path: Path<'_>,
    reference: &[Value],
    candidate: &[Value],
) {
    if reference.len() != candidate.len() {
        let count = |items: &[Value]| format!("{} items", items.len());
        findings.differ(path, count(reference), count(candidate));
    }
    for (index, (a, b)) in reference.iter().zip(candidate).enumerate() {
        compare_value(findings, policies, Path::Index(&path, index), a, b);
    }
}

fn compare_value(
    findings: &mut Findings,
    policies: &Policies,
    path: Path<'_>,
    reference: &Value,
    candidate: &Value,
) {
    match (reference, candidate) {
        (Value::Float(a), Value::Float(b)) => compare_doubles(findings, policies, path, *a, *b),
        (Value::List(a), Value::List(b)) => compare_list(findings, policies, path, a, b),
        (Value::Map(a), Value::Map(b)) => compare_maps(findings, policies, path, a, b),
        (Value::Array(a), Value::Array(b)) => compare_arrays(findings, policies, path, a, b),
        (a, b) if a == b => {}
        (Value::Int(_) | Value::BigInt(_), Value::Int(_) | Value::BigInt(_)) => {
            findings.differ_in_integer(path, render(reference), render(candidate));
        }
        // What would be dropped need not be rendered.
        _ if findings.is_full() => {}
        (Value::Str(a), Value::Str(b)) => {
            let (a, b) = around_difference(a, b);
            findings.differ(path, a, b);
        }
        (a, b) => {
            let (kind, other) = (a.type_name(), b.type_name());
            if kind == other {
                findings.differ(path, render(a), render(b));
            } else {
                findings.differ(
                    path,
                    format!("{kind} {}", render(a)),
                    format!("{other} {}", render(b)),
                );
            }
        }
    }
}

fn compare_doubles(findings: &mut Findings, policies: &Policies, path: Path<'_>, a: f64, b: f64) {
    if a.to_bits() == b.to_bits() {
        return;
    }
    let show = |bytes: &[u8]| render(&Value::Float(float::to_double(bytes)));
    let pair = (&a.to_le_bytes()[..], &b.to_le_bytes()[..]);
    float::compare_pair(findings, policies.at(path), path, pair, show);
}

fn compare_maps(
    findings: &mut Findings,
    policies: &Policies,
    path: Path<'_>,
    reference: &[(String, Value)],
    candidate: &[(String, Value)],
) {
    let keys = |entries: &[(String, Value)]| {
        let mut keys: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
        keys.sort();
        keys
    };
    let (keys, other_keys) = (keys(reference), keys(candidate));
    if keys != other_keys {
        let only = |keys: &[String], others: &[String]| {
            let only: Vec<&str> = keys
                .iter()
                .filter(|key| others.binary_search(key).is_err())
                .map(String::as_str)
                .collect();
            format!("keys only here: {only:?}")
        };
        findings.differ(path, only(&keys, &other_keys), only(&other_keys, &keys));
    } else if reference.iter().zip(candidate).any(|(a, b)| a.0 != b.0) {
        let order = |entries: &[(String, Value)]| {
            let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
            cut(&format!("order of keys {keys:?}"))
        };
        findings.differ(path, order(reference), order(candidate));
    }
    // Most maps come in one order, so the other's entry is looked for at the same place first.
    for (index, (key, a)) in reference.iter().enumerate() {
        let same_place = candidate.get(index).filter(|(other, _)| other == key);
        let found = same_place.or_else(|| candidate.iter().find(|(other, _)| other == key));
        if let Some((_, b)) = found {
            compare_value(findings, policies, Path::Key(&path, key), a, b);
        }
    }
}

/// A value as a line of a report shows it: its JSON, cut where it is long.
fn render(value: &Value) -> String {
    match value {
        // Cloning only to print is cheap for scalars; containers meet this branch only where types differ.
        Value::List(items) if items.len() > RENDERED => format!("[… {} items]", items.len()),
        Value::Map(entries) if entries.len() > RENDERED => format!("{{… {} keys}}", entries.len()),
        value => cut(&json_base64::encode(value.clone()).to_string()),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(RENDERED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Both texts around the first character that differs, so that the difference is seen in a long text.
fn around_difference(a: &str, b: &str) -> (String, String) {
    let common = a
        .char_indices()
        .zip(b.chars())
        .find(|((_, x), y)| x != y)
        .map_or_else(|| a.len().min(b.len()), |((index, _), _)| index);
    let start = a[..common]
        .char_indices()
        .rev()
        .nth(20)
        .map_or(0, |(index, _)| index);
    let show = |text: &str| {
        let rest = cut(&text[start..]);
        if start == 0 {
            format!("{rest:?}")
        } else {
            format!("…{rest:?} (at byte {common} of {})", text.len())
        }
    };
    (show(a), show(b))
}
