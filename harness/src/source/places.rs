//! Which policy holds where in the outputs of one case.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::policy_file::Table;
use super::text_file::Text;
use crate::error::Problem;
use crate::path::{OutcomePath, Step};
use crate::verdict::policy::{Place, Policies, Policy, Rule};

/// A policy for a part of the outputs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WirePlace {
    path: Spanned<String>,
    policy: Spanned<String>,
    scale: Option<f64>,
    terms: Option<u64>,
    group: Option<String>,
}

/// The policy for all outputs that no place is named for.
pub(super) struct WireDefault {
    pub policy: Option<Spanned<String>>,
    pub terms: Option<Spanned<u64>>,
}

/// How settings are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Strict,
    /// As they were before a norm had to state its terms, for whoever is about to add them.
    Old,
}

/// Looks up the policies that a case's settings name.
///
/// # Errors
/// Names the place of what doesn't fit, and what to write instead.
pub(super) fn resolve(
    text: &Text<'_>,
    default: WireDefault,
    places: Vec<Spanned<WirePlace>>,
    table: &Table,
    form: Form,
) -> Result<Policies, Problem> {
    let find = |name: &Spanned<String>| -> Result<Policy, Problem> {
        table.find(name.get_ref()).ok_or_else(|| {
            let reason = format!("policy: there is no policy {:?}", name.get_ref());
            text.refuse(
                &name.span(),
                &reason,
                &format!(
                    "known policies: {}; another is a `[[policy]]` in policy.toml, see docs/CORPUS.md",
                    table.names()
                ),
            )
        })
    };
    let (policy, span) = match &default.policy {
        None => (table.exact(), 0..0),
        Some(name) => (find(name)?, name.span()),
    };
    let span = default.terms.as_ref().map_or(span, Spanned::span);
    let terms = default.terms.map(Spanned::into_inner);
    check_measure(text, &span, &policy, None, terms, form)?;
    let mut resolved: Vec<Place> = Vec::new();
    for place in places {
        let span = place.span();
        let place = place.into_inner();
        let policy = find(&place.policy)?;
        let path = path(text, &place.path)?;
        if resolved.iter().any(|known| known.path == path) {
            let reason = format!("{path} has a policy already");
            return Err(text.refuse(&place.path.span(), &reason, "keep one of the two"));
        }
        check_measure(text, &span, &policy, place.scale, place.terms, form)?;
        if place.group.is_some() && policy.property.is_none() {
            let reason = format!(
                "`group` means nothing to the policy {}, which has no property",
                policy.name
            );
            return Err(text.refuse(&span, &reason, "leave it out"));
        }
        resolved.push(Place {
            path,
            policy,
            scale: place.scale,
            terms: place.terms,
            group: place.group,
        });
    }
    Ok(Policies::new(Place::everywhere(policy, terms), resolved))
}

fn path(text: &Text<'_>, written: &Spanned<String>) -> Result<OutcomePath, Problem> {
    let hint = "a path as a report shows it, such as outputs[0].spectrum or outputs[0].table[3].mean; [*] is any index";
    let refuse = |reason: &str| Err(text.refuse(&written.span(), reason, hint));
    let path: OutcomePath = match written.get_ref().parse() {
        Ok(path) => path,
        Err(error) => return refuse(&format!("compare: {error}")),
    };
    let aspect = path
        .steps()
        .iter()
        .any(|step| matches!(step, Step::Aspect(_)));
    if path.root_name() != "outputs" || aspect {
        return refuse(&format!(
            "compare: {:?} is no path into the outputs",
            written.get_ref()
        ));
    }
    Ok(path)
}

/// A norm is relative to a number of terms, which only the case knows; nothing else is.
fn check_measure(
    text: &Text<'_>,
    span: &Range<usize>,
    policy: &Policy,
    scale: Option<f64>,
    terms: Option<u64>,
    form: Form,
) -> Result<(), Problem> {
    let Rule::Norm(_) = policy.rule else {
        if scale.is_none() && terms.is_none() {
            return Ok(());
        }
        let reason = format!(
            "`scale` and `terms` mean nothing to the policy {}",
            policy.name
        );
        return Err(text.refuse(
            span,
            &reason,
            "only a policy with `norm` is relative to them",
        ));
    };
    if terms.is_none() && form == Form::Strict {
        let reason = format!(
            "the policy {} is relative to a number of terms, which is missing",
            policy.name
        );
        let hint = "write terms = N beside it: how many terms the longest sum has that leads to one element; `parallax accept --migrate` writes the length of the longest axis, which was meant before";
        return Err(text.refuse(span, &reason, hint));
    }
    let positive = scale.is_none_or(|scale| scale > 0.0 && scale.is_finite());
    if !positive || terms == Some(0) {
        let hint =
            "a scale that is left out is taken from the reference's array; terms are 1 or more";
        return Err(text.refuse(span, "`scale` or `terms` is not positive", hint));
    }
    Ok(())
}
