//! The WebAssembly executor, a WASI preview 1 command: a request on standard input, a result document on standard output.

use parallax_runtime::program::{run_once, run_sync};

fn main() {
    run_once(run_sync)
}
