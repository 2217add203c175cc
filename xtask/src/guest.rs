//! The flags that say what the WebAssembly executor is built from.

use std::path::PathBuf;

use clap::Args;
use parallax_provision::plan::Guest;

/// What the WebAssembly executor is built from.
#[derive(Clone, Debug, Default, Args)]
pub struct GuestFlags {
    /// A wasi-dependencies folder laid out as wlr-libpy's, used instead of building CPython for WASI
    #[arg(long, value_name = "DIR")]
    pub wasi_deps: Option<PathBuf>,
    /// Compile numpy without WebAssembly's vector instructions
    #[arg(long, conflicts_with = "wasi_deps")]
    pub no_simd: bool,
}

impl From<GuestFlags> for Guest {
    fn from(flags: GuestFlags) -> Self {
        Self {
            wasi_deps: flags.wasi_deps,
            simd: !flags.no_simd,
        }
    }
}
