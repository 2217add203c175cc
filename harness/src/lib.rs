//! The harness: replays a corpus through two executors and says what differs.
//!
//! The way of the data: [`source`] → [`case::Case`] → request bytes → [`executor::Executor`] → [`outcome::Outcome`] → [`verdict`] → status → [`event::RunEvent`] and [`record`] → [`report`].

// Tests prepare files and look at them; what ships does so only at the edge.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod accept;
pub mod attribute;
pub mod case;
pub mod error;
pub mod event;
pub mod executor;
pub mod generate;
pub mod leg;
pub mod measure;
pub mod outcome;
pub mod path;
pub mod pinning;
pub mod record;
pub mod report;
pub mod run;
pub mod selftest;
pub mod source;
pub mod statistics;
mod texts;
pub mod trial;
pub mod verdict;
