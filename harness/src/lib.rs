//! The harness: replays a corpus through two executors and says what differs.
//!
//! The way of the data: files → [`case::Case`] → request bytes → [`executor::Executor`] → [`outcome::Outcome`] → [`compare`] → verdict → [`ledger`] → status → [`event::RunEvent`] → [`report`].

pub mod case;
pub mod compare;
pub mod error;
pub mod event;
pub mod executor;
pub mod generate;
pub mod ledger;
pub mod load;
pub mod measure;
pub mod outcome;
pub mod policy;
pub mod report;
pub mod requirement;
pub mod run;
