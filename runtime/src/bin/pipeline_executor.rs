//! The native executor: a request on standard input, a result document on standard output; or a zygote that answers many.

use parallax_runtime::program::{run_async, run_once};

fn main() {
    #[cfg(unix)]
    if std::env::args_os()
        .nth(1)
        .is_some_and(|flag| flag == parallax_runtime::zygote::FLAG)
    {
        parallax_runtime::zygote::serve();
    }
    run_once(run_async)
}
