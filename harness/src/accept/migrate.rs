//! What files of an older form lack: the terms of a norm, which were the length of an array's longest axis, and pins, which were optional.

use std::collections::BTreeMap;

use parallax_runtime::marshal::json_base64::Path;
use parallax_runtime::value::Value;

use crate::case::Case;
use crate::outcome::{Ending, Outcome};
use crate::path::{OutcomePath, Step};
use crate::verdict::divergence::Divergence;
use crate::verdict::policy::{Place, Rule};

/// The terms that a case's settings lack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// For the policy of the whole case.
    pub default: Option<u64>,
    /// For places that the settings name.
    pub places: Vec<(OutcomePath, u64)>,
    /// For arrays that need another number than the place that holds for them.
    pub further: Vec<Place>,
}

impl Terms {
    pub fn is_empty(&self) -> bool {
        *self == Terms::default()
    }
}

/// Finds the terms that were in force for a case, given what its reference returned.
pub fn terms(case: &Case, reference: &Outcome) -> Terms {
    let lacks = |place: &Place| matches!(place.policy.rule, Rule::Norm(_)) && place.terms.is_none();
    let policies = &case.policies;
    let places = std::iter::once(policies.default_place()).chain(policies.places());
    let lacking: Vec<&Place> = places.filter(|place| lacks(place)).collect();
    if lacking.is_empty() {
        return Terms::default();
    }
    let mut arrays = Vec::new();
    let (Ending::Returned { outputs, .. } | Ending::Raised { outputs, .. }) = &reference.ending
    else {
        return Terms::default();
    };
    for (index, item) in outputs.iter().enumerate() {
        gather(
            item,
            Path::Index(&Path::Root("outputs"), index),
            &mut arrays,
        );
    }
    let mut terms = Terms::default();
    for place in lacking {
        let own: Vec<&(OutcomePath, u64)> = arrays
            .iter()
            .filter(|(path, _)| std::ptr::eq(policies.at(path), place))
            .collect();
        let least = own.iter().map(|(_, axis)| *axis).min().unwrap_or(1);
        if std::ptr::eq(place, policies.default_place()) {
            terms.default = Some(least);
        } else {
            terms.places.push((place.path.clone(), least));
        }
        let further = own.into_iter().filter(|(_, axis)| *axis > least);
        terms.further.extend(further.map(|(path, axis)| Place {
            path: path.clone(),
            terms: Some(*axis),
            ..place.clone()
        }));
    }
    terms
}

/// Every array of a value, with the length of its longest axis.
fn gather(value: &Value, path: Path<'_>, arrays: &mut Vec<(OutcomePath, u64)>) {
    match value {
        Value::Array(array) => {
            let longest = array.shape().iter().max().copied().unwrap_or(1);
            arrays.push((path.into(), longest.max(1)));
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                gather(item, Path::Index(&path, index), arrays);
            }
        }
        Value::Map(entries) => {
            for (key, item) in entries {
                gather(item, Path::Key(&path, key), arrays);
            }
        }
        _ => {}
    }
}

/// An entry of a ledger of the older form: where it stood, its case, and the path as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct OldEntry {
    pub position: usize,
    pub case: String,
    pub path: String,
}

/// Gives each divergence of a case to the entry that meant it most precisely; what no entry meant is left out.
pub fn divergences_of(
    entries: &[OldEntry],
    divergences: &[Divergence],
) -> BTreeMap<usize, Vec<Divergence>> {
    let mut of: BTreeMap<usize, Vec<Divergence>> = BTreeMap::new();
    for divergence in divergences.iter().filter(|divergence| divergence.excusable) {
        let meant = entries
            .iter()
            .filter_map(|entry| Some((precision(&entry.path, divergence)?, entry.position)))
            .max();
        if let Some((_, position)) = meant {
            let own = of.entry(position).or_default();
            if !own.iter().any(|known| known.path == divergence.path) {
                own.push(divergence.clone());
            }
        }
    }
    of
}

/// How precisely a path of the older form means a divergence, if it does.
///
/// What an array has besides its elements stood behind a dot (`.dtype`), elements were divergences of their own (`[3]`), and a path covered what lay below it.
fn precision(written: &str, divergence: &Divergence) -> Option<usize> {
    const ASPECTS: [&str; 6] = ["dtype", "shape", "layout", "length", "keys", "order"];
    let path: OutcomePath = written.parse().ok()?;
    let depth = path.steps().len();
    if let [.., Step::Key(last)] = path.steps()
        && ASPECTS.contains(&last.as_str())
        && parent(&path).aspect(last) == divergence.path
    {
        return Some(depth);
    }
    if path.covers(&divergence.path) {
        return Some(depth);
    }
    let is_element = matches!(path.steps(), [.., Step::Index(_)])
        && divergence.elements.is_some()
        && parent(&path) == divergence.path;
    is_element.then_some(depth - 1)
}

