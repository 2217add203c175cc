//! What a node is, and where nodes come from.

pub mod builtin;
#[cfg(feature = "python")]
mod convert;
#[cfg(feature = "python")]
mod exceptions;
pub mod node_path;
#[cfg(feature = "python")]
mod numpy_arrays;
#[cfg(all(feature = "python", parallax_numpy))]
mod numpy_modules;
#[cfg(feature = "python")]
pub mod python;
#[cfg(feature = "python")]
pub mod warm;

use crate::outcome::{Failure, Kind, Warning};
use crate::value::Value;

/// One node of a running graph. Each result is added to `results` as soon as there is one, so that those before a failure are known; the executor drops a `null`.
pub trait Node {
    /// Called once, after every node is constructed and before the first item flows.
    ///
    /// # Errors
    /// Ends the run.
    fn initialize(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// Handles one item; `None` is the single call of a source that has no input.
    ///
    /// # Errors
    /// Ends the run.
    fn process(&mut self, item: Option<Value>, results: &mut Vec<Value>) -> Result<(), Failure>;

    /// Handles all items as one stream.
    ///
    /// # Errors
    /// Ends the run.
    fn process_stream(
        &mut self,
        items: Vec<Value>,
        results: &mut Vec<Value>,
    ) -> Result<(), Failure> {
        items
            .into_iter()
            .try_for_each(|item| self.process(Some(item), results))
    }

    /// Called once for every node that was initialised, also after an error.
    ///
    /// # Errors
    /// Reported, unless an earlier error is.
    fn cleanup(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// What a host needs to know to construct a node.
pub struct Blueprint {
    pub id: String,
    pub node_type: String,
    pub params: Vec<(String, Value)>,
}

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

fn unknown(blueprint: &Blueprint, why: &str) -> Failure {
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
