//! Parallax's task runner.
//!
//! The crate `parallax-provision` obtains toolchains and CPython, `build` makes both executors, and the other verbs run the harness's program on them.
//! The harness is built and run instead of being linked, because it takes minutes to compile and this crate must not.

pub mod build;
pub mod cli;
pub mod doctor;
pub mod figures;
pub mod gate;
pub mod guest;
pub mod numpy_tests;
pub mod prepare;
pub mod print;
pub mod report;
pub mod verbs;
pub mod workspace;