fn parent(path: &OutcomePath) -> OutcomePath {
    let steps = path.steps();
    let steps = &steps[..steps.len().saturating_sub(1)];
    steps
        .iter()
        .fold(OutcomePath::root(path.root_name()), |path, step| {
            path.step(step.clone())
        })
}

#[cfg(test)]
mod tests {
    use parallax_runtime::array::{Array, Layout};
    use parallax_runtime::outcome::GraphInfo;

    use super::*;
    use crate::case::{CaseId, Exact, Ignored, Limits};
    use crate::outcome::Class;
    use crate::verdict::divergence::Elements;
    use crate::verdict::policy::{Bound, Policies, Policy};

    fn norm() -> Policy {
        let most = 1.0;
        Policy {
            rule: Rule::Norm(Bound { most, worst: 0.0 }),
            ..Policy::exact()
        }
    }

    #[test]
    fn terms_are_the_longest_axis_of_each_array() {
        let array = |shape: &[u64]| {
            let size = shape.iter().product::<u64>() as usize * 8;
            let dtype = "<f8".parse().unwrap();
            Array::new(dtype, shape.to_vec(), Layout::C, vec![0; size]).unwrap()
        };
        let item = [
            ("a", [3, 4].as_slice()),
            ("b", &[2, 2]),
            ("c", &[]),
            ("d", &[7]),
        ];
        let item = item.map(|(key, shape)| (key.to_owned(), Value::Array(array(shape))));
        let graph_info = GraphInfo {
            node_count: 1,
            source_count: 1,
            sink_count: 1,
            execution_order: vec!["a".to_owned()],
        };
        let outputs = vec![Value::Map(item.to_vec())];
        let outcome = Outcome::from(Ending::Returned {
            outputs,
            graph_info,
        });
        let place = |path: &str, terms| Place {
            path: path.parse().unwrap(),
            ..Place::everywhere(norm(), terms)
        };
        let places = vec![place("outputs[0].b", None), place("outputs[0].d", Some(9))];
        let case = Case {
            id: CaseId("a".to_owned()),
            description: String::new(),
            manifest: Vec::new(),
            inputs: Vec::new(),
            expect: Class::Returned,
            policies: Policies::new(Place::everywhere(norm(), None), places),
            ignored: Ignored::default(),
            exact: Exact::default(),
            requires: Vec::new(),
            limits: Limits::default(),
        };
        let found = terms(&case, &outcome);
        let expected = Terms {
            default: Some(1),
            places: vec![("outputs[0].b".parse().unwrap(), 2)],
            further: vec![place("outputs[0].a", Some(4))],
        };
        assert_eq!(found, expected);
        assert!(terms(&case, &Ending::TimedOut.into()).is_empty());
    }

    #[test]
    fn a_divergence_goes_to_the_entry_that_means_it_most_precisely() {
        let divergence = |path: &str| {
            let path = path.parse().unwrap();
            Divergence::new(path, "1".to_owned(), "2".to_owned())
        };
        let elements = Some(Elements {
            count: 1,
            of: 1,
            first: Vec::new(),
            worst: None,
        });
        let array = Divergence {
            elements,
            ..divergence("outputs[1].x")
        };
        let entry = |position: usize, path: &str| OldEntry {
            position,
            case: "a".to_owned(),
            path: path.to_owned(),
        };
        let entries = [
            entry(0, "outputs[0]"),
            entry(1, "outputs[0].x.dtype"),
            entry(2, "outputs[1].x[3]"),
            entry(3, "outputs[9]"),
        ];
        let found = divergences_of(
            &entries,
            &[
                divergence("outputs[0].x"),
                divergence("outputs[0].x@dtype"),
                array,
                divergence("outputs[2]"),
            ],
        );
        let paths = |position: usize| -> Vec<String> {
            let own = found.get(&position).into_iter().flatten();
            own.map(|divergence| divergence.path.to_string()).collect()
        };
        assert_eq!(paths(0), ["outputs[0].x"]);
        assert_eq!(paths(1), ["outputs[0].x@dtype"]);
        assert_eq!(paths(2), ["outputs[1].x"]);
        assert_eq!(found.len(), 3);
    }
}
