//! The pipeline runtime that both executors are made of.
//!
//! A manifest names nodes and connections; [`executor::Executor`] runs the graph over a list of JSON values and answers with one [`outcome::Document`].
//! Everything but [`nodes::python`] is pure Rust and is what the harness uses; Python comes with the feature `python`.

pub mod array;
pub mod channel;
pub mod copies;
#[cfg(feature = "python")]
mod errno;
mod exception;
pub mod executor;
pub mod graph;
#[cfg(all(feature = "python", target_os = "wasi"))]
mod guest;
#[cfg(feature = "python")]
mod holes;
#[cfg(feature = "python")]
mod locales;
#[cfg(all(feature = "python", not(target_os = "wasi")))]
mod machine;
pub mod manifest;
pub mod marshal;
#[cfg(feature = "python")]
mod no_memory;
#[cfg(all(feature = "python", not(target_os = "wasi")))]
mod no_stack;
pub mod nodes;
pub mod outcome;
mod printed;
#[cfg(feature = "python")]
pub mod program;
#[cfg(all(feature = "python", target_os = "wasi"))]
pub mod reactor;
#[cfg(feature = "python")]
mod rehearsal;
mod stopwatch;
#[cfg(any(all(feature = "python", target_os = "wasi"), test))]
mod strftime;
pub mod value;
pub mod zygote;
