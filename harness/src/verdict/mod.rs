//! Outcome × Outcome × Policies → Verdict, and Verdict × Ledger → Status. Pure: no file, no clock, no environment.

mod canonical;
pub mod cause;
pub mod compare;
pub mod divergence;
pub mod errno;
pub mod errors;
mod expectation;
mod findings;
pub mod ledger;
mod left_out;
pub mod normalise;
mod number;
pub mod policy;
pub mod shown;
pub mod status;

pub use compare::compare;
pub use divergence::{Divergence, Verdict};
