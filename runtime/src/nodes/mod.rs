//! What a node is, and where nodes come from.

pub mod builtin;
#[cfg(feature = "python")]
mod convert;
#[cfg(feature = "python")]
mod exceptions;
mod host;
mod node;
pub mod node_path;
#[cfg(feature = "python")]
mod numpy_arrays;
#[cfg(all(feature = "python", parallax_numpy))]
mod numpy_modules;
#[cfg(feature = "python")]
pub mod python;
#[cfg(feature = "python")]
mod refusal;
#[cfg(feature = "python")]
pub mod warm;

pub use host::{NoHost, NodeHost};
pub use node::{Blueprint, Node};
