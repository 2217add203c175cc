//! Feeds a process and drains it, within bounds of size and time, from one thread: a case must not cost several.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;

use crate::executor::bounded::{Bounded, Excess};
use crate::executor::{Job, STDERR_TAIL};

/// How long a pipe may stay open after its process has ended: a process that left the group may hold it for ever.
/// Long enough for a machine that is busy.
pub const GRACE: Duration = Duration::from_secs(4);

/// Why an exchange pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Whoever tells the end has something to say.
    Ended,
    Deadline,
    TooMuch,
}

/// The harness's ends of a process's standard streams.
pub struct Exchange<'a> {
    stdin: Option<OwnedFd>,
    request: &'a [u8],
    stdout: Source,
    stderr: Source,
    chunk: Vec<u8>,
}

struct Source {
    pipe: Option<OwnedFd>,
    text: Bounded,
}

/// What a process said.
pub struct Said {
    pub stdout: Vec<u8>,
    pub too_much: bool,
    pub stderr: Vec<u8>,
}

impl<'a> Exchange<'a> {
    /// Takes standard input, output and error.
    ///
    /// # Errors
    /// The descriptors are no pipes.
    pub fn new([stdin, stdout, stderr]: [OwnedFd; 3], job: &Job<'a>) -> io::Result<Self> {
        // A request that is larger than the pipe must not keep the harness from reading.
        fcntl_setfl(&stdin, fcntl_getfl(&stdin)? | OFlags::NONBLOCK)?;
        Ok(Exchange {
            stdin: Some(stdin),
            request: job.request,
            stdout: Source {
                pipe: Some(stdout),
                text: Bounded::new(job.limits.output, Excess::Stop),
            },
            stderr: Source {
                pipe: Some(stderr),
                text: Bounded::new(STDERR_TAIL, Excess::Forget),
            },
            chunk: vec![0; 1 << 16],
        })
    }

    /// Goes on until `ended` can be read, time is up, or there is too much output.
    ///
    /// # Errors
    /// The kernel can't wait for the descriptors.
    pub fn until(&mut self, ended: BorrowedFd<'_>, deadline: Option<Instant>) -> io::Result<Pause> {
        loop {
            if let Some(pause) = self.step(Some(ended), deadline)? {
                return Ok(pause);
            }
        }
    }

    /// Reads what is left when the process has ended.
    ///
    /// # Errors
    /// The kernel can't wait for the descriptors.
    pub fn finish(mut self) -> io::Result<Said> {
        // There is nobody left to read it.
        self.stdin = None;
        let deadline = Instant::now().checked_add(GRACE);
        while self.stdout.pipe.is_some() || self.stderr.pipe.is_some() {
            // Whatever still holds a pipe, nothing more is waited for.
            if let Some(Pause::Deadline) = self.step(None, deadline)? {
                break;
            }
        }
        let (stdout, too_much) = self.stdout.text.take();
        Ok(Said {
            stdout,
            too_much,
            stderr: self.stderr.text.take().0,
        })
    }

    fn step(
        &mut self,
        ended: Option<BorrowedFd<'_>>,
        deadline: Option<Instant>,
    ) -> io::Result<Option<Pause>> {
        let watched = [
            (self.stdin.as_ref().map(AsFd::as_fd), PollFlags::OUT),
            (self.stdout.pipe.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (self.stderr.pipe.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (ended, PollFlags::IN),
        ];
        let Some([stdin, stdout, stderr, end]) = ready(watched, deadline)? else {
            return Ok(Some(Pause::Deadline));
        };
        if stdin {
            self.feed();
        }
        if stderr {
            self.stderr.read(&mut self.chunk);
        }
        if stdout && !self.stdout.read(&mut self.chunk) {
            return Ok(Some(Pause::TooMuch));
        }
        Ok(end.then_some(Pause::Ended))
    }

    fn feed(&mut self) {
        let Some(pipe) = &self.stdin else { return };
        match rustix::io::write(pipe, self.request) {
            Ok(count) => self.request = &self.request[count..],
            Err(Errno::AGAIN | Errno::INTR) => return,
            // A program may leave without having read everything; its answer tells, not the broken pipe.
            Err(_) => self.request = &[],
        }
        if self.request.is_empty() {
            self.stdin = None;
        }
    }
}

impl Source {
    /// Reads what is there; says whether the process may go on.
    fn read(&mut self, chunk: &mut [u8]) -> bool {
        let Some(pipe) = &self.pipe else { return true };
        match rustix::io::read(pipe, &mut *chunk) {
            Err(Errno::AGAIN | Errno::INTR) => true,
            // An error ends the text like its end does: what was read by then is what the process said.
            Ok(0) | Err(_) => {
                self.pipe = None;
                true
            }
            Ok(count) => {
                let fits = self.text.append(&chunk[..count]);
                if !fits {
                    self.pipe = None;
                }
                fits
            }
        }
    }
}

/// Waits until something can be done with one of the descriptors; nothing if the deadline comes first.
pub fn ready<const N: usize>(
    watched: [(Option<BorrowedFd<'_>>, PollFlags); N],
    deadline: Option<Instant>,
) -> io::Result<Option<[bool; N]>> {
    let mut there = Vec::with_capacity(N);
    let mut polled = Vec::with_capacity(N);
    for (index, (descriptor, flags)) in watched.into_iter().enumerate() {
        if let Some(descriptor) = descriptor {
            there.push(index);
            polled.push(PollFd::from_borrowed_fd(descriptor, flags));
        }
    }
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        // Longer than a `Timespec` can say is for ever.
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut polled, timeout.as_ref()) {
            Err(Errno::INTR) => {}
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let mut able = [false; N];
    for (index, fd) in there.into_iter().zip(&polled) {
        able[index] = !fd.revents().is_empty();
    }
    Ok(Some(able))
}
