//! `policy.toml`: how far results may be apart, and the evidence.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::text_file::read_toml;
use crate::error::Problem;
use crate::verdict::policy::{Bound, Policy, Property, Rule};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePolicies {
    #[serde(default)]
    policy: Vec<Spanned<WirePolicy>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePolicy {
    name: String,
    why: String,
    ulp: Option<WireUlp>,
    norm: Option<WireNorm>,
    property: Option<Property>,
    #[serde(default)]
    narrow_integers: bool,
}

/// A precision that isn't mentioned is exact.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireUlp {
    f64: Option<WireSteps>,
    f32: Option<WireSteps>,
    f16: Option<WireSteps>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table such as { bound = 1 }")]
struct WireSteps {
    bound: u64,
    /// Nothing before a first run has shown it; `accept` writes it.
    #[serde(default)]
    worst: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireNorm {
    bound: f64,
    /// As above.
    #[serde(default)]
    worst: f64,
}

/// The policies of a corpus; `exact` is always there.
pub struct Table(Vec<Policy>);

impl Table {
    pub fn exact(&self) -> Policy {
        self.find("exact").unwrap_or_else(Policy::exact)
    }

    pub fn find(&self, name: &str) -> Option<Policy> {
        self.0.iter().find(|policy| policy.name == name).cloned()
    }

    pub fn names(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|policy| policy.name.as_str()).collect();
        names.join(", ")
    }
}

pub fn load(path: &Path) -> Result<Table, Problem> {
    let Some((wire, text)) = read_toml::<WirePolicies>(path)? else {
        return Ok(Table(vec![Policy::exact()]));
    };
    let mut policies = vec![Policy::exact()];
    // The row `exact` is there for its `why`; the policy is, without it, too.
    let mut exact_is_written = false;
    for row in wire.policy {
        let span = row.span();
        let row = row.into_inner();
        let name = row.name.clone();
        let refuse = |reason: &str, hint: &str| {
            text.refuse(&span, &format!("policy {name:?}: {reason}"), hint)
        };
        let policy = policy(row, &refuse)?;
        if policy.name == "exact" {
            if !policy.is_exact() {
                return Err(refuse("exact means every bit", "choose another name"));
            }
            if std::mem::replace(&mut exact_is_written, true) {
                return Err(refuse("the name is taken", "one row a policy"));
            }
        } else if policies.iter().any(|known| known.name == policy.name) {
            return Err(refuse("the name is taken", "one row a policy"));
        } else {
            policies.push(policy);
        }
    }
    Ok(Table(policies))
}

fn policy(row: WirePolicy, refuse: &dyn Fn(&str, &str) -> Problem) -> Result<Policy, Problem> {
    if row.why.trim().is_empty() {
        return Err(refuse(
            "`why` is empty",
            "say why results may be this far apart",
        ));
    }
    let tolerant = row.ulp.is_some() || row.norm.is_some();
    if row.property == Some(Property::AnyOrder) && tolerant {
        return Err(refuse(
            "`any-order` goes with no tolerance",
            "elements are matched by their bits; leave `ulp` and `norm` out",
        ));
    }
    let rule = match (row.ulp, row.norm) {
        (Some(_), Some(_)) => {
            return Err(refuse("`ulp` and `norm` are two measures", "choose one"));
        }
        (None, Some(WireNorm { bound, worst })) => {
            if !(bound >= 0.0 && bound.is_finite() && worst >= 0.0) {
                return Err(refuse(
                    "`norm` is no distance",
                    "write finite numbers, in units of n·eps",
                ));
            }
            Rule::Norm(checked("norm", bound, worst, refuse)?)
        }
        (ulp, None) => {
            let WireUlp { f64, f32, f16 } = ulp.unwrap_or(WireUlp {
                f64: None,
                f32: None,
                f16: None,
            });
            let bound = |key: &str, steps: Option<WireSteps>| {
                let WireSteps { bound, worst } = steps.unwrap_or_default();
                checked(key, bound, worst, refuse)
            };
            Rule::Ulp([
                bound("ulp.f16", f16)?,
                bound("ulp.f32", f32)?,
                bound("ulp.f64", f64)?,
            ])
        }
    };
    Ok(Policy {
        name: row.name,
        rule,
        property: row.property,
        narrow_integers: row.narrow_integers,
    })
}

fn checked<T: PartialOrd + std::fmt::Display>(
    key: &str,
    most: T,
    worst: T,
    refuse: &dyn Fn(&str, &str) -> Problem,
) -> Result<Bound<T>, Problem> {
    if worst > most {
        let reason = format!("{key}: `worst` is {worst}, beyond the `bound` of {most}");
        return Err(refuse(&reason, "a bound covers what was seen"));
    }
    Ok(Bound { most, worst })
}
