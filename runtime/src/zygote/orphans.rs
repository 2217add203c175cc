//! Processes that outlive the case that started them, outside of its group.

use std::io;

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, getpid, kill_process, set_child_subreaper, waitid,
};

/// What goes on starting processes faster than they are ended is given up some time.
const ROUNDS: usize = 1000;

/// Makes a process whose parent has ended a child of this one, whatever group or session it has gone to.
///
/// # Errors
/// The kernel doesn't know how.
pub fn adopt_orphans() -> io::Result<()> {
    set_child_subreaper(Some(getpid())).map_err(Into::into)
}

/// Ends all children but those that are kept.
///
/// # Errors
/// The kernel doesn't tell them.
pub fn end_orphans(kept: &[Option<Pid>]) -> io::Result<()> {
    for _ in 0..ROUNDS {
        let mut orphans = children()?;
        orphans.retain(|&pid| !kept.contains(&Some(pid)));
        if orphans.is_empty() {
            break;
        }
        for pid in orphans {
            // Unreaped until the next line, so the number is still its own.
            let _ = kill_process(pid, Signal::KILL);
            while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED)
            {
            }
        }
    }
    Ok(())
}

fn children() -> io::Result<Vec<Pid>> {
    let listed = match std::fs::read_to_string("/proc/thread-self/children") {
        // A kernel that was built without the list.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let pids = listed.split_whitespace();
    Ok(pids
        .filter_map(|pid| pid.parse().ok().and_then(Pid::from_raw))
        .collect())
}
