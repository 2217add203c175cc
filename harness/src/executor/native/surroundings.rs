//! What every child is started with, and what is kept from it.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use rustix::process::{
    Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit,
};

use crate::case::Limits;
use crate::executor::ENVIRONMENT;

/// All that a native executor finds in its environment.
pub fn environment(case_dir: &Path, node_path: &Path) -> Vec<(&'static str, OsString)> {
    let mut variables: Vec<_> = ENVIRONMENT
        .iter()
        .map(|&(name, value)| (name, value.into()))
        .collect();
    variables.extend([
        ("PARALLAX_CASE_DIR", case_dir.into()),
        // What a case leaves in /tmp, the next one would find.
        ("TMPDIR", case_dir.into()),
        ("HOME", case_dir.into()),
        ("PARALLAX_NODE_PATH", node_path.into()),
    ]);
    variables.sort_unstable();
    variables
}

/// Bytes of a native case's stack, as most systems have it.
const STACK: u64 = 8 << 20;

/// Linux has no more signals.
const LAST_SIGNAL: i32 = 64;

/// How many files a case may have open; what the harness itself may not go beyond, it can't allow either.
pub fn open_files(limits: &Limits) -> u64 {
    getrlimit(Resource::Nofile)
        .maximum
        .map_or(limits.open_files, |most| most.min(limits.open_files))
}

/// Keeps from a new program what the harness has open: wasmtime's look into the harness's memory, and whatever the harness was itself started with.
pub fn keep_descriptors() -> io::Result<()> {
    let (first, last, flags) = (3u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
    // SAFETY: the call only sets a flag of this process's own descriptors.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
    if done == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}

/// Bounds the memory that the child can write to, leaves no core file behind, and no process when the harness is killed.
pub fn limit(memory: u64, files: u64) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let exactly = |bytes| Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    // Address space that is only reserved costs nothing, so it is the writable part that counts.
    setrlimit(Resource::Data, exactly(memory))?;
    setrlimit(Resource::Core, exactly(0))?;
    setrlimit(Resource::Nofile, exactly(files))?;
    Ok(())
}

/// Has a program start with the stack and the signals that it would have on any machine, however the harness itself was started.
///
/// # Errors
/// The system refuses the stack.
pub fn settle() -> io::Result<()> {
    for signal in 1..=LAST_SIGNAL {
        // SAFETY: the call has no preconditions; what can't be set (`SIGKILL`) is as it is.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let allowed = getrlimit(Resource::Stack);
    let stack = allowed.maximum.map_or(STACK, |most| most.min(STACK));
    setrlimit(
        Resource::Stack,
        Rlimit {
            current: Some(stack),
            ..allowed
        },
    )?;
    Ok(())
}
