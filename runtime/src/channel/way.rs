//! The channel of this process or instance: chosen once, before anything is answered.

#[cfg(unix)]
use std::ffi::{CStr, CString};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::VARIABLE;

/// Where a document goes.
#[derive(Debug)]
pub enum Way {
    /// To standard output, which every host has; what nodes print goes to standard error then.
    StandardOutput,
    /// To a file, which may be a named pipe.
    #[cfg(unix)]
    File(CString),
    /// Nowhere: the host reads it where it is.
    #[cfg(target_os = "wasi")]
    Memory,
}

static CHOSEN: OnceLock<Way> = OnceLock::new();

/// The process that answers, where there are processes.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Chooses the way, for this process; the first choice counts.
pub fn choose(way: Way) {
    own();
    let _ = CHOSEN.set(way);
}

/// Has this process be the one that answers.
pub fn own() {
    #[cfg(unix)]
    PROCESS.store(std::process::id(), Ordering::Relaxed);
}

/// Whether this is another process than the one that answers: a case has forked it, and the document that the host waits for is not its own.
pub fn is_anothers() -> bool {
    #[cfg(unix)]
    let own = std::process::id();
    #[cfg(not(unix))]
    let own = 0;
    PROCESS.load(Ordering::Relaxed) != own
}

/// The way that was chosen.
pub fn chosen() -> &'static Way {
    CHOSEN.get().unwrap_or(&Way::StandardOutput)
}

/// Whether both standard streams are the case's.
pub fn leaves_streams_alone() -> bool {
    !matches!(chosen(), Way::StandardOutput)
}

/// Chooses the way that the environment offers, and takes the offer out of it.
pub fn choose_offered() {
    let Some(offer) = std::env::var_os(VARIABLE) else {
        return;
    };
    // SAFETY: the executors call this before they start Python or any thread, and nothing else reads the environment meanwhile.
    unsafe { std::env::remove_var(VARIABLE) };
    if let Some(way) = offered(offer) {
        choose(way);
    }
}

#[cfg(unix)]
fn offered(offer: std::ffi::OsString) -> Option<Way> {
    use std::os::unix::ffi::OsStringExt as _;
    CString::new(offer.into_vec()).ok().map(Way::File)
}

#[cfg(target_os = "wasi")]
fn offered(offer: std::ffi::OsString) -> Option<Way> {
    (offer == super::IN_MEMORY).then_some(Way::Memory)
}

/// Opens the file for a document; allocates nothing.
///
/// # Errors
/// The file can't be opened.
#[cfg(unix)]
pub fn open(path: &CStr) -> std::io::Result<std::fs::File> {
    use std::os::fd::FromRawFd as _;
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
    // SAFETY: the path ends with a zero byte.
    let open = || match unsafe { libc::open(path.as_ptr(), flags, 0o600) } {
        ..0 => Err(std::io::Error::last_os_error()),
        // SAFETY: it was opened here, and nobody else has it.
        descriptor => Ok(unsafe { std::fs::File::from_raw_fd(descriptor) }),
    };
    match open() {
        // A case may have left every descriptor in use. Standard input has been read by now.
        Err(error) if error.raw_os_error() == Some(libc::EMFILE) => {
            // SAFETY: nothing in this process owns the number: Rust's standard input only borrows it.
            unsafe { libc::close(libc::STDIN_FILENO) };
            open()
        }
        other => other,
    }
}
