//! Which policy holds where in the outputs of one case.

use std::path::Path;

use super::policy_file::Table;
use super::sidecar::WirePlace;
use crate::error::Problem;
use crate::policy::{Place, Policies, Policy, Rule};

/// Looks up the policies that a case's settings name.
pub fn resolve(
    settings: &Path,
    default: Option<&str>,
    places: Vec<WirePlace>,
    table: &Table,
) -> Result<Policies, Problem> {
    let find = |key: &str, name: &str| -> Result<Policy, Problem> {
        table.find(name).ok_or_else(|| {
            Problem::usage(format!(
                "{}: {key}: there is no policy {name:?}",
                settings.display()
            ))
            .hint(format!("known policies: {}", table.names()))
        })
    };
    let default = match default {
        None => table.exact(),
        Some(name) => find("policy", name)?,
    };
    let mut resolved: Vec<Place> = Vec::new();
    for (index, place) in places.into_iter().enumerate() {
        let key = format!("compare {}", index + 1);
        let policy = find(&key, &place.policy)?;
        let refuse = |reason: &str, hint: &str| {
            Err(Problem::usage(format!("{}: {key}: {reason}", settings.display())).hint(hint))
        };
        if !place.path.starts_with("outputs") {
            return refuse(
                &format!("{:?} is no path into the outputs", place.path),
                "a path as a report shows it, such as outputs[0].spectrum",
            );
        }
        if resolved.iter().any(|known| known.path == place.path) {
            return refuse(
                &format!("{} has a policy already", place.path),
                "keep one of the two",
            );
        }
        let measured = place.scale.is_some() || place.terms.is_some();
        if measured && !matches!(policy.rule, Rule::Norm(_)) {
            return refuse(
                &format!(
                    "`scale` and `terms` mean nothing to the policy {}",
                    policy.name
                ),
                "only a policy with `norm` is relative to them",
            );
        }
        let positive = place
            .scale
            .is_none_or(|scale| scale > 0.0 && scale.is_finite());
        if !positive || place.terms == Some(0) {
            return refuse(
                "`scale` or `terms` is not positive",
                "leave it out, and it is taken from the reference's array",
            );
        }
        resolved.push(Place {
            path: place.path,
            policy,
            scale: place.scale,
            terms: place.terms,
        });
    }
    Ok(Policies::new(default, resolved))
}
