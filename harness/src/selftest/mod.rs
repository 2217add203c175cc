//! The harness tested by lying to it: what is planted must be found, at the right place, and nothing may excuse it.

pub mod lies;
mod mutation;
pub mod oracle;
mod outcomes;
pub mod real;
pub mod untold;
