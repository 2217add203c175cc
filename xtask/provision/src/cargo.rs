//! The cargo that everything is built with.

use std::process::Command;

use crate::process;

/// Variables of the user's shell that would change what cargo builds or where it puts it.
pub const CARGO_FLAG_VARIABLES: [&str; 5] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
];

/// The cargo that runs this program, or the one in `PATH`.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO")
        .filter(|value| !value.is_empty())
        .unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    process::tie(&mut command, rustix::process::Signal::TERM);
    command
}
