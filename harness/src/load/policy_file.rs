//! `policy.toml`: how far results may be apart, and the evidence.

use std::path::Path;

use serde::Deserialize;

use super::read_toml;
use crate::case::Policy;
use crate::error::Problem;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePolicies {
    #[serde(default)]
    policy: Vec<WirePolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePolicy {
    name: String,
    ulp: u64,
    worst: u64,
    why: String,
}

/// The policies of a corpus; `exact` is always there.
pub struct Policies(Vec<Policy>);

impl Policies {
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

pub fn load(path: &Path) -> Result<Policies, Problem> {
    let wire: WirePolicies = read_toml(path)?.unwrap_or_default();
    let mut policies = vec![Policy::exact()];
    for row in wire.policy {
        let refuse = |reason: String| {
            Problem::usage(format!(
                "{}: policy {:?}: {reason}",
                path.display(),
                row.name
            ))
        };
        if row.why.trim().is_empty() {
            return Err(
                refuse("`why` is empty".to_owned()).hint("say why results may be this far apart")
            );
        }
        if row.worst > row.ulp {
            return Err(refuse(format!(
                "`worst` is {}, beyond the bound `ulp` of {}",
                row.worst, row.ulp
            ))
            .hint("a bound covers what was seen"));
        }
        let policy = Policy {
            name: row.name.clone(),
            ulp: row.ulp,
            worst: row.worst,
        };
        match policies.iter_mut().find(|known| known.name == row.name) {
            Some(exact) if row.name == "exact" && row.ulp == 0 => *exact = policy,
            Some(_) if row.name == "exact" => {
                return Err(refuse("exact means 0 ulp".to_owned()).hint("choose another name"));
            }
            Some(_) => {
                return Err(refuse("the name is taken".to_owned()).hint("one row a policy"));
            }
            None => policies.push(policy),
        }
    }
    Ok(Policies(policies))
}
