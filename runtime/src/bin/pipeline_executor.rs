//! The native executor: a request on standard input, a result document on standard output.

use parallax_runtime::program::{run_async, run_once};

fn main() {
    run_once(run_async)
}
