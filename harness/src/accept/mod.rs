//! Accepting: what would have to be written for a corpus's snapshots, ledger and policies to say what a run shows.
//!
//! This only proposes; the edge asks, and writes.

pub mod migrate;
pub mod proposal;
pub mod prune;
pub mod run;

pub use proposal::{Proposal, SnapshotChange};
