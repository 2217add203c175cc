//! The form in which an outcome is pinned: everything that is compared, short enough to be reviewed, and the same on every machine.
//!
//! What is long stands as its length and digest, so that nothing hides there.
//! A float that a policy gives a tolerance is another one on another machine; it is pinned as a number, and met within twice the bound: two machines may lie the bound away from a third, one on each side.

mod aligned;
mod arrays;
mod node;
mod numbers;
mod outputs;

use parallax_runtime::outcome::Warning;
use serde_json::{Map, Value as Json};

use self::node::Node;
use self::outputs::Encoder;
use super::{is_stopped, normalised_ending, observed};
use crate::case::Case;
use crate::outcome::{Ending, Outcome, Printed};
use crate::path::OutcomePath;
use crate::verdict::divergence::Divergence;
use crate::verdict::normalise::normalise;

/// An outcome in the form that snapshots have.
pub struct PinnedForm {
    root: Vec<(String, Node)>,
}

impl PinnedForm {
    /// The form of what a leg did with a case.
    pub fn of(outcome: &Outcome, case: &Case) -> Self {
        let mut rest = Outcome {
            printed: observed::normalised(&outcome.printed),
            files: outcome.files.clone(),
            ..normalised_ending(&without_outputs(&outcome.ending)).into()
        };
        rest.warnings = outcome
            .warnings
            .iter()
            .map(|warning| Warning {
                message: normalise(&warning.message),
                ..warning.clone()
            })
            .collect();
        // Where a case was stopped is chance, and so is what it had written by then.
        if case.ignored.printed || is_stopped(outcome) {
            rest.printed = Printed::default();
        }
        if case.ignored.files || is_stopped(outcome) {
            rest.files = Vec::new();
        }
        let Json::Object(members) = rest.to_json() else {
            return PinnedForm { root: Vec::new() };
        };
        let members = members.into_iter();
        let mut root: Vec<(String, Node)> =
            members.map(|(key, member)| (key, told(member))).collect();
        let outputs = match &outcome.ending {
            Ending::Returned { outputs, .. } => Some(outputs),
            Ending::Raised { outputs, .. } if !outputs.is_empty() => Some(outputs),
            _ => None,
        };
        if let Some(outputs) = outputs {
            let node = Encoder::new(&case.policies, outputs).outputs(outputs);
            match root.iter_mut().find(|(key, _)| key == "outputs") {
                Some((_, place)) => *place = node,
                None => root.push(("outputs".to_owned(), node)),
            }
        }
        PinnedForm { root }
    }

    /// The document that a snapshot holds.
    pub fn document(&self) -> Json {
        let members = self.root.iter();
        let members: Map<String, Json> = members
            .map(|(key, node)| (key.clone(), node.document()))
            .collect();
        Json::Object(members)
    }

    /// In what the outcome is not as pinned; the pinned value is each divergence's reference.
    pub fn differences(&self, pinned: &Json) -> Vec<Divergence> {
        let mut found = Vec::new();
        let whole = OutcomePath::root("outcome");
        let Json::Object(members) = pinned else {
            found.push(Divergence::new(
                whole,
                node::shown(pinned),
                node::shown(&self.document()),
            ));
            return found;
        };
        for (key, node) in &self.root {
            let path = OutcomePath::root(key);
            match members.get(key) {
                Some(member) => node.differences(member, &path, &mut found),
                None => found.push(node::only_found(path, &node.document())),
            }
        }
        for (key, member) in members {
            if !self.root.iter().any(|(own, _)| own == key) {
                found.push(node::only_pinned(OutcomePath::root(key), member));
            }
        }
        found
    }
}

fn without_outputs(ending: &Ending) -> Ending {
    match ending {
        Ending::Returned { graph_info, .. } => Ending::Returned {
            outputs: Vec::new(),
            graph_info: graph_info.clone(),
        },
        Ending::Raised { failure, .. } => Ending::Raised {
            failure: failure.clone(),
            outputs: Vec::new(),
        },
        other => other.clone(),
    }
}

/// A part of the document that isn't a value: texts, numbers, and lists of them.
fn told(json: Json) -> Node {
    match json {
        Json::String(text) => node::text(&text),
        Json::Array(items) => node::list(items.into_iter().map(told).collect()),
        Json::Object(members) => {
            let members = members.into_iter();
            Node::Map(members.map(|(key, member)| (key, told(member))).collect())
        }
        other => Node::Exact(other),
    }
}

#[cfg(test)]
mod tests;
