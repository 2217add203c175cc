//! Stands in for functions of wasi-libc that don't do what a Linux does, so that Python in the guest does what it does natively.
//!
//! The linker has whoever calls one of them call the one here instead (`--wrap`, in build.rs).

mod ends;
mod locale;
mod modes;
mod paths;
mod seek;
mod strftime;
