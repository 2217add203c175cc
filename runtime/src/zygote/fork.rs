//! Fork, with CPython told.

use std::io;

use rustix::process::Pid;

/// Which of the two processes this is.
pub enum Side {
    Parent(Pid),
    Child,
}

/// Copies the process; Python must be started.
///
/// # Errors
/// The kernel has no room for another process.
pub fn fork() -> io::Result<Side> {
    // The two processes go on after `attach`, so that Python code of the copy runs as it does elsewhere: with the lock free between two calls.
    pyo3::Python::attach(|_| {
        // SAFETY: the zygote has one thread, so no lock is held by another one; CPython's own are handed over by its hooks, which ask for the interpreter's lock, held here.
        unsafe {
            pyo3::ffi::PyOS_BeforeFork();
            let pid = libc::fork();
            if pid == 0 {
                pyo3::ffi::PyOS_AfterFork_Child();
                return Ok(Side::Child);
            }
            let error = io::Error::last_os_error();
            pyo3::ffi::PyOS_AfterFork_Parent();
            Pid::from_raw(pid)
                .filter(|_| pid > 0)
                .map(Side::Parent)
                .ok_or(error)
        }
    })
}

/// Ends a forked process without what its parent registered for the end of its own.
pub fn leave(code: i32) -> ! {
    // SAFETY: `_exit` has no preconditions.
    unsafe { libc::_exit(code) }
}
