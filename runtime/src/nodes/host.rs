//! Where the nodes come from that aren't built in.

use super::builtin;
use super::node::{Blueprint, Node};
use crate::outcome::{Failure, Kind, Warning};

/// Makes the nodes that aren't built in.
pub trait NodeHost {
    /// Constructs a node.
    ///
    /// # Errors
    /// The node's constructor failed, or there is no such node.
    fn construct(&mut self, blueprint: Blueprint) -> Result<Box<dyn Node>, Failure>;

    /// Takes the warnings that nodes have caused so far.
    fn take_warnings(&mut self) -> Vec<Warning> {
        Vec::new()
    }
}

/// A host without any nodes: for a runtime built without Python.
pub struct NoHost;

impl NodeHost for NoHost {
    fn construct(&mut self, blueprint: Blueprint) -> Result<Box<dyn Node>, Failure> {
        Err(unknown(&blueprint, "this runtime is built without Python"))
    }
}

/// No node has this name; `why` says why nothing but a built-in node was left.
pub fn unknown(blueprint: &Blueprint, why: &str) -> Failure {
    Failure::new(
        Kind::Manifest,
        format!(
            "node `{}`: node_type {:?} is not a built-in node ({}), and {why}",
            blueprint.id,
            blueprint.node_type,
            builtin::NAMES.join(", "),
        ),
    )
    .at(&blueprint.id)
}
