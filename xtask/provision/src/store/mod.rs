//! The cache of finished steps: one folder per step, named by everything that went into it.

mod cache;
mod lock;
mod step;

pub use cache::Cache;
pub use lock::Lock;
pub use step::{Context, Key, Origin, Record, Step};
