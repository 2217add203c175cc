//! Fork, without CPython being told.

use std::io;

use rustix::process::Pid;

/// Which of the two processes this is.
pub enum Side {
    Parent(Pid),
    Child,
}

/// Copies the process.
///
/// CPython's hooks aren't called: they make locks anew that another thread may have held, of which there is none, and run what modules have registered for a fork, which a process started for its case never has.
/// They would also write to more pages than many a case, and in both processes.
/// What a copy has to have of its own, [`crate::program::Service::resume`] gives it.
///
/// # Errors
/// The kernel has no room for another process.
pub fn fork() -> io::Result<Side> {
    // SAFETY: the zygote has one thread, which is outside of Python here, so no lock is held, neither CPython's nor another's, and the copy can go on as this process can.
    let pid = unsafe { libc::fork() };
    match pid {
        0 => Ok(Side::Child),
        _ => Pid::from_raw(pid)
            .filter(|_| pid > 0)
            .map(Side::Parent)
            .ok_or_else(io::Error::last_os_error),
    }
}

/// Ends a forked process without what its parent registered for the end of its own.
pub fn leave(code: i32) -> ! {
    // SAFETY: `_exit` has no preconditions.
    unsafe { libc::_exit(code) }
}
