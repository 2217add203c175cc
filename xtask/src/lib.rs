//! Parallax's task runner.
//!
//! `provision` obtains toolchains and CPython, `build` makes both executors, and the other verbs run the harness binary on them.
//! The harness is never linked: it is built and executed, so that this crate compiles in seconds on a machine with nothing prepared.

pub mod build;
pub mod cli;
pub mod doctor;
pub mod error;
pub mod figures;
pub mod fs_util;
pub mod numpy_tests;
pub mod process;
pub mod progress;
pub mod provision;
pub mod tidy;
pub mod tools;
pub mod verbs;
pub mod workspace;
