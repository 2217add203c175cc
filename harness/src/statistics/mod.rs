//! What samples say: figures with their intervals, and whether something has changed. Pure.

pub mod change;
pub mod discovery;
pub mod figure;
pub mod interval;
pub mod quantile;
pub mod warm_up;
