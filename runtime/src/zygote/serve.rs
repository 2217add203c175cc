//! The zygote's loop: one case at a time.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, setpgid, waitid,
};
use rustix::stdio::{dup2_stdin, dup2_stdout, stdin};

use super::message::{End, Report};
use super::orphans::{adopt_orphans, end_orphans};
use super::waiting::Nursery;
use super::{fresh, huge};
use crate::holes;
use crate::outcome::{Failure, Kind};
use crate::program::{Service, prepare, run_async};
use crate::rehearsal::rehearse;

/// Serves cases until nobody is there to order any.
pub fn serve() -> ! {
    prepare();
    huge::gather();
    let mut service = Service::new(true);
    let served = adopt_orphans()
        .and_then(|()| take_socket())
        .and_then(|socket| {
            fresh::prepare()?;
            let before = warm_up(&mut service)?;
            // Nothing is freed any more from here to the first copy.
            holes::fill();
            huge::collapse()?;
            let warm_up = data_size()?.saturating_sub(before);
            let mut nursery = Nursery::new(&mut service, socket, warm_up);
            nursery.report(&Report::Ready)?;
            serve_cases(&mut nursery)
        });
    if let Err(error) = served {
        tracing::error!("the zygote stops: {error}");
        std::process::exit(Kind::Io.exit_code());
    }
    std::process::exit(0)
}

/// Takes the socket out of the way, and gives Python standard streams like those that cases have: pipes.
fn take_socket() -> io::Result<OwnedFd> {
    // A high number, so that a case's own files get the numbers that they get in a process of its own.
    let socket = rustix::io::fcntl_dupfd_cloexec(stdin(), 100)?;
    let (empty, _) = pipe_with(PipeFlags::CLOEXEC)?;
    dup2_stdin(empty)?;
    let (_, closed) = pipe_with(PipeFlags::CLOEXEC)?;
    dup2_stdout(closed)?;
    Ok(socket)
}

/// Does ahead of the cases what can be; returns the bytes of memory that there were before.
fn warm_up(service: &mut Service) -> io::Result<u64> {
    let started = |failure: Failure| io::Error::other(failure.message);
    service.start_python().map_err(started)?;
    let before = data_size()?;
    service.preload(fresh::ask_and_leave).map_err(started)?;
    rehearse(service, run_async).map_err(started)?;
    service.finish().map_err(started)?;
    Ok(before)
}

/// What `RLIMIT_DATA` counts, in bytes.
fn data_size() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| {
            let size = line.strip_prefix("VmData:")?.trim().strip_suffix(" kB")?;
            size.parse::<u64>().ok()
        })
        .map(|kib| kib << 10)
        .ok_or_else(|| io::Error::other("/proc/self/status says nothing about VmData"))
}

fn serve_cases(nursery: &mut Nursery<'_>) -> io::Result<()> {
    let mut ended: Option<Pid> = None;
    while let Some(pid) = nursery.next_case()? {
        // A new order says that nobody needs the last process's id any more.
        if let Some(pid) = ended.replace(pid) {
            wait(pid, WaitIdOptions::EXITED)?;
        }
        // The process does the same; whichever comes first, the group is there before anybody hears of it.
        let _ = setpgid(Some(pid), Some(pid));
        nursery.report(&Report::Started(pid.as_raw_nonzero().get()))?;
        // While the case runs, and the harness has something to do.
        nursery.prepare();
        attend(nursery.socket()?, pid)?;
        end_orphans(&[Some(pid), nursery.waiting()])?;
        let end = wait(pid, WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?;
        nursery.report(&match fresh::take() {
            true => Report::NeedsFresh,
            false => Report::Ended(end),
        })?;
    }
    Ok(())
}

/// Waits until the case's process has ended; if the other side of the socket goes away, ends everything.
fn attend(socket: BorrowedFd<'_>, pid: Pid) -> io::Result<()> {
    let process = pidfd_open(pid, PidfdFlags::empty())?;
    loop {
        let mut watched = [
            PollFd::new(&process, PollFlags::IN),
            PollFd::from_borrowed_fd(socket, PollFlags::IN),
        ];
        match poll(&mut watched, None) {
            Err(rustix::io::Errno::INTR) => continue,
            other => other?,
        };
        if !watched[0].revents().is_empty() {
            return Ok(());
        }
        if !watched[1].revents().is_empty() {
            // No order comes before the last one is done, so this is the end.
            let _ = kill_process_group(pid, Signal::KILL);
            wait(pid, WaitIdOptions::EXITED)?;
            end_orphans(&[])?;
            std::process::exit(0);
        }
    }
}

fn wait(pid: Pid, options: WaitIdOptions) -> io::Result<End> {
    let status = loop {
        match waitid(WaitId::Pid(pid), options) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    status
        .and_then(|status| {
            let code = status.exit_status().map(End::Exited);
            code.or_else(|| status.terminating_signal().map(End::Signaled))
        })
        .ok_or_else(|| io::Error::other("a case's process is gone without having ended"))
}
