//! What a case asks for and its outputs don't have: a policy for a place, or a property, that met nothing says nothing, and must not look as if it did.

use parallax_runtime::marshal::json_base64::Path;
use parallax_runtime::value::Value;

use super::elements::leads_somewhere;
use super::member::holds;
use crate::verdict::divergence::Divergence;
use crate::verdict::findings::Findings;
use crate::verdict::policy::{Place, Policies};

/// How the sentence begins that says so.
const NOTHING: &str = "nothing there for the ";

/// Whether a difference says that something was met by nothing.
pub fn is_unmet(divergence: &Divergence) -> bool {
    !divergence.excusable && divergence.reference.starts_with(NOTHING)
}

/// Notes each policy of a place, and each property, that nothing of the reference's outputs has met.
pub(super) fn note(findings: &mut Findings<'_>, outputs: &[Value]) {
    let policies = findings.policies();
    let default = policies.default_place();
    if policies.places().is_empty() && default.policy.property.is_none() {
        return;
    }
    let mut seen = Seen {
        policies,
        met: vec![false; policies.places().len()],
        held: vec![false; policies.places().len()],
        default_held: false,
    };
    let root = Path::Root("outputs");
    for (index, item) in outputs.iter().enumerate() {
        seen.look(Path::Index(&root, index), item);
    }
    let places = policies.places().iter();
    let unmet = |place: &Place, met: bool, held: bool| {
        let name = &place.policy.name;
        if !met {
            Some(format!("{NOTHING}policy {name}"))
        } else if place.policy.property.is_some() && !held {
            Some(format!("{NOTHING}property of the policy {name}"))
        } else {
            None
        }
    };
    let places = places
        .zip(seen.met.iter().zip(&seen.held))
        .map(|(place, (met, held))| (place, unmet(place, *met, *held)));
    for (place, reason) in places.chain([(default, unmet(default, true, seen.default_held))]) {
        if let Some(reason) = reason {
            findings.uncompared(place.path.clone(), &reason, &reason);
        }
    }
}

struct Seen<'a> {
    policies: &'a Policies,
    met: Vec<bool>,
    held: Vec<bool>,
    default_held: bool,
}

impl Seen<'_> {
    fn look(&mut self, path: Path<'_>, value: &Value) {
        let position = self.policies.position_of_value(path);
        let place = match position {
            Some(index) => {
                self.met[index] = true;
                &self.policies.places()[index]
            }
            None => self.policies.default_place(),
        };
        if place
            .policy
            .property
            .is_some_and(|property| holds(property, value))
        {
            match position {
                Some(index) => self.held[index] = true,
                None => self.default_held = true,
            }
            if matches!(value, Value::List(_)) {
                // It is compared as a whole, so that nothing within has a policy of its own.
                return;
            }
        }
        match value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.look(Path::Index(&path, index), item);
                }
            }
            Value::Map(entries) => {
                for (key, entry) in entries {
                    self.look(Path::Key(&path, key), entry);
                }
            }
            Value::Array(array) => {
                for (index, steps) in self.policies.within(&path.into()) {
                    self.met[index] |= leads_somewhere(steps, array);
                }
            }
            _ => {}
        }
    }
}
