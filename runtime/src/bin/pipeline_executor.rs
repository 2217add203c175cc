//! The native executor: a request on standard input, a result document on standard output.

fn main() {
    parallax_runtime::program::run_once(|executor, request| {
        pollster::block_on(executor.execute_request(request))
    })
}
