//! What a node is, and what it is constructed from.

use crate::outcome::Failure;
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
