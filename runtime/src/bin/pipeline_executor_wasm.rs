//! The WebAssembly executor, a WASI preview 1 command: a request on standard input, a result document on standard output.

fn main() {
    parallax_runtime::program::run_once(|executor, request| match request.input_data {
        Some(items) => executor.execute_with_input_sync(&request.manifest, items),
        None => executor.execute_sync(&request.manifest),
    })
}
