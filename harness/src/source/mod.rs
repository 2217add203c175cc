//! Where cases come from. Files are read here, and their shapes stay private to their loaders.

#![expect(
    clippy::disallowed_methods,
    reason = "reads and writes the files of a corpus"
)]

pub mod corpus;
pub mod filter;
pub mod gate_file;
pub mod ledger_edit;
mod ledger_file;
pub mod places;
pub mod policy_edit;
mod policy_file;
mod sidecar;
pub mod sidecar_edit;
pub mod snapshots;
pub mod text_file;
pub mod write;

use crate::case::Case;

/// A lazy, ordered supply of cases.
pub trait CaseSource {
    /// The cases in the order of their ids, each at most once.
    fn cases(&self) -> Box<dyn Iterator<Item = &Case> + '_>;
}
