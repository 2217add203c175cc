//! A directory of the host that a WebAssembly executor sees.

use std::path::PathBuf;

use serde::Deserialize;

/// A directory of the host that a WebAssembly executor sees, read-only.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuestDir {
    pub host: PathBuf,
    pub guest: String,
}
