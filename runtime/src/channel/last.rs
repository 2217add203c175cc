//! The last words of a process or instance that has nothing left to make an answer with: no memory, or no stack.

use super::way::{self, Way};

/// Gives a document that was made beforehand, and ends; allocates nothing, and calls only what a handler of signals may.
pub fn answer(document: &'static str, exit_code: i32) -> ! {
    match way::chosen() {
        // What the process was made for isn't known; its end is.
        _ if way::is_anothers() => {}
        Way::StandardOutput => write(libc::STDOUT_FILENO, document),
        #[cfg(unix)]
        Way::File(path) => {
            if let Ok(file) = way::open(path) {
                use std::os::fd::AsRawFd as _;
                write(file.as_raw_fd(), document);
            }
        }
        #[cfg(target_os = "wasi")]
        Way::Memory => super::memory::keep_static(document),
    }
    // SAFETY: the call has no preconditions.
    unsafe { libc::_exit(exit_code) }
}

/// A part of an answer may have been written already; then the two together are none, and that is what is reported.
fn write(descriptor: libc::c_int, document: &'static str) {
    // SAFETY: a plain system call, and the text is there for ever.
    unsafe { libc::write(descriptor, document.as_ptr().cast(), document.len()) };
}
