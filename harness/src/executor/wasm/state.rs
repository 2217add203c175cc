//! What belongs to one instance.

use wasmtime::StoreLimits;
use wasmtime_wasi::p1::WasiP1Ctx;

/// The data of an instance's store.
pub struct State {
    pub wasi: WasiP1Ctx,
    pub files: OpenFiles,
    pub limits: StoreLimits,
}

/// Standard input, output and error.
const STREAMS: u64 = 3;

/// The descriptors of one instance.
pub struct OpenFiles {
    pub open: u64,
    pub most: u64,
}

impl OpenFiles {
    /// Begins with the standard streams and some directories.
    pub fn new(directories: u64, most: u64) -> Self {
        OpenFiles {
            open: STREAMS + directories,
            most,
        }
    }
}
